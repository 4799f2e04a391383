/* unseal.h - the bytes of a sealed file, in a file without a name */
#ifndef LKS_CASE_UNSEAL_H
#define LKS_CASE_UNSEAL_H

#include "case/vault.h"

/* Decrypts the object of the vault in the folder "CASE/vault" into a file of mode 0600 that has no name, so that
 * it is gone when it is closed, however the program ends; *file_out is open for reading, at its
 * start, and the bytes are those of the name. It lies in vault's work folder, or, where vault is
 * NULL, since the vault cannot be written, in /var/tmp. Errors as lks_blob_copy. */
int lks_unseal(const char *folder, const struct lks_vault *vault, const char *name,
               const struct lks_control *control, int *file_out, struct lks_blob *blob,
               struct lks_error *err);

#endif
