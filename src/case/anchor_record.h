/* anchor_record.h - what others said of a checkpoint, kept beside the log and told in it */
#ifndef LKS_CASE_ANCHOR_RECORD_H
#define LKS_CASE_ANCHOR_RECORD_H

#include "case/anchors.h"
#include "vault/timestamp.h"

/* Writes "<size>.<id>.cosig", durably. The line was checked. LKS_EIO. */
int lks_anchor_cosignature_put(const char *case_path, uint64_t size,
                               const struct lks_verifier *witness, struct lks_str line,
                               struct lks_error *err);
/* The same, and stages the statement; it stands when the vault is committed. */
int lks_anchor_cosignature(const char *case_path, struct lks_vault *vault,
                           const struct lks_anchored *anchored, const struct lks_verifier *witness,
                           struct lks_str line, uint64_t time_seconds, struct lks_error *err);
/* Keeps a token that was checked, with the certificates of trust_path, under name, and stages the
 * statement. */
int lks_anchor_timestamp(const char *case_path, struct lks_vault *vault,
                         const struct lks_anchored *anchored, const char *name,
                         struct lks_str token, const char *trust_path,
                         const struct lks_timestamp *stamp, struct lks_error *err);
/* Adds a witness's line to the published checkpoint, if that is still the one that was signed, and
 * once. 0, or LKS_EINPUT where it is another by now; LKS_EIO, LKS_EMEMORY. */
int lks_anchor_merge(struct lks_vault *vault, const struct lks_anchored *anchored,
                     const struct lks_verifier *witness, struct lks_str line,
                     struct lks_error *err);

#endif
