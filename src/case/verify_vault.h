/* verify_vault.h - the vault of a case, or the public part of one, checked from end to end */
#ifndef LKS_CASE_VERIFY_VAULT_H
#define LKS_CASE_VERIFY_VAULT_H

#include "case/verification.h"
#include "case/verify_facts.h"
#include "case/verify_log.h"

struct lks_verify_request {
    const struct lks_verifiers *keys;      /* trusted for the log's signature; none: signer.vkey */
    struct lks_str continues;              /* an older signed checkpoint; null: none */
    const struct lks_verifiers *witnesses; /* whose cosignatures are looked for; may be NULL */
    const char *authorities;               /* file of certificates, for time stamps; may be NULL */
    int quick;                             /* leaves the sealed files alone */
};

/* Checks the vault in a folder ("CASE/vault"): keys, checkpoint, entries, tiles, the writer's own files,
 * statements, hidden values, sealed files, what others signed of it. A folder that holds
 * only a checkpoint and tiles is the public part of a log: then the request must name a key. What the
 * statements claim goes to facts, which the caller frees. 0 with what was found in the checks, or
 * LKS_EMISSING where there is no log at all, LKS_EIO, LKS_EMEMORY, LKS_ECANCELLED. */
int lks_verify_vault(struct lks_verification *verification, const char *folder,
                     const struct lks_verify_request *request, const struct lks_control *control,
                     struct lks_verify_facts *facts, struct lks_error *err);

/* Parts of it. Each adds its checks; errors as above. */

/* Every sealed file that an import names: decrypted, hashed, compared. */
int lks_verify_blobs(struct lks_verification *verification, const char *folder,
                     const struct lks_verify_facts *facts, int quick,
                     const struct lks_control *control, struct lks_error *err);
/* The keys that the log names, one after the other, against the one that signed it. */
void lks_verify_keys(struct lks_verification *verification, const struct lks_verify_facts *facts,
                     const struct lks_verifier *signer);

/* The way from a trusted key that was replaced to the one that signs now. */
struct lks_succession {
    const char *folder;
    const struct lks_verify_facts *facts;
    const struct lks_verifiers *keys;  /* trusted */
    const struct lks_verifier *signer; /* of the checkpoint */
    const struct lks_past_root *pasts; /* [pasts_count] by rising size */
    size_t pasts_count;
};
/* Calls take with the size of each checkpoint that is kept of a replaced key. */
int lks_succession_sizes(const char *folder,
                         int (*take)(void *context, uint64_t size, struct lks_error *err),
                         void *context, struct lks_error *err);
/* Adds the check "succession". */
int lks_verify_succession(struct lks_verification *verification,
                          const struct lks_succession *succession, struct lks_error *err);

#endif
