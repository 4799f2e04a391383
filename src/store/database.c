/* database.c - DuckDB as the store uses it: opened tightly, read and filled by columns
 *
 * A case's file may come from anywhere, so DuckDB is opened without what a hostile file or
 * name could use: no extension is loaded or fetched, and no file but the database, its log
 * and its temporary folder can be reached. The settings are locked once they stand. */
#include "store/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/threads.h"
#include "base/utf8.h"

/* DuckDB's buffers serve sorting, grouping and writing blocks. It fills whatever it may have with
 * blocks that it has written, so that this limit is what keeps memory flat in the size of the
 * input: 256 MB is what its own operators need for one thread with room to spare, and what it
 * gets unless more is asked for; above 1 GB they gain nothing here. */
static const uint64_t DB_MEMORY_MIN_BYTES = UINT64_C(256) << 20;
static const uint64_t DB_MEMORY_MAX_BYTES = UINT64_C(1) << 30;

static uint64_t memory_limit_bytes(const struct lks_control *control)
{
    uint64_t limit = control ? control->memory_bytes : 0;
    if (limit < DB_MEMORY_MIN_BYTES)
        return DB_MEMORY_MIN_BYTES;
    return limit > DB_MEMORY_MAX_BYTES ? DB_MEMORY_MAX_BYTES : limit;
}

/* The first line, without DuckDB's label for the kind of the message. */
static struct lks_str first_line(const char *message)
{
    static const char *const labels[] = {"IO Error: ", "Invalid Input Error: ", "Invalid Error: ",
                                         "Catalog Error: ", "Serialization Error: "};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (strncmp(message, labels[i], strlen(labels[i])) == 0) {
            message += strlen(labels[i]);
            break;
        }
    size_t size = strcspn(message, "\n");
    return (struct lks_str){message, size < 600 ? size : 600};
}

/* Copies the line; an outside file's "/proc/self/fd/7" becomes the name that the caller knows. */
static void line_copy(const struct lks_db *db, struct lks_str line, char *out, size_t out_bytes)
{
    static const char alias[] = "/proc/self/fd/";
    size_t at = 0, put = 0;
    while (at < line.size_bytes && put + 1 < out_bytes) {
        if (line.size_bytes - at < sizeof alias ||
            memcmp(line.data + at, alias, sizeof alias - 1) != 0) {
            out[put++] = line.data[at++];
            continue;
        }
        at += sizeof alias - 1;
        while (at < line.size_bytes && line.data[at] >= '0' && line.data[at] <= '9')
            at++;
        for (const char *name = db->name; *name && put + 1 < out_bytes; name++)
            out[put++] = *name;
    }
    out[put] = 0;
}

int lks_db_fail(const struct lks_db *db, const char *message, struct lks_error *err)
{
    char line[640];
    if (!message)
        message = "no reason was given";
    if (strncmp(message, "Out of Memory Error", 19) == 0)
        return lks_error_set(err, LKS_EMEMORY, "%s: DuckDB's memory is out", db->name);
    if (strstr(message, "Could not set lock on file"))
        return lks_error_set(err, LKS_ESTORE, "%s: another process is using it", db->name);
    if (strstr(message, "not a valid DuckDB database file"))
        return lks_error_set(err, LKS_ESTORE, "%s is damaged, or not a DuckDB file at all",
                             db->name);
    line_copy(db, first_line(message), line, sizeof line);
    return lks_error_set(err, db->refusal_code, "%s: %s: %s", db->name, db->refusal, line);
}

static int config_fill(duckdb_config config, enum lks_db_mode mode,
                       const struct lks_control *control, const char *path)
{
    char memory[32], threads[16];
    snprintf(memory, sizeof memory, "%lluMB",
             (unsigned long long)(memory_limit_bytes(control) / 1000000));
    /* Who writes fills tables in order, one statement after the other: more threads would only hand
     * the work to and fro, and wait for each other awake. */
    int writes = mode == LKS_DB_CREATE || mode == LKS_DB_WRITE;
    snprintf(threads, sizeof threads, "%u", writes ? 1 : lks_threads_count(control));
    const char *const settings[][2] = {
        {"access_mode", mode == LKS_DB_READ ? "READ_ONLY" : "READ_WRITE"},
        {"max_memory", memory},
        {"threads", threads},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"allow_community_extensions", "false"},
        {"allow_unsigned_extensions", "false"},
        {"allow_persistent_secrets", "false"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (lks_duckdb.set_config(config, settings[i][0], settings[i][1]) != DuckDBSuccess)
            return -1;
    if (mode == LKS_DB_MEMORY)
        return lks_duckdb.set_config(config, "temp_directory", "") == DuckDBSuccess ? 0 : -1;
    size_t size = strlen(path) + 5;
    char *temporary = malloc(size);
    if (!temporary)
        return -1;
    snprintf(temporary, size, "%s.tmp", path);
    int bad = lks_duckdb.set_config(config, "temp_directory", temporary) != DuckDBSuccess;
    free(temporary);
    return bad ? -1 : 0;
}

static int db_attach(struct lks_db *db, const char *path, enum lks_db_mode mode,
                     const struct lks_control *control, unsigned block_bytes, struct lks_error *err)
{
    duckdb_config config = NULL;
    char *message = NULL, block[16];
    int loaded = lks_duckdb_load(err);
    if (loaded < 0)
        return loaded;
    snprintf(block, sizeof block, "%u", block_bytes);
    if (lks_duckdb.create_config(&config) != DuckDBSuccess ||
        config_fill(config, mode, control, path) != 0 ||
        (block_bytes &&
         lks_duckdb.set_config(config, "default_block_size", block) != DuckDBSuccess)) {
        lks_duckdb.destroy_config(&config);
        return lks_error_set(err, LKS_ESTORE, "%s: DuckDB does not take the store's settings",
                             db->name);
    }
    duckdb_state state =
        lks_duckdb.open_ext(mode == LKS_DB_MEMORY ? NULL : path, &db->database, config, &message);
    lks_duckdb.destroy_config(&config);
    if (state != DuckDBSuccess) {
        int code = lks_db_fail(db, message, err);
        lks_duckdb.free(message);
        return code;
    }
    if (lks_duckdb.connect(db->database, &db->connection) != DuckDBSuccess ||
        lks_sheet_register(db) != 0)
        return lks_error_set(err, LKS_ESTORE, "%s: DuckDB gives no connection", db->name);
    return 0;
}

static int db_open(struct lks_db *db, const char *path, enum lks_db_mode mode,
                   const struct lks_control *control, unsigned block_bytes, const char *lock,
                   struct lks_error *err)
{
    *db = (struct lks_db){
        .name = strdup(path), .refusal = "the store refused", .refusal_code = LKS_ESTORE};
    if (!db->name)
        return lks_error_set(err, LKS_EMEMORY, "memory is out");
    int code = db_attach(db, path, mode, control, block_bytes, err);
    if (code == 0)
        code = lks_db_run(db, lock, err);
    if (code)
        lks_db_close(db);
    return code;
}

int lks_db_open(struct lks_db *db, const char *path, enum lks_db_mode mode,
                const struct lks_control *control, unsigned block_bytes, struct lks_error *err)
{
    return db_open(db, path, mode, control, block_bytes,
                   "SET enable_external_access = false; SET lock_configuration = true", err);
}

int lks_db_open_beside(struct lks_db *db, const char *name, int in_fd, int out_fd,
                       const struct lks_control *control, struct lks_error *err)
{
    char lock[256];
    snprintf(lock, sizeof lock,
             "SET allowed_paths = ['/proc/self/fd/%d', '/proc/self/fd/%d'];"
             "SET enable_external_access = false; SET lock_configuration = true",
             in_fd, out_fd);
    int code = db_open(db, name, LKS_DB_MEMORY, control, 0, lock, err);
    db->refusal = out_fd < 0 ? "cannot be read" : "cannot be turned into Parquet";
    db->refusal_code = LKS_EINPUT;
    return code;
}

void lks_db_close(struct lks_db *db)
{
    if (db->connection)
        lks_duckdb.disconnect(&db->connection);
    if (db->database)
        lks_duckdb.close(&db->database);
    free(db->name);
    free(db->feeding);
    *db = (struct lks_db){0};
}

int lks_db_run(struct lks_db *db, const char *sql, struct lks_error *err)
{
    duckdb_result result;
    int code = 0;
    if (lks_duckdb.query(db->connection, sql, &result) != DuckDBSuccess)
        code = lks_db_fail(db, lks_duckdb.result_error(&result), err);
    lks_duckdb.destroy_result(&result);
    return code;
}

void lks_db_quote(struct lks_buffer *sql, const char *text, char quote)
{
    lks_buffer_byte(sql, quote);
    for (; *text; text++) {
        if (*text == quote)
            lks_buffer_byte(sql, quote);
        lks_buffer_byte(sql, *text);
    }
    lks_buffer_byte(sql, quote);
}

int lks_rows_prepare(struct lks_rows *rows, const struct lks_db *db, const char *sql,
                     struct lks_error *err)
{
    *rows = (struct lks_rows){.db = db};
    if (lks_duckdb.prepare(db->connection, sql, &rows->statement) == DuckDBSuccess)
        return 0;
    int code = lks_db_fail(db, lks_duckdb.prepare_error(rows->statement), err);
    lks_rows_close(rows);
    return code;
}

void lks_rows_bind_uint(struct lks_rows *rows, unsigned parameter, uint64_t value)
{
    lks_duckdb.bind_uint64(rows->statement, parameter, value);
}

void lks_rows_bind_text(struct lks_rows *rows, unsigned parameter, struct lks_str text)
{
    lks_duckdb.bind_varchar_length(rows->statement, parameter, text.data, text.size_bytes);
}

void lks_rows_bind_null(struct lks_rows *rows, unsigned parameter)
{
    lks_duckdb.bind_null(rows->statement, parameter);
}

static void rows_stop(struct lks_rows *rows)
{
    lks_duckdb.destroy_data_chunk(&rows->chunk);
    if (rows->running)
        lks_duckdb.destroy_result(&rows->result);
    rows->running = 0;
}

int lks_rows_start(struct lks_rows *rows, struct lks_error *err)
{
    rows_stop(rows);
    duckdb_state state = lks_duckdb.execute_prepared_streaming(rows->statement, &rows->result);
    rows->running = 1;
    if (state != DuckDBSuccess)
        return lks_db_fail(rows->db, lks_duckdb.result_error(&rows->result), err);
    rows->columns = lks_duckdb.column_count(&rows->result);
    LKS_ASSERT(rows->columns <= LKS_ROWS_COLUMNS_MAX);
    return 0;
}

int lks_rows_next(struct lks_rows *rows, struct lks_error *err)
{
    lks_duckdb.destroy_data_chunk(&rows->chunk);
    rows->chunk = lks_duckdb.fetch_chunk(rows->result);
    rows->count = rows->chunk ? lks_duckdb.data_chunk_get_size(rows->chunk) : 0;
    if (!rows->count) {
        const char *message = lks_duckdb.result_error(&rows->result);
        return message && *message ? lks_db_fail(rows->db, message, err) : 0;
    }
    for (idx_t i = 0; i < rows->columns; i++) {
        duckdb_vector vector = lks_duckdb.data_chunk_get_vector(rows->chunk, i);
        rows->data[i] = lks_duckdb.vector_get_data(vector);
        rows->validity[i] = lks_duckdb.vector_get_validity(vector);
    }
    return 1;
}

void lks_rows_close(struct lks_rows *rows)
{
    if (rows->db) {
        rows_stop(rows);
        lks_duckdb.destroy_prepare(&rows->statement);
    }
    *rows = (struct lks_rows){0};
}

int lks_rows_open(struct lks_rows *rows, const struct lks_db *db, const char *sql,
                  struct lks_error *err)
{
    int code = lks_rows_prepare(rows, db, sql, err);
    if (code == 0 && (code = lks_rows_start(rows, err)))
        lks_rows_close(rows);
    return code;
}

int lks_rows_single(struct lks_rows *rows, const struct lks_db *db, const char *sql,
                    struct lks_error *err)
{
    int code = lks_rows_open(rows, db, sql, err);
    if (code)
        return code;
    code = lks_rows_next(rows, err);
    if (code == 1 && rows->count == 1)
        return 0;
    lks_rows_close(rows);
    return code < 0 ? code : lks_error_set(err, LKS_ESTORE, "%s: a row is missing", db->name);
}
