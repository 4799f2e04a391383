/* toml.c - reads the part of TOML that settings need: tables, and scalars and lists of them */
#include "base/toml.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

struct seen {
    struct lks_str key;
    unsigned table_number;
};

struct reader {
    const char *name;
    struct lks_str text;
    size_t at;
    unsigned line;
    struct lks_arena arena;
    struct lks_toml_item item;
    struct seen *seen; /* [LKS_TOML_ITEMS_MAX] keys; tables under TABLES */
    size_t seen_count;
    struct lks_str *elements;
    enum lks_toml_type *types;
    struct lks_error *err;
};

static int bad(const struct reader *r, const char *what)
{
    return lks_error_set(r->err, LKS_EARGUMENT, "%s: line %u: %s", r->name, r->line, what);
}

static int memory_out(const struct reader *r)
{
    return lks_error_set(r->err, LKS_EMEMORY, "%s: out of memory", r->name);
}

static char peek(const struct reader *r)
{
    return r->at < r->text.size_bytes ? r->text.data[r->at] : 0;
}

static void blanks_skip(struct reader *r)
{
    while (peek(r) == ' ' || peek(r) == '\t')
        r->at++;
}

static void comment_skip(struct reader *r)
{
    if (peek(r) == '#')
        while (r->at < r->text.size_bytes && peek(r) != '\n')
            r->at++;
}

/* Blanks, comments and line ends. */
static void space_skip(struct reader *r)
{
    for (;;) {
        blanks_skip(r);
        comment_skip(r);
        if (peek(r) == '\r' && r->at + 1 < r->text.size_bytes && r->text.data[r->at + 1] == '\n')
            r->at++;
        if (peek(r) != '\n')
            return;
        r->at++;
        r->line++;
    }
}

/* After a value or a table nothing but a comment may stand on the line. */
static int line_end(struct reader *r)
{
    blanks_skip(r);
    comment_skip(r);
    if (peek(r) == '\r')
        r->at++;
    if (r->at < r->text.size_bytes && peek(r) != '\n')
        return bad(r, "something stands behind the value; is a quote missing?");
    return 0;
}

static bool is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* The character that "\uXXXX" or "\UXXXXXXXX" stands for; 0 where it is none. */
static size_t unicode_read(struct reader *r, size_t digits, char *out)
{
    uint32_t code = 0;
    for (size_t i = 0; i < digits; i++) {
        char c = r->at + i < r->text.size_bytes ? r->text.data[r->at + i] : 0;
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16)
            return 0;
        code = code << 4 | digit;
    }
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    r->at += digits;
    return lks_utf8_put(code, out);
}

/* The escape behind a backslash; how many bytes it gave, 0 where it is none. */
static size_t escape_read(struct reader *r, char *out)
{
    static const char names[] = "btnfre\"\\", values[] = "\b\t\n\f\r\033\"\\";
    char c = peek(r);
    const char *known = c ? strchr(names, c) : NULL;
    r->at++;
    if (known) {
        *out = values[known - names];
        return 1;
    }
    return c == 'u' ? unicode_read(r, 4, out) : c == 'U' ? unicode_read(r, 8, out) : 0;
}

static int string_read(struct reader *r, struct lks_str *out)
{
    char quote = peek(r);
    struct lks_str rest = {r->text.data + r->at, r->text.size_bytes - r->at};
    if (rest.size_bytes >= 3 && rest.data[1] == quote && rest.data[2] == quote)
        return bad(r, "strings of several lines are not read here");
    const char *end = memchr(rest.data, '\n', rest.size_bytes);
    char *data =
        lks_arena_alloc(&r->arena, (end ? (size_t)(end - rest.data) : rest.size_bytes) + 4);
    size_t size = 0;
    if (!data)
        return memory_out(r);
    for (r->at++; peek(r) != quote;) {
        uint32_t code;
        if (r->at >= r->text.size_bytes || peek(r) == '\n')
            return bad(r, "the quote is never closed");
        if (quote == '"' && peek(r) == '\\') {
            r->at++;
            size_t bytes = escape_read(r, data + size);
            if (!bytes)
                return bad(r, "no such escape; a backslash is written \\\\");
            size += bytes;
            continue;
        }
        size_t bytes = lks_utf8_next(r->text, r->at, &code);
        if (code == LKS_UTF8_BAD)
            return bad(r, "is not UTF-8");
        if ((code < 0x20 && code != '\t') || code == 0x7f)
            return bad(r, "a control character stands in a string");
        memcpy(data + size, r->text.data + r->at, bytes);
        size += bytes;
        r->at += bytes;
    }
    r->at++;
    *out = (struct lks_str){data, size};
    return 0;
}

static int key_read(struct reader *r, struct lks_str *out)
{
    if (peek(r) == '"' || peek(r) == '\'') {
        int code = string_read(r, out);
        if (code == 0 && !out->size_bytes)
            code = bad(r, "a name is empty");
        if (code)
            return code;
    } else {
        size_t from = r->at;
        while (is_bare(peek(r)))
            r->at++;
        *out = (struct lks_str){r->text.data + from, r->at - from};
        if (!out->size_bytes)
            return bad(r, "is not of the form: name = value");
    }
    blanks_skip(r);
    return peek(r) == '.' ? bad(r, "names with points are not read here; use a [table]") : 0;
}

/* What a bare word is: by its letters only; whoever wants the number reads it. */
static int word_type(struct lks_str word, enum lks_toml_type *type)
{
    size_t digits = 0, marks = 0, others = 0;
    if (lks_str_equal_text(word, "true") || lks_str_equal_text(word, "false")) {
        *type = LKS_TOML_BOOL;
        return 0;
    }
    for (size_t i = 0; i < word.size_bytes; i++) {
        char c = word.data[i];
        digits += c >= '0' && c <= '9';
        marks += (c == '-' && i > 0) || c == ':';
        others += strchr("0123456789+-.:_TZ", c) == NULL;
    }
    if (!digits || others)
        return -1;
    *type = marks ? LKS_TOML_TIME : LKS_TOML_NUMBER;
    return 0;
}

static int scalar_read(struct reader *r, struct lks_str *out, enum lks_toml_type *type)
{
    char c = peek(r);
    if (c == '"' || c == '\'') {
        *type = LKS_TOML_STRING;
        return string_read(r, out);
    }
    if (c == '{')
        return bad(r, "tables in braces are not read here; use a [table]");
    size_t from = r->at;
    while (peek(r) && !strchr(" \t\r\n#,]", peek(r)))
        r->at++;
    *out = (struct lks_str){r->text.data + from, r->at - from};
    if (!out->size_bytes)
        return bad(r, "has no value");
    return word_type(*out, type) == 0 ? 0
                                      : bad(r, "is no value; texts stand between quotes: \"...\"");
}

static int array_read(struct reader *r)
{
    struct lks_toml_item *item = &r->item;
    size_t count = 0;
    r->at++;
    for (;;) {
        space_skip(r);
        if (peek(r) == ']')
            break;
        if (peek(r) == '[')
            return bad(r, "lists in lists are not read here");
        if (r->at >= r->text.size_bytes)
            return bad(r, "the list is never closed");
        if (count == LKS_TOML_ITEMS_MAX)
            return bad(r, "the list is too long");
        int code = scalar_read(r, &r->elements[count], &r->types[count]);
        if (code)
            return code;
        count++;
        space_skip(r);
        if (peek(r) == ',')
            r->at++;
        else if (peek(r) != ']')
            return bad(r, "a comma is missing in the list");
    }
    r->at++;
    item->type = LKS_TOML_ARRAY;
    item->value = LKS_STR_NULL;
    item->elements = r->elements;
    item->element_types = r->types;
    item->elements_count = count;
    return 0;
}

/* Remembers a name; a second one of its kind is an error. */
static int seen_add(struct reader *r, struct lks_str key, unsigned table_number)
{
    for (size_t i = 0; i < r->seen_count; i++)
        if (r->seen[i].table_number == table_number && lks_str_equal(r->seen[i].key, key))
            return bad(r, "stands there for the second time");
    if (r->seen_count == LKS_TOML_ITEMS_MAX)
        return bad(r, "the file has too many items");
    r->seen[r->seen_count++] = (struct seen){key, table_number};
    return 0;
}

static int table_read(struct reader *r)
{
    struct lks_toml_item *item = &r->item;
    r->at++;
    item->repeated = peek(r) == '[';
    r->at += (size_t)item->repeated;
    blanks_skip(r);
    int code = key_read(r, &item->table);
    for (int i = 0; code == 0 && i <= item->repeated; i++, r->at++)
        if (peek(r) != ']')
            code = bad(r, "a bracket is missing");
    if (code == 0 && !item->repeated) /* where no table counts to */
        code = seen_add(r, item->table, UINT32_MAX);
    item->table_number++;
    item->key = LKS_STR_NULL;
    return code;
}

static int item_read(struct reader *r)
{
    struct lks_toml_item *item = &r->item;
    int code = key_read(r, &item->key);
    if (code)
        return code;
    if (peek(r) != '=')
        return bad(r, "is not of the form: name = value");
    r->at++;
    blanks_skip(r);
    if ((code = seen_add(r, item->key, item->table_number)))
        return code;
    item->elements_count = 0;
    return peek(r) == '[' ? array_read(r) : scalar_read(r, &item->value, &item->type);
}

int lks_toml_read(const char *name, struct lks_str text,
                  int (*found)(void *context, const struct lks_toml_item *item,
                               struct lks_error *err),
                  void *context, struct lks_error *err)
{
    struct reader r = {.name = name, .text = text, .line = 1, .err = err};
    int code = 0;
    if (text.size_bytes >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
        r.at = 3;
    r.item.table = LKS_STR("");
    r.seen = calloc(LKS_TOML_ITEMS_MAX, sizeof *r.seen);
    r.elements = calloc(LKS_TOML_ITEMS_MAX, sizeof *r.elements);
    r.types = calloc(LKS_TOML_ITEMS_MAX, sizeof *r.types);
    if (!r.seen || !r.elements || !r.types)
        code = memory_out(&r);
    while (code == 0) {
        space_skip(&r);
        if (r.at >= text.size_bytes)
            break;
        r.item.line = r.line;
        code = peek(&r) == '[' ? table_read(&r) : item_read(&r);
        if (code == 0)
            code = line_end(&r);
        if (code == 0)
            code = found(context, &r.item, err);
    }
    free(r.seen);
    free(r.elements);
    free(r.types);
    lks_arena_free(&r.arena);
    return code;
}

int lks_toml_load(const char *path, struct lks_arena *arena, struct lks_str *text_out,
                  struct lks_error *err)
{
    FILE *file = fopen(path, "rbe");
    char *text = file ? lks_arena_alloc(arena, LKS_TOML_BYTES_MAX + 1) : NULL;
    int code = 0;
    if (!file)
        return lks_error_system(err, path, "cannot be opened");
    if (!text)
        code = lks_error_set(err, LKS_EMEMORY, "%s: out of memory", path);
    else {
        size_t size = fread(text, 1, LKS_TOML_BYTES_MAX + 1, file);
        if (ferror(file))
            code = lks_error_system(err, path, "cannot be read");
        else if (size > LKS_TOML_BYTES_MAX)
            code = lks_error_set(err, LKS_EARGUMENT, "%s is longer than %d bytes", path,
                                 LKS_TOML_BYTES_MAX);
        *text_out = (struct lks_str){text, size};
    }
    fclose(file);
    return code;
}
