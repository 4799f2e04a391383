/* youtube_csv.c - YouTube's videos and comments as tables, with the columns of YouTube Data Tools */
#include "source/adapter_kit.h"
#include "source/adapters.h"
#include "source/recognise.h"

enum column {
    VIDEO_ID,
    CHANNEL_ID,
    CHANNEL_TITLE,
    TITLE,
    DESCRIPTION,
    PUBLISHED,
    VIEWS,
    LIKES,
    COMMENTS,
    LANGUAGE,
    ID,
    AUTHOR_ID,
    AUTHOR_NAME,
    TEXT,
    REPLIES,
    PARENT,
    COLUMNS_COUNT
};

static const char *const columns[COLUMNS_COUNT + 1] = {[VIDEO_ID] = "videoId",
                                                       [CHANNEL_ID] = "channelId",
                                                       [CHANNEL_TITLE] = "channelTitle",
                                                       [TITLE] = "videoTitle",
                                                       [DESCRIPTION] = "videoDescription",
                                                       [PUBLISHED] = "publishedAt",
                                                       [VIEWS] = "viewCount",
                                                       [LIKES] = "likeCount",
                                                       [COMMENTS] = "commentCount",
                                                       [LANGUAGE] = "defaultLanguage",
                                                       [ID] = "id",
                                                       [AUTHOR_ID] = "authorChannelId",
                                                       [AUTHOR_NAME] = "authorName",
                                                       [TEXT] = "text",
                                                       [REPLIES] = "replyCount",
                                                       [PARENT] = "isReplyTo"};

static int account_put(struct lks_batch *batch, struct lks_str key, struct lks_str name)
{
    int failed = 0;
    struct lks_account *account = lks_batch_account_once(batch, key, &failed);
    if (!account)
        return failed ? LKS_EMEMORY : 0;
    account->platform = LKS_STR("youtube");
    if (name.size_bytes > 1 && *name.data == '@')
        account->handle = (struct lks_str){name.data + 1, name.size_bytes - 1};
    else
        account->display_name = name;
    return 0;
}

static int parse(struct lks_adapter_context *context, const struct lks_row *row,
                 struct lks_batch *batch)
{
    struct lks_str field[COLUMNS_COUNT];
    for (int i = 0; i < COLUMNS_COUNT; i++)
        field[i] = lks_value_or_null(lks_row_field(context, row, i));
    bool comment = context->columns[AUTHOR_ID] >= 0;
    struct lks_str id = comment ? field[ID] : field[VIDEO_ID];
    struct lks_str account = comment ? field[AUTHOR_ID] : field[CHANNEL_ID];
    struct lks_arena *arena = &batch->arena;
    enum lks_time_precision precision = LKS_PRECISION_SECOND;
    int64_t time_us = 0;
    int failed = 0;
    const char *fault = NULL;
    if (!account.data)
        fault = LKS_REASON_NO_ACCOUNT;
    else if (!id.data)
        fault = LKS_REASON_NO_ID;
    else if (!field[PUBLISHED].data)
        fault = LKS_REASON_NO_TIME;
    else if (lks_time_parse_any(field[PUBLISHED], &time_us, &precision) != 0)
        fault = LKS_REASON_BAD_TIME;
    if (fault)
        return lks_row_reject(batch, row, fault);
    struct lks_post *post = lks_batch_post(batch);
    if (!post)
        return LKS_EMEMORY;
    struct lks_str place = comment ? field[VIDEO_ID] : LKS_STR_NULL;
    struct lks_str parent = field[PARENT].data ? field[PARENT] : place;
    post->platform = LKS_STR("youtube");
    post->kind = comment ? LKS_POST_COMMENT : LKS_POST_VIDEO;
    post->account_key = LKS_KEY(arena, &failed, LKS_STR("youtube:"), account);
    post->post_key = LKS_KEY(arena, &failed, LKS_STR("youtube:"), id);
    post->channel_key = LKS_KEY(arena, &failed, LKS_STR("youtube:"), place);
    post->parent_key = LKS_KEY(arena, &failed, LKS_STR("youtube:"), parent);
    post->time_us = time_us;
    post->time_precision = precision;
    post->language = field[LANGUAGE];
    post->text = comment ? field[TEXT] : field[TITLE];
    if (!comment && field[TITLE].data && field[DESCRIPTION].data)
        post->text = LKS_KEY(arena, &failed, field[TITLE], LKS_STR("\n"), field[DESCRIPTION]);
    post->views = lks_count_parse(field[VIEWS]);
    post->likes = lks_count_parse(field[LIKES]);
    post->comments = lks_count_parse(field[comment ? REPLIES : COMMENTS]);
    struct lks_str key = post->account_key;
    const struct lks_post_lists lists = {.hashtags = NULL};
    int code = failed ? LKS_EMEMORY : lks_row_post(batch, row, &lists);
    return code ? code : account_put(batch, key, field[comment ? AUTHOR_NAME : CHANNEL_TITLE]);
}

static int recognise(const struct lks_head *head)
{
    static const char *const videos[] = {"videoId", "channelId", "publishedAt", "videoTitle", NULL};
    static const char *const comments[] = {"id", "authorChannelId", "publishedAt", "text", NULL};
    return lks_header_count(head, videos) == 4 || lks_header_count(head, comments) == 4 ? 90 : 0;
}

const struct lks_adapter lks_adapter_youtube_csv = {.name = "youtube-csv",
                                                    .title =
                                                        "YouTube videos or comments as a table",
                                                    .framing = LKS_FRAME_CSV,
                                                    .columns = columns,
                                                    .recognise = recognise,
                                                    .parse = parse};
