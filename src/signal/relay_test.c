/* relay_test.c - relays against their definition, planted ones found, none where there are none */
#include "signal/relay.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "stat/multiple.h"

enum { POSTS_MAX = 20000, TERMS_MAX = 4000, USES_MAX = 80000, SMALL_POSTS = 60 };

struct world {
    struct lks_relay_input input;
    int64_t time_us[POSTS_MAX];
    uint32_t place[POSTS_MAX];
    uint8_t is_call[POSTS_MAX];
    struct lks_relay_use uses[USES_MAX];
};

static int use_order(const void *a, const void *b)
{
    const struct lks_relay_use *x = a, *y = b;
    if (x->term != y->term)
        return x->term < y->term ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

static void world_finish(struct world *world, size_t posts, size_t uses, uint32_t places,
                         uint32_t terms)
{
    size_t kept = 0;
    qsort(world->uses, uses, sizeof *world->uses, use_order);
    for (size_t i = 0; i < uses; i++)
        if (!kept || use_order(&world->uses[kept - 1], &world->uses[i]) != 0)
            world->uses[kept++] = world->uses[i];
    world->input = (struct lks_relay_input){.post_time_us = world->time_us,
                                            .post_place = world->place,
                                            .post_is_call = world->is_call,
                                            .posts_count = posts,
                                            .uses = world->uses,
                                            .uses_count = kept,
                                            .places_count = places,
                                            .terms_count = terms};
}

/* ---- the definition, read aloud ---- */

static int has(const struct world *world, uint32_t term, size_t post)
{
    struct lks_relay_use key = {term, (uint32_t)post};
    return bsearch(&key, world->uses, world->input.uses_count, sizeof key, use_order) != NULL;
}

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
    return places ? tail_of(places, posts, past_uses + uses, past + posts) : 1;
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
    options.past_us = 12 * LKS_HOUR_US;
    for (int i = 0; i < 3000; i++) {
        options.quiet_us = (int64_t)lks_rng_below(&rng, 3) * 10 * LKS_MINUTE_US;
        small_make(&world, &rng);
        compare(&world, &options);
    }
}

/* ---- worlds ---- */

enum { PLACES = 40, WORDS = 400, PARTNERS = 6 };

/* Forty channels over thirty days, each with hours and favourite words of its own; every third message
 * is a call. planted: so many calls of channel 0 are repeated by its partners within a minute. */
static void large_make(struct world *world, uint64_t seed, unsigned planted)
{
    struct lks_rng rng;
    struct sorted {
        int64_t time_us;
        uint32_t place, term[3];
        uint8_t is_call;
    } *posts = malloc(POSTS_MAX * sizeof *posts);
    size_t count = 0, uses = 0;
    lks_rng_init(&rng, seed, 1);
    for (; count < 12000; count++) {
        struct sorted *post = &posts[count];
        post->place = (uint32_t)lks_rng_below(&rng, PLACES);
        post->time_us = ((int64_t)lks_rng_below(&rng, 30) * 24 + 8 +
                         (int64_t)lks_rng_below(&rng, 8) + post->place % 6) *
                            LKS_HOUR_US +
                        (int64_t)lks_rng_below(&rng, 3600) * LKS_SECOND_US;
        post->is_call = lks_rng_below(&rng, 3) == 0;
        for (int i = 0; i < 3; i++) /* words by a power law, and some of the channel's own */
            post->term[i] = lks_rng_below(&rng, 3)
                                ? (uint32_t)(WORDS * pow(lks_rng_unit(&rng), 3))
                                : (uint32_t)(WORDS + post->place * 5 + lks_rng_below(&rng, 5));
    }
    for (unsigned call = 0; call < planted; call++) {
        int64_t at_us = (int64_t)(1 + call % 28) * LKS_DAY_US + 12 * LKS_HOUR_US +
                        (int64_t)lks_rng_below(&rng, 3600) * LKS_SECOND_US;
        uint32_t term = (uint32_t)lks_rng_below(&rng, WORDS);
        for (uint32_t i = 0; i <= PARTNERS; i++) {
            if (i && lks_rng_below(&rng, 4) == 0)
                continue;
            posts[count++] = (struct sorted){
                at_us + (i ? 1 + (int64_t)lks_rng_below(&rng, 40) : 0) * LKS_SECOND_US,
                i,
                {term, WORDS + i * 5, WORDS + i * 5 + 1},
                !i};
        }
    }
    for (size_t step = count / 2; step; step /= 2) /* Shell's sort: no order function needed */
        for (size_t i = step; i < count; i++) {
            struct sorted held = posts[i];
            size_t k = i;
            for (; k >= step && posts[k - step].time_us > held.time_us; k -= step)
                posts[k] = posts[k - step];
            posts[k] = held;
        }
    for (size_t p = 0; p < count; p++) {
        world->time_us[p] = posts[p].time_us;
        world->place[p] = posts[p].place;
        world->is_call[p] = posts[p].is_call;
        for (int i = 0; i < 3; i++)
            world->uses[uses++] = (struct lks_relay_use){posts[p].term[i], (uint32_t)p};
    }
    free(posts);
    world_finish(world, count, uses, PLACES, WORDS + PLACES * 5);
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
        assert_true(found.relayers[i].q_value < 1e-6);
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
