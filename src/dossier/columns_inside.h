/* columns_inside.h - what the parts of the tables' columns share; internal to dossier */
#ifndef LKS_DOSSIER_COLUMNS_INSIDE_H
#define LKS_DOSSIER_COLUMNS_INSIDE_H

#include "dossier/columns.h"

extern const struct lks_export_column lks_sum_columns[], lks_script_columns[], lks_teller_columns[];
extern const size_t lks_sum_columns_count, lks_script_columns_count, lks_teller_columns_count;

/* The field at (row, column) of results->sums, ->scripts and ->tellers. */
struct lks_export_value lks_sum_value(const struct lks_results *results, uint64_t row,
                                      size_t column);
struct lks_export_value lks_script_value(const struct lks_results *results, uint64_t row,
                                         size_t column);
struct lks_export_value lks_teller_value(const struct lks_results *results, uint64_t row,
                                         size_t column);

/* A text that may be null; a count or time that may be LKS_COUNT_NULL; a number, null if not finite; the id
 * of a finding, null if there is none. */
struct lks_export_value lks_exported_text(struct lks_str text);
struct lks_export_value lks_exported_count(int64_t count);
struct lks_export_value lks_exported_number(double number);
struct lks_export_value lks_exported_finding(const struct lks_results *results, uint32_t group);

#endif
