/* json_string.c - the inside of a JSON string: where it ends, what it says
 *
 * Most strings of a record are short, plain and never looked at. The scan therefore only
 * hunts for the three things that can end it (a quote, a backslash, a control character),
 * sixteen bytes at a time with SSE2, which every x86-64 has; elsewhere a table does one
 * byte at a time. On the way it notes whether there was an escape or a byte above ASCII.
 * Only a string that is wanted and has one of the two is looked at a second time. */
#include "source/json_string.h"

#include "base/utf8.h"

static inline int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads `digits` hex digits; -1 where there are fewer. */
static inline int32_t hex_number(const char *at, const char *end, int digits)
{
    int32_t value = 0;
    if (end - at < digits)
        return -1;
    for (int i = 0; i < digits; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* How many bytes the escape after a backslash takes (without it), or 0 for none. */
static size_t escape_bytes(const char *at, const char *end, int hex_escapes)
{
    if (at == end)
        return 0;
    switch (*at) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return 1;
    case 'u':
        return hex_number(at + 1, end, 4) >= 0 ? 5 : 0;
    case 'x':
        return hex_escapes && hex_number(at + 1, end, 2) >= 0 ? 3 : 0;
    default:
        return 0;
    }
}

const char *lks_json_string_scan(const char *at, const char *end, int hex_escapes,
                                 struct lks_json_string *string, const char **reason)
{
    const char *start = at;
    int high = 0, escapes = 0;
    for (;;) {
        at = lks_json_plain_run(at, end, &high);
        if (at == end) {
            *reason = "not valid JSON: a string does not end";
            return NULL;
        }
        if (*at == '"')
            break;
        if (*at != '\\') {
            *reason = "not valid JSON: a control character in a string";
            return NULL;
        }
        size_t size = escape_bytes(at + 1, end, hex_escapes);
        if (size == 0) {
            *reason = "not valid JSON: an unknown escape in a string";
            return NULL;
        }
        escapes = 1;
        at += 1 + size;
    }
    string->raw = (struct lks_str){start, (size_t)(at - start)};
    string->has_escapes = escapes;
    string->has_high = high;
    return at + 1;
}

/* The bytes of text that belong to no valid sequence. */
static size_t bad_bytes_count(struct lks_str text)
{
    size_t bad = 0, at = 0;
    while ((at = lks_utf8_ascii_run(text, at)) < text.size_bytes) {
        uint32_t code;
        do { /* letters above ASCII stand together */
            at += lks_utf8_next(text, at, &code);
            bad += code == LKS_UTF8_BAD;
        } while (at < text.size_bytes && (unsigned char)text.data[at] >= 0x80);
    }
    return bad;
}

/* Reads the escape at *at (after the backslash), a second half of a surrogate pair too, and
 * writes its character; a half without the other becomes U+FFFD. */
static size_t put_escape(const char **at, const char *end, char *out, uint64_t *replaced_count,
                         uint64_t *hex_escapes_count)
{
    static const char plain[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *p = *at;
    if (*p == 'x') {
        *at = p + 3;
        ++*hex_escapes_count;
        return lks_utf8_put((uint32_t)hex_number(p + 1, end, 2), out);
    }
    if (*p != 'u') {
        *at = p + 1;
        *out = meant[strchr(plain, *p) - plain];
        return 1;
    }
    uint32_t code = (uint32_t)hex_number(p + 1, end, 4);
    p += 5;
    if (code >= 0xd800 && code <= 0xdfff) {
        int32_t low = -1;
        if (code < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u')
            low = hex_number(p + 2, end, 4);
        if (low >= 0xdc00 && low <= 0xdfff) {
            code = 0x10000 + ((code - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
            p += 6;
        } else {
            code = 0xfffd;
            ++*replaced_count;
        }
    }
    *at = p;
    return lks_utf8_put(code, out);
}

struct lks_str lks_json_string_content(const struct lks_json_string *string,
                                       struct lks_arena *arena, uint64_t *replaced_count,
                                       uint64_t *hex_escapes_count)
{
    struct lks_str raw = string->raw;
    size_t bad = string->has_high ? bad_bytes_count(raw) : 0;
    if (!string->has_escapes && bad == 0)
        return raw;
    *replaced_count += bad;
    /* No escape is shorter than its character; a bad byte becomes the three of U+FFFD. */
    char *copy = lks_arena_alloc(arena, raw.size_bytes + 2 * bad + 4);
    if (!copy)
        return LKS_STR_NULL;
    const char *at = raw.data, *end = raw.data + raw.size_bytes;
    char *out = copy;
    while (at < end) {
        const char *stop = memchr(at, '\\', (size_t)(end - at));
        if (!stop)
            stop = end;
        struct lks_str run = {at, (size_t)(stop - at)};
        if (bad == 0) {
            memcpy(out, run.data, run.size_bytes);
            out += run.size_bytes;
        } else {
            for (size_t i = 0; i < run.size_bytes;) {
                uint32_t code;
                i += lks_utf8_next(run, i, &code);
                out += lks_utf8_put(code, out);
            }
        }
        at = stop;
        if (at < end) {
            at++;
            out += put_escape(&at, end, out, replaced_count, hex_escapes_count);
        }
    }
    return (struct lks_str){copy, (size_t)(out - copy)};
}
