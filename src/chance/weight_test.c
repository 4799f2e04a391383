/* weight_test.c - the bound by weights against tails, and scans with it against scans without */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "chance/scan.h"
#include "stat/tail.h"

/* Whole numbers of any size: what is rounded down is not above, what is rounded up not below, and
 * neither by more than a unit and a step. */
static void test_logarithms(void **state)
{
    (void)state;
    struct lks_chance_weights weights;
    struct lks_rng rng;
    lks_chance_weights_init(&weights);
    lks_rng_init(&rng, 3, 0);
    for (uint32_t i = 1; i < 200000; i++) {
        uint32_t n = i < 70000 ? i : (uint32_t)lks_rng_next(&rng) >> lks_rng_below(&rng, 32);
        n = n ? n : UINT32_MAX;
        double exact = LKS_CHANCE_WEIGHT_ONE * log2(n);
        double low = lks_chance_log_low(&weights, n), high = lks_chance_log_high(&weights, n);
        assert_true(low <= exact && low > exact - 1.5);
        assert_true(high >= exact && high < exact + 2.5);
    }
}

/* What the bound rests on: k posts in hours of such shares, in any number of trials, have no
 * tail below the product of the shares. */
static void test_tails(void **state)
{
    (void)state;
    struct lks_rng rng;
    uint32_t compared = 0;
    lks_rng_init(&rng, 4, 0);
    for (int i = 0; i < 40000; i++) {
        uint64_t k = 1 + lks_rng_below(&rng, i % 2 ? 5 : 60);
        uint64_t trials = k + lks_rng_below(&rng, i % 3 ? 8 : 500);
        double sum = 0, product = 0;
        for (uint64_t j = 0; j < k; j++) {
            double share = (1 + (double)lks_rng_below(&rng, 300)) / 300;
            share = i % 5 ? share * share : share;
            sum += share;
            product += log(share);
        }
        double lambda = sum * (1 + (double)lks_rng_below(&rng, 3) / 7);
        if (lambda > (double)trials)
            continue;
        double tail = lks_hoeffding_tail_log(k, trials, lambda);
        assert_true(tail >= product - 1e-9);
        compared += tail < -1;
        /* And the tail of a mean rises with the trials. */
        assert_true(tail >=
                    lks_hoeffding_tail_log(k, k, lambda < (double)k ? lambda : (double)k) - 1e-9);
    }
    assert_true(compared > 5000);
}

/* Posts of a week, some in crowds of a minute, by accounts of very different sizes. */
static struct lks_events make_events(uint64_t seed)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 1);
    uint32_t posts = 200 + (uint32_t)lks_rng_below(&rng, 1500);
    uint32_t accounts = 5 + (uint32_t)lks_rng_below(&rng, 150);
    uint32_t objects = 3 + (uint32_t)lks_rng_below(&rng, 200);
    uint32_t minutes = 60 + (uint32_t)lks_rng_below(&rng, seed % 3 ? 240 : 7 * 1440);
    struct lks_events events = {.objects_count = objects,
                                .accounts_count = accounts,
                                .posts_count = posts,
                                .time_precision = LKS_PRECISION_SECOND};
    events.object = malloc((size_t)posts * 8);
    events.account = malloc((size_t)posts * 8);
    events.post = malloc((size_t)posts * 8);
    events.time_us = malloc((size_t)posts * 2 * sizeof(int64_t));
    events.object_kind = calloc(objects, 1);
    events.post_account = malloc((size_t)posts * 4);
    events.post_time_us = malloc((size_t)posts * sizeof(int64_t));
    for (uint32_t p = 0; p < posts; p++) {
        int crowded = lks_rng_below(&rng, 4) == 0 && p > 20;
        uint32_t like = crowded ? p - 1 - (uint32_t)lks_rng_below(&rng, 20) : p;
        uint32_t account = (uint32_t)lks_rng_below(&rng, 1 + lks_rng_below(&rng, accounts));
        int64_t time_us =
            crowded ? events.post_time_us[like] + (int64_t)lks_rng_below(&rng, 90) * 1000000
                    : (int64_t)lks_rng_below(&rng, minutes) * LKS_MINUTE_US + LKS_DAY_US;
        events.post_account[p] = account;
        events.post_time_us[p] = time_us;
        for (uint32_t u = 0, last = UINT32_MAX; u < 2; u++) {
            uint32_t object = (uint32_t)lks_rng_below(&rng, 1 + lks_rng_below(&rng, objects));
            if (object == last)
                continue;
            events.object[events.count] = last = object;
            events.account[events.count] = account;
            events.post[events.count] = p;
            events.time_us[events.count++] = time_us;
        }
    }
    assert_int_equal(lks_events_sort(&events, NULL), 0);
    return events;
}

/* At any level the edges of that level's scan are those of a scan of all pairs that pass it. */
static void test_levels(void **state)
{
    (void)state;
    static const double levels[] = {0.9, 0.3, 0.05, 0.01, 0.001, 1e-5};
    enum { FIXED = sizeof levels / sizeof *levels };
    size_t kept_in_all = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct lks_events events = make_events(seed);
        struct lks_chance_options options = lks_chance_options_default();
        struct lks_chance *chance;
        struct lks_chance_scan *scan, *narrow;
        const struct lks_chance_edge *all, *kept;
        size_t count, kept_count;
        uint64_t tested, tested_again;
        options.object_accounts_min = 1000;
        options.min_occasions = 1 + seed % 3;
        options.windows_count = 1 + seed % 4;
        assert_int_equal(lks_chance_prepare(&events, &options, NULL, &chance, NULL), 0);
        assert_int_equal(lks_chance_scan_new(chance, &scan, NULL), 0);
        assert_int_equal(lks_chance_scan_new(chance, &narrow, NULL), 0);
        uint32_t *author = malloc((size_t)events.posts_count * 4);
        lks_chance_shuffle(chance, seed, 0, author);
        const uint32_t *who = seed % 2 ? author : events.post_account;
        assert_int_equal(lks_chance_scan_run(scan, who, 1, &all, &count, &tested, NULL), 0);
        for (size_t l = 0; l < FIXED + 20; l++) {
            size_t at = 0;
            if (l >= FIXED && count == 0)
                break;
            /* Just at an edge: a bound that is too strict loses that one. */
            double level =
                l < FIXED ? levels[l] : pow(10, all[(l - FIXED) * count / 20].log10_p + 1e-10);
            if (level >= 1)
                continue;
            assert_int_equal(lks_chance_scan_run(narrow, who, level, &kept, &kept_count,
                                                 l % 2 ? &tested_again : NULL, NULL),
                             0);
            assert_true(l % 2 == 0 || tested == tested_again);
            for (size_t i = 0; i < count; i++) {
                if (all[i].log10_p * log(10) > log(level))
                    continue;
                assert_true(at < kept_count);
                assert_memory_equal(&all[i], &kept[at++], sizeof *all);
            }
            assert_int_equal(at, kept_count);
            kept_in_all += at;
        }
        free(author);
        lks_chance_scan_free(scan);
        lks_chance_scan_free(narrow);
        lks_chance_free(chance);
        lks_events_free(&events);
    }
    assert_true(kept_in_all > 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logarithms),
        cmocka_unit_test(test_tails),
        cmocka_unit_test(test_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
