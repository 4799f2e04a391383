/* scan_test.c - the scan finds the densest window, and its p-values are calibrated */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "stat/scan.h"

enum { POINTS_MAX = 300 };

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void draw_even(struct lks_rng *rng, double *points, size_t count)
{
    for (size_t i = 0; i < count; i++)
        points[i] = lks_rng_unit(rng);
    qsort(points, count, sizeof *points, order);
}

/* From the definition: every point as a start, every width, the ratio of two likelihoods. */
static double slow_score(const double *points, size_t count)
{
    double best = 0;
    for (int i = 1; i <= LKS_SCAN_WIDTHS; i++) {
        double width = pow(0.5, i);
        for (size_t first = 0; first < count; first++) {
            double inside = 0, n = (double)count;
            for (size_t j = 0; j < count; j++)
                inside += points[j] >= points[first] && points[j] < points[first] + width;
            if (inside <= n * width)
                continue;
            double share = inside / n;
            double other = share < 1 ? (n - inside) * log((1 - share) / (1 - width)) : 0;
            best = fmax(best, inside * log(share / width) + other);
        }
    }
    return best;
}

static void same_as_the_definition(void **state)
{
    (void)state;
    struct lks_rng rng;
    double points[POINTS_MAX];
    lks_rng_init(&rng, 1, 1);
    for (int round = 0; round < 2000; round++) {
        struct lks_scan scan;
        size_t count = 1 + lks_rng_below(&rng, 40);
        draw_even(&rng, points, count);
        if (round % 3 == 0) /* ties */
            for (size_t i = 0; i < count; i++)
                points[i] = floor(points[i] * 16) / 16;
        assert_int_equal(lks_scan_line(points, count, 0, 1, NULL, &scan, NULL), 0);
        assert_true(fabs(scan.score - slow_score(points, count)) < 1e-9);
        assert_true(scan.first <= scan.last && scan.last < count);
        assert_true(points[scan.last] < points[scan.first] + scan.width);
        assert_true(scan.p_value == 1);
    }
}

static void even_points_alarm_as_promised(void **state)
{
    (void)state;
    enum { ROUNDS = 1000 };
    double points[60];
    int alarms = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct lks_rng rng;
        struct lks_scan scan;
        lks_rng_init(&rng, 77, round);
        draw_even(&rng, points, 60);
        assert_int_equal(lks_scan_line(points, 60, 99, round, NULL, &scan, NULL), 0);
        alarms += scan.p_value <= 0.05;
    }
    /* 50 expected; four standard deviations are 28 */
    assert_in_range(alarms, 22, 78);
}

static void a_cluster_is_found(void **state)
{
    (void)state;
    struct lks_rng rng;
    struct lks_scan scan;
    double points[200];
    lks_rng_init(&rng, 5, 5);
    draw_even(&rng, points, 200);
    for (int i = 0; i < 30; i++)
        points[i] = 0.61 + 0.002 * lks_rng_unit(&rng);
    qsort(points, 200, sizeof *points, order);
    assert_int_equal(lks_scan_line(points, 200, 999, 3, NULL, &scan, NULL), 0);
    assert_true(scan.p_value == 0.001);
    assert_true(points[scan.first] > 0.6 && points[scan.last] < 0.63);
    assert_true(scan.last - scan.first + 1 >= 28 && scan.expected < 2);
}

static void nothing_is_no_cluster(void **state)
{
    (void)state;
    struct lks_scan scan;
    double one = 0.5;
    assert_int_equal(lks_scan_line(NULL, 0, 99, 1, NULL, &scan, NULL), 0);
    assert_true(scan.p_value == 1);
    assert_int_equal(lks_scan_line(&one, 1, 99, 1, NULL, &scan, NULL), 0);
    assert_true(scan.p_value == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_the_definition),
        cmocka_unit_test(even_points_alarm_as_promised),
        cmocka_unit_test(a_cluster_is_found),
        cmocka_unit_test(nothing_is_no_cluster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
