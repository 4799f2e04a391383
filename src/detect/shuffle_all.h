/* shuffle_all.h - a whole case in which nothing is going on: every null hypothesis true at once */
#ifndef LKS_DETECT_SHUFFLE_ALL_H
#define LKS_DETECT_SHUFFLE_ALL_H

#include "base/error.h"

/* The case as it is. */
struct lks_shuffle_case {
    uint32_t posts_count, accounts_count;
    const uint32_t *post_account;    /* [posts_count] */
    const int64_t *post_time_us;     /* [posts_count] */
    const uint8_t *post_is_message;  /* [posts_count] of a channel */
    const uint32_t *post_parent;     /* [posts_count] what it answers, or UINT32_MAX */
    const uint8_t *account_platform; /* [accounts_count] */
};

/* As dealt: each array the caller's, of the case's length. */
struct lks_shuffled_case {
    uint32_t *post_account;
    int64_t *post_time_us;
    uint32_t *account_made_as; /* whose registration it has */
};

/* Deals everything out by (seed, number), as the essay in shuffle_all.c says. O(posts log posts).
 * LKS_EMEMORY. */
int lks_shuffle_all(const struct lks_shuffle_case *from, uint64_t seed, uint64_t number,
                    struct lks_shuffled_case *to, struct lks_error *err);

#endif
