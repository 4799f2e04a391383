/* layout_start.c - a first layout by pivot MDS
 *
 * Forces alone untangle a large graph slowly and end in folds. Classical scaling of the
 * hop distances gives the large shape at once, and distances to a few pivots are enough:
 * C[v][p] is the squared distance of v to pivot p, double-centred; the two main directions
 * of C'C, found by power iteration, are the axes.
 *
 *   C: nodes x pivots, row by row      B = C'C: pivots x pivots
 *
 * Pivots are chosen far from each other: each next one is the node farthest from all
 * before. O(pivots (nodes + edges) + nodes pivots^2).
 *
 * Source: Brandes and Pich, "Eigensolver methods for progressive multidimensional scaling
 * of large data", Graph Drawing 2006.
 */
#include "graph/layout_parts.h"

#include <math.h>
#include <stdlib.h>

enum { PIVOTS_MAX = 50, PIVOTS_MIN = 10, POWER_ROUNDS = 60 };

/* More pivots than this many numbers hold are not worth their memory. */
#define NUMBERS_MAX 20000000u

static void breadth_first(const struct lks_layout_piece *piece, uint32_t root, uint32_t *distance,
                          uint32_t *queue)
{
    uint32_t head = 0, tail = 0;
    for (uint32_t v = 0; v < piece->nodes_count; v++)
        distance[v] = UINT32_MAX;
    distance[root] = 0;
    queue[tail++] = root;
    while (head < tail) {
        uint32_t v = queue[head++];
        for (uint64_t i = piece->first[v]; i < piece->first[v + 1]; i++) {
            if (distance[piece->target[i]] == UINT32_MAX) {
                distance[piece->target[i]] = distance[v] + 1;
                queue[tail++] = piece->target[i];
            }
        }
    }
}

/* Fills the columns of c with squared hop distances; nearest, distance, queue are scratch. */
static void measure(const struct lks_layout_piece *piece, uint32_t pivots, double *c,
                    uint32_t *nearest, uint32_t *distance, uint32_t *queue)
{
    uint32_t n = piece->nodes_count, pivot = 0;
    for (uint32_t v = 0; v < n; v++) {
        nearest[v] = UINT32_MAX;
        if (piece->first[v + 1] - piece->first[v] > piece->first[pivot + 1] - piece->first[pivot])
            pivot = v;
    }
    for (uint32_t p = 0; p < pivots; p++) {
        uint32_t farthest = 0;
        breadth_first(piece, pivot, distance, queue);
        for (uint32_t v = 0; v < n; v++) {
            c[(size_t)v * pivots + p] = (double)distance[v] * distance[v];
            if (distance[v] < nearest[v])
                nearest[v] = distance[v];
            if (nearest[v] > nearest[farthest])
                farthest = v;
        }
        pivot = farthest;
    }
}

/* Takes the mean of each row and column away and adds the mean of all. */
static void centre(double *c, uint32_t n, uint32_t pivots)
{
    double column[PIVOTS_MAX] = {0}, all = 0;
    for (uint32_t v = 0; v < n; v++) {
        for (uint32_t p = 0; p < pivots; p++)
            column[p] += c[(size_t)v * pivots + p];
    }
    for (uint32_t p = 0; p < pivots; p++) {
        column[p] /= n;
        all += column[p];
    }
    all /= pivots;
    for (uint32_t v = 0; v < n; v++) {
        double *row = c + (size_t)v * pivots, mean = 0;
        for (uint32_t p = 0; p < pivots; p++)
            mean += row[p];
        mean /= pivots;
        for (uint32_t p = 0; p < pivots; p++)
            row[p] = -0.5 * (row[p] - mean - column[p] + all);
    }
}

static void normalise(double *vector, uint32_t count)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += vector[i] * vector[i];
    for (uint32_t i = 0; sum > 0 && i < count; i++)
        vector[i] /= sqrt(sum);
}

/* The main direction of B that is orthogonal to `other` (NULL: none), by power iteration. */
static void main_direction(const double *b, uint32_t pivots, const double *other, double *out,
                           struct lks_rng *rng)
{
    double next[PIVOTS_MAX];
    for (uint32_t p = 0; p < pivots; p++)
        out[p] = lks_rng_unit(rng) - 0.5;
    for (int round = 0; round < POWER_ROUNDS; round++) {
        double dot = 0;
        for (uint32_t p = 0; other && p < pivots; p++)
            dot += out[p] * other[p];
        for (uint32_t p = 0; other && p < pivots; p++)
            out[p] -= dot * other[p];
        normalise(out, pivots);
        for (uint32_t p = 0; p < pivots; p++) {
            next[p] = 0;
            for (uint32_t q = 0; q < pivots; q++)
                next[p] += b[(size_t)p * pivots + q] * out[q];
        }
        for (uint32_t p = 0; p < pivots; p++)
            out[p] = next[p];
    }
    normalise(out, pivots);
}

/* Projects C on two directions; a little noise parts nodes at one place. */
static void project(struct lks_layout_piece *piece, const double *c, uint32_t pivots,
                    struct lks_rng *rng)
{
    double b[PIVOTS_MAX * PIVOTS_MAX] = {0}, one[PIVOTS_MAX], two[PIVOTS_MAX], spread = 0;
    uint32_t n = piece->nodes_count;
    for (uint32_t v = 0; v < n; v++) {
        const double *row = c + (size_t)v * pivots;
        for (uint32_t p = 0; p < pivots; p++) {
            for (uint32_t q = 0; q < pivots; q++)
                b[(size_t)p * pivots + q] += row[p] * row[q];
        }
    }
    main_direction(b, pivots, NULL, one, rng);
    main_direction(b, pivots, one, two, rng);
    for (uint32_t v = 0; v < n; v++) {
        const double *row = c + (size_t)v * pivots;
        piece->x[v] = piece->y[v] = 0;
        for (uint32_t p = 0; p < pivots; p++) {
            piece->x[v] += row[p] * one[p];
            piece->y[v] += row[p] * two[p];
        }
        spread += piece->x[v] * piece->x[v] + piece->y[v] * piece->y[v];
    }
    /* Root mean square distance from the middle: some root of the number of nodes. */
    double scale = spread > 0 ? 10 * sqrt(n / (spread / n)) : 1;
    for (uint32_t v = 0; v < n; v++) {
        piece->x[v] = piece->x[v] * scale + sqrt(n) * (lks_rng_unit(rng) - 0.5);
        piece->y[v] = piece->y[v] * scale + sqrt(n) * (lks_rng_unit(rng) - 0.5);
    }
}

int lks_layout_start(struct lks_layout_piece *piece, struct lks_rng *rng)
{
    uint32_t n = piece->nodes_count, pivots = NUMBERS_MAX / n;
    pivots = pivots > PIVOTS_MAX ? PIVOTS_MAX : pivots < PIVOTS_MIN ? PIVOTS_MIN : pivots;
    pivots = pivots > n ? n : pivots;
    double *c = malloc((size_t)n * pivots * sizeof *c);
    uint32_t *scratch = malloc((size_t)n * 3 * sizeof *scratch);
    int code = c && scratch ? 0 : LKS_EMEMORY;
    if (code == 0) {
        measure(piece, pivots, c, scratch, scratch + n, scratch + 2 * (size_t)n);
        centre(c, n, pivots);
        project(piece, c, pivots, rng);
    }
    free(c);
    free(scratch);
    return code;
}
