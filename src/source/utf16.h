/* utf16.h - places in a text given in UTF-16 units, as Telegram counts them */
#ifndef LKS_SOURCE_UTF16_H
#define LKS_SOURCE_UTF16_H

#include <stdint.h>

#include "base/str.h"

struct lks_utf16_span {
    int64_t offset, length; /* in UTF-16 units: a character beyond U+FFFF counts two */
    struct lks_str text;    /* out: that slice of the text; null where it lies outside */
};

/* Finds the slices of all spans in one pass over text, in whatever order they are. places
 * is room for 2 * spans_count. A span that begins or ends within a character takes the
 * whole of it. */
struct lks_utf16_place {
    int64_t unit;
    uint32_t index;
};
void lks_utf16_slice(struct lks_str text, struct lks_utf16_span *spans, size_t spans_count,
                     struct lks_utf16_place *places);

#endif
