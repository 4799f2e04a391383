/* promotion_fill.h - scripts, payments and what they went into, into a run's results */
#ifndef LKS_DETECT_PROMOTION_FILL_H
#define LKS_DETECT_PROMOTION_FILL_H

#include "finding/detect_groups.h"
#include "intake/settings.h"
#include "store/store.h"

/* Fills results->scripts, tellers, payees, sums, flows, named, checks and promotion. events are
 * those of the analysis; the store's last lks_store_events gave them. */
int lks_promotion_fill(struct lks_store *store, const struct lks_settings *settings,
                       const struct lks_events *events, const int8_t *account_verified,
                       const struct lks_analysis *analysis, const struct lks_control *control,
                       struct lks_results *results, struct lks_error *err);

#endif
