/* confusables.h - letters that are drawn like Latin ones */
#ifndef LKS_TEXT_CONFUSABLES_H
#define LKS_TEXT_CONFUSABLES_H

#include <stdint.h>

/* The ASCII character that `code` (case-folded, decomposed) is a mere styling of, in any
 * text: small capitals, letters in black circles and squares, typographic quotes and
 * dashes. 0 where there is none. */
char lks_confusable_style(uint32_t code);
/* The small ASCII letter that a Cyrillic, Greek, Armenian, Coptic or Cherokee letter
 * (case-folded, decomposed) is drawn like; upper says whether it was written as a capital.
 * Only for words that also hold Latin letters. 0 where there is none. */
char lks_confusable_letter(uint32_t code, int upper);

#endif
