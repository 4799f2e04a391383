/* relay_worlds.h - made messages of channels, for the tests of relays */
#ifndef LKS_SIGNAL_RELAY_WORLDS_H
#define LKS_SIGNAL_RELAY_WORLDS_H

#include <stdlib.h>

#include "signal/relay.h"

enum { POSTS_MAX = 40000, USES_MAX = 160000 };

struct world {
    struct lks_relay_input input;
    int64_t time_us[POSTS_MAX];
    uint32_t place[POSTS_MAX];
    uint8_t is_call[POSTS_MAX];
    struct lks_relay_use uses[USES_MAX];
};

static inline int use_order(const void *a, const void *b)
{
    const struct lks_relay_use *x = a, *y = b;
    if (x->term != y->term)
        return x->term < y->term ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

static inline void world_finish(struct world *world, size_t posts, size_t uses, uint32_t places,
                                uint32_t terms)
{
    size_t kept = 0;
    qsort(world->uses, uses, sizeof *world->uses, use_order);
    for (size_t i = 0; i < uses; i++)
        if (!kept || use_order(&world->uses[kept - 1], &world->uses[i]) != 0)
            world->uses[kept++] = world->uses[i];
    world->input = (struct lks_relay_input){.post_time_us = world->time_us,
                                            .post_place = world->place,
                                            .post_is_call = world->is_call,
                                            .posts_count = posts,
                                            .uses = world->uses,
                                            .uses_count = kept,
                                            .places_count = places,
                                            .terms_count = terms};
}

static inline int has(const struct world *world, uint32_t term, size_t post)
{
    struct lks_relay_use key = {term, (uint32_t)post};
    return bsearch(&key, world->uses, world->input.uses_count, sizeof key, use_order) != NULL;
}

/* A message before it is in order. */
struct draft {
    int64_t time_us;
    uint32_t place, term[4]; /* UINT32_MAX: none */
    uint8_t is_call;
};

static inline int draft_order(const void *a, const void *b)
{
    const struct draft *x = a, *y = b;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static inline void world_of(struct world *world, struct draft *drafts, size_t count,
                            uint32_t places, uint32_t terms)
{
    size_t uses = 0;
    qsort(drafts, count, sizeof *drafts, draft_order);
    for (size_t p = 0; p < count; p++) {
        world->time_us[p] = drafts[p].time_us;
        world->place[p] = drafts[p].place;
        world->is_call[p] = drafts[p].is_call;
        for (int i = 0; i < 4; i++)
            if (drafts[p].term[i] != UINT32_MAX)
                world->uses[uses++] = (struct lks_relay_use){drafts[p].term[i], (uint32_t)p};
    }
    world_finish(world, count, uses, places, terms);
}

#endif
