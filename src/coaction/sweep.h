/* sweep.h - one scan of the events, for one window or for several that are near */
#ifndef LKS_COACTION_SWEEP_H
#define LKS_COACTION_SWEEP_H

#include "coaction/coaction.h"

/* As lks_coaction_scan_windows, in one scan: options_count 1, or several options without a score
 * that ask for every field. Adds to counts[options_count]. */
int lks_coaction_sweep(const struct lks_events *events, const struct lks_coaction_options *options,
                       size_t options_count, const struct lks_control *control,
                       const struct lks_edge_sink *sinks, struct lks_coaction_counts *counts,
                       struct lks_error *err);

#endif
