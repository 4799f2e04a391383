/* near_evasion_test.c - edited copies that the near-text join must still find
 *
 * For every edit and strength that docs/method/near-text.md shows, the least share of copies that
 * must be found in every script, at 20 words. The floors stand a little below what was
 * measured, so that a rule which slips shows; where an edit wins, the floor is 0 and the page says
 * so. Texts of their own must never be joined. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/near_evasion.h"

enum { ORIGINALS = 120, WORDS = 20, COPIES_LEAST = 20 };

/* By edit and strength, for scripts with blanks, scripts without, and emoji alone. */
static const struct {
    enum lks_made_edit edit;
    double strength, spaced, dense, emoji;
} floors[] = {
    {LKS_EDIT_NONE, 0, 1, 1, 1},
    {LKS_EDIT_HOMOGLYPHS, 0.1, 1, 0, 0},
    {LKS_EDIT_HOMOGLYPHS, 0.5, 1, 0, 0},
    {LKS_EDIT_HOMOGLYPHS, 1, 1, 0, 0},
    {LKS_EDIT_ZERO_WIDTH, 0.2, 1, 1, 0},
    {LKS_EDIT_ZERO_WIDTH, 1, 1, 1, 0},
    {LKS_EDIT_STYLED, 0.3, 1, 0, 0},
    {LKS_EDIT_STYLED, 1, 1, 0, 0},
    {LKS_EDIT_EMOJI, 1, 1, 1, 0.95},
    {LKS_EDIT_EMOJI, 5, 1, 1, 0},
    {LKS_EDIT_PUNCTUATION, 0.3, 1, 1, 0},
    {LKS_EDIT_PUNCTUATION, 1, 1, 1, 0},
    {LKS_EDIT_CASE, 0.3, 1, 0, 0},
    {LKS_EDIT_CASE, 1, 1, 0, 0},
    {LKS_EDIT_ACCENTS, 1, 1, 0, 0},
    {LKS_EDIT_LINK_CHANGED, 1, 1, 1, 0},
    {LKS_EDIT_LINK_ADDED, 1, 1, 1, 1},
    {LKS_EDIT_LINK_ADDED, 3, 1, 1, 1},
    {LKS_EDIT_LINK_MASKED, 1, 1, 1, 0},
    {LKS_EDIT_NUMBERS, 1, 1, 1, 0},
    {LKS_EDIT_MENTIONS, 1, 1, 1, 0},
    {LKS_EDIT_MENTIONS_ADDED, 1, 1, 1, 1},
    {LKS_EDIT_MENTIONS_ADDED, 3, 1, 1, 1},
    {LKS_EDIT_TAGS_ADDED, 1, 1, 1, 0},
    {LKS_EDIT_TAGS_ADDED, 3, 0.97, 0.97, 0},
    {LKS_EDIT_SWAPPED, 1, 0.97, 0.8, 0.9},
    {LKS_EDIT_SWAPPED, 2, 0, 0, 0},
    {LKS_EDIT_DROPPED, 1, 0.97, 0.97, 0.9},
    {LKS_EDIT_DROPPED, 2, 0.95, 0.45, 0.5},
    {LKS_EDIT_ADDED, 1, 0.97, 0.97, 0.9},
    {LKS_EDIT_ADDED, 2, 0.95, 0.55, 0.85},
    {LKS_EDIT_REPLACED, 1, 0.97, 0.95, 0.9},
    {LKS_EDIT_REPLACED, 2, 0, 0, 0},
    {LKS_EDIT_CUT, 0.1, 0.97, 0.97, 0.97},
    {LKS_EDIT_CUT, 0.3, 0, 0, 0},
    {LKS_EDIT_DOUBLED, 0.1, 0.97, 0.95, 0},
    {LKS_EDIT_DOUBLED, 0.5, 0.93, 0.93, 0},
    {LKS_EDIT_LETTERS_SPACED, 1, 0.97, 0.97, 0},
    {LKS_EDIT_LEET, 0.05, 0, 0, 0},
    {LKS_EDIT_LEET, 0.3, 0, 0, 0},
    {LKS_EDIT_MIXED, 1, 0.95, 0.95, 0},
};

static double floor_of(size_t i, unsigned script)
{
    return script == LKS_MADE_EMOJI  ? floors[i].emoji
           : script >= LKS_MADE_THAI ? floors[i].dense
                                     : floors[i].spaced;
}

static void test_floors(void **state)
{
    (void)state;
    struct lks_near_options options = lks_near_options_default();
    unsigned below = 0;
    assert_int_equal(sizeof(floors) / sizeof(floors[0]), LKS_EVASIONS_COUNT);
    for (size_t i = 0; i < LKS_EVASIONS_COUNT; i++) {
        assert_true(floors[i].edit == lks_evasions[i].edit &&
                    floors[i].strength == lks_evasions[i].strength);
        for (unsigned script = 0; script < LKS_MADE_SCRIPTS_COUNT; script++) {
            struct lks_evasion_count count = lks_evasion_measure(
                &lks_evasions[i], (enum lks_made_script)script, WORDS, ORIGINALS, &options);
            assert_int_equal(count.strange, 0);
            if (count.copies < COPIES_LEAST || count.found >= floor_of(i, script) * count.copies)
                continue;
            print_message("%s at %g, %s: %u of %u\n", lks_made_edit_names[floors[i].edit],
                          floors[i].strength, lks_made_script_names[script], count.found,
                          count.copies);
            below++;
        }
    }
    assert_int_equal(below, 0);
}

/* Longer texts stand more edited words, and words alone more than pairs of them. */
static void test_lengths(void **state)
{
    (void)state;
    static const struct lks_evasion one = {LKS_EDIT_REPLACED, 1}, two = {LKS_EDIT_REPLACED, 2},
                                    swapped = {LKS_EDIT_SWAPPED, 5};
    struct lks_near_options options = lks_near_options_default();
    struct lks_evasion_count count;
    count = lks_evasion_measure(&two, LKS_MADE_ROMANIAN, 40, ORIGINALS, &options);
    assert_true(count.found >= 0.97 * count.copies);
    options.threshold = 0.5;
    count = lks_evasion_measure(&one, LKS_MADE_ROMANIAN, 8, ORIGINALS, &options);
    assert_true(count.found >= 0.97 * count.copies);
    assert_int_equal(count.strange, 0);
    options.threshold = 0.8;
    options.shingle = LKS_NEAR_WORDS;
    count = lks_evasion_measure(&swapped, LKS_MADE_CYRILLIC, 20, ORIGINALS, &options);
    assert_true(count.copies >= COPIES_LEAST);
    assert_int_equal(count.found, count.copies);
    count = lks_evasion_measure(&two, LKS_MADE_CYRILLIC, 20, ORIGINALS, &options);
    assert_true(count.found >= 0.95 * count.copies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_floors),
        cmocka_unit_test(test_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
