/* fusion_fill.h - the layers of a run fused: who belongs to what, by which signals */
#ifndef LKS_DETECT_FUSION_FILL_H
#define LKS_DETECT_FUSION_FILL_H

#include "detect/accounts_load.h"
#include "finding/detect_groups.h"
#include "intake/settings.h"
#include "store/store.h"

/* After every signal has filled the results: replaces the findings by fused ones, adds the nodes
 * that those need, and writes into account_finding[accounts_count] the finding of each
 * account, UINT32_MAX for none. settings may be NULL. *node_account_out[nodes_count] is the account
 * of each node, the caller's to free, also after a failure. LKS_EMEMORY, LKS_ESTORE. */
int lks_fusion_fill(struct lks_store *store, const struct lks_events *events,
                    const struct lks_detect_groups_options *options,
                    const struct lks_settings *settings, const struct lks_account_columns *columns,
                    const struct lks_analysis *analysis, struct lks_results *results,
                    uint32_t *account_finding, uint32_t **node_account_out, struct lks_error *err);

#endif
