/* html.c - the text of a post that comes as HTML, and its links
 *
 * Not a browser: platforms send a few tags, well closed, and whoever sends others gets the text
 * between them. One pass, no stack; the output is never longer than the input plus a line end for
 * each tag, so its size is known before. */
#include "text/html.h"

#include "base/error.h"
#include "base/utf8.h"

struct out {
    char *data;
    size_t size_bytes;
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool equal(struct lks_str text, const char *word)
{
    size_t at = 0;
    while (at < text.size_bytes && word[at] && lower(text.data[at]) == word[at])
        at++;
    return at == text.size_bytes && !word[at];
}

/* The code point of "#39" or "#x27", or 0. */
static uint32_t number_read(struct lks_str name)
{
    bool hex = name.size_bytes > 2 && lower(name.data[1]) == 'x';
    uint32_t code = 0;
    for (size_t i = hex ? 2 : 1; i < name.size_bytes; i++) {
        char c = lower(name.data[i]);
        uint32_t digit = c >= '0' && c <= '9'          ? (uint32_t)(c - '0')
                         : hex && c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                                                       : 99;
        if (digit == 99 || code > 0x10ffff)
            return 0;
        code = code * (hex ? 16 : 10) + digit;
    }
    return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0xfffd : code;
}

static uint32_t name_read(struct lks_str name)
{
    static const struct {
        const char *name;
        uint32_t code;
    } names[] = {{"amp", '&'},      {"lt", '<'},       {"gt", '>'},        {"quot", '"'},
                 {"apos", '\''},    {"nbsp", 0xa0},    {"hellip", 0x2026}, {"ndash", 0x2013},
                 {"mdash", 0x2014}, {"lsquo", 0x2018}, {"rsquo", 0x2019},  {"ldquo", 0x201c},
                 {"rdquo", 0x201d}, {"laquo", 0xab},   {"raquo", 0xbb},    {"euro", 0x20ac},
                 {"copy", 0xa9},    {"zwnj", 0x200c},  {"zwj", 0x200d},    {"shy", 0xad}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (lks_str_equal_text(name, names[i].name))
            return names[i].code;
    return 0;
}

/* Resolves the reference that begins at the ampersand; returns the bytes it took, 0 for none. */
static size_t reference(struct lks_str text, struct out *out)
{
    enum { NAME_BYTES_MAX = 10 };
    size_t end = 1;
    while (end < text.size_bytes && end <= NAME_BYTES_MAX && text.data[end] != ';')
        end++;
    if (end == text.size_bytes || text.data[end] != ';' || end < 2)
        return 0;
    struct lks_str name = {text.data + 1, end - 1};
    uint32_t code = name.data[0] == '#' ? number_read(name) : name_read(name);
    if (!code)
        return 0;
    out->size_bytes += lks_utf8_put(code, out->data + out->size_bytes);
    return end + 1;
}

static void text_put(struct lks_str text, struct out *out)
{
    for (size_t at = 0; at < text.size_bytes;) {
        size_t took = 0;
        if (text.data[at] == '&')
            took = reference((struct lks_str){text.data + at, text.size_bytes - at}, out);
        if (!took) {
            out->data[out->size_bytes++] = text.data[at];
            took = 1;
        }
        at += took;
    }
}

/* The bytes of the tag or comment at the start, up to and with its ">"; 0 where none is. Quoted
 * values may hold ">". */
static size_t tag_bytes(struct lks_str text)
{
    size_t at = 1;
    if (text.size_bytes < 3)
        return 0;
    if (text.size_bytes >= 4 && memcmp(text.data, "<!--", 4) == 0) {
        const char *end = memmem(text.data + 4, text.size_bytes - 4, "-->", 3);
        return end ? (size_t)(end - text.data) + 3 : 0;
    }
    if (text.data[1] != '/' && text.data[1] != '!' && !is_letter(text.data[1]))
        return 0;
    for (char quote = 0; at < text.size_bytes; at++) {
        char c = text.data[at];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return at + 1;
    }
    return 0;
}

/* The value of an attribute in the tag's inside, as written; null where there is none. */
static struct lks_str attribute(struct lks_str tag, const char *name)
{
    for (size_t at = 0; at < tag.size_bytes;) {
        while (at < tag.size_bytes && (is_blank(tag.data[at]) || tag.data[at] == '/'))
            at++;
        size_t from = at;
        while (at < tag.size_bytes && !is_blank(tag.data[at]) && tag.data[at] != '=')
            at++;
        struct lks_str found = {tag.data + from, at - from}, value = LKS_STR_NULL;
        if (at < tag.size_bytes && tag.data[at] == '=') {
            char quote = ++at < tag.size_bytes ? tag.data[at] : 0;
            bool quoted = quote == '"' || quote == '\'';
            size_t start = at += quoted;
            while (at < tag.size_bytes &&
                   (quoted ? tag.data[at] != quote : !is_blank(tag.data[at])))
                at++;
            value = (struct lks_str){tag.data + start, at - start};
            at += quoted && at < tag.size_bytes;
        } else if (at == from)
            at++;
        if (equal(found, name))
            return value;
    }
    return LKS_STR_NULL;
}

static bool has_word(struct lks_str text, const char *word)
{
    return text.data && memmem(text.data, text.size_bytes, word, strlen(word)) != NULL;
}

static int link_put(struct lks_arena *arena, struct lks_str inside,
                    int (*link)(void *context, struct lks_str href, int marked), void *context)
{
    struct lks_str href = attribute(inside, "href"), class = attribute(inside, "class");
    if (!href.size_bytes)
        return 0;
    int marked = has_word(class, "mention") || has_word(class, "hashtag") ||
                 has_word(attribute(inside, "rel"), "tag");
    if (memchr(href.data, '&', href.size_bytes)) {
        struct out out = {lks_arena_alloc(arena, href.size_bytes), 0};
        if (!out.data)
            return LKS_EMEMORY;
        text_put(href, &out);
        href = (struct lks_str){out.data, out.size_bytes};
    }
    return link(context, href, marked);
}

/* Where the element's end tag begins: what is between is not text. */
static size_t element_skip(struct lks_str text, size_t at, struct lks_str name)
{
    for (; at + name.size_bytes + 2 < text.size_bytes; at++) {
        if (text.data[at] != '<' || text.data[at + 1] != '/')
            continue;
        size_t i = 0;
        while (i < name.size_bytes && lower(text.data[at + 2 + i]) == lower(name.data[i]))
            i++;
        if (i == name.size_bytes)
            return at;
    }
    return text.size_bytes;
}

static void break_put(struct out *out, size_t lines)
{
    size_t have = 0;
    while (have < out->size_bytes && out->data[out->size_bytes - 1 - have] == '\n')
        have++;
    if (have == out->size_bytes) /* never at the start */
        return;
    for (; have < lines; have++)
        out->data[out->size_bytes++] = '\n';
}

int lks_html_text(struct lks_arena *arena, struct lks_str html, struct lks_str *text_out,
                  int (*link)(void *context, struct lks_str href, int marked), void *context)
{
    struct out out = {lks_arena_alloc(arena, html.size_bytes + 1), 0};
    int code = 0;
    *text_out = LKS_STR_NULL;
    if (!out.data)
        return LKS_EMEMORY;
    for (size_t at = 0; at < html.size_bytes && code == 0;) {
        struct lks_str rest = {html.data + at, html.size_bytes - at};
        size_t size = *rest.data == '<' ? tag_bytes(rest) : 0;
        if (!size) {
            size_t text = 1;
            while (text < rest.size_bytes && rest.data[text] != '<')
                text++;
            text_put((struct lks_str){rest.data, text}, &out);
            at += text;
            continue;
        }
        size_t from = rest.data[1] == '/' ? 2 : 1, to = from;
        while (to < size && is_letter(rest.data[to]))
            to++;
        struct lks_str name = {rest.data + from, to - from};
        at += size;
        if (equal(name, "br"))
            out.data[out.size_bytes++] = '\n';
        else if (equal(name, "p") || equal(name, "blockquote"))
            break_put(&out, from == 2 ? 2 : 1);
        else if (equal(name, "li") || equal(name, "div"))
            break_put(&out, 1);
        else if (from == 1 && (equal(name, "script") || equal(name, "style")))
            at = element_skip(html, at, name);
        else if (from == 1 && link && equal(name, "a"))
            code = link_put(arena, (struct lks_str){rest.data + to, size - to - 1}, link, context);
    }
    while (out.size_bytes && is_blank(out.data[out.size_bytes - 1]))
        out.size_bytes--;
    *text_out = (struct lks_str){out.data, out.size_bytes};
    return code;
}
