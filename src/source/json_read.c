/* json_read.c - reads one JSON value that lies in memory, in order, without building a tree
 *
 * The open objects and arrays are a bit each (1: object), so that passing over a value of any depth is
 * one loop over a small state machine and no recursion:
 *
 *     value -> after -> (','  member name -> value | ']' '}' after ...)
 *
 * Passing over checks the whole grammar of RFC 8259; only UTF-8 is left for strings that
 * are read. The cost is a pass over the bytes, sixteen at a time inside strings. */
#include "source/json_read.h"

#include "base/error.h"
#include "source/json_string.h"

static const char NO_VALUE[] = "not valid JSON: a value is missing";
static const char NO_COMMA[] = "not valid JSON: a comma or closing bracket is missing";
static const char NO_NAME[] = "not valid JSON: a member's name is missing";
static const char NO_COLON[] = "not valid JSON: a colon is missing";
static const char BAD_NUMBER[] = "not valid JSON: a malformed number";
static const char TOO_DEEP[] = "not valid JSON: nested too deeply";
static const char TRAILING[] = "not valid JSON: something follows the value";
static const char MEMORY[] = "out of memory";

void lks_json_open(struct lks_json_reader *reader, struct lks_str text, struct lks_arena *arena,
                   unsigned flags)
{
    reader->start = reader->at = text.data ? text.data : "";
    reader->end = reader->start + (text.data ? text.size_bytes : 0);
    reader->arena = arena;
    reader->flags = flags;
    reader->depth = 0;
    reader->pending = 1;
    reader->fresh = 0;
    reader->reason = NULL;
    reader->replaced_count = reader->hex_escapes_count = 0;
    /* A byte order mark says nothing in UTF-8; RFC 8259 lets a reader pass over it. */
    if (text.data && text.size_bytes >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
        reader->at += 3;
}

static const char *fail(struct lks_json_reader *reader, const char *reason)
{
    if (!reader->reason)
        reader->reason = reason;
    reader->pending = 0;
    return NULL;
}

static inline const char *skip_space(const char *at, const char *end)
{
    if (at < end && (unsigned char)*at > ' ')
        return at;
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* 1 when the innermost is an object. */
static inline int in_object(const struct lks_json_reader *reader)
{
    uint32_t level = reader->depth - 1;
    return (int)(reader->objects[level / 64] >> (level % 64) & 1);
}

static inline int push(struct lks_json_reader *reader, int object)
{
    if (reader->depth == LKS_JSON_DEPTH_MAX)
        return -1;
    uint64_t bit = UINT64_C(1) << (reader->depth % 64);
    uint64_t *word = &reader->objects[reader->depth / 64];
    *word = object ? *word | bit : *word & ~bit;
    reader->depth++;
    return 0;
}

static inline const char *digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

static const char *skip_number(struct lks_json_reader *reader, const char *at)
{
    const char *end = reader->end;
    if (*at == '-')
        at++;
    const char *whole = at;
    at = digits(at, end);
    if (at == whole || (*whole == '0' && at - whole > 1))
        return fail(reader, BAD_NUMBER);
    if (at < end && *at == '.') {
        const char *fraction = ++at;
        at = digits(at, end);
        if (at == fraction)
            return fail(reader, BAD_NUMBER);
    }
    if (at < end && (*at | 0x20) == 'e') {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        const char *exponent = at;
        at = digits(at, end);
        if (at == exponent)
            return fail(reader, BAD_NUMBER);
    }
    return at;
}

static const char *skip_word(struct lks_json_reader *reader, const char *at)
{
    size_t left = (size_t)(reader->end - at);
    if (left >= 4 && (memcmp(at, "true", 4) == 0 || memcmp(at, "null", 4) == 0))
        return at + 4;
    if (left >= 5 && memcmp(at, "false", 5) == 0)
        return at + 5;
    return fail(reader, NO_VALUE);
}

static inline const char *skip_string(struct lks_json_reader *reader, const char *at)
{
    struct lks_json_string string;
    const char *reason = NULL;
    int high;
    const char *quote = lks_json_short_string(at + 1, reader->end, &high);
    if (quote)
        return quote + 1;
    at = lks_json_string_scan(at + 1, reader->end, (reader->flags & LKS_JSON_HEX_ESCAPES) != 0,
                              &string, &reason);
    return at ? at : fail(reader, reason);
}

/* A value that is neither object nor array. */
static inline const char *skip_scalar(struct lks_json_reader *reader, const char *at)
{
    if (*at == '"')
        return skip_string(reader, at);
    if (*at == '-' || (*at >= '0' && *at <= '9'))
        return skip_number(reader, at);
    return skip_word(reader, at);
}

/* A member's name and the colon behind it. */
static inline const char *skip_name(struct lks_json_reader *reader, const char *at)
{
    if (at == reader->end || *at != '"')
        return fail(reader, NO_NAME);
    at = skip_string(reader, at);
    if (!at)
        return NULL;
    at = skip_space(at, reader->end);
    if (at == reader->end || *at != ':')
        return fail(reader, NO_COLON);
    return at + 1;
}

/* Passes over values until the depth is `floor` again. starts_with_value: one stands at
 * `at`; else one was just passed over. Leaves depth at floor. */
static const char *skip_to_depth(struct lks_json_reader *reader, const char *at, uint32_t floor,
                                 int starts_with_value)
{
    const char *end = reader->end;
    if (!starts_with_value)
        goto after;
value:
    at = skip_space(at, end);
    if (at == end)
        return fail(reader, NO_VALUE);
    if (*at == '{' || *at == '[') {
        int object = *at == '{';
        if (push(reader, object) != 0)
            return fail(reader, TOO_DEEP);
        at = skip_space(at + 1, end);
        if (at < end && *at == (object ? '}' : ']')) {
            at++;
            reader->depth--;
        } else if (object) {
            if (!(at = skip_name(reader, at)))
                return NULL;
            goto value;
        } else {
            goto value;
        }
    } else if (!(at = skip_scalar(reader, at))) {
        return NULL;
    }
after:
    while (reader->depth > floor) {
        at = skip_space(at, end);
        int object = in_object(reader);
        if (at < end && *at == ',') {
            at++;
            if (!object)
                goto value;
            if (!(at = skip_name(reader, skip_space(at, end))))
                return NULL;
            goto value;
        }
        if (at == end || *at != (object ? '}' : ']'))
            return fail(reader, NO_COMMA);
        at++;
        reader->depth--;
    }
    return at;
}

enum lks_json_type lks_json_peek(struct lks_json_reader *reader)
{
    if (!reader->pending)
        return LKS_JSON_NONE;
    reader->at = skip_space(reader->at, reader->end);
    if (reader->at == reader->end)
        return LKS_JSON_NONE;
    switch (*reader->at) {
    case '{':
        return LKS_JSON_OBJECT;
    case '[':
        return LKS_JSON_ARRAY;
    case '"':
        return LKS_JSON_STRING;
    case 'n':
        return LKS_JSON_NULL;
    case 't':
        return LKS_JSON_TRUE;
    case 'f':
        return LKS_JSON_FALSE;
    default:
        if (*reader->at == '-' || (*reader->at >= '0' && *reader->at <= '9'))
            return LKS_JSON_NUMBER;
        return LKS_JSON_NONE;
    }
}

static int enter(struct lks_json_reader *reader, enum lks_json_type type)
{
    if (lks_json_peek(reader) != type)
        return 0;
    if (push(reader, type == LKS_JSON_OBJECT) != 0) {
        fail(reader, TOO_DEEP);
        return 0;
    }
    reader->at++;
    reader->pending = 0;
    reader->fresh = 1;
    return 1;
}

int lks_json_enter_object(struct lks_json_reader *reader)
{
    return enter(reader, LKS_JSON_OBJECT);
}

int lks_json_enter_array(struct lks_json_reader *reader)
{
    return enter(reader, LKS_JSON_ARRAY);
}

/* Goes past the comma before the next member or element: 1; 0 when there is none. */
static int next_item(struct lks_json_reader *reader, char closing)
{
    if (reader->pending) {
        /* Most values that nobody wants are no objects or arrays: those need no levels. */
        const char *value = skip_space(reader->at, reader->end);
        if (value < reader->end && *value != '{' && *value != '[') {
            if ((value = skip_scalar(reader, value)))
                reader->at = value;
            reader->pending = 0;
        } else {
            lks_json_skip(reader);
        }
    }
    if (reader->reason)
        return 0;
    const char *at = skip_space(reader->at, reader->end);
    if (at < reader->end && *at == closing) {
        reader->at = at + 1;
        reader->depth--;
        reader->fresh = 0;
        return 0;
    }
    if (!reader->fresh) {
        if (at == reader->end || *at != ',') {
            fail(reader, NO_COMMA);
            return 0;
        }
        at = skip_space(at + 1, reader->end);
    }
    reader->at = at;
    reader->fresh = 0;
    return 1;
}

/* Takes the string at the cursor. */
static inline struct lks_str take_string(struct lks_json_reader *reader)
{
    struct lks_json_string string;
    const char *reason = NULL;
    int high;
    const char *quote = lks_json_short_string(reader->at + 1, reader->end, &high);
    if (quote && !high) {
        struct lks_str plain = {reader->at + 1, (size_t)(quote - reader->at) - 1};
        reader->at = quote + 1;
        return plain;
    }
    const char *at = lks_json_string_scan(
        reader->at + 1, reader->end, (reader->flags & LKS_JSON_HEX_ESCAPES) != 0, &string, &reason);
    if (!at) {
        fail(reader, reason);
        return LKS_STR_NULL;
    }
    struct lks_str content = lks_json_string_content(
        &string, reader->arena, &reader->replaced_count, &reader->hex_escapes_count);
    if (!content.data) {
        fail(reader, MEMORY);
        return LKS_STR_NULL;
    }
    reader->at = at;
    return content;
}

int lks_json_member(struct lks_json_reader *reader, struct lks_str *key)
{
    *key = LKS_STR_NULL;
    if (reader->reason)
        return 0;
    LKS_ASSERT(reader->depth > 0);
    if (!next_item(reader, '}'))
        return 0;
    LKS_ASSERT(in_object(reader));
    if (reader->at == reader->end || *reader->at != '"') {
        fail(reader, NO_NAME);
        return 0;
    }
    *key = take_string(reader);
    if (reader->reason)
        return 0;
    reader->at = skip_space(reader->at, reader->end);
    if (reader->at == reader->end || *reader->at != ':') {
        fail(reader, NO_COLON);
        return 0;
    }
    reader->at++;
    reader->pending = 1;
    return 1;
}

int lks_json_element(struct lks_json_reader *reader)
{
    if (reader->reason)
        return 0;
    LKS_ASSERT(reader->depth > 0);
    if (!next_item(reader, ']'))
        return 0;
    LKS_ASSERT(!in_object(reader));
    reader->pending = 1;
    return 1;
}

void lks_json_leave(struct lks_json_reader *reader)
{
    if (reader->reason)
        return;
    LKS_ASSERT(reader->depth > 0);
    /* A fresh one has no item behind it yet, so its first goes through the front door. */
    if (reader->fresh) {
        struct lks_str key;
        if (!(in_object(reader) ? lks_json_member(reader, &key) : lks_json_element(reader)))
            return;
    }
    if (reader->pending)
        lks_json_skip(reader);
    if (reader->reason)
        return;
    const char *at = skip_to_depth(reader, reader->at, reader->depth - 1, 0);
    if (at)
        reader->at = at;
}

struct lks_str lks_json_skip(struct lks_json_reader *reader)
{
    if (reader->reason || !reader->pending)
        return LKS_STR_NULL;
    const char *start = reader->at = skip_space(reader->at, reader->end);
    const char *at = skip_to_depth(reader, start, reader->depth, 1);
    if (!at)
        return LKS_STR_NULL;
    reader->at = at;
    reader->pending = 0;
    return (struct lks_str){start, (size_t)(at - start)};
}

struct lks_json_value lks_json_read(struct lks_json_reader *reader)
{
    struct lks_json_value value = {lks_json_peek(reader), LKS_STR_NULL};
    if (value.type == LKS_JSON_STRING) {
        value.text = take_string(reader);
        reader->pending = 0;
    } else {
        value.text = lks_json_skip(reader);
    }
    if (reader->reason)
        value = (struct lks_json_value){LKS_JSON_NONE, LKS_STR_NULL};
    return value;
}

int lks_json_close(struct lks_json_reader *reader, const char **reason_out)
{
    while (!reader->reason && reader->depth > 0)
        lks_json_leave(reader);
    if (!reader->reason && reader->pending)
        lks_json_skip(reader);
    if (!reader->reason && skip_space(reader->at, reader->end) != reader->end)
        fail(reader, TRAILING);
    if (reason_out)
        *reason_out = reader->reason;
    if (!reader->reason)
        return 0;
    return reader->reason == MEMORY ? LKS_EMEMORY : LKS_EINPUT;
}
