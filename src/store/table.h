/* table.h - named columns in a DuckDB file of their own: written whole or not at all, read back */
#ifndef LKS_STORE_TABLE_H
#define LKS_STORE_TABLE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/* How a column lies in memory and in the file. */
enum lks_column_type {
    LKS_COLUMN_INT64,  /* BIGINT; INT64_MIN (LKS_COUNT_NULL, LKS_TIME_NULL) is NULL in the file */
    LKS_COLUMN_UINT64, /* UBIGINT */
    LKS_COLUMN_DOUBLE, /* DOUBLE; NaN and infinities come back, -0 as 0 */
    LKS_COLUMN_TEXT    /* VARCHAR; data NULL is NULL; bytes that are no UTF-8 become U+FFFD */
};

/* One column: values has rows_count items of int64_t, uint64_t, double or struct lks_str.
 * For saving, values are borrowed. For loading, the caller gives name and type; values is
 * set to memory in the arena. */
struct lks_column {
    const char *name;
    enum lks_column_type type;
    void *values;
};

/* A table. Nested lists are side tables with a column that names the row they belong to. */
struct lks_table {
    const char *name;
    struct lks_column *columns;
    size_t columns_count; /* 1 to 63 */
    size_t rows_count;
};

/* Writes the tables, in order, into a new DuckDB file that analysts can open: it is made
 * beside path under another name and renamed when it is complete and on disk, so that path
 * is either there in full or as it was before. Names are quoted: any text without NUL that is
 * not empty will do, distinct within the file and within a table without regard to case.
 * Errors: LKS_EARGUMENT (names), LKS_EIO, LKS_EMEMORY, LKS_ESTORE. control may be NULL;
 * LKS_ECANCELLED leaves nothing. Any thread, one path at a time. */
int lks_tables_save(const char *path, const struct lks_table *tables, size_t tables_count,
                    const struct lks_control *control, struct lks_error *err);

/* Reads the named tables and columns back in the order in which the rows were saved; fills
 * rows_count and every column's values, strings and arrays in the arena. More tables and
 * columns in the file than asked for are passed over. Errors: LKS_EMISSING when the file is
 * not there; LKS_ESTORE with one sentence when it is no DuckDB file, is damaged, or lacks a
 * table or column or has it with another type; LKS_EMEMORY. */
int lks_tables_load(const char *path, struct lks_table *tables, size_t tables_count,
                    struct lks_arena *arena, const struct lks_control *control,
                    struct lks_error *err);

#endif
