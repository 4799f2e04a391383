/* mask.h - a text without what points at somebody: handles, links, addresses, numbers */
#ifndef LKS_TEXT_MASK_H
#define LKS_TEXT_MASK_H

#include "base/str.h"

enum { LKS_MASK_HANDLES = 1, LKS_MASK_LINKS = 2, LKS_MASK_NUMBERS = 4, LKS_MASK_ALL = 7 };

/* Appends the text, in which
 * - a run without blanks that holds "@" in any width (a handle, an e-mail address) is "[handle]",
 * - one that holds "://", "www." or a dot between a letter or digit and two letters ("t.me/x",
 *   but also two sentences without a blank between them) is "[link]",
 * - one or more runs with a digit of any script are "[number]"; tags keep their digits.
 * In doubt it masks. Blanks become one; what is no UTF-8 becomes U+FFFD. Names in plain words stay:
 * no rule can find them. Twice is the same as once. Memory by out->failed. */
void lks_text_mask(struct lks_str text, unsigned what, struct lks_buffer *out);

#endif
