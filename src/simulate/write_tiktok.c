/* write_tiktok.c - simulated posts as Zeeschuimer and the TikTok Research API write them
 *
 * Lines are put together from constant pieces; every text is made of letters, blanks,
 * emoji and marks that JSON needs not escape. Each line says that it is synthetic. */
#include "simulate/draw.h"
#include "simulate/media.h"
#include "simulate/write.h"

/* A line under the pen. It always has room: the text is at most LKS_SIM_TEXT_BYTES long, six tags
 * stand in it twice with at most 30 bytes each, and the constant pieces are below 1,200 bytes. */
enum { LINE_BYTES = 4096 };
struct pen {
    char *at;
    char line[LINE_BYTES];
};

static inline void put_bytes(struct pen *pen, const void *bytes, size_t size)
{
    memcpy(pen->at, bytes, size);
    pen->at += size;
}

#define PUT(pen, literal) put_bytes((pen), (literal), sizeof(literal) - 1)

/* Ends the line and gives it to the file's part. */
static void pen_down(struct pen *pen, struct lks_buffer *out)
{
    lks_buffer_append(out, pen->line, (size_t)(pen->at - pen->line));
}

static void put_number(struct pen *out, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    put_bytes(out, digits + at, sizeof digits - at);
}

static void put_text(struct pen *out, const struct lks_sim_text *text)
{
    put_bytes(out, text->data, text->size);
}

static void put_handle(struct pen *out, const char *handle)
{
    put_bytes(out, handle, strlen(handle));
}

/* The text and its tags, as one reads it. */
static void put_described(struct pen *out, const struct lks_world *world,
                          const struct lks_sim_post *post)
{
    struct lks_sim_text tags = {0};
    put_text(out, post->text);
    for (unsigned i = 0; i < post->tags_count; i++) {
        if (i || post->text->size)
            lks_sim_text_string(&tags, " ");
        lks_sim_text_string(&tags, "#");
        lks_sim_text_tag(&tags, world->seed, post->tags[i]);
    }
    put_text(out, &tags);
}

static uint64_t id_of(const struct lks_sim_post *post)
{
    return post->id ? post->id : lks_world_id(post->time_ms, post->bits);
}

/* Whether the post is inside the month; counts it for the labels. */
static int take(const struct lks_hour *hour, const struct lks_sim_post *post)
{
    if (post->time_ms >= LKS_SIM_END_MS || post->time_ms < LKS_SIM_START_MS)
        return 0;
    atomic_fetch_add_explicit(&hour->world->posts[post->account], 1, memory_order_relaxed);
    if (post->act)
        atomic_fetch_add_explicit(&hour->world->acts[post->account], 1, memory_order_relaxed);
    return 1;
}

/* What Zeeschuimer puts around an item. Items are seen by the person collecting some time
 * after they were made. */
static void put_envelope(struct pen *out, uint64_t id, int64_t time_ms, uint64_t number)
{
    PUT(out, "{\"nav_index\":\"1:1:");
    put_number(out, number);
    PUT(out, "\",\"item_id\":\"");
    put_number(out, id);
    PUT(out, "\",\"timestamp_collected\":");
    put_number(out, (uint64_t)(LKS_SIM_END_MS + (time_ms - LKS_SIM_START_MS) / 1000));
}

void lks_write_comment(struct lks_hour *hour, const struct lks_sim_post *post)
{
    struct pen pen, *out = &pen;
    pen.at = pen.line;
    if (!take(hour, post))
        return;
    uint64_t id = id_of(post);
    struct lks_sim_account account = lks_world_account(hour->world, post->account);
    put_envelope(out, id, post->time_ms, hour->comments_count++);
    PUT(out,
        ",\"source_platform\":\"tiktok-comments\",\"source_platform_url\":\"https://www.tiktok.com/"
        "\","
        "\"source_url\":\"https://www.tiktok.com/api/comment/list/\",\"user_agent\":\"synthetic\","
        "\"lockstep_synthetic\":true,\"data\":{\"cid\":\"");
    put_number(out, id);
    PUT(out, "\",\"aweme_id\":\"");
    put_number(out, post->video);
    PUT(out, "\",\"reply_id\":\"0\",\"text\":\"");
    put_described(out, hour->world, post);
    PUT(out, "\",\"create_time\":");
    put_number(out, (uint64_t)(post->time_ms / 1000));
    PUT(out, ",\"digg_count\":");
    put_number(out, id % 7 * (id % 3));
    PUT(out, ",\"reply_comment_total\":0,\"comment_language\":\"un\",\"user\":{\"uid\":\"");
    put_number(out, account.id);
    PUT(out, "\",\"unique_id\":\"");
    put_handle(out, account.handle);
    PUT(out, "\",\"nickname\":\"");
    put_handle(out, account.handle);
    PUT(out, "\"}}}\n");
    pen_down(out, &hour->comments);
}

static void put_author(struct pen *out, const struct lks_sim_account *account)
{
    PUT(out, "\"author\":{\"id\":\"");
    put_number(out, account->id);
    PUT(out, "\",\"uniqueId\":\"");
    put_handle(out, account->handle);
    PUT(out, "\",\"nickname\":\"");
    put_handle(out, account->handle);
    PUT(out, "\",\"verified\":");
    if (account->verified)
        PUT(out, "true");
    else
        PUT(out, "false");
    PUT(out, ",\"createTime\":");
    put_number(out, (uint64_t)account->created_s);
    PUT(out, ",\"privateAccount\":false,\"signature\":\"");
    if (account->population == LKS_POPULATION_VOLUNTEERS)
        PUT(out, "declared volunteer of list 7 (synthetic)");
    PUT(out, "\"},\"authorStats\":{\"followerCount\":");
    put_number(out, account->followers);
    PUT(out, ",\"followingCount\":");
    put_number(out, account->following);
    PUT(out, ",\"heartCount\":0,\"videoCount\":1}");
}

static void put_tag_lists(struct pen *out, const struct lks_world *world,
                          const struct lks_sim_post *post)
{
    struct lks_sim_text tag = {0};
    PUT(out, ",\"challenges\":[");
    for (unsigned i = 0; i < post->tags_count; i++) {
        lks_sim_text_clear(&tag);
        lks_sim_text_tag(&tag, world->seed, post->tags[i]);
        if (i)
            PUT(out, ",");
        PUT(out, "{\"id\":\"");
        put_number(out, 1000 + post->tags[i]);
        PUT(out, "\",\"title\":\"");
        put_text(out, &tag);
        PUT(out, "\"}");
    }
    PUT(out, "]");
}

void lks_write_post(struct lks_hour *hour, const struct lks_sim_post *post)
{
    struct pen pen, *out = &pen;
    pen.at = pen.line;
    if (!take(hour, post))
        return;
    uint64_t id = id_of(post);
    struct lks_sim_account account = lks_world_account(hour->world, post->account);
    put_envelope(out, id, post->time_ms, hour->posts_count++);
    PUT(out,
        ",\"source_platform\":\"tiktok.com\",\"source_platform_url\":\"https://www.tiktok.com/\","
        "\"source_url\":\"https://www.tiktok.com/api/challenge/item_list/"
        "\",\"user_agent\":\"synthetic\","
        "\"lockstep_synthetic\":true,\"data\":{\"id\":\"");
    put_number(out, id);
    PUT(out, "\",\"desc\":\"");
    put_described(out, hour->world, post);
    PUT(out, "\",\"createTime\":\"");
    put_number(out, (uint64_t)(post->time_ms / 1000));
    PUT(out, "\",");
    put_author(out, &account);
    PUT(out, ",\"stats\":{\"diggCount\":");
    put_number(out, account.followers / 50 + id % 5);
    PUT(out, ",\"commentCount\":0,\"shareCount\":0,\"playCount\":");
    put_number(out, account.followers / 3 + id % 400);
    PUT(out, ",\"collectCount\":0},\"video\":{\"id\":\"");
    put_number(out, id);
    PUT(out, "\",\"duration\":");
    put_number(out, post->duration_s ? post->duration_s : lks_media_length_s(id));
    PUT(out, "},\"music\":{\"id\":\"");
    put_number(out, post->sound);
    PUT(out, "\",\"title\":\"sound\"}");
    put_tag_lists(out, hour->world, post);
    PUT(out, ",\"duetInfo\":{\"duetFromId\":\"0\"},\"isAd\":false,\"locationCreated\":\"RO\"}}\n");
    pen_down(out, &hour->posts);
}

void lks_write_video(struct lks_hour *hour, const struct lks_sim_post *post)
{
    struct pen pen, *out = &pen;
    pen.at = pen.line;
    struct lks_sim_text tag = {0};
    char handle[16];
    if (!take(hour, post))
        return;
    lks_world_handle(hour->world, post->account, handle);
    uint64_t views = lks_draw_hash(7, post->account, 1) % 90000 + post->bits % 1000;
    PUT(out, ",\n{\"lockstep_synthetic\":true,\"id\":");
    put_number(out, id_of(post));
    PUT(out, ",\"video_description\":\"");
    put_described(out, hour->world, post);
    PUT(out, "\",\"create_time\":");
    put_number(out, (uint64_t)(post->time_ms / 1000));
    PUT(out, ",\"region_code\":\"RO\",\"share_count\":0,\"view_count\":");
    put_number(out, views);
    PUT(out, ",\"like_count\":");
    put_number(out, views / 20);
    PUT(out, ",\"comment_count\":");
    put_number(out, views / 300);
    PUT(out, ",\"music_id\":");
    put_number(out, post->sound);
    PUT(out, ",\"hashtag_names\":[");
    for (unsigned i = 0; i < post->tags_count; i++) {
        lks_sim_text_clear(&tag);
        lks_sim_text_tag(&tag, hour->world->seed, post->tags[i]);
        if (i)
            PUT(out, ",");
        PUT(out, "\"");
        put_text(out, &tag);
        PUT(out, "\"");
    }
    PUT(out, "],\"username\":\"");
    put_handle(out, handle);
    PUT(out, "\",\"voice_to_text\":\"\",\"effect_ids\":[],\"playlist_id\":0,\"favorites_count\":0,"
             "\"video_duration\":15}");
    pen_down(out, &hour->videos);
    hour->videos_count++;
}
