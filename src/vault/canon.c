/* canon.c - canonical JSON: one writing for each value, so that bytes can be signed
 *
 * Each open level keeps the written values of its members beside each other and puts them in the
 * order of their names when it closes. */
#include "vault/canon.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/sha256.h"
#include "base/utf8.h"

static const int64_t exact_max = (int64_t)1 << 53; /* what every reader of JSON keeps exactly */

static struct lks_canon_level *level_of(struct lks_canon *canon)
{
    return &canon->levels[canon->depth - 1];
}

/* Makes room for a value under a name; its bytes follow. NULL after a failure. */
static struct lks_buffer *value_start(struct lks_canon *canon, const char *name)
{
    LKS_ASSERT(canon->depth > 0);
    struct lks_canon_level *level = level_of(canon);
    LKS_ASSERT(level->array == !name);
    if (canon->failed)
        return NULL;
    if (level->count == level->room) {
        size_t room = level->room ? 2 * level->room : 16;
        void *more = realloc(level->members, room * sizeof *level->members);
        if (!more) {
            canon->failed = 1;
            return NULL;
        }
        level->members = more;
        level->room = room;
    }
    level->members[level->count] =
        (struct lks_canon_member){.name = name, .start = level->bytes.size_bytes};
    return &level->bytes;
}

static void value_end(struct lks_canon *canon)
{
    struct lks_canon_level *level = level_of(canon);
    level->members[level->count++].end = level->bytes.size_bytes;
    canon->failed |= level->bytes.failed;
}

static void level_open(struct lks_canon *canon, const char *name, int array)
{
    LKS_ASSERT(canon->depth < LKS_CANON_DEPTH_MAX);
    LKS_ASSERT(canon->depth == 0 ? !name : level_of(canon)->array == !name);
    struct lks_canon_level *level = &canon->levels[canon->depth++];
    level->array = array;
    level->name = name;
    level->count = 0;
    lks_buffer_clear(&level->bytes);
}

void lks_canon_object(struct lks_canon *canon, const char *name)
{
    level_open(canon, name, 0);
}

void lks_canon_array(struct lks_canon *canon, const char *name)
{
    level_open(canon, name, 1);
}

static int by_name(const void *a, const void *b)
{
    const struct lks_canon_member *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static void quote(struct lks_buffer *out, struct lks_str text)
{
    lks_buffer_byte(out, '"');
    for (size_t at = 0; at < text.size_bytes;) {
        uint32_t c;
        size_t step = lks_utf8_next(text, at, &c);
        static const char letters[] = "btn.fr"; /* U+0008 to U+000D, but for U+000B */
        if (c == LKS_UTF8_BAD)
            lks_buffer_text(out, "\xef\xbf\xbd");
        else if (c == '"' || c == '\\')
            lks_buffer_format(out, "\\%c", (char)c);
        else if (c >= 8 && c <= 13 && c != 11)
            lks_buffer_format(out, "\\%c", letters[c - 8]);
        else if (c < 0x20)
            lks_buffer_format(out, "\\u%04x", (unsigned)c);
        else
            lks_buffer_append(out, text.data + at, step);
        at += step;
    }
    lks_buffer_byte(out, '"');
}

/* The level's value, in order, into out. */
static void level_write(struct lks_canon_level *level, struct lks_buffer *out)
{
    if (!level->array && level->count)
        qsort(level->members, level->count, sizeof *level->members, by_name);
    lks_buffer_byte(out, level->array ? '[' : '{');
    for (size_t i = 0; i < level->count; i++) {
        const struct lks_canon_member *member = &level->members[i];
        if (i)
            lks_buffer_byte(out, ',');
        if (!level->array) {
            LKS_ASSERT(i == 0 || strcmp(member->name, member[-1].name) != 0);
            quote(out, lks_str_from(member->name));
            lks_buffer_byte(out, ':');
        }
        lks_buffer_append(out, level->bytes.data + member->start, member->end - member->start);
    }
    lks_buffer_byte(out, level->array ? ']' : '}');
}

void lks_canon_end(struct lks_canon *canon)
{
    LKS_ASSERT(canon->depth > 1); /* the outermost is ended by finish */
    struct lks_canon_level *level = level_of(canon);
    canon->depth--;
    struct lks_buffer *out = value_start(canon, level->name);
    if (!out)
        return;
    level_write(level, out);
    value_end(canon);
}

void lks_canon_string(struct lks_canon *canon, const char *name, struct lks_str text)
{
    struct lks_buffer *out = value_start(canon, name);
    if (!out)
        return;
    if (text.data)
        quote(out, text);
    else
        lks_buffer_text(out, "null");
    value_end(canon);
}

void lks_canon_text(struct lks_canon *canon, const char *name, const char *text)
{
    lks_canon_string(canon, name, lks_str_from(text));
}

void lks_canon_int(struct lks_canon *canon, const char *name, int64_t value)
{
    LKS_ASSERT(value >= -exact_max && value <= exact_max);
    struct lks_buffer *out = value_start(canon, name);
    if (!out)
        return;
    lks_buffer_format(out, "%lld", (long long)value);
    value_end(canon);
}

void lks_canon_bool(struct lks_canon *canon, const char *name, int value)
{
    struct lks_buffer *out = value_start(canon, name);
    if (!out)
        return;
    lks_buffer_text(out, value ? "true" : "false");
    value_end(canon);
}

void lks_canon_hash(struct lks_canon *canon, const char *name, const unsigned char hash[32])
{
    char hex[LKS_SHA256_HEX_BYTES];
    lks_sha256_hex(hash, hex);
    lks_canon_text(canon, name, hex);
}

void lks_canon_raw(struct lks_canon *canon, const char *name, struct lks_str json)
{
    struct lks_buffer *out = value_start(canon, name);
    if (!out)
        return;
    lks_buffer_append(out, json.data, json.size_bytes);
    value_end(canon);
}

int lks_canon_finish(struct lks_canon *canon, struct lks_buffer *out)
{
    LKS_ASSERT(canon->depth == 1);
    int failed = canon->failed;
    if (!failed)
        level_write(level_of(canon), out);
    lks_canon_free(canon);
    return failed || out->failed ? LKS_EMEMORY : 0;
}

void lks_canon_free(struct lks_canon *canon)
{
    for (int i = 0; i < LKS_CANON_DEPTH_MAX; i++) {
        lks_buffer_free(&canon->levels[i].bytes);
        free(canon->levels[i].members);
    }
    *canon = (struct lks_canon){0};
}
