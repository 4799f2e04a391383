/* utf16_test.c - slices by UTF-16 units, against counting each from the start */
#include "source/utf16.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/utf8.h"

/* The bytes of the characters that share a unit with [offset, offset + length). */
static struct lks_str slow_slice(struct lks_str text, int64_t offset, int64_t length)
{
    size_t start = 0, end = 0;
    int64_t unit = 0;
    int found = 0;
    if (offset < 0 || length <= 0)
        return LKS_STR_NULL;
    for (size_t at = 0; at < text.size_bytes;) {
        uint32_t code;
        size_t bytes = lks_utf8_next(text, at, &code);
        int64_t units = code != LKS_UTF8_BAD && code > 0xffff ? 2 : 1;
        if (unit < offset + length && unit + units > offset) {
            if (!found)
                start = at;
            found = 1;
            end = at + bytes;
        }
        at += bytes;
        unit += units;
    }
    if (!found || offset + length > unit)
        return LKS_STR_NULL;
    return (struct lks_str){text.data + start, end - start};
}

static void test_against_slow(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a", "é", "漢", "😀", "#", " ", "\xff", "🇷🇴"};
    enum { SPANS = 20 };
    unsigned found = 0;
    for (uint64_t task = 0; task < 5000; task++) {
        struct lks_rng rng;
        struct lks_buffer text = {0};
        struct lks_utf16_span spans[SPANS];
        struct lks_utf16_place places[2 * SPANS];
        lks_rng_init(&rng, 5, task);
        for (uint64_t n = lks_rng_below(&rng, 30); n; n--)
            lks_buffer_text(&text, pieces[lks_rng_below(&rng, 8)]);
        struct lks_str all = {text.data ? text.data : "", text.size_bytes};
        size_t count = (size_t)lks_rng_below(&rng, SPANS + 1);
        for (size_t i = 0; i < count; i++)
            spans[i] = (struct lks_utf16_span){(int64_t)lks_rng_below(&rng, 50) - 2,
                                               (int64_t)lks_rng_below(&rng, 20) - 2, LKS_STR_NULL};
        lks_utf16_slice(all, spans, count, places);
        for (size_t i = 0; i < count; i++) {
            struct lks_str want = slow_slice(all, spans[i].offset, spans[i].length);
            assert_ptr_equal(spans[i].text.data, want.data);
            assert_int_equal(spans[i].text.size_bytes, want.size_bytes);
            found += want.data != NULL;
        }
        lks_buffer_free(&text);
    }
    assert_true(found > 5000);
}

static void test_extremes(void **state)
{
    (void)state;
    struct lks_utf16_span spans[] = {{INT64_MAX, INT64_MAX, LKS_STR_NULL},
                                     {0, INT64_MAX, LKS_STR_NULL},
                                     {INT64_MIN, 5, LKS_STR_NULL},
                                     {0, 1, LKS_STR_NULL}};
    struct lks_utf16_place places[8];
    lks_utf16_slice(LKS_STR("ab"), spans, 4, places);
    assert_null(spans[0].text.data);
    assert_null(spans[1].text.data);
    assert_null(spans[2].text.data);
    assert_true(lks_str_equal_text(spans[3].text, "a"));
    lks_utf16_slice(LKS_STR(""), spans, 4, places);
    assert_null(spans[3].text.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_slow),
                                       cmocka_unit_test(test_extremes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
