/* fold.h - one writing for texts that look or read alike: NFKC, case folding, no invisible marks */
#ifndef LKS_TEXT_FOLD_H
#define LKS_TEXT_FOLD_H

#include "base/str.h"

/* Appends text in NFKC, case-folded, without default-ignorable code points (zero-width
 * characters, variation selectors, bidi marks). Bytes that are not UTF-8 become U+FFFD; of
 * a run of combining marks the first 30 count (UAX #15, Stream-Safe Text Format). Idempotent.
 * Returns 0 or LKS_EMEMORY. Any thread. */
int lks_text_fold(struct lks_str text, struct lks_buffer *out);

/* The same for comparing texts: also white space and controls to blanks (those of ASCII may
 * stay), decimal digits of other scripts to '0', Arabic tatweel stripped, stylings and (in words that
 * also hold Latin letters) look-alikes to the letter they pass for. Idempotent. */
int lks_text_fold_look(struct lks_str text, struct lks_buffer *out);

#endif
