/* tiktok.c - one form of a TikTok video or comment, whichever way it was collected */
#include "source/tiktok.h"

static const struct lks_str PLATFORM = {"tiktok", 6};

static struct lks_str lower_handle(struct lks_arena *arena, struct lks_str handle, int *failed)
{
    if (handle.size_bytes && *handle.data == '@')
        handle = (struct lks_str){handle.data + 1, handle.size_bytes - 1};
    size_t at = 0;
    while (at < handle.size_bytes && !(handle.data[at] >= 'A' && handle.data[at] <= 'Z'))
        at++;
    if (at == handle.size_bytes)
        return handle;
    char *copy = lks_arena_alloc(arena, handle.size_bytes);
    if (!copy) {
        *failed = 1;
        return LKS_STR_NULL;
    }
    for (size_t i = 0; i < handle.size_bytes; i++) {
        char c = handle.data[i];
        copy[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return (struct lks_str){copy, handle.size_bytes};
}

struct lks_str lks_tiktok_account_key(struct lks_arena *arena, struct lks_str handle,
                                      struct lks_str id, int *failed)
{
    handle = lower_handle(arena, handle, failed);
    if (handle.size_bytes)
        return LKS_KEY(arena, failed, LKS_STR("tiktok:"), handle);
    return LKS_KEY(arena, failed, LKS_STR("tiktok:id/"), id);
}

enum lks_created_method lks_tiktok_created(int64_t create_time_us, struct lks_str id,
                                           int64_t seen_us, int64_t *created_us)
{
    const int64_t first_us = lks_days_from_civil(2016, 1, 1) * LKS_DAY_US;
    const uint64_t first_timed = UINT64_C(1) << 60;
    uint64_t number = 0;
    *created_us = LKS_TIME_NULL;
    if (create_time_us != LKS_TIME_NULL && create_time_us > 0) {
        *created_us = create_time_us;
        return LKS_CREATED_FIELD;
    }
    if (id.size_bytes == 0 || id.size_bytes > 20)
        return LKS_CREATED_UNKNOWN;
    for (size_t i = 0; i < id.size_bytes; i++) {
        if (id.data[i] < '0' || id.data[i] > '9' ||
            __builtin_mul_overflow(number, (uint64_t)10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(id.data[i] - '0'), &number))
            return LKS_CREATED_UNKNOWN;
    }
    if (number < first_timed)
        return number ? LKS_CREATED_LEGACY : LKS_CREATED_UNKNOWN;
    int64_t time_us = (int64_t)(number >> 32) * LKS_SECOND_US;
    int64_t last_us = seen_us == LKS_TIME_NULL ? LKS_TIME_MAX_US : seen_us + LKS_DAY_US;
    if (time_us < first_us || time_us > last_us)
        return LKS_CREATED_UNKNOWN;
    *created_us = time_us;
    return LKS_CREATED_ID;
}

void lks_tiktok_item_init(struct lks_tiktok_item *item)
{
    *item = (struct lks_tiktok_item){.kind = LKS_POST_VIDEO,
                                     .time_us = LKS_TIME_NULL,
                                     .views = LKS_COUNT_NULL,
                                     .likes = LKS_COUNT_NULL,
                                     .shares = LKS_COUNT_NULL,
                                     .comments = LKS_COUNT_NULL,
                                     .declared_paid = -1,
                                     .created_us = LKS_TIME_NULL,
                                     .followers = LKS_COUNT_NULL,
                                     .following = LKS_COUNT_NULL,
                                     .posts_total = LKS_COUNT_NULL,
                                     .verified = -1};
}

int lks_tiktok_account(struct lks_batch *batch, const struct lks_tiktok_item *item)
{
    int failed = 0;
    struct lks_str key =
        lks_tiktok_account_key(&batch->arena, item->author_handle, item->author_id, &failed);
    if (!key.data)
        return failed ? LKS_EMEMORY : 0;
    struct lks_account *account = lks_batch_account_once(batch, key, &failed);
    if (!account)
        return failed ? LKS_EMEMORY : 0;
    account->platform = PLATFORM;
    account->handle = item->author_handle;
    account->display_name = item->display_name;
    account->bio = item->bio;
    account->country = item->country;
    account->followers = item->followers;
    account->following = item->following;
    account->posts_total = item->posts_total;
    account->verified = item->verified;
    account->created_method =
        lks_tiktok_created(item->created_us, item->author_id, item->time_us, &account->created_us);
    return 0;
}

/* The keys of mentioned accounts. */
static int mention_keys(struct lks_arena *arena, const struct lks_list *handles,
                        struct lks_list *keys)
{
    int failed = 0;
    for (size_t i = 0; i < handles->count; i++) {
        struct lks_str key =
            lks_tiktok_account_key(arena, handles->items[i], LKS_STR_NULL, &failed);
        if (failed || lks_list_add(keys, arena, key) != 0)
            return LKS_EMEMORY;
    }
    return 0;
}

int lks_tiktok_post(struct lks_batch *batch, const struct lks_row *row,
                    const struct lks_tiktok_item *item)
{
    struct lks_arena *arena = &batch->arena;
    struct lks_list mentions = {0};
    int failed = 0;
    struct lks_str account_key =
        lks_tiktok_account_key(arena, item->author_handle, item->author_id, &failed);
    struct lks_str post_key = LKS_KEY(arena, &failed, LKS_STR("tiktok:"), item->id);
    struct lks_str parent_key = LKS_KEY(arena, &failed, LKS_STR("tiktok:"), item->parent_id);
    struct lks_str origin_key = LKS_KEY(arena, &failed, LKS_STR("tiktok:"), item->origin_id);
    struct lks_str channel_key = LKS_KEY(arena, &failed, LKS_STR("tiktok:"), item->video_id);
    if (failed || mention_keys(arena, &item->mentions, &mentions) != 0)
        return LKS_EMEMORY;
    if (!account_key.data)
        return lks_row_reject(batch, row, LKS_REASON_NO_ACCOUNT);
    if (!post_key.data)
        return lks_row_reject(batch, row, LKS_REASON_NO_ID);
    if (item->time_us == LKS_TIME_NULL)
        return lks_row_reject(batch, row, LKS_REASON_BAD_TIME);
    struct lks_post *post = lks_batch_post(batch);
    if (!post)
        return LKS_EMEMORY;
    post->platform = PLATFORM;
    post->kind = item->kind;
    post->post_key = post_key;
    post->account_key = account_key;
    post->parent_key = parent_key;
    post->origin_key = origin_key;
    post->channel_key = channel_key;
    post->text = item->text;
    post->transcript = item->transcript.size_bytes ? item->transcript : LKS_STR_NULL;
    post->language = item->language;
    post->time_us = item->time_us;
    post->time_precision = item->time_precision;
    post->views = item->views;
    post->likes = item->likes;
    post->shares = item->shares;
    post->comments = item->comments;
    post->declared_paid = item->declared_paid;
    const struct lks_post_lists lists = {.hashtags = item->hashtags.items,
                                         .hashtags_count = item->hashtags.count,
                                         .mentions = mentions.items,
                                         .mentions_count = mentions.count,
                                         .sounds = item->sounds.items,
                                         .sounds_count = item->sounds.count,
                                         .effects = item->effects.items,
                                         .effects_count = item->effects.count,
                                         .media = item->media.items,
                                         .media_count = item->media.count};
    int rc = lks_row_post(batch, row, &lists);
    return rc ? rc : lks_tiktok_account(batch, item);
}
