/* promotion_again_test.c - telling together again: by its definition, and without effect */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/time.h"
#include "signal/promotion_inside.h"
#include "stat/tail.h"

enum { POSTS = 3000, ACCOUNTS_MOST = 400, FAMILIES = 12, NONE = FAMILIES };

static struct {
    struct lks_script_post posts[POSTS];
    int64_t times[POSTS];
    uint32_t family_of[POSTS];
    struct lks_family_post family_posts[POSTS];
    struct lks_family family[FAMILIES];
    uint8_t timed[FAMILIES];
    struct lks_events events;
    struct lks_promotion_input input;
    struct lks_families families;
} world;

/* Families from family_of; every one counts as standing out, but where timed says otherwise. */
static void families_set(size_t posts)
{
    size_t count = 0;
    for (uint32_t f = 0; f < FAMILIES; f++) {
        world.family[f] = (struct lks_family){.first = count};
        for (uint32_t p = 0; p < posts; p++)
            if (world.family_of[p] == f)
                world.family_posts[count++] = (struct lks_family_post){.family = f, .at = p};
        world.family[f].count = count - world.family[f].first;
    }
    world.families = (struct lks_families){.families = world.family,
                                           .families_count = FAMILIES,
                                           .posts = world.family_posts,
                                           .posts_count = count};
    world.input = (struct lks_promotion_input){
        .events = &world.events, .posts = world.posts, .posts_count = posts};
}

static int64_t hour_of(uint32_t post)
{
    return world.times[post] / LKS_HOUR_US;
}

static int tells(uint32_t account, uint32_t family)
{
    for (size_t p = 0; p < world.input.posts_count; p++)
        if (world.posts[p].account == account && world.family_of[p] == family)
            return 1;
    return 0;
}

/* Tells g a day or more from every time that it told f. */
static int tells_apart(uint32_t account, uint32_t f, uint32_t g)
{
    int any = 0;
    for (size_t p = 0; p < world.input.posts_count && !any; p++) {
        any = world.posts[p].account == account && world.family_of[p] == g;
        for (size_t o = 0; o < world.input.posts_count && any; o++)
            if (world.posts[o].account == account && world.family_of[o] == f)
                any = llabs(world.times[o] - world.times[p]) >= LKS_DAY_US;
    }
    return any;
}

static double slow_expected(const uint8_t *of_f, uint32_t f, uint32_t g)
{
    double sum = 0;
    for (uint32_t p = 0; p < world.input.posts_count; p++) {
        uint32_t all = 0, members = 0;
        if (world.family_of[p] != g)
            continue;
        for (uint32_t o = 0; o < world.input.posts_count; o++)
            if (world.family_of[o] != f && hour_of(o) == hour_of(p)) {
                all++;
                members += of_f[world.posts[o].account];
            }
        sum += (double)members / all;
    }
    return sum;
}

static double slow_log10_p(uint32_t f)
{
    double least = 0;
    uint8_t of_f[ACCOUNTS_MOST] = {0};
    for (uint32_t a = 0; a < world.events.accounts_count; a++)
        of_f[a] = (uint8_t)tells(a, f);
    for (uint32_t g = 0; g < FAMILIES; g++) {
        uint32_t count = 0;
        for (uint32_t a = 0; a < world.events.accounts_count && g != f && world.timed[g]; a++)
            count += of_f[a] && tells_apart(a, f, g);
        if (count >= 2)
            least = fmin(least, lks_hoeffding_tail_log(count, world.family[g].count,
                                                       slow_expected(of_f, f, g)) /
                                    log(10));
    }
    return fmin(0, least + log10(FAMILIES));
}

static void equals_its_definition(void **state)
{
    (void)state;
    unsigned small = 0;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct lks_rng rng;
        struct lks_told_again found[FAMILIES];
        lks_rng_init(&rng, seed, 21);
        size_t posts = 10 + lks_rng_below(&rng, 150);
        uint32_t accounts = 6 + (uint32_t)lks_rng_below(&rng, 30);
        uint64_t days = 1 + lks_rng_below(&rng, 4);
        world.events = (struct lks_events){.accounts_count = accounts};
        for (uint32_t p = 0; p < posts; p++) {
            uint32_t account = (uint32_t)lks_rng_below(&rng, accounts);
            /* Most posts go by their account, so that the same tell together. */
            uint32_t family = account % 6 < 4 ? NONE : account % 6 * 2 + p % 2;
            if (lks_rng_below(&rng, 4) == 0)
                family = (uint32_t)lks_rng_below(&rng, FAMILIES + 1);
            world.times[p] = (int64_t)lks_rng_below(&rng, days) * LKS_DAY_US +
                             (int64_t)lks_rng_below(&rng, 2 * (uint64_t)LKS_HOUR_US);
            world.family_of[p] = family;
            world.posts[p] = (struct lks_script_post){.account = account, .post = p};
        }
        for (uint32_t f = 0; f < FAMILIES; f++)
            world.timed[f] = lks_rng_below(&rng, 5) != 0;
        families_set(posts);
        assert_int_equal(
            lks_scripts_again(&world.input, &world.families, world.times, world.timed, found), 0);
        for (uint32_t f = 0; f < FAMILIES; f++) {
            double wanted = world.timed[f] ? slow_log10_p(f) : 0;
            assert_true(fabs(found[f].log10_p - wanted) < 1e-9);
            small += wanted < 0;
        }
    }
    assert_true(small > 20);
}

/* Texts that crowd together in a few hours; authors of very unlike activity, exchangeable within
 * the hour: any family stands out in at most one world of twenty. */
static void dealt_authors_are_not_found(void **state)
{
    (void)state;
    enum { WORLDS = 400 };
    unsigned alarms = 0;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct lks_rng rng;
        struct lks_told_again found[FAMILIES];
        lks_rng_init(&rng, seed, 22);
        world.events = (struct lks_events){.accounts_count = ACCOUNTS_MOST};
        for (uint32_t p = 0; p < POSTS; p++) {
            double unit = lks_rng_unit(&rng);
            uint32_t family = lks_rng_below(&rng, 4) ? NONE : (uint32_t)lks_rng_below(&rng, 12);
            int64_t day = family == NONE ? (int64_t)lks_rng_below(&rng, 10) : family % 10;
            int64_t hour = family == NONE ? (int64_t)lks_rng_below(&rng, 24)
                                          : 18 + (int64_t)lks_rng_below(&rng, 3);
            world.times[p] = day * LKS_DAY_US + hour * LKS_HOUR_US;
            world.family_of[p] = family;
            world.posts[p] = (struct lks_script_post){
                .account = (uint32_t)(unit * unit * unit * ACCOUNTS_MOST), .post = p};
        }
        memset(world.timed, 1, sizeof world.timed);
        families_set(POSTS);
        assert_int_equal(
            lks_scripts_again(&world.input, &world.families, world.times, world.timed, found), 0);
        double least = 0;
        for (uint32_t f = 0; f < FAMILIES; f++)
            least = fmin(least, found[f].log10_p);
        alarms += least + log10(FAMILIES) <= log10(0.05);
    }
    assert_in_range(alarms, 0, 31); /* 20 if p were uniform; 31 has a chance of 0.01 then */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_its_definition),
        cmocka_unit_test(dealt_authors_are_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
