/* results_tables.h - a run's results as tables of CASE/runs/<id>/results.duckdb, and back */
#ifndef LKS_DETECT_RESULTS_TABLES_H
#define LKS_DETECT_RESULTS_TABLES_H

#include "finding/results.h"

/* Writes the file whole or not at all. */
int lks_results_save(const char *path, const struct lks_results *results, struct lks_error *err);
/* Reads it back; every index is checked, since a case may come from another hand.
 * Freed by lks_results_free, also after a failure. */
int lks_results_load(const char *path, struct lks_results *results, struct lks_error *err);

#endif
