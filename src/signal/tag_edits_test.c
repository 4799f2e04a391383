/* tag_edits_test.c - edits of tags by letters against slow definitions, and by use on made worlds */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "signal/tag_edits.h"

enum { EVENTS_MAX = 40000, ACCOUNTS_MAX = 3000, TAGS_MAX = 64 };

/* Edit distance with swaps of neighbours, by recursion on the definition with a memory. */
static unsigned slow_distance(const char *a, size_t n, const char *b, size_t m)
{
    static unsigned table[64][64];
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; j <= m; j++) {
            unsigned best = i == 0 ? (unsigned)j : j == 0 ? (unsigned)i : UINT32_MAX;
            if (i && j) {
                best = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
                if (table[i - 1][j] + 1 < best)
                    best = table[i - 1][j] + 1;
                if (table[i][j - 1] + 1 < best)
                    best = table[i][j - 1] + 1;
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                    table[i - 2][j - 2] + 1 < best)
                    best = table[i - 2][j - 2] + 1;
            }
            table[i][j] = best;
        }
    return table[n][m];
}

static int slow_alike(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), start = 0, end = 0;
    size_t shorter = n < m ? n : m, longer = n < m ? m : n;
    if (shorter < 5 || longer > 2 * shorter)
        return 0;
    unsigned most = (unsigned)longer / 6;
    most = most < 1 ? 1 : most > 3 ? 3 : most;
    if (slow_distance(a, n, b, m) <= most)
        return 1;
    while (start < shorter && a[start] == b[start])
        start++;
    while (end < shorter - start && a[n - 1 - end] == b[m - 1 - end])
        end++;
    return (start >= 4 || end >= 4) && 2 * (start + end) >= longer;
}

static void letters_as_defined(void **state)
{
    (void)state;
    struct lks_rng rng;
    int alike_count = 0;
    lks_rng_init(&rng, 1, 1);
    for (int round = 0; round < 20000; round++) {
        char a[40] = "", b[40] = "";
        size_t n = 3 + lks_rng_below(&rng, 20), m = 0;
        for (size_t i = 0; i < n; i++)
            a[i] = (char)('a' + lks_rng_below(&rng, 4));
        if (round % 2) { /* a few edits of a */
            memcpy(b, a, sizeof b);
            m = n;
            for (size_t e = lks_rng_below(&rng, 6); e > 0 && m > 1; e--) {
                size_t at = lks_rng_below(&rng, m);
                if (lks_rng_below(&rng, 3) == 0 && m < 30) {
                    memmove(b + at + 1, b + at, m++ - at);
                    b[at] = 'd';
                } else if (lks_rng_below(&rng, 2)) {
                    memmove(b + at, b + at + 1, m-- - at);
                } else {
                    b[at] = 'c';
                }
            }
            b[m] = 0;
        } else {
            m = 3 + lks_rng_below(&rng, 20);
            for (size_t i = 0; i < m; i++)
                b[i] = (char)('a' + lks_rng_below(&rng, 4));
        }
        enum lks_edit_rule rule;
        double similarity;
        int alike =
            lks_tags_alike((struct lks_str){a, n}, (struct lks_str){b, m}, &rule, &similarity);
        assert_int_equal(alike, slow_alike(a, b));
        assert_int_equal(alike, lks_tags_alike((struct lks_str){b, m}, (struct lks_str){a, n},
                                               &rule, &similarity));
        alike_count += alike;
        if (alike)
            assert_true(similarity > 0 && similarity <= 1);
    }
    assert_in_range(alike_count, 2000, 12000);
}

static void the_case_is_a_part_replaced(void **state)
{
    (void)state;
    enum lks_edit_rule rule;
    double similarity;
    assert_int_equal(lks_tags_alike(LKS_STR("echilibrusiseriozitate"),
                                    LKS_STR("echilibrusiverticalitate"), &rule, &similarity),
                     1);
    assert_int_equal(rule, LKS_EDIT_PART);
    assert_int_equal(lks_tags_alike(LKS_STR("alegeri"), LKS_STR("alegeri2024"), &rule, &similarity),
                     1);
    assert_int_equal(rule, LKS_EDIT_ADDED);
    assert_int_equal(lks_tags_alike(LKS_STR("football"), LKS_STR("elections"), &rule, &similarity),
                     0);
    /* One letter of two bytes for another. */
    assert_int_equal(
        lks_tags_alike(LKS_STR("выборы2024"), LKS_STR("выборы2025"), &rule, &similarity), 1);
}

/* ---- use ---- */

static struct world {
    struct lks_events events;
    uint32_t object[EVENTS_MAX], account[EVENTS_MAX], post[EVENTS_MAX];
    uint32_t post_account[EVENTS_MAX];
    int64_t time_us[EVENTS_MAX], post_time_us[EVENTS_MAX];
    uint8_t kind[TAGS_MAX];
    struct lks_tag tags[TAGS_MAX];
    char names[TAGS_MAX][32];
    struct lks_rng rng;
} world;

static void world_start(uint64_t seed)
{
    memset(&world, 0, sizeof world);
    lks_rng_init(&world.rng, seed, 2);
    memset(world.kind, LKS_OBJECT_HASHTAG, sizeof world.kind);
    world.events = (struct lks_events){.object = world.object,
                                       .account = world.account,
                                       .post = world.post,
                                       .time_us = world.time_us,
                                       .objects_count = TAGS_MAX,
                                       .accounts_count = ACCOUNTS_MAX,
                                       .object_kind = world.kind,
                                       .post_account = world.post_account,
                                       .post_time_us = world.post_time_us};
    for (uint32_t t = 0; t < TAGS_MAX; t++) {
        for (int i = 0; i < 12; i++)
            world.names[t][i] = (char)('a' + lks_rng_below(&world.rng, 26));
        world.tags[t] = (struct lks_tag){t, {world.names[t], 12}};
    }
    /* Tags 0 and 1 are alike in letters. */
    memcpy(world.names[1], world.names[0], 12);
    world.names[1][5] = world.names[1][5] == 'x' ? 'y' : 'x';
}

static void use(uint32_t account, uint32_t tag, int64_t time_us, int same_post)
{
    struct lks_events *events = &world.events;
    assert_true(events->count < EVENTS_MAX);
    if (!same_post)
        events->posts_count++;
    uint32_t post = events->posts_count - 1;
    world.post_account[post] = account;
    world.post_time_us[post] = time_us;
    world.object[events->count] = tag;
    world.account[events->count] = account;
    world.post[events->count] = post;
    world.time_us[events->count++] = time_us;
}

static void background(void)
{
    for (uint32_t a = 0; a < ACCOUNTS_MAX; a++)
        for (int i = 0; i < 4; i++)
            use(a, (uint32_t)lks_rng_below(&world.rng, TAGS_MAX),
                (int64_t)lks_rng_below(&world.rng, 1000000), 0);
}

static struct lks_tag_edits compare(void)
{
    struct lks_tag_edits result;
    struct lks_tag_edits_options options = lks_tag_edits_options_default();
    assert_int_equal(lks_events_sort(&world.events, NULL), 0);
    assert_int_equal(
        lks_tag_edits_run(&world.events, world.tags, TAGS_MAX, &options, NULL, &result, NULL), 0);
    return result;
}

static void who_moves_makes_an_edit(void **state)
{
    (void)state;
    world_start(3);
    background();
    for (uint32_t a = 0; a < 60; a++) { /* first the one, later the other, some both at once */
        use(a, 0, (int64_t)a - 2000, 0);
        use(a, 1, 2000000 + a, 0);
        if (a % 10 == 0)
            use(a, 0, 2000000 + a, 1);
    }
    struct lks_tag_edits result = compare();
    assert_int_equal(result.edits_count, 1);
    const struct lks_tag_edit *edit = &result.edits[0];
    assert_int_equal(edit->from, 0);
    assert_int_equal(edit->to, 1);
    assert_true(edit->accounts_both >= 60 && edit->expected_both < 40);
    assert_in_range(edit->moved, 40, 70);
    assert_true(edit->moved_back < 10);
    assert_int_equal(edit->posts_both, 6);
    assert_true(edit->is_parent);
    /* The counts by their definition. */
    uint8_t uses[ACCOUNTS_MAX] = {0};
    uint32_t both = 0;
    for (size_t i = 0; i < world.events.count; i++)
        if (world.object[i] < 2)
            uses[world.account[i]] |= (uint8_t)(1 << world.object[i]);
    for (uint32_t a = 0; a < ACCOUNTS_MAX; a++)
        both += uses[a] == 3;
    assert_int_equal(edit->accounts_both, both);
    lks_tag_edits_free(&result);
}

/* Alike in letters, but nobody goes from one to the other: in 200 worlds hardly an edit. */
static void letters_alone_are_none(void **state)
{
    (void)state;
    int found = 0, alike = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        world_start(10 + seed);
        background();
        struct lks_tag_edits result = compare();
        alike += result.alike_count > 0;
        found += result.edits_count > 0;
        lks_tag_edits_free(&result);
    }
    assert_int_equal(alike, 200);
    assert_true(found <= 18); /* 5 % and its play */
}

static void nothing_at_all(void **state)
{
    (void)state;
    struct lks_tag_edits result;
    struct lks_tag_edits_options options = lks_tag_edits_options_default();
    struct lks_events none = {0};
    assert_int_equal(lks_tag_edits_run(&none, NULL, 0, &options, NULL, &result, NULL), 0);
    assert_int_equal(result.edits_count, 0);
    lks_tag_edits_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_as_defined),      cmocka_unit_test(the_case_is_a_part_replaced),
        cmocka_unit_test(who_moves_makes_an_edit), cmocka_unit_test(letters_alone_are_none),
        cmocka_unit_test(nothing_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
