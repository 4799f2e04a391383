/* leiden_parts.h - what the phases of Leiden share; not for others */
#ifndef LKS_GRAPH_LEIDEN_PARTS_H
#define LKS_GRAPH_LEIDEN_PARTS_H

#include "base/rng.h"
#include "graph/leiden.h"

/* Weights are whole numbers of a unit, a power of two, so small that all arcs together come
 * near 2^32: sums are exact in any order, and a weight that was a whole number stays one
 * where they are not too many. Half of a neighbour is its weight: one stream of memory
 * instead of two. */
struct leiden_arc {
    uint32_t target, weight;
};

struct leiden_node {
    uint32_t first, end; /* its arcs */
    uint32_t strength;   /* all strengths together fit as well */
};

/* A level's graph: rows of arcs, in no order inside a row, loops left out, since no gain depends
 * on them but through the strengths. What a visit asks of a node lies in one place. */
struct leiden_level {
    uint32_t nodes_count;
    uint32_t arcs_count;
    struct leiden_node *node; /* [nodes_count] */
    struct leiden_arc *arc;   /* [arcs_count] rows in any order */
};

/* A community or part: what a visit adds up and what it compares it with, in one place, so
 * that a cache miss fetches both. Neighbours are often of one community, and a sum in
 * memory waits for the one before it: arcs take turns at two. */
struct leiden_slot {
    uint32_t link[2]; /* weight from the node in hand, both 0 if not touched */
    double total;     /* strengths */
};

/* Nodes waiting for a visit are marked in their community, which a visit reads anyway. */
#define LEIDEN_WAITS 0x80000000u
#define LEIDEN_NODES_MAX 0x7fffffffu
#define LEIDEN_ARCS_MAX 0x7fffffffu /* 2^31 arcs of weight 1 are still fine */
/* Visits a node in the first iteration, measured: fewer cost modularity, more cost time. A visit
 * on the first level costs several times one above, where less is out of the caches. */
#define LEIDEN_FIRST_VISITS 4u
#define LEIDEN_ABOVE_VISITS 8u
/* Below so many nodes everything that a visit touches is in the second cache already, and
 * fetching ahead only costs. */
#define LEIDEN_AHEAD_NODES 12000u
/* From so many on, communities and slots are out of it. */
#define LEIDEN_LARGE_NODES 50000u

/* A node inside its community while that is taken apart. The members of a community are numbered
 * from 0, so that all that refinement asks lies together. */
struct leiden_member {
    double outside;      /* of a part: weight from it to the rest of the community */
    uint32_t first, end; /* arcs that stay in the community */
    uint32_t part;       /* a member of it */
    uint32_t size;       /* members of this one's part, 0 if it has joined another */
};

/* Arrays over the nodes of the first level, which is the largest. Only what is used is written:
 * fresh memory costs as much as a pass over it. */
struct leiden {
    struct lks_rng rng;
    double scale;         /* gamma / 2m */
    double least;         /* gains below this are rounding */
    double theta;         /* randomness in units of weight */
    uint32_t nodes_count; /* of the first level */
    int unrefined;        /* a level was contracted by its communities */
    uint32_t *community;  /* of a level's node */
    uint32_t *part;       /* refined, of a level's node */
    uint32_t *order;      /* nodes by community, then by part */
    uint32_t *position;   /* of a node in order */
    uint32_t *queue;      /* [queue_mask + 1], more than nodes_count, all of them nodes */
    uint32_t queue_mask;
    uint32_t *start;   /* [nodes_count + 1] of a community in order */
    uint32_t *touched; /* [2 nodes_count] groups that the node in hand touches */
    uint32_t *fresh;   /* new ids of old ids */
    uint32_t *spare;   /* communities that were left empty */
    uint32_t *place;   /* where a node of the first level stands in this level */
    double *chance;    /* running sums of the choice in refinement */
    struct leiden_member *member;
    struct leiden_slot *slot;
};

/* How far into a row is fetched ahead. */
#define LEIDEN_AHEAD_ARCS 24u

static inline uint32_t leiden_ahead_end(const struct leiden_node *node)
{
    return node->end - node->first > LEIDEN_AHEAD_ARCS ? node->first + LEIDEN_AHEAD_ARCS
                                                       : node->end;
}

/* Fetches the head of row v ahead of its visit. */
static inline void leiden_fetch_row(const struct leiden_level *level, uint32_t v)
{
    uint32_t end = leiden_ahead_end(level->node + v);
    for (uint32_t i = level->node[v].first; i < end; i += 8)
        __builtin_prefetch(level->arc + i);
    __builtin_prefetch(level->arc + end);
}

/* Fetches item[target] for the head of row v, which should be in the cache by now. */
static inline void leiden_fetch_targets(const struct leiden_level *level, uint32_t v,
                                        const uint32_t *item)
{
    uint32_t end = leiden_ahead_end(level->node + v);
    for (uint32_t i = level->node[v].first; i < end; i++)
        __builtin_prefetch(item + level->arc[i].target);
}

static inline void leiden_fetch_slots(const struct leiden *l, const struct leiden_level *level,
                                      uint32_t v, const uint32_t *item)
{
    uint32_t end = leiden_ahead_end(level->node + v);
    for (uint32_t i = level->node[v].first; i < end; i++)
        __builtin_prefetch(l->slot + (item[level->arc[i].target] & LEIDEN_NODES_MAX), 1);
}

/* Adds an arc to the slot of its group; returns 1 if that half was not touched before: a group is
 * listed at most twice. */
static inline uint32_t leiden_touch(struct leiden_slot *slot, uint64_t turn, uint32_t weight)
{
    uint32_t before = slot->link[turn & 1];
    slot->link[turn & 1] = before + weight;
    return before == 0;
}

/* Adds the arcs of v up by the group of their targets, item[target]; lists the groups in `touched`
 * behind the first touched_count, some twice, and returns how many there are then. What lies
 * behind the head of a long row nobody has fetched yet: where the level is large, it is now. */
static inline uint32_t leiden_gather(const struct leiden *l, const struct leiden_level *level,
                                     uint32_t v, const uint32_t *item, uint32_t touched_count,
                                     int large)
{
    const struct leiden_arc *arc = level->arc;
    struct leiden_slot *slot = l->slot;
    uint32_t *touched = l->touched, i = level->node[v].first, end = level->node[v].end;
    for (; large && i + LEIDEN_AHEAD_ARCS < end; i++) {
        __builtin_prefetch(item + arc[i + LEIDEN_AHEAD_ARCS].target);
        uint32_t next = item[arc[i + LEIDEN_AHEAD_ARCS / 2].target];
        __builtin_prefetch(slot + (next & LEIDEN_NODES_MAX), 1);
        uint32_t c = item[arc[i].target] & LEIDEN_NODES_MAX;
        touched[touched_count] = c;
        touched_count += leiden_touch(slot + c, i, arc[i].weight);
    }
    for (; i < end; i++) {
        uint32_t c = item[arc[i].target] & LEIDEN_NODES_MAX;
        touched[touched_count] = c;
        touched_count += leiden_touch(slot + c, i, arc[i].weight);
    }
    return touched_count;
}

/* Takes the sum out of a slot, and leaves 0. */
static inline uint32_t leiden_take(struct leiden_slot *slot)
{
    uint32_t link = slot->link[0] + slot->link[1];
    slot->link[0] = slot->link[1] = 0;
    return link;
}

/* Allocates a large array in large pages, where the system gives them: random access to small
 * ones misses the address cache as well. Freed by free(). */
void *lks_leiden_large_alloc(size_t bytes);
/* Makes the first level of a graph: nodes renumbered so that neighbours lie close; node v of
 * the graph is rank_out[v], and order[rank_out[v]] is v. Returns 0 or LKS_EMEMORY; lks_leiden_level_free frees what there
 * is. */
int lks_leiden_level_of(const struct lks_graph *graph, uint32_t *rank_out, uint32_t *order,
                        struct leiden_level *level);
void lks_leiden_level_free(struct leiden_level *level);
/* Allocates a level's arrays. */
int lks_leiden_level_alloc(struct leiden_level *level, uint32_t nodes_count, uint64_t arcs_count);

/* Local moving, until nothing moves or visits_max are made; returns whether anything moved.
 * `community` holds the start and the end. */
int lks_leiden_move(struct leiden *l, const struct leiden_level *level, uint64_t visits_max);
/* Grows parts inside the communities, which are numbered densely; returns how many parts,
 * numbered densely in `part`, and leaves the nodes by community and part in `order`. Reorders the
 * arcs inside rows; `scratch` is room for the arcs of the level. */
uint32_t lks_leiden_refine(struct leiden *l, struct leiden_level *level, uint32_t communities_count,
                           struct leiden_arc *scratch);
/* Writes the graph of the parts into next, whose arrays are long enough. The nodes of a part are
 * next to each other in `order`. */
void lks_leiden_contract(struct leiden *l, const struct leiden_level *level, uint32_t parts_count,
                         struct leiden_level *next);

/* Renumbers ids (all below n) densely in the order of their first node; returns how many. */
uint32_t lks_leiden_renumber(struct leiden *l, uint32_t *ids, uint32_t n);
void lks_leiden_shuffle(struct lks_rng *rng, uint32_t *items, uint32_t count);

#endif
