/* witness.h - C2SP tlog-witness: a second party that signs only what continues what it signed */
#ifndef LKS_VAULT_WITNESS_H
#define LKS_VAULT_WITNESS_H

#include "vault/checkpoint.h"

/* One proof line more than this and a request is refused. */
#define LKS_WITNESS_PROOF_MAX 63
#define LKS_WITNESS_REQUEST_BYTES_MAX (64 * 1024)

/* The body of `POST <prefix>/add-checkpoint`: the size that the witness last signed, the proof that
 * the checkpoint continues it (none where old is 0 or the size itself), the checkpoint. */
void lks_witness_request_format(uint64_t old_size, const struct lks_proof *proof,
                                struct lks_str checkpoint, struct lks_buffer *out);

/* A witness: what it signs with, whom it knows, and where it keeps what it last signed. */
struct lks_witness {
    struct lks_verifier verifier; /* of type LKS_NOTE_COSIGNATURE */
    const struct lks_signing_key *key;
    const struct lks_verifier *logs; /* [logs_count] of type LKS_NOTE_ED25519; the name is the
                                      * origin, which several may share: a log that changed its key */
    size_t logs_count;
    const char *folder; /* a file for each origin; must be there */
};

/* Answers a request: *status_out is the HTTP status, and the body is added to out. 200 with the
 * cosignature's line; 404 for an origin it does not know; 403 without a good signature by that
 * log's key; 400 for a malformed request or an old size above the checkpoint's; 409 with the size it
 * knows (as text/x.tlog.size) where `old` is not that; 422 where the proof does not hold. What it
 * signs is on disk before it answers. time_seconds is stamped. One call at a time for a folder.
 * LKS_EIO, LKS_EMEMORY: then nothing may be answered but a 500. */
int lks_witness_answer(const struct lks_witness *witness, struct lks_str request,
                       uint64_t time_seconds, int *status_out, struct lks_buffer *out,
                       struct lks_error *err);

/* Takes the lines that a witness answered and adds those that hold to a signed checkpoint, once
 * each. LKS_EINPUT where none by that witness holds. */
int lks_witness_add(struct lks_str checkpoint, struct lks_str lines,
                    const struct lks_verifier *witness, struct lks_buffer *out,
                    struct lks_error *err);

#endif
