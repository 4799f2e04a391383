/* mask_test.c - masks against sentences, and against what they promise on thousands of made texts */
#include "text/mask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/utf8.h"

static void check(const char *text, const char *expected)
{
    struct lks_buffer out = {0};
    lks_text_mask(lks_str_from(text), LKS_MASK_ALL, &out);
    lks_buffer_byte(&out, 0);
    assert_false(out.failed);
    assert_string_equal(out.data, expected);
    lks_buffer_free(&out);
}

static void test_sentences(void **state)
{
    (void)state;
    check("", "");
    check("vote for the green lamp", "vote for the green lamp");
    check("ask @some.one today", "ask [handle] today");
    check("write to (some.one@example.org)!", "write to [handle]");
    check("see https://example.org/a?b=c now", "see [link] now");
    check("see HXXP://e now", "see [link] now");
    check("t.me/abc or WWW.abc", "[link] or [link]");
    check("call 0722 123 456 or 5", "call [number] or [number]");
    check("call +40-722-123 at 5pm", "call [number] at [number]");
    check("#vote2024 and #two", "#vote2024 and #two");
    check("#vote@someone", "[handle]");
    check("end. Begin", "end. Begin");
    check("a e.g. b 3.5", "a e.g. b [number]");
    check("two\t\n blanks", "two blanks");
    check("\xef\xbc\xa0handle", "[handle]"); /* full-width @ */
    check("t.m\xe2\x80\x8b"
          "e/abc",
          "[link]");                       /* a blank without width inside */
    check("\xd9\xa3\xd9\xa4", "[number]"); /* Arabic-Indic digits */
    check("bad \xff byte", "bad \xef\xbf\xbd byte");
}

static void test_only_what_is_asked(void **state)
{
    (void)state;
    struct lks_buffer out = {0};
    lks_text_mask(LKS_STR("12 members follow @x on t.me/y"), LKS_MASK_HANDLES | LKS_MASK_LINKS,
                  &out);
    lks_buffer_byte(&out, 0);
    assert_string_equal(out.data, "12 members follow [handle] on [link]");
    lks_buffer_free(&out);
}

/* Of texts put together from pieces that hide things: no "@", no "//", no digit outside a tag is
 * left, every word that holds none of them is, and masking again changes nothing. */
static void test_promises(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "lamp",         " ", "@", "x", "7",    ".", "/", ":", "//", "w", "#", "\xc3\xa9",
        "\xe2\x80\x8b", " ", "(", "-", "\xff", "ro"};
    struct lks_rng rng;
    lks_rng_init(&rng, 7, 1);
    for (int round = 0; round < 20000; round++) {
        struct lks_buffer text = {0}, once = {0}, twice = {0};
        int count = (int)lks_rng_below(&rng, 24);
        for (int i = 0; i < count; i++)
            lks_buffer_text(&text, pieces[lks_rng_below(&rng, sizeof pieces / sizeof *pieces)]);
        lks_buffer_text(&text, " lamp");
        lks_text_mask((struct lks_str){text.data, text.size_bytes}, LKS_MASK_ALL, &once);
        lks_text_mask((struct lks_str){once.data, once.size_bytes}, LKS_MASK_ALL, &twice);
        assert_int_equal(once.size_bytes, twice.size_bytes);
        assert_memory_equal(once.data, twice.data, once.size_bytes);
        lks_buffer_byte(&once, 0);
        assert_null(strchr(once.data, '@'));
        assert_null(strstr(once.data, "://"));
        int in_tag = 0;
        for (const char *p = once.data; *p; p++) {
            if (p == once.data || p[-1] == ' ')
                in_tag = *p == '#';
            assert_true(in_tag || *p < '0' || *p > '9');
        }
        assert_string_equal(once.data + strlen(once.data) - 4, "lamp");
        lks_buffer_free(&text);
        lks_buffer_free(&once);
        lks_buffer_free(&twice);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_only_what_is_asked),
        cmocka_unit_test(test_promises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
