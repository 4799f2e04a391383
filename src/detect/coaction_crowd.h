/* coaction_crowd.h - what a score asks of all events, found in streams over events on disk */
#ifndef LKS_DETECT_COACTION_CROWD_H
#define LKS_DETECT_COACTION_CROWD_H

#include "detect/coaction_sorted.h"

/* Zero it, then make. */
struct lks_crowd_store {
    int64_t first_us, stratum_us;
    uint32_t strata_count;
    uint32_t *posts;        /* [strata_count] posts with an event */
    struct lks_spool dealt; /* account, stratum: 4 bytes each, of every such post */
    uint64_t dealt_count;
};

/* Puts the events of data, wherever they are, to data->sorted, without those that nobody else was
 * near in the widest of windows, each with the events of its post and the events of others in the
 * windows of options[options_count]; and fills the store. Frees the columns of events.
 * Memory: 9 bits a post, 4 bytes an account and window, a few MB. */
int lks_crowd_store_make(struct lks_crowd_store *store, struct lks_coaction_data *data,
                         const struct lks_coaction_options *options, size_t options_count,
                         struct lks_coaction_means *means, struct lks_error *err);
void lks_crowd_store_free(struct lks_crowd_store *store, struct lks_coaction_means *means);

/* The crowd of the events of some accounts. */
struct lks_crowd_taken {
    struct lks_coaction_crowd crowd;
    /* inside */
    uint32_t *first;
    uint16_t *stratum;
    size_t accounts_count, posts_count;
};

/* Of the accounts for which take says so, whose events were taken. Charged to the budget; taken
 * must outlive it. */
int lks_crowd_take(const struct lks_crowd_store *store, const struct lks_coaction_taken *taken,
                   int (*take)(const void *context, uint32_t account), const void *context,
                   struct lks_budget *budget, struct lks_crowd_taken *out, struct lks_error *err);
void lks_crowd_taken_free(struct lks_crowd_taken *taken, struct lks_budget *budget);

#endif
