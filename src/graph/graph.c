/* graph.c - an undirected weighted graph as compressed rows
 *
 * Two counting sorts put the 2E arcs into rows whose targets rise: first by target, then,
 * stably, by source. A stable sort keeps parallel arcs in the order in which their edges
 * came, so their weights are added in one order whatever the machine.
 */
#include "graph/graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct arc {
    uint32_t from, to;
    double weight;
};

static int check_edges(uint32_t nodes_count, const struct lks_graph_edge *edges,
                       uint64_t edges_count, struct lks_error *err)
{
    for (uint64_t i = 0; i < edges_count; i++) {
        if (edges[i].a >= nodes_count || edges[i].b >= nodes_count)
            return lks_error_set(err, LKS_EARGUMENT, "graph: edge %llu names a node out of range",
                                 (unsigned long long)i);
        if (!isfinite(edges[i].weight) || edges[i].weight <= 0)
            return lks_error_set(err, LKS_EARGUMENT,
                                 "graph: edge %llu has a weight that is not positive",
                                 (unsigned long long)i);
    }
    return 0;
}

/* Turns counts into starts: the start of v in first[v], the end in first[nodes_count]. */
static void counts_to_starts(uint64_t *first, uint32_t nodes_count)
{
    uint64_t sum = 0;
    for (uint32_t v = 0; v <= nodes_count; v++) {
        uint64_t count = first[v];
        first[v] = sum;
        sum += count;
    }
}

/* Stable counting sort of the arcs of edges by target; loops are left to graph->loop. */
static void arcs_by_target(struct lks_graph *graph, const struct lks_graph_edge *edges,
                           uint64_t edges_count, uint64_t *place, struct arc *arcs)
{
    for (uint64_t i = 0; i < edges_count; i++) {
        uint32_t a = edges[i].a, b = edges[i].b;
        if (a == b) {
            graph->loop[a] += edges[i].weight;
            continue;
        }
        arcs[place[b]++] = (struct arc){a, b, edges[i].weight};
        arcs[place[a]++] = (struct arc){b, a, edges[i].weight};
    }
}

/* Adds up equal neighbours inside each row and closes the gaps. */
static void merge_parallel(struct lks_graph *graph)
{
    uint64_t out = 0, at = 0;
    for (uint32_t v = 0; v < graph->nodes_count; v++) {
        uint64_t end = graph->first[v + 1], start = out;
        for (; at < end; at++) {
            if (out > start && graph->target[out - 1] == graph->target[at]) {
                graph->weight[out - 1] += graph->weight[at];
            } else {
                graph->target[out] = graph->target[at];
                graph->weight[out++] = graph->weight[at];
            }
        }
        graph->first[v] = start;
    }
    graph->first[graph->nodes_count] = out;
}

static void sum_strengths(struct lks_graph *graph)
{
    double twice = 0;
    for (uint32_t v = 0; v < graph->nodes_count; v++) {
        double sum = 2 * graph->loop[v];
        for (uint64_t i = graph->first[v]; i < graph->first[v + 1]; i++)
            sum += graph->weight[i];
        graph->strength[v] = sum;
        twice += sum;
    }
    graph->weight_total = twice / 2;
}

static int allocate(struct lks_graph *graph, uint64_t arcs_count)
{
    size_t nodes = (size_t)graph->nodes_count + 1;
    graph->first = calloc(nodes, sizeof *graph->first);
    graph->loop = calloc(nodes, sizeof *graph->loop);
    graph->strength = calloc(nodes, sizeof *graph->strength);
    graph->target = malloc((arcs_count + 1) * sizeof *graph->target);
    graph->weight = malloc((arcs_count + 1) * sizeof *graph->weight);
    return graph->first && graph->loop && graph->strength && graph->target && graph->weight;
}

int lks_graph_build(struct lks_graph *graph, uint32_t nodes_count,
                    const struct lks_graph_edge *edges, uint64_t edges_count, struct lks_error *err)
{
    *graph = (struct lks_graph){0};
    int code = check_edges(nodes_count, edges, edges_count, err);
    if (code)
        return code;
    if (edges_count > SIZE_MAX / 2 / sizeof(struct arc) - 1)
        return lks_error_set(err, LKS_EMEMORY, "graph: out of memory");
    graph->nodes_count = nodes_count;
    uint64_t *place = malloc(((size_t)nodes_count + 1) * sizeof *place);
    struct arc *arcs = malloc((2 * edges_count + 1) * sizeof *arcs);
    if (!place || !arcs || !allocate(graph, 2 * edges_count)) {
        free(place);
        free(arcs);
        lks_graph_free(graph);
        return lks_error_set(err, LKS_EMEMORY, "graph: out of memory");
    }
    for (uint64_t i = 0; i < edges_count; i++) {
        if (edges[i].a != edges[i].b) {
            graph->first[edges[i].a]++;
            graph->first[edges[i].b]++;
        }
    }
    counts_to_starts(graph->first, nodes_count);
    uint64_t arcs_count = graph->first[nodes_count];
    /* Out-degree and in-degree are the same, so one array of starts serves both sorts. */
    memcpy(place, graph->first, ((size_t)nodes_count + 1) * sizeof *place);
    arcs_by_target(graph, edges, edges_count, place, arcs);
    memcpy(place, graph->first, ((size_t)nodes_count + 1) * sizeof *place);
    for (uint64_t i = 0; i < arcs_count; i++) {
        uint64_t at = place[arcs[i].from]++;
        graph->target[at] = arcs[i].to;
        graph->weight[at] = arcs[i].weight;
    }
    free(place);
    free(arcs);
    merge_parallel(graph);
    sum_strengths(graph);
    return 0;
}

void lks_graph_free(struct lks_graph *graph)
{
    free(graph->first);
    free(graph->target);
    free(graph->weight);
    free(graph->loop);
    free(graph->strength);
    *graph = (struct lks_graph){0};
}
