/* objects.h - from a post to its actions: the one place where every adapter's posts pass */
#ifndef LKS_SOURCE_OBJECTS_H
#define LKS_SOURCE_OBJECTS_H

#include "record/record.h"

/* Lists that the source gives beside the text; all may be empty. */
struct lks_post_lists {
    const struct lks_str *urls;     /* expanded where the source has it; replaces links in the text */
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

/* Adds every action of the last post in the batch: url, domain, hashtag, mention, repost
 * (origin_key), reply (parent_key), sound, effect, text (SHA-256 of the normalised text, 32
 * hex digits), hashtag_set (two tags or more, sorted, joined by a blank), media. Objects of
 * one platform (mention, sound, effect, repost, reply) carry its prefix. 0 or LKS_EMEMORY. */
int lks_post_objects(struct lks_batch *batch, const struct lks_post_lists *lists);

#endif
