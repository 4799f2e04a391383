/* vault_inner.h - what the files of an opened vault share
 *
 * vault_make.c makes one, vault_open.c opens it and clears up after a program that was cut off,
 * vault_seal.c keeps objects in it, vault.c records entries and commits them. */
#ifndef LKS_CASE_VAULT_INNER_H
#define LKS_CASE_VAULT_INNER_H

#include "case/vault.h"

/* In the vault while a program seals files that no entry names yet. */
#define LKS_VAULT_SEALING "sealing"
/* Where a program puts what it unpacks for itself. */
#define LKS_VAULT_WORK "work"
/* Beside the vault: what it had signed when it was last used here. */
#define LKS_VAULT_SEEN "vault.seen"

struct lks_vault {
    char folder[LKS_CASE_PATH_BYTES];
    char *case_path, *actor;
    struct lks_log *log;
    struct lks_verifier verifier;
    struct lks_signing_key *key;
    int64_t last_us;                     /* of the last entry */
    uint64_t staged_first;               /* the first entry that is not committed */
    struct lks_buffer disclosures;       /* of the staged ones, as the file will hold them */
    char (*sealed)[LKS_BLOB_NAME_BYTES]; /* [sealed_count] objects that no entry names yet */
    size_t sealed_count, sealed_room;
    int marked;      /* the folder says that something is being sealed */
    int half_sealed; /* a sealing failed: nobody knows what it left */
    int failed;
};

/* Makes a vault with a key and a log of its own. Errors: LKS_EINPUT where something lies there that
 * was signed or sealed, LKS_EIO, LKS_EMEMORY; what was made until then is no vault. */
int lks_vault_make(const char *case_path, const char *folder, struct lks_error *err);

/* Takes a half-made vault away; not one that ever signed or sealed anything (LKS_EINPUT). */
int lks_vault_fresh(const char *case_path, struct lks_error *err);

/* Takes away what was sealed since the last commit. */
void lks_vault_sealed_drop(struct lks_vault *vault);

/* Says that nothing is being sealed any more. */
void lks_vault_marker_drop(struct lks_vault *vault);

#endif
