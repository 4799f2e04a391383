/* relay_test.c - relays against their definition, planted ones found, none where there are none */
#include "signal/relay.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "signal/relay_worlds.h"
#include "stat/multiple.h"
#include "stat/tail.h"

enum { SMALL_POSTS = 60 };

/* ---- the definition, read aloud ---- */

static double tail_of(unsigned count, unsigned drawn, unsigned marked, unsigned all)
{
    double sum = 0;
    for (unsigned x = count; x <= drawn && x <= marked; x++)
        if (drawn - x <= all - marked)
            sum += exp(lgamma(marked + 1.0) - lgamma(x + 1.0) - lgamma(marked - x + 1.0) +
                       lgamma(all - marked + 1.0) - lgamma(drawn - x + 1.0) -
                       lgamma(all - marked - drawn + x + 1.0) - lgamma(all + 1.0) +
                       lgamma(drawn + 1.0) + lgamma(all - drawn + 1.0));
    return sum;
}

struct answer {
    int fresh; /* terms */
    double p;  /* the least, before it is paid for */
    uint32_t term;
};

static int is_fresh(const struct world *world, const struct lks_relay_options *options,
                    uint32_t term, size_t post)
{
    for (size_t i = 0; i < post; i++)
        if (has(world, term, i) && world->time_us[post] - world->time_us[i] <= options->quiet_us)
            return 0;
    return 1;
}

/* First post of a place. */
static int64_t first_of(const struct world *world, uint32_t place)
{
    size_t i = 0;
    while (world->place[i] != place)
        i++;
    return world->time_us[i];
}

static double day_of(const struct world *world, const struct lks_relay_options *options,
                     size_t post, uint32_t place)
{
    int64_t days = (world->time_us[post] - first_of(world, place)) / LKS_DAY_US;
    int64_t most = options->habit_us / LKS_DAY_US;
    return days < 0 ? 1 : 1 / (double)(1 + (days < most ? days : most));
}

/* P that so many of the places say it today, where any said it at this hour on other days. */
static double p_of_days(const struct world *world, const struct lks_relay_options *options,
                        uint32_t term, size_t post, int64_t window_us)
{
    unsigned said = 0, habits = 0;
    double mean = 0;
    for (uint32_t place = 0; place < world->input.places_count; place++)
        for (int64_t day = 0; day <= options->habit_us / LKS_DAY_US; day++) {
            int64_t from = world->time_us[post] - day * LKS_DAY_US;
            int found = 0;
            for (size_t i = day ? 0 : post + 1; i < (day ? post : world->input.posts_count); i++)
                found |= world->place[i] == place && has(world, term, i) &&
                         world->time_us[i] >= from && world->time_us[i] <= from + window_us;
            if (!found || place == world->place[post])
                continue;
            said += !day;
            habits += day > 0;
            mean += day_of(world, options, post, place);
        }
    if (!habits)
        return 0;
    unsigned trials = said + habits, most = world->input.places_count - 1;
    trials = trials < most ? trials : most;
    return exp(lks_hoeffding_tail_log(said, trials, mean));
}

static double p_of(const struct world *world, const struct lks_relay_options *options,
                   uint32_t term, size_t post, int64_t window_us)
{
    unsigned posts = 0, uses = 0, places = 0, past = 0, past_uses = 0;
    for (size_t i = 0; i < post; i++) {
        int64_t ago = world->time_us[post] - world->time_us[i];
        if (ago > options->quiet_us && ago <= options->past_us) {
            past++;
            past_uses += (unsigned)has(world, term, i);
        }
    }
    for (size_t i = post + 1; i < world->input.posts_count; i++) {
        if (world->time_us[i] - world->time_us[post] > window_us ||
            world->place[i] == world->place[post])
            continue;
        posts++;
        if (!has(world, term, i))
            continue;
        uses++;
        int known = 0;
        for (size_t k = post + 1; k < i; k++)
            known |= world->place[k] == world->place[i] && has(world, term, k);
        places += !known;
    }
    return places ? fmax(tail_of(places, posts, past_uses + uses, past + posts),
                         p_of_days(world, options, term, post, window_us))
                  : 1;
}

static struct answer answer_of(const struct world *world, const struct lks_relay_options *options,
                               size_t post)
{
    struct answer answer = {0, 1, 0};
    for (uint32_t term = 0; term < world->input.terms_count; term++) {
        if (!has(world, term, post) || !is_fresh(world, options, term, post))
            continue;
        for (int w = 0; w < LKS_RELAY_WINDOWS; w++) {
            double p = p_of(world, options, term, post, options->window_us[w]);
            if ((!answer.fresh && w == 0) || p < answer.p * (1 - 1e-12)) {
                answer.p = p;
                answer.term = term;
            }
        }
        answer.fresh++;
    }
    answer.p = fmin(1, answer.p * answer.fresh * LKS_RELAY_WINDOWS);
    return answer;
}

static void small_make(struct world *world, struct lks_rng *rng)
{
    size_t posts = 5 + lks_rng_below(rng, SMALL_POSTS - 5), uses = 0;
    uint32_t places = 2 + (uint32_t)lks_rng_below(rng, 5);
    uint32_t terms = 1 + (uint32_t)lks_rng_below(rng, 6);
    int64_t now = 1000 * LKS_SECOND_US;
    for (size_t p = 0; p < posts; p++) {
        now += (int64_t)lks_rng_below(rng, 2) * (int64_t)lks_rng_below(rng, 60) * LKS_SECOND_US;
        now += lks_rng_below(rng, 8) == 0 ? LKS_HOUR_US : 0;
        if (lks_rng_below(rng, 12) == 0) /* about this time of day, on another day */
            now += (int64_t)(1 + lks_rng_below(rng, 2)) * LKS_DAY_US -
                   (int64_t)lks_rng_below(rng, 240) * LKS_SECOND_US;
        world->time_us[p] = now;
        world->place[p] = (uint32_t)lks_rng_below(rng, places);
        world->is_call[p] = lks_rng_below(rng, 3) > 0;
        for (uint32_t t = 0; t < terms; t++)
            if (lks_rng_below(rng, 3 + t) == 0)
                world->uses[uses++] = (struct lks_relay_use){t, (uint32_t)p};
    }
    world_finish(world, posts, uses, places, terms);
}

/* Calls that are significant, which of them share a message, and what each such set comes to. */
static void compare(const struct world *world, const struct lks_relay_options *options)
{
    struct lks_relays found;
    struct lks_error err = {0};
    size_t posts = world->input.posts_count, tested = 0;
    struct answer answers[SMALL_POSTS];
    double log10_p[SMALL_POSTS], q[SMALL_POSTS];
    size_t call[SMALL_POSTS], set[SMALL_POSTS];
    for (size_t p = 0; p < posts; p++) {
        answers[p] = answer_of(world, options, p);
        if (!world->is_call[p] || !answers[p].fresh)
            continue;
        log10_p[tested] = log10(answers[p].p);
        call[tested++] = p;
    }
    if (tested)
        assert_int_equal(lks_bh_adjust(log10_p, tested, tested, q, NULL), 0);
    assert_int_equal(lks_relays_run(&world->input, options, NULL, &found, &err), 0);
    assert_int_equal(found.tested_count, tested);
    /* sets: the least call of each, by going over all pairs until nothing changes */
    int64_t wide = options->window_us[LKS_RELAY_WINDOWS - 1];
    size_t significant[SMALL_POSTS], count = 0, sets = 0;
    for (size_t i = 0; i < tested; i++)
        if (q[i] <= options->level && log10_p[i] < -1e-12) {
            significant[count] = i;
            set[count] = count;
            count++;
        }
#define MEMBER(i, post)                                                                            \
    ((post) >= call[significant[i]] &&                                                             \
     world->time_us[post] - world->time_us[call[significant[i]]] <= wide &&                        \
     has(world, answers[call[significant[i]]].term, post))
    for (int changed = 1; changed;) {
        changed = 0;
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; k < count; k++)
                for (size_t p = 0; p < posts; p++)
                    if (set[i] < set[k] && MEMBER(i, p) && MEMBER(k, p)) {
                        set[k] = set[i];
                        changed = 1;
                    }
    }
    for (size_t i = 0; i < count; i++) {
        if (set[i] != i)
            continue;
        assert_true(sets < found.relays_count);
        const struct lks_relay *relay = &found.relays[sets++];
        double best = 0;
        uint32_t members = 0, places = 0;
        size_t first = SIZE_MAX;
        for (size_t k = i; k < count; k++)
            if (set[k] == i)
                best = fmin(best, log10_p[significant[k]]);
        for (size_t p = 0; p < posts; p++) {
            int member = 0, known = 0;
            for (size_t k = i; k < count; k++)
                member |= set[k] == i && MEMBER(k, p);
            if (!member)
                continue;
            first = first == SIZE_MAX ? p : first;
            const struct lks_relay_member *row = &found.members[relay->first_member + members];
            assert_int_equal(row->post, p);
            assert_int_equal(row->place, world->place[p]);
            assert_int_equal(row->lag_us, world->time_us[p] - world->time_us[first]);
            for (uint32_t m = 0; m < members; m++)
                known |= found.members[relay->first_member + m].place == world->place[p];
            places += !known;
            members++;
        }
        assert_int_equal(relay->members_count, members);
        assert_int_equal(relay->places_count, places);
        assert_int_equal(relay->first_us, world->time_us[first]);
        assert_true(fabs(relay->log10_p - best) < 1e-6);
        assert_true(relay->sure_us >= relay->first_us && relay->sure_us <= relay->last_us);
    }
    assert_int_equal(found.relays_count, sets);
    lks_relays_free(&found);
}
#undef MEMBER

static void test_definition(void **state)
{
    static struct world world;
    struct lks_relay_options options = lks_relay_options_default();
    struct lks_rng rng;
    (void)state;
    lks_rng_init(&rng, 41, 0);
    options.level = 0.6; /* so that small worlds have something to show */
    options.controls = 0;
    options.past_us = 2 * LKS_DAY_US;
    options.habit_us = 5 * LKS_DAY_US;
    for (int i = 0; i < 3000; i++) {
        options.quiet_us = (int64_t)lks_rng_below(&rng, 3) * 10 * LKS_MINUTE_US;
        small_make(&world, &rng);
        compare(&world, &options);
    }
}

/* ---- worlds ---- */

enum { PLACES = 40, WORDS = 400, PARTNERS = 6, DAYS = 126 };

/* Forty channels over eighteen weeks, each with hours and favourite words of its own; every third message
 * is a call. planted: so many calls of channel 0 are repeated by its partners within a minute. */
static void large_make(struct world *world, uint64_t seed, unsigned planted)
{
    struct lks_rng rng;
    struct draft *posts = malloc(POSTS_MAX * sizeof *posts);
    size_t count = 0;
    lks_rng_init(&rng, seed, 1);
    for (; count < 24000; count++) {
        struct draft *post = &posts[count];
        post->place = (uint32_t)lks_rng_below(&rng, PLACES);
        post->time_us = ((int64_t)lks_rng_below(&rng, DAYS) * 24 + 8 +
                         (int64_t)lks_rng_below(&rng, 8) + post->place % 6) *
                            LKS_HOUR_US +
                        (int64_t)lks_rng_below(&rng, 3600) * LKS_SECOND_US;
        post->is_call = lks_rng_below(&rng, 3) == 0;
        for (int i = 0; i < 3; i++) /* words by a power law, and some of the channel's own */
            post->term[i] = lks_rng_below(&rng, 3)
                                ? (uint32_t)(WORDS * pow(lks_rng_unit(&rng), 3))
                                : (uint32_t)(WORDS + post->place * 5 + lks_rng_below(&rng, 5));
        post->term[3] = UINT32_MAX;
    }
    for (unsigned call = 0; call < planted; call++) {
        int64_t at_us = (int64_t)(2 + call * 3 / 2 % (DAYS - 2)) * LKS_DAY_US + 12 * LKS_HOUR_US +
                        (int64_t)lks_rng_below(&rng, 3600) * LKS_SECOND_US;
        uint32_t term = (uint32_t)lks_rng_below(&rng, WORDS);
        for (uint32_t i = 0; i <= PARTNERS; i++) {
            if (i && lks_rng_below(&rng, 4) == 0)
                continue;
            posts[count++] = (struct draft){at_us + (i ? 1 + (int64_t)lks_rng_below(&rng, 40) : 0) *
                                                        LKS_SECOND_US,
                                            i,
                                            {term, WORDS + i * 5, WORDS + i * 5 + 1, UINT32_MAX},
                                            !i};
        }
    }
    world_of(world, posts, count, PLACES, WORDS + PLACES * 5);
    free(posts);
}

static void test_planted(void **state)
{
    static struct world world;
    struct lks_relay_options options = lks_relay_options_default();
    struct lks_relays found;
    struct lks_error err = {0};
    (void)state;
    large_make(&world, 5, 84);
    assert_int_equal(lks_relays_run(&world.input, &options, NULL, &found, &err), 0);
    size_t right = 0;
    for (size_t r = 0; r < found.relays_count; r++)
        right += found.relays[r].place == 0 && found.relays[r].places_count >= 4;
    assert_true(right >=
                60); /* of 84: some words are everybody's, or were used in the hour before */
    assert_true(found.relays_count <= right + 6);
    assert_true(found.control_relays <= 4); /* in five controls together */
    for (size_t i = 0; i < PARTNERS; i++) { /* the partners, and nobody before them */
        assert_in_range(found.relayers[i].place, 1, PARTNERS);
        assert_int_equal(found.relayers[i].followed, 0);
        assert_true(found.relayers[i].q_value < 0.01);
        assert_in_range(found.relayers[i].lag_median_us, LKS_SECOND_US, 40 * LKS_SECOND_US);
    }
    for (size_t i = PARTNERS; i < found.relayers_count; i++)
        assert_true(found.relayers[i].q_value > 0.05);
    lks_relays_free(&found);
}

/* Nobody repeats anybody: how many worlds have a relay, and channels a small p. */
static void test_nothing(void **state)
{
    static struct world world;
    struct lks_relay_options options = lks_relay_options_default();
    struct lks_error err = {0};
    unsigned worlds = 0, small = 0, channels = 0;
    (void)state;
    options.controls = 0;
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct lks_relays found;
        large_make(&world, 100 + seed, 0);
        assert_int_equal(lks_relays_run(&world.input, &options, NULL, &found, &err), 0);
        worlds += found.relays_count > 0;
        for (size_t i = 0; i < found.relayers_count; i++) {
            channels++;
            small += found.relayers[i].log10_p <= log10(0.05);
        }
        lks_relays_free(&found);
    }
    assert_true(worlds <= 2); /* 0.05 each */
    assert_true(channels > 100 && small * 20 <= channels);
}

static void test_options(void **state)
{
    struct lks_relay_input input = {0};
    struct lks_relay_options options = lks_relay_options_default();
    struct lks_relays found;
    struct lks_error err = {0};
    (void)state;
    assert_int_equal(lks_relays_run(&input, &options, NULL, &found, &err), 0);
    assert_int_equal(found.relays_count + found.relayers_count + found.tested_count, 0);
    lks_relays_free(&found);
    options.window_us[1] = options.window_us[0];
    assert_int_equal(lks_relays_run(&input, &options, NULL, &found, &err), LKS_EARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition),
        cmocka_unit_test(test_planted),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
