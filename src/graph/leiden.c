/* leiden.c - communities by the Leiden algorithm
 *
 * The idea. Louvain moves nodes between communities and then contracts each community to
 * one node; a node that once bridged its community may leave and the rest falls apart.
 * Leiden contracts finer parts instead: inside every community it grows the parts anew from
 * single nodes, merging only what is well connected to the rest of the community, and the
 * contracted parts start the next level in the communities that were found. So the levels
 * can still take communities apart, and what comes out is connected.
 *
 *   level graph --move--> communities --refine--> parts --contract--> level graph ...
 *
 * Files. lks_leiden_move.c, lks_leiden_refine.c and leiden_level.c (contraction) are the three phases;
 * this one is what happens around them. Everything is arrays over a level's nodes, allocated
 * once for the first level, which is the largest.
 *
 * Cost. O(edges) a pass, a few passes a level, a few levels; docs/performance.md measures it.
 * Randomness comes from one generator, the one exponential is computed with sums and
 * products only, and weights are whole numbers: one answer on any machine.
 *
 * Source: Traag, Waltman and van Eck, Sci. Rep. 9:5233 (2019), with the constants of the
 * appendix. The iterations end in nodes of a level as communities, and those are connected, since
 * a part only grows along an arc. One addition: where refinement could merge nothing and a level
 * was contracted by its communities instead, a last pass splits communities into connected
 * components, which can only raise modularity.
 */
#include "graph/leiden.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/components.h"
#include "graph/leiden_parts.h"

struct lks_leiden_options lks_leiden_options_default(void)
{
    return (struct lks_leiden_options){
        .resolution = 1, .randomness = 0.01, .iterations_max = 10, .seed = 1};
}

int lks_leiden_options_check(const struct lks_leiden_options *options, struct lks_error *err)
{
    if (!isfinite(options->resolution) || options->resolution < 0)
        return lks_error_set(err, LKS_EARGUMENT, "leiden: the resolution must not be negative");
    if (!isfinite(options->randomness) || options->randomness <= 0)
        return lks_error_set(err, LKS_EARGUMENT, "leiden: the randomness must be above 0");
    if (options->iterations_max == 0)
        return lks_error_set(err, LKS_EARGUMENT, "leiden: at least one iteration is needed");
    return 0;
}

void lks_leiden_shuffle(struct lks_rng *rng, uint32_t *items, uint32_t count)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t j = (uint32_t)lks_rng_below(rng, i), item = items[i - 1];
        items[i - 1] = items[j];
        items[j] = item;
    }
}

uint32_t lks_leiden_renumber(struct leiden *l, uint32_t *ids, uint32_t n)
{
    uint32_t count = 0;
    for (uint32_t c = 0; c < n; c++)
        l->fresh[c] = UINT32_MAX;
    for (uint32_t v = 0; v < n; v++) {
        if (l->fresh[ids[v]] == UINT32_MAX)
            l->fresh[ids[v]] = count++;
        ids[v] = l->fresh[ids[v]];
    }
    return count;
}

/* The next level's communities, and where the first level's nodes stand in it. */
static void follow(struct leiden *l, uint32_t nodes_count, uint32_t parts_count)
{
    for (uint32_t v = 0; v < nodes_count; v++)
        l->fresh[l->part[v]] = l->community[v];
    memcpy(l->community, l->fresh, parts_count * sizeof *l->community);
    if (nodes_count == l->nodes_count) {
        memcpy(l->place, l->part, nodes_count * sizeof *l->place);
        return;
    }
    for (uint32_t v = 0; v < l->nodes_count; v++)
        l->place[v] = l->part[l->place[v]];
}

/* One iteration: all levels, from the partition in `community` and back into it. level[0] is
 * the first level; the others take turns. Returns 1 if anything moved, 0 if not. */
static int iterate(struct leiden *l, struct leiden_level level[3], int first)
{
    struct leiden_level *now = &level[0];
    int moved = 0;
    for (int depth = 0;; depth++) {
        moved |=
            lks_leiden_move(l, now,
                            first ? (now == level ? LEIDEN_FIRST_VISITS : LEIDEN_ABOVE_VISITS) *
                                        (uint64_t)now->nodes_count
                                  : UINT64_MAX);
        uint32_t communities_count = lks_leiden_renumber(l, l->community, now->nodes_count);
        if (communities_count == now->nodes_count)
            break;
        struct leiden_level *next = &level[1 + depth % 2];
        uint32_t parts_count = lks_leiden_refine(l, now, communities_count, next->arc);
        if (parts_count == now->nodes_count) {
            memcpy(l->part, l->community, now->nodes_count * sizeof *l->part);
            l->unrefined = 1;
            parts_count = communities_count;
        }
        lks_leiden_contract(l, now, parts_count, next);
        follow(l, now->nodes_count, parts_count);
        now = next;
    }
    if (now != &level[0]) {
        for (uint32_t v = 0; v < l->nodes_count; v++)
            l->part[v] = l->community[l->place[v]];
        memcpy(l->community, l->part, l->nodes_count * sizeof *l->community);
    }
    return moved;
}

static void leiden_free(struct leiden *l, struct leiden_level level[3])
{
    free(l->community);
    free(l->queue);
    free(l->chance);
    free(l->member);
    free(l->slot);
    for (int i = 0; i < 3; i++)
        lks_leiden_level_free(&level[i]);
}

static int leiden_init(struct leiden *l, struct leiden_level level[3],
                       const struct lks_graph *graph, const struct lks_leiden_options *options)
{
    size_t n = (size_t)graph->nodes_count + 1;
    uint64_t arcs_count = graph->first[graph->nodes_count];
    lks_rng_init(&l->rng, options->seed, 0);
    l->community = lks_leiden_large_alloc(n * 10 * sizeof *l->community);
    for (l->queue_mask = 1; l->queue_mask < n; l->queue_mask = 2 * l->queue_mask + 1)
        ;
    l->queue = lks_leiden_large_alloc(((size_t)l->queue_mask + 1) * sizeof *l->queue);
    l->chance = lks_leiden_large_alloc(n * sizeof *l->chance);
    l->member = lks_leiden_large_alloc(n * sizeof *l->member);
    l->slot = lks_leiden_large_alloc(n * sizeof *l->slot);
    if (!l->community || !l->queue || !l->chance || !l->member || !l->slot)
        return LKS_EMEMORY;
    uint32_t **columns[] = {&l->part,  &l->order, &l->start,    &l->fresh,
                            &l->spare, &l->place, &l->position, &l->touched}; /* twice as long */
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        *columns[i] = l->community + (i + 1) * n;
    for (int i = 1; i < 3; i++) {
        if (lks_leiden_level_alloc(&level[i], graph->nodes_count, arcs_count))
            return LKS_EMEMORY;
    }
    return 0;
}

/* The iterations; communities in community_out by the graph's own node numbers, in the order of
 * their smallest node. *connected_out tells whether all of them are sure to be connected. */
static int run(const struct lks_graph *graph, const struct lks_leiden_options *options,
               uint32_t *community_out, uint32_t *count_out, int *connected_out)
{
    struct leiden l = {.nodes_count = graph->nodes_count};
    struct leiden_level level[3] = {0};
    int moved = 1, code = leiden_init(&l, level, graph, options);
    double twice = 0;
    /* community_out serves as the nodes' new numbers until the end. */
    if (code == 0)
        code = lks_leiden_level_of(graph, community_out, l.order, &level[0]);
    for (uint32_t v = 0; v < graph->nodes_count && code == 0; v++)
        twice += level[0].node[l.community[v] = v].strength;
    l.scale = options->resolution / twice;
    /* Products with a strength are off by some 1e-16 of 2m; gains are far larger or noise. */
    l.least = 1e-13 * twice;
    l.theta = options->randomness * twice / (double)graph->first[graph->nodes_count];
    for (uint32_t i = 0; code == 0 && moved && i < options->iterations_max; i++)
        moved = iterate(&l, level, i == 0);
    for (uint32_t v = 0; v < graph->nodes_count && code == 0; v++)
        community_out[v] = l.community[community_out[v]];
    if (code == 0)
        *count_out = lks_leiden_renumber(&l, community_out, graph->nodes_count);
    *connected_out = !l.unrefined;
    leiden_free(&l, level);
    return code;
}

/* Splits communities into connected components, and numbers them by their smallest node. */
static int split(const struct lks_graph *graph, uint32_t *community, uint32_t *count,
                 struct lks_error *err)
{
    struct lks_unions unions;
    int code = lks_unions_init(&unions, graph->nodes_count, err);
    if (code)
        return code;
    for (uint32_t v = 0; v < graph->nodes_count; v++) {
        for (uint64_t i = graph->first[v]; i < graph->first[v + 1]; i++) {
            if (graph->target[i] > v && community[graph->target[i]] == community[v])
                lks_unions_join(&unions, v, graph->target[i]);
        }
    }
    *count = lks_unions_label(&unions, community);
    lks_unions_free(&unions);
    return 0;
}

int lks_leiden(const struct lks_graph *graph, const struct lks_leiden_options *options,
               uint32_t *community_out, uint32_t *communities_count, double *modularity_out,
               struct lks_error *err)
{
    uint32_t count = 0;
    int connected = 0, code = lks_leiden_options_check(options, err);
    if (code)
        return code;
    for (uint32_t v = 0; v < graph->nodes_count; v++)
        community_out[v] = v;
    if (graph->first[graph->nodes_count] > 0) {
        code = graph->nodes_count > LEIDEN_NODES_MAX ||
                       graph->first[graph->nodes_count] > LEIDEN_ARCS_MAX
                   ? lks_error_set(err, LKS_EARGUMENT, "leiden: more than 2^30 edges")
                   : run(graph, options, community_out, &count, &connected);
        if (code)
            return code == LKS_EMEMORY ? lks_error_set(err, code, "leiden: out of memory") : code;
    }
    if (!connected)
        code = split(graph, community_out, &count, err);
    if (code == 0 && modularity_out)
        code =
            lks_modularity(graph, community_out, count, options->resolution, modularity_out, err);
    if (code == 0 && communities_count)
        *communities_count = count;
    return code;
}
