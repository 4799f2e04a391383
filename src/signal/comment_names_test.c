/* comment_names_test.c - names under marked posts: against all exchanges, uniform without effect */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "signal/comment_names.h"

enum { DRAWS = 1999 };

/* All ways to mark as many posts of one account: the exact p of small cases. */
static void near_the_exact_p(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct lks_rng rng;
        struct lks_answered_post posts[8];
        struct lks_comment_names found;
        lks_rng_init(&rng, seed, 3);
        size_t count = 3 + lks_rng_below(&rng, 6), marked = 1 + lks_rng_below(&rng, count - 1);
        double rate, naming = 0, answerers = 0, observed = 0;
        for (size_t i = 0; i < count; i++) {
            posts[i] = (struct lks_answered_post){.account = 5, .marked = i < marked};
            posts[i].answerers = 1 + (uint32_t)lks_rng_below(&rng, 20);
            posts[i].naming = (uint32_t)lks_rng_below(&rng, posts[i].answerers + 1);
            naming += posts[i].naming;
            answerers += posts[i].answerers;
        }
        rate = naming / answerers;
        for (size_t i = 0; i < marked; i++)
            observed += posts[i].naming - rate * posts[i].answerers;
        unsigned all = 0, far = 0;
        for (unsigned set = 0; set < 1u << count; set++) {
            double sum = 0;
            if ((size_t)__builtin_popcount(set) != marked)
                continue;
            for (size_t i = 0; i < count; i++)
                sum += set >> i & 1 ? posts[i].naming - rate * posts[i].answerers : 0;
            all++;
            far += sum >= observed - 1e-9;
        }
        assert_int_equal(lks_comment_names_test(posts, count, DRAWS, seed, &found, NULL), 0);
        double exact = (double)far / all;
        assert_true(found.p_value > exact - 0.06 && found.p_value < exact + 0.06);
    }
}

static void uniform_without_effect(void **state)
{
    (void)state;
    unsigned low = 0;
    enum { WORLDS = 1000, POSTS = 60 };
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct lks_rng rng;
        struct lks_answered_post posts[POSTS];
        struct lks_comment_names found;
        lks_rng_init(&rng, seed, 4);
        for (size_t i = 0; i < POSTS; i++) {
            posts[i] = (struct lks_answered_post){.account = (uint32_t)(i / 6)};
            posts[i].answerers = 1 + (uint32_t)lks_rng_below(&rng, 40);
            posts[i].marked = (int)lks_rng_below(&rng, 2);
            /* Answers to one post go together: all say it or none does. */
            posts[i].naming = lks_rng_below(&rng, 4) ? 0 : posts[i].answerers;
        }
        assert_int_equal(lks_comment_names_test(posts, POSTS, 199, seed, &found, NULL), 0);
        low += found.p_value <= 0.05;
    }
    assert_in_range(low, 20, 75); /* 50 on average, deviation 7 */
}

static void an_effect_is_seen(void **state)
{
    (void)state;
    struct lks_answered_post posts[40];
    struct lks_comment_names found;
    for (uint32_t i = 0; i < 40; i++)
        posts[i] = (struct lks_answered_post){i / 10, 20, i % 10 < 3 ? 12 : 1, i % 10 < 3};
    assert_int_equal(lks_comment_names_test(posts, 40, DRAWS, 1, &found, NULL), 0);
    assert_true(found.p_value < 0.001);
    assert_int_equal(found.marked_naming, 144);
    assert_int_equal(found.other_naming, 28);
    assert_true(found.expected > 51 && found.expected < 52); /* 240 x 172 / 800 */
    for (uint32_t i = 0; i < 40; i++)
        posts[i].marked = 1; /* nothing to compare with */
    assert_int_equal(lks_comment_names_test(posts, 40, DRAWS, 1, &found, NULL), 0);
    assert_true(isnan(found.p_value));
    assert_int_equal(lks_comment_names_test(posts, 0, DRAWS, 1, &found, NULL), 0);
    assert_true(isnan(found.p_value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_the_exact_p),
        cmocka_unit_test(uniform_without_effect),
        cmocka_unit_test(an_effect_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
