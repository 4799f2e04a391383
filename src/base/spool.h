/* spool.h - what does not fit into memory, on disk, in files without a name */
#ifndef LKS_BASE_SPOOL_H
#define LKS_BASE_SPOOL_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Where one piece of work may spill, and how much: shared by its spools. Any thread. */
struct lks_spill {
    const char *folder;   /* borrowed */
    uint64_t limit_bytes; /* 0: none but the room on the disk */
    atomic_ullong used_bytes, most_bytes;
};

void lks_spill_init(struct lks_spill *spill, const char *folder, uint64_t limit_bytes);
/* Bytes that may still be spilled: what the limit leaves, and what is free on the folder's volume
 * but for the share that is kept for others (a hundredth, at most 1 GiB). UINT64_MAX where
 * the system does not say. */
uint64_t lks_spill_left(const struct lks_spill *spill);

/* A file that has no name from the start, or loses it at once: however the process ends,
 * nothing is left. Zero it to start. */
struct lks_spool {
    struct lks_spill *spill;
    int file; /* descriptor + 1; 0: not open yet */
    uint64_t size_bytes;
};

/* Appends, opening the file first where it is not. LKS_EIO with a sentence that names the
 * folder: when the disk is full, or over the limit, it says so. One thread at a time. */
int lks_spool_append(struct lks_spool *spool, struct lks_spill *spill, const void *data,
                     size_t size_bytes, struct lks_error *err);
/* Reads what was appended; any thread, once appending is over. LKS_EIO. */
int lks_spool_read(const struct lks_spool *spool, uint64_t offset_bytes, void *data,
                   size_t size_bytes, struct lks_error *err);
/* Gives the disk back and forgets the content; zeroed spools are fine. */
void lks_spool_close(struct lks_spool *spool);

#endif
