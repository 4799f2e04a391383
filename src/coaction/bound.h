/* bound.h - what a meeting is worth at most, before the pair is known */
#ifndef LKS_COACTION_BOUND_H
#define LKS_COACTION_BOUND_H

#include "coaction/rows.h"
#include "coaction/score.h"

enum { LKS_COACTION_NEED_MAX = 4096 };

/* By the sum of two logarithms, in sixteenths. */
enum { LKS_COACTION_LOADS = 64 * 16 };

/* What a meeting weighs with each stake by K l, and that as a share. */
struct lks_coaction_tables {
    uint32_t asked[LKS_COACTION_STAKES]; /* C: the score and the price of the stake */
    uint16_t weight[LKS_COACTION_STAKES][2 * LKS_COACTION_LOADS]; /* sixteenths of a bit */
    uint16_t share[LKS_COACTION_STAKES][2 * LKS_COACTION_LOADS];  /* of C, times the score */
};

/* Zeroed to start; unchanging once made. Logarithms are to base 2, in sixteenths, rounded down. */
struct lks_coaction_bounds {
    const struct lks_coaction_null *null; /* borrowed, as rows */
    const struct lks_coaction_rows *rows;
    struct lks_coaction_tables *tables;
    uint16_t *load_log2;                         /* [count] by place */
    uint16_t (*pairs_log2)[LKS_COACTION_STAKES]; /* [ranks] of the least K; or NONE */
    size_t count, ranks_count;
    uint32_t reach; /* strata */
    int by_account; /* else one coarse bound for all: LKS_COACTION_NO_BOUNDS */
    /* By the events of an account (as many as LKS_COACTION_NEED_MAX stand for more): the last rank
     * that it may be in an edge with, + 1. */
    uint32_t ranks_end[LKS_COACTION_NEED_MAX + 1];
    uint64_t accounts_out; /* that cannot be in an edge, whoever the partner */
};

enum { LKS_COACTION_PAIRS_NONE = UINT16_MAX }; /* the stake brings the account nothing */

/* Accounts that are out have their ranks in rows->partner changed to 0, which nobody looks for.
 * O(events). */
int lks_coaction_bounds_make(struct lks_coaction_bounds *bounds,
                             const struct lks_coaction_null *null, struct lks_coaction_rows *rows,
                             const struct lks_coaction_options *options, unsigned threads_count,
                             const struct lks_control *control, struct lks_budget *budget,
                             struct lks_error *err);
void lks_coaction_bounds_free(struct lks_coaction_bounds *bounds, struct lks_budget *budget);

/* What bounds the events of one account: shares of the stakes that are left to it. */
struct lks_coaction_account_bound {
    const uint16_t *load_log2;
    const uint16_t *share[LKS_COACTION_STAKES];
    unsigned stakes_count;
};

struct lks_coaction_account_bound lks_coaction_bounds_of(const struct lks_coaction_bounds *bounds,
                                                         uint32_t rank);

/* What a meeting of the event at the place is worth at most to its account, in units in which the
 * score asked for is min_score; 0: nothing. */
static inline uint32_t lks_coaction_bound_at(const struct lks_coaction_account_bound *bound,
                                             uint32_t place)
{
    uint32_t log2 = bound->load_log2[place], most = 0;
    for (unsigned i = 0; i < bound->stakes_count; i++) {
        uint32_t share = bound->share[i][log2];
        most = share > most ? share : most;
    }
    return most;
}

/* Whether a pair may reach the score: hits[count] hold, in their low halves, the places of b's
 * events that are in windows of a. */
int lks_coaction_bounds_pair(const struct lks_coaction_bounds *bounds, uint32_t rank_a,
                             uint32_t rank_b, const uint64_t *hits, size_t count);

/* The last rank, + 1, that an account of so many events may be in an edge with. */
static inline uint32_t lks_coaction_bounds_end(const struct lks_coaction_bounds *bounds,
                                               size_t events_count)
{
    return bounds
        ->ranks_end[events_count < LKS_COACTION_NEED_MAX ? events_count : LKS_COACTION_NEED_MAX];
}

#endif
