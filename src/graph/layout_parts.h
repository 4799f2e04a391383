/* layout_parts.h - the steps of layout.c: start, forces, packing */
#ifndef LKS_GRAPH_LAYOUT_PARTS_H
#define LKS_GRAPH_LAYOUT_PARTS_H

#include "base/rng.h"
#include "graph/layout.h"

/* One component with its own node numbers 0 .. nodes_count - 1. */
struct lks_layout_piece {
    uint32_t nodes_count;
    uint64_t *first;  /* [nodes_count + 1] */
    uint32_t *target; /* [first[nodes_count]] */
    double *weight;   /* pull of an edge, about 1 */
    double *x, *y;    /* [nodes_count] */
};

/* Fills x and y by pivot MDS, at a scale fit for the forces. 0 or LKS_EMEMORY. */
int lks_layout_start(struct lks_layout_piece *piece, struct lks_rng *rng);
/* Moves x and y by forces for some iterations. 0 or LKS_EMEMORY. */
int lks_layout_force(struct lks_layout_piece *piece, const struct lks_layout_options *options,
                     uint32_t iterations);
/* A box of cells and the place of its corner. */
struct lks_layout_box {
    uint32_t wide, tall; /* above 0 */
    int32_t left, top;
};

/* Places boxes without overlap, in the order given, each as near to the middle as there is
 * room. 0 or LKS_EMEMORY. */
int lks_layout_pack(struct lks_layout_box *boxes, uint32_t count);

#endif
