/* json_value.c - values of JSON by dotted path, whole numbers and ids */
#include "source/json_read.h"

#include "base/error.h"

/* ---- paths ----
 *
 * For each open level and path: what is left of the path there, null where it went
 * another way. A path of n dots opens at most n levels, and paths are short, so the levels
 * are bounded; what is deeper than LEVELS_MAX is not found. */
enum { LEVELS_MAX = 16 };

enum { SIZES = 64 }; /* names of more bytes share the last */

_Static_assert(LKS_JSON_PATHS_MAX <= 64, "a bit for each path");

struct walk {
    uint64_t by_size[SIZES]; /* at level 0: the paths that a name of so many bytes may begin */
    struct lks_str left[LEVELS_MAX + 1][LKS_JSON_PATHS_MAX];
    uint64_t open[LEVELS_MAX + 1]; /* a bit for each path that is not null there */
    uint64_t element_index[LEVELS_MAX + 1];
};

/* Goes one step down under key: fills the next level; 1 when a path goes on below it,
 * *hits has a bit for each path that ends here. */
static inline int step(struct walk *walk, uint32_t level, struct lks_str key, uint64_t *hits)
{
    uint64_t below = 0, open = walk->open[level];
    *hits = 0;
    if (level == 0)
        open = walk->by_size[key.size_bytes < SIZES ? key.size_bytes : SIZES - 1];
    for (; open; open &= open - 1) {
        unsigned i = (unsigned)__builtin_ctzll(open);
        struct lks_str left = walk->left[level][i];
        /* Most keys have another length or first byte: no call for those. */
        if (left.size_bytes < key.size_bytes ||
            (left.size_bytes > key.size_bytes && left.data[key.size_bytes] != '.') ||
            (key.size_bytes &&
             (*left.data != *key.data || memcmp(left.data, key.data, key.size_bytes) != 0)))
            continue;
        if (left.size_bytes == key.size_bytes)
            *hits |= UINT64_C(1) << i;
        else
            below |= UINT64_C(1) << i;
    }
    walk->open[level + 1] = below;
    for (uint64_t rest = below; rest; rest &= rest - 1) {
        unsigned i = (unsigned)__builtin_ctzll(rest);
        struct lks_str left = walk->left[level][i];
        walk->left[level + 1][i] =
            (struct lks_str){left.data + key.size_bytes + 1, left.size_bytes - key.size_bytes - 1};
    }
    return below != 0;
}

/* A path begins with a name of each size that a dot or its end makes. */
static void sizes_note(struct walk *walk, struct lks_str path, uint64_t bit)
{
    for (size_t i = 0; i <= path.size_bytes; i++)
        if (i == path.size_bytes || path.data[i] == '.')
            walk->by_size[i < SIZES ? i : SIZES - 1] |= bit;
}

static struct lks_str index_text(uint64_t index, char text[24])
{
    size_t at = 24;
    do {
        text[--at] = (char)('0' + index % 10);
        index /= 10;
    } while (index);
    return (struct lks_str){text + at, 24 - at};
}

int lks_json_get_paths(struct lks_str text, const struct lks_str *paths, size_t paths_count,
                       struct lks_json_value *values, struct lks_arena *arena, unsigned flags,
                       const char **reason_out)
{
    LKS_ASSERT(paths_count <= LKS_JSON_PATHS_MAX);
    struct lks_json_reader reader;
    struct walk walk;
    uint32_t level = 0;
    int is_object[LEVELS_MAX + 1];
    walk.open[0] = 0;
    memset(walk.by_size, 0, sizeof walk.by_size);
    for (size_t i = 0; i < paths_count; i++) {
        walk.left[0][i] = paths[i];
        if (paths[i].data) {
            walk.open[0] |= UINT64_C(1) << i;
            sizes_note(&walk, paths[i], UINT64_C(1) << i);
        }
        values[i] = (struct lks_json_value){LKS_JSON_NONE, LKS_STR_NULL};
    }
    lks_json_open(&reader, text, arena, flags);
    is_object[0] = lks_json_enter_object(&reader);
    walk.element_index[0] = 0;
    int inside = is_object[0] || lks_json_enter_array(&reader);
    while (inside) {
        struct lks_str key;
        char number[24];
        if (!(is_object[level] ? lks_json_member(&reader, &key) : lks_json_element(&reader))) {
            if (level == 0 || reader.reason)
                break;
            level--;
            continue;
        }
        if (!is_object[level])
            key = index_text(walk.element_index[level]++, number);
        uint64_t hits;
        int below = step(&walk, level, key, &hits);
        int ends_here = !below || level == LEVELS_MAX - 1;
        /* A value that is wanted whole and from within: read from a second reader, so that the
         * first can go down into it. */
        if (hits) {
            struct lks_json_value value;
            if (ends_here) {
                value = lks_json_read(&reader);
            } else {
                struct lks_json_reader whole = reader;
                value = lks_json_read(&whole);
            }
            for (; hits; hits &= hits - 1)
                values[__builtin_ctzll(hits)] = value;
        }
        if (ends_here)
            continue;
        int object = lks_json_enter_object(&reader);
        if (object || lks_json_enter_array(&reader)) {
            level++;
            is_object[level] = object;
            walk.element_index[level] = 0;
        }
    }
    return lks_json_close(&reader, reason_out);
}

int lks_json_get(struct lks_str text, struct lks_str path, struct lks_json_value *value,
                 struct lks_arena *arena, unsigned flags, const char **reason_out)
{
    return lks_json_get_paths(text, &path, 1, value, arena, flags, reason_out);
}

/* ---- numbers and ids ---- */

int lks_json_int64(struct lks_json_value value, int64_t *number_out)
{
    if (value.type != LKS_JSON_NUMBER && value.type != LKS_JSON_STRING)
        return -1;
    const char *at = value.text.data, *end = at + value.text.size_bytes;
    int negative = at < end && *at == '-';
    at += negative;
    if (at == end || end - at > 19)
        return -1;
    uint64_t number = 0;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9')
            return -1;
        number = number * 10 + (uint64_t)(*at - '0');
    }
    if (number > (uint64_t)INT64_MAX)
        return -1;
    *number_out = negative ? -(int64_t)number : (int64_t)number;
    return 0;
}

int lks_id_parse(struct lks_str text, struct lks_str *digits_out)
{
    *digits_out = LKS_STR_NULL;
    const char *at = text.data, *end = at ? at + text.size_bytes : at;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    const char *whole = at;
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    struct lks_str digits = {whole, (size_t)(at - whole)};
    if (digits.size_bytes == 0 || digits.size_bytes > 20)
        return 1;
    if (at < end) {
        /* "123.0" is a whole number that passed through a double; up to 2^53, so for 15 digits,
         * that did no harm. */
        const char *rest = at;
        if (*rest == '.')
            rest++;
        while (rest < end && *rest == '0')
            rest++;
        if (rest < end && ((*rest >= '0' && *rest <= '9') || *rest == 'e' || *rest == 'E'))
            return 2;
        if (rest < end)
            return 1;
        if (digits.size_bytes > 15)
            return 2;
    }
    if (digits.size_bytes == 1 && *whole == '0')
        return 1;
    *digits_out = digits;
    return 0;
}

int lks_json_id(struct lks_json_value value, struct lks_str *digits_out)
{
    *digits_out = LKS_STR_NULL;
    if (value.type != LKS_JSON_NUMBER && value.type != LKS_JSON_STRING)
        return 1;
    return lks_id_parse(value.text, digits_out);
}
