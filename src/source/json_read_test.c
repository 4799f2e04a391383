/* json_read_test.c - the JSON reader against jansson, on thousands of made and damaged documents */
#include "source/json_read.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/rng.h"
#include "base/utf8.h"

/* ---- making documents ---- */

static void make_space(struct lks_rng *rng, struct lks_buffer *out)
{
    static const char blanks[] = " \t\r\n";
    while (lks_rng_below(rng, 4) == 0)
        lks_buffer_byte(out, blanks[lks_rng_below(rng, 4)]);
}

static void make_string(struct lks_rng *rng, struct lks_buffer *out)
{
    static const char *const pieces[] = {
        "a",
        "Zz",
        " ",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\b",
        "\\f",
        "\\r",
        "\\t",
        "\\u0041",
        "\\u00e9",
        "\\u20AC",
        "\\ud83d\\ude00",
        "é",
        "Ж",
        "漢",
        "😀",
        "{}[],:",
        "0123456789abcdef",
        "plain text that is longer than one block of sixteen bytes"};
    lks_buffer_byte(out, '"');
    for (uint64_t n = lks_rng_below(rng, 6); n; n--)
        lks_buffer_text(out, pieces[lks_rng_below(rng, sizeof pieces / sizeof *pieces)]);
    lks_buffer_byte(out, '"');
}

static void make_value(struct lks_rng *rng, struct lks_buffer *out, int depth)
{
    static const char *const scalars[] = {"null",
                                          "true",
                                          "false",
                                          "0",
                                          "-0",
                                          "12",
                                          "-7",
                                          "1.5",
                                          "0.25e2",
                                          "1E-3",
                                          "7437000000000000001",
                                          "9223372036854775807"};
    make_space(rng, out);
    uint64_t pick = lks_rng_below(rng, depth > 0 ? 6 : 3);
    if (pick < 1) {
        lks_buffer_text(out, scalars[lks_rng_below(rng, sizeof scalars / sizeof *scalars)]);
    } else if (pick < 3) {
        make_string(rng, out);
    } else {
        int object = pick < 5;
        lks_buffer_byte(out, object ? '{' : '[');
        uint64_t n = lks_rng_below(rng, 6);
        for (uint64_t i = 0; i < n; i++) {
            if (i)
                lks_buffer_byte(out, ',');
            if (object) {
                make_space(rng, out);
                make_string(rng, out);
                make_space(rng, out);
                lks_buffer_byte(out, ':');
            }
            make_value(rng, out, depth - 1);
        }
        make_space(rng, out);
        lks_buffer_byte(out, object ? '}' : ']');
    }
    make_space(rng, out);
}

static void damage(struct lks_rng *rng, struct lks_buffer *text)
{
    static const char bytes[] = "{}[]\",:\\/ntu0123456789eE+-. x\n\x01\x7f\x80\xc3\xff";
    for (uint64_t n = 1 + lks_rng_below(rng, 3); n && text->size_bytes; n--) {
        size_t at = (size_t)lks_rng_below(rng, text->size_bytes);
        char byte = bytes[lks_rng_below(rng, sizeof bytes - 1)];
        switch (lks_rng_below(rng, 4)) {
        case 0:
            text->data[at] = byte;
            break;
        case 1:
            memmove(text->data + at, text->data + at + 1, text->size_bytes - at - 1);
            text->size_bytes--;
            break;
        case 2:
            lks_buffer_byte(text, 0);
            memmove(text->data + at + 1, text->data + at, text->size_bytes - at - 1);
            text->data[at] = byte;
            break;
        default:
            if (lks_rng_below(rng, 4) == 0)
                text->size_bytes = at;
        }
    }
}

/* ---- reading into jansson's tree with our reader ---- */

static json_t *number(struct lks_str text)
{
    char copy[128];
    if (text.size_bytes >= sizeof copy)
        return json_real(0);
    memcpy(copy, text.data, text.size_bytes);
    copy[text.size_bytes] = 0;
    return strpbrk(copy, ".eE") ? json_real(strtod(copy, NULL))
                                : json_integer(strtoll(copy, NULL, 10));
}

static json_t *tree(struct lks_json_reader *reader)
{
    json_t *result = NULL;
    struct lks_str key;
    if (lks_json_enter_object(reader)) {
        result = json_object();
        while (lks_json_member(reader, &key))
            json_object_setn_new_nocheck(result, key.data, key.size_bytes, tree(reader));
        return result;
    }
    if (lks_json_enter_array(reader)) {
        result = json_array();
        while (lks_json_element(reader))
            json_array_append_new(result, tree(reader));
        return result;
    }
    struct lks_json_value value = lks_json_read(reader);
    switch (value.type) {
    case LKS_JSON_STRING:
        return json_stringn_nocheck(value.text.data, value.text.size_bytes);
    case LKS_JSON_NUMBER:
        return number(value.text);
    case LKS_JSON_TRUE:
        return json_true();
    case LKS_JSON_FALSE:
        return json_false();
    default:
        return json_null();
    }
}

/* Walks at random: enters, leaves early, passes over; the verdict must not depend on it. */
static int verdict_of_random_walk(struct lks_str text, struct lks_arena *arena, struct lks_rng *rng)
{
    struct lks_json_reader reader;
    struct lks_str key;
    int objects[LKS_JSON_DEPTH_MAX];
    unsigned depth = 0;
    lks_json_open(&reader, text, arena, 0);
    for (int steps = 0; steps < 200; steps++) {
        uint64_t pick = lks_rng_below(rng, 8);
        if (pick < 4 && depth < LKS_JSON_DEPTH_MAX && lks_json_enter_object(&reader))
            objects[depth++] = 1;
        else if (pick < 4 && depth < LKS_JSON_DEPTH_MAX && lks_json_enter_array(&reader))
            objects[depth++] = 0;
        else if (pick == 4)
            lks_json_read(&reader);
        if (depth == 0)
            break;
        if (pick == 5) {
            lks_json_leave(&reader);
            depth--;
        } else if (!(objects[depth - 1] ? lks_json_member(&reader, &key)
                                        : lks_json_element(&reader))) {
            depth--;
        }
        if (depth == 0 || reader.reason)
            break;
    }
    return lks_json_close(&reader, NULL);
}

static void compare(struct lks_str text, struct lks_arena *arena, struct lks_rng *rng,
                    unsigned *accepted, unsigned *refused)
{
    struct lks_json_reader reader, skipper;
    json_error_t error;
    json_t *theirs =
        json_loadb(text.data, text.size_bytes, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    lks_json_open(&reader, text, arena, 0);
    json_t *ours = tree(&reader);
    const char *reason = NULL;
    int code = lks_json_close(&reader, &reason);
    assert_int_equal(reason != NULL, code != 0);

    lks_json_open(&skipper, text, arena, 0);
    assert_int_equal(lks_json_close(&skipper, NULL), code);
    assert_int_equal(verdict_of_random_walk(text, arena, rng), code);

    if (theirs) {
        if (code != 0)
            print_error("refused (%s): %.*s\n", reason, (int)text.size_bytes, text.data);
        assert_int_equal(code, 0);
        assert_int_equal(reader.replaced_count, 0);
        assert_true(json_equal(ours, theirs));
        ++*accepted;
    } else if (code == 0) {
        /* Where we take what jansson does not: broken UTF-8 and halves of surrogates (taken
         * as U+FFFD and counted), numbers that no double holds, U+0000 in a name. */
        enum json_error_code why = json_error_code(&error);
        int known = reader.replaced_count > 0 || why == json_error_numeric_overflow ||
                    why == json_error_null_byte_in_key || why == json_error_null_character;
        if (!known)
            print_error("accepted (%s): %.*s\n", error.text, (int)text.size_bytes, text.data);
        assert_true(known);
    } else {
        ++*refused;
    }
    json_decref(theirs);
    json_decref(ours);
}

static void test_against_jansson(void **state)
{
    (void)state;
    struct lks_arena arena = {0};
    struct lks_buffer text = {0};
    unsigned accepted = 0, refused = 0;
    for (uint64_t task = 0; task < 30000; task++) {
        struct lks_rng rng;
        lks_rng_init(&rng, 20241124, task);
        lks_buffer_clear(&text);
        make_value(&rng, &text, 1 + (int)(task % 6));
        if (task % 3)
            damage(&rng, &text);
        /* An exact copy, so that the address sanitizer sees a read past the end. */
        char *exact = malloc(text.size_bytes ? text.size_bytes : 1);
        assert_non_null(exact);
        memcpy(exact, text.data, text.size_bytes);
        compare((struct lks_str){exact, text.size_bytes}, &arena, &rng, &accepted, &refused);
        free(exact);
        lks_arena_reset(&arena);
    }
    assert_true(accepted > 10000);
    assert_true(refused > 5000);
    lks_buffer_free(&text);
    lks_arena_free(&arena);
}

/* ---- what jansson cannot tell ---- */

static struct lks_str read_string(const char *text, size_t size_bytes, unsigned flags,
                                  struct lks_arena *arena, struct lks_json_reader *reader)
{
    lks_json_open(reader, (struct lks_str){text, size_bytes}, arena, flags);
    struct lks_json_value value = lks_json_read(reader);
    return value.type == LKS_JSON_STRING ? value.text : LKS_STR_NULL;
}

static void test_hex_escapes(void **state)
{
    (void)state;
    struct lks_arena arena = {0};
    struct lks_json_reader reader;
    static const char text[] = "\"tab \\x0B and \\x1f and \\xE9 \\n\"";
    struct lks_str got = read_string(text, sizeof text - 1, LKS_JSON_HEX_ESCAPES, &arena, &reader);
    assert_true(lks_str_equal_text(got, "tab \x0b and \x1f and \xc3\xa9 \n"));
    assert_int_equal(reader.hex_escapes_count, 3);
    assert_int_equal(lks_json_close(&reader, NULL), 0);
    assert_null(read_string(text, sizeof text - 1, 0, &arena, &reader).data);
    assert_int_equal(lks_json_close(&reader, NULL), LKS_EINPUT);
    assert_null(read_string("\"\\x1\"", 5, LKS_JSON_HEX_ESCAPES, &arena, &reader).data);
    assert_null(read_string("\"\\xg1\"", 6, LKS_JSON_HEX_ESCAPES, &arena, &reader).data);
    lks_arena_free(&arena);
}

static void test_replacement(void **state)
{
    (void)state;
    struct lks_arena arena = {0};
    struct lks_json_reader reader;
    static const struct {
        const char *text, *want;
        unsigned replaced;
    } cases[] = {
        {"\"a\xff"
         "b\"",
         "a\xef\xbf\xbd"
         "b",
         1},
        {"\"\xc3\"", "\xef\xbf\xbd", 1},
        {"\"\xed\xa0\x80\"", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 3},
        {"\"\\ud83d\"", "\xef\xbf\xbd", 1},
        {"\"\\ude00\\ud83d\"", "\xef\xbf\xbd\xef\xbf\xbd", 2},
        {"\"\\ud83d\\u0041\"",
         "\xef\xbf\xbd"
         "A",
         1},
        {"\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80", 1},
        {"\"\xff\\n\xff\"", "\xef\xbf\xbd\n\xef\xbf\xbd", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lks_str got = read_string(cases[i].text, strlen(cases[i].text), 0, &arena, &reader);
        assert_true(lks_str_equal_text(got, cases[i].want));
        assert_int_equal(reader.replaced_count, cases[i].replaced);
        assert_int_equal(lks_json_close(&reader, NULL), 0);
    }
    lks_arena_free(&arena);
}

static void test_borrows_plain_strings(void **state)
{
    (void)state;
    struct lks_arena arena = {0};
    struct lks_json_reader reader;
    static const char text[] = "\"plain \xd0\x96 text\"";
    struct lks_str got = read_string(text, sizeof text - 1, 0, &arena, &reader);
    assert_ptr_equal(got.data, text + 1);
    assert_int_equal(arena.used_bytes, 0);
    lks_arena_free(&arena);
}

static void test_depth(void **state)
{
    (void)state;
    struct lks_arena arena = {0};
    char text[2 * (LKS_JSON_DEPTH_MAX + 1)];
    for (size_t depth = LKS_JSON_DEPTH_MAX - 1; depth <= LKS_JSON_DEPTH_MAX + 1; depth++) {
        struct lks_json_reader reader;
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        int want = depth <= LKS_JSON_DEPTH_MAX ? 0 : LKS_EINPUT;
        lks_json_open(&reader, (struct lks_str){text, 2 * depth}, &arena, 0);
        assert_int_equal(lks_json_close(&reader, NULL), want);
        lks_json_open(&reader, (struct lks_str){text, 2 * depth}, &arena, 0);
        while (lks_json_enter_array(&reader) && lks_json_element(&reader))
            continue;
        assert_int_equal(lks_json_close(&reader, NULL), want);
    }
    lks_arena_free(&arena);
}

static void test_memory(void **state)
{
    (void)state;
    struct lks_arena arena = {.limit_bytes = 16};
    struct lks_json_reader reader;
    static const char text[] = "{\"a\":\"more than sixteen bytes and an escape\\n\"}";
    struct lks_str key;
    lks_json_open(&reader, (struct lks_str){text, sizeof text - 1}, &arena, 0);
    assert_true(lks_json_enter_object(&reader));
    while (lks_json_member(&reader, &key))
        assert_int_equal(lks_json_read(&reader).type, LKS_JSON_NONE);
    assert_int_equal(lks_json_close(&reader, NULL), LKS_EMEMORY);
    lks_arena_free(&arena);
}

static void test_paths(void **state)
{
    (void)state;
    struct lks_arena arena = {0};
    struct lks_str text =
        LKS_STR("{\"id\":7437000000000000001,\"user\":{\"id\":\"u1\",\"name\":\"A\\n\","
                "\"deep\":{\"er\":[10,{\"x\":true}]}},\"user.dotted\":5,"
                "\"list\":[[1,2],[3]],\"twice\":1,\"twice\":2,\"none\":null}");
    static const char *const names[] = {
        "id",          "user.id",        "user.name",     "user.deep.er.1.x",
        "user.dotted", "list.1.0",       "list.1",        "user.deep",
        "twice",       "none",           "absent",        "user.absent",
        "id.x",        "user.deep.er.0", "user.deep.er.2"};
    static const char *const want[] = {"7437000000000000001",
                                       "u1",
                                       "A\n",
                                       "true",
                                       "5",
                                       "3",
                                       "[3]",
                                       "{\"er\":[10,{\"x\":true}]}",
                                       "2",
                                       "null",
                                       NULL,
                                       NULL,
                                       NULL,
                                       "10",
                                       NULL};
    enum { COUNT = sizeof names / sizeof *names };
    struct lks_str paths[COUNT];
    struct lks_json_value values[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        paths[i] = lks_str_from(names[i]);
    assert_int_equal(lks_json_get_paths(text, paths, COUNT, values, &arena, 0, NULL), 0);
    for (size_t i = 0; i < COUNT; i++) {
        struct lks_json_value one;
        assert_int_equal(lks_json_get(text, paths[i], &one, &arena, 0, NULL), 0);
        assert_int_equal(one.type, values[i].type);
        if (!want[i])
            assert_int_equal(values[i].type, LKS_JSON_NONE);
        else
            assert_true(lks_str_equal_text(values[i].text, want[i]));
    }
    assert_int_equal(lks_json_get(LKS_STR("{\"id\":1"), LKS_STR("id"), values, &arena, 0, NULL),
                     LKS_EINPUT);
    assert_int_equal(lks_json_get(LKS_STR("[1]"), LKS_STR("0"), values, &arena, 0, NULL), 0);
    assert_true(lks_str_equal_text(values[0].text, "1"));
    assert_int_equal(lks_json_get(LKS_STR("17"), LKS_STR("0"), values, &arena, 0, NULL), 0);
    assert_int_equal(values[0].type, LKS_JSON_NONE);
    lks_arena_free(&arena);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
        const char *digits;
    } ids[] = {
        {"7437000000000000001", 0, "7437000000000000001"},
        {" 42 ", 0, "42"},
        {"0", 1, NULL},
        {"", 1, NULL},
        {"8.01E+17", 2, NULL},
        {"7.4e18", 2, NULL},
        {"8E17", 2, NULL},
        {"123.0", 0, "123"},
        {"1234567890123456.0", 2, NULL},
        {"1.5", 2, NULL},
        {"abc", 1, NULL},
        {"-5", 1, NULL},
        {"12a", 1, NULL},
        {"nan", 1, NULL},
    };
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct lks_str digits;
        assert_int_equal(lks_id_parse(lks_str_from(ids[i].text), &digits), ids[i].code);
        assert_true(lks_str_equal(digits, lks_str_from(ids[i].digits)));
    }
    int64_t n = 0;
    struct lks_json_value value = {LKS_JSON_NUMBER, LKS_STR("-9223372036854775807")};
    assert_int_equal(lks_json_int64(value, &n), 0);
    assert_true(n == -INT64_MAX);
    value.text = LKS_STR("9223372036854775808");
    assert_int_equal(lks_json_int64(value, &n), -1);
    value.text = LKS_STR("1.0");
    assert_int_equal(lks_json_int64(value, &n), -1);
    value = (struct lks_json_value){LKS_JSON_STRING, LKS_STR("1731330000")};
    assert_int_equal(lks_json_int64(value, &n), 0);
    assert_true(n == 1731330000);
    value.type = LKS_JSON_TRUE;
    assert_int_equal(lks_json_int64(value, &n), -1);
}

/* As many paths at once as may be asked for, each with the value of its own member, one level down too. */
static void test_most_paths(void **state)
{
    char names[LKS_JSON_PATHS_MAX][16];
    struct lks_str paths[LKS_JSON_PATHS_MAX];
    struct lks_json_value values[LKS_JSON_PATHS_MAX];
    struct lks_arena arena = {0};
    struct lks_buffer text = {0};
    (void)state;
    lks_buffer_text(&text, "{\"in\":{");
    for (int i = 1; i < LKS_JSON_PATHS_MAX; i += 2)
        lks_buffer_format(&text, "%s\"b%d\":%d", i > 1 ? "," : "", i, i);
    lks_buffer_text(&text, "}");
    for (int i = 0; i < LKS_JSON_PATHS_MAX; i++) {
        if (i % 2 == 0)
            lks_buffer_format(&text, ",\"a%d\":%d", i, i);
        snprintf(names[i], sizeof names[i], i % 2 ? "in.b%d" : "a%d", i);
        paths[i] = lks_str_from(names[i]);
    }
    lks_buffer_text(&text, "}");
    struct lks_str whole = {text.data, text.size_bytes};
    assert_int_equal(lks_json_get_paths(whole, paths, LKS_JSON_PATHS_MAX, values, &arena, 0, NULL),
                     0);
    for (int i = 0; i < LKS_JSON_PATHS_MAX; i++) {
        int64_t n = -1;
        assert_int_equal(lks_json_int64(values[i], &n), 0);
        assert_int_equal(n, i);
    }
    lks_buffer_free(&text);
    lks_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_jansson), cmocka_unit_test(test_hex_escapes),
        cmocka_unit_test(test_replacement),     cmocka_unit_test(test_borrows_plain_strings),
        cmocka_unit_test(test_depth),           cmocka_unit_test(test_memory),
        cmocka_unit_test(test_paths),           cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_most_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
