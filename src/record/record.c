/* record.c - the shared nouns: account, post, action, payment, reject, and the batch that carries them */
#include "record/record.h"

#include <stdlib.h>

const char *const lks_object_kind_names[LKS_OBJECT_KINDS_COUNT] = {
    "url",   "domain", "hashtag", "mention",   "repost", "reply",
    "sound", "effect", "text",    "near_text", "media",  "hashtag_set"};
const char *const lks_post_kind_names[LKS_POST_KINDS_COUNT] = {"video",  "comment", "message",
                                                               "repost", "ad",      "post"};
const char *const lks_created_method_names[LKS_CREATED_METHODS_COUNT] = {"unknown", "field", "id",
                                                                         "legacy"};
const char *const lks_precision_names[3] = {"second", "minute", "day"};

static int name_parse(const char *const *names, int count, struct lks_str name)
{
    for (int i = 0; i < count; i++)
        if (lks_str_equal_text(name, names[i]))
            return i;
    return -1;
}

int lks_object_kind_parse(struct lks_str name)
{
    return name_parse(lks_object_kind_names, LKS_OBJECT_KINDS_COUNT, name);
}

int lks_post_kind_parse(struct lks_str name)
{
    return name_parse(lks_post_kind_names, LKS_POST_KINDS_COUNT, name);
}

/* Makes room for one more item of an array that doubles; returns NULL when memory is out. */
static void *array_room(void *items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity)
        return items;
    size_t more = *capacity ? *capacity * 2 : 64;
    void *grown = realloc(items, more * item_bytes);
    if (grown)
        *capacity = more;
    return grown;
}

struct lks_post *lks_batch_post(struct lks_batch *batch)
{
    struct lks_post *posts =
        array_room(batch->posts, batch->posts_count, &batch->posts_capacity, sizeof *posts);
    if (!posts)
        return NULL;
    batch->posts = posts;
    batch->slots_filled = 0;
    struct lks_post *post = &posts[batch->posts_count++];
    *post = (struct lks_post){.time_us = LKS_TIME_NULL,
                              .kind = LKS_POST_POST,
                              .views = LKS_COUNT_NULL,
                              .likes = LKS_COUNT_NULL,
                              .shares = LKS_COUNT_NULL,
                              .comments = LKS_COUNT_NULL,
                              .declared_paid = -1,
                              .actions_first = (uint32_t)batch->actions_count};
    return post;
}

struct lks_account *lks_batch_account(struct lks_batch *batch)
{
    struct lks_account *accounts = array_room(batch->accounts, batch->accounts_count,
                                              &batch->accounts_capacity, sizeof *accounts);
    if (!accounts)
        return NULL;
    batch->accounts = accounts;
    struct lks_account *account = &accounts[batch->accounts_count++];
    *account = (struct lks_account){.created_us = LKS_TIME_NULL,
                                    .followers = LKS_COUNT_NULL,
                                    .following = LKS_COUNT_NULL,
                                    .posts_total = LKS_COUNT_NULL,
                                    .verified = -1};
    return account;
}

struct lks_payment *lks_batch_payment(struct lks_batch *batch)
{
    struct lks_payment *payments = array_room(batch->payments, batch->payments_count,
                                              &batch->payments_capacity, sizeof *payments);
    if (!payments)
        return NULL;
    batch->payments = payments;
    struct lks_payment *payment = &payments[batch->payments_count++];
    *payment = (struct lks_payment){.time_us = LKS_TIME_NULL, .currency = ""};
    return payment;
}

/* Up to so many actions a look at each is quickest; a post with thousands of tags, made to be
 * slow to read, gets a table: open addressing, index + 1, at most a quarter full. */
enum { ACTIONS_SEARCHED = 48, SLOTS_COUNT = 4 * LKS_ACTIONS_PER_POST_MAX };

/* Where the action stands or would stand in the table (FNV-1a). */
static uint32_t *slot_of(const struct lks_batch *batch, enum lks_object_kind kind,
                         struct lks_str object)
{
    uint32_t hash = 2166136261u ^ (uint32_t)kind;
    for (size_t i = 0; i < object.size_bytes; i++)
        hash = (hash ^ (unsigned char)object.data[i]) * 16777619u;
    hash ^= hash >> 15;
    for (;; hash++) {
        uint32_t *slot = &batch->slots[hash % SLOTS_COUNT];
        if (!*slot)
            return slot;
        const struct lks_action *action = &batch->actions[*slot - 1];
        if (action->kind == kind && lks_str_equal(action->object, object))
            return slot;
    }
}

static int slots_fill(struct lks_batch *batch, const struct lks_post *post)
{
    if (batch->slots_filled)
        return 0;
    if (!batch->slots && !(batch->slots = malloc(SLOTS_COUNT * sizeof *batch->slots)))
        return LKS_EMEMORY;
    memset(batch->slots, 0, SLOTS_COUNT * sizeof *batch->slots);
    for (size_t i = post->actions_first; i < batch->actions_count; i++)
        *slot_of(batch, batch->actions[i].kind, batch->actions[i].object) = (uint32_t)i + 1;
    batch->slots_filled = 1;
    return 0;
}

int lks_batch_action(struct lks_batch *batch, enum lks_object_kind kind, struct lks_str object)
{
    LKS_ASSERT(batch->posts_count > 0);
    struct lks_post *post = &batch->posts[batch->posts_count - 1];
    uint32_t *slot = NULL;
    if (!object.data || !object.size_bytes || post->actions_count >= LKS_ACTIONS_PER_POST_MAX)
        return 0;
    if (post->actions_count < ACTIONS_SEARCHED) {
        for (size_t i = post->actions_first; i < batch->actions_count; i++)
            if (batch->actions[i].kind == kind && lks_str_equal(batch->actions[i].object, object))
                return 0;
    } else if (slots_fill(batch, post))
        return LKS_EMEMORY;
    else if (*(slot = slot_of(batch, kind, object)))
        return 0;
    struct lks_action *actions =
        array_room(batch->actions, batch->actions_count, &batch->actions_capacity, sizeof *actions);
    if (!actions)
        return LKS_EMEMORY;
    batch->actions = actions;
    actions[batch->actions_count++] = (struct lks_action){kind, object};
    post->actions_count++;
    if (slot)
        *slot = (uint32_t)batch->actions_count;
    return 0;
}

int lks_batch_reject(struct lks_batch *batch, uint64_t line, uint64_t offset_bytes,
                     const char *reason, struct lks_str row)
{
    struct lks_reject *rejects =
        array_room(batch->rejects, batch->rejects_count, &batch->rejects_capacity, sizeof *rejects);
    if (!rejects)
        return LKS_EMEMORY;
    batch->rejects = rejects;
    if (row.size_bytes > 120)
        row.size_bytes = 120;
    struct lks_str why = lks_arena_str(&batch->arena, lks_str_from(reason));
    struct lks_str start = lks_arena_str(&batch->arena, row);
    if (!why.data || (row.data && !start.data))
        return LKS_EMEMORY;
    rejects[batch->rejects_count++] = (struct lks_reject){line, offset_bytes, why, start};
    return 0;
}

void lks_batch_post_undo(struct lks_batch *batch)
{
    LKS_ASSERT(batch->posts_count > 0);
    batch->actions_count = batch->posts[--batch->posts_count].actions_first;
    batch->slots_filled = 0;
}

void lks_batch_reset(struct lks_batch *batch)
{
    lks_arena_reset(&batch->arena);
    batch->posts_count = batch->accounts_count = batch->actions_count = 0;
    batch->payments_count = batch->rejects_count = 0;
    batch->rows_count = batch->ignored_count = 0;
    batch->slots_filled = 0;
}

void lks_batch_free(struct lks_batch *batch)
{
    lks_arena_free(&batch->arena);
    free(batch->posts);
    free(batch->accounts);
    free(batch->actions);
    free(batch->payments);
    free(batch->rejects);
    lks_buffer_free(&batch->scratch);
    free(batch->slots);
    *batch = (struct lks_batch){0};
}
