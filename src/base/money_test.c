/* money_test.c - amounts as they are written, exact, or refused */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/money.h"
#include "base/rng.h"

static void knows_currencies(void **state)
{
    const char *code = NULL;
    (void)state;
    assert_int_equal(lks_currency_exponent(LKS_STR("usd"), &code), 2);
    assert_string_equal(code, "USD");
    assert_int_equal(lks_currency_exponent(LKS_STR("JPY"), NULL), 0);
    assert_int_equal(lks_currency_exponent(LKS_STR("KWD"), NULL), 3);
    assert_int_equal(lks_currency_exponent(LKS_STR("CLF"), NULL), 4);
    assert_int_equal(lks_currency_exponent(LKS_STR("coins"), &code), 0);
    assert_string_equal(code, "COINS");
    assert_int_equal(lks_currency_exponent(LKS_STR("XPF"), NULL), 0);
    assert_int_equal(lks_currency_exponent(LKS_STR("ZWL"), NULL), 2);
    assert_int_equal(lks_currency_exponent(LKS_STR("US"), NULL), -1);
    assert_int_equal(lks_currency_exponent(LKS_STR("USDD"), NULL), -1);
    assert_int_equal(lks_currency_exponent(LKS_STR_NULL, NULL), -1);
}

static void reads_what_people_write(void **state)
{
    static const struct {
        const char *text;
        int exponent, fault;
        int64_t minor;
    } cases[] = {
        {"1234.56", 2, LKS_MONEY_OK, 123456},
        {"0.05", 2, LKS_MONEY_OK, 5},
        {"007", 2, LKS_MONEY_OK, 700},
        {"-12", 2, LKS_MONEY_OK, -1200},
        {"(12.50)", 2, LKS_MONEY_OK, -1250},
        {"$1,234.5", 2, LKS_MONEY_OK, 123450},
        {"- $ 3.10", 2, LKS_MONEY_OK, -310},
        {"1.234.567,89 EUR", 2, LKS_MONEY_OK, 123456789},
        {"1 234,56 lei", 2, LKS_MONEY_OK, 123456},
        {"1\xc2\xa0"
         "234\xe2\x80\xaf"
         "567",
         2, LKS_MONEY_OK, 123456700},
        {"1\xc2\xa0"
         "234,5",
         2, LKS_MONEY_OK, 123450},
        {"1'234'567.89", 2, LKS_MONEY_OK, 123456789},
        {"381,000", 2, LKS_MONEY_OK, 38100000},
        {"1,000,000", 0, LKS_MONEY_OK, 1000000},
        {"12.5000", 2, LKS_MONEY_OK, 1250},
        {"0", 2, LKS_MONEY_OK, 0},
        {"Rs. 500", 2, LKS_MONEY_OK, 50000},
        {"1234.567", 3, LKS_MONEY_AMBIGUOUS, 0},
        {"1.234", 2, LKS_MONEY_AMBIGUOUS, 0},
        {"1,234", 3, LKS_MONEY_AMBIGUOUS, 0},
        {"1.25", 0, LKS_MONEY_DECIMALS, 0},
        {"1.2345", 2, LKS_MONEY_DECIMALS, 0},
        {"1.000.00 RUB", 2, LKS_MONEY_BAD, 0},
        {"1,23,456.00", 2, LKS_MONEY_BAD, 0},
        {"1234,567.00", 2, LKS_MONEY_BAD, 0},
        {"1.234 567", 2, LKS_MONEY_BAD, 0},
        {"12.", 2, LKS_MONEY_BAD, 0},
        {".50", 2, LKS_MONEY_BAD, 0},
        {"--5", 2, LKS_MONEY_BAD, 0},
        {"5-", 2, LKS_MONEY_BAD, 0},
        {"(5", 2, LKS_MONEY_BAD, 0},
        {"1e5", 2, LKS_MONEY_BAD, 0},
        {"", 2, LKS_MONEY_BAD, 0},
        {"free", 2, LKS_MONEY_BAD, 0},
        {"92233720368547758.07", 2, LKS_MONEY_OK, INT64_MAX},
        {"92233720368547758.08", 2, LKS_MONEY_BAD, 0},
        {"99999999999999999999999999999999", 0, LKS_MONEY_BAD, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t minor = 0;
        enum lks_money_fault fault =
            lks_money_parse(lks_str_from(cases[i].text), cases[i].exponent, &minor);
        if ((int)fault != cases[i].fault || minor != cases[i].minor)
            print_error("%s: fault %d, minor %lld\n", cases[i].text, (int)fault, (long long)minor);
        assert_int_equal(fault, cases[i].fault);
        assert_int_equal(minor, cases[i].minor);
    }
}

/* What was written comes back, whatever the amount and the currency. */
static void formats_and_reads_back(void **state)
{
    static const int exponents[] = {0, 2, 4, 6, 8};
    struct lks_rng rng;
    char text[LKS_MONEY_TEXT_BYTES];
    (void)state;
    lks_rng_init(&rng, 7, 0);
    for (int round = 0; round < 20000; round++) {
        int exponent = exponents[lks_rng_below(&rng, 5)];
        int64_t minor = (int64_t)(lks_rng_next(&rng) >> (1 + lks_rng_below(&rng, 62))), back = -1;
        if (lks_rng_below(&rng, 2))
            minor = -minor;
        lks_money_format(minor, exponent, text);
        assert_int_equal(lks_money_parse(lks_str_from(text), exponent, &back), LKS_MONEY_OK);
        assert_int_equal(back, minor);
    }
    lks_money_format(INT64_MIN, 2, text);
    assert_string_equal(text, "-92233720368547758.08");
    lks_money_format(-5, 2, text);
    assert_string_equal(text, "-0.05");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(knows_currencies),
                                       cmocka_unit_test(reads_what_people_write),
                                       cmocka_unit_test(formats_and_reads_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
