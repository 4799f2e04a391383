/* profile_test.c - what each recipient is shown of a record */
#include "dossier/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define AT (INT64_C(1732450005) * LKS_SECOND_US) /* 2024-11-24T12:06:45Z */

static struct lks_arena arena;

static struct lks_post made_post(void)
{
    return (struct lks_post){.platform = LKS_STR("tiktok"),
                             .post_key = LKS_STR("tiktok:7001"),
                             .account_key = LKS_STR("tiktok:someone"),
                             .text = LKS_STR("ask @friend on t.me/x, 12 times"),
                             .parent_key = LKS_STR("tiktok:7000"),
                             .time_us = AT,
                             .views = 7,
                             .likes = 1000,
                             .shares = 0,
                             .comments = LKS_COUNT_NULL,
                             .offset_bytes = 55,
                             .length_bytes = 66};
}

static struct lks_account made_account(void)
{
    return (struct lks_account){.platform = LKS_STR("tiktok"),
                                .account_key = LKS_STR("tiktok:someone"),
                                .handle = LKS_STR("someone"),
                                .display_name = LKS_STR("Some One"),
                                .bio = LKS_STR("mother of 2"),
                                .created_us = AT,
                                .followers = 3,
                                .following = 300,
                                .posts_total = LKS_COUNT_NULL};
}

static void test_authority_sees_all(void **state)
{
    (void)state;
    struct lks_profile profile;
    struct lks_post post = made_post(), before = made_post();
    struct lks_account account = made_account(), account_before = made_account();
    assert_int_equal(lks_profile_start(&profile, LKS_RECIPIENT_AUTHORITY, NULL), 0);
    assert_true(lks_profile_is_plain(&profile));
    assert_int_equal(lks_profile_post(&profile, &post, &arena, NULL), 0);
    assert_int_equal(lks_profile_account(&profile, &account, &arena, NULL), 0);
    assert_memory_equal(&post, &before, sizeof post);
    assert_memory_equal(&account, &account_before, sizeof account);
    lks_profile_free(&profile);
}

static void test_researcher(void **state)
{
    (void)state;
    struct lks_profile profile;
    struct lks_post post = made_post();
    struct lks_account account = made_account();
    assert_int_equal(lks_profile_start(&profile, LKS_RECIPIENT_RESEARCHER, NULL), 0);
    assert_int_equal(lks_profile_post(&profile, &post, &arena, NULL), 0);
    assert_int_equal(lks_profile_account(&profile, &account, &arena, NULL), 0);
    assert_true(lks_str_equal_text(post.text, "ask [handle] on [link] [number] times"));
    assert_true(lks_str_equal(post.account_key, account.account_key)); /* the join still works */
    assert_int_equal(post.account_key.size_bytes, strlen("tiktok:") + 26);
    assert_null(memmem(post.post_key.data, post.post_key.size_bytes, "7001", 4));
    assert_false(lks_str_equal(post.post_key, post.parent_key));
    assert_null(post.origin_key.data);
    assert_int_equal(post.time_us, AT - 45 * LKS_SECOND_US);
    assert_int_equal(post.views, 7);
    assert_int_equal(post.offset_bytes + post.length_bytes, 0);
    assert_null(account.handle.data);
    assert_null(account.display_name.data);
    assert_null(account.bio.data);
    assert_int_equal(account.created_us, AT - AT % LKS_DAY_US);
    assert_int_equal(account.followers, LKS_COUNT_NULL);
    assert_int_equal(account.following, 300);
    lks_profile_free(&profile);
}

static void test_public(void **state)
{
    (void)state;
    struct lks_profile profile;
    struct lks_post post = made_post();
    assert_int_equal(lks_profile_start(&profile, LKS_RECIPIENT_PUBLIC, NULL), 0);
    assert_int_equal(lks_profile_post(&profile, &post, &arena, NULL), 0);
    assert_null(post.text.data);
    assert_int_equal(post.time_us, AT - AT % LKS_HOUR_US);
    assert_int_equal(post.views, LKS_COUNT_NULL);
    assert_int_equal(post.shares, 0); /* nobody is nobody */
    assert_int_equal(post.likes, 1000);
    lks_profile_free(&profile);
}

static void test_objects(void **state)
{
    (void)state;
    static const struct {
        enum lks_object_kind kind;
        const char *object, *stays;
    } cases[] = {
        {LKS_OBJECT_URL, "example.org/profile/someone", "example.org/"},
        {LKS_OBJECT_URL, "example.org", "example.org"},
        {LKS_OBJECT_DOMAIN, "example.org", "example.org"},
        {LKS_OBJECT_HASHTAG, "vote2024", "vote2024"},
        {LKS_OBJECT_MENTION, "tiktok:someone", "tiktok:"},
        {LKS_OBJECT_REPLY, "tiktok:7001", "tiktok:"},
        {LKS_OBJECT_SOUND, "tiktok:7001", ""},
        {LKS_OBJECT_TEXT, "words of @someone", "words of [handle]"},
    };
    struct lks_profile profile;
    assert_int_equal(lks_profile_start(&profile, LKS_RECIPIENT_RESEARCHER, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lks_action action = {cases[i].kind, lks_str_from(cases[i].object)};
        assert_int_equal(lks_profile_action(&profile, &action, &arena, NULL), 0);
        assert_true(action.object.size_bytes >= strlen(cases[i].stays));
        assert_memory_equal(action.object.data, cases[i].stays, strlen(cases[i].stays));
        assert_null(memmem(action.object.data, action.object.size_bytes, "someone", 7));
        assert_null(memmem(action.object.data, action.object.size_bytes, "7001", 4));
    }
    lks_profile_free(&profile);
}

static void test_payment_and_digest(void **state)
{
    (void)state;
    struct lks_profile profile, other;
    struct lks_payment payment = {.payer = LKS_STR("Some Agency"),
                                  .payee = LKS_STR("Some One"),
                                  .payment_key = LKS_STR("P-1"),
                                  .purpose = LKS_STR("for @someone"),
                                  .time_us = AT};
    struct lks_str hex = LKS_STR("aa"), second = LKS_STR("aa");
    assert_int_equal(lks_profile_start(&profile, LKS_RECIPIENT_RESEARCHER, NULL), 0);
    assert_int_equal(lks_profile_start(&other, LKS_RECIPIENT_RESEARCHER, NULL), 0);
    assert_int_equal(lks_profile_payment(&profile, &payment, &arena, NULL), 0);
    assert_int_equal(payment.payer.size_bytes, 26);
    assert_int_equal(payment.payee.size_bytes, 26);
    assert_null(payment.payment_key.data);
    assert_true(lks_str_equal_text(payment.purpose, "for [handle]"));
    assert_int_equal(lks_profile_sha256(&profile, &hex, &arena, NULL), 0);
    assert_int_equal(lks_profile_sha256(&other, &second, &arena, NULL), 0);
    assert_int_equal(hex.size_bytes, 64);
    assert_false(lks_str_equal(hex, second));
    lks_profile_free(&profile);
    lks_profile_free(&other);
}

static void test_times_before_1970(void **state)
{
    (void)state;
    struct lks_profile profile = {.time_step_us = 60};
    assert_int_equal(lks_profile_time(&profile, -1), -60);
    assert_int_equal(lks_profile_time(&profile, -60), -60);
    assert_int_equal(lks_profile_time(&profile, 59), 0);
    assert_int_equal(lks_profile_time(&profile, LKS_TIME_NULL), LKS_TIME_NULL);
}

static int done(void **state)
{
    (void)state;
    lks_arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_authority_sees_all),
        cmocka_unit_test(test_researcher),
        cmocka_unit_test(test_public),
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_payment_and_digest),
        cmocka_unit_test(test_times_before_1970),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
