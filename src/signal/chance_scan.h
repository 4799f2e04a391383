/* chance_scan.h - the state of one worker's scan, for chance_scan.c and chance_pair.c only */
#ifndef LKS_SIGNAL_CHANCE_SCAN_H
#define LKS_SIGNAL_CHANCE_SCAN_H

#include "graph/matching.h"
#include "signal/chance_data.h"
#include "signal/chance_habit.h"

/* A post met in a row: the shortest window in which it was, on any object and on a rare one
 * (LKS_CHANCE_NEVER: on none). */
enum { LKS_CHANCE_NEVER = UINT8_MAX };
struct lks_chance_sighting {
    uint32_t row; /* stamp of the row in which it was last met */
    uint8_t window, rare_window;
};

/* An account met in a row. One post is kept here; the second opens a slot of counts, since
 * most accounts are met once and can then make no pair. */
struct lks_chance_acquaintance {
    uint32_t row;
    uint32_t slot; /* UINT32_MAX: none yet */
    uint8_t window, rare_window;
};

/* Largest counts and trials whose limits of lambda are kept. */
enum { LKS_CHANCE_LIMIT_COUNTS = 16, LKS_CHANCE_LIMIT_TRIALS = 64 };

struct lks_chance_scan {
    const struct lks_chance *chance;
    double log_p_max, log_tests;
    uint32_t *place_author;  /* [posts] in chance->account_order, of this run */
    uint32_t *place_rank;    /* [posts] position of the post in its author's row */
    uint32_t *account_place; /* [posts] by author: rows of chance->account_first, rising */
    uint32_t *fill;          /* [accounts] */

    /* Of one row. */
    uint32_t row;                             /* its stamp: place of a in account_order, + 1 */
    struct lks_chance_sighting *sighting;     /* [posts] by place */
    uint32_t *met_place;                      /* [posts] the neighbourhood */
    struct lks_chance_acquaintance *acquaint; /* [accounts] by order */
    uint32_t *slot_author, *slot_met;         /* [slots] whose, and how many posts in all */
    uint32_t *met;                            /* [slots * tests] met posts by segment */
    uint32_t slots_count;
    uint32_t *stratum_row, *stratum; /* [strata] stamps, and those touched */
    uint32_t strata_count;
    uint32_t *near; /* [strata * tests] zero between rows */
    double *share;  /* [strata * 2 tests] near over the posts not a's, then for each test 1
                     * where that is above 0; zero between rows */
    uint32_t *own;  /* [strata] n_ah, zero between rows */

    struct lks_chance_habit *habit;
    int habit_ready; /* for this row */

    /* Of one pair: the posts of b that meet a, and which posts of a they meet. */
    struct lks_matching matching;
    uint32_t *row_first, *row_end; /* [2 * posts of b], [tests * posts of b] */
    uint32_t row_capacity;
    uint32_t *target[2]; /* rare, any */
    size_t target_capacity[2];

    /* lambda_limit[k][n]: k occasions in n trials fail from this mean on; < 0 not known yet. */
    double lambda_limit[LKS_CHANCE_LIMIT_COUNTS][LKS_CHANCE_LIMIT_TRIALS];

    struct lks_chance_edge *edges;
    size_t edges_count, edges_capacity;
    uint64_t edges_tested;
};

/* Sets what p must not exceed. */
void lks_chance_pair_level(struct lks_chance_scan *scan, double p_max);
/* Tests the row of a against lighter account b, whose counts lie in the slot; puts an edge if
 * it passes. 0 or LKS_EMEMORY. */
int lks_chance_pair(struct lks_chance_scan *scan, uint32_t a, uint32_t b, uint32_t slot,
                    struct lks_error *err);

#endif
