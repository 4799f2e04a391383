/* anchors.h - what others said of a case's log, and where it lies
 *
 *     CASE/vault/anchors/<size>.checkpoint     the checkpoint that was anchored, as the log signed it
 *     CASE/vault/anchors/<size>.<id>.cosig     a witness's line for it; id: of its key, 8 hex digits
 *     CASE/vault/anchors/<size>.<k>.tsr        an RFC 3161 token for the bytes of that checkpoint
 *     CASE/vault/anchors/<size>.<k>.pem        the certificates that were trusted for it
 *     CASE/vault/anchors/<size>.<k>.tsq        a query that was sent by other means
 *
 * `anchor` statements say in the clear: form (cosignature or timestamp), size, root, file, sha256,
 * said (the time that the other stated); of a cosignature witness (its verifier key); of a time stamp
 * authority and serial, and trust_sha256. */
#ifndef LKS_CASE_ANCHORS_H
#define LKS_CASE_ANCHORS_H

#include "case/vault.h"

enum lks_anchor_form {
    LKS_ANCHOR_COSIGNATURE,
    LKS_ANCHOR_TIMESTAMP,
    LKS_ANCHOR_QUERY /* a .tsq to which no .tsr has come */
};

struct lks_anchor {
    enum lks_anchor_form form;
    uint64_t size; /* of the checkpoint */
    char name[64]; /* of the file, without its ending: "1234.1", "1234.0a1b2c3d" */
};

/* The anchors that lie there, by size and name. Zero it to start. */
struct lks_anchors {
    struct lks_anchor *items;
    size_t count, room;
};
/* No folder is no anchors. LKS_EIO, LKS_EMEMORY. */
int lks_anchors_list(const char *case_path, struct lks_anchors *anchors, struct lks_error *err);
/* The same of a folder of anchors, wherever it lies. */
int lks_anchors_list_in(const char *path, struct lks_anchors *anchors, struct lks_error *err);
void lks_anchors_free(struct lks_anchors *anchors);

/* Writes "CASE/vault/anchors/NAME" and the ending, which may be "". */
int lks_anchor_path(const char *case_path, const char *name, const char *ending,
                    char out[LKS_CASE_PATH_BYTES], struct lks_error *err);
/* The name of the next time stamp or query of that size. */
void lks_anchor_next(const struct lks_anchors *anchors, uint64_t size, char name[64]);
/* Reads "<size>.checkpoint". LKS_EMISSING. */
int lks_anchor_checkpoint(const char *case_path, uint64_t size, struct lks_buffer *out,
                          struct lks_error *err);

/* A checkpoint that somebody is asked about. origin is borrowed from bytes. */
struct lks_anchored {
    struct lks_buffer bytes; /* the note: text, and the log's own line alone */
    struct lks_checkpoint checkpoint;
};
/* Takes the case's checkpoint and keeps it under its size; the vault is open, so that it stands.
 * Freed by lks_anchored_free. LKS_EIO, LKS_EINPUT, LKS_EMEMORY. */
int lks_anchored_take(const char *case_path, struct lks_vault *vault, struct lks_anchored *anchored,
                      struct lks_error *err);
void lks_anchored_free(struct lks_anchored *anchored);

#endif
