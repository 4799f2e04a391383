/* columns.h - the columns of nodes, edges and posts, as every table and graph format has them */
#ifndef LKS_DOSSIER_COLUMNS_H
#define LKS_DOSSIER_COLUMNS_H

#include "finding/results.h"

enum lks_table { LKS_TABLE_NODES, LKS_TABLE_EDGES, LKS_TABLE_POSTS, LKS_TABLES_COUNT };
extern const char *const lks_table_names[LKS_TABLES_COUNT]; /* "nodes", "edges", "posts" */

enum lks_column_type {
    LKS_COLUMN_OUTSIDE, /* text that the data brought: trusted in nothing */
    LKS_COLUMN_TEXT,    /* text of ours: plain ASCII */
    LKS_COLUMN_COUNT,   /* whole number */
    LKS_COLUMN_NUMBER,
    LKS_COLUMN_TIME /* microseconds, written as ISO 8601 UTC */
};

struct lks_column {
    const char *name;
    enum lks_column_type type;
};

/* One field; which member counts is the column's type. */
struct lks_value {
    int null;
    struct lks_str text;
    int64_t count; /* also the time */
    double number;
};

/* The columns of a table, static; *count_out how many. */
const struct lks_column *lks_table_columns(enum lks_table table, size_t *count_out);
uint64_t lks_table_rows_count(const struct lks_results *results, enum lks_table table);
/* The field at (row, column); texts are borrowed from the results. */
struct lks_value lks_table_value(const struct lks_results *results, enum lks_table table,
                                 uint64_t row, size_t column);
/* Appends a field that is not null as plain text: counts, numbers (the shortest text that
 * reads back the same), times; of texts the bytes as they are. */
void lks_value_append(struct lks_buffer *buffer, enum lks_column_type type,
                      const struct lks_value *value);

#endif
