/* parquet_test.c - Parquet written from CSV and read back through a mapping: types, hostile
 * names and contents, broken files */
#include "store/parquet.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/database.h"

static char folder[] = "/tmp/lockstep-parquet-XXXXXX";
/* Names that would be patterns, quotes or another file if they ever reached SQL. */
static char parquet[100], csv[100];

static int folder_make(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(parquet, sizeof parquet, "%s/it's [a-z]*?.parquet", folder);
    snprintf(csv, sizeof csv, "%s/\xff'; DROP.csv", folder);
    return 0;
}

static int folder_remove(void **state)
{
    (void)state;
    unlink(parquet);
    unlink(csv);
    return rmdir(folder);
}

static void done(int code, const struct lks_error *err)
{
    if (code != 0)
        fail_msg("%d: %s", code, err->message);
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* The result of a query as the Parquet file. */
static void parquet_make(const char *query)
{
    struct lks_error err = {0};
    struct lks_db db;
    char sql[4096];
    int file = open(parquet, O_RDWR | O_CREAT | O_TRUNC, 0666);
    assert_true(file >= 0);
    done(lks_db_open_beside(&db, "memory", -1, file, NULL, &err), &err);
    snprintf(sql, sizeof sql,
             "COPY (%s) TO '/proc/self/fd/%d' (FORMAT parquet, USE_TMP_FILE false)", query, file);
    done(lks_db_run(&db, sql, &err), &err);
    lks_db_close(&db);
    close(file);
}

/* Everything that was put, copied. */
struct collected {
    struct lks_arena arena;
    struct lks_str keys[64], texts[64], accounts[64], reasons[64];
    int64_t times_us[64];
    enum lks_time_precision precisions[64];
    uint64_t offsets[64];
    struct lks_str objects[64];
    enum lks_object_kind kinds[64];
    size_t posts_count, rejects_count, objects_count;
    uint64_t rows_count, all_posts_count;
};

static int collect(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    struct collected *all = context;
    (void)err;
    all->rows_count += batch->rows_count;
    all->all_posts_count += batch->posts_count;
    for (size_t i = 0; i < batch->posts_count && all->posts_count < 64; i++) {
        const struct lks_post *post = &batch->posts[i];
        size_t at = all->posts_count++;
        all->keys[at] = lks_arena_str(&all->arena, post->post_key);
        all->texts[at] = lks_arena_str(&all->arena, post->text);
        all->accounts[at] = lks_arena_str(&all->arena, post->account_key);
        all->times_us[at] = post->time_us;
        all->precisions[at] = post->time_precision;
        all->offsets[at] = post->offset_bytes;
    }
    for (size_t i = 0; i < batch->actions_count && all->objects_count < 64; i++) {
        all->kinds[all->objects_count] = batch->actions[i].kind;
        all->objects[all->objects_count++] = lks_arena_str(&all->arena, batch->actions[i].object);
    }
    for (size_t i = 0; i < batch->rejects_count && all->rejects_count < 64; i++)
        all->reasons[all->rejects_count++] = lks_arena_str(&all->arena, batch->rejects[i].reason);
    return 0;
}

static int read_all(const char *map, struct collected *all, struct lks_error *err)
{
    struct lks_mapping mapping;
    uint64_t rows_count = 0;
    memset(all, 0, sizeof *all);
    done(lks_mapping_parse(map, &mapping, err), err);
    int code = lks_parquet_read(parquet, &mapping, NULL, collect, all, &rows_count, err);
    lks_mapping_free(&mapping);
    if (code == 0)
        assert_int_equal(rows_count, all->rows_count);
    return code;
}

static int has_object(const struct collected *all, enum lks_object_kind kind, const char *text)
{
    for (size_t i = 0; i < all->objects_count; i++)
        if (all->kinds[i] == kind && lks_str_equal_text(all->objects[i], text))
            return 1;
    return 0;
}

static void reads_every_type(void **state)
{
    (void)state;
    struct lks_error err = {0};
    struct collected all;
    parquet_make("SELECT 9007199254740993 AS id, {'id': 42, 'in': {'name': 'x'}} AS user,"
                 " TIMESTAMPTZ '2024-11-24 10:00:00.5+02' AS t, 'text' AS text,"
                 " ['One', 'two'] AS tags, ['https://example.org/a,b'] AS links");
    done(read_all("account=user.id,time=t,text=text,post=id,hashtag=tags,url=links", &all, &err),
         &err);
    assert_int_equal(all.posts_count, 1);
    assert_string_equal(all.keys[0].data, "other:9007199254740993");
    assert_string_equal(all.accounts[0].data, "other:42");
    assert_int_equal(all.times_us[0], INT64_C(1732435200500000));
    assert_int_equal(all.precisions[0], LKS_PRECISION_SECOND);
    assert_string_equal(all.texts[0].data, "text");
    assert_true(has_object(&all, LKS_OBJECT_HASHTAG, "one"));
    assert_true(has_object(&all, LKS_OBJECT_HASHTAG, "two"));
    assert_true(has_object(&all, LKS_OBJECT_URL, "example.org/a,b"));
    lks_arena_free(&all.arena);

    parquet_make("SELECT 5.0::DOUBLE AS id, DATE '2024-11-24' AS t, 'a' AS who");
    done(read_all("account=who,time=t,post=id,platform==TikTok", &all, &err), &err);
    assert_string_equal(all.keys[0].data, "tiktok:5");
    assert_int_equal(all.precisions[0], LKS_PRECISION_DAY);
    lks_arena_free(&all.arena);

    parquet_make("SELECT 1606451170.518101::DOUBLE AS t, 'a' AS who, 'user' AS \"user.id\""
                 " UNION ALL SELECT 1606451171, 'b', NULL");
    done(read_all("account=who,time=t,post=user.id", &all, &err), &err);
    assert_int_equal(all.times_us[0], INT64_C(1606451170518101));
    assert_string_equal(all.keys[0].data, "other:user");
    lks_arena_free(&all.arena);

    parquet_make("SELECT TIMESTAMP_NS '2016-07-01 00:04:00' AS t, 'a' AS who, 1 AS id UNION ALL"
                 " SELECT NULL, 'b', 2 UNION ALL SELECT 'infinity'::TIMESTAMP, 'c', 3");
    done(read_all("account=who,time=t,post=id", &all, &err), &err);
    assert_int_equal(all.posts_count, 1);
    assert_int_equal(all.rejects_count, 2);
    lks_arena_free(&all.arena);
}

/* An id that went through a double is lost, and said to be. */
static void rejects_lost_ids(void **state)
{
    (void)state;
    struct lks_error err = {0};
    struct collected all;
    parquet_make("SELECT 801234567890123456::DOUBLE AS id, 'a' AS who, 1606451170 AS t");
    done(read_all("account=who,time=t,post=id", &all, &err), &err);
    assert_int_equal(all.posts_count, 0);
    assert_int_equal(all.rejects_count, 1);
    lks_arena_free(&all.arena);
}

/* Rows keep their order and number over many chunks and row groups. */
static void keeps_the_order(void **state)
{
    (void)state;
    struct lks_error err = {0};
    struct collected all;
    parquet_make("SELECT i AS id, 'u' || (i % 7) AS who, 1600000000 + i AS t"
                 " FROM range(300000) r(i)");
    done(read_all("account=who,time=t,post=id", &all, &err), &err);
    assert_int_equal(all.rows_count, 300000);
    assert_int_equal(all.all_posts_count, 300000);
    for (size_t i = 0; i < 64; i++) {
        assert_int_equal(all.offsets[i], i);
        assert_int_equal(all.times_us[i], (1600000000 + (int64_t)i) * LKS_SECOND_US);
    }
    lks_arena_free(&all.arena);
}

static void refuses(const char *map, int code, const char *words)
{
    struct lks_error err = {0};
    struct collected all;
    assert_int_equal(read_all(map, &all, &err), code);
    assert_non_null(strstr(err.message, words));
    assert_null(strchr(err.message, '\n'));
    lks_arena_free(&all.arena);
}

static void refuses_broken_files(void **state)
{
    (void)state;
    static char bytes[100000];
    parquet_make("SELECT 'a' AS who, 1606451170 AS t");
    assert_int_equal(lks_parquet_recognise(parquet), 1);
    refuses("account=who,time=when", LKS_EARGUMENT, "it has: who, t");
    refuses("account=who.name,time=t", LKS_EINPUT, "cannot be read");
    FILE *file = fopen(parquet, "rb");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    write_file(parquet, bytes, size - 1);
    assert_int_equal(lks_parquet_recognise(parquet), 0);
    refuses("account=who,time=t", LKS_EINPUT, ".parquet: cannot be read");
    for (size_t at = 4; at + 8 < size; at += 1 + size / 150) { /* damage from end to end */
        struct lks_error err = {0};
        struct collected all;
        char kept = bytes[at];
        bytes[at] = (char)(bytes[at] ^ 0x55);
        write_file(parquet, bytes, size);
        read_all("account=who,time=t", &all, &err); /* any status, no crash */
        lks_arena_free(&all.arena);
        bytes[at] = kept;
    }
    write_file(parquet, "PAR1PAR1PAR1", 12);
    assert_int_equal(lks_parquet_recognise(parquet), 1);
    refuses("account=who,time=t", LKS_EINPUT, ".parquet: cannot be read");
    write_file(parquet, "PAR1", 4);
    assert_int_equal(lks_parquet_recognise(parquet), 0);
    assert_int_equal(lks_parquet_recognise(folder), 0);
    assert_int_equal(lks_parquet_recognise("/nonexistent"), 0);
}

static void writes_what_the_csv_says(void **state)
{
    (void)state;
    static const char *const types[] = {"BIGINT", "TIMESTAMP", "VARCHAR", "DOUBLE"};
    static const char text[] = "id,when,\"te\"\"xt, 'one'\nline\",x\n"
                               "9007199254740993,2016-07-01 00:00:05,\"a, \"\"b\"\"\nc\",0.1\n"
                               "-1,2016-07-02 00:00:05.25,,\n";
    struct lks_error err = {0};
    struct lks_db db;
    struct lks_rows rows;
    char sql[200];
    write_file(csv, text, sizeof text - 1);
    done(lks_parquet_from_csv(csv, types, 4, parquet, &err), &err);
    int file = open(parquet, O_RDONLY);
    done(lks_db_open_beside(&db, "memory", file, -1, NULL, &err), &err);
    snprintf(sql, sizeof sql, "SELECT * FROM read_parquet('/proc/self/fd/%d')", file);
    done(lks_rows_open(&rows, &db, sql, &err), &err);
    assert_string_equal(lks_duckdb.column_name(&rows.result, 2), "te\"xt, 'one'\nline");
    assert_int_equal(lks_duckdb.column_type(&rows.result, 1), DUCKDB_TYPE_TIMESTAMP);
    assert_int_equal(lks_rows_next(&rows, &err), 1);
    assert_int_equal(rows.count, 2);
    assert_int_equal(lks_rows_i64(&rows, 0, 0), INT64_C(9007199254740993));
    assert_int_equal(lks_rows_i64(&rows, 1, 1), INT64_C(1467417605250000));
    assert_true(lks_str_equal_text(lks_rows_text(&rows, 2, 0), "a, \"b\"\nc"));
    assert_true(lks_rows_null(&rows, 2, 1) && lks_rows_null(&rows, 3, 1));
    assert_true(((double *)rows.data[3])[0] == 0.1);
    lks_rows_close(&rows);
    lks_db_close(&db);
    close(file);
}

static void writes_all_or_nothing(void **state)
{
    (void)state;
    static const char *const types[] = {"BIGINT", "VARCHAR"};
    struct lks_error err = {0};
    unlink(parquet);
    static const char *const bad[] = {"a,b\n1,x\nnot a number,y\n", "a\n1\n", "a,b,c\n1,2,3\n", "",
                                      "\"a,b\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err.code = 0;
        write_file(csv, bad[i], strlen(bad[i]));
        assert_int_equal(lks_parquet_from_csv(csv, types, 2, parquet, &err), LKS_EINPUT);
        assert_int_equal(access(parquet, F_OK), -1);
    }
    /* A text as long as a record may hold, all of it quotes. */
    size_t size = LKS_TEXT_BYTES_MAX;
    char *large = malloc(2 * size + 100);
    int head = sprintf(large, "a,b\n1,\"");
    memset(large + head, '"', 2 * size);
    memcpy(large + (size_t)head + 2 * size, "\"\n", 2);
    write_file(csv, large, (size_t)head + 2 * size + 2);
    free(large);
    err.code = 0;
    done(lks_parquet_from_csv(csv, types, 2, parquet, &err), &err);
    assert_int_equal(access(parquet, F_OK), 0);
    write_file(csv, "a,b\n", 4); /* no rows */
    done(lks_parquet_from_csv(csv, types, 2, parquet, &err), &err);
    assert_int_equal(lks_parquet_recognise(parquet), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_type),         cmocka_unit_test(rejects_lost_ids),
        cmocka_unit_test(keeps_the_order),          cmocka_unit_test(refuses_broken_files),
        cmocka_unit_test(writes_what_the_csv_says), cmocka_unit_test(writes_all_or_nothing),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
