/* comment_names.h - is a name said under some posts more than under others of the same accounts? */
#ifndef LKS_SIGNAL_COMMENT_NAMES_H
#define LKS_SIGNAL_COMMENT_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct lks_answered_post {
    uint32_t account;
    uint32_t answerers; /* distinct accounts that answered it, at least 1 */
    uint32_t naming;    /* of those, who said the name */
    int marked;         /* 1: one of the posts in question */
};

struct lks_comment_names {
    uint64_t marked_count, other_count; /* posts */
    uint64_t marked_answerers, marked_naming, other_answerers, other_naming;
    double expected; /* naming under marked posts, at each account's own rate over all its posts */
    double p_value;  /* (1 + draws as far above it) / (1 + draws); NaN: no account has both sorts */
};

/* Compares within accounts: who has a talkative public, or one that always says the name, has it
 * under all posts. Null model: which of an account's answered posts are the marked ones is exchangeable;
 * the statistic is what is said under them beyond the account's rate. Valid however answers to one
 * post depend on each other. An account with posts of one sort only tells nothing; where all are
 * such, nothing can be compared and p is NaN. posts[count] by rising account. O(count draws). The same for any machine. 0 or
 * LKS_EMEMORY. */
int lks_comment_names_test(const struct lks_answered_post *posts, size_t count,
                           unsigned draws_count, uint64_t seed, struct lks_comment_names *out,
                           struct lks_error *err);

#endif
