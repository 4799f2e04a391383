/* shingle.h - a text as a set of hashed shingles */
#ifndef LKS_TEXT_SHINGLE_H
#define LKS_TEXT_SHINGLE_H

#include "text/near.h"
#include "text/word_spans.h"

/* Scratch of one worker; zero it to start. */
struct lks_shingler {
    struct lks_buffer text; /* the text, normalised */
    struct lks_buffer word; /* a word without its apostrophes */
    uint64_t *hashes;       /* [count] of the last text, distinct */
    size_t count, capacity;
    uint64_t *slots; /* [slots_capacity] hashes seen, 0 is free */
    size_t slots_capacity;
    struct lks_word_spans spans; /* of the last text, if it is of ASCII and short */
    int failed;
};

/* Cuts the text by options->shingle (docs/method/near-text.md) and leaves its distinct
 * shingles in shingler->hashes, in the order of their first appearance, none of them 0. Cost:
 * linear in the text; memory 8 bytes a shingle and 16 to 32 while telling them apart. 0 or
 * LKS_EMEMORY. */
int lks_shingle(struct lks_shingler *shingler, struct lks_str text,
                const struct lks_near_options *options);
void lks_shingler_free(struct lks_shingler *shingler);

#endif
