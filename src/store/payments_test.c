/* payments_test.c - payments come back as they went in; numbered ones are taken once */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store.h"

static char folder[] = "/tmp/lockstep-payments-XXXXXX", path[64];

static void done(int code, const struct lks_error *err)
{
    if (code)
        print_error("%s\n", err->message);
    assert_int_equal(code, 0);
}

static void payment_of(struct lks_batch *batch, const char *key, int64_t minor, const char *code)
{
    struct lks_payment *payment = lks_batch_payment(batch);
    assert_non_null(payment);
    payment->payment_key = key ? lks_str_from(key) : LKS_STR_NULL;
    payment->payer = LKS_STR("Payer \xff");
    payment->payee = LKS_STR("a payee with a longer name");
    payment->account_key = LKS_STR("tiktok:maria");
    payment->amount_minor = minor;
    payment->exponent = lks_currency_exponent(lks_str_from(code), &payment->currency);
    payment->time_us = 1730000000 * LKS_SECOND_US;
    payment->time_precision = LKS_PRECISION_MINUTE;
    payment->method = LKS_STR("gift");
    payment->offset_bytes = 10;
    payment->length_bytes = 20;
}

static void append(struct lks_store *store, char digit, struct lks_batch *batch, uint64_t wanted)
{
    struct lks_error err = {0};
    struct lks_store_file file = {.name = "ledger.csv", .size_bytes = 1, .format = "payments"};
    uint64_t duplicates = 0;
    memset(file.sha256, digit, 64);
    done(lks_store_begin(store, &err), &err);
    done(lks_store_file_add(store, &file, &err), &err);
    done(lks_store_append(store, file.file_index, batch, &duplicates, &err), &err);
    assert_int_equal(duplicates, wanted);
    file.payments_count = batch->payments_count - duplicates;
    done(lks_store_file_done(store, &file, &err), &err);
    done(lks_store_commit(store, &err), &err);
}

static void round_trip(void **state)
{
    struct lks_error err = {0};
    struct lks_store *store;
    struct lks_batch batch = {0};
    struct lks_arena arena = {0};
    struct lks_payment *payments;
    struct lks_store_counts counts;
    char before[65], after[65];
    size_t count;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/store.duckdb", folder);
    done(lks_store_open(path, LKS_STORE_CREATE, NULL, &store, &err), &err);
    done(lks_store_digest(store, NULL, before, &err), &err);
    payment_of(&batch, "7", 123456789012345678, "EUR");
    payment_of(&batch, NULL, -5, "coins");
    payment_of(&batch, NULL, -5, "coins");
    payment_of(&batch, "7", 1, "EUR");
    append(store, 'a', &batch, 1);
    lks_store_close(store);
    /* Another day: the number is still known. */
    done(lks_store_open(path, LKS_STORE_OPEN, NULL, &store, &err), &err);
    lks_batch_reset(&batch);
    payment_of(&batch, "7", 3, "EUR");
    payment_of(&batch, "8", 4, "USD");
    append(store, 'b', &batch, 1);
    done(lks_store_counts(store, &counts, &err), &err);
    assert_int_equal(counts.payments, 4);
    assert_int_equal(counts.posts, 0);
    assert_int_equal(lks_store_payments_count(store), 4);
    done(lks_store_payments(store, &arena, &payments, &count, &err), &err);
    assert_int_equal(count, 4);
    assert_true(payments[0].amount_minor == 123456789012345678);
    assert_string_equal(payments[0].currency, "EUR");
    assert_true(lks_str_equal_text(payments[0].payment_key, "7"));
    assert_true(lks_str_equal_text(payments[0].payer, "Payer \xef\xbf\xbd"));
    assert_true(lks_str_equal_text(payments[0].account_key, "tiktok:maria"));
    assert_int_equal(payments[0].time_precision, LKS_PRECISION_MINUTE);
    assert_int_equal(payments[0].offset_bytes, 10);
    assert_null(payments[1].payment_key.data);
    assert_null(payments[1].purpose.data);
    assert_string_equal(payments[2].currency, "COINS");
    assert_int_equal(payments[3].amount_minor, 4);
    done(lks_store_digest(store, NULL, after, &err), &err);
    assert_string_not_equal(before, after);
    lks_store_close(store);
    lks_arena_free(&arena);
    lks_batch_free(&batch);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(round_trip)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
