/* damage_test.c - files that are no store, are damaged or lie; text that is no text: a status
 * and one sentence, never a crash, and nothing changed or left behind */
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <duckdb.h>

#include "base/rng.h"
#include "store/database.h"
#include "store/store.h"
#include "store/test_store.h"

static void write_file(const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Opening must fail with this code and a sentence that names the file and fits on a line. */
static void refuses(enum lks_store_mode mode, int code)
{
    struct lks_error err = {0};
    struct lks_store *store = (struct lks_store *)path;
    assert_int_equal(lks_store_open(path, mode, NULL, &store, &err), code);
    assert_null(store);
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.message, "store.duckdb"));
    assert_null(strchr(err.message, '\n'));
}

/* A small store: two accounts, a shared object, one that is not. */
static void small_store(struct lks_store **store_out)
{
    struct lks_error err = {0};
    struct lks_batch batch = {0};
    struct lks_store_file file = {.name = "f", .size_bytes = 1};
    uint64_t duplicates;
    memset(file.sha256, 'a', 64);
    unlink(path);
    unlink(wal);
    done(lks_store_open(path, LKS_STORE_CREATE, NULL, store_out, &err), &err);
    done(lks_store_begin(*store_out, &err), &err);
    done(lks_store_file_add(*store_out, &file, &err), &err);
    for (int i = 0; i < 3; i++) {
        static const char *const keys[] = {"t:1", "t:2", "t:3"};
        static const char *const accounts[] = {"t:a", "t:b", "t:a"};
        struct lks_post *post = lks_batch_post(&batch);
        post->platform = LKS_STR("t");
        post->post_key = lks_str_from(keys[i]);
        post->account_key = lks_str_from(accounts[i]);
        post->time_us = i;
        lks_batch_action(&batch, LKS_OBJECT_URL, i < 2 ? LKS_STR("u") : LKS_STR("lonely"));
    }
    done(lks_store_append(*store_out, file.file_index, &batch, &duplicates, &err), &err);
    done(lks_store_commit(*store_out, &err), &err);
    lks_batch_free(&batch);
}

static void refuses_what_is_no_store(void **state)
{
    (void)state;
    char zeros[20000] = {0};
    refuses(LKS_STORE_OPEN, LKS_EMISSING);
    refuses(LKS_STORE_READ, LKS_EMISSING);
    write_file("", 0);
    refuses(LKS_STORE_READ, LKS_ESTORE);
    refuses(LKS_STORE_CREATE, LKS_ESTORE);
    write_file("hello, world\n", 13);
    refuses(LKS_STORE_OPEN, LKS_ESTORE);
    refuses(LKS_STORE_READ, LKS_ESTORE);
    refuses(LKS_STORE_CREATE, LKS_ESTORE);
    write_file(zeros, sizeof zeros);
    refuses(LKS_STORE_OPEN, LKS_ESTORE);
    unlink(path);
    assert_int_equal(mkdir(path, 0777), 0);
    refuses(LKS_STORE_OPEN, LKS_ESTORE);
    refuses(LKS_STORE_CREATE, LKS_ESTORE);
    assert_int_equal(rmdir(path), 0);
    struct lks_error err = {0};
    struct lks_store *store;
    assert_int_equal(
        lks_store_open("/nonexistent-folder/store.duckdb", LKS_STORE_CREATE, NULL, &store, &err),
        LKS_ESTORE);
    assert_null(store);
}

/* Makes a DuckDB file with statements of someone else. */
static void foreign(const char *sql)
{
    struct lks_db db;
    struct lks_error err = {0};
    unlink(path);
    done(lks_db_open(&db, path, LKS_DB_CREATE, NULL, 0, &err), &err);
    done(lks_db_run(&db, sql, &err), &err);
    lks_db_close(&db);
}

static void refuses_foreign_tables(void **state)
{
    (void)state;
    foreign("CREATE TABLE t (a INTEGER)");
    refuses(LKS_STORE_OPEN, LKS_ESTORE);
    foreign("CREATE TABLE meta (name VARCHAR, value VARCHAR);"
            "INSERT INTO meta VALUES ('schema_version', '1')");
    refuses(LKS_STORE_READ, LKS_ESTORE);
    foreign("CREATE VIEW meta AS SELECT 'schema_version' AS name, '1' AS value");
    refuses(LKS_STORE_READ, LKS_ESTORE);
    foreign("CREATE TABLE meta (name INTEGER[], value STRUCT(a INTEGER))");
    refuses(LKS_STORE_READ, LKS_ESTORE);
}

/* The bytes of a small store, made once. */
static const char *small_bytes(size_t *size_out)
{
    static char bytes[4 << 20];
    static size_t size;
    if (!size) {
        struct lks_store *store;
        small_store(&store);
        lks_store_close(store);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        assert_in_range(size, 4096, sizeof bytes - 1);
    }
    *size_out = size;
    return bytes;
}

/* Does to a sound store what a statement says. */
static void tamper(const char *sql)
{
    struct lks_db db;
    struct lks_error err = {0};
    size_t size;
    const char *bytes = small_bytes(&size);
    write_file(bytes, size);
    done(lks_db_open(&db, path, LKS_DB_WRITE, NULL, 0, &err), &err);
    done(lks_db_run(&db, sql, &err), &err);
    lks_db_close(&db);
}

static void refuses_other_versions_and_tables(void **state)
{
    (void)state;
    struct lks_error err = {0};
    struct lks_store *store;
    tamper("UPDATE meta SET value = '999' WHERE name = 'schema_version'");
    assert_int_equal(lks_store_open(path, LKS_STORE_READ, NULL, &store, &err), LKS_ESTORE);
    assert_non_null(strstr(err.message, "version 999"));
    tamper("ALTER TABLE post DROP COLUMN text");
    refuses(LKS_STORE_READ, LKS_ESTORE);
    tamper("ALTER TABLE action ALTER post_index TYPE BIGINT");
    refuses(LKS_STORE_OPEN, LKS_ESTORE);
    tamper("ALTER TABLE reject RENAME TO other");
    refuses(LKS_STORE_READ, LKS_ESTORE);
    tamper("ALTER TABLE post RENAME TO hidden; CREATE VIEW post AS SELECT * FROM hidden");
    refuses(LKS_STORE_READ, LKS_ESTORE);
}

static void refuses_lying_rows(void **state)
{
    (void)state;
    static const char *const lies[] = {
        "UPDATE post SET post_index = 7 WHERE post_index = 1",
        "UPDATE post SET post_index = 0",
        "UPDATE post SET post_index = NULL WHERE post_index = 1",
        "UPDATE post SET account_index = 4000000000",
        "UPDATE post SET account_index = NULL",
        "UPDATE post SET time_us = -5",
        "UPDATE post SET time_us = NULL",
        "DELETE FROM post WHERE post_index = 0",
        "UPDATE action SET post_index = 4294967295",
        "UPDATE action SET post_index = NULL",
        "UPDATE action SET object = NULL WHERE post_index = 1",
        "INSERT INTO action SELECT * FROM action",
        "DELETE FROM account",
    };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        struct lks_error err = {0};
        struct lks_events events;
        struct lks_store *store;
        tamper(lies[i]);
        done(lks_store_open(path, LKS_STORE_READ, NULL, &store, &err), &err);
        int code = lks_store_events(store, ~0u, NULL, &events, &err);
        if (code != LKS_ESTORE)
            fail_msg("%s: %d %s", lies[i], code, err.message);
        assert_non_null(strstr(err.message, "damaged"));
        assert_null(events.object);
        lks_store_close(store);
    }
}

static void refuses_to_fill_lying_stores(void **state)
{
    (void)state;
    static const char *const lies[] = {
        "DELETE FROM post WHERE post_index = 1",
        "UPDATE account SET account_key = 'same'",
        "UPDATE post SET post_index = 4294967295 WHERE post_index = 1",
    };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        struct lks_error err = {0};
        struct lks_store *store;
        tamper(lies[i]);
        done(lks_store_open(path, LKS_STORE_OPEN, NULL, &store, &err), &err);
        assert_int_equal(lks_store_begin(store, &err), LKS_ESTORE);
        assert_non_null(strstr(err.message, "damaged"));
        lks_store_close(store);
    }
}

/* Views in a store may say anything: what reads it looks at tables only, and a view that
 * reaches for other files gets none. */
static void gives_no_other_files(void **state)
{
    (void)state;
    static const char *const reaching[] = {"SELECT * FROM read_text('/etc/passwd')",
                                           "SELECT * FROM '/etc/passwd'",
                                           "COPY post TO '/tmp/lockstep-damage-out.csv'",
                                           "ATTACH '/tmp/lockstep-damage-out.duckdb'",
                                           "INSTALL httpfs",
                                           "LOAD httpfs",
                                           "SET enable_external_access = true",
                                           "SELECT * FROM read_csv('/proc/self/environ')"};
    struct lks_store *store;
    struct lks_db db;
    struct lks_error none = {0};
    small_store(&store);
    lks_store_close(store);
    done(lks_db_open(&db, path, LKS_DB_WRITE, NULL, 0, &none), &none);
    for (size_t i = 0; i < sizeof reaching / sizeof *reaching; i++) {
        struct lks_error err = {0};
        assert_int_equal(lks_db_run(&db, reaching[i], &err), LKS_ESTORE);
    }
    lks_db_close(&db);
}

/* Bytes changed, cut off or added anywhere: some status, no crash; and where the file still
 * opens and reads, sane columns. */
static void survives_changed_bytes(void **state)
{
    (void)state;
    struct lks_store *store;
    struct lks_rng rng;
    static char changed[4 << 20];
    size_t size;
    const char *whole = small_bytes(&size);
    for (uint64_t seed = 0; seed < 48; seed++) {
        lks_rng_init(&rng, 21, seed);
        size_t left = size;
        memcpy(changed, whole, size);
        if (seed % 3 == 0)
            left = lks_rng_below(&rng, size);
        else
            for (uint64_t i = 1 + lks_rng_below(&rng, 4); i > 0; i--)
                changed[lks_rng_below(&rng, seed % 3 == 1 ? 12288 : size)] ^=
                    (char)(1 + lks_rng_below(&rng, 255));
        write_file(changed, left);
        struct lks_error err = {0};
        struct lks_events events = {0};
        if (lks_store_open(path, LKS_STORE_READ, NULL, &store, &err) == 0 &&
            lks_store_events(store, ~0u, NULL, &events, &err) == 0)
            lks_events_check(&events);
        lks_events_free(&events);
        lks_store_close(store);
        if (err.code)
            assert_null(strchr(err.message, '\n'));
    }
}

/* What the second process does: a fresh one, since a copy of this one would hold DuckDB's
 * locks. */
static int second_process(const char *store_path)
{
    struct lks_error err = {0};
    struct lks_store *store;
    int code = lks_store_open(store_path, LKS_STORE_OPEN, NULL, &store, &err);
    return code == LKS_ESTORE && strstr(err.message, "another process") ? 0 : 1;
}

static void says_that_another_uses_it(void **state)
{
    (void)state;
    struct lks_store *store;
    char program[] = "/proc/self/exe", *arguments[] = {program, path, NULL};
    pid_t child;
    int status = -1;
    small_store(&store);
    assert_int_equal(posix_spawn(&child, program, NULL, NULL, arguments, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    lks_store_close(store);
}

static struct lks_post *post_of(struct lks_batch *batch, struct lks_str key, struct lks_str account)
{
    struct lks_post *post = lks_batch_post(batch);
    post->platform = LKS_STR("t");
    post->post_key = key;
    post->account_key = account;
    post->time_us = 1;
    return post;
}

/* Bytes that are no UTF-8 become U+FFFD, the same key whenever it comes again. */
static void repairs_text(void **state)
{
    (void)state;
    static const struct {
        struct lks_str is, becomes;
    } texts[] = {
        {LKS_STR("\xff"), LKS_STR("\xef\xbf\xbd")},
        {LKS_STR("caf\xe9 au lait, long enough"), LKS_STR("caf\xef\xbf\xbd au lait, long enough")},
        {LKS_STR("cut \xf0\x9f\x98"), LKS_STR("cut \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")},
        {LKS_STR("\xed\xa0\x80"), LKS_STR("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")},
        {LKS_STR("\xc0\x80"), LKS_STR("\xef\xbf\xbd\xef\xbf\xbd")},
        {LKS_STR("\xf4\x8f\xbf\xbf good"), LKS_STR("\xf4\x8f\xbf\xbf good")},
    };
    struct lks_error err = {0};
    struct lks_store *store;
    struct lks_batch batch = {0};
    struct lks_arena arena = {0};
    struct lks_post posts[6];
    uint32_t indexes[6], account;
    uint64_t duplicates;
    unlink(path);
    done(lks_store_open(path, LKS_STORE_CREATE, NULL, &store, &err), &err);
    done(lks_store_begin(store, &err), &err);
    for (size_t i = 0; i < 6; i++) {
        indexes[i] = (uint32_t)i;
        post_of(&batch, texts[i].is, texts[i].is)->text = texts[i].is;
        lks_batch_action(&batch, LKS_OBJECT_TEXT, texts[i].is);
        assert_int_equal(lks_batch_reject(&batch, 1, 1, "bad", texts[i].is), 0);
    }
    done(lks_store_append(store, 0, &batch, &duplicates, &err), &err);
    assert_int_equal(duplicates, 0);
    done(lks_store_commit(store, &err), &err);
    lks_store_close(store);
    done(lks_store_open(path, LKS_STORE_OPEN, NULL, &store, &err), &err);
    done(lks_store_begin(store, &err), &err);
    done(lks_store_append(store, 0, &batch, &duplicates, &err), &err);
    assert_int_equal(duplicates, 6);
    done(lks_store_commit(store, &err), &err);
    done(lks_store_posts(store, indexes, 6, &arena, posts, NULL, &err), &err);
    for (size_t i = 0; i < 6; i++) {
        assert_true(lks_str_equal(posts[i].text, texts[i].becomes));
        assert_true(lks_str_equal(posts[i].post_key, texts[i].becomes));
        assert_true(lks_str_equal(posts[i].account_key, texts[i].becomes));
        done(lks_store_account_find(store, texts[i].is, &account, &err), &err);
        assert_int_equal(account, i);
    }
    lks_store_close(store);
    lks_arena_free(&arena);
    lks_batch_free(&batch);
}

/* A record without what it must have stops the ingest; what was there stays. */
static void keeps_nothing_of_a_failed_ingest(void **state)
{
    (void)state;
    for (int flaw = 0; flaw < 3; flaw++) {
        struct lks_error err = {0};
        struct lks_store *store;
        struct lks_store_counts counts;
        struct lks_batch batch = {0};
        uint64_t duplicates;
        char before[65], after[65];
        small_store(&store);
        done(lks_store_digest(store, NULL, before, &err), &err);
        done(lks_store_begin(store, &err), &err);
        post_of(&batch, LKS_STR("t:9"), LKS_STR("t:new"));
        struct lks_post *post = post_of(&batch, LKS_STR("t:10"), LKS_STR("t:a"));
        if (flaw == 0)
            post->post_key = LKS_STR_NULL;
        else if (flaw == 1)
            post->account_key = LKS_STR("");
        else
            post->time_us = LKS_TIME_NULL;
        assert_int_equal(lks_store_append(store, 0, &batch, &duplicates, &err), LKS_EINPUT);
        err.code = 0;
        assert_int_equal(lks_store_append(store, 0, &batch, &duplicates, &err), LKS_ESTORE);
        err.code = 0;
        assert_int_equal(lks_store_commit(store, &err), LKS_ESTORE); /* and rolls back */
        err.code = 0;
        done(lks_store_counts(store, &counts, &err), &err);
        assert_int_equal(counts.posts, 3);
        assert_int_equal(counts.accounts, 2);
        done(lks_store_digest(store, NULL, after, &err), &err);
        assert_string_equal(before, after);
        /* The same keys are as new as before. */
        lks_batch_reset(&batch);
        post_of(&batch, LKS_STR("t:9"), LKS_STR("t:new"));
        done(lks_store_begin(store, &err), &err);
        done(lks_store_append(store, 0, &batch, &duplicates, &err), &err);
        assert_int_equal(duplicates, 0);
        done(lks_store_commit(store, &err), &err);
        lks_store_close(store);
        lks_batch_free(&batch);
    }
}

int main(int argc, char **argv)
{
    if (argc == 2)
        return second_process(argv[1]);

    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_store),
        cmocka_unit_test(refuses_foreign_tables),
        cmocka_unit_test(refuses_other_versions_and_tables),
        cmocka_unit_test(refuses_lying_rows),
        cmocka_unit_test(refuses_to_fill_lying_stores),
        cmocka_unit_test(gives_no_other_files),
        cmocka_unit_test(survives_changed_bytes),
        cmocka_unit_test(says_that_another_uses_it),
        cmocka_unit_test(repairs_text),
        cmocka_unit_test(keeps_nothing_of_a_failed_ingest),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
