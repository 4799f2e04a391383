/* commitment.c - salted digests in the form of SD-JWT */
#include "vault/commitment.h"

#include <openssl/rand.h>

#include "base/base64.h"
#include "base/sha256.h"
#include "vault/canon.h"

int lks_salt_new(unsigned char salt[LKS_SALT_BYTES], struct lks_error *err)
{
    if (RAND_bytes(salt, LKS_SALT_BYTES) != 1)
        return lks_error_set(err, LKS_EIO, "the system gives no random numbers");
    return 0;
}

int lks_disclosure_make(const unsigned char salt[LKS_SALT_BYTES], const char *name,
                        struct lks_str value, struct lks_buffer *out, struct lks_error *err)
{
    struct lks_buffer text = {0}, json = {0};
    struct lks_canon canon = {0};
    lks_base64url_add(&text, salt, LKS_SALT_BYTES);
    lks_canon_array(&canon, NULL);
    lks_canon_string(&canon, NULL, (struct lks_str){text.data, text.size_bytes});
    lks_canon_text(&canon, NULL, name);
    lks_canon_string(&canon, NULL, value);
    int code = lks_canon_finish(&canon, &json);
    if (code == 0)
        lks_base64url_add(out, json.data, json.size_bytes);
    if (code || text.failed || out->failed)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    lks_buffer_free(&text);
    lks_buffer_free(&json);
    return code;
}

static void digest_text(const unsigned char hash[LKS_SHA256_BYTES],
                        char digest[LKS_COMMITMENT_BYTES])
{
    char room[64];
    struct lks_buffer text = {.data = room, .capacity_bytes = sizeof room};
    lks_base64url_add(&text, hash, LKS_SHA256_BYTES); /* 43 characters: never grows */
    memcpy(digest, room, LKS_COMMITMENT_BYTES - 1);
    digest[LKS_COMMITMENT_BYTES - 1] = '\0';
}

void lks_disclosure_digest(struct lks_str disclosure, char digest[LKS_COMMITMENT_BYTES])
{
    unsigned char hash[LKS_SHA256_BYTES];
    lks_sha256_of(disclosure.data, disclosure.size_bytes, hash);
    digest_text(hash, digest);
}

int lks_disclosure_decoy(char digest[LKS_COMMITMENT_BYTES], struct lks_error *err)
{
    unsigned char hash[LKS_SHA256_BYTES];
    if (RAND_bytes(hash, sizeof hash) != 1)
        return lks_error_set(err, LKS_EIO, "the system gives no random numbers");
    digest_text(hash, digest);
    return 0;
}

void lks_blob_commit(const unsigned char salt[LKS_SALT_BYTES], const unsigned char sha256[32],
                     unsigned char out[32])
{
    unsigned char both[LKS_SALT_BYTES + 32];
    memcpy(both, salt, LKS_SALT_BYTES);
    memcpy(both + LKS_SALT_BYTES, sha256, 32);
    lks_sha256_of(both, sizeof both, out);
}
