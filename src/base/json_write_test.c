/* json_write_test.c - numbers and texts read back by jansson as they were */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/json_write.h"
#include "base/rng.h"

static void integers(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {{0, "0"},
                 {-1, "-1"},
                 {10, "10"},
                 {INT64_MAX, "9223372036854775807"},
                 {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lks_buffer buffer = {0};
        struct lks_json json = {.buffer = &buffer};
        lks_json_int(&json, NULL, cases[i].value);
        lks_buffer_byte(&buffer, 0);
        assert_string_equal(buffer.data, cases[i].text);
        lks_buffer_free(&buffer);
    }
    struct lks_buffer buffer = {0};
    struct lks_json json = {.buffer = &buffer};
    lks_json_uint(&json, NULL, UINT64_MAX);
    lks_buffer_byte(&buffer, 0);
    assert_string_equal(buffer.data, "18446744073709551615");
    lks_buffer_free(&buffer);
}

static void check_double(double value)
{
    struct lks_buffer buffer = {0};
    struct lks_json json = {.buffer = &buffer};
    lks_json_double(&json, NULL, value);
    lks_buffer_byte(&buffer, 0);
    double back = strtod(buffer.data, NULL);
    assert_memory_equal(&back, &value, sizeof back);
    json_t *parsed = json_loads(buffer.data, JSON_DECODE_ANY, NULL);
    assert_non_null(parsed);
    json_decref(parsed);
    /* No shorter text reads back the same. */
    for (int digits = 1; digits < 17; digits++) {
        char text[40];
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value) {
            size_t used = 0;
            for (const char *p = buffer.data; *p && *p != 'e'; p++)
                used += *p >= '1' && *p <= '9' ? 1 : 0;
            assert_true(used <= (size_t)digits);
            break;
        }
    }
    lks_buffer_free(&buffer);
}

static void doubles(void **state)
{
    (void)state;
    static const double fixed[] = {
        0,      -0.0,   1,     0.1,    1.0 / 3, 1e6, 1e15, 123456789.125,
        1e-300, 5e-324, 1e300, 1.0e22, -2.5,    0.3, 1e-7, 4503599627370497.5,
        1e21,   1e16,   1e17,  1e-5};
    struct lks_rng rng;
    lks_rng_init(&rng, 7, 0);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        check_double(fixed[i]);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = lks_rng_next(&rng);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value))
            check_double(value);
        check_double(lks_rng_unit(&rng));
        check_double((double)lks_rng_below(&rng, 1000000) / 1000);
    }
}

static void not_numbers_are_null(void **state)
{
    (void)state;
    static const double bad[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        struct lks_buffer buffer = {0};
        struct lks_json json = {.buffer = &buffer};
        lks_json_double(&json, NULL, bad[i]);
        lks_buffer_byte(&buffer, 0);
        assert_string_equal(buffer.data, "null");
        lks_buffer_free(&buffer);
    }
}

/* Random bytes as text: always valid JSON, never a mark that could end a script element. */
static void texts_are_always_valid(void **state)
{
    (void)state;
    struct lks_rng rng;
    static const char marks[] = " \"\\/<>&\xe2\x80\xa8\xc3";
    lks_rng_init(&rng, 11, 0);
    for (int i = 0; i < 5000; i++) {
        char bytes[64];
        size_t size = lks_rng_below(&rng, sizeof bytes);
        for (size_t j = 0; j < size; j++)
            bytes[j] = i % 2 ? (char)lks_rng_next(&rng) : marks[lks_rng_below(&rng, 11)];
        struct lks_buffer buffer = {0};
        struct lks_json json = {.buffer = &buffer, .indent = i % 3};
        lks_json_object(&json, NULL);
        lks_json_array(&json, "a");
        lks_json_string(&json, NULL, (struct lks_str){bytes, size});
        lks_json_null(&json, NULL);
        lks_json_array_end(&json);
        lks_json_object_end(&json);
        json_t *parsed = json_loadb(buffer.data, buffer.size_bytes, JSON_ALLOW_NUL, NULL);
        assert_non_null(parsed);
        assert_null(memchr(buffer.data, '<', buffer.size_bytes));
        json_decref(parsed);
        lks_buffer_free(&buffer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers),
        cmocka_unit_test(doubles),
        cmocka_unit_test(not_numbers_are_null),
        cmocka_unit_test(texts_are_always_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
