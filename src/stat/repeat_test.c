/* repeat_test.c - whether other draws would say the same: as drawn */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "base/rng.h"
#include "stat/repeat.h"

/* Draws the story itself: a share from all shares by Jeffreys' weight, B draws with it; among those
 * stories that reached k, how often do B further draws give p <= level? */
static void test_as_drawn(void **state)
{
    (void)state;
    enum { B = 39, STORIES = 400000 };
    double stories[B + 1] = {0}, again[B + 1] = {0};
    struct lks_rng rng;
    lks_rng_init(&rng, 4, 0);
    for (int i = 0; i < STORIES; i++) {
        double s = sin(1.5707963267948966 * lks_rng_unit(&rng)), share = s * s; /* Beta(1/2, 1/2) */
        int first = 0, second = 0;
        if (share > 0.4)
            continue; /* those hardly reach a small k */
        for (int j = 0; j < B; j++) {
            first += lks_rng_unit(&rng) < share;
            second += lks_rng_unit(&rng) < share;
        }
        stories[first]++;
        again[first] += (1.0 + second) / (1 + B) <= 0.05;
    }
    for (int k = 0; k < 4; k++) {
        double share = lks_repeat_share((1.0 + k) / (1 + B), B, 0.05);
        double seen = again[k] / stories[k];
        assert_true(stories[k] > 2000);
        assert_true(fabs(share - seen) < 4 * sqrt(0.25 / stories[k]));
    }
}

static void test_bounds(void **state)
{
    (void)state;
    assert_true(lks_repeat_share(0.5, 9, 0.05) == 0); /* nine draws cannot show 0.05 */
    assert_true(lks_repeat_share(0.01, 99, 0.05) > 0.99);
    assert_true(lks_repeat_share(1, 99, 0.05) < 1e-9);
    double before = 1;
    for (int k = 0; k < 20; k++) {
        double share = lks_repeat_share((1.0 + k) / 100, 99, 0.05);
        assert_true(share < before && share >= 0);
        before = share;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_drawn),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
