/* fusion_fill.h - the layers of a run fused: who belongs to what, by which signals */
#ifndef LKS_DETECT_FUSION_FILL_H
#define LKS_DETECT_FUSION_FILL_H

#include "finding/detect_groups.h"
#include "intake/settings.h"
#include "store/store.h"

/* After every signal has filled the results: replaces the findings by fused ones, adds the nodes
 * that those need, and writes into account_finding[accounts_count] the finding of each
 * account, UINT32_MAX for none. settings may be NULL. LKS_EMEMORY, LKS_ESTORE. */
int lks_fusion_fill(struct lks_store *store, const struct lks_events *events,
                    const struct lks_detect_groups_options *options,
                    const struct lks_settings *settings, const struct lks_analysis *analysis,
                    struct lks_results *results, uint32_t *account_finding, struct lks_error *err);

#endif
