/* rebuild.h - a store made from the sealed files of the vault */
#ifndef LKS_ENGINE_REBUILD_H
#define LKS_ENGINE_REBUILD_H

#include "engine/redo.h"

/* Makes CASE/vault/work/store.duckdb from the imports among the first `end` entries and opens it;
 * path_out is its path. Files that cannot be read any more are counted and told. The caller closes the
 * store and drops the work folder. */
int lks_rebuild_store(const char *case_path, const struct lks_vault *vault, uint64_t end,
                      const struct lks_control *control, struct lks_store **store_out,
                      char path_out[LKS_CASE_PATH_BYTES], struct lks_redo_tally *tally,
                      struct lks_error *err);

#endif
