/* lineage_test.c - whose a thing is: against definitions, on worlds whose truth is known, and shuffled */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "signal/lineage_inside.h"

enum {
    POSTS_MAX = 60000,
    EVENTS_MAX = 3 * POSTS_MAX,
    ACCOUNTS_MAX = 4000,
    THING = 0,      /* the tag whose users are looked at */
    CROWD = 1,      /* 1 to 20: tags of the crowd that had it first */
    NEWCOMERS = 21, /* 21 to 40: tags of those who come later */
    GENERAL = 41,   /* 41 to 100: what everybody shares */
    OBJECTS = 101,
    DAYS = 28
};

static struct world {
    struct lks_events events;
    uint32_t object[EVENTS_MAX], account[EVENTS_MAX], post[EVENTS_MAX];
    int64_t time_us[EVENTS_MAX], post_time_us[POSTS_MAX];
    uint32_t post_account[POSTS_MAX];
    uint8_t kind[OBJECTS];
    uint32_t unit[ACCOUNTS_MAX];
    uint32_t order[ACCOUNTS_MAX];
    struct lks_rng rng;
} world;

static void world_start(uint64_t seed)
{
    memset(&world, 0, sizeof world);
    lks_rng_init(&world.rng, seed, 7);
    memset(world.kind, LKS_OBJECT_HASHTAG, sizeof world.kind);
    memset(world.unit, 255, sizeof world.unit);
    world.events = (struct lks_events){.object = world.object,
                                       .account = world.account,
                                       .post = world.post,
                                       .time_us = world.time_us,
                                       .objects_count = OBJECTS,
                                       .object_kind = world.kind,
                                       .post_account = world.post_account,
                                       .post_time_us = world.post_time_us};
}

static void post_add(uint32_t account, double day, const uint32_t *objects, int count)
{
    struct lks_events *events = &world.events;
    uint32_t post = events->posts_count++;
    int64_t time_us = (int64_t)(day * LKS_DAY_US);
    assert_true(post < POSTS_MAX);
    world.post_account[post] = account;
    world.post_time_us[post] = time_us;
    for (int i = 0; i < count; i++) {
        world.object[events->count] = objects[i];
        world.account[events->count] = account;
        world.post[events->count] = post;
        world.time_us[events->count++] = time_us;
    }
}

static double between(double from, double to)
{
    return from + (to - from) * lks_rng_unit(&world.rng);
}

/* An account that shares one of twenty tags from `own` on in a part of its posts, anything in
 * the others; and the thing once, from a day on. */
static void account_add(uint32_t own, double part, int posts, double thing_from, double thing_to)
{
    uint32_t account = world.events.accounts_count++;
    for (int i = 0; i < posts; i++) {
        uint32_t object = lks_rng_unit(&world.rng) < part
                              ? own + (uint32_t)lks_rng_below(&world.rng, 20)
                              : GENERAL + (uint32_t)lks_rng_below(&world.rng, 60);
        post_add(account, between(0, DAYS), &object, 1);
    }
    if (thing_to > thing_from) {
        uint32_t object = THING;
        post_add(account, between(thing_from, thing_to), &object, 1);
    }
}

static struct lks_lineage_result look(int with_units)
{
    struct lks_lineage_result result;
    struct lks_lineage_options options = lks_lineage_options_default();
    struct lks_error err = {0};
    double unit_p[3] = {0.01, 0.01, 0};
    struct lks_lineage_units units = {with_units ? world.unit : NULL, unit_p, 3, 2};
    uint8_t wanted[OBJECTS] = {1};
    options.objects_most = 0; /* only the thing */
    options.seed = 5;
    assert_int_equal(lks_events_sort(&world.events, &err), 0);
    assert_int_equal(lks_lineage_run(&world.events, &units, wanted, &options, NULL, &result, &err),
                     0);
    assert_int_equal(result.lineages_count, 1);
    return result;
}

/* Two crowds of one thing, the second from the middle on. */
static void takeover_world(uint64_t seed, int early, int late, double late_from)
{
    world_start(seed);
    for (int i = 0; i < 800; i++)
        account_add(GENERAL, 1, 10, 0, 0);
    for (int i = 0; i < early; i++)
        account_add(CROWD, 0.5, 12, 0, DAYS);
    for (int i = 0; i < late; i++)
        account_add(NEWCOMERS, 0.5, 12, late_from, DAYS);
}

static void a_takeover_is_found(void **state)
{
    (void)state;
    takeover_world(1, 120, 240, 14);
    struct lks_lineage_result result = look(0);
    const struct lks_lineage *one = &result.lineages[0];
    assert_int_equal(one->by, LKS_LINEAGE_TASTE);
    assert_true(one->is_takeover);
    assert_true(one->q_order <= 0.01 && one->share_before < 0.1 && one->share_after > 0.6);
    assert_true(llabs(one->change_us - 14 * LKS_DAY_US) < 3 * LKS_DAY_US);
    assert_in_range(one->population[1].accounts_count, 225, 255);
    /* Those named as newcomers are newcomers, and most of them are named. */
    uint32_t right = 0;
    for (size_t i = 0; i < result.accounts_count; i++)
        right += result.accounts[i].account >= 920;
    assert_true(right >= 180 && right >= 0.97 * (double)result.accounts_count);
    /* What tells the newcomers is theirs. */
    for (int i = 0; i < LKS_LINEAGE_LIKED; i++)
        assert_in_range(one->population[1].liked[i], NEWCOMERS, NEWCOMERS + 19);
    lks_lineage_free(&result);
}

/* The same users, but who came when is shuffled: in 40 worlds hardly any take-over. */
static void a_shuffled_order_is_none(void **state)
{
    (void)state;
    int found = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        takeover_world(100 + seed, 60, 80, 14);
        /* Uses of the thing change hands among its users. */
        struct lks_events *events = &world.events;
        uint32_t rows[ACCOUNTS_MAX], count = 0;
        for (size_t i = 0; i < events->count; i++)
            if (events->object[i] == THING)
                rows[count++] = (uint32_t)i;
        for (uint32_t i = count - 1; i > 0; i--) {
            uint32_t j = (uint32_t)lks_rng_below(&world.rng, i + 1);
            int64_t time_us = events->time_us[rows[i]];
            events->time_us[rows[i]] = events->time_us[rows[j]];
            events->time_us[rows[j]] = time_us;
        }
        for (uint32_t i = 0; i < count; i++)
            world.post_time_us[events->post[rows[i]]] = events->time_us[rows[i]];
        struct lks_lineage_result result = look(0);
        found += result.lineages[0].is_takeover;
        lks_lineage_free(&result);
    }
    assert_true(found <= 5);
}

/* Two crowds in one thing all along: two populations, and nobody took over. */
static void side_by_side_is_no_takeover(void **state)
{
    (void)state;
    takeover_world(2, 200, 200, 0);
    struct lks_lineage_result result = look(0);
    assert_int_equal(result.lineages[0].by, LKS_LINEAGE_TASTE);
    assert_false(result.lineages[0].is_takeover);
    assert_int_equal(result.accounts_count, 0);
    lks_lineage_free(&result);
}

/* One crowd whose fashion changes on day 14, with everybody's: in 40 worlds p_two is not small
 * more often than it says, and nobody took over. */
static void a_fashion_is_no_population(void **state)
{
    (void)state;
    int two = 0, takeovers = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        world_start(200 + seed);
        for (int i = 0; i < 300; i++) {
            uint32_t account = world.events.accounts_count++;
            for (int j = 0; j < 14; j++) {
                double day = between(0, DAYS);
                uint32_t first =
                    lks_rng_unit(&world.rng) < 0.3 ? (day < 14 ? CROWD : NEWCOMERS) : GENERAL;
                uint32_t object = first + (uint32_t)lks_rng_below(&world.rng, 20);
                post_add(account, day, &object, 1);
            }
            if (i < 150) {
                uint32_t object = THING;
                post_add(account, between(0, DAYS), &object, 1);
            }
        }
        struct lks_lineage_result result = look(0);
        two += result.lineages[0].p_two <= 0.05;
        takeovers += result.lineages[0].is_takeover;
        lks_lineage_free(&result);
    }
    assert_true(two <= 6);
    assert_int_equal(takeovers, 0);
}

/* Paid accounts, then a swarm that two findings know: one company takes over, the paid are apart. */
static void paid_and_swarm_are_apart(void **state)
{
    (void)state;
    world_start(3);
    for (int i = 0; i < 800; i++)
        account_add(GENERAL, 1, 10, 0, 0);
    for (int i = 0; i < 60; i++)
        account_add(GENERAL, 1, 10, 0, DAYS);
    for (int i = 0; i < 12; i++) {
        world.unit[world.events.accounts_count] = 2;
        account_add(CROWD, 0.6, 12, 5, 9);
    }
    for (int i = 0; i < 200; i++) {
        world.unit[world.events.accounts_count] = (uint32_t)i % 3 == 0;
        account_add(NEWCOMERS, 0.6, 12, 14, DAYS);
    }
    struct lks_lineage_result result = look(1);
    const struct lks_lineage *one = &result.lineages[0];
    assert_int_equal(one->by, LKS_LINEAGE_COMPANY);
    assert_true(one->is_takeover);
    assert_int_equal(one->population[0].accounts_count, 60);
    assert_int_equal(one->population[1].accounts_count, 200); /* both findings */
    assert_int_equal(one->population[2].accounts_count, 12);
    assert_int_equal(one->population[2].unit, 2);
    assert_int_equal(one->population[1].unit, 0);
    assert_true(one->population[2].last_us < one->population[1].first_us);
    assert_int_equal(result.accounts_count, 0); /* they were named before */
    for (int k = 0; k < LKS_LINEAGE_POPULATIONS; k++) {
        uint32_t posts = 0;
        for (int b = 0; b < LKS_LINEAGE_BINS; b++)
            posts += one->population[k].bin_posts[b];
        assert_int_equal(posts, one->population[k].posts_count);
    }
    lks_lineage_free(&result);
}

/* The statistic from its definition: every place, sums anew. */
static double slow_change(const double *values, size_t count, double jump, int rising,
                          size_t *place)
{
    double best = 0;
    size_t edge = count / 20 + 1;
    *place = 0;
    for (size_t j = edge; j + edge <= count; j++) {
        double before = 0, after = 0;
        for (size_t i = 0; i < count; i++)
            *(i < j ? &before : &after) += values[i];
        double k = (double)j, n = (double)count;
        double low = before / k, high = after / (n - k);
        double change = fabs(low - high) * sqrt(k * (n - k) / n);
        int sides = (low < 0.5 && high > 0.5) || (!rising && low > 0.5 && high < 0.5);
        if ((jump < 0 || (sides && fabs(low - high) >= jump)) && change > best * (1 + 1e-9)) {
            best = change;
            *place = j;
        }
    }
    return best;
}

static void the_order_as_defined(void **state)
{
    (void)state;
    struct lks_rng rng;
    double values[200];
    int passing = 0;
    lks_rng_init(&rng, 4, 1);
    for (int round = 0; round < 2000; round++) {
        size_t count = 1 + lks_rng_below(&rng, 200), place, slow_place;
        double step = (double)lks_rng_below(&rng, 3) / 2;
        for (size_t i = 0; i < count; i++)
            values[i] = lks_rng_unit(&rng) + (i > count / 3 ? step : 0);
        double jump = round % 2 ? -1 : 0.25;
        for (size_t i = 0; i < count && round % 2 == 0; i++)
            values[i] /= 2; /* so that one half lies in the middle */
        double own = lks_order_change(values, count, jump, round % 4 == 0, &place);
        assert_float_equal(own, slow_change(values, count, jump, round % 4 == 0, &slow_place),
                           1e-9);
        passing += round % 2 == 0 && own > 0;
        assert_int_equal(place, slow_place);
    }
    assert_in_range(passing, 100, 900);
}

/* Under the null p is at most u no more often than u says. */
static void the_p_of_an_order_is_valid(void **state)
{
    (void)state;
    struct lks_rng rng;
    double values[60], scratch[60];
    int small = 0, rounds = 1000;
    lks_rng_init(&rng, 5, 1);
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < 60; i++)
            values[i] = lks_rng_below(&rng, 2) == 0;
        small += lks_order_p(values, 60, round % 2 ? -1 : 0.25, round % 4 == 0, 199,
                             (uint64_t)round, scratch) <= 0.05;
    }
    assert_in_range(small, 10, 75);
}

static void the_threads_do_not_matter(void **state)
{
    (void)state;
    struct lks_lineage_result results[2];
    struct lks_lineage_options options = lks_lineage_options_default();
    struct lks_lineage_units units = {0};
    struct lks_error err = {0};
    takeover_world(6, 80, 120, 10);
    assert_int_equal(lks_events_sort(&world.events, &err), 0);
    for (unsigned t = 0; t < 2; t++) {
        struct lks_control control = {.threads = 1 + 3 * t};
        assert_int_equal(
            lks_lineage_run(&world.events, &units, NULL, &options, &control, &results[t], &err), 0);
    }
    assert_true(results[0].lineages_count > 3);
    assert_int_equal(results[0].lineages_count, results[1].lineages_count);
    assert_memory_equal(results[0].lineages, results[1].lineages,
                        results[0].lineages_count * sizeof *results[0].lineages);
    lks_lineage_free(&results[0]);
    lks_lineage_free(&results[1]);
}

static void nothing_at_all(void **state)
{
    (void)state;
    struct lks_lineage_result result;
    struct lks_lineage_options options = lks_lineage_options_default();
    struct lks_lineage_units units = {0};
    struct lks_events none = {0};
    assert_int_equal(lks_lineage_run(&none, &units, NULL, &options, NULL, &result, NULL), 0);
    assert_int_equal(result.lineages_count, 0);
    lks_lineage_free(&result);
    options.copies_count = 0;
    assert_int_equal(lks_lineage_run(&none, &units, NULL, &options, NULL, &result, NULL),
                     LKS_EARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_takeover_is_found),
        cmocka_unit_test(a_shuffled_order_is_none),
        cmocka_unit_test(side_by_side_is_no_takeover),
        cmocka_unit_test(a_fashion_is_no_population),
        cmocka_unit_test(paid_and_swarm_are_apart),
        cmocka_unit_test(the_order_as_defined),
        cmocka_unit_test(the_p_of_an_order_is_valid),
        cmocka_unit_test(the_threads_do_not_matter),
        cmocka_unit_test(nothing_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
