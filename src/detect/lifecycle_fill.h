/* lifecycle_fill.h - sleepers of a run: from columns to results that stand for themselves */
#ifndef LKS_DETECT_LIFECYCLE_FILL_H
#define LKS_DETECT_LIFECYCLE_FILL_H

#include "detect/accounts_load.h"
#include "detect/topic_load.h"
#include "finding/detect_groups.h"

/* Runs the lifecycle detector over the events' posts and fills the results' awakenings and
 * cohorts; the results' findings must be there. LKS_EMEMORY, LKS_ESTORE, LKS_ECANCELLED. */
int lks_lifecycle_fill(struct lks_store *store, const struct lks_events *events,
                       const struct lks_account_columns *columns, const struct lks_topic *topic,
                       const struct lks_analysis *analysis, const struct lks_control *control,
                       struct lks_results *results, struct lks_error *err);

#endif
