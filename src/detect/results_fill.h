/* results_fill.h - an analysis by ids becomes results that stand for themselves */
#ifndef LKS_DETECT_RESULTS_FILL_H
#define LKS_DETECT_RESULTS_FILL_H

#include "finding/detect_groups.h"
#include "store/store.h"

/* Everything the dossier writes: accounts, posts and objects as strings, files, rejects,
 * timeline, layout, options. The analysis must be of the store's last events. */
int lks_results_fill(struct lks_store *store, const struct lks_events *events,
                     const struct lks_analysis *analysis,
                     const struct lks_detect_groups_options *options, struct lks_results *results,
                     struct lks_error *err);

#endif
