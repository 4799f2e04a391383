/* log_test.c - the log against a list in memory; and put back, cut, flipped and doubly opened */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rng.h"
#include "vault/disk.h"
#include "vault/log.h"
#include "vault/test_folder.h"
#include "vault/test_vectors.h"

#define ORIGIN "example.org/case"

static char folder[64];
static char log_folder[80];
static struct lks_signing_key *key;
static struct lks_verifier verifier;

static int setup(void **unused)
{
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    (void)unused;
    folder_make(folder, sizeof folder);
    snprintf(log_folder, sizeof log_folder, "%s/log", folder);
    assert_int_equal(lks_signing_key_new(&key, NULL), 0);
    lks_signing_key_public(key, public_key);
    return lks_verifier_init(&verifier, LKS_STR(ORIGIN), LKS_NOTE_ED25519, public_key, NULL);
}

static int teardown(void **unused)
{
    (void)unused;
    lks_signing_key_free(key);
    shell("rm -rf %s", folder);
    return 0;
}

static void fresh(void)
{
    shell("rm -rf %s", log_folder);
    assert_int_equal(lks_log_make(log_folder, ORIGIN, NULL), 0);
}

static struct lks_log *log_open(struct lks_log_state *state)
{
    struct lks_log *log = NULL;
    struct lks_error err = {0};
    if (lks_log_open(log_folder, ORIGIN, NULL, &log, state, &err) != 0)
        print_error("%s\n", err.message);
    assert_non_null(log);
    return log;
}

/* Entry i of every log here: some empty, most short, some of full length. */
static size_t entry_of(uint64_t i, unsigned char *out)
{
    struct lks_rng rng;
    lks_rng_init(&rng, 99, i);
    size_t size = i % 97 == 5 ? LKS_ENTRY_BYTES_MAX : lks_rng_below(&rng, 120);
    for (size_t at = 0; at < size; at++)
        out[at] = (unsigned char)lks_rng_next(&rng);
    return size;
}

static void append(struct lks_log *log, uint64_t count)
{
    static unsigned char entry[LKS_ENTRY_BYTES_MAX];
    for (uint64_t i = 0; i < count; i++) {
        uint64_t at = lks_log_size(log), index;
        size_t size = entry_of(at, entry);
        assert_int_equal(lks_log_append(log, entry, size, &index, NULL), 0);
        assert_int_equal(index, at);
    }
}

static void root_of(uint64_t size, struct lks_hash *root)
{
    static unsigned char entry[LKS_ENTRY_BYTES_MAX];
    struct lks_merkle_edge edge = {0};
    for (uint64_t i = 0; i < size; i++) {
        struct lks_hash leaf;
        lks_merkle_leaf(entry, entry_of(i, entry), &leaf);
        lks_merkle_edge_append(&edge, &leaf);
    }
    lks_merkle_edge_root(&edge, root);
}

static int entry_same(void *context, uint64_t index, struct lks_str entry, struct lks_error *err)
{
    static unsigned char want[LKS_ENTRY_BYTES_MAX];
    uint64_t *count = context;
    (void)err;
    assert_int_equal(index, *count);
    assert_int_equal(entry.size_bytes, entry_of(index, want));
    assert_memory_equal(entry.data, want, entry.size_bytes);
    (*count)++;
    return 0;
}

/* The published state is the one that the entries make, and anyone can check it. */
static void published_check(uint64_t size)
{
    struct lks_buffer bytes = {0};
    struct lks_checkpoint checkpoint;
    struct lks_hash root;
    struct lks_tree *tree;
    uint64_t count = 0;
    struct lks_tile_source tiles = lks_log_tiles(log_folder);
    assert_int_equal(lks_log_checkpoint(log_folder, &bytes, NULL), 0);
    assert_int_equal(lks_checkpoint_open((struct lks_str){bytes.data, bytes.size_bytes}, &verifier,
                                         &checkpoint, NULL),
                     0);
    assert_int_equal(checkpoint.size, size);
    root_of(size, &root);
    assert_true(lks_hash_equal(&root, &checkpoint.root));
    assert_int_equal(lks_tree_open(&tiles, size, &tree, NULL), 0);
    lks_tree_root(tree, &root);
    assert_true(lks_hash_equal(&root, &checkpoint.root));
    for (uint64_t i = 0; i < size; i += 1 + size / 50) {
        struct lks_proof proof;
        struct lks_hash leaf;
        assert_int_equal(lks_tree_inclusion(tree, i, &proof, NULL), 0);
        assert_int_equal(lks_tree_leaf(tree, i, &leaf, NULL), 0);
        assert_int_equal(
            lks_merkle_inclusion_check(i, 0, size, &leaf, proof.hashes, proof.count, &root, NULL),
            0);
    }
    assert_int_equal(lks_log_entries(log_folder, size, 0, size, entry_same, &count, NULL), 0);
    assert_int_equal(count, size);
    lks_tree_free(tree);
    lks_buffer_free(&bytes);
}

static void grows_as_a_list(void **unused)
{
    struct lks_rng rng;
    struct lks_log_state state;
    (void)unused;
    lks_rng_init(&rng, 3, 0);
    fresh();
    struct lks_log *log = log_open(&state);
    uint64_t safe = 0;
    for (int turn = 0; turn < 60; turn++) {
        append(log, lks_rng_below(&rng, turn % 10 == 9 ? 600 : 40));
        uint64_t act = lks_rng_below(&rng, 4);
        if (act >= 1) {
            assert_int_equal(lks_log_sync(log, NULL), 0);
            safe = lks_log_size(log);
        }
        if (act == 2) {
            assert_int_equal(lks_log_publish(log, &verifier, key, NULL, NULL), 0);
            published_check(safe);
        }
        if (act == 3) {
            lks_log_close(log); /* some entries were never synced: they may be lost */
            log = log_open(&state);
            assert_string_equal(state.refusal, "");
            assert_true(state.size >= safe);
            assert_int_equal(state.torn_bytes, 0);
        }
    }
    assert_int_equal(lks_log_publish(log, &verifier, key, NULL, NULL), 0);
    published_check(lks_log_size(log));
    lks_log_close(log);
}

/* More than one segment, tiles written before anything is signed, three levels. */
static void long_import(void **unused)
{
    struct lks_log_state state;
    (void)unused;
    fresh();
    struct lks_log *log = log_open(&state);
    append(log, 70000);
    assert_int_equal(lks_log_sync(log, NULL), 0);
    lks_log_close(log);
    log = log_open(&state);
    assert_string_equal(state.refusal, "");
    assert_int_equal(state.size, 70000);
    assert_int_equal(state.signed_size, 0);
    assert_int_equal(lks_log_publish(log, &verifier, key, NULL, NULL), 0);
    lks_log_close(log);
    published_check(70000);
    log = log_open(&state);
    assert_string_equal(state.refusal, "");
    assert_int_equal(state.journal_count, 0); /* what is signed has left the journal */
    append(log, 3);
    assert_int_equal(lks_log_publish(log, &verifier, key, NULL, NULL), 0);
    lks_log_close(log);
    published_check(70003);
}

static void one_writer(void **unused)
{
    struct lks_log_state state;
    struct lks_log *second = NULL;
    struct lks_error err = {0};
    (void)unused;
    fresh();
    struct lks_log *log = log_open(&state);
    assert_int_equal(lks_log_open(log_folder, ORIGIN, NULL, &second, &state, &err), LKS_EINPUT);
    assert_non_null(strstr(err.message, "another program"));
    lks_log_close(log);
    log = log_open(&state);
    lks_log_close(log);
    assert_int_equal(lks_log_make(log_folder, ORIGIN, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_log_open("/nonexistent/log", ORIGIN, NULL, &second, &state, NULL),
                     LKS_EMISSING);
}

/* A log of 300 entries, 200 of them signed; closed. */
static void log_of_300(void)
{
    struct lks_log_state state;
    fresh();
    struct lks_log *log = log_open(&state);
    append(log, 200);
    assert_int_equal(lks_log_publish(log, &verifier, key, NULL, NULL), 0);
    append(log, 100);
    assert_int_equal(lks_log_sync(log, NULL), 0);
    lks_log_close(log);
}

static void refuses(const char *why)
{
    struct lks_log_state state;
    struct lks_error err = {0};
    struct lks_log *log = log_open(&state);
    if (!strstr(state.refusal, why))
        print_error("'%s', expected '%s'\n", state.refusal, why);
    assert_non_null(strstr(state.refusal, why));
    assert_int_equal(lks_log_append(log, "x", 1, NULL, &err), LKS_EINPUT);
    assert_int_equal(lks_log_publish(log, &verifier, key, NULL, NULL), LKS_EINPUT);
    lks_log_close(log);
}

static void put_back(void **unused)
{
    char copy[96];
    struct lks_log_state state;
    (void)unused;
    snprintf(copy, sizeof copy, "%s/copy", folder);
    log_of_300();
    shell("rm -rf %s", copy);
    shell("cp -a %s %s", log_folder, copy);
    struct lks_log *log = log_open(&state);
    assert_int_equal(lks_log_publish(log, &verifier, key, NULL, NULL), 0);
    lks_log_close(log);
    /* everything but the record of what was signed is put back */
    shell("cp -a %s/signed %s/kept && rm -rf %s && cp -a %s %s && cp %s/kept %s/signed", log_folder,
          folder, log_folder, copy, log_folder, folder, log_folder);
    refuses("end is lost");
    /* the journal alone is put back */
    log_of_300();
    log = log_open(&state);
    assert_int_equal(lks_log_publish(log, &verifier, key, NULL, NULL), 0);
    lks_log_close(log);
    shell("truncate -s 9000 %s/journal/*", log_folder);
    refuses("does not reach");
    /* only the record is put back */
    log_of_300();
    shell("cp %s/signed %s/old", log_folder, folder);
    log = log_open(&state);
    assert_int_equal(lks_log_publish(log, &verifier, key, NULL, NULL), 0);
    lks_log_close(log);
    shell("cp %s/old %s/signed", folder, log_folder);
    refuses("claims more");
    shell("rm %s/signed", log_folder);
    refuses("claims more");
}

static void byte_put(const char *path, size_t at, unsigned char byte)
{
    FILE *file = fopen(path, "r+b"); /* in place: nothing is made anew, nothing waits */
    assert_non_null(file);
    assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
    assert_int_equal(fputc(byte, file), byte);
    assert_int_equal(fclose(file), 0);
}

/* Whatever bit of the private files is turned: the log says so, or has the same entries (a torn
 * end, which was not signed, may be cut). It never has others. */
static void every_bit_of(const char *name, uint64_t least)
{
    char path[200];
    struct lks_buffer bytes = {0};
    uint64_t refused = 0, count = 0;
    snprintf(path, sizeof path, "%s/%s", log_folder, name);
    file_read(path, &bytes);
    size_t step = 1 + bytes.size_bytes / 500;
    for (size_t at = 0; at < bytes.size_bytes; at += step) {
        struct lks_log_state state;
        unsigned char flipped = (unsigned char)bytes.data[at] ^ (unsigned char)(1 << at % 8);
        byte_put(path, at, flipped);
        struct lks_log *log = log_open(&state);
        refused += state.refusal[0] != 0;
        count++;
        if (!state.refusal[0]) {
            assert_true(state.size >= least);
            append(log, 1);
            assert_int_equal(lks_log_publish(log, &verifier, key, NULL, NULL), 0);
            published_check(state.size + 1);
        }
        lks_log_close(log);
        if (state.refusal[0])
            byte_put(path, at, (unsigned char)bytes.data[at]);
        else
            log_of_300();
    }
    print_message("%s: %llu of %llu flips refused\n", name, (unsigned long long)refused,
                  (unsigned long long)count);
    lks_buffer_free(&bytes);
}

static void flipped_bits(void **unused)
{
    (void)unused;
    log_of_300();
    every_bit_of("signed", 300);
    every_bit_of("checkpoint", 300);
    every_bit_of("journal/00000000000000000000", 200);
}

static void entries_too_long(void **unused)
{
    static unsigned char big[LKS_ENTRY_BYTES_MAX + 1];
    struct lks_log_state state;
    (void)unused;
    fresh();
    struct lks_log *log = log_open(&state);
    assert_int_equal(lks_log_append(log, big, sizeof big, NULL, NULL), LKS_EINPUT);
    assert_int_equal(lks_log_append(log, big, sizeof big - 1, NULL, NULL), 0);
    assert_int_equal(lks_log_publish(log, &verifier, key, NULL, NULL), 0);
    lks_log_close(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_as_a_list), cmocka_unit_test(long_import),
        cmocka_unit_test(one_writer),      cmocka_unit_test(put_back),
        cmocka_unit_test(flipped_bits),    cmocka_unit_test(entries_too_long),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
