/* own_posts.c - what accounts published themselves, what was said beneath it, and who was paid */
#include <inttypes.h>

#include "store/state.h"

enum { POSTS_AT_ONCE = 2048 };

static const char own_select[] =
    "SELECT post_index, account_index, time_us, kind, text, transcript, declared_paid, views"
    " FROM post"
    " WHERE post_index BETWEEN CAST(? AS UINTEGER) AND CAST(? AS UINTEGER)"
    " AND kind IN ('video', 'post', 'ad') AND parent_key IS NULL AND origin_key IS NULL"
    " ORDER BY post_index";

struct giving {
    int (*each)(void *context, const struct lks_store_own_post *posts, size_t count,
                struct lks_error *err);
    void *context;
};

static int range_read(struct lks_rows *rows, void *giving_context, struct lks_error *err)
{
    const struct giving *giving = giving_context;
    struct lks_store_own_post posts[POSTS_AT_ONCE];
    int code = lks_rows_start(rows, err);
    while (code == 0 && (code = lks_rows_next(rows, err)) == 1) {
        LKS_ASSERT(rows->count <= POSTS_AT_ONCE);
        for (idx_t row = 0; row < rows->count; row++)
            posts[row] = (struct lks_store_own_post){
                .post_index = lks_rows_u32(rows, 0, row),
                .account_index = lks_rows_u32(rows, 1, row),
                .time_us = lks_rows_i64(rows, 2, row),
                .kind = (enum lks_post_kind)lks_rows_u8(rows, 3, row),
                .text = lks_rows_text(rows, 4, row),
                .transcript = lks_rows_text(rows, 5, row),
                .declared_paid = lks_rows_flag(rows, 6, row),
                .views = lks_rows_i64(rows, 7, row),
            };
        code = giving->each(giving->context, posts, rows->count, err);
    }
    return code;
}

int lks_store_own_posts(struct lks_store *store, const struct lks_control *control,
                        int (*each)(void *context, const struct lks_store_own_post *posts,
                                    size_t count, struct lks_error *err),
                        void *context, struct lks_error *err)
{
    struct giving giving = {each, context};
    return lks_post_ranges(store, own_select, "posts", control, range_read, &giving, err);
}

/* ---- with a table of wanted things ---- */

static int wanted_texts(struct lks_store *store, const struct lks_str *texts, size_t count,
                        struct lks_error *err)
{
    struct lks_sheet sheet = {0};
    int code = lks_db_run(
        &store->db, "CREATE OR REPLACE TEMP TABLE wanted (place UINTEGER, name VARCHAR)", err);
    if (code == 0)
        code = lks_sheet_open(&sheet, &store->db, "temp", "wanted", err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        lks_sheet_u32(&sheet, 0, (uint32_t)i);
        lks_sheet_text(&sheet, 1, texts[i]);
        code = lks_sheet_row(&sheet, err);
    }
    if (code == 0)
        code = lks_sheet_close(&sheet, err);
    lks_sheet_drop(&sheet);
    return code;
}

static int wanted_posts(struct lks_store *store, const uint32_t *posts, size_t count,
                        struct lks_error *err)
{
    struct lks_sheet sheet = {0};
    int code = lks_db_run(
        &store->db, "CREATE OR REPLACE TEMP TABLE wanted (place UINTEGER, post_index UINTEGER)",
        err);
    if (code == 0)
        code = lks_sheet_open(&sheet, &store->db, "temp", "wanted", err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        lks_sheet_u32(&sheet, 0, (uint32_t)i);
        lks_sheet_u32(&sheet, 1, posts[i]);
        code = lks_sheet_row(&sheet, err);
    }
    if (code == 0)
        code = lks_sheet_close(&sheet, err);
    lks_sheet_drop(&sheet);
    return code;
}

static int wanted_drop(struct lks_store *store, int code, struct lks_error *err)
{
    return code ? code : lks_db_run(&store->db, "DROP TABLE temp.wanted", err);
}

int lks_store_tagged(struct lks_store *store, const struct lks_str *tags, size_t count,
                     int (*each)(void *context, uint32_t post_index, uint32_t tag,
                                 struct lks_error *err),
                     void *context, struct lks_error *err)
{
    struct lks_rows rows = {0};
    int code = wanted_texts(store, tags, count, err);
    if (code == 0)
        code = lks_rows_open(&rows, &store->db,
                             "SELECT a.post_index, w.place FROM temp.wanted w"
                             " JOIN action a ON a.object = w.name WHERE a.kind = 'hashtag'"
                             " ORDER BY a.post_index, w.place",
                             err);
    while (code == 0 && (code = lks_rows_next(&rows, err)) == 1) {
        code = 0;
        for (idx_t row = 0; code == 0 && row < rows.count; row++)
            code = each(context, lks_rows_u32(&rows, 0, row), lks_rows_u32(&rows, 1, row), err);
    }
    lks_rows_close(&rows);
    return wanted_drop(store, code, err);
}

int lks_store_comments(struct lks_store *store, const uint32_t *posts, size_t count,
                       int (*each)(void *context, uint32_t place, uint32_t comment_index,
                                   uint32_t account_index, struct lks_str text,
                                   struct lks_error *err),
                       void *context, struct lks_error *err)
{
    struct lks_rows rows = {0};
    int code = wanted_posts(store, posts, count, err);
    if (code == 0)
        code =
            lks_rows_open(&rows, &store->db,
                          "SELECT w.place, c.post_index, c.account_index, c.text FROM temp.wanted w"
                          " JOIN post p USING (post_index) JOIN post c ON c.parent_key = p.post_key"
                          " WHERE c.text IS NOT NULL AND c.post_index <> p.post_index"
                          " ORDER BY w.place, c.post_index",
                          err);
    while (code == 0 && (code = lks_rows_next(&rows, err)) == 1) {
        code = 0;
        for (idx_t row = 0; code == 0 && row < rows.count; row++)
            code = each(context, lks_rows_u32(&rows, 0, row), lks_rows_u32(&rows, 1, row),
                        lks_rows_u32(&rows, 2, row), lks_rows_text(&rows, 3, row), err);
    }
    lks_rows_close(&rows);
    return wanted_drop(store, code, err);
}

int lks_store_payees(struct lks_store *store,
                     int (*each)(void *context, uint32_t payment_index, uint32_t account_index,
                                 uint32_t post_index, struct lks_error *err),
                     void *context, struct lks_error *err)
{
    struct lks_rows rows;
    int code = lks_rows_open(
        &rows, &store->db,
        "WITH who AS (SELECT y.payment_index, min(a.account_index) AS account_index FROM ("
        "  SELECT payment_index, account_key FROM payment WHERE account_key IS NOT NULL) y"
        " JOIN account a ON a.account_key = y.account_key GROUP BY y.payment_index),"
        " handle AS (SELECT y.payment_index, min(a.account_index) AS account_index FROM ("
        "  SELECT payment_index, lower(account_key) AS name FROM payment"
        "  WHERE account_key IS NOT NULL) y"
        " JOIN account a ON lower(a.platform || ':' || a.handle) = y.name"
        " GROUP BY y.payment_index),"
        " what AS (SELECT y.payment_index, min(p.post_index) AS post_index,"
        "  min(p.account_index) AS account_index FROM payment y"
        " JOIN post p ON p.post_key = y.post_key GROUP BY y.payment_index)"
        " SELECT y.payment_index, coalesce(who.account_index, handle.account_index,"
        "  what.account_index) AS account, what.post_index FROM payment y"
        " LEFT JOIN who USING (payment_index) LEFT JOIN handle USING (payment_index)"
        " LEFT JOIN what USING (payment_index) ORDER BY y.payment_index",
        err);
    while (code == 0 && (code = lks_rows_next(&rows, err)) == 1) {
        code = 0;
        for (idx_t row = 0; code == 0 && row < rows.count; row++)
            code =
                each(context, lks_rows_u32(&rows, 0, row),
                     lks_rows_null(&rows, 1, row) ? UINT32_MAX : lks_rows_u32(&rows, 1, row),
                     lks_rows_null(&rows, 2, row) ? UINT32_MAX : lks_rows_u32(&rows, 2, row), err);
    }
    lks_rows_close(&rows);
    return code;
}

int lks_store_ads_count(struct lks_store *store, uint64_t *ads_out, struct lks_error *err)
{
    struct lks_rows rows;
    int code =
        lks_rows_single(&rows, &store->db, "SELECT count(*) FROM post WHERE kind = 'ad'", err);
    if (code == 0) {
        *ads_out = (uint64_t)lks_rows_i64(&rows, 0, 0);
        lks_rows_close(&rows);
    }
    return code;
}
