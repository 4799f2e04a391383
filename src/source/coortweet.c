/* coortweet.c - shares as CooRTweet reads them, and the wide form of its sample data
 *
 * Object ids are opaque and are kept byte for byte, so that the numbers of that program can be
 * reproduced; their kind is told by how they begin. The accounts' platform is not in the
 * file: keys are the ids as they stand, under the platform "coortweet".
 *
 * One post may share several objects, a row each. Rows of one post that follow one another
 * become one post with all its objects, and the further rows count as ignored. */
#include "source/adapters.h"
#include "source/recognise.h"
#include "source/row.h"

static const struct lks_str platform = {"coortweet", 9};

/* What all rows of one post have in common. */
struct share {
    struct lks_str account, post;
    int64_t time_us;
    enum lks_time_precision precision;
};

static bool begins_with(struct lks_str text, const char *start)
{
    size_t size = strlen(start);
    return text.size_bytes >= size && memcmp(text.data, start, size) == 0;
}

static enum lks_object_kind kind_of(struct lks_str object)
{
    static const struct {
        const char *start;
        enum lks_object_kind kind;
    } starts[] = {
        {"hashtag_", LKS_OBJECT_HASHTAG}, {"#", LKS_OBJECT_HASHTAG},
        {"domain_", LKS_OBJECT_DOMAIN},   {"hash_", LKS_OBJECT_MEDIA},
        {"phash_", LKS_OBJECT_MEDIA},     {"img_", LKS_OBJECT_MEDIA},
        {"@", LKS_OBJECT_MENTION},
    };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (begins_with(object, starts[i].start))
            return starts[i].kind;
    return LKS_OBJECT_URL;
}

/* Reads what is common; returns the reason of a reject, or NULL. */
static const char *share_read(struct lks_str time, struct share *share)
{
    if (!share->account.data)
        return LKS_REASON_NO_ACCOUNT;
    if (lks_id_is_lost(share->account) || lks_id_is_lost(share->post))
        return LKS_ID_LOST;
    if (!time.data)
        return LKS_REASON_NO_TIME;
    if (lks_time_parse_any(time, &share->time_us, &share->precision) != 0)
        return LKS_REASON_BAD_TIME;
    return NULL;
}

/* The batch's last post, if the share is a further row of it. */
static struct lks_post *post_continued(struct lks_batch *batch, const struct share *share)
{
    if (!batch->posts_count || !share->post.data)
        return NULL;
    struct lks_post *post = &batch->posts[batch->posts_count - 1];
    return lks_str_equal(post->post_key, share->post) &&
                   lks_str_equal(post->account_key, share->account) &&
                   post->time_us == share->time_us
               ? post
               : NULL;
}

static int objects_add(struct lks_batch *batch, const struct lks_action *objects, size_t count)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < count; i++)
        code = lks_batch_action(batch, objects[i].kind, objects[i].object);
    return code;
}

static int share_add(struct lks_batch *batch, const struct lks_row *row, const struct share *share,
                     const struct lks_action *objects, size_t objects_count)
{
    struct lks_post *post = post_continued(batch, share);
    if (post && post->actions_count + objects_count < LKS_ACTIONS_PER_POST_MAX) {
        uint32_t before = post->actions_count;
        int code = objects_add(batch, objects, objects_count);
        if (code || post->actions_count > before) {
            batch->ignored_count++;
            return code;
        }
    }
    post = lks_batch_post(batch);
    if (!post)
        return LKS_EMEMORY;
    post->platform = platform;
    post->account_key = share->account;
    post->post_key =
        share->post.data ? share->post : lks_key_of_row(batch, "coortweet", row->bytes);
    post->time_us = share->time_us;
    post->time_precision = share->precision;
    post->offset_bytes = row->offset_bytes;
    post->length_bytes = row->bytes.size_bytes;
    return post->post_key.data ? objects_add(batch, objects, objects_count) : LKS_EMEMORY;
}

/* ---- object_id, account_id, content_id, timestamp_share ---- */

enum { LONG_OBJECT, LONG_ACCOUNT, LONG_CONTENT, LONG_TIME };
static const char *const long_columns[] = {"object_id", "account_id", "content_id",
                                           "timestamp_share", NULL};

static int long_recognise(const struct lks_head *head)
{
    return lks_header_count(head, long_columns) == 4 ? 95 : 0;
}

static int long_parse(struct lks_adapter_context *context, const struct lks_row *row,
                      struct lks_batch *batch)
{
    struct lks_str object = lks_row_field(context, row, LONG_OBJECT);
    struct share share = {lks_row_field(context, row, LONG_ACCOUNT),
                          lks_row_field(context, row, LONG_CONTENT), 0, LKS_PRECISION_SECOND};
    const char *fault = share_read(lks_row_field(context, row, LONG_TIME), &share);
    if (!fault && !object.data)
        fault = "no object";
    if (fault)
        return lks_row_reject(batch, row, fault);
    struct lks_action action = {kind_of(object), object};
    return share_add(batch, row, &share, &action, 1);
}

const struct lks_adapter lks_adapter_coortweet = {
    .name = "coortweet",
    .title = "CooRTweet shares (CSV)",
    .framing = LKS_FRAME_CSV,
    .columns = long_columns,
    .recognise = long_recognise,
    .parse = long_parse,
};

/* ---- account_id, post_id, url_id, hashtag_id, domain_id, phash_id, timestamp ---- */

enum { WIDE_ACCOUNT, WIDE_POST, WIDE_TIME, WIDE_URL, WIDE_HASHTAG, WIDE_DOMAIN, WIDE_PHASH };
static const char *const wide_columns[] = {"account_id", "post_id",   "timestamp", "url_id",
                                           "hashtag_id", "domain_id", "phash_id",  NULL};

static int wide_recognise(const struct lks_head *head)
{
    return lks_header_count(head, wide_columns) == 7 ? 95 : 0;
}

static int wide_parse(struct lks_adapter_context *context, const struct lks_row *row,
                      struct lks_batch *batch)
{
    /* The names that CooRTweet's own preparation gives the objects. */
    static const struct {
        const char *start;
        enum lks_object_kind kind;
    } kinds[] = {{"url_", LKS_OBJECT_URL},
                 {"hashtag_", LKS_OBJECT_HASHTAG},
                 {"domain_", LKS_OBJECT_DOMAIN},
                 {"hash_", LKS_OBJECT_MEDIA}};
    struct share share = {lks_row_field(context, row, WIDE_ACCOUNT),
                          lks_row_field(context, row, WIDE_POST), 0, LKS_PRECISION_SECOND};
    const char *fault = share_read(lks_row_field(context, row, WIDE_TIME), &share);
    if (fault)
        return lks_row_reject(batch, row, fault);
    struct lks_action objects[4];
    size_t count = 0;
    for (int i = 0; i < 4; i++) {
        struct lks_str id = lks_row_field(context, row, WIDE_URL + i);
        if (!id.data)
            continue;
        size_t prefix = strlen(kinds[i].start);
        char *object = lks_arena_alloc(&batch->arena, prefix + id.size_bytes);
        if (!object)
            return LKS_EMEMORY;
        memcpy(object, kinds[i].start, prefix);
        memcpy(object + prefix, id.data, id.size_bytes);
        objects[count++] = (struct lks_action){kinds[i].kind, {object, prefix + id.size_bytes}};
    }
    return share_add(batch, row, &share, objects, count);
}

const struct lks_adapter lks_adapter_coortweet_wide = {
    .name = "coortweet-wide",
    .title = "CooRTweet sample, a column per kind of object (CSV)",
    .framing = LKS_FRAME_CSV,
    .columns = wide_columns,
    .recognise = wide_recognise,
    .parse = wide_parse,
};
