/* disclosure.h - words by which people say that a post is paid for, in many languages */
#ifndef LKS_TEXT_DISCLOSURE_H
#define LKS_TEXT_DISCLOSURE_H

#include "text/terms.h"

/* A mark: "#ad" only as a hashtag, "paid partnership" as words anywhere in the text. */
struct lks_disclosure_mark {
    const char *language; /* ISO 639-1 */
    const char *mark;
};
/* Ends with a mark that is NULL. Part of the library; case.toml adds to it, never takes away. */
extern const struct lks_disclosure_mark lks_disclosure_marks[];

/* Adds all of them to the terms; group 0. 0 or LKS_EMEMORY. */
int lks_disclosure_terms(struct lks_terms *terms);

#endif
