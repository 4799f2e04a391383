/* test_graphs.h - seeded graphs for the tests and benches of the graph kit */
#ifndef LKS_GRAPH_TEST_GRAPHS_H
#define LKS_GRAPH_TEST_GRAPHS_H

#include <stdlib.h>

#include "base/rng.h"
#include "graph/graph.h"

/* A list of edges that the test frees. */
struct edge_list {
    struct lks_graph_edge *edges;
    uint64_t count, capacity;
    uint32_t nodes_count;
};

static inline void edge_list_add(struct edge_list *list, uint32_t a, uint32_t b, double weight)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 256;
        list->edges = realloc(list->edges, list->capacity * sizeof *list->edges);
        LKS_ASSERT(list->edges);
    }
    list->edges[list->count++] = (struct lks_graph_edge){a, b, weight};
}

/* edges_count random edges, loops and parallels included, weights 1 .. weight_max. */
static inline struct edge_list graph_random(uint32_t nodes_count, uint64_t edges_count,
                                            uint32_t weight_max, uint64_t seed)
{
    struct edge_list list = {.nodes_count = nodes_count};
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 1);
    for (uint64_t i = 0; i < edges_count; i++) {
        uint32_t a = (uint32_t)lks_rng_below(&rng, nodes_count);
        uint32_t b = (uint32_t)lks_rng_below(&rng, nodes_count);
        edge_list_add(&list, a, b, (double)(1 + lks_rng_below(&rng, weight_max)));
    }
    return list;
}

/* Groups of `size` nodes; each node draws inside_count partners in its group and
 * outside_count anywhere. */
static inline struct edge_list graph_planted(uint32_t groups_count, uint32_t size,
                                             unsigned inside_count, unsigned outside_count,
                                             uint64_t seed)
{
    uint32_t n = groups_count * size;
    struct edge_list list = {.nodes_count = n};
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 2);
    for (uint32_t v = 0; v < n; v++) {
        for (unsigned i = 0; i < inside_count + outside_count; i++) {
            uint32_t u = i < inside_count ? v / size * size + (uint32_t)lks_rng_below(&rng, size)
                                          : (uint32_t)lks_rng_below(&rng, n);
            if (u != v)
                edge_list_add(&list, v, u, 1);
        }
    }
    return list;
}

/* After Lancichinetti, Fortunato and Radicchi: group sizes and degrees by power laws, a
 * share `mixing` of each node's edges leaves its group. */
static inline struct edge_list graph_lfr(uint32_t nodes_count, double mixing, uint64_t seed)
{
    struct edge_list list = {.nodes_count = nodes_count};
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 3);
    uint32_t start = 0;
    while (start < nodes_count) {
        uint32_t size = (uint32_t)(15 / (lks_rng_unit(&rng) + 0.08));
        uint32_t end = nodes_count - start < size + 15 ? nodes_count : start + size;
        for (uint32_t v = start; v < end; v++) {
            double u = lks_rng_unit(&rng);
            unsigned degree = (unsigned)(3 / (u * u + 0.05));
            for (unsigned i = 0; i < degree; i++) {
                uint32_t to = lks_rng_unit(&rng) < mixing
                                  ? (uint32_t)lks_rng_below(&rng, nodes_count)
                                  : start + (uint32_t)lks_rng_below(&rng, end - start);
                if (to != v)
                    edge_list_add(&list, v, to, (double)(1 + lks_rng_below(&rng, 3)));
            }
        }
        start = end;
    }
    return list;
}

/* Preferential attachment (Barabasi and Albert): each new node draws `links` ends of
 * edges that are there. */
static inline struct edge_list graph_barabasi(uint32_t nodes_count, unsigned links, uint64_t seed)
{
    struct edge_list list = {.nodes_count = nodes_count};
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 4);
    edge_list_add(&list, 0, 1, 1);
    for (uint32_t v = 2; v < nodes_count; v++) {
        uint64_t before = list.count;
        for (unsigned i = 0; i < links; i++) {
            struct lks_graph_edge edge = list.edges[lks_rng_below(&rng, before)];
            edge_list_add(&list, v, lks_rng_below(&rng, 2) ? edge.a : edge.b, 1);
        }
    }
    return list;
}

static inline struct edge_list graph_clique_ring(uint32_t cliques_count, uint32_t size)
{
    struct edge_list list = {.nodes_count = cliques_count * size};
    for (uint32_t c = 0; c < cliques_count; c++) {
        for (uint32_t i = 0; i < size; i++) {
            for (uint32_t j = i + 1; j < size; j++)
                edge_list_add(&list, c * size + i, c * size + j, 1);
        }
        edge_list_add(&list, c * size, (c + 1) % cliques_count * size + 1, 1);
    }
    return list;
}

#endif
