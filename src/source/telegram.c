/* telegram.c - one form of a Telegram message, whichever program exported it */
#include "source/telegram.h"

static const struct lks_str PLATFORM = {"telegram", 8};

struct lks_str lks_peer_key(struct lks_arena *arena, struct lks_peer peer, int *failed)
{
    switch (peer.kind) {
    case LKS_PEER_USER:
        return LKS_KEY(arena, failed, LKS_STR("telegram:user"), peer.id);
    case LKS_PEER_CHAT:
        return LKS_KEY(arena, failed, LKS_STR("telegram:chat"), peer.id);
    case LKS_PEER_CHANNEL:
        return LKS_KEY(arena, failed, LKS_STR("telegram:"), peer.id);
    case LKS_PEER_NAME:
        return LKS_KEY(arena, failed, LKS_STR("telegram:~"), peer.id);
    default:
        return LKS_STR_NULL;
    }
}

static int starts_with(struct lks_str text, const char *prefix)
{
    size_t size = strlen(prefix);
    return text.size_bytes > size && memcmp(text.data, prefix, size) == 0;
}

static struct lks_peer peer_of(enum lks_peer_kind kind, struct lks_str text, size_t prefix_bytes)
{
    return (struct lks_peer){kind, {text.data + prefix_bytes, text.size_bytes - prefix_bytes}};
}

struct lks_peer lks_peer_parse(struct lks_str text)
{
    if (starts_with(text, "user"))
        return peer_of(LKS_PEER_USER, text, 4);
    if (starts_with(text, "channel"))
        return peer_of(LKS_PEER_CHANNEL, text, 7);
    if (starts_with(text, "chat"))
        return peer_of(LKS_PEER_CHAT, text, 4);
    if (starts_with(text, "-100") && text.size_bytes > 12)
        return peer_of(LKS_PEER_CHANNEL, text, 4);
    if (starts_with(text, "-"))
        return peer_of(LKS_PEER_CHAT, text, 1);
    return text.size_bytes ? peer_of(LKS_PEER_USER, text, 0)
                           : (struct lks_peer){LKS_PEER_NONE, LKS_STR_NULL};
}

void lks_telegram_message_init(struct lks_telegram_message *message)
{
    *message = (struct lks_telegram_message){.time_us = LKS_TIME_NULL,
                                             .views = LKS_COUNT_NULL,
                                             .shares = LKS_COUNT_NULL,
                                             .comments = LKS_COUNT_NULL,
                                             .likes = LKS_COUNT_NULL};
}

/* Whether a and b are the same peer. */
static int same_peer(struct lks_peer a, struct lks_peer b)
{
    return a.kind == b.kind && lks_str_equal(a.id, b.id);
}

static int observe(struct lks_batch *batch, struct lks_str key, struct lks_str name)
{
    int failed = 0;
    if (!key.data || !name.data || name.size_bytes == 0)
        return 0;
    struct lks_account *account = lks_batch_account_once(batch, key, &failed);
    if (!account)
        return failed ? LKS_EMEMORY : 0;
    account->platform = PLATFORM;
    /* The name may be a slice of the text around the row, which may not live as long. */
    account->display_name = lks_arena_str(&batch->arena, name);
    return account->display_name.data ? 0 : LKS_EMEMORY;
}

int lks_telegram_post(struct lks_batch *batch, const struct lks_row *row,
                      const struct lks_telegram_message *message)
{
    struct lks_arena *arena = &batch->arena;
    int failed = 0;
    struct lks_peer author = message->author.kind ? message->author : message->chat;
    struct lks_str chat_key = lks_peer_key(arena, message->chat, &failed);
    struct lks_str author_key =
        same_peer(author, message->chat) ? chat_key : lks_peer_key(arena, author, &failed);
    struct lks_str post_key = LKS_KEY(arena, &failed, chat_key, LKS_STR("/"), message->id);
    struct lks_str parent_chat =
        message->reply_chat.kind ? lks_peer_key(arena, message->reply_chat, &failed) : chat_key;
    struct lks_str parent_key =
        LKS_KEY(arena, &failed, parent_chat, LKS_STR("/"), message->reply_id);
    if (failed)
        return LKS_EMEMORY;
    if (!chat_key.data)
        return lks_row_reject(batch, row, "no chat");
    if (!message->id.data)
        return lks_row_reject(batch, row, LKS_REASON_NO_ID);
    if (message->time_us == LKS_TIME_NULL)
        return lks_row_reject(batch, row, LKS_REASON_BAD_TIME);
    struct lks_post *post = lks_batch_post(batch);
    if (!post)
        return LKS_EMEMORY;
    post->platform = PLATFORM;
    post->post_key = post_key;
    post->account_key = author_key;
    post->channel_key = chat_key;
    post->parent_key = parent_key;
    post->origin_key = message->origin_key;
    post->kind = message->forwarded ? LKS_POST_REPOST : LKS_POST_MESSAGE;
    post->text = message->text;
    post->time_us = message->time_us;
    post->time_precision = message->time_precision;
    post->views = message->views;
    post->shares = message->shares;
    post->comments = message->comments;
    post->likes = message->likes;
    const struct lks_post_lists lists = {.urls = message->urls.items,
                                         .urls_count = message->urls.count,
                                         .hashtags = message->hashtags.items,
                                         .hashtags_count = message->hashtags.count,
                                         .mentions = message->mentions.items,
                                         .mentions_count = message->mentions.count,
                                         .media = message->media.items,
                                         .media_count = message->media.count};
    int rc = lks_row_post(batch, row, &lists);
    if (rc == 0)
        rc = observe(batch, author_key,
                     same_peer(author, message->chat) && !message->author_name.data
                         ? message->chat_name
                         : message->author_name);
    return rc;
}

struct lks_str lks_telegram_url(struct lks_arena *arena, struct lks_str text, int *failed)
{
    if (!text.data || memmem(text.data, text.size_bytes, "://", 3))
        return text;
    return LKS_KEY(arena, failed, LKS_STR("https://"), text);
}
