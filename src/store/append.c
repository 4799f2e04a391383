/* append.c - batches into the store: every post once, accounts merged, all in order
 *
 * post_index and account_index are handed out in the order of the batches, so they depend on
 * the input alone. What is in memory while a case is filled is a function of how many posts
 * and accounts there are, never of how long they are: 16 bytes of hash a post (see keyset.h)
 * and the account keys. Everything else goes to DuckDB by whole chunks of columns.
 *
 * Most exports repeat an account's profile with every post. A profile that hashes as the
 * account's last one says nothing new and is passed over; the others lie in a temporary table
 * until lks_store_finish merges them, a bounded range of accounts at a time. */
#include <stdlib.h>

#include "store/state.h"

/* One list, not a column of single words. */
/* clang-format off */
enum { /* the columns in order */
    POST_INDEX, POST_ACCOUNT, POST_TIME, POST_PRECISION, POST_KIND, POST_PLATFORM, POST_KEY,
    POST_TEXT, POST_TRANSCRIPT, POST_LANGUAGE, POST_PARENT, POST_ORIGIN, POST_CHANNEL, POST_VIEWS,
    POST_LIKES, POST_SHARES, POST_COMMENTS, POST_PAID, POST_FILE, POST_OFFSET, POST_LENGTH
};
/* clang-format on */

enum { ACTION_POST, ACTION_KIND, ACTION_OBJECT };

/* One list, not a column of single words. */
/* clang-format off */
enum { /* the columns in order */
    SEEN_SEQUENCE, SEEN_ACCOUNT, SEEN_PLATFORM, SEEN_KEY, SEEN_HANDLE, SEEN_NAME, SEEN_COUNTRY,
    SEEN_LANGUAGE, SEEN_BIO, SEEN_CREATED, SEEN_METHOD, SEEN_FOLLOWERS, SEEN_FOLLOWING, SEEN_TOTAL,
    SEEN_VERIFIED
};
/* clang-format on */

static const char observation_table[] =
    "CREATE OR REPLACE TEMP TABLE observation ("
    "  sequence UBIGINT, account_index UINTEGER, platform VARCHAR, account_key VARCHAR,"
    "  handle VARCHAR, display_name VARCHAR, country VARCHAR, language VARCHAR, bio VARCHAR,"
    "  created_us BIGINT, created_method created_method, followers BIGINT, following BIGINT,"
    "  posts_total BIGINT, verified BOOLEAN)";

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "memory is out");
}

int lks_append_open(struct lks_store *store, struct lks_error *err)
{
    int code = 0;
    if (!store->observations_count)
        code = lks_db_run(&store->db, observation_table, err);
    if (code == 0)
        code = lks_sheet_open(&store->post, &store->db, NULL, "post", err);
    if (code == 0)
        code = lks_sheet_open(&store->action, &store->db, NULL, "action", err);
    if (code == 0)
        code = lks_sheet_open(&store->payment, &store->db, NULL, "payment", err);
    if (code == 0)
        code = lks_sheet_open(&store->reject, &store->db, NULL, "reject", err);
    if (code == 0)
        code = lks_sheet_open(&store->observation, &store->db, "temp", "observation", err);
    if (code == 0)
        code = lks_late_open(store, err);
    return code;
}

int lks_append_close(struct lks_store *store, struct lks_error *err)
{
    int code = lks_sheet_close(&store->post, err);
    if (code == 0)
        code = lks_sheet_close(&store->action, err);
    if (code == 0)
        code = lks_sheet_close(&store->payment, err);
    if (code == 0)
        code = lks_sheet_close(&store->reject, err);
    if (code == 0)
        code = lks_sheet_close(&store->observation, err);
    if (code == 0)
        code = lks_sheet_close(&store->late, err);
    if (code)
        store->failed = 1;
    return code;
}

void lks_append_drop(struct lks_store *store)
{
    lks_sheet_drop(&store->post);
    lks_sheet_drop(&store->action);
    lks_sheet_drop(&store->payment);
    lks_sheet_drop(&store->reject);
    lks_sheet_drop(&store->observation);
    lks_sheet_drop(&store->late);
}

static int append_observation(struct lks_store *store, uint32_t account_index,
                              const struct lks_account *account, struct lks_error *err)
{
    struct lks_sheet *sheet = &store->observation;
    lks_sheet_u64(sheet, SEEN_SEQUENCE, ++store->observations_count);
    lks_sheet_u32(sheet, SEEN_ACCOUNT, account_index);
    lks_sheet_text(sheet, SEEN_PLATFORM, account->platform);
    lks_sheet_text(sheet, SEEN_KEY, account->account_key);
    lks_sheet_text(sheet, SEEN_HANDLE, account->handle);
    lks_sheet_text(sheet, SEEN_NAME, account->display_name);
    lks_sheet_text(sheet, SEEN_COUNTRY, account->country);
    lks_sheet_text(sheet, SEEN_LANGUAGE, account->language);
    lks_sheet_text(sheet, SEEN_BIO, account->bio);
    lks_sheet_i64(sheet, SEEN_CREATED, account->created_us);
    /* How is known only where there is a time: it must not overwrite an earlier answer. */
    lks_sheet_u8(sheet, SEEN_METHOD, (uint8_t)account->created_method);
    if (account->created_method == LKS_CREATED_UNKNOWN)
        lks_sheet_null(sheet, SEEN_METHOD);
    lks_sheet_i64(sheet, SEEN_FOLLOWERS, account->followers);
    lks_sheet_i64(sheet, SEEN_FOLLOWING, account->following);
    lks_sheet_i64(sheet, SEEN_TOTAL, account->posts_total);
    lks_sheet_flag(sheet, SEEN_VERIFIED, account->verified);
    return lks_sheet_row(sheet, err);
}

/* The account's index; an account that is new gets its first row. hash is that of the key. */
static int account_index(struct lks_store *store, struct lks_str platform, struct lks_str key,
                         uint32_t hash, uint32_t *index, struct lks_error *err)
{
    int fresh;
    if (!key.size_bytes)
        return lks_error_set(err, LKS_EINPUT, "a record has no account key");
    /* As the file will hold it, so that it is the same account when the case is reopened. */
    struct lks_str good = lks_utf8_repair(&store->repaired, key);
    if (!good.data)
        return memory_out(err);
    *index = lks_intern_add_hashed(&store->accounts, good,
                                   good.data == key.data ? hash : lks_intern_hash(good), &fresh);
    if (*index == LKS_INTERN_NONE)
        return memory_out(err);
    if (!fresh)
        return 0;
    /* The interned copy outlives the chunk. */
    struct lks_account account = {.platform = platform,
                                  .account_key = store->accounts.names[*index],
                                  .created_us = LKS_TIME_NULL,
                                  .followers = LKS_COUNT_NULL,
                                  .following = LKS_COUNT_NULL,
                                  .posts_total = LKS_COUNT_NULL,
                                  .verified = -1};
    return append_observation(store, *index, &account, err);
}

static void scratch_str(struct lks_buffer *buffer, struct lks_str text)
{
    uint64_t size = text.data ? text.size_bytes : UINT64_MAX;
    lks_buffer_append(buffer, &size, sizeof size);
    if (text.size_bytes)
        lks_buffer_append(buffer, text.data, text.size_bytes);
}

/* Whether the account's last observation was another; remembers this one. */
static int observation_changed(struct lks_store *store, uint32_t index,
                               const struct lks_account *account)
{
    struct lks_buffer *buffer = &store->scratch;
    const int64_t numbers[] = {account->created_us,  (int64_t)account->created_method,
                               account->followers,   account->following,
                               account->posts_total, account->verified};
    if (index >= store->account_seen_count) {
        size_t count = store->account_seen_count ? store->account_seen_count : 1024;
        while (count <= index)
            count *= 2;
        struct lks_hash128 *seen = realloc(store->account_seen, count * sizeof *seen);
        if (!seen)
            return LKS_EMEMORY;
        memset(seen + store->account_seen_count, 0,
               (count - store->account_seen_count) * sizeof *seen);
        store->account_seen = seen;
        store->account_seen_count = count;
    }
    lks_buffer_clear(buffer);
    lks_buffer_append(buffer, numbers, sizeof numbers);
    scratch_str(buffer, account->platform);
    scratch_str(buffer, account->handle);
    scratch_str(buffer, account->display_name);
    scratch_str(buffer, account->country);
    scratch_str(buffer, account->language);
    scratch_str(buffer, account->bio);
    if (buffer->failed)
        return LKS_EMEMORY;
    struct lks_hash128 hash =
        lks_keyset_hash(&store->keys, (struct lks_str){buffer->data, buffer->size_bytes});
    struct lks_hash128 *seen = &store->account_seen[index];
    int changed = seen->low != hash.low || seen->high != hash.high;
    *seen = hash;
    return changed;
}

static int append_accounts(struct lks_store *store, const struct lks_batch *batch,
                           struct lks_error *err)
{
    for (size_t i = 0; i < batch->accounts_count; i++) {
        const struct lks_account *account = &batch->accounts[i];
        uint32_t index;
        int code = account_index(store, account->platform, account->account_key,
                                 lks_intern_hash(account->account_key), &index, err);
        if (code)
            return code;
        int changed = observation_changed(store, index, account);
        if (changed < 0)
            return memory_out(err);
        if (changed && (code = append_observation(store, index, account, err)))
            return code;
    }
    return 0;
}

/* ---- posts, by columns ----
 *
 * First every post of a batch is looked at in order: is it new, whose is it? Then runs of new
 * posts are written column after column, which takes a third of the time of row after row. */

/* The actions of so many posts, which stand one after the other. */
static int actions_fill(struct lks_store *store, const struct lks_batch *batch,
                        const struct lks_post *posts, size_t count, struct lks_error *err)
{
    struct lks_sheet *sheet = &store->action;
    const struct lks_post *last = &posts[count - 1];
    const struct lks_action *action = batch->actions + posts->actions_first;
    const struct lks_action *end = batch->actions + last->actions_first + last->actions_count;
    size_t post = 0, left = posts->actions_count; /* of the post */
    LKS_ASSERT(end <= batch->actions + batch->actions_count);
    while (action < end) {
        size_t rows = lks_sheet_room(sheet);
        if (rows > (size_t)(end - action))
            rows = (size_t)(end - action);
        uint32_t *posts_at = (uint32_t *)sheet->data[ACTION_POST] + sheet->rows;
        uint8_t *kinds_at = (uint8_t *)sheet->data[ACTION_KIND] + sheet->rows;
        for (size_t i = 0; i < rows; i++) {
            while (!left)
                left = posts[++post].actions_count;
            left--;
            LKS_ASSERT((unsigned)action[i].kind < LKS_OBJECT_KINDS_COUNT);
            posts_at[i] = store->posts_count + (uint32_t)post;
            kinds_at[i] = (uint8_t)action[i].kind;
        }
        lks_sheet_texts(sheet, ACTION_OBJECT, &action->object, sizeof *action, rows);
        int code = lks_sheet_rows(sheet, rows, err);
        if (code)
            return code;
        action += rows;
    }
    return 0;
}

/* The columns of so many posts, for which the sheet has room. */
static void posts_columns(struct lks_store *store, uint32_t file_index,
                          const struct lks_post *posts, const uint32_t *accounts, size_t count)
{
    struct lks_sheet *sheet = &store->post;
    const struct {
        const struct lks_str *first;
        unsigned column;
    } texts[] = {{&posts->platform, POST_PLATFORM}, {&posts->post_key, POST_KEY},
                 {&posts->text, POST_TEXT},         {&posts->transcript, POST_TRANSCRIPT},
                 {&posts->language, POST_LANGUAGE}, {&posts->parent_key, POST_PARENT},
                 {&posts->origin_key, POST_ORIGIN}, {&posts->channel_key, POST_CHANNEL}};
    const struct {
        const int64_t *first;
        unsigned column;
    } counts[] = {{&posts->time_us, POST_TIME},
                  {&posts->views, POST_VIEWS},
                  {&posts->likes, POST_LIKES},
                  {&posts->shares, POST_SHARES},
                  {&posts->comments, POST_COMMENTS}};
    uint32_t *indexes = (uint32_t *)sheet->data[POST_INDEX] + sheet->rows;
    uint32_t *files = (uint32_t *)sheet->data[POST_FILE] + sheet->rows;
    uint8_t *precisions = (uint8_t *)sheet->data[POST_PRECISION] + sheet->rows;
    uint8_t *kinds = (uint8_t *)sheet->data[POST_KIND] + sheet->rows;
    uint64_t *offsets = (uint64_t *)sheet->data[POST_OFFSET] + sheet->rows;
    uint64_t *lengths = (uint64_t *)sheet->data[POST_LENGTH] + sheet->rows;
    memcpy((uint32_t *)sheet->data[POST_ACCOUNT] + sheet->rows, accounts, count * sizeof *accounts);
    for (size_t i = 0; i < count; i++) {
        indexes[i] = store->posts_count + (uint32_t)i;
        files[i] = file_index;
        precisions[i] = (uint8_t)posts[i].time_precision;
        kinds[i] = (uint8_t)posts[i].kind;
        offsets[i] = posts[i].offset_bytes;
        lengths[i] = posts[i].length_bytes;
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        lks_sheet_texts(sheet, texts[i].column, texts[i].first, sizeof *posts, count);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        lks_sheet_i64s(sheet, counts[i].column, counts[i].first, sizeof *posts, count);
    lks_sheet_flags(sheet, POST_PAID, &posts->declared_paid, sizeof *posts, count);
}

/* A run of new posts. */
static int posts_fill(struct lks_store *store, uint32_t file_index, const struct lks_batch *batch,
                      const struct lks_post *posts, const uint32_t *accounts, size_t count,
                      struct lks_error *err)
{
    while (count) {
        size_t rows = lks_sheet_room(&store->post);
        if (rows > count)
            rows = count;
        posts_columns(store, file_index, posts, accounts, rows);
        int code = actions_fill(store, batch, posts, rows, err);
        store->posts_count += (uint32_t)rows;
        if (code == 0)
            code = lks_sheet_rows(&store->post, rows, err);
        if (code)
            return code;
        posts += rows;
        accounts += rows;
        count -= rows;
    }
    return 0;
}

/* Every look-up misses the caches once the tables are large: all places are asked for first. */
static int posts_hash(struct lks_store *store, const struct lks_batch *batch, struct lks_error *err)
{
    if (batch->posts_count > store->hashes_capacity) {
        size_t count = batch->posts_count;
        struct lks_hash128 *hashes = realloc(store->hashes, count * sizeof *hashes);
        if (hashes)
            store->hashes = hashes;
        uint32_t *accounts = realloc(store->posts_accounts, count * sizeof *accounts);
        if (accounts)
            store->posts_accounts = accounts;
        if (!hashes || !accounts)
            return memory_out(err);
        store->hashes_capacity = count;
    }
    for (size_t i = 0; i < batch->posts_count; i++) {
        const struct lks_post *post = &batch->posts[i];
        if (!post->post_key.size_bytes)
            return lks_error_set(err, LKS_EINPUT, "a post has no key");
        struct lks_str key = lks_utf8_repair(&store->repaired, post->post_key);
        if (!key.data)
            return memory_out(err);
        store->hashes[i] = lks_keyset_hash(&store->keys, key);
        lks_keyset_prefetch(&store->keys, store->hashes[i]);
        store->posts_accounts[i] = lks_intern_hash(post->account_key);
        lks_intern_prefetch(&store->accounts, store->posts_accounts[i]);
    }
    return 0;
}

/* Whether a new post can be taken; whose it is, in the place of the hash of the account's key. */
static int post_check(struct lks_store *store, const struct lks_post *post, uint32_t *account,
                      struct lks_error *err)
{
    LKS_ASSERT((unsigned)post->kind < LKS_POST_KINDS_COUNT && (unsigned)post->time_precision < 3);
    if (post->time_us < LKS_TIME_MIN_US || post->time_us > LKS_TIME_MAX_US)
        return lks_error_set(err, LKS_EINPUT, "a post has no time");
    return account_index(store, post->platform, post->account_key, *account, account, err);
}

static int append_posts(struct lks_store *store, uint32_t file_index, const struct lks_batch *batch,
                        uint64_t *duplicates, struct lks_error *err)
{
    const struct lks_post *posts = batch->posts;
    uint32_t *accounts;
    size_t first = 0; /* of the run of new posts that goes on */
    int code = posts_hash(store, batch, err);
    accounts = store->posts_accounts;
    for (size_t i = 0; code == 0 && i < batch->posts_count; i++) {
        if (i + 16 < batch->posts_count)
            lks_intern_prefetch_name(&store->accounts, accounts[i + 16]);
        if (i + 8 < batch->posts_count)
            lks_intern_prefetch_text(&store->accounts, accounts[i + 8]);
        int fresh = lks_keyset_add(&store->keys, store->hashes[i]);
        if (fresh < 0)
            return memory_out(err);
        if (fresh && store->posts_count + (i - first) >= UINT32_MAX - 1)
            return lks_error_set(err, LKS_ESTORE, "a case holds at most 4,294,967,294 posts");
        if (fresh) {
            code = post_check(store, &posts[i], &accounts[i], err);
            continue;
        }
        ++*duplicates;
        code =
            posts_fill(store, file_index, batch, posts + first, accounts + first, i - first, err);
        if (code == 0)
            code = lks_late_add(store, file_index, batch, &posts[i], err);
        first = i + 1;
    }
    return code ? code
                : posts_fill(store, file_index, batch, posts + first, accounts + first,
                             batch->posts_count - first, err);
}

static int append_rejects(struct lks_store *store, uint32_t file_index,
                          const struct lks_batch *batch, struct lks_error *err)
{
    struct lks_sheet *sheet = &store->reject;
    for (size_t i = 0; i < batch->rejects_count; i++) {
        const struct lks_reject *reject = &batch->rejects[i];
        lks_sheet_u32(sheet, 0, file_index);
        lks_sheet_u64(sheet, 1, reject->line);
        lks_sheet_u64(sheet, 2, reject->offset_bytes);
        lks_sheet_text(sheet, 3, reject->reason);
        lks_sheet_text(sheet, 4, reject->first_bytes);
        int code = lks_sheet_row(sheet, err);
        if (code)
            return code;
    }
    return 0;
}

int lks_store_append(struct lks_store *store, uint32_t file_index, const struct lks_batch *batch,
                     uint64_t *duplicates, struct lks_error *err)
{
    LKS_ASSERT(store->in_transaction && !store->finished);
    *duplicates = 0;
    if (store->failed)
        return lks_error_set(err, LKS_ESTORE, "%s: an earlier append failed", store->db.name);
    lks_arena_reset(&store->repaired);
    int code = append_posts(store, file_index, batch, duplicates, err);
    if (code == 0)
        code = append_accounts(store, batch, err);
    if (code == 0)
        code = lks_append_payments(store, file_index, batch, duplicates, err);
    if (code == 0)
        code = append_rejects(store, file_index, batch, err);
    if (code)
        store->failed = 1;
    return code;
}
