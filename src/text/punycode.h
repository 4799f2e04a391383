/* punycode.h - names of hosts written in ASCII ("xn--...") back to what they say */
#ifndef LKS_TEXT_PUNYCODE_H
#define LKS_TEXT_PUNYCODE_H

#include <stdint.h>

#include "base/arena.h"

/* The longest label that the domain name system has. */
#define LKS_LABEL_BYTES_MAX 63

/* Decodes Punycode (RFC 3492), without "xn--", into code points; returns how many, or -1 where
 * text is not Punycode, names something that is no code point, or is longer than a label. Any
 * thread. */
int lks_punycode_decode(struct lks_str text, uint32_t codes[LKS_LABEL_BYTES_MAX]);

/* Appends host to out, each label "xn--..." as what it says in UTF-8. A label stays as it is where it
 * does not decode, or to something that a registry would have written in another way: not folded
 * (lks_text_fold), not of letters, marks, digits and hyphens alone, or all ASCII. So two
 * writings of a name are one, and nothing is decoded that does not encode back. host is in lower
 * case. Returns 0 or LKS_EMEMORY. */
int lks_host_decode(struct lks_str host, struct lks_buffer *out);

#endif
