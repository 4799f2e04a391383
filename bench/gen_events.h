/* gen_events.h - a seeded month of events, for measuring the co-action kernel
 *
 * 30 days with days and nights; accounts a twentieth of the events, by a power law; 35 % of
 * the events in hashtags (Zipf), 65 % in cascades (sizes Pareto, decaying exponentially);
 * planted groups of 5-120 accounts with 4-39 joint actions within half a minute. One event is
 * one post, and times are whole seconds, as most platforms write them. At 60 s this holds
 * 4.5 million pairs of events in a window for a million events, 298 million for ten, 19 billion
 * for a hundred: at a fixed span pairs grow nearly with the square.
 *
 * The sizes of the cascades are the quantiles of their law and not draws from it, since the few
 * largest hold most of the pairs: drawn, they would make each seed another workload. */
#ifndef LKS_BENCH_GEN_EVENTS_H
#define LKS_BENCH_GEN_EVENTS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "record/events.h"

enum { GEN_TAGS = 20000, GEN_START_SECONDS = 1700000000 };

struct gen_options {
    size_t count;
    uint64_t seed;
    size_t month_count; /* events in 30 days; fewer than count makes the span longer */
    double viral_share; /* of the events, on one object more; 1: nothing but this object */
    double viral_days;  /* the object's span */
};

struct gen {
    struct gen_options options;
    struct lks_events events;
    struct lks_rng rng;
    double span_days;
    double tag_share[GEN_TAGS]; /* cumulative */
};

static inline struct gen_options gen_options_default(size_t count)
{
    return (struct gen_options){.count = count, .seed = 1, .month_count = count, .viral_days = 30};
}

static inline void *gen_array(size_t count, size_t item_bytes)
{
    void *array = calloc(count ? count : 1, item_bytes);
    if (!array) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return array;
}

static inline int64_t gen_day_time(struct gen *gen, double days)
{
    for (;;) {
        double at = lks_rng_unit(&gen->rng) * days;
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
    if (at == gen->options.count)
        return;
    events->object[at] = object;
    events->account[at] = account;
    events->post[at] = (uint32_t)at;
    events->time_us[at] = (GEN_START_SECONDS + time_us / LKS_SECOND_US) * LKS_SECOND_US;
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

static inline void gen_tags(struct gen *gen, size_t count)
{
    double sum = 0;
    for (int i = 0; i < GEN_TAGS; i++)
        sum += 1.0 / (i + 1);
    for (int i = 0; i < GEN_TAGS; i++)
        gen->tag_share[i] = (i ? gen->tag_share[i - 1] : 0) + 1.0 / (i + 1) / sum;
    for (size_t i = 0; i < count; i++) {
        uint32_t tag = gen_tag(gen), account = gen_account(gen);
        gen_add(gen, tag, account, gen_day_time(gen, gen->span_days));
    }
}

static inline void gen_planted(struct gen *gen, uint32_t *object)
{
    uint32_t members = 5 + (uint32_t)lks_rng_below(&gen->rng, 116);
    uint32_t acts = 4 + (uint32_t)lks_rng_below(&gen->rng, 36);
    uint32_t first = (uint32_t)lks_rng_below(&gen->rng, gen->events.accounts_count);
    for (uint32_t act = 0; act < acts; act++) {
        int64_t time_us = gen_day_time(gen, gen->span_days);
        for (uint32_t m = 0; m < members; m++)
            gen_add(gen, *object, (first + m * 7919) % gen->events.accounts_count,
                    time_us + (int64_t)lks_rng_below(&gen->rng, 30 * LKS_SECOND_US));
        (*object)++;
    }
}

/* Size of the cascade of that rank among `cascades` of a month. */
static inline double gen_cascade_size(const struct gen *gen, double rank, double cascades)
{
    double size = floor(pow((rank + 0.5) / cascades, -1 / 1.13));
    double limit = floor((double)gen->options.month_count / 77) + 10;
    return size < limit ? size : limit;
}

/* How many cascades a month of `count` events holds, by bisection on their number. */
static inline double gen_cascades_count(const struct gen *gen, double count)
{
    double low = 1, high = count;
    while (high - low > 1) {
        double middle = floor((low + high) / 2), sum = 0, step = 1;
        for (double rank = 0; rank < middle && sum < count; rank += step) {
            step = rank < 10000 ? 1 : floor(rank / 1000); /* sizes of far ranks are close */
            sum += gen_cascade_size(gen, rank, middle) * step;
        }
        if (sum < count)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static inline void gen_cascades(struct gen *gen, uint32_t *object)
{
    double months = gen->span_days / 30;
    double left = (double)(gen->options.count - gen->events.count);
    double cascades = gen_cascades_count(gen, left / months);
    /* Every month has the same sizes; what is over at the end are single events. */
    while (gen->events.count < gen->options.count) {
        for (double rank = 0; rank < cascades; rank++) {
            double turn = fmod(0.5 + rank * 0.6180339887498949, 1);
            double decay_us = (double)LKS_HOUR_US * (0.25 + 6 * turn);
            for (double month = 0; month < months; month++) {
                size_t size = (size_t)gen_cascade_size(gen, rank, cascades);
                int64_t start_us = gen_day_time(gen, gen->span_days);
                for (size_t i = 0; i < size; i++) {
                    double after_us = -log(1 - lks_rng_unit(&gen->rng)) * decay_us;
                    gen_add(gen, *object, gen_account(gen), start_us + (int64_t)after_us);
                }
                (*object)++;
            }
        }
        cascades = 1; /* rank 0 of one is the smallest size there is */
    }
}

/* Makes events in the kernel's order; lks_events_free frees them. The columns of posts, which
 * co-action does not look at, stay NULL. */
static inline struct lks_events gen_events_of(const struct gen_options *options)
{
    struct gen *gen = gen_array(1, sizeof *gen);
    struct lks_events *events = &gen->events;
    size_t count = options->count;
    uint32_t object = GEN_TAGS;
    gen->options = *options;
    gen->span_days = 30 * (double)count / (double)options->month_count;
    lks_rng_init(&gen->rng, options->seed, 0);
    events->object = gen_array(count, 4);
    events->account = gen_array(count, 4);
    events->post = gen_array(count, 4);
    events->time_us = gen_array(count, 8);
    events->accounts_count = (uint32_t)(count / 20 + 200);
    size_t viral = (size_t)((double)count * options->viral_share);
    for (size_t i = 0; i < viral; i++) {
        uint32_t account = gen_account(gen);
        gen_add(gen, object, account, gen_day_time(gen, options->viral_days));
    }
    object += viral > 0;
    gen_tags(gen, (count - viral) / 100 * 35);
    size_t groups = count / 100000 + 1;
    for (size_t i = 0; i < groups && events->count < count * 4 / 10; i++)
        gen_planted(gen, &object);
    if (events->count < count)
        gen_cascades(gen, &object);
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

/* The same with the columns of posts. */
static inline struct lks_events gen_events(size_t count, uint64_t seed)
{
    struct gen_options options = gen_options_default(count);
    options.seed = seed;
    struct lks_events events = gen_events_of(&options);
    events.post_account = gen_array(count, 4);
    events.post_time_us = gen_array(count, 8);
    for (size_t i = 0; i < count; i++) {
        events.post_account[events.post[i]] = events.account[i];
        events.post_time_us[events.post[i]] = events.time_us[i];
    }
    return events;
}

/* Pairs of events on one object at most window_us apart: what a kernel that prunes nothing looks
 * at. Linear, two pointers. */
static inline uint64_t gen_window_pairs(const struct lks_events *events, int64_t window_us)
{
    uint64_t pairs = 0;
    for (size_t i = 0, first = 0; i < events->count; i++) {
        while (events->object[first] != events->object[i] ||
               events->time_us[i] - events->time_us[first] > window_us)
            first++;
        pairs += i - first;
    }
    return pairs;
}

#endif
