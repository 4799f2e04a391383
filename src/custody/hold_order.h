/* hold_order.h - the order that changes a hold: what approvers read, and sign
 *
 * An order as custody/approval.h has it, with members of its own:
 *
 *     {"action":"hold amend","accounts":["tiktok:74..."],"case":"lockstep/2f1c...","from":"2024-11-24T00:00:00Z",
 *      "hold":"H1","kinds":["posts"],"nonce":"5d0a...","reason":"...","version":2}
 *
 * It says the whole scope after it, part by part (a part that is not there covers every one), and names
 * the version of the hold that it changes: so it is good for that change alone. */
#ifndef LKS_CUSTODY_HOLD_ORDER_H
#define LKS_CUSTODY_HOLD_ORDER_H

#include "custody/hold.h"

/* Strings are borrowed, or of the arena. */
struct lks_hold_order {
    const char *origin; /* of the case's log; of one that was read it is the one asked for */
    struct lks_str hold;
    int release;      /* else it amends */
    unsigned version; /* of the hold, before it */
    struct lks_str reason;
    struct lks_hold_scope scope; /* after it; of a release empty */
};

/* Adds the text, with a nonce of its own. LKS_EARGUMENT where it would be longer than may be signed;
 * LKS_EMEMORY, LKS_EIO. */
int lks_hold_order_format(const struct lks_hold_order *order, struct lks_buffer *out,
                          struct lks_error *err);
/* Reads one that is for the case of that origin. LKS_EINPUT with what it is else; LKS_EMEMORY. */
int lks_hold_order_parse(struct lks_str text, const char *origin, struct lks_arena *arena,
                         struct lks_hold_order *order, struct lks_error *err);

#endif
