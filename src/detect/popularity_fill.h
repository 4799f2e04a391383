/* popularity_fill.h - how popular things were with and without the members of findings */
#ifndef LKS_DETECT_POPULARITY_FILL_H
#define LKS_DETECT_POPULARITY_FILL_H

#include "detect/accounts_load.h"
#include "detect/topic_load.h"
#include "finding/detect_groups.h"

enum { LKS_NAMES_MAX = 64 }; /* names and terms of case.toml that are described */

/* Describes what members of the findings (account_finding: each account's, UINT32_MAX for none) used most, and the names and terms of the
 * topic, into the results' populars. LKS_EMEMORY, LKS_ESTORE, LKS_ECANCELLED. */
int lks_popularity_fill(struct lks_store *store, const struct lks_events *events,
                        const struct lks_account_columns *columns, const struct lks_topic *topic,
                        const uint32_t *account_finding, const struct lks_control *control,
                        struct lks_results *results, struct lks_error *err);

#endif
