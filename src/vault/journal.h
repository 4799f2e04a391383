/* journal.h - the log's first place: entries in the order in which they came, safe once synced */
#ifndef LKS_VAULT_JOURNAL_H
#define LKS_VAULT_JOURNAL_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "vault/disk.h"

/* One segment that is being written. */
struct lks_journal {
    int file;
    char path[LKS_DISK_PATH_BYTES];
    uint64_t next;       /* sequence number that the next frame gets */
    uint64_t size_bytes; /* on disk */
    struct lks_buffer staged;
};

/* What reading a folder of segments found. */
struct lks_journal_scan {
    uint64_t first, next; /* frames first to next - 1 are good, and none is missing between */
    uint64_t torn_bytes;  /* behind the last good frame: never acknowledged, cut when writing */
    uint64_t last_start;  /* first sequence of the last segment */
    uint64_t last_bytes;  /* good bytes in it */
    int segments_count;
};

/* Reads every segment in order; frame is called with each entry and stops the reading when it
 * returns non-zero. LKS_EMISSING where the folder has no segment; LKS_EINPUT where a segment is
 * damaged before its end, does not follow the one before it, or belongs to another log. */
int lks_journal_read(const char *folder, const char *origin,
                     int (*frame)(void *context, uint64_t sequence, struct lks_str entry,
                                  struct lks_error *err),
                     void *context, struct lks_journal_scan *scan, struct lks_error *err);
/* Makes a new segment that starts at the sequence number, durable and empty. */
int lks_journal_start(struct lks_journal *journal, const char *folder, const char *origin,
                      uint64_t first, struct lks_error *err);
/* Removes the segments before the one that starts there: the caller no longer needs them. */
int lks_journal_drop(const char *folder, uint64_t first, struct lks_error *err);
/* Goes on behind what a scan found; a torn tail is cut first. */
int lks_journal_resume(struct lks_journal *journal, const char *folder,
                       const struct lks_journal_scan *scan, struct lks_error *err);
/* Stages an entry of at most LKS_ENTRY_BYTES_MAX bytes in memory; LKS_EMEMORY. */
int lks_journal_add(struct lks_journal *journal, const void *entry, size_t size_bytes,
                    struct lks_error *err);
/* Writes what is staged and waits for the disk: a group commit. Entries may be acknowledged
 * after it. LKS_EIO is final. */
int lks_journal_sync(struct lks_journal *journal, struct lks_error *err);
void lks_journal_close(struct lks_journal *journal); /* what was not synced is given up */

#endif
