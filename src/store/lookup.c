/* lookup.c - accounts, posts, files and rejects by index or key, out of the store
 *
 * Both large tables lie in the order of their index, so that a range of indexes is found by
 * the minima and maxima that DuckDB keeps of each block; wanted indexes that lie close are
 * fetched as one range, the others one by one. */
#include <stdlib.h>

#include "store/state.h"

/* Two vectors of DuckDB: closer indexes mostly lie in a vector that is read anyway. */
enum { RANGE_GAP_MAX = 4096 };

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "memory is out");
}

/* Copies a cell into the arena; *failed counts what found no memory. */
static struct lks_str cell(const struct lks_rows *rows, unsigned column, idx_t row,
                           struct lks_arena *arena, int *failed)
{
    struct lks_str text = lks_rows_text(rows, column, row);
    struct lks_str copy = lks_arena_str(arena, text);
    *failed |= text.data && !copy.data;
    return copy;
}

/* Fetches rows by index, in ranges. The statement's first column is the index, its two
 * parameters bound the range; take gets each row that was wanted. */
struct fetch {
    struct lks_store *store;
    const char *sql, *what;
    const uint32_t *indexes;
    size_t count;
    struct lks_arena *arena;
    int (*take)(struct fetch *fetch, const struct lks_rows *rows, idx_t row, size_t at);
    void *out, *more;
};

static int fetch_range(struct fetch *fetch, struct lks_rows *rows, size_t first, size_t last,
                       struct lks_error *err)
{
    size_t at = first;
    lks_rows_bind_uint(rows, 1, fetch->indexes[first]);
    lks_rows_bind_uint(rows, 2, fetch->indexes[last]);
    int code = lks_rows_start(rows, err);
    while (code == 0 && at <= last && (code = lks_rows_next(rows, err)) == 1) {
        for (idx_t row = 0; row < rows->count && at <= last; row++) {
            if (lks_rows_u32(rows, 0, row) != fetch->indexes[at])
                continue;
            if (fetch->take(fetch, rows, row, at++) != 0)
                return memory_out(err);
        }
        code = 0;
    }
    if (code)
        return code;
    return at > last
               ? 0
               : lks_error_set(err, LKS_EMISSING, "%s: there is no %s %lu", fetch->store->db.name,
                               fetch->what, (unsigned long)fetch->indexes[at]);
}

static int fetch_run(struct fetch *fetch, struct lks_error *err)
{
    struct lks_rows rows;
    if (!fetch->count)
        return 0;
    int code = lks_rows_prepare(&rows, &fetch->store->db, fetch->sql, err);
    if (code)
        return code;
    for (size_t first = 0; code == 0 && first < fetch->count;) {
        size_t last = first;
        while (last + 1 < fetch->count &&
               fetch->indexes[last + 1] - fetch->indexes[last] <= RANGE_GAP_MAX) {
            LKS_ASSERT(fetch->indexes[last + 1] > fetch->indexes[last]);
            last++;
        }
        code = fetch_range(fetch, &rows, first, last, err);
        first = last + 1;
    }
    lks_rows_close(&rows);
    return code;
}

static int take_account(struct fetch *fetch, const struct lks_rows *rows, idx_t row, size_t at)
{
    struct lks_account *account = &((struct lks_account *)fetch->out)[at];
    uint64_t *posts_counts = fetch->more;
    struct lks_arena *arena = fetch->arena;
    int failed = 0;
    *account = (struct lks_account){
        .platform = cell(rows, 1, row, arena, &failed),
        .account_key = cell(rows, 2, row, arena, &failed),
        .handle = cell(rows, 3, row, arena, &failed),
        .display_name = cell(rows, 4, row, arena, &failed),
        .country = cell(rows, 5, row, arena, &failed),
        .language = cell(rows, 6, row, arena, &failed),
        .bio = cell(rows, 7, row, arena, &failed),
        .created_us = lks_rows_i64(rows, 8, row),
        .followers = lks_rows_i64(rows, 10, row),
        .following = lks_rows_i64(rows, 11, row),
        .posts_total = lks_rows_i64(rows, 12, row),
        .verified = lks_rows_flag(rows, 13, row),
    };
    if (!lks_rows_null(rows, 9, row) && lks_rows_u8(rows, 9, row) < LKS_CREATED_METHODS_COUNT)
        account->created_method = (enum lks_created_method)lks_rows_u8(rows, 9, row);
    if (posts_counts)
        posts_counts[at] = lks_rows_null(rows, 14, row) ? 0 : lks_rows_u64(rows, 14, row);
    return failed;
}

int lks_store_accounts(struct lks_store *store, const uint32_t *account_indexes, size_t count,
                       struct lks_arena *arena, struct lks_account *accounts_out,
                       uint64_t *posts_counts_out, struct lks_error *err)
{
    struct fetch fetch = {
        .store = store,
        .sql = "SELECT account_index, platform, account_key, handle, display_name, country,"
               " language, bio, created_us, created_method, followers, following, posts_total,"
               " verified, posts_count"
               " FROM account WHERE account_index BETWEEN CAST(? AS UINTEGER)"
               " AND CAST(? AS UINTEGER) ORDER BY account_index",
        .what = "account",
        .indexes = account_indexes,
        .count = count,
        .arena = arena,
        .take = take_account,
        .out = accounts_out,
        .more = posts_counts_out,
    };
    return fetch_run(&fetch, err);
}

int lks_store_account(struct lks_store *store, uint32_t account_index, struct lks_arena *arena,
                      struct lks_account *account_out, uint64_t *posts_count, struct lks_error *err)
{
    return lks_store_accounts(store, &account_index, 1, arena, account_out, posts_count, err);
}

/* The index that sql finds first for a name ($1), as in "account"; LKS_EMISSING where none. */
static int find_named(struct lks_store *store, const char *sql, const char *what,
                      struct lks_str name, uint32_t *index_out, struct lks_error *err)
{
    struct lks_rows rows;
    struct lks_arena arena = {0};
    struct lks_str wanted = lks_utf8_repair(&arena, name);
    int code = wanted.data ? lks_rows_prepare(&rows, &store->db, sql, err)
                           : lks_error_set(err, LKS_EARGUMENT, "no %s was named", what);
    if (code) {
        lks_arena_free(&arena);
        return code;
    }
    lks_rows_bind_text(&rows, 1, wanted);
    code = lks_rows_start(&rows, err);
    if (code == 0)
        code = lks_rows_next(&rows, err);
    if (code == 1)
        *index_out = lks_rows_u32(&rows, 0, 0);
    else if (code == 0)
        lks_error_set(err, LKS_EMISSING, "the case has no %s '%.*s'", what,
                      (int)(wanted.size_bytes < 200 ? wanted.size_bytes : 200), wanted.data);
    lks_rows_close(&rows);
    lks_arena_free(&arena);
    if (code == 0)
        return LKS_EMISSING;
    return code == 1 ? 0 : code;
}

int lks_store_account_find(struct lks_store *store, struct lks_str key_or_handle,
                           uint32_t *account_index, struct lks_error *err)
{
    /* The key as it is; the key without its platform; the handle, exact before any case. */
    return find_named(
        store,
        "SELECT account_index FROM (SELECT account_index, CASE WHEN account_key = $1 THEN 0"
        "  WHEN account_key = platform || ':' || $1 THEN 1"
        "  WHEN ltrim(handle, '@') = ltrim($1, '@') THEN 2"
        "  WHEN lower(ltrim(handle, '@')) = lower(ltrim($1, '@')) THEN 3 END AS way"
        " FROM account) WHERE way IS NOT NULL AND $1 <> '' ORDER BY way, account_index LIMIT 1",
        "account", key_or_handle, account_index, err);
}

int lks_store_post_find(struct lks_store *store, struct lks_str key, uint32_t *post_index,
                        struct lks_error *err)
{
    return find_named(store,
                      "SELECT post_index FROM post WHERE post_key = $1"
                      " OR post_key = platform || ':' || $1"
                      " ORDER BY post_key <> $1, post_index LIMIT 1",
                      "post", key, post_index, err);
}

/* What a post's row says that struct lks_post has no place for. */
struct post_more {
    uint32_t *file_indexes;    /* may be NULL */
    uint32_t *account_indexes; /* [count] */
};

static int take_post(struct fetch *fetch, const struct lks_rows *rows, idx_t row, size_t at)
{
    struct lks_post *post = &((struct lks_post *)fetch->out)[at];
    struct post_more *more = fetch->more;
    struct lks_arena *arena = fetch->arena;
    int failed = 0;
    *post = (struct lks_post){
        .platform = cell(rows, 1, row, arena, &failed),
        .post_key = cell(rows, 2, row, arena, &failed),
        .text = cell(rows, 4, row, arena, &failed),
        .transcript = cell(rows, 5, row, arena, &failed),
        .language = cell(rows, 6, row, arena, &failed),
        .parent_key = cell(rows, 7, row, arena, &failed),
        .origin_key = cell(rows, 8, row, arena, &failed),
        .channel_key = cell(rows, 9, row, arena, &failed),
        .time_us = lks_rows_i64(rows, 10, row),
        .views = lks_rows_i64(rows, 13, row),
        .likes = lks_rows_i64(rows, 14, row),
        .shares = lks_rows_i64(rows, 15, row),
        .comments = lks_rows_i64(rows, 16, row),
        .declared_paid = lks_rows_flag(rows, 17, row),
        .offset_bytes = lks_rows_u64(rows, 19, row),
        .length_bytes = lks_rows_u64(rows, 20, row),
        .kind = LKS_POST_POST,
    };
    if (lks_rows_u8(rows, 11, row) <= LKS_PRECISION_DAY)
        post->time_precision = (enum lks_time_precision)lks_rows_u8(rows, 11, row);
    if (lks_rows_u8(rows, 12, row) < LKS_POST_KINDS_COUNT)
        post->kind = (enum lks_post_kind)lks_rows_u8(rows, 12, row);
    if (more->file_indexes)
        more->file_indexes[at] = lks_rows_u32(rows, 18, row);
    more->account_indexes[at] = lks_rows_u32(rows, 3, row);
    return failed;
}

static int take_key(struct fetch *fetch, const struct lks_rows *rows, idx_t row, size_t at)
{
    int failed = 0;
    ((struct lks_str *)fetch->out)[at] = cell(rows, 1, row, fetch->arena, &failed);
    return failed;
}

static int index_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Sets the posts' account keys: each account is looked up once. */
static int posts_accounts(struct lks_store *store, const uint32_t *account_indexes, size_t count,
                          struct lks_arena *arena, struct lks_post *posts, struct lks_error *err)
{
    uint32_t *distinct = malloc((count + 1) * sizeof *distinct);
    struct lks_str *keys = malloc((count + 1) * sizeof *keys);
    struct fetch fetch = {
        .store = store,
        .sql = "SELECT account_index, account_key FROM account WHERE account_index BETWEEN"
               " CAST(? AS UINTEGER) AND CAST(? AS UINTEGER) ORDER BY account_index",
        .what = "account",
        .indexes = distinct,
        .arena = arena,
        .take = take_key,
        .out = keys,
    };
    int code = distinct && keys ? 0 : memory_out(err);
    if (code == 0) {
        memcpy(distinct, account_indexes, count * sizeof *distinct);
        qsort(distinct, count, sizeof *distinct, index_order);
        for (size_t i = 0; i < count; i++)
            if (!fetch.count || distinct[fetch.count - 1] != distinct[i])
                distinct[fetch.count++] = distinct[i];
        code = fetch_run(&fetch, err);
    }
    for (size_t i = 0; code == 0 && i < count; i++) {
        const uint32_t *found =
            bsearch(&account_indexes[i], distinct, fetch.count, sizeof *distinct, index_order);
        posts[i].account_key = keys[found - distinct];
    }
    free(distinct);
    free(keys);
    return code;
}

int lks_store_posts(struct lks_store *store, const uint32_t *post_indexes, size_t count,
                    struct lks_arena *arena, struct lks_post *posts_out, uint32_t *file_index_out,
                    struct lks_error *err)
{
    struct post_more more = {file_index_out, malloc((count + 1) * sizeof *more.account_indexes)};
    struct fetch fetch = {
        .store = store,
        .sql = "SELECT post_index, platform, post_key, account_index, text,"
               " transcript, language, parent_key, origin_key, channel_key, time_us,"
               " time_precision, kind, views, likes, shares, comments, declared_paid, file_index,"
               " offset_bytes, length_bytes"
               " FROM post WHERE post_index BETWEEN CAST(? AS UINTEGER) AND CAST(? AS UINTEGER)"
               " ORDER BY post_index",
        .what = "post",
        .indexes = post_indexes,
        .count = count,
        .arena = arena,
        .take = take_post,
        .out = posts_out,
        .more = &more,
    };
    int code = more.account_indexes ? fetch_run(&fetch, err) : memory_out(err);
    if (code == 0)
        code = posts_accounts(store, more.account_indexes, count, arena, posts_out, err);
    free(more.account_indexes);
    return code;
}

/* A result of few rows into an array of items in the arena: make turns each row into one. */
static int rows_collect(struct lks_store *store, const char *sql, struct lks_arena *arena,
                        size_t item_bytes,
                        int (*make)(const struct lks_rows *rows, idx_t row, struct lks_arena *arena,
                                    void *item),
                        void **items_out, size_t *count_out, struct lks_error *err)
{
    struct lks_buffer items = {0};
    struct lks_rows rows;
    char item[256] __attribute__((aligned(16)));
    LKS_ASSERT(item_bytes <= sizeof item);
    *items_out = NULL;
    *count_out = 0;
    int code = lks_rows_open(&rows, &store->db, sql, err);
    if (code)
        return code;
    while ((code = lks_rows_next(&rows, err)) == 1) {
        int failed = 0;
        for (idx_t row = 0; !failed && row < rows.count; row++) {
            memset(item, 0, item_bytes);
            failed = make(&rows, row, arena, item);
            lks_buffer_append(&items, item, item_bytes);
        }
        if (failed || items.failed) {
            code = memory_out(err);
            break;
        }
    }
    lks_rows_close(&rows);
    if (code == 0 && items.size_bytes) {
        *items_out = lks_arena_alloc(arena, items.size_bytes);
        if (*items_out)
            memcpy(*items_out, items.data, items.size_bytes);
        else
            code = memory_out(err);
        *count_out = items.size_bytes / item_bytes;
    }
    lks_buffer_free(&items);
    return code;
}

int lks_store_each_account(struct lks_store *store,
                           void (*each)(void *context, struct lks_str account_key,
                                        uint64_t posts_count),
                           void *context, struct lks_error *err)
{
    struct lks_rows rows;
    int code =
        lks_rows_open(&rows, &store->db,
                      "SELECT account_key, posts_count FROM account ORDER BY account_index", err);
    if (code)
        return code;
    while ((code = lks_rows_next(&rows, err)) == 1)
        for (idx_t row = 0; row < rows.count; row++)
            each(context, lks_rows_text(&rows, 0, row), lks_rows_u64(&rows, 1, row));
    lks_rows_close(&rows);
    return code;
}

static int make_file(const struct lks_rows *rows, idx_t row, struct lks_arena *arena, void *item)
{
    struct lks_store_file *file = item;
    int failed = 0;
    struct lks_str sha256 = lks_rows_text(rows, 2, row);
    file->file_index = lks_rows_u32(rows, 0, row);
    file->name = cell(rows, 1, row, arena, &failed).data;
    if (sha256.size_bytes < sizeof file->sha256 && sha256.data)
        memcpy(file->sha256, sha256.data, sha256.size_bytes);
    file->size_bytes = lks_rows_u64(rows, 3, row);
    file->format = cell(rows, 4, row, arena, &failed).data;
    file->rows_count = lks_rows_u64(rows, 5, row);
    file->posts_count = lks_rows_u64(rows, 6, row);
    file->rejects_count = lks_rows_u64(rows, 7, row);
    file->duplicates_count = lks_rows_u64(rows, 8, row);
    file->ignored_count = lks_rows_u64(rows, 9, row);
    file->zone_assumed_count = lks_rows_u64(rows, 10, row);
    file->cp1252_count = lks_rows_u64(rows, 11, row);
    file->payments_count = lks_rows_u64(rows, 12, row);
    file->leaf = lks_rows_u64(rows, 13, row);
    struct lks_str blob = lks_rows_text(rows, 14, row);
    if (blob.size_bytes < sizeof file->blob && blob.data)
        memcpy(file->blob, blob.data, blob.size_bytes);
    return failed;
}

int lks_store_files(struct lks_store *store, struct lks_arena *arena,
                    struct lks_store_file **files_out, size_t *count_out, struct lks_error *err)
{
    void *items;
    int code = rows_collect(store,
                            "SELECT file_index, coalesce(name, ''), sha256, size_bytes,"
                            " coalesce(format, ''), rows_count, posts_count, rejects_count,"
                            " duplicates_count, ignored_count, zone_assumed_count, cp1252_count,"
                            " payments_count, coalesce(leaf, 0), blob"
                            " FROM file ORDER BY file_index",
                            arena, sizeof **files_out, make_file, &items, count_out, err);
    *files_out = items;
    return code;
}

static int make_reject_group(const struct lks_rows *rows, idx_t row, struct lks_arena *arena,
                             void *item)
{
    struct lks_store_reject_group *group = item;
    int failed = 0;
    group->file_index = lks_rows_u32(rows, 0, row);
    group->reason = cell(rows, 1, row, arena, &failed);
    group->first_bytes = cell(rows, 2, row, arena, &failed);
    group->line = lks_rows_u64(rows, 3, row);
    group->count = lks_rows_u64(rows, 4, row);
    return failed;
}

int lks_store_rejects(struct lks_store *store, struct lks_arena *arena,
                      struct lks_store_reject_group **groups_out, size_t *count_out,
                      struct lks_error *err)
{
    void *items;
    int code = rows_collect(store,
                            "SELECT file_index, coalesce(reason, '') AS why,"
                            " coalesce(arg_min(first_bytes, (line, offset_bytes)), ''), min(line),"
                            " CAST(count(*) AS UBIGINT) AS often"
                            " FROM reject GROUP BY file_index, why"
                            " ORDER BY file_index, often DESC, why",
                            arena, sizeof **groups_out, make_reject_group, &items, count_out, err);
    *groups_out = items;
    return code;
}
