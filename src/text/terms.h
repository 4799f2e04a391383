/* terms.h - a list of words, phrases and hashtags, and which of them a text has */
#ifndef LKS_TEXT_TERMS_H
#define LKS_TEXT_TERMS_H

#include "base/arena.h"
#include "base/error.h"

struct lks_term {
    struct lks_str text; /* normalised, without accents, in the terms' arena */
    uint32_t group;      /* the caller's number for what it stands for */
    int tag;             /* written with "#": only a hashtag is meant */
};

/* Zero it to start. Shared and unchanging once all are added. */
struct lks_terms {
    struct lks_arena arena;
    struct lks_term *terms; /* [count] */
    size_t count, capacity;
};

/* Adds a word, a phrase or a "#tag"; one that is empty once it is normalised is passed over. 0 or
 * LKS_EMEMORY. */
int lks_terms_add(struct lks_terms *terms, struct lks_str text, uint32_t group);
/* Calls found with each term that stands in the text as whole words, once a term; a term
 * that is no tag is found in a hashtag too where it is the whole of it. scratch is the
 * caller's, for normalising. O(terms x text). 0 or LKS_EMEMORY. */
int lks_terms_match(const struct lks_terms *terms, struct lks_str text, struct lks_buffer *scratch,
                    void (*found)(void *context, const struct lks_term *term), void *context);
void lks_terms_free(struct lks_terms *terms);

#endif
