/* registrations_test.c - days and shapes that go together: by definition, under the null, planted */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/time.h"
#include "signal/registrations.h"
#include "stat/tail.h"
#include "text/handle_shape.h"

enum { ACCOUNTS_MAX = 4000 };

static int64_t created_us[ACCOUNTS_MAX];
static uint32_t shape[ACCOUNTS_MAX];

/* Accounts over three years; shapes come and go with the years. */
static void world_random(struct lks_rng *rng, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t day = (int64_t)lks_rng_below(rng, 368) * 3;
        created_us[i] = (day - 300) * LKS_DAY_US + (int64_t)lks_rng_below(rng, 86400) * 1000000;
        shape[i] = (uint32_t)(lks_rng_below(rng, 8) + (uint64_t)((day - 300 + 920) / 92 / 4) * 4);
    }
}

static size_t find(size_t count, unsigned draws, double level, uint64_t seed,
                   struct lks_registration **found)
{
    struct lks_registrations_input input = {count, created_us, shape, 32};
    struct lks_registrations_options options = lks_registrations_options_default();
    size_t found_count;
    options.draws = draws;
    options.level = level;
    options.seed = seed;
    assert_int_equal(lks_registrations_run(&input, &options, NULL, found, &found_count, NULL), 0);
    return found_count;
}

static int64_t floor_day(int64_t time_us)
{
    int64_t day = time_us / LKS_DAY_US;
    return time_us < day * LKS_DAY_US ? day - 1 : day;
}

/* Every day and shape that comes out, counted anew. */
static void as_defined(void **state)
{
    (void)state;
    struct lks_rng rng;
    size_t cells = 0;
    lks_rng_init(&rng, 1, 1);
    for (int round = 0; round < 40; round++) {
        size_t count = 500 + lks_rng_below(&rng, 3000);
        struct lks_registration *found;
        world_random(&rng, count);
        size_t found_count = find(count, 9, 1, 1, &found);
        for (size_t f = 0; f < found_count; f++) {
            uint64_t day = 0, both = 0, of_shape = 0, era = 0;
            for (size_t i = 0; i < count; i++) {
                int64_t own = floor_day(created_us[i]), cell = found[f].day_us / LKS_DAY_US;
                int same_era = (own + 92000) / 92 == (cell + 92000) / 92;
                day += own == cell;
                both += own == cell && shape[i] == found[f].shape;
                of_shape += same_era && shape[i] == found[f].shape;
                era += (uint64_t)same_era;
            }
            assert_int_equal(found[f].accounts_count, both);
            assert_int_equal(found[f].day_count, day);
            assert_float_equal(found[f].expected, (double)day * (double)of_shape / (double)era,
                               1e-9);
            assert_float_equal(found[f].log10_p,
                               lks_hypergeometric_tail_log(both, day, of_shape, era) / log(10),
                               1e-9);
            if (f)
                assert_true(found[f].log10_p >= found[f - 1].log10_p);
        }
        cells += found_count;
        free(found);
    }
    assert_true(cells > 100);
}

/* No day has a shape of its own: a false one at 0.05 in hardly more than one world of twenty. */
static void the_null_keeps_its_word(void **state)
{
    (void)state;
    struct lks_rng rng;
    int alarms = 0;
    lks_rng_init(&rng, 2, 1);
    for (int round = 0; round < 200; round++) {
        struct lks_registration *found;
        world_random(&rng, 1500);
        alarms += find(1500, 99, 0.05, (uint64_t)round, &found) > 0;
        free(found);
    }
    assert_true(alarms <= 20);
}

static void a_batch_is_found(void **state)
{
    (void)state;
    struct lks_rng rng;
    struct lks_registration *found;
    lks_rng_init(&rng, 3, 1);
    world_random(&rng, 3000);
    for (size_t i = 0; i < 30; i++) {
        created_us[i] = 500 * LKS_DAY_US + (int64_t)i * 1000000;
        shape[i] = 31;
    }
    assert_int_equal(find(3000, 199, 0.01, 3, &found), 1);
    assert_int_equal(found[0].accounts_count, 30);
    assert_int_equal(found[0].shape, 31);
    assert_int_equal(found[0].day_us, 500 * LKS_DAY_US);
    free(found);
    assert_int_equal(find(0, 9, 1, 1, &found), 0);
    free(found);
}

static void shapes_of_handles(void **state)
{
    (void)state;
    const char *const handles[][2] = {{"maria1987", "a0000"},
                                      {"user_k3f9ab", "a_a0a0a"},
                                      {"", ""},
                                      {"\xc8\x99tefan.9", "a.0"},
                                      {"12345678901234567890123456789", "0000000000000000000000+"},
                                      {"A-b C", "a-a?a"}};
    for (size_t i = 0; i < sizeof handles / sizeof *handles; i++) {
        char own[LKS_HANDLE_SHAPE_BYTES];
        lks_handle_shape(lks_str_from(handles[i][0]), own);
        assert_string_equal(own, handles[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_defined),
        cmocka_unit_test(the_null_keeps_its_word),
        cmocka_unit_test(a_batch_is_found),
        cmocka_unit_test(shapes_of_handles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
