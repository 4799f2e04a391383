/* pair.h - everything about one pair of accounts, from their two rows */
#ifndef LKS_COACTION_PAIR_H
#define LKS_COACTION_PAIR_H

#include "coaction/coaction.h"
#include "coaction/occasions.h"

/* An event, with all that measuring a pair asks for. */
struct lks_coaction_row {
    uint32_t post;
    int64_t time_us;
};

/* A stretch of both rows on one object: a[a_begin .. a_end - 1], b likewise. */
struct lks_coaction_shared {
    size_t a_begin, a_end, b_begin, b_end;
    uint8_t kind; /* of the object */
};

/* Room for one pair at a time; zeroed to start, one per thread. */
struct lks_coaction_pair_scratch {
    uint32_t *left_of, *first, *end, *left_start, *left_event; /* by left event */
    uint32_t *right_of;                                        /* by right event */
    uint64_t *left_key, *right_key;                            /* post << 32 | event of the pair */
    size_t left_capacity[6], right_capacity[2];
    uint64_t *spare;
    size_t spare_capacity;
    size_t left_count, right_count, right_keys;
    struct lks_occasions_scratch occasions;
};

/* Fills *edge for accounts a < b from what they share, objects rising, rows in the order of
 * struct lks_events. Returns 1 if it reaches the options' thresholds, 0 if not (then *edge is
 * not complete), or LKS_EMEMORY. O(events on shared objects) plus the sorting of their posts
 * and the matching. */
int lks_coaction_pair(const struct lks_coaction_options *options, const struct lks_coaction_row *a,
                      const struct lks_coaction_row *b, const struct lks_coaction_shared *shared,
                      size_t shared_count, struct lks_coaction_pair_scratch *scratch,
                      struct lks_budget *budget, struct lks_edge *edge, struct lks_error *err);
void lks_coaction_pair_scratch_free(struct lks_coaction_pair_scratch *scratch,
                                    struct lks_budget *budget);

#endif
