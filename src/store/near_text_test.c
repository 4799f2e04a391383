/* near_text_test.c - near-text objects: kept, forgotten when posts come in, for one reader alone */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store.h"

static char folder[] = "/tmp/lockstep-near-text-XXXXXX", path[64];

static void done(int code, const struct lks_error *err)
{
    if (code)
        print_error("%s\n", err->message);
    assert_int_equal(code, 0);
}

/* Posts numbered from `first`, each with a text object of its own. */
static void append(struct lks_store *store, unsigned first, unsigned count)
{
    struct lks_error err = {0};
    struct lks_batch batch = {0};
    struct lks_store_file file = {.name = "posts.csv", .size_bytes = 1, .format = "csv"};
    uint64_t duplicates = 0;
    memset(file.sha256, 'a' + (int)first, 64);
    for (unsigned i = first; i < first + count; i++) {
        char text[64];
        struct lks_post *post = lks_batch_post(&batch);
        snprintf(text, sizeof text, "key-%u", i);
        post->post_key = lks_arena_str(&batch.arena, lks_str_from(text));
        snprintf(text, sizeof text, "account-%u", i);
        post->account_key = lks_arena_str(&batch.arena, lks_str_from(text));
        post->time_us = 1730000000 * LKS_SECOND_US + i;
        snprintf(text, sizeof text, "the text of post number %u", i);
        post->text = lks_arena_str(&batch.arena, lks_str_from(text));
        snprintf(text, sizeof text, "object-%u", i);
        done(lks_batch_action(&batch, LKS_OBJECT_TEXT,
                              lks_arena_str(&batch.arena, lks_str_from(text))),
             &err);
    }
    done(lks_store_begin(store, &err), &err);
    done(lks_store_file_add(store, &file, &err), &err);
    done(lks_store_append(store, file.file_index, &batch, &duplicates, &err), &err);
    done(lks_store_file_done(store, &file, &err), &err);
    done(lks_store_commit(store, &err), &err);
    lks_batch_free(&batch);
}

/* Whether the store says that its near texts are made, and how many events they give. */
static void expect(struct lks_store *store, int made_wanted, size_t events_wanted)
{
    struct lks_error err = {0};
    struct lks_events events = {0};
    int made = -1;
    done(lks_store_near_made(store, &made, &err), &err);
    assert_int_equal(made, made_wanted);
    done(lks_store_events(store, 1u << LKS_OBJECT_NEAR_TEXT, NULL, &events, &err), &err);
    assert_int_equal(events.count, events_wanted);
    for (size_t i = 0; i < events.count; i++)
        assert_int_equal(events.object_kind[events.object[i]], LKS_OBJECT_NEAR_TEXT);
    if (events_wanted)
        assert_true(lks_str_equal_text(lks_store_object(store, 0), "object-2"));
    lks_events_free(&events);
}

static void kept_and_forgotten(void **state)
{
    static const struct lks_store_near near[] = {{0, 2, 0.75}, {2, 2, 1}, {3, 2, 0.9}};
    struct lks_error err = {0};
    struct lks_store *store, *reader;
    char before[65], after[65];
    (void)state;
    done(lks_store_open(path, LKS_STORE_CREATE, NULL, &store, &err), &err);
    append(store, 0, 4);
    expect(store, 0, 0);
    done(lks_store_digest(store, NULL, before, &err), &err);
    done(lks_store_near_set(store, near, 3, &err), &err);
    expect(store, 1, 3);
    done(lks_store_digest(store, NULL, after, &err), &err);
    assert_string_equal(before, after);
    lks_store_close(store);

    done(lks_store_open(path, LKS_STORE_OPEN, NULL, &store, &err), &err);
    expect(store, 1, 3);
    append(store, 4, 2);
    expect(store, 0, 0);
    lks_store_close(store);

    /* A reader has them for itself. */
    done(lks_store_open(path, LKS_STORE_READ, NULL, &reader, &err), &err);
    expect(reader, 0, 0);
    done(lks_store_near_set(reader, near, 3, &err), &err);
    expect(reader, 1, 3);
    struct lks_arena arena = {0};
    struct lks_store_variant *variants;
    struct lks_str object = LKS_STR("object-2");
    size_t count;
    done(lks_store_near_variants(reader, &object, 1, 9, &arena, &variants, &count, &err), &err);
    assert_int_equal(count, 3);
    assert_true(lks_str_equal_text(variants[0].text, "the text of post number 0"));
    lks_arena_free(&arena);
    lks_store_close(reader);
    done(lks_store_open(path, LKS_STORE_READ, NULL, &reader, &err), &err);
    expect(reader, 0, 0);
    lks_store_close(reader);

    /* A representative without a text object, and nothing that stays of the attempt. */
    static const struct lks_store_near wrong[] = {{0, 77, 1}};
    done(lks_store_open(path, LKS_STORE_OPEN, NULL, &store, &err), &err);
    assert_int_equal(lks_store_near_set(store, wrong, 1, &err), LKS_ESTORE);
    expect(store, 0, 0);
    done(lks_store_near_set(store, near, 3, &err), &err);
    expect(store, 1, 3);
    lks_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kept_and_forgotten)};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/store.duckdb", folder);
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    rmdir(folder);
    return failures;
}
