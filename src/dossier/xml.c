/* xml.c - text into XML 1.0 (section 2.2 of the recommendation says which characters it has) */
#include "dossier/xml.h"

#include "base/utf8.h"

/* What stands for the code point, or NULL where it stands for itself. */
static const char *xml_replacement(uint32_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\t':
        return "&#9;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    case 0xfffe:
    case 0xffff:
    case LKS_UTF8_BAD:
        return "\xef\xbf\xbd";
    default:
        return c < 0x20 ? "\xef\xbf\xbd" : NULL;
    }
}

void lks_xml_append(struct lks_buffer *buffer, struct lks_str text)
{
    size_t plain = 0;
    for (size_t at = 0, size; at < text.size_bytes; at += size) {
        uint32_t c;
        size = lks_utf8_next(text, at, &c);
        const char *replacement = xml_replacement(c);
        if (!replacement)
            continue;
        lks_buffer_append(buffer, text.data + plain, at - plain);
        lks_buffer_text(buffer, replacement);
        plain = at + size;
    }
    lks_buffer_append(buffer, text.data + plain, text.size_bytes - plain);
}
