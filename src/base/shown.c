/* shown.c - text from outside, made fit to be shown on a terminal */
#include "base/shown.h"

#include "base/utf8.h"

static bool is_hidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == LKS_UTF8_BAD || c == 0x61c ||
           (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

void lks_buffer_shown(struct lks_buffer *out, struct lks_str text, size_t limit_bytes)
{
    for (size_t at = 0; at < text.size_bytes;) {
        uint32_t c;
        size_t size = lks_utf8_next(text, at, &c);
        if (at + size > limit_bytes) {
            lks_buffer_text(out, "...");
            return;
        }
        if (is_hidden(c))
            lks_buffer_byte(out, ' ');
        else
            lks_buffer_append(out, text.data + at, size);
        at += size;
    }
}
