/* shuffles.h - events in which one thing was dealt out anew and everything else stayed */
#ifndef LKS_DETECT_SHUFFLES_H
#define LKS_DETECT_SHUFFLES_H

#include "base/error.h"
#include "record/events.h"

/* What the events were before any shuffle. */
struct lks_unshuffled {
    uint32_t *post_account;
    int64_t *post_time_us;
};

/* Remembers; the events are the caller's. LKS_EMEMORY. */
int lks_unshuffled_keep(const struct lks_events *events, struct lks_unshuffled *kept,
                        struct lks_error *err);
void lks_unshuffled_free(struct lks_unshuffled *kept);

/* Each starts from what was kept, deals out by (seed, number), and sorts the events again.
 *
 *   accounts  among the posts of each stretch of stratum_us; 0: among all posts
 *   days      every account's posts go to other days, as many later as a draw for the account says
 *             (one at least), around the end of the data; where there is one day nothing moves; accounts with account_stays[] set stay (NULL: none)
 *
 * O(posts log posts + events). LKS_EMEMORY. */
int lks_shuffle_accounts(struct lks_events *events, const struct lks_unshuffled *kept,
                         int64_t stratum_us, uint64_t seed, uint64_t number, struct lks_error *err);
int lks_shuffle_days(struct lks_events *events, const struct lks_unshuffled *kept,
                     const uint8_t *account_stays, uint64_t seed, uint64_t number,
                     struct lks_error *err);

#endif
