/* swarm_load.c - comments of a case as the columns that the swarm detector takes
 *
 * A comment is a post that answers another. Its text is known by its near-text object, or where it
 * has none by its text object: both exist for texts only that say something, on two posts or
 * more, which is all that a copy can be. */
#include "detect/swarm_load.h"

#include <stdlib.h>
#include <string.h>

static int out_of_memory(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for comments");
}

/* The text of each comment: what near-duplicates share, else what copies share. */
static int texts_find(struct lks_swarm_columns *columns, const struct lks_events *events,
                      struct lks_error *err)
{
    uint32_t *text = malloc(((size_t)events->posts_count + 1) * sizeof *text);
    if (!text)
        return out_of_memory(err);
    memset(text, 255, ((size_t)events->posts_count + 1) * sizeof *text);
    for (int kind = LKS_OBJECT_TEXT; kind <= LKS_OBJECT_NEAR_TEXT; kind++)
        for (size_t i = 0; i < events->count; i++)
            if (events->object_kind[events->object[i]] == kind)
                text[events->post[i]] = events->object[i];
    for (size_t i = 0; i < columns->replies.count; i++)
        columns->text[i] = text[columns->replies.post[i]];
    free(text);
    return 0;
}

int lks_swarm_columns_load(struct lks_store *store, const struct lks_events *events,
                           struct lks_swarm_columns *columns, struct lks_error *err)
{
    *columns = (struct lks_swarm_columns){0};
    int code = lks_store_replies(store, &columns->arena, &columns->replies, err);
    if (code)
        return code;
    struct lks_arena *arena = &columns->arena;
    size_t count = columns->replies.count, targets = columns->replies.targets_count;
    columns->account = lks_arena_calloc(arena, count + 1, sizeof *columns->account);
    columns->text = lks_arena_calloc(arena, count + 1, sizeof *columns->text);
    columns->time_us = lks_arena_calloc(arena, count + 1, sizeof *columns->time_us);
    columns->author = lks_arena_calloc(arena, targets + 1, sizeof *columns->author);
    columns->target_time_us = lks_arena_calloc(arena, targets + 1, sizeof *columns->target_time_us);
    if (!columns->account || !columns->text || !columns->time_us || !columns->author ||
        !columns->target_time_us)
        return out_of_memory(err);
    for (size_t i = 0; i < count; i++) {
        uint32_t post = columns->replies.post[i];
        columns->account[i] = events->post_account[post];
        columns->time_us[i] = events->post_time_us[post];
    }
    for (size_t t = 0; t < targets; t++) {
        uint32_t post = columns->replies.target_post[t];
        columns->author[t] = post == UINT32_MAX ? LKS_SWARM_NONE : events->post_account[post];
        columns->target_time_us[t] =
            post == UINT32_MAX ? LKS_TIME_NULL : events->post_time_us[post];
    }
    return texts_find(columns, events, err);
}

void lks_swarm_columns_unload(struct lks_swarm_columns *columns)
{
    lks_arena_free(&columns->arena);
    *columns = (struct lks_swarm_columns){0};
}

const char *lks_swarm_hindrance(const struct lks_swarm_columns *columns, int has_texts)
{
    uint32_t known = LKS_SWARM_NONE;
    int several = 0;
    if (!columns->replies.count)
        return "no post in the data answers another";
    if (!has_texts)
        return "texts were left out of this run";
    for (uint32_t t = 0; t < columns->replies.targets_count; t++) {
        if (columns->author[t] == LKS_SWARM_NONE)
            continue;
        several |= known != LKS_SWARM_NONE && columns->author[t] != known;
        known = columns->author[t];
    }
    return several ? NULL : "the data hold the answered posts of fewer than two authors";
}

void lks_swarm_input_fill(const struct lks_swarm_columns *columns, const struct lks_events *events,
                          struct lks_swarm_input *input)
{
    *input =
        (struct lks_swarm_input){.accounts_count = events->accounts_count,
                                 .targets_count = columns->replies.targets_count,
                                 .comments_count = columns->replies.count,
                                 .comment_account = columns->account,
                                 .comment_target = columns->replies.target,
                                 .comment_text = columns->text,
                                 .comment_time_us = columns->time_us,
                                 .target_author = columns->author,
                                 .target_time_us = columns->target_time_us,
                                 .times_are_days = events->time_precision == LKS_PRECISION_DAY};
}
