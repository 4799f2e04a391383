/* own_posts_test.c - own posts, tags, comments and payees as the promotion detector asks for them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store.h"

static char folder[] = "/tmp/lockstep-own-posts-XXXXXX", path[64];

static void done(int code, const struct lks_error *err)
{
    if (code)
        print_error("%s\n", err->message);
    assert_int_equal(code, 0);
}

static void post_add(struct lks_batch *batch, const char *account, const char *key,
                     enum lks_post_kind kind, const char *text, const char *parent, const char *tag)
{
    struct lks_post *post = lks_batch_post(batch);
    assert_non_null(post);
    post->platform = LKS_STR("tiktok");
    post->account_key = lks_str_from(account);
    post->post_key = lks_str_from(key);
    post->kind = kind;
    post->text = lks_str_from(text);
    post->parent_key = lks_str_from(parent);
    post->time_us = 1730000000 * LKS_SECOND_US;
    if (tag)
        assert_int_equal(lks_batch_action(batch, LKS_OBJECT_HASHTAG, lks_str_from(tag)), 0);
}

static void payment_add(struct lks_batch *batch, const char *account, const char *post)
{
    struct lks_payment *payment = lks_batch_payment(batch);
    assert_non_null(payment);
    payment->payer = LKS_STR("p");
    payment->account_key = lks_str_from(account);
    payment->post_key = lks_str_from(post);
    payment->exponent = lks_currency_exponent(LKS_STR("EUR"), &payment->currency);
    payment->time_us = 1730000000 * LKS_SECOND_US;
}

static struct lks_store *store_make(void)
{
    struct lks_error err = {0};
    struct lks_store *store;
    struct lks_batch batch = {0};
    struct lks_store_file file = {.name = "x", .size_bytes = 1, .format = "payments"};
    uint64_t duplicates = 0;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/store.duckdb", folder);
    done(lks_store_open(path, LKS_STORE_CREATE, NULL, &store, &err), &err);
    post_add(&batch, "tiktok:1", "tiktok:v0", LKS_POST_VIDEO, "clip", NULL, "one");
    post_add(&batch, "tiktok:2", "tiktok:c1", LKS_POST_COMMENT, "so nice", "tiktok:v0", "two");
    post_add(&batch, "tiktok:3", "tiktok:p2", LKS_POST_POST, NULL, NULL, "two");
    post_add(&batch, "tiktok:4", "tiktok:a3", LKS_POST_AD, "ad", NULL, NULL);
    post_add(&batch, "tiktok:2", "tiktok:m4", LKS_POST_MESSAGE, "message", NULL, "one");
    post_add(&batch, "tiktok:2", "tiktok:c5", LKS_POST_COMMENT, NULL, "tiktok:v0", NULL);
    post_add(&batch, "tiktok:3", "tiktok:c6", LKS_POST_COMMENT, "no", "tiktok:v0", NULL);
    struct lks_account *account = lks_batch_account(&batch);
    assert_non_null(account);
    account->platform = LKS_STR("tiktok");
    account->account_key = LKS_STR("tiktok:3");
    account->handle = LKS_STR("Maria");
    payment_add(&batch, "tiktok:1", NULL);
    payment_add(&batch, "tiktok:maria", NULL);
    payment_add(&batch, "tiktok:nobody", "tiktok:p2");
    payment_add(&batch, NULL, "tiktok:v0");
    payment_add(&batch, "tiktok:nobody", "tiktok:gone");
    memset(file.sha256, 'a', 64);
    done(lks_store_begin(store, &err), &err);
    done(lks_store_file_add(store, &file, &err), &err);
    done(lks_store_append(store, file.file_index, &batch, &duplicates, &err), &err);
    done(lks_store_finish(store, &err), &err);
    done(lks_store_file_done(store, &file, &err), &err);
    done(lks_store_commit(store, &err), &err);
    lks_batch_free(&batch);
    return store;
}

static int own_seen(void *context, const struct lks_store_own_post *posts, size_t count,
                    struct lks_error *err)
{
    struct lks_buffer *seen = context;
    (void)err;
    for (size_t i = 0; i < count; i++)
        lks_buffer_format(seen, "%u/%u%s ", posts[i].post_index, posts[i].account_index,
                          posts[i].text.data ? "" : "-");
    return 0;
}

static int tag_seen(void *context, uint32_t post_index, uint32_t tag, struct lks_error *err)
{
    (void)err;
    lks_buffer_format(context, "%u:%u ", post_index, tag);
    return 0;
}

static int comment_seen(void *context, uint32_t place, uint32_t comment_index,
                        uint32_t account_index, struct lks_str text, struct lks_error *err)
{
    (void)err;
    lks_buffer_format(context, "%u:%u/%u %.*s ", place, comment_index, account_index,
                      (int)text.size_bytes, text.data);
    return 0;
}

static int payee_seen(void *context, uint32_t payment_index, uint32_t account_index,
                      uint32_t post_index, struct lks_error *err)
{
    (void)err;
    lks_buffer_format(context, "%u:%d/%d ", payment_index, (int)account_index, (int)post_index);
    return 0;
}

static void seen_is(struct lks_buffer *seen, const char *wanted)
{
    lks_buffer_byte(seen, 0);
    assert_string_equal(seen->data, wanted);
    lks_buffer_clear(seen);
}

static void all_of_them(void **state)
{
    (void)state;
    struct lks_error err = {0};
    struct lks_buffer seen = {0};
    struct lks_store *store = store_make();
    const struct lks_str tags[] = {LKS_STR("two"), LKS_STR("one"), LKS_STR("no'ne")};
    const uint32_t posts[] = {2, 0};
    uint64_t ads;
    done(lks_store_own_posts(store, NULL, own_seen, &seen, &err), &err);
    seen_is(&seen, "0/0 2/2- 3/3 ");
    done(lks_store_tagged(store, tags, 3, tag_seen, &seen, &err), &err);
    seen_is(&seen, "0:1 1:0 2:0 4:1 ");
    done(lks_store_tagged(store, NULL, 0, tag_seen, &seen, &err), &err);
    done(lks_store_comments(store, posts, 2, comment_seen, &seen, &err), &err);
    seen_is(&seen, "1:1/1 so nice 1:6/2 no ");
    done(lks_store_payees(store, payee_seen, &seen, &err), &err);
    seen_is(&seen, "0:0/-1 1:2/-1 2:2/2 3:0/0 4:-1/-1 ");
    done(lks_store_ads_count(store, &ads, &err), &err);
    assert_int_equal(ads, 1);
    lks_store_close(store);
    lks_buffer_free(&seen);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_of_them)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
