/* real_test.c - real files with known counts; skipped where they are not there
 *
 * They lie in the folder that LOCKSTEP_DATA names, else in ../shared beside the checkout. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/intern.h"
#include "source/source.h"

struct seen {
    struct lks_intern posts, reasons;
    uint64_t actions[LKS_OBJECT_KINDS_COUNT];
    uint64_t not_minute, first_lines[16];
    struct lks_source_summary summary;
    struct lks_error err;
};

static int seen_put(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    struct seen *seen = context;
    (void)err;
    for (size_t i = 0; i < batch->posts_count; i++) {
        lks_intern_add(&seen->posts, batch->posts[i].post_key, NULL);
        seen->not_minute += batch->posts[i].time_precision != LKS_PRECISION_MINUTE;
    }
    for (size_t i = 0; i < batch->actions_count; i++)
        seen->actions[batch->actions[i].kind]++;
    for (size_t i = 0; i < batch->rejects_count; i++)
        lks_intern_add(&seen->reasons, batch->rejects[i].reason, NULL);
    return 0;
}

/* Reads a file under the data folder, or skips the test. */
static int read_real(const char *name, const char *map, unsigned threads, double share,
                     struct seen *seen)
{
    char path[4096];
    const char *folder = getenv("LOCKSTEP_DATA");
    struct lks_source_options options = lks_source_options_default();
    struct lks_control control = {.threads = threads};
    struct lks_mapping mapping = {{NULL}};
    *seen = (struct seen){0};
    if (folder)
        snprintf(path, sizeof path, "%s/%s", folder, name);
    else {
        /* src/source/real_test.c lies two folders below the checkout. */
        const char *file = __FILE__;
        int root = (int)(strlen(file) - strlen("src/source/real_test.c"));
        snprintf(path, sizeof path, "%.*s../shared/%s", root > 0 ? root : 0, file, name);
    }
    if (access(path, R_OK) != 0) {
        print_message("no %s: LOCKSTEP_DATA is not there\n", name);
        skip();
    }
    if (map) {
        assert_int_equal(lks_mapping_parse(map, &mapping, NULL), 0);
        options.mapping = &mapping;
    }
    options.rejects_share_max = share;
    int code =
        lks_source_read(path, &options, &control, seen_put, seen, &seen->summary, &seen->err);
    lks_mapping_free(&mapping);
    return code;
}

static void seen_free(struct seen *seen)
{
    lks_intern_free(&seen->posts);
    lks_intern_free(&seen->reasons);
}

/* 280,109 rows, 279,439 of them distinct, by Python's csv module. */
static void ira_second_half_of_2016(void **unused)
{
    (void)unused;
    for (unsigned threads = 1; threads <= 2; threads++) {
        struct seen seen;
        assert_int_equal(read_real("data/ira_2016h2_dev.csv.zst", NULL, threads, 0, &seen), 0);
        assert_string_equal(seen.summary.adapter, "ira");
        assert_int_equal(seen.summary.rows_count, 280109);
        assert_int_equal(seen.summary.posts_count, 280109);
        assert_int_equal(seen.summary.rejects_count, 0);
        assert_int_equal(seen.summary.cp1252_count, 0);
        assert_int_equal(seen.summary.content_bytes, 66327250);
        assert_int_equal(seen.posts.count, 279439);
        assert_int_equal(seen.not_minute, 0);
        seen_free(&seen);
    }
}

static void coortweet_files(void **unused)
{
    (void)unused;
    static const struct {
        const char *name;
        uint64_t rows, contents;
        enum lks_object_kind kind;
    } files[] = {{"conformance/de_url.csv.zst", 41100, 41100, LKS_OBJECT_URL},
                 {"conformance/de_img.csv.zst", 16934, 16553, LKS_OBJECT_MEDIA},
                 {"conformance/de_tag.csv.zst", 36005, 36005, LKS_OBJECT_HASHTAG},
                 {"conformance/de_fburl.csv.zst", 15994, 15994, LKS_OBJECT_URL},
                 {"conformance/zipf100k.csv.zst", 100000, 100000, LKS_OBJECT_URL}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct seen seen;
        assert_int_equal(read_real(files[i].name, NULL, 2, 0, &seen), 0);
        assert_string_equal(seen.summary.adapter, "coortweet");
        assert_int_equal(seen.summary.rows_count, files[i].rows);
        assert_int_equal(seen.summary.posts_count + seen.summary.ignored_count, files[i].rows);
        assert_int_equal(seen.posts.count, files[i].contents);
        assert_int_equal(seen.actions[files[i].kind], files[i].rows);
        seen_free(&seen);
    }
}

static void coortweet_sample(void **unused)
{
    (void)unused;
    struct seen seen;
    assert_int_equal(read_real("data/coortweet_german_elections.csv.zst", NULL, 2, 0, &seen), 0);
    assert_string_equal(seen.summary.adapter, "coortweet-wide");
    assert_int_equal(seen.summary.rows_count, 218971);
    assert_int_equal(seen.summary.posts_count + seen.summary.ignored_count, 218971);
    assert_int_equal(seen.summary.rejects_count, 0);
    seen_free(&seen);
}

static void cnt_files(void **unused)
{
    (void)unused;
    struct seen seen;
    assert_int_equal(read_real("conformance/cnt_sample_data.csv", NULL, 1, 0, &seen), 0);
    assert_string_equal(seen.summary.adapter, "cnt");
    assert_int_equal(seen.summary.posts_count, 100);
    seen_free(&seen);
    assert_int_equal(read_real("conformance/cnt_coretweet_test_input.csv", NULL, 1, 0, &seen), 0);
    assert_int_equal(seen.summary.rejects_count, 0);
    seen_free(&seen);
    assert_int_equal(read_real("conformance/text20k.csv.zst", NULL, 2, 0, &seen), 0);
    assert_int_equal(seen.summary.posts_count, 20000);
    seen_free(&seen);
    assert_int_equal(read_real("formats/twitter-io/sample.csv", NULL, 1, 0, &seen), 0);
    assert_string_equal(seen.summary.adapter, "twitter-io");
    assert_int_equal(seen.summary.posts_count, 1);
    seen_free(&seen);
}

static void malformed(void **unused)
{
    (void)unused;
    struct seen seen;
    assert_int_equal(read_real("data/malformed/ira_odd_unicode.csv", NULL, 2, 0, &seen), 0);
    assert_string_equal(seen.summary.adapter, "ira");
    assert_int_equal(seen.summary.posts_count, 209);
    seen_free(&seen);
    /* Each id is lost: mostly bad, unless the caller wants to see it all the same. */
    static const char tweets[] = "data/malformed/tweets_cp1252_embedded_newlines_sci_ids.csv";
    static const char ads[] = "data/malformed/fb_ads_bad_amounts.csv";
    assert_int_equal(read_real(tweets, NULL, 2, 0.5, &seen), LKS_EINPUT);
    assert_non_null(strstr(seen.err.message, "200 of 200 rows cannot be taken as twitter-r"));
    assert_non_null(strstr(seen.err.message, "id in scientific notation: the id is lost (200 "
                                             "times, first in line 2)"));
    seen_free(&seen);
    assert_int_equal(read_real(tweets, NULL, 2, 1, &seen), 0);
    assert_int_equal(seen.summary.rows_count, 200);
    assert_int_equal(seen.summary.rejects_count, 200);
    assert_int_equal(seen.summary.cp1252_count, 160);
    assert_int_equal(seen.reasons.count, 1);
    seen_free(&seen);
    assert_int_equal(read_real(ads, NULL, 2, 0.5, &seen), LKS_EINPUT);
    assert_non_null(strstr(seen.err.message, "--map"));
    seen_free(&seen);
    assert_int_equal(
        read_real(ads, "account=Ad ID,time=Ad Creation Date,text=Ad Text", 2, 0.5, &seen),
        LKS_EINPUT);
    assert_non_null(strstr(seen.err.message, "85 of 85 rows"));
    assert_non_null(strstr(seen.err.message, "bad time"));
    seen_free(&seen);
    assert_int_equal(read_real("data/perceptual_hash/aaa-orig.jpg", NULL, 1, 1, &seen), LKS_EINPUT);
    assert_non_null(strstr(seen.err.message, "JPEG"));
    seen_free(&seen);
}

static void labelled_mix_by_mapping(void **unused)
{
    (void)unused;
    struct seen seen;
    assert_int_equal(read_real("data/mix_feb2015.ndjson.zst",
                               "platform=platform,account=account,time=t,text=text,post=post_id,"
                               "kind=is_repost,language=lang",
                               2, 0, &seen),
                     0);
    assert_string_equal(seen.summary.adapter, "jsonl");
    /* 2,088 + 14,640 posts, by the data's description. */
    assert_int_equal(seen.summary.posts_count, 16728);
    assert_int_equal(seen.posts.count, 16728);
    seen_free(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ira_second_half_of_2016),
                                       cmocka_unit_test(coortweet_files),
                                       cmocka_unit_test(coortweet_sample),
                                       cmocka_unit_test(cnt_files),
                                       cmocka_unit_test(malformed),
                                       cmocka_unit_test(labelled_mix_by_mapping)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
