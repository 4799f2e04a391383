/* gen_events.h - a seeded month of events, for measuring the co-action kernel */
#ifndef LKS_BENCH_GEN_EVENTS_H
#define LKS_BENCH_GEN_EVENTS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "record/events.h"

/* 30 days with days and nights; accounts a twentieth of the events, by a power law; 65 % of
 * the events in cascades (sizes Pareto, decaying exponentially), 35 % in hashtags (Zipf);
 * planted groups of 5-120 accounts with 4-39 joint actions within half a minute. One event
 * is one post. At 60 s this holds some 5 million matching pairs for a million events and some
 * 300 million for ten. */
enum { GEN_TAGS = 20000 };

struct gen {
    struct lks_events events;
    struct lks_rng rng;
    size_t capacity;
    double tag_share[GEN_TAGS]; /* cumulative */
};

static inline void *gen_array(size_t count, size_t item_bytes)
{
    void *array = calloc(count ? count : 1, item_bytes);
    if (!array) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return array;
}

static inline int64_t gen_day_time(struct gen *gen)
{
    for (;;) {
        double at = lks_rng_unit(&gen->rng) * 30;
        if (lks_rng_unit(&gen->rng) * 1.8 < 1 + 0.8 * sin(at * 2 * M_PI))
            return (int64_t)(at * (double)LKS_DAY_US);
    }
}

static inline uint32_t gen_account(struct gen *gen)
{
    double at = pow(lks_rng_unit(&gen->rng), 2.2) * gen->events.accounts_count;
    return (uint32_t)at;
}

static inline void gen_add(struct gen *gen, uint32_t object, uint32_t account, int64_t time_us)
{
    struct lks_events *events = &gen->events;
    size_t at = events->count;
    if (at == gen->capacity)
        return;
    /* Whole seconds, as most platforms write them. */
    time_us = (1700000000 + time_us / LKS_SECOND_US) * LKS_SECOND_US;
    events->object[at] = object;
    events->account[at] = account;
    events->post[at] = (uint32_t)at;
    events->time_us[at] = time_us;
    events->post_account[at] = account;
    events->post_time_us[at] = time_us;
    events->count++;
}

static inline uint32_t gen_tag(struct gen *gen)
{
    double at = lks_rng_unit(&gen->rng);
    size_t low = 0, high = GEN_TAGS - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (gen->tag_share[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint32_t)low;
}

static inline void gen_planted(struct gen *gen, uint32_t *object)
{
    uint32_t members = 5 + (uint32_t)lks_rng_below(&gen->rng, 116);
    uint32_t acts = 4 + (uint32_t)lks_rng_below(&gen->rng, 36);
    uint32_t first = (uint32_t)lks_rng_below(&gen->rng, gen->events.accounts_count);
    for (uint32_t act = 0; act < acts; act++) {
        int64_t time_us = gen_day_time(gen);
        for (uint32_t m = 0; m < members; m++)
            gen_add(gen, *object, (first + m * 7919) % gen->events.accounts_count,
                    time_us + (int64_t)lks_rng_below(&gen->rng, 30 * LKS_SECOND_US));
        (*object)++;
    }
}

static inline void gen_cascade(struct gen *gen, uint32_t *object)
{
    double size = pow(1 - lks_rng_unit(&gen->rng), -1 / 1.05);
    double decay_us = (double)LKS_HOUR_US * (0.5 + 12 * lks_rng_unit(&gen->rng));
    int64_t start_us = gen_day_time(gen);
    size_t limit = gen->capacity / 50 + 10;
    for (size_t i = 0; i < (size_t)size && i < limit; i++) {
        double after_us = -log(1 - lks_rng_unit(&gen->rng)) * decay_us;
        gen_add(gen, *object, gen_account(gen), start_us + (int64_t)after_us);
    }
    (*object)++;
}

/* Makes count events in the kernel's order; lks_events_free frees them. */
static inline struct lks_events gen_events(size_t count, uint64_t seed)
{
    struct gen *gen = gen_array(1, sizeof *gen);
    struct lks_events *events = &gen->events;
    uint32_t object = GEN_TAGS;
    double sum = 0;
    gen->capacity = count;
    lks_rng_init(&gen->rng, seed, 0);
    events->object = gen_array(count, 4);
    events->account = gen_array(count, 4);
    events->post = gen_array(count, 4);
    events->time_us = gen_array(count, 8);
    events->post_account = gen_array(count, 4);
    events->post_time_us = gen_array(count, 8);
    events->accounts_count = (uint32_t)(count / 20 + 200);
    for (int i = 0; i < GEN_TAGS; i++)
        sum += 1.0 / (i + 1);
    for (int i = 0; i < GEN_TAGS; i++)
        gen->tag_share[i] = (i ? gen->tag_share[i - 1] : 0) + 1.0 / (i + 1) / sum;
    size_t tags = count / 100 * 35;
    for (size_t i = 0; i < tags; i++)
        gen_add(gen, gen_tag(gen), gen_account(gen), gen_day_time(gen));
    size_t groups = count / 100000 + 1;
    for (size_t i = 0; i < groups && events->count < count * 4 / 10; i++)
        gen_planted(gen, &object);
    while (events->count < count)
        gen_cascade(gen, &object);
    events->objects_count = object;
    events->posts_count = (uint32_t)events->count;
    events->object_kind = gen_array(object, 1);
    for (uint32_t o = 0; o < object; o++)
        events->object_kind[o] = o < GEN_TAGS ? LKS_OBJECT_HASHTAG : LKS_OBJECT_URL;
    if (lks_events_sort(events, NULL) != 0)
        exit(1);
    struct lks_events made = *events;
    free(gen);
    return made;
}

#endif
