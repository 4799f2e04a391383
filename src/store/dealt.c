/* dealt.c - a store whose posts have other authors and times than they were read with
 *
 * For trying a whole run on data in which there is nothing to find. The file stays as it is, and
 * nothing is copied: temporary views of the tables' names, which every statement finds before
 * the tables, join the dealt columns to what the file has. They are gone with the store. */
#include "store/state.h"

static int posts_put(struct lks_store *store, const struct lks_store_dealt *dealt,
                     struct lks_error *err)
{
    struct lks_sheet sheet = {0};
    int code = lks_db_run(&store->db,
                          "CREATE OR REPLACE TEMP TABLE dealt_post (post_index UINTEGER,"
                          " account_index UINTEGER, time_us BIGINT)",
                          err);
    if (code == 0)
        code = lks_sheet_open(&sheet, &store->db, "temp", "dealt_post", err);
    for (uint32_t i = 0; code == 0 && i < dealt->posts_count; i++) {
        lks_sheet_u32(&sheet, 0, i);
        lks_sheet_u32(&sheet, 1, dealt->post_account[i]);
        lks_sheet_i64(&sheet, 2, dealt->post_time_us[i]);
        code = lks_sheet_row(&sheet, err);
    }
    if (code == 0)
        code = lks_sheet_close(&sheet, err);
    lks_sheet_drop(&sheet);
    return code;
}

static int accounts_put(struct lks_store *store, const struct lks_store_dealt *dealt,
                        struct lks_error *err)
{
    struct lks_sheet sheet = {0};
    int code = lks_db_run(&store->db,
                          "CREATE OR REPLACE TEMP TABLE dealt_account (account_index UINTEGER,"
                          " made_as UINTEGER)",
                          err);
    if (code == 0)
        code = lks_sheet_open(&sheet, &store->db, "temp", "dealt_account", err);
    for (uint32_t i = 0; code == 0 && i < dealt->accounts_count; i++) {
        lks_sheet_u32(&sheet, 0, i);
        lks_sheet_u32(&sheet, 1, dealt->account_made_as[i]);
        code = lks_sheet_row(&sheet, err);
    }
    if (code == 0)
        code = lks_sheet_close(&sheet, err);
    lks_sheet_drop(&sheet);
    return code;
}

/* The views name the file's tables by the file's catalog, since their own names hide them. */
static int views_make(struct lks_store *store, struct lks_error *err)
{
    struct lks_buffer name = {0}, catalog = {0}, sql = {0};
    struct lks_rows rows;
    int code = lks_rows_single(&rows, &store->db, "SELECT current_database()", err);
    if (code)
        return code;
    struct lks_str text = lks_rows_text(&rows, 0, 0);
    lks_buffer_append(&name, text.data, text.size_bytes);
    lks_buffer_byte(&name, '\0');
    lks_rows_close(&rows);
    if (!name.failed)
        lks_db_quote(&catalog, name.data, '"');
    lks_buffer_byte(&catalog, '\0');
    if (!catalog.failed)
        lks_buffer_format(
            &sql,
            "CREATE OR REPLACE TEMP VIEW post AS SELECT p.* REPLACE"
            " (d.account_index AS account_index, d.time_us AS time_us) FROM %s.main.post p"
            " JOIN temp.dealt_post d ON d.post_index = p.post_index;"
            "CREATE OR REPLACE TEMP VIEW account AS SELECT a.* REPLACE"
            " (b.created_us AS created_us, b.created_method AS created_method)"
            " FROM %s.main.account a JOIN temp.dealt_account d"
            " ON d.account_index = a.account_index"
            " JOIN %s.main.account b ON b.account_index = d.made_as;"
            "CREATE OR REPLACE TEMP VIEW payment AS SELECT * FROM %s.main.payment WHERE false;",
            catalog.data, catalog.data, catalog.data, catalog.data);
    lks_buffer_byte(&sql, '\0');
    code = name.failed || catalog.failed || sql.failed
               ? lks_error_set(err, LKS_EMEMORY, "memory is out")
               : lks_db_run(&store->db, sql.data, err);
    lks_buffer_free(&name);
    lks_buffer_free(&catalog);
    lks_buffer_free(&sql);
    return code;
}

int lks_store_deal(struct lks_store *store, const struct lks_store_dealt *dealt,
                   struct lks_error *err)
{
    LKS_ASSERT(store->mode == LKS_STORE_READ);
    int code = posts_put(store, dealt, err);
    if (code == 0)
        code = accounts_put(store, dealt, err);
    return code ? code : views_make(store, err);
}
