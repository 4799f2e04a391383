/* lks_leiden_refine.c - Leiden's second phase: well-connected parts inside communities
 *
 * The idea. Each community is grown anew from single nodes: a node that still stands alone
 * and is well connected to the rest of the community, E(v, C - v) >= gamma k_v (K_C - k_v) /
 * 2m, joins a part that is so as well and does not lower the quality, by chance in
 * proportion to exp(gain / theta). So any subset of the community that would be worth having can
 * come out, and none falls apart.
 *
 * Cost. Two passes over the arcs of a community, one after the other while its rows are in
 * the cache. The first adds up the weights inside and brings those arcs to the head of each
 * row; the second reads no other.
 */
#include <string.h>

#include "graph/leiden_parts.h"

/* e^z for z <= 0 to nine digits, from sums and products: libm's last bit differs between
 * machines. 2^(z log2 e) is a power of two, made by its bits, and a series on the rest. */
static double exp_negative(double z)
{
    const double log2e = 1.4426950408889634, ln2 = 0.6931471805599453;
    if (z < -40)
        return 0; /* lost beside the 1 of the best choice */
    int n = (int)(z * log2e - 0.5);
    double r = z - n * ln2, r2 = r * r, r4 = r2 * r2;
    double low = (1 + r) + r2 * (1.0 / 2 + r * (1.0 / 6));
    double high = (1.0 / 24 + r * (1.0 / 120)) + r2 * (1.0 / 720 + r * (1.0 / 5040));
    uint64_t bits = (uint64_t)(1023 + n) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return power * (low + r4 * (high + r4 * (1.0 / 40320)));
}

/* Picks a part for the lone node v, with the weight from v to it; staying alone has gain 0. */
static uint32_t choose_part(struct leiden *l, uint32_t v, double k, double whole,
                            uint32_t touched_count, uint32_t *link_out)
{
    uint32_t candidates_count = 0, choice = 0;
    double best = 0;
    for (uint32_t i = 0; i < touched_count; i++) {
        uint32_t p = l->touched[i];
        double total = l->slot[p].total;
        uint32_t link = leiden_take(l->slot + p);
        double gain = link - l->scale * k * total;
        int well = l->outside[p] >= l->scale * total * (whole - total) - l->least;
        /* Listed again, a part has no link any more. */
        if (!link || !well || gain < -l->least)
            continue;
        l->spare[candidates_count] = p;
        l->touched[candidates_count] = link; /* at or before i */
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
    while (choice + 1 < candidates_count && draw >= l->chance[choice])
        choice++;
    *link_out = l->touched[choice];
    return l->spare[choice];
}

/* Brings the arcs of v that stay in its community to the head of the row, and adds them up. */
static inline double arcs_inside(struct leiden *l, struct leiden_level *level, uint32_t v)
{
    uint64_t from = level->first[v], end = level->first[v + 1], head = from;
    uint32_t own = l->community[v];
    struct leiden_arc *arc = level->arc;
    double sum = 0;
    for (uint64_t i = from; i < end; i++) {
        struct leiden_arc this = arc[i];
        if (l->community[this.target] == own) {
            arc[i] = arc[head];
            arc[head++] = this;
            sum += this.weight;
        }
    }
    l->inside[v] = (uint32_t)(head - from);
    return sum;
}

/* Puts the lone node v into a part of its community. */
static void place_node(struct leiden *l, const struct leiden_level *level, uint32_t v, double whole)
{
    const struct leiden_arc *arc = level->arc + level->first[v];
    uint32_t touched_count = 0, inside_count = l->inside[v];
    double k = level->strength[v];
    for (uint32_t i = 0; i < inside_count; i++) {
        uint32_t p = l->part[arc[i].target];
        l->touched[touched_count] = p;
        touched_count += leiden_touch(l->slot + p, i, arc[i].weight);
    }
    uint32_t link = 0, p = choose_part(l, v, k, whole, touched_count, &link);
    if (p == v)
        return;
    l->outside[p] += l->outside[v] - 2.0 * link;
    l->slot[p].total += k;
    l->size[p]++;
    l->size[v] = 0;
    l->part[v] = p;
}

/* Grows the parts of one community, whose nodes are nodes[0 .. count - 1]; more than that can
 * be read, up to `readable`. */
static void refine_community(struct leiden *l, struct leiden_level *level, uint32_t *nodes,
                             uint32_t count, uint32_t readable)
{
    int ahead = level->nodes_count >= LEIDEN_AHEAD_NODES;
    double whole = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t v = nodes[i];
        if (ahead && i + 8 < readable) {
            __builtin_prefetch(level->first + nodes[i + 8]);
            leiden_fetch_row(level, nodes[i + 5]);
            leiden_fetch_targets(level, nodes[i + 2], l->community);
        }
        whole += level->strength[v];
        l->outside[v] = arcs_inside(l, level, v);
    }
    lks_leiden_shuffle(&l->rng, nodes, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t v = nodes[i];
        double k = level->strength[v];
        if (l->size[v] == 1 && l->part[v] == v &&
            l->outside[v] >= l->scale * k * (whole - k) - l->least)
            place_node(l, level, v, whole);
    }
}

uint32_t lks_leiden_refine(struct leiden *l, struct leiden_level *level, uint32_t communities_count)
{
    uint32_t n = level->nodes_count;
    for (uint32_t v = 0; v < n; v++) {
        l->part[v] = v;
        l->size[v] = 1;
        l->slot[v].total = level->strength[v];
    }
    lks_leiden_group_by(l, l->community, n, communities_count);
    for (uint32_t c = 0; c < communities_count; c++) {
        uint32_t count = l->start[c + 1] - l->start[c];
        if (count > 1)
            refine_community(l, level, l->order + l->start[c], count, n - l->start[c]);
    }
    return lks_leiden_renumber(l, l->part, n);
}
