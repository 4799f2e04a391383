/* json_string.h - the inside of a JSON string: where it ends, what it says */
#ifndef LKS_SOURCE_JSON_STRING_H
#define LKS_SOURCE_JSON_STRING_H

#include <stdint.h>

#include "base/arena.h"

/* What the scan of a string saw on its way. */
struct lks_json_string {
    struct lks_str raw; /* between the quotes, escapes as they stand */
    int has_escapes;
    int has_high; /* bytes of 0x80 and above */
};

/* Scans a string whose first byte after the quote is at; returns the place after the closing
 * quote, or NULL with *reason. hex_escapes: "\xNN" is allowed. */
const char *lks_json_string_scan(const char *at, const char *end, int hex_escapes,
                                 struct lks_json_string *string, const char **reason);

/* The content of a scanned string: raw itself when nothing in it needs a change, else a copy in
 * the arena (data NULL when memory is out). Both counts are added to. */
struct lks_str lks_json_string_content(const struct lks_json_string *string,
                                       struct lks_arena *arena, uint64_t *replaced_count,
                                       uint64_t *hex_escapes_count);

#endif
