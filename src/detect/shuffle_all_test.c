/* shuffle_all_test.c - a whole case dealt out: by its definition, fairly, and threads hang together */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/time.h"
#include "detect/shuffle_all.h"

enum { POSTS = 140, ACCOUNTS = 23, DAYS = 9 };

struct world {
    uint32_t account[POSTS], parent[POSTS];
    int64_t time_us[POSTS];
    uint8_t is_message[POSTS], platform[ACCOUNTS];
    struct lks_shuffle_case from;
};

/* Two platforms, the second with messages; comments on earlier posts, on comments, now and then on
 * themselves or on later ones. */
static void world_make(struct world *world, uint64_t seed)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 0);
    memset(world, 0, sizeof *world);
    for (uint32_t a = 0; a < ACCOUNTS; a++)
        world->platform[a] = a < 15 ? 3 : 255;
    for (uint32_t i = 0; i < POSTS; i++) {
        world->account[i] = (uint32_t)lks_rng_below(&rng, ACCOUNTS);
        world->is_message[i] =
            world->platform[world->account[i]] == 255 && lks_rng_below(&rng, 2) == 0;
        world->time_us[i] =
            1700006400 * LKS_SECOND_US + (int64_t)lks_rng_below(&rng, DAYS * LKS_DAY_US);
        world->parent[i] =
            i && lks_rng_below(&rng, 3) == 0 ? (uint32_t)lks_rng_below(&rng, i) : UINT32_MAX;
        if (world->parent[i] != UINT32_MAX) /* answers come after, within two days */
            world->time_us[i] =
                world->time_us[world->parent[i]] + (int64_t)lks_rng_below(&rng, 2 * LKS_DAY_US);
    }
    if (seed % 4 == 0) {
        world->parent[5] = 5;
        world->parent[6] = POSTS - 1;
    }
    world->from = (struct lks_shuffle_case){.posts_count = POSTS,
                                            .accounts_count = ACCOUNTS,
                                            .post_account = world->account,
                                            .post_time_us = world->time_us,
                                            .post_is_message = world->is_message,
                                            .post_parent = world->parent,
                                            .account_platform = world->platform};
}

static int is_comment(const struct world *world, uint32_t post)
{
    return world->parent[post] != UINT32_MAX && world->parent[post] != post;
}

static int number_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void accounts_check(const struct world *world, const uint32_t *dealt)
{
    int balance[2][ACCOUNTS] = {{0}};
    for (uint32_t i = 0; i < POSTS; i++) {
        balance[world->is_message[i]][world->account[i]]++;
        balance[world->is_message[i]][dealt[i]]--;
        assert_int_equal(world->platform[dealt[i]], world->platform[world->account[i]]);
    }
    for (int m = 0; m < 2; m++)
        for (int a = 0; a < ACCOUNTS; a++)
            assert_int_equal(balance[m][a], 0);
}

static void times_check(const struct world *world, const int64_t *dealt)
{
    int64_t had[POSTS], has[POSTS];
    size_t comments = 0;
    for (uint32_t i = 0; i < POSTS; i++) {
        if (is_comment(world, i)) {
            uint32_t parent = world->parent[i];
            int later = world->time_us[parent] > world->time_us[i];
            had[comments] = world->time_us[i] - world->time_us[parent];
            has[comments++] =
                dealt[i] -
                (later && is_comment(world, parent) ? world->time_us[parent] : dealt[parent]);
        } else if (world->is_message[i]) {
            int64_t day = dealt[i] / LKS_DAY_US;
            int known = 0;
            assert_int_equal(dealt[i] % LKS_DAY_US, world->time_us[i] % LKS_DAY_US);
            assert_true(day != world->time_us[i] / LKS_DAY_US);
            for (uint32_t j = 0; j < POSTS; j++)
                known |= world->time_us[j] / LKS_DAY_US == day;
            assert_true(known);
        } else {
            assert_int_equal(dealt[i], world->time_us[i]);
        }
    }
    qsort(had, comments, sizeof *had, number_order);
    qsort(has, comments, sizeof *has, number_order);
    assert_memory_equal(had, has, comments * sizeof *had);
}

static void dealt_by_its_definition(void **state)
{
    (void)state;
    static uint32_t fell[ACCOUNTS], made[ACCOUNTS];
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct world world;
        uint32_t account[POSTS], made_as[ACCOUNTS], again[POSTS];
        uint8_t seen[ACCOUNTS] = {0};
        int64_t time_us[POSTS], times_again[POSTS];
        struct lks_shuffled_case to = {account, time_us, made_as};
        world_make(&world, seed % 10);
        assert_int_equal(lks_shuffle_all(&world.from, 7, seed, &to, NULL), 0);
        accounts_check(&world, account);
        times_check(&world, time_us);
        for (uint32_t a = 0; a < ACCOUNTS; a++) {
            assert_int_equal(seen[made_as[a]]++, 0);
            assert_int_equal(world.platform[made_as[a]], world.platform[a]);
        }
        struct lks_shuffled_case twice = {again, times_again, made_as};
        assert_int_equal(lks_shuffle_all(&world.from, 7, seed, &twice, NULL), 0);
        assert_memory_equal(account, again, sizeof account);
        assert_memory_equal(time_us, times_again, sizeof time_us);
        if (seed % 10 == 1) { /* one world many times: everything falls everywhere alike */
            uint32_t first = 0;
            while (world.platform[world.account[first]] != 3)
                first++;
            fell[account[first]]++;
            made[made_as[0]]++;
        }
    }
    struct world world;
    uint32_t posts[ACCOUNTS] = {0}, all = 0;
    world_make(&world, 1);
    for (uint32_t i = 0; i < POSTS; i++)
        if (world.platform[world.account[i]] == 3) {
            posts[world.account[i]]++;
            all++;
        }
    for (uint32_t a = 0; a < 15; a++) { /* of 200 deals; four standard deviations */
        double share = (double)posts[a] / all, expected = 200 * share;
        assert_true(fell[a] >= expected - 4 * __builtin_sqrt(expected) - 1 &&
                    fell[a] <= expected + 4 * __builtin_sqrt(expected) + 1);
        assert_true(made[a] <= 32); /* 13 are expected */
    }
}

/* Nothing to deal, and one of everything. */
static void small_cases(void **state)
{
    (void)state;
    uint32_t account[1] = {0}, made_as[1], parent[1] = {UINT32_MAX}, dealt[1];
    int64_t time_us[1] = {5}, moved[1];
    uint8_t is_message[1] = {1}, platform[1] = {0};
    struct lks_shuffle_case from = {0, 0, account, time_us, is_message, parent, platform};
    struct lks_shuffled_case to = {dealt, moved, made_as};
    assert_int_equal(lks_shuffle_all(&from, 1, 1, &to, NULL), 0);
    from.posts_count = from.accounts_count = 1;
    assert_int_equal(lks_shuffle_all(&from, 1, 1, &to, NULL), 0);
    assert_true(dealt[0] == 0 && moved[0] == 5 && made_as[0] == 0); /* no other day to go to */
}

/* Sums of hostile times stay times. */
static void times_stay_in_bounds(void **state)
{
    (void)state;
    uint32_t account[4] = {0}, made_as[1], parent[4] = {UINT32_MAX, 0, UINT32_MAX, 2}, dealt[4];
    int64_t time_us[4] = {0, LKS_TIME_MAX_US, LKS_TIME_MAX_US, 0}, moved[4];
    uint8_t is_message[4] = {0}, platform[1] = {0};
    struct lks_shuffle_case from = {4, 1, account, time_us, is_message, parent, platform};
    struct lks_shuffled_case to = {dealt, moved, made_as};
    for (uint64_t number = 0; number < 20; number++) {
        assert_int_equal(lks_shuffle_all(&from, 1, number, &to, NULL), 0);
        for (int i = 0; i < 4; i++)
            assert_true(moved[i] >= LKS_TIME_MIN_US && moved[i] <= LKS_TIME_MAX_US);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dealt_by_its_definition),
        cmocka_unit_test(small_cases),
        cmocka_unit_test(times_stay_in_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
