/* disk.h - bytes that must outlive a crash: writes in full, synced, and folders synced after names
 *
 * A sync that failed is never tried again: the kernel may have thrown the pages away and would
 * report success. Whoever gets LKS_EIO from here stops writing. */
#ifndef LKS_VAULT_DISK_H
#define LKS_VAULT_DISK_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

#define LKS_DISK_PATH_BYTES 4096

/* Writes all bytes to an open file; 0 or LKS_EIO. */
int lks_disk_write(int file, const char *path, const void *data, size_t size_bytes,
                   struct lks_error *err);
/* Makes the folder, and those above it that are not there; each new name is synced. */
int lks_disk_folder(const char *path, struct lks_error *err);
int lks_disk_folder_sync(const char *path, struct lks_error *err);
/* The folder that a path lies in, as far as it is named; LKS_EARGUMENT where it is too long. */
int lks_disk_parent(const char *path, char parent[LKS_DISK_PATH_BYTES], struct lks_error *err);
/* A file that appears whole or not at all: temporary, write, fsync, rename, fsync of the folder,
 * which must be there. mode as in open(2). */
int lks_disk_put(const char *path, const void *data, size_t size_bytes, unsigned mode,
                 struct lks_error *err);
/* Many such files with few waits: put writes them under temporary names, and commit syncs,
 * renames, and syncs each folder once. Nothing is in place before the commit; put commits by
 * itself when many wait. Zero it to start. */
#define LKS_DISK_BATCH_FILES 64
struct lks_disk_batch {
    unsigned count;
    int files[LKS_DISK_BATCH_FILES];
    char *paths[LKS_DISK_BATCH_FILES], *temporaries[LKS_DISK_BATCH_FILES];
};
/* Makes the file's folder where it is not there. LKS_EIO, LKS_EMEMORY. */
int lks_disk_batch_put(struct lks_disk_batch *batch, const char *path, const void *data,
                       size_t size_bytes, struct lks_error *err);
int lks_disk_batch_commit(struct lks_disk_batch *batch, struct lks_error *err);
void lks_disk_batch_abandon(struct lks_disk_batch *batch); /* an empty one is fine */

/* Adds a file's bytes, at most limit_bytes of them. 0, LKS_EMISSING where it is not there,
 * LKS_EINPUT where it is longer, LKS_EIO, LKS_EMEMORY. */
int lks_disk_get(const char *path, size_t limit_bytes, struct lks_buffer *out,
                 struct lks_error *err);

#endif
