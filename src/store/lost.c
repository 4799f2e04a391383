/* lost.c - accounts and posts that a run's results name and the case does not have any more */
#include <stdlib.h>

#include "store/state.h"

/* Columns of keys in the tables of a run. */
static const char columns_select[] =
    "SELECT table_name, column_name FROM duckdb_columns()"
    " WHERE NOT internal AND data_type = 'VARCHAR' AND column_name IN ('account_key', 'post_key')"
    " ORDER BY table_name, column_index";

enum { COLUMNS_MAX = 256, NAME_MAX_BYTES = 64 };

struct columns {
    char tables[COLUMNS_MAX][NAME_MAX_BYTES];
    int posts[COLUMNS_MAX];
    size_t count;
};

static int columns_read(struct lks_db *results, struct columns *columns, struct lks_error *err)
{
    struct lks_rows rows;
    int code = lks_rows_open(&rows, results, columns_select, err);
    if (code)
        return code;
    while ((code = lks_rows_next(&rows, err)) == 1)
        for (idx_t row = 0; row < rows.count && columns->count < COLUMNS_MAX; row++) {
            struct lks_str table = lks_rows_text(&rows, 0, row);
            if (table.size_bytes >= NAME_MAX_BYTES)
                continue;
            memcpy(columns->tables[columns->count], table.data, table.size_bytes);
            columns->tables[columns->count][table.size_bytes] = '\0';
            columns->posts[columns->count++] =
                lks_str_equal_text(lks_rows_text(&rows, 1, row), "post_key");
        }
    lks_rows_close(&rows);
    return code;
}

/* Copies a column's names into temp.named (post, name). */
static int column_copy(struct lks_db *results, const char *table, int post, struct lks_sheet *sheet,
                       struct lks_error *err)
{
    struct lks_rows rows;
    struct lks_buffer sql = {0};
    const char *column = post ? "post_key" : "account_key";
    lks_buffer_format(&sql, "SELECT DISTINCT %s FROM main.", column);
    lks_db_quote(&sql, table, '"');
    lks_buffer_format(&sql, " WHERE %s IS NOT NULL", column);
    lks_buffer_byte(&sql, '\0');
    int code = sql.failed ? lks_error_set(err, LKS_EMEMORY, "memory is out")
                          : lks_rows_open(&rows, results, sql.data, err);
    if (code == 0) {
        while (code == 0 && (code = lks_rows_next(&rows, err)) == 1) {
            code = 0;
            for (idx_t row = 0; code == 0 && row < rows.count; row++) {
                lks_sheet_flag(sheet, 0, post);
                lks_sheet_text(sheet, 1, lks_rows_text(&rows, 0, row));
                code = lks_sheet_row(sheet, err);
            }
        }
        lks_rows_close(&rows);
    }
    lks_buffer_free(&sql);
    return code;
}

static int lost_count(struct lks_store *store, uint64_t *count_out, struct lks_error *err)
{
    struct lks_rows rows;
    int code = lks_rows_single(
        &rows, &store->db,
        "SELECT (SELECT count(*) FROM (SELECT DISTINCT name FROM temp.named WHERE NOT post) n"
        "        WHERE NOT EXISTS (FROM account a WHERE a.account_key = n.name))"
        " + (SELECT count(*) FROM (SELECT DISTINCT name FROM temp.named WHERE post) n"
        "    WHERE NOT EXISTS (FROM post p WHERE p.post_key = n.name))",
        err);
    if (code)
        return code;
    *count_out = (uint64_t)lks_rows_i64(&rows, 0, 0);
    lks_rows_close(&rows);
    return 0;
}

int lks_store_lost(struct lks_store *store, const char *results_path,
                   const struct lks_control *control, uint64_t *count_out, struct lks_error *err)
{
    struct lks_db results = {0};
    struct lks_sheet sheet = {0};
    struct columns *columns = calloc(1, sizeof *columns);
    *count_out = 0;
    int code = columns ? lks_db_open(&results, results_path, LKS_DB_READ, control, 0, err)
                       : lks_error_set(err, LKS_EMEMORY, "memory is out");
    if (code == 0)
        code = columns_read(&results, columns, err);
    if (code == 0)
        code = lks_db_run(&store->db,
                          "CREATE OR REPLACE TEMP TABLE named (post BOOLEAN, name VARCHAR)", err);
    if (code == 0)
        code = lks_sheet_open(&sheet, &store->db, "temp", "named", err);
    for (size_t i = 0; code == 0 && i < columns->count; i++)
        code = column_copy(&results, columns->tables[i], columns->posts[i], &sheet, err);
    if (code == 0)
        code = lks_sheet_close(&sheet, err);
    lks_sheet_drop(&sheet);
    if (code == 0)
        code = lost_count(store, count_out, err);
    if (code == 0)
        code = lks_db_run(&store->db, "DROP TABLE temp.named", err);
    lks_db_close(&results);
    free(columns);
    return code;
}
