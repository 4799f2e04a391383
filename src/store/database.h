/* database.h - DuckDB as the store uses it: opened tightly, read and filled by columns */
#ifndef LKS_STORE_DATABASE_H
#define LKS_STORE_DATABASE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/duckdb_calls.h"

struct lks_sheet;

struct lks_db {
    duckdb_database database;
    duckdb_connection connection;
    char *name; /* for messages: the path, or "memory" */
    /* What a statement that fails means: "the store refused" and LKS_ESTORE, or of an outside
     * file "cannot be read" and LKS_EINPUT. */
    const char *refusal;
    int refusal_code;
    struct lks_sheet **feeding; /* the sheet that hands over, for the function that takes */
};

enum lks_db_mode { LKS_DB_CREATE, LKS_DB_WRITE, LKS_DB_READ, LKS_DB_MEMORY };

/* Opens the file at path (LKS_DB_MEMORY: none; path only names it in messages) with no way to
 * the network, to extensions or to files other than its own; memory and threads from control
 * (may be NULL). block_bytes 0 takes DuckDB's block size. On failure nothing is left open.
 * Errors: LKS_ESTORE with one sentence, LKS_EMEMORY, LKS_EIO. */
int lks_db_open(struct lks_db *db, const char *path, enum lks_db_mode mode,
                const struct lks_control *control, unsigned block_bytes, struct lks_error *err);
/* A database in memory that reads and writes two outside files and can reach no other: they
 * are named by descriptors that the caller opened ("/proc/self/fd/7"), so that no name needs
 * quoting, is taken for a pattern, or can be exchanged for another. name is for messages. The
 * answer is the same for any number of threads. out_fd is -1 where nothing is written. */
int lks_db_open_beside(struct lks_db *db, const char *name, int in_fd, int out_fd,
                       const struct lks_control *control, struct lks_error *err);
void lks_db_close(struct lks_db *db); /* zeroed is fine */

/* Runs statements for their effect. */
int lks_db_run(struct lks_db *db, const char *sql, struct lks_error *err);
/* Writes DuckDB's message as a failure, "PATH: refusal: first line"; gives its code. */
int lks_db_fail(const struct lks_db *db, const char *message, struct lks_error *err);
/* A name or a text as it stands in SQL: doubled quotes. */
void lks_db_quote(struct lks_buffer *sql, const char *text, char quote);

/* ---- reading ----
 *
 * Rows arrive as chunks of columns, in the order of the statement, streamed: memory does not
 * grow with the result. One open lks_rows per database at a time. */

enum { LKS_ROWS_COLUMNS_MAX = 160 };

struct lks_rows {
    const struct lks_db *db;
    duckdb_prepared_statement statement;
    duckdb_result result;
    duckdb_data_chunk chunk;
    idx_t count;   /* rows in the chunk */
    idx_t columns; /* of the result */
    void *data[LKS_ROWS_COLUMNS_MAX];
    uint64_t *validity[LKS_ROWS_COLUMNS_MAX];
    int running; /* result is to be destroyed */
};

int lks_rows_prepare(struct lks_rows *rows, const struct lks_db *db, const char *sql,
                     struct lks_error *err);
void lks_rows_bind_uint(struct lks_rows *rows, unsigned parameter, uint64_t value);
void lks_rows_bind_text(struct lks_rows *rows, unsigned parameter, struct lks_str text);
void lks_rows_bind_null(struct lks_rows *rows, unsigned parameter);
/* Starts it, again if it ran before. */
int lks_rows_start(struct lks_rows *rows, struct lks_error *err);
/* Gets the next chunk: 1, or 0 at the end, or a failure. */
int lks_rows_next(struct lks_rows *rows, struct lks_error *err);
void lks_rows_close(struct lks_rows *rows); /* zeroed is fine */
/* Prepares and starts. */
int lks_rows_open(struct lks_rows *rows, const struct lks_db *db, const char *sql,
                  struct lks_error *err);
/* Gets the whole of a result that is one row; without a row, LKS_ESTORE. */
int lks_rows_single(struct lks_rows *rows, const struct lks_db *db, const char *sql,
                    struct lks_error *err);

static inline int lks_rows_null(const struct lks_rows *rows, unsigned column, idx_t row)
{
    const uint64_t *validity = rows->validity[column];
    return validity && !(validity[row / 64] >> (row % 64) & 1);
}

static inline uint8_t lks_rows_u8(const struct lks_rows *rows, unsigned column, idx_t row)
{
    return ((const uint8_t *)rows->data[column])[row];
}

static inline uint32_t lks_rows_u32(const struct lks_rows *rows, unsigned column, idx_t row)
{
    return ((const uint32_t *)rows->data[column])[row];
}

static inline uint64_t lks_rows_u64(const struct lks_rows *rows, unsigned column, idx_t row)
{
    return ((const uint64_t *)rows->data[column])[row];
}

/* INT64_MIN where it is NULL. */
static inline int64_t lks_rows_i64(const struct lks_rows *rows, unsigned column, idx_t row)
{
    return lks_rows_null(rows, column, row) ? INT64_MIN
                                            : ((const int64_t *)rows->data[column])[row];
}

/* 1, 0, or -1 where it is NULL. */
static inline int lks_rows_flag(const struct lks_rows *rows, unsigned column, idx_t row)
{
    return lks_rows_null(rows, column, row) ? -1 : lks_rows_u8(rows, column, row) != 0;
}

/* Borrowed until the next chunk; data NULL where it is NULL. */
static inline struct lks_str lks_rows_text(const struct lks_rows *rows, unsigned column, idx_t row)
{
    const duckdb_string_t *text = &((const duckdb_string_t *)rows->data[column])[row];
    if (lks_rows_null(rows, column, row))
        return LKS_STR_NULL;
    return text->value.inlined.length <= 12
               ? (struct lks_str){text->value.inlined.inlined, text->value.inlined.length}
               : (struct lks_str){text->value.pointer.ptr, text->value.pointer.length};
}

/* ---- filling ----
 *
 * A sheet gathers rows of a table as columns of its own and hands them over LKS_SHEET_ROWS at a
 * time; see sheet.c. Texts are copied into it. One open lks_rows per database also means none
 * while a sheet hands over. */

/* A whole number of DuckDB's vectors: where an INSERT ends inside one, DuckDB keeps 8 bytes for
 * every row after it until the commit. More rows at a time gain nothing and leave the caches. */
enum { LKS_SHEET_ROWS = 8 * 2048, LKS_SHEET_VECTOR_ROWS = 2048 };
/* Rows of long texts are handed over sooner: at the end of a vector above the first, anywhere above the
 * second. */
#define LKS_SHEET_TEXTS_SOFT_BYTES ((size_t)8 << 20)
#define LKS_SHEET_TEXTS_HARD_BYTES ((size_t)32 << 20)

struct lks_sheet {
    const struct lks_db *db;
    duckdb_prepared_statement statement; /* INSERT INTO table SELECT * FROM lockstep_sheet() */
    duckdb_value null;
    duckdb_logical_type types[LKS_ROWS_COLUMNS_MAX];
    size_t item_bytes[LKS_ROWS_COLUMNS_MAX];
    idx_t columns, rows;
    idx_t given;            /* of rows, while they are handed over */
    struct lks_arena texts; /* those of more than 12 bytes */
    char *texts_at;         /* room in the arena's last piece */
    size_t texts_left;
    void *data[LKS_ROWS_COLUMNS_MAX];
    uint64_t *validity[LKS_ROWS_COLUMNS_MAX];  /* NULL, or a bit a row: 0 is NULL */
    unsigned char nulls[LKS_ROWS_COLUMNS_MAX]; /* the column has some since the last hand-over */
    int failed;                                /* memory ran out in a setter */
};

/* Makes the table function that sheets hand over by. */
int lks_sheet_register(struct lks_db *db);
/* catalog may be NULL ("temp" for temporary tables). The sheet must not move while it is open. */
int lks_sheet_open(struct lks_sheet *sheet, const struct lks_db *db, const char *catalog,
                   const char *table, struct lks_error *err);
/* Hands the rows over: they stand in the table. */
int lks_sheet_flush(struct lks_sheet *sheet, struct lks_error *err);
/* Ends the row that the setters filled. */
static inline int lks_sheet_row(struct lks_sheet *sheet, struct lks_error *err)
{
    size_t texts = sheet->texts.used_bytes;
    sheet->rows++;
    return sheet->rows == LKS_SHEET_ROWS || texts > LKS_SHEET_TEXTS_HARD_BYTES ||
                   (texts > LKS_SHEET_TEXTS_SOFT_BYTES && sheet->rows % LKS_SHEET_VECTOR_ROWS == 0)
               ? lks_sheet_flush(sheet, err)
               : 0;
}
/* Flushes and closes: afterwards all rows stand in the table. */
int lks_sheet_close(struct lks_sheet *sheet, struct lks_error *err);
void lks_sheet_drop(struct lks_sheet *sheet); /* closes whatever happens; zeroed is fine */

/* Rows can also be filled by columns: so many at a time as lks_sheet_room says, the setters below with
 * an s, then lks_sheet_rows. Every `stride` bytes from `first` on stands the value of one more row. */
static inline size_t lks_sheet_room(const struct lks_sheet *sheet)
{
    return LKS_SHEET_VECTOR_ROWS - sheet->rows % LKS_SHEET_VECTOR_ROWS;
}
static inline int lks_sheet_rows(struct lks_sheet *sheet, size_t count, struct lks_error *err)
{
    size_t texts = sheet->texts.used_bytes;
    sheet->rows += count;
    return sheet->rows == LKS_SHEET_ROWS || texts > LKS_SHEET_TEXTS_HARD_BYTES ||
                   (texts > LKS_SHEET_TEXTS_SOFT_BYTES && sheet->rows % LKS_SHEET_VECTOR_ROWS == 0)
               ? lks_sheet_flush(sheet, err)
               : 0;
}
void lks_sheet_texts(struct lks_sheet *sheet, unsigned column, const struct lks_str *first,
                     size_t stride, size_t count);
void lks_sheet_i64s(struct lks_sheet *sheet, unsigned column, const int64_t *first, size_t stride,
                    size_t count);
void lks_sheet_flags(struct lks_sheet *sheet, unsigned column, const int *first, size_t stride,
                     size_t count);

void lks_sheet_null(struct lks_sheet *sheet, unsigned column);
/* Null stays null; bytes that are no UTF-8 become U+FFFD. */
void lks_sheet_text(struct lks_sheet *sheet, unsigned column, struct lks_str text);

static inline void lks_sheet_u8(struct lks_sheet *sheet, unsigned column, uint8_t value)
{
    ((uint8_t *)sheet->data[column])[sheet->rows] = value;
}

static inline void lks_sheet_u32(struct lks_sheet *sheet, unsigned column, uint32_t value)
{
    ((uint32_t *)sheet->data[column])[sheet->rows] = value;
}

static inline void lks_sheet_u64(struct lks_sheet *sheet, unsigned column, uint64_t value)
{
    ((uint64_t *)sheet->data[column])[sheet->rows] = value;
}

/* INT64_MIN is NULL. */
static inline void lks_sheet_i64(struct lks_sheet *sheet, unsigned column, int64_t value)
{
    ((int64_t *)sheet->data[column])[sheet->rows] = value;
    if (value == INT64_MIN)
        lks_sheet_null(sheet, column);
}

/* -1 is NULL. */
static inline void lks_sheet_flag(struct lks_sheet *sheet, unsigned column, int value)
{
    lks_sheet_u8(sheet, column, value == 1);
    if (value < 0)
        lks_sheet_null(sheet, column);
}

static inline void lks_sheet_double(struct lks_sheet *sheet, unsigned column, double value)
{
    ((double *)sheet->data[column])[sheet->rows] = value;
}

/* The text, or a copy in the arena with every byte that is no UTF-8 as U+FFFD; data NULL
 * only for a null text or when memory is out. */
struct lks_str lks_utf8_repair(struct lks_arena *arena, struct lks_str text);

#endif
