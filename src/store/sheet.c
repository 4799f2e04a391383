/* sheet.c - rows into a table of DuckDB, a chunk of columns at a time
 *
 * DuckDB copies a chunk when it takes it, so a chunk's strings of more than 12 bytes may point
 * straight at the caller's memory: no copy is made on the way in. What VARCHAR promises,
 * valid UTF-8, is made sure of here, since nothing behind checks it. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "store/database.h"

static void sheet_columns(struct lks_sheet *sheet)
{
    for (idx_t i = 0; i < sheet->columns; i++) {
        sheet->vectors[i] = duckdb_data_chunk_get_vector(sheet->chunk, i);
        sheet->data[i] = duckdb_vector_get_data(sheet->vectors[i]);
        sheet->validity[i] = NULL;
    }
    sheet->rows = 0;
}

int lks_sheet_open(struct lks_sheet *sheet, const struct lks_db *db, const char *catalog,
                   const char *table, struct lks_error *err)
{
    duckdb_logical_type types[LKS_ROWS_COLUMNS_MAX];
    *sheet = (struct lks_sheet){.db = db, .rows_max = duckdb_vector_size()};
    if (duckdb_appender_create_ext(db->connection, catalog, NULL, table, &sheet->appender) !=
        DuckDBSuccess) {
        duckdb_error_data data = duckdb_appender_error_data(sheet->appender);
        int code = lks_db_fail(db, duckdb_error_data_message(data), err);
        duckdb_destroy_error_data(&data);
        lks_sheet_drop(sheet);
        return code;
    }
    sheet->columns = duckdb_appender_column_count(sheet->appender);
    LKS_ASSERT(sheet->columns <= LKS_ROWS_COLUMNS_MAX);
    for (idx_t i = 0; i < sheet->columns; i++)
        types[i] = duckdb_appender_column_type(sheet->appender, i);
    sheet->chunk = duckdb_create_data_chunk(types, sheet->columns);
    for (idx_t i = 0; i < sheet->columns; i++)
        duckdb_destroy_logical_type(&types[i]);
    if (!sheet->chunk) {
        lks_sheet_drop(sheet);
        return lks_error_set(err, LKS_EMEMORY, "memory is out");
    }
    sheet_columns(sheet);
    return 0;
}

static int sheet_fail(struct lks_sheet *sheet, struct lks_error *err)
{
    duckdb_error_data data = duckdb_appender_error_data(sheet->appender);
    int code = lks_db_fail(sheet->db, duckdb_error_data_message(data), err);
    duckdb_destroy_error_data(&data);
    return code;
}

int lks_sheet_flush(struct lks_sheet *sheet, struct lks_error *err)
{
    if (sheet->failed)
        return lks_error_set(err, LKS_EMEMORY, "memory is out");
    if (!sheet->rows)
        return 0;
    duckdb_data_chunk_set_size(sheet->chunk, sheet->rows);
    if (duckdb_append_data_chunk(sheet->appender, sheet->chunk) != DuckDBSuccess)
        return sheet_fail(sheet, err);
    sheet->handed += sheet->rows;
    if (sheet->handed >= LKS_SHEET_ENTRY_ROWS) {
        if (duckdb_appender_flush(sheet->appender) != DuckDBSuccess)
            return sheet_fail(sheet, err);
        sheet->handed = 0;
    }
    duckdb_data_chunk_reset(sheet->chunk);
    sheet_columns(sheet);
    lks_arena_reset(&sheet->scratch);
    return 0;
}

int lks_sheet_close(struct lks_sheet *sheet, struct lks_error *err)
{
    int code = lks_sheet_flush(sheet, err);
    if (code == 0 && duckdb_appender_close(sheet->appender) != DuckDBSuccess)
        code = sheet_fail(sheet, err);
    lks_sheet_drop(sheet);
    return code;
}

void lks_sheet_drop(struct lks_sheet *sheet)
{
    duckdb_destroy_data_chunk(&sheet->chunk);
    if (sheet->appender)
        duckdb_appender_destroy(&sheet->appender);
    lks_arena_free(&sheet->scratch);
    *sheet = (struct lks_sheet){0};
}

void lks_sheet_null(struct lks_sheet *sheet, unsigned column)
{
    if (!sheet->validity[column]) {
        duckdb_vector_ensure_validity_writable(sheet->vectors[column]);
        sheet->validity[column] = duckdb_vector_get_validity(sheet->vectors[column]);
    }
    sheet->validity[column][sheet->rows / 64] &= ~(UINT64_C(1) << (sheet->rows % 64));
}

/* How many bytes from the start are valid UTF-8. */
static size_t utf8_valid_bytes(struct lks_str text)
{
    size_t at = 0;
    while (at < text.size_bytes) {
        uint64_t word;
        while (text.size_bytes - at >= 8) {
            memcpy(&word, text.data + at, 8);
            if (word & UINT64_C(0x8080808080808080))
                break;
            at += 8;
        }
        if (at == text.size_bytes)
            break;
        uint32_t code;
        size_t size = lks_utf8_next(text, at, &code);
        if (code == LKS_UTF8_BAD)
            return at;
        at += size;
    }
    return at;
}

struct lks_str lks_utf8_repair(struct lks_arena *arena, struct lks_str text)
{
    size_t at = text.data ? utf8_valid_bytes(text) : 0;
    if (!text.data || at == text.size_bytes)
        return text;
    /* Each bad byte becomes three. */
    char *copy =
        text.size_bytes < SIZE_MAX / 4 ? lks_arena_alloc(arena, text.size_bytes * 3) : NULL;
    if (!copy)
        return LKS_STR_NULL;
    memcpy(copy, text.data, at);
    size_t put = at;
    while (at < text.size_bytes) {
        uint32_t code;
        at += lks_utf8_next(text, at, &code);
        put += lks_utf8_put(code, copy + put); /* LKS_UTF8_BAD is written as U+FFFD */
    }
    return (struct lks_str){copy, put};
}

void lks_sheet_text(struct lks_sheet *sheet, unsigned column, struct lks_str text)
{
    duckdb_string_t *cell = &((duckdb_string_t *)sheet->data[column])[sheet->rows];
    struct lks_str good = lks_utf8_repair(&sheet->scratch, text);
    memset(cell, 0, sizeof *cell);
    if (!good.data || good.size_bytes > UINT32_MAX) {
        sheet->failed |= text.data != NULL;
        lks_sheet_null(sheet, column);
        return;
    }
    cell->value.inlined.length = (uint32_t)good.size_bytes;
    if (good.size_bytes <= sizeof cell->value.inlined.inlined) {
        memcpy(cell->value.inlined.inlined, good.data, good.size_bytes);
        return;
    }
    memcpy(cell->value.pointer.prefix, good.data, sizeof cell->value.pointer.prefix);
    memcpy(&cell->value.pointer.ptr, &good.data, sizeof good.data);
}
