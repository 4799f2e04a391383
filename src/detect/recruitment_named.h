/* recruitment_named.h - what messages name without a mark: tags as plain words, texts to copy */
#ifndef LKS_DETECT_RECRUITMENT_NAMED_H
#define LKS_DETECT_RECRUITMENT_NAMED_H

#include "detect/messages_load.h"
#include "store/store.h"

/* Adds to the things that messages name by tags, links and mentions
 *
 *   hashtags of the events that stand as plain words in a message whose cues make it an instruction
 *   and that has no tag ("use the hashtag unity"), of four letters and more;
 *   texts of posts that stand as a line of a message: texts to copy.
 *
 * named[*count] are in order of (time, post); so is the result, in the arena. 0, LKS_EMEMORY,
 * LKS_ESTORE. */
int lks_named_more(struct lks_store *store, const struct lks_events *events,
                   const struct lks_messages *messages, struct lks_arena *arena,
                   struct lks_named_thing **named, size_t *count, struct lks_error *err);

#endif
