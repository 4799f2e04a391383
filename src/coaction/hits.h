/* hits.h - the events of an account's candidates in its windows */
#ifndef LKS_COACTION_HITS_H
#define LKS_COACTION_HITS_H

#include "coaction/count.h"

/* After counting: leaves in `hits` every candidate with all of its events in windows of the
 * account. bounds are given where a score is asked for, else NULL. Returns 0 or LKS_EMEMORY. */
int lks_coaction_hits(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                      const struct lks_coaction_options *options,
                      const struct lks_coaction_bounds *bounds, uint32_t rank,
                      struct lks_budget *budget, struct lks_error *err);

#endif
