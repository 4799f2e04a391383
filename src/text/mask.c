/* mask.c - a text without what points at somebody: handles, links, addresses, numbers
 *
 * Runs between blanks are looked at whole: who hides a handle behind punctuation or a character
 * without width still writes it into one run. */
#include "text/mask.h"

#include <stdint.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "text/unicode.h"

/* What a run holds. */
struct looks {
    int at, link, digit, tag;
    uint32_t before[3]; /* the last three code points, the newest first */
    int dots;           /* word characters since a dot that followed one; 0: no such dot */
};

static int is_digit(uint32_t code)
{
    if (code < 0x80)
        return code >= '0' && code <= '9';
    if (code > 0x10ffff)
        return 0;
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    return category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NL ||
           category == UTF8PROC_CATEGORY_NO;
}

static int is_at(uint32_t code)
{
    return code == '@' || code == 0xff20 || code == 0xfe6b;
}

static int is_dot(uint32_t code)
{
    return code == '.' || code == 0xff0e || code == 0xfe52;
}

/* Characters without width: they part nothing. */
static int is_silent(uint32_t code)
{
    return code == 0xad || (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x2060 && code <= 0x2064) || (code >= 0x202a && code <= 0x202e) ||
           code == 0xfeff || (code >= 0xfe00 && code <= 0xfe0f);
}

static uint32_t lower(uint32_t code)
{
    if (code >= 0xff21 && code <= 0xff5a) /* full-width letters */
        code -= 0xfee0;
    return code >= 'A' && code <= 'Z' ? code + 32 : code;
}

static void look(struct looks *looks, uint32_t code, int first)
{
    uint32_t plain = code == 0xff0f ? '/' : code == 0xff1a ? ':' : lower(code);
    if (is_silent(code))
        return;
    looks->tag |= first && (code == '#' || code == 0xff03);
    looks->at |= is_at(code);
    looks->digit |= is_digit(code);
    if (plain == '/' && looks->before[0] == '/' && looks->before[1] == ':')
        looks->link = 1;
    if (is_dot(code) && looks->before[0] == 'w' && looks->before[1] == 'w' &&
        looks->before[2] == 'w')
        looks->link = 1;
    if (is_dot(code))
        looks->dots = lks_unicode_is_word(looks->before[0]) ? 1 : 0;
    else if (looks->dots)
        looks->dots = lks_unicode_is_letter(code) ? looks->dots + 1 : 0;
    if (looks->dots == 3)
        looks->link = 1;
    looks->before[2] = looks->before[1];
    looks->before[1] = looks->before[0];
    looks->before[0] = plain;
}

static void run_put(struct lks_buffer *out, struct lks_str run, const struct looks *looks,
                    unsigned what, int *number)
{
    const char *mask = NULL;
    if ((what & LKS_MASK_HANDLES) && looks->at)
        mask = "[handle]";
    else if ((what & LKS_MASK_LINKS) && looks->link)
        mask = "[link]";
    else if ((what & LKS_MASK_NUMBERS) && looks->digit && !looks->tag)
        mask = "[number]";
    int is_number = mask && mask[1] == 'n';
    if (is_number && *number) /* "0722 123 456" is one number */
        return;
    *number = is_number;
    if (out->size_bytes && out->data[out->size_bytes - 1] != ' ')
        lks_buffer_byte(out, ' ');
    if (mask) {
        lks_buffer_text(out, mask);
        return;
    }
    for (size_t at = 0; at < run.size_bytes;) {
        uint32_t code;
        size_t size = lks_utf8_next(run, at, &code);
        if (code == LKS_UTF8_BAD)
            lks_buffer_text(out, "\xef\xbf\xbd");
        else
            lks_buffer_append(out, run.data + at, size);
        at += size;
    }
}

void lks_text_mask(struct lks_str text, unsigned what, struct lks_buffer *out)
{
    struct looks looks = {0};
    struct lks_buffer masked = {0};
    size_t start = 0;
    int number = 0;
    for (size_t at = 0; at <= text.size_bytes;) {
        uint32_t code = ' ';
        size_t size = at < text.size_bytes ? lks_utf8_next(text, at, &code) : 1;
        if (at == text.size_bytes || (code != LKS_UTF8_BAD && lks_unicode_is_space(code))) {
            if (at > start)
                run_put(&masked, (struct lks_str){text.data + start, at - start}, &looks, what,
                        &number);
            looks = (struct looks){0};
            start = at + size;
        } else if (code != LKS_UTF8_BAD) {
            look(&looks, code, at == start);
        }
        at += size;
    }
    out->failed |= masked.failed;
    lks_buffer_append(out, masked.data, masked.size_bytes);
    lks_buffer_free(&masked);
}
