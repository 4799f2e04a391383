/* promotion_ties_test.c - ties of scripts' tellers against their definition */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "signal/promotion_inside.h"

enum { ACCOUNTS = 40, OBJECTS = 12, POSTS = 700, SCRIPTS = 90, SIDE = 200 };

static struct world {
    struct lks_events events;
    struct lks_promotion result;
    uint8_t tells[SCRIPTS][ACCOUNTS];
    uint32_t script_of[POSTS]; /* 1 + script, 0: none */
} world;

/* Few accounts tell many scripts, some the same ones; posts of a few days on few objects, so that
 * more than SIDE others are near some. */
static void world_make(uint64_t seed, uint32_t scripts)
{
    struct lks_rng rng;
    struct lks_events *events = &world.events;
    lks_rng_init(&rng, seed, 0);
    memset(&world, 0, sizeof world);
    *events = (struct lks_events){.objects_count = OBJECTS,
                                  .accounts_count = ACCOUNTS,
                                  .posts_count = POSTS,
                                  .time_precision = LKS_PRECISION_SECOND};
    events->object = malloc(POSTS * 3 * 4);
    events->account = malloc(POSTS * 3 * 4);
    events->post = malloc(POSTS * 3 * 4);
    events->time_us = malloc(POSTS * 3 * sizeof(int64_t));
    events->object_kind = calloc(OBJECTS, 1);
    events->post_account = malloc(POSTS * 4);
    events->post_time_us = malloc(POSTS * sizeof(int64_t));
    uint32_t hours = 2 + (uint32_t)lks_rng_below(&rng, 60), tellers = ACCOUNTS / 2;
    for (uint32_t s = 0; s < scripts; s++) {
        uint32_t like = s && lks_rng_below(&rng, 3) == 0 ? (uint32_t)lks_rng_below(&rng, s) : s;
        for (uint32_t a = 0; a < tellers; a++)
            world.tells[s][a] = like < s && lks_rng_below(&rng, 8) ? world.tells[like][a]
                                                                   : lks_rng_below(&rng, 3) == 0;
    }
    for (uint32_t p = 0; p < POSTS; p++) {
        uint32_t account = (uint32_t)lks_rng_below(&rng, ACCOUNTS);
        int64_t time_us = (int64_t)lks_rng_below(&rng, hours * 3600u) * LKS_SECOND_US + LKS_DAY_US;
        events->post_account[p] = account;
        events->post_time_us[p] = time_us;
        uint32_t script = (uint32_t)lks_rng_below(&rng, scripts);
        if (world.tells[script][account] && lks_rng_below(&rng, 2))
            world.script_of[p] = script + 1;
        for (uint32_t u = 0, last = OBJECTS; u < 3; u++) {
            uint32_t object = (uint32_t)lks_rng_below(&rng, 1 + lks_rng_below(&rng, OBJECTS));
            if (object == last)
                continue;
            events->object[events->count] = last = object;
            events->account[events->count] = account;
            events->post[events->count] = p;
            events->time_us[events->count++] = time_us;
        }
    }
    assert_int_equal(lks_events_sort(events, NULL), 0);
}

static void result_make(uint32_t scripts)
{
    struct lks_promotion *result = &world.result;
    result->scripts = calloc(scripts, sizeof *result->scripts);
    result->members = calloc((size_t)scripts * ACCOUNTS, sizeof *result->members);
    result->posts = calloc(POSTS, sizeof *result->posts);
    result->scripts_count = scripts;
    for (uint32_t s = 0; s < scripts; s++) {
        result->scripts[s].members_first = result->members_count;
        for (uint32_t a = 0; a < ACCOUNTS; a++)
            if (world.tells[s][a]) {
                result->scripts[s].accounts_count++;
                result->members[result->members_count++] =
                    (struct lks_script_member){.account = a, .script = s};
            }
        for (uint32_t p = 0; p < POSTS; p++)
            if (world.script_of[p] == s + 1)
                result->posts[result->posts_count++] = (struct lks_script_place){p, s};
    }
}

/* One campaign: half of all tellers of both tell both. */
static int are_same(uint32_t s, uint32_t t)
{
    uint32_t both = 0, either = 0;
    for (uint32_t a = 0; a < ACCOUNTS; a++) {
        both += world.tells[s][a] && world.tells[t][a];
        either += world.tells[s][a] || world.tells[t][a];
    }
    return 2 * both >= either;
}

static int counts_for(const uint8_t *same, uint32_t post)
{
    return !world.script_of[post] || !same[world.script_of[post] - 1];
}

/* The others around event e, of those SIDE events nearest in the columns to either side. */
static uint32_t slow_others(const uint8_t *same, int64_t window_us, uint32_t s, size_t e,
                            uint32_t *met)
{
    const struct lks_events *events = &world.events;
    uint32_t others = 0;
    uint8_t seen[ACCOUNTS] = {0};
    *met = 0;
    for (size_t i = 0; i < events->count; i++) {
        int64_t lag = events->time_us[i] - events->time_us[e];
        size_t away = i > e ? i - e : e - i;
        uint32_t a = events->account[i];
        if (events->object[i] != events->object[e] || away > SIDE || lag > window_us ||
            lag < -window_us || a == events->account[e] || seen[a] ||
            !counts_for(same, events->post[i]))
            continue;
        seen[a] = 1;
        others++;
        *met += world.tells[s][a];
    }
    return others;
}

static void check_member(const uint8_t *same, int64_t window_us,
                         const struct lks_script_member *member)
{
    const struct lks_events *events = &world.events;
    uint32_t s = member->script, posts = 0, hits = 0, all = 0, all_met = 0;
    double expected = 0;
    int64_t start_us = INT64_MAX;
    for (uint32_t p = 0; p < POSTS; p++)
        start_us = events->post_time_us[p] < start_us ? events->post_time_us[p] : start_us;
    for (uint32_t p = 0; p < POSTS; p++) {
        uint32_t least = 0, least_met = 0, met, day_all = 0, day_members = 0;
        if (events->post_account[p] != member->account || !counts_for(same, p))
            continue;
        for (size_t e = 0; e < events->count; e++) {
            uint32_t others = events->post[e] == p ? slow_others(same, window_us, s, e, &met) : 0;
            if (others && (!least || others < least)) {
                least = others;
                least_met = met;
            }
        }
        for (uint32_t q = 0; q < POSTS; q++) {
            int here = (events->post_time_us[q] - start_us) / LKS_DAY_US ==
                       (events->post_time_us[p] - start_us) / LKS_DAY_US;
            day_all += (uint32_t)here;
            day_members += here && world.tells[s][events->post_account[q]] && counts_for(same, q);
        }
        if (!least)
            continue;
        double share = (double)day_members / day_all;
        posts++;
        hits += least_met > 0;
        all += least;
        all_met += least_met;
        expected += (share < 1 ? share : 1) * least;
    }
    assert_int_equal(member->tie_posts, posts);
    assert_int_equal(member->tie_hits, hits);
    assert_int_equal(member->tie_others, all);
    assert_int_equal(member->tie_met, all_met);
    assert_true(member->tie_expected - expected < 1e-9 && expected - member->tie_expected < 1e-9);
}

static void ties_as_defined(void **state)
{
    (void)state;
    uint32_t met = 0, campaigns = 0;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        /* More than fit into one word of bits, too. */
        uint32_t scripts = seed % 4 ? 1 + (uint32_t)seed % 12 : SCRIPTS;
        struct lks_promotion_options options = lks_promotion_options_default();
        struct lks_promotion_input input = {.events = &world.events};
        options.tie_window_us = seed % 3 ? LKS_HOUR_US : 10 * LKS_DAY_US;
        world_make(seed, scripts);
        result_make(scripts);
        assert_int_equal(lks_script_ties(&input, &options, NULL, &world.result, NULL), 0);
        for (size_t i = 0; i < world.result.members_count; i++) {
            const struct lks_script_member *member = &world.result.members[i];
            uint8_t same[SCRIPTS];
            uint32_t campaign = member->script;
            if (scripts == SCRIPTS && i % 23)
                continue;
            for (uint32_t t = scripts; t-- > 0;) {
                same[t] = (uint8_t)are_same(member->script, t);
                campaign = same[t] && t < campaign ? t : campaign;
            }
            assert_int_equal(world.result.scripts[member->script].campaign, campaign);
            check_member(same, options.tie_window_us, member);
            met += member->tie_met;
            campaigns += campaign != member->script;
        }
        free(world.result.scripts);
        free(world.result.members);
        free(world.result.posts);
        lks_events_free(&world.events);
    }
    assert_true(met > 1000 && campaigns > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ties_as_defined)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
