/* forget.h - hidden values of an entry destroyed: its disclosures written away
 *
 * What stands in the log is a digest with a salt of 128 bits; without its disclosure nobody finds out
 * what it stands for. */
#ifndef LKS_CASE_FORGET_H
#define LKS_CASE_FORGET_H

#include "case/vault.h"

/* Writes the disclosures of the entry anew without those of the names (NULL ends them); the old bytes
 * are written over before they are given back to the disk. The vault is open for writing, and nothing is
 * staged. What is not there is fine. LKS_EIO, LKS_EMEMORY. */
int lks_vault_forget(struct lks_vault *vault, uint64_t leaf, const char *const *names,
                     struct lks_error *err);

#endif
