/* fuzz_verify_anchor.c - what others said of a log: a cosignature, a time stamp, a checkpoint as anyone may
 * have written them, with form feeds between */
#include "verify_folder.h"

#include "case/verify_anchors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lks_verification verification;
    struct lks_str rest = {(const char *)data, size};
    struct lks_past_root now = {.size = 1, .known = 1};
    struct lks_anchors anchors = {0};
    struct lks_verifiers logs = {0}, witnesses = {0};
    struct lks_verify_request request = {.witnesses = &witnesses};
    struct lks_signing_key *key, *other;
    struct lks_verifier log, witness;
    char folder[64];
    fuzz_folder(folder);
    fuzz_key("fuzz.example/log", LKS_NOTE_ED25519, &key, &log);
    fuzz_key("fuzz.example/witness", LKS_NOTE_COSIGNATURE, &other, &witness);
    LKS_ASSERT(lks_verifiers_add(&logs, &log, NULL) == 0);
    LKS_ASSERT(lks_verifiers_add(&witnesses, &witness, NULL) == 0);
    fuzz_put(folder, "1.00000000.cosig", fuzz_part(&rest));
    fuzz_put(folder, "1.1.tsr", fuzz_part(&rest));
    struct lks_str checkpoint = fuzz_part(&rest);
    if (checkpoint.size_bytes)
        fuzz_put(folder, "1.checkpoint", checkpoint);
    else { /* the one that the log has */
        static const char signed_[] = "fuzz.example/log\n1\n"
                                      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
        struct lks_buffer note = {0}, line = {0};
        lks_buffer_text(&note, signed_);
        lks_note_sign(LKS_STR(signed_), &log, key, 0, &line, NULL);
        lks_buffer_byte(&note, '\n');
        lks_buffer_append(&note, line.data, line.size_bytes);
        fuzz_put(folder, "1.checkpoint", (struct lks_str){note.data, note.size_bytes});
        lks_buffer_free(&note);
        lks_buffer_free(&line);
    }
    LKS_ASSERT(lks_anchors_list_in(folder, &anchors, NULL) == 0 && anchors.count == 2);
    struct lks_anchors_verify verify = {.folder = folder,
                                        .anchors = &anchors,
                                        .checkpoint = LKS_STR("none\n"),
                                        .keys = &logs,
                                        .pasts = &now,
                                        .pasts_count = 1,
                                        .request = &request};
    LKS_ASSERT(lks_verify_anchors(&verification, &verify, NULL) == 0);
    lks_verification_free(&verification);
    lks_anchors_free(&anchors);
    lks_verifiers_free(&logs);
    lks_verifiers_free(&witnesses);
    lks_signing_key_free(key);
    lks_signing_key_free(other);
    fuzz_folder_remove(folder);
    return 0;
}
