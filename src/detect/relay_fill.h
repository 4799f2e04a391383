/* relay_fill.h - messages that instruct, and what channels repeat after each other, into the results */
#ifndef LKS_DETECT_RELAY_FILL_H
#define LKS_DETECT_RELAY_FILL_H

#include "detect/messages_load.h"
#include "finding/results.h"

/* Puts down which messages instruct and looks for what others repeated; results->arena takes
 * everything. LKS_EMEMORY, LKS_ESTORE, LKS_ECANCELLED. */
int lks_relay_fill(struct lks_store *store, const struct lks_messages *messages,
                   const struct lks_control *control, struct lks_results *results,
                   struct lks_error *err);

#endif
