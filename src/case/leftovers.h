/* leftovers.h - what a program that was cut off left in a vault, and putting it in order */
#ifndef LKS_CASE_LEFTOVERS_H
#define LKS_CASE_LEFTOVERS_H

#include <stdint.h>

#include "base/error.h"

/* All for the one program that holds the log's lock; folder is "CASE/vault", size the entries of its
 * log, published. */

/* Hidden values of entries that never came: their lines and files go. 0, LKS_EINPUT where a name
 * cannot be read, LKS_EIO, LKS_EMEMORY. */
int lks_leftovers_disclosures(const char *folder, uint64_t size, struct lks_error *err);
/* Sealed objects that no entry names, whole or half, go with their keys; *removed_out counts them.
 * Errors as above. */
int lks_leftovers_blobs(const char *folder, uint64_t size, uint64_t *removed_out,
                        struct lks_error *err);
/* Files that were being written under temporary names: in the folder itself, and, where cut_off says
 * that a program was, among the tiles. */
void lks_leftovers_temporaries(const char *folder, int cut_off);
/* Removes a folder with all that lies in it; one that is not there is fine. */
void lks_leftovers_remove(const char *path);

#endif
