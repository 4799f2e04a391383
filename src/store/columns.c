/* columns.c - the kernels' columns out of the store: actions as events with dense object ids
 *
 * An object on only one post can match nothing, and most objects are such: their texts
 * never enter memory. One that a single account used on several posts stays, since a copy
 * with shuffled authors may part them. Two passes over the actions:
 *
 *   1  each object as a 128-bit hash (keyed, see siphash.h) in an open-addressing table; its
 *      entry keeps the first post and whether another came. Each action is
 *      remembered under its row number as (entry, post), 8 bytes.
 *   2  the texts of the objects on two posts or more.
 *
 * Ids are given in the order (kind, first post, text) and events come out by row number, so
 * that neither the order in which threads deliver rows nor the hash's key can show. Cost: two
 * reads of the action table and a cache miss an action; memory 8 bytes an action, some 40 to
 * 50 a distinct object, and the result's 20 an event. */
#include <stdio.h>
#include <stdlib.h>

#include "base/progress.h"
#include "base/threads.h"
#include "store/state.h"

/* DuckDB's chunks have as many rows at most. */
enum { GATHER_ROWS_MAX = 2048 };

struct entry {
    struct lks_hash128 hash;
    uint32_t first_post; /* the lowest post_index; UINT32_MAX before any */
    uint32_t id;         /* once it has one */
    uint8_t kind, shared;
};

struct gather {
    struct lks_store *store;
    struct lks_events *events;
    struct lks_meter meter;
    struct entry *entries;
    uint32_t entries_count, entries_capacity;
    uint32_t *slots; /* entry + 1, 0 is free */
    uint32_t slots_capacity;
    uint32_t *action_entry; /* [rows_count] by rowid; UINT32_MAX where it is of another kind */
    uint32_t *action_post;  /* [rows_count] */
    size_t actions_count;   /* rows of the action table; those of near_text go on from there */
    size_t rows_count;
    struct lks_str *texts; /* [entries_count]; only shared ones are set */
    uint32_t *shared;      /* [shared_count] entries, by id */
    uint32_t shared_count;
    struct lks_hash128 hashes[GATHER_ROWS_MAX]; /* of the objects of one chunk */
};

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "memory is out reading the actions");
}

static int damaged(const struct gather *gather, const char *why, struct lks_error *err)
{
    return lks_error_set(err, LKS_ESTORE, "%s is damaged: %s", gather->store->db.name, why);
}

static int slots_grow(struct gather *gather)
{
    uint32_t capacity = gather->slots_capacity ? gather->slots_capacity * 2 : 1 << 16;
    uint32_t *slots = capacity ? calloc(capacity, sizeof *slots) : NULL;
    if (!slots)
        return -1;
    for (uint32_t i = 0; i < gather->entries_count; i++) {
        uint32_t place = (uint32_t)gather->entries[i].hash.low & (capacity - 1);
        while (slots[place])
            place = (place + 1) & (capacity - 1);
        slots[place] = i + 1;
    }
    free(gather->slots);
    gather->slots = slots;
    gather->slots_capacity = capacity;
    return 0;
}

/* The entry of an object, made when it is new; NULL when memory is out. */
static struct entry *entry_of(struct gather *gather, struct lks_hash128 hash, uint8_t kind)
{
    if (gather->entries_count >= gather->slots_capacity / 2 && slots_grow(gather) != 0)
        return NULL;
    uint32_t mask = gather->slots_capacity - 1, place = (uint32_t)hash.low & mask;
    for (; gather->slots[place]; place = (place + 1) & mask) {
        struct entry *entry = &gather->entries[gather->slots[place] - 1];
        if (entry->hash.low == hash.low && entry->hash.high == hash.high && entry->kind == kind)
            return entry;
    }
    if (gather->entries_count == gather->entries_capacity) {
        uint32_t capacity = gather->entries_capacity ? gather->entries_capacity * 2 : 1 << 15;
        struct entry *entries = realloc(gather->entries, capacity * sizeof *entries);
        if (!entries)
            return NULL;
        gather->entries = entries;
        gather->entries_capacity = capacity;
    }
    gather->slots[place] = ++gather->entries_count;
    struct entry *entry = &gather->entries[gather->entries_count - 1];
    *entry = (struct entry){.hash = hash, .kind = kind, .first_post = UINT32_MAX};
    return entry;
}

static int each_post(struct gather *gather, const struct lks_rows *rows, idx_t row,
                     struct lks_error *err)
{
    struct lks_events *events = gather->events;
    uint32_t post = lks_rows_u32(rows, 0, row), account = lks_rows_u32(rows, 1, row);
    int64_t time_us = lks_rows_i64(rows, 2, row);
    if (lks_rows_null(rows, 0, row) || lks_rows_null(rows, 1, row) || post >= events->posts_count ||
        account >= events->accounts_count || events->post_account[post] != UINT32_MAX ||
        time_us < LKS_TIME_MIN_US || time_us > LKS_TIME_MAX_US || lks_rows_null(rows, 3, row) ||
        lks_rows_u8(rows, 3, row) >= LKS_POST_KINDS_COUNT)
        return damaged(gather, "a post is wrong", err);
    events->post_account[post] = account;
    events->post_time_us[post] = time_us;
    events->post_kind[post] = lks_rows_u8(rows, 3, row);
    return 0;
}

/* Hashes the objects of a chunk and asks for the memory that looking them up will touch: the
 * slots of all, then the entries of all. One after the other, each look-up would wait twice. */
static void chunk_prefetch(struct gather *gather, const struct lks_rows *rows)
{
    uint32_t mask = gather->slots_capacity - 1;
    LKS_ASSERT(rows->count <= GATHER_ROWS_MAX);
    for (idx_t row = 0; row < rows->count; row++) {
        gather->hashes[row] = lks_keyset_hash(&gather->store->keys, lks_rows_text(rows, 3, row));
        if (gather->slots_capacity)
            __builtin_prefetch(&gather->slots[(uint32_t)gather->hashes[row].low & mask]);
    }
    for (idx_t row = 0; gather->slots_capacity && row < rows->count; row++) {
        uint32_t slot = gather->slots[(uint32_t)gather->hashes[row].low & mask];
        if (slot)
            __builtin_prefetch(&gather->entries[slot - 1], 1);
    }
}

static int each_action(struct gather *gather, const struct lks_rows *rows, idx_t row,
                       struct lks_error *err)
{
    const struct lks_events *events = gather->events;
    uint64_t rowid = (uint64_t)lks_rows_i64(rows, 0, row);
    uint32_t post = lks_rows_u32(rows, 1, row);
    uint8_t kind = lks_rows_u8(rows, 2, row);
    struct lks_str object = lks_rows_text(rows, 3, row);
    if (rowid >= gather->rows_count || lks_rows_null(rows, 1, row) || post >= events->posts_count ||
        kind >= LKS_OBJECT_KINDS_COUNT || !object.data)
        return damaged(gather, "an action is wrong", err);
    struct entry *entry = entry_of(gather, gather->hashes[row], kind);
    if (!entry)
        return memory_out(err);
    entry->shared |= entry->first_post != UINT32_MAX && entry->first_post != post;
    if (post < entry->first_post)
        entry->first_post = post;
    gather->action_entry[rowid] = (uint32_t)(entry - gather->entries);
    gather->action_post[rowid] = post;
    return 0;
}

static int each_text(struct gather *gather, const struct lks_rows *rows, idx_t row,
                     struct lks_error *err)
{
    uint64_t rowid = (uint64_t)lks_rows_i64(rows, 0, row);
    uint32_t entry = rowid < gather->rows_count ? gather->action_entry[rowid] : UINT32_MAX;
    if (entry == UINT32_MAX)
        return damaged(gather, "it changed while it was read", err);
    if (!gather->entries[entry].shared || gather->texts[entry].data)
        return 0;
    gather->texts[entry] =
        lks_arena_str(&gather->store->objects_arena, lks_rows_text(rows, 1, row));
    return gather->texts[entry].data ? 0 : memory_out(err);
}

/* Runs each over the rows of a statement; done is how far the meter stood. */
static int gather_each(struct gather *gather, const char *sql,
                       int (*each)(struct gather *gather, const struct lks_rows *rows, idx_t row,
                                   struct lks_error *err),
                       uint64_t done, struct lks_error *err)
{
    struct lks_rows rows;
    int code = lks_rows_open(&rows, &gather->store->db, sql, err);
    if (code)
        return code;
    while ((code = lks_rows_next(&rows, err)) == 1) {
        int failed = 0;
        if (each == each_action)
            chunk_prefetch(gather, &rows);
        for (idx_t row = 0; !failed && row < rows.count; row++)
            failed = each(gather, &rows, row, err);
        done += rows.count;
        if (!failed)
            failed = lks_meter_at(&gather->meter, done, err);
        if (failed) {
            code = failed;
            break;
        }
    }
    lks_rows_close(&rows);
    return code;
}

/* The same columns of the near-text objects, their rows numbered behind the actions. */
static int gather_near(struct gather *gather, const char *columns,
                       int (*each)(struct gather *gather, const struct lks_rows *rows, idx_t row,
                                   struct lks_error *err),
                       uint64_t done, struct lks_error *err)
{
    char sql[256];
    int size = snprintf(sql, sizeof sql,
                        "SELECT %s FROM (SELECT rowid + %zu AS rowid, post_index,"
                        " 'near_text'::object_kind AS kind, object FROM near_text)",
                        columns, gather->actions_count);
    LKS_ASSERT(size > 0 && (size_t)size < sizeof sql);
    return gather_each(gather, sql, each, done + gather->actions_count, err);
}

/* "SELECT columns FROM action WHERE kind IN (...)" over the table's actions. */
static int gather_actions(struct gather *gather, const char *columns, uint32_t kinds_mask,
                          int (*each)(struct gather *gather, const struct lks_rows *rows, idx_t row,
                                      struct lks_error *err),
                          uint64_t done, struct lks_error *err)
{
    struct lks_buffer sql = {0};
    const char *comma = "";
    lks_buffer_format(&sql, "SELECT %s FROM action WHERE kind IN (", columns);
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        if (kinds_mask >> kind & 1) {
            lks_buffer_format(&sql, "%s'%s'", comma, lks_object_kind_names[kind]);
            comma = ", ";
        }
    lks_buffer_text(&sql, ")");
    lks_buffer_byte(&sql, 0);
    int code = sql.failed ? memory_out(err) : gather_each(gather, sql.data, each, done, err);
    if (code == 0 && kinds_mask >> LKS_OBJECT_NEAR_TEXT & 1)
        code = gather_near(gather, columns, each, done, err);
    lks_buffer_free(&sql);
    return code;
}

static int shared_order(const void *a, const void *b, void *context)
{
    const struct gather *gather = context;
    const struct entry *x = &gather->entries[*(const uint32_t *)a];
    const struct entry *y = &gather->entries[*(const uint32_t *)b];
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->first_post != y->first_post)
        return x->first_post < y->first_post ? -1 : 1;
    struct lks_str left = gather->texts[x - gather->entries];
    struct lks_str right = gather->texts[y - gather->entries];
    size_t size = left.size_bytes < right.size_bytes ? left.size_bytes : right.size_bytes;
    int order = memcmp(left.data, right.data, size);
    if (order)
        return order;
    return (left.size_bytes > right.size_bytes) - (left.size_bytes < right.size_bytes);
}

/* Gives the shared objects their ids, kinds and texts. */
static int gather_objects(struct gather *gather, struct lks_error *err)
{
    struct lks_store *store = gather->store;
    struct lks_events *events = gather->events;
    for (uint32_t i = 0; i < gather->entries_count; i++)
        if (gather->entries[i].shared)
            gather->shared[gather->shared_count++] = i;
    for (uint32_t i = 0; i < gather->shared_count; i++)
        if (!gather->texts[gather->shared[i]].data)
            return damaged(gather, "it changed while it was read", err);
    qsort_r(gather->shared, gather->shared_count, sizeof *gather->shared, shared_order, gather);
    store->objects = malloc(((size_t)gather->shared_count + 1) * sizeof *store->objects);
    events->object_kind = malloc((size_t)gather->shared_count + 1);
    if (!store->objects || !events->object_kind)
        return memory_out(err);
    for (uint32_t id = 0; id < gather->shared_count; id++) {
        struct entry *entry = &gather->entries[gather->shared[id]];
        entry->id = id;
        store->objects[id] = gather->texts[gather->shared[id]];
        events->object_kind[id] = entry->kind;
    }
    store->objects_count = events->objects_count = gather->shared_count;
    return 0;
}

static int gather_events(struct gather *gather, struct lks_error *err)
{
    struct lks_events *events = gather->events;
    size_t count = 0;
    for (size_t i = 0; i < gather->rows_count; i++)
        if (gather->action_entry[i] != UINT32_MAX)
            count += gather->entries[gather->action_entry[i]].shared;
    events->object = malloc((count + 1) * sizeof *events->object);
    events->account = malloc((count + 1) * sizeof *events->account);
    events->post = malloc((count + 1) * sizeof *events->post);
    events->time_us = malloc((count + 1) * sizeof *events->time_us);
    if (!events->object || !events->account || !events->post || !events->time_us)
        return memory_out(err);
    for (size_t i = 0; i < gather->rows_count; i++) {
        if (gather->action_entry[i] == UINT32_MAX)
            continue;
        const struct entry *entry = &gather->entries[gather->action_entry[i]];
        if (!entry->shared)
            continue;
        uint32_t post = gather->action_post[i];
        events->object[events->count] = entry->id;
        events->post[events->count] = post;
        events->account[events->count] = events->post_account[post];
        events->time_us[events->count++] = events->post_time_us[post];
    }
    return 0;
}

/* Frees what only the gathering needed, before the sort takes its own memory. */
static void gather_free(struct gather *gather)
{
    free(gather->entries);
    free(gather->slots);
    free(gather->action_entry);
    free(gather->action_post);
    free(gather->texts);
    free(gather->shared);
}

static int gather_sizes(struct gather *gather, struct lks_error *err)
{
    struct lks_events *events = gather->events;
    struct lks_rows rows;
    int code = lks_rows_single(&rows, &gather->store->db,
                               "SELECT (SELECT count(*) FROM account), count(*),"
                               " (SELECT coalesce(max(rowid) + 1, 0) FROM action),"
                               " (SELECT coalesce(max(rowid) + 1, 0) FROM near_text),"
                               " " LKS_STORE_PRECISION " FROM post",
                               err);
    if (code)
        return code;
    uint64_t accounts = lks_rows_u64(&rows, 0, 0), posts = lks_rows_u64(&rows, 1, 0);
    gather->actions_count = lks_rows_u64(&rows, 2, 0);
    gather->rows_count = gather->actions_count + lks_rows_u64(&rows, 3, 0);
    if (!lks_rows_null(&rows, 4, 0))
        events->time_precision = (enum lks_time_precision)lks_rows_u8(&rows, 4, 0);
    lks_rows_close(&rows);
    if (accounts >= UINT32_MAX || posts >= UINT32_MAX)
        return damaged(gather, "it counts more than a case can hold", err);
    events->accounts_count = (uint32_t)accounts;
    events->posts_count = (uint32_t)posts;
    events->post_account = malloc((posts + 1) * sizeof *events->post_account);
    events->post_time_us = malloc((posts + 1) * sizeof *events->post_time_us);
    events->post_kind = malloc(posts + 1);
    gather->action_entry = calloc(gather->rows_count + 1, sizeof *gather->action_entry);
    gather->action_post = calloc(gather->rows_count + 1, sizeof *gather->action_post);
    if (!events->post_account || !events->post_time_us || !events->post_kind ||
        !gather->action_entry || !gather->action_post)
        return memory_out(err);
    memset(events->post_account, 255, posts * sizeof *events->post_account);
    memset(gather->action_entry, 255, gather->rows_count * sizeof *gather->action_entry);
    return 0;
}

static int gather_all(struct gather *gather, uint32_t kinds_mask, struct lks_error *err)
{
    uint64_t posts = gather->events->posts_count;
    int code = gather_each(gather, "SELECT post_index, account_index, time_us, kind FROM post",
                           each_post, 0, err);
    /* As many rows as posts, each index once: none is missing. */
    if (code == 0 && kinds_mask)
        code = gather_actions(gather, "rowid, post_index, kind, object", kinds_mask, each_action,
                              posts, err);
    if (code)
        return code;
    gather->texts = calloc((size_t)gather->entries_count + 1, sizeof *gather->texts);
    gather->shared = malloc(((size_t)gather->entries_count + 1) * sizeof *gather->shared);
    if (!gather->texts || !gather->shared)
        return memory_out(err);
    if (gather->entries_count)
        code = gather_actions(gather, "rowid, object", kinds_mask, each_text,
                              posts + gather->rows_count, err);
    if (code == 0)
        code = gather_objects(gather, err);
    return code ? code : gather_events(gather, err);
}

/* A post has one event on an object: what the sort puts side by side must differ. */
static int events_twice(const struct lks_events *events)
{
    for (size_t i = 1; i < events->count; i++)
        if (events->object[i - 1] == events->object[i] && events->post[i - 1] == events->post[i])
            return 1;
    return 0;
}

int lks_store_events(struct lks_store *store, uint32_t kinds_mask,
                     const struct lks_control *control, struct lks_events *events_out,
                     struct lks_error *err)
{
    struct gather gather = {.store = store, .events = events_out};
    LKS_ASSERT(!store->in_transaction);
    *events_out = (struct lks_events){0};
    lks_arena_reset(&store->objects_arena);
    free(store->objects);
    store->objects = NULL;
    store->objects_count = 0;
    kinds_mask &= (1u << LKS_OBJECT_KINDS_COUNT) - 1;
    int code = gather_sizes(&gather, err);
    if (code == 0) {
        lks_meter_start(&gather.meter, control, "load", "rows",
                        events_out->posts_count + 2 * (uint64_t)gather.rows_count);
        code = gather_all(&gather, kinds_mask, err);
    }
    gather_free(&gather);
    if (code == 0)
        code = lks_events_sort(events_out, err);
    if (code == 0 && events_twice(events_out))
        code = damaged(&gather, "an action is there twice", err);
    if (code) {
        lks_events_free(events_out);
        return code;
    }
    lks_meter_finish(&gather.meter);
    return 0;
}

struct lks_str lks_store_object(const struct lks_store *store, uint32_t object)
{
    LKS_ASSERT(object < store->objects_count);
    return store->objects[object];
}
