/* tiktok_ads_test.c - paid videos and advertisements, from files to records */
#include "source/test_read.h"

static void reads_the_table(void **state)
{
    (void)state;
    const char *out = read_as(
        "tiktok-ads",
        "id,create_date,create_timestamp,label,video_views,http_status,"
        "collection_datetime_utc,path,ocr\n"
        "v0f01,2024-12-06T21:51:23,1733521883,Paid Partnership,1K-10K,,,,\"On the screen\"\n"
        "v0f02,2024-12-06T21:51:24,,Promotional Content,10M-20M,,,,\n"
        "v0f03,2024-12-06,1733521883,Something New,,,,,\n"
        ",2024-12-06,1733521883,Paid Partnership,0-1K,,,,\n"
        "v0f05,soon,,Paid Partnership,0-1K,,,,\n");
    assert_has(out, "post ad 2024-12-06T21:51:23Z second platform=tiktok key=tiktok:v0f01 "
                    "account=tiktok:unknown/v0f01 transcript=On the screen views=1000 paid=1\n");
    assert_has(out, "  media v0f01\n");
    assert_has(out, "post ad 2024-12-06T21:51:24Z second platform=tiktok key=tiktok:v0f02 "
                    "account=tiktok:unknown/v0f02 views=10000000 paid=1\n");
    assert_has(out, "account=tiktok:unknown/v0f03\n");
    assert_string_equal(dump.rejects.data, "5 no post id\n6 bad time\n");
}

static void reads_the_api(void **state)
{
    (void)state;
    const char *out = read_as(
        "tiktok-adlib",
        "{\"data\":{\"ads\":[{\"ad\":{\"id\":1784567890123456789,\"first_shown_date\":20241101,"
        "\"last_shown_date\":20241103,\"status\":\"active\",\"videos\":[{\"url\":\"u\"}],"
        "\"reach\":{\"unique_users_seen\":\"2K\"}},\"advertiser\":{\"business_id\":3847,"
        "\"business_name\":\"Shop\",\"paid_for_by\":\"Agency\"}},"
        "{\"ad\":{\"id\":2,\"first_shown_date\":\"20241301\"},\"advertiser\":{}},"
        "{\"ad\":{\"id\":3,\"first_shown_date\":20241102},\"advertiser\":{}},"
        "{\"ad\":{\"id\":1.78e18,\"first_shown_date\":20241102},\"advertiser\":{}}],"
        "\"has_more\":false},\"error\":{\"code\":\"ok\"}}\n"
        "{\"data\":{},\"error\":{\"code\":\"ok\"}}\n"
        "{\"data\":{},\"error\":{\"code\":\"rate_limit_exceeded\"}}\n");
    assert_has(out, "post ad 2024-11-01T00:00:00Z day platform=tiktok "
                    "key=tiktok:ad/1784567890123456789 account=tiktok:advertiser/3847 views=2000 "
                    "paid=1\n");
    assert_has(out, "account platform=tiktok key=tiktok:advertiser/3847 name=Shop "
                    "bio=paid for by Agency\n");
    assert_has(out, "key=tiktok:ad/3 account=tiktok:unknown/3 paid=1\n");
    assert_string_equal(dump.rejects.data, "1 bad time\n1 id in scientific notation: the id is "
                                           "lost\n3 the API answered with an error\n");
    assert_int_equal(dump.summary.ignored_count, 1);
}

/* Every row of the library's real file is a paid video, and the counts are those of the raw bytes. */
static void reads_the_real_file(void **state)
{
    char path[512];
    (void)state;
    if (!test_dump_real("data/romania_tiktok_commercial_2024.csv.zst", path, sizeof path))
        skip();
    struct lks_source_options options = lks_source_options_default();
    struct lks_control control = {.threads = 1};
    struct lks_source_summary summary = {0};
    struct lks_error err = {0};
    struct test_dump counts = {.quiet = 1};
    assert_int_equal(
        lks_source_read(path, &options, &control, test_dump_put, &counts, &summary, &err), 0);
    assert_string_equal(summary.adapter, "tiktok-ads");
    assert_int_equal(summary.rows_count, 11896);
    assert_int_equal(summary.posts_count, 11896);
    assert_int_equal(summary.rejects_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_the_table),
                                       cmocka_unit_test(reads_the_api),
                                       cmocka_unit_test(reads_the_real_file)};
    return cmocka_run_group_tests(tests, NULL, teardown);
}
