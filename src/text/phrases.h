/* phrases.h - a text as hashed pairs of words that stand near each other: what a script leaves */
#ifndef LKS_TEXT_PHRASES_H
#define LKS_TEXT_PHRASES_H

#include "text/shingle.h"

enum { LKS_PHRASES_MAX = 1024 }; /* of one text; what is longer is cut there, and said to be */

/* Scratch of one worker; zero it to start. */
struct lks_phraser {
    struct lks_shingler shingler;
    struct lks_buffer plain;           /* the text without tags, mentions and links */
    uint64_t phrases[LKS_PHRASES_MAX]; /* [count] distinct, rising */
    uint32_t count;
    int cut; /* the text had more */
};

/* Leaves in phraser->phrases the hashes of every two words that follow each other, at once or
 * with one between them. Hashtags, mentions and links are no words here: that two posts share
 * them is told apart from what they say; nor is what is quoted behind "RT @name". A word that stands twice counts where it stood first. The
 * transcript (may be null) follows the text. Words are those of lks_shingle: normalised, without
 * case, look-alikes and accents; short runs of characters in scripts without blanks. Cost: linear.
 * 0 or LKS_EMEMORY. */
int lks_phrases(struct lks_phraser *phraser, struct lks_str text, struct lks_str transcript);
void lks_phraser_free(struct lks_phraser *phraser);

#endif
