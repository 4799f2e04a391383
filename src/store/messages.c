/* messages.c - what the messages of channels name */
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
        " WHERE p.kind = 'message' AND p.channel_key IS NOT NULL"
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
