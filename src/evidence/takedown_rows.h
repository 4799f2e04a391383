/* takedown_rows.h - what the log knows of a run's findings, for the table of takedowns */
#ifndef LKS_EVIDENCE_TAKEDOWN_ROWS_H
#define LKS_EVIDENCE_TAKEDOWN_ROWS_H

#include "dossier/takedown.h"

/* A row for each finding, in the results' arena; *rows_out is NULL where the case has no log.
 * Of the log its first `end` entries count, UINT64_MAX for all. Before a profile changes the accounts' keys.
 *
 * Source: own detection where no notice that stands before the run's entry names a member;
 * else how many were named first, and by which kind of notice. Recidivists: members that a decision had
 * suspended or terminated, and whose posts in the evidence are later than that decision. Evidence is
 * a sample of a large finding's posts, so that it is a lower bound. Not known (-1) where a decision
 * or the run that it is upon cannot be read any more. LKS_EMEMORY, LKS_EINPUT, LKS_EIO. */
int lks_takedown_rows(const char *case_path, uint64_t end, struct lks_results *results,
                      struct lks_takedown_row **rows_out, struct lks_error *err);

#endif
