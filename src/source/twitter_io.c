/* twitter_io.c - Twitter's information-operations archive: tweets, and users alone
 *
 * Columns are matched by name, since their order varies. Times are exact to the minute.
 * Lists are "[a, b]", which is not JSON; ids are digits or a hash and stay strings; counts may
 * read "12.0" or "absent". */
#include "source/adapters.h"
#include "source/objects.h"
#include "source/recognise.h"
#include "source/row.h"

#define PLATFORM "twitter"

/* As many as a post may have objects: a longer list is a reject, not cut. */
enum { LIST_ITEMS_MAX = LKS_ACTIONS_PER_POST_MAX };

enum {
    IO_TWEET,
    IO_USER,
    IO_NAME,
    IO_HANDLE,
    IO_BIO,
    IO_FOLLOWERS,
    IO_FOLLOWING,
    IO_CREATED,
    IO_USER_LANGUAGE,
    IO_LANGUAGE,
    IO_TEXT,
    IO_TIME,
    IO_REPLY_TO,
    IO_IS_RETWEET,
    IO_RETWEET_OF,
    IO_REPLIES,
    IO_LIKES,
    IO_RETWEETS,
    IO_HASHTAGS,
    IO_URLS,
    IO_MENTIONS
};
static const char *const columns[] = {"tweetid",
                                      "userid",
                                      "user_display_name",
                                      "user_screen_name",
                                      "user_profile_description",
                                      "follower_count",
                                      "following_count",
                                      "account_creation_date",
                                      "account_language",
                                      "tweet_language",
                                      "tweet_text",
                                      "tweet_time",
                                      "in_reply_to_tweetid",
                                      "is_retweet",
                                      "retweet_tweetid",
                                      "reply_count",
                                      "like_count",
                                      "retweet_count",
                                      "hashtags",
                                      "urls",
                                      "user_mentions",
                                      NULL};

static int io_recognise(const struct lks_head *head)
{
    static const char *const tweets[] = {"tweetid", "userid", "tweet_text", "tweet_time", NULL};
    static const char *const users[] = {"userid", "user_screen_name", "account_creation_date",
                                        NULL};
    if (lks_header_count(head, tweets) == 4)
        return 95;
    return lks_header_count(head, users) == 3 ? 90 : 0;
}

static struct lks_str value(const struct lks_adapter_context *context, const struct lks_row *row,
                            int column)
{
    return lks_value_or_null(lks_row_field(context, row, column));
}

/* The key of another tweet; null where there is none or its id is lost. */
static int key_read(struct lks_arena *arena, struct lks_str id, struct lks_str *key_out)
{
    *key_out = LKS_STR_NULL;
    if (!id.data || lks_id_is_lost(id))
        return 0;
    *key_out = lks_key_make(arena, PLATFORM, id);
    return key_out->data ? 0 : LKS_EMEMORY;
}

static int account_add(const struct lks_adapter_context *context, const struct lks_row *row,
                       struct lks_batch *batch, struct lks_str key)
{
    struct lks_account *account = lks_batch_account(batch);
    struct lks_str created = value(context, row, IO_CREATED);
    enum lks_time_precision precision;
    if (!account)
        return LKS_EMEMORY;
    account->platform = LKS_STR(PLATFORM);
    account->account_key = key;
    account->handle = value(context, row, IO_HANDLE);
    account->display_name = lks_row_field(context, row, IO_NAME);
    account->bio = lks_row_field(context, row, IO_BIO);
    account->language = value(context, row, IO_USER_LANGUAGE);
    account->followers = lks_count_parse(lks_row_field(context, row, IO_FOLLOWERS));
    account->following = lks_count_parse(lks_row_field(context, row, IO_FOLLOWING));
    if (created.data && lks_time_parse_iso(created, &account->created_us, &precision, NULL) == 0)
        account->created_method = LKS_CREATED_FIELD;
    else
        account->created_us = LKS_TIME_NULL;
    return 0;
}

static int objects_add(const struct lks_adapter_context *context, const struct lks_row *row,
                       struct lks_batch *batch)
{
    struct lks_str urls[LIST_ITEMS_MAX], tags[LIST_ITEMS_MAX], mentions[LIST_ITEMS_MAX];
    struct lks_post_lists lists = {
        .urls = urls,
        .urls_count = lks_list_split(value(context, row, IO_URLS), urls, LIST_ITEMS_MAX),
        .hashtags = tags,
        .hashtags_count = lks_list_split(value(context, row, IO_HASHTAGS), tags, LIST_ITEMS_MAX),
        .mentions = mentions,
        .mentions_count =
            lks_list_split(value(context, row, IO_MENTIONS), mentions, LIST_ITEMS_MAX),
    };
    int is_retweet = lks_flag_parse(lks_row_field(context, row, IO_IS_RETWEET)) == 1;
    int code = lks_post_repost_mark(batch, is_retweet);
    return code ? code : lks_post_objects(batch, &lists);
}

static int tweet_add(const struct lks_adapter_context *context, const struct lks_row *row,
                     struct lks_batch *batch, struct lks_str user, struct lks_str id,
                     int64_t time_us)
{
    struct lks_post *post = lks_batch_post(batch);
    if (!post)
        return LKS_EMEMORY;
    post->platform = LKS_STR(PLATFORM);
    post->account_key = user;
    post->post_key = lks_key_make(&batch->arena, PLATFORM, id);
    if (!post->post_key.data ||
        key_read(&batch->arena, value(context, row, IO_REPLY_TO), &post->parent_key) ||
        key_read(&batch->arena, value(context, row, IO_RETWEET_OF), &post->origin_key))
        return LKS_EMEMORY;
    post->kind = post->origin_key.data   ? LKS_POST_REPOST
                 : post->parent_key.data ? LKS_POST_COMMENT
                                         : LKS_POST_POST;
    post->text = lks_row_field(context, row, IO_TEXT);
    post->language = value(context, row, IO_LANGUAGE);
    post->likes = lks_count_parse(lks_row_field(context, row, IO_LIKES));
    post->shares = lks_count_parse(lks_row_field(context, row, IO_RETWEETS));
    post->comments = lks_count_parse(lks_row_field(context, row, IO_REPLIES));
    post->time_us = time_us;
    post->time_precision = LKS_PRECISION_MINUTE;
    post->offset_bytes = row->offset_bytes;
    post->length_bytes = row->bytes.size_bytes;
    return objects_add(context, row, batch);
}

static int io_parse(struct lks_adapter_context *context, const struct lks_row *row,
                    struct lks_batch *batch)
{
    struct lks_str user = value(context, row, IO_USER), id = value(context, row, IO_TWEET);
    struct lks_str time = value(context, row, IO_TIME);
    bool users_only = context->columns[IO_TWEET] < 0;
    int64_t time_us = 0;
    enum lks_time_precision precision;
    const char *fault = NULL;
    if (!user.data)
        fault = LKS_REASON_NO_ACCOUNT;
    else if (lks_id_is_lost(user) || lks_id_is_lost(id))
        fault = LKS_ID_LOST;
    else if (!users_only && !id.data)
        fault = LKS_REASON_NO_ID;
    else if (!users_only && !time.data)
        fault = LKS_REASON_NO_TIME;
    else if (!users_only && lks_time_parse_iso(time, &time_us, &precision, NULL) != 0)
        fault = LKS_REASON_BAD_TIME;
    if (fault)
        return lks_row_reject(batch, row, fault);
    struct lks_str key = lks_key_make(&batch->arena, PLATFORM, user);
    if (!key.data || account_add(context, row, batch, key))
        return LKS_EMEMORY;
    if (users_only) {
        batch->ignored_count++; /* an account, but no post */
        return 0;
    }
    return tweet_add(context, row, batch, key, id, time_us);
}

const struct lks_adapter lks_adapter_twitter_io = {
    .name = "twitter-io",
    .title = "Twitter information operations archive, tweets and users (CSV)",
    .framing = LKS_FRAME_CSV,
    .columns = columns,
    .recognise = io_recognise,
    .parse = io_parse,
};
