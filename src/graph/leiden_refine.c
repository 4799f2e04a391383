/* lks_leiden_refine.c - Leiden's second phase: well-connected parts inside communities
 *
 * The idea. Each community is grown anew from single nodes: a node that still stands alone
 * and is well connected to the rest of the community, E(v, C - v) >= gamma k_v (K_C - k_v) /
 * 2m, joins a part that is so as well and does not lower the quality, by chance in
 * proportion to exp(gain / theta). So any subset of the community that would be worth having can
 * come out, and none falls apart.
 *
 * Cost. One pass over the rows of a community, which makes it a small graph of its own: nodes are
 * numbered by their place in the list of all nodes by community, so that one look at a neighbour's
 * place tells whether it belongs and who it is. All else reads that graph, which lies together.
 */
#include <string.h>

#include "graph/leiden_parts.h"

enum { LARGE_MEMBERS = 4096 };

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

/* Picks a part for the lone member i, with the weight from it to the part; staying alone has
 * gain 0. */
static uint32_t choose_part(struct leiden *l, uint32_t i, double k, double whole,
                            uint32_t touched_count, uint32_t *link_out)
{
    uint32_t candidates_count = 0, choice = 0;
    double best = 0;
    for (uint32_t t = 0; t < touched_count; t++) {
        uint32_t p = l->touched[t];
        double total = l->slot[p].total;
        uint32_t link = leiden_take(l->slot + p);
        double gain = link - l->scale * k * total;
        int well = l->member[p].outside >= l->scale * total * (whole - total) - l->least;
        /* Listed again, a part has no link any more. */
        if (!link || !well || gain < -l->least)
            continue;
        l->spare[candidates_count] = p;
        l->touched[candidates_count] = link; /* at or before t */
        l->chance[candidates_count++] = gain;
        best = gain > best ? gain : best;
    }
    if (!candidates_count)
        return i;
    double alone = exp_negative(-best / l->theta), sum = alone;
    for (uint32_t t = 0; t < candidates_count; t++) {
        sum += exp_negative((l->chance[t] - best) / l->theta);
        l->chance[t] = sum;
    }
    double draw = lks_rng_unit(&l->rng) * sum;
    if (draw < alone)
        return i;
    while (choice + 1 < candidates_count && draw >= l->chance[choice])
        choice++;
    *link_out = l->touched[choice];
    return l->spare[choice];
}

/* Puts the lone member i into a part of its community. */
static void place_member(struct leiden *l, const struct leiden_arc *arc, uint32_t i, double whole)
{
    struct leiden_member *member = l->member;
    uint32_t touched_count = 0, link = 0;
    double k = l->slot[i].total;
    for (uint32_t j = member[i].first, end = member[i].end; j < end; j++) {
        uint32_t p = member[arc[j].target].part;
        l->touched[touched_count] = p;
        touched_count += leiden_touch(l->slot + p, j - member[i].first, arc[j].weight);
    }
    uint32_t p = choose_part(l, i, k, whole, touched_count, &link);
    if (p == i)
        return;
    member[p].outside += member[i].outside - 2.0 * link;
    l->slot[p].total += k;
    member[p].size++;
    member[i].size = 0;
    member[i].part = p;
}

/* Makes the community at order[base .. base + count - 1] a graph of its own: members numbered
 * from 0 and their arcs to each other. Brings those arcs to the head of the rows as well.
 * Returns the strengths' sum. */
static double make_members(struct leiden *l, struct leiden_level *level, uint32_t base,
                           uint32_t count, struct leiden_arc *inside)
{
    const uint32_t *order = l->order, *position = l->position;
    uint32_t n = level->nodes_count, at = 0, ahead = n >= LEIDEN_AHEAD_NODES;
    struct leiden_arc *arc = level->arc;
    double whole = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct leiden_node *node = level->node + order[base + i];
        if (ahead && base + i + 10 < n) {
            __builtin_prefetch(level->node + order[base + i + 10]);
            leiden_fetch_row(level, order[base + i + 6]);
            leiden_fetch_targets(level, order[base + i + 3], position);
        }
        uint32_t first = at, head = node->first;
        double sum = 0;
        for (uint32_t j = head, end = node->end; j < end; j++) {
            struct leiden_arc this = arc[j];
            if (ahead && j + LEIDEN_AHEAD_ARCS < end)
                __builtin_prefetch(position + arc[j + LEIDEN_AHEAD_ARCS].target);
            uint32_t target = position[this.target] - base; /* others wrap round or lie behind */
            if (target < count) {
                inside[at++] = (struct leiden_arc){target, this.weight};
                arc[j] = arc[head];
                arc[head++] = this;
                sum += this.weight;
            }
        }
        whole += node->strength;
        l->slot[i].total = node->strength;
        l->member[i] = (struct leiden_member){sum, first, at, i, 1};
    }
    return whole;
}

/* Sorts the nodes of a community by part, and names each part by one of its nodes. */
static void tell_parts(struct leiden *l, uint32_t base, uint32_t count)
{
    uint32_t *at = l->fresh, *node = l->spare, *order = l->order + base, sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        at[i] = sum;
        sum += l->member[i].size;
        node[i] = order[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t p = l->member[i].part;
        l->part[node[i]] = node[p];
        order[at[p]++] = node[i];
    }
}

/* Fetches what the members behind turn[t] need, in a community that does not fit into the second
 * cache. `turn` has count entries. */
static inline void fetch_members(const struct leiden *l, const struct leiden_arc *inside,
                                 const uint32_t *turn, uint32_t t)
{
    const struct leiden_member *member = l->member, *row = member + turn[t + 6];
    __builtin_prefetch(member + turn[t + 12], 1);
    __builtin_prefetch(l->slot + turn[t + 12], 1);
    __builtin_prefetch(inside + row->first);
    __builtin_prefetch(inside + row->first + 8);
    row = member + turn[t + 3];
    uint32_t end =
        row->end - row->first > LEIDEN_AHEAD_ARCS ? row->first + LEIDEN_AHEAD_ARCS : row->end;
    for (uint32_t j = row->first; j < end; j++) {
        __builtin_prefetch(member + inside[j].target);
        __builtin_prefetch(l->slot + inside[j].target);
    }
}

/* Grows the parts of one community. */
static void refine_community(struct leiden *l, struct leiden_level *level, uint32_t base,
                             uint32_t count, struct leiden_arc *inside)
{
    double whole = make_members(l, level, base, count, inside);
    uint32_t *turn = l->fresh;
    for (uint32_t i = 0; i < count; i++)
        turn[i] = i;
    lks_leiden_shuffle(&l->rng, turn, count);
    for (uint32_t t = 0; t < count; t++) {
        uint32_t i = turn[t];
        if (count >= LARGE_MEMBERS && t + 12 < count)
            fetch_members(l, inside, turn, t);
        const struct leiden_member *member = l->member + i;
        double k = l->slot[i].total;
        if (member->size == 1 && member->part == i &&
            member->outside >= l->scale * k * (whole - k) - l->least)
            place_member(l, inside, i, whole);
    }
    tell_parts(l, base, count);
}

/* Lists the nodes by community: those of c are order[start[c]] .. order[start[c + 1] - 1]. */
static void group_nodes(struct leiden *l, uint32_t n, uint32_t communities_count)
{
    const uint32_t *community = l->community;
    memset(l->start, 0, ((size_t)communities_count + 1) * sizeof *l->start);
    for (uint32_t v = 0; v < n; v++)
        l->start[community[v] + 1]++;
    for (uint32_t c = 0; c < communities_count; c++)
        l->start[c + 1] += l->start[c];
    memcpy(l->fresh, l->start, communities_count * sizeof *l->fresh);
    for (uint32_t v = 0; v < n; v++) {
        uint32_t at = l->fresh[community[v]]++;
        l->order[at] = v;
        l->position[v] = at;
    }
}

uint32_t lks_leiden_refine(struct leiden *l, struct leiden_level *level, uint32_t communities_count,
                           struct leiden_arc *scratch)
{
    group_nodes(l, level->nodes_count, communities_count);
    for (uint32_t c = 0; c < communities_count; c++) {
        uint32_t base = l->start[c], count = l->start[c + 1] - base;
        if (count > 1)
            refine_community(l, level, base, count, scratch);
        else
            l->part[l->order[base]] = l->order[base];
    }
    return lks_leiden_renumber(l, l->part, level->nodes_count);
}
