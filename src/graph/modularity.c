/* modularity.c - how much more weight lies inside a partition's communities than by chance */
#include "graph/leiden.h"

#include <stdlib.h>

int lks_modularity(const struct lks_graph *graph, const uint32_t *community,
                   uint32_t communities_count, double resolution, double *modularity_out,
                   struct lks_error *err)
{
    double *inside = calloc((size_t)communities_count + 1, 2 * sizeof *inside);
    if (!inside)
        return lks_error_set(err, LKS_EMEMORY, "modularity: out of memory");
    double *total = inside + communities_count, sum = 0, m = graph->weight_total;
    for (uint32_t v = 0; v < graph->nodes_count; v++) {
        uint32_t c = community[v];
        LKS_ASSERT(c < communities_count);
        total[c] += graph->strength[v];
        inside[c] += graph->loop[v];
        for (uint64_t i = graph->first[v]; i < graph->first[v + 1]; i++) {
            if (graph->target[i] > v && community[graph->target[i]] == c)
                inside[c] += graph->weight[i];
        }
    }
    for (uint32_t c = 0; m > 0 && c < communities_count; c++) {
        double share = total[c] / (2 * m);
        sum += inside[c] / m - resolution * share * share;
    }
    free(inside);
    *modularity_out = sum;
    return 0;
}
