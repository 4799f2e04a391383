/* leiden_test.c - Leiden and modularity against igraph, and what every answer must hold */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>
#include <igraph/igraph.h>

#include "graph/components.h"
#include "graph/leiden.h"
#include "graph/test_graphs.h"

struct oracle {
    igraph_t graph;
    igraph_vector_t weights;
};

static void oracle_make(struct oracle *o, const struct edge_list *list)
{
    igraph_vector_int_t ends;
    igraph_vector_int_init(&ends, 0);
    igraph_vector_init(&o->weights, 0);
    for (uint64_t i = 0; i < list->count; i++) {
        igraph_vector_int_push_back(&ends, list->edges[i].a);
        igraph_vector_int_push_back(&ends, list->edges[i].b);
        igraph_vector_push_back(&o->weights, list->edges[i].weight);
    }
    igraph_create(&o->graph, &ends, list->nodes_count, IGRAPH_UNDIRECTED);
    igraph_vector_int_destroy(&ends);
}

static void oracle_free(struct oracle *o)
{
    igraph_destroy(&o->graph);
    igraph_vector_destroy(&o->weights);
}

static double oracle_modularity(const struct oracle *o, const uint32_t *community, double gamma)
{
    igraph_vector_int_t membership;
    igraph_real_t q = 0;
    igraph_integer_t n = igraph_vcount(&o->graph);
    igraph_vector_int_init(&membership, n);
    for (igraph_integer_t v = 0; v < n; v++)
        VECTOR(membership)[v] = community[v];
    igraph_modularity(&o->graph, &membership, &o->weights, gamma, IGRAPH_UNDIRECTED, &q);
    igraph_vector_int_destroy(&membership);
    return q;
}

/* The best modularity of a few runs of igraph's Leiden, each until nothing changes. */
static double oracle_leiden(const struct oracle *o, double gamma, int runs)
{
    igraph_vector_t strength;
    igraph_vector_int_t membership;
    igraph_vector_init(&strength, 0);
    igraph_vector_int_init(&membership, 0);
    igraph_strength(&o->graph, &strength, igraph_vss_all(), IGRAPH_ALL, IGRAPH_LOOPS, &o->weights);
    double best = -1, m2 = igraph_vector_sum(&strength);
    for (int run = 0; run < runs; run++) {
        igraph_integer_t clusters;
        igraph_real_t quality, q;
        igraph_rng_seed(igraph_rng_default(), (igraph_uint_t)run + 1);
        igraph_community_leiden(&o->graph, &o->weights, &strength, gamma / m2, 0.01, 0, -1,
                                &membership, &clusters, &quality);
        igraph_modularity(&o->graph, &membership, &o->weights, gamma, IGRAPH_UNDIRECTED, &q);
        best = q > best ? q : best;
    }
    igraph_vector_destroy(&strength);
    igraph_vector_int_destroy(&membership);
    return best;
}

/* Ids dense by smallest node, every community connected, modularity as igraph counts it. */
static void check_partition(const struct edge_list *list, const struct oracle *o,
                            const uint32_t *community, uint32_t count, double q, double gamma)
{
    struct lks_unions unions;
    uint32_t *piece = malloc((list->nodes_count + 1) * sizeof *piece);
    assert_int_equal(lks_unions_init(&unions, list->nodes_count, NULL), 0);
    for (uint64_t i = 0; i < list->count; i++) {
        if (community[list->edges[i].a] == community[list->edges[i].b])
            lks_unions_join(&unions, list->edges[i].a, list->edges[i].b);
    }
    assert_int_equal(lks_unions_label(&unions, piece), count);
    assert_memory_equal(piece, community, list->nodes_count * sizeof *piece);
    assert_true(fabs(oracle_modularity(o, community, gamma) - q) < 1e-9);
    lks_unions_free(&unions);
    free(piece);
}

/* Runs both and compares; frees the list. */
static void compare(const char *name, struct edge_list list, double gamma)
{
    struct lks_graph graph;
    struct oracle o;
    uint32_t count = 0, again_count = 0;
    double q = 0, again_q = 0;
    struct lks_leiden_options options = lks_leiden_options_default();
    uint32_t *community = malloc(list.nodes_count * sizeof *community);
    uint32_t *again = malloc(list.nodes_count * sizeof *again);
    options.resolution = gamma;
    assert_int_equal(lks_graph_build(&graph, list.nodes_count, list.edges, list.count, NULL), 0);
    oracle_make(&o, &list);
    assert_int_equal(lks_leiden(&graph, &options, community, &count, &q, NULL), 0);
    check_partition(&list, &o, community, count, q, gamma);
    assert_int_equal(lks_leiden(&graph, &options, again, &again_count, &again_q, NULL), 0);
    assert_memory_equal(again, community, list.nodes_count * sizeof *again);
    assert_true(again_q == q && again_count == count);
    double theirs = oracle_leiden(&o, gamma, 3);
    print_message("%-14s gamma %.2f  %6u communities  Q %.5f  igraph %.5f\n", name, gamma, count, q,
                  theirs);
    assert_true(q >= theirs - 0.01 * fabs(theirs));
    free(community);
    free(again);
    free(list.edges);
    lks_graph_free(&graph);
    oracle_free(&o);
}

static struct edge_list karate(void)
{
    struct edge_list list = {0};
    igraph_t graph;
    igraph_famous(&graph, "Zachary");
    list.nodes_count = (uint32_t)igraph_vcount(&graph);
    for (igraph_integer_t i = 0; i < igraph_ecount(&graph); i++)
        edge_list_add(&list, (uint32_t)IGRAPH_FROM(&graph, i), (uint32_t)IGRAPH_TO(&graph, i), 1);
    igraph_destroy(&graph);
    return list;
}

static void karate_club(void **state)
{
    (void)state;
    for (int i = 1; i <= 4; i++)
        compare("karate", karate(), 0.5 * i);
}

static void seeded_graphs(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        compare("planted", graph_planted(20, 30, 8, 2, seed), 1);
        compare("planted loose", graph_planted(10, 100, 5, 4, seed), 1);
        compare("lfr 0.2", graph_lfr(2000, 0.2, seed), 1);
        compare("lfr 0.5", graph_lfr(2000, 0.5, seed), 1);
        compare("barabasi", graph_barabasi(2000, 3, seed), 1);
        compare("random", graph_random(1000, 3000, 5, seed), 1);
        compare("sparse", graph_random(2000, 1200, 5, seed), 1);
    }
    compare("clique ring", graph_clique_ring(30, 5), 1);
    compare("clique ring", graph_clique_ring(200, 8), 2);
}

/* Weights are rounded to whole units of 2m / 2^32: those that differ by twelve powers of ten
 * must still give good communities, and the smallest must not vanish. */
static void wild_weights(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct edge_list list = graph_planted(20, 30, 8, 2, seed);
        for (uint64_t i = 0; i < list.count; i++)
            list.edges[i].weight = pow(10, (double)(i * 7 % 13) - 9);
        compare("wild weights", list, 1);
        list = graph_planted(20, 30, 8, 2, seed);
        for (uint64_t i = 0; i < list.count; i++)
            list.edges[i].weight = i % 2 ? 1e30 : 1e-30;
        compare("wilder", list, 1);
    }
}

/* Thousands of little graphs: odd shapes, loops, parallels, edgeless nodes. */
static void little_graphs(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        uint32_t n = (uint32_t)(1 + seed % 12);
        struct edge_list list = graph_random(n, seed % 31, 3, seed);
        struct lks_graph graph;
        struct oracle o;
        uint32_t community[12], count;
        double q;
        struct lks_leiden_options options = lks_leiden_options_default();
        options.seed = seed;
        options.resolution = (double)(seed % 4) / 2;
        assert_int_equal(lks_graph_build(&graph, n, list.edges, list.count, NULL), 0);
        assert_int_equal(lks_leiden(&graph, &options, community, &count, &q, NULL), 0);
        if (list.count) {
            oracle_make(&o, &list);
            check_partition(&list, &o, community, count, q, options.resolution);
            oracle_free(&o);
        } else {
            assert_true(q == 0 && count == n);
        }
        lks_graph_free(&graph);
        free(list.edges);
    }
}

/* The best partition of all, by trying every one: Leiden must come near on 8 nodes. */
static double best_of_all(const struct lks_graph *graph)
{
    uint32_t community[8] = {0}, high[8] = {0};
    uint32_t n = graph->nodes_count;
    double best = -1, q;
    for (;;) {
        lks_modularity(graph, community, n, 1, &q, NULL);
        best = q > best ? q : best;
        uint32_t at = n;
        while (at > 1 && community[at - 1] > high[at - 2])
            at--;
        if (at == 1)
            return best;
        community[--at]++;
        for (uint32_t i = at; i < n; i++) {
            if (i > at)
                community[i] = 0;
            high[i] = community[i] > high[i - 1] ? community[i] : high[i - 1];
        }
    }
}

static void near_the_optimum(void **state)
{
    (void)state;
    double sum = 0, best_sum = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct edge_list list = graph_random(8, 14, 2, seed + 5000);
        struct lks_graph graph;
        uint32_t community[8];
        double q, best;
        struct lks_leiden_options options = lks_leiden_options_default();
        assert_int_equal(lks_graph_build(&graph, 8, list.edges, list.count, NULL), 0);
        assert_int_equal(lks_leiden(&graph, &options, community, NULL, &q, NULL), 0);
        best = best_of_all(&graph);
        assert_true(q <= best + 1e-12);
        sum += q;
        best_sum += best;
        lks_graph_free(&graph);
        free(list.edges);
    }
    print_message("little graphs: Q %.4f of at most %.4f\n", sum / 100, best_sum / 100);
    assert_true(sum >= 0.97 * best_sum);
}

/* When an iteration has changed nothing, no move of one node, also to a community of its
 * own, raises the modularity. */
static void no_single_move_helps(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct edge_list list = graph_random(30, 60, 3, seed + 9000);
        struct lks_graph graph;
        uint32_t community[30], count;
        double q, moved_q;
        struct lks_leiden_options options = lks_leiden_options_default();
        options.iterations_max = 1000;
        assert_int_equal(lks_graph_build(&graph, 30, list.edges, list.count, NULL), 0);
        assert_int_equal(lks_leiden(&graph, &options, community, &count, &q, NULL), 0);
        for (uint32_t v = 0; v < 30; v++) {
            uint32_t own = community[v];
            for (uint32_t c = 0; c <= count; c++) {
                community[v] = c;
                assert_int_equal(lks_modularity(&graph, community, count + 1, 1, &moved_q, NULL),
                                 0);
                assert_true(moved_q <= q + 1e-9);
            }
            community[v] = own;
        }
        lks_graph_free(&graph);
        free(list.edges);
    }
}

static void refuses_bad_options(void **state)
{
    (void)state;
    struct lks_error err = {0};
    struct lks_leiden_options options = lks_leiden_options_default();
    options.resolution = NAN;
    assert_int_equal(lks_leiden_options_check(&options, &err), LKS_EARGUMENT);
    options = lks_leiden_options_default();
    options.randomness = 0;
    assert_int_equal(lks_leiden_options_check(&options, NULL), LKS_EARGUMENT);
    options = lks_leiden_options_default();
    options.iterations_max = 0;
    assert_int_equal(lks_leiden_options_check(&options, NULL), LKS_EARGUMENT);
}

static void empty_graph(void **state)
{
    (void)state;
    struct lks_graph graph;
    struct lks_leiden_options options = lks_leiden_options_default();
    uint32_t community[1], count = 7;
    double q = 7;
    assert_int_equal(lks_graph_build(&graph, 0, NULL, 0, NULL), 0);
    assert_int_equal(lks_leiden(&graph, &options, community, &count, &q, NULL), 0);
    assert_true(count == 0 && q == 0);
    lks_graph_free(&graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(karate_club),         cmocka_unit_test(seeded_graphs),
        cmocka_unit_test(little_graphs),       cmocka_unit_test(near_the_optimum),
        cmocka_unit_test(refuses_bad_options), cmocka_unit_test(no_single_move_helps),
        cmocka_unit_test(empty_graph),         cmocka_unit_test(wild_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
