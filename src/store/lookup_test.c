/* lookup_test.c - finding accounts by key and handle, files known again, rejects by reason */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store.h"

static char folder[] = "/tmp/lockstep-lookup-XXXXXX";
static char path[80];
static struct lks_store *store;

static void done(int code, const struct lks_error *err)
{
    if (code != 0)
        fail_msg("%d: %s", code, err->message);
}

static struct lks_account *account_of(struct lks_batch *batch, const char *key, const char *handle)
{
    struct lks_account *account = lks_batch_account(batch);
    account->platform = LKS_STR("t");
    account->account_key = lks_str_from(key);
    account->handle = lks_str_from(handle);
    return account;
}

static void file_of(const char *name, char digit, uint32_t wanted_index, int known)
{
    struct lks_error err = {0};
    struct lks_store_file file = {.name = name, .size_bytes = 77, .format = "csv"};
    memset(file.sha256, digit, 64);
    assert_int_equal(lks_store_file_add(store, &file, &err), known);
    assert_int_equal(file.file_index, wanted_index);
    file.rows_count = 10 + (uint64_t)digit;
    file.duplicates_count = 2;
    file.ignored_count = 3;
    if (!known)
        done(lks_store_file_done(store, &file, &err), &err);
}

/* Two files; accounts whose names get in each other's way; rejects of three kinds. */
static int store_make(void **state)
{
    (void)state;
    struct lks_error err = {0};
    struct lks_batch batch = {0};
    uint64_t duplicates;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/store.duckdb", folder);
    done(lks_store_open(path, LKS_STORE_CREATE, NULL, &store, &err), &err);
    done(lks_store_begin(store, &err), &err);
    file_of("one.csv", 'a', 0, 0);
    file_of("two'.csv", 'b', 1, 0);
    file_of("one again.csv", 'a', 0, 1);
    account_of(&batch, "t:1", "ANNA");
    account_of(&batch, "t:2", "anna");
    account_of(&batch, "t:3", "@Ben");
    account_of(&batch, "t:4", "t:1"); /* a handle that looks like a key */
    account_of(&batch, "t:5", "3");   /* and one like a key without its platform */
    account_of(&batch, "t:6", "anna");
    lks_batch_reject(&batch, 9, 900, "no time", LKS_STR("later"));
    lks_batch_reject(&batch, 4, 400, "no time", LKS_STR("first"));
    lks_batch_reject(&batch, 7, 700, "no account", LKS_STR("other"));
    done(lks_store_append(store, 0, &batch, &duplicates, &err), &err);
    lks_batch_reset(&batch);
    lks_batch_reject(&batch, 1, 0, "no time", LKS_STR("elsewhere"));
    done(lks_store_append(store, 1, &batch, &duplicates, &err), &err);
    done(lks_store_synthetic_set(store, &err), &err);
    done(lks_store_commit(store, &err), &err);
    lks_batch_free(&batch);
    return 0;
}

static int store_remove(void **state)
{
    (void)state;
    lks_store_close(store);
    unlink(path);
    return rmdir(folder);
}

static void finds(const char *name, int64_t wanted)
{
    struct lks_error err = {0};
    uint32_t index = 99;
    int code = lks_store_account_find(store, lks_str_from(name), &index, &err);
    assert_int_equal(code, wanted < 0 ? LKS_EMISSING : 0);
    if (wanted >= 0)
        assert_int_equal(index, wanted);
}

static void finds_accounts(void **state)
{
    (void)state;
    finds("t:1", 0);  /* the key before the handle */
    finds("3", 2);    /* the key without its platform before the handle */
    finds("anna", 1); /* the exact handle, the earliest account */
    finds("@anna", 1);
    finds("Anna", 0); /* without regard to case */
    finds("ben", 2);
    finds("@Ben", 2);
    finds("nobody", -1);
    finds("", -1);
    finds("%", -1);
    finds("t:1' OR '1'='1", -1);
    finds("\xff", -1);
}

static void says_what_is_missing(void **state)
{
    (void)state;
    struct lks_error err = {0};
    struct lks_arena arena = {0};
    struct lks_account account;
    struct lks_post post;
    uint32_t none = 6;
    assert_int_equal(lks_store_account(store, 6, &arena, &account, NULL, &err), LKS_EMISSING);
    assert_int_equal(lks_store_posts(store, &none, 1, &arena, &post, NULL, NULL), LKS_EMISSING);
    done(lks_store_posts(store, NULL, 0, &arena, NULL, NULL, &err), (err.code = 0, &err));
    lks_arena_free(&arena);
}

static void lists_files_and_rejects(void **state)
{
    (void)state;
    struct lks_error err = {0};
    struct lks_arena arena = {0};
    struct lks_store_file *files;
    struct lks_store_reject_group *groups;
    struct lks_store_counts counts;
    size_t count;
    done(lks_store_files(store, &arena, &files, &count, &err), &err);
    assert_int_equal(count, 2);
    assert_string_equal(files[1].name, "two'.csv");
    assert_string_equal(files[1].format, "csv");
    assert_int_equal(files[1].sha256[63], 'b');
    assert_int_equal(files[0].rows_count, 10 + 'a');
    assert_int_equal(files[0].size_bytes, 77);
    done(lks_store_rejects(store, &arena, &groups, &count, &err), &err);
    assert_int_equal(count, 3);
    assert_true(lks_str_equal_text(groups[0].reason, "no time"));
    assert_true(lks_str_equal_text(groups[0].first_bytes, "first"));
    assert_int_equal(groups[0].line, 4);
    assert_int_equal(groups[0].count, 2);
    assert_true(lks_str_equal_text(groups[1].reason, "no account"));
    assert_int_equal(groups[2].file_index, 1);
    done(lks_store_counts(store, &counts, &err), &err);
    assert_int_equal(counts.duplicates, 4);
    assert_int_equal(counts.ignored, 6);
    assert_int_equal(counts.rejects, 4);
    assert_int_equal(counts.accounts, 6);
    assert_int_equal(counts.synthetic, 1);
    lks_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_accounts),
        cmocka_unit_test(says_what_is_missing),
        cmocka_unit_test(lists_files_and_rejects),
    };
    return cmocka_run_group_tests(tests, store_make, store_remove);
}
