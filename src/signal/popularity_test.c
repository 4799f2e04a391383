/* popularity_test.c - counts, ranks and speeds of objects against their definitions */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "signal/popularity.h"

enum { EVENTS_MAX = 3000, OBJECTS = 12, ACCOUNTS_MAX = 80 };

static struct world {
    struct lks_events events;
    uint32_t object[EVENTS_MAX], account[EVENTS_MAX], post[EVENTS_MAX];
    uint32_t post_account[EVENTS_MAX];
    int64_t time_us[EVENTS_MAX], post_time_us[EVENTS_MAX];
    uint8_t kind[OBJECTS], level[ACCOUNTS_MAX], platform[ACCOUNTS_MAX];
    int64_t views[EVENTS_MAX];
    uint32_t parent[EVENTS_MAX];
    struct lks_popularity_columns columns;
} world;

/* Events object by object in order of time; one post each. */
static void world_random(struct lks_rng *rng)
{
    size_t count = 0;
    uint32_t accounts = 2 + (uint32_t)lks_rng_below(rng, ACCOUNTS_MAX - 2);
    for (uint32_t o = 0; o < OBJECTS; o++) {
        int64_t time_us = 1000000;
        size_t uses = 2 + lks_rng_below(rng, EVENTS_MAX / OBJECTS - 2);
        world.kind[o] = o % 3 == 0 ? LKS_OBJECT_SOUND : LKS_OBJECT_HASHTAG;
        for (size_t i = 0; i < uses; i++, count++) {
            int64_t step = (int64_t)lks_rng_below(rng, 3) * 1800000000;
            uint32_t least = i && !step ? world.account[count - 1] : 0; /* rows are in order */
            time_us += step;
            world.object[count] = o;
            world.account[count] = least + (uint32_t)lks_rng_below(rng, accounts - least);
            world.post[count] = (uint32_t)count;
            world.time_us[count] = world.post_time_us[count] = time_us;
            world.post_account[count] = world.account[count];
        }
    }
    for (uint32_t a = 0; a < accounts; a++)
        world.level[a] = (uint8_t)(lks_rng_below(rng, 3) ? 0 : 1 + lks_rng_below(rng, 3));
    for (uint32_t a = 0; a < accounts; a++)
        world.platform[a] = (uint8_t)(lks_rng_below(rng, 3) * 100);
    for (size_t i = 0; i < count; i++) {
        world.views[i] = lks_rng_below(rng, 4) ? (int64_t)lks_rng_below(rng, 5000) : LKS_COUNT_NULL;
        world.parent[i] = lks_rng_below(rng, 2) ? (uint32_t)lks_rng_below(rng, count) : UINT32_MAX;
    }
    world.columns = (struct lks_popularity_columns){world.platform, world.views, world.parent};
    world.events = (struct lks_events){.object = world.object,
                                       .account = world.account,
                                       .post = world.post,
                                       .time_us = world.time_us,
                                       .count = count,
                                       .objects_count = OBJECTS,
                                       .accounts_count = accounts,
                                       .posts_count = (uint32_t)count,
                                       .object_kind = world.kind,
                                       .post_account = world.post_account,
                                       .post_time_us = world.post_time_us};
}

/* Distinct accounts on an object without those flagged at the threshold or above. */
static uint32_t slow_accounts(uint32_t object, int threshold, uint64_t *posts)
{
    uint8_t seen[ACCOUNTS_MAX] = {0};
    uint32_t count = 0;
    *posts = 0;
    for (size_t i = 0; i < world.events.count; i++) {
        uint32_t account = world.account[i];
        if (world.object[i] != object || (threshold && world.level[account] >= threshold))
            continue;
        ++*posts;
        count += !seen[account];
        seen[account] = 1;
    }
    return count;
}

/* Views, answers and platforms by looking at every post. */
static void reach_check(const struct lks_popular *popular)
{
    uint64_t views[1 + LKS_FLAG_LEVELS] = {0}, known = 0, answers = 0, flagged = 0, binned = 0;
    int answered = 0;
    uint64_t platform_posts[2] = {0}, platform_accounts[2] = {0}, platform_views[2] = {0},
             first = 0;
    for (size_t i = 0; i < world.events.count; i++) {
        if (world.object[i] != popular->object)
            continue;
        uint8_t level = world.level[world.account[i]];
        known += world.views[i] >= 0;
        for (int t = 0; t <= LKS_FLAG_LEVELS && world.views[i] >= 0; t++)
            views[t] += t == 0 || level < t ? (uint64_t)world.views[i] : 0;
    }
    for (size_t p = 0; p < world.events.posts_count; p++) { /* post p is on object[p] */
        uint32_t of = world.parent[p];
        if (of == UINT32_MAX ||
            (world.object[p] != popular->object && world.object[of] != popular->object))
            continue;
        answered = 1;
        int64_t after_us = world.post_time_us[p] - world.post_time_us[of];
        if (world.post_account[p] == world.post_account[of] || after_us < 0 ||
            after_us > 3600000000)
            continue;
        answers++;
        flagged += world.level[world.post_account[p]] > 0;
    }
    assert_int_equal(popular->answers_known, answered);
    for (int t = 0; t <= LKS_FLAG_LEVELS; t++)
        assert_int_equal(popular->views[t], views[t]);
    assert_int_equal(popular->views_known, known);
    assert_int_equal(popular->hour_answers, answers);
    assert_int_equal(popular->hour_flagged, flagged);
    for (int b = 0; b < LKS_POPULAR_BINS; b++) {
        binned += popular->bin_views[b];
        first += popular->bin_accounts[b];
    }
    assert_int_equal(binned, views[0]);
    assert_int_equal(first, popular->accounts[0]);
    for (uint32_t p = 0; p < popular->platforms_count; p++)
        for (int without = 0; without < 2; without++) {
            platform_posts[without] += popular->platforms[p].posts[without];
            platform_accounts[without] += popular->platforms[p].accounts[without];
            platform_views[without] += popular->platforms[p].views[without];
            assert_true(popular->platforms[p].platform % 100 == 0);
        }
    for (int b = 0; b < LKS_POPULAR_BINS; b++) {
        struct lks_popular_course sum = {{0}};
        for (uint32_t p = 0; p < popular->platforms_count; p++) {
            sum.posts[b] += popular->course[p].posts[b];
            sum.flagged[b] += popular->course[p].flagged[b];
            sum.accounts[b] += popular->course[p].accounts[b];
            sum.views[b] += popular->course[p].views[b];
        }
        assert_int_equal(sum.posts[b], popular->bin_posts[b]);
        assert_int_equal(sum.flagged[b], popular->bin_flagged[b]);
        assert_int_equal(sum.accounts[b], popular->bin_accounts[b]);
        assert_int_equal(sum.views[b], popular->bin_views[b]);
    }
    for (uint32_t p = 0; p < popular->platforms_count; p++) {
        uint64_t posts = 0, accounts = 0, course_views = 0;
        for (int b = 0; b < LKS_POPULAR_BINS; b++) {
            posts += popular->course[p].posts[b];
            accounts += popular->course[p].accounts[b];
            course_views += popular->course[p].views[b];
        }
        assert_int_equal(posts, popular->platforms[p].posts[0]);
        assert_int_equal(accounts, popular->platforms[p].accounts[0]);
        assert_int_equal(course_views, popular->platforms[p].views[0]);
    }
    for (int without = 0; without < 2; without++) {
        assert_int_equal(platform_posts[without], popular->posts[without]);
        assert_int_equal(platform_accounts[without], popular->accounts[without]);
        assert_int_equal(platform_views[without], popular->views[without]);
    }
}

static void popular_check(const struct lks_popular *popular)
{
    for (int t = 0; t <= LKS_FLAG_LEVELS; t++) {
        uint64_t posts, other;
        uint32_t rank = 1, own = slow_accounts(popular->object, t, &posts);
        assert_int_equal(popular->accounts[t], own);
        assert_int_equal(popular->posts[t], posts);
        for (uint32_t o = 0; o < OBJECTS; o++)
            rank += world.kind[o] == popular->kind && slow_accounts(o, t, &other) > own;
        assert_int_equal(popular->rank[t], rank);
    }
    /* First uses, doubling and early users by looking at every pair. */
    int64_t first[ACCOUNTS_MAX], best = -1;
    uint8_t seen[ACCOUNTS_MAX] = {0};
    uint32_t count = 0, flagged = 0, early, bins = 0, bins_flagged = 0;
    uint64_t posts;
    early = slow_accounts(popular->object, 0, &posts) / 10;
    early = early < 10 ? 10 : early;
    for (size_t i = 0; i < world.events.count; i++) {
        if (world.object[i] != popular->object || seen[world.account[i]])
            continue;
        seen[world.account[i]] = 1;
        flagged += count < early && world.level[world.account[i]] > 0;
        first[count++] = world.time_us[i];
    }
    for (uint32_t n = 20; 2 * n <= count; n++)
        if (best < 0 || first[2 * n - 1] - first[n - 1] < best)
            best = first[2 * n - 1] - first[n - 1];
    assert_int_equal(popular->doubling_us, best);
    assert_int_equal(popular->early_flagged, flagged);
    assert_int_equal(popular->early_accounts, early < count ? early : count);
    for (int b = 0; b < LKS_POPULAR_BINS; b++) {
        bins += popular->bin_posts[b];
        bins_flagged += popular->bin_flagged[b];
    }
    assert_int_equal(bins, posts);
    assert_int_equal(bins_flagged, posts - popular->posts[1]);
    reach_check(popular);
}

static void as_defined(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 21, 1);
    for (int round = 0; round < 150; round++) {
        struct lks_popularity_options options = lks_popularity_options_default();
        struct lks_popular *popular;
        size_t count;
        options.flagged_min = 1 + (uint32_t)lks_rng_below(&rng, 6);
        options.objects_most = 1 + (uint32_t)lks_rng_below(&rng, 6);
        world_random(&rng);
        assert_int_equal(lks_popularity_run(&world.events, world.level, &world.columns, &options,
                                            NULL, &popular, &count, NULL),
                         0);
        uint32_t able = 0, of_kind[2] = {0};
        for (uint32_t o = 0; o < OBJECTS; o++) {
            uint64_t posts;
            able = slow_accounts(o, 0, &posts) - slow_accounts(o, 1, &posts);
            of_kind[world.kind[o] == LKS_OBJECT_SOUND] += able >= options.flagged_min;
        }
        for (int k = 0; k < 2; k++)
            of_kind[k] = of_kind[k] < options.objects_most ? of_kind[k] : options.objects_most;
        assert_int_equal(count, of_kind[0] + of_kind[1]);
        for (size_t i = 0; i < count; i++) {
            popular_check(&popular[i]);
            if (i && popular[i].kind == popular[i - 1].kind)
                assert_true(popular[i].accounts[0] - popular[i].accounts[1] <=
                            popular[i - 1].accounts[0] - popular[i - 1].accounts[1]);
        }
        free(popular);
    }
}

static void nothing_flagged_is_nothing(void **state)
{
    (void)state;
    struct lks_rng rng;
    struct lks_popularity_options options = lks_popularity_options_default();
    struct lks_popular *popular;
    size_t count;
    lks_rng_init(&rng, 22, 1);
    world_random(&rng);
    memset(world.level, 0, sizeof world.level);
    assert_int_equal(lks_popularity_run(&world.events, world.level, &world.columns, &options, NULL,
                                        &popular, &count, NULL),
                     0);
    assert_int_equal(count, 0);
    free(popular);
    struct lks_events none = {0};
    assert_int_equal(
        lks_popularity_run(&none, world.level, NULL, &options, NULL, &popular, &count, NULL), 0);
    assert_int_equal(count, 0);
    free(popular);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_defined),
        cmocka_unit_test(nothing_flagged_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
