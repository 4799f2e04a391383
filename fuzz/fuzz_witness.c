/* fuzz_witness.c - what a witness is asked by strangers */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vault/witness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* It knows one log, whose key signed nothing: whatever comes, it signs nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lks_signing_key *key;
    static struct lks_verifier log;
    static struct lks_witness witness;
    static const unsigned char seed[LKS_ED25519_KEY_BYTES] = {1},
                               other[LKS_ED25519_KEY_BYTES] = {2};
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    struct lks_buffer answer = {0};
    int status = 0;
    if (!key) {
        struct lks_signing_key *log_key;
        if (lks_signing_key_from_seed(other, &log_key, NULL) != 0)
            return 0;
        lks_signing_key_public(log_key, public_key);
        lks_signing_key_free(log_key);
        lks_verifier_init(&log, LKS_STR("example.org/log"), LKS_NOTE_ED25519, public_key, NULL);
        if (lks_signing_key_from_seed(seed, &key, NULL) != 0)
            return 0;
        lks_signing_key_public(key, public_key);
        lks_verifier_init(&witness.verifier, LKS_STR("witness.example"), LKS_NOTE_COSIGNATURE,
                          public_key, NULL);
        witness.key = key;
        witness.logs = &log;
        witness.logs_count = 1;
        witness.folder = "/nonexistent";
    }
    int code = lks_witness_answer(&witness, (struct lks_str){(const char *)data, size}, 1, &status,
                                  &answer, NULL);
    LKS_ASSERT(code <= 0 && status != 200 && status >= 400);
    lks_buffer_free(&answer);
    return 0;
}
