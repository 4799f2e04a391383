/* tree.c - proofs out of tiles
 *
 * A tree of n leaves is a row of perfect subtrees, its peaks, one for each bit of n:
 *
 *     n = 13:   [ 8 leaves ][ 4 ][1]        root = H(8, H(4, 1))
 *
 * Every hash of a proof is either the root of a perfect subtree, which lies in one tile or is
 * folded out of a part of one, or the fold of the peaks from one of them to the right end (a
 * "tail"). Tails belong to the size alone and are made once. The tiles that a leaf's proof
 * touches lie above each other, one a level, so one tile a level is kept, unfolded to all of its
 * inner nodes: proofs in the order of leaves read each tile once and hash each inner node once. */
#include "vault/tree.h"

#include <stdlib.h>

enum { LEVELS = 8, STEPS = 9 }; /* 256^8 leaves; a tile folds in eight steps */

/* A tile, unfolded: nodes[s][i] is the root of 2^s of its hashes. */
struct unfolded {
    uint64_t index;
    uint32_t width; /* 0: none is kept */
    struct lks_hash nodes[2 * LKS_TILE_WIDTH];
};

struct lks_tree {
    struct lks_tile_source source;
    uint64_t size;
    unsigned peaks_count;
    unsigned peak_height[64];
    uint64_t peak_start[64];
    struct lks_hash peak[64], tail[64]; /* tail[i]: peaks i to the last, folded */
    struct unfolded tiles[LEVELS];
};

static struct lks_hash *node_at(struct unfolded *tile, unsigned step, uint32_t index)
{
    uint32_t first = 2 * LKS_TILE_WIDTH - (2 * LKS_TILE_WIDTH >> step);
    return &tile->nodes[first + index];
}

static int tile_load(struct lks_tree *tree, int level, uint64_t index, struct lks_error *err)
{
    struct unfolded *tile = &tree->tiles[level];
    uint32_t width = lks_tile_width(tree->size, level, index);
    if (tile->width && tile->index == index)
        return 0;
    tile->width = 0;
    LKS_ASSERT(width);
    struct lks_tile name = {level, index, width};
    int code = tree->source.read(tree->source.context, &name, node_at(tile, 0, 0), err);
    if (code)
        return code;
    for (unsigned step = 1; step < STEPS; step++)
        for (uint32_t i = 0; i < width >> step; i++)
            lks_merkle_node(node_at(tile, step - 1, 2 * i), node_at(tile, step - 1, 2 * i + 1),
                            node_at(tile, step, i));
    tile->index = index;
    tile->width = width;
    return 0;
}

/* The root of the perfect subtree of 2^height leaves that is the index-th of its height. */
static int perfect(struct lks_tree *tree, unsigned height, uint64_t index, struct lks_hash *out,
                   struct lks_error *err)
{
    unsigned level = height / 8, step = height % 8;
    uint32_t within = LKS_TILE_WIDTH >> step; /* nodes of that height in a tile */
    int code = tile_load(tree, (int)level, index / within, err);
    if (code == 0)
        *out = *node_at(&tree->tiles[level], step, (uint32_t)(index % within));
    return code;
}

int lks_tree_open(const struct lks_tile_source *source, uint64_t size, struct lks_tree **tree_out,
                  struct lks_error *err)
{
    struct lks_tree *tree;
    int code = 0;
    if (size > INT64_MAX)
        return lks_error_set(err, LKS_EINPUT, "no log has that many entries");
    if (!(tree = calloc(1, sizeof *tree)))
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    tree->source = *source;
    tree->size = size;
    uint64_t start = 0;
    for (unsigned height = 63; code == 0 && height-- > 0;) {
        if (!(size >> height & 1))
            continue;
        unsigned i = tree->peaks_count++;
        tree->peak_height[i] = height;
        tree->peak_start[i] = start;
        code = perfect(tree, height, start >> height, &tree->peak[i], err);
        start += (uint64_t)1 << height;
    }
    for (unsigned i = tree->peaks_count; code == 0 && i-- > 0;) {
        tree->tail[i] = tree->peak[i];
        if (i + 1 < tree->peaks_count)
            lks_merkle_node(&tree->peak[i], &tree->tail[i + 1], &tree->tail[i]);
    }
    if (code) {
        free(tree);
        return code;
    }
    *tree_out = tree;
    return 0;
}

void lks_tree_free(struct lks_tree *tree)
{
    free(tree);
}

void lks_tree_root(const struct lks_tree *tree, struct lks_hash *root)
{
    if (tree->size)
        *root = tree->tail[0];
    else
        lks_merkle_empty(root);
}

static int leaf_there(const struct lks_tree *tree, uint64_t index, struct lks_error *err)
{
    if (index < tree->size)
        return 0;
    return lks_error_set(err, LKS_EARGUMENT, "the log of %llu entries has no entry %llu",
                         (unsigned long long)tree->size, (unsigned long long)index);
}

static unsigned peak_of(const struct lks_tree *tree, uint64_t index)
{
    unsigned i = 0;
    while (i + 1 < tree->peaks_count && index >= tree->peak_start[i + 1])
        i++;
    return i;
}

int lks_tree_leaf(struct lks_tree *tree, uint64_t index, struct lks_hash *leaf,
                  struct lks_error *err)
{
    int code = leaf_there(tree, index, err);
    return code ? code : perfect(tree, 0, index, leaf, err);
}

/* From the peak i upward: its tail to the right, then the peaks to its left. */
static void above_peak(const struct lks_tree *tree, unsigned i, struct lks_proof *proof)
{
    if (i + 1 < tree->peaks_count)
        proof->hashes[proof->count++] = tree->tail[i + 1];
    while (i-- > 0)
        proof->hashes[proof->count++] = tree->peak[i];
}

int lks_tree_inclusion(struct lks_tree *tree, uint64_t index, struct lks_proof *proof,
                       struct lks_error *err)
{
    int code = leaf_there(tree, index, err);
    if (code)
        return code;
    unsigned peak = peak_of(tree, index);
    proof->count = 0;
    for (unsigned height = 0; code == 0 && height < tree->peak_height[peak]; height++)
        code = perfect(tree, height, index >> height ^ 1, &proof->hashes[proof->count++], err);
    above_peak(tree, peak, proof);
    return code;
}

int lks_tree_consistency(struct lks_tree *tree, uint64_t size_old, struct lks_proof *proof,
                         struct lks_error *err)
{
    if (size_old == 0 || size_old > tree->size)
        return lks_error_set(err, LKS_EARGUMENT,
                             "a log of %llu entries cannot continue one of %llu",
                             (unsigned long long)tree->size, (unsigned long long)size_old);
    proof->count = 0;
    if (size_old == tree->size)
        return 0;
    /* The node that ends where the old tree ends, as high as it can be: the start of the climb.
     * A node that begins at 0 is the old root itself, which the reader has. */
    unsigned height = (unsigned)__builtin_ctzll(size_old), peak = peak_of(tree, size_old - 1);
    int code = 0;
    if (size_old == (uint64_t)1 << height)
        ;
    else
        code = perfect(tree, height, (size_old >> height) - 1, &proof->hashes[proof->count++], err);
    for (; code == 0 && height < tree->peak_height[peak]; height++)
        code = perfect(tree, height, (size_old - 1) >> height ^ 1, &proof->hashes[proof->count++],
                       err);
    above_peak(tree, peak, proof);
    return code;
}
