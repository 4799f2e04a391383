/* graph.h - an undirected weighted graph as compressed rows */
#ifndef LKS_GRAPH_GRAPH_H
#define LKS_GRAPH_GRAPH_H

#include <stdint.h>

#include "base/error.h"

/* An edge {a, b} between two node indexes; weight finite and above 0. */
struct lks_graph_edge {
    uint32_t a, b;
    double weight;
};

/* Row v holds the neighbours of v in rising order, each once: parallel edges are one edge
 * with the sum of their weights. Loops stand apart. Unchanging once built; any number of
 * threads may read it. */
struct lks_graph {
    uint32_t nodes_count;
    uint64_t *first;     /* [nodes_count + 1] row v is first[v] .. first[v + 1] - 1 */
    uint32_t *target;    /* [first[nodes_count]] */
    double *weight;      /* [first[nodes_count]] */
    double *loop;        /* [nodes_count] weight of the loop at v, 0 without */
    double *strength;    /* [nodes_count] sum over row v, a loop counted twice */
    double weight_total; /* m: every edge and loop once */
};

/* Builds the graph of nodes 0 .. nodes_count - 1 from edges in any order; the result does
 * not depend on which end is called a. Weights of parallel edges are added in the order in
 * which they came. Counting sort, O(nodes + edges). Returns 0; LKS_EARGUMENT for an end out
 * of range or a weight that is not finite and positive; LKS_EMEMORY. On failure graph is
 * zeroed. The caller frees it with lks_graph_free. */
int lks_graph_build(struct lks_graph *graph, uint32_t nodes_count,
                    const struct lks_graph_edge *edges, uint64_t edges_count,
                    struct lks_error *err);
void lks_graph_free(struct lks_graph *graph); /* zeroed is fine; leaves it zeroed */

#endif
