/* leiden_bench.c - communities, components and layout: how fast, and igraph beside them
 *
 *   leiden_bench [--tiny]
 *
 * Each row is one seeded graph; both run two iterations on one thread, the better of three
 * runs counts, building the graph left out on both sides. Edges are distinct ones. --tiny
 * is for the test run: small graphs, and it fails if the modularity falls short of igraph's.
 */
#include <igraph/igraph.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "graph/components.h"
#include "graph/layout.h"
#include "graph/leiden.h"
#include "graph/test_graphs.h"

enum { RUNS = 3 };

struct measure {
    double seconds, modularity;
};

static struct measure ours_leiden(const struct lks_graph *graph, uint32_t *community)
{
    struct lks_leiden_options options = lks_leiden_options_default();
    struct measure best = {1e9, 0};
    options.iterations_max = 2;
    for (int run = 0; run < RUNS; run++) {
        double start = lks_clock_seconds(), q = 0;
        LKS_ASSERT(lks_leiden(graph, &options, community, NULL, &q, NULL) == 0);
        double seconds = lks_clock_seconds() - start;
        if (seconds < best.seconds)
            best = (struct measure){seconds, q};
    }
    return best;
}

/* igraph's graph of our rows, so that both have parallel edges merged. */
static void theirs_build(const struct lks_graph *graph, igraph_t *out, igraph_vector_t *weights)
{
    igraph_vector_int_t ends;
    igraph_vector_int_init(&ends, 0);
    igraph_vector_init(weights, 0);
    for (uint32_t v = 0; v < graph->nodes_count; v++) {
        for (uint64_t i = graph->first[v]; i < graph->first[v + 1]; i++) {
            if (graph->target[i] < v)
                continue;
            igraph_vector_int_push_back(&ends, v);
            igraph_vector_int_push_back(&ends, graph->target[i]);
            igraph_vector_push_back(weights, graph->weight[i]);
        }
    }
    igraph_create(out, &ends, graph->nodes_count, IGRAPH_UNDIRECTED);
    igraph_vector_int_destroy(&ends);
}

static struct measure theirs_leiden(const igraph_t *graph, const igraph_vector_t *weights, int runs)
{
    igraph_vector_t strength;
    igraph_vector_int_t membership;
    struct measure best = {1e9, 0};
    igraph_vector_init(&strength, 0);
    igraph_vector_int_init(&membership, 0);
    igraph_strength(graph, &strength, igraph_vss_all(), IGRAPH_ALL, IGRAPH_LOOPS, weights);
    for (int run = 0; run < runs; run++) {
        igraph_integer_t clusters;
        igraph_real_t quality, q;
        double start = lks_clock_seconds();
        igraph_rng_seed(igraph_rng_default(), (igraph_uint_t)run + 1);
        igraph_community_leiden(graph, weights, &strength, 1 / igraph_vector_sum(&strength), 0.01,
                                0, 2, &membership, &clusters, &quality);
        double seconds = lks_clock_seconds() - start;
        igraph_modularity(graph, &membership, weights, 1, IGRAPH_UNDIRECTED, &q);
        if (seconds < best.seconds)
            best = (struct measure){seconds, q};
    }
    igraph_vector_destroy(&strength);
    igraph_vector_int_destroy(&membership);
    return best;
}

static double ours_components(const struct edge_list *list, uint32_t *component)
{
    double best = 1e9;
    for (int run = 0; run < RUNS; run++) {
        double start = lks_clock_seconds();
        LKS_ASSERT(lks_components(list->nodes_count, list->edges, list->count, component, NULL,
                                  NULL) == 0);
        double seconds = lks_clock_seconds() - start;
        best = seconds < best ? seconds : best;
    }
    return best;
}

static double theirs_components(const igraph_t *graph)
{
    igraph_vector_int_t membership;
    igraph_integer_t count;
    igraph_vector_int_init(&membership, 0);
    double start = lks_clock_seconds();
    igraph_connected_components(graph, &membership, NULL, &count, IGRAPH_WEAK);
    double seconds = lks_clock_seconds() - start;
    igraph_vector_int_destroy(&membership);
    return seconds;
}

/* Runs one graph and frees it; returns 0 if the modularity is within 1 % of igraph's. */
static int bench(const char *name, struct edge_list list, int tiny)
{
    struct lks_graph graph;
    igraph_t theirs;
    igraph_vector_t weights;
    uint32_t *ids = malloc(list.nodes_count * sizeof *ids);
    LKS_ASSERT(ids && lks_graph_build(&graph, list.nodes_count, list.edges, list.count, NULL) == 0);
    theirs_build(&graph, &theirs, &weights);
    double edges = (double)igraph_ecount(&theirs) / 1e6;
    struct measure a = ours_leiden(&graph, ids);
    struct measure b = theirs_leiden(&theirs, &weights, tiny ? RUNS : 1);
    double c = ours_components(&list, ids), d = theirs_components(&theirs);
    printf(
        "%-10s %8u nodes %6.2f M edges | leiden %6.2f M edges/s Q %.4f, igraph %5.2f M/s Q %.4f | "
        "components %6.1f M edges/s, igraph %5.1f\n",
        name, list.nodes_count, edges, edges / a.seconds, a.modularity, edges / b.seconds,
        b.modularity, (double)list.count / 1e6 / c, edges / d);
    fflush(stdout);
    igraph_destroy(&theirs);
    igraph_vector_destroy(&weights);
    lks_graph_free(&graph);
    free(list.edges);
    free(ids);
    return a.modularity < 0.99 * b.modularity;
}

static void bench_layout(const char *name, struct edge_list list)
{
    struct lks_graph graph;
    struct lks_layout_options options = lks_layout_options_default();
    double *x = malloc(2 * list.nodes_count * sizeof *x);
    LKS_ASSERT(x && lks_graph_build(&graph, list.nodes_count, list.edges, list.count, NULL) == 0);
    double start = lks_clock_seconds();
    LKS_ASSERT(lks_layout(&graph, &options, x, x + list.nodes_count, NULL) == 0);
    printf("%-10s %8u nodes %6.2f M edges | layout %.2f s\n", name, list.nodes_count,
           (double)graph.first[list.nodes_count] / 2e6, lks_clock_seconds() - start);
    lks_graph_free(&graph);
    free(list.edges);
    free(x);
}

int main(int argc, char **argv)
{
    int tiny = argc > 1 && strcmp(argv[1], "--tiny") == 0, worse = 0;
    uint32_t n = tiny ? 2000 : 200000;
    worse |= bench("planted", graph_planted(n / 50, 50, 8, 2, 1), tiny);
    worse |= bench("lfr 0.3", graph_lfr(n, 0.3, 1), tiny);
    worse |= bench("barabasi", graph_barabasi(n, 5, 1), tiny);
    worse |= bench("rings", graph_clique_ring(n / 10, 10), tiny);
    bench_layout("lfr 0.1", graph_lfr(tiny ? 500 : 5000, 0.1, 1));
    bench_layout("sparse", graph_random(tiny ? 500 : 5000, tiny ? 300 : 3000, 1, 1));
    if (!tiny)
        bench_layout("lfr 0.1", graph_lfr(50000, 0.1, 1));
    return worse;
}
