/* combine_test.c - combined p-values: as defined, and calibrated whatever ties the tests */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "base/rng.h"
#include "stat/combine.h"

enum { MOST = 7 };

static double normal(struct lks_rng *rng)
{
    double u = lks_rng_unit(rng) + 0x1p-54, v = lks_rng_unit(rng);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

static double upper(double z)
{
    return 0.5 * erfc(z / sqrt(2));
}

/* From the definition, in plain numbers and a tenth of the step. */
static double slow_combine(const double *log10_p, size_t given, size_t count)
{
    double sum = 0, mean, x, z, end = 0, integral = 0;
    for (size_t i = 0; i < count; i++)
        sum += i < given ? 1 / pow(10, log10_p[i]) : 1;
    mean = (double)count / sum;
    if (count < 2)
        return mean;
    x = 1 / mean;
    z = (x - log((double)count) - 0.87436796) * 2 / 3.141592653589793;
    do
        end += z > 400 ? 0.001 : 0.1;
    while (end * z + 2 / 3.141592653589793 * end * log(end) < 45);
    for (int i = 0; i < 40000; i++) { /* the rule of the middle */
        double t = (i + 0.5) * end / 40000;
        integral += exp(-t * z - 2 / 3.141592653589793 * t * log(t)) * sin(2 * t) / t;
    }
    integral *= end / 40000 / 3.141592653589793;
    return fmin(1, fmax(mean, integral));
}

static void test_as_defined(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 1, 0);
    for (int round = 0; round < 2000; round++) {
        double log10_p[MOST];
        size_t count = 1 + lks_rng_below(&rng, MOST), given = lks_rng_below(&rng, count + 1);
        for (size_t i = 0; i < given; i++)
            log10_p[i] = -6 * lks_rng_unit(&rng) * lks_rng_unit(&rng);
        double fast = pow(10, lks_combine_log10(log10_p, given, count));
        double slow = slow_combine(log10_p, given, count);
        assert_true(fabs(fast - slow) <= 1e-4 * slow);
        double worst = pow(10, lks_combine_worst_log10(log10_p, given, count));
        assert_true(worst <= 1);
        /* An order of the given ones, and p = 1 said or unsaid, must not matter. */
        double turned[MOST];
        for (size_t i = 0; i < count; i++)
            turned[count - 1 - i] = i < given ? log10_p[i] : 0;
        assert_true(fabs(fast - pow(10, lks_combine_log10(turned, count, count))) <= 1e-9 * fast);
    }
}

static void test_the_far_tail(void **state)
{
    (void)state;
    double p[3] = {-400, -400, -400};
    assert_true(fabs(lks_combine_log10(p, 3, 3) + 400) < 1e-9); /* all alike: as one of them */
    assert_true(fabs(lks_combine_log10(p, 1, 3) - (log10(3) - 400)) < 1e-9);
    assert_true(lks_combine_log10(p, 0, 3) == 0 && lks_combine_log10(NULL, 0, 0) == 0);
    p[0] = -INFINITY;
    assert_true(lks_combine_log10(p, 3, 3) == -INFINITY);
    /* No step where the integral ends and its first terms begin. */
    double before = lks_landau_tail(0.999999e5, 2), after = lks_landau_tail(1.000001e5, 2);
    assert_true(before > after && fabs(before / after - 1.000002) < 1e-6);
}

/* Where a solution of y^2 = K ((y + 1) ln(y + 1) - y) should be, seen by its sign; and it grows
 * with K, slower and slower, towards ln K. */
static void test_the_worst_factor(void **state)
{
    (void)state;
    assert_true(lks_combine_worst_factor(1) == 1 && lks_combine_worst_factor(2) == 2);
    double before = 2;
    for (size_t k = 3; k < 200; k++) {
        double factor = lks_combine_worst_factor(k), best = 0;
        /* The factor is the largest of a family of couplings: (y + K)^2 / ((y + 1) K) at the root. */
        for (double y = 0.01; y < 10000; y *= 1.001) {
            double sign = y * y - (double)k * ((y + 1) * log(y + 1) - y);
            if (sign < 0)
                best = (y + (double)k) * (y + (double)k) / ((y + 1) * (double)k);
        }
        assert_true(fabs(best / factor - 1) < 1e-2);
        assert_true(factor > before && factor < 2.718281828 * log((double)k));
        before = factor;
    }
}

enum tie { FREE, HALF, NEAR, SAME, AGAINST, TAILS, ONE_AT_A_TIME, TIES_COUNT };

/* count uniform p, tied in one of several ways. */
static void draw(struct lks_rng *rng, enum tie tie, size_t count, double *log10_p)
{
    const double rho = tie == HALF ? 0.5 : tie == NEAR ? 0.95 : 0;
    double common = normal(rng), u = lks_rng_unit(rng), scale = 1;
    if (tie == TAILS) { /* one factor of scale for all, as in a t copula with 2 degrees */
        double a = normal(rng), b = normal(rng);
        scale = sqrt((a * a + b * b) / 2);
    }
    for (size_t i = 0; i < count; i++) {
        double z = sqrt(rho) * common + sqrt(1 - rho) * normal(rng), p;
        if (tie == SAME)
            p = 1 - u;
        else if (tie == AGAINST)
            p = i % 2 ? u : 1 - u;
        else if (tie == ONE_AT_A_TIME) {
            p = 1 - u + (double)i / (double)count;
            p -= floor(p);
        } else if (tie == TAILS) {
            double t = (0.7 * common + sqrt(1 - 0.49) * normal(rng)) / scale;
            p = 0.5 * (1 - t / sqrt(2 + t * t)); /* Student's with 2 degrees */
        } else
            p = upper(z);
        log10_p[i] = log10(fmax(p, 1e-300));
    }
}

/* Under the null the combined p falls below a level no more often than the level says: for
 * the rule in use within a tenth, under every tie tried; for the other rule always. */
static void test_calibrated_under_ties(void **state)
{
    (void)state;
    static const double levels[] = {0.05, 0.01, 0.001};
    enum { DRAWS = 30000 };
    for (int tie = 0; tie < TIES_COUNT; tie++)
        for (size_t count = 2; count <= MOST; count += count < 4 ? 1 : 3) {
            struct lks_rng rng;
            double log10_p[MOST], below[3] = {0}, worst[3] = {0};
            lks_rng_init(&rng, 7, (uint64_t)tie * 16 + count);
            for (int i = 0; i < DRAWS; i++) {
                draw(&rng, (enum tie)tie, count, log10_p);
                double mean = lks_combine_worst_log10(log10_p, count, count);
                /* The rule is never below the mean itself: the integral only where it can matter. */
                double fused = pow(10, mean) / lks_combine_worst_factor(count) > 0.05
                                   ? 0
                                   : lks_combine_log10(log10_p, count, count);
                for (int l = 0; l < 3; l++) {
                    below[l] += fused <= log10(levels[l]);
                    worst[l] += mean <= log10(levels[l]);
                }
            }
            for (int l = 0; l < 3; l++) {
                double slack = 4 * sqrt(levels[l] / DRAWS);
                assert_true(below[l] / DRAWS <= 1.1 * levels[l] + slack);
                assert_true(worst[l] / DRAWS <= levels[l] + slack);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_defined),
        cmocka_unit_test(test_the_far_tail),
        cmocka_unit_test(test_the_worst_factor),
        cmocka_unit_test(test_calibrated_under_ties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
