/* tree.h - proofs out of tiles */
#ifndef LKS_VAULT_TREE_H
#define LKS_VAULT_TREE_H

#include "vault/tile.h"

/* Where tiles come from: writes tile->width hashes; 0 or a failure. */
struct lks_tile_source {
    int (*read)(void *context, const struct lks_tile *tile, struct lks_hash *hashes,
                struct lks_error *err);
    void *context;
};

struct lks_tree;

/* Looks at the tree of size leaves: reads the tiles along its right edge. The source must outlive
 * it. *tree_out is freed by lks_tree_free. LKS_EMEMORY, or what the source says. */
int lks_tree_open(const struct lks_tile_source *source, uint64_t size, struct lks_tree **tree_out,
                  struct lks_error *err);
void lks_tree_free(struct lks_tree *tree);
/* The root of its size leaves. */
void lks_tree_root(const struct lks_tree *tree, struct lks_hash *root);
/* The hashes from the leaf's sibling upward. Proofs asked for in the order of leaves read each
 * tile once. LKS_EARGUMENT where the tree has no such leaf, or what the source says. */
int lks_tree_inclusion(struct lks_tree *tree, uint64_t index, struct lks_proof *proof,
                       struct lks_error *err);
/* That the tree continues the one of size_old >= 1 leaves. Errors as above. */
int lks_tree_consistency(struct lks_tree *tree, uint64_t size_old, struct lks_proof *proof,
                         struct lks_error *err);
/* The hash of one leaf. */
int lks_tree_leaf(struct lks_tree *tree, uint64_t index, struct lks_hash *leaf,
                  struct lks_error *err);

#endif
