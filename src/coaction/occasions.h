/* occasions.h - the most disjoint pairs of posts that match: the occasions of two accounts */
#ifndef LKS_COACTION_OCCASIONS_H
#define LKS_COACTION_OCCASIONS_H

#include "base/budget.h"

/* A bipartite graph given by ranges, so that its edges are never written out. A post of the
 * left account has one event for each object; event i matches the right account's events
 * first[i] .. end[i] - 1. Posts are numbered from 0 on either side. */
struct lks_occasions_graph {
    uint32_t left_count, right_count; /* posts */
    const uint32_t *left_of;          /* [left_events] the post of an event */
    const uint32_t *first, *end;      /* [left_events] */
    const uint32_t *left_start;       /* [left_count + 1] into left_event */
    const uint32_t *left_event;       /* [left_events] events by post, in rising order */
    const uint32_t *right_of;         /* [right_events], of those in some range */
    size_t left_events, right_events;
};

/* Zeroed to start; one per thread. */
struct lks_occasions_scratch {
    uint32_t *words;
    size_t words_capacity;
};

/* Writes the size of a maximum matching to *size_out. Returns 0 or LKS_EMEMORY. */
int lks_occasions_count(const struct lks_occasions_graph *graph,
                        struct lks_occasions_scratch *scratch, struct lks_budget *budget,
                        uint32_t *size_out, struct lks_error *err);
void lks_occasions_scratch_free(struct lks_occasions_scratch *scratch, struct lks_budget *budget);

#endif
