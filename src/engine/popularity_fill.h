/* popularity_fill.h - how popular things were with and without the members of findings */
#ifndef LKS_ENGINE_POPULARITY_FILL_H
#define LKS_ENGINE_POPULARITY_FILL_H

#include "finding/detect_groups.h"
#include "store/store.h"

/* Describes what members of the findings (account_finding: each account's, UINT32_MAX for none) used most, into the results' populars.
 * LKS_EMEMORY, LKS_ECANCELLED. */
int lks_popularity_fill(const struct lks_store *store, const struct lks_events *events,
                        const uint32_t *account_finding, const struct lks_control *control,
                        struct lks_results *results, struct lks_error *err);

#endif
