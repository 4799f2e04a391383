/* merkle.c - hashes of the tree, its growing right edge, and the two checks of proofs
 *
 * A check climbs from what is known to the root. It keeps where it stands as node numbers, which
 * are halved at each level, and eats one hash of the proof wherever a sibling exists; a proof
 * that is too long, too short or in another order cannot end at the root with nothing left. */
#include "vault/merkle.h"

#include <string.h>

enum { LEAF_MARK = 0x00, NODE_MARK = 0x01, SMALL_BYTES = 1023 };

int lks_hash_equal(const struct lks_hash *a, const struct lks_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

void lks_merkle_empty(struct lks_hash *out)
{
    lks_sha256_of("", 0, out->bytes);
}

void lks_merkle_leaf(const void *entry, size_t size_bytes, struct lks_hash *out)
{
    struct lks_sha256 sha = {0};
    unsigned char small[1 + SMALL_BYTES];
    static const unsigned char mark = LEAF_MARK;
    if (size_bytes <= SMALL_BYTES) { /* one call for what is usual */
        small[0] = LEAF_MARK;
        if (size_bytes)
            memcpy(small + 1, entry, size_bytes);
        lks_sha256_of(small, 1 + size_bytes, out->bytes);
        return;
    }
    int code = lks_sha256_start(&sha, NULL);
    if (code == 0)
        code = lks_sha256_update(&sha, &mark, 1, NULL);
    if (code == 0)
        code = lks_sha256_update(&sha, entry, size_bytes, NULL);
    if (code == 0)
        code = lks_sha256_finish(&sha, out->bytes, NULL);
    LKS_ASSERT(code == 0); /* as in lks_sha256_of: a digest of memory has no other end */
}

void lks_merkle_node(const struct lks_hash *left, const struct lks_hash *right,
                     struct lks_hash *out)
{
    unsigned char both[1 + 2 * LKS_SHA256_BYTES];
    both[0] = NODE_MARK;
    memcpy(both + 1, left->bytes, sizeof left->bytes);
    memcpy(both + 1 + LKS_SHA256_BYTES, right->bytes, sizeof right->bytes);
    lks_sha256_of(both, sizeof both, out->bytes);
}

void lks_merkle_edge_append(struct lks_merkle_edge *edge, const struct lks_hash *leaf)
{
    unsigned count = (unsigned)__builtin_popcountll(edge->size);
    LKS_ASSERT(edge->size < INT64_MAX);
    struct lks_hash hash = *leaf;
    for (uint64_t low = edge->size; low & 1; low >>= 1) /* as a binary counter carries */
        lks_merkle_node(&edge->peaks[--count], &hash, &hash);
    edge->peaks[count] = hash;
    edge->size++;
}

void lks_merkle_edge_root(const struct lks_merkle_edge *edge, struct lks_hash *root)
{
    unsigned count = (unsigned)__builtin_popcountll(edge->size);
    if (!count) {
        lks_merkle_empty(root);
        return;
    }
    *root = edge->peaks[count - 1];
    for (unsigned i = count - 1; i-- > 0;)
        lks_merkle_node(&edge->peaks[i], root, root);
}

/* A subtree of the tree stands where its power of two begins. */
static int subtree_stands(uint64_t start, uint64_t end)
{
    if (start >= end)
        return 0;
    uint64_t count = end - start, power = 1;
    while (power < count && power <= UINT64_MAX / 2)
        power *= 2;
    return power >= count && (start & (power - 1)) == 0;
}

int lks_merkle_inclusion_check(uint64_t index, uint64_t start, uint64_t end,
                               const struct lks_hash *leaf, const struct lks_hash *proof,
                               size_t proof_count, const struct lks_hash *root,
                               struct lks_error *err)
{
    if (!subtree_stands(start, end) || index < start || index >= end)
        return lks_error_set(err, LKS_EINPUT, "leaf %llu does not lie in [%llu, %llu)",
                             (unsigned long long)index, (unsigned long long)start,
                             (unsigned long long)end);
    uint64_t at = index - start, last = end - start - 1;
    struct lks_hash hash = *leaf;
    for (size_t i = 0; i < proof_count; i++, at >>= 1, last >>= 1) {
        if (last == 0)
            return lks_error_set(err, LKS_EINPUT, "the inclusion proof is too long");
        if ((at & 1) || at == last) {
            lks_merkle_node(&proof[i], &hash, &hash);
            for (; !(at & 1); at >>= 1, last >>= 1) /* levels where the right edge has no sibling */
                ;
        } else
            lks_merkle_node(&hash, &proof[i], &hash);
    }
    if (last != 0)
        return lks_error_set(err, LKS_EINPUT, "the inclusion proof is too short");
    if (!lks_hash_equal(&hash, root))
        return lks_error_set(err, LKS_EINPUT, "the inclusion proof leads to another root");
    return 0;
}

int lks_merkle_part_check(uint64_t start, uint64_t end, uint64_t size, const struct lks_hash *proof,
                          size_t proof_count, const struct lks_hash *root_part,
                          const struct lks_hash *root, struct lks_error *err)
{
    struct lks_hash empty;
    if (start == end && end <= size) {
        lks_merkle_empty(&empty);
        return proof_count == 0 && lks_hash_equal(&empty, root_part)
                   ? 0
                   : lks_error_set(err, LKS_EINPUT, "nothing is not proved like that");
    }
    if (!subtree_stands(start, end) || end > size)
        return lks_error_set(err, LKS_EINPUT, "[%llu, %llu) is no part of a tree of %llu",
                             (unsigned long long)start, (unsigned long long)end,
                             (unsigned long long)size);
    uint64_t first = start, part = end - 1, last = size - 1;
    size_t i = 0;
    /* Up to the largest subtree that ends where the part ends. */
    while (part == last ? first != part : first != part && (part & 1))
        first >>= 1, part >>= 1, last >>= 1;
    if (first != part && proof_count == 0)
        return lks_error_set(err, LKS_EINPUT, "the consistency proof is empty");
    struct lks_hash seen = first == part ? *root_part : proof[i++], grown = seen;
    for (; i < proof_count; i++, first >>= 1, part >>= 1, last >>= 1) {
        if (last == 0)
            return lks_error_set(err, LKS_EINPUT, "the consistency proof is too long");
        if ((part & 1) || part == last) {
            if (first < part)
                lks_merkle_node(&proof[i], &seen, &seen);
            lks_merkle_node(&proof[i], &grown, &grown);
            for (; !(part & 1); first >>= 1, part >>= 1, last >>= 1)
                ;
        } else
            lks_merkle_node(&grown, &proof[i], &grown);
    }
    if (last != 0)
        return lks_error_set(err, LKS_EINPUT, "the consistency proof is too short");
    if (!lks_hash_equal(&seen, root_part))
        return lks_error_set(err, LKS_EINPUT, "the consistency proof does not hold the old root");
    if (!lks_hash_equal(&grown, root))
        return lks_error_set(err, LKS_EINPUT, "the consistency proof leads to another root");
    return 0;
}

int lks_merkle_consistency_check(uint64_t size_old, uint64_t size, const struct lks_hash *proof,
                                 size_t proof_count, const struct lks_hash *root_old,
                                 const struct lks_hash *root, struct lks_error *err)
{
    if (size_old == 0)
        return lks_error_set(err, LKS_EINPUT, "an empty log proves nothing about what follows");
    return lks_merkle_part_check(0, size_old, size, proof, proof_count, root_old, root, err);
}
