/* fuzz_manifest.c - signed manifests: any envelope, and any body under a good signature */
#include <stdint.h>
#include <string.h>

#include "custody/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct lks_signing_key *key;
static struct lks_verifiers known;

static void keys_make(void)
{
    static const unsigned char seed[LKS_ED25519_KEY_BYTES] = {1};
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    struct lks_verifier verifier;
    int code = lks_signing_key_from_seed(seed, &key, NULL);
    LKS_ASSERT(code == 0);
    lks_signing_key_public(key, public_key);
    code = lks_verifier_init(&verifier, LKS_STR("fuzz"), LKS_NOTE_ED25519, public_key, NULL);
    LKS_ASSERT(code == 0);
    code = lks_verifiers_add(&known, &verifier, NULL);
    LKS_ASSERT(code == 0);
}

/* What is taken has names in order, none of which leads out. */
static void take(struct lks_str envelope)
{
    struct lks_arena arena = {.limit_bytes = 64 << 20};
    struct lks_manifest manifest;
    struct lks_error err = {0};
    int code = lks_manifest_read(envelope, &known, &arena, &manifest, &err);
    LKS_ASSERT(code <= 0 && (code == 0) == (err.message[0] == 0));
    if (code == 0) {
        LKS_ASSERT(manifest.signer && manifest.subjects_count > 0);
        for (size_t i = 0; i < manifest.subjects_count; i++) {
            struct lks_str name = manifest.subjects[i].name;
            LKS_ASSERT(name.size_bytes && name.data[0] != '/' &&
                       !memmem(name.data, name.size_bytes, "/../", 4) &&
                       !memchr(name.data, 0, name.size_bytes));
        }
    }
    lks_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct lks_signing_key *keys[1];
    struct lks_buffer envelope = {0};
    struct lks_str bytes = {(const char *)data, size};
    if (!key)
        keys_make();
    keys[0] = key;
    take(bytes);
    if (lks_dsse_sign(LKS_STR(LKS_INTOTO_TYPE), bytes, known.items, keys, 1, &envelope, NULL) == 0)
        take((struct lks_str){envelope.data, envelope.size_bytes});
    lks_buffer_free(&envelope);
    return 0;
}
