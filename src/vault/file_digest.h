/* file_digest.h - the SHA-256 of a plain file, whatever else may lie in its place */
#ifndef LKS_VAULT_FILE_DIGEST_H
#define LKS_VAULT_FILE_DIGEST_H

#include <stdint.h>

#include "base/error.h"
#include "base/sha256.h"

/* Digests a file of any size, empty ones too, in constant memory. A link, pipe or device is LKS_EINPUT;
 * LKS_EMISSING, LKS_EIO, LKS_EMEMORY, LKS_ECANCELLED. size_bytes may be NULL. */
int lks_file_digest(const char *path, const struct lks_control *control,
                    unsigned char sha256[LKS_SHA256_BYTES], uint64_t *size_bytes,
                    struct lks_error *err);

#endif
