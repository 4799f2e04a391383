/* unicode.c - the classes of code points that the text kit tells apart */
#include "text/unicode.h"

#include <utf8proc.h>

int lks_unicode_is_word(uint32_t code)
{
    if (code < 0x80)
        return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
               (code >= '0' && code <= '9') || code == '_';
    if (code > 0x10ffff)
        return 0;
    switch (utf8proc_category((utf8proc_int32_t)code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
        return 1;
    default:
        return 0;
    }
}

int lks_unicode_is_letter(uint32_t code)
{
    if (code < 0x80)
        return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
    if (code > 0x10ffff)
        return 0;
    switch (utf8proc_category((utf8proc_int32_t)code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL:
        return 1;
    default:
        return 0;
    }
}

int lks_unicode_is_space(uint32_t code)
{
    if (code < 0x80)
        return code <= 0x20 || code == 0x7f;
    if (code > 0x10ffff)
        return 0;
    if (code == 0x2800)
        return 1;
    switch (utf8proc_category((utf8proc_int32_t)code)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
        return 1;
    default:
        return 0;
    }
}

int lks_unicode_is_latin(uint32_t code)
{
    if (code < 0x80)
        return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
    return ((code >= 0xc0 && code <= 0x2af) || (code >= 0x1d00 && code <= 0x1dbf) ||
            (code >= 0x1e00 && code <= 0x1eff) || (code >= 0x2c60 && code <= 0x2c7f) ||
            (code >= 0xa722 && code <= 0xa7ff) || (code >= 0xab30 && code <= 0xab64)) &&
           lks_unicode_is_letter(code);
}

static int within(uint32_t code, uint32_t first, uint32_t last)
{
    return code >= first && code <= last;
}

enum lks_script_class lks_unicode_script_class(uint32_t code)
{
    if (code < 0xe00)
        return LKS_SCRIPT_SPACED;
    if (within(code, 0xe00, 0xeff) || within(code, 0x1000, 0x109f) ||
        within(code, 0x1780, 0x17ff) || within(code, 0x1950, 0x19df) ||
        within(code, 0x1a20, 0x1aaf) || within(code, 0xa9e0, 0xa9ff) ||
        within(code, 0xaa60, 0xaadf))
        return LKS_SCRIPT_SOUTH_ASIAN;
    if (within(code, 0x1100, 0x11ff) || within(code, 0x3130, 0x318f) ||
        within(code, 0xa960, 0xa97f) || within(code, 0xac00, 0xd7ff) ||
        within(code, 0xffa0, 0xffdf))
        return LKS_SCRIPT_HANGUL;
    if (within(code, 0x3040, 0x30ff) || within(code, 0x31f0, 0x31ff) ||
        within(code, 0xff66, 0xff9f) || within(code, 0x1aff0, 0x1b16f))
        return LKS_SCRIPT_KANA;
    if (within(code, 0x2e80, 0x2fdf) || within(code, 0x3005, 0x3007) ||
        within(code, 0x3021, 0x3029) || within(code, 0x3100, 0x312f) ||
        within(code, 0x31a0, 0x31bf) || within(code, 0x3400, 0x4dbf) ||
        within(code, 0x4e00, 0x9fff) || within(code, 0xa000, 0xa4cf) ||
        within(code, 0xf900, 0xfaff) || within(code, 0x20000, 0x3ffff))
        return LKS_SCRIPT_IDEOGRAPH;
    return LKS_SCRIPT_SPACED;
}
