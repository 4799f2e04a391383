/* merkle.h - the Merkle tree of RFC 6962: hashes, peaks, and proofs checked */
#ifndef LKS_VAULT_MERKLE_H
#define LKS_VAULT_MERKLE_H

#include <stdint.h>

#include "base/error.h"
#include "base/sha256.h"

struct lks_hash {
    unsigned char bytes[LKS_SHA256_BYTES];
};

/* A proof holds at most one hash a level, and two at the border of a consistency proof. */
#define LKS_PROOF_HASHES_MAX 66

/* Hashes that tell a stranger one thing; count of them are in use. */
struct lks_proof {
    uint32_t count;
    struct lks_hash hashes[LKS_PROOF_HASHES_MAX];
};

/* SHA-256(0x00 || entry), SHA-256(0x01 || left || right), SHA-256(""). RFC 6962, 2.1. */
void lks_merkle_leaf(const void *entry, size_t size_bytes, struct lks_hash *out);
void lks_merkle_node(const struct lks_hash *left, const struct lks_hash *right,
                     struct lks_hash *out);
void lks_merkle_empty(struct lks_hash *out);
int lks_hash_equal(const struct lks_hash *a, const struct lks_hash *b);

/* The right edge of a tree that grows: the roots of its perfect subtrees, largest first. Zero
 * it to start; size < 2^63. */
struct lks_merkle_edge {
    uint64_t size;
    struct lks_hash peaks[64]; /* one for each bit set in size, the highest bit first */
};
void lks_merkle_edge_append(struct lks_merkle_edge *edge, const struct lks_hash *leaf);
void lks_merkle_edge_root(const struct lks_merkle_edge *edge, struct lks_hash *root);

/* Is leaf the index-th of the subtree [start, end) with that root? start is a multiple of the
 * power of two that end - start fits in; the whole tree is [0, size). 0, or LKS_EINPUT with a
 * sentence. Method: RFC 9162, 2.1.3.2; subtrees as in draft-ietf-plants-merkle-tree-certs. */
int lks_merkle_inclusion_check(uint64_t index, uint64_t start, uint64_t end,
                               const struct lks_hash *leaf, const struct lks_hash *proof,
                               size_t proof_count, const struct lks_hash *root,
                               struct lks_error *err);
/* Is the tree of size with root a continuation of the one of size_old with root_old? size_old >= 1:
 * an empty log proves nothing about what follows. 0, or LKS_EINPUT. RFC 9162, 2.1.4.2. */
int lks_merkle_consistency_check(uint64_t size_old, uint64_t size, const struct lks_hash *proof,
                                 size_t proof_count, const struct lks_hash *root_old,
                                 const struct lks_hash *root, struct lks_error *err);
/* The same for a subtree [start, end) with root_part anywhere in the tree; an empty one holds
 * with the empty root and no proof. Method: draft-ietf-plants-merkle-tree-certs. */
int lks_merkle_part_check(uint64_t start, uint64_t end, uint64_t size, const struct lks_hash *proof,
                          size_t proof_count, const struct lks_hash *root_part,
                          const struct lks_hash *root, struct lks_error *err);

#endif
