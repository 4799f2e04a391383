/* events_test.c - the radix sort of events against qsort, on many shapes of data */
#include "record/events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"

struct event {
    uint32_t object, account, post;
    int64_t time_us;
};

static int event_order(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

/* How one set of random events looks. */
struct shape {
    size_t count;
    uint32_t objects_count, accounts_count, posts_count;
    int64_t first_us, span_us, step_us;
};

static struct lks_events events_make(struct lks_rng *rng, const struct shape *shape)
{
    struct lks_events events = {
        .object = malloc((shape->count + 1) * sizeof(uint32_t)),
        .account = malloc((shape->count + 1) * sizeof(uint32_t)),
        .post = malloc((shape->count + 1) * sizeof(uint32_t)),
        .time_us = malloc((shape->count + 1) * sizeof(int64_t)),
        .count = shape->count,
        .objects_count = shape->objects_count,
        .accounts_count = shape->accounts_count,
        .posts_count = shape->posts_count,
        .object_kind = calloc(shape->objects_count + 1u, 1),
        .post_account = calloc(shape->posts_count + 1u, sizeof(uint32_t)),
        .post_time_us = calloc(shape->posts_count + 1u, sizeof(int64_t)),
    };
    uint64_t steps = (uint64_t)(shape->span_us / shape->step_us) + 1;
    for (uint32_t post = 0; post < shape->posts_count; post++) {
        events.post_account[post] = (uint32_t)lks_rng_below(rng, shape->accounts_count);
        events.post_time_us[post] =
            shape->first_us + (int64_t)lks_rng_below(rng, steps) * shape->step_us;
    }
    for (size_t i = 0; i < shape->count; i++) {
        events.object[i] = (uint32_t)lks_rng_below(rng, shape->objects_count);
        events.post[i] = (uint32_t)lks_rng_below(rng, shape->posts_count);
        events.account[i] = events.post_account[events.post[i]];
        events.time_us[i] = events.post_time_us[events.post[i]];
    }
    return events;
}

static void compare_with_qsort(struct lks_rng *rng, const struct shape *shape)
{
    struct lks_events events = events_make(rng, shape);
    struct event *expected = malloc((events.count + 1) * sizeof *expected);
    for (size_t i = 0; i < events.count; i++)
        expected[i] =
            (struct event){events.object[i], events.account[i], events.post[i], events.time_us[i]};
    qsort(expected, events.count, sizeof *expected, event_order);
    assert_int_equal(lks_events_sort(&events, NULL), 0);
    for (size_t i = 0; i < events.count; i++) {
        assert_int_equal(events.object[i], expected[i].object);
        assert_int_equal(events.account[i], expected[i].account);
        assert_int_equal(events.post[i], expected[i].post);
        assert_int_equal(events.time_us[i], expected[i].time_us);
    }
    free(expected);
    lks_events_free(&events);
}

static void sorts_like_qsort(void **state)
{
    (void)state;
    struct lks_rng rng;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        lks_rng_init(&rng, 7, seed);
        struct shape shape = {
            .count = lks_rng_below(&rng, 400),
            .objects_count = 1 + (uint32_t)lks_rng_below(&rng, seed % 3 ? 40 : 2),
            .accounts_count = 1 + (uint32_t)lks_rng_below(&rng, seed % 5 ? 60 : 100000),
            .posts_count = 1 + (uint32_t)lks_rng_below(&rng, seed % 7 ? 500 : 70000),
            .first_us = (int64_t)lks_rng_below(&rng, LKS_TIME_MAX_US / 2),
            .span_us = (int64_t)lks_rng_below(&rng, seed % 2 ? LKS_DAY_US * 40 : 300),
            .step_us = seed % 4 == 0 ? LKS_MINUTE_US : 1 + (int64_t)lks_rng_below(&rng, 1000),
        };
        compare_with_qsort(&rng, &shape);
    }
}

/* One object that everybody uses, over all times and with ids of many digits. */
static void sorts_a_viral_object(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 8, 0);
    struct shape shape = {200000, 3, 1000000, 2000000, 0, LKS_TIME_MAX_US, 1};
    compare_with_qsort(&rng, &shape);
    shape.step_us = LKS_DAY_US; /* many equal times */
    compare_with_qsort(&rng, &shape);
}

static void takes_nothing_and_one(void **state)
{
    (void)state;
    struct lks_events none = {0};
    assert_int_equal(lks_events_sort(&none, NULL), 0);
    lks_events_check(&none);
    lks_events_free(&none);
    struct lks_rng rng;
    lks_rng_init(&rng, 9, 0);
    struct shape shape = {1, 1, 1, 1, 5, 0, 1};
    struct lks_events one = events_make(&rng, &shape);
    assert_int_equal(lks_events_sort(&one, NULL), 0);
    assert_int_equal(one.time_us[0], 5);
    lks_events_check(&one);
    lks_events_free(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_like_qsort),
        cmocka_unit_test(sorts_a_viral_object),
        cmocka_unit_test(takes_nothing_and_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
