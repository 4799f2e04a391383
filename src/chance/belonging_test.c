/* belonging_test.c - who acts with a group: as defined; conservative where posts are dealt out by chance */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "chance/belonging.h"
#include "stat/tail.h"

enum { POSTS = 4000, ROWS = 3 * POSTS, ACCOUNTS = 300, OBJECTS = 200, GROUPS = 3 };
#define HOUR INT64_C(3600000000)

static struct world {
    uint32_t post_account[POSTS], object[ROWS], account[ROWS], post[ROWS], group[ACCOUNTS];
    int64_t post_time_us[POSTS], time_us[ROWS];
    uint8_t kind[OBJECTS], post_kind[POSTS];
    struct lks_events events;
    struct lks_belonging_input input;
} world;

static void world_start(uint32_t accounts, uint32_t posts, uint32_t objects, uint32_t groups)
{
    world.events = (struct lks_events){.object = world.object,
                                       .account = world.account,
                                       .post = world.post,
                                       .time_us = world.time_us,
                                       .objects_count = objects,
                                       .accounts_count = accounts,
                                       .posts_count = posts,
                                       .object_kind = world.kind,
                                       .post_account = world.post_account,
                                       .post_time_us = world.post_time_us,
                                       .post_kind = world.post_kind};
    memset(world.post_kind, LKS_POST_POST, sizeof world.post_kind);
    world.input = (struct lks_belonging_input){
        .events = &world.events, .group = world.group, .groups_count = groups, .stratum_us = HOUR};
    for (int k = 0; k < LKS_OBJECT_KINDS_COUNT; k++)
        world.input.kind_window_us[k] = -1;
    world.input.kind_window_us[LKS_OBJECT_TEXT] = HOUR;
    world.input.kind_window_us[LKS_OBJECT_URL] = HOUR / 2;
}

static void row_add(uint32_t object, uint32_t post)
{
    size_t i = world.events.count++;
    assert_true(i < ROWS);
    world.object[i] = object;
    world.post[i] = post;
    world.account[i] = world.post_account[post];
    world.time_us[i] = world.post_time_us[post];
}

/* A small world without any sense: every rule must hold in it. */
static void world_random(struct lks_rng *rng)
{
    uint32_t accounts = 2 + (uint32_t)lks_rng_below(rng, 20);
    uint32_t posts = 1 + (uint32_t)lks_rng_below(rng, 80);
    uint32_t objects = 1 + (uint32_t)lks_rng_below(rng, 8);
    uint32_t groups = 1 + (uint32_t)lks_rng_below(rng, GROUPS);
    world_start(accounts, posts, objects, groups);
    for (uint32_t a = 0; a < accounts; a++) {
        uint64_t g = lks_rng_below(rng, groups + 1);
        world.group[a] = g < groups ? (uint32_t)g : LKS_BELONGING_NONE;
    }
    static const uint8_t kinds[] = {LKS_OBJECT_TEXT, LKS_OBJECT_URL, LKS_OBJECT_HASHTAG};
    for (uint32_t o = 0; o < objects; o++)
        world.kind[o] = kinds[lks_rng_below(rng, 3)];
    for (uint32_t p = 0; p < posts; p++) {
        world.post_account[p] = (uint32_t)lks_rng_below(rng, accounts);
        world.post_time_us[p] = 100 * HOUR + (int64_t)lks_rng_below(rng, 40) * HOUR / 4;
        static const uint8_t post_kinds[] = {LKS_POST_POST, LKS_POST_REPOST, LKS_POST_COMMENT,
                                             LKS_POST_MESSAGE};
        world.post_kind[p] = post_kinds[lks_rng_below(rng, 1 + lks_rng_below(rng, 4))];
        for (uint32_t o = 0; o < objects; o++)
            if (lks_rng_below(rng, 4) == 0)
                row_add(o, p);
    }
    assert_int_equal(lks_events_sort(&world.events, NULL), 0);
}

/* Whether two posts' authors are exchangeable: in one hour, and both own posts, comments or messages. */
static int in_stratum(uint32_t p, uint32_t q)
{
    uint8_t x = world.post_kind[p], y = world.post_kind[q];
    return world.post_time_us[q] / HOUR == world.post_time_us[p] / HOUR &&
           (x == LKS_POST_COMMENT) == (y == LKS_POST_COMMENT) &&
           (x == LKS_POST_MESSAGE) == (y == LKS_POST_MESSAGE);
}

static int slow_matched(uint32_t post, uint32_t g)
{
    const struct lks_events *e = &world.events;
    uint32_t account = world.post_account[post];
    for (size_t i = 0; i < e->count; i++) {
        int64_t window = world.input.kind_window_us[world.kind[e->object[i]]];
        uint8_t is_user[ACCOUNTS] = {0};
        uint32_t users = 0, others = 0;
        int near = 0;
        if (e->post[i] != post || window < 0)
            continue;
        for (size_t j = 0; j < e->count; j++) {
            if (e->object[j] != e->object[i])
                continue;
            uint32_t b = e->account[j];
            if (!is_user[b]) {
                users++;
                others += b != account && world.group[b] == g;
            }
            is_user[b] = 1;
            near |= b != account && world.group[b] == g &&
                    llabs(e->time_us[j] - e->time_us[i]) <= window;
        }
        if (near && others >= 2 && 2 * others >= users)
            return 1;
    }
    return 0;
}

static void test_as_defined(void **state)
{
    (void)state;
    struct lks_rng rng;
    uint64_t seen = 0;
    lks_rng_init(&rng, 3, 0);
    for (int round = 0; round < 3000; round++) {
        struct lks_belonging *rows;
        size_t count, at = 0;
        world_random(&rng);
        assert_int_equal(lks_belonging_run(&world.input, &rows, &count, NULL), 0);
        for (uint32_t a = 0; a < world.events.accounts_count; a++)
            for (uint32_t g = 0; g < world.input.groups_count; g++) {
                uint32_t posts = 0, matched = 0;
                double expected = 0;
                for (uint32_t p = 0; p < world.events.posts_count; p++) {
                    if (world.post_account[p] != a)
                        continue;
                    double all = 0, hit = 0;
                    for (uint32_t q = 0; q < world.events.posts_count; q++) {
                        uint32_t b = world.post_account[q];
                        if (!in_stratum(p, q) || (world.group[b] == g && b != a))
                            continue;
                        all++;
                        hit += slow_matched(q, g);
                    }
                    posts++;
                    matched += (uint32_t)slow_matched(p, g);
                    expected += hit / all;
                }
                if (!matched)
                    continue;
                assert_true(at < count && rows[at].account == a && rows[at].group == g);
                assert_int_equal(rows[at].posts, posts);
                assert_int_equal(rows[at].matched, matched);
                assert_true(fabs(rows[at].expected - expected) < 1e-9);
                double log10_p = lks_hoeffding_tail_log(matched, posts, expected) / log(10);
                assert_true(fabs(rows[at].log10_p - fmin(0, log10_p)) < 1e-9);
                at++;
                seen++;
            }
        assert_int_equal(at, count);
        free(rows);
    }
    assert_true(seen > 3000);
}

/* Sum over the accounts of the largest p up to t that they can have, for group g. */
static double slow_chance(uint32_t g, double t)
{
    double sum = 0;
    for (uint32_t a = 0; a < world.events.accounts_count; a++) {
        uint32_t posts = 0;
        double expected = 0, largest = 0;
        for (uint32_t p = 0; p < world.events.posts_count; p++) {
            double all = 0, hit = 0;
            if (world.post_account[p] != a)
                continue;
            for (uint32_t q = 0; q < world.events.posts_count; q++) {
                uint32_t b = world.post_account[q];
                if (!in_stratum(p, q) || (world.group[b] == g && b != a))
                    continue;
                all++;
                hit += slow_matched(q, g);
            }
            posts++;
            expected += hit / all;
        }
        for (uint32_t k = 1; k <= posts; k++) {
            double p = exp(lks_hoeffding_tail_log(k, posts, expected));
            largest = p <= t && p > largest ? p : largest;
        }
        sum += largest;
    }
    return sum;
}

/* An account's share, between the sum as defined and the sum up to one step more. */
static void test_share_as_defined(void **state)
{
    (void)state;
    struct lks_rng rng;
    uint32_t seen = 0;
    lks_rng_init(&rng, 4, 0);
    for (int round = 0; round < 6000; round++) {
        struct lks_belonging *rows;
        size_t count;
        world_random(&rng);
        assert_int_equal(lks_belonging_run(&world.input, &rows, &count, NULL), 0);
        for (size_t i = 0; i < count; i++) {
            double least = 1, most = 1;
            for (size_t j = 0; j < count; j++) {
                uint32_t as_close = 0;
                if (rows[j].group != rows[i].group || rows[j].log10_p > -1 ||
                    rows[j].log10_p < rows[i].log10_p)
                    continue;
                for (size_t k = 0; k < count; k++)
                    as_close +=
                        rows[k].group == rows[i].group && rows[k].log10_p <= rows[j].log10_p;
                double t = pow(10, rows[j].log10_p);
                least = fmin(least, slow_chance(rows[i].group, t * (1 - 1e-9)) / as_close);
                most = fmin(most, slow_chance(rows[i].group, t * 1.0472 * (1 + 1e-9)) / as_close);
            }
            assert_true(rows[i].share >= least - 1e-9 && rows[i].share <= most + 1e-9);
            seen += rows[i].share < 1;
        }
        free(rows);
    }
    print_message("shares below 1: %u\n", seen);
    assert_true(seen > 30); /* or little was compared */
}

/* A group of 30 copies 60 texts; outsiders write the same texts now and then, whoever they
 * are. deal: outsiders' authors dealt out anew within the hour; helpers: outsiders 30..39 copy
 * half of the texts. */
static void world_campaign(struct lks_rng *rng, int helpers)
{
    world_start(ACCOUNTS, 0, 60, 1);
    for (uint32_t a = 0; a < ACCOUNTS; a++)
        world.group[a] = a < 30 ? 0 : LKS_BELONGING_NONE;
    memset(world.kind, LKS_OBJECT_TEXT, sizeof world.kind);
    for (uint32_t p = 0; p < POSTS; p++) {
        int64_t hour = (int64_t)lks_rng_below(rng, 60);
        uint32_t account = (uint32_t)lks_rng_below(rng, ACCOUNTS);
        int copies = lks_rng_below(rng, 50) == 0;
        if (p < 900) {
            account = (uint32_t)lks_rng_below(rng, helpers && p < 60 ? 10 : 30);
            account += helpers && p < 60 ? 30 : 0;
            copies = 1;
        }
        world.post_account[p] = account;
        world.post_time_us[p] =
            1000 * HOUR + hour * HOUR + (int64_t)lks_rng_below(rng, (uint64_t)HOUR);
        world.events.posts_count++;
        if (copies)
            row_add((uint32_t)hour, p);
    }
    assert_int_equal(lks_events_sort(&world.events, NULL), 0);
}

static void test_conservative_among_outsiders(void **state)
{
    (void)state;
    struct lks_rng rng;
    double below[3] = {0}, tested = 0;
    uint32_t let_in = 0;
    lks_rng_init(&rng, 5, 0);
    for (int round = 0; round < 100; round++) {
        struct lks_belonging *rows;
        size_t count;
        world_campaign(&rng, 0);
        assert_int_equal(lks_belonging_run(&world.input, &rows, &count, NULL), 0);
        tested += ACCOUNTS - 30;
        for (size_t i = 0; i < count; i++) {
            if (rows[i].account < 30) {
                assert_true(rows[i].log10_p < -3);
                continue;
            }
            let_in += rows[i].share <= 0.1;
            below[0] += rows[i].log10_p <= log10(0.05);
            below[1] += rows[i].log10_p <= log10(0.01);
            below[2] += rows[i].log10_p <= log10(0.001);
        }
        free(rows);
    }
    assert_true(below[0] > 0);                   /* else nothing was tested */
    assert_true(let_in <= 0.1 / 0.9 * 30 * 100); /* beside the 30 members */
    assert_true(below[0] <= 0.05 * tested + 4 * sqrt(0.05 * tested));
    assert_true(below[1] <= 0.01 * tested + 4 * sqrt(0.01 * tested));
    assert_true(below[2] <= 0.001 * tested + 4 * sqrt(0.001 * tested));
}

static void test_helpers_are_seen(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 6, 0);
    struct lks_belonging *rows;
    size_t count, helpers = 0;
    world_campaign(&rng, 1);
    assert_int_equal(lks_belonging_run(&world.input, &rows, &count, NULL), 0);
    for (size_t i = 0; i < count; i++)
        helpers += rows[i].account >= 30 && rows[i].account < 40 && rows[i].log10_p < -2;
    assert_true(helpers >= 8);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_defined),
        cmocka_unit_test(test_share_as_defined),
        cmocka_unit_test(test_conservative_among_outsiders),
        cmocka_unit_test(test_helpers_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
