/* youtube.c - YouTube's Data API, version 3: videos, comment threads, comments, channels
 *
 * Answers as they came (one or many, one after another or in an array), or the bare items of their
 * lists. A thread holds its first comment and some of the answers: each is a row of its own in
 * the counts. Accounts are channels, whose ids outlive every handle. */
#include "source/adapter_kit.h"
#include "source/adapters.h"
#include "text/html.h"

static const struct lks_str PLATFORM = {"youtube", 7};

struct item {
    struct lks_arena *arena;
    struct lks_str kind, id, video_id, channel_id, channel_title, title, description;
    struct lks_str author_id, author_name, text, text_html, parent_id, language, country;
    struct lks_str custom_url, published, video_published;
    int64_t views, likes, comments, replies, subscribers, videos;
    int paid;
    struct lks_list tags;
    struct lks_str top_comment, answers, items; /* as they lie in the row */
    int failed;
};

static void item_init(struct item *t, struct lks_arena *arena)
{
    *t = (struct item){.arena = arena,
                       .views = LKS_COUNT_NULL,
                       .likes = LKS_COUNT_NULL,
                       .comments = LKS_COUNT_NULL,
                       .replies = LKS_COUNT_NULL,
                       .subscribers = LKS_COUNT_NULL,
                       .videos = LKS_COUNT_NULL,
                       .paid = -1};
}

static int is(struct lks_str a, const char *b)
{
    return lks_str_equal_text(a, b);
}

static struct lks_str text(struct lks_json_reader *reader)
{
    return lks_value_text(lks_json_read(reader));
}

/* The text of one member of the object at the cursor. */
static struct lks_str text_in(struct lks_json_reader *reader, const char *name)
{
    struct lks_str found = LKS_STR_NULL, key;
    if (lks_json_enter_object(reader))
        while (lks_json_member(reader, &key))
            if (is(key, name))
                found = text(reader);
    return found;
}

/* "id" of a search's result: {"kind":"youtube#video","videoId":"..."}. */
static void read_id(struct item *t, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_object(reader)) {
        t->id = text(reader);
        return;
    }
    while (lks_json_member(reader, &key)) {
        if (is(key, "kind"))
            t->kind = text(reader);
        else if (is(key, "videoId") || is(key, "channelId") || is(key, "playlistId"))
            t->id = text(reader);
    }
}

static void read_tags(struct item *t, struct lks_json_reader *reader)
{
    if (!lks_json_enter_array(reader))
        return;
    while (lks_json_element(reader))
        if (lks_list_add(&t->tags, t->arena, text(reader)) != 0)
            t->failed = 1;
}

static int read_comment_member(struct item *t, struct lks_json_reader *reader, struct lks_str key)
{
    if (is(key, "videoId"))
        t->video_id = text(reader);
    else if (is(key, "textOriginal"))
        t->text = text(reader);
    else if (is(key, "textDisplay"))
        t->text_html = text(reader);
    else if (is(key, "authorDisplayName"))
        t->author_name = text(reader);
    else if (is(key, "authorChannelId"))
        t->author_id = text_in(reader, "value");
    else if (is(key, "parentId"))
        t->parent_id = text(reader);
    else if (is(key, "likeCount"))
        t->likes = lks_value_count(lks_json_read(reader));
    else if (is(key, "totalReplyCount"))
        t->replies = lks_value_count(lks_json_read(reader));
    else if (is(key, "topLevelComment")) {
        struct lks_json_value value = lks_json_read(reader);
        t->top_comment = value.type == LKS_JSON_OBJECT ? value.text : LKS_STR_NULL;
    } else
        return 0;
    return 1;
}

static void read_snippet(struct item *t, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_object(reader))
        return;
    while (lks_json_member(reader, &key)) {
        if (read_comment_member(t, reader, key))
            continue;
        if (is(key, "publishedAt"))
            t->published = text(reader);
        else if (is(key, "channelId") || is(key, "videoOwnerChannelId"))
            /* Of a playlist's entry, channelId is who keeps the list. */
            t->channel_id =
                t->channel_id.data && is(key, "channelId") ? t->channel_id : text(reader);
        else if (is(key, "channelTitle") || is(key, "videoOwnerChannelTitle"))
            t->channel_title = text(reader);
        else if (is(key, "title"))
            t->title = text(reader);
        else if (is(key, "description"))
            t->description = text(reader);
        else if (is(key, "tags"))
            read_tags(t, reader);
        else if (is(key, "defaultLanguage") || is(key, "defaultAudioLanguage"))
            t->language = text(reader);
        else if (is(key, "country"))
            t->country = text(reader);
        else if (is(key, "customUrl"))
            t->custom_url = text(reader);
        else if (is(key, "resourceId"))
            t->video_id = text_in(reader, "videoId");
    }
}

static void read_statistics(struct item *t, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_object(reader))
        return;
    while (lks_json_member(reader, &key)) {
        if (is(key, "viewCount"))
            t->views = lks_value_count(lks_json_read(reader));
        else if (is(key, "likeCount"))
            t->likes = lks_value_count(lks_json_read(reader));
        else if (is(key, "commentCount"))
            t->comments = lks_value_count(lks_json_read(reader));
        else if (is(key, "subscriberCount"))
            t->subscribers = lks_value_count(lks_json_read(reader));
        else if (is(key, "videoCount"))
            t->videos = lks_value_count(lks_json_read(reader));
    }
}

/* An array, as it lies in the row. */
static struct lks_str read_array(struct lks_json_reader *reader)
{
    struct lks_json_value value = lks_json_read(reader);
    return value.type == LKS_JSON_ARRAY ? value.text : LKS_STR_NULL;
}

static void read_item(struct item *t, struct lks_json_reader *reader)
{
    struct lks_str key;
    while (lks_json_member(reader, &key)) {
        if (is(key, "kind")) {
            struct lks_str kind = text(reader);
            t->kind = is(t->kind, "youtube#video") ? t->kind : kind;
        } else if (is(key, "id"))
            read_id(t, reader);
        else if (is(key, "snippet"))
            read_snippet(t, reader);
        else if (is(key, "statistics"))
            read_statistics(t, reader);
        else if (is(key, "contentDetails"))
            t->video_published = text_in(reader, "videoPublishedAt");
        else if (is(key, "items"))
            t->items = read_array(reader);
        else if (is(key, "replies") && lks_json_enter_object(reader)) {
            while (lks_json_member(reader, &key))
                if (is(key, "comments"))
                    t->answers = read_array(reader);
        } else if (is(key, "paidProductPlacementDetails") && lks_json_enter_object(reader)) {
            while (lks_json_member(reader, &key))
                if (is(key, "hasPaidProductPlacement"))
                    t->paid = lks_value_bool(lks_json_read(reader));
        }
    }
}

/* ---- what becomes of it ---- */

static int account_put(struct lks_batch *batch, const struct item *t, struct lks_str key,
                       struct lks_str name)
{
    int failed = 0;
    bool channel = is(t->kind, "youtube#channel"); /* says more than the name beside a post */
    struct lks_account *account =
        channel ? lks_batch_account(batch) : lks_batch_account_once(batch, key, &failed);
    if (!account)
        return channel || failed ? LKS_EMEMORY : 0;
    account->platform = PLATFORM;
    account->account_key = key;
    if (name.size_bytes > 1 && *name.data == '@')
        account->handle = (struct lks_str){name.data + 1, name.size_bytes - 1};
    else
        account->display_name = name;
    if (channel) {
        struct lks_str url = t->custom_url;
        bool at = url.size_bytes > 1 && *url.data == '@';
        account->handle = at ? (struct lks_str){url.data + 1, url.size_bytes - 1} : url;
        account->bio = t->description;
        account->country = t->country;
        account->followers = t->subscribers;
        account->posts_total = t->videos;
        if (t->published.data &&
            lks_time_parse_iso(t->published, &account->created_us, NULL, NULL) == 0)
            account->created_method = LKS_CREATED_FIELD;
        else
            account->created_us = LKS_TIME_NULL;
    }
    return 0;
}

/* A post with what videos and comments have alike, or NULL: a reject, *code told. */
static struct lks_post *post_open(struct item *t, const struct lks_row *row,
                                  struct lks_batch *batch, struct lks_str account,
                                  struct lks_str id, struct lks_str published, int *code)
{
    int64_t time_us = 0;
    enum lks_time_precision precision = LKS_PRECISION_SECOND;
    const char *fault = NULL;
    int failed = 0;
    if (!account.size_bytes)
        fault = LKS_REASON_NO_ACCOUNT;
    else if (!id.size_bytes)
        fault = LKS_REASON_NO_ID;
    else if (!published.data)
        fault = LKS_REASON_NO_TIME;
    else if (lks_time_parse_iso(published, &time_us, &precision, NULL) != 0)
        fault = LKS_REASON_BAD_TIME;
    if (fault) {
        *code = lks_row_reject(batch, row, fault);
        return NULL;
    }
    struct lks_post *post = lks_batch_post(batch);
    *code = post ? 0 : LKS_EMEMORY;
    if (!post)
        return NULL;
    post->platform = PLATFORM;
    post->account_key = LKS_KEY(t->arena, &failed, LKS_STR("youtube:"), account);
    post->post_key = LKS_KEY(t->arena, &failed, LKS_STR("youtube:"), id);
    post->time_us = time_us;
    post->time_precision = precision;
    post->language = t->language;
    post->likes = t->likes;
    if (failed)
        *code = LKS_EMEMORY;
    return post;
}

static int put_video(struct item *t, const struct lks_row *row, struct lks_batch *batch)
{
    struct lks_str id = is(t->kind, "youtube#playlistItem") ? t->video_id : t->id;
    struct lks_str time = t->video_published.data ? t->video_published : t->published;
    int code = 0, failed = 0;
    struct lks_post *post = post_open(t, row, batch, t->channel_id, id, time, &code);
    if (!post || code)
        return code;
    post->kind = LKS_POST_VIDEO;
    post->views = t->views;
    post->comments = t->comments;
    post->declared_paid = t->paid;
    post->text = t->title;
    if (t->title.size_bytes && t->description.size_bytes)
        post->text = LKS_KEY(t->arena, &failed, t->title, LKS_STR("\n"), t->description);
    struct lks_str account = post->account_key;
    const struct lks_post_lists lists = {.hashtags = NULL};
    code = failed ? LKS_EMEMORY : lks_row_post(batch, row, &lists);
    return code ? code : account_put(batch, t, account, t->channel_title);
}

static int put_comment(struct item *t, const struct lks_row *row, struct lks_batch *batch)
{
    int code = 0, failed = 0;
    if (!t->text.data && t->text_html.data &&
        lks_html_text(t->arena, t->text_html, &t->text, NULL, NULL) != 0)
        return LKS_EMEMORY;
    struct lks_post *post = post_open(t, row, batch, t->author_id, t->id, t->published, &code);
    if (!post || code)
        return code;
    post->kind = LKS_POST_COMMENT;
    post->text = t->text;
    post->comments = t->replies;
    post->channel_key = LKS_KEY(t->arena, &failed, LKS_STR("youtube:"), t->video_id);
    post->parent_key = LKS_KEY(t->arena, &failed, LKS_STR("youtube:"),
                               t->parent_id.data ? t->parent_id : t->video_id);
    struct lks_str account = post->account_key;
    const struct lks_post_lists lists = {.hashtags = NULL};
    code = failed ? LKS_EMEMORY : lks_row_post(batch, row, &lists);
    return code ? code : account_put(batch, t, account, t->author_name);
}

/* A comment inside a thread; what it lacks, the thread has. */
static int put_inner(const struct item *thread, struct lks_str bytes, int64_t replies,
                     const struct lks_row *row, struct lks_batch *batch)
{
    struct item t;
    struct lks_json_reader reader;
    int code = 0;
    item_init(&t, &batch->arena);
    if (!lks_row_open(&reader, bytes, row, batch, 0, &code))
        return code;
    read_item(&t, &reader);
    if (!lks_row_close(&reader, row, batch, &code))
        return code;
    if (!t.video_id.data)
        t.video_id = thread->video_id;
    t.replies = replies;
    return t.failed ? LKS_EMEMORY : put_comment(&t, row, batch);
}

static int put_thread(struct item *t, const struct lks_row *row, struct lks_batch *batch)
{
    struct lks_json_reader reader;
    int code = put_inner(t, t->top_comment, t->replies, row, batch);
    if (code || !t->answers.data)
        return code;
    lks_json_open(&reader, t->answers, &batch->arena, 0);
    if (lks_json_enter_array(&reader))
        while (code == 0 && lks_json_element(&reader)) {
            struct lks_json_value value = lks_json_read(&reader);
            batch->rows_count++;
            code = put_inner(t, value.text, LKS_COUNT_NULL, row, batch);
        }
    return code;
}

static int put(struct item *t, const struct lks_row *row, struct lks_batch *batch)
{
    if (t->failed)
        return LKS_EMEMORY;
    if (t->top_comment.data)
        return put_thread(t, row, batch);
    if (is(t->kind, "youtube#channel")) {
        int failed = 0;
        struct lks_str key = LKS_KEY(t->arena, &failed, LKS_STR("youtube:"), t->id);
        batch->ignored_count++;
        return failed ? LKS_EMEMORY : key.data ? account_put(batch, t, key, t->title) : 0;
    }
    if (is(t->kind, "youtube#comment") || t->text.data || t->text_html.data)
        return put_comment(t, row, batch);
    if (is(t->kind, "youtube#video") || is(t->kind, "youtube#playlistItem") ||
        (!t->kind.data && t->title.data))
        return put_video(t, row, batch);
    batch->ignored_count++; /* playlists, captions, an answer that holds nothing */
    return 0;
}

static int parse_item(struct lks_str bytes, const struct lks_row *row, struct lks_batch *batch,
                      struct lks_str *items)
{
    struct item t;
    struct lks_json_reader reader;
    int code = 0;
    item_init(&t, &batch->arena);
    if (!lks_row_open(&reader, bytes, row, batch, 0, &code))
        return code;
    read_item(&t, &reader);
    if (!lks_row_close(&reader, row, batch, &code))
        return code;
    if (items && t.items.data) {
        *items = t.items;
        return 0;
    }
    return put(&t, row, batch);
}

/* An answer that lies in an array with others comes as one row: its items are rows too. */
static int parse(struct lks_adapter_context *context, const struct lks_row *row,
                 struct lks_batch *batch)
{
    struct lks_str items = LKS_STR_NULL;
    struct lks_json_reader reader;
    uint64_t count = 0;
    (void)context;
    int code = parse_item(row->bytes, row, batch, &items);
    if (code || !items.data)
        return code;
    lks_json_open(&reader, items, &batch->arena, 0);
    if (lks_json_enter_array(&reader))
        while (code == 0 && lks_json_element(&reader)) {
            struct lks_json_value value = lks_json_read(&reader);
            batch->rows_count += count++ > 0;
            code = parse_item(value.text, row, batch, NULL);
        }
    batch->ignored_count += count == 0;
    return code;
}

static int recognise(const struct lks_head *head)
{
    return lks_head_is_json(head) && lks_head_has(head, "\"youtube#") ? 95 : 0;
}

const struct lks_adapter lks_adapter_youtube = {
    .name = "youtube",
    .title = "YouTube Data API (videos, comment threads, comments, channels)",
    .framing = LKS_FRAME_JSON,
    .recognise = recognise,
    .parse = parse};
