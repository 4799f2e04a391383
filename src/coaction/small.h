/* small.h - a pair of accounts that share few events */
#ifndef LKS_COACTION_SMALL_H
#define LKS_COACTION_SMALL_H

#include "coaction/pair.h"

/* What lks_coaction_pair does, where either side has few events on what they share: 1 if *edge
 * reaches the options' thresholds, 0 if not, 2 if there are more events than this can take. */
int lks_coaction_small(const struct lks_coaction_options *options, const struct lks_coaction_row *a,
                       const struct lks_coaction_row *b, const struct lks_coaction_shared *shared,
                       size_t shared_count, struct lks_edge *edge);

#endif
