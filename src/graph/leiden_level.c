/* leiden_level.c - Leiden's graphs: the first level's copy, and contraction to the next
 *
 * Nodes of the first level are numbered by a breadth-first search, so that a node, its
 * neighbours and their communities lie close in every array; in the order in which accounts
 * first appear they do not. The next level's nodes are numbered by their first node and inherit
 * that. Contraction walks community by community, whose arcs mostly lead to itself.
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
    level->nodes_count = nodes_count;
    level->node = lks_leiden_large_alloc(((size_t)nodes_count + 1) * sizeof *level->node);
    level->arc = lks_leiden_large_alloc((arcs_count + 1) * sizeof *level->arc);
    return level->node && level->arc ? 0 : LKS_EMEMORY;
}

void lks_leiden_level_free(struct leiden_level *level)
{
    free(level->node);
    free(level->arc);
    *level = (struct leiden_level){0};
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

/* Fetches what the search asks of the nodes behind the head of its queue. */
static inline void fetch_behind(const struct lks_graph *graph, const uint32_t *order, uint32_t head,
                                const uint32_t *rank)
{
    uint64_t row = graph->first[order[head + 6]], row_end = graph->first[order[head + 6] + 1];
    uint64_t from = graph->first[order[head + 3]], end = graph->first[order[head + 3] + 1];
    __builtin_prefetch(graph->first + order[head + 10]);
    __builtin_prefetch(graph->loop + order[head + 10]);
    row_end = row_end - row > LEIDEN_AHEAD_ARCS ? row + LEIDEN_AHEAD_ARCS : row_end;
    for (uint64_t i = row; i < row_end; i += 8) {
        __builtin_prefetch(graph->target + i);
        __builtin_prefetch(graph->weight + i);
    }
    end = end - from > LEIDEN_AHEAD_ARCS ? from + LEIDEN_AHEAD_ARCS : end;
    for (uint64_t i = from; i < end; i++)
        __builtin_prefetch(rank + graph->target[i], 1);
}

/* Breadth-first search from every component's smallest node. When a node is looked at, all its
 * neighbours get their ranks, so that its row is written at once. */
static void search(const struct lks_graph *graph, uint32_t *order, uint32_t *rank,
                   struct leiden_level *level)
{
    uint32_t n = graph->nodes_count, tail = 0, head = 0, at = 0;
    double scale = scale_of(graph);
    memset(rank, 0xff, n * sizeof *rank);
    for (uint32_t root = 0; root < n; root++) {
        if (rank[root] != UINT32_MAX)
            continue;
        rank[root] = tail;
        order[tail++] = root;
        for (; head < tail; head++) {
            uint32_t v = order[head];
            if (head + 10 < tail)
                fetch_behind(graph, order, head, rank);
            /* Rounded down, loops cannot bring the sum above what scale_of leaves. */
            uint32_t first = at, strength = (uint32_t)(2 * graph->loop[v] * scale);
            for (uint64_t i = graph->first[v]; i < graph->first[v + 1]; i++) {
                uint32_t u = graph->target[i];
                uint32_t weight = (uint32_t)(graph->weight[i] * scale + 0.5);
                if (rank[u] == UINT32_MAX) {
                    rank[u] = tail;
                    order[tail++] = u;
                }
                weight += weight == 0;
                strength += weight;
                level->arc[at++] = (struct leiden_arc){rank[u], weight};
            }
            level->node[head] = (struct leiden_node){first, at, strength};
        }
    }
    level->arcs_count = at;
}

int lks_leiden_level_of(const struct lks_graph *graph, uint32_t *rank_out, uint32_t *order,
                        struct leiden_level *level)
{
    uint32_t n = graph->nodes_count;
    int code = lks_leiden_level_alloc(level, n, graph->first[n]);
    if (code == 0)
        search(graph, order, rank_out, level);
    return code;
}

void lks_leiden_contract(struct leiden *l, const struct leiden_level *level, uint32_t parts_count,
                         struct leiden_level *next)
{
    uint32_t n = level->nodes_count, at = 0, *touched = l->touched;
    const uint32_t *order = l->order, *part = l->part;
    struct leiden_arc *out = next->arc;
    struct leiden_slot *slot = l->slot;
    int ahead = n >= LEIDEN_AHEAD_NODES, large = n >= LEIDEN_LARGE_NODES;
    next->nodes_count = parts_count;
    for (uint32_t i = 0; i < n;) {
        uint32_t p = part[order[i]], touched_count = 0, first = at, strength = 0;
        for (; i < n && part[order[i]] == p; i++) {
            if (ahead && i + 8 < n) {
                __builtin_prefetch(level->node + order[i + 8]);
                __builtin_prefetch(part + order[i + 8]);
                leiden_fetch_row(level, order[i + 6]);
                leiden_fetch_targets(level, order[i + 4], part);
                leiden_fetch_slots(l, level, order[i + 2], part);
            }
            strength += level->node[order[i]].strength;
            touched_count = leiden_gather(l, level, order[i], part, touched_count, large);
        }
        leiden_take(slot + p);
        for (uint32_t t = 0; t < touched_count; t++) {
            uint32_t q = touched[t];
            out[at] = (struct leiden_arc){q, leiden_take(slot + q)};
            at += out[at].weight != 0;
        }
        next->node[p] = (struct leiden_node){first, at, strength};
    }
    next->arcs_count = at;
}
