/* fraudar_test.c - greedy peeling against its definition, and the answers that are known */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "graph/fraudar.h"

enum { ROWS = 6, COLUMNS = 6, SIDE = 500, CLIQUE = 20, NOISE = 499 };

static double weight_of(enum lks_fraudar_weight weight, int degree)
{
    return weight == LKS_FRAUDAR_LOG    ? 1 / log(degree + 5.0)
           : weight == LKS_FRAUDAR_SQRT ? 1 / sqrt(degree + 5.0)
                                        : 1;
}

/* The score of the rows and columns in a mask. */
static double mask_score(uint8_t has[ROWS][COLUMNS], const double *column_weight, unsigned mask)
{
    double sum = 0;
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLUMNS; c++)
            if (has[r][c] && mask >> r & 1 && mask >> (ROWS + c) & 1)
                sum += column_weight[c];
    return mask ? sum / __builtin_popcount(mask) : 0;
}

/* The best score on the way of peeling one node after the other, each time the one after whose
 * leaving most weight stays. */
static double peel_slowly(uint8_t has[ROWS][COLUMNS], const double *column_weight)
{
    unsigned mask = (1u << (ROWS + COLUMNS)) - 1;
    double best = mask_score(has, column_weight, mask);
    while (mask & (mask - 1)) {
        unsigned next = 0;
        double most = -1;
        for (int v = 0; v < ROWS + COLUMNS; v++) {
            unsigned rest = mask & ~(1u << v);
            if (rest == mask)
                continue;
            double stays = mask_score(has, column_weight, rest);
            if (stays > most + 1e-12) {
                most = stays;
                next = rest;
            }
        }
        mask = next;
        best = most > best ? most : best;
    }
    return best;
}

static void test_small_graphs(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 600; seed++) {
        struct lks_rng rng;
        uint8_t has[ROWS][COLUMNS] = {{0}}, row_in[ROWS], column_in[COLUMNS];
        struct lks_fraudar_edge edges[ROWS * COLUMNS];
        double column_weight[COLUMNS], score;
        size_t count = 0;
        unsigned mask = 0;
        lks_rng_init(&rng, 31, seed);
        uint64_t density = 1 + lks_rng_below(&rng, 9);
        enum lks_fraudar_weight weight = (enum lks_fraudar_weight)lks_rng_below(&rng, 3);
        for (uint32_t c = 0; c < COLUMNS; c++) {
            int degree = 0;
            for (uint32_t r = 0; r < ROWS; r++) {
                if (lks_rng_below(&rng, 10) >= density)
                    continue;
                has[r][c] = 1;
                degree++;
                edges[count++] = (struct lks_fraudar_edge){r, c};
            }
            column_weight[c] = weight_of(weight, degree);
        }
        assert_int_equal(
            lks_fraudar(ROWS, COLUMNS, edges, count, weight, row_in, column_in, &score, NULL), 0);
        for (int r = 0; r < ROWS; r++)
            mask |= (unsigned)row_in[r] << r;
        for (int c = 0; c < COLUMNS; c++)
            mask |= (unsigned)column_in[c] << (ROWS + c);
        assert_true(mask != 0);
        assert_true(fabs(score - mask_score(has, column_weight, mask)) < 1e-12);
        assert_true(fabs(score - peel_slowly(has, column_weight)) < 1e-9);
        double optimum = 0;
        for (unsigned m = 1; m < 1u << (ROWS + COLUMNS); m++)
            optimum = fmax(optimum, mask_score(has, column_weight, m));
        assert_true(score >= optimum / 2 - 1e-12);
    }
}

/* A clique of 20 x 20 among noise, as in the example that comes with FRAUDAR: it is found
 * whole and alone, with an average degree of 10, and with weights that follow from the degrees
 * of its columns. */
static void test_clique_in_noise(void **state)
{
    (void)state;
    static struct lks_fraudar_edge edges[CLIQUE * CLIQUE + NOISE];
    static uint8_t row_in[SIDE], column_in[SIDE];
    int degree[SIDE] = {0};
    struct lks_rng rng;
    size_t count = 0;
    lks_rng_init(&rng, 2016, 0);
    for (uint32_t r = 0; r < CLIQUE; r++)
        for (uint32_t c = 0; c < CLIQUE; c++)
            edges[count++] = (struct lks_fraudar_edge){r, c};
    while (count < CLIQUE * CLIQUE + NOISE) {
        struct lks_fraudar_edge edge = {(uint32_t)lks_rng_below(&rng, SIDE),
                                        (uint32_t)lks_rng_below(&rng, SIDE)};
        if (edge.row >= CLIQUE || edge.column >= CLIQUE)
            edges[count++] = edge;
    }
    for (size_t i = 0; i < count; i++)
        degree[edges[i].column]++;
    for (int weight = LKS_FRAUDAR_PLAIN; weight <= LKS_FRAUDAR_SQRT; weight++) {
        double score, wanted = 0;
        assert_int_equal(lks_fraudar(SIDE, SIDE, edges, count, (enum lks_fraudar_weight)weight,
                                     row_in, column_in, &score, NULL),
                         0);
        for (int i = 0; i < SIDE; i++) {
            assert_int_equal(row_in[i], i < CLIQUE);
            assert_int_equal(column_in[i], i < CLIQUE);
        }
        for (int c = 0; c < CLIQUE; c++)
            wanted += weight_of((enum lks_fraudar_weight)weight, degree[c]) / 2;
        assert_true(fabs(score - wanted) < 1e-9);
        if (weight == LKS_FRAUDAR_PLAIN)
            assert_true(score == 10);
    }
}

static void test_edges_of_the_domain(void **state)
{
    (void)state;
    struct lks_fraudar_edge edge = {2, 0};
    uint8_t in[4];
    double score;
    assert_int_equal(lks_fraudar(2, 2, &edge, 1, LKS_FRAUDAR_PLAIN, in, in, &score, NULL),
                     LKS_EARGUMENT);
    assert_int_equal(lks_fraudar(0, 0, NULL, 0, LKS_FRAUDAR_PLAIN, in, in, &score, NULL), 0);
    edge = (struct lks_fraudar_edge){0, 0};
    assert_int_equal(lks_fraudar(1, 1, &edge, 1, LKS_FRAUDAR_PLAIN, in, in + 1, &score, NULL), 0);
    assert_true(score == 0.5 && in[0] && in[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_graphs),
        cmocka_unit_test(test_clique_in_noise),
        cmocka_unit_test(test_edges_of_the_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
