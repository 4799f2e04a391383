/* occasions.c - the most disjoint pairs of posts that match: the occasions of two accounts
 *
 * Two posts match if they share any object within its window. One repost can carry six
 * objects and can meet many posts of the other account, yet it is one act: so the strength
 * of two accounts is the size of a maximum matching between their posts.
 *
 * First greedily: left events in order (object, time), each taking the first free post in
 * its range. For a single object that is already a maximum, as both ends of the ranges
 * rise. Then augmenting paths (Kuhn 1955), searched depth first from every free left post,
 * in rounds: within a round a right post is visited once, whether the search that met it
 * succeeded or not, and rounds go on until one finds nothing. The ranges are never
 * expanded: "next right event whose post is not yet visited" is a union-find forest with
 * path halving, so that a round costs O(events) up to the inverse Ackermann factor, though
 * the ranges may hold the square of that in pairs. */
#include "coaction/occasions.h"

#include <string.h>

static const uint32_t NONE = UINT32_MAX;

struct search {
    const struct lks_occasions_graph *graph;
    uint32_t *left_mate, *right_mate;
    uint32_t *skip;   /* [right_events + 1] forest: towards the next event that may be open */
    uint32_t *closed; /* [right_count] the round in which the post was visited; 0 never */
    uint32_t *path;   /* [left_count] left posts of the path */
    uint32_t *via;    /* [left_count] by left post: the right post that the path took from it */
    uint32_t *cursor; /* [left_count] by left post: the next of its events to try */
};

static uint32_t skip_find(uint32_t *skip, uint32_t at)
{
    while (skip[at] != at) {
        skip[at] = skip[skip[at]];
        at = skip[at];
    }
    return at;
}

/* The next event of the range whose post is open in this round, or NONE. */
static uint32_t range_open(struct search *search, uint32_t first, uint32_t end, uint32_t round)
{
    for (uint32_t at = first; at < end; at++) {
        at = skip_find(search->skip, at);
        if (at >= end)
            break;
        if (search->closed[search->graph->right_of[at]] != round)
            return at;
        search->skip[at] = at + 1;
    }
    return NONE;
}

static void skip_reset(struct search *search)
{
    for (size_t i = 0; i <= search->graph->right_events; i++)
        search->skip[i] = (uint32_t)i;
}

static uint32_t match_greedily(struct search *search)
{
    const struct lks_occasions_graph *graph = search->graph;
    uint32_t size = 0;
    skip_reset(search);
    for (size_t i = 0; i < graph->left_events; i++) {
        uint32_t left = graph->left_of[i];
        if (search->left_mate[left] != NONE)
            continue;
        uint32_t event = range_open(search, graph->first[i], graph->end[i], 1);
        if (event == NONE)
            continue;
        uint32_t right = graph->right_of[event];
        search->closed[right] = 1; /* round 1: closed means taken */
        search->left_mate[left] = right;
        search->right_mate[right] = left;
        size++;
    }
    return size;
}

/* Searches one augmenting path from a free left post; 1 if found and applied. */
static int augment(struct search *search, uint32_t root, uint32_t round)
{
    const struct lks_occasions_graph *graph = search->graph;
    uint32_t depth = 0;
    search->path[0] = root;
    search->cursor[root] = graph->left_start[root];
    for (;;) {
        uint32_t left = search->path[depth];
        uint32_t event = NONE;
        for (; search->cursor[left] < graph->left_start[left + 1]; search->cursor[left]++) {
            uint32_t i = graph->left_event[search->cursor[left]];
            event = range_open(search, graph->first[i], graph->end[i], round);
            if (event != NONE)
                break;
        }
        if (event == NONE) {
            if (depth == 0)
                return 0;
            depth--;
            continue;
        }
        uint32_t right = graph->right_of[event];
        search->closed[right] = round;
        search->via[left] = right;
        if (search->right_mate[right] == NONE)
            break;
        /* A right post is visited once a round, so its mate enters a path once too. */
        left = search->right_mate[right];
        search->path[++depth] = left;
        search->cursor[left] = graph->left_start[left];
    }
    for (uint32_t i = 0; i <= depth; i++) {
        uint32_t left = search->path[i];
        search->left_mate[left] = search->via[left];
        search->right_mate[search->via[left]] = left;
    }
    return 1;
}

static uint32_t *cut(uint32_t **words, size_t count)
{
    uint32_t *part = *words;
    *words += count;
    return part;
}

int lks_occasions_count(const struct lks_occasions_graph *graph,
                        struct lks_occasions_scratch *scratch, struct lks_budget *budget,
                        uint32_t *size_out, struct lks_error *err)
{
    size_t left = graph->left_count, right = graph->right_count;
    size_t bound = left < right ? left : right;
    size_t needed = 4 * left + 2 * right + graph->right_events + 1;
    *size_out = (uint32_t)bound;
    if (bound <= 1)
        return 0; /* every post here has a partner */
    if (lks_budget_grow(budget, &scratch->words, &scratch->words_capacity, needed, 4, err) < 0)
        return LKS_EMEMORY;
    uint32_t *words = scratch->words;
    struct search search = {.graph = graph};
    search.left_mate = cut(&words, left);
    search.right_mate = cut(&words, right);
    search.closed = cut(&words, right);
    search.path = cut(&words, left);
    search.via = cut(&words, left);
    search.cursor = cut(&words, left);
    search.skip = cut(&words, graph->right_events + 1);
    memset(search.left_mate, 0xff, left * 4);
    memset(search.right_mate, 0xff, right * 4);
    memset(search.closed, 0, right * 4);
    uint32_t size = match_greedily(&search);
    uint32_t found = 1;
    for (uint32_t round = 2; found && size < bound; round++) {
        found = 0;
        skip_reset(&search);
        for (uint32_t root = 0; root < left && size + found < bound; root++)
            if (search.left_mate[root] == NONE)
                found += (uint32_t)augment(&search, root, round);
        size += found;
    }
    *size_out = size;
    return 0;
}

void lks_occasions_scratch_free(struct lks_occasions_scratch *scratch, struct lks_budget *budget)
{
    lks_budget_free(budget, scratch->words, scratch->words_capacity, 4);
    *scratch = (struct lks_occasions_scratch){0};
}
