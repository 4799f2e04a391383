/* csv_tables.c - the tables of a run as CSV: guarded for readers, unguarded for programs (Parquet is made
 * from that) */
#include "dossier/csv_tables.h"

#include "base/writer.h"
#include "dossier/csv_field.h"

enum { FLUSH_BYTES = 1 << 16 };

static void put_row(struct lks_buffer *buffer, const struct lks_results *results,
                    enum lks_export table, uint64_t row, int guard)
{
    size_t count;
    const struct lks_export_column *columns = lks_export_columns(table, &count);
    for (size_t i = 0; i < count; i++) {
        struct lks_export_value value = lks_export_value(results, table, row, i);
        if (i)
            lks_buffer_byte(buffer, ',');
        if (value.null)
            continue;
        if (columns[i].type == LKS_EXPORT_OUTSIDE)
            lks_csv_field(buffer, value.text, guard);
        else
            lks_export_append(buffer, columns[i].type, &value);
    }
    lks_buffer_text(buffer, guard ? "\r\n" : "\n");
}

static int write_csv(const struct lks_results *results, enum lks_export table, const char *path,
                     int guard, struct lks_error *err)
{
    struct lks_writer writer;
    struct lks_buffer buffer = {0};
    size_t count;
    const struct lks_export_column *columns = lks_export_columns(table, &count);
    int code = lks_writer_open(&writer, path, err);
    if (code)
        return code;
    for (size_t i = 0; i < count; i++) {
        lks_buffer_text(&buffer, i ? "," : "");
        lks_buffer_text(&buffer, columns[i].name);
    }
    lks_buffer_text(&buffer, guard ? "\r\n" : "\n");
    for (uint64_t row = 0; row < lks_export_rows_count(results, table); row++) {
        put_row(&buffer, results, table, row, guard);
        if (buffer.size_bytes >= FLUSH_BYTES && !buffer.failed) {
            lks_writer_put(&writer, buffer.data, buffer.size_bytes);
            lks_buffer_clear(&buffer);
        }
    }
    if (buffer.failed) {
        lks_writer_abandon(&writer);
        code = lks_error_set(err, LKS_EMEMORY, "%s: out of memory", path);
    } else {
        lks_writer_put(&writer, buffer.data, buffer.size_bytes);
        code = lks_writer_commit(&writer, err);
    }
    lks_buffer_free(&buffer);
    return code;
}

int lks_csv_table_write(const struct lks_results *results, enum lks_export table, const char *path,
                        struct lks_error *err)
{
    return write_csv(results, table, path, 1, err);
}

int lks_csv_table_write_plain(const struct lks_results *results, enum lks_export table,
                              const char *path, struct lks_error *err)
{
    return write_csv(results, table, path, 0, err);
}
