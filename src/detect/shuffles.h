/* shuffles.h - events in which one thing was dealt out anew and everything else stayed */
#ifndef LKS_DETECT_SHUFFLES_H
#define LKS_DETECT_SHUFFLES_H

#include "base/error.h"
#include "record/events.h"
#include "signal/promotion.h"

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

/* Own posts as scripts are looked for in, copied from `from` to `to` (both [count], each post with its
 * words) and dealt out by (seed, number):
 *
 *   accounts  among the posts of each stretch of stratum_us
 *   times     among all posts
 *
 * O(count log count). LKS_EMEMORY. */
int lks_shuffle_script_accounts(const struct lks_script_post *from, size_t count,
                                int64_t stratum_us, uint64_t seed, uint64_t number,
                                struct lks_script_post *to, struct lks_error *err);
int lks_shuffle_script_times(const struct lks_script_post *from, size_t count, uint64_t seed,
                             uint64_t number, struct lks_script_post *to, struct lks_error *err);

/* Every channel's messages go to other days, around the end of the data: how many later is the
 * channel's own, since two that move alike would still speak at one time. Where there are more channels than
 * days some do: lks_shuffle_channels_share tells. time_us [count] rising, channel [count] <
 * channels_count. moved_us [count] rising: the new times; order [count]: whose they are.
 * O(count log count). LKS_EMEMORY. */
int lks_shuffle_channel_days(const int64_t *time_us, const uint32_t *channel, size_t count,
                             uint32_t channels_count, uint64_t seed, uint64_t number,
                             int64_t *moved_us, uint32_t *order, struct lks_error *err);
/* 1 where two channels would have to move alike. */
int lks_shuffle_channels_share(const int64_t *time_us, size_t count, uint32_t channels_count);

#endif
