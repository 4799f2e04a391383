/* tiktok_api.c - TikTok Research API: videos, comments and users
 *
 * Takes the responses as they came ({"data":{"videos":[...]},...}), one or many after one another,
 * as well as the bare objects of their lists, in an array or one a line. Ids are 64-bit
 * numbers, printed as "id" by some versions and "video_id" by others. Videos name their author
 * by handle. Comments name nobody: to take them as posts of one unknown account would make
 * that account the most coordinated of all, so they are counted and left out, unless a
 * collector added the "username". A user makes no post; it tells about an account. */
#include "source/adapters.h"
#include "source/tiktok.h"

struct api_row {
    struct lks_tiktok_item item;
    struct lks_arena *arena;
    struct lks_json_value id, video_id, parent_comment_id, create_time, music_id;
    struct lks_str text, description, error_code;
    int is_user, has_text, has_tag, branded, synthetic, id_lost, failed;
};

static int is(struct lks_str a, const char *b)
{
    return lks_str_equal_text(a, b);
}

static void add(struct api_row *a, struct lks_list *list, struct lks_str item)
{
    if (lks_list_add(list, a->arena, item) != 0)
        a->failed = 1;
}

static struct lks_str id_text(struct api_row *a, struct lks_json_value value)
{
    struct lks_str digits;
    if (lks_json_id(value, &digits) == 2)
        a->id_lost = 1;
    return digits;
}

/* A list of strings or numbers, or of objects with a member `name`; or one text that lists
 * them. */
static void read_list(struct api_row *a, struct lks_json_reader *reader, struct lks_list *list,
                      const char *name)
{
    enum { ITEMS_MAX = 256 };
    struct lks_str key, items[ITEMS_MAX];
    if (!lks_json_enter_array(reader)) {
        struct lks_str text = lks_value_text(lks_json_read(reader));
        size_t count = text.size_bytes ? lks_list_split(text, items, ITEMS_MAX) : 0;
        for (size_t i = 0; i < count; i++)
            add(a, list, items[i]);
        return;
    }
    while (lks_json_element(reader)) {
        if (lks_json_enter_object(reader)) {
            while (lks_json_member(reader, &key))
                if (is(key, name))
                    add(a, list, lks_json_read(reader).text);
            continue;
        }
        struct lks_json_value value = lks_json_read(reader);
        if (value.type == LKS_JSON_STRING || value.type == LKS_JSON_NUMBER)
            add(a, list, value.text);
    }
}

/* {"type":"Branded","number":1}: 1 is a paid partnership, 7 a commission. */
static void read_tag_object(struct api_row *a, struct lks_json_reader *reader)
{
    struct lks_str key, type = LKS_STR_NULL;
    int64_t number = 0;
    if (!lks_json_enter_object(reader))
        return;
    a->has_tag = 1;
    while (lks_json_member(reader, &key)) {
        if (is(key, "type"))
            type = lks_value_text(lks_json_read(reader));
        else if (is(key, "number"))
            lks_json_int64(lks_json_read(reader), &number);
    }
    a->branded |= is(type, "Branded") && (number == 1 || number == 7);
}

static void read_tag(struct api_row *a, struct lks_json_reader *reader)
{
    if (!lks_json_enter_array(reader)) {
        read_tag_object(a, reader);
        return;
    }
    a->has_tag = 1;
    while (lks_json_element(reader))
        read_tag_object(a, reader);
}

static int read_user_member(struct api_row *a, struct lks_json_reader *reader, struct lks_str key)
{
    struct lks_tiktok_item *item = &a->item;
    if (is(key, "username"))
        item->author_handle = lks_value_text(lks_json_read(reader));
    else if (is(key, "display_name")) {
        item->display_name = lks_value_text(lks_json_read(reader));
        a->is_user = 1;
    } else if (is(key, "bio_description"))
        item->bio = lks_value_text(lks_json_read(reader));
    else if (is(key, "is_verified"))
        item->verified = lks_value_bool(lks_json_read(reader));
    else if (is(key, "follower_count"))
        item->followers = lks_value_count(lks_json_read(reader));
    else if (is(key, "following_count"))
        item->following = lks_value_count(lks_json_read(reader));
    else if (is(key, "video_count"))
        item->posts_total = lks_value_count(lks_json_read(reader));
    else
        return 0;
    return 1;
}

static int read_count_member(struct api_row *a, struct lks_json_reader *reader, struct lks_str key)
{
    struct lks_tiktok_item *item = &a->item;
    int64_t *count = is(key, "view_count")      ? &item->views
                     : is(key, "like_count")    ? &item->likes
                     : is(key, "share_count")   ? &item->shares
                     : is(key, "comment_count") ? &item->comments
                     : is(key, "reply_count")   ? &item->comments
                                                : NULL;
    if (!count)
        return 0;
    *count = lks_value_count(lks_json_read(reader));
    return 1;
}

static void read_member(struct api_row *a, struct lks_json_reader *reader, struct lks_str key)
{
    struct lks_tiktok_item *item = &a->item;
    if (read_user_member(a, reader, key) || read_count_member(a, reader, key))
        return;
    if (is(key, "id"))
        a->id = lks_json_read(reader);
    else if (is(key, "video_id"))
        a->video_id = lks_json_read(reader);
    else if (is(key, "parent_comment_id"))
        a->parent_comment_id = lks_json_read(reader);
    else if (is(key, "create_time"))
        a->create_time = lks_json_read(reader);
    else if (is(key, "video_description"))
        a->description = lks_value_text(lks_json_read(reader));
    else if (is(key, "text")) {
        a->text = lks_value_text(lks_json_read(reader));
        a->has_text = 1;
    } else if (is(key, "voice_to_text"))
        item->transcript = lks_value_text(lks_json_read(reader));
    else if (is(key, "region_code"))
        item->country = lks_value_text(lks_json_read(reader));
    else if (is(key, "music_id"))
        a->music_id = lks_json_read(reader);
    else if (is(key, "hashtag_names"))
        read_list(a, reader, &item->hashtags, "hashtag_name");
    else if (is(key, "video_mention_list"))
        read_list(a, reader, &item->mentions, "username");
    else if (is(key, "effect_ids"))
        read_list(a, reader, &item->effects, "effect_id");
    else if (is(key, "effect_info_list"))
        read_list(a, reader, &item->effects, "effect_id");
    else if (is(key, "video_tag") || is(key, "video_tags"))
        read_tag(a, reader);
    else if (is(key, "lockstep_synthetic"))
        a->synthetic = lks_value_bool(lks_json_read(reader)) == 1;
}

/* A response without a list has its object within: {"data":{user},"error":{"code":"ok"}}. */
static void read_row(struct api_row *a, struct lks_json_reader *reader)
{
    struct lks_str key;
    while (lks_json_member(reader, &key)) {
        if (is(key, "data") && lks_json_enter_object(reader)) {
            while (lks_json_member(reader, &key))
                read_member(a, reader, key);
        } else if (is(key, "error") && lks_json_enter_object(reader)) {
            while (lks_json_member(reader, &key))
                if (is(key, "code"))
                    a->error_code = lks_value_text(lks_json_read(reader));
        } else {
            read_member(a, reader, key);
        }
    }
}

/* ---- what the row is ---- */

static int put_user(struct api_row *a, struct lks_batch *batch)
{
    batch->ignored_count++;
    return lks_tiktok_account(batch, &a->item);
}

static int put_comment(struct api_row *a, const struct lks_row *row, struct lks_batch *batch)
{
    struct lks_tiktok_item *item = &a->item;
    item->kind = LKS_POST_COMMENT;
    item->id = id_text(a, a->id);
    item->video_id = id_text(a, a->video_id);
    struct lks_str parent = id_text(a, a->parent_comment_id);
    item->parent_id = parent.data ? parent : item->video_id;
    item->text = a->text;
    if (a->id_lost)
        return lks_row_reject(batch, row, LKS_ID_LOST);
    if (!item->author_handle.size_bytes) {
        batch->ignored_count++;
        return 0;
    }
    return lks_tiktok_post(batch, row, item);
}

static int put_video(struct api_row *a, const struct lks_row *row, struct lks_batch *batch)
{
    struct lks_tiktok_item *item = &a->item;
    item->id = id_text(a, a->id);
    if (!item->id.data)
        item->id = id_text(a, a->video_id);
    add(a, &item->sounds, id_text(a, a->music_id));
    item->text = a->description;
    if (a->has_tag)
        item->declared_paid = a->branded;
    if (a->id_lost)
        return lks_row_reject(batch, row, LKS_ID_LOST);
    return a->failed ? LKS_EMEMORY : lks_tiktok_post(batch, row, item);
}

static int put(struct api_row *a, const struct lks_row *row, struct lks_batch *batch)
{
    int zoned;
    int is_users = is(row->array_name, "user_followers") || is(row->array_name, "user_following");
    int is_post = a->id.type || a->video_id.type;
    if (a->error_code.data && !is(a->error_code, "ok"))
        return lks_row_reject(batch, row, "the API answered with an error");
    if (is_users || (a->is_user && !is_post))
        return put_user(a, batch);
    if (!is_post && is(a->error_code, "ok")) {
        batch->ignored_count++; /* an answer that holds nothing */
        return 0;
    }
    if (a->create_time.type > LKS_JSON_NULL &&
        lks_value_time(a->create_time, &a->item.time_us, &a->item.time_precision, &zoned) != 0)
        a->item.time_us = LKS_TIME_NULL;
    int is_comment = is(row->array_name, "comments") ||
                     (!row->array_name.size_bytes && a->has_text && !a->description.data);
    return is_comment ? put_comment(a, row, batch) : put_video(a, row, batch);
}

static int parse(struct lks_adapter_context *context, const struct lks_row *row,
                 struct lks_batch *batch)
{
    struct api_row a = {.arena = &batch->arena};
    struct lks_json_reader reader;
    int code = 0;
    lks_tiktok_item_init(&a.item);
    if (!lks_row_open(&reader, row->bytes, row, batch, 0, &code))
        return code;
    read_row(&a, &reader);
    if (!lks_row_close(&reader, row, batch, &code))
        return code;
    context->synthetic |= a.synthetic;
    return a.failed ? LKS_EMEMORY : put(&a, row, batch);
}

static int recognise(const struct lks_head *head)
{
    if (!lks_head_is_json(head))
        return 0;
    int data = lks_head_has(head, "\"data\"");
    int lists = lks_head_has(head, "\"videos\"") || lks_head_has(head, "\"comments\"") ||
                lks_head_has(head, "\"user_");
    int video = lks_head_has(head, "\"video_description\"") ||
                (lks_head_has(head, "\"create_time\"") && lks_head_has(head, "\"username\"") &&
                 lks_head_has(head, "\"region_code\""));
    int comment = lks_head_has(head, "\"parent_comment_id\"");
    int user = lks_head_has(head, "\"display_name\"") && lks_head_has(head, "\"follower_count\"");
    if (data && lists && (video || comment || lks_head_has(head, "\"log_id\"")))
        return 95;
    return video || comment || (user && (data || lks_head_has(head, "\"username\""))) ? 80 : 0;
}

const struct lks_adapter lks_adapter_tiktok_api = {.name = "tiktok-api",
                                                   .title =
                                                       "TikTok Research API (video, comment, user)",
                                                   .framing = LKS_FRAME_JSON,
                                                   .recognise = recognise,
                                                   .parse = parse};
