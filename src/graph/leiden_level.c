/* leiden_level.c - Leiden's graphs: the first level's copy, and contraction to the next
 *
 * Nodes of the first level are numbered by a breadth-first search, so that a node, its
 * neighbours and their communities lie close in every array; in the order in which accounts
 * first appear they do not. The next level's nodes are numbered by their first node and inherit
 * that. Rows are read in order of the parts, which is nearly that of memory.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/large_pages.h"
#include "graph/leiden_parts.h"

void *lks_leiden_large_alloc(size_t bytes)
{
    void *memory = malloc(bytes);
    lks_large_pages(memory, bytes);
    return memory;
}

int lks_leiden_level_alloc(struct leiden_level *level, uint32_t nodes_count, uint64_t arcs_count)
{
    size_t n = (size_t)nodes_count + 1;
    level->nodes_count = nodes_count;
    level->first = lks_leiden_large_alloc(n * sizeof *level->first);
    level->strength = lks_leiden_large_alloc(n * sizeof *level->strength);
    level->arc = lks_leiden_large_alloc((arcs_count + 1) * sizeof *level->arc);
    return level->first && level->strength && level->arc ? 0 : LKS_EMEMORY;
}

void lks_leiden_level_free(struct leiden_level *level)
{
    free(level->first);
    free(level->strength);
    free(level->arc);
    *level = (struct leiden_level){0};
}

/* Breadth-first order of the nodes, each component from its smallest. */
static void search(const struct lks_graph *graph, uint32_t *order, uint32_t *rank)
{
    uint32_t n = graph->nodes_count, tail = 0, head = 0;
    memset(rank, 0xff, n * sizeof *rank);
    for (uint32_t root = 0; root < n; root++) {
        if (rank[root] != UINT32_MAX)
            continue;
        rank[root] = tail;
        order[tail++] = root;
        for (; head < tail; head++) {
            uint32_t v = order[head];
            if (head + 8 < tail) {
                __builtin_prefetch(graph->first + order[head + 8]);
                __builtin_prefetch(graph->target + graph->first[order[head + 5]]);
                uint64_t from = graph->first[order[head + 2]];
                uint64_t end = graph->first[order[head + 2] + 1];
                for (uint64_t i = from; i < end && i < from + 24; i++)
                    __builtin_prefetch(rank + graph->target[i], 1);
            }
            for (uint64_t i = graph->first[v]; i < graph->first[v + 1]; i++) {
                uint32_t u = graph->target[i];
                if (rank[u] == UINT32_MAX) {
                    rank[u] = tail;
                    order[tail++] = u;
                }
            }
        }
    }
}

/* From the graph's weights to whole numbers: the largest power of two with which all arcs and
 * loops stay below 2^32, even those that are rounded up. */
static double scale_of(const struct lks_graph *graph)
{
    double room = 4294967295.0 - 2.0 * (double)graph->first[graph->nodes_count];
    int exponent;
    frexp(room / (2 * graph->weight_total), &exponent);
    return ldexp(1, exponent - 1 > 1000 ? 1000 : exponent - 1);
}

int lks_leiden_level_of(const struct lks_graph *graph, uint32_t *rank_out,
                        struct leiden_level *level)
{
    uint32_t n = graph->nodes_count;
    uint64_t at = 0;
    double scale = scale_of(graph);
    uint32_t *order = malloc(((size_t)n + 1) * sizeof *order);
    int code = order ? lks_leiden_level_alloc(level, n, graph->first[n]) : LKS_EMEMORY;
    if (code) {
        free(order);
        return code;
    }
    search(graph, order, rank_out);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t v = order[i];
        if (i + 8 < n) {
            __builtin_prefetch(graph->first + order[i + 8]);
            __builtin_prefetch(graph->target + graph->first[order[i + 5]]);
            __builtin_prefetch(graph->weight + graph->first[order[i + 5]]);
        }
        level->first[i] = at;
        double strength = floor(2 * graph->loop[v] * scale + 0.5);
        for (uint64_t j = graph->first[v]; j < graph->first[v + 1]; j++) {
            double weight = floor(graph->weight[j] * scale + 0.5);
            weight = weight < 1 ? 1 : weight;
            strength += weight;
            level->arc[at++] = (struct leiden_arc){rank_out[graph->target[j]], (uint32_t)weight};
        }
        level->strength[i] = strength;
    }
    level->first[n] = at;
    free(order);
    return 0;
}

void lks_leiden_contract(struct leiden *l, const struct leiden_level *level, uint32_t parts_count,
                         struct leiden_level *next)
{
    uint32_t n = level->nodes_count, *touched = l->touched;
    struct leiden_slot *slot = l->slot;
    int ahead = n >= LEIDEN_AHEAD_NODES;
    uint64_t at = 0;
    next->nodes_count = parts_count;
    lks_leiden_group_by(l, l->part, n, parts_count);
    for (uint32_t p = 0; p < parts_count; p++) {
        uint32_t touched_count = 0;
        double strength = 0;
        for (uint32_t i = l->start[p]; i < l->start[p + 1]; i++) {
            uint32_t v = l->order[i];
            if (ahead && i + 8 < n) {
                __builtin_prefetch(level->first + l->order[i + 8]);
                leiden_fetch_row(level, l->order[i + 6]);
                leiden_fetch_targets(level, l->order[i + 4], l->part);
                leiden_fetch_slots(l, level, l->order[i + 2], l->part);
            }
            strength += level->strength[v];
            for (uint64_t j = level->first[v], end = level->first[v + 1]; j < end; j++) {
                uint32_t q = l->part[level->arc[j].target];
                touched[touched_count] = q;
                touched_count += leiden_touch(slot + q, j, level->arc[j].weight);
            }
        }
        next->first[p] = at;
        next->strength[p] = strength;
        leiden_take(slot + p);
        for (uint32_t i = 0; i < touched_count; i++) {
            uint32_t q = touched[i];
            next->arc[at] = (struct leiden_arc){q, leiden_take(slot + q)};
            at += next->arc[at].weight != 0;
        }
    }
    next->first[parts_count] = at;
}
