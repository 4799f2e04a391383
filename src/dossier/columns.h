/* columns.h - the columns of a run's tables; graphs have those of nodes and edges too */
#ifndef LKS_DOSSIER_COLUMNS_H
#define LKS_DOSSIER_COLUMNS_H

#include "finding/results.h"

enum lks_export {
    LKS_SHEET_NODES,
    LKS_SHEET_EDGES,
    LKS_SHEET_POSTS,
    LKS_SHEET_SUMS,    /* of payments */
    LKS_SHEET_SCRIPTS, /* of paid promotion */
    LKS_SHEET_TELLERS, /* an account in a script */
    LKS_EXPORTS_COUNT
};
extern const char *const lks_export_names[LKS_EXPORTS_COUNT]; /* "nodes", as their files */

enum lks_export_type {
    LKS_EXPORT_OUTSIDE, /* text that the data brought: trusted in nothing */
    LKS_EXPORT_TEXT,    /* text of ours: plain ASCII */
    LKS_EXPORT_COUNT,   /* whole number */
    LKS_EXPORT_NUMBER,
    LKS_EXPORT_MONEY, /* minor units, written as a decimal text: "381000.00" */
    LKS_EXPORT_TIME   /* microseconds, written as ISO 8601 UTC */
};

struct lks_export_column {
    const char *name;
    enum lks_export_type type;
};

/* One field; which member counts is the column's type. */
struct lks_export_value {
    int null;
    struct lks_str text;
    int64_t count; /* also the time, and minor units */
    int exponent;  /* of money */
    double number;
};

/* The columns of a table, static; *count_out how many. */
const struct lks_export_column *lks_export_columns(enum lks_export table, size_t *count_out);
uint64_t lks_export_rows_count(const struct lks_results *results, enum lks_export table);
/* The field at (row, column); texts are borrowed from the results. */
struct lks_export_value lks_export_value(const struct lks_results *results, enum lks_export table,
                                         uint64_t row, size_t column);
/* Appends a field that is not null as plain text: counts, numbers (the shortest text that
 * reads back the same), times; of texts the bytes as they are. */
void lks_export_append(struct lks_buffer *buffer, enum lks_export_type type,
                       const struct lks_export_value *value);

#endif
