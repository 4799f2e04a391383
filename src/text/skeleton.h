/* skeleton.h - a normalised text without what a copier changes and a reader overlooks */
#ifndef LKS_TEXT_SKELETON_H
#define LKS_TEXT_SKELETON_H

#include "base/str.h"

/* Rewrites a text that lks_text_normalise has written, in place; it never grows. For comparing
 * texts that may be edited copies, not for showing: accents, the vowel marks of Arabic and
 * Hebrew and variants of Arabic letters go; look-alikes of every script become the Latin letter;
 * a letter three times and more in a row stands once; three and more single letters with one
 * separator between them become a word; links written so that they are none ("hxxp", "[.]") are
 * masked as links are; between characters of scripts without blanks nothing stands that is
 * no word. A text of ASCII with none of these costs some 0.3 ns a byte. 0 or LKS_EMEMORY. */
int lks_text_skeleton(struct lks_buffer *text);

#endif
