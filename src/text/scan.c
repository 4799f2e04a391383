/* scan.c - where a link, a hashtag or a mention begins and ends in a text */
#include "text/scan.h"

#include "base/utf8.h"
#include "text/unicode.h"

/* The code point before offset `at`; a line feed stands for the start of the text. */
static uint32_t code_before(struct lks_str text, size_t at)
{
    uint32_t code;
    if (at == 0)
        return '\n';
    size_t back = at - 1;
    while (back > 0 && at - back < 4 && ((unsigned char)text.data[back] & 0xc0) == 0x80)
        back--;
    if (back + lks_utf8_next(text, back, &code) != at)
        return LKS_UTF8_BAD;
    return code;
}

static int is_handle_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The length of a scheme or "www." at `at`, 0 where neither stands. */
static size_t link_start(struct lks_str text, size_t at)
{
    const char *p = text.data + at;
    size_t left = text.size_bytes - at;
    if (left < 5 || ((p[0] | 32) != 'h' && (p[0] | 32) != 'w'))
        return 0;
    unsigned char before = at ? (unsigned char)text.data[at - 1] : '\n';
    if (is_handle_byte(before) || before == '@' || before == '#' || before == '$')
        return 0;
    if ((p[0] | 32) == 'w') {
        if (before == '.' || before == '-' || before == '/' || before == ':')
            return 0;
        return (p[1] | 32) == 'w' && (p[2] | 32) == 'w' && p[3] == '.' ? 4 : 0;
    }
    if ((p[1] | 32) != 't' || (p[2] | 32) != 't' || (p[3] | 32) != 'p')
        return 0;
    size_t size = (p[4] | 32) == 's' ? 5 : 4;
    return left > size + 3 && memcmp(p + size, "://", 3) == 0 ? size + 3 : 0;
}

/* What ends a link (1), stands above ASCII (2), ends its first label (3) or is a bracket (4). */
static const unsigned char link_bytes[256] = {
    [0x00 ... 0x20] = 1, [0x7f] = 1, ['<'] = 1,  ['>'] = 1, ['"'] = 1, ['{'] = 1,
    ['}'] = 1,           ['|'] = 1,  ['\\'] = 1, ['^'] = 1, ['`'] = 1, [0x80 ... 0xff] = 2,
    ['.'] = 3,           ['/'] = 3,  ['('] = 4,  [')'] = 4, ['['] = 4, [']'] = 4,
};

/* Punctuation at the end belongs to the sentence; a closing bracket to the link only if
 * the link opened it. */
static size_t link_trim(struct lks_str text, size_t start, size_t end, int has_brackets)
{
    long depth = 0;
    for (size_t i = start; has_brackets && i < end; i++)
        depth += (text.data[i] == '(' || text.data[i] == '[') -
                 (text.data[i] == ')' || text.data[i] == ']');
    while (end > start) {
        char c = text.data[end - 1];
        if ((c == ')' || c == ']') && depth < 0)
            depth++;
        else if (c == '(' || c == '[')
            depth--;
        else if (!strchr(".,;:!?'*~", c))
            break;
        end--;
    }
    return end;
}

size_t lks_scan_link(struct lks_str text, size_t at)
{
    size_t head = link_start(text, at);
    if (!head)
        return at;
    size_t end = at + head;
    int in_first_label = head != 4, has_brackets = 0;
    while (end < text.size_bytes) {
        unsigned char class = link_bytes[(unsigned char)text.data[end]];
        if (class == 1)
            break;
        if (class != 2) {
            in_first_label &= class != 3;
            has_brackets |= class == 4;
            end++;
            continue;
        }
        uint32_t code;
        size_t size = lks_utf8_next(text, end, &code);
        /* Text of scripts without blanks may go on right behind a link. */
        if (!lks_unicode_is_word(code) ||
            (!in_first_label && lks_unicode_script_class(code) != LKS_SCRIPT_SPACED))
            break;
        end += size;
    }
    end = link_trim(text, at + head, end, has_brackets);
    return end > at + head ? end : at;
}

/* What a tag may hold beside word characters: middle dots of Catalan and Japanese. */
static int is_tag_code(uint32_t code)
{
    return lks_unicode_is_word(code) || code == 0xb7 || code == 0x30fb;
}

static int is_joiner(uint32_t code)
{
    return code == 0x200c || code == 0x200d;
}

size_t lks_scan_hashtag(struct lks_str text, size_t at, int after_tag, size_t *body_out)
{
    uint32_t code;
    size_t mark = lks_utf8_next(text, at, &code);
    if (code != '#' && code != 0xff03)
        return at;
    uint32_t before = code_before(text, at);
    if (!after_tag && (lks_unicode_is_word(before) || before == '&'))
        return at;
    size_t end = at + mark, next = end;
    int letters = 0;
    while (next < text.size_bytes) {
        size_t size = lks_utf8_next(text, next, &code);
        if (!is_tag_code(code) && !(is_joiner(code) && next > at + mark))
            break;
        letters |= lks_unicode_is_letter(code);
        next += size;
        if (!is_joiner(code)) /* a joiner at the end is not part of the tag */
            end = next;
    }
    if (!letters)
        return at;
    *body_out = at + mark;
    return end;
}

size_t lks_scan_mention(struct lks_str text, size_t at, size_t *body_out)
{
    uint32_t code, before = code_before(text, at);
    size_t mark = lks_utf8_next(text, at, &code);
    if (code != '@' && code != 0xff20)
        return at;
    if (before < 0x80 &&
        (is_handle_byte((unsigned char)before) || (before && strchr("@#$%&*", (int)before))))
        return at;
    if (before == 0xff20)
        return at;
    size_t start = at + mark, end = start;
    while (end < text.size_bytes) {
        unsigned char c = (unsigned char)text.data[end];
        int inner_dot = c == '.' && end > start && text.data[end - 1] != '.' &&
                        end + 1 < text.size_bytes &&
                        is_handle_byte((unsigned char)text.data[end + 1]);
        if (!is_handle_byte(c) && !inner_dot)
            break;
        end++;
    }
    if (end == start)
        return at;
    /* "@jose" with an acute is a word, not the handle "jos"; without blanks it is a handle. */
    if (end < text.size_bytes && (unsigned char)text.data[end] >= 0x80) {
        lks_utf8_next(text, end, &code);
        if (lks_unicode_is_word(code) && lks_unicode_script_class(code) == LKS_SCRIPT_SPACED)
            return at;
    }
    *body_out = start;
    return end;
}

int lks_scan_is_cut(struct lks_str text, size_t at)
{
    uint32_t code;
    if (at >= text.size_bytes || (unsigned char)text.data[at] != 0xe2)
        return 0;
    size_t next = at + lks_utf8_next(text, at, &code);
    if (code != 0x2026)
        return 0;
    while (next < text.size_bytes && (unsigned char)text.data[next] <= 0x20)
        next++;
    if (next == text.size_bytes)
        return 1;
    size_t end = lks_scan_link(text, next);
    return end > next && end == text.size_bytes;
}
