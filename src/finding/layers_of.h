/* layers_of.h - every signal of a run, put into the one shape that the fusion reads */
#ifndef LKS_FINDING_LAYERS_OF_H
#define LKS_FINDING_LAYERS_OF_H

#include "finding/detect_groups.h"
#include "finding/layers.h"

/* Fills the layers from what the signals found, in ids of the events: while the run is on.
 * LKS_EMEMORY. Freed by lks_layers_free, also after a failure. */
int lks_layers_gather(const struct lks_results *results, const struct lks_analysis *analysis,
                      uint32_t accounts_count, struct lks_layers *layers, struct lks_error *err);

#endif
