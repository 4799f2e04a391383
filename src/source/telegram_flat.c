/* telegram_flat.c - Telegram messages with few fields, one a line
 *
 * {"message_id":1,"sender_id":-1001234567890,"text":"...","date":"2023-08-10T17:54:05+00:00","channel":"Name"}
 *
 * The shape of many published collections: ids in the Bot API's form, the channel by its name.
 * Where the sender is a channel it is the chat too; else the chat is known by name
 * only ("telegram:~Name"). */
#include "source/adapters.h"
#include "source/telegram.h"

static struct lks_str read_id(struct lks_json_value value, int *lost)
{
    struct lks_str digits, text = value.text;
    if (value.type != LKS_JSON_NUMBER && value.type != LKS_JSON_STRING)
        return LKS_STR_NULL;
    int negative = text.size_bytes > 1 && text.data[0] == '-';
    struct lks_str bare = {text.data + negative, text.size_bytes - (size_t)negative};
    int code = lks_id_parse(bare, &digits);
    if (code == 2)
        *lost = 1;
    if (code != 0)
        return LKS_STR_NULL;
    return negative ? (struct lks_str){text.data, digits.size_bytes + 1} : digits;
}

static int parse(struct lks_adapter_context *context, const struct lks_row *row,
                 struct lks_batch *batch)
{
    enum { ID, SENDER, TEXT, DATE, CHANNEL, VIEWS, REPLY, COUNT };
    static const struct lks_str paths[COUNT] = {
        {"message_id", 10}, {"sender_id", 9},       {"text", 4}, {"date", 4}, {"channel", 7},
        {"views", 5},       {"reply_to_msg_id", 15}};
    struct lks_json_value values[COUNT];
    struct lks_telegram_message m;
    const char *reason = NULL;
    int lost = 0, zoned = 1;
    int rc = lks_json_get_paths(row->bytes, paths, COUNT, values, &batch->arena, 0, &reason);
    if (rc != 0)
        return rc == LKS_EINPUT ? lks_row_reject(batch, row, reason) : rc;
    lks_telegram_message_init(&m);
    m.id = read_id(values[ID], &lost);
    m.author = lks_peer_parse(read_id(values[SENDER], &lost));
    m.reply_id = read_id(values[REPLY], &lost);
    if (lost)
        return lks_row_reject(batch, row, LKS_ID_LOST);
    if (!m.author.kind)
        return lks_row_reject(batch, row, LKS_REASON_NO_ACCOUNT);
    struct lks_str channel = lks_value_text(values[CHANNEL]);
    m.chat = m.author;
    if (m.author.kind == LKS_PEER_USER) {
        m.chat = (struct lks_peer){channel.size_bytes ? LKS_PEER_NAME : LKS_PEER_NONE, channel};
    }
    m.chat_name = channel;
    m.text = lks_value_text(values[TEXT]);
    m.views = lks_value_count(values[VIEWS]);
    if (values[DATE].type == LKS_JSON_NONE || values[DATE].type == LKS_JSON_NULL)
        return lks_row_reject(batch, row, LKS_REASON_NO_TIME);
    if (lks_value_time(values[DATE], &m.time_us, &m.time_precision, &zoned) != 0)
        return lks_row_reject(batch, row, LKS_REASON_BAD_TIME);
    if (!zoned) {
        m.time_us -= context->options->zone_offset_us;
        context->zone_assumed_count++;
    }
    return lks_telegram_post(batch, row, &m);
}

static int recognise(const struct lks_head *head)
{
    return lks_head_is_lines(head) && lks_head_has(head, "\"message_id\"") &&
                   lks_head_has(head, "\"sender_id\"") && lks_head_has(head, "\"date\"")
               ? 85
               : 0;
}

const struct lks_adapter lks_adapter_telegram_flat = {
    .name = "telegram-flat",
    .title = "Telegram messages with few fields (message_id, sender_id, text, date)",
    .framing = LKS_FRAME_LINES,
    .recognise = recognise,
    .parse = parse};
