/* telethon.c - Telegram messages as the Telethon library prints them, one a line
 *
 * {"_":"Message","id":2,"peer_id":{"_":"PeerChannel","channel_id":5},"date":"2024-11-11T06:00:00+00:00",
 *  "message":"...","entities":[{"_":"MessageEntityHashtag","offset":13,"length":5}],...}
 *
 * A message without from_id speaks for its channel. A forward of a channel names the very
 * post, so forwards of one post meet; a forward of a user names the user and the second,
 * which is all but the same. Marked pieces count in UTF-16 units. */
#include "source/adapters.h"
#include "source/telegram.h"
#include "source/utf16.h"

enum { SPANS_MAX = 4096 };

enum span_kind { SPAN_URL, SPAN_TEXT_URL, SPAN_HASHTAG, SPAN_MENTION_NAME, SPAN_OTHER };

struct span {
    enum span_kind kind;
    struct lks_str value; /* SPAN_TEXT_URL: the link; SPAN_MENTION_NAME: the user's id */
};

struct forward {
    struct lks_peer from;
    struct lks_str from_name;
    struct lks_json_value channel_post, date;
};

struct telethon_row {
    struct lks_telegram_message message;
    struct lks_arena *arena;
    struct lks_json_value id, date;
    struct lks_peer peer, from;
    struct lks_str kind, question, webpage_url, spans_text, reply_id;
    struct forward forward;
    int out, forum_topic, reply_top, id_lost, failed;
    const char *reason;
};

static int is(struct lks_str a, const char *b)
{
    return lks_str_equal_text(a, b);
}

static void add(struct telethon_row *t, struct lks_list *list, struct lks_str item)
{
    if (lks_list_add(list, t->arena, item) != 0)
        t->failed = 1;
}

/* An id that may be a number or, pseudonymised, any text. */
static struct lks_str read_id(struct telethon_row *t, struct lks_json_value value)
{
    struct lks_str digits;
    int code = lks_json_id(value, &digits);
    if (code == 0)
        return digits;
    if (code == 2 && (value.type == LKS_JSON_NUMBER || lks_id_is_lost(value.text)))
        t->id_lost = 1;
    else if (value.type == LKS_JSON_STRING && value.text.size_bytes)
        return value.text;
    return LKS_STR_NULL;
}

/* {"_":"PeerChannel","channel_id":5}; in old versions a bare user id. */
static struct lks_peer read_peer(struct telethon_row *t, struct lks_json_reader *reader)
{
    struct lks_peer peer = {LKS_PEER_NONE, LKS_STR_NULL};
    struct lks_str key;
    if (!lks_json_enter_object(reader)) {
        struct lks_str id = read_id(t, lks_json_read(reader));
        return id.data ? lks_peer_parse(id) : peer;
    }
    while (lks_json_member(reader, &key)) {
        enum lks_peer_kind kind = is(key, "channel_id") ? LKS_PEER_CHANNEL
                                  : is(key, "user_id")  ? LKS_PEER_USER
                                  : is(key, "chat_id")  ? LKS_PEER_CHAT
                                                        : LKS_PEER_NONE;
        if (!kind)
            continue;
        struct lks_str id = read_id(t, lks_json_read(reader));
        if (id.data)
            peer = (struct lks_peer){kind, id};
    }
    return peer;
}

/* ---- nested objects ---- */

static void read_forward(struct telethon_row *t, struct lks_json_reader *reader)
{
    struct forward *f = &t->forward;
    struct lks_str key;
    if (!lks_json_enter_object(reader))
        return;
    t->message.forwarded = 1;
    while (lks_json_member(reader, &key)) {
        if (is(key, "from_id"))
            f->from = read_peer(t, reader);
        else if (is(key, "channel_id")) { /* before 2020 */
            struct lks_str id = read_id(t, lks_json_read(reader));
            if (id.data)
                f->from = (struct lks_peer){LKS_PEER_CHANNEL, id};
        } else if (is(key, "from_name"))
            f->from_name = lks_value_text(lks_json_read(reader));
        else if (is(key, "channel_post"))
            f->channel_post = lks_json_read(reader);
        else if (is(key, "date"))
            f->date = lks_json_read(reader);
    }
}

static void read_reply(struct telethon_row *t, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_object(reader))
        return;
    while (lks_json_member(reader, &key)) {
        if (is(key, "reply_to_msg_id"))
            t->reply_id = read_id(t, lks_json_read(reader));
        else if (is(key, "reply_to_peer_id"))
            t->message.reply_chat = read_peer(t, reader);
        else if (is(key, "forum_topic"))
            t->forum_topic = lks_value_bool(lks_json_read(reader)) == 1;
        else if (is(key, "reply_to_top_id"))
            t->reply_top = lks_json_read(reader).type == LKS_JSON_NUMBER;
    }
}

/* The id of a photo or document in the object at the cursor. */
static void read_file(struct telethon_row *t, struct lks_json_reader *reader, struct lks_str prefix)
{
    struct lks_str key, id = LKS_STR_NULL;
    if (!lks_json_enter_object(reader))
        return;
    while (lks_json_member(reader, &key))
        if (is(key, "id"))
            lks_json_id(lks_json_read(reader), &id);
    add(t, &t->message.media, LKS_KEY(t->arena, &t->failed, prefix, id));
}

/* A poll's question is a string, or in newer layers an object with its text. */
static void read_poll(struct telethon_row *t, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_object(reader))
        return;
    while (lks_json_member(reader, &key)) {
        if (!is(key, "question"))
            continue;
        if (!lks_json_enter_object(reader)) {
            t->question = lks_value_text(lks_json_read(reader));
            continue;
        }
        while (lks_json_member(reader, &key))
            if (is(key, "text"))
                t->question = lks_value_text(lks_json_read(reader));
    }
}

static void read_media(struct telethon_row *t, struct lks_json_reader *reader)
{
    struct lks_str key;
    if (!lks_json_enter_object(reader))
        return;
    while (lks_json_member(reader, &key)) {
        if (is(key, "photo"))
            read_file(t, reader, LKS_STR("telegram:photo/"));
        else if (is(key, "document"))
            read_file(t, reader, LKS_STR("telegram:document/"));
        else if (is(key, "poll"))
            read_poll(t, reader);
        else if (is(key, "webpage") && lks_json_enter_object(reader))
            while (lks_json_member(reader, &key))
                if (is(key, "url"))
                    t->webpage_url = lks_value_text(lks_json_read(reader));
    }
}

static int64_t read_nested_count(struct lks_json_reader *reader, const char *name)
{
    int64_t count = LKS_COUNT_NULL;
    struct lks_str key;
    if (lks_json_enter_object(reader))
        while (lks_json_member(reader, &key))
            if (is(key, name))
                count = lks_value_count(lks_json_read(reader));
    return count;
}

static int64_t read_reactions(struct lks_json_reader *reader)
{
    int64_t count = LKS_COUNT_NULL;
    struct lks_str key;
    if (lks_json_enter_object(reader))
        while (lks_json_member(reader, &key))
            if (is(key, "results"))
                count = lks_json_sum_counts(reader);
    return count;
}

/* ---- marked pieces ---- */

static int read_span(struct telethon_row *t, struct lks_json_reader *reader, struct span *span,
                     struct lks_utf16_span *place)
{
    struct lks_str key, kind = LKS_STR_NULL, url = LKS_STR_NULL, user = LKS_STR_NULL;
    *place = (struct lks_utf16_span){-1, 0, LKS_STR_NULL};
    if (!lks_json_enter_object(reader))
        return 0;
    while (lks_json_member(reader, &key)) {
        if (is(key, "_"))
            kind = lks_value_text(lks_json_read(reader));
        else if (is(key, "offset"))
            place->offset = lks_value_count(lks_json_read(reader));
        else if (is(key, "length"))
            place->length = lks_value_count(lks_json_read(reader));
        else if (is(key, "url"))
            url = lks_value_text(lks_json_read(reader));
        else if (is(key, "user_id"))
            user = read_id(t, lks_json_read(reader));
    }
    *span = (struct span){SPAN_OTHER, LKS_STR_NULL};
    if (is(kind, "MessageEntityUrl"))
        *span = (struct span){SPAN_URL, LKS_STR_NULL};
    else if (is(kind, "MessageEntityTextUrl"))
        *span = (struct span){SPAN_TEXT_URL, url};
    else if (is(kind, "MessageEntityHashtag"))
        *span = (struct span){SPAN_HASHTAG, LKS_STR_NULL};
    else if (is(kind, "MessageEntityMentionName"))
        *span = (struct span){SPAN_MENTION_NAME, user};
    return span->kind != SPAN_OTHER;
}

/* Plain mentions are found in the text; so are hashtags, but Telegram's own idea of one
 * joins them. */
static void use_span(struct telethon_row *t, const struct span *span, struct lks_str text)
{
    struct lks_telegram_message *m = &t->message;
    switch (span->kind) {
    case SPAN_URL:
        add(t, &m->urls, lks_telegram_url(t->arena, text, &t->failed));
        break;
    case SPAN_TEXT_URL:
        add(t, &m->urls, lks_telegram_url(t->arena, span->value, &t->failed));
        break;
    case SPAN_HASHTAG:
        add(t, &m->hashtags, text);
        break;
    case SPAN_MENTION_NAME:
        add(t, &m->mentions,
            lks_peer_key(t->arena, (struct lks_peer){LKS_PEER_USER, span->value}, &t->failed));
        break;
    default:
        break;
    }
}

static void read_spans(struct telethon_row *t)
{
    struct lks_json_reader reader;
    size_t count = 0;
    lks_json_open(&reader, t->spans_text, t->arena, 0);
    if (!lks_json_enter_array(&reader))
        return;
    /* The shortest that counts is {"_":"MessageEntityUrl"}, which bounds what is asked for. */
    size_t room = t->spans_text.size_bytes / 24 + 1;
    if (room > SPANS_MAX)
        room = SPANS_MAX;
    struct span *spans = lks_arena_calloc(t->arena, room, sizeof *spans);
    struct lks_utf16_span *places = lks_arena_calloc(t->arena, room, sizeof *places);
    struct lks_utf16_place *marks = lks_arena_calloc(t->arena, 2 * room, sizeof *marks);
    if (!spans || !places || !marks) {
        t->failed = 1;
        return;
    }
    while (lks_json_element(&reader)) {
        struct span span;
        struct lks_utf16_span place;
        if (!read_span(t, &reader, &span, &place))
            continue;
        if (count == room) {
            t->reason = "too many links, tags or mentions";
            return;
        }
        spans[count] = span;
        places[count++] = place;
    }
    lks_utf16_slice(t->message.text, places, count, marks);
    for (size_t i = 0; i < count; i++)
        use_span(t, &spans[i], places[i].text);
}

/* ---- the row ---- */

static void read_member(struct telethon_row *t, struct lks_json_reader *reader, struct lks_str key)
{
    struct lks_telegram_message *m = &t->message;
    if (is(key, "_"))
        t->kind = lks_value_text(lks_json_read(reader));
    else if (is(key, "id"))
        t->id = lks_json_read(reader);
    else if (is(key, "peer_id") || is(key, "to_id"))
        t->peer = read_peer(t, reader);
    else if (is(key, "from_id"))
        t->from = read_peer(t, reader);
    else if (is(key, "out"))
        t->out = lks_value_bool(lks_json_read(reader)) == 1;
    else if (is(key, "date"))
        t->date = lks_json_read(reader);
    else if (is(key, "message"))
        m->text = lks_value_text(lks_json_read(reader));
    else if (is(key, "entities"))
        t->spans_text =
            lks_json_peek(reader) == LKS_JSON_ARRAY ? lks_json_skip(reader) : LKS_STR_NULL;
    else if (is(key, "fwd_from"))
        read_forward(t, reader);
    else if (is(key, "reply_to"))
        read_reply(t, reader);
    else if (is(key, "reply_to_msg_id")) /* before 2020 */
        t->reply_id = read_id(t, lks_json_read(reader));
    else if (is(key, "media"))
        read_media(t, reader);
    else if (is(key, "views"))
        m->views = lks_value_count(lks_json_read(reader));
    else if (is(key, "forwards"))
        m->shares = lks_value_count(lks_json_read(reader));
    else if (is(key, "replies"))
        m->comments = read_nested_count(reader, "replies");
    else if (is(key, "reactions"))
        m->likes = read_reactions(reader);
}

static struct lks_str seconds_text(struct lks_arena *arena, int64_t time_us, int *failed)
{
    char text[24];
    size_t at = sizeof text;
    int64_t seconds = time_us / LKS_SECOND_US;
    do {
        text[--at] = (char)('0' + seconds % 10);
        seconds /= 10;
    } while (seconds > 0);
    struct lks_str copy = lks_arena_str(arena, (struct lks_str){text + at, sizeof text - at});
    if (!copy.data)
        *failed = 1;
    return copy;
}

static void make_origin(struct telethon_row *t)
{
    struct forward *f = &t->forward;
    struct lks_str post;
    int64_t time_us;
    enum lks_time_precision precision;
    int zoned;
    if (!t->message.forwarded)
        return;
    struct lks_str source = lks_peer_key(t->arena, f->from, &t->failed);
    if (source.data && f->from.kind == LKS_PEER_CHANNEL &&
        lks_json_id(f->channel_post, &post) == 0) {
        t->message.origin_key = LKS_KEY(t->arena, &t->failed, source, LKS_STR("/"), post);
        return;
    }
    if (!source.data)
        source = lks_peer_key(t->arena, (struct lks_peer){LKS_PEER_NAME, f->from_name}, &t->failed);
    if (source.data && lks_value_time(f->date, &time_us, &precision, &zoned) == 0)
        t->message.origin_key = LKS_KEY(t->arena, &t->failed, source, LKS_STR("/at"),
                                        seconds_text(t->arena, time_us, &t->failed));
}

/* Fills the message from the members; a reason for a reject, or NULL. */
static const char *make_message(struct telethon_row *t, struct lks_adapter_context *context)
{
    struct lks_telegram_message *m = &t->message;
    int zoned = 1;
    m->id = read_id(t, t->id);
    if (m->text.size_bytes == 0)
        m->text = t->question;
    if (t->spans_text.data)
        read_spans(t);
    if (m->urls.count == 0 && t->webpage_url.data)
        add(t, &m->urls, lks_telegram_url(t->arena, t->webpage_url, &t->failed));
    if (t->id_lost)
        return LKS_ID_LOST;
    if (t->reason)
        return t->reason;
    /* In a forum every message "answers" the head of its topic. */
    if (!t->forum_topic || t->reply_top)
        m->reply_id = t->reply_id;
    m->chat = t->peer;
    m->author = t->from;
    if (!m->author.kind && m->chat.kind == LKS_PEER_USER && t->out)
        return LKS_REASON_NO_ACCOUNT; /* one's own message, and the export does not say who that is */
    make_origin(t);
    if (t->date.type == LKS_JSON_NONE || t->date.type == LKS_JSON_NULL)
        return LKS_REASON_NO_TIME;
    if (lks_value_time(t->date, &m->time_us, &m->time_precision, &zoned) != 0)
        return LKS_REASON_BAD_TIME;
    if (!zoned) {
        m->time_us -= context->options->zone_offset_us;
        context->zone_assumed_count++;
    }
    return NULL;
}

static int parse(struct lks_adapter_context *context, const struct lks_row *row,
                 struct lks_batch *batch)
{
    struct telethon_row t = {.arena = &batch->arena};
    struct lks_json_reader reader;
    struct lks_str key;
    const char *reason = NULL;
    int code = 0;
    lks_telegram_message_init(&t.message);
    if (!lks_row_open(&reader, row->bytes, row, batch, 0, &code))
        return code;
    while (lks_json_member(&reader, &key))
        read_member(&t, &reader, key);
    if (!lks_row_close(&reader, row, batch, &code))
        return code;
    if (is(t.kind, "MessageService") || is(t.kind, "MessageEmpty")) {
        batch->ignored_count++;
        return 0;
    }
    reason = make_message(&t, context);
    if (t.failed)
        return LKS_EMEMORY;
    return reason ? lks_row_reject(batch, row, reason) : lks_telegram_post(batch, row, &t.message);
}

static int looks_like_messages(const struct lks_head *head)
{
    int peer = lks_head_has(head, "\"peer_id\"") || lks_head_has(head, "\"to_id\"");
    int kind = lks_head_has(head, "\"_\": \"Message") || lks_head_has(head, "\"_\":\"Message");
    return peer && kind;
}

static int recognise_lines(const struct lks_head *head)
{
    return lks_head_is_lines(head) && looks_like_messages(head) ? 95 : 0;
}

static int recognise_array(const struct lks_head *head)
{
    return lks_head_is_json(head) && !lks_head_is_lines(head) && looks_like_messages(head) ? 90 : 0;
}

const struct lks_adapter lks_adapter_telethon = {.name = "telethon",
                                                 .title =
                                                     "Telethon messages, one JSON object a line",
                                                 .framing = LKS_FRAME_LINES,
                                                 .recognise = recognise_lines,
                                                 .parse = parse};

const struct lks_adapter lks_adapter_telethon_array = {.name = "telethon-array",
                                                       .title = "Telethon messages in a JSON array",
                                                       .framing = LKS_FRAME_JSON,
                                                       .recognise = recognise_array,
                                                       .parse = parse};
