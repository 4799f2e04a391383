/* hashtag.c - one writing for a hashtag
 *
 * The canonical tag is its NFKC form, case-folded, without invisible marks (the joiners that
 * may stand inside a tag too: they change how letters are drawn, not which letters there
 * are). What may stand in a tag is said at lks_scan_hashtag. */
#include "base/error.h"
#include "base/utf8.h"
#include "text/extract.h"
#include "text/fold.h"
#include "text/scan.h"
#include "text/unicode.h"

static struct lks_str trimmed(struct lks_str text)
{
    while (text.size_bytes && (unsigned char)text.data[0] <= 0x20) {
        text.data++;
        text.size_bytes--;
    }
    while (text.size_bytes && (unsigned char)text.data[text.size_bytes - 1] <= 0x20)
        text.size_bytes--;
    return text;
}

static int tag_ascii(struct lks_str body, struct lks_arena *arena, struct lks_str *tag_out)
{
    char *tag = lks_arena_alloc(arena, body.size_bytes + 1);
    if (!tag)
        return LKS_EMEMORY;
    for (size_t i = 0; i < body.size_bytes; i++) {
        char c = body.data[i];
        tag[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    tag[body.size_bytes] = 0;
    *tag_out = (struct lks_str){tag, body.size_bytes};
    return 0;
}

static int is_ascii(struct lks_str text)
{
    unsigned char all = 0;
    for (size_t i = 0; i < text.size_bytes; i++)
        all |= (unsigned char)text.data[i];
    return all < 0x80;
}

/* Whether all of body may stand in a tag, and something in it is a letter. */
static int is_tag_body(struct lks_str body)
{
    int letters = 0;
    uint32_t code = 0;
    for (size_t at = 0; at < body.size_bytes;) {
        size_t size = lks_utf8_next(body, at, &code);
        int joiner = (code == 0x200c || code == 0x200d) && at > 0;
        if (!lks_unicode_is_word(code) && code != 0xb7 && code != 0x30fb && !joiner)
            return 0;
        letters |= lks_unicode_is_letter(code);
        at += size;
    }
    return letters;
}

static int tag_unicode(struct lks_str body, struct lks_arena *arena, struct lks_str *tag_out)
{
    struct lks_buffer folded = {0};
    int code = lks_text_fold(body, &folded);
    struct lks_str tag = {folded.data, folded.size_bytes};
    /* A few letters fold to blanks or symbols. */
    if (code == 0 && !is_tag_body(tag))
        code = 1;
    if (code == 0) {
        *tag_out = lks_arena_str(arena, tag);
        code = tag_out->data ? 0 : LKS_EMEMORY;
    }
    lks_buffer_free(&folded);
    return code;
}

int lks_hashtag_canonical(struct lks_str text, struct lks_arena *arena, struct lks_str *tag_out)
{
    struct lks_str body = trimmed(text);
    if (body.size_bytes && body.data[0] == '#') {
        body.data++;
        body.size_bytes--;
    } else if (body.size_bytes > 3 && memcmp(body.data, "\xef\xbc\x83", 3) == 0) {
        body.data += 3;
        body.size_bytes -= 3;
    }
    if (!body.size_bytes || !is_tag_body(body))
        return 1;
    return is_ascii(body) ? tag_ascii(body, arena, tag_out) : tag_unicode(body, arena, tag_out);
}
