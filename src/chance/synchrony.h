/* synchrony.h - the second null: do two who share an interest meet sooner than others do? */
#ifndef LKS_CHANCE_SYNCHRONY_H
#define LKS_CHANCE_SYNCHRONY_H

#include "record/events.h"

struct lks_synchrony_options {
    int64_t near_us;              /* "together" */
    int64_t far_us;               /* "on the same thing, within hours" */
    uint64_t reference_pairs_min; /* an object with fewer pairs of other accounts within far
                                   * tells nothing of how soon others meet */
};

struct lks_synchrony_options lks_synchrony_options_default(void); /* 1 minute, 6 hours, 20 */

/* How many pairs of uses by different accounts each object has within near and far, pairs
 * inside a group left out: a group is compared with others, not with itself. */
struct lks_synchrony {
    const struct lks_events *events;
    struct lks_synchrony_options options;
    uint32_t *key;                    /* [accounts] the account, or past all of them its group */
    uint64_t *near_pairs, *far_pairs; /* [objects] */
    uint64_t *account_first;          /* [accounts + 1] into account_row */
    uint32_t *account_row;            /* [events] rows by account, rising */
};

/* account_group[accounts_count] is UINT32_MAX outside groups and below accounts_count
 * inside; NULL where there are none. 0, LKS_EARGUMENT unless 0 <= near < far, LKS_EMEMORY. The events must outlive it. Freed by
 * lks_synchrony_free, also after a failure. */
int lks_synchrony_prepare(const struct lks_events *events,
                          const struct lks_synchrony_options *options,
                          const uint32_t *account_group, struct lks_synchrony *synchrony,
                          struct lks_error *err);
void lks_synchrony_free(struct lks_synchrony *synchrony);

/* The chance of {a, b} meeting within near as often as they did, given the uses on which
 * they met within far, if they met as soon as others do on the same objects. NaN where no
 * object has enough others: it has no power where only the group uses the object. Any
 * number of threads. Method: docs/method/null-model.md, "Synchrony". */
double lks_synchrony_p(const struct lks_synchrony *synchrony, uint32_t a, uint32_t b);

#endif
