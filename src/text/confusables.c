/* confusables.c - letters that are drawn like Latin ones
 *
 * Which letters pass for which is a fact of typography, collected by Unicode in UTS #39
 * ("Unicode Security Mechanisms", confusables). The tables below are our own, much smaller:
 * single letters that pass for one basic Latin letter. Compatibility forms (full-width,
 * mathematical, circled letters) are not here, since NFKC has already undone them.
 *
 * Look-alikes of other scripts count only inside a word that also has a Latin letter: a
 * Russian or Greek word is what it is, and mapping it would make different words equal. A
 * word wholly in look-alikes therefore passes unmapped; such a copy differs in that word
 * and is left to the near-text signal. */
#include "text/confusables.h"

#include <stddef.h>

struct look_alike {
    uint16_t code; /* case-folded */
    char lower;    /* what the small letter looks like; 0: nothing */
    char upper;    /* what the capital looks like; 0: what the small letter looks like */
};

static const struct look_alike look_alikes[] = {
    /* Greek */
    {0x03b1, 'a', 'a'},
    {0x03b2, 'b', 'b'},
    {0x03b3, 'y', 0},
    {0x03b5, 'e', 'e'},
    {0x03b6, 0, 'z'},
    {0x03b7, 'n', 'h'},
    {0x03b9, 'i', 'i'},
    {0x03ba, 'k', 'k'},
    {0x03bc, 'u', 'm'},
    {0x03bd, 'v', 'n'},
    {0x03bf, 'o', 'o'},
    {0x03c1, 'p', 'p'},
    {0x03c3, 'o', 0},
    {0x03c4, 't', 't'},
    {0x03c5, 'u', 'y'},
    {0x03c7, 'x', 'x'},
    {0x03c9, 'w', 0},
    {0x03f3, 'j', 'j'},
    /* Cyrillic */
    {0x0430, 'a', 'a'},
    {0x0432, 'b', 'b'},
    {0x0433, 'r', 0},
    {0x0435, 'e', 'e'},
    {0x043a, 'k', 'k'},
    {0x043c, 'm', 'm'},
    {0x043d, 'h', 'h'},
    {0x043e, 'o', 'o'},
    {0x043f, 'n', 0},
    {0x0440, 'p', 'p'},
    {0x0441, 'c', 'c'},
    {0x0442, 't', 't'},
    {0x0443, 'y', 'y'},
    {0x0445, 'x', 'x'},
    {0x044c, 'b', 'b'},
    {0x0454, 'e', 'e'},
    {0x0455, 's', 's'},
    {0x0456, 'i', 'i'},
    {0x0458, 'j', 'j'},
    {0x0461, 'w', 'w'},
    {0x0475, 'v', 'v'},
    {0x0493, 'f', 'f'},
    {0x04af, 'y', 'y'},
    {0x04bb, 'h', 'h'},
    {0x04bd, 'e', 'e'},
    {0x04cf, 'l', 'l'},
    {0x0501, 'd', 'd'},
    {0x050d, 'g', 'g'},
    {0x051b, 'q', 'q'},
    {0x051d, 'w', 'w'},
    /* Armenian */
    {0x0563, 'q', 0},
    {0x0566, 'q', 0},
    {0x056c, 0, 'l'},
    {0x0570, 'h', 0},
    {0x0575, 'j', 0},
    {0x0578, 'n', 'n'},
    {0x057d, 'u', 'u'},
    {0x057f, 0, 's'},
    {0x0581, 'g', 0},
    {0x0585, 'o', 'o'},
    /* Cherokee, whose case folding goes to the capitals */
    {0x13a0, 'd', 'd'},
    {0x13a1, 'r', 'r'},
    {0x13a2, 't', 't'},
    {0x13a5, 'i', 'i'},
    {0x13a9, 'y', 'y'},
    {0x13aa, 'a', 'a'},
    {0x13ab, 'j', 'j'},
    {0x13ac, 'e', 'e'},
    {0x13b3, 'w', 'w'},
    {0x13b7, 'm', 'm'},
    {0x13bb, 'h', 'h'},
    {0x13bd, 'y', 'y'},
    {0x13c0, 'g', 'g'},
    {0x13c3, 'z', 'z'},
    {0x13cf, 'b', 'b'},
    {0x13d2, 'r', 'r'},
    {0x13d4, 'w', 'w'},
    {0x13d9, 'v', 'v'},
    {0x13da, 's', 's'},
    {0x13de, 'l', 'l'},
    {0x13df, 'c', 'c'},
    {0x13e2, 'p', 'p'},
    {0x13e6, 'k', 'k'},
    {0x13e7, 'd', 'd'},
    {0x13f4, 'b', 'b'},
    /* Coptic */
    {0x2c9f, 'o', 'o'},
    {0x2ca3, 'p', 'p'},
    {0x2ca5, 'c', 'c'},
};

struct style {
    uint16_t code;
    char to;
};

/* Dotless i is here because case folding takes the capital I to i in every language. */
static const struct style styles[] = {
    {0x0131, 'i'},  {0x0237, 'j'},  {0x0251, 'a'}, {0x0261, 'g'},  {0x0262, 'g'},  {0x0269, 'i'},
    {0x026a, 'i'},  {0x0274, 'n'},  {0x0280, 'r'}, {0x028f, 'y'},  {0x0299, 'b'},  {0x029c, 'h'},
    {0x029f, 'l'},  {0x02bc, '\''}, {0x1d00, 'a'}, {0x1d04, 'c'},  {0x1d05, 'd'},  {0x1d07, 'e'},
    {0x1d0a, 'j'},  {0x1d0b, 'k'},  {0x1d0d, 'm'}, {0x1d0f, 'o'},  {0x1d18, 'p'},  {0x1d1b, 't'},
    {0x1d1c, 'u'},  {0x1d20, 'v'},  {0x1d21, 'w'}, {0x1d22, 'z'},  {0x2010, '-'},  {0x2012, '-'},
    {0x2013, '-'},  {0x2014, '-'},  {0x2015, '-'}, {0x2018, '\''}, {0x2019, '\''}, {0x201a, '\''},
    {0x201b, '\''}, {0x201c, '"'},  {0x201d, '"'}, {0x201e, '"'},  {0x201f, '"'},  {0x2032, '\''},
    {0x2044, '/'},  {0x2212, '-'},  {0xa730, 'f'}, {0xa731, 's'},  {0xa7af, 'q'},
};

char lks_confusable_style(uint32_t code)
{
    if (code >= 0x1f150 && code <= 0x1f169)
        return (char)('a' + (code - 0x1f150));
    if (code >= 0x1f170 && code <= 0x1f189)
        return (char)('a' + (code - 0x1f170));
    if (code < styles[0].code || code > 0xa7af)
        return 0;
    size_t low = 0, high = sizeof styles / sizeof *styles;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (styles[middle].code == code)
            return styles[middle].to;
        if (styles[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

char lks_confusable_letter(uint32_t code, int upper)
{
    if (code < look_alikes[0].code || code > 0x2ca5)
        return 0;
    size_t low = 0, high = sizeof look_alikes / sizeof *look_alikes;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (look_alikes[middle].code == code)
            return upper && look_alikes[middle].upper ? look_alikes[middle].upper
                                                      : look_alikes[middle].lower;
        if (look_alikes[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}
