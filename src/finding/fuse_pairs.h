/* fuse_pairs.h - the p of a pair of accounts, all layers together */
#ifndef LKS_FINDING_FUSE_PAIRS_H
#define LKS_FINDING_FUSE_PAIRS_H

#include "finding/layers.h"

struct lks_fused_pair {
    uint32_t a, b;
    double log10_p, q_value;
    uint32_t layers; /* bit by enum lks_layer_kind: with p <= 0.05 for it */
};

/* Fills log10_p, q_value and layers of pairs[count], each once, whose a and b are given: the
 * harmonic mean of the p of every layer that could see the pair, and BH over all pairs that
 * could have met in any layer, whether given or not. Pairs of a cluster that are not among the
 * given count by their number: it is known without writing them down. LKS_EMEMORY. */
int lks_fuse_pairs(const struct lks_layers *layers, struct lks_fused_pair *pairs, size_t count,
                   struct lks_error *err);
/* How many pairs that is. */
uint64_t lks_fuse_pairs_tested(const struct lks_layers *layers);

#endif
