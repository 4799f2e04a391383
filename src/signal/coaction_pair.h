/* coaction_pair.h - everything about one pair of accounts, from their two rows */
#ifndef LKS_SIGNAL_COACTION_PAIR_H
#define LKS_SIGNAL_COACTION_PAIR_H

#include "signal/coaction_rows.h"
#include "signal/occasions.h"

/* An account's events, in the order of struct lks_events. */
struct lks_coaction_side {
    const struct lks_coaction_row *row;
    size_t count;
};

/* A stretch of both rows on one object: rows a[a_begin .. a_end - 1], b likewise. */
struct lks_coaction_shared {
    size_t a_begin, a_end, b_begin, b_end;
    uint32_t object;
};

/* Moves `shared` (zeroed to start) to the next object of both sides; 0 at the end. The
 * longer row is searched by doubling steps: O(short log long) when lengths differ. */
int lks_coaction_shared_next(const struct lks_coaction_side *a, const struct lks_coaction_side *b,
                             struct lks_coaction_shared *shared);

/* Room for one pair at a time; zeroed to start, one per thread. */
struct lks_coaction_pair_scratch {
    uint32_t *left_of, *first, *end, *left_start, *left_event; /* by left event */
    uint32_t *right_of;                                        /* by right event */
    uint64_t *left_key, *right_key;                            /* post << 32 | event of the pair */
    size_t left_capacity[6], right_capacity[2];
    size_t left_count, right_count, right_keys;
    struct lks_occasions_scratch occasions;
};

/* Fills *edge for accounts a < b. Returns 1 if it reaches the options' thresholds, 0 if
 * not (then *edge is not complete), or LKS_EMEMORY. O(events on shared objects) plus the
 * sorting of their posts and the matching. */
int lks_coaction_pair(const struct lks_events *events, const struct lks_coaction_options *options,
                      const struct lks_coaction_side *a, const struct lks_coaction_side *b,
                      struct lks_coaction_pair_scratch *scratch, struct lks_budget *budget,
                      struct lks_edge *edge, struct lks_error *err);
void lks_coaction_pair_scratch_free(struct lks_coaction_pair_scratch *scratch,
                                    struct lks_budget *budget);

#endif
