/* scan.h - the state of one worker's scan, for the files of the scan only */
#ifndef LKS_CHANCE_SCAN_H
#define LKS_CHANCE_SCAN_H

#include "chance/authors.h"
#include "chance/habit.h"
#include "chance/links.h"
#include "chance/weight.h"
#include "graph/matching.h"

/* A post, and when it was met in a row: the shortest window, on any object and on a rare one
 * (LKS_CHANCE_NEVER: on none). What a row asks of a post lies in one line of memory. */
enum { LKS_CHANCE_NEVER = UINT8_MAX, LKS_CHANCE_SEVERAL = UINT16_MAX };
struct lks_chance_sighting {
    uint32_t row; /* stamp of the row in which it was last met */
    uint32_t author, stratum;
    uint8_t window, rare_window;
    uint16_t rank; /* of the post of a that met it; LKS_CHANCE_SEVERAL: of more than one */
};

/* A lighter account met in a row: at how many posts, and what they weigh (weight.h). Zero
 * between rows. */
struct lks_chance_acquaintance {
    uint32_t posts, weight;
};

/* One whose posts are heavy enough, and the last of them in the list of lighter posts. */
struct lks_chance_candidate {
    uint32_t author, last;
};

/* The first meeting of an account by a light row, while it is asked if there is a second. */
struct lks_chance_glimpse {
    uint32_t row, place;
    uint8_t post, others; /* of a; 1: another post of a met it, 2: another of its posts */
};

/* Largest counts and trials whose limits of lambda are kept. */
enum { LKS_CHANCE_LIMIT_COUNTS = 16, LKS_CHANCE_LIMIT_TRIALS = 256 };

struct lks_chance_scan {
    const struct lks_chance *chance;
    const struct lks_chance_authors *authors; /* of this run */
    struct lks_chance_authors *own;           /* NULL, or the scan's own */
    double log_p_max, log_tests;
    uint32_t rows_count;
    int counts_tested; /* whether edges_tested is asked for: no row may be skipped then */
    const struct lks_chance_pairs *pairs; /* NULL: all are tested */

    /* Of one row. */
    uint32_t row;                             /* its stamp: place of a in account_order, + 1 */
    struct lks_chance_sighting *sighting;     /* [posts] by place */
    uint32_t *lighter_place, *lighter_author; /* [posts] those met by lighter authors */
    uint32_t *lighter_next;                   /* [posts] of a candidate, or UINT32_MAX */
    uint32_t lighter_count;
    struct lks_chance_acquaintance *acquaint; /* [accounts] by order */
    struct lks_chance_glimpse *glimpse;       /* [accounts] by order */
    struct lks_chance_candidate *candidate;
    size_t candidates_capacity;
    uint32_t candidates_count;
    uint32_t *stratum_row, *stratum; /* [strata] stamps, and those touched */
    uint32_t strata_count;
    uint32_t *near;   /* [strata * tests] by segment; zero between rows */
    double *share;    /* [tests * strata] near over the posts not a's; zero between rows */
    uint16_t *weight; /* [strata * tests] of a post met there: weight.h */
    struct lks_chance_weights weights;
    uint32_t weight_needed; /* by the posts of an account that may pass */
    uint32_t *posts_own;    /* [strata] n_ah, zero between rows */

    struct lks_chance_habit *habit;
    int habit_ready; /* for this row */

    /* Of one pair: the posts of b that meet a, and which posts of a they meet. */
    struct lks_chance_links links;
    struct lks_matching matching;
    uint32_t *row_first, *row_end; /* [2 * posts of b], [tests * posts of b] */
    size_t first_capacity, end_capacity;
    uint32_t *target[2]; /* rare, any */
    size_t target_capacity[2];

    /* lambda_limit[k][n]: k occasions in n trials fail from this mean on; < 0 not known yet. */
    double lambda_limit[LKS_CHANCE_LIMIT_COUNTS][LKS_CHANCE_LIMIT_TRIALS];

    struct lks_chance_edge *edges;
    size_t edges_count, edges_capacity;
    uint64_t edges_tested;
};

/* Makes ready for rows of these authors. */
void lks_chance_scan_start(struct lks_chance_scan *scan, const struct lks_chance_authors *authors,
                           double p_max, int counts_tested);
/* Tests the account at this place of chance->account_order against every lighter one, and
 * puts the edges that pass. 0 or LKS_EMEMORY. */
int lks_chance_scan_row(struct lks_chance_scan *scan, uint32_t order, struct lks_error *err);
/* The accounts that make rows: the first ones in the order. */
uint32_t lks_chance_rows_count(const struct lks_chance *chance);

/* Sets what p must not exceed. */
void lks_chance_pair_level(struct lks_chance_scan *scan, double p_max);
/* Tests the row of a against a candidate; puts an edge if it passes. 0 or LKS_EMEMORY. */
int lks_chance_pair(struct lks_chance_scan *scan, uint32_t a,
                    const struct lks_chance_candidate *candidate, struct lks_error *err);
/* Puts edges in order of (a, b). */
void lks_chance_edges_sort(struct lks_chance_edge *edges, size_t count);

#endif
