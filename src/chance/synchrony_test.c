/* synchrony_test.c - the second null against its definition, a swarm against its fans */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "chance/synchrony.h"
#include "stat/tail.h"

enum { ROWS = 160 };

struct world {
    struct lks_events events;
    uint32_t object[ROWS], account[ROWS], post[ROWS];
    int64_t time_us[ROWS];
};

/* count uses at random; the events are sorted by hand, since only three columns matter. */
static void sort_world(struct world *world, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t j = i; j > 0; j--) {
            int later = world->object[j - 1] > world->object[j] ||
                        (world->object[j - 1] == world->object[j] &&
                         world->time_us[j - 1] > world->time_us[j]);
            if (!later)
                break;
            uint32_t object = world->object[j], account = world->account[j];
            int64_t time_us = world->time_us[j];
            world->object[j] = world->object[j - 1];
            world->account[j] = world->account[j - 1];
            world->time_us[j] = world->time_us[j - 1];
            world->object[j - 1] = object;
            world->account[j - 1] = account;
            world->time_us[j - 1] = time_us;
        }
    }
    for (size_t i = 0; i < count; i++)
        world->post[i] = (uint32_t)i;
    world->events = (struct lks_events){.object = world->object,
                                        .account = world->account,
                                        .post = world->post,
                                        .time_us = world->time_us,
                                        .count = count,
                                        .posts_count = (uint32_t)count};
}

/* The p from the definition, all pairs of rows. */
static double slow_p(const struct lks_events *events, const struct lks_synchrony_options *options,
                     const uint32_t *group, uint32_t a, uint32_t b)
{
    size_t rows_a = 0, rows_b = 0;
    for (size_t i = 0; i < events->count; i++) {
        rows_a += events->account[i] == a;
        rows_b += events->account[i] == b;
    }
    if (rows_a < rows_b) {
        uint32_t swap = a;
        a = b;
        b = swap;
    }
    uint64_t most = 0, most_near = 0;
    double most_expected = 0;
    for (uint32_t o = 0; o < events->objects_count; o++) {
        uint64_t near = 0, far = 0, draws = 0, draws_near = 0;
        for (size_t i = 0; i < events->count; i++) {
            for (size_t j = 0; j < i; j++) {
                uint32_t x = events->account[i], y = events->account[j];
                if (events->object[i] != o || events->object[j] != o || x == y ||
                    (x == a && y == b) || (x == b && y == a) ||
                    (group[x] != UINT32_MAX && group[x] == group[y]))
                    continue;
                int64_t lag = llabs(events->time_us[i] - events->time_us[j]);
                near += lag <= options->near_us;
                far += lag <= options->far_us;
            }
        }
        if (far < options->reference_pairs_min)
            continue;
        double expected = 0;
        for (size_t i = 0; i < events->count; i++) {
            unsigned far_uses = 0, near_uses = 0;
            for (size_t j = 0; j < events->count; j++) {
                int64_t lag = llabs(events->time_us[i] - events->time_us[j]);
                if (events->object[i] != o || events->object[j] != o || events->account[i] != b ||
                    events->account[j] != a)
                    continue;
                far_uses += lag <= options->far_us;
                near_uses += lag <= options->near_us;
            }
            if (far_uses == 0)
                continue;
            draws++;
            draws_near += near_uses > 0;
            expected += 1 - pow(1 - (double)(near + 1) / (double)(far + 1), far_uses);
        }
        if (draws > most) {
            most = draws;
            most_near = draws_near;
            most_expected = expected;
        }
    }
    return most ? exp(lks_hoeffding_tail_log(most_near, most, most_expected)) : NAN;
}

static void test_definition(void **state)
{
    (void)state;
    static struct world world;
    unsigned seen = 0, silent = 0;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct lks_rng rng;
        uint32_t group[10];
        lks_rng_init(&rng, seed, 0);
        size_t count = lks_rng_below(&rng, ROWS) + 1;
        for (size_t i = 0; i < count; i++) {
            world.object[i] = (uint32_t)lks_rng_below(&rng, 4);
            world.account[i] = (uint32_t)lks_rng_below(&rng, 10);
            world.time_us[i] = (int64_t)lks_rng_below(&rng, 900);
        }
        sort_world(&world, count);
        world.events.objects_count = 4;
        world.events.accounts_count = 10;
        for (int a = 0; a < 10; a++)
            group[a] = lks_rng_below(&rng, 3) ? UINT32_MAX : (uint32_t)lks_rng_below(&rng, 2);
        struct lks_synchrony_options options = {(int64_t)lks_rng_below(&rng, 30), 0, 5};
        options.far_us = options.near_us + 1 + (int64_t)lks_rng_below(&rng, 500);
        struct lks_synchrony synchrony;
        assert_int_equal(lks_synchrony_prepare(&world.events, &options, group, &synchrony, NULL),
                         0);
        for (uint32_t a = 0; a < 10; a++) {
            for (uint32_t b = a + 1; b < 10; b++) {
                double got = lks_synchrony_p(&synchrony, a, b);
                double expected = slow_p(&world.events, &options, group, a, b);
                assert_int_equal(isnan(got), isnan(expected));
                if (isnan(got))
                    silent++;
                else
                    assert_true(fabs(got - expected) < 1e-9);
                seen++;
            }
        }
        lks_synchrony_free(&synchrony);
    }
    assert_true(silent > 100 && silent < seen - 100);
}

/* Fans use one tag at random over hours; two accounts do so within seconds of each other. */
static void test_swarm(void **state)
{
    (void)state;
    static struct world world;
    struct lks_rng rng;
    lks_rng_init(&rng, 5, 0);
    size_t count = 0;
    for (; count < 120; count++) {
        world.object[count] = 0;
        world.account[count] = 2 + (uint32_t)(count % 20);
        world.time_us[count] = (int64_t)lks_rng_below(&rng, 12 * 3600) * LKS_SECOND_US;
    }
    for (int k = 0; k < 12; k++) {
        world.object[count] = 0;
        world.account[count] = (uint32_t)(k % 2);
        world.time_us[count++] = ((int64_t)(k / 2) * 7000 + k % 2 * 9) * LKS_SECOND_US;
    }
    sort_world(&world, count);
    world.events.objects_count = 1;
    world.events.accounts_count = 22;
    struct lks_synchrony synchrony;
    struct lks_synchrony_options options = lks_synchrony_options_default();
    assert_int_equal(lks_synchrony_prepare(&world.events, &options, NULL, &synchrony, NULL), 0);
    assert_true(lks_synchrony_p(&synchrony, 0, 1) < 1e-3);
    unsigned small = 0;
    for (uint32_t a = 2; a < 22; a++) {
        for (uint32_t b = a + 1; b < 22; b++)
            small += lks_synchrony_p(&synchrony, a, b) <= 0.05;
    }
    assert_true(small <= 20); /* of 190 pairs of fans */
    lks_synchrony_free(&synchrony);
    options.far_us = options.near_us;
    assert_int_equal(lks_synchrony_prepare(&world.events, &options, NULL, &synchrony, NULL),
                     LKS_EARGUMENT);
    lks_synchrony_free(&synchrony);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition),
        cmocka_unit_test(test_swarm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
