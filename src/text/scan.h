/* scan.h - where a link, a hashtag or a mention begins and ends in a text */
#ifndef LKS_TEXT_SCAN_H
#define LKS_TEXT_SCAN_H

#include "base/str.h"

/* Each returns the offset behind the entity that begins at `at`, or `at` when none does
 * there; what stands before `at` counts. Cost: the length of the entity. */

/* "http://", "https://" or "www." and what follows, without the punctuation at its end. */
size_t lks_scan_link(struct lks_str text, size_t at);
/* A number sign, plain or full-width, and its tag; *body_out is where the tag begins. after_tag
 * says that another tag ended right here ("#one#two"). */
size_t lks_scan_hashtag(struct lks_str text, size_t at, int after_tag, size_t *body_out);
/* "@", plain or full-width, and a handle of Latin letters, digits, underscores and inner
 * dots; *body_out is where the handle begins. */
size_t lks_scan_mention(struct lks_str text, size_t at, size_t *body_out);

/* Whether the entity that ends at `at` was cut by the platform: an ellipsis follows, and
 * nothing after it but a link. */
int lks_scan_is_cut(struct lks_str text, size_t at);

#endif
