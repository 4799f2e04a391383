/* telegram_desktop.c - result.json of Telegram Desktop: one chat, or all of an account
 *
 * The exporter writes control characters as "\x1F", times without their zone ("date")
 * beside Unix seconds as a string ("date_unixtime", newer versions only), the text as a string or as
 * an array of strings and marked pieces, and leaves the chat's id in the object around the
 * messages. A forward names its source but not the source's message; since a forward keeps
 * the text, the source's name and a hash of the content stand for the message. */
#include <xxhash.h>

#include "source/adapters.h"
#include "source/telegram.h"

struct desktop_row {
    struct lks_telegram_message message;
    struct lks_arena *arena;
    struct lks_json_value date, unixtime, from_id, id, reply_id, reply_peer;
    struct lks_str type, question, file, forwarded_name, forwarded_id;
    int is_channel; /* the chat: only it speaks there */
    int has_array;  /* the text came as an array, so its marked pieces are complete */
    int failed;
};

/* ---- text ---- */

static void add(struct desktop_row *d, struct lks_list *list, struct lks_str item)
{
    if (lks_list_add(list, d->arena, item) != 0)
        d->failed = 1;
}

static void add_entity(struct desktop_row *d, struct lks_str type, struct lks_str text,
                       struct lks_str href, struct lks_str user_id)
{
    struct lks_telegram_message *m = &d->message;
    if (lks_str_equal(type, LKS_STR("link")))
        add(d, &m->urls, lks_telegram_url(d->arena, text, &d->failed));
    else if (lks_str_equal(type, LKS_STR("text_link")))
        add(d, &m->urls, lks_telegram_url(d->arena, href, &d->failed));
    else if (lks_str_equal(type, LKS_STR("hashtag")))
        add(d, &m->hashtags, text);
    else if (lks_str_equal(type, LKS_STR("mention_name")))
        add(d, &m->mentions,
            lks_peer_key(d->arena, (struct lks_peer){LKS_PEER_USER, user_id}, &d->failed));
    /* Plain mentions are found in the text. */
}

/* A piece of text: a string, or an object with its type. Appended to out. */
static void read_piece(struct desktop_row *d, struct lks_json_reader *reader,
                       struct lks_buffer *out, int entities)
{
    struct lks_str key, text = LKS_STR_NULL, type = LKS_STR_NULL, href = LKS_STR_NULL;
    struct lks_str user_id = LKS_STR_NULL;
    if (lks_json_enter_object(reader)) {
        while (lks_json_member(reader, &key)) {
            struct lks_json_value value = lks_json_read(reader);
            if (lks_str_equal(key, LKS_STR("text")))
                text = lks_value_text(value);
            else if (lks_str_equal(key, LKS_STR("type")))
                type = lks_value_text(value);
            else if (lks_str_equal(key, LKS_STR("href")))
                href = lks_value_text(value);
            else if (lks_str_equal(key, LKS_STR("user_id")))
                lks_json_id(value, &user_id);
        }
        if (entities)
            add_entity(d, type, text, href, user_id);
    } else {
        text = lks_value_text(lks_json_read(reader));
    }
    lks_buffer_append(out, text.data, text.size_bytes);
}

/* "text" or "text_entities". The pieces of an array are joined in the scratch buffer. */
static struct lks_str read_text(struct desktop_row *d, struct lks_json_reader *reader,
                                struct lks_buffer *scratch, int entities)
{
    if (!lks_json_enter_array(reader))
        return lks_value_text(lks_json_read(reader));
    lks_buffer_clear(scratch);
    while (lks_json_element(reader))
        read_piece(d, reader, scratch, entities);
    if (scratch->failed)
        d->failed = 1;
    struct lks_str joined = {scratch->data ? scratch->data : "", scratch->size_bytes};
    struct lks_str copy = lks_arena_str(d->arena, joined);
    if (!copy.data)
        d->failed = 1;
    return copy;
}

/* ---- members ---- */

static struct lks_str read_question(struct lks_json_reader *reader)
{
    struct lks_str key, question = LKS_STR_NULL;
    if (lks_json_enter_object(reader))
        while (lks_json_member(reader, &key))
            if (lks_str_equal(key, LKS_STR("question")))
                question = lks_value_text(lks_json_read(reader));
    return question;
}

static void read_member(struct desktop_row *d, struct lks_json_reader *reader, struct lks_str key)
{
    struct lks_telegram_message *m = &d->message;
    if (lks_str_equal(key, LKS_STR("id"))) {
        d->id = lks_json_read(reader);
    } else if (lks_str_equal(key, LKS_STR("type"))) {
        d->type = lks_value_text(lks_json_read(reader));
    } else if (lks_str_equal(key, LKS_STR("date"))) {
        d->date = lks_json_read(reader);
    } else if (lks_str_equal(key, LKS_STR("date_unixtime"))) {
        d->unixtime = lks_json_read(reader);
    } else if (lks_str_equal(key, LKS_STR("from"))) {
        m->author_name = lks_value_text(lks_json_read(reader));
    } else if (lks_str_equal(key, LKS_STR("from_id"))) {
        d->from_id = lks_json_read(reader);
    } else if (lks_str_equal(key, LKS_STR("forwarded_from"))) {
        m->forwarded = 1;
        d->forwarded_name = lks_value_text(lks_json_read(reader));
    } else if (lks_str_equal(key, LKS_STR("forwarded_from_id"))) {
        d->forwarded_id = lks_value_text(lks_json_read(reader));
    } else if (lks_str_equal(key, LKS_STR("reply_to_message_id"))) {
        d->reply_id = lks_json_read(reader);
    } else if (lks_str_equal(key, LKS_STR("reply_to_peer_id"))) {
        d->reply_peer = lks_json_read(reader);
    } else if (lks_str_equal(key, LKS_STR("file_name"))) {
        d->file = lks_value_text(lks_json_read(reader));
    } else if (lks_str_equal(key, LKS_STR("poll"))) {
        d->question = read_question(reader);
    } else if (lks_str_equal(key, LKS_STR("reactions"))) {
        m->likes = lks_json_sum_counts(reader);
    }
}

/* What stood before the messages: the chat, and whether the data is synthetic. */
static void read_outer(struct desktop_row *d, struct lks_str outer, int *synthetic)
{
    static const struct lks_str paths[] = {
        {"name", 4}, {"type", 4}, {"id", 2}, {"about", 5}, {"document.about", 14}};
    enum { COUNT = sizeof paths / sizeof *paths };
    struct lks_json_value values[COUNT];
    if (!outer.data ||
        lks_json_get_paths(outer, paths, COUNT, values, d->arena, LKS_JSON_HEX_ESCAPES, NULL) != 0)
        return;
    struct lks_str type = lks_value_text(values[1]), id;
    d->message.chat_name = lks_value_text(values[0]);
    d->is_channel = lks_str_equal(type, LKS_STR("public_channel")) ||
                    lks_str_equal(type, LKS_STR("private_channel"));
    if (lks_json_id(values[2], &id) == 0) {
        d->message.chat.id = id;
        d->message.chat.kind = LKS_PEER_CHANNEL;
        if (lks_str_equal(type, LKS_STR("private_group")))
            d->message.chat.kind = LKS_PEER_CHAT;
        else if (lks_str_equal(type, LKS_STR("personal_chat")) ||
                 lks_str_equal(type, LKS_STR("bot_chat")) ||
                 lks_str_equal(type, LKS_STR("saved_messages")) ||
                 lks_str_equal(type, LKS_STR("replies")))
            d->message.chat.kind = LKS_PEER_USER;
    }
    for (int i = 3; i < 5; i++) {
        struct lks_str about = lks_value_text(values[i]);
        if (about.size_bytes >= 9 && memcmp(about.data, "synthetic", 9) == 0)
            *synthetic = 1;
    }
}

/* ---- the row ---- */

static int read_time(struct desktop_row *d, struct lks_adapter_context *context)
{
    struct lks_telegram_message *m = &d->message;
    int zoned = 1;
    if (lks_value_time(d->unixtime, &m->time_us, &m->time_precision, &zoned) == 0)
        return 0;
    if (lks_value_time(d->date, &m->time_us, &m->time_precision, &zoned) != 0)
        return -1;
    if (!zoned) {
        m->time_us -= context->options->zone_offset_us;
        context->zone_assumed_count++;
    }
    return m->time_us >= LKS_TIME_MIN_US && m->time_us <= LKS_TIME_MAX_US ? 0 : -1;
}

/* Who wrote it; a reason for a reject, or NULL. Old exports lack from_id: then a message of
 * a channel is the channel's, and in a group all that is left of a member is the name. */
static const char *read_author(struct desktop_row *d)
{
    struct lks_telegram_message *m = &d->message;
    struct lks_str digits;
    if (d->from_id.type == LKS_JSON_STRING)
        m->author = lks_peer_parse(d->from_id.text);
    else if (lks_json_id(d->from_id, &digits) == 0)
        m->author = (struct lks_peer){LKS_PEER_USER, digits};
    if (!m->chat.kind && m->author.kind == LKS_PEER_CHANNEL)
        m->chat = m->author;
    if (m->author.kind || d->is_channel)
        return NULL;
    if (!m->author_name.size_bytes)
        return LKS_REASON_NO_ACCOUNT;
    if (!m->chat_name.size_bytes || !lks_str_equal(m->author_name, m->chat_name))
        m->author = (struct lks_peer){LKS_PEER_NAME, m->author_name};
    return NULL;
}

static struct lks_str hash_text(struct lks_arena *arena, struct lks_str text, struct lks_str file,
                                int *failed)
{
    static const char hex[] = "0123456789abcdef";
    XXH64_hash_t hash =
        XXH3_64bits_withSeed(text.data, text.size_bytes, XXH3_64bits(file.data, file.size_bytes));
    char digits[16];
    for (int i = 0; i < 16; i++)
        digits[i] = hex[hash >> (60 - 4 * i) & 15];
    struct lks_str copy = lks_arena_str(arena, (struct lks_str){digits, sizeof digits});
    if (!copy.data)
        *failed = 1;
    return copy;
}

/* A forward without text and file name says nothing about which message it was. */
static void read_origin(struct desktop_row *d)
{
    struct lks_telegram_message *m = &d->message;
    struct lks_str file = m->text.size_bytes ? LKS_STR_NULL : d->file;
    struct lks_peer source = {LKS_PEER_NAME, d->forwarded_name};
    if (!m->forwarded || (!m->text.size_bytes && !file.size_bytes))
        return;
    if (d->forwarded_id.size_bytes)
        source = lks_peer_parse(d->forwarded_id);
    struct lks_str key = lks_peer_key(d->arena, source, &d->failed);
    m->origin_key = LKS_KEY(d->arena, &d->failed, key.data ? key : LKS_STR("telegram:~"),
                            LKS_STR("/~"), hash_text(d->arena, m->text, file, &d->failed));
}

static int parse(struct lks_adapter_context *context, const struct lks_row *row,
                 struct lks_batch *batch)
{
    struct desktop_row d = {.arena = &batch->arena};
    struct lks_json_reader reader;
    struct lks_str key, marked = LKS_STR_NULL;
    const char *reason = NULL;
    int code = 0;
    lks_telegram_message_init(&d.message);
    read_outer(&d, row->outer, &context->synthetic);
    if (!lks_row_open(&reader, row->bytes, row, batch, LKS_JSON_HEX_ESCAPES, &code))
        return code;
    while (lks_json_member(&reader, &key)) {
        if (lks_str_equal(key, LKS_STR("text"))) {
            d.has_array = lks_json_peek(&reader) == LKS_JSON_ARRAY;
            d.message.text = read_text(&d, &reader, &context->scratch, 1);
        } else if (lks_str_equal(key, LKS_STR("text_entities"))) {
            /* The same pieces again; of use only where "text" is no array. */
            marked = lks_json_skip(&reader);
        } else {
            read_member(&d, &reader, key);
        }
    }
    if (!lks_row_close(&reader, row, batch, &code))
        return code;
    if (lks_str_equal(d.type, LKS_STR("service"))) {
        batch->ignored_count++;
        return 0;
    }
    if (marked.size_bytes > 2 && !d.has_array) {
        lks_json_open(&reader, marked, d.arena, LKS_JSON_HEX_ESCAPES);
        struct lks_str text = read_text(&d, &reader, &context->scratch, 1);
        if (d.message.text.size_bytes == 0)
            d.message.text = text;
    }
    if (d.message.text.size_bytes == 0)
        d.message.text = d.question;
    reason = read_author(&d);
    if (reason)
        return lks_row_reject(batch, row, reason);
    read_origin(&d);
    if (lks_json_id(d.id, &d.message.id) == 2)
        return lks_row_reject(batch, row, LKS_ID_LOST);
    lks_json_id(d.reply_id, &d.message.reply_id);
    d.message.reply_chat = lks_peer_parse(lks_value_text(d.reply_peer));
    if (read_time(&d, context) != 0)
        d.message.time_us = LKS_TIME_NULL;
    return d.failed ? LKS_EMEMORY : lks_telegram_post(batch, row, &d.message);
}

static int recognise(const struct lks_head *head)
{
    /* "peer_id" is Telethon's. */
    if (!lks_head_is_json(head) || lks_head_has(head, "\"peer_id\""))
        return 0;
    if (!lks_head_has(head, "\"messages\"") || !lks_head_has(head, "\"type\""))
        return lks_head_has(head, "\"chats\"") && lks_head_has(head, "\"about\"") ? 70 : 0;
    return lks_head_has(head, "\"date_unixtime\"") || lks_head_has(head, "\"from_id\"") ||
                   lks_head_has(head, "\"actor\"")
               ? 95
               : 60;
}

const struct lks_adapter lks_adapter_telegram_desktop = {
    .name = "telegram-desktop",
    .title = "Telegram Desktop export (result.json)",
    .framing = LKS_FRAME_JSON,
    .recognise = recognise,
    .parse = parse};
