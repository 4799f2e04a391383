/* components.h - connected components by union-find */
#ifndef LKS_GRAPH_COMPONENTS_H
#define LKS_GRAPH_COMPONENTS_H

#include "graph/graph.h"

/* Disjoint sets over 0 .. count - 1. The root of a set is its smallest member, so that the
 * answer does not depend on the order of the joins. One thread at a time. */
struct lks_unions {
    uint32_t *parent; /* [count] parent[v] <= v; a root is its own parent */
    uint32_t count;
};

/* Makes count sets of one. Returns 0 or LKS_EMEMORY; freed by lks_unions_free. */
int lks_unions_init(struct lks_unions *unions, uint32_t count, struct lks_error *err);
void lks_unions_reset(struct lks_unions *unions); /* sets of one again, same memory */
void lks_unions_free(struct lks_unions *unions);

/* Returns the smallest member of v's set, halving the path on the way (Tarjan and van
 * Leeuwen, 1984). */
static inline uint32_t lks_unions_find(struct lks_unions *unions, uint32_t v)
{
    uint32_t *parent = unions->parent;
    while (parent[v] != v) {
        parent[v] = parent[parent[v]];
        v = parent[v];
    }
    return v;
}

/* Joins the sets of a and b; returns the root of the union. */
static inline uint32_t lks_unions_join(struct lks_unions *unions, uint32_t a, uint32_t b)
{
    a = lks_unions_find(unions, a);
    b = lks_unions_find(unions, b);
    if (a < b) {
        unions->parent[b] = a;
        return a;
    }
    unions->parent[a] = b;
    return b;
}

/* Writes the component of every node into component_out[count]: ids are dense, from 0, in
 * the order of each component's smallest node. Returns how many there are. */
uint32_t lks_unions_label(struct lks_unions *unions, uint32_t *component_out);

/* The components of a list of edges, in one go. component_out[nodes_count] as in
 * lks_unions_label; *components_count may be NULL. Weights are not looked at. Returns 0,
 * LKS_EARGUMENT for an end out of range, LKS_EMEMORY. */
int lks_components(uint32_t nodes_count, const struct lks_graph_edge *edges, uint64_t edges_count,
                   uint32_t *component_out, uint32_t *components_count, struct lks_error *err);

#endif
