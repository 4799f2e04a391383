/* signed_record.h - the largest size and root that a log ever signed */
#ifndef LKS_VAULT_SIGNED_RECORD_H
#define LKS_VAULT_SIGNED_RECORD_H

#include "vault/merkle.h"

/* Written, durably, before each signature, so that a log which lost its end, or was put back from
 * an old copy, is noticed by its own signer. One file of text with its own digest. */
struct lks_signed_record {
    uint64_t size;
    struct lks_hash root;
};

int lks_signed_record_put(const char *path, const char *origin,
                          const struct lks_signed_record *record, struct lks_error *err);
/* LKS_EMISSING where there is none; LKS_EINPUT where it is damaged or of another log. */
int lks_signed_record_get(const char *path, const char *origin, struct lks_signed_record *record,
                          struct lks_error *err);

#endif
