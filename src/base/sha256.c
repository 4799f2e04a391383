/* sha256.c - SHA-256 through OpenSSL's libcrypto */
#include "base/sha256.h"

/* SHA256_Init and its like are deprecated in favour of EVP, which looks its provider up under
 * a lock and allocates for each digest: more than the digest of a short text costs. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>

int lks_sha256_start(struct lks_sha256 *sha, struct lks_error *err)
{
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    sha->state = state;
    if (!state || EVP_DigestInit_ex(state, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(state);
        sha->state = NULL;
        return lks_error_set(err, LKS_EMEMORY, "SHA-256 cannot be started");
    }
    return 0;
}

int lks_sha256_update(struct lks_sha256 *sha, const void *data, size_t size_bytes,
                      struct lks_error *err)
{
    if (EVP_DigestUpdate(sha->state, data, size_bytes) != 1)
        return lks_error_set(err, LKS_EMEMORY, "SHA-256 failed");
    return 0;
}

int lks_sha256_finish(struct lks_sha256 *sha, unsigned char out[LKS_SHA256_BYTES],
                      struct lks_error *err)
{
    int good = 1;
    if (sha->state && out)
        good = EVP_DigestFinal_ex(sha->state, out, NULL) == 1;
    EVP_MD_CTX_free(sha->state);
    sha->state = NULL;
    return good ? 0 : lks_error_set(err, LKS_EMEMORY, "SHA-256 failed");
}

void lks_sha256_of(const void *data, size_t size_bytes, unsigned char out[LKS_SHA256_BYTES])
{
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, data, size_bytes);
    SHA256_Final(out, &state);
}

void lks_sha256_hex(const unsigned char digest[LKS_SHA256_BYTES], char hex[LKS_SHA256_HEX_BYTES])
{
    for (int i = 0; i < LKS_SHA256_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}
