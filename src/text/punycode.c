/* punycode.c - names of hosts written in ASCII ("xn--...") back to what they say
 *
 * Punycode puts the ASCII characters of a label first, then, behind the last hyphen, where which
 * others go: numbers of variable length, each the distance to the next insertion, counted over
 * all places of all code points. A label has at most 63 bytes, so an array and moving its tail
 * do. Source: RFC 3492, sections 3 and 6.2; the names of its constants are kept. */
#include "text/punycode.h"

#include <string.h>

#include "base/error.h"
#include "base/utf8.h"
#include "text/fold.h"
#include "text/unicode.h"

enum { BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700, INITIAL_BIAS = 72, INITIAL_N = 128 };

static int digit_of(char c)
{
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    return c >= '0' && c <= '9' ? c - '0' + 26 : -1;
}

static uint32_t adapt(uint32_t delta, uint32_t count, int first)
{
    uint32_t k = 0;
    delta = first ? delta / DAMP : delta / 2;
    delta += delta / count;
    for (; delta > (BASE - TMIN) * TMAX / 2; k += BASE)
        delta /= BASE - TMIN;
    return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

/* Reads one number at *at; -1 where it breaks off, has a strange digit or is too large. */
static int64_t number(struct lks_str text, size_t *at, uint32_t bias)
{
    uint64_t value = 0, weight = 1;
    for (uint32_t k = BASE;; k += BASE) {
        int digit = *at < text.size_bytes ? digit_of(text.data[(*at)++]) : -1;
        if (digit < 0)
            return -1;
        value += (uint64_t)digit * weight;
        uint32_t t = k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;
        if (value > INT32_MAX)
            return -1;
        if ((uint32_t)digit < t)
            return (int64_t)value;
        weight *= BASE - t;
        if (weight > INT32_MAX)
            return -1;
    }
}

int lks_punycode_decode(struct lks_str text, uint32_t codes[LKS_LABEL_BYTES_MAX])
{
    uint32_t count = 0, n = INITIAL_N, bias = INITIAL_BIAS, place = 0;
    size_t at = 0;
    if (text.size_bytes > LKS_LABEL_BYTES_MAX)
        return -1;
    for (size_t i = text.size_bytes; i > 1; i--)
        if (text.data[i - 1] == '-') {
            at = i;
            break;
        }
    for (size_t i = 0; i + 1 < at; i++) {
        if ((unsigned char)text.data[i] >= 0x80)
            return -1;
        codes[count++] = (unsigned char)text.data[i];
    }
    while (at < text.size_bytes) {
        int64_t delta = number(text, &at, bias);
        if (delta < 0)
            return -1;
        uint64_t sum = place + (uint64_t)delta;
        count++; /* every code point takes a byte at least, so there is room */
        bias = adapt((uint32_t)delta, count, place == 0);
        if (sum / count > 0x10ffff - n)
            return -1;
        n += (uint32_t)(sum / count);
        place = (uint32_t)(sum % count);
        if (n >= 0xd800 && n <= 0xdfff)
            return -1;
        memmove(codes + place + 1, codes + place, (count - 1 - place) * sizeof *codes);
        codes[place++] = n;
    }
    return (int)count;
}

/* The label behind "xn--" as UTF-8 into text; its bytes, or 0 where it had better stay. */
static size_t label_decode(struct lks_str encoded, char text[4 * LKS_LABEL_BYTES_MAX],
                           struct lks_buffer *folded)
{
    uint32_t codes[LKS_LABEL_BYTES_MAX];
    int count = lks_punycode_decode(encoded, codes), other = 0;
    size_t size = 0;
    for (int i = 0; i < count; i++) {
        if (codes[i] != '-' && !lks_unicode_is_word(codes[i]))
            return 0;
        other |= codes[i] >= 0x80;
        size += lks_utf8_put(codes[i], text + size);
    }
    if (!other)
        return 0;
    lks_buffer_clear(folded);
    if (lks_text_fold((struct lks_str){text, size}, folded) != 0)
        return 0;
    return folded->size_bytes == size && memcmp(folded->data, text, size) == 0 ? size : 0;
}

int lks_host_decode(struct lks_str host, struct lks_buffer *out)
{
    struct lks_buffer folded = {0};
    char text[4 * LKS_LABEL_BYTES_MAX];
    for (size_t at = 0; at < host.size_bytes;) {
        const char *dot = memchr(host.data + at, '.', host.size_bytes - at);
        size_t end = dot ? (size_t)(dot - host.data) : host.size_bytes;
        size_t size = 0;
        if (end - at > 4 && memcmp(host.data + at, "xn--", 4) == 0)
            size = label_decode((struct lks_str){host.data + at + 4, end - at - 4}, text, &folded);
        if (size)
            lks_buffer_append(out, text, size);
        else
            lks_buffer_append(out, host.data + at, end - at);
        if (dot)
            lks_buffer_byte(out, '.');
        at = end + 1;
    }
    int failed = out->failed || folded.failed;
    lks_buffer_free(&folded);
    return failed ? LKS_EMEMORY : 0;
}
