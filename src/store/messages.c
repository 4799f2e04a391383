/* messages.c - messages of channels, those that were forwarded into one among them */
#include "store/state.h"

static int message_take(const struct lks_rows *rows, idx_t row, struct lks_arena *arena,
                        struct lks_named_thing *thing)
{
    *thing = (struct lks_named_thing){
        .post = lks_rows_u32(rows, 0, row),
        .account = lks_rows_u32(rows, 1, row),
        .time_us = lks_rows_i64(rows, 2, row),
        .kind = lks_rows_u8(rows, 3, row),
        .object = lks_arena_str(arena, lks_rows_text(rows, 4, row)),
    };
    return thing->object.data ? 0 : -1;
}

int lks_store_named_things(struct lks_store *store, uint64_t most, struct lks_arena *arena,
                           struct lks_named_thing **things_out, size_t *count_out,
                           struct lks_error *err)
{
    static const char from[] =
        " FROM post p JOIN action a ON a.post_index = p.post_index"
        " WHERE p.kind IN ('message', 'repost') AND p.channel_key IS NOT NULL"
        " AND a.kind IN ('url', 'hashtag', 'sound', 'mention') AND a.object IS NOT NULL";
    struct lks_buffer sql = {0};
    struct lks_rows rows;
    *things_out = NULL;
    *count_out = 0;
    lks_buffer_format(&sql, "SELECT count(*)%s", from);
    lks_buffer_byte(&sql, '\0');
    int code = sql.failed ? lks_error_set(err, LKS_EMEMORY, "memory is out")
                          : lks_rows_single(&rows, &store->db, sql.data, err);
    if (code) {
        lks_buffer_free(&sql);
        return code;
    }
    uint64_t count = lks_rows_u64(&rows, 0, 0);
    lks_rows_close(&rows);
    if (count > most) {
        lks_buffer_free(&sql);
        *count_out = count;
        return 1;
    }
    struct lks_named_thing *things = lks_arena_calloc(arena, count + 1, sizeof *things);
    lks_buffer_clear(&sql);
    lks_buffer_format(&sql,
                      "SELECT p.post_index, p.account_index, p.time_us, a.kind, a.object%s"
                      " ORDER BY p.time_us, p.post_index, a.kind, a.object",
                      from);
    lks_buffer_byte(&sql, '\0');
    if (!things || sql.failed)
        code = lks_error_set(err, LKS_EMEMORY, "memory is out");
    else
        code = lks_rows_open(&rows, &store->db, sql.data, err);
    lks_buffer_free(&sql);
    if (code)
        return code;
    size_t at = 0;
    while (code == 0 && (code = lks_rows_next(&rows, err)) == 1) {
        code = 0;
        for (idx_t row = 0; code == 0 && row < rows.count && at < count; row++)
            if (message_take(&rows, row, arena, &things[at++]) != 0)
                code = lks_error_set(err, LKS_EMEMORY, "memory is out");
    }
    lks_rows_close(&rows);
    if (code == 0) {
        *things_out = things;
        *count_out = at;
    }
    return code;
}

int lks_store_channels(struct lks_store *store, struct lks_arena *arena,
                       struct lks_str **channels_out, size_t *count_out, struct lks_error *err)
{
    static const char sql[] =
        "SELECT DISTINCT channel_key FROM post WHERE kind IN ('message', 'repost') AND "
        "channel_key IS NOT NULL ORDER BY channel_key";
    struct lks_rows rows;
    size_t capacity = 0, count = 0;
    struct lks_str *channels = NULL;
    *channels_out = NULL;
    *count_out = 0;
    int code = lks_rows_open(&rows, &store->db, sql, err);
    if (code)
        return code;
    while (code == 0 && (code = lks_rows_next(&rows, err)) == 1) {
        code = 0;
        for (idx_t row = 0; code == 0 && row < rows.count; row++) {
            if (count == capacity) { /* the arena keeps the smaller ones: half as much again */
                struct lks_str *grown = lks_arena_calloc(arena, 2 * capacity + 64, sizeof *grown);
                if (grown && count)
                    memcpy(grown, channels, count * sizeof *grown);
                channels = grown;
                capacity = 2 * capacity + 64;
            }
            if (channels)
                channels[count] = lks_arena_str(arena, lks_rows_text(&rows, 0, row));
            if (!channels || !channels[count++].data)
                code = lks_error_set(err, LKS_EMEMORY, "memory is out");
        }
    }
    lks_rows_close(&rows);
    if (code == 0) {
        *channels_out = channels;
        *count_out = count;
    }
    return code;
}

int lks_store_each_message(struct lks_store *store,
                           int (*each)(void *context, const struct lks_store_message *message,
                                       struct lks_error *err),
                           void *context, struct lks_error *err)
{
    static const char sql[] =
        "SELECT post_index, account_index, time_us, channel_key, post_key, text FROM post "
        "WHERE kind IN ('message', 'repost') AND channel_key IS NOT NULL "
        "ORDER BY time_us, post_index";
    struct lks_rows rows;
    int code = lks_rows_open(&rows, &store->db, sql, err);
    if (code)
        return code;
    while (code == 0 && (code = lks_rows_next(&rows, err)) == 1) {
        code = 0;
        for (idx_t row = 0; code == 0 && row < rows.count; row++) {
            struct lks_store_message message = {.post = lks_rows_u32(&rows, 0, row),
                                                .account = lks_rows_u32(&rows, 1, row),
                                                .time_us = lks_rows_i64(&rows, 2, row),
                                                .channel = lks_rows_text(&rows, 3, row),
                                                .post_key = lks_rows_text(&rows, 4, row),
                                                .text = lks_rows_text(&rows, 5, row)};
            code = each(context, &message, err);
        }
    }
    lks_rows_close(&rows);
    return code;
}
