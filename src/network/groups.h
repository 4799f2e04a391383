/* groups.h - from kept edges to groups of accounts */
#ifndef LKS_NETWORK_GROUPS_H
#define LKS_NETWORK_GROUPS_H

#include "chance/chance.h"

/* Groups of the accounts that have an edge. Zero it to start. */
struct lks_groups {
    uint32_t *account; /* [nodes_count] account ids, rising */
    uint32_t *group;   /* [nodes_count] dense, in the order of each group's first node */
    uint32_t nodes_count;
    double *score;     /* [groups_count] sum of log10 (level / p) over the edges inside */
    uint32_t *members; /* [groups_count] how many */
    uint32_t groups_count;
    uint32_t *first; /* [groups_count + 1] the nodes of group g are node[first[g]] ... */
    uint32_t *node;  /* [nodes_count] rising within a group */
};

/* level is log10 of the p at which edges were kept. Takes the components of the edges (rising by (a, b)), and Leiden's communities inside
 * components of more than split_accounts, edges weighing -log10 p. A group may be of one
 * account, with score 0. Deterministic in its arguments. 0 or LKS_EMEMORY; freed by
 * lks_groups_free. */
int lks_groups_find(const struct lks_chance_edge *edges, size_t edges_count, double level,
                    uint32_t split_accounts, uint64_t seed, struct lks_groups *groups,
                    struct lks_error *err);
void lks_groups_free(struct lks_groups *groups);

/* The node of an account, or UINT32_MAX. */
uint32_t lks_groups_node(const struct lks_groups *groups, uint32_t account);

#endif
