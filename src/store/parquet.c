/* parquet.c - Parquet in, through a mapping
 *
 * DuckDB does the reading, in a database of its own in memory. Every mapped column
 * comes as text, in the forms that CSV and JSON have too, so that lks_mapping_row is the one
 * place that understands values:
 *
 *   times       ISO 8601 in UTC; whole numbers are Unix times
 *   doubles     whole ones below 2^53 as whole numbers (ids in a column with gaps); larger ones
 *               in scientific notation, which is refused: the id is lost
 *   lists       ["a","b"] */
#include "store/parquet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/progress.h"
#include "store/database.h"

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "memory is out");
}

int lks_parquet_recognise(const char *path)
{
    char magic[8];
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int is = file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
             status.st_size >= 12 && pread(file, magic, 4, 0) == 4 &&
             pread(file, magic + 4, 4, status.st_size - 4) == 4 &&
             memcmp(magic, "PAR1PAR1", 8) == 0;
    if (file >= 0)
        close(file);
    return is;
}

struct reading {
    struct lks_db db;
    int file;
    struct lks_buffer sql;
    struct lks_buffer fields[LKS_MAP_FIELDS_COUNT]; /* the column as SQL; empty: not mapped */
    const struct lks_mapping *mapping;
    int time_as_text;                        /* as the mapping's time_format describes */
    int result_column[LKS_MAP_FIELDS_COUNT]; /* in the last statement, or -1 */
};

static void source_text(struct reading *reading)
{
    lks_buffer_format(&reading->sql,
                      " FROM read_parquet('/proc/self/fd/%d', binary_as_string = true,"
                      " file_row_number = true)",
                      reading->file);
}

/* The names of the file's columns, one a line with its type, in a buffer that ends in NUL. */
static int columns_list(struct reading *reading, struct lks_str **names_out, size_t *count_out,
                        struct lks_arena *arena, struct lks_error *err)
{
    struct lks_rows rows;
    struct lks_buffer names = {0};
    lks_buffer_clear(&reading->sql);
    lks_buffer_text(&reading->sql, "SELECT *");
    source_text(reading);
    lks_buffer_text(&reading->sql, " LIMIT 0");
    lks_buffer_byte(&reading->sql, 0);
    if (reading->sql.failed)
        return memory_out(err);
    int code = lks_rows_prepare(&rows, &reading->db, reading->sql.data, err);
    if (code)
        return code;
    /* The last column is the row's number. */
    duckdb_result result;
    if (lks_duckdb.execute_prepared(rows.statement, &result) != DuckDBSuccess) {
        code = lks_db_fail(&reading->db, lks_duckdb.result_error(&result), err);
    } else {
        idx_t count = lks_duckdb.column_count(&result);
        for (idx_t i = 0; i + 1 < count; i++) {
            struct lks_str name =
                lks_arena_str(arena, lks_str_from(lks_duckdb.column_name(&result, i)));
            lks_buffer_append(&names, &name, sizeof name);
        }
    }
    lks_duckdb.destroy_result(&result);
    lks_rows_close(&rows);
    *count_out = names.size_bytes / sizeof(struct lks_str);
    *names_out = lks_arena_alloc(arena, names.size_bytes + 1);
    if (code == 0 && (names.failed || !*names_out))
        code = memory_out(err);
    if (code == 0 && names.size_bytes)
        memcpy(*names_out, names.data, names.size_bytes);
    lks_buffer_free(&names);
    return code;
}

static int column_missing(const struct reading *reading, const char *column,
                          const struct lks_str *names, size_t count, struct lks_error *err)
{
    struct lks_buffer known = {0};
    for (size_t i = 0; i < count && known.size_bytes < 600; i++) {
        lks_buffer_text(&known, i ? ", " : "");
        lks_buffer_append(&known, names[i].data,
                          names[i].size_bytes < 80 ? names[i].size_bytes : 80);
    }
    lks_buffer_byte(&known, 0);
    int code = lks_error_set(err, LKS_EARGUMENT, "%s has no column '%.200s'; it has: %s",
                             reading->db.name, column, known.failed ? "" : known.data);
    lks_buffer_free(&known);
    return code;
}

/* A mapped name as SQL: a column of that very name, or "column.member.member" of a structure. */
static int field_resolve(struct reading *reading, const char *column, const struct lks_str *names,
                         size_t count, struct lks_buffer *sql, struct lks_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (lks_str_equal_text(names[i], column)) {
            lks_db_quote(sql, column, '"');
            return 0;
        }
    for (size_t i = 0; i < count; i++) {
        size_t size = names[i].size_bytes;
        if (strncmp(names[i].data, column, size) != 0 || column[size] != '.')
            continue;
        lks_db_quote(sql, names[i].data, '"');
        char *path = strdup(column + size + 1), *rest = path, *member;
        while (path && (member = strsep(&rest, "."))) {
            lks_buffer_byte(sql, '[');
            lks_db_quote(sql, member, '\'');
            lks_buffer_byte(sql, ']');
        }
        int failed = !path;
        free(path);
        return failed ? memory_out(err) : 0;
    }
    return column_missing(reading, column, names, count, err);
}

/* What turns a column of this type into text; %s stands for the column. */
static void field_as_text(struct lks_buffer *sql, const char *column, const char *type)
{
    size_t size = strlen(type);
    if (size > 2 && strcmp(type + size - 2, "[]") == 0)
        lks_buffer_format(sql,
                          "CASE WHEN len(%s) = 0 THEN NULL ELSE"
                          " '[\"' || array_to_string(%s, '\",\"') || '\"]' END",
                          column, column);
    else if (strncmp(type, "TIMESTAMP", 9) == 0)
        lks_buffer_format(
            sql, "TRY(strftime(make_timestamp(epoch_us(%s)), '%%Y-%%m-%%dT%%H:%%M:%%S.%%fZ'))",
            column);
    else if (strcmp(type, "DATE") == 0)
        lks_buffer_format(sql, "TRY(strftime(%s, '%%Y-%%m-%%d'))", column);
    else if (strcmp(type, "DOUBLE") == 0 || strcmp(type, "FLOAT") == 0)
        lks_buffer_format(sql,
                          "CASE WHEN %s = trunc(%s) AND abs(%s) < 9007199254740992"
                          " THEN CAST(CAST(%s AS BIGINT) AS VARCHAR)"
                          " WHEN isnan(%s) THEN NULL ELSE CAST(%s AS VARCHAR) END",
                          column, column, column, column, column, column);
    else
        lks_buffer_format(sql, "CAST(%s AS VARCHAR)", column);
}

/* Finds every mapped column and its type; leaves the statement that reads them in sql. */
static int statement_make(struct reading *reading, const struct lks_mapping *mapping,
                          struct lks_error *err)
{
    struct lks_arena arena = {0};
    struct lks_str *names = NULL;
    struct lks_rows rows;
    size_t count = 0;
    int next = 1, code = columns_list(reading, &names, &count, &arena, err);
    struct lks_buffer describe = {0};
    lks_buffer_text(&describe, "SELECT column_type FROM (DESCRIBE SELECT 0");
    for (int i = 0; code == 0 && i < LKS_MAP_FIELDS_COUNT; i++) {
        reading->result_column[i] = -1;
        if (!lks_mapping_is_read(mapping, i))
            continue;
        code = field_resolve(reading, mapping->column[i], names, count, &reading->fields[i], err);
        lks_buffer_byte(&reading->fields[i], 0);
        reading->result_column[i] = next++;
        if (code == 0)
            lks_buffer_format(&describe, ", %s", reading->fields[i].data);
    }
    lks_buffer_clear(&reading->sql);
    source_text(reading);
    lks_buffer_append(&describe, reading->sql.data, reading->sql.size_bytes);
    lks_buffer_append(&describe, ")", 2);
    lks_arena_free(&arena);
    if (code == 0)
        code = describe.failed ? memory_out(err)
                               : lks_rows_open(&rows, &reading->db, describe.data, err);
    lks_buffer_free(&describe);
    if (code)
        return code;
    lks_buffer_clear(&reading->sql);
    lks_buffer_text(&reading->sql, "SELECT file_row_number");
    code = lks_rows_next(&rows, err);
    for (int i = 0; code == 1 && i < LKS_MAP_FIELDS_COUNT; i++) {
        char type[64];
        if (reading->result_column[i] < 0)
            continue;
        struct lks_str text = lks_rows_text(&rows, 0, (idx_t)reading->result_column[i]);
        /* Only its start and its end matter. */
        size_t skip = text.size_bytes > 60 ? text.size_bytes - 60 : 0;
        snprintf(type, sizeof type, "%.*s", (int)(text.size_bytes - skip), text.data + skip);
        lks_buffer_text(&reading->sql, ", ");
        field_as_text(&reading->sql, reading->fields[i].data, type);
        if (i == LKS_MAP_TIME)
            reading->time_as_text = strcmp(type, "VARCHAR") == 0;
    }
    lks_rows_close(&rows);
    source_text(reading);
    lks_buffer_byte(&reading->sql, 0);
    if (code < 0)
        return code;
    return reading->sql.failed ? memory_out(err) : 0;
}

/* The start of a row as it would stand in a CSV file: what a reject shows. */
static struct lks_str row_bytes(const struct lks_str values[LKS_MAP_FIELDS_COUNT],
                                struct lks_buffer *line)
{
    lks_buffer_clear(line);
    for (int i = 0; i < LKS_MAP_FIELDS_COUNT && line->size_bytes < 120; i++) {
        if (!values[i].data)
            continue;
        if (line->size_bytes)
            lks_buffer_byte(line, ',');
        lks_buffer_append(line, values[i].data,
                          values[i].size_bytes < 120 ? values[i].size_bytes : 120);
    }
    return (struct lks_str){line->data, line->size_bytes};
}

/* One chunk of rows as one batch: its strings lie in the chunk. */
static int chunk_read(struct reading *reading, const struct lks_rows *rows, uint64_t *row_number,
                      struct lks_batch *batch, struct lks_buffer *line, struct lks_error *err)
{
    lks_batch_reset(batch);
    for (idx_t row = 0; row < rows->count; row++) {
        struct lks_str values[LKS_MAP_FIELDS_COUNT];
        for (int i = 0; i < LKS_MAP_FIELDS_COUNT; i++)
            values[i] = reading->result_column[i] < 0
                            ? LKS_STR_NULL
                            : lks_rows_text(rows, (unsigned)reading->result_column[i], row);
        uint64_t number = (uint64_t)lks_rows_i64(rows, 0, row);
        if (number != *row_number)
            return lks_error_set(err, LKS_EINPUT, "%s: rows arrive out of order", reading->db.name);
        ++*row_number;
        batch->rows_count++;
        struct lks_str bytes = row_bytes(values, line);
        int code = reading->time_as_text
                       ? lks_mapping_time(reading->mapping, &values[LKS_MAP_TIME], &batch->arena)
                       : 0;
        lks_mapping_constants(reading->mapping, values);
        if (code == 0)
            code = lks_mapping_row(values, number + 1, number, 0, bytes, batch);
        if (code || line->failed)
            return memory_out(err);
    }
    return 0;
}

static int rows_read(struct reading *reading, const struct lks_control *control,
                     int (*put)(void *context, const struct lks_batch *batch,
                                struct lks_error *err),
                     void *context, uint64_t *rows_count, struct lks_error *err)
{
    struct lks_batch batch = {0};
    struct lks_buffer line = {0};
    struct lks_meter meter;
    struct lks_rows rows;
    int code = lks_rows_open(&rows, &reading->db, reading->sql.data, err);
    if (code)
        return code;
    lks_meter_start(&meter, control, "parse", "rows", 0);
    while ((code = lks_rows_next(&rows, err)) == 1) {
        code = chunk_read(reading, &rows, rows_count, &batch, &line, err);
        if (code == 0)
            code = put(context, &batch, err);
        if (code == 0)
            code = lks_meter_at(&meter, *rows_count, err);
        if (code)
            break;
    }
    lks_rows_close(&rows);
    if (code == 0)
        lks_meter_finish(&meter);
    lks_batch_free(&batch);
    lks_buffer_free(&line);
    return code;
}

int lks_parquet_read(const char *path, const struct lks_mapping *mapping,
                     const struct lks_control *control,
                     int (*put)(void *context, const struct lks_batch *batch,
                                struct lks_error *err),
                     void *context, uint64_t *rows_count, struct lks_error *err)
{
    struct reading reading = {.file = open(path, O_RDONLY | O_CLOEXEC), .mapping = mapping};
    *rows_count = 0;
    if (reading.file < 0)
        return lks_error_system(err, path, "cannot be read");
    int code = lks_db_open_beside(&reading.db, path, reading.file, -1, control, err);
    if (code == 0)
        code = statement_make(&reading, mapping, err);
    if (code == 0)
        code = rows_read(&reading, control, put, context, rows_count, err);
    lks_db_close(&reading.db);
    lks_buffer_free(&reading.sql);
    for (int i = 0; i < LKS_MAP_FIELDS_COUNT; i++)
        lks_buffer_free(&reading.fields[i]);
    close(reading.file);
    return code;
}
