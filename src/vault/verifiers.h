/* verifiers.h - lists of verifier keys, and the files that hold them, a line each */
#ifndef LKS_VAULT_VERIFIERS_H
#define LKS_VAULT_VERIFIERS_H

#include "vault/note.h"

#define LKS_VERIFIERS_MAX 1000
#define LKS_VERIFIERS_FILE_BYTES_MAX (512 * 1024)

/* Keys in the order in which they came. Zero it to start. */
struct lks_verifiers {
    struct lks_verifier *items;
    size_t count, room;
};

/* Adds a key at the end. LKS_EINPUT beyond LKS_VERIFIERS_MAX, LKS_EMEMORY. */
int lks_verifiers_add(struct lks_verifiers *list, const struct lks_verifier *verifier,
                      struct lks_error *err);
/* Adds the keys of a text: one a line; empty lines and those that start with # are passed over.
 * LKS_EINPUT with the line that is no key, LKS_EMEMORY. */
int lks_verifiers_parse(struct lks_str text, struct lks_verifiers *list, struct lks_error *err);
/* The same for a file. LKS_EMISSING where it is not there, LKS_EIO. */
int lks_verifiers_read(const char *path, struct lks_verifiers *list, struct lks_error *err);
/* Writes the file, durably; it appears whole or stays as it was. LKS_EIO, LKS_EMEMORY. */
int lks_verifiers_put(const char *path, const struct lks_verifiers *list, struct lks_error *err);
/* The key that has the same name, type and public key; NULL where none has. */
const struct lks_verifier *lks_verifiers_find(const struct lks_verifiers *list,
                                              const struct lks_verifier *verifier);
int lks_verifier_equal(const struct lks_verifier *a, const struct lks_verifier *b);
void lks_verifiers_free(struct lks_verifiers *list);

#endif
