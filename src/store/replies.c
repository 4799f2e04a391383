/* replies.c - which post answers which, as columns
 *
 * What is answered need not be in the data: it is known by its key. Keys are interned in the order
 * of the posts that name them first, so that ids do not depend on threads; a second pass over
 * all posts finds those that are there. */
#include "base/intern.h"
#include "base/threads.h"
#include "store/state.h"

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "memory is out reading the answers");
}

static int replies_read(struct lks_store *store, struct lks_intern *keys,
                        struct lks_replies *replies, size_t capacity, struct lks_error *err)
{
    struct lks_rows rows;
    int code = lks_rows_open(&rows, &store->db,
                             "SELECT post_index, parent_key FROM post"
                             " WHERE parent_key IS NOT NULL ORDER BY post_index",
                             err);
    if (code)
        return code;
    while (code == 0 && (code = lks_rows_next(&rows, err)) == 1) {
        code = 0;
        for (idx_t row = 0; code == 0 && row < rows.count && replies->count < capacity; row++) {
            uint32_t target = lks_intern_add(keys, lks_rows_text(&rows, 1, row), NULL);
            if (target == LKS_INTERN_NONE)
                code = memory_out(err);
            replies->post[replies->count] = lks_rows_u32(&rows, 0, row);
            replies->target[replies->count++] = target;
        }
        if (code == 0 && lks_cancelled(&store->control))
            code = lks_error_set(err, LKS_ECANCELLED, "stopped");
    }
    lks_rows_close(&rows);
    return code;
}

static int targets_find(struct lks_store *store, const struct lks_intern *keys,
                        struct lks_replies *replies, struct lks_error *err)
{
    struct lks_rows rows;
    int code = lks_rows_open(&rows, &store->db,
                             "SELECT post_index, post_key FROM post ORDER BY post_index", err);
    if (code)
        return code;
    while (code == 0 && (code = lks_rows_next(&rows, err)) == 1) {
        code = 0;
        for (idx_t row = 0; row < rows.count; row++) {
            uint32_t target = lks_intern_find(keys, lks_rows_text(&rows, 1, row));
            if (target != LKS_INTERN_NONE)
                replies->target_post[target] = lks_rows_u32(&rows, 0, row);
        }
        if (lks_cancelled(&store->control))
            code = lks_error_set(err, LKS_ECANCELLED, "stopped");
    }
    lks_rows_close(&rows);
    return code;
}

int lks_store_replies(struct lks_store *store, struct lks_arena *arena,
                      struct lks_replies *replies_out, struct lks_error *err)
{
    struct lks_intern keys = {0};
    struct lks_rows rows;
    *replies_out = (struct lks_replies){0};
    int code = lks_rows_single(&rows, &store->db, "SELECT count(parent_key) FROM post", err);
    if (code)
        return code;
    uint64_t count = lks_rows_u64(&rows, 0, 0);
    lks_rows_close(&rows);
    if (count == 0)
        return 0;
    replies_out->post = lks_arena_calloc(arena, count, sizeof *replies_out->post);
    replies_out->target = lks_arena_calloc(arena, count, sizeof *replies_out->target);
    if (!replies_out->post || !replies_out->target)
        return memory_out(err);
    code = replies_read(store, &keys, replies_out, count, err);
    if (code == 0) {
        replies_out->targets_count = keys.count;
        replies_out->target_post =
            lks_arena_calloc(arena, (size_t)keys.count + 1, sizeof *replies_out->target_post);
        replies_out->target_key =
            lks_arena_calloc(arena, (size_t)keys.count + 1, sizeof *replies_out->target_key);
        if (!replies_out->target_post || !replies_out->target_key)
            code = memory_out(err);
    }
    for (uint32_t t = 0; code == 0 && t < keys.count; t++) {
        replies_out->target_post[t] = UINT32_MAX;
        replies_out->target_key[t] = lks_arena_str(arena, keys.names[t]);
        if (!replies_out->target_key[t].data)
            code = memory_out(err);
    }
    if (code == 0)
        code = targets_find(store, &keys, replies_out, err);
    lks_intern_free(&keys);
    return code;
}
