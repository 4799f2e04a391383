/* leiden_bench.c - communities, components and layout: how fast, and igraph beside them
 *
 *   leiden_bench [--tiny] [--edges N] [--graph NAME] [--alone]
 *
 * Each row is one seeded graph of about N edges (default 100 thousand, 1 and 10 million); both
 * run two iterations on one thread, seconds are CPU seconds, the better of three runs counts
 * (one for igraph), building the graph left out on both sides. Edges are distinct ones. Ours
 * includes the connected components and the modularity at the end. --alone leaves igraph out.
 * --tiny is for the test run: small graphs, and it fails if the modularity falls short of
 * igraph's.
 */
#include <igraph/igraph.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "gen_graphs.h"
#include "graph/components.h"
#include "graph/layout.h"
#include "graph/leiden.h"

enum { RUNS = 3 };

struct measure {
    double seconds, modularity;
};

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static struct measure ours_leiden(const struct lks_graph *graph, uint32_t iterations,
                                  uint32_t *community)
{
    struct lks_leiden_options options = lks_leiden_options_default();
    struct measure best = {1e9, 0};
    options.iterations_max = iterations;
    for (int run = 0; run < RUNS; run++) {
        double start = cpu_seconds(), q = 0;
        LKS_ASSERT(lks_leiden(graph, &options, community, NULL, &q, NULL) == 0);
        double seconds = cpu_seconds() - start;
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

static struct measure theirs_leiden(const igraph_t *graph, const igraph_vector_t *weights,
                                    uint32_t iterations, int runs)
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
        double start = cpu_seconds();
        igraph_rng_seed(igraph_rng_default(), (igraph_uint_t)run + 1);
        igraph_community_leiden(graph, weights, &strength, 1 / igraph_vector_sum(&strength), 0.01,
                                0, iterations, &membership, &clusters, &quality);
        double seconds = cpu_seconds() - start;
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
        double start = cpu_seconds();
        LKS_ASSERT(lks_components(list->nodes_count, list->edges, list->count, component, NULL,
                                  NULL) == 0);
        double seconds = cpu_seconds() - start;
        best = seconds < best ? seconds : best;
    }
    return best;
}

static double theirs_components(const igraph_t *graph)
{
    igraph_vector_int_t membership;
    igraph_integer_t count;
    igraph_vector_int_init(&membership, 0);
    double start = cpu_seconds();
    igraph_connected_components(graph, &membership, NULL, &count, IGRAPH_WEAK);
    double seconds = cpu_seconds() - start;
    igraph_vector_int_destroy(&membership);
    return seconds;
}

/* What to do with each graph. */
struct bench {
    int tiny, alone;
    const char *only; /* a graph's name, or NULL for all */
    uint64_t edges_count;
};

/* Runs one graph and frees it; returns 0 if the modularity is within 1 % of igraph's. */
static int row(const struct bench *bench, const char *name, struct edge_list list)
{
    struct lks_graph graph;
    igraph_t theirs;
    igraph_vector_t weights;
    struct measure b = {0};
    /* Two iterations of a small graph are a matter of luck. */
    uint32_t iterations = bench->tiny ? 10 : 2;
    double d = 0;
    uint32_t *ids = malloc(list.nodes_count * sizeof *ids);
    LKS_ASSERT(ids && lks_graph_build(&graph, list.nodes_count, list.edges, list.count, NULL) == 0);
    double edges = (double)graph.first[graph.nodes_count] / 2e6;
    struct measure a = ours_leiden(&graph, iterations, ids);
    double c = ours_components(&list, ids);
    printf("%-9s %8u nodes %6.2f M edges | leiden %6.2f M edges/s Q %.4f", name, list.nodes_count,
           edges, edges / a.seconds, a.modularity);
    fflush(stdout);
    if (!bench->alone) {
        theirs_build(&graph, &theirs, &weights);
        b = theirs_leiden(&theirs, &weights, iterations, bench->tiny ? RUNS : 1);
        d = theirs_components(&theirs);
        printf(", igraph %5.2f Q %.4f", edges / b.seconds, b.modularity);
        igraph_destroy(&theirs);
        igraph_vector_destroy(&weights);
    }
    printf(" | components %6.1f M edges/s", (double)list.count / 1e6 / c);
    if (!bench->alone)
        printf(", igraph %5.1f", edges / d);
    printf("\n");
    fflush(stdout);
    lks_graph_free(&graph);
    free(list.edges);
    free(ids);
    return a.modularity < 0.99 * b.modularity;
}

static struct edge_list make(const char *name, uint64_t edges_count)
{
    uint32_t n = (uint32_t)(edges_count / 10 / 50 + 1) * 50;
    unsigned scale = 4;
    while (16ull << scale < edges_count)
        scale++;
    if (strcmp(name, "planted") == 0)
        return graph_planted(n / 50, 50, 8, 2, 1);
    if (strcmp(name, "lfr") == 0)
        return graph_lfr(n, 0.3, 1);
    if (strcmp(name, "barabasi") == 0)
        return graph_barabasi(2 * n, 5, 1);
    if (strcmp(name, "rings") == 0)
        return graph_clique_ring(n / 4, 10);
    if (strcmp(name, "rmat") == 0)
        return graph_rmat(scale, edges_count, 1);
    if (strcmp(name, "near") == 0)
        return graph_near((uint32_t)(edges_count / 4), 1);
    /* Events that give about so many edges, found by trying. */
    double events = 1840 * pow((double)edges_count, 0.4);
    return graph_coaction((size_t)events, 1, 1);
}

static int all_graphs(const struct bench *bench)
{
    static const char *const names[] = {"planted", "lfr",  "barabasi", "rings",
                                        "rmat",    "near", "coaction"};
    int worse = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!bench->only || strcmp(bench->only, names[i]) == 0)
            worse |= row(bench, names[i], make(names[i], bench->edges_count));
    }
    return worse;
}

static void bench_layout(const char *name, struct edge_list list)
{
    struct lks_graph graph;
    struct lks_layout_options options = lks_layout_options_default();
    double *x = malloc(2 * list.nodes_count * sizeof *x);
    LKS_ASSERT(x && lks_graph_build(&graph, list.nodes_count, list.edges, list.count, NULL) == 0);
    double start = cpu_seconds();
    LKS_ASSERT(lks_layout(&graph, &options, x, x + list.nodes_count, NULL) == 0);
    printf("%-10s %8u nodes %6.2f M edges | layout %.2f s\n", name, list.nodes_count,
           (double)graph.first[list.nodes_count] / 2e6, cpu_seconds() - start);
    lks_graph_free(&graph);
    free(list.edges);
    free(x);
}

int main(int argc, char **argv)
{
    struct bench bench = {0};
    int worse = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--tiny") == 0)
            bench.tiny = 1;
        else if (strcmp(argv[i], "--alone") == 0)
            bench.alone = 1;
        else if (i + 1 < argc && strcmp(argv[i], "--edges") == 0)
            bench.edges_count = strtoull(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--graph") == 0)
            bench.only = argv[++i];
    }
    if (bench.tiny || bench.edges_count) {
        bench.edges_count = bench.tiny ? 20000 : bench.edges_count;
        worse = all_graphs(&bench);
    } else {
        for (bench.edges_count = 100000; bench.edges_count <= 10000000; bench.edges_count *= 10)
            worse |= all_graphs(&bench);
    }
    if (bench.only)
        return worse;
    int tiny = bench.tiny;
    bench_layout("lfr 0.1", graph_lfr(tiny ? 500 : 5000, 0.1, 1));
    bench_layout("sparse", graph_random(tiny ? 500 : 5000, tiny ? 300 : 3000, 1, 1));
    if (!tiny && !bench.edges_count)
        bench_layout("lfr 0.1", graph_lfr(50000, 0.1, 1));
    return worse;
}
