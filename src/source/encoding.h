/* encoding.h - is it UTF-8, and if not, what Windows-1252 makes of it */
#ifndef LKS_SOURCE_ENCODING_H
#define LKS_SOURCE_ENCODING_H

#include <stdint.h>

#include "base/arena.h"

/* Returns whether text is valid UTF-8 (RFC 3629) without a NUL byte. */
bool lks_text_is_clean(struct lks_str text);
bool lks_text_has_nul(struct lks_str text);

/* Decodes Windows-1252, the five unassigned bytes as the C1 controls that browsers take
 * them for (WHATWG Encoding, index windows-1252). data is NULL when memory is out. */
struct lks_str lks_cp1252_decode(struct lks_str text, struct lks_arena *arena);

/* Counts \n. */
uint64_t lks_line_ends(struct lks_str text);

#endif
