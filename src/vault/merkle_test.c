/* merkle_test.c - the tree against RFC 6962's own definitions, and against published cases */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/base64.h"
#include "base/rng.h"
#include "vault/merkle.h"
#include "vault/test_vectors.h"
#include "vault/tree.h"

enum { LEAVES_MAX = 70000 };

/* RFC 6962, section 2.1, word for word: MTH, PATH and SUBPROOF by recursion. */
static uint64_t split(uint64_t count)
{
    uint64_t k = 1;
    while (k * 2 < count)
        k *= 2;
    return k;
}

static struct lks_hash mth(const struct lks_hash *leaves, uint64_t count)
{
    struct lks_hash out;
    if (count == 0)
        lks_merkle_empty(&out);
    else if (count == 1)
        out = leaves[0];
    else {
        uint64_t k = split(count);
        struct lks_hash left = mth(leaves, k), right = mth(leaves + k, count - k);
        lks_merkle_node(&left, &right, &out);
    }
    return out;
}

static void path(const struct lks_hash *leaves, uint64_t count, uint64_t m, struct lks_proof *out)
{
    if (count == 1)
        return;
    uint64_t k = split(count);
    if (m < k) {
        path(leaves, k, m, out);
        out->hashes[out->count++] = mth(leaves + k, count - k);
    } else {
        path(leaves + k, count - k, m - k, out);
        out->hashes[out->count++] = mth(leaves, k);
    }
}

static void subproof(const struct lks_hash *leaves, uint64_t count, uint64_t m, int whole,
                     struct lks_proof *out)
{
    if (m == count) {
        if (!whole)
            out->hashes[out->count++] = mth(leaves, count);
        return;
    }
    uint64_t k = split(count);
    if (m <= k) {
        subproof(leaves, k, m, whole, out);
        out->hashes[out->count++] = mth(leaves + k, count - k);
    } else {
        subproof(leaves + k, count - k, m - k, 0, out);
        out->hashes[out->count++] = mth(leaves, k);
    }
}

/* Leaves in memory, served as tiles by the definition. */
struct world {
    struct lks_hash *leaves;
    uint64_t size;
    uint64_t tiles_read;
};

static int world_read(void *context, const struct lks_tile *tile, struct lks_hash *hashes,
                      struct lks_error *err)
{
    struct world *world = context;
    uint64_t span = (uint64_t)1 << 8 * tile->level;
    (void)err;
    world->tiles_read++;
    assert_int_equal(tile->width, lks_tile_width(world->size, tile->level, tile->index));
    for (uint32_t i = 0; i < tile->width; i++)
        hashes[i] = mth(world->leaves + (tile->index * LKS_TILE_WIDTH + i) * span, span);
    return 0;
}

static void world_make(struct world *world, uint64_t size)
{
    *world = (struct world){.leaves = calloc(size + 1, sizeof *world->leaves), .size = size};
    assert_non_null(world->leaves);
    for (uint64_t i = 0; i < size; i++)
        lks_merkle_leaf(&i, sizeof i, &world->leaves[i]);
}

static int proofs_equal(const struct lks_proof *a, const struct lks_proof *b)
{
    return a->count == b->count && memcmp(a->hashes, b->hashes, a->count * sizeof *a->hashes) == 0;
}

static void size_check(struct world *world, uint64_t size, struct lks_rng *rng)
{
    struct lks_tile_source source = {world_read, world};
    struct lks_merkle_edge edge = {0};
    struct lks_tree *tree;
    struct lks_hash root, again, want = mth(world->leaves, size);
    world->size = size;
    for (uint64_t i = 0; i < size; i++)
        lks_merkle_edge_append(&edge, &world->leaves[i]);
    lks_merkle_edge_root(&edge, &root);
    assert_true(lks_hash_equal(&root, &want));
    assert_int_equal(lks_tree_open(&source, size, &tree, NULL), 0);
    lks_tree_root(tree, &again);
    assert_true(lks_hash_equal(&again, &want));
    for (int turn = 0; turn < 4 && size; turn++) {
        struct lks_proof got, defined = {0};
        uint64_t index = lks_rng_below(rng, size), old = 1 + lks_rng_below(rng, size);
        assert_int_equal(lks_tree_inclusion(tree, index, &got, NULL), 0);
        path(world->leaves, size, index, &defined);
        assert_true(proofs_equal(&got, &defined));
        assert_int_equal(lks_merkle_inclusion_check(index, 0, size, &world->leaves[index],
                                                    got.hashes, got.count, &want, NULL),
                         0);
        /* at another place, of another size, with a hash more or less or one bit changed */
        if (size > 1)
            assert_int_equal(lks_merkle_inclusion_check((index + 1) % size, 0, size,
                                                        &world->leaves[index], got.hashes,
                                                        got.count, &want, NULL),
                             LKS_EINPUT);
        assert_int_equal(lks_merkle_inclusion_check(index, 0, size, &world->leaves[index],
                                                    got.hashes, got.count + 1, &want, NULL),
                         LKS_EINPUT);
        if (got.count) {
            assert_int_equal(lks_merkle_inclusion_check(index, 0, size, &world->leaves[index],
                                                        got.hashes, got.count - 1, &want, NULL),
                             LKS_EINPUT);
            got.hashes[lks_rng_below(rng, got.count)].bytes[lks_rng_below(rng, 32)] ^= 1;
            assert_int_equal(lks_merkle_inclusion_check(index, 0, size, &world->leaves[index],
                                                        got.hashes, got.count, &want, NULL),
                             LKS_EINPUT);
        }
        struct lks_hash old_root = mth(world->leaves, old);
        assert_int_equal(lks_tree_consistency(tree, old, &got, NULL), 0);
        defined.count = 0;
        subproof(world->leaves, size, old, 1, &defined);
        assert_true(proofs_equal(&got, &defined));
        assert_int_equal(
            lks_merkle_consistency_check(old, size, got.hashes, got.count, &old_root, &want, NULL),
            0);
        if (got.count) {
            got.hashes[lks_rng_below(rng, got.count)].bytes[lks_rng_below(rng, 32)] ^= 1;
            assert_int_equal(lks_merkle_consistency_check(old, size, got.hashes, got.count,
                                                          &old_root, &want, NULL),
                             LKS_EINPUT);
        }
    }
    struct lks_proof none;
    assert_int_equal(lks_tree_inclusion(tree, size, &none, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_tree_consistency(tree, size + 1, &none, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_tree_consistency(tree, 0, &none, NULL), LKS_EARGUMENT);
    lks_tree_free(tree);
}

static void roots_and_proofs_by_definition(void **unused)
{
    struct lks_rng rng;
    struct world world;
    (void)unused;
    lks_rng_init(&rng, 7, 0);
    world_make(&world, LEAVES_MAX);
    for (uint64_t size = 0; size < 700; size++)
        size_check(&world, size, &rng);
    static const uint64_t borders[] = {1023, 1024, 1025, 65535, 65536, 65537, 65793, LEAVES_MAX};
    for (size_t i = 0; i < sizeof borders / sizeof *borders; i++)
        size_check(&world, borders[i], &rng);
    free(world.leaves);
}

/* Proofs in the order of leaves read each tile once. */
static void tiles_read_once(void **unused)
{
    struct world world;
    struct lks_tree *tree;
    struct lks_proof proof;
    (void)unused;
    world_make(&world, 2000);
    struct lks_tile_source source = {world_read, &world};
    assert_int_equal(lks_tree_open(&source, 2000, &tree, NULL), 0);
    world.tiles_read = 0;
    for (uint64_t i = 0; i < 2000; i++)
        assert_int_equal(lks_tree_inclusion(tree, i, &proof, NULL), 0);
    assert_in_range(world.tiles_read, 8, 9);
    lks_tree_free(tree);
    free(world.leaves);
}

static void known_values(void **unused)
{
    char hex[LKS_SHA256_HEX_BYTES];
    struct lks_hash hash;
    (void)unused;
    lks_merkle_empty(&hash);
    lks_sha256_hex(hash.bytes, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    lks_merkle_leaf("", 0, &hash);
    lks_sha256_hex(hash.bytes, hex);
    assert_string_equal(hex, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

/* ---- published cases: each says whether it must hold ---- */

static unsigned cases_count;

/* Some cases carry made-up roots that are shorter than a hash; zeros fill them up. */
static void hash_of(const json_t *value, struct lks_hash *hash, int *good)
{
    struct lks_buffer bytes = {0};
    *hash = (struct lks_hash){{0}};
    *good &= lks_base64_read(lks_str_from(json_string_value(value)), &bytes, NULL) == 0 &&
             bytes.size_bytes <= sizeof hash->bytes && bytes.size_bytes;
    if (*good && bytes.size_bytes)
        memcpy(hash->bytes, bytes.data, bytes.size_bytes);
    lks_buffer_free(&bytes);
}

static uint64_t number_of(const json_t *value, int *good)
{
    if (json_is_integer(value))
        return (uint64_t)json_integer_value(value);
    *good &= json_is_real(value); /* above 2^63: jansson reads it as a real; its size is enough */
    return json_is_real(value) ? UINT64_MAX : 0;
}

static int case_check(const char *file, const struct stat *status, int type, struct FTW *place)
{
    struct lks_hash proof[80], first, second;
    int good = 1, code;
    size_t count = 0, i;
    json_t *item;
    (void)status, (void)place;
    if (type != FTW_F || !strstr(file, ".json"))
        return 0;
    json_t *root = json_load_file(file, 0, NULL);
    if (!root)
        root = json_load_file(file, JSON_DECODE_INT_AS_REAL, NULL);
    assert_non_null(root);
    json_array_foreach(json_object_get(root, "proof"), i, item)
        hash_of(item, &proof[count++], &good);
    const char *part = strstr(file, "testdata/") + strlen("testdata/");
    int subtree = strncmp(part, "subtree", 7) == 0;
    uint64_t start = subtree ? number_of(json_object_get(root, "start"), &good) : 0;
    if (strstr(part, "inclusion/")) {
        uint64_t index = number_of(json_object_get(root, "leafIdx"), &good);
        uint64_t end = number_of(json_object_get(root, subtree ? "end" : "treeSize"), &good);
        hash_of(json_object_get(root, "leafHash"), &first, &good);
        hash_of(json_object_get(root, "root"), &second, &good);
        code = lks_merkle_inclusion_check(index, start, end, &first, proof, count, &second, NULL);
    } else {
        uint64_t end = number_of(json_object_get(root, subtree ? "end" : "size1"), &good);
        uint64_t size = number_of(json_object_get(root, subtree ? "size" : "size2"), &good);
        hash_of(json_object_get(root, "root1"), &first, &good);
        hash_of(json_object_get(root, "root2"), &second, &good);
        code = subtree
                   ? lks_merkle_part_check(start, end, size, proof, count, &first, &second, NULL)
                   : lks_merkle_consistency_check(end, size, proof, count, &first, &second, NULL);
    }
    int wrong = json_is_true(json_object_get(root, "wantErr"));
    if ((!good || code != 0) != wrong) {
        print_error("%s: holds %d, should %d\n", part, good && code == 0, !wrong);
        fail();
    }
    json_decref(root);
    cases_count++;
    return 0;
}

static void published_cases(void **unused)
{
    char folder[4096];
    (void)unused;
    vectors_path("merkle/testdata", folder, sizeof folder);
    assert_int_equal(nftw(folder, case_check, 16, FTW_PHYS), 0);
    assert_int_equal(cases_count, 518);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(roots_and_proofs_by_definition),
        cmocka_unit_test(tiles_read_once),
        cmocka_unit_test(published_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
