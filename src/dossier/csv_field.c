/* csv_field.c - a text as a field of CSV
 *
 * A spreadsheet runs what looks like a formula, and the texts here were written by the
 * very people under examination: so the CSV for readers guards them (CWE-1236), in a way
 * that can be undone exactly. */
#include "dossier/csv_field.h"

#include "base/utf8.h"

/* Whether a spreadsheet might take the text for a formula; the apostrophe itself counts, so
 * that taking one away is always right. */
static int looks_like_formula(struct lks_str text)
{
    uint32_t c;
    if (text.size_bytes == 0)
        return 0;
    lks_utf8_next(text, 0, &c);
    switch (c) {
    case '=':
    case '+':
    case '-':
    case '@':
    case '\'':
    case '\t':
    case '\r':
    case '\n':
    case 0xff1d: /* full-width = + - @ */
    case 0xff0b:
    case 0xff0d:
    case 0xff20:
        return 1;
    default:
        return 0;
    }
}

void lks_csv_field(struct lks_buffer *buffer, struct lks_str text, int guard)
{
    lks_buffer_byte(buffer, '"');
    if (guard && looks_like_formula(text))
        lks_buffer_byte(buffer, '\'');
    for (size_t at = 0, size; at < text.size_bytes; at += size) {
        uint32_t c;
        size = lks_utf8_next(text, at, &c);
        if (c == LKS_UTF8_BAD || c == 0)
            lks_buffer_text(buffer, "\xef\xbf\xbd");
        else
            lks_buffer_append(buffer, text.data + at, size);
        if (c == '"')
            lks_buffer_byte(buffer, '"');
    }
    lks_buffer_byte(buffer, '"');
}
