/* csv_tables.c - the tables of a run as CSV
 *
 * A spreadsheet runs what looks like a formula, and the texts here were written by the
 * very people under examination: so the CSV for readers guards them (CWE-1236), in a way
 * that can be undone exactly. Parquet is made from a second, unguarded CSV.
 */
#include "dossier/csv_tables.h"

#include "base/utf8.h"
#include "base/writer.h"

enum { FLUSH_BYTES = 1 << 16 };

/* Whether a spreadsheet might take the text for a formula; the apostrophe itself counts, so
 * that taking one away is always right. */
static int looks_like_formula(struct lks_str text)
{
    uint32_t c;
    if (text.size_bytes == 0)
        return 0;
    lks_utf8_next(text, 0, &c);
    switch (c) {
    case '=':
    case '+':
    case '-':
    case '@':
    case '\'':
    case '\t':
    case '\r':
    case '\n':
    case 0xff1d: /* full-width = + - @ */
    case 0xff0b:
    case 0xff0d:
    case 0xff20:
        return 1;
    default:
        return 0;
    }
}

/* A text in quotes: quotes doubled, NUL and bytes that are not UTF-8 as U+FFFD. */
static void put_quoted(struct lks_buffer *buffer, struct lks_str text, int guard)
{
    lks_buffer_byte(buffer, '"');
    if (guard && looks_like_formula(text))
        lks_buffer_byte(buffer, '\'');
    for (size_t at = 0, size; at < text.size_bytes; at += size) {
        uint32_t c;
        size = lks_utf8_next(text, at, &c);
        if (c == LKS_UTF8_BAD || c == 0)
            lks_buffer_text(buffer, "\xef\xbf\xbd");
        else
            lks_buffer_append(buffer, text.data + at, size);
        if (c == '"')
            lks_buffer_byte(buffer, '"');
    }
    lks_buffer_byte(buffer, '"');
}

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
            put_quoted(buffer, value.text, guard);
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
