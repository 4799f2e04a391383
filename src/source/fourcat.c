/* fourcat.c - 4CAT's exports: items of any platform under common names, as CSV or NDJSON
 *
 * 4CAT maps what it collects to a few common columns (id, thread_id, author, body, timestamp) and
 * adds those of the platform, which is how the platform is told: no column names it. Its NDJSON
 * holds either the same members or the raw items with "__import_meta" beside them. */
#include "source/adapter_kit.h"
#include "source/adapters.h"
#include "source/recognise.h"
#include "source/tiktok.h"

enum column {
    ID,
    THREAD,
    AUTHOR,
    AUTHOR_ID,
    AUTHOR_FULL,
    AUTHOR_FULLNAME,
    BODY,
    UNIX,
    TIMESTAMP,
    HASHTAGS,
    URLS,
    MENTIONS,
    LINK,
    URL,
    TIKTOK_URL,
    CHAT,
    SUBREDDIT,
    IS_RETWEET,
    IS_REPLY,
    REPLY_TO,
    POST_ID,
    MUSIC_ID,
    IS_AD,
    LANGUAGE,
    LANGUAGE_GUESS,
    VIEWS,
    PLAYS,
    LIKES,
    LIKE_COUNT,
    SHARES,
    RETWEET_COUNT,
    COMMENTS,
    REPLY_COUNT,
    FOLLOWERS,
    COLUMNS_COUNT
};
_Static_assert((int)COLUMNS_COUNT <= (int)LKS_JSON_PATHS_MAX,
               "the members of a line are read in one pass");

static const char *const columns[COLUMNS_COUNT + 1] = {[ID] = "id",
                                                       [THREAD] = "thread_id",
                                                       [AUTHOR] = "author",
                                                       [AUTHOR_ID] = "author_id",
                                                       [AUTHOR_FULL] = "author_full",
                                                       [AUTHOR_FULLNAME] = "author_fullname",
                                                       [BODY] = "body",
                                                       [UNIX] = "unix_timestamp",
                                                       [TIMESTAMP] = "timestamp",
                                                       [HASHTAGS] = "hashtags",
                                                       [URLS] = "urls",
                                                       [MENTIONS] = "mentions",
                                                       [LINK] = "link",
                                                       [URL] = "url",
                                                       [TIKTOK_URL] = "tiktok_url",
                                                       [CHAT] = "chat",
                                                       [SUBREDDIT] = "subreddit",
                                                       [IS_RETWEET] = "is_retweet",
                                                       [IS_REPLY] = "is_reply",
                                                       [REPLY_TO] = "reply_to",
                                                       [POST_ID] = "post_id",
                                                       [MUSIC_ID] = "music_id",
                                                       [IS_AD] = "is_ad",
                                                       [LANGUAGE] = "language",
                                                       [LANGUAGE_GUESS] = "language_guess",
                                                       [VIEWS] = "views",
                                                       [PLAYS] = "plays",
                                                       [LIKES] = "likes",
                                                       [LIKE_COUNT] = "like_count",
                                                       [SHARES] = "shares",
                                                       [RETWEET_COUNT] = "retweet_count",
                                                       [COMMENTS] = "comments",
                                                       [REPLY_COUNT] = "reply_count",
                                                       [FOLLOWERS] = "author_followers"};

/* As many as a post may have objects: a longer list is a reject, not cut. */
enum { LIST_ITEMS_MAX = LKS_ACTIONS_PER_POST_MAX };

/* ---- which platform ---- */

static bool host_is(struct lks_str url, const char *host)
{
    const char *start = url.data ? memmem(url.data, url.size_bytes, "://", 3) : NULL;
    if (!start)
        return false;
    size_t size = strlen(host), left = url.size_bytes - (size_t)(start + 3 - url.data);
    start += 3;
    if (left > 4 && memcmp(start, "www.", 4) == 0) {
        start += 4;
        left -= 4;
    }
    return left >= size && memcmp(start, host, size) == 0 && (left == size || start[size] == '/');
}

/* By a column that only one platform has, else by where the post's own link leads. */
static const char *platform_of(const struct lks_str v[COLUMNS_COUNT])
{
    static const struct {
        const char *host, *platform;
    } hosts[] = {{"twitter.com", "twitter"},
                 {"x.com", "twitter"},
                 {"tiktok.com", "tiktok"},
                 {"t.me", "telegram"},
                 {"youtube.com", "youtube"},
                 {"youtu.be", "youtube"},
                 {"instagram.com", "instagram"},
                 {"facebook.com", "facebook"},
                 {"bsky.app", "bluesky"},
                 {"threads.net", "threads"},
                 {"truthsocial.com", "truthsocial"},
                 {"gab.com", "gab"}};
    if (v[TIKTOK_URL].data)
        return "tiktok";
    if (v[CHAT].data)
        return "telegram";
    if (v[SUBREDDIT].data)
        return "reddit";
    struct lks_str link = v[LINK].data ? v[LINK] : v[URL];
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (host_is(link, hosts[i].host))
            return hosts[i].platform;
    return v[IS_RETWEET].data || v[RETWEET_COUNT].data ? "twitter" : "4cat";
}

/* ---- a row ---- */

static struct lks_str key_of(struct lks_batch *batch, const char *platform, struct lks_str id,
                             int *failed)
{
    return LKS_KEY(&batch->arena, failed, lks_str_from(platform), LKS_STR(":"), id);
}

static int64_t count_of(struct lks_str a, struct lks_str b)
{
    return lks_count_parse(a.data ? a : b);
}

/* TikTok's accounts are their handles, as in its other formats; elsewhere ids come before names. */
static struct lks_str account_of(struct lks_batch *batch, const char *platform,
                                 const struct lks_str v[COLUMNS_COUNT], int *failed)
{
    if (strcmp(platform, "tiktok") == 0)
        return lks_tiktok_account_key(&batch->arena, v[AUTHOR], v[AUTHOR_ID], failed);
    return key_of(batch, platform, v[AUTHOR_ID].data ? v[AUTHOR_ID] : v[AUTHOR], failed);
}

/* What a row answers, and where it stands. */
static void place_read(struct lks_post *post, struct lks_batch *batch, const char *platform,
                       const struct lks_str v[COLUMNS_COUNT], int *failed)
{
    bool in_thread = v[THREAD].data && !lks_str_equal(v[THREAD], v[ID]);
    struct lks_str parent = v[REPLY_TO].data ? v[REPLY_TO] : v[POST_ID];
    if (!parent.data && in_thread && lks_flag_parse(v[IS_REPLY]) == 1)
        parent = v[THREAD];
    if (v[CHAT].data && parent.data) /* messages are numbered by chat */
        post->parent_key = LKS_KEY(&batch->arena, failed, lks_str_from(platform), LKS_STR(":"),
                                   v[CHAT], LKS_STR("-"), parent);
    else
        post->parent_key = key_of(batch, platform, parent, failed);
    post->channel_key = key_of(batch, platform, v[CHAT].data ? v[CHAT] : v[POST_ID], failed);
    if (v[POST_ID].data || (post->parent_key.data && !v[CHAT].data))
        post->kind = LKS_POST_COMMENT;
    else if (v[CHAT].data)
        post->kind = LKS_POST_MESSAGE;
    else if (strcmp(platform, "tiktok") == 0)
        post->kind = LKS_POST_VIDEO;
}

static int objects_put(const struct lks_str v[COLUMNS_COUNT], const struct lks_row *row,
                       struct lks_batch *batch)
{
    struct lks_str urls[LIST_ITEMS_MAX], tags[LIST_ITEMS_MAX], mentions[LIST_ITEMS_MAX];
    const struct lks_post_lists lists = {
        .urls = urls,
        .urls_count = lks_list_split(v[URLS], urls, LIST_ITEMS_MAX),
        .hashtags = tags,
        .hashtags_count = lks_list_split(v[HASHTAGS], tags, LIST_ITEMS_MAX),
        .mentions = mentions,
        .mentions_count = lks_list_split(v[MENTIONS], mentions, LIST_ITEMS_MAX),
        .sounds = &v[MUSIC_ID],
        .sounds_count = v[MUSIC_ID].data != NULL,
    };
    int is_retweet = lks_flag_parse(v[IS_RETWEET]) == 1;
    if (is_retweet && lks_post_repost_mark(batch, 1) != 0)
        return LKS_EMEMORY;
    return lks_row_post(batch, row, &lists);
}

static int account_put(struct lks_batch *batch, const char *platform, struct lks_str key,
                       const struct lks_str v[COLUMNS_COUNT])
{
    int failed = 0;
    struct lks_account *account = lks_batch_account_once(batch, key, &failed);
    if (!account)
        return failed ? LKS_EMEMORY : 0;
    account->platform = lks_str_from(platform);
    account->handle = v[AUTHOR];
    account->display_name = v[AUTHOR_FULL].data ? v[AUTHOR_FULL] : v[AUTHOR_FULLNAME];
    account->followers = lks_count_parse(v[FOLLOWERS]);
    return 0;
}

/* Numbers of seconds say their zone; 4CAT writes its texts in UTC. */
static const char *fault_of(const struct lks_str v[COLUMNS_COUNT], struct lks_str account,
                            int64_t *time_us, enum lks_time_precision *precision)
{
    struct lks_str time = v[UNIX].data ? v[UNIX] : v[TIMESTAMP];
    if (!account.data)
        return LKS_REASON_NO_ACCOUNT;
    if (!v[ID].data)
        return LKS_REASON_NO_ID;
    if (lks_id_is_lost(v[ID]) || lks_id_is_lost(v[AUTHOR_ID]))
        return LKS_ID_LOST;
    if (!time.data)
        return LKS_REASON_NO_TIME;
    return lks_time_parse_any(time, time_us, precision) != 0 ? LKS_REASON_BAD_TIME : NULL;
}

static int put(const struct lks_str v[COLUMNS_COUNT], const struct lks_row *row,
               struct lks_batch *batch)
{
    const char *platform = platform_of(v);
    enum lks_time_precision precision = LKS_PRECISION_SECOND;
    int64_t time_us = 0;
    int failed = 0;
    struct lks_str key = account_of(batch, platform, v, &failed);
    const char *fault = fault_of(v, key, &time_us, &precision);
    if (failed)
        return LKS_EMEMORY;
    if (fault)
        return lks_row_reject(batch, row, fault);
    struct lks_post *post = lks_batch_post(batch);
    if (!post)
        return LKS_EMEMORY;
    post->platform = lks_str_from(platform);
    post->account_key = key;
    post->post_key = key_of(batch, platform, v[ID], &failed);
    post->time_us = time_us;
    post->time_precision = precision;
    post->text = v[BODY];
    post->language = v[LANGUAGE].data ? v[LANGUAGE] : v[LANGUAGE_GUESS];
    post->views = count_of(v[VIEWS], v[PLAYS]);
    post->likes = count_of(v[LIKES], v[LIKE_COUNT]);
    post->shares = count_of(v[SHARES], v[RETWEET_COUNT]);
    post->comments = count_of(v[COMMENTS], v[REPLY_COUNT]);
    post->declared_paid = lks_flag_parse(v[IS_AD]);
    place_read(post, batch, platform, v, &failed);
    int code = failed ? LKS_EMEMORY : objects_put(v, row, batch);
    return code ? code : account_put(batch, platform, key, v);
}

static int parse_csv(struct lks_adapter_context *context, const struct lks_row *row,
                     struct lks_batch *batch)
{
    struct lks_str values[COLUMNS_COUNT];
    for (int i = 0; i < COLUMNS_COUNT; i++)
        values[i] = lks_value_or_null(lks_row_field(context, row, i));
    if (context->columns[BODY] >= 0) /* "None" may be what somebody wrote */
        values[BODY] = lks_row_field(context, row, BODY);
    return put(values, row, batch);
}

/* A raw item: of TikTok they are what Zeeschuimer sends. */
static int parse_raw(struct lks_str platform, const struct lks_row *row, struct lks_batch *batch)
{
    if (platform.data && memmem(platform.data, platform.size_bytes, "tiktok", 6))
        return lks_tiktok_web_item(row->bytes, row, batch);
    return lks_row_reject(batch, row,
                          "a raw item of a platform without a raw format: export it as CSV");
}

static int parse_line(struct lks_adapter_context *context, const struct lks_row *row,
                      struct lks_batch *batch)
{
    static const struct lks_str meta[] = {{"__import_meta", 13},
                                          {"__import_meta.source_platform", 29}};
    struct lks_json_value found[COLUMNS_COUNT];
    struct lks_str paths[COLUMNS_COUNT], values[COLUMNS_COUNT] = {{0}};
    const char *reason = NULL;
    (void)context;
    int code = lks_json_get_paths(row->bytes, meta, 2, found, &batch->arena, 0, &reason);
    if (code)
        return code == LKS_EINPUT ? lks_row_reject(batch, row, reason) : code;
    if (found[0].type == LKS_JSON_OBJECT)
        return parse_raw(lks_value_text(found[1]), row, batch);
    for (int i = 0; i < COLUMNS_COUNT; i++)
        paths[i] = lks_str_from(columns[i]);
    code = lks_json_get_paths(row->bytes, paths, COLUMNS_COUNT, found, &batch->arena, 0, &reason);
    if (code)
        return code == LKS_EINPUT ? lks_row_reject(batch, row, reason) : code;
    for (int i = 0; i < COLUMNS_COUNT; i++)
        if (found[i].type > LKS_JSON_NULL && found[i].type != LKS_JSON_OBJECT &&
            found[i].text.size_bytes)
            values[i] = found[i].text;
    return put(values, row, batch);
}

static int recognise_csv(const struct lks_head *head)
{
    static const char *const needed[] = {"id", "thread_id", "author", "body", "timestamp", NULL};
    return lks_header_count(head, needed) == 5 ? 85 : 0;
}

static int recognise_lines(const struct lks_head *head)
{
    if (!lks_head_is_lines(head))
        return 0;
    if (lks_head_has(head, "\"__import_meta\""))
        return 96;
    return lks_head_has(head, "\"thread_id\"") && lks_head_has(head, "\"body\"") &&
                   lks_head_has(head, "\"author\"") && lks_head_has(head, "\"timestamp\"")
               ? 85
               : 0;
}

const struct lks_adapter lks_adapter_4cat = {.name = "4cat",
                                             .title = "4CAT export (CSV)",
                                             .framing = LKS_FRAME_CSV,
                                             .columns = columns,
                                             .recognise = recognise_csv,
                                             .parse = parse_csv};

const struct lks_adapter lks_adapter_4cat_ndjson = {.name = "4cat-ndjson",
                                                    .title = "4CAT export (NDJSON)",
                                                    .framing = LKS_FRAME_LINES,
                                                    .recognise = recognise_lines,
                                                    .parse = parse_line};
