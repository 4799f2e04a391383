/* write_telegram.c - the simulated channel, as Telegram Desktop exports it */
#include <stdio.h>

#include "base/json_write.h"
#include "base/time.h"
#include "base/writer.h"
#include "simulate/draw.h"
#include "simulate/media.h"
#include "simulate/truth.h"
#include "simulate/words.h"

#define CHANNEL_NAME "Placeholder channel (synthetic)"
#define CHANNEL_OPENED_S INT64_C(1717999200) /* 10 June 2024 */

enum { CHATTER_PER_DAY = 6, ZONE_S = 7200 };

struct channel {
    const struct lks_world *world;
    struct lks_json json;
    uint64_t messages_count;
};

static void message_open(struct channel *channel, const char *type, int64_t time_s)
{
    struct lks_json *json = &channel->json;
    char text[LKS_TIME_TEXT_BYTES];
    lks_json_object(json, NULL);
    lks_json_uint(json, "id", ++channel->messages_count);
    lks_json_text(json, "type", type);
    lks_json_key(json, "date"); /* local and without zone, as the program writes it */
    lks_time_format((time_s + ZONE_S) * LKS_SECOND_US, text);
    lks_json_string(json, NULL, (struct lks_str){text, 19});
    lks_json_key(json, "date_unixtime");
    snprintf(text, sizeof text, "%lld", (long long)time_s);
    lks_json_text(json, NULL, text);
    lks_json_text(json, strcmp(type, "service") == 0 ? "actor" : "from", CHANNEL_NAME);
    lks_json_key(json, strcmp(type, "service") == 0 ? "actor_id" : "from_id");
    snprintf(text, sizeof text, "channel%d", LKS_SIM_CHANNEL_ID);
    lks_json_text(json, NULL, text);
}

/* A piece of a text: plain pieces are strings in "text" and objects in "text_entities". */
static void piece(struct lks_json *json, int entities, const char *type, const char *text)
{
    if (!entities && strcmp(type, "plain") == 0) {
        lks_json_text(json, NULL, text);
        return;
    }
    lks_json_object(json, NULL);
    lks_json_text(json, "type", type);
    lks_json_text(json, "text", text);
    lks_json_object_end(json);
}

static void call_pieces(struct channel *channel, const struct lks_sim_call *call, int entities)
{
    struct lks_json *json = &channel->json;
    struct lks_sim_text text = {0};
    char link[96], handle[16];
    lks_json_array(json, NULL);
    lks_sim_text_of_key(&text, call->text_key ^ 1, 4);
    lks_sim_text_add(&text, "\n", 2); /* with its NUL */
    piece(json, entities, "plain", text.data);
    for (unsigned i = 0; call->kind == LKS_CALL_COMMENT && i < call->targets_count; i++) {
        lks_world_handle(channel->world, call->targets[i].account, handle);
        snprintf(link, sizeof link, "https://www.tiktok.com/@%s/video/%llu", handle,
                 (unsigned long long)call->targets[i].id);
        piece(json, entities, "link", link);
        piece(json, entities, "plain", "\n");
    }
    for (unsigned i = 0; i < call->tags_count; i++) {
        lks_sim_text_clear(&text);
        lks_sim_text_string(&text, "#");
        lks_sim_text_tag(&text, channel->world->seed, call->tags[i]);
        lks_sim_text_add(&text, "", 1);
        piece(json, entities, "hashtag", text.data);
        piece(json, entities, "plain", " ");
    }
    for (uint64_t i = 0; i < (call->kind == LKS_CALL_COMMENT ? 3u : 1u); i++) {
        lks_sim_text_clear(&text);
        lks_sim_text_of_key(&text, call->text_key + i, 8);
        lks_sim_text_add(&text, "", 1);
        piece(json, entities, "code", text.data);
        piece(json, entities, "plain", "\n");
    }
    lks_json_array_end(json);
}

/* A clip to be edited and posted, of which the export says what it says where files were left out. */
static void media_write(struct lks_json *json, const struct lks_sim_media *media)
{
    static const char left_out[] =
        "(File not included. Change data exporting settings to download.)";
    lks_json_text(json, "file", left_out);
    lks_json_text(json, "file_name", media->name);
    lks_json_uint(json, "file_size", media->size_bytes);
    lks_json_text(json, "thumbnail", left_out);
    lks_json_text(json, "media_type", "video_file");
    lks_json_text(json, "mime_type", "video/mp4");
    lks_json_uint(json, "duration_seconds", media->duration_s);
    lks_json_uint(json, "width", media->width);
    lks_json_uint(json, "height", media->height);
}

static void call_write(struct channel *channel, const struct lks_sim_call *call)
{
    struct lks_json *json = &channel->json;
    message_open(channel, "message", call->time_ms / 1000);
    if (call->kind == LKS_CALL_POST) {
        struct lks_sim_media media = lks_call_media(channel->world, call);
        media_write(json, &media);
    }
    lks_json_key(json, "text");
    call_pieces(channel, call, 0);
    lks_json_key(json, "text_entities");
    call_pieces(channel, call, 1);
    lks_json_object_end(json);
}

static void chatter_write(struct channel *channel, struct lks_rng *rng, int64_t time_ms)
{
    struct lks_json *json = &channel->json;
    struct lks_sim_text text = {0};
    lks_sim_text_words(&text, rng, 4 + (unsigned)lks_rng_below(rng, 20));
    message_open(channel, "message", time_ms / 1000);
    lks_json_string(json, "text", (struct lks_str){text.data, text.size});
    lks_json_array(json, "text_entities");
    lks_sim_text_add(&text, "", 1);
    piece(json, 1, "plain", text.data);
    lks_json_array_end(json);
    lks_json_object_end(json);
}

/* Calls and other messages, in order of time. */
static void messages_write(struct channel *channel)
{
    const struct lks_world *world = channel->world;
    struct lks_rng rng;
    unsigned next = 0;
    lks_rng_init(&rng, world->seed ^ (uint64_t)LKS_STREAM_CHATTER << 56, 0);
    for (int day = 0; day < LKS_SIM_DAYS; day++)
        for (int i = 0; i < CHATTER_PER_DAY; i++) {
            int64_t time_ms = LKS_SIM_START_MS + day * LKS_SIM_DAY_MS +
                              (8 + 2 * i) * LKS_SIM_HOUR_MS +
                              lks_draw_between(&rng, 0, 2 * LKS_SIM_HOUR_MS);
            while (next < world->calls_count && world->calls[next].time_ms < time_ms)
                call_write(channel, &world->calls[next++]);
            chatter_write(channel, &rng, time_ms);
        }
    while (next < world->calls_count)
        call_write(channel, &world->calls[next++]);
}

int lks_write_telegram(const struct lks_world *world, const char *path, uint64_t *messages_out,
                       struct lks_error *err)
{
    struct lks_buffer buffer = {0};
    struct channel channel = {world, {.buffer = &buffer, .indent = 1}, 0};
    struct lks_json *json = &channel.json;
    struct lks_writer writer;
    lks_json_object(json, NULL);
    lks_json_text(json, "about", "synthetic data of lockstep simulate: about nobody");
    lks_json_text(json, "name", CHANNEL_NAME);
    lks_json_text(json, "type", "public_channel");
    lks_json_int(json, "id", LKS_SIM_CHANNEL_ID);
    lks_json_array(json, "messages");
    message_open(&channel, "service", CHANNEL_OPENED_S);
    lks_json_text(json, "action", "create_channel");
    lks_json_text(json, "title", CHANNEL_NAME);
    lks_json_text(json, "text", "");
    lks_json_array(json, "text_entities");
    lks_json_array_end(json);
    lks_json_object_end(json);
    messages_write(&channel);
    lks_json_array_end(json);
    lks_json_object_end(json);
    lks_buffer_byte(&buffer, '\n');
    int code = buffer.failed ? lks_error_set(err, LKS_EMEMORY, "out of memory")
                             : lks_writer_open(&writer, path, err);
    if (code == 0) {
        lks_writer_put(&writer, buffer.data, buffer.size_bytes);
        code = lks_writer_commit(&writer, err);
    }
    lks_buffer_free(&buffer);
    *messages_out = channel.messages_count - 1; /* the service message is none */
    return code;
}
