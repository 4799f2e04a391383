/* sha256.h - SHA-256 through OpenSSL's libcrypto */
#ifndef LKS_BASE_SHA256_H
#define LKS_BASE_SHA256_H

#include "base/error.h"

#define LKS_SHA256_BYTES 32
#define LKS_SHA256_HEX_BYTES 65

struct lks_sha256 {
    void *state;
};

/* Starts a digest; 0 or LKS_EMEMORY. finish frees what start took. */
int lks_sha256_start(struct lks_sha256 *sha, struct lks_error *err);
/* Adds bytes; 0, or LKS_EMEMORY where the library of digests refuses. */
int lks_sha256_update(struct lks_sha256 *sha, const void *data, size_t size_bytes,
                      struct lks_error *err);
/* Ends it and writes the digest; out may be NULL to only free. */
int lks_sha256_finish(struct lks_sha256 *sha, unsigned char out[LKS_SHA256_BYTES],
                      struct lks_error *err);
/* The digest of one piece of memory. */
void lks_sha256_of(const void *data, size_t size_bytes, unsigned char out[LKS_SHA256_BYTES]);
/* Writes a digest as 64 lower-case hex digits and a NUL. */
void lks_sha256_hex(const unsigned char digest[LKS_SHA256_BYTES], char hex[LKS_SHA256_HEX_BYTES]);

#endif
