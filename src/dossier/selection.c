/* selection.c - which accounts and edges a page shows when there are too many to draw
 *
 * A page of a million edges helps nobody and opens nowhere. What is left out is counted and
 * said on the page; every other export holds everything.
 */
#include "dossier/selection.h"

#include <stdlib.h>

struct ranked {
    int needed;
    double weight;
    uint64_t index;
};

static int best_first(const void *a, const void *b)
{
    const struct ranked *p = a, *q = b;
    if (p->needed != q->needed)
        return p->needed > q->needed ? -1 : 1;
    if (p->weight != q->weight)
        return p->weight > q->weight ? -1 : 1;
    return p->index < q->index ? -1 : p->index > q->index;
}

static void choose_nodes(const struct lks_results *results, uint32_t nodes_max,
                         struct ranked *ranked, struct lks_selection *selection)
{
    uint32_t count = results->nodes_count;
    for (uint32_t v = 0; v < count; v++)
        ranked[v] = (struct ranked){0, results->nodes[v].strength, v};
    for (uint32_t f = 0; f < results->findings_count; f++) {
        for (uint32_t i = 0; i < results->findings[f].members_count; i++)
            ranked[results->findings[f].members[i]].needed = 1;
    }
    for (uint64_t i = 0; i < results->evidence_count; i++)
        ranked[results->posts[i].node].needed = 1;
    if (count > nodes_max)
        qsort(ranked, count, sizeof *ranked, best_first);
    for (uint32_t v = 0; v < count; v++)
        selection->place[v] = LKS_SELECTION_NONE;
    for (uint32_t i = 0; i < count && (i < nodes_max || ranked[i].needed); i++)
        selection->place[ranked[i].index] = 0;
    for (uint32_t v = 0; v < count; v++) {
        if (selection->place[v] == 0) {
            selection->place[v] = selection->nodes_count;
            selection->node[selection->nodes_count++] = v;
        }
    }
}

static int by_index(const void *a, const void *b)
{
    const struct ranked *p = a, *q = b;
    return p->index < q->index ? -1 : p->index > q->index;
}

static void choose_edges(const struct lks_results *results, uint64_t edges_max,
                         struct ranked *ranked, struct lks_selection *selection)
{
    uint64_t count = 0;
    for (uint64_t i = 0; i < results->edges_count; i++) {
        const struct lks_result_edge *edge = results->edges + i;
        if (selection->place[edge->edge.a] != LKS_SELECTION_NONE &&
            selection->place[edge->edge.b] != LKS_SELECTION_NONE)
            ranked[count++] = (struct ranked){edge->group < results->findings_count,
                                              edge->edge.occasions_count, i};
    }
    if (count > edges_max) {
        qsort(ranked, count, sizeof *ranked, best_first);
        count = edges_max;
        qsort(ranked, count, sizeof *ranked, by_index);
    }
    for (uint64_t i = 0; i < count; i++)
        selection->edge[i] = ranked[i].index;
    selection->edges_count = count;
}

int lks_selection_make(const struct lks_results *results, uint32_t nodes_max, uint64_t edges_max,
                       struct lks_selection *selection, struct lks_error *err)
{
    uint64_t nodes = results->nodes_count, edges = results->edges_count;
    struct ranked *ranked = malloc(((nodes > edges ? nodes : edges) + 1) * sizeof *ranked);
    *selection = (struct lks_selection){0};
    selection->node = malloc((nodes + 1) * sizeof *selection->node);
    selection->place = malloc((nodes + 1) * sizeof *selection->place);
    selection->edge = malloc((edges + 1) * sizeof *selection->edge);
    if (!ranked || !selection->node || !selection->place || !selection->edge) {
        free(ranked);
        lks_selection_free(selection);
        return lks_error_set(err, LKS_EMEMORY, "page: out of memory");
    }
    choose_nodes(results, nodes_max, ranked, selection);
    choose_edges(results, edges_max, ranked, selection);
    free(ranked);
    return 0;
}

void lks_selection_free(struct lks_selection *selection)
{
    free(selection->node);
    free(selection->place);
    free(selection->edge);
    *selection = (struct lks_selection){0};
}
