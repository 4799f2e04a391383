/* tags_fill.h - which tags a finding's accounts push, took over, or use an edit of */
#ifndef LKS_DETECT_TAGS_FILL_H
#define LKS_DETECT_TAGS_FILL_H

#include "finding/results.h"

/* After popularity and lineage have filled the results: adds to each finding's mechanisms what its
 * accounts do with tags beyond chance, and marks the members. account_finding[accounts_count] and
 * node_account[nodes_count] as lks_fusion_fill leaves them. O(events + findings tags accounts).
 * LKS_EMEMORY. Method: docs/method/fusion.md. */
int lks_tags_fill(const struct lks_events *events, const uint32_t *account_finding,
                  const uint32_t *node_account, struct lks_results *results, struct lks_error *err);

#endif
