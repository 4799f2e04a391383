/* fuzz_note.c - signed notes, checkpoints, verifier keys */
#include <stdint.h>
#include <string.h>

#include "vault/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken apart lies within the bytes, and a note signed for itself verifies. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lks_note note;
    struct lks_verifier verifier;
    struct lks_checkpoint checkpoint;
    struct lks_note_signer signers[1];
    struct lks_error err = {0};
    size_t count;
    struct lks_str bytes = {(const char *)data, size};
    int code = lks_note_parse(bytes, &note, &err);
    LKS_ASSERT(code <= 0 && (code == 0) == (err.message[0] == 0));
    if (code == 0) {
        LKS_ASSERT(note.text.data == bytes.data && note.text.size_bytes < size);
        if (lks_checkpoint_parse(note.text, &checkpoint, NULL) == 0) {
            struct lks_buffer again = {0};
            lks_checkpoint_format(&checkpoint, &again);
            LKS_ASSERT(again.size_bytes <= note.text.size_bytes &&
                       memcmp(again.data, note.text.data, again.size_bytes) == 0);
            lks_buffer_free(&again);
        }
    }
    if (lks_verifier_parse(bytes, &verifier, NULL) == 0) {
        struct lks_buffer again = {0};
        lks_verifier_format(&verifier, &again);
        LKS_ASSERT(again.size_bytes == size && memcmp(again.data, data, size) == 0);
        lks_buffer_free(&again);
        if (code == 0)
            LKS_ASSERT(lks_note_verify(&note, &verifier, 1, signers, &count, NULL) <= 0);
    }
    return 0;
}
