/* hmac.h - HMAC-SHA256 (RFC 2104): a digest that only who holds the key can make */
#ifndef LKS_BASE_HMAC_H
#define LKS_BASE_HMAC_H

#include "base/sha256.h"

/* The digest of a message under a key of any length. Any thread. */
void lks_hmac_sha256(const void *key, size_t key_bytes, const void *message, size_t message_bytes,
                     unsigned char out[LKS_SHA256_BYTES]);

#endif
