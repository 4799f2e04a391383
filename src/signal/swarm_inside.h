/* swarm_inside.h - what the parts of the swarm detector share */
#ifndef LKS_SIGNAL_SWARM_INSIDE_H
#define LKS_SIGNAL_SWARM_INSIDE_H

#include "signal/swarm.h"

/* What one account did under one target. */
struct lks_swarm_act {
    uint32_t account, target, author; /* author: accounts_count where unknown */
    uint32_t comments;
    uint8_t copied;    /* another account wrote the same there */
    uint8_t elsewhere; /* it copied under another author, too */
    uint8_t regular;   /* it commented under another post of the author */
    uint8_t named;
    int64_t time_us; /* of its first copy there, else of its first comment */
};

struct lks_swarm_work {
    const struct lks_swarm_input *input;
    const struct lks_swarm_options *options;
    const struct lks_control *control;
    struct lks_swarm_act *acts; /* [acts_count], by (target, time, account) while floods are made */
    size_t acts_count;
    size_t *target_first; /* [targets_count + 1] into acts by target */
    struct lks_swarm *result;
};

/* By (target, time, account), and by (account, author, target). */
int lks_swarm_by_target(const void *a, const void *b);
int lks_swarm_by_account(const void *a, const void *b);
/* Floods, bursts and clusters, from acts by target whose marks are set. */
int lks_swarm_floods(struct lks_swarm_work *work, struct lks_error *err);
int lks_swarm_clusters(struct lks_swarm_work *work, struct lks_error *err);

#endif
