/* held.c - records as retention orders see them, in their order */
#include "store/state.h"

static const char posts_select[] =
    "SELECT p.post_index, p.account_index, p.file_index, p.post_key, p.platform, a.account_key,"
    " p.text, p.transcript, p.time_us, p.offset_bytes, p.length_bytes"
    " FROM post p JOIN account a USING (account_index)"
    " WHERE p.post_index BETWEEN CAST(? AS UINTEGER) AND CAST(? AS UINTEGER)"
    " ORDER BY p.post_index";
/* The platform of a payment is that of the account that was paid. */
static const char payments_select[] =
    "SELECT p.payment_index, coalesce(a.account_index, CAST(4294967295 AS UINTEGER)), p.file_index,"
    " p.payment_key, a.platform, p.account_key, p.purpose, NULL::VARCHAR, p.time_us,"
    " p.offset_bytes, p.length_bytes"
    " FROM payment p LEFT JOIN account a USING (account_key) ORDER BY p.payment_index";
static const char accounts_select[] =
    "SELECT account_index, account_index, CAST(4294967295 AS UINTEGER), account_key, platform,"
    " account_key, NULL::VARCHAR, NULL::VARCHAR, NULL::BIGINT, CAST(0 AS UBIGINT),"
    " CAST(0 AS UBIGINT)"
    " FROM account WHERE coalesce(posts_count, 0) = 0 ORDER BY account_index";

struct giving {
    int (*each)(void *context, const struct lks_store_held *record, struct lks_error *err);
    void *context;
};

static int rows_give(struct lks_rows *rows, void *giving_context, struct lks_error *err)
{
    const struct giving *giving = giving_context;
    int code = lks_rows_start(rows, err);
    while (code == 0 && (code = lks_rows_next(rows, err)) == 1) {
        code = 0;
        for (idx_t row = 0; code == 0 && row < rows->count; row++) {
            struct lks_store_held record = {
                .index = lks_rows_u32(rows, 0, row),
                .account_index = lks_rows_u32(rows, 1, row),
                .file_index = lks_rows_u32(rows, 2, row),
                .key = lks_rows_text(rows, 3, row),
                .platform = lks_rows_text(rows, 4, row),
                .account_key = lks_rows_text(rows, 5, row),
                .text = lks_rows_text(rows, 6, row),
                .transcript = lks_rows_text(rows, 7, row),
                .time_us = lks_rows_i64(rows, 8, row),
                .offset_bytes = lks_rows_u64(rows, 9, row),
                .length_bytes = lks_rows_u64(rows, 10, row),
            };
            code = giving->each(giving->context, &record, err);
        }
    }
    return code;
}

int lks_store_each_post(struct lks_store *store, const struct lks_control *control,
                        int (*each)(void *context, const struct lks_store_held *post,
                                    struct lks_error *err),
                        void *context, struct lks_error *err)
{
    struct giving giving = {each, context};
    return lks_post_ranges(store, posts_select, "holds", control, rows_give, &giving, err);
}

static int all_give(struct lks_store *store, const char *sql,
                    int (*each)(void *context, const struct lks_store_held *record,
                                struct lks_error *err),
                    void *context, struct lks_error *err)
{
    struct giving giving = {each, context};
    struct lks_rows rows;
    int code = lks_rows_prepare(&rows, &store->db, sql, err);
    if (code == 0) {
        code = rows_give(&rows, &giving, err);
        lks_rows_close(&rows);
    }
    return code;
}

int lks_store_each_payment(struct lks_store *store,
                           int (*each)(void *context, const struct lks_store_held *payment,
                                       struct lks_error *err),
                           void *context, struct lks_error *err)
{
    return all_give(store, payments_select, each, context, err);
}

int lks_store_each_silent(struct lks_store *store,
                          int (*each)(void *context, const struct lks_store_held *account,
                                      struct lks_error *err),
                          void *context, struct lks_error *err)
{
    return all_give(store, accounts_select, each, context, err);
}
