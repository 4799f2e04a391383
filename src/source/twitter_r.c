/* twitter_r.c - tweets as the R package twitteR writes them to CSV
 *
 * Spreadsheets and R's own number formatting turn ids into "8.01319E+17"; such an id names
 * thousands of tweets, so the row is rejected and the reason says what happened. */
#include "source/adapters.h"
#include "source/objects.h"
#include "source/recognise.h"
#include "source/row.h"

#define PLATFORM "twitter"

enum { R_ID, R_ACCOUNT, R_TIME, R_TEXT, R_REPLY_TO, R_IS_RETWEET, R_RETWEETS, R_FAVORITES };
static const char *const columns[] = {"id",           "screenName",    "created",
                                      "text",         "replyToSID",    "isRetweet",
                                      "retweetCount", "favoriteCount", NULL};

static int r_recognise(const struct lks_head *head)
{
    static const char *const marks[] = {"screenName", "created",      "replyToSN",
                                        "isRetweet",  "statusSource", NULL};
    return lks_header_count(head, marks) == 5 ? 95 : 0;
}

/* R writes ISO; a spreadsheet in between, "23-11-2016 06:59" with the day first. */
static int time_read(struct lks_str text, int64_t *time_us, enum lks_time_precision *precision)
{
    return lks_time_parse_iso(text, time_us, precision, NULL) == 0
               ? 0
               : lks_date_parse(text, LKS_DATE_DMY, time_us, precision);
}

static int r_parse(struct lks_adapter_context *context, const struct lks_row *row,
                   struct lks_batch *batch)
{
    static const struct lks_post_lists no_lists;
    struct lks_str id = lks_value_or_null(lks_row_field(context, row, R_ID));
    struct lks_str user = lks_row_field(context, row, R_ACCOUNT);
    struct lks_str time = lks_value_or_null(lks_row_field(context, row, R_TIME));
    struct lks_str parent = lks_value_or_null(lks_row_field(context, row, R_REPLY_TO));
    int64_t time_us = 0;
    enum lks_time_precision precision = LKS_PRECISION_SECOND;
    const char *fault = NULL;
    if (!user.data)
        fault = LKS_REASON_NO_ACCOUNT;
    else if (!id.data)
        fault = LKS_REASON_NO_ID;
    else if (lks_id_is_lost(id))
        fault = LKS_ID_LOST;
    else if (!time.data)
        fault = LKS_REASON_NO_TIME;
    else if (time_read(time, &time_us, &precision) != 0)
        fault = LKS_REASON_BAD_TIME;
    if (fault)
        return lks_row_reject(batch, row, fault);
    struct lks_post *post = lks_batch_post(batch);
    if (!post)
        return LKS_EMEMORY;
    post->platform = LKS_STR(PLATFORM);
    post->account_key = lks_key_make(&batch->arena, PLATFORM, user);
    post->post_key = lks_key_make(&batch->arena, PLATFORM, id);
    if (parent.data && !lks_id_is_lost(parent)) {
        post->parent_key = lks_key_make(&batch->arena, PLATFORM, parent);
        post->kind = LKS_POST_COMMENT;
    }
    if (!post->account_key.data || !post->post_key.data)
        return LKS_EMEMORY;
    post->text = lks_row_field(context, row, R_TEXT);
    post->shares = lks_count_parse(lks_row_field(context, row, R_RETWEETS));
    post->likes = lks_count_parse(lks_row_field(context, row, R_FAVORITES));
    post->time_us = time_us;
    post->time_precision = precision;
    post->offset_bytes = row->offset_bytes;
    post->length_bytes = row->bytes.size_bytes;
    struct lks_account *account = lks_batch_account(batch);
    if (!account)
        return LKS_EMEMORY;
    account->platform = post->platform;
    account->account_key = post->account_key;
    account->handle = user;
    int is_retweet = lks_flag_parse(lks_row_field(context, row, R_IS_RETWEET)) == 1;
    int code = lks_post_repost_mark(batch, is_retweet);
    return code ? code : lks_post_objects(batch, &no_lists);
}

const struct lks_adapter lks_adapter_twitter_r = {
    .name = "twitter-r",
    .title = "tweets by R's twitteR (CSV)",
    .framing = LKS_FRAME_CSV,
    .columns = columns,
    .recognise = r_recognise,
    .parse = r_parse,
};
