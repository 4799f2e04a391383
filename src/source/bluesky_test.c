/* bluesky_test.c - Jetstream events, from lines to records */
#include "source/test_read.h"

#define COMMIT(operation, collection, rkey, record)                                                \
    "{\"did\":\"did:plc:aaa\",\"time_us\":1779719009132431,\"kind\":\"commit\",\"commit\":{"       \
    "\"rev\":\"r\",\"operation\":\"" operation "\",\"collection\":\"" collection                   \
    "\",\"rkey\":\"" rkey "\",\"record\":" record ",\"cid\":\"c\"}}\n"

static void reads_posts(void **state)
{
    (void)state;
    const char *out = read_as(
        "bluesky",
        COMMIT(
            "create", "app.bsky.feed.post", "k1",
            "{\"$type\":\"app.bsky.feed.post\",\"createdAt\":\"2015-01-01T00:00:00Z\","
            "\"langs\":[\"ro\",\"en\"],\"text\":\"Hello #one example.org\",\"facets\":["
            "{\"index\":{},\"features\":[{\"$type\":\"app.bsky.richtext.facet#link\","
            "\"uri\":\"https://example.org/full\"}]},{\"features\":[{\"tag\":\"two\"},"
            "{\"did\":\"did:plc:bbb\"}]}],\"embed\":{\"$type\":\"app.bsky.embed.recordWithMedia\","
            "\"record\":{\"record\":{\"uri\":\"at://x\"}},\"media\":{\"images\":[{\"alt\":\"\","
            "\"image\":{\"$type\":\"blob\",\"ref\":{\"$link\":\"bafypicture\"}}}]}}}")
            COMMIT(
                "create", "app.bsky.feed.post", "k2",
                "{\"text\":\"an answer\",\"reply\":{\"root\":{\"uri\":\"at://r\"},"
                "\"parent\":{\"cid\":\"c\",\"uri\":\"at://did:plc:ccc/app.bsky.feed.post/p\"}},"
                "\"embed\":{\"external\":{\"uri\":\"https://example.com/page\",\"title\":\"t\"}}}")
                COMMIT("create", "app.bsky.feed.repost", "k3",
                       "{\"createdAt\":\"2026-05-25T14:23:27Z\",\"subject\":{\"cid\":\"c\","
                       "\"uri\":\"at://did:plc:ccc/app.bsky.feed.post/p\"}}"));
    assert_has(out, "post post 2026-05-25T14:23:29.132431Z second platform=bluesky "
                    "key=bluesky:at://did:plc:aaa/app.bsky.feed.post/k1 "
                    "account=bluesky:did:plc:aaa text=Hello #one example.org language=ro\n");
    assert_has(out, "  url example.org/full\n");
    assert_has(out, "  hashtag one\n");
    assert_has(out, "  hashtag two\n");
    assert_has(out, "  mention bluesky:did:plc:bbb\n");
    assert_has(out, "  media bafypicture\n");
    assert_has(out, "post comment 2026-05-25T14:23:29.132431Z");
    assert_has(out, "parent=bluesky:at://did:plc:ccc/app.bsky.feed.post/p\n");
    assert_has(out, "  reply bluesky:at://did:plc:ccc/app.bsky.feed.post/p\n");
    assert_has(out, "  url example.com/page\n");
    assert_has(out, "post repost ");
    assert_has(out, "  repost bluesky:at://did:plc:ccc/app.bsky.feed.post/p\n");
    assert_int_equal(dump.summary.posts_count, 3);
}

static void counts_what_it_leaves(void **state)
{
    (void)state;
    const char *out = read_as(
        "bluesky",
        COMMIT("create", "app.bsky.feed.like", "l", "{\"subject\":{\"uri\":\"at://p\"}}") COMMIT(
            "create", "app.bsky.graph.follow", "f", "{\"subject\":\"did:plc:zzz\"}")
            COMMIT("update", "app.bsky.feed.post", "k", "{\"text\":\"edited\"}") COMMIT(
                "update", "app.bsky.actor.profile", "self",
                "{\"displayName\":\"A Name\",\"description\":\"about\"}") "{\"did\":\"did:plc:"
                                                                          "aaa\",\"time_us\":1,"
                                                                          "\"kind\":\"commit\","
                                                                          "\"commit\":{"
                                                                          "\"operation\":"
                                                                          "\"delete\","
                                                                          "\"collection\":\"app."
                                                                          "bsky.feed.post\","
                                                                          "\"rkey\":\"k\"}}\n"
                                                                          "{\"did\":\"did:plc:"
                                                                          "ddd\",\"time_us\":1,"
                                                                          "\"kind\":\"identity\","
                                                                          "\"identity\":{\"did\":"
                                                                          "\"did:plc:ddd\","
                                                                          "\"handle\":\"name."
                                                                          "example\",\"seq\":1}}\n"
                                                                          "{\"did\":\"did:plc:"
                                                                          "ddd\",\"time_us\":1,"
                                                                          "\"kind\":\"account\","
                                                                          "\"account\":{}}"
                                                                          "\n" COMMIT("create",
                                                                                      "app.bsky."
                                                                                      "feed.repost",
                                                                                      "k", "{}")
                                                                              COMMIT(
                                                                                  "create",
                                                                                  "app.bsky.feed."
                                                                                  "post",
                                                                                  "",
                                                                                  "{\"text\":"
                                                                                  "\"t\"}") "{\"tim"
                                                                                            "e_"
                                                                                            "us\":"
                                                                                            "1,"
                                                                                            "\"kind"
                                                                                            "\":"
                                                                                            "\"comm"
                                                                                            "it\"}"
                                                                                            "\n"
                                                                                            "{\"did"
                                                                                            "\":"
                                                                                            "\"did:"
                                                                                            "plc:"
                                                                                            "aaa\","
                                                                                            "\"kind"
                                                                                            "\":"
                                                                                            "\"comm"
                                                                                            "it\","
                                                                                            "\"comm"
                                                                                            "it\":{"
                                                                                            "\"oper"
                                                                                            "ation"
                                                                                            "\":"
                                                                                            "\"crea"
                                                                                            "te\","
                                                                                            "\"coll"
                                                                                            "ection"
                                                                                            "\":"
                                                                                            "\"app."
                                                                                            "bsky."
                                                                                            "feed."
                                                                                            "post\""
                                                                                            ",\"rke"
                                                                                            "y\":"
                                                                                            "\"k\","
                                                                                            "\"reco"
                                                                                            "rd\":{"
                                                                                            "\"text"
                                                                                            "\":"
                                                                                            "\"t\"}"
                                                                                            "}}\n"
                                                                                            "[1]"
                                                                                            "\n");
    assert_has(out, "account platform=bluesky key=bluesky:did:plc:aaa name=A Name bio=about\n");
    assert_has(out, "account platform=bluesky key=bluesky:did:plc:ddd handle=name.example\n");
    assert_int_equal(dump.summary.ignored_count, 7);
    assert_string_equal(dump.rejects.data, "8 a repost of nothing\n9 no post id\n10 no account\n"
                                           "11 no time\n12 not a JSON object\n");
}

/* The stream's own sample: a like, a post, a repost, a follow, a profile, and news. */
static void reads_the_sample(void **state)
{
    char path[512];
    (void)state;
    if (!test_dump_real("formats/bluesky/golden_v1.jsonl", path, sizeof path))
        skip();
    struct lks_source_options options = lks_source_options_default();
    struct lks_control control = {.threads = 1};
    struct lks_source_summary summary = {0};
    struct lks_error err = {0};
    struct test_dump counts = {.quiet = 1};
    assert_int_equal(
        lks_source_read(path, &options, &control, test_dump_put, &counts, &summary, &err), 0);
    assert_string_equal(summary.adapter, "bluesky");
    assert_int_equal(summary.rows_count, 10);
    assert_int_equal(summary.posts_count, 2);
    assert_int_equal(summary.ignored_count, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_posts),
                                       cmocka_unit_test(counts_what_it_leaves),
                                       cmocka_unit_test(reads_the_sample)};
    return cmocka_run_group_tests(tests, NULL, teardown);
}
