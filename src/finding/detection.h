/* detection.h - what the parts of detect_groups share while a run is on; internal to finding */
#ifndef LKS_FINDING_DETECTION_H
#define LKS_FINDING_DETECTION_H

#include "chance/data.h"
#include "finding/detect_groups.h"
#include "finding/group_copies.h"

/* Marks that are cleared by counting up: a thing is marked if its stamp is the epoch. */
struct lks_marks {
    uint32_t *post, *object, *account, *stratum; /* stamps */
    uint32_t *row;                               /* [events] */
    uint8_t *matched; /* [posts] 1 where the post has a partner over any kept edge */
    uint32_t epoch;
};

struct lks_detection {
    const struct lks_events *events;
    const struct lks_detect_groups_options *options;
    const struct lks_control *control;
    struct lks_chance *chance;
    struct lks_chance_edge *edges; /* of the real data at the loosest level */
    size_t edges_count;
    uint32_t *account_post; /* [posts] by author: rows of chance->account_first */
    uint32_t *object_users; /* [objects] */
    struct lks_group_test_options test;
    struct lks_group_levels levels;
    struct lks_group_maxima *copies; /* [copies_count] */
    struct lks_member *members;      /* members.h */
    uint32_t members_count, findings_count;
    uint32_t
        crowds_count; /* groups that stood the test of groups, and whose members do not stand out */
    uint32_t communities_count;    /* such groups whose members' own days explain them */
    struct lks_accepted *accepted; /* groups that stood the test of groups, in order: members.h */
    uint32_t accepted_count;
    uint64_t *node_first; /* [findings + 1] into node */
    uint32_t *node;       /* nodes by finding, rising */
    uint64_t *edge_first; /* [findings + 1] into edge */
    uint64_t *edge;       /* edges by finding, rising */
    struct lks_marks marks;
    struct lks_analysis *analysis;
};

/* Two posts that meet, a's and b's, and the events rows of what they share. */
struct lks_meeting {
    uint32_t post_a, post_b;
    const uint32_t *rows_a, *rows_b; /* [shared] */
    uint32_t shared;
    int64_t lag_us;
};

/* Calls visit for every two posts of edge {a, b} that meet in the window. Posts of the
 * account with fewer come in order of time; its post is the same in consecutive calls.
 * is_a says whether that account is a. */
int lks_detection_meetings(struct lks_detection *detection, uint32_t a, uint32_t b,
                           uint32_t window_index, int *is_a,
                           int (*visit)(void *context, const struct lks_meeting *meeting,
                                        struct lks_error *err),
                           void *context, struct lks_error *err);

/* Fills the lks_edge part of every kept edge. */
int lks_detection_edges(struct lks_detection *detection, struct lks_error *err);

/* What a finding is judged by, beside what it carries. */
struct lks_measures {
    uint32_t strata_count;     /* spans of time in which it acted */
    uint64_t nearest_count;    /* posts with a partner, once an edge */
    uint64_t nearest_minute;   /* of them, with one at most a minute away */
    uint32_t posts_linked;     /* posts that share a link or domain */
    uint32_t top_object_posts; /* posts on the most used object */
    uint32_t top_object_users; /* accounts on it in all of the data */
    uint32_t contents_count;   /* distinct shared texts, media, links and sets of hashtags */
    double widest_share;       /* largest share of all accounts on any shared object */
    double narrowest_share;
    uint32_t layers_count;                     /* families of kinds: links, hashtags, texts, ... */
    uint32_t verified, verified_known;         /* members */
    uint32_t synchrony_edges, synchrony_clear; /* edges that it can judge, and p <= 0.05 */
    uint32_t steady_members; /* met the group on contents in three spans of time or more */
    uint32_t daily_members;  /* of whom their days explain as much (p > 0.05) */
    uint32_t daily_known;    /* of whom that could be asked */
    double score_ratio;      /* score over the largest in any copy, at its level */
};

/* Takes the groups that stand out, and their members. */
int lks_detection_select(struct lks_detection *detection, struct lks_error *err);
/* The node of an account, or UINT32_MAX; when the network is filled. */
uint32_t lks_detection_node(const struct lks_detection *detection, uint32_t account);
/* Turns them into findings, and fills them. */
int lks_detection_findings(struct lks_detection *detection, struct lks_error *err);
/* Fills evidence, objects, layers, counts and times of finding f from its edges. */
int lks_detection_evidence(struct lks_detection *detection, uint32_t f,
                           struct lks_measures *measures, struct lks_error *err);
/* Fills title, confidence with its rule, and the alternatives. */
int lks_detection_judge(struct lks_detection *detection, struct lks_finding *finding,
                        const struct lks_measures *measures, struct lks_error *err);
/* Writes the notes of the run. */
int lks_detection_notes(struct lks_detection *detection, struct lks_error *err);

#endif
