/* near_rarity_test.c - rough counts of shingles beside exact ones, for any number of threads */
#include "text/near_rarity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"

enum { SHINGLES = (4 << 20) + 100000, COMMON = 300, RUNS = 3 };

/* Half of them by a power law out of COMMON hashes, the others one of their own each. */
static uint64_t *shingles_make(uint64_t seed)
{
    uint64_t *shingles = (uint64_t *)malloc(SHINGLES * sizeof(*shingles));
    struct lks_rng rng;
    assert_non_null(shingles);
    lks_rng_init(&rng, seed, 0);
    for (size_t i = 0; i < SHINGLES; i++) {
        double unit = lks_rng_unit(&rng);
        uint64_t common = (uint64_t)(unit * unit * unit * COMMON) + 1;
        shingles[i] = lks_rng_next(&rng);
        if (shingles[i] & 1)
            shingles[i] = common * UINT64_C(0x9e3779b97f4a7c15);
    }
    return shingles;
}

/* What a count is worth by the definition: one step at 2 and at 3, then one at each doubling and halfway to the
 * next, 31 at most. */
static unsigned steps_of(uint64_t count)
{
    unsigned steps = 0;
    for (uint64_t at = 2; at <= count; at *= 2)
        steps += 1 + (2 * count >= 3 * at);
    return steps < 31 ? steps : 31;
}

static void test_counts_are_exact_at_first_and_near_later(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        uint64_t *shingles = shingles_make(seed), far = 0;
        struct lks_near near = {.shingles = shingles, .shingles_count = SHINGLES, .threads = 1};
        struct lks_near_rarity one, many;
        struct lks_budget budget;
        lks_budget_init(&budget, UINT64_C(1) << 30, "counting");
        assert_int_equal(lks_near_rarity_count(&near, &one, &budget, NULL), 0);
        near.threads = 1 + (unsigned)seed;
        assert_int_equal(lks_near_rarity_count(&near, &many, &budget, NULL), 0);
        assert_int_equal(one.log, many.log);
        assert_memory_equal(one.cells, many.cells, (size_t)1 << one.log);
        uint32_t *exact = (uint32_t *)calloc((size_t)1 << one.log, sizeof(*exact));
        assert_non_null(exact);
        for (size_t i = 0; i < SHINGLES; i++)
            exact[shingles[i] >> (64 - one.log)]++;
        for (size_t cell = 0; cell < (size_t)1 << one.log; cell++) {
            unsigned got = (unsigned)(one.key[one.cells[cell]] >> LKS_NEAR_RARITY_SHIFT);
            unsigned wanted = steps_of(exact[cell]);
            if (exact[cell] < 64)
                assert_int_equal(got, wanted);
            else
                far += got + 1 < wanted || got > wanted + 1;
        }
        assert_true(far <= COMMON / 20); /* of some 300 counters, half a doubling off */
        free(exact);
        lks_near_rarity_free(&one, &budget);
        lks_near_rarity_free(&many, &budget);
        assert_int_equal(budget.used_bytes, 0);
        free(shingles);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_are_exact_at_first_and_near_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
