/* log.h - an append-only log of opaque entries that cannot take back what it signed
 *
 * Layout of its folder:
 *
 *     checkpoint, tile/...   what anyone may read: C2SP tlog-tiles
 *     journal/               entries on their way into tiles
 *     signed                 the largest size and root that was ever signed
 *     lock                   held by the one program that writes */
#ifndef LKS_VAULT_LOG_H
#define LKS_VAULT_LOG_H

#include "vault/checkpoint.h"
#include "vault/tree.h"

struct lks_log;

/* What opening found. */
struct lks_log_state {
    uint64_t size;          /* entries that are safe */
    uint64_t signed_size;   /* of them, covered by a signature */
    uint64_t journal_count; /* of them, read from the journal: not yet signed */
    uint64_t torn_bytes;    /* of an entry that was never acknowledged, cut off the journal */
    char refusal[1024];     /* why nothing more is taken; empty where all is well */
};

/* Makes an empty log. origin names it, in its checkpoints and as the name of its key. LKS_EARGUMENT
 * where there is one already. */
int lks_log_make(const char *folder, const char *origin, struct lks_error *err);
/* What bounds memory, and the time to open again. */
struct lks_log_limits {
    size_t staged_bytes;      /* staged entries that start a commit by themselves */
    size_t rows_bytes;        /* entries in memory that start a writing of tiles */
    uint64_t segment_bytes;   /* what one segment of the journal may grow to */
    uint64_t journal_entries; /* signed entries in the journal that are worth a new beginning */
};
struct lks_log_limits lks_log_limits_default(void);

/* Opens a log for writing: takes its lock, reads the journal, makes the right edge again, and holds
 * it against what was signed. A log that is shorter than what was signed, that has another
 * root, or whose files contradict each other opens too, but takes nothing more:
 * state->refusal says why. limits may be NULL. LKS_EMISSING, LKS_EIO, LKS_EMEMORY; LKS_EINPUT where another
 * program has the lock. */
int lks_log_open(const char *folder, const char *origin, const struct lks_log_limits *limits,
                 struct lks_log **log_out, struct lks_log_state *state, struct lks_error *err);
/* Stages an entry; *index_out is its place. LKS_EINPUT where the log refuses or the entry is
 * longer than LKS_ENTRY_BYTES_MAX; LKS_EIO after any failure of the disk, from then on always. */
int lks_log_append(struct lks_log *log, const void *entry, size_t size_bytes, uint64_t *index_out,
                   struct lks_error *err);
/* Group commit: when it returns 0, everything appended so far is safe and may be acknowledged. */
int lks_log_sync(struct lks_log *log, struct lks_error *err);
/* Syncs, writes tiles, notes the size and root as signed, signs, and publishes the checkpoint, in
 * that order. The checkpoint is added to out where it is not NULL. */
int lks_log_publish(struct lks_log *log, const struct lks_verifier *verifier,
                    const struct lks_signing_key *key, struct lks_buffer *out,
                    struct lks_error *err);
/* Entries appended, safe or not yet. */
uint64_t lks_log_size(const struct lks_log *log);
/* Gives up what was not synced, and the lock. NULL is fine. */
void lks_log_close(struct lks_log *log);

/* ---- reading, by anyone, while it grows or not ---- */

/* The log's signed checkpoint, as it stands: adds its bytes. LKS_EMISSING, LKS_EIO. */
int lks_log_checkpoint(const char *folder, struct lks_buffer *out, struct lks_error *err);
/* Tiles of a folder, for lks_tree_open. The folder's name is borrowed. */
struct lks_tile_source lks_log_tiles(const char *folder);
/* Calls entry for each of the entries [first, end) of a log that has at least end entries in its
 * tiles; stops when it returns non-zero. LKS_EINPUT for damaged bundles. */
int lks_log_entries(const char *folder, uint64_t size, uint64_t first, uint64_t end,
                    int (*entry)(void *context, uint64_t index, struct lks_str entry,
                                 struct lks_error *err),
                    void *context, struct lks_error *err);

#endif
