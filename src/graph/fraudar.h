/* fraudar.h - the densest block of a two-sided graph, weighted against camouflage */
#ifndef LKS_GRAPH_FRAUDAR_H
#define LKS_GRAPH_FRAUDAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Row acted on column: an account on an object. */
struct lks_fraudar_edge {
    uint32_t row, column;
};

/* What an edge weighs, by the degree d of its column: popular columns, with which fraud
 * hides among the crowd, weigh less. */
enum lks_fraudar_weight {
    LKS_FRAUDAR_PLAIN, /* 1: the score is the average degree */
    LKS_FRAUDAR_LOG,   /* 1 / ln(d + 5) */
    LKS_FRAUDAR_SQRT   /* 1 / sqrt(d + 5) */
};

/* Peels rows and columns off, always the one that loses least weight (ties: a row before a
 * column, then the smaller index), and returns the set met on the way whose weight divided by
 * its number of rows and columns is largest; the fullest such set if several are. row_in
 * [rows_count] and column_in [columns_count] become 1 for its members, *score_out its score. The score is at
 * least half of the best that any set has. Edges in any order; parallel ones add up. Returns
 * 0, LKS_EARGUMENT for an edge out of range, LKS_EMEMORY. O(edges log nodes), one thread.
 * Source: Hooi, Song, Beutel, Shah, Shin and Faloutsos, "FRAUDAR: bounding graph fraud in the
 * face of camouflage", KDD 2016, algorithm 1; c = 5 as there. */
int lks_fraudar(uint32_t rows_count, uint32_t columns_count, const struct lks_fraudar_edge *edges,
                size_t edges_count, enum lks_fraudar_weight weight, uint8_t *row_in,
                uint8_t *column_in, double *score_out, struct lks_error *err);

#endif
