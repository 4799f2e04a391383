/* frame_json_test.c - records of JSON documents, against a slow framer written from the definition */
#include "source/frame_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "record/record.h"
#include "source/json_read.h"

/* Frames as lines of text, so that two lists are compared at once. */
static void note(struct lks_buffer *out, int kind, uint64_t offset, uint64_t length, uint64_t line,
                 struct lks_str array_name, struct lks_str outer)
{
    lks_buffer_format(out, "%d %llu+%llu line %llu %.*s %.*s\n", kind, (unsigned long long)offset,
                      (unsigned long long)length, (unsigned long long)line,
                      (int)array_name.size_bytes, array_name.data, (int)outer.size_bytes,
                      outer.data);
}

/* ---- the slow framer: the whole text in memory, recursion, the reader for the grammar ---- */

struct slow {
    const char *start;
    struct lks_buffer *out;
    int had_array;
};

static uint64_t line_of(const struct slow *slow, const char *at)
{
    uint64_t line = 1;
    for (const char *p = slow->start; p < at; p++)
        line += *p == '\n';
    return line;
}

static void slow_note(struct slow *slow, struct lks_str raw, const char *name, const char *outer)
{
    note(slow->out, LKS_JSON_FRAME_RECORD, (uint64_t)(raw.data - slow->start), raw.size_bytes,
         line_of(slow, raw.data), lks_str_from(name), lks_str_from(outer));
}

static int is_record_array(const char *path)
{
    for (size_t i = 0; lks_json_record_arrays[i]; i++)
        if (strcmp(lks_json_record_arrays[i], path) == 0)
            return 1;
    return 0;
}

/* scalars: of the object around; document: of the document, before this object. */
static void slow_value(struct slow *slow, struct lks_str raw, const char *path, const char *scalars,
                       const char *document, int level)
{
    struct lks_json_reader reader;
    struct lks_arena arena = {0};
    lks_json_open(&reader, raw, &arena, 0);
    if (lks_json_enter_array(&reader)) {
        int records = level > 0 && is_record_array(path);
        struct lks_buffer outer = {0};
        lks_buffer_format(&outer, "{%s", scalars);
        if (level > 1)
            lks_buffer_format(&outer, "%s\"document\":{%s}", *scalars ? "," : "", document);
        lks_buffer_text(&outer, "}");
        lks_buffer_byte(&outer, 0);
        slow->had_array |= records;
        while (lks_json_element(&reader)) {
            struct lks_str element = lks_json_skip(&reader);
            if (records)
                slow_note(slow, element, strrchr(path, '.') ? strrchr(path, '.') + 1 : path,
                          outer.data);
            else
                slow_value(slow, element, path, "", level > 1 ? document : scalars, level + 1);
        }
        lks_buffer_free(&outer);
    } else if (lks_json_enter_object(&reader)) {
        struct lks_buffer own = {0};
        struct lks_str key;
        lks_buffer_byte(&own, 0);
        while (lks_json_member(&reader, &key)) {
            enum lks_json_type type = lks_json_peek(&reader);
            struct lks_str member = lks_json_skip(&reader);
            if (type == LKS_JSON_ARRAY || type == LKS_JSON_OBJECT) {
                char below[512];
                snprintf(below, sizeof below, "%s%s%.*s", path, *path ? "." : "",
                         (int)key.size_bytes, key.data);
                slow_value(slow, member, below, own.data, level ? document : own.data, level + 1);
                continue;
            }
            own.size_bytes--;
            lks_buffer_format(&own, "%s\"%.*s\":%.*s", own.size_bytes ? "," : "",
                              (int)key.size_bytes, key.data, (int)member.size_bytes, member.data);
            lks_buffer_byte(&own, 0);
        }
        lks_buffer_free(&own);
    }
    lks_arena_free(&arena);
}

static void slow_document(struct slow *slow, struct lks_str raw)
{
    slow->had_array = 0;
    slow_value(slow, raw, "", "", "", 0);
    if (!slow->had_array)
        slow_note(slow, raw, "", "{}");
}

/* ---- making documents ---- */

static void space(struct lks_rng *rng, struct lks_buffer *out)
{
    static const char blanks[] = " \n\r\t";
    while (lks_rng_below(rng, 3) == 0)
        lks_buffer_byte(out, blanks[lks_rng_below(rng, 4)]);
}

static void make_value(struct lks_rng *rng, struct lks_buffer *out, int depth)
{
    static const char *const names[] = {"messages", "data",     "videos",     "comments", "chats",
                                        "list",     "itemList", "left_chats", "name",     "x"};
    static const char *const scalars[] = {
        "null",
        "1",
        "-2.5e3",
        "\"\"",
        "\"a\"",
        "\"{[]}\"",
        "\"\\\"\\\\\"",
        "\"\\\\\"",
        "\"],[\"",
        "\"\\u005c\\\\\\\"}\"",
        "true",
        "\"a string that is longer than a block of sixty-four bytes, with { and [ in it\""};
    space(rng, out);
    if (depth == 0 || lks_rng_below(rng, 3) == 0) {
        lks_buffer_text(out, scalars[lks_rng_below(rng, sizeof scalars / sizeof *scalars)]);
        return;
    }
    int object = lks_rng_below(rng, 5) < 3;
    lks_buffer_byte(out, object ? '{' : '[');
    uint64_t n = lks_rng_below(rng, 5);
    for (uint64_t i = 0; i < n; i++) {
        if (i)
            lks_buffer_byte(out, ',');
        space(rng, out);
        if (object) {
            lks_buffer_format(out, "\"%s\"", names[lks_rng_below(rng, 10)]);
            space(rng, out);
            lks_buffer_byte(out, ':');
        }
        make_value(rng, out, depth - 1);
        space(rng, out);
    }
    space(rng, out);
    lks_buffer_byte(out, object ? '}' : ']');
}

/* Shapes that hold record arrays, which chance alone seldom makes. */
static void make_document(struct lks_rng *rng, struct lks_buffer *out)
{
    static const char *const opening[] = {
        "{\"name\":\"n\",\"id\":5,\"messages\":",
        "{\"about\":\"a\",\"chats\":{\"about\":\"b\",\"list\":[{\"id\":1,\"x\":[1],\"type\":\"t\","
        "\"messages\":",
        "{\"data\":{\"cursor\":1,\"videos\":",
        "{\"data\":{\"comments\":",
        "{\"itemList\":",
        "{\"chats\":{\"list\":[{},{\"y\":{\"z\":1},\"messages\":"};
    static const char *const closing[] = {",\"later\":1}",
                                          ",\"k\":2}]},\"l\":[]}",
                                          ",\"m\":true}}",
                                          "},\"error\":{\"code\":\"ok\"}}",
                                          "}",
                                          "}]}}"};
    uint64_t shape = lks_rng_below(rng, 12);
    if (shape >= 6) {
        make_value(rng, out, 1 + (int)lks_rng_below(rng, 4));
        return;
    }
    lks_buffer_text(out, opening[shape]);
    lks_buffer_byte(out, '[');
    for (uint64_t n = lks_rng_below(rng, 4); n; n--) {
        make_value(rng, out, (int)lks_rng_below(rng, 4));
        if (n > 1)
            lks_buffer_byte(out, ',');
    }
    space(rng, out);
    lks_buffer_byte(out, ']');
    lks_buffer_text(out, closing[shape]);
}

/* ---- the framer, fed by pieces ---- */

static int note_frame(void *context, const struct lks_json_frame *frame, struct lks_error *err)
{
    (void)err;
    note(context, (int)frame->kind, frame->offset_bytes, frame->length_bytes, frame->line,
         frame->array_name, frame->outer);
    lks_buffer_append(context, frame->start.data, frame->start.size_bytes);
    return 0;
}

static int feed_pieces(struct lks_str text, size_t piece_max, struct lks_rng *rng,
                       struct lks_buffer *out)
{
    struct lks_json_framer framer;
    size_t end = 0;
    int rc = 0, last;
    lks_json_framer_init(&framer);
    do {
        size_t piece = 1 + (size_t)lks_rng_below(rng, piece_max);
        end = text.size_bytes - end < piece ? text.size_bytes : end + piece;
        last = end == text.size_bytes;
        /* An exact copy of the window, so that the address sanitizer sees a look outside. */
        size_t start = (size_t)framer.keep_offset;
        char *window = malloc(end - start ? end - start : 1);
        assert_non_null(window);
        memcpy(window, text.data + start, end - start);
        rc = lks_json_framer_feed(&framer, (struct lks_str){window, end - start}, start, last,
                                  note_frame, out, NULL);
        free(window);
    } while (rc == 0 && !last);
    lks_json_framer_free(&framer);
    lks_buffer_byte(out, 0);
    return rc;
}

static void test_against_slow(void **state)
{
    (void)state;
    struct lks_buffer text = {0}, want = {0}, got = {0};
    unsigned arrays = 0;
    for (uint64_t task = 0; task < 20000; task++) {
        struct lks_rng rng;
        lks_rng_init(&rng, 77, task);
        lks_buffer_clear(&text);
        lks_buffer_clear(&want);
        size_t starts[8], ends[8], documents = 1 + lks_rng_below(&rng, 3);
        int array = task % 4 == 0;
        lks_buffer_text(&text, array ? "[" : "");
        for (size_t i = 0; i < documents; i++) {
            lks_buffer_text(&text, i == 0 ? "" : array ? "," : "\n");
            space(&rng, &text);
            starts[i] = text.size_bytes;
            make_document(&rng, &text);
            ends[i] = text.size_bytes;
        }
        lks_buffer_text(&text, array ? "]" : "");
        struct slow slow = {text.data, &want, 0};
        for (size_t i = 0; i < documents; i++) {
            struct lks_str raw = {text.data + starts[i], ends[i] - starts[i]};
            while (raw.size_bytes && strchr(" \t\r\n", *raw.data))
                raw.data++, raw.size_bytes--;
            struct lks_json_reader reader;
            lks_json_open(&reader, raw, NULL, 0);
            /* A bare array among documents is a list of documents. */
            if (!array && lks_json_enter_array(&reader))
                while (lks_json_element(&reader))
                    slow_document(&slow, lks_json_skip(&reader));
            else
                slow_document(&slow, raw);
        }
        lks_buffer_byte(&want, 0);
        arrays += strstr(want.data, " messages ") != NULL || strstr(want.data, " videos ") != NULL;
        static const size_t pieces[] = {1, 3, 70, 1000000};
        for (size_t i = 0; i < 4; i++) {
            lks_buffer_clear(&got);
            int rc =
                feed_pieces((struct lks_str){text.data, text.size_bytes}, pieces[i], &rng, &got);
            if (rc != 0 || strcmp(want.data, got.data) != 0)
                print_error("%.*s\nwant\n%s\ngot %d\n%s\n", (int)text.size_bytes, text.data,
                            want.data, rc, got.data);
            assert_int_equal(rc, 0);
            assert_string_equal(want.data, got.data);
        }
    }
    assert_true(arrays > 2000);
    lks_buffer_free(&text);
    lks_buffer_free(&want);
    lks_buffer_free(&got);
}

/* Damaged text: whatever the framer makes of it, it makes the same of it in any pieces. */
static void test_pieces_do_not_matter(void **state)
{
    (void)state;
    static const char bytes[] = "{}[]\",:\\\n a1";
    struct lks_buffer text = {0}, want = {0}, got = {0};
    unsigned failed = 0;
    for (uint64_t task = 0; task < 20000; task++) {
        struct lks_rng rng;
        lks_rng_init(&rng, 78, task);
        lks_buffer_clear(&text);
        lks_buffer_clear(&want);
        int array = task % 3 == 0;
        lks_buffer_text(&text, array ? "[" : "");
        for (uint64_t n = 1 + lks_rng_below(&rng, 4); n; n--) {
            make_document(&rng, &text);
            lks_buffer_text(&text, !array ? "\n" : n > 1 ? ", " : "]");
        }
        for (uint64_t n = 1 + lks_rng_below(&rng, 3); n; n--)
            text.data[lks_rng_below(&rng, text.size_bytes)] = bytes[lks_rng_below(&rng, 12)];
        if (task % 5 == 0)
            text.size_bytes = (size_t)lks_rng_below(&rng, text.size_bytes);
        struct lks_str all = {text.data, text.size_bytes};
        int rc = feed_pieces(all, 1, &rng, &want);
        failed += rc != 0;
        for (size_t piece = 2; piece < 2000000; piece *= piece < 200 ? 3 : 90) {
            lks_buffer_clear(&got);
            assert_int_equal(feed_pieces(all, piece, &rng, &got), rc);
            if (strcmp(want.data, got.data) != 0)
                print_error("%.*s\n", (int)all.size_bytes, all.data);
            assert_string_equal(want.data, got.data);
        }
    }
    assert_in_range(failed, 100, 15000);
    lks_buffer_free(&text);
    lks_buffer_free(&want);
    lks_buffer_free(&got);
}

/* The most levels that there may be count from the outermost bracket, whole or in pieces. */
static void test_depth(void **state)
{
    (void)state;
    for (unsigned levels = LKS_JSON_DEPTH_MAX - 3; levels < LKS_JSON_DEPTH_MAX + 3; levels++) {
        struct lks_buffer text = {0}, want = {0}, got = {0};
        struct lks_rng rng;
        lks_rng_init(&rng, 79, levels);
        lks_buffer_text(&text, "[\n{\"a\":");
        for (unsigned i = 0; i < levels; i++)
            lks_buffer_byte(&text, '[');
        for (unsigned i = 0; i < levels; i++)
            lks_buffer_byte(&text, ']');
        lks_buffer_text(&text, "},\n{\"b\":1}\n]");
        struct lks_str all = {text.data, text.size_bytes};
        int rc = feed_pieces(all, 1, &rng, &want);
        assert_int_equal(feed_pieces(all, 1000000, &rng, &got), rc);
        assert_string_equal(want.data, got.data);
        /* Two records, or one that is given up and what follows. */
        assert_true(want.size_bytes > 20);
        lks_buffer_free(&text);
        lks_buffer_free(&want);
        lks_buffer_free(&got);
    }
}

static struct lks_buffer frames_of(const char *text, int want_rc)
{
    struct lks_rng rng;
    struct lks_buffer out = {0};
    lks_rng_init(&rng, 1, 1);
    assert_int_equal(feed_pieces(lks_str_from(text), 1000000, &rng, &out), want_rc);
    return out;
}

static void test_lines_go_on_after_a_broken_one(void **state)
{
    (void)state;
    struct lks_buffer got =
        frames_of("{\"a\":1}\n{\"a\":[1,2}\n{\"a\":2}\n{\"a\":\"no end\n{\"a\":3}\n"
                  "{\"data\":{\"videos\":[{\"id\":1}],\"x\" 1}}\n{\"a\":4",
                  0);
    assert_string_equal(got.data, "0 0+7 line 1  {}\n"
                                  "2 8+9 line 2  {}\n{\"a\":[1,2}"
                                  "0 19+7 line 3  {}\n"
                                  "2 27+12 line 4  {}\n{\"a\":\"no end\n"
                                  "0 40+7 line 5  {}\n"
                                  "0 67+8 line 6 videos {\"document\":{}}\n"
                                  "2 81+0 line 6  {}\n1"
                                  "2 85+6 line 7  {}\n{\"a\":4");
    lks_buffer_free(&got);
}

static void test_endings(void **state)
{
    (void)state;
    static const char *const truncated[] = {"{\"messages\":[{\"id\":1}",
                                            "{\"messages\":[{\"id\":1},",
                                            "{\"messages\":[{\"id\":\"1",
                                            "[{\"id\":1},{\"id\"",
                                            "{\"messages\":[{\"id\":1}],\"x\":}",
                                            "{",
                                            "\"a"};
    static const char *const whole[] = {"",   " \n ", "{\"messages\":[]}",
                                        "[]", "1",    "\xef\xbb\xbf{}"};
    for (size_t i = 0; i < sizeof truncated / sizeof *truncated; i++) {
        struct lks_buffer got = frames_of(truncated[i], LKS_EINPUT);
        lks_buffer_free(&got);
    }
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        struct lks_buffer got = frames_of(whole[i], 0);
        lks_buffer_free(&got);
    }
}

static void test_hex_escapes(void **state)
{
    (void)state;
    struct lks_buffer got = frames_of(
        "{\"name\":\"a\\x1F\",\"messages\":[{\"t\":\"\\x0B\\\"}\"},{\"t\":\"\\x1F\"}]}", 0);
    assert_string_equal(got.data, "0 28+15 line 1 messages {\"name\":\"a\\x1F\"}\n"
                                  "0 44+12 line 1 messages {\"name\":\"a\\x1F\"}\n");
    lks_buffer_free(&got);
}

/* A record beyond the limit: the window stays small while it passes, and the rest is read. */
static int count_long(void *context, const struct lks_json_frame *frame, struct lks_error *err)
{
    unsigned *counts = context;
    (void)err;
    counts[frame->kind]++;
    if (frame->kind == LKS_JSON_FRAME_LONG) {
        assert_true(frame->length_bytes > LKS_ROW_BYTES_MAX);
        assert_int_equal(frame->start.size_bytes, 120);
        assert_memory_equal(frame->start.data, "{\"t\":\"aaa", 9);
    }
    return 0;
}

static void test_long_record(void **state)
{
    (void)state;
    enum { PIECE = 1 << 20 };
    static const char opening[] = "{\"messages\":[{\"t\":\"", closing[] = "\"},{\"t\":1}]}";
    struct lks_json_framer framer;
    unsigned counts[3] = {0};
    uint64_t sent = 0, pieces = LKS_ROW_BYTES_MAX / PIECE + 2;
    size_t window_max = (size_t)LKS_ROW_BYTES_MAX + 4 * PIECE;
    char *window = malloc(window_max);
    assert_non_null(window);
    size_t window_bytes = sizeof opening - 1;
    uint64_t window_offset = 0;
    memcpy(window, opening, window_bytes);
    lks_json_framer_init(&framer);
    for (;;) {
        int last = sent == pieces;
        assert_int_equal(lks_json_framer_feed(&framer, (struct lks_str){window, window_bytes},
                                              window_offset, last, count_long, counts, NULL),
                         0);
        if (last)
            break;
        size_t drop = (size_t)(framer.keep_offset - window_offset);
        memmove(window, window + drop, window_bytes - drop);
        window_bytes -= drop;
        window_offset += drop;
        assert_true(window_bytes + PIECE + sizeof closing < window_max);
        memset(window + window_bytes, 'a', PIECE);
        window_bytes += PIECE;
        if (++sent == pieces) {
            memcpy(window + window_bytes, closing, sizeof closing - 1);
            window_bytes += sizeof closing - 1;
        }
    }
    assert_int_equal(counts[LKS_JSON_FRAME_LONG], 1);
    assert_int_equal(counts[LKS_JSON_FRAME_RECORD], 1);
    assert_int_equal(counts[LKS_JSON_FRAME_BROKEN], 0);
    lks_json_framer_free(&framer);
    free(window);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_slow), cmocka_unit_test(test_pieces_do_not_matter),
        cmocka_unit_test(test_depth),        cmocka_unit_test(test_lines_go_on_after_a_broken_one),
        cmocka_unit_test(test_endings),      cmocka_unit_test(test_hex_escapes),
        cmocka_unit_test(test_long_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
