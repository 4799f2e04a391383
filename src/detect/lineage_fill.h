/* lineage_fill.h - whose the most used things are, and which tags are edits of others */
#ifndef LKS_DETECT_LINEAGE_FILL_H
#define LKS_DETECT_LINEAGE_FILL_H

#include "finding/detect_groups.h"
#include "store/store.h"

/* Describes populations, take-overs and edits of tags into the results. wanted[objects_count] marks
 * things to look at whatever their use, or NULL. LKS_EMEMORY, LKS_ECANCELLED, LKS_ESTORE. */
int lks_lineage_fill(struct lks_store *store, const struct lks_events *events,
                     const struct lks_analysis *analysis, const uint8_t *wanted,
                     const struct lks_control *control, struct lks_results *results,
                     struct lks_error *err);

#endif
