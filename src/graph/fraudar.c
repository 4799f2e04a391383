/* fraudar.c - the densest block of a two-sided graph, weighted against camouflage
 *
 * Rows and columns are nodes 0 .. n - 1 of one list, rows first. A complete binary tree over
 * them holds in each inner place the node below it that loses least weight, so that the next
 * to go is at the top and a change costs the way up:
 *
 *              [1] least of all
 *         [2]            [3]                 leaves: node v is place size + v
 *      [4]   [5]      [6]   [7]
 *
 * Peeling only writes down the order; the best prefix is known at the end, and its score is
 * added up again from the edges, so that no error of many subtractions stays in it. */
#include "graph/fraudar.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct peeling {
    uint32_t rows_count, nodes_count;
    size_t *start;       /* [nodes_count + 1] into neighbour */
    uint32_t *neighbour; /* [2 * edges] */
    double *column_weight;
    double *loss;    /* [nodes_count] weight that goes with the node; infinite once gone */
    uint32_t *tree;  /* [2 * size] */
    size_t size;     /* leaves: a power of two */
    uint32_t *order; /* [nodes_count] as they went */
};

static int peeling_alloc(struct peeling *p, size_t edges_count, uint32_t columns_count)
{
    for (p->size = 1; p->size < p->nodes_count; p->size *= 2)
        ;
    p->start = calloc((size_t)p->nodes_count + 2, sizeof *p->start);
    p->neighbour = calloc(2 * edges_count + 1, sizeof *p->neighbour);
    p->column_weight = calloc((size_t)columns_count + 1, sizeof *p->column_weight);
    p->loss = calloc((size_t)p->nodes_count + 1, sizeof *p->loss);
    p->tree = calloc(2 * p->size, sizeof *p->tree);
    p->order = calloc((size_t)p->nodes_count + 1, sizeof *p->order);
    return p->start && p->neighbour && p->column_weight && p->loss && p->tree && p->order
               ? 0
               : LKS_EMEMORY;
}

static void peeling_free(struct peeling *p)
{
    free(p->start);
    free(p->neighbour);
    free(p->column_weight);
    free(p->loss);
    free(p->tree);
    free(p->order);
}

static double column_weight(enum lks_fraudar_weight weight, size_t degree)
{
    switch (weight) {
    case LKS_FRAUDAR_LOG:
        return 1 / log((double)degree + 5);
    case LKS_FRAUDAR_SQRT:
        return 1 / sqrt((double)degree + 5);
    default:
        return 1;
    }
}

static void neighbours_fill(struct peeling *p, const struct lks_fraudar_edge *edges,
                            size_t edges_count, uint32_t columns_count,
                            enum lks_fraudar_weight weight)
{
    /* Counted one place further, so that filling leaves start[] where it belongs. */
    for (size_t i = 0; i < edges_count; i++) {
        p->start[edges[i].row + 2]++;
        p->start[p->rows_count + edges[i].column + 2]++;
    }
    for (uint32_t c = 0; c < columns_count; c++)
        p->column_weight[c] = column_weight(weight, p->start[p->rows_count + c + 2]);
    for (size_t v = 0; v < p->nodes_count; v++)
        p->start[v + 1] += p->start[v];
    for (size_t i = 0; i < edges_count; i++) {
        uint32_t row = edges[i].row, column = p->rows_count + edges[i].column;
        p->neighbour[p->start[row + 1]++] = column;
        p->neighbour[p->start[column + 1]++] = row;
        p->loss[row] += p->column_weight[edges[i].column];
        p->loss[column] += p->column_weight[edges[i].column];
    }
}

static uint32_t lesser(const struct peeling *p, uint32_t left, uint32_t right)
{
    if (right >= p->nodes_count)
        return left;
    return p->loss[left] <= p->loss[right] ? left : right;
}

static void tree_update(struct peeling *p, uint32_t node)
{
    for (size_t at = (p->size + node) / 2; at > 0; at /= 2)
        p->tree[at] = lesser(p, p->tree[2 * at], p->tree[2 * at + 1]);
}

/* Peels everything; returns how many were gone when the average was best. */
static uint32_t peel(struct peeling *p)
{
    double sum = 0, best;
    uint32_t best_gone = 0;
    for (size_t v = 0; v < p->size; v++)
        p->tree[p->size + v] = (uint32_t)v; /* those beyond the last node never win */
    for (size_t at = p->size - 1; at > 0; at--)
        p->tree[at] = lesser(p, p->tree[2 * at], p->tree[2 * at + 1]);
    for (uint32_t v = 0; v < p->rows_count; v++)
        sum += p->loss[v];
    best = sum / p->nodes_count;
    for (uint32_t gone = 0; gone < p->nodes_count; gone++) {
        uint32_t node = p->tree[1];
        sum -= p->loss[node];
        p->order[gone] = node;
        p->loss[node] = INFINITY;
        tree_update(p, node);
        for (size_t i = p->start[node]; i < p->start[node + 1]; i++) {
            uint32_t other = p->neighbour[i];
            uint32_t column = (other < p->rows_count ? node : other) - p->rows_count;
            if (isinf(p->loss[other]))
                continue;
            p->loss[other] -= p->column_weight[column];
            tree_update(p, other);
        }
        uint32_t left = p->nodes_count - gone - 1;
        if (left && sum / left > best) {
            best = sum / left;
            best_gone = gone + 1;
        }
    }
    return best_gone;
}

static void answer(const struct peeling *p, const struct lks_fraudar_edge *edges,
                   size_t edges_count, uint32_t gone, uint8_t *row_in, uint8_t *column_in,
                   double *score_out)
{
    double sum = 0;
    memset(row_in, 1, p->rows_count);
    memset(column_in, 1, p->nodes_count - p->rows_count);
    for (uint32_t i = 0; i < gone; i++) {
        uint32_t node = p->order[i];
        if (node < p->rows_count)
            row_in[node] = 0;
        else
            column_in[node - p->rows_count] = 0;
    }
    for (size_t i = 0; i < edges_count; i++)
        if (row_in[edges[i].row] && column_in[edges[i].column])
            sum += p->column_weight[edges[i].column];
    *score_out = sum / (p->nodes_count - gone);
}

int lks_fraudar(uint32_t rows_count, uint32_t columns_count, const struct lks_fraudar_edge *edges,
                size_t edges_count, enum lks_fraudar_weight weight, uint8_t *row_in,
                uint8_t *column_in, double *score_out, struct lks_error *err)
{
    struct peeling p = {.rows_count = rows_count};
    *score_out = 0;
    if (rows_count > UINT32_MAX / 2 || columns_count > UINT32_MAX / 2)
        return lks_error_set(err, LKS_EARGUMENT, "too many rows or columns");
    for (size_t i = 0; i < edges_count; i++)
        if (edges[i].row >= rows_count || edges[i].column >= columns_count)
            return lks_error_set(err, LKS_EARGUMENT, "edge %zu is out of range", i);
    p.nodes_count = rows_count + columns_count;
    if (p.nodes_count == 0)
        return 0;
    if (peeling_alloc(&p, edges_count, columns_count) < 0) {
        peeling_free(&p);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the densest block");
    }
    neighbours_fill(&p, edges, edges_count, columns_count, weight);
    uint32_t gone = peel(&p);
    answer(&p, edges, edges_count, gone, row_in, column_in, score_out);
    peeling_free(&p);
    return 0;
}
