/* row_test.c - lists, counts, flags, ids, dates and encodings as exports write them */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "source/encoding.h"
#include "source/row.h"
#include "source/source.h"

static void check_list(const char *text, size_t count, const char *const *want)
{
    struct lks_str items[16];
    assert_int_equal(lks_list_split(lks_str_from(text), items, 16), count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(items[i].size_bytes, strlen(want[i]));
        assert_memory_equal(items[i].data, want[i], items[i].size_bytes);
    }
}

#define LIST(text, ...)                                                                            \
    check_list(text, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *),                  \
               (const char *const[]){__VA_ARGS__})

static void lists(void **unused)
{
    (void)unused;
    check_list("", 0, NULL);
    check_list("[]", 0, NULL);
    check_list("[ ]", 0, NULL);
    check_list("{}", 0, NULL);
    check_list(" , ; ", 0, NULL);
    LIST("[a, b]", "a", "b");
    LIST("[New York, b]", "New York", "b");
    LIST("['a', 'b, c']", "a", "b, c");
    LIST("[\"a\", \"it's\"]", "a", "it's");
    LIST("['http://example.com/4', 'http://example.com/6']", "http://example.com/4",
         "http://example.com/6");
    LIST("[http://example.com/a,b;c]", "http://example.com/a,b;c");
    LIST("[http://example.com/a, http://example.com/b]", "http://example.com/a",
         "http://example.com/b");
    LIST("[http://example.com/a,https://example.com/b]", "http://example.com/a",
         "https://example.com/b");
    LIST("http://a.org/x,y http://b.org", "http://a.org/x,y", "http://b.org");
    LIST("a b", "a", "b");
    LIST("a,b", "a", "b");
    LIST("a;b|c", "a", "b", "c");
    LIST("one", "one");
    LIST("{'nl'}", "nl");
    LIST("[a", "[a");
    LIST("['open", "['open"); /* a bracket without its partner encloses nothing */
    LIST("'open", "open");
}

static void lists_end(void **unused)
{
    (void)unused;
    struct lks_str items[3];
    /* No more than asked for, and nothing outside the text, whatever it is. */
    assert_int_equal(lks_list_split(LKS_STR("a,b,c,d,e"), items, 3), 3);
    for (uint64_t seed = 0; seed < 20000; seed++) {
        struct lks_rng rng;
        lks_rng_init(&rng, seed, 1);
        size_t size = lks_rng_below(&rng, 30);
        char *text = malloc(size ? size : 1);
        for (size_t i = 0; i < size; i++)
            text[i] = "[]{}()'\"\\,;| abhttp://"[lks_rng_below(&rng, 22)];
        size_t count = lks_list_split((struct lks_str){text, size}, items, 3);
        for (size_t i = 0; i < count; i++) {
            assert_true(items[i].size_bytes > 0);
            assert_true(items[i].data >= text &&
                        items[i].data + items[i].size_bytes <= text + size);
            assert_true(i == 0 || items[i].data >= items[i - 1].data + items[i - 1].size_bytes);
        }
        free(text);
    }
}

static void counts(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        int64_t want;
    } known[] = {{"12", 12},
                 {"12.0", 12},
                 {"12.", 12},
                 {"1,234", 1234},
                 {"0", 0},
                 {"9223372036854775", INT64_C(9223372036854775)},
                 {"12.5", LKS_COUNT_NULL},
                 {"", LKS_COUNT_NULL},
                 {",", LKS_COUNT_NULL},
                 {"absent", LKS_COUNT_NULL},
                 {"-1", LKS_COUNT_NULL},
                 {"1e3", LKS_COUNT_NULL},
                 {"99999999999999999999", LKS_COUNT_NULL}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(lks_count_parse(lks_str_from(known[i].text)), known[i].want);
    assert_int_equal(lks_flag_parse(LKS_STR("TRUE")), 1);
    assert_int_equal(lks_flag_parse(LKS_STR("1")), 1);
    assert_int_equal(lks_flag_parse(LKS_STR("false")), 0);
    assert_int_equal(lks_flag_parse(LKS_STR("maybe")), -1);
    assert_int_equal(lks_flag_parse(LKS_STR_NULL), -1);
}

static void ids(void **unused)
{
    (void)unused;
    static const char *const lost[] = {"8.01319E+17", "8.0129E+17", "8e17", "8.1e-5", "8E+17"};
    static const char *const sound[] = {"801319", "8.01",       "e17", "E+17",    "8E+",
                                        "8E17x",  "b0b90ae1b0", "",    "7437abc", "1.2.3"};
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++)
        assert_true(lks_id_is_lost(lks_str_from(lost[i])));
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++)
        assert_false(lks_id_is_lost(lks_str_from(sound[i])));
    assert_null(lks_value_or_null(LKS_STR("absent")).data);
    assert_null(lks_value_or_null(LKS_STR("NaN")).data);
    assert_non_null(lks_value_or_null(LKS_STR("0")).data);
}

static void check_date(const char *text, int order, const char *want, int precision)
{
    int64_t time_us = 0;
    enum lks_time_precision read = LKS_PRECISION_SECOND;
    char written[LKS_TIME_TEXT_BYTES];
    int code =
        order < 0 ? lks_time_parse_any(lks_str_from(text), &time_us, &read)
                  : lks_date_parse(lks_str_from(text), (enum lks_date_order)order, &time_us, &read);
    assert_int_equal(code, want ? 0 : -1);
    if (!want)
        return;
    lks_time_format(time_us, written);
    assert_string_equal(written, want);
    assert_int_equal(read, precision);
}

static void dates(void **unused)
{
    (void)unused;
    check_date("10/1/2017 19:58", LKS_DATE_MDY, "2017-10-01T19:58:00Z", LKS_PRECISION_MINUTE);
    check_date("2/24/2015 9:05", LKS_DATE_MDY, "2015-02-24T09:05:00Z", LKS_PRECISION_MINUTE);
    check_date("23-11-2016 06:59", LKS_DATE_DMY, "2016-11-23T06:59:00Z", LKS_PRECISION_MINUTE);
    check_date("23.11.2016", LKS_DATE_DMY, "2016-11-23T00:00:00Z", LKS_PRECISION_DAY);
    check_date("01/02/2016 03:04:05", LKS_DATE_DMY, "2016-02-01T03:04:05Z", LKS_PRECISION_SECOND);
    check_date("23-11-2016 06:59", LKS_DATE_MDY, NULL, 0);
    check_date("30/02/2016 06:59", LKS_DATE_DMY, NULL, 0);
    check_date("08/06/15 07:38:42 AM PDT", LKS_DATE_MDY, NULL, 0);
    check_date("1/1/1969", LKS_DATE_MDY, NULL, 0);
    check_date("1/1/2101", LKS_DATE_MDY, NULL, 0);
    check_date("1/1/20", LKS_DATE_MDY, NULL, 0);
    check_date("", LKS_DATE_MDY, NULL, 0);
    check_date("Wed Jan 07 04:38:02 +0000 2009", -1, "2009-01-07T04:38:02Z", LKS_PRECISION_SECOND);
    check_date("Wed Xxx 07 04:38:02 +0000 2009", -1, NULL, 0);
    check_date("2015-09-01 10:21", -1, "2015-09-01T10:21:00Z", LKS_PRECISION_MINUTE);
    check_date("1606451170.5", -1, "2020-11-27T04:26:10.500000Z", LKS_PRECISION_SECOND);
    check_date("08/06/15 07:38:42 AM PDT", -1, NULL, 0);
}

static void encodings(void **unused)
{
    (void)unused;
    struct lks_arena arena = {0};
    struct lks_str text = lks_cp1252_decode(LKS_STR("caf\xe9 \x93x\x94 \x80\x85"), &arena);
    assert_true(lks_str_equal_text(text, "caf\xc3\xa9 \xe2\x80\x9cx\xe2\x80\x9d \xe2\x82\xac"
                                         "\xe2\x80\xa6"));
    lks_arena_free(&arena);
    for (uint64_t seed = 0; seed < 20000; seed++) {
        struct lks_rng rng;
        lks_rng_init(&rng, seed, 2);
        size_t size = lks_rng_below(&rng, 60), used = 0;
        char *bytes = malloc(size + 4);
        while (used < size)
            if (lks_rng_below(&rng, 40))
                used +=
                    lks_utf8_put(lks_rng_below(&rng, 3) ? 32 + (uint32_t)lks_rng_below(&rng, 90)
                                                        : (uint32_t)lks_rng_below(&rng, 0x11000),
                                 bytes + used);
            else
                bytes[used++] = (char)lks_rng_below(&rng, 256);
        bool clean = true;
        uint64_t ends = 0;
        for (size_t at = 0; at < used;) {
            uint32_t code;
            at += lks_utf8_next((struct lks_str){bytes, used}, at, &code);
            clean = clean && code != LKS_UTF8_BAD && code != 0;
        }
        for (size_t at = 0; at < used; at++)
            ends += bytes[at] == '\n';
        assert_int_equal(lks_text_is_clean((struct lks_str){bytes, used}), clean);
        assert_int_equal(lks_line_ends((struct lks_str){bytes, used}), ends);
        free(bytes);
    }
    char *lines = malloc(100000);
    memset(lines, '\n', 100000);
    assert_int_equal(lks_line_ends((struct lks_str){lines, 100000}), 100000);
    free(lines);
}

static void keys(void **unused)
{
    (void)unused;
    struct lks_batch batch = {0};
    struct lks_arena *arena = &batch.arena;
    assert_true(lks_str_equal_text(lks_key_make(arena, "twitter", LKS_STR("12")), "twitter:12"));
    assert_null(lks_key_make(arena, "twitter", LKS_STR_NULL).data);
    /* FIPS 180-4's digest of "abc". */
    assert_true(lks_str_equal_text(lks_key_of_row(&batch, "x", LKS_STR("abc")),
                                   "x:row-ba7816bf8f01cfea414140de5dae2223"));
    lks_batch_free(&batch);
}

/* Equal rows share a key, others do not, and keys of one secret are not those of another. */
static void keys_of_one_reading(void **unused)
{
    (void)unused;
    unsigned char secret[LKS_ROW_SECRET_BYTES], other[LKS_ROW_SECRET_BYTES];
    struct lks_rng rng;
    char row[400];
    lks_rng_init(&rng, 5, 0);
    for (size_t i = 0; i < sizeof secret; i++) {
        secret[i] = (unsigned char)lks_rng_below(&rng, 256);
        other[i] = (unsigned char)lks_rng_below(&rng, 256);
    }
    memset(row, 'x', sizeof row);
    struct lks_batch batch = {.row_secret = secret}, second = {.row_secret = other};
    for (size_t size = 1; size < sizeof row; size++) {
        struct lks_str text = {row, size};
        struct lks_str key = lks_key_of_row(&batch, "x", text);
        assert_int_equal(key.size_bytes, strlen("x:row-") + 32);
        assert_true(lks_str_equal(key, lks_key_of_row(&batch, "x", text)));
        assert_false(lks_str_equal(key, lks_key_of_row(&second, "x", text)));
        row[size / 2] = 'y';
        assert_false(lks_str_equal(key, lks_key_of_row(&batch, "x", text)));
        row[size / 2] = 'x';
        text.size_bytes--;
        assert_false(lks_str_equal(key, lks_key_of_row(&batch, "x", text)));
    }
    lks_batch_free(&batch);
    lks_batch_free(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists),  cmocka_unit_test(lists_end),
        cmocka_unit_test(counts), cmocka_unit_test(ids),
        cmocka_unit_test(dates),  cmocka_unit_test(encodings),
        cmocka_unit_test(keys),   cmocka_unit_test(keys_of_one_reading)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
