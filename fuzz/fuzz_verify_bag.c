/* fuzz_verify_bag.c - verify over a bag that anyone may have written, well signed
 *
 * Parts of the input, with form feeds between: a statement, disclosures, posts, the in-toto body, anything
 * that stands in the proof file before its checkpoint. The checkpoint covers the statement as the
 * one entry of a log, and log and list are signed, so that what comes after a signature is reached. */
#include "verify_folder.h"

#include "case/verify_bundle.h"
#include "vault/dsse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct lks_verify_request request;
    static const struct lks_control control = {.threads = 1};
    static struct lks_verification verification;
    struct lks_str rest = {(const char *)data, size}, statement = fuzz_part(&rest);
    struct lks_checkpoint checkpoint = {LKS_STR("fuzz.example/log"), 1, {{0}}};
    struct lks_buffer note = {0}, text = {0};
    struct lks_signing_key *key;
    struct lks_verifier verifier;
    char folder[64];
    fuzz_folder(folder);
    fuzz_key("fuzz.example/log", LKS_NOTE_ED25519, &key, &verifier);
    lks_merkle_leaf(statement.data, statement.size_bytes, &checkpoint.root);
    lks_checkpoint_format(&checkpoint, &note);
    lks_note_sign((struct lks_str){note.data, note.size_bytes}, &verifier, key, 0, &text, NULL);
    lks_buffer_byte(&note, '\n');
    lks_buffer_append(&note, text.data, text.size_bytes);
    fuzz_put(folder, LKS_ANSWER_CHECKPOINT, (struct lks_str){note.data, note.size_bytes});
    lks_buffer_clear(&text);
    lks_verifier_format(&verifier, &text);
    fuzz_put(folder, LKS_ANSWER_SIGNER, (struct lks_str){text.data, text.size_bytes});
    lks_buffer_clear(&text);
    lks_buffer_text(&text, "0 ");
    lks_buffer_append(&text, statement.data, statement.size_bytes);
    lks_buffer_byte(&text, '\n');
    fuzz_put(folder, LKS_ANSWER_STATEMENTS, (struct lks_str){text.data, text.size_bytes});
    fuzz_put(folder, LKS_ANSWER_DISCLOSURES, fuzz_part(&rest));
    fuzz_put(folder, LKS_ANSWER_RECORDS "/posts.ndjson", fuzz_part(&rest));
    lks_buffer_clear(&text);
    const struct lks_signing_key *keys = key;
    lks_dsse_sign(LKS_STR(LKS_INTOTO_TYPE), fuzz_part(&rest), &verifier, &keys, 1, &text, NULL);
    fuzz_put(folder, LKS_ANSWER_MANIFEST, (struct lks_str){text.data, text.size_bytes});
    lks_buffer_clear(&text);
    lks_buffer_append(&text, rest.data, rest.size_bytes);
    lks_buffer_append(&text, note.data, note.size_bytes);
    fuzz_put(folder, LKS_ANSWER_PROOFS "/000/000000000000.tlog-proof",
             (struct lks_str){text.data, text.size_bytes});
    LKS_ASSERT(lks_verify_bundle(&verification, folder, &request, &control, NULL) == 0);
    lks_buffer_clear(&text);
    LKS_ASSERT(lks_verification_format(&verification, 0, &text, NULL) == 0);
    LKS_ASSERT(lks_verification_state(&verification) == LKS_CHECK_DAMAGED); /* no manifests */
    lks_verification_free(&verification);
    lks_buffer_free(&text);
    lks_buffer_free(&note);
    lks_signing_key_free(key);
    fuzz_folder_remove(folder);
    return 0;
}
