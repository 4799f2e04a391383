/* components.c - connected components by union-find
 *
 * The larger root is hung below the smaller, which makes the root the smallest member for
 * free; with path halving the cost is near linear (Patwary, Blair and Manne, 2010, found
 * linking by index as fast as by rank in practice). Rows are walked once.
 */
#include "graph/components.h"

#include <stdlib.h>

int lks_unions_init(struct lks_unions *unions, uint32_t count, struct lks_error *err)
{
    unions->count = count;
    unions->parent = malloc(((size_t)count + 1) * sizeof *unions->parent);
    if (!unions->parent) {
        unions->count = 0;
        return lks_error_set(err, LKS_EMEMORY, "components: out of memory");
    }
    lks_unions_reset(unions);
    return 0;
}

void lks_unions_reset(struct lks_unions *unions)
{
    for (uint32_t v = 0; v < unions->count; v++)
        unions->parent[v] = v;
}

void lks_unions_free(struct lks_unions *unions)
{
    free(unions->parent);
    *unions = (struct lks_unions){0};
}

uint32_t lks_unions_label(struct lks_unions *unions, uint32_t *component_out)
{
    uint32_t fresh = 0;
    for (uint32_t v = 0; v < unions->count; v++) {
        uint32_t root = lks_unions_find(unions, v);
        /* A root is the smallest of its set, so its label is written before it is read. */
        component_out[v] = root == v ? fresh++ : component_out[root];
    }
    return fresh;
}

int lks_components(uint32_t nodes_count, const struct lks_graph_edge *edges, uint64_t edges_count,
                   uint32_t *component_out, uint32_t *components_count, struct lks_error *err)
{
    struct lks_unions unions;
    int code = lks_unions_init(&unions, nodes_count, err);
    for (uint64_t i = 0; code == 0 && i < edges_count; i++) {
        if (edges[i].a >= nodes_count || edges[i].b >= nodes_count)
            code =
                lks_error_set(err, LKS_EARGUMENT, "components: edge %llu names a node out of range",
                              (unsigned long long)i);
        else
            lks_unions_join(&unions, edges[i].a, edges[i].b);
    }
    if (code == 0) {
        uint32_t count = lks_unions_label(&unions, component_out);
        if (components_count)
            *components_count = count;
    }
    lks_unions_free(&unions);
    return code;
}
