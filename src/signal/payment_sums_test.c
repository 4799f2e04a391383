/* payment_sums_test.c - sums of payments to the cent, against adding one by one */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/rng.h"
#include "signal/payment_sums.h"

enum { DAY = 0, PAYMENTS_MAX = 60 };
static const int64_t day_us = INT64_C(86400000000);
static const char *const names[] = {"ann", "bob", "cid", NULL};

static struct lks_payment payment_make(const char *payer, const char *payee, int64_t minor,
                                       const char *currency, int64_t time_us)
{
    struct lks_payment payment = {.payer = lks_str_from(payer),
                                  .payee = lks_str_from(payee),
                                  .amount_minor = minor,
                                  .time_us = time_us};
    payment.exponent = lks_currency_exponent(lks_str_from(currency), &payment.currency);
    return payment;
}

static const char *name_get(const struct lks_payment *payment, struct lks_str beneficiary, int by)
{
    return by == LKS_SUM_PAYER         ? payment->payer.data
           : by == LKS_SUM_PAYEE       ? payment->payee.data
           : by == LKS_SUM_BENEFICIARY ? beneficiary.data
                                       : NULL;
}

static int same(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

/* Every sum is that of a loop over all payments, and each way of adding has each payment once. */
static void sums_are_those_of_a_loop(void **state)
{
    (void)state;
    static const char *const currencies[] = {"USD", "EUR", "JPY", "BTC"};
    struct lks_money_rate rates[3] = {{"EUR", "USD", 1085000000, LKS_TIME_NULL},
                                      {"JPY", "USD", 6543210, 5 * day_us},
                                      {"EUR", "USD", 1100000001, 9 * day_us}};
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct lks_rng rng;
        struct lks_payment payments[PAYMENTS_MAX];
        struct lks_str beneficiary[PAYMENTS_MAX];
        struct lks_payment_sums sums;
        lks_rng_init(&rng, seed, 1);
        size_t count = lks_rng_below(&rng, PAYMENTS_MAX);
        size_t rates_count = lks_rng_below(&rng, 4);
        for (size_t i = 0; i < count; i++) {
            payments[i] = payment_make(names[lks_rng_below(&rng, 4)], names[lks_rng_below(&rng, 4)],
                                       (int64_t)lks_rng_below(&rng, 100000) - 20000,
                                       currencies[lks_rng_below(&rng, 4)],
                                       (int64_t)lks_rng_below(&rng, 20) * day_us);
            beneficiary[i] = lks_str_from(names[lks_rng_below(&rng, 4)]);
        }
        assert_int_equal(
            lks_payment_sums(payments, beneficiary, count, rates, rates_count, &sums, NULL), 0);
        uint64_t seen[LKS_SUM_BYS_COUNT] = {0};
        int64_t converted[LKS_SUM_BYS_COUNT] = {0};
        for (size_t s = 0; s < sums.sums_count; s++) {
            const struct lks_money_sum *sum = &sums.sums[s];
            int64_t amount = 0, refunded = 0;
            uint64_t payments_count = 0;
            for (size_t i = 0; i < count; i++) {
                if (strcmp(payments[i].currency, sum->currency) != 0 ||
                    !same(name_get(&payments[i], beneficiary[i], sum->by), sum->name.data))
                    continue;
                amount += payments[i].amount_minor;
                refunded -= payments[i].amount_minor < 0 ? payments[i].amount_minor : 0;
                payments_count++;
            }
            assert_int_equal(sum->amount_minor, amount);
            assert_int_equal(sum->refunded_minor, refunded);
            assert_int_equal(sum->payments_count, payments_count);
            seen[sum->by] += payments_count;
            converted[sum->by] += sum->converted_minor;
        }
        for (int by = 0; by < LKS_SUM_BYS_COUNT; by++) {
            assert_int_equal(seen[by], count);
            assert_int_equal(converted[by], converted[0]);
        }
        lks_payment_sums_free(&sums);
    }
}

static void conversion_is_exact(void **state)
{
    (void)state;
    int64_t minor;
    const struct lks_money_rate rates[] = {{"EUR", "USD", 1085000000, LKS_TIME_NULL},
                                           {"EUR", "USD", 1100000000, 10 * day_us},
                                           {"JPY", "USD", 6500000, LKS_TIME_NULL},
                                           {"USD", "JPY", INT64_C(153846153846), LKS_TIME_NULL},
                                           {"BTC", "USD", INT64_C(90000000000000), LKS_TIME_NULL}};
    struct lks_payment one = payment_make("a", "b", 100000, "EUR", 0);
    assert_int_equal(lks_money_convert(&one, "USD", rates, 5, &minor), 0);
    assert_int_equal(minor, 108500);
    one.time_us = 10 * day_us; /* the day itself */
    assert_int_equal(lks_money_convert(&one, "USD", rates, 5, &minor), 0);
    assert_int_equal(minor, 110000);
    one = payment_make("a", "b", 1, "EUR", 0); /* 1.085 cents */
    assert_int_equal(lks_money_convert(&one, "USD", rates, 5, &minor), 0);
    assert_int_equal(minor, 1);
    one = payment_make("a", "b", 1000, "JPY", 0);
    assert_int_equal(lks_money_convert(&one, "USD", rates, 5, &minor), 0);
    assert_int_equal(minor, 650);
    one = payment_make("a", "b", -100, "JPY", 0); /* 65 cents back */
    assert_int_equal(lks_money_convert(&one, "USD", rates, 5, &minor), 0);
    assert_int_equal(minor, -65);
    one = payment_make("a", "b", -10, "EUR", 0); /* -10.85 cents: away from 0 */
    assert_int_equal(lks_money_convert(&one, "USD", rates, 5, &minor), 0);
    assert_int_equal(minor, -11);
    one = payment_make("a", "b", 650, "USD", 0);
    assert_int_equal(lks_money_convert(&one, "JPY", rates, 5, &minor), 0);
    assert_int_equal(minor, 1000);
    one = payment_make("a", "b", 100000000, "BTC", 0);
    assert_int_equal(lks_money_convert(&one, "USD", rates, 5, &minor), 0);
    assert_int_equal(minor, 9000000);
    one = payment_make("a", "b", 5, "USD", 0);
    assert_int_equal(lks_money_convert(&one, "USD", rates, 5, &minor), 0);
    assert_int_equal(minor, 5);
    one = payment_make("a", "b", 5, "RON", 0); /* no rate, so no number */
    assert_int_equal(lks_money_convert(&one, "USD", rates, 5, &minor), -1);
    one = payment_make("a", "b", INT64_C(5000000000000000000), "USD", 0);
    assert_int_equal(lks_money_convert(&one, "JPY", rates, 5, &minor), 0);
    assert_int_equal(minor, INT64_C(7692307692300000000));
    one = payment_make("a", "b", INT64_MAX, "BTC", 0);
    one.exponent = 0; /* far beyond 64 bits */
    assert_int_equal(lks_money_convert(&one, "USD", rates, 5, &minor), -1);
}

static void beyond_64_bits_is_said(void **state)
{
    (void)state;
    struct lks_payment payments[3];
    const struct lks_str beneficiary[3] = {LKS_STR_NULL, LKS_STR_NULL, LKS_STR_NULL};
    struct lks_payment_sums sums;
    for (int i = 0; i < 3; i++)
        payments[i] = payment_make("a", "b", i < 2 ? INT64_MAX : 7, i < 2 ? "USD" : "EUR", 0);
    assert_int_equal(lks_payment_sums(payments, beneficiary, 3, NULL, 0, &sums, NULL), 0);
    assert_null(sums.to);
    int beyond = 0;
    for (size_t i = 0; i < sums.sums_count; i++) {
        beyond += sums.sums[i].beyond;
        assert_int_equal(sums.sums[i].amount_minor, sums.sums[i].beyond ? 0 : 7);
    }
    assert_int_equal(beyond, LKS_SUM_BYS_COUNT);
    assert_int_equal(sums.alike_count, 1);
    lks_payment_sums_free(&sums);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_those_of_a_loop),
        cmocka_unit_test(conversion_is_exact),
        cmocka_unit_test(beyond_64_bits_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
