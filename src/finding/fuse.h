/* fuse.h - groups and clusters of all layers become findings, and accounts their members */
#ifndef LKS_FINDING_FUSE_H
#define LKS_FINDING_FUSE_H

#include "finding/layers.h"
#include "record/events.h"

/* What an edge of a group adds to its score. */
struct lks_fuse_tie {
    uint32_t a, b; /* accounts */
    double score;
};

/* A group that stood the co-action test. */
struct lks_fuse_group {
    const uint32_t *accounts; /* [accounts_count] each once */
    uint32_t accounts_count;
    double log10_p; /* family-wise */
    const double *
        share; /* [accounts_count] of those who keep to it as closely, those there by chance; or NULL */
    const struct lks_fuse_tie *ties; /* [ties_count] or NULL: not known */
    size_t ties_count;
    double score_least; /* what is left of it without its paid accounts has to score more */
};

/* Shared and unchanging. */
struct lks_fuse_input {
    const struct lks_layers *layers;     /* checked */
    const struct lks_events *events;     /* for who acts with a group */
    const struct lks_fuse_group *groups; /* [groups_count] */
    uint32_t groups_count;
    int64_t kind_window_us[LKS_OBJECT_KINDS_COUNT]; /* of co-action; < 0 leaves a kind out */
    int64_t stratum_us;
    uint32_t layers_mask; /* bit by enum lks_layer_kind: the layers that take part */
};

struct lks_fuse_options {
    double cluster_level;  /* a layer's cluster is a finding at p <= this: family-wise, a layer */
    double chance_most;    /* nor is one of which chance would put in more than this share */
    double member_level;   /* of q: of all members at most this share is there by chance */
    double things_level;   /* the same of those whom the things they share let in alone, */
    double group_level;    /* and of those whom their co-action group keeps */
    double overlap_share;  /* parts are joined if they share so much of the smaller, */
    double overlap_level;  /* and more than chance gives at this p, over all pairs of parts */
    uint32_t accounts_min; /* a cluster of fewer is no finding */
    uint32_t sure_most;    /* members of a co-action group of so many are not looked at again */
    unsigned rounds;       /* members and the things that are theirs settle in so many rounds */
};

/* One account of a finding. */
struct lks_fused_member {
    uint32_t account;
    uint32_t layers;         /* bit by enum lks_layer_kind: that name it as of this finding */
    enum lks_layer_kind tie; /* the one whose p is the least */
    double log10_p, q_value; /* that it does not belong: all layers of the finding combined */
    int is_record;           /* a record names it: log10_p and q_value rank it and say nothing */
    uint32_t posts, matched; /* of the account; with the group: 0 where that was not tested */
    double expected;         /* of matched, by chance */
};

/* What a finding was joined from. */
struct lks_fused_part {
    enum lks_layer_kind layer;
    uint32_t index; /* of the group, or of the layer's cluster */
};

struct lks_fused {
    struct lks_fused_member *members; /* [members_count] by account */
    uint32_t members_count;
    struct lks_fused_part *parts; /* [parts_count] by layer, then index */
    uint32_t parts_count;
    uint32_t layers; /* bit by enum lks_layer_kind: of its parts */
    int is_paid;     /* of the promotion layer; such findings are joined with no other */
    int is_recorded; /* of these, one that a ledger speaks of */
    double log10_p;  /* the least of its parts' times the number of their layers; NaN where all
                      * of them are records */
    uint32_t layer_members[LKS_LAYERS_COUNT]; /* members that the layer names */
    uint32_t layer_alone[LKS_LAYERS_COUNT];   /* of those, named by no other layer */
    uint32_t apart_count; /* accounts that its parts named and that are in a paid finding */
};

struct lks_fusion {
    struct lks_arena arena;  /* in which everything lives */
    struct lks_fused *items; /* [items_count] those with co-action groups first, in their order */
    uint32_t items_count;
};

struct lks_fuse_options lks_fuse_options_default(void);

/* Shares of those there by chance, told by so many decoys, made no finer than these can tell: among r
 * accounts that keep to the group as closely, 1 / (decoys r). share[count] at most 1, in place;
 * scratch[count]. O(count log count). */
void lks_fuse_shares_floor(double *share, uint32_t count, uint32_t decoys, double *scratch);

/* Joins groups and clusters that have their accounts in common, never paid ones with others,
 * and settles who is a member of what: an account is of one finding at most. Deterministic.
 * *fusion_out is freed by lks_fusion_free, also after a failure. LKS_EMEMORY. Method:
 * docs/method/fusion.md. */
int lks_fuse(const struct lks_fuse_input *input, const struct lks_fuse_options *options,
             struct lks_fusion *fusion_out, struct lks_error *err);
void lks_fusion_free(struct lks_fusion *fusion);

/* A finding without one layer: is it still there, and how much of it? */
struct lks_left_out {
    int survives;      /* another run of the fusion without the layer has a finding that holds */
    double kept_share; /* at least half of its members; this share of them */
};

/* Writes for every finding and layer what is left without the layer into
 * left_out[items_count][LKS_LAYERS_COUNT]; layers that take no part in any finding are left at
 * { 1, 1 }. Runs the fusion once for each layer, on the scores at hand: no signal again. */
int lks_fuse_without(const struct lks_fuse_input *input, const struct lks_fuse_options *options,
                     const struct lks_fusion *fusion,
                     struct lks_left_out (*left_out)[LKS_LAYERS_COUNT], struct lks_error *err);

#endif
