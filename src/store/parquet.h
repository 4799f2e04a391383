/* parquet.h - Parquet in, through a mapping, and Parquet out */
#ifndef LKS_STORE_PARQUET_H
#define LKS_STORE_PARQUET_H

#include "record/record.h"
#include "source/mapping.h"

/* Whether the file starts and ends as Parquet does ("PAR1"). */
int lks_parquet_recognise(const char *path);
/* Reads mapped columns of a Parquet file in row order, batch by batch, like
 * lks_source_read. Provenance: offset_bytes is the row number, length_bytes 0. */
int lks_parquet_read(const char *path, const struct lks_mapping *mapping,
                     const struct lks_control *control,
                     int (*put)(void *context, const struct lks_batch *batch,
                                struct lks_error *err),
                     void *context, uint64_t *rows_count, struct lks_error *err);
/* Turns a CSV file with a header (as dossier writes them) into Parquet, written whole or not at
 * all; column types are given as DuckDB names in the order of the columns. */
int lks_parquet_from_csv(const char *csv_path, const char *const *types, size_t types_count,
                         const char *parquet_path, struct lks_error *err);

#endif
