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
 * Moving visits a queue: a node is looked at again only when a neighbour has left for
 * another community. Gains are in units of weight: to c, w(v,c) - gamma k_v K_c / 2m.
 *
 * Data. Level graphs are struct lks_graph; everything else is arrays over a level's nodes,
 * allocated once for the first level, which is the largest. link[c] gathers the weight
 * from one node to community c and is cleared through the list `touched`.
 *
 * Cost. O(edges) a pass, a few passes a level, a few levels. Randomness comes from one
 * generator, the one exponential is computed with sums and products only, and weights are
 * added in row order: one answer on any machine.
 *
 * Source: Traag, Waltman and van Eck, Sci. Rep. 9:5233 (2019), with the constants of the
 * appendix. One addition: a last pass splits communities into connected components, which
 * can only raise modularity, for the rare case where refinement could merge nothing and the
 * level was contracted by its communities.
 */
#include "graph/leiden.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "graph/components.h"

struct leiden {
    struct lks_rng rng;
    double scale;         /* gamma / 2m */
    double least;         /* gains below this are rounding */
    double theta;         /* randomness in units of weight */
    uint32_t nodes_count; /* of the first level */
    uint32_t *community;  /* of a level's node */
    uint32_t *part;       /* refined, of a level's node */
    uint32_t *order;      /* nodes by community, or the queue */
    uint32_t *start;      /* [nodes_count + 1] of a community in order */
    uint32_t *touched;
    uint32_t *fresh; /* new ids of old ids */
    uint32_t *spare; /* communities that are empty */
    uint32_t *size;  /* nodes in a community or part */
    uint32_t *place; /* where a node of the first level stands in this level */
    uint8_t *flag;   /* queued */
    double *total;   /* strength of a community or part */
    double *outside; /* weight from a part to the rest of its community */
    double *link;    /* weight to a community or part, 0 if not touched */
    double *chance;  /* running sums of the choice in refinement */
};

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

/* e^z for z <= 0 from sums and products: libm's last bit differs between machines. */
static double exp_negative(double z)
{
    const double log2e = 1.4426950408889634, ln2 = 0.6931471805599453;
    if (z < -40)
        return 0; /* lost beside the 1 of the best choice */
    int n = (int)(z * log2e - 0.5);
    double r = z - n * ln2, term = 1, sum = 1;
    for (int i = 1; i < 14; i++) {
        term = term * r / i;
        sum += term;
    }
    return ldexp(sum, n);
}

static void shuffle(struct lks_rng *rng, uint32_t *items, uint32_t count)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t j = (uint32_t)lks_rng_below(rng, i), item = items[i - 1];
        items[i - 1] = items[j];
        items[j] = item;
    }
}

/* Sums the weights from v to every group of its neighbours into link, and lists the groups in
 * `touched`; only neighbours with within[u] == own count, NULL takes all. Returns how many
 * groups. The pointers are local because writes through them might change l, for all that
 * the compiler knows. */
static inline uint32_t gather(const struct leiden *l, const struct lks_graph *graph, uint32_t v,
                              const uint32_t *group, const uint32_t *within, uint32_t own,
                              uint32_t touched_count)
{
    const uint32_t *target = graph->target;
    const double *weight = graph->weight;
    double *link = l->link;
    uint32_t *touched = l->touched;
    for (uint64_t i = graph->first[v], end = graph->first[v + 1]; i < end; i++) {
        uint32_t u = target[i];
        if (within && within[u] != own)
            continue;
        uint32_t c = group[u];
        double before = link[c];
        link[c] = before + weight[i];
        touched[touched_count] = c;
        touched_count += before == 0;
    }
    return touched_count;
}

/* Puts v into the best community; returns whether it left its own. */
static int move_node(struct leiden *l, const struct lks_graph *graph, uint32_t v,
                     uint32_t *spare_count)
{
    uint32_t old = l->community[v], best = old;
    double k = graph->strength[v], push = l->scale * k;
    uint32_t touched_count = gather(l, graph, v, l->community, NULL, 0, 0);
    l->total[old] = --l->size[old] ? l->total[old] - k : 0;
    double best_gain = l->link[old] - push * l->total[old];
    const double *total = l->total, least = l->least;
    double *link = l->link;
    for (uint32_t i = 0; i < touched_count; i++) {
        uint32_t c = l->touched[i];
        double gain = link[c] - push * total[c];
        if (c != old && gain > best_gain + least) {
            best = c;
            best_gain = gain;
        }
        link[c] = 0;
    }
    if (best_gain < -l->least && l->size[old])
        best = l->spare[--*spare_count];
    if (best != old && !l->size[old])
        l->spare[(*spare_count)++] = old;
    l->size[best]++;
    l->total[best] += k;
    l->community[v] = best;
    return best != old;
}

/* Local moving with a queue; returns whether anything moved. */
static int move_all(struct leiden *l, const struct lks_graph *graph)
{
    uint32_t n = graph->nodes_count, spare_count = 0, head = 0, waiting = n;
    int moved = 0;
    for (uint32_t c = 0; c < n; c++) {
        l->total[c] = 0;
        l->size[c] = 0;
        l->order[c] = c;
        l->flag[c] = 1;
    }
    for (uint32_t v = 0; v < n; v++) {
        l->total[l->community[v]] += graph->strength[v];
        l->size[l->community[v]]++;
    }
    for (uint32_t c = n; c-- > 0;) {
        if (!l->size[c])
            l->spare[spare_count++] = c;
    }
    shuffle(&l->rng, l->order, n);
    while (waiting) {
        uint32_t v = l->order[head];
        head = head + 1 == n ? 0 : head + 1;
        /* Rows are met in random order: fetch the one after next. */
        uint32_t soon = l->order[head + 1 < n ? head + 1 : 0];
        __builtin_prefetch(graph->target + graph->first[soon]);
        __builtin_prefetch(graph->weight + graph->first[soon]);
        waiting--;
        l->flag[v] = 0;
        if (!move_node(l, graph, v, &spare_count))
            continue;
        moved = 1;
        for (uint64_t i = graph->first[v]; i < graph->first[v + 1]; i++) {
            uint32_t u = graph->target[i];
            if (l->flag[u] || l->community[u] == l->community[v])
                continue;
            uint64_t tail = (uint64_t)head + waiting++;
            l->order[tail < n ? tail : tail - n] = u;
            l->flag[u] = 1;
        }
    }
    return moved;
}

/* Renumbers ids (all below n) densely in the order of their first node; returns how many. */
static uint32_t renumber(struct leiden *l, uint32_t *ids, uint32_t n)
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

/* Lists the nodes by their id: those of c are order[start[c]] .. order[start[c + 1] - 1]. */
static void group_by(struct leiden *l, const uint32_t *ids, uint32_t n, uint32_t groups_count)
{
    memset(l->start, 0, ((size_t)groups_count + 1) * sizeof *l->start);
    for (uint32_t v = 0; v < n; v++)
        l->start[ids[v] + 1]++;
    for (uint32_t c = 0; c < groups_count; c++)
        l->start[c + 1] += l->start[c];
    for (uint32_t c = 0; c < groups_count; c++)
        l->fresh[c] = l->start[c];
    for (uint32_t v = 0; v < n; v++)
        l->order[l->fresh[ids[v]]++] = v;
}

/* Picks a part for the lone node v among those that are well connected and do not lower
 * the quality, by chance in proportion to exp(gain / theta); staying alone has gain 0. */
static uint32_t choose_part(struct leiden *l, uint32_t v, double k, double whole,
                            uint32_t touched_count)
{
    uint32_t candidates_count = 0, choice = v;
    double best = 0;
    for (uint32_t i = 0; i < touched_count; i++) {
        uint32_t p = l->touched[i];
        double gain = l->link[p] - l->scale * k * l->total[p];
        int well = l->outside[p] >= l->scale * l->total[p] * (whole - l->total[p]) - l->least;
        if (p == v || !well || gain < -l->least)
            continue;
        l->touched[candidates_count] = p;
        l->chance[candidates_count++] = gain;
        best = gain > best ? gain : best;
    }
    if (!candidates_count)
        return v;
    double alone = exp_negative(-best / l->theta), sum = alone;
    for (uint32_t i = 0; i < candidates_count; i++) {
        sum += exp_negative((l->chance[i] - best) / l->theta);
        l->chance[i] = sum;
    }
    double draw = lks_rng_unit(&l->rng) * sum;
    if (draw < alone)
        return v;
    for (uint32_t i = 0; i < candidates_count; i++) {
        choice = l->touched[i];
        if (draw < l->chance[i])
            break;
    }
    return choice;
}

/* Grows the parts of one community, whose nodes are nodes[0 .. count - 1]. */
static void refine_community(struct leiden *l, const struct lks_graph *graph, uint32_t *nodes,
                             uint32_t count)
{
    double whole = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t v = nodes[i];
        whole += graph->strength[v];
        l->outside[v] = 0;
        for (uint64_t j = graph->first[v]; j < graph->first[v + 1]; j++) {
            if (l->community[graph->target[j]] == l->community[v])
                l->outside[v] += graph->weight[j];
        }
    }
    shuffle(&l->rng, nodes, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t v = nodes[i];
        double k = graph->strength[v];
        if (l->size[v] != 1 || l->part[v] != v ||
            l->outside[v] < l->scale * k * (whole - k) - l->least)
            continue;
        uint32_t all = gather(l, graph, v, l->part, l->community, l->community[v], 0);
        memcpy(l->spare, l->touched, all * sizeof *l->spare);
        uint32_t p = choose_part(l, v, k, whole, all);
        if (p != v) {
            l->outside[p] += l->outside[v] - 2 * l->link[p];
            l->total[p] += k;
            l->size[p]++;
            l->size[v] = 0;
            l->part[v] = p;
        }
        for (uint32_t j = 0; j < all; j++)
            l->link[l->spare[j]] = 0;
    }
}

/* Refines all communities; returns how many parts there are, numbered densely. */
static uint32_t refine_all(struct leiden *l, const struct lks_graph *graph,
                           uint32_t communities_count)
{
    uint32_t n = graph->nodes_count;
    for (uint32_t v = 0; v < n; v++) {
        l->part[v] = v;
        l->size[v] = 1;
        l->total[v] = graph->strength[v];
    }
    group_by(l, l->community, n, communities_count);
    for (uint32_t c = 0; c < communities_count; c++) {
        uint32_t count = l->start[c + 1] - l->start[c];
        if (count > 1)
            refine_community(l, graph, l->order + l->start[c], count);
    }
    return renumber(l, l->part, n);
}

/* Makes the next level's graph: one node a part. */
static int contract(struct leiden *l, const struct lks_graph *graph, uint32_t parts_count,
                    struct lks_graph *out)
{
    uint64_t arcs_max = graph->first[graph->nodes_count], at = 0;
    out->nodes_count = parts_count;
    out->weight_total = graph->weight_total;
    out->first = malloc(((size_t)parts_count + 1) * sizeof *out->first);
    out->loop = calloc((size_t)parts_count + 1, sizeof *out->loop);
    out->strength = calloc((size_t)parts_count + 1, sizeof *out->strength);
    out->target = malloc((arcs_max + 1) * sizeof *out->target);
    out->weight = malloc((arcs_max + 1) * sizeof *out->weight);
    if (!out->first || !out->loop || !out->strength || !out->target || !out->weight)
        return LKS_EMEMORY;
    group_by(l, l->part, graph->nodes_count, parts_count);
    for (uint32_t p = 0; p < parts_count; p++) {
        uint32_t touched_count = 0;
        for (uint32_t i = l->start[p]; i < l->start[p + 1]; i++) {
            uint32_t v = l->order[i];
            out->loop[p] += graph->loop[v];
            out->strength[p] += graph->strength[v];
            touched_count = gather(l, graph, v, l->part, NULL, 0, touched_count);
        }
        out->first[p] = at;
        for (uint32_t i = 0; i < touched_count; i++) {
            uint32_t q = l->touched[i];
            if (q == p) {
                out->loop[p] += l->link[q] / 2;
            } else {
                out->target[at] = q;
                out->weight[at++] = l->link[q];
            }
            l->link[q] = 0;
        }
    }
    out->first[parts_count] = at;
    return 0;
}

/* The next level's communities, places and graph; *level is replaced. */
static int next_level(struct leiden *l, struct lks_graph *level, int level_owned,
                      uint32_t parts_count)
{
    struct lks_graph next = {0};
    int code = contract(l, level, parts_count, &next);
    if (code) {
        lks_graph_free(&next);
        return code;
    }
    for (uint32_t v = 0; v < level->nodes_count; v++)
        l->fresh[l->part[v]] = l->community[v];
    memcpy(l->community, l->fresh, parts_count * sizeof *l->community);
    for (uint32_t v = 0; v < l->nodes_count; v++)
        l->place[v] = l->part[l->place[v]];
    if (level_owned)
        lks_graph_free(level);
    *level = next;
    return 0;
}

/* One iteration: all levels, from the partition in community_io and back into it.
 * Returns 1 if anything moved, 0 if not, or LKS_EMEMORY. */
static int iterate(struct leiden *l, const struct lks_graph *graph, uint32_t *community_io)
{
    struct lks_graph level = *graph;
    int owned = 0, moved = 0, code = 0;
    for (uint32_t v = 0; v < graph->nodes_count; v++) {
        l->place[v] = v;
        l->community[v] = community_io[v];
    }
    for (;;) {
        moved |= move_all(l, &level);
        uint32_t communities_count = renumber(l, l->community, level.nodes_count);
        if (communities_count == level.nodes_count)
            break;
        uint32_t parts_count = refine_all(l, &level, communities_count);
        if (parts_count == level.nodes_count) {
            memcpy(l->part, l->community, level.nodes_count * sizeof *l->part);
            parts_count = communities_count;
        }
        code = next_level(l, &level, owned, parts_count);
        if (code)
            break;
        owned = 1;
    }
    for (uint32_t v = 0; code == 0 && v < graph->nodes_count; v++)
        community_io[v] = l->community[l->place[v]];
    if (owned)
        lks_graph_free(&level);
    return code ? code : moved;
}

static void leiden_free(struct leiden *l)
{
    free(l->community);
    free(l->flag);
    free(l->total);
}

static int leiden_init(struct leiden *l, const struct lks_graph *graph,
                       const struct lks_leiden_options *options, struct lks_error *err)
{
    size_t n = (size_t)graph->nodes_count + 1;
    double m = graph->weight_total;
    *l = (struct leiden){.nodes_count = graph->nodes_count};
    lks_rng_init(&l->rng, options->seed, 0);
    l->scale = options->resolution / (2 * m);
    /* Sums of up to 2m carry errors of some 1e-16 of it; gains are far larger or noise. */
    l->least = 1e-13 * m;
    l->theta = options->randomness * 2 * m / (double)graph->first[graph->nodes_count];
    l->community = calloc(n, 9 * sizeof *l->community);
    l->flag = calloc(n, 1);
    l->total = calloc(n, 4 * sizeof *l->total);
    if (!l->community || !l->flag || !l->total) {
        leiden_free(l);
        return lks_error_set(err, LKS_EMEMORY, "leiden: out of memory");
    }
    uint32_t **columns[] = {&l->part,  &l->order, &l->start, &l->touched,
                            &l->fresh, &l->spare, &l->size,  &l->place};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        *columns[i] = l->community + (i + 1) * n;
    l->outside = l->total + n;
    l->link = l->total + 2 * n;
    l->chance = l->total + 3 * n;
    return 0;
}

/* Splits communities into connected components and numbers them by their smallest node. */
static int finish(const struct lks_graph *graph, uint32_t *community, uint32_t *count,
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
    struct leiden l;
    uint32_t count = 0;
    int code = lks_leiden_options_check(options, err);
    if (code)
        return code;
    for (uint32_t v = 0; v < graph->nodes_count; v++)
        community_out[v] = v;
    if (graph->first[graph->nodes_count] > 0) {
        code = leiden_init(&l, graph, options, err);
        if (code)
            return code;
        int moved = 1;
        for (uint32_t i = 0; moved > 0 && i < options->iterations_max; i++)
            moved = iterate(&l, graph, community_out);
        leiden_free(&l);
        if (moved < 0)
            return lks_error_set(err, moved, "leiden: out of memory");
    }
    code = finish(graph, community_out, &count, err);
    if (code == 0 && modularity_out)
        code =
            lks_modularity(graph, community_out, count, options->resolution, modularity_out, err);
    if (code == 0 && communities_count)
        *communities_count = count;
    return code;
}
