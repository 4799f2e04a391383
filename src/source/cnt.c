/* cnt.c - the neutral CSV of coordination-network-toolkit
 *
 * The urls column is a Python list in text; "[]" is no link. Ids stand for no known
 * platform: they are keys as they are, under the platform "cnt". */
#include "source/adapters.h"
#include "source/objects.h"
#include "source/recognise.h"
#include "source/row.h"

/* As many as a post may have objects: a longer list is a reject, not cut. */
enum { LIST_ITEMS_MAX = LKS_ACTIONS_PER_POST_MAX };

enum { CNT_ID, CNT_USER, CNT_NAME, CNT_REPOST, CNT_REPLY, CNT_MESSAGE, CNT_TIME, CNT_URLS };
static const char *const columns[] = {"message_id", "user_id",  "username",
                                      "repost_id",  "reply_id", "message",
                                      "timestamp",  "urls",     NULL};

static int cnt_recognise(const struct lks_head *head)
{
    static const char *const needed[] = {"message_id", "user_id",   "repost_id", "reply_id",
                                         "message",    "timestamp", NULL};
    return lks_header_count(head, needed) == 6 ? 95 : 0;
}

static const char *post_read(const struct lks_adapter_context *context, const struct lks_row *row,
                             struct lks_post *post)
{
    struct lks_str time = lks_row_field(context, row, CNT_TIME);
    post->account_key = lks_row_field(context, row, CNT_USER);
    post->post_key = lks_row_field(context, row, CNT_ID);
    post->origin_key = lks_row_field(context, row, CNT_REPOST);
    post->parent_key = lks_row_field(context, row, CNT_REPLY);
    if (!post->account_key.data)
        return LKS_REASON_NO_ACCOUNT;
    if (!post->post_key.data)
        return LKS_REASON_NO_ID;
    if (lks_id_is_lost(post->account_key) || lks_id_is_lost(post->post_key))
        return LKS_ID_LOST;
    if (!time.data)
        return LKS_REASON_NO_TIME;
    if (lks_time_parse_any(time, &post->time_us, &post->time_precision) != 0)
        return LKS_REASON_BAD_TIME;
    post->platform = LKS_STR("cnt");
    post->text = lks_row_field(context, row, CNT_MESSAGE);
    post->kind = post->origin_key.data   ? LKS_POST_REPOST
                 : post->parent_key.data ? LKS_POST_COMMENT
                                         : LKS_POST_POST;
    post->offset_bytes = row->offset_bytes;
    post->length_bytes = row->bytes.size_bytes;
    return NULL;
}

static int account_add(const struct lks_adapter_context *context, const struct lks_row *row,
                       struct lks_batch *batch, struct lks_str key)
{
    if (batch->texts_only)
        return 0;
    struct lks_account *account = lks_batch_account(batch);
    if (!account)
        return LKS_EMEMORY;
    account->platform = LKS_STR("cnt");
    account->account_key = key;
    account->handle = lks_row_field(context, row, CNT_NAME);
    return 0;
}

static int cnt_parse(struct lks_adapter_context *context, const struct lks_row *row,
                     struct lks_batch *batch)
{
    struct lks_str urls[LIST_ITEMS_MAX];
    struct lks_post *post = lks_batch_post(batch);
    if (!post)
        return LKS_EMEMORY;
    const char *fault = post_read(context, row, post);
    if (fault) {
        lks_batch_post_undo(batch);
        return lks_row_reject(batch, row, fault);
    }
    if (account_add(context, row, batch, post->account_key))
        return LKS_EMEMORY;
    struct lks_post_lists lists = {
        .urls = urls,
        .urls_count = lks_list_split(lks_row_field(context, row, CNT_URLS), urls, LIST_ITEMS_MAX),
    };
    return lks_post_objects(batch, &lists);
}

const struct lks_adapter lks_adapter_cnt = {
    .name = "cnt",
    .title = "coordination-network-toolkit (CSV)",
    .framing = LKS_FRAME_CSV,
    .columns = columns,
    .recognise = cnt_recognise,
    .parse = cnt_parse,
};
