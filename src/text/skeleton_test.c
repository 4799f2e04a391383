/* skeleton_test.c - what the skeleton of a text leaves out: cases, and properties over random bytes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "text/extract.h"
#include "text/skeleton.h"

static struct lks_str skeleton(struct lks_str text, struct lks_buffer *out)
{
    lks_buffer_clear(out);
    assert_int_equal(lks_text_normalise(text, out), 0);
    size_t before = out->size_bytes;
    assert_int_equal(lks_text_skeleton(out), 0);
    assert_true(out->size_bytes <= before);
    return (struct lks_str){out->data, out->size_bytes};
}

static void test_cases(void **state)
{
    (void)state;
    static const struct {
        const char *text, *bones;
    } cases[] = {
        {"", ""},
        {"plain words, as they are", "plain words, as they are"},
        {"\u0218tiri \u015ftiri \u021b\u0103r\u00e2", "stiri stiri tara"}, /* comma and cedilla */
        {"\u00f8re \u0142\u00f3d\u017a \u0111\u1eb7t", "ore lodz dat"},
        {"\u039a\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1", "ka\u03bbnuepa"}, /* Greek */
        {"p\u0430ypal", "paypal"},
        {"\u0441\u043e\u0440", "cop"}, /* wholly Cyrillic, as wholly Latin */
        {"\u0451\u043b\u043a\u0430", "e\u043bka"},
        {"\u0643\u064e\u062a\u064e\u0628", "\u0643\u062a\u0628"}, /* vowel marks */
        {"\u06a9\u062a\u06cc \u0623", "\u0643\u062a\u064a \u0627"},
        {"soooo gooood, noo", "so god, noo"},
        {"www", "w"},
        {"100000 000", "0 0"},
        {"f r e e money", "free money"},
        {"f.r.e.e money", "free money"},
        {"say f-r-e-e", "say free"},
        {"i am a b", "i am a b"}, /* two are no word */
        {"x y", "x y"},
        {"it's a b c's", "it's a b c's"}, /* the last one is no single letter */
        {"hxxps://a.b/c now", ":// now"},
        {"see a[.]b", "see ://"},
        {"see a (dot) b now", "see :// now"},
        {"(dot)", "://"},
        {"a (dot) b (dot) cc", "://"},
        {"f(x) [1]", "f(x) [0]"},
        {"\u4eca\u3001\u5929 \u597d!", "\u4eca\u5929\u597d!"},
        {"\u4eca a \u5929", "\u4eca a \u5929"}, /* a word between them */
        {"\u54c8\u54c8\u54c8\u54c8", "\u54c8"},
        {"\u0e21\u0e32\u0e01\u0e01\u0e01\u0e01", "\u0e21\u0e32\u0e01"},
        {"\U0001f600\U0001f600\U0001f600", "\U0001f600\U0001f600\U0001f600"},
    };
    struct lks_buffer out = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lks_str bones = skeleton(lks_str_from(cases[i].text), &out);
        if (!lks_str_equal(bones, lks_str_from(cases[i].bones)))
            print_message("case %zu: \"%.*s\"\n", i, (int)bones.size_bytes, bones.data);
        assert_true(lks_str_equal(bones, lks_str_from(cases[i].bones)));
    }
    lks_buffer_free(&out);
}

/* Random bytes and pieces: valid UTF-8 comes out, never longer, and the ASCII short cut does what
 * the long way does. */
static void test_random(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a",     "b",   "xx",   " ",      ".",         "-",
                                         "(dot)", "[.]", "hxxp", "\u0301", "\u0435",    "\u4eca",
                                         "0",     "ooo", "[",    "(",      "\xff",      "\xe4",
                                         "_",     "'",   "/",    "\u0e01", "\U0001f600"};
    struct lks_buffer text = {0}, out = {0}, wide = {0};
    for (unsigned round = 0; round < 100000; round++) {
        struct lks_rng rng;
        lks_rng_init(&rng, 8, round);
        lks_buffer_clear(&text);
        for (unsigned left = (unsigned)lks_rng_below(&rng, 24); left; left--)
            lks_buffer_text(&text, pieces[lks_rng_below(&rng, sizeof(pieces) / sizeof(pieces[0]))]);
        struct lks_str bones = skeleton((struct lks_str){text.data, text.size_bytes}, &out);
        if (!bones.size_bytes)
            continue;
        /* A far word of another script sends the whole text the long way. */
        lks_buffer_text(&text, " qq \u0436");
        struct lks_str long_way = skeleton((struct lks_str){text.data, text.size_bytes}, &wide);
        int cut = memmem(bones.data, bones.size_bytes, "://", 3) != NULL;
        assert_true(cut || (long_way.size_bytes > bones.size_bytes - 1 &&
                            memcmp(bones.data, long_way.data, bones.size_bytes - 1) == 0));
    }
    lks_buffer_free(&text);
    lks_buffer_free(&out);
    lks_buffer_free(&wide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
