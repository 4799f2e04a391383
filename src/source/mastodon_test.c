/* mastodon_test.c - Mastodon's statuses, from files to records */
#include "source/test_read.h"

#define ACCOUNT(acct, host)                                                                        \
    "{\"id\":\"9\",\"username\":\"Ann\",\"acct\":\"" acct "\",\"url\":\"https://" host "/@Ann\","  \
    "\"display_name\":\"Ann A\",\"note\":\"<p>about &amp; more</p>\",\"created_at\":"              \
    "\"2022-11-05T00:00:00.000Z\",\"followers_count\":4,\"following_count\":5,"                    \
    "\"statuses_count\":6}"
#define STATUS(id, acct, more)                                                                     \
    "{\"id\":\"" id "\",\"uri\":\"https://s.example/users/ann/statuses/" id "\",\"created_at\":"   \
    "\"2024-11-20T10:00:00.123Z\",\"account\":" ACCOUNT(                                           \
        acct, "s.example") "," more                                                                \
                           "\"replies_count\":1,\"reblogs_count\":2,\"favourites_count\":3}"
#define WORDS                                                                                      \
    "\"language\":\"ro\",\"content\":\"<p>Look <a href=\\\"https://example.org/x?a=1&amp;b=2\\\""  \
    ">here</a> <a class=\\\"mention hashtag\\\" href=\\\"https://s.example/tags/t\\\">#t</a></p>"  \
    "\",\"tags\":[{\"name\":\"t\"}],\"mentions\":[{\"acct\":\"Bob@other.example\",\"url\":\"u\"}]" \
    ","

static void reads_statuses(void **state)
{
    (void)state;
    static const char *const files[] = {
        "[" STATUS("1", "Ann", WORDS) "," STATUS("2", "Ann@remote.example",
                                                 "\"in_reply_to_id\":\"1\",\"spoiler_text\":"
                                                 "\"Careful\",\"content\":\"<p>x</p>\",") "]",
        "{\"statuses\":[" STATUS("1", "Ann", WORDS) "," STATUS(
            "2", "Ann@remote.example",
            "\"in_reply_to_id\":\"1\",\"spoiler_text\":\"Careful\",\"content\":\"<p>x</p>\",") "]}",
        STATUS("1", "Ann", WORDS) "\n" STATUS("2", "Ann@remote.example",
                                              "\"in_reply_to_id\":\"1\",\"spoiler_text\":"
                                              "\"Careful\",\"content\":\"<p>x</p>\",") "\n"};
    for (size_t i = 0; i < 3; i++) {
        const char *out = read_as("mastodon", files[i]);
        assert_has(out, "post post 2024-11-20T10:00:00.123000Z second platform=mastodon "
                        "key=mastodon:https://s.example/users/ann/statuses/1 "
                        "account=mastodon:ann@s.example text=Look here #t language=ro likes=3 "
                        "shares=2 comments=1\n");
        assert_has(out, "  url example.org/x?a=1&b=2\n");
        assert_has(out, "  hashtag t\n");
        assert_has(out, "  mention mastodon:bob@other.example\n");
        assert_has(out, "post comment 2024-11-20T10:00:00.123000Z");
        assert_has(out, "account=mastodon:ann@remote.example text=Careful\nx parent=mastodon:id/1");
        assert_has(out, "account platform=mastodon key=mastodon:ann@s.example handle=Ann "
                        "name=Ann A bio=about & more created_us=1667606400000000 by=field "
                        "followers=4 following=5 posts=6\n");
        assert_int_equal(dump.summary.posts_count, 2);
    }
}

static void reads_boosts(void **state)
{
    (void)state;
    const char *out =
        read_as("mastodon", "[" STATUS("3", "Ann",
                                       "\"content\":\"\",\"reblog\":" STATUS(
                                           "1", "zed", WORDS "\"reblog\":null,") ",") "]");
    assert_has(out, "post repost 2024-11-20T10:00:00.123000Z second platform=mastodon "
                    "key=mastodon:https://s.example/users/ann/statuses/3 "
                    "account=mastodon:ann@s.example text=Look here #t language=ro "
                    "origin=mastodon:https://s.example/users/ann/statuses/1");
    assert_has(out, "  repost mastodon:https://s.example/users/ann/statuses/1\n");
    assert_int_equal(dump.summary.posts_count, 1);
}

static void reads_a_stream(void **state)
{
    (void)state;
    const char *out = read_as(
        "mastodon",
        "{\"stream\":[\"public\"],\"event\":\"update\",\"payload\":\"{\\\"uri\\\":\\\"u1\\\","
        "\\\"created_at\\\":\\\"2024-11-20T10:00:00Z\\\",\\\"content\\\":\\\"<p>a</p>\\\","
        "\\\"account\\\":{\\\"acct\\\":\\\"b@c\\\"},\\\"reblogs_count\\\":0,"
        "\\\"favourites_count\\\":0}\"}\n"
        "{\"event\":\"delete\",\"payload\":\"112\"}\n"
        "{\"event\":\"update\",\"payload\":\"not JSON\"}\n");
    assert_has(out, "key=mastodon:u1 account=mastodon:b@c text=a");
    assert_int_equal(dump.summary.ignored_count, 1);
    assert_int_equal(dump.summary.rejects_count, 1);
}

static void refuses(void **state)
{
    (void)state;
    read_as("mastodon", "[{\"reblogs_count\":0,\"favourites_count\":0},"
                        "{\"account\":{\"acct\":\"a@b\"}},"
                        "{\"account\":{\"acct\":\"a@b\"},\"uri\":\"u\"},"
                        "{\"account\":{\"acct\":\"a@b\"},\"uri\":\"u\",\"created_at\":\"x\"}]");
    assert_string_equal(dump.rejects.data, "1 no account\n1 no post id\n1 no time\n1 bad time\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_statuses),
                                       cmocka_unit_test(reads_boosts),
                                       cmocka_unit_test(reads_a_stream), cmocka_unit_test(refuses)};
    return cmocka_run_group_tests(tests, NULL, teardown);
}
