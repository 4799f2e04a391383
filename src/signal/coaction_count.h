/* coaction_count.h - which partners of one account may reach the thresholds */
#ifndef LKS_SIGNAL_COACTION_COUNT_H
#define LKS_SIGNAL_COACTION_COUNT_H

#include "signal/coaction_rows.h"

struct lks_coaction_slot {
    uint32_t key;  /* partner + 1; 0 is free */
    uint32_t unit; /* the unit counted last, + 1 */
    uint32_t units;
    uint32_t pairs; /* stops at UINT32_MAX */
};

/* A row of the account in the order in which units are counted. */
struct lks_coaction_unit {
    uint32_t unit, first, end;
};

/* Zeroed to start; one per thread. */
struct lks_coaction_counter {
    struct lks_coaction_slot *slots, *spare;
    size_t slots_capacity, spare_capacity;
    size_t slots_active; /* a power of two; those beyond are not used for this account */
    size_t used;
    struct lks_coaction_unit *units;
    size_t units_capacity;
    uint32_t *candidates; /* of the last account, rising */
    size_t candidates_capacity, candidates_count;
    uint64_t pairs_seen, partners_seen; /* over all accounts so far */
};

/* Scans the windows of account a and leaves in `candidates` every partner b > a that may
 * reach the thresholds: no pair that does is missing. Returns 0, LKS_EMEMORY or
 * LKS_ECANCELLED. */
int lks_coaction_count(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                       const struct lks_coaction_options *options, uint32_t a,
                       const struct lks_control *control, struct lks_budget *budget,
                       struct lks_error *err);
void lks_coaction_counter_free(struct lks_coaction_counter *counter, struct lks_budget *budget);

#endif
