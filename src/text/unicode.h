/* unicode.h - the classes of code points that the text kit tells apart */
#ifndef LKS_TEXT_UNICODE_H
#define LKS_TEXT_UNICODE_H

#include <stdint.h>

/* What a code point weighs in a text. Word characters are letters, marks, decimal digits,
 * letter-like numbers and the underscore: what a hashtag is made of (UAX #31, XID_Continue
 * without the connectors that platforms do not take). */
int lks_unicode_is_word(uint32_t code);
/* A letter or a letter-like number: a tag needs at least one. */
int lks_unicode_is_letter(uint32_t code);
/* White space of any kind, controls, and the blank Braille cell, which looks like a blank. */
int lks_unicode_is_space(uint32_t code);
/* A letter of the Latin script. */
int lks_unicode_is_latin(uint32_t code);

/* How the script of a letter cuts words. */
enum lks_script_class {
    LKS_SCRIPT_SPACED,     /* words stand between blanks; Hangul too, though dense */
    LKS_SCRIPT_HANGUL,     /* blanks, but a syllable a character */
    LKS_SCRIPT_IDEOGRAPH,  /* no blanks, some two characters a word */
    LKS_SCRIPT_KANA,       /* no blanks, some four characters a word */
    LKS_SCRIPT_SOUTH_ASIAN /* Thai, Lao, Khmer, Myanmar: no blanks, some five characters a word */
};
enum lks_script_class lks_unicode_script_class(uint32_t code);

#endif
