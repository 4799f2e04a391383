/* gen_graphs.h - seeded graphs for measuring communities: skewed, flat, and as the job makes them */
#ifndef LKS_BENCH_GEN_GRAPHS_H
#define LKS_BENCH_GEN_GRAPHS_H

#include "base/time.h"
#include "coaction/coaction.h"
#include "gen_events.h"
#include "graph/test_graphs.h"

/* R-MAT (Chakrabarti, Zhan and Faloutsos 2004) with the constants of Graph500: degrees by a
 * power law, few communities worth the name, ids without any locality. */
static inline struct edge_list graph_rmat(unsigned scale, uint64_t edges_count, uint64_t seed)
{
    struct edge_list list = {.nodes_count = 1u << scale};
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 5);
    for (uint64_t i = 0; i < edges_count; i++) {
        uint32_t a = 0, b = 0;
        for (unsigned bit = 0; bit < scale; bit++) {
            double draw = lks_rng_unit(&rng);
            a = 2 * a + (draw >= 0.76);
            b = 2 * b + ((draw >= 0.57 && draw < 0.76) || draw >= 0.95);
        }
        /* A bijection of the ids, so that hubs do not lie side by side. */
        a = (a * 0x9e3779b1u) & (list.nodes_count - 1);
        b = (b * 0x9e3779b1u) & (list.nodes_count - 1);
        if (a != b)
            edge_list_add(&list, a, b, 1);
    }
    return list;
}

/* Points thrown into a square, each joined to the eight or so nearest: all those within the
 * radius that holds eight on average. Ids in the order of throwing. */
static inline struct edge_list graph_near(uint32_t nodes_count, uint64_t seed)
{
    struct edge_list list = {.nodes_count = nodes_count};
    struct lks_rng rng;
    double radius = sqrt(8 / (M_PI * nodes_count));
    uint32_t side = (uint32_t)(1 / radius), cells = side * side;
    double *x = gen_array(nodes_count, sizeof *x), *y = gen_array(nodes_count, sizeof *y);
    uint32_t *start = gen_array((size_t)cells + 2, sizeof *start);
    uint32_t *cell = gen_array(nodes_count, sizeof *cell);
    uint32_t *order = gen_array(nodes_count, sizeof *order);
    lks_rng_init(&rng, seed, 6);
    for (uint32_t v = 0; v < nodes_count; v++) {
        x[v] = lks_rng_unit(&rng);
        y[v] = lks_rng_unit(&rng);
        cell[v] = (uint32_t)(y[v] * side) * side + (uint32_t)(x[v] * side);
        start[cell[v] + 2]++;
    }
    for (uint32_t c = 0; c < cells; c++)
        start[c + 2] += start[c + 1];
    for (uint32_t v = 0; v < nodes_count; v++)
        order[start[cell[v] + 1]++] = v;
    for (uint32_t v = 0; v < nodes_count; v++) {
        uint32_t cx = cell[v] % side, cy = cell[v] / side;
        for (uint32_t r = cy ? cy - 1 : 0; r <= cy + 1 && r < side; r++) {
            for (uint32_t c = cx ? cx - 1 : 0; c <= cx + 1 && c < side; c++) {
                for (uint32_t i = start[r * side + c]; i < start[r * side + c + 1]; i++) {
                    double dx = x[v] - x[order[i]], dy = y[v] - y[order[i]];
                    if (order[i] > v && dx * dx + dy * dy < radius * radius)
                        edge_list_add(&list, v, order[i], 1);
                }
            }
        }
    }
    free(x);
    free(y);
    free(start);
    free(cell);
    free(order);
    return list;
}

static inline int gen_take_edges(void *context, const struct lks_edge *edges, size_t count,
                                 struct lks_error *err)
{
    (void)err;
    for (size_t i = 0; i < count; i++)
        edge_list_add(context, edges[i].a, edges[i].b, edges[i].objects_count);
    return 0;
}

/* Who acted together in the made month of gen_events.h: accounts with at least one edge,
 * weights the objects shared within 60 s; edges with fewer than min_objects are left out. */
static inline struct edge_list graph_coaction(size_t events_count, uint32_t min_objects,
                                              uint64_t seed)
{
    struct lks_events events = gen_events(events_count, seed);
    struct lks_coaction_options options = lks_coaction_options_default();
    struct edge_list list = {0};
    struct lks_edge_sink sink = {gen_take_edges, &list};
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        options.window_us[kind] = LKS_MINUTE_US;
    options.min_objects = min_objects;
    options.min_occasions = options.min_pairs = 1;
    LKS_ASSERT(lks_coaction_scan(&events, &options, NULL, &sink, NULL, NULL) == 0);
    uint32_t *fresh = gen_array(events.accounts_count, sizeof *fresh);
    for (uint64_t i = 0; i < list.count; i++)
        fresh[list.edges[i].a] = fresh[list.edges[i].b] = 1;
    for (uint32_t a = 0; a < events.accounts_count; a++)
        fresh[a] = fresh[a] ? list.nodes_count++ : 0;
    for (uint64_t i = 0; i < list.count; i++) {
        list.edges[i].a = fresh[list.edges[i].a];
        list.edges[i].b = fresh[list.edges[i].b];
    }
    free(fresh);
    lks_events_free(&events);
    return list;
}

#endif
