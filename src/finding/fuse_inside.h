/* fuse_inside.h - what the parts of the fusion share while it runs; internal to finding */
#ifndef LKS_FINDING_FUSE_INSIDE_H
#define LKS_FINDING_FUSE_INSIDE_H

#include "finding/fuse.h"

#define FUSE_NONE UINT32_MAX

/* A co-action group or a layer's cluster. */
struct fuse_part {
    enum lks_layer_kind layer;
    uint32_t index;
    double log10_p;
    uint32_t accounts_count, root, item;
    uint32_t apart_count; /* accounts it named and that are of the other population */
};

struct fuse_link {
    uint32_t account, part;
};

/* A finding in the making. */
struct fuse_item {
    uint32_t layers, parts_count, apart_count;
    uint32_t start_count; /* accounts that its parts name */
    uint32_t members_count;
    int is_tested; /* one of its parts at least is no record */
    int by_things; /* 1: its own things hold it together, and tell who belongs */
    int settled;   /* by_things is decided */
    double log10_p;
};

/* What is known of one account and one finding. */
struct fuse_candidate {
    uint32_t account, item;
    uint32_t named; /* layers that name it, by bit */
    int starts;     /* a co-action group of the finding has it */
    int is_record;  /* a record names it */
    uint32_t posts, matched;
    double expected;
    double layer_log10_p[LKS_LAYERS_COUNT]; /* 0 where not named */
    double log10_p, q_value;                /* combined */
    double share; /* of those as close by what they share alone, those there by chance */
};

struct fusing {
    const struct lks_fuse_input *input;
    const struct lks_fuse_options *options;
    uint32_t *cluster_part[LKS_LAYERS_COUNT]; /* the part of each cluster, or FUSE_NONE */
    unsigned char *grouped;                   /* [accounts_count] 1: in a co-action group */
    struct fuse_part *parts;
    uint32_t parts_count, parts_capacity;
    struct fuse_link *links; /* by (account, part) */
    size_t links_count, links_capacity;
    struct fuse_item *items;
    uint32_t items_count;
    uint32_t *item_of; /* [accounts_count] the finding of each, or FUSE_NONE */
    /* [accounts_count] the same, and the finding of those that its co-action groups started with */
    uint32_t *things_of;
    /* [accounts_count] share by chance of those who keep to its group as it does, or 1 */
    double *group_share;
    struct fuse_candidate *candidates; /* by (account, item), of the last round */
    size_t candidates_count, candidates_capacity;
};

int lks_fuse_memory_out(struct lks_error *err);
/* Whether the layer takes part: asked for, and observable. */
int lks_fuse_layer_used(const struct fusing *fusing, int layer);
/* What findings are of their parts: layers, p, counts. */
void lks_fuse_items_sum(struct fusing *fusing);
/* Fills item_of and candidates. */
int lks_fuse_members(struct fusing *fusing, struct lks_error *err);
/* Writes what was settled. */
int lks_fuse_write(const struct fusing *fusing, struct lks_fusion *fusion, struct lks_error *err);

#endif
