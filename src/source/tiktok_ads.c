/* tiktok_ads.c - what TikTok's libraries say of advertisements and of paid posts
 *
 * Two files: the table of other commercial content (videos that their makers declared as paid
 * partnerships or promotions), and the answers of the ad library's API. Neither names the account
 * that posted. A video of an unknown account is made its account's only post: one account for all
 * of them would be the most coordinated of the platform. */
#include "source/adapters.h"
#include "source/recognise.h"
#include "source/tiktok.h"

/* ---- the table ---- */

enum column { ID, CREATE_TIMESTAMP, CREATE_DATE, LABEL, VIDEO_VIEWS, OCR, COLUMNS_COUNT };

static const char *const columns[COLUMNS_COUNT + 1] = {
    [ID] = "id",       [CREATE_TIMESTAMP] = "create_timestamp", [CREATE_DATE] = "create_date",
    [LABEL] = "label", [VIDEO_VIEWS] = "video_views",           [OCR] = "ocr"};

/* The lower edge of "1K-10K" or "10M+"; LKS_COUNT_NULL where it is none. */
static int64_t views_read(struct lks_str text)
{
    int64_t value = 0;
    size_t at = 0;
    while (at < text.size_bytes && text.data[at] >= '0' && text.data[at] <= '9' && at < 12)
        value = value * 10 + (text.data[at++] - '0');
    if (at == 0)
        return LKS_COUNT_NULL;
    char unit = at < text.size_bytes ? text.data[at] : 0;
    return unit == 'K' ? value * 1000 : unit == 'M' ? value * 1000000 : value;
}

/* What a label declares: both of the library's do, others are not known. */
static int label_read(struct lks_str label)
{
    return lks_str_equal_text(label, "Paid Partnership") ||
                   lks_str_equal_text(label, "Promotional Content")
               ? 1
               : -1;
}

static int ad_put(const struct lks_row *row, struct lks_batch *batch, const struct lks_post *filled,
                  struct lks_str media)
{
    struct lks_post *post = lks_batch_post(batch);
    if (!post)
        return LKS_EMEMORY;
    uint32_t first = post->actions_first;
    *post = *filled;
    post->actions_first = first;
    post->platform = LKS_STR("tiktok");
    post->kind = LKS_POST_AD;
    const struct lks_post_lists lists = {.media = &media, .media_count = media.data != NULL};
    return lks_row_post(batch, row, &lists);
}

static int parse_table(struct lks_adapter_context *context, const struct lks_row *row,
                       struct lks_batch *batch)
{
    struct lks_str id = lks_row_field(context, row, ID);
    struct lks_str time = lks_row_field(context, row, CREATE_TIMESTAMP);
    struct lks_str label = lks_row_field(context, row, LABEL);
    struct lks_post post = {.likes = LKS_COUNT_NULL,
                            .shares = LKS_COUNT_NULL,
                            .comments = LKS_COUNT_NULL,
                            .views = views_read(lks_row_field(context, row, VIDEO_VIEWS)),
                            .declared_paid = label_read(label),
                            .transcript = lks_row_field(context, row, OCR)};
    int failed = 0;
    if (!time.data)
        time = lks_row_field(context, row, CREATE_DATE);
    if (!id.data)
        return lks_row_reject(batch, row, LKS_REASON_NO_ID);
    if (lks_id_is_lost(id))
        return lks_row_reject(batch, row, LKS_ID_LOST);
    if (!time.data)
        return lks_row_reject(batch, row, LKS_REASON_NO_TIME);
    if (lks_time_parse_any(time, &post.time_us, &post.time_precision) != 0)
        return lks_row_reject(batch, row, LKS_REASON_BAD_TIME);
    post.post_key = LKS_KEY(&batch->arena, &failed, LKS_STR("tiktok:"), id);
    post.account_key = LKS_KEY(&batch->arena, &failed, LKS_STR("tiktok:unknown/"), id);
    return failed ? LKS_EMEMORY : ad_put(row, batch, &post, id);
}

static int recognise_table(const struct lks_head *head)
{
    static const char *const needed[] = {"id", "create_timestamp", "label", "video_views", NULL};
    return lks_header_count(head, needed) == 4 ? 90 : 0;
}

/* ---- the API ---- */

enum field {
    AD,
    FIRST_SHOWN,
    REACH,
    BUSINESS,
    NAME,
    PAID_BY,
    FLAT_FIRST_SHOWN,
    CODE,
    FIELDS_COUNT
};

/* A day as 20241101, number or text. */
static int day_read(struct lks_json_value value, int64_t *time_us)
{
    int64_t day;
    if (lks_json_int64(value, &day) != 0 || day < 19700101 || day > 20991231)
        return -1;
    char text[16];
    struct lks_str digits = value.text;
    if (digits.size_bytes != 8)
        return -1;
    memcpy(text, digits.data, 4);
    text[4] = text[7] = '-';
    memcpy(text + 5, digits.data + 4, 2);
    memcpy(text + 8, digits.data + 6, 2);
    return lks_time_parse_iso((struct lks_str){text, 10}, time_us, NULL, NULL);
}

static int advertiser_put(struct lks_batch *batch, struct lks_str key, struct lks_str name,
                          struct lks_str paid_by)
{
    int failed = 0;
    struct lks_account *account = lks_batch_account_once(batch, key, &failed);
    if (!account)
        return failed ? LKS_EMEMORY : 0;
    account->platform = LKS_STR("tiktok");
    account->display_name = name;
    account->bio = LKS_KEY(&batch->arena, &failed, LKS_STR("paid for by "), paid_by);
    return failed ? LKS_EMEMORY : 0;
}

static int parse_api(struct lks_adapter_context *context, const struct lks_row *row,
                     struct lks_batch *batch)
{
    static const struct lks_str paths[FIELDS_COUNT] = {
        [AD] = {"ad.id", 5},
        [FIRST_SHOWN] = {"ad.first_shown_date", 19},
        [REACH] = {"ad.reach.unique_users_seen", 26},
        [BUSINESS] = {"advertiser.business_id", 22},
        [NAME] = {"advertiser.business_name", 24},
        [PAID_BY] = {"advertiser.paid_for_by", 22},
        [FLAT_FIRST_SHOWN] = {"first_shown_date", 16},
        [CODE] = {"error.code", 10},
    };
    struct lks_json_value values[FIELDS_COUNT];
    struct lks_post post = {.likes = LKS_COUNT_NULL,
                            .shares = LKS_COUNT_NULL,
                            .comments = LKS_COUNT_NULL,
                            .declared_paid = 1,
                            .time_precision = LKS_PRECISION_DAY};
    struct lks_str id, business;
    const char *reason = NULL;
    int failed = 0;
    (void)context;
    int code =
        lks_json_get_paths(row->bytes, paths, FIELDS_COUNT, values, &batch->arena, 0, &reason);
    if (code)
        return code == LKS_EINPUT ? lks_row_reject(batch, row, reason) : code;
    if (!values[AD].type && values[CODE].type) { /* an answer without a list */
        bool fine = lks_str_equal_text(lks_value_text(values[CODE]), "ok");
        batch->ignored_count += fine;
        return fine ? 0 : lks_row_reject(batch, row, "the API answered with an error");
    }
    int lost = lks_json_id(values[AD], &id) == 2;
    lost |= lks_json_id(values[BUSINESS], &business) == 2;
    if (lost)
        return lks_row_reject(batch, row, LKS_ID_LOST);
    if (!id.data)
        return lks_row_reject(batch, row, LKS_REASON_NO_ID);
    struct lks_json_value shown =
        values[FIRST_SHOWN].type ? values[FIRST_SHOWN] : values[FLAT_FIRST_SHOWN];
    if (shown.type <= LKS_JSON_NULL)
        return lks_row_reject(batch, row, LKS_REASON_NO_TIME);
    if (day_read(shown, &post.time_us) != 0)
        return lks_row_reject(batch, row, LKS_REASON_BAD_TIME);
    post.views = views_read(lks_value_text(values[REACH]));
    post.post_key = LKS_KEY(&batch->arena, &failed, LKS_STR("tiktok:ad/"), id);
    post.account_key =
        business.data ? LKS_KEY(&batch->arena, &failed, LKS_STR("tiktok:advertiser/"), business)
                      : LKS_KEY(&batch->arena, &failed, LKS_STR("tiktok:unknown/"), id);
    if (failed)
        return LKS_EMEMORY;
    code = ad_put(row, batch, &post, LKS_STR_NULL);
    return code ? code
                : advertiser_put(batch, post.account_key, lks_value_text(values[NAME]),
                                 lks_value_text(values[PAID_BY]));
}

static int recognise_api(const struct lks_head *head)
{
    return lks_head_is_json(head) && lks_head_has(head, "\"advertiser\"") &&
                   (lks_head_has(head, "\"first_shown_date\"") || lks_head_has(head, "\"ad\""))
               ? 95
               : 0;
}

const struct lks_adapter lks_adapter_tiktok_ads = {
    .name = "tiktok-ads",
    .title = "TikTok commercial content: paid and promotional videos (CSV)",
    .framing = LKS_FRAME_CSV,
    .columns = columns,
    .recognise = recognise_table,
    .parse = parse_table};

const struct lks_adapter lks_adapter_tiktok_adlib = {.name = "tiktok-adlib",
                                                     .title = "TikTok ad library API",
                                                     .framing = LKS_FRAME_JSON,
                                                     .recognise = recognise_api,
                                                     .parse = parse_api};
