/* youtube_test.c - YouTube's answers and tables, from files to records */
#include "source/test_read.h"

#define COMMENT(id, author, text, more)                                                            \
    "{\"kind\":\"youtube#comment\",\"id\":\"" id "\",\"snippet\":{\"videoId\":\"vid\","            \
    "\"textDisplay\":\"It&#39;s\",\"textOriginal\":\"" text "\",\"authorDisplayName\":\"@" author  \
    "\",\"authorChannelId\":{\"value\":\"UC" author "\"},\"likeCount\":2," more                    \
    "\"publishedAt\":\"2024-11-20T10:00:05Z\"}}"
#define THREAD                                                                                     \
    "{\"kind\":\"youtube#commentThread\",\"id\":\"Ug1\",\"snippet\":{\"channelId\":\"UCowner\","   \
    "\"videoId\":\"vid\",\"topLevelComment\":" COMMENT(                                            \
        "Ug1", "ann", "first #tag", "") ",\"totalReplyCount\":1},\"replies\":{\"comments\":"       \
                                        "[" COMMENT("Ug1.2", "bob", "second",                      \
                                                    "\"parentId\":\"Ug1\",") "]}}"

static void reads_threads(void **state)
{
    (void)state;
    static const char *const files[] = {
        "{\"kind\":\"youtube#commentThreadListResponse\",\"pageInfo\":{\"totalResults\":1},"
        "\"items\":[" THREAD "]}\n",
        "[{\"kind\":\"youtube#commentThreadListResponse\",\"items\":[" THREAD "]}]", THREAD "\n"};
    for (size_t i = 0; i < 3; i++) {
        const char *out = read_as("youtube", files[i]);
        assert_has(out, "post comment 2024-11-20T10:00:05Z second platform=youtube key=youtube:Ug1 "
                        "account=youtube:UCann text=first #tag parent=youtube:vid "
                        "channel=youtube:vid likes=2 comments=1\n");
        assert_has(out, "  hashtag tag\n");
        assert_has(out, "key=youtube:Ug1.2 account=youtube:UCbob text=second parent=youtube:Ug1 "
                        "channel=youtube:vid likes=2\n");
        assert_has(out, "account platform=youtube key=youtube:UCann handle=ann\n");
        assert_int_equal(dump.summary.rows_count, 2);
        assert_int_equal(dump.summary.posts_count, 2);
    }
}

static void reads_videos(void **state)
{
    (void)state;
    const char *out = read_as(
        "youtube",
        "{\"kind\":\"youtube#videoListResponse\",\"items\":[{\"kind\":\"youtube#video\",\"id\":"
        "\"vid1\",\"snippet\":{\"publishedAt\":\"2024-11-20T09:00:00Z\",\"channelId\":\"UCx\","
        "\"title\":\"A title\",\"description\":\"more https://example.org/a "
        "#tag\",\"channelTitle\":"
        "\"The Channel\",\"tags\":[\"a\"],\"defaultAudioLanguage\":\"ro\"},\"statistics\":{"
        "\"viewCount\":\"1200\",\"likeCount\":\"5\",\"commentCount\":\"7\"},"
        "\"paidProductPlacementDetails\":{\"hasPaidProductPlacement\":true}}]}\n"
        "{\"kind\":\"youtube#searchListResponse\",\"items\":[{\"kind\":\"youtube#searchResult\","
        "\"id\":{\"kind\":\"youtube#video\",\"videoId\":\"vid2\"},\"snippet\":{\"publishedAt\":"
        "\"2024-11-20T09:00:01Z\",\"channelId\":\"UCx\",\"title\":\"Two\"}},{\"kind\":"
        "\"youtube#searchResult\",\"id\":{\"kind\":\"youtube#playlist\",\"playlistId\":\"P\"},"
        "\"snippet\":{\"title\":\"List\"}}]}\n"
        "{\"kind\":\"youtube#playlistItemListResponse\",\"items\":[{\"kind\":"
        "\"youtube#playlistItem\",\"id\":\"PI\",\"snippet\":{\"publishedAt\":"
        "\"2024-11-25T09:00:00Z\",\"channelId\":\"UCkeeper\",\"title\":\"Three\",\"resourceId\":{"
        "\"kind\":\"youtube#video\",\"videoId\":\"vid3\"},\"videoOwnerChannelId\":\"UCowner\"},"
        "\"contentDetails\":{\"videoPublishedAt\":\"2024-11-01T09:00:00Z\"}}]}\n"
        "{\"kind\":\"youtube#channelListResponse\",\"items\":[{\"kind\":\"youtube#channel\",\"id\":"
        "\"UCx\",\"snippet\":{\"title\":\"The Channel\",\"description\":\"about\",\"customUrl\":"
        "\"@chan\",\"publishedAt\":\"2016-01-02T03:04:05Z\",\"country\":\"RO\"},\"statistics\":{"
        "\"subscriberCount\":\"10\",\"videoCount\":\"3\"}}]}\n"
        "{\"kind\":\"youtube#videoListResponse\",\"items\":[]}\n");
    assert_has(out, "post video 2024-11-20T09:00:00Z second platform=youtube key=youtube:vid1 "
                    "account=youtube:UCx text=A title\nmore https://example.org/a #tag "
                    "language=ro views=1200 likes=5 comments=7 paid=1\n");
    assert_has(out, "  url example.org/a\n");
    assert_has(out, "key=youtube:vid2 account=youtube:UCx text=Two\n");
    assert_has(out, "post video 2024-11-01T09:00:00Z second platform=youtube key=youtube:vid3 "
                    "account=youtube:UCowner text=Three\n");
    assert_has(out, "account platform=youtube key=youtube:UCx handle=chan name=The Channel "
                    "country=RO bio=about "
                    "created_us=1451703845000000 by=field followers=10 posts=3\n");
    assert_int_equal(dump.summary.ignored_count, 2);
    assert_int_equal(dump.summary.rejects_count, 0);
}

static void refuses(void **state)
{
    (void)state;
    read_as("youtube",
            "{\"kind\":\"youtube#comment\",\"id\":\"1\",\"snippet\":{\"textDisplay\":\"a\","
            "\"publishedAt\":\"2024-11-20T10:00:05Z\"}}\n"
            "{\"kind\":\"youtube#comment\",\"id\":\"1\",\"snippet\":{\"textDisplay\":\"a\","
            "\"authorChannelId\":{\"value\":\"U\"},\"publishedAt\":\"yesterday\"}}\n"
            "{\"kind\":\"youtube#comment\",\"snippet\":{\"textDisplay\":\"a<br>b\","
            "\"authorChannelId\":{\"value\":\"U\"},\"publishedAt\":\"2024-11-20T10:00:05Z\"}}\n"
            "{\"kind\":\"youtube#comment\",\"id\":\"7\",\"snippet\":{\"textDisplay\":\"a<br>b\","
            "\"authorChannelId\":{\"value\":\"U\"},\"publishedAt\":\"2024-11-20T10:00:05Z\"}}\n");
    assert_string_equal(dump.rejects.data, "1 no account\n2 bad time\n3 no post id\n");
    assert_has(dump.text.data, "text=a\nb");
}

static void reads_tables(void **state)
{
    (void)state;
    const char *out =
        read_as("youtube-csv", "position,channelId,channelTitle,videoId,publishedAt,videoTitle,"
                               "videoDescription,viewCount,likeCount,commentCount\n"
                               "1,UCx,Chan,vid,2024-11-20T09:00:00Z,Title,Text,10,2,1\n"
                               "2,UCx,Chan,,2024-11-20T09:00:00Z,Title,Text,10,2,1\n");
    assert_has(out, "post video 2024-11-20T09:00:00Z second platform=youtube key=youtube:vid "
                    "account=youtube:UCx text=Title\nText views=10 likes=2 comments=1\n");
    assert_string_equal(dump.rejects.data, "3 no post id\n");
    out = read_as("youtube-csv",
                  "id,replyCount,likeCount,publishedAt,authorName,text,authorChannelId,isReplyTo\n"
                  "Ug1,3,1,2024-11-20 10:00:00,@ann,hello,UCann,\n"
                  "Ug2,0,0,2024-11-20 10:00:05,Bob,hi,UCbob,Ug1\n");
    assert_has(out, "post comment 2024-11-20T10:00:05Z second platform=youtube key=youtube:Ug2 "
                    "account=youtube:UCbob text=hi parent=youtube:Ug1 likes=0 comments=0\n");
    assert_has(out, "account platform=youtube key=youtube:UCann handle=ann\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_threads),
                                       cmocka_unit_test(reads_videos), cmocka_unit_test(refuses),
                                       cmocka_unit_test(reads_tables)};
    return cmocka_run_group_tests(tests, NULL, teardown);
}
