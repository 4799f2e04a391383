/* fuse_results.h - the fusion's findings take the place of the co-action groups in a run's results */
#ifndef LKS_FINDING_FUSE_RESULTS_H
#define LKS_FINDING_FUSE_RESULTS_H

#include "finding/attribution.h"
#include "finding/fuse.h"
#include "finding/fuse_pairs.h"
#include "finding/results.h"

/* What is known beside the results; [accounts_count] by account of the events. Borrowed. */
struct lks_fuse_facts {
    const struct lks_layers *layers;
    const struct lks_fusion *fusion;
    const struct lks_left_out (*left_out)[LKS_LAYERS_COUNT]; /* [items_count] */
    const double *seed_share;                                /* [co-action groups] */
    const uint32_t *node_of;    /* [accounts_count] node of the results, UINT32_MAX for none */
    const uint32_t *account_of; /* [nodes_count] */
    const uint32_t *comments;   /* [accounts_count] posts that answer another; NULL: not known */
    const uint32_t *posts;      /* [accounts_count] all posts; NULL as comments */
    const struct lks_str *beneficiary_names; /* [beneficiaries_count] that things may name */
    const struct lks_str *beneficiaries;     /* [beneficiaries_count] whom each means */
    size_t beneficiaries_count;
    double cluster_level, group_level;
    struct lks_named_set registrations;
};

/* Replaces findings, and every finding index in nodes, edges, awakenings and responders. Each
 * member of the fusion must be a node. LKS_EMEMORY. */
int lks_fuse_apply(struct lks_results *results, const struct lks_fuse_facts *facts,
                   struct lks_error *err);

/* ---- parts of it, each in a file of its own ---- */

/* One finding while it is written. */
struct lks_fuse_target {
    struct lks_results *results;
    const struct lks_fuse_facts *facts;
    const struct lks_fused *fused;
    uint32_t item;
    struct lks_finding *finding;       /* members, edges and evidence are there */
    const struct lks_finding *largest; /* of the co-action groups it was made from, or NULL */
    const struct lks_attribution *attributions; /* [LKS_LAYERS_COUNT] */
    /* Whose innocent explanations are the finding's: the largest that is not explained, for what
     * accounts for a part of the accounts leaves the others; else the largest. NULL as that. */
    const struct lks_finding *judged;
};

/* Mechanisms and kind; marks in members which layers name them. -1 when memory is out.
 * fuse_mechanisms.c */
int lks_fuse_mechanisms(struct lks_fuse_target *target);
/* What a co-action title says after the number of accounts. */
struct lks_str lks_fuse_title_rest(const struct lks_finding *finding);
/* Mechanisms and kind; title, observation, confidence, who may gain. fuse_words.c */
int lks_fuse_words(struct lks_fuse_target *target, struct lks_error *err);
/* Roles of the members. roles.c */
int lks_fuse_roles(struct lks_fuse_target *target, struct lks_error *err);
/* Innocent explanations that the co-action test did not weigh. innocent.c */
int lks_fuse_innocent(struct lks_fuse_target *target, struct lks_error *err);
/* DISARM techniques. disarm.c */
int lks_fuse_techniques(struct lks_fuse_target *target, struct lks_error *err);

/* A text in the results' arena, as printf makes it; data NULL when memory is out. */
struct lks_str lks_fuse_text(struct lks_results *results, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
