/* shown.h - text from outside, made fit to be shown on a terminal */
#ifndef LKS_BASE_SHOWN_H
#define LKS_BASE_SHOWN_H

#include "base/str.h"

/* Appends one line of somebody's text: control characters (which could drive a terminal),
 * bytes that are no UTF-8 and marks that turn the direction of writing become blanks; what
 * goes beyond limit_bytes is cut at a character, with "..." in its place. */
void lks_buffer_shown(struct lks_buffer *out, struct lks_str text, size_t limit_bytes);

#endif
