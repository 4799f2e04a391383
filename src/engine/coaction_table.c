/* coaction_table.c - edges to a file, as CSV or Parquet, whole or not at all */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/coaction_parts.h"
#include "store/parquet.h"

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
        return lks_error_set(err, LKS_EARGUMENT, "%s: tables are written as .csv or .parquet", path);
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

static void field_end(struct lks_coaction_table *table)
{
    table->field++;
    if (table->field == table->types_count) {
        table->field = 0;
        lks_writer_put(&table->writer, "\n", 1);
    } else {
        lks_writer_put(&table->writer, ",", 1);
    }
}

void lks_coaction_table_text(struct lks_coaction_table *table, struct lks_str text)
{
    if (!table->open)
        return;
    int quote = text.size_bytes == 0;
    for (size_t i = 0; !quote && i < text.size_bytes; i++)
        quote = strchr(",\"\r\n", text.data[i]) != NULL;
    if (!quote) {
        lks_writer_put(&table->writer, text.data, text.size_bytes);
        field_end(table);
        return;
    }
    lks_writer_put(&table->writer, "\"", 1);
    for (size_t i = 0; i < text.size_bytes; i++) {
        if (text.data[i] == '"')
            lks_writer_put(&table->writer, "\"", 1);
        lks_writer_put(&table->writer, text.data + i, 1);
    }
    lks_writer_put(&table->writer, "\"", 1);
    field_end(table);
}

void lks_coaction_table_uint(struct lks_coaction_table *table, uint64_t value)
{
    if (!table->open)
        return;
    lks_writer_format(&table->writer, "%" PRIu64, value);
    field_end(table);
}

void lks_coaction_table_double(struct lks_coaction_table *table, double value)
{
    char text[40];
    if (!table->open)
        return;
    /* The shortest text that reads back the same. */
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    lks_writer_text(&table->writer, text);
    field_end(table);
}

int lks_coaction_table_commit(struct lks_coaction_table *table, struct lks_error *err)
{
    if (!table->open)
        return 0;
    table->open = 0;
    int code = lks_writer_commit(&table->writer, err);
    if (table->csv_path) {
        if (code == 0) {
            code = lks_parquet_from_csv(table->csv_path, table->types, table->types_count,
                                        table->path, err);
            unlink(table->csv_path);
        }
        free(table->csv_path);
        table->csv_path = NULL;
    }
    return code;
}

void lks_coaction_table_abandon(struct lks_coaction_table *table)
{
    if (table->open)
        lks_writer_abandon(&table->writer);
    free(table->csv_path);
    *table = (struct lks_coaction_table){0};
}
