/* blob.h - raw bytes beside the log, each object under a key of its own
 *
 *     blobs/<2 hex>/<62 hex>   AES-256-CTR of the bytes; the name is the commitment
 *     keys/<2 hex>/<62 hex>    salt and key, as text, for the owner alone
 *
 * Every object has a fresh key, so the counter starts at zero: `openssl enc -d -aes-256-ctr -K <key>
 * -iv 0` gives the bytes back. CTR says nothing about changes; the commitment, which stands in the
 * log, does. Destroying the key erases the object, wherever copies of the ciphertext may lie. */
#ifndef LKS_VAULT_BLOB_H
#define LKS_VAULT_BLOB_H

#include <stdint.h>

#include "base/error.h"
#include "base/sha256.h"
#include "vault/commitment.h"

#define LKS_BLOB_NAME_BYTES LKS_SHA256_HEX_BYTES

struct lks_blob {
    char name[LKS_BLOB_NAME_BYTES];         /* the commitment, hex */
    unsigned char salt[LKS_SALT_BYTES];     /* SHA-256(salt || sha256) is the commitment */
    unsigned char sha256[LKS_SHA256_BYTES]; /* of the bytes; who knows it can look for them */
    uint64_t size_bytes;
};

/* Seals a file: reads it once, to its end, and keeps an encrypted copy. When it returns 0 the copy
 * and its key are durable. Progress and cancel as usual. LKS_EINPUT for a folder or an empty file,
 * LKS_EIO, LKS_EMEMORY, LKS_ECANCELLED; nothing is left behind then. */
int lks_blob_seal(const char *vault, const char *path, const struct lks_control *control,
                  struct lks_blob *blob, struct lks_error *err);
/* Writes the bytes to an open file and checks them against the name; what was written before a
 * mismatch was noticed is worth nothing. LKS_EMISSING where the object or its key is not there:
 * it was erased, or was never here. LKS_EINPUT where the bytes are not those of the name. */
int lks_blob_copy(const char *vault, const char *name, int file, const struct lks_control *control,
                  struct lks_blob *blob, struct lks_error *err);
/* Destroys the key, durably, then removes the bytes. LKS_EMISSING where there is no key. */
int lks_blob_erase(const char *vault, const char *name, struct lks_error *err);
/* 1 where object and key are there. */
int lks_blob_there(const char *vault, const char *name);

#endif
