/* coaction.h - who acted on the same things at almost the same time */
#ifndef LKS_SIGNAL_COACTION_H
#define LKS_SIGNAL_COACTION_H

#include "record/events.h"

/* Two events match if they are on one object, their accounts differ and their times are
 * at most the window of the object's kind apart: sliding, inclusive, exact. */
struct lks_coaction_options {
    int64_t window_us[LKS_OBJECT_KINDS_COUNT]; /* by kind; < 0 leaves the kind out */
    uint64_t min_pairs;                        /* an edge is kept if it reaches all three */
    uint32_t min_objects;
    uint32_t min_occasions;
    unsigned threads_count; /* 0: as control says */
    uint64_t memory_bytes;  /* limit on what the scan allocates; 0: as control says */
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
};

/* Where edges go: put is called from one thread at a time, in rising order of (a, b),
 * so that a sink may write them to memory, to a file, or spill. */
struct lks_edge_sink {
    int (*put)(void *context, const struct lks_edge *edges, size_t count, struct lks_error *err);
    void *context;
};

/* What was counted after exact pruning: with every threshold at 1 that is all there is. The
 * same for any number of threads. */
struct lks_coaction_counts {
    uint64_t pairs_scanned; /* matching event pairs seen, kept or not */
    uint64_t edges_seen;    /* pairs of accounts with such a pair */
    uint64_t edges_kept;
};

/* Fills the options with what `detect` uses by default. */
struct lks_coaction_options lks_coaction_options_default(void);
int lks_coaction_options_check(const struct lks_coaction_options *options, struct lks_error *err);

/* Finds the edges of events and puts them, in rising (a, b), the same for any number of
 * threads. 0; LKS_EARGUMENT; LKS_EINPUT beyond 2^32 - 2 events; LKS_EMEMORY with the limit
 * named; LKS_ECANCELLED; what put returned below 0. Edges put before a failure are the
 * sink's to throw away. counts may be NULL. Cost and layout: coaction.c; method and its
 * sources: docs/method/coaction.md. */
int lks_coaction_scan(const struct lks_events *events, const struct lks_coaction_options *options,
                      const struct lks_control *control, const struct lks_edge_sink *sink,
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
