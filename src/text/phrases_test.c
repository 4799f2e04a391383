/* phrases_test.c - phrases survive retelling, and know nothing of tags and links */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/rng.h"
#include "text/phrases.h"

static struct lks_phraser *one, *other;

static uint32_t shared(const char *a, const char *b)
{
    uint32_t count = 0;
    assert_int_equal(lks_phrases(one, lks_str_from(a), LKS_STR_NULL), 0);
    assert_int_equal(lks_phrases(other, lks_str_from(b), LKS_STR_NULL), 0);
    for (uint32_t i = 0; i < one->count; i++)
        for (uint32_t j = 0; j < other->count; j++)
            count += one->phrases[i] == other->phrases[j];
    return count;
}

static void pairs_in_order(void **state)
{
    (void)state;
    assert_int_equal(shared("", ""), 0);
    assert_int_equal(shared("alpha", "alpha"), 0); /* one word is no phrase */
    assert_int_equal(one->count, 0);
    assert_int_equal(shared("alpha beta", "alpha beta"), 1);
    assert_int_equal(shared("alpha beta", "beta alpha"), 0);
    assert_int_equal(shared("alpha beta gamma delta", "alpha beta gamma delta"), 5);
    /* One word exchanged: the pairs across it stay. */
    assert_int_equal(shared("alpha beta gamma delta", "alpha xi gamma delta"), 2);
    assert_int_equal(shared("ALPHA  b\xc3\xa9ta!", "alpha beta"), 1);
    assert_int_equal(shared("alpha beta alpha beta", "alpha beta"), 1);
}

static void marks_are_no_words(void **state)
{
    (void)state;
    assert_int_equal(shared("alpha #beta gamma", "alpha gamma"), 1);
    assert_int_equal(shared("#one #two #three", "#one #two #three"), 0);
    assert_int_equal(shared("alpha @who gamma https://x.example/a b", "alpha gamma b"), 3);
    assert_int_equal(shared("alpha\xef\xbc\x83tag gamma", "alpha gamma"), 1);
    assert_int_equal(shared("www.x.example alpha beta", "alpha beta"), 1);
    assert_int_equal(lks_phrases(one, LKS_STR_NULL, LKS_STR("alpha beta")), 0);
    assert_int_equal(one->count, 1);
    assert_int_equal(shared("so bad RT @who: alpha beta gamma", "alpha beta gamma"), 0);
    assert_int_equal(shared("so bad rt \xe2\x80\x9c@who alpha beta\xe2\x80\x9d", "alpha beta"), 0);
    assert_int_equal(shared("\"@who alpha beta\" no", "alpha beta"), 0);
    assert_int_equal(one->count, 0);
    assert_int_equal(shared("art alpha beta", "art alpha beta"), 3);
    assert_int_equal(shared("\"alpha beta\" rt", "alpha beta rt"), 3);
    /* No blanks between words: runs of characters are the words. */
    assert_true(shared("\xe6\x88\x91\xe4\xbb\xac\xe7\x9a\x84\xe6\x9c\xaa\xe6\x9d\xa5",
                       "\xe6\x88\x91\xe4\xbb\xac\xe7\x9a\x84\xe6\x9c\xaa\xe6\x9d\xa5") > 2);
}

static void any_bytes(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct lks_rng rng;
        char text[200];
        static const char *const parts[] = {
            "#",  "@",    " ", "a", "\xff", "\xe6\x88\x91", "http://", "word", "\xf0\x9f\x98",
            "\n", "www.", "7"};
        lks_rng_init(&rng, seed, 2);
        size_t size = 0;
        for (size_t i = lks_rng_below(&rng, 24); i > 0; i--) {
            const char *part = parts[lks_rng_below(&rng, sizeof parts / sizeof *parts)];
            size_t bytes = strlen(part);
            memcpy(text + size, part, bytes);
            size += bytes;
        }
        struct lks_str whole = {text, size};
        assert_int_equal(lks_phrases(one, whole, whole), 0);
        for (uint32_t i = 1; i < one->count; i++)
            assert_true(one->phrases[i] > one->phrases[i - 1]);
    }
    char *longer = malloc(100000);
    assert_non_null(longer);
    for (int i = 0; i < 100000; i++)
        longer[i] = i % 5 == 4 ? ' ' : (char)('a' + (i / 5 >> (4 * (i % 5))) % 16); /* a number */
    assert_int_equal(lks_phrases(one, (struct lks_str){longer, 100000}, LKS_STR_NULL), 0);
    assert_int_equal(one->cut, 1);
    assert_in_range(one->count, LKS_PHRASES_MAX - 200, LKS_PHRASES_MAX);
    free(longer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_in_order),
        cmocka_unit_test(marks_are_no_words),
        cmocka_unit_test(any_bytes),
    };
    one = calloc(1, sizeof *one);
    other = calloc(1, sizeof *other);
    if (!one || !other)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    lks_phraser_free(one);
    lks_phraser_free(other);
    free(one);
    free(other);
    return failed;
}
