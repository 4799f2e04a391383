/* matcher.h - which holds cover a thing, for many things: lks_hold_covers, made ready once
 *
 * Terms are folded and lists of accounts hashed when it is made; a text is folded once, whatever the
 * number of holds. */
#ifndef LKS_CUSTODY_MATCHER_H
#define LKS_CUSTODY_MATCHER_H

#include "custody/hold.h"

struct lks_matcher;

/* Of the holds that stand; they must outlive it and not change. *matcher_out is freed by
 * lks_matcher_free. LKS_EMEMORY. */
int lks_matcher_new(const struct lks_holds *holds, struct lks_matcher **matcher_out,
                    struct lks_error *err);
void lks_matcher_free(struct lks_matcher *matcher); /* NULL is fine */
/* Writes into kinds_out[holds->count], for each hold, the kinds of data that it covers with the
 * item's platform, account, text and time; 0: none. item->kind is not looked at. The result is all
 * of them together. LKS_EMEMORY below 0. One thread at a time. */
int lks_matcher_kinds(struct lks_matcher *matcher, const struct lks_held_item *item,
                      unsigned *kinds_out, struct lks_error *err);

#endif
