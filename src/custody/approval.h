/* approval.h - an order that several people sign, each with a key of their own
 *
 * What must not be done by one person alone is written down as an order: a text that names the case
 * and what shall be done. Each approver reads it and signs its SHA-256; the signatures gather in one
 * signed note (C2SP), which travels between their machines:
 *
 *     lockstep approval 1
 *     sha256 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
 *
 *     — ana Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5...
 *     — radu cxgrVtzpiNaPSdQ2MtZj9l8...
 *
 * The same text signed for one case says nothing of another, so the text names its case,
 * and holds a random value: then it is good only once, and its digest, which may stand in a log in
 * the clear, cannot be guessed. */
#ifndef LKS_CUSTODY_APPROVAL_H
#define LKS_CUSTODY_APPROVAL_H

#include "base/arena.h"
#include "vault/canon.h"
#include "vault/verifiers.h"

#define LKS_ORDER_BYTES_MAX (64 * 1024)
#define LKS_APPROVAL_BYTES_MAX (64 * 1024)

/* Orders are canonical JSON objects and a newline. Starts one on a zeroed canon, with the case (the
 * origin of its log), the action and a random nonce; the caller adds members. LKS_EIO. */
int lks_order_start(struct lks_canon *canon, const char *origin, const char *action,
                    struct lks_error *err);
/* Ends it: adds the text to out. LKS_EMEMORY. */
int lks_order_finish(struct lks_canon *canon, struct lks_buffer *out, struct lks_error *err);
/* Whether a text is an order for that case and action, in its one writing. LKS_EINPUT with what it is
 * else; LKS_EMEMORY. */
int lks_order_check(struct lks_str order, const char *origin, const char *action,
                    struct lks_arena *arena, struct lks_error *err);
/* A text member of an order that was checked; null where there is none. */
struct lks_str lks_order_text(struct lks_str order, const char *member, struct lks_arena *arena);

/* Adds what keys sign for an order: the two lines above. */
void lks_approval_text(struct lks_str order, struct lks_buffer *out);
/* Adds to out the note for the order with the key's signature on it. note is the one that others
 * signed before, or null; a key that signed already is not added twice. verifier names the key and
 * is of type LKS_NOTE_ED25519. LKS_EINPUT where the note is malformed or of another order;
 * LKS_EMEMORY. */
int lks_approval_sign(struct lks_str order, struct lks_str note,
                      const struct lks_verifier *verifier, const struct lks_signing_key *key,
                      struct lks_buffer *out, struct lks_error *err);
/* Which approvers signed the order, in their own order in the list: *signers has room for
 * approvers->count, *count_out is how many. A public key counts once, under whatever names; lines of
 * keys that are not in the list are passed over, and none at all is a count of 0. LKS_EINPUT where
 * the note is malformed, of another order, or an approver's line does not hold; LKS_EMEMORY. */
int lks_approval_count(struct lks_str order, struct lks_str note,
                       const struct lks_verifiers *approvers, const struct lks_verifier **signers,
                       unsigned *count_out, struct lks_error *err);

#endif
