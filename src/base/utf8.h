/* utf8.h - reading UTF-8 that may be broken */
#ifndef LKS_BASE_UTF8_H
#define LKS_BASE_UTF8_H

#include <stdint.h>

#include "base/str.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define LKS_UTF8_BAD UINT32_MAX

/* Reads the code point at offset `at` < text.size_bytes; returns how many bytes it takes
 * (at least 1). A byte that starts no valid sequence (RFC 3629: no overlong forms, no
 * surrogates, at most U+10FFFF) gives LKS_UTF8_BAD and 1. */
static inline size_t lks_utf8_next(struct lks_str text, size_t at, uint32_t *code)
{
    const unsigned char *p = (const unsigned char *)text.data + at;
    size_t left = text.size_bytes - at;
    *code = LKS_UTF8_BAD;
    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }
    if (p[0] >= 0xc2 && p[0] <= 0xdf && left >= 2 && (p[1] & 0xc0) == 0x80) {
        *code = (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
        return 2;
    }
    if ((p[0] & 0xf0) == 0xe0 && left >= 3 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80) {
        uint32_t c = (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
        if (c >= 0x800 && (c < 0xd800 || c > 0xdfff)) {
            *code = c;
            return 3;
        }
        return 1;
    }
    if ((p[0] & 0xf8) == 0xf0 && left >= 4 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80 &&
        (p[3] & 0xc0) == 0x80) {
        uint32_t c =
            (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
        if (c >= 0x10000 && c <= 0x10ffff) {
            *code = c;
            return 4;
        }
    }
    return 1;
}

/* The end of the ASCII bytes that begin at `at`, to sixteen bytes or less where the processor passes
 * over that many at a time. */
static inline size_t lks_utf8_ascii_run(struct lks_str text, size_t at)
{
#ifdef __SSE2__
    for (; text.size_bytes - at >= 16; at += 16) {
        const __m128i *bytes = (const __m128i *)(const void *)(text.data + at);
        unsigned high = (unsigned)_mm_movemask_epi8(_mm_loadu_si128(bytes));
        if (high)
            return at + (unsigned)__builtin_ctz(high);
    }
#endif
    uint64_t eight;
    for (; text.size_bytes - at >= 8; at += 8) {
        memcpy(&eight, text.data + at, 8);
        if (eight & UINT64_C(0x8080808080808080))
            break;
    }
    while (at < text.size_bytes && (unsigned char)text.data[at] < 0x80)
        at++;
    return at;
}

/* Writes a code point (valid, or U+FFFD is written); returns the bytes, 1 to 4. */
static inline size_t lks_utf8_put(uint32_t c, char out[4])
{
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        c = 0xfffd;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

#endif
