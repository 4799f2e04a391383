/* score_test.c - the score against its definition, and its promise on shuffled authors */
#include <math.h>

#include "coaction/world.h"

#include "base/time.h"
#include "coaction/score.h"

/* A world of hours: random times over a day or two, so that strata differ. */
static void world_hours(struct world *w, struct lks_rng *rng, uint32_t accounts, uint32_t objects,
                        uint32_t posts, uint32_t span_s)
{
    uint32_t last_first = 0, last_end = 0;
    memset(w, 0, sizeof *w);
    for (uint32_t o = 0; o < objects; o++)
        w->object_kind[o] = (uint8_t)lks_rng_below(rng, 3);
    for (uint32_t p = 0; p < posts; p++) {
        double u = sqrt(lks_rng_unit(rng));
        w->post_account[p] = (uint32_t)(u * u * accounts);
        w->post_time_us[p] =
            1700000000 * LKS_SECOND_US + (int64_t)lks_rng_below(rng, span_s) * LKS_SECOND_US;
        uint32_t actions = 1 + (uint32_t)(lks_rng_below(rng, 4) == 0), object = 0;
        uint32_t first = (uint32_t)w->events.count;
        for (uint32_t i = 0; i < actions && w->events.count < EVENTS_MAX; i++) {
            object += (uint32_t)lks_rng_below(rng, objects) + (i > 0);
            if (object >= objects)
                break;
            world_event(w, object, p);
        }
        /* Every other post is an echo of the one before, some seconds later. */
        if (p > 0 && p % 2 == 1 && last_end > last_first) {
            w->events.count = first;
            w->post_account[p] = w->post_account[p - 1] ^ 1;
            w->post_time_us[p] =
                w->post_time_us[p - 1] + (int64_t)lks_rng_below(rng, 20) * LKS_SECOND_US;
            for (uint32_t i = last_first; i < last_end && w->events.count < EVENTS_MAX; i++)
                world_event(w, w->object[i], p);
        }
        last_first = first;
        last_end = (uint32_t)w->events.count;
    }
    w->events.accounts_count = accounts;
    w->events.objects_count = objects;
    w->events.posts_count = posts;
    world_order(w);
}

/* Accounts that flood an object up to the minute, with somebody just in the window of the last of
 * it: what others there are in a window is not what events there are. */
static void world_floods(struct world *w, struct lks_rng *rng)
{
    uint32_t p = 0;
    memset(w, 0, sizeof *w);
    while (p < 180) {
        uint32_t object = (uint32_t)lks_rng_below(rng, 30), pair = (uint32_t)lks_rng_below(rng, 5);
        int64_t at_us =
            1700000000 * LKS_SECOND_US + (int64_t)lks_rng_below(rng, 7200) * LKS_SECOND_US;
        uint32_t flood = 1 + (uint32_t)lks_rng_below(rng, 12);
        w->object_kind[object] = LKS_OBJECT_URL;
        for (uint32_t i = 0; i < flood; i++, p++) {
            w->post_account[p] = 2 * pair;
            w->post_time_us[p] = at_us - (int64_t)i * 3 * LKS_SECOND_US;
            world_event(w, object, p);
        }
        w->post_account[p] = 2 * pair + 1;
        w->post_time_us[p] = at_us + (55 + (int64_t)lks_rng_below(rng, 6)) * LKS_SECOND_US;
        world_event(w, object, p++);
    }
    /* Half of the time the one that floods has the fewer events: it is the one scanned. */
    int busy = (int)lks_rng_below(rng, 2);
    for (; p < POSTS_MAX; p++) {
        w->post_account[p] = busy ? 1 + 2 * (uint32_t)lks_rng_below(rng, 5) : 10 + p % 40;
        w->post_time_us[p] =
            1700000000 * LKS_SECOND_US + (int64_t)lks_rng_below(rng, 7200) * LKS_SECOND_US;
        world_event(w, 30 + p % 10, p);
    }
    w->events.accounts_count = 60;
    w->events.objects_count = OBJECTS_MAX;
    w->events.posts_count = POSTS_MAX;
    world_order(w);
}

/* One object, or two, that everybody is on for a day, and some who follow another closely: meetings
 * are common, and only most of a pair's posts make a score. */
static void world_viral(struct world *w, struct lks_rng *rng)
{
    uint32_t accounts = 8 + (uint32_t)lks_rng_below(rng, 30);
    uint32_t hours = 1 + (uint32_t)lks_rng_below(rng, 30);
    uint32_t follows = 1 + (uint32_t)lks_rng_below(rng, 10),
             bursts = (uint32_t)lks_rng_below(rng, 3);
    memset(w, 0, sizeof *w);
    w->object_kind[1] = LKS_OBJECT_HASHTAG;
    for (uint32_t p = 0; p < POSTS_MAX; p++) {
        uint32_t before = p ? p - 1 : 0;
        w->post_account[p] = (uint32_t)lks_rng_below(rng, accounts);
        w->post_time_us[p] =
            1700000000 * LKS_SECOND_US + (int64_t)lks_rng_below(rng, 3600 * hours) * LKS_SECOND_US;
        if (p % 2 && w->post_account[before] % 2 == 0 && lks_rng_below(rng, 10) < follows) {
            w->post_account[p] = w->post_account[before] + 1;
            w->post_time_us[p] =
                w->post_time_us[before] + (int64_t)lks_rng_below(rng, 50) * LKS_SECOND_US;
        } else if (p && lks_rng_below(rng, 4) < bursts) { /* some of them twice in a minute */
            w->post_account[p] = w->post_account[before];
            w->post_time_us[p] =
                w->post_time_us[before] + (int64_t)lks_rng_below(rng, 90) * LKS_SECOND_US;
        }
        world_event(w, lks_rng_below(rng, 5) == 0, p);
        if (lks_rng_below(rng, 8) == 0)
            world_event(w, 2 + (uint32_t)lks_rng_below(rng, 30), p);
    }
    w->events.accounts_count = accounts + 1;
    w->events.objects_count = OBJECTS_MAX;
    w->events.posts_count = POSTS_MAX;
    world_order(w);
}

/* Pairs of which now the one posts many times around one post of the other, now the other way
 * round: few meet many, on either side. */
static void world_stars(struct world *w, struct lks_rng *rng)
{
    uint32_t p = 0, size = 2 + (uint32_t)lks_rng_below(rng, 4);
    uint32_t stars = 2 + 2 * (uint32_t)lks_rng_below(rng, 3);
    memset(w, 0, sizeof *w);
    for (uint32_t star = 0; star < stars; star++)
        for (uint32_t pair = 0; pair < 3; pair++) {
            int64_t at_us = 1700000000 * LKS_SECOND_US + 3 * star * LKS_HOUR_US +
                            (int64_t)(600 + lks_rng_below(rng, 1800)) * LKS_SECOND_US;
            for (uint32_t i = 0; i <= size; i++, p++) {
                w->post_account[p] = 2 * pair + ((i == 0) ^ (star & 1));
                w->post_time_us[p] =
                    at_us + (i ? (int64_t)lks_rng_below(rng, 110) - 55 : 0) * LKS_SECOND_US;
                world_event(w, 3 * star + pair, p);
            }
        }
    /* Others, in the same hours, elsewhere. */
    for (; p < POSTS_MAX; p++) {
        w->post_account[p] = 6 + (uint32_t)lks_rng_below(rng, 50);
        w->post_time_us[p] =
            1700000000 * LKS_SECOND_US +
            (int64_t)(3600 * 3 * lks_rng_below(rng, stars) + lks_rng_below(rng, 3000)) *
                LKS_SECOND_US;
        world_event(w, 30 + (uint32_t)lks_rng_below(rng, 10), p);
    }
    w->events.accounts_count = 56;
    w->events.objects_count = OBJECTS_MAX;
    w->events.posts_count = POSTS_MAX;
    world_order(w);
}

/* ---- the definition, with loops over everything ---- */

static int64_t hour_of(const struct world *w, uint32_t post)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < w->events.count; i++)
        first = w->time_us[i] < first ? w->time_us[i] : first;
    return (w->post_time_us[post] - first) / LKS_HOUR_US;
}

struct slow {
    const struct world *w;
    const struct lks_coaction_options *options;
    int64_t hour[POSTS_MAX];
    uint32_t in_hour[200];
    double load[EVENTS_MAX];
};

static int64_t gap_us(const struct world *w, size_t i, size_t j)
{
    return llabs(w->time_us[i] - w->time_us[j]);
}

static int meets(const struct slow *s, size_t i, size_t j)
{
    const struct world *w = s->w;
    return w->object[i] == w->object[j] && w->account[i] != w->account[j] &&
           gap_us(w, i, j) <= s->options->window_us[w->object_kind[w->object[i]]];
}

static int64_t reach_of(int64_t window_us)
{
    return (window_us + LKS_HOUR_US - 1) / LKS_HOUR_US;
}

static void slow_start(struct slow *s, const struct world *w,
                       const struct lks_coaction_options *options)
{
    *s = (struct slow){.w = w, .options = options};
    for (uint32_t p = 0; p < w->events.posts_count; p++) {
        s->hour[p] = hour_of(w, p);
        s->in_hour[s->hour[p]]++;
    }
    for (size_t i = 0; i < w->events.count; i++) {
        uint32_t others = 0, objects = 0, least = UINT32_MAX;
        int64_t reach = reach_of(options->window_us[w->object_kind[w->object[i]]]);
        for (size_t j = 0; j < w->events.count; j++) {
            others += (uint32_t)meets(s, i, j);
            objects += w->post[j] == w->post[i];
        }
        for (int64_t h = 0; h < 200; h++)
            if (llabs(h - s->hour[w->post[i]]) <= reach && s->in_hour[h] && s->in_hour[h] < least)
                least = s->in_hour[h];
        s->load[i] = (double)objects * others / least;
    }
}

/* Pairs of posts near enough, with what each account wrote itself taken from what is dealt. */
static double slow_pairs(const struct slow *s, uint32_t a, uint32_t b)
{
    const struct world *w = s->w;
    double sum[2] = {0, 0};
    int64_t widest_us = 0;
    for (int k = 0; k < LKS_OBJECT_KINDS_COUNT; k++)
        widest_us = s->options->window_us[k] > widest_us ? s->options->window_us[k] : widest_us;
    for (uint32_t x = 0; x < w->events.posts_count; x++)
        for (uint32_t y = 0; y < w->events.posts_count; y++) {
            if (w->post_account[x] != a || w->post_account[y] != b ||
                llabs(s->hour[x] - s->hour[y]) > reach_of(widest_us))
                continue;
            uint32_t own[2] = {0, 0};
            for (uint32_t p = 0; p < w->events.posts_count; p++) {
                own[0] += w->post_account[p] == a && s->hour[p] == s->hour[y];
                own[1] += w->post_account[p] == b && s->hour[p] == s->hour[x];
            }
            double all[2] = {s->in_hour[s->hour[y]], s->in_hour[s->hour[x]]};
            for (int side = 0; side < 2; side++)
                sum[side] += all[side] / (all[side] - own[side]);
        }
    return sum[0] > sum[1] ? sum[0] : sum[1];
}

/* In bits: each post's heaviest meeting, summed for either side, the smaller sum; the best over
 * stakes, less the price of the stake and of the choice. */
static double slow_score(const struct slow *s, uint32_t a, uint32_t b, uint32_t *terms,
                         double *pairs_out)
{
    const struct world *w = s->w;
    double pairs = slow_pairs(s, a, b), best = 0;
    *terms = 0;
    *pairs_out = pairs;
    for (int stake = 1; stake <= 64; stake *= 2) {
        static double heaviest[2][POSTS_MAX];
        double sums[2] = {0, 0};
        memset(heaviest, 0, sizeof heaviest);
        *terms = 0;
        for (size_t i = 0; i < w->events.count; i++)
            for (size_t j = 0; w->account[i] == a && j < w->events.count; j++) {
                if (w->account[j] != b || !meets(s, i, j))
                    continue;
                double load = s->load[i] > s->load[j] ? s->load[i] : s->load[j];
                double weight = log2(1 + stake / (pairs * load));
                double *x = &heaviest[0][w->post[i]], *y = &heaviest[1][w->post[j]];
                *x = *x > weight ? *x : weight;
                *y = *y > weight ? *y : weight;
            }
        for (int side = 0; side < 2; side++)
            for (uint32_t p = 0; p < w->events.posts_count; p++) {
                sums[side] += heaviest[side][p];
                *terms += heaviest[side][p] > 0;
            }
        double sum = (sums[0] < sums[1] ? sums[0] : sums[1]) - stake * log2(M_E) - log2(7);
        best = sum > best ? sum : best;
    }
    return best;
}

static void test_against_definition(void **state)
{
    (void)state;
    static struct world w;
    static struct slow s;
    uint64_t compared = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct lks_rng rng;
        lks_rng_init(&rng, 91, seed);
        world_hours(&w, &rng, 2 + 2 * (uint32_t)lks_rng_below(&rng, 70),
                    1 + (uint32_t)lks_rng_below(&rng, 39), 40 + (uint32_t)lks_rng_below(&rng, 360),
                    3600 * (1 + (uint32_t)lks_rng_below(&rng, 4)));
        struct lks_coaction_options options = lks_coaction_options_default();
        options.min_occasions = 1;
        options.min_score = 1;
        for (int k = 0; k < 3; k++)
            options.window_us[k] = LKS_MINUTE_US * (1 + (int64_t)lks_rng_below(&rng, 100));
        slow_start(&s, &w, &options);
        struct edges found = scan_all(&w, &options, NULL);
        for (size_t e = 0; e < found.count; e++) {
            uint32_t terms;
            double pairs, bits = slow_score(&s, found.items[e].a, found.items[e].b, &terms, &pairs);
            double score = (double)found.items[e].score / 16;
            /* Each weight is rounded down to a sixteenth, pairs up by less than one, loads
             * and prices by next to nothing. */
            assert_true(score > 0 && score <= bits + 1e-6);
            assert_true(score >=
                        bits - (double)terms * (1.0 / 16 + log2((pairs + 1) / pairs)) - 0.13);
            compared++;
        }
        free(found.items);
    }
    print_message("%llu edges compared\n", (unsigned long long)compared);
    assert_true(compared > 500);
}

/* No threshold, saving or company of windows changes a score or loses an edge that reaches it. */
static void test_savings(void **state)
{
    (void)state;
    static struct world w;
    uint64_t kept = 0;
    for (uint64_t seed = 0; seed < 500; seed++) {
        struct lks_rng rng;
        lks_rng_init(&rng, 92, seed);
        uint64_t sort = lks_rng_below(&rng, 5);
        if (sort == 4)
            world_stars(&w, &rng);
        else if (sort == 3)
            world_viral(&w, &rng);
        else if (sort == 2)
            world_floods(&w, &rng);
        else if (sort == 1)
            world_hours(&w, &rng, 2 + 2 * (uint32_t)lks_rng_below(&rng, 70),
                        1 + (uint32_t)lks_rng_below(&rng, 39), 400, 3600 * 2);
        else
            world_random(&w, &rng, LKS_MINUTE_US);
        struct lks_coaction_options options[3];
        random_options(&options[0], &rng, LKS_MINUTE_US);
        if (sort >= 2) {
            options[0] = lks_coaction_options_default();
            options[0].min_occasions = 1;
        }
        options[0].min_score = 1;
        options[0].without = LKS_COACTION_NO_BOUNDS | LKS_COACTION_NO_PREFIX |
                             LKS_COACTION_NO_LOOKUP | LKS_COACTION_NO_UNION;
        struct edges all = scan_all(&w, &options[0], NULL);
        options[0].without = 0;
        options[0].min_score = 1 + (uint32_t)lks_rng_below(&rng, lks_rng_below(&rng, 2) ? 40 : 250);
        /* Or just what some edge has: a bound that is a trifle too low would lose it. */
        if (all.count && lks_rng_below(&rng, 2))
            options[0].min_score = all.items[lks_rng_below(&rng, all.count)].score;
        struct edges plain = scan_unsorted(&w, &options[0], NULL);
        size_t reach = 0;
        for (size_t i = 0; i < all.count; i++)
            if (all.items[i].score >= options[0].min_score)
                all.items[reach++] = all.items[i];
        assert_int_equal(reach, plain.count);
        kept += reach;
        options[1] = options[0];
        options[1].without = (unsigned)lks_rng_below(&rng, 128);
        options[1].path = (enum lks_coaction_path)lks_rng_below(&rng, 4);
        options[1].threads_count = 1 + (unsigned)lks_rng_below(&rng, 5);
        struct edges other = scan_all(&w, &options[1], NULL);
        if (reach)
            qsort(plain.items, plain.count, sizeof *plain.items, compare_edges);
        assert_int_equal(other.count, reach);
        if (reach) {
            assert_memory_equal(plain.items, all.items, reach * sizeof *plain.items);
            assert_memory_equal(other.items, all.items, reach * sizeof *other.items);
        }
        /* In one sweep with a wider and a narrower window. */
        struct edges lists[3] = {{0}};
        struct lks_edge_sink sinks[3];
        for (int i = 1; i < 3; i++) {
            options[i] = options[0];
            for (int k = 0; k < LKS_OBJECT_KINDS_COUNT; k++)
                options[i].window_us[k] = i == 1 ? 3 * LKS_MINUTE_US : 7 * LKS_SECOND_US;
            options[i].min_score = (uint32_t)lks_rng_below(&rng, 40);
        }
        for (int i = 0; i < 3; i++)
            sinks[i] = (struct lks_edge_sink){edges_put, &lists[i]};
        assert_int_equal(lks_coaction_scan_windows(&w.events, options, 3, NULL, sinks, NULL, NULL),
                         0);
        for (int i = 0; i < 3; i++) {
            struct edges alone = scan_all(&w, &options[i], NULL);
            assert_int_equal(alone.count, lists[i].count);
            if (alone.count) {
                qsort(lists[i].items, lists[i].count, sizeof *alone.items, compare_edges);
                assert_memory_equal(alone.items, lists[i].items, alone.count * sizeof *alone.items);
            }
            free(alone.items);
            free(lists[i].items);
        }
        free(all.items);
        free(plain.items);
        free(other.items);
    }
    print_message("%llu edges kept\n", (unsigned long long)kept);
    assert_true(kept > 1500);
}

static void test_weights(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 93, 0);
    for (int i = 0; i < 100000; i++) {
        uint64_t pairs = 1 + lks_rng_below(&rng, UINT64_C(1) << lks_rng_below(&rng, 40));
        uint64_t load = 1 + lks_rng_below(&rng, UINT64_C(1) << lks_rng_below(&rng, 40));
        double exact = 16 * log2(1 + 4294967296.0 / ((double)pairs * (double)load));
        uint32_t weight = lks_coaction_weight(1, pairs, load);
        assert_true(weight <= exact + 1e-6 && weight + 1 >= exact - 1e-5);
    }
    assert_int_equal(lks_coaction_weight(1, 1, UINT64_C(1) << 32), 16);
    assert_int_equal(lks_coaction_weight(64, UINT64_MAX, UINT64_MAX), 0);
}

/* Authors shuffled within the hour: P(score >= s) <= 2^-s for each pair, so the pairs that reach
 * s are at most so many on average, however they depend on each other. */
static void test_promise(void **state)
{
    (void)state;
    static struct world w;
    enum { SHUFFLES = 400, ACCOUNTS = 120 };
    static const uint32_t bits[4] = {2, 4, 6, 8};
    uint64_t reached[4] = {0};
    for (uint64_t seed = 0; seed < SHUFFLES; seed++) {
        struct lks_rng rng;
        lks_rng_init(&rng, 94, seed % 4); /* four worlds, */
        world_hours(&w, &rng, ACCOUNTS, 39, 400, 3600 * 2);
        lks_rng_init(&rng, 95, seed); /* each with many shuffles */
        static int64_t hour[POSTS_MAX];
        for (uint32_t p = 0; p < w.events.posts_count; p++)
            hour[p] = hour_of(&w, p);
        for (uint32_t p = w.events.posts_count - 1; p > 0; p--) {
            uint32_t same[POSTS_MAX], count = 0;
            for (uint32_t q = 0; q <= p; q++)
                if (hour[q] == hour[p])
                    same[count++] = q;
            uint32_t q = same[lks_rng_below(&rng, count)], swap = w.post_account[p];
            w.post_account[p] = w.post_account[q];
            w.post_account[q] = swap;
        }
        for (size_t i = 0; i < w.events.count; i++)
            w.account[i] = w.post_account[w.post[i]];
        world_order(&w);
        struct lks_coaction_options options = lks_coaction_options_default();
        options.min_occasions = 1;
        options.min_score = 1;
        struct edges found = scan_all(&w, &options, NULL);
        for (size_t e = 0; e < found.count; e++)
            for (int i = 0; i < 4; i++)
                reached[i] += found.items[e].score >= 16 * bits[i];
        free(found.items);
    }
    print_message("reached %llu %llu %llu %llu\n", (unsigned long long)reached[0],
                  (unsigned long long)reached[1], (unsigned long long)reached[2],
                  (unsigned long long)reached[3]);
    double pairs = SHUFFLES * ACCOUNTS * (ACCOUNTS - 1) / 2.0;
    for (int i = 0; i < 4; i++)
        assert_true((double)reached[i] <= pairs / (double)(1u << bits[i]));
    assert_true(reached[0] > 0); /* not by never scoring */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_definition),
        cmocka_unit_test(test_savings),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_promise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
