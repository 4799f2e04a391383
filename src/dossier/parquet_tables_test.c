/* parquet_tables_test.c - tables as Parquet, read back as a source of posts */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "dossier/parquet_tables.h"
#include "dossier/test_results.h"
#include "source/mapping.h"
#include "store/parquet.h"

struct check {
    const struct lks_results *results;
    uint64_t seen;
};

/* The text with bad bytes and NUL as U+FFFD, as the table must have it. */
static int same_text(struct lks_str found, struct lks_str given)
{
    struct lks_buffer clean = {0};
    if (!given.data)
        return found.data == NULL;
    for (size_t at = 0, size; at < given.size_bytes; at += size) {
        uint32_t c;
        size = lks_utf8_next(given, at, &c);
        if (c == LKS_UTF8_BAD || c == 0)
            lks_buffer_text(&clean, "\xef\xbf\xbd");
        else
            lks_buffer_append(&clean, given.data + at, size);
    }
    int same = lks_str_equal(found, (struct lks_str){clean.data, clean.size_bytes});
    lks_buffer_free(&clean);
    return same;
}

static int check_batch(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    struct check *check = context;
    (void)err;
    assert_int_equal(batch->rejects_count, 0);
    for (size_t i = 0; i < batch->posts_count; i++) {
        const struct lks_result_post *given = check->results->posts + check->seen++;
        assert_true(same_text(batch->posts[i].text, given->post.text));
        assert_int_equal(batch->posts[i].time_us, given->post.time_us);
    }
    return 0;
}

static void posts_come_back(void **state)
{
    (void)state;
    char path[] = "/tmp/lockstep-parquet-XXXXXX";
    int fd = mkstemp(path);
    struct lks_results results;
    struct lks_mapping mapping = {0};
    struct lks_error err = {0};
    struct check check = {&results, 0};
    uint64_t rows = 0;
    assert_true(fd >= 0);
    close(fd);
    test_results(&results);
    assert_int_equal(lks_parquet_table_write(&results, LKS_SHEET_POSTS, path, &err), 0);
    assert_true(lks_parquet_recognise(path));
    assert_int_equal(
        lks_mapping_parse("account=account_key,time=time,post=post_key,text=text", &mapping, &err),
        0);
    assert_int_equal(lks_parquet_read(path, &mapping, NULL, check_batch, &check, &rows, &err), 0);
    assert_int_equal(rows, results.evidence_count);
    assert_int_equal(check.seen, results.evidence_count);
    lks_mapping_free(&mapping);
    lks_results_free(&results);
    unlink(path);
}

/* All tables can be written, also empty ones; the CSV on the way is gone afterwards. */
static void every_table(void **state)
{
    (void)state;
    struct lks_results full, empty = {0};
    char folder[] = "/tmp/lockstep-parquet-XXXXXX", path[64], csv[80];
    assert_non_null(mkdtemp(folder));
    test_results(&full);
    snprintf(path, sizeof path, "%s/table", folder);
    snprintf(csv, sizeof csv, "%s.csv", path);
    for (int table = 0; table < LKS_EXPORTS_COUNT; table++) {
        struct lks_error err = {0};
        assert_int_equal(lks_parquet_table_write(&full, (enum lks_export)table, path, &err), 0);
        assert_int_equal(lks_parquet_table_write(&empty, (enum lks_export)table, path, &err), 0);
        assert_true(lks_parquet_recognise(path));
        assert_int_not_equal(access(csv, F_OK), 0);
    }
    struct lks_error err = {0};
    unlink(path);
    rmdir(folder);
    assert_int_equal(lks_parquet_table_write(&full, LKS_SHEET_NODES, path, &err), LKS_EIO);
    lks_results_free(&full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_come_back),
        cmocka_unit_test(every_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
