/* swarm_fill.h - comment floods and who swarms, into a run's results */
#ifndef LKS_DETECT_SWARM_FILL_H
#define LKS_DETECT_SWARM_FILL_H

#include "detect/accounts_load.h"
#include "finding/detect_groups.h"
#include "finding/results.h"

/* Looks for accounts that copy under unrelated posts and for floods, and fills the results, or says
 * there why nothing could be looked for. Posts of accounts whose posts are all answers are
 * told from events. LKS_EMEMORY, LKS_ESTORE, LKS_ECANCELLED. */
int lks_swarm_fill(struct lks_store *store, const struct lks_events *events,
                   const struct lks_analysis *analysis, const struct lks_control *control,
                   struct lks_results *results, struct lks_error *err);

#endif
