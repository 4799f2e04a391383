/* json_string.h - the inside of a JSON string: where it ends, what it says */
#ifndef LKS_SOURCE_JSON_STRING_H
#define LKS_SOURCE_JSON_STRING_H

#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/arena.h"

static inline int lks_json_ends_plain_run(unsigned char byte)
{
    return byte == '"' || byte == '\\' || byte < 0x20;
}

/* Passes over plain bytes; *high gathers whether one of them was above ASCII. */
static inline const char *lks_json_plain_run(const char *at, const char *end, int *high)
{
#ifdef __SSE2__
    while (end - at >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
        __m128i special = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                       _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
        unsigned stops = (unsigned)_mm_movemask_epi8(_mm_or_si128(control, special));
        unsigned highs = (unsigned)_mm_movemask_epi8(bytes);
        if (stops) {
            unsigned run = (unsigned)__builtin_ctz(stops);
            *high |= (highs & ((1u << run) - 1)) != 0;
            return at + run;
        }
        *high |= highs != 0;
        at += 16;
    }
#endif
    while (at < end && !lks_json_ends_plain_run((unsigned char)*at)) {
        *high |= (unsigned char)*at >= 0x80;
        at++;
    }
    return at;
}

/* The closing quote of a string of fewer than sixteen bytes without escapes, as names of members and
 * most values are; NULL for all others. at is the first byte after the opening quote. *high
 * says whether a byte is above ASCII. */
static inline const char *lks_json_short_string(const char *at, const char *end, int *high)
{
#ifdef __SSE2__
    if (end - at >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
        __m128i special = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                       _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
        unsigned stops = (unsigned)_mm_movemask_epi8(_mm_or_si128(control, special));
        unsigned run = (unsigned)__builtin_ctz(stops | 0x10000);
        *high = ((unsigned)_mm_movemask_epi8(bytes) & ((1u << run) - 1)) != 0;
        return run < 16 && at[run] == '"' ? at + run : NULL;
    }
#endif
    (void)at, (void)end, (void)high;
    return NULL;
}

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
