/* payments.c - payments into the store and out of it
 *
 * A payment that its source numbers is taken once, whichever file brings it. One without a
 * number is always taken: two equal gifts of one evening are two gifts, and to drop the second
 * would falsify the sum. That the same ledger is not read twice is seen by its digest. */
#include "store/state.h"

/* One list, not a column of single words. */
/* clang-format off */
enum { /* the columns in order */
    PAY_INDEX, PAY_KEY, PAY_PAYER, PAY_PAYEE, PAY_ACCOUNT, PAY_POST, PAY_BENEFICIARY, PAY_AMOUNT,
    PAY_CURRENCY, PAY_EXPONENT, PAY_TIME, PAY_PRECISION, PAY_METHOD, PAY_PURPOSE, PAY_FILE,
    PAY_OFFSET, PAY_LENGTH
};
/* clang-format on */

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "memory is out");
}

/* Whether the number is new: 1, 0, or LKS_EMEMORY. Posts and payments share the set, so the
 * payments' keys begin with a byte that no post's key has. */
static int key_add(struct lks_store *store, struct lks_str key)
{
    struct lks_buffer *buffer = &store->scratch;
    key = lks_utf8_repair(&store->repaired, key);
    lks_buffer_clear(buffer);
    lks_buffer_byte(buffer, 1);
    lks_buffer_append(buffer, key.data, key.size_bytes);
    if (!key.data || buffer->failed)
        return LKS_EMEMORY;
    return lks_keyset_add(
        &store->keys,
        lks_keyset_hash(&store->keys, (struct lks_str){buffer->data, buffer->size_bytes}));
}

static void row_fill(struct lks_store *store, uint32_t file_index,
                     const struct lks_payment *payment)
{
    struct lks_sheet *sheet = &store->payment;
    lks_sheet_u32(sheet, PAY_INDEX, store->payments_count);
    lks_sheet_text(sheet, PAY_KEY, payment->payment_key);
    lks_sheet_text(sheet, PAY_PAYER, payment->payer);
    lks_sheet_text(sheet, PAY_PAYEE, payment->payee);
    lks_sheet_text(sheet, PAY_ACCOUNT, payment->account_key);
    lks_sheet_text(sheet, PAY_POST, payment->post_key);
    lks_sheet_text(sheet, PAY_BENEFICIARY, payment->beneficiary);
    lks_sheet_i64(sheet, PAY_AMOUNT, payment->amount_minor);
    lks_sheet_text(sheet, PAY_CURRENCY, lks_str_from(payment->currency));
    lks_sheet_u32(sheet, PAY_EXPONENT, (uint32_t)payment->exponent);
    lks_sheet_i64(sheet, PAY_TIME, payment->time_us);
    lks_sheet_u8(sheet, PAY_PRECISION, (uint8_t)payment->time_precision);
    lks_sheet_text(sheet, PAY_METHOD, payment->method);
    lks_sheet_text(sheet, PAY_PURPOSE, payment->purpose);
    lks_sheet_u32(sheet, PAY_FILE, file_index);
    lks_sheet_u64(sheet, PAY_OFFSET, payment->offset_bytes);
    lks_sheet_u64(sheet, PAY_LENGTH, payment->length_bytes);
}

int lks_append_payments(struct lks_store *store, uint32_t file_index, const struct lks_batch *batch,
                        uint64_t *duplicates, struct lks_error *err)
{
    for (size_t i = 0; i < batch->payments_count; i++) {
        const struct lks_payment *payment = &batch->payments[i];
        int fresh = payment->payment_key.size_bytes ? key_add(store, payment->payment_key) : 1;
        if (fresh < 0)
            return memory_out(err);
        *duplicates += !fresh;
        if (!fresh)
            continue;
        if (payment->time_us < LKS_TIME_MIN_US || payment->time_us > LKS_TIME_MAX_US)
            return lks_error_set(err, LKS_EINPUT, "a payment has no time");
        if (store->payments_count == UINT32_MAX - 1)
            return lks_error_set(err, LKS_ESTORE, "a case holds at most 4,294,967,294 payments");
        row_fill(store, file_index, payment);
        store->payments_count++;
        int code = lks_sheet_row(&store->payment, err);
        if (code)
            return code;
    }
    return 0;
}

int lks_payments_load(struct lks_store *store, struct lks_error *err)
{
    struct lks_rows rows;
    int code = lks_rows_open(&rows, &store->db, "SELECT payment_key FROM payment", err);
    if (code)
        return code;
    lks_arena_reset(&store->repaired);
    while ((code = lks_rows_next(&rows, err)) == 1)
        for (idx_t row = 0; row < rows.count; row++) {
            struct lks_str key = lks_rows_text(&rows, 0, row);
            store->payments_count++;
            if (key.size_bytes && key_add(store, key) < 0) {
                lks_rows_close(&rows);
                return memory_out(err);
            }
        }
    lks_rows_close(&rows);
    return code;
}

uint32_t lks_store_payments_count(const struct lks_store *store)
{
    return store->payments_count;
}

static const char payments_select[] =
    "SELECT payment_key, payer, payee, account_key, post_key, beneficiary, amount_minor, currency,"
    " exponent, time_us, time_precision, method, purpose, offset_bytes, length_bytes"
    " FROM payment ORDER BY payment_index";

static struct lks_str text_copy(const struct lks_rows *rows, unsigned column, idx_t row,
                                struct lks_arena *arena, int *failed)
{
    struct lks_str text = lks_rows_text(rows, column, row);
    struct lks_str copy = text.data ? lks_arena_str(arena, text) : LKS_STR_NULL;
    *failed |= text.data && !copy.data;
    return copy;
}

/* 0, LKS_EMEMORY, or LKS_ESTORE for a currency that nobody could have put there. */
static int payment_read(const struct lks_rows *rows, idx_t row, struct lks_arena *arena,
                        struct lks_payment *payment)
{
    int failed = 0;
    *payment = (struct lks_payment){
        .payment_key = text_copy(rows, 0, row, arena, &failed),
        .payer = text_copy(rows, 1, row, arena, &failed),
        .payee = text_copy(rows, 2, row, arena, &failed),
        .account_key = text_copy(rows, 3, row, arena, &failed),
        .post_key = text_copy(rows, 4, row, arena, &failed),
        .beneficiary = text_copy(rows, 5, row, arena, &failed),
        .amount_minor = lks_rows_i64(rows, 6, row),
        .exponent = (int)lks_rows_u32(rows, 8, row),
        .time_us = lks_rows_i64(rows, 9, row),
        .time_precision = (enum lks_time_precision)lks_rows_u8(rows, 10, row),
        .method = text_copy(rows, 11, row, arena, &failed),
        .purpose = text_copy(rows, 12, row, arena, &failed),
        .offset_bytes = lks_rows_u64(rows, 13, row),
        .length_bytes = lks_rows_u64(rows, 14, row),
    };
    if (failed)
        return LKS_EMEMORY;
    int exponent = lks_currency_exponent(lks_rows_text(rows, 7, row), &payment->currency);
    return exponent < 0 || exponent != payment->exponent ? LKS_ESTORE : 0;
}

int lks_store_payments(struct lks_store *store, struct lks_arena *arena,
                       struct lks_payment **payments_out, size_t *count_out, struct lks_error *err)
{
    struct lks_rows rows;
    *payments_out = NULL;
    *count_out = 0;
    int code = lks_rows_single(&rows, &store->db, "SELECT count(*) FROM payment", err);
    if (code)
        return code;
    uint64_t count = lks_rows_u64(&rows, 0, 0);
    lks_rows_close(&rows);
    struct lks_payment *payments = lks_arena_calloc(arena, count + 1, sizeof *payments);
    if (!payments)
        return memory_out(err);
    if ((code = lks_rows_open(&rows, &store->db, payments_select, err)))
        return code;
    size_t at = 0;
    while (code == 0 && (code = lks_rows_next(&rows, err)) == 1) {
        code = 0;
        for (idx_t row = 0; code == 0 && row < rows.count && at < count; row++)
            code = payment_read(&rows, row, arena, &payments[at++]);
        if (code)
            lks_error_set(err, code,
                          code == LKS_EMEMORY ? "memory is out"
                                              : "a payment's currency is not known");
    }
    lks_rows_close(&rows);
    if (code == 0) {
        *payments_out = payments;
        *count_out = at;
    }
    return code;
}
