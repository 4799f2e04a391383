/* tally.h - the candidates of one account, of which pairs and objects alone are asked */
#ifndef LKS_COACTION_TALLY_H
#define LKS_COACTION_TALLY_H

#include "coaction/measure.h"

/* Zeroed to start; one per thread. */
struct lks_coaction_tally {
    uint32_t *last_run; /* [candidates] the run on whose object each was met last, + 1 */
    size_t last_capacity;
    uint64_t *spare;
    size_t spare_capacity;
};

/* Whether the options ask for nothing more, and leave no saving out that it stands on. */
int lks_coaction_tally_does(const struct lks_coaction_options *options);
/* After counting: appends the edges of `rank` that reach the thresholds to edges, partners rising,
 * with what LKS_COACTION_COUNTS names. Ends the account's sums. 0 or LKS_EMEMORY. */
int lks_coaction_tally(struct lks_coaction_tally *tally, struct lks_coaction_counter *counter,
                       const struct lks_coaction_rows *rows,
                       const struct lks_coaction_options *options, uint32_t rank,
                       struct lks_coaction_edge_list *edges, struct lks_budget *budget,
                       struct lks_error *err);
void lks_coaction_tally_free(struct lks_coaction_tally *tally, struct lks_budget *budget);

#endif
