/* witness_test.c - a log and its witness, with every wrong request that the protocol names */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "vault/log.h"
#include "vault/test_folder.h"
#include "vault/witness.h"

#define ORIGIN "example.org/witnessed"

static char folder[64], log_folder[80], state_folder[80];
static struct lks_signing_key *log_key, *witness_key, *other_key;
static struct lks_verifier log_verifier, other_verifier;
static struct lks_witness witness;

static void key_make(const char *name, enum lks_note_type type, struct lks_signing_key **key,
                     struct lks_verifier *verifier)
{
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    assert_int_equal(lks_signing_key_new(key, NULL), 0);
    lks_signing_key_public(*key, public_key);
    assert_int_equal(lks_verifier_init(verifier, lks_str_from(name), type, public_key, NULL), 0);
}

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return (struct lks_str){buffer->data, buffer->size_bytes};
}

/* Appends, publishes, and gives the checkpoint. */
static void grow(struct lks_log *log, unsigned count, struct lks_buffer *checkpoint)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t at = lks_log_size(log);
        assert_int_equal(lks_log_append(log, &at, sizeof at, NULL, NULL), 0);
    }
    lks_buffer_clear(checkpoint);
    assert_int_equal(lks_log_publish(log, &log_verifier, log_key, checkpoint, NULL), 0);
}

static int ask(uint64_t old, const struct lks_proof *proof, struct lks_str checkpoint,
               struct lks_buffer *answer)
{
    struct lks_buffer request = {0};
    int status = 0;
    lks_buffer_clear(answer);
    lks_witness_request_format(old, proof, checkpoint, &request);
    assert_int_equal(
        lks_witness_answer(&witness, str_of(&request), 1733443200, &status, answer, NULL), 0);
    lks_buffer_free(&request);
    return status;
}

static void proof_of(uint64_t old, uint64_t size, struct lks_proof *proof)
{
    struct lks_tile_source tiles = lks_log_tiles(log_folder);
    struct lks_tree *tree;
    assert_int_equal(lks_tree_open(&tiles, size, &tree, NULL), 0);
    assert_int_equal(lks_tree_consistency(tree, old, proof, NULL), 0);
    lks_tree_free(tree);
}

static void the_whole_protocol(void **unused)
{
    struct lks_log_state state;
    struct lks_log *log;
    struct lks_buffer first = {0}, second = {0}, answer = {0}, cosigned = {0};
    struct lks_proof none = {0}, proof, wrong;
    struct lks_note note;
    struct lks_note_signer signers[2];
    struct lks_verifier both[2] = {log_verifier, witness.verifier};
    size_t count;
    (void)unused;
    assert_int_equal(lks_log_make(log_folder, ORIGIN, NULL), 0);
    assert_int_equal(lks_log_open(log_folder, ORIGIN, NULL, &log, &state, NULL), 0);
    grow(log, 5, &first);
    /* the first time */
    assert_int_equal(ask(3, &none, str_of(&first), &answer), 409);
    assert_true(lks_str_equal_text(str_of(&answer), "0\n"));
    assert_int_equal(ask(6, &none, str_of(&first), &answer), 400);
    assert_int_equal(ask(0, &none, str_of(&first), &answer), 200);
    assert_int_equal(
        lks_witness_add(str_of(&first), str_of(&answer), &witness.verifier, &cosigned, NULL), 0);
    assert_int_equal(lks_note_parse(str_of(&cosigned), &note, NULL), 0);
    assert_int_equal(lks_note_verify(&note, both, 2, signers, &count, NULL), 0);
    assert_int_equal(count, 2);
    assert_int_equal(signers[1].time_seconds, 1733443200);
    /* the same again is fine; a later one wants its proof */
    assert_int_equal(ask(0, &none, str_of(&first), &answer), 409);
    assert_true(lks_str_equal_text(str_of(&answer), "5\n"));
    assert_int_equal(ask(5, &none, str_of(&first), &answer), 200);
    grow(log, 300, &second);
    proof_of(5, 305, &proof);
    assert_int_equal(ask(5, &none, str_of(&second), &answer), 422);
    wrong = proof;
    wrong.hashes[0].bytes[3] ^= 1;
    assert_int_equal(ask(5, &wrong, str_of(&second), &answer), 422);
    assert_int_equal(ask(5, &proof, str_of(&second), &answer), 200);
    assert_int_equal(ask(5, &proof, str_of(&second), &answer), 409);
    /* back to the old one: never */
    assert_int_equal(ask(305, &none, str_of(&first), &answer), 400);
    assert_int_equal(ask(5, &none, str_of(&first), &answer), 409);
    lks_log_close(log);
    lks_buffer_free(&first);
    lks_buffer_free(&second);
    lks_buffer_free(&answer);
    lks_buffer_free(&cosigned);
}

/* Two histories of one size: the witness signs one of them. */
static void a_fork_is_refused(void **unused)
{
    struct lks_checkpoint fork = {LKS_STR(ORIGIN), 305, {{1}}};
    struct lks_buffer bytes = {0}, line = {0}, answer = {0};
    struct lks_proof none = {0};
    (void)unused;
    lks_checkpoint_format(&fork, &bytes);
    assert_int_equal(lks_note_sign(str_of(&bytes), &log_verifier, log_key, 0, &line, NULL), 0);
    lks_buffer_byte(&bytes, '\n');
    lks_buffer_append(&bytes, line.data, line.size_bytes);
    assert_int_equal(ask(305, &none, str_of(&bytes), &answer), 422);
    lks_buffer_free(&bytes);
    lks_buffer_free(&line);
    lks_buffer_free(&answer);
}

/* A log that changed its key: known by both, it is witnessed under either. */
static void a_log_with_two_keys(void **unused)
{
    struct lks_verifier both[2] = {log_verifier};
    struct lks_buffer old = {0}, bytes = {0}, answer = {0};
    struct lks_proof none = {0};
    struct lks_note note;
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    (void)unused;
    lks_signing_key_public(other_key, public_key);
    assert_int_equal(
        lks_verifier_init(&both[1], LKS_STR(ORIGIN), LKS_NOTE_ED25519, public_key, NULL), 0);
    assert_int_equal(lks_log_checkpoint(log_folder, &old, NULL), 0);
    assert_int_equal(lks_note_parse(str_of(&old), &note, NULL), 0);
    lks_buffer_append(&bytes, note.text.data, note.text.size_bytes);
    lks_buffer_byte(&bytes, '\n');
    assert_int_equal(lks_note_sign(note.text, &both[1], other_key, 0, &bytes, NULL), 0);
    assert_int_equal(ask(305, &none, str_of(&bytes), &answer), 403);
    witness.logs = both;
    witness.logs_count = 2;
    assert_int_equal(ask(305, &none, str_of(&bytes), &answer), 200);
    assert_int_equal(ask(305, &none, str_of(&old), &answer), 200);
    witness.logs = &log_verifier;
    witness.logs_count = 1;
    lks_buffer_free(&old);
    lks_buffer_free(&bytes);
    lks_buffer_free(&answer);
}

static void strangers(void **unused)
{
    struct lks_checkpoint made = {LKS_STR("example.org/stranger"), 1, {{1}}};
    struct lks_buffer bytes = {0}, line = {0}, answer = {0};
    struct lks_proof none = {0};
    int status;
    (void)unused;
    lks_checkpoint_format(&made, &bytes);
    assert_int_equal(lks_note_sign(str_of(&bytes), &other_verifier, other_key, 0, &line, NULL), 0);
    lks_buffer_byte(&bytes, '\n');
    lks_buffer_append(&bytes, line.data, line.size_bytes);
    assert_int_equal(ask(0, &none, str_of(&bytes), &answer), 404);
    /* a known origin, signed by somebody else */
    made.origin = LKS_STR(ORIGIN);
    lks_buffer_clear(&bytes);
    lks_checkpoint_format(&made, &bytes);
    lks_buffer_byte(&bytes, '\n');
    lks_buffer_append(&bytes, line.data, line.size_bytes);
    assert_int_equal(ask(0, &none, str_of(&bytes), &answer), 403);
    static const char *const bad[] = {"",
                                      "old\n\n",
                                      "old x\n\nfoo",
                                      "old 01\n\nfoo",
                                      "old 1\n",
                                      "old 0\nAAAA\n\nfoo",
                                      "old 0\n\nno checkpoint\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(
            lks_witness_answer(&witness, lks_str_from(bad[i]), 0, &status, &answer, NULL), 0);
        assert_int_equal(status, 400);
    }
    lks_buffer_free(&bytes);
    lks_buffer_free(&line);
    lks_buffer_free(&answer);
}

static int setup(void **unused)
{
    (void)unused;
    folder_make(folder, sizeof folder);
    snprintf(log_folder, sizeof log_folder, "%s/log", folder);
    snprintf(state_folder, sizeof state_folder, "%s", folder);
    key_make(ORIGIN, LKS_NOTE_ED25519, &log_key, &log_verifier);
    key_make("example.org/stranger", LKS_NOTE_ED25519, &other_key, &other_verifier);
    key_make("witness.example", LKS_NOTE_COSIGNATURE, &witness_key, &witness.verifier);
    witness.key = witness_key;
    witness.logs = &log_verifier;
    witness.logs_count = 1;
    witness.folder = state_folder;
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    lks_signing_key_free(log_key);
    lks_signing_key_free(other_key);
    lks_signing_key_free(witness_key);
    shell("rm -rf %s", folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_protocol), cmocka_unit_test(a_fork_is_refused),
        cmocka_unit_test(a_log_with_two_keys), cmocka_unit_test(strangers)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
