/* matching.h - largest matching between two sides */
#ifndef LKS_GRAPH_MATCHING_H
#define LKS_GRAPH_MATCHING_H

#include <stdint.h>

#include "base/error.h"

/* Zero it to start; memory grows with the largest graph seen and is kept between calls.
 * One thread at a time. */
struct lks_matching {
    uint32_t *mate_left, *mate_right; /* UINT32_MAX where free */
    uint32_t *level, *next, *queue, *stack;
    uint32_t left_capacity, right_capacity;
};

/* Makes every node free, for sides of these sizes. 0 or LKS_EMEMORY. */
int lks_matching_start(struct lks_matching *matching, uint32_t left_count, uint32_t right_count,
                       struct lks_error *err);
/* Enlarges the matching at hand, which must lie in this graph, to a largest one; returns its
 * size. Row v of the left side is target[first[v]] .. target[end[v] - 1]. Nested graphs are
 * thus solved one after the other, each from the answer before it. O(edges sqrt(nodes)).
 * Source: Hopcroft and Karp, SIAM J. Comput. 2 (1973). */
uint32_t lks_matching_grow(struct lks_matching *matching, uint32_t left_count,
                           const uint32_t *first, const uint32_t *end, const uint32_t *target);
void lks_matching_free(struct lks_matching *matching);

#endif
