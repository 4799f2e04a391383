/* matching.c - Hopcroft and Karp's largest matching between two sides
 *
 * Rounds: a breadth-first search from the free nodes on the left gives each left node its
 * distance along alternating paths; depth-first searches that only step to the next distance
 * then enlarge the matching along disjoint shortest paths. There are O(sqrt(nodes)) rounds.
 * The depth-first search keeps its own stack, since a path may be as long as the graph. */
#include "graph/matching.h"

#include <stdlib.h>
#include <string.h>

#define FREE UINT32_MAX

static int grow(uint32_t **array, uint32_t count)
{
    uint32_t *larger = realloc(*array, (size_t)count * sizeof **array);
    if (larger)
        *array = larger;
    return larger ? 0 : -1;
}

int lks_matching_start(struct lks_matching *matching, uint32_t left_count, uint32_t right_count,
                       struct lks_error *err)
{
    if (left_count > matching->left_capacity) {
        uint32_t count = left_count < UINT32_MAX / 2 ? left_count * 2 : left_count;
        if (grow(&matching->mate_left, count) || grow(&matching->level, count) ||
            grow(&matching->next, count) || grow(&matching->queue, count) ||
            grow(&matching->stack, count))
            return lks_error_set(err, LKS_EMEMORY, "out of memory for a matching");
        matching->left_capacity = count;
    }
    if (right_count > matching->right_capacity) {
        uint32_t count = right_count < UINT32_MAX / 2 ? right_count * 2 : right_count;
        if (grow(&matching->mate_right, count))
            return lks_error_set(err, LKS_EMEMORY, "out of memory for a matching");
        matching->right_capacity = count;
    }
    memset(matching->mate_left, 0xff, (size_t)left_count * sizeof *matching->mate_left);
    memset(matching->mate_right, 0xff, (size_t)right_count * sizeof *matching->mate_right);
    return 0;
}

/* Distances of the left nodes from the free ones; returns whether a free right node is in reach. */
static int distances(struct lks_matching *m, uint32_t left_count, const uint32_t *first,
                     const uint32_t *end, const uint32_t *target)
{
    uint32_t queued = 0;
    int reached = 0;
    for (uint32_t v = 0; v < left_count; v++) {
        m->level[v] = m->mate_left[v] == FREE ? 0 : FREE;
        if (m->level[v] == 0)
            m->queue[queued++] = v;
    }
    for (uint32_t i = 0; i < queued; i++) {
        uint32_t v = m->queue[i];
        for (uint32_t j = first[v]; j < end[v]; j++) {
            uint32_t u = m->mate_right[target[j]];
            if (u == FREE) {
                reached = 1;
            } else if (m->level[u] == FREE) {
                m->level[u] = m->level[v] + 1;
                m->queue[queued++] = u;
            }
        }
    }
    return reached;
}

/* One path from the free left node root to a free right node, by rising distance. */
static int augment(struct lks_matching *m, uint32_t root, const uint32_t *end,
                   const uint32_t *target)
{
    uint32_t depth = 0;
    m->stack[0] = root;
    for (;;) {
        uint32_t v = m->stack[depth];
        if (m->next[v] == end[v]) {
            m->level[v] = FREE; /* dead for this round */
            if (depth == 0)
                return 0;
            depth--;
            m->next[m->stack[depth]]++;
            continue;
        }
        uint32_t u = m->mate_right[target[m->next[v]]];
        if (u == FREE)
            break;
        if (m->level[u] != FREE && m->level[u] == m->level[v] + 1)
            m->stack[++depth] = u;
        else
            m->next[v]++;
    }
    for (uint32_t i = 0; i <= depth; i++) {
        uint32_t v = m->stack[i], right = target[m->next[v]++];
        m->mate_left[v] = right;
        m->mate_right[right] = v;
    }
    return 1;
}

uint32_t lks_matching_grow(struct lks_matching *matching, uint32_t left_count,
                           const uint32_t *first, const uint32_t *end, const uint32_t *target)
{
    uint32_t size = 0;
    for (uint32_t v = 0; v < left_count; v++) {
        for (uint32_t j = first[v]; j < end[v] && matching->mate_left[v] == FREE; j++) {
            if (matching->mate_right[target[j]] == FREE) {
                matching->mate_left[v] = target[j];
                matching->mate_right[target[j]] = v;
            }
        }
        size += matching->mate_left[v] != FREE;
    }
    while (size < left_count && distances(matching, left_count, first, end, target)) {
        uint32_t before = size;
        for (uint32_t v = 0; v < left_count; v++)
            matching->next[v] = first[v];
        for (uint32_t v = 0; v < left_count; v++) {
            if (matching->mate_left[v] == FREE)
                size += (uint32_t)augment(matching, v, end, target);
        }
        if (size == before)
            break;
    }
    return size;
}

void lks_matching_free(struct lks_matching *matching)
{
    free(matching->mate_left);
    free(matching->mate_right);
    free(matching->level);
    free(matching->next);
    free(matching->queue);
    free(matching->stack);
    memset(matching, 0, sizeof *matching);
}
