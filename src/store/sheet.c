/* sheet.c - rows into a table of DuckDB, many at a time, straight from our columns
 *
 * A sheet's columns have the layout of DuckDB's vectors, LKS_SHEET_ROWS long. To hand them over,
 *
 *     INSERT INTO table SELECT * FROM lockstep_sheet()
 *
 * runs, where lockstep_sheet is a table function of ours that copies 2,048 rows at a time into the
 * vectors that DuckDB appends to the table:
 *
 *     setters -> data[column][row], texts -> lockstep_sheet -> vectors -> row groups
 *
 * DuckDB's appender does the same with one copy and one pass more; this takes 20 to 40 % less
 * (nanoseconds a cell: null BIGINT 8 instead of 14, text of 25 bytes 54 instead of 81).
 *
 * What VARCHAR promises, valid UTF-8, is made sure of here, since nothing behind checks it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "store/database.h"

/* ---- the table function ---- */

static void feed_bind(duckdb_bind_info info)
{
    struct lks_sheet **feeding = lks_duckdb.bind_get_extra_info(info), *sheet = *feeding;
    char name[16];
    if (!sheet) { /* an analyst's statement, say */
        lks_duckdb.bind_set_error(info, "there is no sheet");
        return;
    }
    for (idx_t i = 0; i < sheet->columns; i++) {
        snprintf(name, sizeof name, "c%u", (unsigned)i);
        lks_duckdb.bind_add_result_column(info, name, sheet->types[i]);
    }
    lks_duckdb.bind_set_bind_data(info, sheet, NULL);
}

static void feed_start(duckdb_init_info info)
{
    lks_duckdb.init_set_max_threads(info, 1);
}

/* Whether nothing but nulls stands in so many rows from the next one on; they begin with a word. */
static bool all_null(const struct lks_sheet *sheet, idx_t column, idx_t count)
{
    const uint64_t *words = sheet->validity[column] + sheet->given / 64;
    uint64_t any = 0;
    for (idx_t i = 0; i < count / 64; i++)
        any |= words[i];
    if (count % 64)
        any |= words[count / 64] & ((UINT64_C(1) << (count % 64)) - 1);
    return any == 0;
}

static void feed_next(duckdb_function_info info, duckdb_data_chunk chunk)
{
    struct lks_sheet *sheet = lks_duckdb.function_get_bind_data(info);
    idx_t count = sheet->rows - sheet->given, vector_rows = lks_duckdb.vector_size();
    if (count > vector_rows)
        count = vector_rows;
    for (idx_t i = 0; count && i < sheet->columns; i++) {
        duckdb_vector vector = lks_duckdb.data_chunk_get_vector(chunk, i);
        size_t size = sheet->item_bytes[i];
        if (sheet->nulls[i] && all_null(sheet, i, count)) { /* a third of the time for these */
            lks_duckdb.vector_reference_value(vector, sheet->null);
            continue;
        }
        memcpy(lks_duckdb.vector_get_data(vector),
               (const char *)sheet->data[i] + (size_t)sheet->given * size, (size_t)count * size);
        if (!sheet->nulls[i])
            continue;
        lks_duckdb.vector_ensure_validity_writable(vector);
        memcpy(lks_duckdb.vector_get_validity(vector), sheet->validity[i] + sheet->given / 64,
               (size_t)(count + 63) / 64 * sizeof(uint64_t));
    }
    lks_duckdb.data_chunk_set_size(chunk, count);
    sheet->given += count;
}

int lks_sheet_register(struct lks_db *db)
{
    db->feeding = calloc(1, sizeof *db->feeding);
    duckdb_table_function function = lks_duckdb.create_table_function();
    lks_duckdb.table_function_set_name(function, "lockstep_sheet");
    lks_duckdb.table_function_set_extra_info(function, db->feeding, NULL);
    lks_duckdb.table_function_set_bind(function, feed_bind);
    lks_duckdb.table_function_set_init(function, feed_start);
    lks_duckdb.table_function_set_function(function, feed_next);
    duckdb_state state =
        db->feeding ? lks_duckdb.register_table_function(db->connection, function) : DuckDBError;
    lks_duckdb.destroy_table_function(&function);
    return state == DuckDBSuccess ? 0 : -1;
}

/* ---- the sheet ---- */

static size_t item_bytes_of(duckdb_logical_type type)
{
    duckdb_type id = lks_duckdb.get_type_id(type);
    if (id == DUCKDB_TYPE_ENUM)
        id = lks_duckdb.enum_internal_type(type);
    switch (id) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_UTINYINT:
        return 1;
    case DUCKDB_TYPE_UINTEGER:
        return 4;
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_DOUBLE:
        return 8;
    case DUCKDB_TYPE_VARCHAR:
        return sizeof(duckdb_string_t);
    default: /* no table of ours has another */
        return 0;
    }
}

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "memory is out");
}

/* Learns the table's types and makes room for rows. */
static int columns_open(struct lks_sheet *sheet, const char *catalog, const char *table,
                        struct lks_error *err)
{
    struct lks_buffer sql = {0};
    struct lks_rows rows = {0};
    lks_buffer_format(&sql, "SELECT * FROM %s%s", catalog ? catalog : "main",
                      catalog ? ".main." : ".");
    lks_db_quote(&sql, table, '"');
    lks_buffer_append(&sql, " LIMIT 0", 9);
    int code = sql.failed ? memory_out(err) : lks_rows_open(&rows, sheet->db, sql.data, err);
    lks_buffer_free(&sql);
    if (code)
        return code;
    sheet->columns = rows.columns;
    for (idx_t i = 0; i < sheet->columns; i++) {
        sheet->types[i] = lks_duckdb.column_logical_type(&rows.result, i);
        sheet->item_bytes[i] = item_bytes_of(sheet->types[i]);
        if (!sheet->item_bytes[i])
            code =
                lks_error_set(err, LKS_ESTORE, "%s: a column of %s has a type that it cannot have",
                              sheet->db->name, table);
        sheet->data[i] = malloc(sheet->item_bytes[i] * LKS_SHEET_ROWS);
        if (code == 0 && !sheet->data[i])
            code = memory_out(err);
    }
    lks_rows_close(&rows);
    return code;
}

int lks_sheet_open(struct lks_sheet *sheet, const struct lks_db *db, const char *catalog,
                   const char *table, struct lks_error *err)
{
    struct lks_buffer sql = {0};
    *sheet = (struct lks_sheet){.db = db, .null = lks_duckdb.create_null_value()};
    int code = columns_open(sheet, catalog, table, err);
    lks_buffer_format(&sql, "INSERT INTO %s%s", catalog ? catalog : "main",
                      catalog ? ".main." : ".");
    lks_db_quote(&sql, table, '"');
    lks_buffer_text(&sql, " SELECT * FROM lockstep_sheet()");
    lks_buffer_byte(&sql, 0);
    if (code == 0 && sql.failed)
        code = memory_out(err);
    if (code == 0) {
        *db->feeding = sheet;
        if (lks_duckdb.prepare(db->connection, sql.data, &sheet->statement) != DuckDBSuccess)
            code = lks_db_fail(db, lks_duckdb.prepare_error(sheet->statement), err);
        *db->feeding = NULL;
    }
    lks_buffer_free(&sql);
    if (code)
        lks_sheet_drop(sheet);
    return code;
}

int lks_sheet_flush(struct lks_sheet *sheet, struct lks_error *err)
{
    duckdb_result result;
    int code = 0;
    if (sheet->failed)
        return memory_out(err);
    if (!sheet->rows)
        return 0;
    sheet->given = 0;
    *sheet->db->feeding = sheet;
    if (lks_duckdb.execute_prepared(sheet->statement, &result) != DuckDBSuccess)
        code = lks_db_fail(sheet->db, lks_duckdb.result_error(&result), err);
    lks_duckdb.destroy_result(&result);
    *sheet->db->feeding = NULL;
    LKS_ASSERT(code || sheet->given == sheet->rows);
    for (idx_t i = 0; i < sheet->columns; i++)
        if (sheet->nulls[i]) {
            memset(sheet->validity[i], 0xff, LKS_SHEET_ROWS / 8);
            sheet->nulls[i] = 0;
        }
    sheet->rows = 0;
    lks_arena_reset(&sheet->texts);
    sheet->texts_left = 0;
    return code;
}

int lks_sheet_close(struct lks_sheet *sheet, struct lks_error *err)
{
    int code = lks_sheet_flush(sheet, err);
    lks_sheet_drop(sheet);
    return code;
}

void lks_sheet_drop(struct lks_sheet *sheet)
{
    if (sheet->db) {
        lks_duckdb.destroy_prepare(&sheet->statement);
        lks_duckdb.destroy_value(&sheet->null);
    }
    for (idx_t i = 0; i < sheet->columns; i++) {
        lks_duckdb.destroy_logical_type(&sheet->types[i]);
        free(sheet->data[i]);
        free(sheet->validity[i]);
    }
    lks_arena_free(&sheet->texts);
    *sheet = (struct lks_sheet){0};
}

/* The column's bits of validity, all set to begin with; NULL when memory is out. */
static uint64_t *validity_of(struct lks_sheet *sheet, unsigned column)
{
    if (!sheet->validity[column]) {
        sheet->validity[column] = malloc(LKS_SHEET_ROWS / 8);
        if (!sheet->validity[column]) {
            sheet->failed = 1;
            return NULL;
        }
        memset(sheet->validity[column], 0xff, LKS_SHEET_ROWS / 8);
    }
    sheet->nulls[column] = 1;
    return sheet->validity[column];
}

void lks_sheet_null(struct lks_sheet *sheet, unsigned column)
{
    uint64_t *validity = validity_of(sheet, column);
    if (validity)
        validity[sheet->rows / 64] &= ~(UINT64_C(1) << (sheet->rows % 64));
}

static void null_row(struct lks_sheet *sheet, unsigned column, size_t row)
{
    uint64_t *validity = validity_of(sheet, column);
    if (validity)
        validity[row / 64] &= ~(UINT64_C(1) << (row % 64));
}

/* All of the next rows. */
static void null_rows(struct lks_sheet *sheet, unsigned column, size_t count)
{
    uint64_t *validity = validity_of(sheet, column);
    size_t end = sheet->rows + count;
    for (size_t row = sheet->rows; validity && row < end;) {
        size_t step = 64 - row % 64;
        if (step > end - row)
            step = end - row;
        uint64_t bits = step == 64 ? UINT64_MAX : ((UINT64_C(1) << step) - 1) << (row % 64);
        validity[row / 64] &= ~bits;
        row += step;
    }
}

/* How many bytes from the start are valid UTF-8. */
static size_t utf8_valid_bytes(struct lks_str text)
{
    size_t at = 0;
    while ((at = lks_utf8_ascii_run(text, at)) < text.size_bytes) {
        uint32_t code;
        do { /* letters above ASCII stand together */
            size_t size = lks_utf8_next(text, at, &code);
            if (code == LKS_UTF8_BAD)
                return at;
            at += size;
        } while (at < text.size_bytes && (unsigned char)text.data[at] >= 0x80);
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

/* Room for a text until the sheet is handed over. Texts lie close, unlike what an arena gives out. */
static char *texts_room(struct lks_sheet *sheet, size_t size_bytes)
{
    enum { PIECE_BYTES = 64 * 1024 };
    if (sheet->texts_left < size_bytes) {
        if (size_bytes > PIECE_BYTES / 4)
            return lks_arena_alloc(&sheet->texts, size_bytes);
        sheet->texts_at = lks_arena_alloc(&sheet->texts, PIECE_BYTES);
        sheet->texts_left = sheet->texts_at ? PIECE_BYTES : 0;
        if (!sheet->texts_at)
            return NULL;
    }
    char *room = sheet->texts_at;
    sheet->texts_at += size_bytes;
    sheet->texts_left -= size_bytes;
    return room;
}

/* Copies at least 13 bytes; returns whether all of them are ASCII. */
static inline bool copy_ascii(char *to, const char *from, size_t size_bytes)
{
#ifdef __SSE2__
    if (size_bytes >= 16) {
        __m128i all = _mm_setzero_si128(), here;
        for (size_t at = 0; at < size_bytes - 15; at += 16) {
            here = _mm_loadu_si128((const __m128i *)(const void *)(from + at));
            _mm_storeu_si128((__m128i *)(void *)(to + at), here);
            all = _mm_or_si128(all, here);
        }
        here = _mm_loadu_si128((const __m128i *)(const void *)(from + size_bytes - 16));
        _mm_storeu_si128((__m128i *)(void *)(to + size_bytes - 16), here);
        return _mm_movemask_epi8(_mm_or_si128(all, here)) == 0;
    }
#endif
    memcpy(to, from, size_bytes);
    return lks_utf8_ascii_run((struct lks_str){from, size_bytes}, 0) == size_bytes;
}

/* At most 12 bytes as a word of 8 and one of 4, zeros behind. */
static inline uint64_t short_words(struct lks_str text, uint32_t *rest)
{
    uint64_t word = 0;
    uint32_t low = 0, high = 0;
    size_t size = text.size_bytes;
    *rest = 0;
    if (size >= 8) {
        memcpy(&word, text.data, 8);
        for (size_t i = 8; i < size; i++)
            *rest |= (uint32_t)(unsigned char)text.data[i] << (8 * (i - 8));
    } else if (size >= 4) {
        memcpy(&low, text.data, 4);
        memcpy(&high, text.data + size - 4, 4);
        word = low | (uint64_t)high << (8 * (size - 4));
    } else {
        for (size_t i = 0; i < size; i++)
            word |= (uint64_t)(unsigned char)text.data[i] << (8 * i);
    }
    return word;
}

static void cell_short(duckdb_string_t *cell, uint32_t size, uint64_t word, uint32_t rest)
{
    cell->value.inlined.length = size;
    memcpy(cell->value.inlined.inlined, &word, 8);
    memcpy(cell->value.inlined.inlined + 8, &rest, 4);
}

static void cell_long(duckdb_string_t *cell, const char *data, size_t size_bytes)
{
    cell->value.pointer.length = (uint32_t)size_bytes;
    memcpy(cell->value.pointer.prefix, data, sizeof cell->value.pointer.prefix);
    memcpy(&cell->value.pointer.ptr, &data, sizeof data);
}

/* A text that is not ASCII, so perhaps not UTF-8; false when memory is out. */
static bool cell_repaired(struct lks_sheet *sheet, duckdb_string_t *cell, struct lks_str text)
{
    struct lks_str good = lks_utf8_repair(&sheet->texts, text);
    uint32_t rest;
    if (!good.data || good.size_bytes > UINT32_MAX)
        return false;
    if (good.size_bytes <= sizeof cell->value.inlined.inlined) {
        uint64_t word = short_words(good, &rest);
        cell_short(cell, (uint32_t)good.size_bytes, word, rest);
        return true;
    }
    if (good.data == text.data) {
        char *copy = texts_room(sheet, good.size_bytes);
        if (!copy)
            return false;
        good.data = memcpy(copy, good.data, good.size_bytes);
    }
    cell_long(cell, good.data, good.size_bytes);
    return true;
}

/* What is not null; false when memory is out. */
static inline bool cell_text(struct lks_sheet *sheet, duckdb_string_t *cell, struct lks_str text)
{
    if (text.size_bytes <= sizeof cell->value.inlined.inlined) {
        uint32_t rest;
        uint64_t word = short_words(text, &rest);
        if (((word | rest) & UINT64_C(0x8080808080808080)) != 0)
            return cell_repaired(sheet, cell, text);
        cell_short(cell, (uint32_t)text.size_bytes, word, rest);
        return true;
    }
    char *copy = text.size_bytes <= UINT32_MAX ? texts_room(sheet, text.size_bytes) : NULL;
    if (!copy)
        return false;
    if (!copy_ascii(copy, text.data, text.size_bytes) && utf8_valid_bytes(text) != text.size_bytes)
        return cell_repaired(sheet, cell, text);
    cell_long(cell, copy, text.size_bytes);
    return true;
}

void lks_sheet_text(struct lks_sheet *sheet, unsigned column, struct lks_str text)
{
    duckdb_string_t *cell = &((duckdb_string_t *)sheet->data[column])[sheet->rows];
    if (text.data && cell_text(sheet, cell, text))
        return;
    memset(cell, 0, sizeof *cell);
    sheet->failed |= text.data != NULL;
    lks_sheet_null(sheet, column);
}

/* How many of the next rows have no value decides how that is written down. */
static void nulls_write(struct lks_sheet *sheet, unsigned column, size_t nulls, size_t count,
                        const unsigned char *is_null)
{
    if (nulls == count)
        null_rows(sheet, column, count);
    else
        for (size_t i = 0; nulls && i < count; i++)
            if (is_null[i])
                null_row(sheet, column, sheet->rows + i);
}

void lks_sheet_texts(struct lks_sheet *sheet, unsigned column, const struct lks_str *first,
                     size_t stride, size_t count)
{
    duckdb_string_t *cells = &((duckdb_string_t *)sheet->data[column])[sheet->rows];
    const char *at = (const char *)first;
    unsigned char is_null[LKS_SHEET_VECTOR_ROWS];
    size_t nulls = 0;
    for (size_t i = 0; i < count; i++, at += stride) {
        const struct lks_str *text = (const struct lks_str *)(const void *)at;
        is_null[i] = !text->data || !cell_text(sheet, &cells[i], *text);
        if (is_null[i]) {
            memset(&cells[i], 0, sizeof cells[i]);
            sheet->failed |= text->data != NULL;
            nulls++;
        }
    }
    nulls_write(sheet, column, nulls, count, is_null);
}

void lks_sheet_i64s(struct lks_sheet *sheet, unsigned column, const int64_t *first, size_t stride,
                    size_t count)
{
    int64_t *cells = &((int64_t *)sheet->data[column])[sheet->rows];
    const char *at = (const char *)first;
    unsigned char is_null[LKS_SHEET_VECTOR_ROWS];
    size_t nulls = 0;
    for (size_t i = 0; i < count; i++, at += stride) {
        cells[i] = *(const int64_t *)(const void *)at;
        is_null[i] = cells[i] == INT64_MIN;
        nulls += is_null[i];
    }
    nulls_write(sheet, column, nulls, count, is_null);
}

void lks_sheet_flags(struct lks_sheet *sheet, unsigned column, const int *first, size_t stride,
                     size_t count)
{
    uint8_t *cells = &((uint8_t *)sheet->data[column])[sheet->rows];
    const char *at = (const char *)first;
    unsigned char is_null[LKS_SHEET_VECTOR_ROWS];
    size_t nulls = 0;
    for (size_t i = 0; i < count; i++, at += stride) {
        int value = *(const int *)(const void *)at;
        cells[i] = value == 1;
        is_null[i] = value < 0;
        nulls += is_null[i];
    }
    nulls_write(sheet, column, nulls, count, is_null);
}
