/* zeeschuimer.c - TikTok items as the site sends them: captured by Zeeschuimer, or bare
 *
 * Zeeschuimer writes one line for each item it saw: where and when, and in "data" the item
 * itself. The same items come bare in the site's own answers ({"itemList":[...]} and
 * {"itemInfo":{"itemStruct":{...}}}). Over the years the author was an object or a string,
 * times and counts numbers or strings. */
#include "source/adapters.h"
#include "source/tiktok.h"

struct web_row {
    struct lks_tiktok_item item;
    struct lks_arena *arena;
    struct lks_json_value id, author_id, create_time, account_created, music_id, origin_id;
    struct lks_json_value comment_id, video_id, reply_id;
    int is_live, id_lost, failed;
};

static int is(struct lks_str a, const char *b)
{
    return lks_str_equal_text(a, b);
}

static void add(struct web_row *w, struct lks_list *list, struct lks_str item)
{
    if (lks_list_add(list, w->arena, item) != 0)
        w->failed = 1;
}

static struct lks_str id_text(struct web_row *w, struct lks_json_value value)
{
    struct lks_str digits;
    if (lks_json_id(value, &digits) == 2)
        w->id_lost = 1;
    return digits;
}

/* ---- nested objects ---- */

/* Of a video: {"id","uniqueId",...}, or the handle alone. Of a comment: {"uid","unique_id",...}. */
static void read_author(struct web_row *w, struct lks_json_reader *reader)
{
    struct lks_tiktok_item *item = &w->item;
    struct lks_str key;
    if (!lks_json_enter_object(reader)) {
        item->author_handle = lks_value_text(lks_json_read(reader));
        return;
    }
    while (lks_json_member(reader, &key)) {
        if (is(key, "id") || is(key, "uid"))
            w->author_id = lks_json_read(reader);
        else if (is(key, "uniqueId") || is(key, "unique_id"))
            item->author_handle = lks_value_text(lks_json_read(reader));
        else if (is(key, "nickname"))
            item->display_name = lks_value_text(lks_json_read(reader));
        else if (is(key, "signature"))
            item->bio = lks_value_text(lks_json_read(reader));
        else if (is(key, "verified"))
            item->verified = lks_value_bool(lks_json_read(reader));
        else if (is(key, "createTime") || is(key, "create_time"))
            w->account_created = lks_json_read(reader);
        else if (is(key, "region"))
            item->country = lks_value_text(lks_json_read(reader));
    }
}

static void set_count(int64_t *count, struct lks_json_value value)
{
    int64_t fresh = lks_value_count(value);
    if (fresh != LKS_COUNT_NULL)
        *count = fresh;
}

static void read_author_stats(struct lks_tiktok_item *item, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_object(reader))
        return;
    while (lks_json_member(reader, &key)) {
        if (is(key, "followerCount"))
            set_count(&item->followers, lks_json_read(reader));
        else if (is(key, "followingCount"))
            set_count(&item->following, lks_json_read(reader));
        else if (is(key, "videoCount"))
            set_count(&item->posts_total, lks_json_read(reader));
    }
}

static void read_stats(struct lks_tiktok_item *item, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_object(reader))
        return;
    while (lks_json_member(reader, &key)) {
        if (is(key, "playCount"))
            set_count(&item->views, lks_json_read(reader));
        else if (is(key, "diggCount"))
            set_count(&item->likes, lks_json_read(reader));
        else if (is(key, "shareCount"))
            set_count(&item->shares, lks_json_read(reader));
        else if (is(key, "commentCount"))
            set_count(&item->comments, lks_json_read(reader));
    }
}

/* The member `name` of the object at the cursor. */
static struct lks_json_value read_one(struct lks_json_reader *reader, const char *name)
{
    struct lks_json_value value = {LKS_JSON_NONE, LKS_STR_NULL};
    struct lks_str key;
    if (lks_json_enter_object(reader))
        while (lks_json_member(reader, &key))
            if (is(key, name))
                value = lks_json_read(reader);
    return value;
}

/* Adds the member `name` of each object in the array at the cursor. */
static void read_each(struct web_row *w, struct lks_json_reader *reader, const char *name,
                      struct lks_list *list)
{
    if (!lks_json_enter_array(reader))
        return;
    while (lks_json_element(reader)) {
        struct lks_json_value value = read_one(reader, name);
        if (value.type == LKS_JSON_STRING || value.type == LKS_JSON_NUMBER)
            add(w, list, value.text);
    }
}

/* Tags and mentions that the site marked in the text. */
static void read_text_extra(struct web_row *w, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_array(reader))
        return;
    while (lks_json_element(reader)) {
        if (!lks_json_enter_object(reader))
            continue;
        while (lks_json_member(reader, &key)) {
            if (is(key, "hashtagName") || is(key, "hashtag_name"))
                add(w, &w->item.hashtags, lks_value_text(lks_json_read(reader)));
            else if (is(key, "userUniqueId"))
                add(w, &w->item.mentions, lks_value_text(lks_json_read(reader)));
        }
    }
}

/* ---- the item ---- */

/* "un" is the site's word for not knowing. */
static struct lks_str read_language(struct lks_json_reader *reader)
{
    struct lks_str language = lks_value_text(lks_json_read(reader));
    return is(language, "un") ? LKS_STR_NULL : language;
}

static int read_comment_member(struct web_row *w, struct lks_json_reader *reader,
                               struct lks_str key)
{
    struct lks_tiktok_item *item = &w->item;
    if (is(key, "cid"))
        w->comment_id = lks_json_read(reader);
    else if (is(key, "aweme_id"))
        w->video_id = lks_json_read(reader);
    else if (is(key, "reply_id"))
        w->reply_id = lks_json_read(reader);
    else if (is(key, "text"))
        item->text = lks_value_text(lks_json_read(reader));
    else if (is(key, "create_time"))
        w->create_time = lks_json_read(reader);
    else if (is(key, "digg_count"))
        item->likes = lks_value_count(lks_json_read(reader));
    else if (is(key, "reply_comment_total"))
        item->comments = lks_value_count(lks_json_read(reader));
    else if (is(key, "comment_language"))
        item->language = read_language(reader);
    else if (is(key, "user"))
        read_author(w, reader);
    else if (is(key, "text_extra"))
        read_text_extra(w, reader);
    else
        return 0;
    return 1;
}

static void read_member(struct web_row *w, struct lks_json_reader *reader, struct lks_str key)
{
    struct lks_tiktok_item *item = &w->item;
    if (read_comment_member(w, reader, key))
        return;
    if (is(key, "id"))
        w->id = lks_json_read(reader);
    else if (is(key, "desc"))
        item->text = lks_value_text(lks_json_read(reader));
    else if (is(key, "createTime"))
        w->create_time = lks_json_read(reader);
    else if (is(key, "author"))
        read_author(w, reader);
    else if (is(key, "authorId"))
        w->author_id = lks_json_read(reader);
    else if (is(key, "nickname"))
        item->display_name = lks_value_text(lks_json_read(reader));
    else if (is(key, "authorStats") || is(key, "authorStatsV2"))
        read_author_stats(item, reader);
    else if (is(key, "stats") || is(key, "statsV2"))
        read_stats(item, reader);
    else if (is(key, "video"))
        add(w, &item->media, lks_value_text(read_one(reader, "videoID")));
    else if (is(key, "music"))
        w->music_id = read_one(reader, "id");
    else if (is(key, "challenges"))
        read_each(w, reader, "title", &item->hashtags);
    else if (is(key, "textExtra"))
        read_text_extra(w, reader);
    else if (is(key, "effectStickers"))
        read_each(w, reader, "ID", &item->effects);
    else if (is(key, "duetInfo"))
        w->origin_id = read_one(reader, "duetFromId");
    else if (is(key, "isAd"))
        item->declared_paid = lks_value_bool(lks_json_read(reader));
    else if (is(key, "textLanguage"))
        item->language = read_language(reader);
    else if (is(key, "liveRoomInfo"))
        w->is_live = lks_json_peek(reader) != LKS_JSON_NULL;
}

static int put(struct web_row *w, const struct lks_row *row, struct lks_batch *batch)
{
    struct lks_tiktok_item *item = &w->item;
    int zoned;
    item->author_id = id_text(w, w->author_id);
    add(w, &item->sounds, id_text(w, w->music_id));
    if (w->comment_id.type) {
        struct lks_str reply = id_text(w, w->reply_id);
        item->kind = LKS_POST_COMMENT;
        item->id = id_text(w, w->comment_id);
        item->video_id = id_text(w, w->video_id);
        item->parent_id = reply.data ? reply : item->video_id;
    } else {
        item->id = id_text(w, w->id);
        item->origin_id = id_text(w, w->origin_id);
    }
    if (w->failed)
        return LKS_EMEMORY;
    if (w->id_lost)
        return lks_row_reject(batch, row, LKS_ID_LOST);
    if (w->create_time.type <= LKS_JSON_NULL)
        return lks_row_reject(batch, row, LKS_REASON_NO_TIME);
    if (lks_value_time(w->create_time, &item->time_us, &item->time_precision, &zoned) != 0)
        return lks_row_reject(batch, row, LKS_REASON_BAD_TIME);
    enum lks_time_precision precision;
    if (lks_value_time(w->account_created, &item->created_us, &precision, &zoned) != 0)
        item->created_us = LKS_TIME_NULL;
    return lks_tiktok_post(batch, row, item);
}

int lks_tiktok_web_item(struct lks_str bytes, const struct lks_row *row, struct lks_batch *batch)
{
    struct web_row w = {.arena = &batch->arena};
    struct lks_json_reader reader;
    struct lks_str key;
    int code = 0;
    lks_tiktok_item_init(&w.item);
    if (!lks_row_open(&reader, bytes, row, batch, 0, &code))
        return code;
    while (lks_json_member(&reader, &key))
        read_member(&w, &reader, key);
    if (!lks_row_close(&reader, row, batch, &code))
        return code;
    if (w.is_live) {
        batch->ignored_count++;
        return 0;
    }
    return put(&w, row, batch);
}

static int parse_line(struct lks_adapter_context *context, const struct lks_row *row,
                      struct lks_batch *batch)
{
    enum { DATA, PLATFORM, SYNTHETIC, COUNT };
    static const struct lks_str paths[COUNT] = {
        {"data", 4}, {"source_platform", 15}, {"lockstep_synthetic", 18}};
    struct lks_json_value values[COUNT];
    const char *reason = NULL;
    int rc = lks_json_get_paths(row->bytes, paths, COUNT, values, &batch->arena, 0, &reason);
    if (rc != 0)
        return rc == LKS_EINPUT ? lks_row_reject(batch, row, reason) : rc;
    struct lks_str platform = lks_value_text(values[PLATFORM]);
    if (platform.data && !memmem(platform.data, platform.size_bytes, "tiktok", 6))
        return lks_row_reject(batch, row, "an item of another platform than TikTok");
    if (values[DATA].type != LKS_JSON_OBJECT)
        return lks_row_reject(batch, row, "no item in \"data\"");
    context->synthetic |= values[SYNTHETIC].type == LKS_JSON_TRUE;
    return lks_tiktok_web_item(values[DATA].text, row, batch);
}

static int parse_bare(struct lks_adapter_context *context, const struct lks_row *row,
                      struct lks_batch *batch)
{
    struct lks_json_value value;
    const char *reason = NULL;
    (void)context;
    int rc =
        lks_json_get(row->bytes, LKS_STR("itemInfo.itemStruct"), &value, &batch->arena, 0, &reason);
    if (rc != 0)
        return rc == LKS_EINPUT ? lks_row_reject(batch, row, reason) : rc;
    return lks_tiktok_web_item(value.type == LKS_JSON_OBJECT ? value.text : row->bytes, row, batch);
}

static int recognise_line(const struct lks_head *head)
{
    return lks_head_is_lines(head) && lks_head_has(head, "\"source_platform\"") &&
                   lks_head_has(head, "\"data\"") && lks_head_has(head, "tiktok")
               ? 95
               : 0;
}

static int recognise_bare(const struct lks_head *head)
{
    if (!lks_head_is_json(head) || lks_head_has(head, "\"source_platform\""))
        return 0;
    int item = lks_head_has(head, "\"createTime\"") &&
               (lks_head_has(head, "\"authorStats\"") || lks_head_has(head, "\"uniqueId\""));
    return item ? 75 : 0;
}

const struct lks_adapter lks_adapter_zeeschuimer = {
    .name = "zeeschuimer",
    .title = "Zeeschuimer captures of TikTok (posts, comments), one a line",
    .framing = LKS_FRAME_LINES,
    .recognise = recognise_line,
    .parse = parse_line};

const struct lks_adapter lks_adapter_tiktok_web = {.name = "tiktok-web",
                                                   .title = "TikTok items as the site sends them",
                                                   .framing = LKS_FRAME_JSON,
                                                   .recognise = recognise_bare,
                                                   .parse = parse_bare};
