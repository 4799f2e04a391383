/* row.c - what every adapter does with the fields of a row */
#include "source/row.h"

#include <xxhash.h>

#include "base/sha256.h"
#include "source/source.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int64_t lks_count_parse(struct lks_str text)
{
    int64_t value = 0;
    size_t at = 0, digits = 0;
    for (; at < text.size_bytes && (is_digit(text.data[at]) || text.data[at] == ','); at++) {
        if (text.data[at] == ',' && digits)
            continue;
        if (!is_digit(text.data[at]) || value > (INT64_MAX - 9) / 10)
            return LKS_COUNT_NULL;
        value = value * 10 + (text.data[at] - '0');
        digits++;
    }
    if (digits && at < text.size_bytes && text.data[at] == '.')
        for (at++; at < text.size_bytes && text.data[at] == '0';)
            at++;
    return digits && at == text.size_bytes ? value : LKS_COUNT_NULL;
}

static bool equal_ignoring_case(struct lks_str a, const char *b)
{
    size_t size = strlen(b);
    if (a.size_bytes != size)
        return false;
    for (size_t i = 0; i < size; i++) {
        char c = a.data[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        if (c != b[i])
            return false;
    }
    return true;
}

int lks_flag_parse(struct lks_str text)
{
    static const char *const yes[] = {"true", "1", "t", "yes", "1.0"};
    static const char *const no[] = {"false", "0", "f", "no", "0.0"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (equal_ignoring_case(text, yes[i]))
            return 1;
        if (equal_ignoring_case(text, no[i]))
            return 0;
    }
    return -1;
}

bool lks_id_is_lost(struct lks_str id)
{
    size_t at = 0, digits = 0;
    /* Most ids are digits to their end: an exponent would stand in the last five bytes. */
    size_t tail = id.size_bytes < 5 ? 0 : id.size_bytes - 5;
    while (tail < id.size_bytes && id.data[tail] != 'E' && id.data[tail] != 'e')
        tail++;
    if (tail == id.size_bytes)
        return false;
    for (;
         at < id.size_bytes && (is_digit(id.data[at]) || id.data[at] == '.' || id.data[at] == ',');
         at++)
        digits += is_digit(id.data[at]);
    if (!digits || at == id.size_bytes || (id.data[at] != 'E' && id.data[at] != 'e'))
        return false;
    at++;
    if (at < id.size_bytes && (id.data[at] == '+' || id.data[at] == '-'))
        at++;
    for (digits = 0; at < id.size_bytes && is_digit(id.data[at]); at++)
        digits++;
    return digits > 0 && at == id.size_bytes;
}

struct lks_str lks_value_or_null(struct lks_str text)
{
    static const char *const nothing[] = {"absent", "na", "nan", "null", "none", ""};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        if (equal_ignoring_case(text, nothing[i]))
            return LKS_STR_NULL;
    return text;
}

struct lks_str lks_key_make(struct lks_arena *arena, const char *platform, struct lks_str id)
{
    size_t prefix = strlen(platform);
    if (!id.data)
        return LKS_STR_NULL;
    char *key = lks_arena_alloc(arena, prefix + 1 + id.size_bytes);
    if (!key)
        return LKS_STR_NULL;
    memcpy(key, platform, prefix);
    key[prefix] = ':';
    memcpy(key + prefix + 1, id.data, id.size_bytes);
    return (struct lks_str){key, prefix + 1 + id.size_bytes};
}

static void row_digest(const struct lks_batch *batch, struct lks_str row_bytes,
                       unsigned char digest[LKS_SHA256_BYTES])
{
    if (!batch->row_secret) {
        lks_sha256_of(row_bytes.data, row_bytes.size_bytes, digest);
        return;
    }
    XXH128_hash_t hash = XXH3_128bits_withSecret(row_bytes.data, row_bytes.size_bytes,
                                                 batch->row_secret, LKS_ROW_SECRET_BYTES);
    memcpy(digest, &hash, sizeof hash);
}

struct lks_str lks_key_of_row(struct lks_batch *batch, const char *platform,
                              struct lks_str row_bytes)
{
    unsigned char digest[LKS_SHA256_BYTES];
    static const char digits[] = "0123456789abcdef";
    size_t prefix = strlen(platform);
    char *key = lks_arena_alloc(&batch->arena, prefix + 1 + 4 + 32);
    if (!key)
        return LKS_STR_NULL;
    memcpy(key, platform, prefix);
    if (prefix)
        key[prefix++] = ':';
    memcpy(key + prefix, "row-", 4);
    prefix += 4;
    row_digest(batch, row_bytes, digest);
    for (size_t i = 0; i < 16; i++) {
        key[prefix + 2 * i] = digits[digest[i] >> 4];
        key[prefix + 2 * i + 1] = digits[digest[i] & 15];
    }
    return (struct lks_str){key, prefix + 32};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct lks_str trimmed(struct lks_str text)
{
    while (text.size_bytes && is_blank(*text.data)) {
        text.data++;
        text.size_bytes--;
    }
    while (text.size_bytes && is_blank(text.data[text.size_bytes - 1]))
        text.size_bytes--;
    return text;
}

/* Takes off what encloses a list, and says so. */
static bool brackets_off(struct lks_str *text)
{
    static const char pairs[][2] = {{'[', ']'}, {'{', '}'}, {'(', ')'}};
    if (text->size_bytes < 2)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (text->data[0] == pairs[i][0] && text->data[text->size_bytes - 1] == pairs[i][1]) {
            *text = trimmed((struct lks_str){text->data + 1, text->size_bytes - 2});
            return true;
        }
    return false;
}

/* A quoted item runs to its closing quote, a bare one to a separator. In brackets only a
 * comma separates bare items; without them blanks, commas, semicolons and bars do, but a
 * comma or semicolon inside a link does not: it must be followed by a blank, a link or
 * nothing with "://" in it. */
static size_t item_end(struct lks_str text, size_t at, bool in_brackets, bool *quoted)
{
    char open = text.data[at];
    *quoted = open == '\'' || open == '"';
    if (*quoted) {
        for (at++; at < text.size_bytes && text.data[at] != open; at++)
            if (text.data[at] == '\\' && at + 1 < text.size_bytes)
                at++;
        return at;
    }
    struct lks_str rest = {text.data + at, text.size_bytes - at};
    bool link = rest.size_bytes > 8 &&
                (memcmp(rest.data, "http://", 7) == 0 || memcmp(rest.data, "https://", 8) == 0);
    for (; at < text.size_bytes; at++) {
        char c = text.data[at];
        if (!in_brackets && is_blank(c))
            return at;
        bool separator = c == ',' || (!in_brackets && (c == ';' || c == '|'));
        if (!separator)
            continue;
        if (!link)
            return at;
        size_t next = at + 1;
        while (next < text.size_bytes && is_blank(text.data[next]))
            next++;
        rest = (struct lks_str){text.data + next, text.size_bytes - next};
        if (next > at + 1 || !rest.size_bytes ||
            (rest.size_bytes > 4 && memcmp(rest.data, "http", 4) == 0))
            return at;
    }
    return at;
}

size_t lks_list_split(struct lks_str text, struct lks_str *items, size_t items_max)
{
    size_t count = 0, at = 0;
    text = trimmed(text);
    bool in_brackets = brackets_off(&text);
    while (at < text.size_bytes && count < items_max) {
        char c = text.data[at];
        if (is_blank(c) || c == ',' || (!in_brackets && (c == ';' || c == '|'))) {
            at++;
            continue;
        }
        bool quoted;
        size_t end = item_end(text, at, in_brackets, &quoted);
        struct lks_str item = {text.data + at + quoted, end - at - quoted};
        if (!quoted)
            item = trimmed(item);
        if (item.size_bytes)
            items[count++] = item;
        at = quoted ? end + 1 : end;
    }
    return count;
}
