/* fuzz_witness_reply.c - what a witness, or whoever stands in its place, answers */
#include <stdint.h>
#include <string.h>

#include "case/witness_ask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first two bytes are the status. A line that is taken holds; else nothing is added, and a size
 * to go on from is one that the log has and that was not tried. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lks_verifier witness, log;
    static struct lks_buffer checkpoint;
    static const unsigned char seed[LKS_ED25519_KEY_BYTES] = {3},
                               other[LKS_ED25519_KEY_BYTES] = {4};
    const uint64_t entries = 10;
    if (!checkpoint.data) {
        unsigned char public_key[LKS_ED25519_KEY_BYTES];
        struct lks_signing_key *key;
        struct lks_checkpoint state = {LKS_STR("example.org/log"), entries, {{7}}};
        struct lks_buffer line = {0};
        lks_signing_key_from_seed(seed, &key, NULL);
        lks_signing_key_public(key, public_key);
        lks_signing_key_free(key);
        lks_verifier_init(&witness, LKS_STR("witness.example"), LKS_NOTE_COSIGNATURE, public_key,
                          NULL);
        lks_signing_key_from_seed(other, &key, NULL);
        lks_signing_key_public(key, public_key);
        lks_verifier_init(&log, LKS_STR("example.org/log"), LKS_NOTE_ED25519, public_key, NULL);
        lks_checkpoint_format(&state, &checkpoint);
        lks_note_sign((struct lks_str){checkpoint.data, checkpoint.size_bytes}, &log, key, 0, &line,
                      NULL);
        lks_buffer_byte(&checkpoint, '\n');
        lks_buffer_append(&checkpoint, line.data, line.size_bytes);
        lks_buffer_free(&line);
        lks_signing_key_free(key);
    }
    if (size < 2)
        return 0;
    int status = data[0] << 8 | data[1];
    struct lks_str body = {(const char *)data + 2, size - 2};
    struct lks_buffer out = {0};
    uint64_t old_size = 4, time = 0;
    int code =
        lks_witness_answer_take(&witness, (struct lks_str){checkpoint.data, checkpoint.size_bytes},
                                entries, status, body, &old_size, &out, &time, NULL);
    LKS_ASSERT((code == 1) == (out.size_bytes > 0));
    LKS_ASSERT(code != 0 || (status == 409 && old_size <= entries && old_size != 4));
    if (code == 1)
        LKS_ASSERT(status == 200 &&
                   memchr(out.data, '\n', out.size_bytes) == out.data + out.size_bytes - 1);
    lks_buffer_free(&out);
    return 0;
}
