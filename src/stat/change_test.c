/* change_test.c - the change of rate: as defined, calibrated, found */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "stat/change.h"

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t draw(struct lks_rng *rng, double *points, size_t most)
{
    size_t count = lks_rng_below(rng, most + 1);
    for (size_t i = 0; i < count; i++)
        points[i] = lks_rng_unit(rng);
    qsort(points, count, sizeof *points, order);
    return count;
}

/* From the definition: every border, the ratio of two likelihoods, the tail as a sum. */
static struct lks_change slow_change(const double *points, size_t count)
{
    struct lks_change best = {0};
    double n = (double)count;
    for (int part = 1; part < 64; part++) {
        size_t before = 0;
        double place = part / 64.0;
        for (size_t i = 0; i < count; i++)
            before += points[i] < place;
        double k = n - (double)before, x = 1 - place;
        if (k <= n * x)
            continue;
        double two = k * log(k / n) + (before ? (double)before * log((double)before / n) : 0);
        double one = k * log(x) + (double)before * log(1 - x);
        if (two - one > best.likelihood_ratio + 1e-12)
            best = (struct lks_change){place, before, two - one, 0};
    }
    if (best.likelihood_ratio <= 0)
        return best;
    double tail = 0, x = 1 - best.place;
    for (size_t k = count - best.before; k <= count; k++)
        tail += exp(lgamma(n + 1) - lgamma((double)k + 1) - lgamma(n - (double)k + 1) +
                    (double)k * log(x) + (n - (double)k) * log1p(-x));
    best.log10_p = fmin(0, log10(63 * tail));
    return best;
}

static void same_as_the_definition(void **state)
{
    (void)state;
    struct lks_rng rng;
    double points[64];
    int ties = 0;
    lks_rng_init(&rng, 11, 1);
    for (int round = 0; round < 3000; round++) {
        size_t count = draw(&rng, points, 40);
        if (round % 2) /* some of them moved to the right */
            for (size_t i = 0; i < count; i++)
                points[i] = sqrt(points[i]);
        struct lks_change change = lks_change_up(points, count), slow = slow_change(points, count);
        assert_true(fabs(change.likelihood_ratio - slow.likelihood_ratio) < 1e-9);
        if (change.place != slow.place) { /* two borders with one ratio: rounding chose */
            ties++;
            continue;
        }
        assert_int_equal(change.before, slow.before);
        assert_true(fabs(change.log10_p - slow.log10_p) < 1e-9);
    }
    assert_true(ties < 100);
}

static void even_points_alarm_at_most_as_promised(void **state)
{
    (void)state;
    struct lks_rng rng;
    double points[64];
    int alarms = 0, tests = 0;
    lks_rng_init(&rng, 12, 1);
    for (int round = 0; round < 20000; round++) {
        size_t count = draw(&rng, points, 60);
        alarms += lks_change_up(points, count).log10_p <= log10(0.05);
        tests++;
    }
    assert_true(alarms <= 0.05 * tests);
    assert_true(alarms > 0); /* a test that never alarms would hold, too */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_the_definition),
        cmocka_unit_test(even_points_alarm_at_most_as_promised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
