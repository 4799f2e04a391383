/* dealt_test.c - a store reads as dealt, again and again, and its file stays as it was */
#include <string.h>

#include "base/rng.h"
#include "record/payment.h"
#include "store/store.h"
#include "store/test_store.h"

enum { POSTS = 5000, ACCOUNTS = 40 };
static const int64_t START_US = INT64_C(1730000000000000);

static char account_keys[ACCOUNTS][16], post_keys[POSTS][16];

static void case_make(void)
{
    struct lks_error err = {0};
    struct lks_batch batch = {0};
    struct lks_store *store;
    struct lks_store_file file = {.name = "a", .format = "made", .size_bytes = 1};
    uint64_t duplicates;
    memset(file.sha256, 'a', 64);
    for (int a = 0; a < ACCOUNTS; a++)
        snprintf(account_keys[a], sizeof account_keys[a], "t:a%d", a);
    for (uint32_t i = 0; i < POSTS; i++) {
        struct lks_post *post = lks_batch_post(&batch);
        assert_non_null(post);
        snprintf(post_keys[i], sizeof post_keys[i], "t:%u", i);
        post->platform = LKS_STR("t");
        post->post_key = lks_str_from(post_keys[i]);
        post->account_key = lks_str_from(account_keys[i % ACCOUNTS]);
        post->time_us = START_US + i;
        post->parent_key = i % 3 ? lks_str_from(post_keys[i - 1]) : LKS_STR_NULL;
        post->kind = i % 3 ? LKS_POST_COMMENT : LKS_POST_VIDEO;
        post->text = LKS_STR("what one says");
    }
    for (int a = 0; a < ACCOUNTS; a++) {
        struct lks_account *account = lks_batch_account(&batch);
        assert_non_null(account);
        account->platform = LKS_STR("t");
        account->account_key = lks_str_from(account_keys[a]);
        account->created_us = START_US - a - 1;
        account->created_method = LKS_CREATED_FIELD;
    }
    struct lks_payment *payment = lks_batch_payment(&batch);
    assert_non_null(payment);
    payment->payer = LKS_STR("somebody");
    payment->payee = LKS_STR("a0");
    payment->account_key = lks_str_from(account_keys[0]);
    payment->currency = "EUR";
    payment->exponent = 2;
    payment->amount_minor = 100;
    payment->time_us = START_US;
    done(lks_store_open(path, LKS_STORE_CREATE, NULL, &store, &err), &err);
    done(lks_store_begin(store, &err), &err);
    done(lks_store_file_add(store, &file, &err), &err);
    done(lks_store_append(store, file.file_index, &batch, &duplicates, &err), &err);
    done(lks_store_file_done(store, &file, &err), &err);
    done(lks_store_commit(store, &err), &err);
    lks_store_close(store);
    lks_batch_free(&batch);
}

/* Everything that a run reads of posts and accounts is as dealt; NULL: as it is. */
static void check(struct lks_store *store, const struct lks_store_dealt *dealt)
{
    struct lks_error err = {0};
    struct lks_events events;
    struct lks_arena arena = {0};
    struct lks_payment *payments;
    static uint32_t indexes[ACCOUNTS], parent[POSTS], comments[ACCOUNTS];
    static struct lks_account accounts[ACCOUNTS];
    static int64_t views[POSTS];
    uint32_t wanted[ACCOUNTS] = {0};
    size_t count;
    done(lks_store_events(store, 1u << LKS_OBJECT_REPLY, NULL, &events, &err), &err);
    assert_int_equal(events.posts_count, POSTS);
    assert_int_equal(events.accounts_count, ACCOUNTS);
    for (uint32_t i = 0; i < POSTS; i++) {
        uint32_t author = dealt ? dealt->post_account[i] : i % ACCOUNTS;
        assert_int_equal(events.post_account[i], author);
        assert_int_equal(events.post_time_us[i], dealt ? dealt->post_time_us[i] : START_US + i);
        wanted[author] += i % 3 != 0;
    }
    lks_events_free(&events);
    done(lks_store_reach(store, POSTS, views, parent, &err), &err);
    for (uint32_t i = 0; i < POSTS; i++)
        assert_int_equal(parent[i], i % 3 ? i - 1 : UINT32_MAX);
    for (uint32_t a = 0; a < ACCOUNTS; a++)
        indexes[a] = a;
    done(lks_store_accounts(store, indexes, ACCOUNTS, &arena, accounts, NULL, &err), &err);
    for (uint32_t a = 0; a < ACCOUNTS; a++) {
        uint32_t as = dealt ? dealt->account_made_as[a] : a;
        assert_true(lks_str_equal(accounts[a].account_key, lks_str_from(account_keys[a])));
        assert_int_equal(accounts[a].created_us, START_US - as - 1);
    }
    done(lks_store_comment_counts(store, ACCOUNTS, comments, &err), &err);
    assert_memory_equal(comments, wanted, sizeof comments);
    done(lks_store_payments(store, &arena, &payments, &count, &err), &err);
    assert_int_equal(count, dealt ? 0 : 1);
    lks_arena_free(&arena);
}

static void reads_as_dealt(void **state)
{
    (void)state;
    struct lks_error err = {0};
    struct lks_store *store;
    struct lks_rng rng;
    static uint32_t author[POSTS], made_as[ACCOUNTS];
    static int64_t time_us[POSTS];
    lks_rng_init(&rng, 3, 0);
    case_make();
    done(lks_store_open(path, LKS_STORE_READ, NULL, &store, &err), &err);
    check(store, NULL);
    for (int again = 0; again < 3; again++) {
        struct lks_store_dealt dealt = {author, time_us, POSTS, made_as, ACCOUNTS};
        for (uint32_t i = 0; i < POSTS; i++) {
            author[i] = (uint32_t)lks_rng_below(&rng, ACCOUNTS);
            time_us[i] = START_US + (int64_t)lks_rng_below(&rng, 1000000);
        }
        for (uint32_t a = 0; a < ACCOUNTS; a++)
            made_as[a] = (uint32_t)lks_rng_below(&rng, ACCOUNTS);
        done(lks_store_deal(store, &dealt, &err), &err);
        check(store, &dealt);
    }
    lks_store_close(store);
    done(lks_store_open(path, LKS_STORE_READ, NULL, &store, &err), &err);
    check(store, NULL);
    lks_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_as_dealt)};
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
