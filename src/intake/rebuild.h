/* rebuild.h - a store made from the sealed files of the vault */
#ifndef LKS_INTAKE_REBUILD_H
#define LKS_INTAKE_REBUILD_H

#include "intake/redo.h"

/* Makes CASE/vault/work/store.duckdb from the files that came in by the first `end` entries and opens
 * it; path_out is its path. They are read in that order; of one that was redacted the copy, in its
 * place; those that were erased are counted. Files that cannot be read any more are counted and told.
 * The caller closes the store and drops the work folder. */
int lks_rebuild_store(const char *case_path, const struct lks_vault *vault, uint64_t end,
                      const struct lks_control *control, struct lks_store **store_out,
                      char path_out[LKS_CASE_PATH_BYTES], struct lks_redo_tally *tally,
                      struct lks_error *err);

/* Makes the store of all that the vault holds and puts it in the place of the case's. LKS_ESTORE where
 * another program has that open, LKS_EINPUT where sealed files are damaged: then the old one stays. */
int lks_rebuild_replace(const char *case_path, struct lks_vault *vault,
                        const struct lks_control *control, struct lks_store_counts *counts_out,
                        char digest_out[65], struct lks_redo_tally *tally, struct lks_error *err);

/* Brings the case's store, open in *store for writing, to what the vault holds: takes files that it
 * lacks, or, where something was erased since it was written, makes it again, which *store is then. On
 * failure *store may be NULL. Errors as lks_redo and lks_rebuild_replace. */
int lks_store_catch_up(const char *case_path, struct lks_vault *vault,
                       const struct lks_control *control, struct lks_store **store,
                       struct lks_error *err);

#endif
