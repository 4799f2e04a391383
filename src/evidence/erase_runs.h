/* erase_runs.h - runs whose results still tell of what was erased */
#ifndef LKS_EVIDENCE_ERASE_RUNS_H
#define LKS_EVIDENCE_ERASE_RUNS_H

#include "evidence/erase.h"

/* Looks through the results of every run for accounts and posts that the case does not have any more;
 * outcome->runs lists those with any. remove: takes such runs away, and says so in the log, where no hold
 * covers findings. LKS_EIO, LKS_ESTORE, LKS_EMEMORY. */
int lks_erase_runs(const char *case_path, int remove, const char *reason,
                   const struct lks_control *control, struct lks_erase_outcome *outcome,
                   struct lks_error *err);

#endif
