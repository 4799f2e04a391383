/* coaction.h - who acted on the same things at almost the same time */
#ifndef LKS_COACTION_COACTION_H
#define LKS_COACTION_COACTION_H

#include "record/events.h"

enum { LKS_COACTION_WINDOWS_MAX = 16 };

/* How windows are scanned: the same answer, at different speed. LKS_COACTION_PATH_BEST takes
 * the best that the machine has; the others are for tests and benches. */
enum lks_coaction_path {
    LKS_COACTION_PATH_BEST = 0,
    LKS_COACTION_PATH_PORTABLE = 1,
    LKS_COACTION_PATH_AVX2 = 2,
    LKS_COACTION_PATH_AVX512 = 3
};

/* Savings that can be left out, to prove that they lose nothing. */
enum {
    LKS_COACTION_NO_PRUNING = 1,  /* accounts that cannot reach the thresholds are kept */
    LKS_COACTION_NO_RANKING = 2,  /* accounts are not put in order of their events */
    LKS_COACTION_NO_PREFIX = 4,   /* the widest windows of an account may add partners too */
    LKS_COACTION_NO_LOOKUP = 8,   /* they are scanned, even where looking partners up is cheaper */
    LKS_COACTION_NO_UNION = 16,   /* overlapping windows are scanned one by one */
    LKS_COACTION_ALL_LOOKUP = 32, /* partners are looked up even where scanning is cheaper */
    LKS_COACTION_NO_BOUNDS = 64,  /* what a meeting may be worth is the same for all accounts */
    LKS_COACTION_NO_SMALL = 128,  /* pairs that share few events are measured as others are */
    LKS_COACTION_NO_SLIDE = 256,  /* nothing is kept of an account's widest window for the next */
    LKS_COACTION_NO_NEAR = 512    /* all windows are kept as those that are wide */
};

/* What an edge is asked for. */
enum lks_coaction_fields {
    LKS_COACTION_EVERY_FIELD = 0,
    LKS_COACTION_COUNTS = 1 /* its accounts, pairs and objects, also by kind; other fields are 0 */
};

/* What a score asks of the events of all accounts, where a scan is given those of some: whole
 * accounts, but for events that nobody else was near. All of it is borrowed. */
struct lks_coaction_crowd {
    int64_t first_us, stratum_us; /* strata begin at first_us and are so long */
    uint32_t strata_count;
    const uint32_t *posts;   /* [strata_count] posts with an event, of all accounts */
    const uint32_t *first;   /* [accounts_count + 1] into stratum; for the accounts given */
    const uint16_t *stratum; /* of an account's posts with an event, rising */
    const uint8_t *objects;  /* [events count] events of the event's post, at most 255 */
    /* [events count] events of other accounts on the object within the window; one of these for
     * each of the windows that are scanned. */
    const uint32_t *others[LKS_COACTION_WINDOWS_MAX];
};

/* Two events match if they are on one object, their accounts differ and their times are
 * at most the window of the object's kind apart: sliding, inclusive, exact. */
struct lks_coaction_options {
    int64_t window_us[LKS_OBJECT_KINDS_COUNT]; /* by kind; < 0 leaves the kind out */
    uint64_t min_pairs;                        /* an edge is kept if it reaches all three */
    uint32_t min_objects;
    uint32_t min_occasions;
    uint32_t min_score;                     /* least score, in sixteenths of a bit; 0 counts none */
    const struct lks_coaction_crowd *crowd; /* NULL: events are all there are */
    unsigned threads_count;                 /* 0: as control says */
    uint64_t memory_bytes; /* limit on what the scan allocates; 0: as control says */
    enum lks_coaction_path path;
    enum lks_coaction_fields fields;
    unsigned without; /* LKS_COACTION_NO_...; 0 uses every saving */
};

/* An edge {a, b}, a < b. */
struct lks_edge {
    uint32_t a, b;
    uint64_t pairs_count;      /* matching event pairs */
    uint32_t objects_count;    /* distinct objects with a matching pair */
    uint32_t occasions_count;  /* most disjoint pairs of posts that match: a maximum matching */
    uint32_t posts_a, posts_b; /* distinct posts with a partner */
    uint64_t a_first, b_first; /* pairs in which that side was strictly earlier */
    double lag_mean_us;        /* mean of |t_a - t_b| over the pairs */
    int64_t first_us, last_us; /* earliest and latest event in any pair */
    uint32_t kind_objects[LKS_OBJECT_KINDS_COUNT]; /* distinct objects by kind */
    uint32_t score;    /* sixteenths of a bit, where min_score asks for it; else 0 */
    uint32_t reserved; /* 0: no byte of an edge is left to chance */
};

/* Where edges go: put is called from one thread at a time, each pair once, in an order that
 * follows from the events and the options alone (lighter account first, not by id), so
 * that a sink may write them to memory, to a file, or spill. */
struct lks_edge_sink {
    int (*put)(void *context, const struct lks_edge *edges, size_t count, struct lks_error *err);
    void *context;
};

/* What was seen and kept; the same for any number of threads, path and saving left out but
 * for pairs_scanned, edges_seen and events_pruned, which savings are meant to change. */
struct lks_coaction_counts {
    uint64_t events_alone;  /* no other account in their window */
    uint64_t events_pruned; /* of accounts that cannot reach the thresholds */
    uint64_t pairs_scanned; /* matching event pairs of the rest, kept or not */
    uint64_t edges_seen; /* pairs of accounts measured; with every threshold at 1 all there are */
    uint64_t edges_kept;
};

/* Fills the options with what `detect` uses by default. */
struct lks_coaction_options lks_coaction_options_default(void);
int lks_coaction_options_check(const struct lks_coaction_options *options, struct lks_error *err);

/* Finds the edges of events and puts them, the same in the same order for any number of
 * threads. 0; LKS_EARGUMENT; LKS_EINPUT beyond 2^32 - 2 events; LKS_EMEMORY with the limit
 * named; LKS_ECANCELLED; what put returned below 0. Edges put before a failure are the
 * sink's to throw away. counts may be NULL. Cost and layout: coaction.c; method and its
 * sources: docs/method/coaction.md. */
int lks_coaction_scan(const struct lks_events *events, const struct lks_coaction_options *options,
                      const struct lks_control *control, const struct lks_edge_sink *sink,
                      struct lks_coaction_counts *counts, struct lks_error *err);

/* The same for several windows, which share scans of the events where that is cheaper
 * (windows.c): options[i], of which all but window_us and the minima are taken from
 * options[0], with its edges to sinks[i], the same as alone but for their order. counts may be
 * NULL, else [options_count]; windows that share a scan share what is said of pruning. At most
 * LKS_COACTION_WINDOWS_MAX. */
int lks_coaction_scan_windows(const struct lks_events *events,
                              const struct lks_coaction_options *options, size_t options_count,
                              const struct lks_control *control, const struct lks_edge_sink *sinks,
                              struct lks_coaction_counts *counts, struct lks_error *err);

/* One matching pair of posts behind an edge, and an object that they share. */
struct lks_match {
    uint32_t post_a, post_b, object;
};

/* Lists the matching post pairs of {a, b} in order of (time of the later post, post_a,
 * post_b, object); *matches_out is the caller's to free. */
int lks_coaction_matches(const struct lks_events *events,
                         const struct lks_coaction_options *options, uint32_t a, uint32_t b,
                         struct lks_match **matches_out, size_t *count_out, struct lks_error *err);

#endif
