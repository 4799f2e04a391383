/* ira.c - tweets of the Internet Research Agency, as Linvill and Warren published them
 *
 * Times are exact to the minute, although they are written with seconds (":00" always).
 * There is no tweet id in most copies: a post's key is then a digest of its row. Retweets
 * come without their "RT @user: " and without the id of the original; docs/formats.md says
 * what is made of that. */
#include "source/adapters.h"
#include "source/objects.h"
#include "source/recognise.h"
#include "source/row.h"

#define PLATFORM "twitter"

enum {
    IRA_AUTHOR_ID,
    IRA_AUTHOR,
    IRA_TIME,
    IRA_CONTENT,
    IRA_RETWEET,
    IRA_LANGUAGE,
    IRA_REGION,
    IRA_FOLLOWING,
    IRA_FOLLOWERS,
    IRA_UPDATES,
    IRA_TWEET_ID
};
static const char *const columns[] = {"author_id", "author",   "publish_date", "content",
                                      "retweet",   "language", "region",       "following",
                                      "followers", "updates",  "tweet_id",     NULL};

static int ira_recognise(const struct lks_head *head)
{
    static const char *const marks[] = {"author",    "publish_date",     "content",
                                        "post_type", "account_category", NULL};
    return lks_header_count(head, marks) == 5 ? 95 : 0;
}

/* ISO in the copies by half-year, "10/1/2017 19:58" in the published files. */
static int time_read(struct lks_str text, int64_t *time_us)
{
    enum lks_time_precision precision;
    return lks_time_parse_iso(text, time_us, &precision, NULL) == 0
               ? 0
               : lks_date_parse(text, LKS_DATE_MDY, time_us, &precision);
}

static int account_add(const struct lks_adapter_context *context, const struct lks_row *row,
                       struct lks_batch *batch, struct lks_str key)
{
    if (batch->texts_only)
        return 0;
    struct lks_account *account = lks_batch_account(batch);
    if (!account)
        return LKS_EMEMORY;
    account->platform = LKS_STR(PLATFORM);
    account->account_key = key;
    account->handle = lks_row_field(context, row, IRA_AUTHOR);
    account->country = lks_row_field(context, row, IRA_REGION);
    account->language = lks_row_field(context, row, IRA_LANGUAGE);
    account->following = lks_count_parse(lks_row_field(context, row, IRA_FOLLOWING));
    account->followers = lks_count_parse(lks_row_field(context, row, IRA_FOLLOWERS));
    account->posts_total = lks_count_parse(lks_row_field(context, row, IRA_UPDATES));
    return 0;
}

static int ira_parse(struct lks_adapter_context *context, const struct lks_row *row,
                     struct lks_batch *batch)
{
    static const struct lks_post_lists no_lists;
    struct lks_str author = lks_row_field(context, row, IRA_AUTHOR_ID);
    struct lks_str time = lks_row_field(context, row, IRA_TIME);
    struct lks_str id = lks_row_field(context, row, IRA_TWEET_ID);
    int64_t time_us;
    if (!author.data)
        author = lks_row_field(context, row, IRA_AUTHOR);
    if (!author.data)
        return lks_row_reject(batch, row, LKS_REASON_NO_ACCOUNT);
    if (lks_id_is_lost(author) || lks_id_is_lost(id))
        return lks_row_reject(batch, row, LKS_ID_LOST);
    if (!time.data)
        return lks_row_reject(batch, row, LKS_REASON_NO_TIME);
    if (time_read(time, &time_us) != 0)
        return lks_row_reject(batch, row, LKS_REASON_BAD_TIME);
    struct lks_post *post = lks_batch_post(batch);
    if (!post)
        return LKS_EMEMORY;
    post->platform = LKS_STR(PLATFORM);
    post->account_key = lks_key_make(&batch->arena, PLATFORM, author);
    post->post_key = id.data ? lks_key_make(&batch->arena, PLATFORM, id)
                             : lks_key_of_row(batch, PLATFORM, row->bytes);
    if (!post->account_key.data || !post->post_key.data)
        return LKS_EMEMORY;
    post->text = lks_row_field(context, row, IRA_CONTENT);
    post->language = lks_row_field(context, row, IRA_LANGUAGE);
    post->time_us = time_us;
    post->time_precision = LKS_PRECISION_MINUTE;
    post->offset_bytes = row->offset_bytes;
    post->length_bytes = row->bytes.size_bytes;
    if (account_add(context, row, batch, post->account_key) ||
        lks_post_repost_mark(batch, lks_flag_parse(lks_row_field(context, row, IRA_RETWEET)) == 1))
        return LKS_EMEMORY;
    return lks_post_objects(batch, &no_lists);
}

const struct lks_adapter lks_adapter_ira = {
    .name = "ira",
    .title = "Internet Research Agency tweets (CSV)",
    .framing = LKS_FRAME_CSV,
    .columns = columns,
    .recognise = ira_recognise,
    .parse = ira_parse,
};
