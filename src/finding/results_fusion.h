/* results_fusion.h - what the fusion says of a finding, beside what the co-action test found */
#ifndef LKS_FINDING_RESULTS_FUSION_H
#define LKS_FINDING_RESULTS_FUSION_H

#include "base/str.h"
#include "finding/layers.h"

/* One of the ways in which a finding's accounts act together, by the layer that shows it. */
struct lks_mechanism {
    enum lks_layer_kind layer;
    const char *kind;       /* in words: "copied posts", "answers to calls", "sleepers", ... */
    const char *by;         /* "group": a group of the layer made the finding; "members": it names
                              * members more often than others; "record" */
    uint32_t members_count; /* that act so: whom the layer names, without a channel that calls */
    uint32_t alone_count;   /* of those, named by no other layer (what is told of tags aside) */
    double log10_p;         /* of the layer's group, or of so many members; NaN for a record */
    double log10_q;         /* over all findings and layers that were asked of; NaN: by its group */
    int survives;           /* 1: the finding is there without this layer too, */
    double kept_share;      /* with this share of its members */
    struct lks_str measured; /* a sentence with the numbers */
};

/* A member, as all layers see it. */
struct lks_member_fusion {
    enum lks_role role;
    enum lks_layer_kind tie; /* the layer that ties it to the finding most */
    uint32_t layers;         /* bit by enum lks_layer_kind: that name it */
    double log10_p, q_value; /* that it does not belong, all layers together; NaN: by a record */
    struct lks_str measured; /* what the role rests on */
};

/* A technique of the DISARM framework that a measurement stands for. */
struct lks_technique {
    const char *id, *name;
    struct lks_str measured;
};

struct lks_finding_fusion {
    const char *kind; /* of the mechanism that most members show */
    struct lks_mechanism
        *mechanisms; /* [mechanisms_count] by falling members, then what is told of tags */
    uint32_t mechanisms_count;
    struct lks_member_fusion *members; /* [members_count of the finding] in its order */
    uint32_t members_count;
    struct lks_technique *techniques; /* [techniques_count] */
    uint32_t techniques_count;
    struct lks_str observation; /* what was seen, one sentence; names nobody behind it */
    struct lks_str
        beneficiary; /* case.toml's that shared things name, payments serve; null: none */
    struct lks_str operated_by; /* only ever a logged entry of an analyst; null: none */
    struct lks_str apart;       /* why some accounts are in another finding; null: none are */
    uint32_t apart_count;
    double seed_share; /* the chance that other draws of the copies find its clearest co-action
                        * group too, stat/repeat.h; NaN where co-action takes no part */
};

/* What a layer could see in this run. */
struct lks_result_layer {
    enum lks_layer_kind layer;
    int observable;
    struct lks_str why; /* not; empty where observable */
    uint64_t accounts_tested, pairs_tested;
    uint32_t accounts_named; /* co-action: in its groups; synchrony: on a pair with q <= 0.05;
                              * answers: without the channels that call */
    uint32_t clusters_count;
};

#endif
