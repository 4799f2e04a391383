/* parquet_write.c - Parquet out: a CSV file of ours copied by DuckDB, whole or not at all */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/database.h"
#include "store/parquet.h"

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "memory is out");
}

/* The header's names, unescaped, as the columns of read_csv: {'name': 'TYPE', ...}. */
static int columns_text(FILE *csv, const char *const *types, size_t types_count,
                        struct lks_buffer *sql)
{
    struct lks_buffer name = {0};
    size_t count = 0;
    int quoted = 0, c = 0, bad = 0;
    lks_buffer_byte(sql, '{');
    while (!bad && count < types_count && (c = getc(csv)) != EOF) {
        if (c == '"') {
            int next = quoted ? getc(csv) : 0;
            if (next == '"')
                lks_buffer_byte(&name, '"');
            else {
                quoted = !quoted;
                if (!quoted)
                    ungetc(next, csv);
            }
        } else if (!quoted && (c == ',' || c == '\n')) {
            lks_buffer_byte(&name, 0);
            if (name.failed)
                break;
            lks_buffer_text(sql, count ? ", " : "");
            lks_db_quote(sql, name.data, '\'');
            lks_buffer_format(sql, ": '%s'", types[count++]);
            lks_buffer_clear(&name);
            if ((c == '\n') != (count == types_count))
                bad = 1;
        } else if (quoted || c != '\r') {
            bad = c == 0;
            lks_buffer_byte(&name, (char)c);
        }
    }
    lks_buffer_byte(sql, '}');
    bad |= name.failed || sql->failed || count != types_count;
    lks_buffer_free(&name);
    return bad ? -1 : 0;
}

static int copy_statement(const char *csv_path, FILE *csv, int out, const char *const *types,
                          size_t types_count, struct lks_buffer *sql, struct lks_error *err)
{
    /* Everything is said, nothing guessed; a line holds the longest text twice over, quotes
     * doubled; the buffer holds two lines, where DuckDB would take sixteen. */
    lks_buffer_format(sql,
                      "COPY (SELECT * FROM read_csv('/proc/self/fd/%d', auto_detect = false,"
                      " header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '',"
                      " allow_quoted_nulls = false,"
                      " new_line = '\\n', max_line_size = 16777216,"
                      " buffer_size = 33554432, columns = ",
                      fileno(csv));
    if (columns_text(csv, types, types_count, sql) != 0)
        return lks_error_set(err, LKS_EINPUT, "%s: its header has not %zu columns", csv_path,
                             types_count);
    lks_buffer_format(sql,
                      ")) TO '/proc/self/fd/%d' (FORMAT parquet, COMPRESSION zstd,"
                      " USE_TMP_FILE false)",
                      out);
    lks_buffer_byte(sql, 0);
    return sql->failed ? memory_out(err) : 0;
}

static int copy_run(const char *csv_path, FILE *csv, int out, const char *const *types,
                    size_t types_count, uint64_t memory_bytes, struct lks_error *err)
{
    /* One thread: the row groups, and so the bytes, are the same everywhere. A row group of
     * long texts is held whole before it is written. */
    const struct lks_control control = {.threads = 1, .memory_bytes = memory_bytes};
    struct lks_db db = {0};
    struct lks_buffer sql = {0};
    int code = copy_statement(csv_path, csv, out, types, types_count, &sql, err);
    if (code == 0)
        code = lks_db_open_beside(&db, csv_path, fileno(csv), out, &control, err);
    if (code == 0)
        code = lks_db_run(&db, sql.data, err);
    lks_db_close(&db);
    lks_buffer_free(&sql);
    return code;
}

int lks_parquet_from_csv(const char *csv_path, const char *const *types, size_t types_count,
                         const char *parquet_path, struct lks_error *err)
{
    return lks_parquet_from_csv_within(csv_path, types, types_count, parquet_path, 0, err);
}

int lks_parquet_from_csv_within(const char *csv_path, const char *const *types, size_t types_count,
                                const char *parquet_path, uint64_t memory_bytes,
                                struct lks_error *err)
{
    char *temporary = NULL;
    int out = -1, code = 0;
    FILE *csv = fopen(csv_path, "rbe");
    if (!csv)
        return lks_error_system(err, csv_path, "cannot be read");
    if (asprintf(&temporary, "%s.tmp-%ld", parquet_path, (long)getpid()) < 0) {
        temporary = NULL;
        code = memory_out(err);
    }
    if (code == 0) {
        unlink(temporary);
        out = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (out < 0)
            code = lks_error_system(err, temporary, "cannot be written");
    }
    if (code == 0)
        code = copy_run(csv_path, csv, out, types, types_count,
                        memory_bytes ? memory_bytes : UINT64_C(1) << 30, err);
    if (code == 0 && (fsync(out) != 0 || rename(temporary, parquet_path) != 0))
        code = lks_error_system(err, parquet_path, "cannot be written");
    if (out >= 0) {
        close(out);
        if (code)
            unlink(temporary);
    }
    free(temporary);
    fclose(csv);
    return code;
}
