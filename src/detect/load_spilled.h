/* load_spilled.h - rows that do not fit into memory, sorted on disk */
#ifndef LKS_DETECT_LOAD_SPILLED_H
#define LKS_DETECT_LOAD_SPILLED_H

#include "base/runs.h"
#include "detect/coaction_parts.h"
#include "detect/load_rows.h"

/* Zero it to start. */
struct lks_load_spilled {
    struct lks_runs posts;  /* key, row | account, second, micro */
    struct lks_runs events; /* object, time, account, row */
    uint64_t rows_count;
    int open;
};

/* Takes all rows and empties them. memory_bytes: what both sorts may take together. */
int lks_load_spilled_take(struct lks_load_spilled *spilled, struct lks_load_rows *rows,
                          uint64_t memory_bytes, struct lks_spill *spill, struct lks_error *err);
/* Writes the events in order, each (object, post) once, to data->sorted, and fills the counts
 * of data. */
int lks_load_spilled_finish(struct lks_load_spilled *spilled, struct lks_coaction_means *means,
                            struct lks_coaction_data *data, struct lks_error *err);
void lks_load_spilled_free(struct lks_load_spilled *spilled);

#endif
