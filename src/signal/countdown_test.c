/* countdown_test.c - countdowns against the definition, written again without the kernel's tricks */
#include "signal/countdown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"

enum { MESSAGES = 120, PLACES = 4, MOMENTS = 3 * MESSAGES, WORLDS = 3000 };

struct world {
    int64_t time_us[MESSAGES];
    uint32_t place[MESSAGES];
    struct lks_named_moment moments[MOMENTS];
    struct lks_countdown_input input;
};

static int64_t whole_seconds(int64_t seconds)
{
    return seconds * LKS_SECOND_US;
}

/* Half of the worlds have countdowns to an hour, with an error of a few minutes. */
static void world_make(struct world *world, uint64_t seed)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 7);
    int64_t now_us = whole_seconds(1500000000 + (int64_t)lks_rng_below(&rng, 86400));
    int64_t due_us = now_us + whole_seconds(3600 * (int64_t)(1 + lks_rng_below(&rng, 12)));
    size_t count = 10 + lks_rng_below(&rng, MESSAGES - 10), moments = 0;
    uint64_t pace = lks_rng_below(&rng, 2) ? 300 : 3600;
    for (size_t i = 0; i < count; i++) {
        now_us += whole_seconds((int64_t)lks_rng_below(&rng, pace));
        world->time_us[i] = now_us;
        world->place[i] = (uint32_t)lks_rng_below(&rng, PLACES);
        for (uint64_t k = lks_rng_below(&rng, 3); k > 0; k--) {
            struct lks_named_moment *moment = &world->moments[moments];
            int64_t left_s =
                (due_us - now_us) / LKS_SECOND_US + (int64_t)lks_rng_below(&rng, 400) - 200;
            moment->message = (uint32_t)i;
            moment->is_clock = lks_rng_below(&rng, 4) == 0;
            if (moment->is_clock)
                moment->seconds = (uint32_t)(due_us / LKS_SECOND_US % 86400 / 60 * 60);
            else if (seed % 2 && left_s > 60)
                moment->seconds = (uint32_t)left_s;
            else
                moment->seconds = (uint32_t)(60 * (1 + lks_rng_below(&rng, 180)));
            moments++;
        }
    }
    world->input = (struct lks_countdown_input){world->time_us, world->place, count,
                                                world->moments, moments,      PLACES};
}

/* In seconds and doubles, by looking at every pair. */
static void slow_run(const struct world *world, uint8_t *flags)
{
    static double appointed[MOMENTS * LKS_COUNTDOWN_BACK];
    const struct lks_countdown_input *input = &world->input;
    memset(flags, 0, MESSAGES);
    for (uint32_t place = 0; place < PLACES; place++) {
        size_t count = 0;
        for (size_t j = 0; j < input->moments_count; j++) {
            const struct lks_named_moment *b = &input->moments[j];
            size_t between = 0;
            for (size_t i = j; input->place[b->message] == place && i-- > 0;) {
                const struct lks_named_moment *a = &input->moments[i];
                if (input->place[a->message] != place || ++between > LKS_COUNTDOWN_BACK)
                    continue;
                double ta = (double)input->time_us[a->message] / 1e6;
                double tb = (double)input->time_us[b->message] / 1e6, at = 0;
                int good = 0;
                if (!a->is_clock && !b->is_clock) {
                    double less = (double)a->seconds - (double)b->seconds, off = tb - ta - less;
                    off = off < 0 ? -off : off;
                    at = tb + (double)b->seconds;
                    good = a->message != b->message && tb - ta <= 2 * 86400 && less >= 60 &&
                           off <= 60 + 0.05 * less + 1e-6;
                } else if (a->is_clock != b->is_clock && tb - ta <= 86400) {
                    double span = a->is_clock ? (double)b->seconds : (double)a->seconds;
                    double clock = a->is_clock ? (double)a->seconds : (double)b->seconds;
                    double end = (a->is_clock ? tb : ta) + span, slack = 0.05 * span;
                    slack = 60 + (slack < 600 ? slack : 600);
                    for (double day = 0; !good && day < 40000; day++) {
                        double from = (double)((int64_t)(ta / 86400) - 2) * 86400;
                        at = from + clock + day * 86400;
                        if (at > end + 86400)
                            break;
                        double off = at > end ? at - end : end - at;
                        good = span <= 86400 && off <= slack + 1e-6 && at > tb;
                    }
                }
                if (!good)
                    continue;
                flags[a->message] |= LKS_COUNTDOWN_STEP;
                flags[b->message] |= LKS_COUNTDOWN_STEP | LKS_COUNTDOWN_KNOWN;
                appointed[count++] = at;
            }
        }
        for (double last = -1e18;;) { /* the next moment that is a minute later at least */
            double next = 1e18;
            int marked = 0;
            for (size_t i = 0; i < count; i++)
                if (appointed[i] >= last + 60 - 1e-6 && appointed[i] < next)
                    next = appointed[i];
            if (next == 1e18)
                break;
            last = next;
            for (size_t m = 0; m < input->messages_count; m++) {
                double t = (double)input->time_us[m] / 1e6;
                int span = 0;
                for (size_t k = 0; k < input->moments_count; k++)
                    span |= input->moments[k].message == m && !input->moments[k].is_clock;
                if (input->place[m] != place || span || t < next - 60 || t > next + 300 ||
                    marked == LKS_COUNTDOWN_DUE_MAX)
                    continue;
                flags[m] |= LKS_COUNTDOWN_DUE;
                marked++;
            }
        }
    }
}

static void test_definition(void **state)
{
    static struct world world;
    uint8_t flags[MESSAGES], slow[MESSAGES];
    size_t steps = 0, due = 0, plain = 0;
    struct lks_error err = {0};
    (void)state;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        world_make(&world, seed);
        assert_int_equal(lks_countdown_run(&world.input, flags, &err), 0);
        slow_run(&world, slow);
        for (size_t i = 0; i < world.input.messages_count; i++) {
            if (flags[i] != slow[i])
                fail_msg("world %d, message %zu: %d, by the definition %d", (int)seed, i, flags[i],
                         slow[i]);
            steps += (flags[i] & LKS_COUNTDOWN_STEP) != 0;
            due += (flags[i] & LKS_COUNTDOWN_DUE) != 0;
            plain += flags[i] == 0;
        }
    }
    assert_true(steps > WORLDS && due > WORLDS / 10 && plain > WORLDS);
}

/* A countdown of four steps and what comes at its minute, amid chatter; the same with the times dealt
 * out anew. */
static void test_planted(void **state)
{
    int64_t time_us[] = {0, 3600, 5400, 6900, 7210, 7230, 9000, 20000};
    uint32_t place[8] = {0};
    uint8_t flags[8];
    struct lks_named_moment moments[] = {{0, 7200, 0}, {1, 3600, 0}, {2, 1800, 0}, {3, 300, 0}};
    struct lks_countdown_input input = {time_us, place, 8, moments, 4, 1};
    struct lks_error err = {0};
    (void)state;
    for (int i = 0; i < 8; i++)
        time_us[i] = whole_seconds(time_us[i] + 1500000000);
    assert_int_equal(lks_countdown_run(&input, flags, &err), 0);
    assert_int_equal(flags[0], LKS_COUNTDOWN_STEP);
    for (int i = 1; i < 4; i++)
        assert_int_equal(flags[i], LKS_COUNTDOWN_STEP | LKS_COUNTDOWN_KNOWN);
    assert_int_equal(flags[4], LKS_COUNTDOWN_DUE);
    assert_int_equal(flags[5], LKS_COUNTDOWN_DUE);
    assert_int_equal(flags[6] | flags[7], 0);
    for (int i = 0; i < 4; i++)
        moments[i].seconds = 86400; /* "in the last 24 hours", again and again: no countdown */
    assert_int_equal(lks_countdown_run(&input, flags, &err), 0);
    for (int i = 0; i < 8; i++)
        assert_int_equal(flags[i], 0);
    input.messages_count = input.moments_count = 0;
    assert_int_equal(lks_countdown_run(&input, flags, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_definition),
                                       cmocka_unit_test(test_planted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
