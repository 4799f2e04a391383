/* extract.h - what a text carries: links, hashtags, mentions, and the text itself as an object */
#ifndef LKS_TEXT_EXTRACT_H
#define LKS_TEXT_EXTRACT_H

#include "base/arena.h"

/* Writes the canonical form of a link into the arena: scheme dropped ("http", "https"),
 * host lower-cased, "www." and default port dropped, fragment dropped, tracking parameters
 * (utm_*, fbclid, gclid, ...) stripped, trailing slash dropped; percent-escapes and the rest
 * of the path and query kept as they are. *domain_out is the registrable-looking host
 * without "www.". Returns 0, 1 when text is no http(s) link, or LKS_EMEMORY. */
int lks_url_canonical(struct lks_str text, struct lks_arena *arena, struct lks_str *url_out,
                      struct lks_str *domain_out);

enum lks_entity_kind { LKS_ENTITY_URL, LKS_ENTITY_HASHTAG, LKS_ENTITY_MENTION };

/* A hashtag without its mark, NFKC and case-folded (Unicode rules of UAX #31: letters, marks,
 * digits, underscore, ZWNJ/ZWJ inside; not all digits), into the arena. text may start with
 * "#". Returns 0, 1 when it is no hashtag, LKS_EMEMORY. */
int lks_hashtag_canonical(struct lks_str text, struct lks_arena *arena, struct lks_str *tag_out);

/* Calls found for every link, hashtag and mention in text, in order. A link and a mention are
 * raw slices of text (a mention without its "@"); a hashtag is canonical, in the arena.
 * found returns 0 to go on; anything else ends the scan and is returned. */
int lks_text_entities(struct lks_str text, struct lks_arena *arena,
                      int (*found)(void *context, enum lks_entity_kind kind, struct lks_str value),
                      void *context);

/* The text as written by someone who only copies: NFKC, case fold, zero-width and variation
 * marks stripped, confusables mapped, links, mentions and numbers masked, white space folded.
 * Appended to out. Returns 0 or LKS_EMEMORY. */
int lks_text_normalise(struct lks_str text, struct lks_buffer *out);

/* Whether a normalised text says enough to be an object of its own ("text"): the rule is
 * written at its definition. */
int lks_text_is_telling(struct lks_str normalised);

#endif
