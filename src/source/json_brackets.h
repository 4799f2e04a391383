/* json_brackets.h - the fast way to the end of an object or array, over pieces of it */
#ifndef LKS_SOURCE_JSON_BRACKETS_H
#define LKS_SOURCE_JSON_BRACKETS_H

#include <stddef.h>
#include <stdint.h>

/* Where the scan stands between two pieces. Zero it before the opening bracket. */
struct lks_json_brackets {
    uint64_t depth;
    uint64_t in_string; /* 0, or all bits */
    uint64_t escaped;   /* 1: the next byte stands after a backslash */
    uint64_t newlines_count;
};

enum lks_json_brackets_result {
    LKS_JSON_BRACKETS_MORE,  /* the piece ended first */
    LKS_JSON_BRACKETS_END,   /* *at_out is behind the closing bracket */
    LKS_JSON_BRACKETS_BROKEN /* a line ends within a string: *at_out is at that newline */
};

/* Scans size bytes of data. Brackets are counted, not matched by kind: whether "{]" stands
 * there is for the reader to say. */
enum lks_json_brackets_result lks_json_brackets_scan(struct lks_json_brackets *brackets,
                                                     const char *data, size_t size_bytes,
                                                     size_t *at_out);

#endif
