/* measure.h - the candidates of one account, measured */
#ifndef LKS_COACTION_MEASURE_H
#define LKS_COACTION_MEASURE_H

#include "coaction/count.h"
#include "coaction/pair.h"
#include "coaction/score.h"

/* Edges of one window, in the order in which they were found. */
struct lks_coaction_edge_list {
    struct lks_edge *items;
    size_t count, capacity;
};

/* Zeroed to start; one per thread. */
struct lks_coaction_measure {
    struct lks_coaction_row *own, *fetched, *others;
    struct lks_coaction_shared *shared;
    uint32_t *own_filled; /* [runs] rank + 1 of the account whose events own holds there */
    uint8_t *own_kind;    /* [runs] of their objects, likewise */
    uint32_t *fills;      /* runs to be fetched for the hits at hand */
    int64_t *gap_us; /* [shared] the least gap of two events, where there are several windows */
    size_t own_capacity, fetched_capacity, others_capacity, shared_capacity, filled_capacity,
        kind_capacity, fills_capacity, gap_capacity;
    struct lks_coaction_pair_scratch pair;
    struct lks_coaction_score_scratch score;
    uint64_t pairs_measured;
};

/* Measures what counting found about `rank`, in each of options[options_count], and appends the
 * edges that reach the thresholds to edges[], partners rising. null is NULL where no score is
 * asked for; widest is what the rows were built with, and where a score is asked for the one window
 * there is. */
int lks_coaction_measure(struct lks_coaction_measure *measure, const struct lks_events *events,
                         const struct lks_coaction_rows *rows,
                         const struct lks_coaction_counter *counter,
                         const struct lks_coaction_null *null,
                         const struct lks_coaction_options *widest,
                         const struct lks_coaction_options *options, size_t options_count,
                         uint32_t rank, const struct lks_control *control,
                         struct lks_coaction_edge_list *edges, struct lks_budget *budget,
                         struct lks_error *err);
void lks_coaction_measure_free(struct lks_coaction_measure *measure, struct lks_budget *budget);

#endif
