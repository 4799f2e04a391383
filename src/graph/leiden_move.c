/* lks_leiden_move.c - Leiden's first phase: nodes move to the community that gains most
 *
 * The idea. Nodes wait in a queue; the head is looked at, and if it leaves for another
 * community its neighbours outside of that wait again. The gain of c is
 * w(v,c) - gamma k_v K_c / 2m, in units of weight.
 *
 * Cost. Everything is one miss after the other: row, then the neighbours' communities, then
 * those communities' slots. The queue says long before who is next, so each of the three is
 * fetched for a later node while this one is counted:
 *
 *   queue  head: visit | +3: slots | +6: communities | +10: row | +16: where the row is
 *
 * In the first iteration a level is left after a few visits a node: where there are few
 * communities to find, moving goes on for long, and the level above does the same with
 * fewer nodes. Later iterations go on until nothing moves.
 *
 * The start of the queue is a shuffle of blocks of nodes that follow each other: a whole
 * shuffle gives no better communities and misses more; no shuffle at all gives worse ones
 * where ids say something about the nodes.
 */
#include <string.h>

#include "graph/leiden_parts.h"

enum { BLOCK_NODES = 32 };

/* The communities' ids in use are below count, but for those in `spare`. */
struct ids {
    uint32_t count, spare_count;
};

/* Puts v into the best community; returns whether it left its own. Sums are whole numbers, so
 * that a community whose strengths are 0 without v is empty; a node without any strength has no
 * arcs and stays. */
static inline int move_node(struct leiden *l, const struct leiden_level *level, uint32_t v,
                            struct ids *ids, int large)
{
    struct leiden_slot *slot = l->slot;
    uint32_t *touched = l->touched, old = l->community[v] & LEIDEN_NODES_MAX, best = old;
    double k = level->node[v].strength, push = l->scale * k;
    uint32_t touched_count = leiden_gather(l, level, v, l->community, 0, large);
    double rest = slot[old].total -= k;
    double stay = leiden_take(slot + old) - push * rest, best_gain = -1e300;
    for (uint32_t i = 0; i < touched_count; i++) {
        uint32_t c = touched[i];
        /* Listed again, it has no link any more and cannot be better than it was. */
        double gain = leiden_take(slot + c) - push * slot[c].total;
        best = gain > best_gain ? c : best;
        best_gain = gain > best_gain ? gain : best_gain;
    }
    if (best_gain <= stay + l->least) {
        best = old;
        best_gain = stay;
    }
    if (best_gain < -l->least && rest > 0)
        best = ids->spare_count ? l->spare[--ids->spare_count] : ids->count++;
    if (best != old && !(rest > 0))
        l->spare[ids->spare_count++] = old;
    slot[best].total += k;
    l->community[v] = best;
    return best != old;
}

/* Totals of the communities at the start, whose ids are dense. */
static struct ids start(struct leiden *l, const struct leiden_level *level)
{
    uint32_t n = level->nodes_count, last = 0;
    for (uint32_t c = 0; c < n; c++)
        l->slot[c] = (struct leiden_slot){0};
    for (uint32_t v = 0; v < n; v++) {
        uint32_t c = l->community[v];
        l->slot[c].total += level->node[v].strength;
        l->community[v] = c | LEIDEN_WAITS;
        last = c > last ? c : last;
    }
    return (struct ids){.count = last + 1};
}

/* Numbers the communities anew without gaps and in the order that they had: where most of them
 * have become empty, one line of memory then holds four in use instead of one. */
static struct ids close_gaps(struct leiden *l, uint32_t n, struct ids ids)
{
    uint32_t *fresh = l->fresh, count = 0;
    memset(fresh, 0, ids.count * sizeof *fresh);
    for (uint32_t v = 0; v < n; v++)
        fresh[l->community[v] & LEIDEN_NODES_MAX] = 1;
    for (uint32_t c = 0; c < ids.count; c++) {
        uint32_t used = fresh[c];
        fresh[c] = count;
        l->slot[count].total = l->slot[c].total;
        count += used;
    }
    for (uint32_t c = count; c < ids.count; c++)
        l->slot[c].total = 0;
    for (uint32_t v = 0; v < n; v++) {
        uint32_t c = l->community[v];
        l->community[v] = fresh[c & LEIDEN_NODES_MAX] | (c & LEIDEN_WAITS);
    }
    return (struct ids){.count = count};
}

/* The queue: blocks in random order. `fresh` is scratch. */
static void fill_queue(struct leiden *l, uint32_t n)
{
    uint32_t blocks_count = n < 256 * BLOCK_NODES ? 0 : n / BLOCK_NODES, at = 0;
    for (uint32_t b = 0; b < blocks_count; b++)
        l->fresh[b] = b;
    lks_leiden_shuffle(&l->rng, l->fresh, blocks_count);
    for (uint32_t b = 0; b < blocks_count; b++) {
        for (uint32_t i = 0; i < BLOCK_NODES; i++)
            l->queue[at++] = l->fresh[b] * BLOCK_NODES + i;
    }
    uint32_t rest = at;
    for (; at < n; at++)
        l->queue[at] = at;
    lks_leiden_shuffle(&l->rng, l->queue + rest, n - rest);
    /* What is fetched ahead may lie past the tail: those must be nodes of this level too. */
    for (l->queue_mask = 1; l->queue_mask <= n; l->queue_mask = 2 * l->queue_mask + 1)
        ;
    memset(l->queue + n, 0, (l->queue_mask + 1 - n) * sizeof *l->queue);
}

static inline void fetch_ahead(const struct leiden *l, const struct leiden_level *level,
                               uint32_t head)
{
    const uint32_t *queue = l->queue;
    uint32_t mask = l->queue_mask;
    uint32_t far = queue[(head + 16) & mask], near = queue[(head + 3) & mask];
    __builtin_prefetch(level->node + far);
    __builtin_prefetch(l->community + far, 1);
    leiden_fetch_row(level, queue[(head + 10) & mask]);
    leiden_fetch_targets(level, queue[(head + 6) & mask], l->community);
    leiden_fetch_slots(l, level, near, l->community);
    __builtin_prefetch(l->slot + (l->community[near] & LEIDEN_NODES_MAX), 1);
}

/* Queues the neighbours of v outside of its community that do not wait yet; returns how many.
 * Who does is as good as random: no branch on it. */
static inline uint32_t wake(struct leiden *l, const struct leiden_level *level, uint32_t v,
                            uint32_t tail)
{
    uint32_t now = l->community[v], mask = l->queue_mask, from = tail;
    uint32_t *community = l->community, *queue = l->queue;
    for (uint32_t i = level->node[v].first, end = level->node[v].end; i < end; i++) {
        uint32_t u = level->arc[i].target, c = community[u];
        uint32_t wakes = (uint32_t)(c != now) & ~(c >> 31) & 1;
        queue[tail & mask] = u;
        community[u] = c | wakes << 31;
        tail += wakes;
    }
    return tail - from;
}

int lks_leiden_move(struct leiden *l, const struct leiden_level *level, uint64_t visits_max)
{
    uint32_t n = level->nodes_count, head = 0, waiting = n;
    struct ids ids = start(l, level);
    int moved = 0, ahead = n >= LEIDEN_AHEAD_NODES, large = n >= LEIDEN_LARGE_NODES;
    uint64_t gaps_at = ahead ? n / 2 : UINT64_MAX;
    fill_queue(l, n);
    for (uint64_t visits = 0; waiting && visits < visits_max; visits++) {
        uint32_t v = l->queue[head & l->queue_mask];
        if (visits == gaps_at) {
            ids = close_gaps(l, n, ids);
            gaps_at *= 2;
        }
        if (ahead)
            fetch_ahead(l, level, head);
        head++;
        waiting--;
        if (!move_node(l, level, v, &ids, large))
            continue;
        moved = 1;
        waiting += wake(l, level, v, head + waiting);
    }
    for (; waiting; waiting--)
        l->community[l->queue[head++ & l->queue_mask]] &= LEIDEN_NODES_MAX;
    return moved;
}
