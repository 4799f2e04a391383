/* swarm_test.c - the account test against its definition; swarms are found, honest crowds are not */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/failing_memory.h"
#include "base/rng.h"
#include "signal/swarm.h"
#include "stat/tail.h"

enum { COMMENTS_MAX = 200000, TARGETS_MAX = 20000 };
#define START_US INT64_C(1730066400000000)

static struct world {
    uint32_t account[COMMENTS_MAX], target[COMMENTS_MAX], text[COMMENTS_MAX];
    int64_t time_us[COMMENTS_MAX];
    uint32_t author[TARGETS_MAX];
    int64_t target_time_us[TARGETS_MAX];
    uint32_t texts; /* given so far */
    struct lks_swarm_input input;
    struct lks_rng rng;
} world;

static void world_start(uint64_t seed)
{
    world.texts = 0;
    world.input = (struct lks_swarm_input){.comment_account = world.account,
                                           .comment_target = world.target,
                                           .comment_text = world.text,
                                           .comment_time_us = world.time_us,
                                           .target_author = world.author,
                                           .target_time_us = world.target_time_us};
    lks_rng_init(&world.rng, seed, 3);
}

static uint32_t accounts_add(uint32_t count)
{
    uint32_t first = world.input.accounts_count;
    world.input.accounts_count += count;
    return first;
}

static uint32_t target_add(uint32_t author, double hour)
{
    uint32_t target = world.input.targets_count++;
    assert_true(target < TARGETS_MAX);
    world.author[target] = author;
    world.target_time_us[target] = START_US + (int64_t)(hour * (double)LKS_HOUR_US);
    return target;
}

static void comment_add(uint32_t account, uint32_t target, uint32_t text, double after_s)
{
    size_t i = world.input.comments_count++;
    assert_true(i < COMMENTS_MAX);
    world.account[i] = account;
    world.target[i] = target;
    world.text[i] = text;
    world.time_us[i] = world.target_time_us[target] + (int64_t)(after_s * 1e6);
}

static double exponential(double mean)
{
    return -mean * log(1 - lks_rng_unit(&world.rng));
}

static int chance(double p)
{
    return lks_rng_unit(&world.rng) < p;
}

/* People comment under posts of creators, mostly in own words; three in a hundred with one of the
 * jokes of the week. Returns the first creator; posts are the targets from 0. */
enum { CREATORS = 200, PEOPLE = 2500, POSTS = 1500 };
static uint32_t ordinary_life(unsigned comments)
{
    uint32_t creators = accounts_add(CREATORS), people = accounts_add(PEOPLE);
    for (unsigned i = 0; i < POSTS; i++)
        target_add(creators + (uint32_t)lks_rng_below(&world.rng, CREATORS),
                   600 * lks_rng_unit(&world.rng));
    world.texts = 5;
    for (unsigned i = 0; i < comments; i++) {
        double u = lks_rng_unit(&world.rng);
        uint32_t target = (uint32_t)(POSTS * u * u); /* some are popular */
        uint32_t text = chance(0.03) ? (uint32_t)lks_rng_below(&world.rng, 5) : LKS_SWARM_NONE;
        double v = lks_rng_unit(&world.rng);
        comment_add(people + (uint32_t)(PEOPLE * v * v), target, text, exponential(6 * 3600));
    }
    return creators;
}

static struct lks_swarm run(const struct lks_swarm_options *options)
{
    struct lks_swarm result;
    struct lks_swarm_options usual = lks_swarm_options_default();
    assert_int_equal(lks_swarm_run(&world.input, options ? options : &usual, NULL, &result, NULL),
                     0);
    return result;
}

static size_t bursts_of(const struct lks_swarm *result)
{
    size_t bursts = 0;
    for (size_t f = 0; f < result->floods_count; f++)
        bursts += result->floods[f].burst != 0;
    return bursts;
}

/* ---- the account test, from its definition ---- */

static int slow_copied(uint32_t account, uint32_t target)
{
    const struct lks_swarm_input *in = &world.input;
    for (size_t i = 0; i < in->comments_count; i++)
        for (size_t k = 0; k < in->comments_count; k++)
            if (world.account[i] == account && world.target[i] == target &&
                world.target[k] == target && world.account[k] != account &&
                world.account[k] != world.author[target] && world.text[i] != LKS_SWARM_NONE &&
                world.text[i] == world.text[k])
                return 1;
    return 0;
}

static struct slow {
    uint8_t answered[16][24], copied[16][24];
    uint32_t author[24]; /* unknown ones are 16 */
    uint32_t targets;
} slow;

static void slow_fill(void)
{
    memset(&slow, 0, sizeof slow);
    slow.targets = world.input.targets_count;
    for (uint32_t t = 0; t < slow.targets; t++)
        slow.author[t] = world.author[t] == LKS_SWARM_NONE ? 16 : world.author[t];
    for (size_t i = 0; i < world.input.comments_count; i++)
        if (world.author[world.target[i]] != world.account[i])
            slow.answered[world.account[i]][world.target[i]] = 1;
    for (uint32_t a = 0; a < 16; a++)
        for (uint32_t t = 0; t < slow.targets; t++)
            slow.copied[a][t] = slow.answered[a][t] && slow_copied(a, t);
}

/* Whether the account copied under an author other than this one. */
static int slow_elsewhere(uint32_t account, uint32_t author)
{
    for (uint32_t t = 0; t < slow.targets; t++)
        if (slow.copied[account][t] && slow.author[t] != author)
            return 1;
    return 0;
}

static void slow_account(uint32_t account, uint32_t *authors, uint32_t *copied, double *expected)
{
    *authors = *copied = 0;
    *expected = 0;
    for (uint32_t author = 0; author <= 16; author++) {
        int answered = 0, copies = 0;
        double none = 1;
        for (uint32_t t = 0; t < slow.targets; t++) {
            if (slow.author[t] != author || !slow.answered[account][t])
                continue;
            double all = 1, some = 1;
            answered = 1;
            copies |= slow.copied[account][t];
            for (uint32_t b = 0; b < 16; b++)
                if (b != account && slow.answered[b][t] && !slow_elsewhere(b, author)) {
                    all++;
                    some += slow.copied[b][t];
                }
            none *= 1 - some / all;
        }
        *authors += (uint32_t)answered;
        *copied += (uint32_t)copies;
        *expected += answered ? 1 - none : 0;
    }
}

static void test_definition(void **state)
{
    (void)state;
    struct lks_swarm_options options = lks_swarm_options_default();
    options.level = 2;
    options.authors_min = 0;
    uint64_t clear = 0;
    for (uint64_t seed = 0; seed < 1500; seed++) {
        world_start(seed);
        accounts_add(16);
        uint32_t targets = 1 + (uint32_t)lks_rng_below(&world.rng, 24);
        uint32_t authors = 1 + (uint32_t)lks_rng_below(&world.rng, 8);
        for (uint32_t t = 0; t < targets; t++) {
            uint32_t author = (uint32_t)lks_rng_below(&world.rng, authors + 1);
            target_add(author == authors ? LKS_SWARM_NONE : author, 24 * lks_rng_unit(&world.rng));
        }
        for (unsigned i = 0; i < 10 + lks_rng_below(&world.rng, 150); i++)
            comment_add((uint32_t)lks_rng_below(&world.rng, 16),
                        (uint32_t)lks_rng_below(&world.rng, targets),
                        chance(0.5) ? (uint32_t)lks_rng_below(&world.rng, 4) : LKS_SWARM_NONE,
                        exponential(600));
        slow_fill();
        struct lks_swarm result = run(&options);
        size_t at = 0;
        for (uint32_t a = 0; a < 16; a++) {
            uint32_t answered, copied;
            double expected;
            slow_account(a, &answered, &copied, &expected);
            if (answered < 2)
                continue;
            assert_true(at < result.swarmers_count);
            const struct lks_swarmer *got = &result.swarmers[at++];
            assert_int_equal(got->account, a);
            assert_int_equal(got->authors, answered);
            assert_int_equal(got->copied, copied);
            assert_true(fabs(got->expected - expected) < 1e-9);
            double log10_p = lks_hoeffding_tail_log(copied, answered, expected) / log(10);
            assert_true(fabs(got->log10_p - log10_p) < 1e-7);
            clear += log10_p < -0.3;
        }
        assert_int_equal(at, result.swarmers_count);
        assert_int_equal(result.tested_count, at);
        lks_swarm_free(&result);
    }
    assert_true(clear > 20); /* the worlds hold some who stand out a little */
}

/* ---- worlds ---- */

static void test_ordinary_life(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        world_start(seed);
        ordinary_life(40000);
        struct lks_swarm result = run(NULL);
        assert_int_equal(result.swarmers_count, 0);
        assert_int_equal(bursts_of(&result), 0);
        assert_int_equal(result.clusters_count, 0);
        assert_true(result.tested_count > 1500 && result.copies_count > 200);
        lks_swarm_free(&result);
        struct lks_swarm_options options = lks_swarm_options_default();
        options.level = 2;
        options.authors_min = 0;
        result = run(&options);
        size_t small = 0;
        for (size_t i = 0; i < result.swarmers_count; i++)
            small += result.swarmers[i].log10_p <= log10(0.05);
        assert_true((double)small <= 0.05 * (double)result.swarmers_count);
        lks_swarm_free(&result);
    }
}

/* Sixty accounts are sent to forty posts of strangers and copy one of three texts there. */
static uint32_t swarm_add(uint32_t accounts, double copies)
{
    uint32_t first = accounts_add(accounts), texts = world.texts;
    world.texts += 120;
    for (uint32_t visit = 0; visit < 40; visit++) {
        uint32_t target = (uint32_t)lks_rng_below(&world.rng, POSTS);
        for (uint32_t a = 0; a < accounts; a++)
            if (chance(0.4))
                comment_add(first + a, target,
                            chance(copies)
                                ? texts + visit * 3 + (uint32_t)lks_rng_below(&world.rng, 3)
                                : LKS_SWARM_NONE,
                            3600 + exponential(1800));
    }
    return first;
}

static void test_a_swarm_is_found(void **state)
{
    (void)state;
    world_start(11);
    ordinary_life(40000);
    uint32_t first = swarm_add(60, 0.8);
    struct lks_swarm result = run(NULL);
    size_t right = 0;
    for (size_t i = 0; i < result.swarmers_count; i++) {
        right += result.swarmers[i].account >= first;
        assert_true(result.swarmers[i].q_value <= 0.05 && result.swarmers[i].copied >= 3);
    }
    assert_true(right >= 58);
    assert_true(result.swarmers_count - right <= 3);
    assert_true(result.floods_count >= 30 && result.clusters_count == 1);
    assert_true(result.clusters[0].accounts >= 58 && result.clusters[0].accounts <= 70);
    assert_true(result.clusters[0].log10_p < -5 && result.clusters[0].authors > 20);
    for (size_t i = 0; i < result.swarmers_count; i++)
        if (result.swarmers[i].account >= first)
            assert_int_equal(result.swarmers[i].cluster, 0);
    lks_swarm_free(&result);
}

/* The same accounts at the same times with words of their own each time: nothing is seen. */
static void test_own_words_are_not_seen(void **state)
{
    (void)state;
    world_start(11);
    ordinary_life(40000);
    swarm_add(60, 0);
    struct lks_swarm result = run(NULL);
    assert_int_equal(result.swarmers_count, 0);
    assert_int_equal(result.floods_count, 0);
    lks_swarm_free(&result);
}

/* Thousands of honest comments within minutes, one in ten of them a joke that goes round. */
static void test_a_viral_post(void **state)
{
    (void)state;
    world_start(12);
    uint32_t creators = ordinary_life(30000), passers_by = accounts_add(3000);
    for (uint32_t post = 0; post < 3; post++) {
        uint32_t target = target_add(creators + post, 100);
        for (uint32_t i = 0; i < 6000; i++)
            comment_add(passers_by + (uint32_t)lks_rng_below(&world.rng, 3000), target,
                        chance(0.1) ? (uint32_t)lks_rng_below(&world.rng, 5) : LKS_SWARM_NONE,
                        chance(0.5) ? exponential(240) : exponential(7200));
    }
    struct lks_swarm result = run(NULL);
    assert_int_equal(bursts_of(&result), 0);
    assert_true(result.swarmers_count <= 2); /* of 8,000 */
    lks_swarm_free(&result);
}

/* Fans greet each of one creator's posts with the same cry, within minutes. */
static void test_fans_of_one_creator(void **state)
{
    (void)state;
    world_start(13);
    uint32_t creators = ordinary_life(30000), fans = accounts_add(150), cry = world.texts;
    world.texts += 2;
    for (uint32_t post = 0; post < 60; post++) {
        uint32_t target = target_add(creators + 7, 10 * post);
        for (uint32_t fan = 0; fan < 150; fan++)
            if (chance(0.5))
                comment_add(fans + fan, target, cry + (uint32_t)lks_rng_below(&world.rng, 2),
                            exponential(200));
        for (uint32_t i = 0; i < 40; i++)
            comment_add(fans - 1 - (uint32_t)lks_rng_below(&world.rng, PEOPLE), target,
                        LKS_SWARM_NONE, exponential(6 * 3600));
    }
    struct lks_swarm result = run(NULL);
    assert_int_equal(result.swarmers_count, 0);
    assert_int_equal(result.floods_count, 0);
    lks_swarm_free(&result);
}

/* Five creators ask for one sentence each; a crowd that overlaps gives it, over a day. */
static void test_giveaways(void **state)
{
    (void)state;
    for (uint64_t seed = 14; seed < 18; seed++) {
        world_start(seed);
        uint32_t creators = ordinary_life(30000), crowd = accounts_add(2000);
        for (uint32_t which = 0; which < 5; which++) {
            uint32_t target = target_add(creators + which, 100 * which), sentence = world.texts++;
            for (uint32_t a = 0; a < 2000; a++)
                if (chance(a < 200 ? 0.9 : 0.3)) /* some never miss one */
                    comment_add(crowd + a, target, chance(0.8) ? sentence : LKS_SWARM_NONE,
                                exponential(4 * 3600));
        }
        struct lks_swarm result = run(NULL);
        assert_int_equal(result.swarmers_count, 0);
        assert_int_equal(result.floods_count, 0);
        lks_swarm_free(&result);
    }
}

/* 300 near-identical comments under one clip within seconds: the post is listed, nobody named. */
static void test_one_flood(void **state)
{
    (void)state;
    for (int alone = 0; alone < 2; alone++) {
        world_start(20);
        uint32_t creators = ordinary_life(30000), first = accounts_add(300);
        uint32_t target = target_add(creators + 3, 100), text = world.texts++;
        for (uint32_t a = 0; a < 300; a++)
            comment_add(first + a, target, text, 7200 + exponential(7));
        for (uint32_t i = 0; !alone && i < 200; i++)
            comment_add(first - 1 - (uint32_t)lks_rng_below(&world.rng, PEOPLE), target,
                        LKS_SWARM_NONE, exponential(6 * 3600));
        struct lks_swarm result = run(NULL);
        assert_int_equal(result.swarmers_count, 0);
        assert_int_equal(result.floods_count, 1);
        const struct lks_flood *flood = &result.floods[0];
        assert_true(flood->burst && flood->target == target && flood->copiers == 300);
        assert_true(flood->q_value < 1e-6 && flood->burst_copiers > 200);
        assert_true(flood->burst_last_us - flood->burst_first_us <= 60 * LKS_SECOND_US);
        assert_int_equal(flood->latency_us[1] / LKS_MINUTE_US, 120);
        lks_swarm_free(&result);
        world.input.times_are_days = 1;
        result = run(NULL);
        assert_int_equal(result.floods_count, 0); /* not observable */
        assert_int_equal(result.posts_tested, 0);
        lks_swarm_free(&result);
    }
}

/* Copies that come whenever comments come: the scan's p-values are conservative. */
static void test_scan_keeps_its_word(void **state)
{
    (void)state;
    size_t small = 0, tested = 0;
    struct lks_swarm_options options = lks_swarm_options_default();
    options.named_min = 0; /* lists every post that was tested */
    for (uint64_t seed = 100; seed < 140; seed++) {
        world_start(seed);
        uint32_t people = accounts_add(1001);
        for (uint32_t t = 0; t < 50; t++) {
            uint32_t target = target_add(people, t);
            double share = lks_rng_unit(&world.rng);
            unsigned count = 10 + (unsigned)lks_rng_below(&world.rng, 100);
            for (unsigned i = 0; i < count; i++)
                comment_add(people + 1 + (uint32_t)lks_rng_below(&world.rng, 1000), target,
                            chance(share) ? t : LKS_SWARM_NONE,
                            chance(0.3) ? 3000 + exponential(20) : exponential(5000));
        }
        struct lks_swarm result = run(&options);
        for (size_t f = 0; f < result.floods_count; f++)
            if (!isnan(result.floods[f].p_value) &&
                result.floods[f].commenters - result.floods[f].copiers >= 10) {
                tested++;
                small += result.floods[f].p_value <= 0.05;
            }
        lks_swarm_free(&result);
    }
    assert_true(tested > 500);
    assert_true((double)small <= 0.05 * (double)tested);
}

static void test_nothing(void **state)
{
    (void)state;
    world_start(30);
    struct lks_swarm result = run(NULL);
    assert_int_equal(result.comments_count, 0);
    assert_int_equal(result.swarmers_count + result.floods_count + result.clusters_count, 0);
    lks_swarm_free(&result);
    uint32_t people = accounts_add(3); /* authors answering themselves, and posts nobody has */
    comment_add(people, target_add(people, 0), LKS_SWARM_NONE, 5);
    comment_add(people + 1, target_add(LKS_SWARM_NONE, 0), LKS_SWARM_NONE, 5);
    result = run(NULL);
    assert_int_equal(result.comments_count, 1);
    assert_int_equal(result.unknown_comments, 1);
    assert_int_equal(result.tested_count, 0);
    lks_swarm_free(&result);
}

static int one_run(void *context)
{
    struct lks_swarm result;
    struct lks_swarm_options options = lks_swarm_options_default();
    int code = lks_swarm_run(&world.input, context ? context : &options, NULL, &result, NULL);
    if (code == 0)
        assert_true(result.swarmers_count > 50 && result.clusters_count == 1);
    else
        assert_true(!result.swarmers && !result.floods && !result.clusters);
    lks_swarm_free(&result);
    return code;
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    world_start(11);
    ordinary_life(40000);
    swarm_add(60, 0.8);
    if (FAILING_MEMORY)
        assert_true(fail_each_allocation(one_run, NULL, LKS_EMEMORY) > 15);
    else
        assert_int_equal(one_run(NULL), 0);
    volatile int stop = 1;
    struct lks_control control = {.cancel = &stop};
    struct lks_swarm result;
    struct lks_swarm_options options = lks_swarm_options_default();
    assert_int_equal(lks_swarm_run(&world.input, &options, &control, &result, NULL),
                     LKS_ECANCELLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition),          cmocka_unit_test(test_ordinary_life),
        cmocka_unit_test(test_a_swarm_is_found),    cmocka_unit_test(test_own_words_are_not_seen),
        cmocka_unit_test(test_a_viral_post),        cmocka_unit_test(test_fans_of_one_creator),
        cmocka_unit_test(test_giveaways),           cmocka_unit_test(test_one_flood),
        cmocka_unit_test(test_scan_keeps_its_word), cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
