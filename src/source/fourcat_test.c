/* fourcat_test.c - 4CAT's exports of several platforms, from files to records */
#include "source/test_read.h"

static void reads_tiktok(void **state)
{
    (void)state;
    const char *out = read_as(
        "4cat",
        "id,thread_id,author,author_full,author_followers,body,timestamp,unix_timestamp,is_ad,"
        "music_id,tiktok_url,likes,comments,shares,plays,hashtags\n"
        "7437,7437,Ann,Ann A,10,Hello #one,2024-11-20 10:00:00,1732096800,False,99,"
        "https://www.tiktok.com/@ann/video/7437,1,2,3,400,\"one,two\"\n");
    assert_has(out, "post video 2024-11-20T10:00:00Z second platform=tiktok key=tiktok:7437 "
                    "account=tiktok:ann text=Hello #one views=400 likes=1 shares=3 comments=2 "
                    "paid=0\n");
    assert_has(out, "  hashtag two\n");
    assert_has(out, "  sound tiktok:99\n");
    assert_has(out, "account platform=tiktok key=tiktok:ann handle=Ann name=Ann A followers=10\n");
}

static void reads_twitter_and_telegram(void **state)
{
    (void)state;
    const char *out = read_as(
        "4cat",
        "id,thread_id,timestamp,link,body,author,author_id,is_retweet,is_reply,"
        "retweet_count,hashtags,urls,mentions,language_guess,author_fullname\n"
        "12,10,2024-11-20 10:00:00,https://twitter.com/a/status/12,yes,a,77,no,yes,4,,"
        "https://example.org/x,b,ro,Ann A\n"
        "13,13,2024-11-20 10:00:01,https://x.com/a/status/13,RT @b: words,a,77,yes,no,4,,,,,\n"
        "1.3E+18,13,2024-11-20 10:00:01,https://x.com/a/status/13,w,a,77,yes,no,4,,,,,\n"
        "14,13,soon,https://x.com/a/status/13,w,a,77,yes,no,4,,,,,\n"
        "15,13,,https://x.com/a/status/13,w,a,77,yes,no,4,,,,,\n"
        ",13,2024-11-20 10:00:01,,w,a,77,yes,no,4,,,,,\n"
        "16,13,2024-11-20 10:00:01,,w,,,yes,no,4,,,,,\n");
    assert_has(out, "post comment 2024-11-20T10:00:00Z second platform=twitter key=twitter:12 "
                    "account=twitter:77 text=yes language=ro parent=twitter:10 shares=4\n");
    assert_has(out, "key=twitter:77 handle=a name=Ann A\n");
    assert_has(out, "  url example.org/x\n");
    assert_has(out, "post repost 2024-11-20T10:00:01Z second platform=twitter key=twitter:13");
    assert_string_equal(dump.rejects.data, "4 id in scientific notation: the id is lost\n"
                                           "5 bad time\n6 no time\n7 no post id\n8 no account\n");
    out = read_as("4cat", "id,thread_id,chat,author,body,reply_to,views,timestamp\n"
                          "news-5,news,news,42,hi,4,100,2024-11-20 10:00:00\n");
    assert_has(out, "post message 2024-11-20T10:00:00Z second platform=telegram "
                    "key=telegram:news-5 account=telegram:42 text=hi parent=telegram:news-4 "
                    "channel=telegram:news views=100\n");
    out = read_as("4cat", "id,thread_id,author,body,timestamp,post_id\n"
                          "5,4,ann,None,2024-11-20 10:00:00,4\n");
    assert_has(out, "post comment 2024-11-20T10:00:00Z second platform=4cat key=4cat:5 "
                    "account=4cat:ann text=None parent=4cat:4 channel=4cat:4\n");
}

static void reads_lines(void **state)
{
    (void)state;
    const char *out =
        read_as("4cat-ndjson",
                "{\"id\":\"7437\",\"thread_id\":\"7437\",\"author\":\"ann\",\"body\":\"hi\","
                "\"timestamp\":\"2024-11-20 10:00:00\",\"hashtags\":[\"a\",\"b\"],\"plays\":12,"
                "\"tiktok_url\":\"https://www.tiktok.com/@ann/video/7437\"}\n"
                "{\"id\":\"1\",\"thread_id\":\"1\",\"author\":null}\n"
                "{\"broken\n");
    assert_has(out, "post video 2024-11-20T10:00:00Z second platform=tiktok key=tiktok:7437 "
                    "account=tiktok:ann text=hi views=12\n");
    assert_has(out, "  hashtag b\n");
    assert_int_equal(dump.summary.rejects_count, 2);
    out = read_as("4cat-ndjson",
                  "{\"id\":\"7437\",\"desc\":\"raw\",\"createTime\":1732096800,\"author\":{\"id\":"
                  "\"1\",\"uniqueId\":\"ann\"},\"video\":{\"videoID\":\"v0f01\"},"
                  "\"__import_meta\":{\"source_platform\":\"tiktok.com\",\"item_id\":\"7437\"}}\n"
                  "{\"id\":\"1\",\"__import_meta\":{\"source_platform\":\"instagram.com\"}}\n");
    assert_has(out, "post video 2024-11-20T10:00:00Z second platform=tiktok key=tiktok:7437 "
                    "account=tiktok:ann text=raw\n");
    assert_has(out, "  media v0f01\n");
    assert_string_equal(dump.rejects.data, "2 a raw item of a platform without a raw format: "
                                           "export it as CSV\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_tiktok),
                                       cmocka_unit_test(reads_twitter_and_telegram),
                                       cmocka_unit_test(reads_lines)};
    return cmocka_run_group_tests(tests, NULL, teardown);
}
