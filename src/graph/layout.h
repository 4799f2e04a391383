/* layout.h - places for the nodes of a picture */
#ifndef LKS_GRAPH_LAYOUT_H
#define LKS_GRAPH_LAYOUT_H

#include "graph/graph.h"

struct lks_layout_options {
    uint32_t iterations; /* of the force phase */
    double gravity;      /* pull towards the middle of a component, so that loose parts stay near */
    double openness;     /* Barnes-Hut theta: a cell seen under a smaller angle is one point */
    uint64_t seed;
};

struct lks_layout_options lks_layout_options_default(void);

/* Writes x[nodes_count] and y[nodes_count], each in [-1, 1], in one scale for both axes.
 * Heavier edges draw closer. Components are laid out one by one and packed, the largest in
 * the middle. The arithmetic is sums, products, quotients and roots in a fixed order: the
 * same bytes on any machine with IEEE doubles. Iterations are cut in proportion beyond
 * 5,000 nodes. Returns 0, LKS_EARGUMENT, LKS_EMEMORY. One thread.
 * Sources: Brandes and Pich, "Eigensolver methods for progressive multidimensional scaling"
 * (2007) for the start; Jacomy et al., "ForceAtlas2", PLoS ONE 9(6) (2014) for the forces;
 * Barnes and Hut, Nature 324 (1986) for their sums. */
int lks_layout(const struct lks_graph *graph, const struct lks_layout_options *options, double *x,
               double *y, struct lks_error *err);

#endif
