/* shown_test.c - nothing that is shown can drive a terminal, whatever bytes come */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/shown.h"
#include "base/utf8.h"

static void shows(const char *text, size_t limit_bytes, const char *wanted)
{
    struct lks_buffer buffer = {0};
    lks_buffer_shown(&buffer, lks_str_from(text), limit_bytes);
    lks_buffer_byte(&buffer, '\0');
    assert_string_equal(buffer.data, wanted);
    lks_buffer_free(&buffer);
}

static void escapes_become_blanks(void **state)
{
    (void)state;
    shows("", 10, "");
    shows("plain", 10, "plain");
    shows("\x1b[31mred\n", 20, " [31mred ");
    shows("c1 \xc2\x9b"
          "2J",
          20, "c1  2J");
    shows("abc\xe2\x80\xae"
          "def",
          20, "abc def");
    shows("broken \xff\xc3", 20, "broken   ");
    shows("\xc3\xa9t\xc3\xa9", 20, "\xc3\xa9t\xc3\xa9");
}

static void long_text_is_cut_between_characters(void **state)
{
    (void)state;
    shows("12345", 5, "12345");
    shows("123456", 5, "12345...");
    shows("1234\xc3\xa9", 5, "1234...");
    shows("123\xc3\xa9", 5, "123\xc3\xa9");
}

static void random_bytes_show_nothing_hidden(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 7, 0);
    for (int round = 0; round < 20000; round++) {
        char bytes[48];
        size_t size = lks_rng_below(&rng, sizeof bytes);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)lks_rng_below(&rng, 256);
        struct lks_buffer buffer = {0};
        lks_buffer_shown(&buffer, (struct lks_str){bytes, size}, 40);
        assert_true(buffer.size_bytes <= 43);
        struct lks_str shown = {buffer.data, buffer.size_bytes};
        for (size_t at = 0; at < shown.size_bytes;) {
            uint32_t c;
            at += lks_utf8_next(shown, at, &c);
            assert_true(c != LKS_UTF8_BAD && c >= 0x20 && !(c >= 0x7f && c < 0xa0));
            assert_false(c >= 0x202a && c <= 0x202e);
        }
        lks_buffer_free(&buffer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(escapes_become_blanks),
                                       cmocka_unit_test(long_text_is_cut_between_characters),
                                       cmocka_unit_test(random_bytes_show_nothing_hidden)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
