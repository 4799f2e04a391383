/* stat_test.c - tails against sums of their definition, q-values and intervals against slow ones */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "stat/multiple.h"
#include "stat/tail.h"

/* P(X >= count) from the definition, smallest terms first. */
static long double poisson_slow(uint64_t count, long double lambda)
{
    long double sum = 0;
    for (uint64_t i = count + 400; i + 1 > count; i--) {
        sum += expl((long double)i * logl(lambda) - lambda - lgammal((long double)i + 1));
        if (i == 0)
            break;
    }
    return sum;
}

static long double binomial_slow(uint64_t count, uint64_t trials, long double p)
{
    long double sum = 0, n = (long double)trials;
    for (uint64_t i = trials; i >= count; i--) {
        long double k = (long double)i;
        sum += expl(lgammal(n + 1) - lgammal(k + 1) - lgammal(n - k + 1) + k * logl(p) +
                    (n - k) * log1pl(-p));
        if (i == 0)
            break;
    }
    return sum;
}

static long double hypergeometric_slow(uint64_t count, uint64_t drawn, uint64_t marked,
                                       uint64_t all)
{
    long double sum = 0, n = drawn, m = marked, a = all;
    for (uint64_t i = drawn; i + 1 > count; i--) {
        long double k = (long double)i;
        if (i <= marked && drawn - i <= all - marked)
            sum += expl(lgammal(m + 1) - lgammal(k + 1) - lgammal(m - k + 1) + lgammal(a - m + 1) -
                        lgammal(n - k + 1) - lgammal(a - m - n + k + 1) - lgammal(a + 1) +
                        lgammal(n + 1) + lgammal(a - n + 1));
        if (i == 0)
            break;
    }
    return sum;
}

static void check_log(double got, long double expected)
{
    long double error = fabsl((long double)got - logl(expected));
    if (error > 1e-10L * (1 + fabsl(logl(expected))))
        fail_msg("ln P %.17g, expected %.17Lg", got, logl(expected));
}

static void test_tails(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 7, 0);
    for (int i = 0; i < 4000; i++) {
        double lambda = exp(lks_rng_unit(&rng) * 12 - 7);
        uint64_t count = lks_rng_below(&rng, (uint64_t)(3 * lambda) + 12);
        check_log(lks_poisson_tail_log(count, lambda), poisson_slow(count, lambda));
        uint64_t trials = 1 + lks_rng_below(&rng, 300);
        double p = lks_rng_unit(&rng) * 0.999;
        count = lks_rng_below(&rng, trials + 1);
        check_log(lks_binomial_tail_log(count, trials, p), binomial_slow(count, trials, p));
    }
    assert_true(lks_poisson_tail_log(0, 3) == 0);
    assert_true(lks_poisson_tail_log(2, 0) == -INFINITY);
    assert_true(lks_binomial_tail_log(3, 2, 0.5) == -INFINITY);
    assert_true(lks_binomial_tail_log(3, 5, 0) == -INFINITY);
    assert_true(lks_binomial_tail_log(3, 5, 1) == 0);
}

static void test_hypergeometric(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 7, 2);
    for (int i = 0; i < 4000; i++) {
        uint64_t all = 1 + lks_rng_below(&rng, 400), marked = lks_rng_below(&rng, all + 1);
        uint64_t drawn = lks_rng_below(&rng, all + 1);
        uint64_t most = drawn < marked ? drawn : marked;
        uint64_t count = lks_rng_below(&rng, most + 1);
        check_log(lks_hypergeometric_tail_log(count, drawn, marked, all),
                  hypergeometric_slow(count, drawn, marked, all));
        assert_true(lks_hypergeometric_tail_log(most + 1, drawn, marked, all) == -INFINITY);
    }
}

/* The bound holds for sums of unlike draws, whose distribution is computed draw by draw. */
static void test_hoeffding(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 7, 1);
    for (int i = 0; i < 4000; i++) {
        size_t trials = 1 + lks_rng_below(&rng, 40);
        double chance[41] = {1}, lambda = 0, skew = lks_rng_unit(&rng) * 8;
        for (size_t t = 0; t < trials; t++) {
            double p = pow(lks_rng_unit(&rng), skew);
            lambda += p;
            for (size_t k = t + 1; k > 0; k--)
                chance[k] = chance[k] * (1 - p) + chance[k - 1] * p;
            chance[0] *= 1 - p;
        }
        double tail = 0;
        for (size_t k = trials; k > 0; k--) {
            tail += chance[k];
            double bound = lks_hoeffding_tail_log(k, trials, lambda);
            if (log(tail) > bound + 1e-9)
                fail_msg("ln P %g above its bound %g", log(tail), bound);
            assert_true(bound <= 0);
            if ((double)k >= lambda + 1)
                assert_true(bound <= lks_poisson_tail_log(k, lambda) + 1e-9);
        }
    }
}

static void test_bh(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 7, 2);
    for (int i = 0; i < 500; i++) {
        size_t count = 1 + lks_rng_below(&rng, 60), tests = count + lks_rng_below(&rng, 100);
        double log10_p[60], q[60];
        for (size_t k = 0; k < count; k++)
            log10_p[k] = -floor(lks_rng_unit(&rng) * 40) / 10;
        assert_int_equal(lks_bh_adjust(log10_p, count, tests, q, NULL), 0);
        for (size_t k = 0; k < count; k++) {
            /* q of k: the smallest share of false ones over all cuts that take k in. */
            double smallest = 1;
            for (size_t cut = 0; cut < count; cut++) {
                size_t taken = 0;
                if (log10_p[cut] < log10_p[k])
                    continue;
                for (size_t j = 0; j < count; j++)
                    taken += log10_p[j] <= log10_p[cut];
                double q_cut = pow(10, log10_p[cut]) * (double)tests / (double)taken;
                smallest = q_cut < smallest ? q_cut : smallest;
            }
            assert_true(fabs(q[k] - smallest) < 1e-9);
        }
    }
    assert_int_equal(lks_bh_adjust(NULL, 0, 10, NULL, NULL), 0);
}

/* On logarithms nothing underflows: p a million decades lower give the same q, so much lower. */
static void test_bh_below_any_double(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 7, 3);
    for (int i = 0; i < 500; i++) {
        size_t count = 1 + lks_rng_below(&rng, 60), tests = count + lks_rng_below(&rng, 1000);
        double log10_p[60], low[60], log10_q[60], low_q[60], q[60], least = 0;
        for (size_t k = 0; k < count; k++) {
            log10_p[k] = -4 - floor(lks_rng_unit(&rng) * 400) / 10;
            low[k] = log10_p[k] - 1e6;
            least = log10_p[k] < least ? log10_p[k] : least;
        }
        assert_int_equal(lks_bh_adjust_log(log10_p, count, tests, log10_q, NULL), 0);
        assert_int_equal(lks_bh_adjust_log(low, count, tests, low_q, NULL), 0);
        assert_int_equal(lks_bh_adjust(log10_p, count, tests, q, NULL), 0);
        for (size_t k = 0; k < count; k++) {
            assert_true(fabs(low_q[k] + 1e6 - log10_q[k]) < 1e-6);
            assert_true(fabs(pow(10, log10_q[k]) - q[k]) <= 1e-12 * q[k]);
            assert_true(log10_q[k] >= least && log10_q[k] <= 0);
        }
        assert_int_equal(lks_bh_adjust(low, count, tests, q, NULL), 0);
        for (size_t k = 0; k < count; k++) /* as a number it stays above 0 */
            assert_true(q[k] == LKS_CHANCE_LEAST);
        assert_int_equal(lks_bh_adjust_log(low, count, tests, low, NULL), 0); /* in place */
        assert_memory_equal(low, low_q, count * sizeof *low);
    }
}

static void test_wilson(void **state)
{
    (void)state;
    for (uint64_t trials = 1; trials < 60; trials++) {
        for (uint64_t k = 0; k <= trials; k++) {
            struct lks_interval got = lks_wilson(k, trials);
            /* The ends solve (share - x)^2 = z^2 x (1 - x) / n. */
            double share = (double)k / (double)trials, ends[2] = {got.low, got.high};
            for (int e = 0; e < 2; e++) {
                double left = (share - ends[e]) * (share - ends[e]);
                double right = 3.841458820694124 * ends[e] * (1 - ends[e]) / (double)trials;
                assert_true(fabs(left - right) < 1e-9);
            }
            assert_true(got.low <= share + 1e-12 && share <= got.high + 1e-12);
        }
    }
    assert_true(lks_wilson(0, 0).low == 0 && lks_wilson(0, 0).high == 1);
}

/* By summing the binomial's chances: at the lower end so many or more have 0.025. */
static void test_clopper_pearson(void **state)
{
    (void)state;
    for (uint64_t trials = 1; trials < 60; trials++)
        for (uint64_t k = 0; k <= trials; k++) {
            struct lks_interval got = lks_clopper_pearson(k, trials), ends = {0, 0};
            for (uint64_t i = 0; i <= trials; i++) {
                double ways = lgamma((double)trials + 1) - lgamma((double)i + 1) -
                              lgamma((double)(trials - i) + 1);
                if (i >= k && k > 0)
                    ends.low += exp(ways + (double)i * log(got.low) +
                                    (double)(trials - i) * log1p(-got.low));
                if (i <= k && k < trials)
                    ends.high += exp(ways + (double)i * log(got.high) +
                                     (double)(trials - i) * log1p(-got.high));
            }
            assert_true(k ? fabs(ends.low - 0.025) < 1e-9 : got.low == 0);
            assert_true(k < trials ? fabs(ends.high - 0.025) < 1e-9 : got.high == 1);
        }
    assert_true(lks_clopper_pearson(0, 0).low == 0 && lks_clopper_pearson(0, 0).high == 1);
}

static int compare_values(const void *left, const void *right)
{
    int64_t x = *(const int64_t *)left, y = *(const int64_t *)right;
    return x < y ? -1 : x > y;
}

static void test_median(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 7, 3);
    for (int i = 0; i < 3000; i++) {
        int64_t values[50], sorted[50];
        size_t count = 1 + lks_rng_below(&rng, 50);
        for (size_t k = 0; k < count; k++)
            values[k] = sorted[k] = (int64_t)lks_rng_below(&rng, 1 + lks_rng_below(&rng, 40)) - 9;
        qsort(sorted, count, sizeof *sorted, compare_values);
        assert_int_equal(lks_median(values, count), sorted[(count - 1) / 2]);
    }
    assert_int_equal(lks_median(NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tails),
        cmocka_unit_test(test_hypergeometric),
        cmocka_unit_test(test_hoeffding),
        cmocka_unit_test(test_bh),
        cmocka_unit_test(test_bh_below_any_double),
        cmocka_unit_test(test_wilson),
        cmocka_unit_test(test_clopper_pearson),
        cmocka_unit_test(test_median),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
