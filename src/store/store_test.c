/* store_test.c - the store against a naive model in memory, over random batches, transactions
 * and reopenings; what a damaged or foreign file does */
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rng.h"
#include "store/test_store.h"

/* ---- the model: arrays and linear search ---- */

enum { MODEL_MAX = 4096, MODEL_ACTIONS_MAX = 16384 };

struct model_action {
    uint32_t post;
    enum lks_object_kind kind;
    struct lks_str object;
};

struct model {
    struct lks_arena arena;
    struct lks_post posts[MODEL_MAX];
    uint32_t post_accounts[MODEL_MAX], post_files[MODEL_MAX];
    uint32_t posts_count;
    struct lks_account accounts[MODEL_MAX];
    uint32_t accounts_count;
    struct model_action actions[MODEL_ACTIONS_MAX];
    uint32_t actions_count;
    struct model_action late[MODEL_ACTIONS_MAX]; /* of later rows, until the transaction ends */
    uint32_t late_count;
    uint32_t files_count;
    uint64_t rejects_count;
};

static struct lks_str keep(struct model *model, struct lks_str text)
{
    return lks_arena_str(&model->arena, text);
}

static uint32_t model_account(struct model *model, struct lks_str platform, struct lks_str key)
{
    for (uint32_t i = 0; i < model->accounts_count; i++)
        if (lks_str_equal(model->accounts[i].account_key, key))
            return i;
    assert_true(model->accounts_count < MODEL_MAX);
    model->accounts[model->accounts_count] = (struct lks_account){
        .platform = keep(model, platform),
        .account_key = keep(model, key),
        .created_us = LKS_TIME_NULL,
        .followers = LKS_COUNT_NULL,
        .following = LKS_COUNT_NULL,
        .posts_total = LKS_COUNT_NULL,
        .verified = -1,
    };
    return model->accounts_count++;
}

static void newer_text(struct model *model, struct lks_str *old, struct lks_str new)
{
    if (new.data)
        *old = keep(model, new);
}

static void newer_number(int64_t *old, int64_t new)
{
    if (new != INT64_MIN)
        *old = new;
}

static void model_merge(struct model *model, const struct lks_account *seen)
{
    uint32_t index = model_account(model, seen->platform, seen->account_key);
    struct lks_account *account = &model->accounts[index];
    newer_text(model, &account->platform, seen->platform);
    newer_text(model, &account->handle, seen->handle);
    newer_text(model, &account->display_name, seen->display_name);
    newer_text(model, &account->country, seen->country);
    newer_text(model, &account->language, seen->language);
    newer_text(model, &account->bio, seen->bio);
    newer_number(&account->created_us, seen->created_us);
    newer_number(&account->followers, seen->followers);
    newer_number(&account->following, seen->following);
    newer_number(&account->posts_total, seen->posts_total);
    if (seen->created_method != LKS_CREATED_UNKNOWN)
        account->created_method = seen->created_method;
    if (seen->verified >= 0)
        account->verified = seen->verified;
}

/* The post of that key, or UINT32_MAX. */
static uint32_t model_find(const struct model *model, struct lks_str key)
{
    for (uint32_t i = 0; i < model->posts_count; i++)
        if (lks_str_equal(model->posts[i].post_key, key))
            return i;
    return UINT32_MAX;
}

/* The actions of a further row of a post: the same file, account and time. */
static void model_late(struct model *model, uint32_t file, const struct lks_batch *batch,
                       const struct lks_post *row, uint32_t post)
{
    if (row->kind == LKS_POST_AD && row->declared_paid == 1) /* an ad library, of whatever file */
        model->posts[post].declared_paid = 1;
    if (model->post_files[post] != file || model->posts[post].time_us != row->time_us ||
        !lks_str_equal(model->posts[post].account_key, row->account_key))
        return;
    for (uint32_t k = 0; k < row->actions_count; k++) {
        const struct lks_action *action = &batch->actions[row->actions_first + k];
        assert_true(model->late_count < MODEL_ACTIONS_MAX);
        model->late[model->late_count++] =
            (struct model_action){post, action->kind, keep(model, action->object)};
    }
}

/* In the order of posts, then of rows. */
static void model_finish(struct model *model)
{
    for (uint32_t i = 1; i < model->late_count; i++)
        for (uint32_t k = i; k > 0 && model->late[k].post < model->late[k - 1].post; k--) {
            struct model_action swap = model->late[k];
            model->late[k] = model->late[k - 1];
            model->late[k - 1] = swap;
        }
    for (uint32_t i = 0; i < model->late_count; i++) {
        const struct model_action *late = &model->late[i];
        uint32_t k = 0;
        while (k < model->actions_count &&
               (model->actions[k].post != late->post || model->actions[k].kind != late->kind ||
                !lks_str_equal(model->actions[k].object, late->object)))
            k++;
        assert_true(k < MODEL_ACTIONS_MAX);
        if (k == model->actions_count)
            model->actions[model->actions_count++] = *late;
    }
    model->late_count = 0;
}

static uint64_t model_append(struct model *model, uint32_t file, const struct lks_batch *batch)
{
    uint64_t duplicates = 0;
    for (size_t i = 0; i < batch->posts_count; i++) {
        const struct lks_post *post = &batch->posts[i];
        uint32_t there = model_find(model, post->post_key);
        if (there != UINT32_MAX) {
            duplicates++;
            model_late(model, file, batch, post, there);
            continue;
        }
        uint32_t index = model->posts_count++;
        assert_true(index < MODEL_MAX);
        struct lks_post *kept = &model->posts[index];
        *kept = *post;
        struct lks_str *texts[] = {&kept->platform,   &kept->post_key,   &kept->account_key,
                                   &kept->text,       &kept->transcript, &kept->language,
                                   &kept->parent_key, &kept->origin_key, &kept->channel_key};
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            *texts[t] = keep(model, *texts[t]);
        model->post_files[index] = file;
        model->post_accounts[index] = model_account(model, post->platform, post->account_key);
        for (uint32_t k = 0; k < post->actions_count; k++) {
            const struct lks_action *action = &batch->actions[post->actions_first + k];
            assert_true(model->actions_count < MODEL_ACTIONS_MAX);
            model->actions[model->actions_count++] =
                (struct model_action){index, action->kind, keep(model, action->object)};
        }
    }
    for (size_t i = 0; i < batch->accounts_count; i++)
        model_merge(model, &batch->accounts[i]);
    model->rejects_count += batch->rejects_count;
    return duplicates;
}

/* ---- random batches ---- */

static struct lks_str some_text(struct lks_batch *batch, struct lks_rng *rng)
{
    static const char *const texts[] = {"",
                                        "a",
                                        "twelve bytes",
                                        "thirteen bytes",
                                        "\xc4\x83\xc8\x99\xc8\x9b \xf0\x9f\x98\x80",
                                        "it's \"quoted\"; DROP TABLE post; --",
                                        "line\nline\r\n\ttab\xc2\x85\xe2\x80\xa8"};
    uint64_t pick = lks_rng_below(rng, 12);
    char text[6000];
    if (pick < 7)
        return lks_str_from(texts[pick]);
    if (pick == 7)
        return (struct lks_str){"with\0NUL inside of it", 20};
    if (pick == 8) { /* longer than what DuckDB keeps in a block */
        size_t size = 3000 + lks_rng_below(rng, 3000);
        memset(text, 'a' + (int)lks_rng_below(rng, 26), size);
        return lks_arena_str(&batch->arena, (struct lks_str){text, size});
    }
    return LKS_STR_NULL;
}

static struct lks_str some_key(struct lks_batch *batch, struct lks_rng *rng, const char *prefix,
                               uint64_t bound)
{
    char key[64];
    snprintf(key, sizeof key, "%s:%llu", prefix, (unsigned long long)lks_rng_below(rng, bound));
    return lks_arena_str(&batch->arena, lks_str_from(key));
}

static int64_t some_count(struct lks_rng *rng)
{
    switch (lks_rng_below(rng, 4)) {
    case 0:
        return LKS_COUNT_NULL;
    case 1:
        return INT64_MAX - (int64_t)lks_rng_below(rng, 3);
    default:
        return (int64_t)lks_rng_below(rng, 5);
    }
}

static void some_post(struct lks_batch *batch, struct lks_rng *rng, uint64_t keys,
                      uint64_t accounts)
{
    struct lks_post *post = lks_batch_post(batch);
    post->platform = LKS_STR("test");
    post->post_key = some_key(batch, rng, "post", keys);
    post->account_key = some_key(batch, rng, "account", accounts);
    post->text = some_text(batch, rng);
    post->transcript = some_text(batch, rng);
    post->language = some_text(batch, rng);
    post->parent_key = some_text(batch, rng);
    post->origin_key = some_text(batch, rng);
    post->channel_key = some_text(batch, rng);
    post->time_us = lks_rng_below(rng, 50) ? (int64_t)lks_rng_below(rng, 100) * LKS_SECOND_US
                                           : LKS_TIME_MAX_US - (int64_t)lks_rng_below(rng, 9);
    if (batch->posts_count > 2 && lks_rng_below(rng, 4) == 0) { /* a further row of a post */
        const struct lks_post *earlier = &batch->posts[lks_rng_below(rng, batch->posts_count - 1)];
        post->post_key = earlier->post_key;
        post->time_us = earlier->time_us;
        if (lks_rng_below(rng, 8))
            post->account_key = earlier->account_key;
    }
    post->time_precision = (enum lks_time_precision)lks_rng_below(rng, 3);
    post->kind = (enum lks_post_kind)lks_rng_below(rng, LKS_POST_KINDS_COUNT);
    post->views = some_count(rng);
    post->likes = some_count(rng);
    post->shares = some_count(rng);
    post->comments = some_count(rng);
    post->declared_paid = (int)lks_rng_below(rng, 3) - 1;
    post->offset_bytes = lks_rng_next(rng);
    post->length_bytes = lks_rng_next(rng);
    for (uint64_t k = lks_rng_below(rng, 6); k > 0; k--) {
        struct lks_str object =
            lks_rng_below(rng, 3) ? some_key(batch, rng, "o", 30) : some_text(batch, rng);
        enum lks_object_kind kind =
            (enum lks_object_kind)lks_rng_below(rng, LKS_OBJECT_KINDS_COUNT);
        assert_int_equal(lks_batch_action(batch, kind, object), 0);
    }
}

static void some_account(struct lks_batch *batch, struct lks_rng *rng, uint64_t accounts)
{
    struct lks_account *account = lks_batch_account(batch);
    account->platform = LKS_STR("test");
    account->account_key = some_key(batch, rng, "account", accounts);
    account->handle = some_text(batch, rng);
    account->display_name = some_text(batch, rng);
    account->country = some_text(batch, rng);
    account->language = some_text(batch, rng);
    account->bio = some_text(batch, rng);
    account->created_us = some_count(rng);
    account->created_method =
        (enum lks_created_method)lks_rng_below(rng, LKS_CREATED_METHODS_COUNT);
    account->followers = some_count(rng);
    account->following = some_count(rng);
    account->posts_total = some_count(rng);
    account->verified = (int)lks_rng_below(rng, 3) - 1;
}

static void some_batch(struct lks_batch *batch, struct lks_rng *rng)
{
    uint64_t keys = 40 + lks_rng_below(rng, 400), accounts = 1 + lks_rng_below(rng, 40);
    lks_batch_reset(batch);
    for (uint64_t i = lks_rng_below(rng, 60); i > 0; i--)
        some_post(batch, rng, keys, accounts);
    for (uint64_t i = lks_rng_below(rng, 12); i > 0; i--) {
        some_account(batch, rng, accounts + 3);
        /* Said once more: nothing new. */
        if (lks_rng_below(rng, 3) == 0) {
            struct lks_account *again = lks_batch_account(batch);
            *again = batch->accounts[batch->accounts_count - 2];
        }
    }
    for (uint64_t i = lks_rng_below(rng, 4); i > 0; i--)
        assert_int_equal(lks_batch_reject(batch, lks_rng_below(rng, 1000), lks_rng_next(rng) >> 1,
                                          i % 2 ? "no time" : "no account", LKS_STR("{\"a\":1}")),
                         0);
}

/* ---- comparing ---- */

static void same_text(struct lks_str is, struct lks_str wanted)
{
    assert_int_equal(is.data == NULL, wanted.data == NULL);
    assert_int_equal(is.size_bytes, wanted.size_bytes);
    if (is.size_bytes)
        assert_memory_equal(is.data, wanted.data, wanted.size_bytes);
}

static void compare_counts(struct lks_store *store, const struct model *model)
{
    struct lks_error err = {0};
    struct lks_store_counts counts;
    int64_t first = LKS_TIME_NULL, last = LKS_TIME_NULL;
    enum lks_time_precision precision = LKS_PRECISION_SECOND;
    for (uint32_t i = 0; i < model->posts_count; i++) {
        const struct lks_post *post = &model->posts[i];
        if (i == 0 || post->time_us < first)
            first = post->time_us;
        if (i == 0 || post->time_us > last)
            last = post->time_us;
        if (post->time_precision > precision)
            precision = post->time_precision;
    }
    done(lks_store_counts(store, &counts, &err), &err);
    assert_int_equal(counts.posts, model->posts_count);
    assert_int_equal(counts.actions, model->actions_count);
    assert_int_equal(counts.rejects, model->rejects_count);
    assert_int_equal(counts.files, model->files_count);
    assert_int_equal(counts.first_us, first);
    assert_int_equal(counts.last_us, last);
    assert_int_equal(counts.time_precision, precision);
}

static void compare_accounts(struct lks_store *store, const struct model *model)
{
    struct lks_error err = {0};
    struct lks_arena arena = {0};
    static struct lks_account accounts[MODEL_MAX];
    static uint64_t posts_counts[MODEL_MAX];
    static uint32_t indexes[MODEL_MAX];
    struct lks_store_counts counts;
    done(lks_store_counts(store, &counts, &err), &err);
    assert_int_equal(counts.accounts, model->accounts_count);
    for (uint32_t i = 0; i < model->accounts_count; i++)
        indexes[i] = i;
    done(lks_store_accounts(store, indexes, model->accounts_count, &arena, accounts, posts_counts,
                            &err),
         &err);
    for (uint32_t i = 0; i < model->accounts_count; i++) {
        const struct lks_account *is = &accounts[i], *wanted = &model->accounts[i];
        uint64_t posts_count = 0;
        for (uint32_t p = 0; p < model->posts_count; p++)
            posts_count += model->post_accounts[p] == i;
        assert_int_equal(posts_counts[i], posts_count);
        same_text(is->platform, wanted->platform);
        same_text(is->account_key, wanted->account_key);
        same_text(is->handle, wanted->handle);
        same_text(is->display_name, wanted->display_name);
        same_text(is->country, wanted->country);
        same_text(is->language, wanted->language);
        same_text(is->bio, wanted->bio);
        assert_int_equal(is->created_us, wanted->created_us);
        assert_int_equal(is->created_method, wanted->created_method);
        assert_int_equal(is->followers, wanted->followers);
        assert_int_equal(is->following, wanted->following);
        assert_int_equal(is->posts_total, wanted->posts_total);
        assert_int_equal(is->verified, wanted->verified);
    }
    lks_arena_free(&arena);
}

static void compare_posts(struct lks_store *store, const struct model *model, struct lks_rng *rng)
{
    struct lks_error err = {0};
    struct lks_arena arena = {0};
    static struct lks_post posts[MODEL_MAX];
    static uint32_t indexes[MODEL_MAX], files[MODEL_MAX];
    size_t count = 0;
    for (uint32_t i = 0; i < model->posts_count; i++)
        if (lks_rng_below(rng, 3))
            indexes[count++] = i;
    done(lks_store_posts(store, indexes, count, &arena, posts, files, &err), &err);
    for (size_t i = 0; i < count; i++) {
        const struct lks_post *is = &posts[i], *wanted = &model->posts[indexes[i]];
        assert_int_equal(files[i], model->post_files[indexes[i]]);
        same_text(is->platform, wanted->platform);
        same_text(is->post_key, wanted->post_key);
        same_text(is->account_key, wanted->account_key);
        same_text(is->text, wanted->text);
        same_text(is->transcript, wanted->transcript);
        same_text(is->language, wanted->language);
        same_text(is->parent_key, wanted->parent_key);
        same_text(is->origin_key, wanted->origin_key);
        same_text(is->channel_key, wanted->channel_key);
        assert_int_equal(is->time_us, wanted->time_us);
        assert_int_equal(is->time_precision, wanted->time_precision);
        assert_int_equal(is->kind, wanted->kind);
        assert_int_equal(is->views, wanted->views);
        assert_int_equal(is->likes, wanted->likes);
        assert_int_equal(is->shares, wanted->shares);
        assert_int_equal(is->comments, wanted->comments);
        assert_int_equal(is->declared_paid, wanted->declared_paid);
        assert_int_equal(is->offset_bytes, wanted->offset_bytes);
        assert_int_equal(is->length_bytes, wanted->length_bytes);
    }
    lks_arena_free(&arena);
}

/* An object of the model with the order that its id must follow. */
struct model_object {
    const struct model_action *first;
    int shared;
};

static int object_order(const void *a, const void *b)
{
    const struct model_object *x = a, *y = b;
    if (x->first->kind != y->first->kind)
        return x->first->kind < y->first->kind ? -1 : 1;
    if (x->first->post != y->first->post)
        return x->first->post < y->first->post ? -1 : 1;
    struct lks_str p = x->first->object, q = y->first->object;
    size_t size = p.size_bytes < q.size_bytes ? p.size_bytes : q.size_bytes;
    int order = memcmp(p.data, q.data, size);
    return order ? order : (p.size_bytes > q.size_bytes) - (p.size_bytes < q.size_bytes);
}

static size_t model_objects(const struct model *model, uint32_t mask, struct model_object *objects)
{
    size_t count = 0, shared = 0;
    for (uint32_t i = 0; i < model->actions_count; i++) {
        const struct model_action *action = &model->actions[i];
        size_t at = 0;
        if (!(mask >> action->kind & 1))
            continue;
        while (at < count && (objects[at].first->kind != action->kind ||
                              !lks_str_equal(objects[at].first->object, action->object)))
            at++;
        if (at == count)
            objects[count++] = (struct model_object){action, 0};
        objects[at].shared |= objects[at].first->post != action->post;
        if (action->post < objects[at].first->post)
            objects[at].first = action;
    }
    for (size_t i = 0; i < count; i++)
        if (objects[i].shared)
            objects[shared++] = objects[i];
    qsort(objects, shared, sizeof *objects, object_order);
    return shared;
}

static void compare_events(struct lks_store *store, const struct model *model, uint32_t mask)
{
    struct lks_error err = {0};
    struct lks_events events;
    static struct model_object objects[MODEL_ACTIONS_MAX];
    size_t objects_count = model_objects(model, mask, objects), count = 0;
    done(lks_store_events(store, mask, NULL, &events, &err), &err);
    lks_events_check(&events);
    assert_int_equal(events.objects_count, objects_count);
    assert_int_equal(events.posts_count, model->posts_count);
    assert_int_equal(events.accounts_count, model->accounts_count);
    for (uint32_t i = 0; i < model->posts_count; i++) {
        assert_int_equal(events.post_account[i], model->post_accounts[i]);
        assert_int_equal(events.post_time_us[i], model->posts[i].time_us);
    }
    for (uint32_t id = 0; id < objects_count; id++) {
        assert_int_equal(events.object_kind[id], objects[id].first->kind);
        same_text(lks_store_object(store, id), objects[id].first->object);
    }
    /* Order and ranges are checked above; here, that each event is there and no other. */
    for (uint32_t i = 0; i < model->actions_count; i++) {
        const struct model_action *action = &model->actions[i];
        for (uint32_t id = 0; id < objects_count; id++) {
            if (objects[id].first->kind != action->kind ||
                !lks_str_equal(objects[id].first->object, action->object))
                continue;
            size_t hits = 0;
            for (size_t e = 0; e < events.count; e++)
                hits += events.object[e] == id && events.post[e] == action->post;
            assert_int_equal(hits, 1);
            count++;
        }
    }
    assert_int_equal(events.count, count);
    lks_events_free(&events);
}

static void compare_all(struct lks_store *store, const struct model *model, struct lks_rng *rng)
{
    compare_counts(store, model);
    compare_accounts(store, model);
    compare_posts(store, model, rng);
    compare_events(store, model, ~0u);
    compare_events(store, model, (uint32_t)lks_rng_next(rng));
    compare_events(store, model, 0);
}

/* ---- the tests ---- */

static void file_begin(struct lks_store *store, struct lks_store_file *file, uint64_t number)
{
    struct lks_error err = {0};
    *file = (struct lks_store_file){.name = "a'b\"c.csv", .size_bytes = number};
    snprintf(file->sha256, sizeof file->sha256, "%064llx", (unsigned long long)number);
    done(lks_store_file_add(store, file, &err), &err);
}

/* Random batches in random transactions, some rolled back, the store closed and opened now
 * and then; after each the store equals the model of what was committed. */
static void one_life(uint64_t seed, const struct lks_control *control, char digest[65])
{
    struct lks_error err = {0};
    struct lks_rng rng;
    struct lks_batch batch = {0};
    struct lks_store *store;
    struct lks_store_file file;
    struct model *model = calloc(1, sizeof *model);
    lks_rng_init(&rng, 11, seed);
    unlink(path);
    done(lks_store_open(path, LKS_STORE_CREATE, control, &store, &err), &err);
    for (uint64_t transaction = 0; transaction < 4; transaction++) {
        int keeping = lks_rng_below(&rng, 4) != 0;
        done(lks_store_begin(store, &err), &err);
        file_begin(store, &file, transaction + 1);
        assert_int_equal(file.file_index, model->files_count);
        model->files_count += (uint32_t)keeping;
        for (uint64_t i = lks_rng_below(&rng, 5); i > 0; i--) {
            uint64_t duplicates;
            some_batch(&batch, &rng);
            done(lks_store_append(store, file.file_index, &batch, &duplicates, &err), &err);
            if (keeping)
                assert_int_equal(duplicates, model_append(model, file.file_index, &batch));
        }
        if (keeping) {
            if (lks_rng_below(&rng, 2))
                compare_counts(store, model); /* what waits in appenders counts too */
            done(lks_store_file_done(store, &file, &err), &err);
            done(lks_store_finish(store, &err), &err);
            model_finish(model);
            done(lks_store_commit(store, &err), &err);
        } else if (lks_rng_below(&rng, 2)) {
            lks_store_rollback(store);
        } else { /* closing rolls back */
            lks_store_close(store);
            done(lks_store_open(path, LKS_STORE_OPEN, control, &store, &err), &err);
        }
        if (lks_rng_below(&rng, 2)) {
            lks_store_close(store);
            done(lks_store_open(path, LKS_STORE_OPEN, control, &store, &err), &err);
        }
        compare_all(store, model, &rng);
    }
    lks_store_close(store);
    done(lks_store_open(path, LKS_STORE_READ, control, &store, &err), &err);
    compare_all(store, model, &rng);
    done(lks_store_digest(store, control, digest, &err), &err);
    lks_store_close(store);
    assert_int_equal(access(wal, F_OK), -1); /* one file, no log beside it */
    lks_batch_free(&batch);
    lks_arena_free(&model->arena);
    free(model);
}

static void equals_the_model(void **state)
{
    (void)state;
    const char *more = getenv("LOCKSTEP_TEST_SEEDS");
    uint64_t seeds = more ? strtoull(more, NULL, 10) : 10;
    for (uint64_t seed = 0; seed < seeds; seed++) {
        char one[65], two[65];
        struct lks_control control = {.threads = 1};
        one_life(seed, &control, one);
        if (seed % 4)
            continue;
        control.threads = 2;
        one_life(seed, &control, two);
        assert_string_equal(one, two);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_model),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
