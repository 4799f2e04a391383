/* order.h - the text of an order that changes a hold: what approvers read, and sign
 *
 *     lockstep order 1
 *     case lockstep/2f1c...
 *     action release
 *     hold H1
 *     version 2
 *     nonce 5d0a...
 *     reason the authority withdrew its order
 *
 * An order to amend goes on with the whole scope after it, a line each: "platform tiktok", "account
 * tiktok:74...", "term ...", "from 2024-11-24T00:00:00Z", "to ...", "kind posts". It names the version of
 * the hold that it changes, so that it is good for that change alone. */
#ifndef LKS_CUSTODY_ORDER_H
#define LKS_CUSTODY_ORDER_H

#include "custody/hold.h"

#define LKS_ORDER_NONCE_BYTES 33 /* 32 hex digits and a NUL */

/* Strings are borrowed, or of the arena. */
struct lks_order {
    struct lks_str case_origin, hold;
    int release;      /* else it amends */
    unsigned version; /* of the hold, before it */
    struct lks_str nonce, reason;
    struct lks_hold_scope scope; /* after it; of a release empty */
};

/* Writes 32 random hex digits; LKS_EIO. */
int lks_order_nonce(char nonce[LKS_ORDER_NONCE_BYTES], struct lks_error *err);
/* Adds the text. LKS_EARGUMENT where a value holds a line end, or the text would be longer than may
 * be signed (custody/approval.h); LKS_EMEMORY. */
int lks_order_format(const struct lks_order *order, struct lks_buffer *out, struct lks_error *err);
/* Reads one. LKS_EINPUT with the line that cannot be understood; LKS_EMEMORY. */
int lks_order_parse(struct lks_str text, struct lks_arena *arena, struct lks_order *order,
                    struct lks_error *err);

#endif
