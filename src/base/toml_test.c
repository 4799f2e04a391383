/* toml_test.c - what is read, and what is refused with its line */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/toml.h"

static struct lks_buffer out;

static int found(void *context, const struct lks_toml_item *item, struct lks_error *err)
{
    static const char types[] = "snbta";
    (void)context;
    (void)err;
    lks_buffer_format(&out, "%u %u%s %.*s", item->line, item->table_number,
                      item->repeated ? "*" : "", (int)item->table.size_bytes, item->table.data);
    if (item->key.data) {
        lks_buffer_format(&out, ".%.*s %c", (int)item->key.size_bytes, item->key.data,
                          types[item->type]);
        if (item->type != LKS_TOML_ARRAY)
            lks_buffer_format(&out, " %.*s", (int)item->value.size_bytes, item->value.data);
        for (size_t i = 0; i < item->elements_count; i++)
            lks_buffer_format(&out, " %c:%.*s", types[item->element_types[i]],
                              (int)item->elements[i].size_bytes, item->elements[i].data);
    }
    lks_buffer_byte(&out, '\n');
    return 0;
}

static void gives(const char *text, const char *wanted)
{
    struct lks_error err = {0};
    lks_buffer_clear(&out);
    int code = lks_toml_read("f", lks_str_from(text), found, NULL, &err);
    if (code)
        print_error("%s\n", err.message);
    assert_int_equal(code, 0);
    lks_buffer_byte(&out, 0);
    assert_string_equal(out.data, wanted);
}

static void reads(void **state)
{
    (void)state;
    gives("", "");
    gives("\xef\xbb\xbf# a comment\r\n\r\na = 'x\\y' # more\r\n\"b c\" = \"q\\\"\\u0103\\\\ #\"",
          "3 0 .a s x\\y\n4 0 .b c s q\"\xc4\x83\\ #\n");
    gives("n = -12\nd = 1.5\nt = true\nday = 2024-11-24\nat = 2024-11-24T10:00:00Z\n",
          "1 0 .n n -12\n2 0 .d n 1.5\n3 0 .t b true\n4 0 .day t 2024-11-24\n"
          "5 0 .at t 2024-11-24T10:00:00Z\n");
    gives("[one]\na = []\nb = [ \"x\", # why\n  'y',\n 3, ]\n[[two]]\na = 1\n[[two]]\na = 2\n",
          "1 1 one\n2 1 one.a a\n3 1 one.b a s:x s:y n:3\n6 2* two\n7 2* two.a n 1\n8 3* two\n"
          "9 3* two.a n 2\n");
}

static void refuses(void **state)
{
    static const char *const cases[][2] = {
        {"a", "line 1: is not of the form: name = value"},
        {"\n\na = ", "line 3: has no value"},
        {"a = word", "line 1: is no value"},
        {"a = \"x", "line 1: the quote is never closed"},
        {"a = \"x\nb = \"y\"", "line 1: the quote is never closed"},
        {"a = \"\\q\"", "line 1: no such escape"},
        {"a = \"\\ud800\"", "line 1: no such escape"},
        {"a = \"x\" y", "line 1: something stands behind"},
        {"a = \"\"\"x\"\"\"", "line 1: strings of several lines"},
        {"a = {b = 1}", "line 1: tables in braces"},
        {"a.b = 1", "line 1: names with points"},
        {"a = [1, [2]]", "line 1: lists in lists"},
        {"a = [1 2]", "line 1: a comma is missing"},
        {"a = [1,\n2", "line 2: a comma is missing"},
        {"a = [1,\n", "line 2: the list is never closed"},
        {"a = 1\na = 2", "line 2: stands there for the second time"},
        {"[a]\n[a]", "line 2: stands there for the second time"},
        {"[a", "line 1: a bracket is missing"},
        {"[[a]", "line 1: a bracket is missing"},
        {"\"\" = 1", "line 1: a name is empty"},
        {"a = \"\x01\"", "line 1: a control character"},
        {"a = \"\xff\"", "line 1: is not UTF-8"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lks_error err = {0};
        lks_buffer_clear(&out);
        assert_int_equal(lks_toml_read("f", lks_str_from(cases[i][0]), found, NULL, &err),
                         LKS_EARGUMENT);
        if (!strstr(err.message, cases[i][1]))
            print_error("%s\ngave\n%s\n", cases[i][0], err.message);
        assert_non_null(strstr(err.message, cases[i][1]));
    }
}

static int stop(void *context, const struct lks_toml_item *item, struct lks_error *err)
{
    (void)context;
    (void)item;
    return lks_error_set(err, LKS_EINPUT, "stopped");
}

static void stops_when_told(void **state)
{
    struct lks_error err = {0};
    (void)state;
    assert_int_equal(lks_toml_read("f", LKS_STR("a = 1\nb ="), stop, NULL, &err), LKS_EINPUT);
}

static void bears_anything(void **state)
{
    static const char parts[][8] = {"a",  "b", "=", " ", "\n", "\"",    "'",  "[", "]",    "[[",
                                    "]]", "#", ",", "1", "-",  "\\u00", "\\", "{", "\r\n", "."};
    struct lks_rng rng;
    (void)state;
    lks_rng_init(&rng, 11, 0);
    for (int round = 0; round < 30000; round++) {
        char text[256];
        struct lks_error err = {0};
        size_t size = 0;
        for (size_t n = lks_rng_below(&rng, 24); n > 0; n--)
            size += (size_t)snprintf(text + size, sizeof text - size, "%s",
                                     parts[lks_rng_below(&rng, sizeof parts / sizeof *parts)]);
        lks_buffer_clear(&out);
        int code = lks_toml_read("f", (struct lks_str){text, size}, found, NULL, &err);
        assert_true(code == 0 || code == LKS_EARGUMENT);
        assert_int_equal(code == 0, err.message[0] == 0);
    }
}

static int teardown(void **state)
{
    (void)state;
    lks_buffer_free(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(refuses),
                                       cmocka_unit_test(stops_when_told),
                                       cmocka_unit_test(bears_anything)};
    return cmocka_run_group_tests(tests, NULL, teardown);
}
