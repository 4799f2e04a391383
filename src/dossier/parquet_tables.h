/* parquet_tables.h - the tables of a run as Parquet */
#ifndef LKS_DOSSIER_PARQUET_TABLES_H
#define LKS_DOSSIER_PARQUET_TABLES_H

#include "dossier/columns.h"

/* Writes one table (columns.h) as Parquet: counts are BIGINT, numbers DOUBLE, times
 * TIMESTAMPTZ, money decimal texts, texts as they are but for bytes that are not UTF-8. Uses PATH.csv for a
 * moment. The file appears whole or not at all. Returns 0, LKS_EIO, LKS_EMEMORY, LKS_ESTORE. */
int lks_parquet_table_write(const struct lks_results *results, enum lks_export table,
                            const char *path, struct lks_error *err);

#endif
