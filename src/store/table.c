/* table.c - named columns in a DuckDB file of their own: written whole or not at all, read back */
#include "store/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/threads.h"
#include "store/database.h"

/* The smallest block DuckDB knows: such a file holds many small tables. */
enum { TABLE_BLOCK_BYTES = 16 * 1024 };

static const char *const type_names[] = {"BIGINT", "UBIGINT", "DOUBLE", "VARCHAR"};
static const duckdb_type duckdb_types[] = {DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_UBIGINT,
                                           DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_VARCHAR};
static const size_t item_bytes[] = {sizeof(int64_t), sizeof(uint64_t), sizeof(double),
                                    sizeof(struct lks_str)};

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "memory is out");
}

static int names_check(const struct lks_table *tables, size_t tables_count, struct lks_error *err)
{
    for (size_t i = 0; i < tables_count; i++) {
        const struct lks_table *table = &tables[i];
        LKS_ASSERT(table->columns_count > 0 && table->columns_count < LKS_ROWS_COLUMNS_MAX);
        if (!table->name || !*table->name)
            return lks_error_set(err, LKS_EARGUMENT, "a table has no name");
        for (size_t k = 0; k < i; k++)
            if (strcasecmp(table->name, tables[k].name) == 0)
                return lks_error_set(err, LKS_EARGUMENT, "two tables are named '%s'", table->name);
        for (size_t k = 0; k < table->columns_count; k++) {
            const char *name = table->columns[k].name;
            if (!name || !*name)
                return lks_error_set(err, LKS_EARGUMENT, "a column of '%s' has no name",
                                     table->name);
            for (size_t j = 0; j < k; j++)
                if (strcasecmp(name, table->columns[j].name) == 0)
                    return lks_error_set(err, LKS_EARGUMENT, "two columns of '%s' are named '%s'",
                                         table->name, name);
        }
    }
    return 0;
}

static int table_make(struct lks_db *db, const struct lks_table *table, struct lks_error *err)
{
    struct lks_buffer sql = {0};
    lks_buffer_text(&sql, "CREATE TABLE ");
    lks_db_quote(&sql, table->name, '"');
    for (size_t i = 0; i < table->columns_count; i++) {
        lks_buffer_text(&sql, i ? ", " : " (");
        lks_db_quote(&sql, table->columns[i].name, '"');
        lks_buffer_format(&sql, " %s", type_names[table->columns[i].type]);
    }
    lks_buffer_append(&sql, ")", 2);
    int code = sql.failed ? memory_out(err) : lks_db_run(db, sql.data, err);
    lks_buffer_free(&sql);
    return code;
}

static void cell_put(struct lks_sheet *sheet, unsigned at, const struct lks_column *column,
                     size_t row)
{
    switch (column->type) {
    case LKS_COLUMN_INT64:
        lks_sheet_i64(sheet, at, ((const int64_t *)column->values)[row]);
        break;
    case LKS_COLUMN_UINT64:
        lks_sheet_u64(sheet, at, ((const uint64_t *)column->values)[row]);
        break;
    case LKS_COLUMN_DOUBLE:
        lks_sheet_double(sheet, at, ((const double *)column->values)[row]);
        break;
    case LKS_COLUMN_TEXT:
        lks_sheet_text(sheet, at, ((const struct lks_str *)column->values)[row]);
    }
}

static int table_fill(struct lks_db *db, const struct lks_table *table,
                      const struct lks_control *control, struct lks_error *err)
{
    struct lks_sheet sheet;
    int code = lks_sheet_open(&sheet, db, NULL, table->name, err);
    if (code)
        return code;
    for (size_t row = 0; code == 0 && row < table->rows_count; row++) {
        for (unsigned i = 0; i < table->columns_count; i++)
            cell_put(&sheet, i, &table->columns[i], row);
        code = lks_sheet_row(&sheet, err);
        if (code == 0 && row % 4096 == 0 && lks_cancelled(control))
            code = lks_error_set(err, LKS_ECANCELLED, "stopped");
    }
    if (code == 0)
        return lks_sheet_close(&sheet, err);
    lks_sheet_drop(&sheet);
    return code;
}

static void temporary_remove(const char *path)
{
    struct lks_buffer wal = {0};
    unlink(path);
    lks_buffer_format(&wal, "%s.wal", path);
    lks_buffer_byte(&wal, 0);
    if (!wal.failed)
        unlink(wal.data);
    lks_buffer_free(&wal);
}

static int tables_write(const char *path, const struct lks_table *tables, size_t tables_count,
                        const struct lks_control *control, struct lks_error *err)
{
    struct lks_db db;
    int code = lks_db_open(&db, path, LKS_DB_CREATE, control, TABLE_BLOCK_BYTES, err);
    if (code)
        return code;
    code = lks_db_run(&db, "BEGIN", err);
    for (size_t i = 0; code == 0 && i < tables_count; i++) {
        code = table_make(&db, &tables[i], err);
        if (code == 0)
            code = table_fill(&db, &tables[i], control, err);
    }
    if (code == 0)
        code = lks_db_run(&db, "COMMIT", err);
    if (code == 0)
        code = lks_db_run(&db, "CHECKPOINT", err);
    lks_db_close(&db);
    return code;
}

int lks_tables_save(const char *path, const struct lks_table *tables, size_t tables_count,
                    const struct lks_control *control, struct lks_error *err)
{
    struct lks_buffer temporary = {0};
    int code = names_check(tables, tables_count, err);
    if (code)
        return code;
    lks_buffer_format(&temporary, "%s.tmp-%ld", path, (long)getpid());
    lks_buffer_byte(&temporary, 0);
    if (temporary.failed)
        return memory_out(err);
    temporary_remove(temporary.data);
    code = tables_write(temporary.data, tables, tables_count, control, err);
    if (code == 0 && rename(temporary.data, path) != 0)
        code = lks_error_system(err, path, "cannot be written");
    if (code)
        temporary_remove(temporary.data);
    lks_buffer_free(&temporary);
    return code;
}

/* How many rows the table has: one more than the highest row number, none being deleted. */
static int table_count(struct lks_db *db, struct lks_table *table, struct lks_error *err)
{
    struct lks_buffer sql = {0};
    struct lks_rows rows;
    lks_buffer_text(&sql, "SELECT count(*), coalesce(max(rowid) + 1, 0) FROM ");
    lks_db_quote(&sql, table->name, '"');
    lks_buffer_byte(&sql, 0);
    int code = sql.failed ? memory_out(err) : lks_rows_single(&rows, db, sql.data, err);
    lks_buffer_free(&sql);
    if (code)
        return code;
    uint64_t count = lks_rows_u64(&rows, 0, 0), rowids = lks_rows_u64(&rows, 1, 0);
    lks_rows_close(&rows);
    if (count != rowids)
        return lks_error_set(err, LKS_ESTORE, "%s: rows of '%s' are missing", db->name,
                             table->name);
    table->rows_count = count;
    return 0;
}

static int cell_take(const struct lks_rows *rows, idx_t row, unsigned at, struct lks_column *column,
                     uint64_t to, struct lks_arena *arena)
{
    struct lks_str text;
    switch (column->type) {
    case LKS_COLUMN_INT64:
        ((int64_t *)column->values)[to] = lks_rows_i64(rows, at, row);
        return 0;
    case LKS_COLUMN_UINT64:
        ((uint64_t *)column->values)[to] =
            lks_rows_null(rows, at, row) ? 0 : lks_rows_u64(rows, at, row);
        return 0;
    case LKS_COLUMN_DOUBLE:
        ((double *)column->values)[to] =
            lks_rows_null(rows, at, row) ? 0 : ((const double *)rows->data[at])[row];
        return 0;
    case LKS_COLUMN_TEXT:
        break;
    }
    text = lks_rows_text(rows, at, row);
    struct lks_str copy = lks_arena_str(arena, text);
    ((struct lks_str *)column->values)[to] = copy;
    return text.data && !copy.data ? -1 : 0;
}

static int table_take(struct lks_rows *rows, struct lks_table *table, struct lks_arena *arena,
                      const struct lks_control *control, struct lks_error *err)
{
    int code = 0;
    for (size_t i = 0; i < table->columns_count; i++)
        if (lks_duckdb.column_type(&rows->result, i + 1) != duckdb_types[table->columns[i].type])
            return lks_error_set(err, LKS_ESTORE, "%s: column '%s' of '%s' is not of type %s",
                                 rows->db->name, table->columns[i].name, table->name,
                                 type_names[table->columns[i].type]);
    while ((code = lks_rows_next(rows, err)) == 1) {
        for (idx_t row = 0; row < rows->count; row++) {
            uint64_t to = (uint64_t)lks_rows_i64(rows, 0, row);
            if (to >= table->rows_count)
                return lks_error_set(err, LKS_ESTORE, "%s: rows of '%s' are missing",
                                     rows->db->name, table->name);
            for (unsigned i = 0; i < table->columns_count; i++)
                if (cell_take(rows, row, i + 1, &table->columns[i], to, arena) != 0)
                    return memory_out(err);
        }
        if (lks_cancelled(control))
            return lks_error_set(err, LKS_ECANCELLED, "stopped");
    }
    return code;
}

/* Whether all of the table's columns are there: what another version saved may have others. */
static int columns_check(struct lks_db *db, const struct lks_table *table, struct lks_error *err)
{
    struct lks_buffer sql = {0};
    struct lks_rows rows;
    lks_buffer_text(&sql, "SELECT count(*) FROM duckdb_columns() WHERE table_name = ");
    lks_db_quote(&sql, table->name, '\'');
    for (size_t i = 0; i < table->columns_count; i++) {
        lks_buffer_text(&sql, i ? ", " : " AND column_name IN (");
        lks_db_quote(&sql, table->columns[i].name, '\'');
    }
    lks_buffer_append(&sql, ")", 2); /* with the NUL that ends it */
    int code = sql.failed ? memory_out(err) : lks_rows_single(&rows, db, sql.data, err);
    lks_buffer_free(&sql);
    if (code)
        return code;
    if (lks_rows_i64(&rows, 0, 0) != (int64_t)table->columns_count)
        code = lks_error_set(err, LKS_ESTORE,
                             "%s lacks columns of '%s': another version of lockstep wrote it",
                             db->name, table->name);
    lks_rows_close(&rows);
    return code;
}

static int table_load(struct lks_db *db, struct lks_table *table, struct lks_arena *arena,
                      const struct lks_control *control, struct lks_error *err)
{
    struct lks_buffer sql = {0};
    struct lks_rows rows;
    int code = columns_check(db, table, err);
    if (code == 0)
        code = table_count(db, table, err);
    if (code)
        return code;
    lks_buffer_text(&sql, "SELECT rowid");
    for (size_t i = 0; i < table->columns_count; i++) {
        struct lks_column *column = &table->columns[i];
        lks_buffer_text(&sql, ", ");
        lks_db_quote(&sql, column->name, '"');
        column->values = lks_arena_calloc(arena, table->rows_count + 1, item_bytes[column->type]);
        if (!column->values)
            code = memory_out(err);
    }
    lks_buffer_text(&sql, " FROM ");
    lks_db_quote(&sql, table->name, '"');
    lks_buffer_byte(&sql, 0);
    if (sql.failed)
        code = memory_out(err);
    if (code == 0 && (code = lks_rows_open(&rows, db, sql.data, err)) == 0) {
        code = table_take(&rows, table, arena, control, err);
        lks_rows_close(&rows);
    }
    lks_buffer_free(&sql);
    return code;
}

int lks_tables_load(const char *path, struct lks_table *tables, size_t tables_count,
                    struct lks_arena *arena, const struct lks_control *control,
                    struct lks_error *err)
{
    struct stat status;
    struct lks_db db;
    int code = names_check(tables, tables_count, err);
    if (code)
        return code;
    if (stat(path, &status) != 0)
        return errno == ENOENT ? lks_error_set(err, LKS_EMISSING, "%s is not there", path)
                               : lks_error_system(err, path, "cannot be opened");
    if (!S_ISREG(status.st_mode))
        return lks_error_set(err, LKS_ESTORE, "%s is no file", path);
    code = lks_db_open(&db, path, LKS_DB_READ, control, 0, err);
    for (size_t i = 0; code == 0 && i < tables_count; i++)
        code = table_load(&db, &tables[i], arena, control, err);
    lks_db_close(&db);
    return code;
}
