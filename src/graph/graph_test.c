/* graph_test.c - rows and components against slow definitions and igraph */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>
#include <igraph/igraph.h>

#include "graph/components.h"
#include "graph/graph.h"
#include "graph/test_graphs.h"

enum { SMALL = 16 };

/* Against a full matrix. Weights are small whole numbers, so sums are exact. */
static void rows_match_matrix(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        uint32_t n = (uint32_t)(1 + seed % SMALL);
        struct edge_list list = graph_random(n, seed % 41, 4, seed);
        double matrix[SMALL][SMALL] = {{0}}, total = 0;
        struct lks_graph graph;
        for (uint64_t i = 0; i < list.count; i++) {
            matrix[list.edges[i].a][list.edges[i].b] += list.edges[i].weight;
            matrix[list.edges[i].b][list.edges[i].a] += list.edges[i].weight;
            total += list.edges[i].weight;
        }
        assert_int_equal(lks_graph_build(&graph, n, list.edges, list.count, NULL), 0);
        assert_true(graph.weight_total == total);
        uint64_t at = 0;
        for (uint32_t v = 0; v < n; v++) {
            double strength = 0;
            assert_int_equal(graph.first[v], at);
            for (uint32_t u = 0; u < n; u++) {
                strength += matrix[v][u];
                if (u == v || matrix[v][u] == 0)
                    continue;
                assert_int_equal(graph.target[at], u);
                assert_true(graph.weight[at] == matrix[v][u]);
                at++;
            }
            assert_true(graph.loop[v] == matrix[v][v] / 2);
            assert_true(graph.strength[v] == strength);
        }
        assert_int_equal(graph.first[n], at);
        lks_graph_free(&graph);
        free(list.edges);
    }
}

static void refuses_bad_edges(void **state)
{
    (void)state;
    const struct lks_graph_edge bad[] = {{0, 3, 1},         {3, 0, 1},   {0, 1, 0},
                                         {0, 1, -1},        {0, 1, NAN}, {0, 1, INFINITY},
                                         {UINT32_MAX, 0, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct lks_graph graph;
        struct lks_error err = {0};
        assert_int_equal(lks_graph_build(&graph, 3, bad + i, 1, &err), LKS_EARGUMENT);
        assert_int_equal(err.code, LKS_EARGUMENT);
        assert_null(graph.first);
    }
    uint32_t component[3];
    assert_int_equal(lks_components(3, bad, 1, component, NULL, NULL), LKS_EARGUMENT);
}

static void components_match_igraph(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        uint32_t n = (uint32_t)(1 + seed % 200), count = 0;
        struct edge_list list = graph_random(n, seed % 233, 1, seed);
        uint32_t *component = malloc(n * sizeof *component);
        igraph_vector_int_t ends, membership;
        igraph_integer_t theirs_count;
        igraph_t theirs;
        igraph_vector_int_init(&ends, 0);
        igraph_vector_int_init(&membership, 0);
        for (uint64_t i = 0; i < list.count; i++) {
            igraph_vector_int_push_back(&ends, list.edges[i].a);
            igraph_vector_int_push_back(&ends, list.edges[i].b);
        }
        igraph_create(&theirs, &ends, n, IGRAPH_UNDIRECTED);
        igraph_connected_components(&theirs, &membership, NULL, &theirs_count, IGRAPH_WEAK);
        assert_int_equal(lks_components(n, list.edges, list.count, component, &count, NULL), 0);
        assert_int_equal(count, theirs_count);
        /* The same partition, and our ids rise with each component's smallest node. */
        uint32_t fresh = 0;
        for (uint32_t v = 0; v < n; v++) {
            uint32_t u = 0;
            while (VECTOR(membership)[u] != VECTOR(membership)[v])
                u++;
            assert_int_equal(component[v], u == v ? fresh : component[u]);
            fresh += u == v;
        }
        igraph_vector_int_destroy(&ends);
        igraph_vector_int_destroy(&membership);
        igraph_destroy(&theirs);
        free(component);
        free(list.edges);
    }
}

static void unions_start_again(void **state)
{
    (void)state;
    struct lks_unions unions;
    assert_int_equal(lks_unions_init(&unions, 5, NULL), 0);
    assert_int_equal(lks_unions_join(&unions, 4, 3), 3);
    assert_int_equal(lks_unions_join(&unions, 1, 4), 1);
    assert_int_equal(lks_unions_find(&unions, 4), 1);
    lks_unions_reset(&unions);
    assert_int_equal(lks_unions_find(&unions, 4), 4);
    lks_unions_free(&unions);
    assert_null(unions.parent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_match_matrix),
        cmocka_unit_test(refuses_bad_edges),
        cmocka_unit_test(components_match_igraph),
        cmocka_unit_test(unions_start_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
