/* replies_test.c - which post answers which, against the definition on made posts */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rng.h"
#include "store/store.h"

enum { POSTS = 6000, KEYS = 9000 };

static char keys[KEYS][16];
static uint32_t parent[POSTS]; /* of a post, an index into keys; UINT32_MAX: none */

static void done(int code, const struct lks_error *err)
{
    if (code != 0)
        fail_msg("%d: %s", code, err->message);
}

/* Post i has key i; parents are posts before and after it, itself, or keys that no post has. */
static void posts_append(struct lks_store *store, struct lks_rng *rng)
{
    struct lks_error err = {0};
    struct lks_batch batch = {0};
    uint64_t duplicates;
    for (uint32_t i = 0; i < POSTS; i++) {
        struct lks_post *post = lks_batch_post(&batch);
        assert_non_null(post);
        parent[i] = lks_rng_below(rng, 3) ? (uint32_t)lks_rng_below(rng, KEYS) : UINT32_MAX;
        post->platform = LKS_STR("t");
        post->post_key = lks_str_from(keys[i]);
        post->account_key = LKS_STR("t:somebody");
        post->time_us = INT64_C(1730000000000000) + i;
        if (parent[i] != UINT32_MAX)
            post->parent_key = lks_str_from(keys[parent[i]]);
    }
    done(lks_store_append(store, 0, &batch, &duplicates, &err), &err);
    lks_batch_free(&batch);
}

static void check(const struct lks_replies *replies)
{
    static uint32_t target[KEYS];
    size_t at = 0;
    uint32_t targets = 0;
    memset(target, 255, sizeof target);
    for (uint32_t i = 0; i < POSTS; i++) {
        if (parent[i] == UINT32_MAX)
            continue;
        if (target[parent[i]] == UINT32_MAX)
            target[parent[i]] = targets++;
        assert_true(at < replies->count);
        assert_int_equal(replies->post[at], i);
        assert_int_equal(replies->target[at], target[parent[i]]);
        at++;
    }
    assert_int_equal(replies->count, at);
    assert_int_equal(replies->targets_count, targets);
    for (uint32_t k = 0; k < KEYS; k++) {
        if (target[k] == UINT32_MAX)
            continue;
        assert_int_equal(replies->target_post[target[k]], k < POSTS ? k : UINT32_MAX);
        assert_true(lks_str_equal(replies->target_key[target[k]], lks_str_from(keys[k])));
    }
}

static void test_replies(void **state)
{
    (void)state;
    char folder[] = "/tmp/lockstep-replies-XXXXXX", path[80];
    struct lks_store *store = NULL;
    struct lks_store_file file = {.name = "one", .size_bytes = 1, .format = "csv"};
    struct lks_error err = {0};
    struct lks_arena arena = {0};
    struct lks_replies replies;
    struct lks_rng rng;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/store.duckdb", folder);
    memset(file.sha256, 'a', 64);
    for (uint32_t k = 0; k < KEYS; k++)
        snprintf(keys[k], sizeof keys[k], "t:%u", k * 7919u);
    lks_rng_init(&rng, 5, 0);
    done(lks_store_open(path, LKS_STORE_CREATE, NULL, &store, &err), &err);
    done(lks_store_replies(store, &arena, &replies, &err), &err);
    assert_int_equal(replies.count + replies.targets_count, 0);
    done(lks_store_begin(store, &err), &err);
    done(lks_store_file_add(store, &file, &err), &err);
    posts_append(store, &rng);
    done(lks_store_finish(store, &err), &err);
    done(lks_store_commit(store, &err), &err);
    done(lks_store_replies(store, &arena, &replies, &err), &err);
    check(&replies);
    lks_arena_free(&arena);
    lks_store_close(store);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_replies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
