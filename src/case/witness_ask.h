/* witness_ask.h - asking a witness for its cosignature (C2SP tlog-witness, the client's side) */
#ifndef LKS_CASE_WITNESS_ASK_H
#define LKS_CASE_WITNESS_ASK_H

#include "vault/tree.h"
#include "vault/witness.h"

/* One witness, and how it is reached. */
struct lks_witness_address {
    const char *url; /* the prefix: "/add-checkpoint" is added */
    struct lks_verifier verifier;
    const char *proxy;
    unsigned timeout_seconds;
};

/* Asks for the cosignature of a checkpoint of size entries, whose tiles are given. old_size is what
 * the witness is thought to know; where it is not so, the proof is made again from what it says. The
 * line, which was checked, is added to out; *time_out is the witness's clock. LKS_EIO where it cannot
 * be reached; LKS_EINPUT with the reason where it refuses, or knows another or a longer history. */
int lks_witness_ask(const struct lks_witness_address *witness, const struct lks_tile_source *tiles,
                    struct lks_str checkpoint, uint64_t size, uint64_t old_size,
                    const struct lks_control *control, struct lks_buffer *out, uint64_t *time_out,
                    struct lks_error *err);

/* What an answer of a witness comes to, however it came. 1: out got the line; 0: the proof shall be
 * made again from *old_size; LKS_EIO, LKS_EINPUT with the reason; LKS_EMEMORY. */
int lks_witness_answer_take(const struct lks_verifier *witness, struct lks_str checkpoint,
                            uint64_t size, int status, struct lks_str body, uint64_t *old_size,
                            struct lks_buffer *out, uint64_t *time_out, struct lks_error *err);

#endif
