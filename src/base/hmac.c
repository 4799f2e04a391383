/* hmac.c - HMAC-SHA256 (RFC 2104), over the digests of sha256.c */
#include "base/hmac.h"

#include <string.h>

enum { BLOCK_BYTES = 64, STACK_BYTES = 1024 };

/* A digest of two pieces: short ones, as keys and ids are, without memory. */
static void digest_of(const unsigned char pad[BLOCK_BYTES], const void *data, size_t size_bytes,
                      unsigned char out[LKS_SHA256_BYTES])
{
    unsigned char whole[STACK_BYTES];
    if (size_bytes <= sizeof whole - BLOCK_BYTES) {
        memcpy(whole, pad, BLOCK_BYTES);
        if (size_bytes)
            memcpy(whole + BLOCK_BYTES, data, size_bytes);
        lks_sha256_of(whole, BLOCK_BYTES + size_bytes, out);
        return;
    }
    /* Memory for a digest's state is a few hundred bytes; without them nothing here can go on. */
    struct lks_sha256 sha;
    int code = lks_sha256_start(&sha, NULL);
    LKS_ASSERT(code == 0);
    code = lks_sha256_update(&sha, pad, BLOCK_BYTES, NULL);
    LKS_ASSERT(code == 0);
    code = lks_sha256_update(&sha, data, size_bytes, NULL);
    LKS_ASSERT(code == 0);
    code = lks_sha256_finish(&sha, out, NULL);
    LKS_ASSERT(code == 0);
}

void lks_hmac_sha256(const void *key, size_t key_bytes, const void *message, size_t message_bytes,
                     unsigned char out[LKS_SHA256_BYTES])
{
    unsigned char pad[BLOCK_BYTES] = {0}, inner[LKS_SHA256_BYTES];
    if (key_bytes > BLOCK_BYTES)
        lks_sha256_of(key, key_bytes, pad);
    else if (key_bytes)
        memcpy(pad, key, key_bytes);
    for (int i = 0; i < BLOCK_BYTES; i++)
        pad[i] ^= 0x36;
    digest_of(pad, message, message_bytes, inner);
    for (int i = 0; i < BLOCK_BYTES; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    digest_of(pad, inner, sizeof inner, out);
    explicit_bzero(pad, sizeof pad);
}
