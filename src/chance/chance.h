/* chance.h - how often two accounts would meet if chance alone decided who posted what */
#ifndef LKS_CHANCE_CHANCE_H
#define LKS_CHANCE_CHANCE_H

#include <math.h>

#include "record/events.h"

enum { LKS_CHANCE_WINDOWS_MAX = 8 };

/* Two posts meet in a window if their accounts differ, their times are at most the window
 * apart (sliding, inclusive) and they share any object. The occasions of two accounts are
 * the most disjoint pairs of their posts that meet: a maximum matching. */
struct lks_chance_options {
    int64_t windows_us[LKS_CHANCE_WINDOWS_MAX]; /* rising; each pair is tested in all */
    unsigned windows_count;
    int64_t kind_window_us[LKS_OBJECT_KINDS_COUNT]; /* no meeting over this kind is further
                                                     * apart; < 0 leaves the kind out */
    int64_t stratum_us;           /* who posted is exchangeable within this span of time */
    uint32_t min_occasions;       /* pairs with fewer are not tested */
    double object_share_max;      /* an object used by more than this share of the accounts, */
    uint32_t object_accounts_min; /* and by more than this many, tells nothing: left out */
    double rare_share;            /* an object used by at most this share of the accounts, or by */
    uint32_t rare_accounts_max;   /* at most this many, is rare; meetings on rare objects are */
                                  /* tested by themselves too */
    uint32_t object_partners_max; /* an object whose uses have more partners than this on
                               * average is looked at in shorter windows only */
    uint64_t partners_max;        /* partners kept in memory, 4 bytes each; reached, the limit
                               * above is halved until they fit */
    uint64_t memory_bytes;        /* of all that the null model holds; 0: half of what is free.
                            * It never changes a result: what does not fit is LKS_EMEMORY */
};

struct lks_chance_options lks_chance_options_default(void);
int lks_chance_options_check(const struct lks_chance_options *options, struct lks_error *err);

/* A pair of accounts that met more often than chance explains. a < b. */
struct lks_chance_edge {
    uint32_t a, b;
    uint32_t occasions;    /* in the window that gave p */
    uint32_t window_index; /* that window */
    double expected;       /* occasions by chance in it, an upper bound */
    double log10_p;        /* of the smallest p over the windows times their number; <= 0 */
};

/* Whether its p is at most p_max. */
static inline int lks_chance_edge_passes(const struct lks_chance_edge *edge, double p_max)
{
    return edge->log10_p <= log10(p_max);
}

/* What was left out or narrowed in the preparation. */
struct lks_chance_counts {
    uint32_t objects_common;   /* left out as common */
    uint32_t objects_narrowed; /* looked at in shorter windows only */
    uint32_t objects_dropped;  /* too frequent even in the shortest window: left out */
    uint32_t partners_limit;   /* object_partners_max as used in the end */
    uint64_t partners_count;   /* directed pairs of posts within the longest window */
    uint32_t accounts_able;    /* accounts with enough posts that have partners */
    uint64_t pairs_possible;   /* pairs of accounts that could have met often enough */
    unsigned windows_used;     /* after those that the time precision forbids */
    int64_t windows_us[LKS_CHANCE_WINDOWS_MAX]; /* the ones used */
    int64_t stratum_us;                         /* as used: at least the time precision */
};

/* Events made ready for many scans: who posts may change, what was posted does not. */
struct lks_chance;

/* Prepares the events, which must outlive it. Memory: 4 bytes a partner and about 40 a
 * post. Threads: any number may scan one prepared lks_chance. */
int lks_chance_prepare(const struct lks_events *events, const struct lks_chance_options *options,
                       const struct lks_control *control, struct lks_chance **chance_out,
                       struct lks_error *err);
void lks_chance_free(struct lks_chance *chance);
const struct lks_chance_counts *lks_chance_counts(const struct lks_chance *chance);
uint32_t lks_chance_posts_count(const struct lks_chance *chance);

/* Writes who posted in copy copy_index: accounts permuted among the posts of each stratum
 * (Fisher and Yates), the post keeping its time and objects. [posts_count]. */
void lks_chance_shuffle(const struct lks_chance *chance, uint64_t seed, uint64_t copy_index,
                        uint32_t *post_account_out);

/* The same with the posts of some accounts left where they are: held[accounts_count] is 1 for
 * those. 0 or LKS_EMEMORY. */
int lks_chance_shuffle_others(const struct lks_chance *chance, uint64_t seed, uint64_t copy_index,
                              const uint8_t *held, uint32_t *post_account_out,
                              struct lks_error *err);

/* Scratch of one worker for scans. */
struct lks_chance_scan;
int lks_chance_scan_new(const struct lks_chance *chance, struct lks_chance_scan **scan_out,
                        struct lks_error *err);
void lks_chance_scan_free(struct lks_chance_scan *scan);

/* Tests every pair of accounts with min_occasions or more, with post_account[posts_count]
 * as who posted (a permutation within strata of the real one); gives those with p <= p_max
 * in rising order of (a, b). *edges_out belongs to the scan and lives until the next run.
 * edges_tested may be NULL. Method: docs/method/null-model.md. */
int lks_chance_scan_run(struct lks_chance_scan *scan, const uint32_t *post_account, double p_max,
                        const struct lks_chance_edge **edges_out, size_t *count_out,
                        uint64_t *edges_tested, struct lks_error *err);

/* The same on all threads of the control, with scratch of its own for each: for the real
 * data. The edges are the same for any number of threads; *edges_out is the caller's, to be
 * freed with free(). Errors: LKS_EMEMORY, LKS_ECANCELLED. */
int lks_chance_scan_all(const struct lks_chance *chance, const uint32_t *post_account, double p_max,
                        const struct lks_control *control, struct lks_chance_edge **edges_out,
                        size_t *count_out, uint64_t *edges_tested, struct lks_error *err);

/* Which pairs a scan tests: those for which wanted(context, a, b), in any order of the two, is
 * not 0. Any thread calls it. */
struct lks_chance_pairs {
    int (*wanted)(const void *context, uint32_t a, uint32_t b);
    const void *context;
};
/* lks_chance_scan_all on these pairs alone; NULL: on all. */
int lks_chance_scan_pairs(const struct lks_chance *chance, const uint32_t *post_account,
                          double p_max, const struct lks_chance_pairs *pairs,
                          const struct lks_control *control, struct lks_chance_edge **edges_out,
                          size_t *count_out, uint64_t *edges_tested, struct lks_error *err);

#endif
