/* chance_test.c - small probabilities are written as they are, and never as 0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/chance.h"
#include "base/rng.h"

static const char *formatted(double log10_chance)
{
    static char text[LKS_CHANCE_TEXT_BYTES];
    lks_chance_format(log10_chance, text);
    return text;
}

static void it_is_written_as_printf_does(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 5, 1);
    assert_string_equal(formatted(0), "1");
    assert_string_equal(formatted(-1), "0.1");
    assert_string_equal(formatted(log10(0.034)), "0.034");
    assert_string_equal(formatted(-299.5), "3.2e-300");
    assert_string_equal(formatted(-411.9), "1.3e-412");
    assert_string_equal(formatted(-412), "1e-412");
    assert_string_equal(formatted(-411.0005), "1e-411");
    assert_string_equal(formatted(-1e9), "1e-1000000000");
    for (int i = 0; i < 10000; i++) { /* no double is near: the digits and the exponent apart */
        double log10_chance = -300.001 - 5000 * lks_rng_unit(&rng);
        char digits[LKS_CHANCE_TEXT_BYTES], *end;
        snprintf(digits, sizeof digits, "%s", formatted(log10_chance));
        char *exponent = strchr(digits, 'e');
        assert_non_null(exponent);
        *exponent++ = 0;
        double value = strtod(digits, &end);
        assert_true(*end == 0 && value >= 1 && value < 10);
        assert_true(fabs(log10(value) + strtod(exponent, &end) - log10_chance) < 0.022);
        assert_true(*end == 0);
    }
}

static void the_least_is_called_so(void **state)
{
    (void)state;
    struct lks_buffer buffer = {0};
    lks_buffer_chance(&buffer, "p", 0.0341);
    lks_buffer_chance(&buffer, ", q", LKS_CHANCE_LEAST);
    lks_buffer_chance(&buffer, ", q", 0);
    lks_buffer_chance(&buffer, ", q", 1.5e-300);
    lks_buffer_byte(&buffer, 0);
    assert_string_equal(buffer.data, "p 0.0341, q below 1e-300, q below 1e-300, q 1.5e-300");
    lks_buffer_free(&buffer);
    assert_true(pow(10, LKS_CHANCE_LEAST_LOG10) <= LKS_CHANCE_LEAST); /* "below" is told of it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_written_as_printf_does),
        cmocka_unit_test(the_least_is_called_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
