/* summary.h - what a run came to, for the caller */
#ifndef LKS_INTAKE_SUMMARY_H
#define LKS_INTAKE_SUMMARY_H

#include "finding/results.h"

/* Fills the public summary from the results of a run; folder is CASE/runs/<id>.
 * 0 or LKS_EMEMORY, after which summary_out is cleared. */
int lks_summary_fill(const struct lks_results *results, const struct lks_case_counts *counts,
                     const char *folder, struct lks_run_summary *summary_out,
                     struct lks_error *err);

#endif
