/* world.h - small random worlds, for tests of co-action only */
#ifndef LKS_COACTION_WORLD_H
#define LKS_COACTION_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "coaction/coaction.h"

enum { EVENTS_MAX = 800, POSTS_MAX = 400, POSTS_FEW = 160, ACCOUNTS_MAX = 12, OBJECTS_MAX = 40 };

/* A small world of posts, each with events on a few objects. */
struct world {
    struct lks_events events;
    uint32_t object[EVENTS_MAX], account[EVENTS_MAX], post[EVENTS_MAX];
    int64_t time_us[EVENTS_MAX];
    uint32_t post_account[POSTS_MAX];
    int64_t post_time_us[POSTS_MAX];
    uint8_t object_kind[OBJECTS_MAX];
};

static const struct world *sorting;

static inline int compare_rows(const void *left, const void *right)
{
    const uint32_t i = *(const uint32_t *)left, j = *(const uint32_t *)right;
    const struct world *w = sorting;
    if (w->object[i] != w->object[j])
        return w->object[i] < w->object[j] ? -1 : 1;
    if (w->time_us[i] != w->time_us[j])
        return w->time_us[i] < w->time_us[j] ? -1 : 1;
    if (w->account[i] != w->account[j])
        return w->account[i] < w->account[j] ? -1 : 1;
    return w->post[i] < w->post[j] ? -1 : w->post[i] > w->post[j];
}

/* Puts the rows in the order that the kernels ask for. */
static inline void world_order(struct world *w)
{
    struct world old = *w;
    uint32_t order[EVENTS_MAX];
    size_t count = w->events.count;
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    sorting = &old;
    qsort(order, count, sizeof *order, compare_rows);
    for (size_t i = 0; i < count; i++) {
        w->object[i] = old.object[order[i]];
        w->account[i] = old.account[order[i]];
        w->post[i] = old.post[order[i]];
        w->time_us[i] = old.time_us[order[i]];
    }
    w->events.object = w->object;
    w->events.account = w->account;
    w->events.post = w->post;
    w->events.time_us = w->time_us;
    w->events.post_account = w->post_account;
    w->events.post_time_us = w->post_time_us;
    w->events.object_kind = w->object_kind;
}

static inline void world_event(struct world *w, uint32_t object, uint32_t post)
{
    size_t at = w->events.count++;
    assert_true(at < EVENTS_MAX);
    w->object[at] = object;
    w->post[at] = post;
    w->account[at] = w->post_account[post];
    w->time_us[at] = w->post_time_us[post];
}

/* Few distinct times, so that ties, exact windows and windows + 1 us are common. */
static inline void world_random(struct world *w, struct lks_rng *rng, int64_t window_us)
{
    memset(w, 0, sizeof *w);
    uint32_t accounts = 2 + (uint32_t)lks_rng_below(rng, ACCOUNTS_MAX - 2);
    uint32_t objects =
        1 + (uint32_t)lks_rng_below(rng, lks_rng_below(rng, 2) ? 4 : OBJECTS_MAX - 1);
    uint32_t posts = 1 + (uint32_t)lks_rng_below(rng, lks_rng_below(rng, 4) ? 40 : POSTS_FEW - 1);
    int64_t steps = 1 + (int64_t)lks_rng_below(rng, 12);
    for (uint32_t o = 0; o < objects; o++)
        w->object_kind[o] = (uint8_t)lks_rng_below(rng, LKS_OBJECT_KINDS_COUNT);
    for (uint32_t p = 0; p < posts; p++) {
        w->post_account[p] = (uint32_t)lks_rng_below(rng, accounts);
        int64_t step = (int64_t)lks_rng_below(rng, (uint64_t)steps);
        w->post_time_us[p] =
            1000 * window_us + step * window_us / 2 + (int64_t)lks_rng_below(rng, 3) - 1;
        uint32_t actions = (uint32_t)lks_rng_below(rng, 4);
        uint32_t object = (uint32_t)lks_rng_below(rng, objects);
        for (uint32_t i = 0; i < actions && w->events.count < EVENTS_MAX / 2; i++) {
            world_event(w, object, p);
            object += 1 + (uint32_t)lks_rng_below(rng, 3);
            if (object >= objects)
                break;
        }
    }
    w->events.accounts_count = accounts;
    w->events.objects_count = objects;
    w->events.posts_count = posts;
    world_order(w);
}

/* ---- what the kernel says ---- */

struct edges {
    struct lks_edge *items;
    size_t count;
};

static inline int edges_put(void *context, const struct lks_edge *edges, size_t count,
                            struct lks_error *err)
{
    struct edges *list = context;
    (void)err;
    list->items = realloc(list->items, (list->count + count) * sizeof *edges);
    memcpy(list->items + list->count, edges, count * sizeof *edges);
    list->count += count;
    return 0;
}

static inline int compare_edges(const void *left, const void *right)
{
    const struct lks_edge *x = left, *y = right;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

static inline struct edges scan_unsorted(const struct world *w,
                                         const struct lks_coaction_options *options,
                                         struct lks_coaction_counts *counts)
{
    struct edges list = {0};
    struct lks_edge_sink sink = {edges_put, &list};
    struct lks_error err = {0};
    int code = lks_coaction_scan(&w->events, options, NULL, &sink, counts, &err);
    if (code != 0)
        fail_msg("%s", err.message);
    return list;
}

static inline struct edges scan_all(const struct world *w,
                                    const struct lks_coaction_options *options,
                                    struct lks_coaction_counts *counts)
{
    struct edges list = scan_unsorted(w, options, counts);
    if (list.count)
        qsort(list.items, list.count, sizeof *list.items, compare_edges);
    return list;
}

static inline void random_options(struct lks_coaction_options *options, struct lks_rng *rng,
                                  int64_t window_us)
{
    static const int64_t factors[4] = {2, 1, 3, 0};
    *options = lks_coaction_options_default();
    options->min_pairs = lks_rng_below(rng, 4);
    options->min_objects = (uint32_t)lks_rng_below(rng, 4);
    options->min_occasions = (uint32_t)lks_rng_below(rng, 5);
    options->threads_count = 1;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++) {
        options->window_us[kind] = window_us * factors[lks_rng_below(rng, 4)] / 2;
        if (lks_rng_below(rng, 12) == 0)
            options->window_us[kind] = -1;
    }
    options->window_us[0] = window_us;
}

#endif
