/* belonging.h - does an account act with a group? Its posts against all others' posts of the hour */
#ifndef LKS_CHANCE_BELONGING_H
#define LKS_CHANCE_BELONGING_H

#include "record/events.h"

#define LKS_BELONGING_NONE UINT32_MAX

/* Shared and unchanging. */
struct lks_belonging_input {
    const struct lks_events *events;
    const uint32_t *group; /* [accounts_count] the group of each account, or LKS_BELONGING_NONE */
    uint32_t groups_count;
    int64_t kind_window_us[LKS_OBJECT_KINDS_COUNT]; /* of a meeting; < 0 leaves the kind out */
    int64_t stratum_us; /* within this and a class of posts authors are exchangeable */
};

/* What an account shares with a group. */
struct lks_belonging {
    uint32_t account, group;
    uint32_t posts;   /* of the account */
    uint32_t matched; /* of those, on a thing of the group's, with one of the group nearby */
    double expected;  /* of matched, by chance */
    double log10_p;   /* at most 0 */
    double share; /* of the accounts that act with the group as closely, those there by chance */
};

/* A thing is the group's if at least half of its users are of the group (the account
 * in question not counted as one), and two at least. A post matches if it is on such a thing
 * and another member is on it within the window. Gives every account that has a matched
 * post, members too, against each group: *rows_out is the caller's, to be freed, by
 * (account, group). Null: who posted is exchangeable within a stratum (a stretch of time, and
 * own posts, comments or messages: the pair's null model too) among those outside the
 * group and the account. O(events + posts), and O(posts) a group; 12 bytes a post and 8 an event. LKS_EMEMORY. Method:
 * docs/method/fusion.md. */
int lks_belonging_run(const struct lks_belonging_input *input, struct lks_belonging **rows_out,
                      size_t *count_out, struct lks_error *err);

#endif
