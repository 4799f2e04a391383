/* objects.h - from a post to its actions: the one place where every adapter's posts pass */
#ifndef LKS_SOURCE_OBJECTS_H
#define LKS_SOURCE_OBJECTS_H

#include "record/record.h"

/* Lists that the source gives beside the text; all may be empty. */
struct lks_post_lists {
    const struct lks_str *urls; /* expanded where the source has it; replaces links in the text */
    size_t urls_count;
    const struct lks_str *hashtags; /* added to those in the text */
    size_t hashtags_count;
    const struct lks_str *mentions; /* account keys or handles; added to those in the text */
    size_t mentions_count;
    const struct lks_str *sounds;
    size_t sounds_count;
    const struct lks_str *effects;
    size_t effects_count;
    const struct lks_str *media;
    size_t media_count;
};

/* For a post whose source names no original: when its text begins with "RT @user: ", or when
 * is_repost says that the whole text is another's, the post becomes a repost and, unless it has
 * an origin_key, gets "platform:rt-" and 32 hex digits of a SHA-256 over the user (lower case,
 * if known) and the text after the mark, byte for byte: copies of one original share it. An
 * empty text gets none. Call it before lks_post_objects. 0 or LKS_EMEMORY. */
int lks_post_repost_mark(struct lks_batch *batch, int is_repost);

/* Adds every action of the last post in the batch: url, domain, hashtag, mention, repost
 * (origin_key), reply (parent_key), sound, effect, text (SHA-256 of the normalised text, 32
 * hex digits), hashtag_set (two tags or more, sorted, joined by a blank), media. Objects of
 * one platform (mention, sound, effect, repost, reply) carry its prefix; a key that has it
 * already is taken as it is. Handles in the text are lower-cased (ASCII). The text object of
 * a repost is the text after its "RT @user: ". A link shortener's host is no domain object.
 * 0 or LKS_EMEMORY. */
int lks_post_objects(struct lks_batch *batch, const struct lks_post_lists *lists);

/* The key of a text as an object of kind text: hex digits, no NUL. 1 where it says too little to be
 * one, else 0 or LKS_EMEMORY. scratch is emptied first. */
enum { LKS_TEXT_OBJECT_BYTES = 32 };
int lks_text_object(struct lks_str text, struct lks_buffer *scratch,
                    char key[LKS_TEXT_OBJECT_BYTES]);

/* A post's text as its author's own object: of a repost the text after its "RT @user: ". */
struct lks_str lks_post_own_text(const struct lks_post *post);

#endif
