/* recruitment_test.c - who answers calls is found, fans and passers-by are not, controls are empty */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "signal/recruitment.h"

/* A made month: people on links and tags of their choice; a channel that names a new link and a
 * tag in every call; responders, who answer a share of the calls within the hour; fans, who use
 * the tag all the time. Object 0 is the tag, 1 .. LINKS are links. */
enum {
    POSTS_MAX = 120000,
    ACCOUNTS_MAX = 2000,
    LINKS = 400,
    CALLS = 60,
    DAYS = 20,
    PEOPLE = 1200,
    FANS = 60
};
#define START_US INT64_C(1730066400000000)

static struct world {
    uint32_t post_account[POSTS_MAX];
    int64_t post_time_us[POSTS_MAX];
    uint32_t object[2 * POSTS_MAX], account[2 * POSTS_MAX], post[2 * POSTS_MAX];
    int64_t time_us[2 * POSTS_MAX];
    uint8_t kind[LINKS + 1], left[ACCOUNTS_MAX];
    struct lks_call calls[CALLS];
    uint32_t things[2 * CALLS];
    struct lks_events events;
    struct lks_recruitment_input input;
    struct lks_rng rng;
} world;

static void post_add(uint32_t account, int64_t time_us, uint32_t link, int with_tag)
{
    struct lks_events *events = &world.events;
    uint32_t p = events->posts_count++;
    assert_true(p < POSTS_MAX);
    world.post_account[p] = account;
    world.post_time_us[p] = time_us;
    for (int i = 0; i < 2; i++) {
        if (i == 0 ? !link : !with_tag)
            continue;
        size_t e = events->count++;
        world.object[e] = i == 0 ? link : 0;
        world.account[e] = account;
        world.post[e] = p;
        world.time_us[e] = time_us;
    }
}

static int64_t any_time(void)
{
    return START_US + (int64_t)lks_rng_below(&world.rng, (uint64_t)DAYS * LKS_DAY_US);
}

/* What others do on links: those that a call names are popular around it, before and after. */
static void people_add(uint32_t first, uint32_t count, unsigned posts, int are_fans)
{
    for (uint32_t a = first; a < first + count; a++)
        for (unsigned i = 0; i < posts; i++) {
            int64_t time_us = any_time();
            uint32_t link = 1 + CALLS + (uint32_t)lks_rng_below(&world.rng, LINKS - CALLS);
            if (lks_rng_below(&world.rng, 5) == 0) { /* one that is called, at about that time */
                uint32_t c = (uint32_t)lks_rng_below(&world.rng, CALLS);
                link = 1 + c;
                time_us = world.calls[c].time_us - 3 * LKS_HOUR_US +
                          (int64_t)lks_rng_below(&world.rng, 6 * LKS_HOUR_US);
            }
            post_add(a, time_us, link, are_fans && lks_rng_below(&world.rng, 2));
        }
}

static void responders_add(uint32_t first, uint32_t count)
{
    for (uint32_t a = first; a < first + count; a++)
        for (uint32_t c = 0; c < CALLS; c++)
            if (lks_rng_below(&world.rng, 3) == 0)
                post_add(
                    a, world.calls[c].time_us + 1 + (int64_t)lks_rng_below(&world.rng, LKS_HOUR_US),
                    1 + c, (int)lks_rng_below(&world.rng, 2));
}

static const struct lks_events *sorting;

static int row_order(const void *a, const void *b)
{
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    if (sorting->object[i] != sorting->object[j])
        return sorting->object[i] < sorting->object[j] ? -1 : 1;
    if (sorting->time_us[i] != sorting->time_us[j])
        return sorting->time_us[i] < sorting->time_us[j] ? -1 : 1;
    return i < j ? -1 : i > j;
}

static void world_finish(void)
{
    static uint32_t order[2 * POSTS_MAX];
    static struct world copy;
    size_t count = world.events.count;
    world.events.object = world.object;
    world.events.account = world.account;
    world.events.post = world.post;
    world.events.time_us = world.time_us;
    world.events.post_account = world.post_account;
    world.events.post_time_us = world.post_time_us;
    world.events.object_kind = world.kind;
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    sorting = &world.events;
    qsort(order, count, sizeof *order, row_order);
    copy = world;
    for (size_t i = 0; i < count; i++) {
        world.object[i] = copy.object[order[i]];
        world.account[i] = copy.account[order[i]];
        world.post[i] = copy.post[order[i]];
        world.time_us[i] = copy.time_us[order[i]];
    }
    world.input = (struct lks_recruitment_input){.events = &world.events,
                                                 .calls = world.calls,
                                                 .calls_count = CALLS,
                                                 .things = world.things,
                                                 .account_left = world.left};
}

static void world_make(uint64_t seed, uint32_t responders)
{
    memset(&world.events, 0, sizeof world.events);
    lks_rng_init(&world.rng, seed, 3);
    world.kind[0] = LKS_OBJECT_HASHTAG;
    memset(world.kind + 1, LKS_OBJECT_URL, LINKS);
    memset(world.left, 0, sizeof world.left);
    world.left[0] = 1; /* the channel */
    for (uint32_t c = 0; c < CALLS; c++) {
        world.things[2 * c] = 1 + c;
        world.things[2 * c + 1] = 0;
        world.calls[c] = (struct lks_call){
            START_US + (int64_t)(c + 1) * (DAYS * LKS_DAY_US / (CALLS + 2)), 0, 0, 2 * c, 2};
    }
    world.events.objects_count = LINKS + 1;
    world.events.accounts_count = 1 + PEOPLE + FANS + responders;
    people_add(1, PEOPLE, 30, 0);
    people_add(1 + PEOPLE, FANS, 60, 1);
    responders_add(1 + PEOPLE + FANS, responders);
    people_add(1 + PEOPLE + FANS, responders, 10, 0);
    world_finish();
}

/* Two channels call in turns, and a third one once: whoever answers at most calls answers either of
 * the first two most, and the third is nobody's. */
static void the_channel_answered_most(void **state)
{
    (void)state;
    struct lks_recruitment result;
    struct lks_recruitment_options options = lks_recruitment_options_default();
    uint32_t seen[3] = {0};
    world_make(1, 40);
    for (int c = 0; c < CALLS; c++)
        world.calls[c].account = c == 7 ? 2 : c % 3 == 0 ? 1 : 0;
    assert_int_equal(lks_recruitment_run(&world.input, &options, NULL, &result, NULL), 0);
    for (size_t r = 0; r < result.responders_count; r++) {
        assert_true(result.responders[r].channel < 3);
        seen[result.responders[r].channel]++;
    }
    assert_true(seen[0] > seen[1] && seen[2] == 0);
    lks_recruitment_free(&result);
}

static void answers_are_found(void **state)
{
    (void)state;
    struct lks_recruitment result;
    struct lks_recruitment_options options = lks_recruitment_options_default();
    world_make(1, 40);
    assert_int_equal(lks_recruitment_run(&world.input, &options, NULL, &result, NULL), 0);
    size_t right = 0;
    for (size_t r = 0; r < result.responders_count; r++) {
        const struct lks_responder *responder = &result.responders[r];
        right += responder->account > PEOPLE + FANS;
        assert_true(responder->answered >= 2 && responder->answered <= responder->answerable);
        assert_true(r == 0 || responder->log10_p >= result.responders[r - 1].log10_p);
        assert_int_equal(responder->channel, world.calls[0].account);
    }
    assert_true(right >= 38);
    assert_true(result.responders_count - right <= 3); /* q 0.05 */
    assert_int_equal(result.controls_count, 5);
    assert_true(result.control_responders <= 1);
    assert_true(result.lag_quartiles_us[1] > 15 * LKS_MINUTE_US &&
                result.lag_quartiles_us[1] < 45 * LKS_MINUTE_US);
    uint64_t before = 0, after = 0;
    for (int b = 0; b < LKS_CALL_BINS; b++)
        *(b < LKS_CALL_BINS / 2 ? &before : &after) += result.profile_responders[b];
    assert_true(after > 5 * before);
    for (size_t c = 0; c < result.calls_count; c++) {
        uint64_t answers = 0;
        for (int b = 0; b < LKS_ANSWER_BINS; b++)
            answers +=
                (uint64_t)result.calls[c].answers_responders[b] + result.calls[c].answers_others[b];
        assert_int_equal(answers, result.calls[c].posts_after);
    }
    lks_recruitment_free(&result);
}

static void nobody_called_is_nobody_found(void **state)
{
    (void)state;
    size_t found = 0, tested = 0, small = 0;
    for (uint64_t seed = 10; seed < 16; seed++) {
        struct lks_recruitment result;
        struct lks_recruitment_options options = lks_recruitment_options_default();
        world_make(seed, 0);
        options.controls = 0;
        assert_int_equal(lks_recruitment_run(&world.input, &options, NULL, &result, NULL), 0);
        found += result.responders_count;
        lks_recruitment_free(&result);
        options.level = 0.9999999; /* everybody with a p below 1 */
        options.answers_min = 0;
        assert_int_equal(lks_recruitment_run(&world.input, &options, NULL, &result, NULL), 0);
        tested += result.tested_count;
        for (size_t r = 0; r < result.responders_count; r++)
            small += result.responders[r].log10_p <= -1.30103;
        lks_recruitment_free(&result);
    }
    assert_true(found <= 1);
    assert_true(tested > 5000);
    assert_true((double)small <= 0.05 * (double)tested);
}

/* What one call brought, from the definition. */
static void calls_are_counted(void **state)
{
    (void)state;
    struct lks_recruitment result;
    struct lks_recruitment_options options = lks_recruitment_options_default();
    world_make(3, 20);
    options.controls = 0;
    assert_int_equal(lks_recruitment_run(&world.input, &options, NULL, &result, NULL), 0);
    for (uint32_t c = 0; c < CALLS; c++) {
        int64_t at = world.calls[c].time_us, w = options.window_us;
        int64_t tag_to = c + 1 < CALLS && world.calls[c + 1].time_us < at + w
                             ? world.calls[c + 1].time_us
                             : at + w;
        uint32_t after = 0, before = 0;
        uint64_t all_after = 0, all_before = 0;
        for (uint32_t p = 0; p < world.events.posts_count; p++) {
            int64_t time_us = world.post_time_us[p];
            all_after += time_us > at && time_us <= at + w;
            all_before += time_us >= at - w && time_us < at;
            int answers = 0, precedes = 0;
            if (time_us < at - w || time_us > at + w)
                continue;
            for (size_t e = 0; e < world.events.count; e++) {
                if (world.post[e] != p || (world.object[e] != 0 && world.object[e] != 1 + c))
                    continue;
                answers |= time_us > at && time_us <= (world.object[e] ? at + w : tag_to);
                precedes |= time_us >= at - w && time_us < at;
            }
            after += (uint32_t)answers;
            before += (uint32_t)precedes;
        }
        assert_int_equal(result.calls[c].posts_after, after);
        assert_int_equal(result.calls[c].posts_before, before);
        assert_int_equal(result.calls[c].all_after, all_after);
        assert_int_equal(result.calls[c].all_before, all_before);
        if (c == 5)
            c = CALLS - 4; /* the slow way is slow: the first and the last ones */
    }
    lks_recruitment_free(&result);
}

/* More calls, more answers: the days' sums from the calls' results, and what they say of a world with
 * responders and of worlds without. */
static void dose_and_response(void **state)
{
    (void)state;
    struct lks_recruitment_options options = lks_recruitment_options_default();
    unsigned small = 0;
    options.controls = 0;
    for (uint64_t seed = 20; seed < 28; seed++) {
        struct lks_recruitment result;
        int answered = seed == 20;
        world_make(seed, answered ? 40 : 0);
        options.seed = seed;
        assert_int_equal(lks_recruitment_run(&world.input, &options, NULL, &result, NULL), 0);
        double xy = 0, xx = 0, excess_by[LKS_DOSE_BINS] = {0};
        uint32_t days = 0, days_by[LKS_DOSE_BINS] = {0};
        uint64_t before = 0, before_met = 0;
        for (int64_t day = START_US / LKS_DAY_US; day <= START_US / LKS_DAY_US + DAYS; day++) {
            uint32_t calls = 0;
            double excess = 0;
            for (uint32_t c = 0; c < CALLS; c++) {
                const struct lks_call_result *call = &result.calls[c];
                if (world.calls[c].time_us / LKS_DAY_US != day)
                    continue;
                calls++;
                excess += call->posts_after - (double)call->posts_before * (double)call->all_after /
                                                  (double)call->all_before;
            }
            if (!calls)
                continue;
            uint32_t bin = calls < LKS_DOSE_BINS ? calls - 1 : LKS_DOSE_BINS - 1;
            days++;
            days_by[bin]++;
            excess_by[bin] += excess;
            xy += calls * excess;
            xx += (double)calls * calls;
        }
        for (uint32_t c = 0; c < CALLS; c++) {
            before += result.calls[c].all_before;
            before_met += result.calls[c].posts_before;
        }
        assert_int_equal(result.dose_days, days);
        assert_true(fabs(result.dose_slope - xy / xx) < 1e-9);
        for (int i = 0; i < LKS_DOSE_BINS; i++) {
            assert_int_equal(result.dose_days_by[i], days_by[i]);
            if (days_by[i])
                assert_true(fabs(result.dose_excess_by[i] - excess_by[i] / days_by[i]) < 1e-9);
        }
        assert_int_equal(result.uptake_posts[0], before);
        assert_int_equal(result.uptake_met[0], before_met);
        double unexposed = (double)result.uptake_met[1] / (double)result.uptake_posts[1];
        if (answered) {
            assert_true(result.dose_slope > 5 && result.dose_p <= 0.005);
            assert_true((double)result.uptake_met[2] >
                        3 * unexposed * (double)result.uptake_posts[2]);
        } else {
            small += result.dose_p <= 0.05;
            assert_int_equal(result.uptake_posts[2], 0);
        }
        lks_recruitment_free(&result);
    }
    assert_true(small <= 2); /* of seven */
}

static void nothing_at_all(void **state)
{
    (void)state;
    struct lks_recruitment result;
    struct lks_recruitment_options options = lks_recruitment_options_default();
    world_make(4, 5);
    world.input.calls_count = 0;
    assert_int_equal(lks_recruitment_run(&world.input, &options, NULL, &result, NULL), 0);
    assert_int_equal(result.responders_count, 0);
    lks_recruitment_free(&result);
    memset(&world.events, 0, sizeof world.events);
    assert_int_equal(lks_recruitment_run(&world.input, &options, NULL, &result, NULL), 0);
    lks_recruitment_free(&result);
    options.window_us = 0;
    assert_int_equal(lks_recruitment_run(&world.input, &options, NULL, &result, NULL),
                     LKS_EARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_found),
        cmocka_unit_test(the_channel_answered_most),
        cmocka_unit_test(nobody_called_is_nobody_found),
        cmocka_unit_test(calls_are_counted),
        cmocka_unit_test(dose_and_response),
        cmocka_unit_test(nothing_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
