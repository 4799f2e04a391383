/* note_test.c - notes, checkpoints, keys: signed, read again, and with every part damaged */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/base64.h"
#include "vault/checkpoint.h"
#include "vault/test_vectors.h"
#include "vault/tree.h"

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return (struct lks_str){buffer->data, buffer->size_bytes};
}

static void key_make(unsigned char fill, const char *name, enum lks_note_type type,
                     struct lks_signing_key **key, struct lks_verifier *verifier)
{
    unsigned char seed[LKS_ED25519_KEY_BYTES], public_key[LKS_ED25519_KEY_BYTES];
    memset(seed, fill, sizeof seed);
    assert_int_equal(lks_signing_key_from_seed(seed, key, NULL), 0);
    lks_signing_key_public(*key, public_key);
    assert_int_equal(lks_verifier_init(verifier, lks_str_from(name), type, public_key, NULL), 0);
}

/* A checkpoint by a log, with the cosignature of a witness. */
struct signed_note {
    struct lks_buffer bytes;
    struct lks_verifier log, witness;
};

static void note_make(struct signed_note *made)
{
    struct lks_signing_key *log_key, *witness_key;
    struct lks_checkpoint checkpoint = {LKS_STR("example.org/log"), 123456, {{7}}};
    *made = (struct signed_note){0};
    key_make(1, "example.org/log", LKS_NOTE_ED25519, &log_key, &made->log);
    key_make(2, "witness.example", LKS_NOTE_COSIGNATURE, &witness_key, &made->witness);
    lks_checkpoint_format(&checkpoint, &made->bytes);
    struct lks_buffer lines = {0};
    struct lks_str text = str_of(&made->bytes);
    assert_int_equal(lks_note_sign(text, &made->log, log_key, 0, &lines, NULL), 0);
    assert_int_equal(lks_note_sign(text, &made->witness, witness_key, 1733443200, &lines, NULL), 0);
    lks_buffer_byte(&made->bytes, '\n');
    lks_buffer_append(&made->bytes, lines.data, lines.size_bytes);
    lks_buffer_free(&lines);
    lks_signing_key_free(log_key);
    lks_signing_key_free(witness_key);
}

static int both_sign(const struct signed_note *made, struct lks_str bytes)
{
    struct lks_note note;
    struct lks_note_signer signers[2];
    struct lks_verifier verifiers[2] = {made->log, made->witness};
    size_t count = 0;
    return lks_note_parse(bytes, &note, NULL) == 0 &&
           lks_note_verify(&note, verifiers, 2, signers, &count, NULL) == 0 && count == 2 &&
           signers[1].time_seconds == 1733443200;
}

static void signed_and_read_again(void **unused)
{
    struct signed_note made;
    struct lks_checkpoint checkpoint;
    (void)unused;
    note_make(&made);
    assert_true(both_sign(&made, str_of(&made.bytes)));
    assert_int_equal(lks_checkpoint_open(str_of(&made.bytes), &made.log, &checkpoint, NULL), 0);
    assert_int_equal(checkpoint.size, 123456);
    assert_int_equal(checkpoint.root.bytes[0], 7);
    struct lks_verifier stranger = made.log;
    stranger.id ^= 1; /* a key that is not known: nobody signed */
    assert_int_equal(lks_checkpoint_open(str_of(&made.bytes), &stranger, &checkpoint, NULL),
                     LKS_EINPUT);
    struct lks_error err = {0};
    made.bytes.data[3] = 1;
    assert_int_equal(lks_checkpoint_open(str_of(&made.bytes), &made.log, &checkpoint, &err),
                     LKS_EINPUT);
    assert_non_null(strstr(err.message, "the checkpoint cannot be read: "));
    lks_buffer_free(&made.bytes);
}

/* Whatever bit is turned, not both signatures hold over what they held for. */
static void every_bit_matters(void **unused)
{
    struct signed_note made;
    (void)unused;
    note_make(&made);
    for (size_t at = 0; at < made.bytes.size_bytes; at++)
        for (int bit = 0; bit < 8; bit++) {
            made.bytes.data[at] ^= (char)(1 << bit);
            assert_false(both_sign(&made, str_of(&made.bytes)));
            made.bytes.data[at] ^= (char)(1 << bit);
        }
    for (size_t size = 0; size < made.bytes.size_bytes; size++)
        assert_false(both_sign(&made, (struct lks_str){made.bytes.data, size}));
    lks_buffer_free(&made.bytes);
}

static void unknown_lines_are_passed_over(void **unused)
{
    struct signed_note made;
    struct lks_signing_key *key;
    struct lks_verifier other;
    struct lks_buffer line = {0};
    (void)unused;
    note_make(&made);
    key_make(9, "somebody.example", LKS_NOTE_ED25519, &key, &other);
    for (int i = 0; i < 16; i++)
        assert_int_equal(lks_note_sign(LKS_STR("another text\n"), &other, key, 0, &line, NULL), 0);
    lks_buffer_append(&made.bytes, line.data, line.size_bytes);
    assert_true(both_sign(&made, str_of(&made.bytes)));
    /* but a line by a known key that does not hold fails the whole */
    struct lks_note note;
    struct lks_note_signer signers[2];
    struct lks_verifier verifiers[2] = {made.log, other};
    size_t count;
    assert_int_equal(lks_note_parse(str_of(&made.bytes), &note, NULL), 0);
    assert_int_equal(lks_note_verify(&note, verifiers, 2, signers, &count, NULL), LKS_EINPUT);
    lks_signing_key_free(key);
    lks_buffer_free(&line);
    lks_buffer_free(&made.bytes);
}

static void malformed_notes(void **unused)
{
    static const char *const bad[] = {
        "",
        "\n",
        "\n\n",
        "text\n",
        "text\n\n",
        "text\n\nno dash\n",
        "text\n\n\xe2\x80\x94 name\n",
        "text\n\n\xe2\x80\x94 name AAAA\n", /* three bytes: no id and signature */
        "text\n\n\xe2\x80\x94 name AAAAAAA\n",
        "text\n\n\xe2\x80\x94 na+me AAAAAAAA\n",
        "text\n\n\xe2\x80\x94  AAAAAAAA\n",
        "te\x01xt\n\n\xe2\x80\x94 name AAAAAAAA\n",
        "te\xffxt\n\n\xe2\x80\x94 name AAAAAAAA\n",
        "text\n\n\xe2\x80\x94 name AAAAAAAA",
        "text\n\n\xe2\x80\x94 name AAAAAAB=\n", /* stray bits */
    };
    struct lks_note note;
    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(lks_note_parse(lks_str_from(bad[i]), &note, NULL), LKS_EINPUT);
    assert_int_equal(lks_note_parse(LKS_STR("text\n\n\xe2\x80\x94 name AAAAAAAA\n"), &note, NULL),
                     0);
}

static void verifier_texts(void **unused)
{
    struct signed_note made;
    struct lks_verifier again;
    struct lks_buffer text = {0};
    (void)unused;
    note_make(&made);
    lks_verifier_format(&made.witness, &text);
    assert_int_equal(lks_verifier_parse(str_of(&text), &again, NULL), 0);
    assert_string_equal(again.name, "witness.example");
    assert_int_equal(again.type, LKS_NOTE_COSIGNATURE);
    assert_int_equal(again.id, made.witness.id);
    for (size_t at = 0; at < text.size_bytes; at++) { /* name, id and key hold each other */
        text.data[at] ^= 1;
        assert_int_not_equal(lks_verifier_parse(str_of(&text), &again, NULL), 0);
        text.data[at] ^= 1;
        assert_int_not_equal(lks_verifier_parse((struct lks_str){text.data, at}, &again, NULL), 0);
    }
    lks_buffer_free(&text);
    lks_buffer_free(&made.bytes);
}

static void proof_files(void **unused)
{
    struct lks_signing_key *key;
    struct lks_verifier log;
    struct lks_merkle_edge edge = {0};
    struct lks_hash leaf;
    struct lks_buffer note = {0}, line = {0}, file = {0};
    struct lks_checkpoint checkpoint = {LKS_STR("example.org/log"), 2, {{0}}}, got;
    struct lks_proof proof = {.count = 1};
    (void)unused;
    key_make(3, "example.org/log", LKS_NOTE_ED25519, &key, &log);
    lks_merkle_leaf("one", 3, &leaf);
    lks_merkle_edge_append(&edge, &leaf);
    lks_merkle_leaf("two", 3, &proof.hashes[0]);
    lks_merkle_edge_append(&edge, &proof.hashes[0]);
    lks_merkle_edge_root(&edge, &checkpoint.root);
    lks_checkpoint_format(&checkpoint, &note);
    assert_int_equal(lks_note_sign(str_of(&note), &log, key, 0, &line, NULL), 0);
    lks_buffer_byte(&note, '\n');
    lks_buffer_append(&note, line.data, line.size_bytes);
    lks_proof_file_format(0, &proof, LKS_STR("salt"), str_of(&note), &file);
    assert_int_equal(lks_proof_file_check(str_of(&file), &log, "one", 3, &got, NULL), 0);
    assert_int_equal(got.size, 2);
    assert_int_equal(lks_proof_file_check(str_of(&file), &log, "two", 3, &got, NULL), LKS_EINPUT);
    size_t extra = (size_t)(strstr(file.data, "index") - file.data);
    for (size_t at = 0; at < file.size_bytes; at++)
        for (int bit = 0; bit < 8; bit++) {
            /* what stands behind "extra" is outside what is proved */
            int outside = at >= strlen("c2sp.org/tlog-proof@v1\n") && at < extra;
            file.data[at] ^= (char)(1 << bit);
            int code = lks_proof_file_check(str_of(&file), &log, "one", 3, &got, NULL);
            assert_true(code != 0 || outside);
            file.data[at] ^= (char)(1 << bit);
        }
    for (size_t size = 0; size < file.size_bytes; size++)
        assert_int_not_equal(
            lks_proof_file_check((struct lks_str){file.data, size}, &log, "one", 3, &got, NULL), 0);
    lks_signing_key_free(key);
    lks_buffer_free(&note);
    lks_buffer_free(&line);
    lks_buffer_free(&file);
}

/* Keys at rest: sealed with a passphrase, private, never overwritten. */
static void key_files(void **unused)
{
    char folder[] = "/tmp/lockstep-key-XXXXXX", path[64];
    struct lks_signing_key *key, *again;
    unsigned char first[LKS_ED25519_KEY_BYTES], second[LKS_ED25519_KEY_BYTES];
    struct lks_buffer bytes = {0};
    (void)unused;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/key.pem", folder);
    assert_int_equal(lks_signing_key_new(&key, NULL), 0);
    assert_int_equal(lks_signing_key_write(key, path, LKS_STR("correct horse"), NULL), 0);
    assert_int_equal(lks_signing_key_write(key, path, LKS_STR("correct horse"), NULL), LKS_EIO);
    file_read(path, &bytes);
    lks_buffer_byte(&bytes, '\0');
    assert_non_null(strstr(bytes.data, "BEGIN ENCRYPTED PRIVATE KEY"));
    assert_int_equal(lks_signing_key_read(path, LKS_STR("correct horse"), &again, NULL), 0);
    lks_signing_key_public(key, first);
    lks_signing_key_public(again, second);
    assert_memory_equal(first, second, sizeof first);
    lks_signing_key_free(again);
    assert_int_equal(lks_signing_key_read(path, LKS_STR("wrong"), &again, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_signing_key_read(path, LKS_STR_NULL, &again, NULL), LKS_EARGUMENT);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(lks_signing_key_read(path, LKS_STR("correct horse"), &again, NULL),
                     LKS_EINPUT);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(lks_signing_key_write(key, path, LKS_STR_NULL, NULL), 0);
    assert_int_equal(lks_signing_key_read(path, LKS_STR_NULL, &again, NULL), 0);
    lks_signing_key_free(again);
    lks_signing_key_free(key);
    unlink(path);
    rmdir(folder);
    lks_buffer_free(&bytes);
}

/* ---- published vectors ---- */

/* A log made by another program: every checkpoint is signed, and every root follows from tiles
 * whose leaves follow from the entries. */
static int tessera_read(void *context, const struct lks_tile *tile, struct lks_hash *hashes,
                        struct lks_error *err)
{
    char name[LKS_TILE_PATH_BYTES], path[8192];
    struct lks_buffer bytes = {0};
    (void)err;
    lks_tile_path(tile, name);
    snprintf(path, sizeof path, "%s/%s", (const char *)context, name);
    file_read(path, &bytes);
    assert_int_equal(bytes.size_bytes, tile->width * sizeof *hashes);
    memcpy(hashes, bytes.data, bytes.size_bytes);
    lks_buffer_free(&bytes);
    return 0;
}

static void a_log_by_another_program(void **unused)
{
    char folder[4096], path[4200];
    struct lks_verifier log;
    struct lks_buffer bytes = {0}, bundle = {0};
    (void)unused;
    vectors_path("tlog/tessera/log", folder, sizeof folder);
    /* the key of transparency-dev/tessera's testdata */
    assert_int_equal(lks_verifier_parse(LKS_STR("example.com/log/testdata+33d7b496+"
                                                "AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"),
                                        &log, NULL),
                     0);
    for (unsigned size = 0; size <= 15; size++) {
        struct lks_checkpoint checkpoint;
        struct lks_tile_source source = {tessera_read, folder};
        struct lks_tree *tree;
        struct lks_hash root, leaf, hash;
        snprintf(path, sizeof path, "%s/checkpoint.%u", folder, size);
        file_read(path, &bytes);
        assert_int_equal(lks_checkpoint_open(str_of(&bytes), &log, &checkpoint, NULL), 0);
        assert_int_equal(checkpoint.size, size);
        assert_int_equal(lks_tree_open(&source, size, &tree, NULL), 0);
        lks_tree_root(tree, &root);
        assert_true(lks_hash_equal(&root, &checkpoint.root));
        if (size) {
            size_t at = 0;
            struct lks_str entry;
            snprintf(path, sizeof path, "%s/tile/entries/000.p/%u", folder, size);
            file_read(path, &bundle);
            for (unsigned i = 0; i < size; i++) {
                assert_int_equal(lks_bundle_next(str_of(&bundle), &at, &entry, NULL), 1);
                lks_merkle_leaf(entry.data, entry.size_bytes, &leaf);
                assert_int_equal(lks_tree_leaf(tree, i, &hash, NULL), 0);
                assert_true(lks_hash_equal(&leaf, &hash));
            }
            assert_int_equal(lks_bundle_next(str_of(&bundle), &at, &entry, NULL), 0);
        }
        lks_tree_free(tree);
    }
    lks_buffer_free(&bytes);
    lks_buffer_free(&bundle);
}

static void hex_bytes(const char *hex, unsigned char *out, size_t size)
{
    assert_int_equal(strlen(hex), 2 * size);
    for (size_t i = 0; i < size; i++) {
        unsigned value;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &value), 1);
        out[i] = (unsigned char)value;
    }
}

static int flagged(const json_t *flags, const char *flag)
{
    size_t i;
    json_t *item;
    json_array_foreach(flags, i, item) if (strcmp(json_string_value(item), flag) == 0) return 1;
    return 0;
}

/* What this program takes: no key of small order or second writing, no residue of small order, R
 * in its one writing. */
static void ed25519_edge_cases(void **unused)
{
    char path[4096];
    size_t i, held = 0;
    json_t *item;
    (void)unused;
    vectors_path("ed25519/ed25519vectors.json", path, sizeof path);
    json_t *root = json_load_file(path, 0, NULL);
    assert_non_null(root);
    json_array_foreach(root, i, item)
    {
        unsigned char key[LKS_ED25519_KEY_BYTES], signature[LKS_ED25519_SIGNATURE_BYTES];
        const json_t *flags = json_object_get(item, "flags");
        const char *message = json_string_value(json_object_get(item, "msg"));
        hex_bytes(json_string_value(json_object_get(item, "key")), key, sizeof key);
        hex_bytes(json_string_value(json_object_get(item, "sig")), signature, sizeof signature);
        int key_good = !flagged(flags, "low_order_A") && !flagged(flags, "non_canonical_A");
        int good =
            key_good && !flagged(flags, "low_order_residue") && !flagged(flags, "non_canonical_R");
        assert_int_equal(lks_ed25519_key_good(key), key_good);
        assert_int_equal(lks_ed25519_check(key, message, strlen(message), signature, NULL) == 0,
                         good);
        held += (size_t)good;
    }
    assert_int_equal(json_array_size(root), 914);
    assert_in_range(held, 1, 913);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_and_read_again),
        cmocka_unit_test(every_bit_matters),
        cmocka_unit_test(unknown_lines_are_passed_over),
        cmocka_unit_test(malformed_notes),
        cmocka_unit_test(verifier_texts),
        cmocka_unit_test(proof_files),
        cmocka_unit_test(key_files),
        cmocka_unit_test(a_log_by_another_program),
        cmocka_unit_test(ed25519_edge_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
