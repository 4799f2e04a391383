/* relayers_test.c - channels that repeat others: p by its definition, and channels of strong habits */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "signal/relay.h"
#include "signal/relay_worlds.h"
#include "stat/multiple.h"

/* ---- the definition, read aloud ---- */

enum { SMALL_POSTS = 40, SMALL_PLACES = 5, BLOCKS_MAX = 5, TURNS_MAX = 63 };

struct calendar {
    int64_t start_us[BLOCKS_MAX + 2]; /* [blocks + 1], and the end of all days */
    int turns[BLOCKS_MAX + 1];        /* days; of what is left over 1 */
    int blocks, rest;                 /* rest: 1 where days are left over */
};

static struct calendar calendar_of(const struct world *world, unsigned block_weeks)
{
    struct calendar calendar = {0};
    int64_t last_us = world->time_us[world->input.posts_count - 1];
    int64_t start_us = world->time_us[0] / LKS_DAY_US * LKS_DAY_US;
    int weeks = (int)(((last_us - start_us) / LKS_DAY_US + 1) / 7);
    calendar.blocks = weeks / (int)block_weeks;
    if (weeks && !calendar.blocks)
        calendar.blocks = 1;
    calendar.start_us[0] = start_us;
    for (int b = 0; b < calendar.blocks; b++) {
        int end = weeks * (b + 1) / calendar.blocks;
        calendar.start_us[b + 1] = start_us + (int64_t)end * 7 * LKS_DAY_US;
        calendar.turns[b] = (int)((calendar.start_us[b + 1] - calendar.start_us[b]) / LKS_DAY_US);
    }
    calendar.rest = last_us >= calendar.start_us[calendar.blocks];
    calendar.turns[calendar.blocks] = 1;
    return calendar;
}

/* Whether the place says the term from from_us until before (or at, with `last` 1) to_us. */
static int says(const struct world *world, uint32_t place, uint32_t term, int64_t from_us,
                int64_t to_us, int last)
{
    for (size_t i = 0; i < world->input.posts_count; i++)
        if (world->place[i] == place && has(world, term, i) && world->time_us[i] >= from_us &&
            world->time_us[i] < to_us + last)
            return 1;
    return 0;
}

/* Whether nobody but `place` said the term before the call, the caller in no earlier message. */
static int is_new(const struct world *world, const struct lks_relay_options *options, uint32_t term,
                  size_t call, uint32_t place)
{
    for (size_t i = 0; i < call; i++)
        if (world->place[i] != place && has(world, term, i) &&
            world->time_us[call] - world->time_us[i] <= options->quiet_us &&
            (world->place[i] == world->place[call] || world->time_us[i] != world->time_us[call]))
            return 0;
    return 1;
}

static int repeats(const struct world *world, const struct lks_relay_options *options, size_t call,
                   uint32_t place, int64_t moved_us)
{
    for (uint32_t term = 0; term < world->input.terms_count; term++)
        if (has(world, term, call) && is_new(world, options, term, call, place) &&
            says(world, place, term, moved_us, moved_us + options->window_us[2], 1) &&
            !says(world, place, term, moved_us - options->quiet_us, moved_us, 0))
            return 1;
    return 0;
}

static int could(const struct world *world, const struct lks_relay_options *options, size_t call,
                 uint32_t place)
{
    int any = 0;
    for (uint32_t term = 0; term < world->input.terms_count; term++)
        any |= has(world, term, call) && is_new(world, options, term, call, place);
    for (size_t i = 0; any && i < world->input.posts_count; i++)
        if (world->place[i] == place && world->time_us[i] >= world->time_us[call] &&
            world->time_us[i] <= world->time_us[call] + options->window_us[2])
            return 1;
    return 0;
}

/* Repeats of the place in block b, with everybody else s days later around it. */
static int repeats_of(const struct world *world, const struct lks_relay_options *options,
                      const struct calendar *calendar, int b, uint32_t place, int s)
{
    int count = 0;
    for (size_t c = 0; c < world->input.posts_count; c++) {
        int64_t since_us = world->time_us[c] - calendar->start_us[b];
        if (!world->is_call[c] || world->place[c] == place || since_us < 0 ||
            (b < calendar->blocks && world->time_us[c] >= calendar->start_us[b + 1]))
            continue;
        if (b < calendar->blocks)
            since_us = (since_us + s * LKS_DAY_US) % (calendar->turns[b] * LKS_DAY_US);
        count += repeats(world, options, c, place, calendar->start_us[b] + since_us);
    }
    return count;
}

struct answer {
    unsigned relayed, could;
    double expected, p;
};

/* Every arrangement: a phase for all blocks, a week for each. */
static struct answer answer_of(const struct world *world, const struct lks_relay_options *options,
                               uint32_t place)
{
    static int of[BLOCKS_MAX + 1][TURNS_MAX];
    struct calendar calendar = calendar_of(world, options->block_weeks);
    struct answer answer = {.p = 0};
    int all = calendar.blocks + calendar.rest;
    for (int b = 0; b < all; b++) {
        double sum = 0;
        for (int s = 0; s < calendar.turns[b]; s++)
            sum += of[b][s] = repeats_of(world, options, &calendar, b, place, s);
        answer.expected += sum / calendar.turns[b];
        answer.relayed += (unsigned)of[b][0];
    }
    for (size_t c = 0; c < world->input.posts_count; c++)
        answer.could +=
            world->is_call[c] && world->place[c] != place && could(world, options, c, place);
    for (int phase = 0; phase < 7; phase++) {
        int week[BLOCKS_MAX + 1] = {0}, b = 0;
        unsigned arrangements = 0, as_many = 0;
        while (b < calendar.blocks || !arrangements) {
            unsigned sum = 0;
            for (int k = 0; k < all; k++)
                sum += (unsigned)of[k][k < calendar.blocks ? 7 * week[k] + phase : 0];
            arrangements++;
            as_many += sum >= answer.relayed;
            for (b = 0; b < calendar.blocks && ++week[b] == calendar.turns[b] / 7; b++)
                week[b] = 0;
        }
        answer.p += (double)as_many / arrangements / 7;
    }
    return answer;
}

static void small_make(struct world *world, struct lks_rng *rng)
{
    static const int clocks[] = {0, 50, 3500, 36000, 36100, 36290, 36700, 39000, 86200, 86399};
    static struct draft drafts[SMALL_POSTS];
    size_t posts = 5 + lks_rng_below(rng, SMALL_POSTS - 5);
    uint32_t places = 2 + (uint32_t)lks_rng_below(rng, SMALL_PLACES - 1);
    uint32_t terms = 1 + (uint32_t)lks_rng_below(rng, 4);
    uint64_t days = 1 + lks_rng_below(rng, 120), few = 1 + lks_rng_below(rng, 10);
    for (size_t p = 0; p < posts; p++) {
        int clock = clocks[lks_rng_below(rng, few)] + (int)lks_rng_below(rng, 3);
        drafts[p] = (struct draft){(int64_t)lks_rng_below(rng, days) * LKS_DAY_US +
                                       clock % 86400 * LKS_SECOND_US,
                                   (uint32_t)lks_rng_below(rng, places),
                                   {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX},
                                   lks_rng_below(rng, 3) > 0};
        for (int i = 0; i < 2; i++)
            drafts[p].term[i] = (uint32_t)lks_rng_below(rng, terms);
    }
    world_of(world, drafts, posts, places, terms);
}

static void compare(const struct world *world, const struct lks_relay_options *options,
                    unsigned *with_p)
{
    struct lks_relays found;
    struct lks_error err = {0};
    double least = 1;
    struct calendar calendar = calendar_of(world, options->block_weeks);
    for (int b = 0; b < calendar.blocks; b++)
        least /= calendar.turns[b] / (b ? 7.0 : 1.0);
    assert_int_equal(lks_relays_run(&world->input, options, NULL, &found, &err), 0);
    assert_true(fabs(found.relayers_least_p - least) < 1e-12);
    for (uint32_t place = 0; place < world->input.places_count; place++) {
        struct answer answer = answer_of(world, options, place);
        const struct lks_relayer *one = NULL;
        for (size_t i = 0; i < found.relayers_count; i++)
            if (found.relayers[i].place == place)
                one = &found.relayers[i];
        if (!one) {
            assert_int_equal(answer.relayed, 0);
            continue;
        }
        assert_int_equal(one->relayed, answer.relayed);
        assert_int_equal(one->could, answer.could);
        assert_true(fabs(one->expected - answer.expected) < 1e-9);
        assert_true(fabs(pow(10, one->log10_p) - answer.p) < 1e-9);
        assert_true(answer.p >= least * (1 - 1e-9));
        *with_p += answer.p < 1;
    }
    lks_relays_free(&found);
}

static void test_definition(void **state)
{
    static struct world world;
    struct lks_relay_options options = lks_relay_options_default();
    struct lks_rng rng;
    unsigned with_p = 0;
    (void)state;
    lks_rng_init(&rng, 43, 0);
    options.controls = 0;
    for (int i = 0; i < 2000; i++) {
        options.quiet_us = (int64_t)lks_rng_below(&rng, 3) * 30 * LKS_MINUTE_US;
        options.block_weeks = 4 + (unsigned)lks_rng_below(&rng, 2);
        small_make(&world, &rng);
        compare(&world, &options, &with_p);
    }
    assert_true(with_p > 500);
}

/* ---- channels of strong habits, none of which hears another ---- */

enum { PLACES = 30, WEEKS = 26, COMMON = 8, OWN = 20 };

/* A channel's habit: these words at this time of day, on some days of a season. */
struct habit {
    int64_t clock_us;
    int weekday; /* -1: any */
    int first, last;
    uint32_t term[2];
    double chance;
};

static size_t habit_post(struct lks_rng *rng, uint32_t place, int custom, struct draft *drafts,
                         size_t count)
{
    struct habit habit = {.weekday = lks_rng_below(rng, 2) ? (int)lks_rng_below(rng, 7) : -1};
    if (habit.weekday >= 0 && custom >= 0)
        habit.weekday = custom;
    habit.clock_us = (int64_t)(15 + lks_rng_below(rng, 3)) * LKS_HOUR_US +
                     (int64_t)lks_rng_below(rng, 2) * 30 * LKS_MINUTE_US;
    habit.first = (int)lks_rng_below(rng, WEEKS * 7);
    habit.last = habit.first + 14 + (int)lks_rng_below(rng, 140);
    habit.chance = habit.weekday < 0 ? 0.2 + 0.8 * lks_rng_unit(rng) : 1;
    for (int i = 0; i < 2; i++)
        habit.term[i] = (uint32_t)lks_rng_below(rng, COMMON);
    for (int day = habit.first; day < habit.last && day < WEEKS * 7; day++) {
        if ((habit.weekday >= 0 && day % 7 != habit.weekday) || lks_rng_unit(rng) > habit.chance)
            continue;
        for (int step = 3; step >= 0; step--) /* counts down: the same words again and again */
            drafts[count++] = (struct draft){
                day * LKS_DAY_US + habit.clock_us - step * 5 * LKS_MINUTE_US +
                    (int64_t)lks_rng_below(rng, 20) * LKS_SECOND_US,
                place,
                {habit.term[step % 2], COMMON + place * OWN + (uint32_t)lks_rng_below(rng, OWN),
                 UINT32_MAX, UINT32_MAX},
                1};
    }
    return count;
}

/* custom: the day of the week on which all do what they do once a week; -1: each on its own. */
static void habits_make(struct world *world, uint64_t seed, int custom)
{
    struct lks_rng rng;
    struct draft *drafts = malloc(POSTS_MAX * sizeof *drafts);
    size_t count = 0;
    lks_rng_init(&rng, seed, 9);
    for (uint32_t place = 0; place < PLACES; place++) {
        for (int i = 0; i < 3 && count < POSTS_MAX - 5000; i++)
            count = habit_post(&rng, place, custom, drafts, count);
        for (int i = 0; i < 150 && count < POSTS_MAX; i++) /* and talks */
            drafts[count++] =
                (struct draft){(int64_t)lks_rng_below(&rng, WEEKS * 7 * 24 * 3600) * LKS_SECOND_US,
                               place,
                               {COMMON + place * OWN + (uint32_t)lks_rng_below(&rng, OWN),
                                UINT32_MAX, UINT32_MAX, UINT32_MAX},
                               0};
    }
    world_of(world, drafts, count, PLACES, COMMON + PLACES * OWN);
    free(drafts);
}

/* 0.05 of the worlds may have an alarm, and a twentieth of the channels a p of 0.05. */
static void worlds_test(int custom, double expected_within)
{
    static struct world world;
    struct lks_relay_options options = lks_relay_options_default();
    struct lks_error err = {0};
    unsigned relays = 0, relayers = 0, channels = 0, small = 0;
    double relayed = 0, expected = 0;
    options.controls = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct lks_relays found;
        unsigned named = 0;
        habits_make(&world, 700 + seed, custom);
        assert_int_equal(lks_relays_run(&world.input, &options, NULL, &found, &err), 0);
        for (size_t i = 0; i < found.relayers_count; i++) {
            named += found.relayers[i].q_value <= options.level;
            small += found.relayers[i].log10_p <= log10(0.05);
            relayed += found.relayers[i].relayed;
            expected += found.relayers[i].expected;
            channels++;
        }
        relays += found.relays_count > 0;
        relayers += named > 0;
        lks_relays_free(&found);
    }
    assert_true(relayed > 10000);
    assert_true(fabs(relayed / expected - 1) < expected_within);
    assert_true(relays <= 6 && relayers <= 6); /* of 60; more has a chance of 0.03 at 0.05 each */
    assert_true(small <= channels * (custom < 0 ? 0.05 : 0.08));
}

static void test_habits(void **state)
{
    (void)state;
    worlds_test(-1, 0.05);
}

/* All keep the same day of the week, which the null model draws. */
static void test_custom(void **state)
{
    (void)state;
    worlds_test(5, 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition),
        cmocka_unit_test(test_habits),
        cmocka_unit_test(test_custom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
