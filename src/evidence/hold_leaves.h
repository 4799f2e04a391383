/* hold_leaves.h - the leaves over which an attestation is made: each thing that a hold covers
 *
 * A leaf is a line of canonical JSON, hashed as an entry of RFC 6962:
 *
 *     {"file":12,"key":"tiktok:74...","kind":"posts","length":310,"offset":4711,"salt":"5d0a..."}
 *     {"key":"tiktok:68...","kind":"accounts","salt":"..."}
 *     {"file":12,"key":"INV-7","kind":"payments","length":80,"offset":120,"salt":"..."}
 *     {"blob":"9f3c...","file":12,"kind":"files","salt":"...","size":73452}
 *
 * file is the entry of the log that tells of the import. The salt keeps a known post from being
 * looked for: it is the first 16 bytes of SHA-256(secret || the same line without its salt), in hex, and
 * tells nothing of another leaf's. Leaves stand in the order of kind (posts, accounts, payments,
 * files), file, offset, then hash, whatever the layout of the store. Accounts are those of which a
 * post is covered. */
#ifndef LKS_EVIDENCE_HOLD_LEAVES_H
#define LKS_EVIDENCE_HOLD_LEAVES_H

#include "evidence/hold_parts.h"
#include "vault/merkle.h"

enum { LKS_LEAVES_POSTS, LKS_LEAVES_ACCOUNTS, LKS_LEAVES_PAYMENTS, LKS_LEAVES_FILES, LKS_LEAVES };
extern const char *const lks_leaves_names[LKS_LEAVES];

struct lks_hold_leaves {
    uint64_t counts[LKS_LEAVES];
    uint64_t bytes; /* of the files */
    struct lks_hash root;
    struct lks_hash *hashes; /* [hashes_count] in their order; freed by lks_hold_leaves_free */
    size_t hashes_count;
};
void lks_hold_leaves_free(struct lks_hold_leaves *leaves);

/* Makes them for holds->holds[hold] as it stands in holds, over what files have brought that were
 * imported by entries below leaves_end. A file that was redacted counts under the entry that brought it
 * first. LKS_EMEMORY, LKS_ESTORE. */
int lks_hold_leaves_make(struct lks_store *store, const char *case_path,
                         const struct lks_holds *holds, size_t hold, uint64_t leaves_end,
                         const unsigned char secret[LKS_SALT_BYTES],
                         const struct lks_control *control, struct lks_hold_leaves *out,
                         struct lks_error *err);

#endif
