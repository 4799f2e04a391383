/* coaction_table.c - edges to a file, as CSV or Parquet, whole or not at all */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "detect/coaction_parts.h"
#include "store/parquet.h"

enum { FLUSH_BYTES = 1 << 16 };

static int ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

int lks_coaction_table_open(struct lks_coaction_table *table, const char *path,
                            const char *const *names, const char *const *types, size_t count,
                            struct lks_error *err)
{
    *table = (struct lks_coaction_table){.path = path, .types = types, .types_count = count};
    if (!path)
        return 0;
    if (ends_with(path, ".parquet")) {
        size_t size = strlen(path) + sizeof ".csv";
        table->csv_path = malloc(size);
        if (!table->csv_path)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        snprintf(table->csv_path, size, "%s.csv", path);
    } else if (!ends_with(path, ".csv")) {
        return lks_error_set(err, LKS_EARGUMENT, "%s: tables are written as .csv or .parquet",
                             path);
    }
    int code = lks_writer_open(&table->writer, table->csv_path ? table->csv_path : path, err);
    if (code < 0) {
        free(table->csv_path);
        table->csv_path = NULL;
        return code;
    }
    table->open = 1;
    for (size_t i = 0; i < count; i++)
        lks_coaction_table_text(table, lks_str_from(names[i]));
    return 0;
}

static void rows_flush(struct lks_coaction_table *table)
{
    if (table->rows.failed)
        table->writer.failed = 1;
    lks_writer_put(&table->writer, table->rows.data, table->rows.size_bytes);
    lks_buffer_clear(&table->rows);
}

static void field_end(struct lks_coaction_table *table)
{
    table->field++;
    if (table->field < table->types_count) {
        lks_buffer_byte(&table->rows, ',');
        return;
    }
    table->field = 0;
    lks_buffer_byte(&table->rows, '\n');
    if (!table->part && table->rows.size_bytes >= FLUSH_BYTES)
        rows_flush(table);
}

void lks_coaction_table_text(struct lks_coaction_table *table, struct lks_str text)
{
    if (!table->open)
        return;
    int quote = text.size_bytes == 0;
    for (size_t i = 0; !quote && i < text.size_bytes; i++)
        quote = strchr(",\"\r\n", text.data[i]) != NULL;
    if (!quote) {
        lks_buffer_append(&table->rows, text.data, text.size_bytes);
        field_end(table);
        return;
    }
    lks_buffer_byte(&table->rows, '"');
    for (size_t i = 0; i < text.size_bytes; i++) {
        if (text.data[i] == '"')
            lks_buffer_byte(&table->rows, '"');
        lks_buffer_byte(&table->rows, text.data[i]);
    }
    lks_buffer_byte(&table->rows, '"');
    field_end(table);
}

void lks_coaction_table_uint(struct lks_coaction_table *table, uint64_t value)
{
    char text[20];
    size_t at = sizeof text;
    if (!table->open)
        return;
    do
        text[--at] = (char)('0' + value % 10);
    while (value /= 10);
    lks_buffer_append(&table->rows, text + at, sizeof text - at);
    field_end(table);
}

void lks_coaction_table_double(struct lks_coaction_table *table, double value)
{
    char text[40];
    if (!table->open)
        return;
    /* The shortest text that reads back the same: a decimal of up to 15 digits survives, so
     * that 15 digits without the zeros at the end are it if they read back; else more. */
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    lks_buffer_text(&table->rows, text);
    field_end(table);
}

struct lks_coaction_table lks_coaction_table_part(const struct lks_coaction_table *table)
{
    return (struct lks_coaction_table){
        .types_count = table->types_count, .open = table->open, .part = 1};
}

void lks_coaction_table_join(struct lks_coaction_table *table, struct lks_coaction_table *part)
{
    if (!table->open)
        return;
    rows_flush(table);
    if (part->rows.failed)
        table->writer.failed = 1;
    lks_writer_put(&table->writer, part->rows.data, part->rows.size_bytes);
    lks_buffer_clear(&part->rows);
}

int lks_coaction_table_check(const struct lks_coaction_table *table, struct lks_error *err)
{
    if (!table->open || !table->writer.failed)
        return 0;
    return lks_error_system(err, table->path, "cannot be written");
}

int lks_coaction_table_commit(struct lks_coaction_table *table, struct lks_error *err)
{
    if (!table->open)
        return 0;
    rows_flush(table);
    table->open = 0;
    lks_buffer_free(&table->rows);
    int code = lks_writer_commit(&table->writer, err);
    if (table->csv_path) {
        if (code == 0) {
            code = lks_parquet_from_csv_within(table->csv_path, table->types, table->types_count,
                                               table->path, table->memory_bytes, err);
            unlink(table->csv_path);
        }
        free(table->csv_path);
        table->csv_path = NULL;
    }
    return code;
}

void lks_coaction_table_abandon(struct lks_coaction_table *table)
{
    if (table->open && !table->part)
        lks_writer_abandon(&table->writer);
    free(table->csv_path);
    lks_buffer_free(&table->rows);
    *table = (struct lks_coaction_table){0};
}
