/* parquet.h - Parquet in, through a mapping, and Parquet out */
#ifndef LKS_STORE_PARQUET_H
#define LKS_STORE_PARQUET_H

#include "record/record.h"
#include "source/mapping.h"

/* The least that DuckDB is given to read or write. */
enum { LKS_PARQUET_BYTES_MIN = 256 << 20 };

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
/* The same with a limit for DuckDB's memory, of which it takes 256 MB at least and 1 GB at most
 * (0: that); the bytes written do not depend on it. */
int lks_parquet_from_csv_within(const char *csv_path, const char *const *types, size_t types_count,
                                const char *parquet_path, uint64_t memory_bytes,
                                struct lks_error *err);

#endif
