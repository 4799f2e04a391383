/* groups.c - from kept edges to groups of accounts: components, and communities inside large ones */
#include "network/groups.h"

#include <stdlib.h>
#include <string.h>

#include "graph/components.h"
#include "graph/leiden.h"

static int compare_ids(const void *left, const void *right)
{
    uint32_t x = *(const uint32_t *)left, y = *(const uint32_t *)right;
    return x < y ? -1 : x > y;
}

uint32_t lks_groups_node(const struct lks_groups *groups, uint32_t account)
{
    uint32_t low = 0, high = groups->nodes_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (groups->account[middle] < account)
            low = middle + 1;
        else
            high = middle;
    }
    return low < groups->nodes_count && groups->account[low] == account ? low : UINT32_MAX;
}

/* An edge of p = 1 has no weight; the graph kit wants weights above 0. */
static double weight_of(const struct lks_chance_edge *edge)
{
    return edge->log10_p < -1e-9 ? -edge->log10_p : 1e-9;
}

/* Leiden inside one component: its nodes get local ids, and group ids past the ones in use. */
static int split(struct lks_groups *groups, const struct lks_graph_edge *edges, size_t edges_count,
                 uint32_t component, uint32_t *local, uint32_t *used, uint64_t seed,
                 const uint32_t *component_of, struct lks_error *err)
{
    uint32_t nodes = 0, communities = 0;
    size_t inside = 0;
    for (uint32_t v = 0; v < groups->nodes_count; v++) {
        if (component_of[v] == component)
            local[v] = nodes++;
    }
    struct lks_graph_edge *part = malloc(edges_count * sizeof *part);
    uint32_t *community = malloc((size_t)nodes * sizeof *community);
    struct lks_graph graph = {0};
    struct lks_leiden_options options = lks_leiden_options_default();
    int rc = part && community ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for groups");
    options.seed = seed;
    for (size_t i = 0; i < edges_count && rc == 0; i++) {
        if (component_of[edges[i].a] == component)
            part[inside++] =
                (struct lks_graph_edge){local[edges[i].a], local[edges[i].b], edges[i].weight};
    }
    if (rc == 0)
        rc = lks_graph_build(&graph, nodes, part, inside, err);
    if (rc == 0)
        rc = lks_leiden(&graph, &options, community, &communities, NULL, err);
    for (uint32_t v = 0; v < groups->nodes_count && rc == 0; v++) {
        if (component_of[v] == component)
            groups->group[v] = *used + community[local[v]];
    }
    *used += communities;
    lks_graph_free(&graph);
    free(part);
    free(community);
    return rc;
}

/* Splits the large components and numbers the groups by their first node. */
static int label(struct lks_groups *groups, const struct lks_graph_edge *edges, size_t edges_count,
                 uint32_t components, const uint32_t *component_of, uint32_t split_accounts,
                 uint64_t seed, struct lks_error *err)
{
    uint32_t *size = calloc((size_t)components + 1, sizeof *size);
    uint32_t *local = calloc((size_t)groups->nodes_count + 1, sizeof *local);
    uint32_t *number = NULL, used = components;
    int rc = size && local ? 0 : LKS_EMEMORY;
    for (uint32_t v = 0; v < groups->nodes_count && rc == 0; v++) {
        size[component_of[v]]++;
        groups->group[v] = component_of[v];
    }
    for (uint32_t c = 0; c < components && rc == 0; c++) {
        if (size[c] > split_accounts)
            rc = split(groups, edges, edges_count, c, local, &used, seed, component_of, err);
    }
    number = rc == 0 ? malloc(((size_t)used + 1) * sizeof *number) : NULL;
    groups->groups_count = 0;
    if (number) {
        memset(number, 0xff, ((size_t)used + 1) * sizeof *number);
        for (uint32_t v = 0; v < groups->nodes_count; v++) {
            uint32_t *id = &number[groups->group[v]];
            if (*id == UINT32_MAX)
                *id = groups->groups_count++;
            groups->group[v] = *id;
        }
    } else if (rc == 0 || rc == LKS_EMEMORY) {
        rc = lks_error_set(err, LKS_EMEMORY, "out of memory for groups");
    }
    free(size);
    free(local);
    free(number);
    return rc;
}

int lks_groups_find(const struct lks_chance_edge *edges, size_t edges_count, double level,
                    uint32_t split_accounts, uint64_t seed, struct lks_groups *groups,
                    struct lks_error *err)
{
    memset(groups, 0, sizeof *groups);
    struct lks_graph_edge *local = malloc((edges_count + 1) * sizeof *local);
    uint32_t *component_of = malloc((2 * edges_count + 1) * sizeof *component_of);
    groups->account = malloc((2 * edges_count + 1) * sizeof *groups->account);
    groups->group = malloc((2 * edges_count + 1) * sizeof *groups->group);
    uint32_t components = 0, count = 0;
    int rc = 0;
    if (!local || !component_of || !groups->account || !groups->group) {
        rc = lks_error_set(err, LKS_EMEMORY, "out of memory for groups");
        goto out;
    }
    for (size_t i = 0; i < edges_count; i++) {
        groups->account[2 * i] = edges[i].a;
        groups->account[2 * i + 1] = edges[i].b;
    }
    qsort(groups->account, 2 * edges_count, sizeof *groups->account, compare_ids);
    for (size_t i = 0; i < 2 * edges_count; i++) {
        if (i == 0 || groups->account[i] != groups->account[i - 1])
            groups->account[count++] = groups->account[i];
    }
    groups->nodes_count = count;
    for (size_t i = 0; i < edges_count; i++)
        local[i] =
            (struct lks_graph_edge){lks_groups_node(groups, edges[i].a),
                                    lks_groups_node(groups, edges[i].b), weight_of(&edges[i])};
    rc = lks_components(count, local, edges_count, component_of, &components, err);
    if (rc == 0)
        rc = label(groups, local, edges_count, components, component_of, split_accounts, seed, err);
    if (rc)
        goto out;
    groups->score = calloc((size_t)groups->groups_count + 1, sizeof *groups->score);
    groups->members = calloc((size_t)groups->groups_count + 1, sizeof *groups->members);
    groups->first = calloc((size_t)groups->groups_count + 2, sizeof *groups->first);
    groups->node = calloc((size_t)count + 1, sizeof *groups->node);
    if (!groups->score || !groups->members || !groups->first || !groups->node) {
        rc = lks_error_set(err, LKS_EMEMORY, "out of memory for groups");
        goto out;
    }
    for (uint32_t v = 0; v < count; v++)
        groups->members[groups->group[v]]++;
    uint32_t *start = groups->first + 1; /* becomes the end of each group, the next one's first */
    for (uint32_t g = 0; g < groups->groups_count; g++)
        start[g + 1] = start[g] + groups->members[g];
    for (uint32_t v = 0; v < count; v++)
        groups->node[start[groups->group[v]]++] = v;
    for (size_t i = 0; i < edges_count; i++) {
        uint32_t group = groups->group[local[i].a];
        if (group == groups->group[local[i].b])
            groups->score[group] += level - edges[i].log10_p;
    }
out:
    free(local);
    free(component_of);
    if (rc)
        lks_groups_free(groups);
    return rc;
}

void lks_groups_free(struct lks_groups *groups)
{
    free(groups->account);
    free(groups->group);
    free(groups->score);
    free(groups->members);
    free(groups->first);
    free(groups->node);
    memset(groups, 0, sizeof *groups);
}
