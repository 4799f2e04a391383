/* tiktok_csv.c - TikTok Research API videos as a table, with the API's field names */
#include "source/adapters.h"
#include "source/recognise.h"
#include "source/tiktok.h"

enum column {
    ID,
    VIDEO_ID,
    AUTHOR,
    USERNAME,
    CREATE_TIME,
    DESCRIPTION,
    HASHTAGS,
    EFFECTS,
    MUSIC,
    VOICE,
    REGION,
    VIEWS,
    LIKES,
    SHARES,
    COMMENTS,
    COLUMNS_COUNT
};

static const char *const columns[COLUMNS_COUNT + 1] = {[ID] = "id",
                                                       [VIDEO_ID] = "video_id",
                                                       [AUTHOR] = "author",
                                                       [USERNAME] = "username",
                                                       [CREATE_TIME] = "create_time",
                                                       [DESCRIPTION] = "video_description",
                                                       [HASHTAGS] = "hashtag_names",
                                                       [EFFECTS] = "effect_ids",
                                                       [MUSIC] = "music_id",
                                                       [VOICE] = "voice_to_text",
                                                       [REGION] = "region_code",
                                                       [VIEWS] = "view_count",
                                                       [LIKES] = "like_count",
                                                       [SHARES] = "share_count",
                                                       [COMMENTS] = "comment_count"};

static int add_split(struct lks_list *list, struct lks_arena *arena, struct lks_str text)
{
    enum { ITEMS_MAX = 256 };
    struct lks_str items[ITEMS_MAX];
    size_t count = text.size_bytes ? lks_list_split(text, items, ITEMS_MAX) : 0;
    for (size_t i = 0; i < count; i++)
        if (lks_list_add(list, arena, items[i]) != 0)
            return LKS_EMEMORY;
    return 0;
}

static int parse(struct lks_adapter_context *context, const struct lks_row *row,
                 struct lks_batch *batch)
{
    struct lks_str field[COLUMNS_COUNT], sound;
    struct lks_tiktok_item item;
    for (int i = 0; i < COLUMNS_COUNT; i++)
        field[i] = lks_row_field(context, row, i);
    lks_tiktok_item_init(&item);
    int lost = lks_id_parse(field[VIDEO_ID].data ? field[VIDEO_ID] : field[ID], &item.id) == 2;
    lost |= lks_id_parse(field[MUSIC], &sound) == 2;
    if (lost)
        return lks_row_reject(batch, row, LKS_ID_LOST);
    if (!field[CREATE_TIME].data)
        return lks_row_reject(batch, row, LKS_REASON_NO_TIME);
    if (lks_time_parse_any(field[CREATE_TIME], &item.time_us, &item.time_precision) != 0)
        return lks_row_reject(batch, row, LKS_REASON_BAD_TIME);
    item.author_handle = field[USERNAME].data ? field[USERNAME] : field[AUTHOR];
    item.text = field[DESCRIPTION];
    item.transcript = field[VOICE];
    item.country = field[REGION];
    item.views = lks_count_parse(field[VIEWS]);
    item.likes = lks_count_parse(field[LIKES]);
    item.shares = lks_count_parse(field[SHARES]);
    item.comments = lks_count_parse(field[COMMENTS]);
    if (lks_list_add(&item.sounds, &batch->arena, sound) != 0 ||
        add_split(&item.hashtags, &batch->arena, field[HASHTAGS]) != 0 ||
        add_split(&item.effects, &batch->arena, field[EFFECTS]) != 0)
        return LKS_EMEMORY;
    return lks_tiktok_post(batch, row, &item);
}

static int recognise(const struct lks_head *head)
{
    static const char *const needed[] = {"create_time", "video_description", NULL};
    static const char *const ids[] = {"id", "video_id", NULL};
    static const char *const accounts[] = {"author", "username", NULL};
    return lks_header_count(head, needed) == 2 && lks_header_count(head, ids) &&
                   lks_header_count(head, accounts)
               ? 90
               : 0;
}

const struct lks_adapter lks_adapter_tiktok_csv = {.name = "tiktok-csv",
                                                   .title = "TikTok Research API videos as a table",
                                                   .framing = LKS_FRAME_CSV,
                                                   .columns = columns,
                                                   .recognise = recognise,
                                                   .parse = parse};
