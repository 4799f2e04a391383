/* store.c - a case's records in DuckDB: opening, transactions, files and counts */
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/state.h"

static void files_remove(const char *path)
{
    char wal[4200];
    unlink(path);
    if (snprintf(wal, sizeof wal, "%s.wal", path) < (int)sizeof wal)
        unlink(wal);
}

static int store_make(struct lks_store *store, const char *path, struct lks_error *err)
{
    struct stat status;
    if (lstat(path, &status) == 0)
        return lks_error_set(err, LKS_ESTORE, "%s is there already", path);
    int code = lks_db_open(&store->db, path, LKS_DB_CREATE, &store->control, 0, err);
    if (code == 0)
        code = lks_schema_make(&store->db, err);
    if (code) {
        lks_db_close(&store->db);
        files_remove(path);
    }
    return code;
}

static int store_there(struct lks_store *store, const char *path, struct lks_error *err)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return errno == ENOENT ? lks_error_set(err, LKS_EMISSING, "%s is not there", path)
                               : lks_error_system(err, path, "cannot be opened");
    if (!S_ISREG(status.st_mode))
        return lks_error_set(err, LKS_ESTORE, "%s is no file, so no case's store", path);
    int code =
        lks_db_open(&store->db, path, store->mode == LKS_STORE_READ ? LKS_DB_READ : LKS_DB_WRITE,
                    &store->control, 0, err);
    return code || store->mode == LKS_STORE_MADE ? code : lks_schema_check(&store->db, err);
}

int lks_store_open(const char *path, enum lks_store_mode mode, const struct lks_control *control,
                   struct lks_store **store_out, struct lks_error *err)
{
    struct lks_store *store = calloc(1, sizeof *store);
    *store_out = NULL;
    if (!store)
        return lks_error_set(err, LKS_EMEMORY, "memory is out");
    if (control)
        store->control = *control;
    store->mode = mode;
    int code = lks_keyset_start(&store->keys, err);
    if (code == 0)
        code =
            mode == LKS_STORE_CREATE ? store_make(store, path, err) : store_there(store, path, err);
    if (code) {
        lks_store_close(store);
        return code;
    }
    *store_out = store;
    return 0;
}

void lks_store_close(struct lks_store *store)
{
    if (!store)
        return;
    lks_store_rollback(store);
    lks_state_drop(store);
    lks_arena_free(&store->objects_arena);
    free(store->objects);
    free(store->hashes);
    free(store->posts_accounts);
    lks_buffer_free(&store->scratch);
    lks_arena_free(&store->repaired);
    lks_db_close(&store->db);
    free(store);
}

int lks_store_begin(struct lks_store *store, struct lks_error *err)
{
    LKS_ASSERT(store->mode != LKS_STORE_READ && !store->in_transaction);
    int code = store->loaded ? 0 : lks_state_load(store, err);
    if (code == 0)
        code = lks_db_run(&store->db, "BEGIN TRANSACTION", err);
    if (code)
        return code;
    store->in_transaction = 1;
    store->failed = store->finished = 0;
    store->posts_before = store->posts_count;
    code = lks_append_open(store, err);
    if (code)
        lks_store_rollback(store);
    return code;
}

int lks_store_commit(struct lks_store *store, struct lks_error *err)
{
    LKS_ASSERT(store->in_transaction);
    int code = 0;
    if (store->failed)
        code = lks_error_set(err, LKS_ESTORE, "%s: what failed half-way cannot be kept",
                             store->db.name);
    if (code == 0 && !store->finished)
        code = lks_store_finish(store, err);
    if (code == 0)
        code = lks_db_run(&store->db, "COMMIT", err);
    if (code) {
        lks_store_rollback(store);
        return code;
    }
    store->in_transaction = 0;
    /* One file, no log beside it. A refusal costs nothing: the log holds what was committed. */
    lks_db_run(&store->db, "CHECKPOINT", NULL);
    return 0;
}

void lks_store_rollback(struct lks_store *store)
{
    if (!store->in_transaction)
        return;
    lks_append_drop(store);
    lks_db_run(&store->db, "ROLLBACK", NULL);
    store->in_transaction = 0;
    lks_state_drop(store);
}

/* As VARCHAR promises: valid UTF-8. */
static int bind_text(struct lks_rows *rows, unsigned parameter, const char *text,
                     struct lks_error *err)
{
    struct lks_arena arena = {0};
    struct lks_str good = lks_utf8_repair(&arena, lks_str_from(text ? text : ""));
    if (good.data)
        lks_rows_bind_text(rows, parameter, good);
    lks_arena_free(&arena);
    return good.data ? 0 : lks_error_set(err, LKS_EMEMORY, "memory is out");
}

/* Runs a statement that gives no rows. */
static int rows_finish(struct lks_rows *rows, int code, struct lks_error *err)
{
    if (code == 0)
        code = lks_rows_start(rows, err);
    while (code == 0 && (code = lks_rows_next(rows, err)) == 1)
        code = 0;
    lks_rows_close(rows);
    return code < 0 ? code : 0;
}

/* The index of a file with this digest: 1 and *index, 0 when there is none. */
static int file_find(struct lks_store *store, const char *sha256, uint32_t *index,
                     struct lks_error *err)
{
    struct lks_rows rows;
    int code = lks_rows_prepare(&rows, &store->db,
                                "SELECT min(file_index) FROM file WHERE sha256 = ?", err);
    if (code)
        return code;
    lks_rows_bind_text(&rows, 1, lks_str_from(sha256));
    code = lks_rows_start(&rows, err);
    if (code == 0)
        code = lks_rows_next(&rows, err);
    if (code == 1 && lks_rows_null(&rows, 0, 0))
        code = 0;
    if (code == 1)
        *index = lks_rows_u32(&rows, 0, 0);
    lks_rows_close(&rows);
    return code;
}

int lks_store_file_add(struct lks_store *store, struct lks_store_file *file, struct lks_error *err)
{
    struct lks_rows rows;
    LKS_ASSERT(store->in_transaction && strlen(file->sha256) == 64);
    int code = file_find(store, file->sha256, &file->file_index, err);
    if (code)
        return code;
    file->file_index = store->files_count;
    code = lks_rows_prepare(
        &rows, &store->db,
        "INSERT INTO file VALUES (?, ?, ?, ?, NULL, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL)", err);
    if (code)
        return code;
    lks_rows_bind_uint(&rows, 1, file->file_index);
    code = bind_text(&rows, 2, file->name, err);
    lks_rows_bind_text(&rows, 3, lks_str_from(file->sha256));
    lks_rows_bind_uint(&rows, 4, file->size_bytes);
    code = rows_finish(&rows, code, err);
    if (code == 0)
        store->files_count++;
    return code;
}

int lks_store_file_done(struct lks_store *store, const struct lks_store_file *file,
                        struct lks_error *err)
{
    struct lks_rows rows;
    LKS_ASSERT(store->in_transaction);
    int code = lks_rows_prepare(&rows, &store->db,
                                "UPDATE file SET rows_count = ?, posts_count = ?,"
                                " rejects_count = ?, duplicates_count = ?, ignored_count = ?,"
                                " zone_assumed_count = ?, cp1252_count = ?, payments_count = ?,"
                                " format = ?, leaf = ?, blob = ? WHERE file_index = ?",
                                err);
    if (code)
        return code;
    const uint64_t numbers[] = {
        file->rows_count,    file->posts_count,        file->rejects_count, file->duplicates_count,
        file->ignored_count, file->zone_assumed_count, file->cp1252_count,  file->payments_count};
    for (unsigned i = 0; i < 8; i++)
        lks_rows_bind_uint(&rows, i + 1, numbers[i]);
    code = bind_text(&rows, 9, file->format, err);
    if (file->leaf)
        lks_rows_bind_uint(&rows, 10, file->leaf);
    else
        lks_rows_bind_null(&rows, 10);
    if (file->blob[0])
        lks_rows_bind_text(&rows, 11, lks_str_from(file->blob));
    else
        lks_rows_bind_null(&rows, 11);
    lks_rows_bind_uint(&rows, 12, file->file_index);
    return rows_finish(&rows, code, err);
}

int lks_store_file_known(struct lks_store *store, const char *sha256, struct lks_error *err)
{
    uint32_t index;
    return file_find(store, sha256, &index, err);
}

int lks_store_size_known(struct lks_store *store, uint64_t size_bytes, int *known_out,
                         struct lks_error *err)
{
    struct lks_rows rows;
    *known_out = 0;
    int code =
        lks_rows_prepare(&rows, &store->db, "SELECT count(*) FROM file WHERE size_bytes = ?", err);
    if (code)
        return code;
    lks_rows_bind_uint(&rows, 1, size_bytes);
    code = lks_rows_start(&rows, err);
    if (code == 0 && (code = lks_rows_next(&rows, err)) == 1) {
        *known_out = lks_rows_u64(&rows, 0, 0) > 0;
        code = 0;
    }
    lks_rows_close(&rows);
    return code;
}

int lks_store_leaves(struct lks_store *store, uint64_t *leaves_out, struct lks_error *err)
{
    struct lks_rows rows;
    *leaves_out = 0;
    int code = lks_rows_single(
        &rows, &store->db,
        "SELECT coalesce(max(TRY_CAST(value AS UBIGINT)), 0) FROM meta WHERE name = 'leaves'", err);
    if (code)
        return code;
    *leaves_out = lks_rows_u64(&rows, 0, 0);
    lks_rows_close(&rows);
    return 0;
}

int lks_store_leaves_set(struct lks_store *store, uint64_t leaves, struct lks_error *err)
{
    char sql[96];
    LKS_ASSERT(store->in_transaction);
    snprintf(sql, sizeof sql, "UPDATE meta SET value = '%llu' WHERE name = 'leaves'",
             (unsigned long long)leaves);
    return lks_db_run(&store->db, sql, err);
}

/* Rows that wait in appenders are not seen by queries: hand them over first. */
static int appended_flush(struct lks_store *store, struct lks_error *err)
{
    if (!store->in_transaction || store->finished)
        return 0;
    int code = lks_append_close(store, err);
    return code ? code : lks_append_open(store, err);
}

/* What a query of one row and one number says. */
static int number_of(struct lks_store *store, const char *sql, uint64_t *number,
                     struct lks_error *err)
{
    struct lks_rows rows;
    int code = lks_rows_single(&rows, &store->db, sql, err);
    if (code)
        return code;
    *number = lks_rows_u64(&rows, 0, 0);
    lks_rows_close(&rows);
    return 0;
}

static int times_of_posts(struct lks_store *store, struct lks_store_counts *counts,
                          struct lks_error *err)
{
    struct lks_rows rows;
    int code = lks_rows_single(
        &rows, &store->db,
        "SELECT count(*), min(time_us), max(time_us), " LKS_STORE_PRECISION " FROM post", err);
    if (code)
        return code;
    counts->posts = lks_rows_u64(&rows, 0, 0);
    counts->first_us = lks_rows_i64(&rows, 1, 0);
    counts->last_us = lks_rows_i64(&rows, 2, 0);
    if (!lks_rows_null(&rows, 3, 0))
        counts->time_precision = (enum lks_time_precision)lks_rows_u8(&rows, 3, 0);
    lks_rows_close(&rows);
    return 0;
}

/* One query each: as subqueries of one, DuckDB spends 14 ms on the order of their joins. */
int lks_store_counts(struct lks_store *store, struct lks_store_counts *counts,
                     struct lks_error *err)
{
    uint64_t synthetic = 0;
    *counts = (struct lks_store_counts){.first_us = LKS_TIME_NULL, .last_us = LKS_TIME_NULL};
    const struct {
        const char *sql;
        uint64_t *number;
    } numbers[] = {
        {"SELECT count(*) FROM account", &counts->accounts},
        {"SELECT count(*) FROM action", &counts->actions},
        {"SELECT count(*) FROM reject", &counts->rejects},
        {"SELECT CAST(coalesce(sum(duplicates_count), 0) AS BIGINT) FROM file",
         &counts->duplicates},
        {"SELECT CAST(coalesce(sum(ignored_count), 0) AS BIGINT) FROM file", &counts->ignored},
        {"SELECT count(*) FROM file", &counts->files},
        {"SELECT count(*) FROM meta WHERE name = 'synthetic' AND value = '1'", &synthetic},
        {"SELECT count(*) FROM payment", &counts->payments},
    };
    int code = appended_flush(store, err);
    for (size_t i = 0; code == 0 && i < sizeof numbers / sizeof *numbers; i++)
        code = number_of(store, numbers[i].sql, numbers[i].number, err);
    counts->synthetic = synthetic > 0;
    return code ? code : times_of_posts(store, counts, err);
}

int lks_store_synthetic_set(struct lks_store *store, struct lks_error *err)
{
    return lks_db_run(&store->db, "UPDATE meta SET value = '1' WHERE name = 'synthetic'", err);
}
