/* telegram_test.c - Telegram Desktop, Telethon and flat lines, from files to records */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "source/telegram.h"
#include "source/test_read.h"

static void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        print_error("\"%s\" in\n%s\n", part, text);
    assert_null(strstr(text, part));
}

/* ---- keys ---- */

static void peers(void **state)
{
    (void)state;
    static const struct {
        const char *text, *key;
    } cases[] = {{"user42", "telegram:user42"},
                 {"chat42", "telegram:chat42"},
                 {"channel42", "telegram:42"},
                 {"-1001234567890", "telegram:1234567890"},
                 {"-42", "telegram:chat42"},
                 {"42", "telegram:user42"},
                 {"", NULL}};
    struct lks_arena arena = {0};
    int failed = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lks_str key =
            lks_peer_key(&arena, lks_peer_parse(lks_str_from(cases[i].text)), &failed);
        assert_true(lks_str_equal(key, lks_str_from(cases[i].key)));
        assert_int_equal(key.data == NULL, cases[i].key == NULL);
    }
    lks_arena_free(&arena);
}

/* ---- Telegram Desktop ---- */

#define CHANNEL "{\"name\":\"Made\",\"type\":\"public_channel\",\"id\":1234567890,\"messages\":["
#define GROUP "{\"name\":\"Made\",\"type\":\"private_supergroup\",\"id\":1234567890,\"messages\":["

static void desktop_text(void **state)
{
    (void)state;
    const char *out = read_as(
        "telegram-desktop", CHANNEL
        "{\"id\":1,\"type\":\"service\",\"date\":\"2024-06-10T09:00:00\",\"actor\":\"Made\","
        "\"text\":\"\"},"
        "{\"id\":2,\"type\":\"message\",\"date\":\"2024-11-11T08:00:00\",\"date_unixtime\":"
        "\"1731304800\","
        "\"from\":\"Made\",\"from_id\":\"channel1234567890\",\"text\":[\"one "
        "\",{\"type\":\"hashtag\","
        "\"text\":\"#Two\"},\" three \",{\"type\":\"text_link\",\"text\":\"here\",\"href\":"
        "\"https://Example.org/a?utm_source=x\"},{\"type\":\"link\",\"text\":\"t.me/made\"},"
        "{\"type\":\"mention_name\",\"text\":\"A\",\"user_id\":42}],\"text_entities\":[{\"type\":"
        "\"plain\","
        "\"text\":\"not "
        "this\"}],\"reactions\":[{\"type\":\"emoji\",\"count\":12,\"emoji\":\"x\"},{\"count\":3}]},"
        "{\"id\":3,\"type\":\"message\",\"date_unixtime\":\"1731304801\",\"from_id\":"
        "\"channel1234567890\","
        "\"text\":\"vertical \\x0B tab\",\"reply_to_message_id\":2},"
        "{\"id\":4,\"type\":\"message\",\"date_unixtime\":\"1731304802\",\"from_id\":"
        "\"channel1234567890\","
        "\"text\":\"\",\"poll\":{\"question\":\"Which?\",\"answers\":[{\"text\":\"a\"}]}}]}");
    assert_int_equal(dump.summary.posts_count, 3);
    assert_int_equal(dump.summary.ignored_count, 1);
    assert_int_equal(dump.summary.rejects_count, 0);
    assert_int_equal(dump.summary.zone_assumed_count, 0);
    assert_has(out, "post message 2024-11-11T06:00:00Z second");
    assert_has(out, "key=telegram:1234567890/2 account=telegram:1234567890 text=one #Two three "
                    "heret.me/madeA channel=telegram:1234567890 likes=15\n");
    assert_has(out, "  hashtag two\n");
    assert_has(out, "  url example.org/a\n");
    assert_has(out, "  url t.me/made\n");
    assert_has(out, "  mention telegram:user42\n");
    assert_has(out, "text=vertical \x0b tab parent=telegram:1234567890/2 channel");
    assert_has(out, "text=Which? ");
    assert_lacks(out, "not this");
}

static void desktop_authors(void **state)
{
    (void)state;
    const char *out =
        read_as("telegram-desktop", GROUP
                "{\"id\":1,\"type\":\"message\",\"date_unixtime\":\"1731304800\",\"from\":null,"
                "\"from_id\":\"user42\",\"text\":\"a\"},"
                "{\"id\":2,\"type\":\"message\",\"date_unixtime\":\"1731304800\",\"from\":\"Ana\","
                "\"from_id\":4242,\"text\":\"b\"},"
                "{\"id\":3,\"type\":\"message\",\"date_unixtime\":\"1731304800\",\"from\":\"Ion\","
                "\"text\":\"c\"},"
                "{\"id\":4,\"type\":\"message\",\"date_unixtime\":\"1731304800\",\"from\":\"Made\","
                "\"text\":\"d\"},"
                "{\"id\":5,\"type\":\"message\",\"date_unixtime\":\"1731304800\",\"text\":\"e\"},"
                "{\"id\":6,\"type\":\"message\",\"date_unixtime\":\"1731304800\",\"from_id\":"
                "\"channel99\",\"text\":\"f\","
                "\"reply_to_message_id\":7,\"reply_to_peer_id\":\"channel77\"}]}");
    assert_has(out, "/1 account=telegram:user42 text=a");
    assert_has(out, "/2 account=telegram:user4242 text=b");
    assert_has(out, "/3 account=telegram:~Ion text=c");
    assert_has(out, "/4 account=telegram:1234567890 text=d");
    assert_has(out, "/6 account=telegram:99 text=f parent=telegram:77/7");
    assert_has(out, "account platform=telegram key=telegram:user4242 name=Ana");
    /* Unknown authors are never one account. */
    assert_string_equal(dump.rejects.data, "1 no account\n");
}

static void desktop_forwards(void **state)
{
    (void)state;
#define FORWARD(id, more)                                                                          \
    "{\"id\":" id                                                                                  \
    ",\"type\":\"message\",\"date_unixtime\":\"1731304800\",\"from_id\":\"user1\"," more "}"
    const char *out = read_as(
        "telegram-desktop",
        GROUP FORWARD(
            "1",
            "\"forwarded_from\":\"Source\",\"text\":\"same "
            "words\"") "," FORWARD("2",
                                   "\"forwarded_from\":"
                                   "\"Source\",\"text\":["
                                   "\"same "
                                   "\",{\"type\":"
                                   "\"bold\",\"text\":"
                                   "\"words\"}]") "," FORWARD("3",
                                                              "\"forwarded_from\":\"Source\","
                                                              "\"text\":\"other "
                                                              "words\"") "," FORWARD("4",
                                                                                     "\"forwarded_"
                                                                                     "from\":"
                                                                                     "\"Source\","
                                                                                     "\"forwarded_"
                                                                                     "from_id\":"
                                                                                     "\"channel5\","
                                                                                     "\"text\":"
                                                                                     "\"same "
                                                                                     "words\"") "," FORWARD("5",
                                                                                                            "\"forwa"
                                                                                                            "rded_"
                                                                                                            "from\":"
                                                                                                            "null,"
                                                                                                            "\"text"
                                                                                                            "\":"
                                                                                                            "\"same "
                                                                                                            "words"
                                                                                                            "\"") "," FORWARD("6",
                                                                                                                              "\"forwarded_from\":\"Source\",\"text\":\"\",\"photo\":\"(File not included.)\"") "]}");
    char origins[6][128] = {{0}};
    const char *at = out;
    for (int i = 0; i < 6; i++) {
        at = strstr(at, "post repost");
        assert_non_null(at);
        const char *end = strchr(at, '\n'), *origin = strstr(at, " origin=");
        if (origin && origin < end)
            sscanf(origin, " origin=%127s", origins[i]);
        at = end;
    }
    assert_int_equal(strncmp(origins[0], "telegram:~Source/~", 18), 0);
    assert_string_equal(origins[0], origins[1]);
    assert_string_not_equal(origins[0], origins[2]);
    assert_int_equal(strncmp(origins[3], "telegram:5/~", 12), 0);
    assert_int_equal(strncmp(origins[4], "telegram:~/~", 12), 0);
    assert_string_equal(origins[5], "");
}

static void desktop_zone(void **state)
{
    (void)state;
    static const char text[] =
        CHANNEL "{\"id\":1,\"type\":\"message\",\"date\":\"2018-03-01T10:00:00\",\"from_id\":5,"
                "\"text\":\"a\"},"
                "{\"id\":2,\"type\":\"message\",\"date\":\"2018-03-01T10:00:00\",\"date_unixtime\":"
                "\"1519891200\","
                "\"from_id\":5,\"text\":\"b\"},"
                "{\"id\":3,\"type\":\"message\",\"date\":\"soon\",\"from_id\":5,\"text\":\"c\"}]}";
    dump.zone_offset_us = 3 * LKS_HOUR_US;
    const char *out = read_as("telegram-desktop", text);
    assert_has(out, "post message 2018-03-01T07:00:00Z");
    assert_has(out, "post message 2018-03-01T08:00:00Z");
    assert_int_equal(dump.summary.zone_assumed_count, 1);
    assert_int_equal(dump.summary.rejects_count, 1);
    assert_has(dump.rejects.data, "bad time");
}

static void desktop_everything(void **state)
{
    (void)state;
    const char *out = read_as(
        "telegram-desktop",
        "{\"about\":\"synthetic data, made by lockstep\",\"contacts\":{\"list\":[{\"user_id\":1}]},"
        "\"chats\":{\"about\":\"x\",\"list\":[{\"name\":\"A\",\"type\":\"private_group\",\"id\":5,"
        "\"messages\":["
        "{\"id\":1,\"type\":\"message\",\"date_unixtime\":\"1731304800\",\"from_id\":\"user1\","
        "\"text\":\"a\"}]},"
        "{\"name\":\"B\",\"type\":\"public_channel\",\"id\":6,\"messages\":["
        "{\"id\":1,\"type\":\"message\",\"date_unixtime\":\"1731304800\",\"from_id\":\"channel6\","
        "\"text\":\"b\"}]},"
        "{\"name\":\"C\",\"type\":\"personal_chat\",\"id\":7,\"messages\":["
        "{\"id\":1,\"type\":\"message\",\"date_unixtime\":\"1731304800\",\"from_id\":\"user7\","
        "\"text\":\"c\"}]}]},"
        "\"left_chats\":{\"about\":\"y\",\"list\":[{\"name\":\"D\",\"type\":\"private_channel\","
        "\"id\":8,\"messages\":["
        "{\"id\":9,\"type\":\"message\",\"date_unixtime\":\"1731304800\",\"from_id\":\"channel8\","
        "\"text\":\"d\"}]}]}}");
    assert_int_equal(dump.summary.posts_count, 4);
    assert_int_equal(dump.summary.synthetic, 1);
    assert_has(out, "key=telegram:chat5/1 account=telegram:user1 text=a");
    assert_has(out, "key=telegram:6/1 account=telegram:6 text=b");
    assert_has(out, "key=telegram:user7/1 account=telegram:user7 text=c");
    assert_has(out, "key=telegram:8/9 account=telegram:8 text=d");
    read_as("telegram-desktop",
            "{\"about\":\"synthetic\",\"name\":\"x\",\"type\":\"public_channel\",\"id\":3,"
            "\"messages\":[{\"id\":1,\"type\":\"message\",\"date_unixtime\":\"1731304800\"}]}");
    assert_int_equal(dump.summary.synthetic, 1);
    read_as("telegram-desktop",
            CHANNEL "{\"id\":1,\"type\":\"message\",\"date_unixtime\":\"1731304800\"}]}");
    assert_int_equal(dump.summary.synthetic, 0);
}

static void desktop_bad_rows(void **state)
{
    (void)state;
    static const char text[] = CHANNEL
        "{\"id\":1e15,\"type\":\"message\",\"date_unixtime\":\"1731304800\"},\n"
        "{\"id\":2,\"type\":\"message\",\"date_unixtime\":\"1731304800\",\"text\":\"\\q\"},\n"
        "{\"type\":\"message\",\"date_unixtime\":\"1731304800\"},\n"
        "{\"id\":3,\"type\":\"message\"},\n"
        "17,\n"
        "{\"id\":4,\"type\":\"message\",\"date_unixtime\":\"1731304800\"}]}";
    read_as("telegram-desktop", text);
    assert_int_equal(dump.summary.posts_count, 1);
    assert_int_equal(dump.summary.rejects_count, 5);
    assert_string_equal(dump.rejects.data, "1 id in scientific notation: the id is lost\n"
                                           "2 not valid JSON: an unknown escape in a string\n"
                                           "3 no post id\n"
                                           "4 bad time\n"
                                           "5 not a JSON object\n");
    /* The first bytes of a reject are those of its row. */
    assert_has(dump.text.data, "reject 1 {\"id\":1e15");
    assert_has(dump.text.data, "reject 3 {\"type\":\"message\"");
    assert_has(dump.text.data, "reject 5 17\n");
}

/* Several chats over several chunks: each message knows its chat, for any number of threads. */
static void desktop_threads_agree(void **state)
{
    (void)state;
    enum { CHATS = 7, MESSAGES = 5000 };
    struct lks_buffer file = {0};
    struct test_dump one = {.in_documents = 1}, many = {.in_documents = 1};
    lks_buffer_text(&file, "{\"chats\":{\"list\":[\n");
    for (unsigned chat = 1; chat <= CHATS; chat++) {
        lks_buffer_format(
            &file, "%s{\"name\":\"C%u\",\"type\":\"public_channel\",\"id\":%u,\"messages\":[\n",
            chat > 1 ? "," : "", chat, 1000 + chat);
        for (unsigned id = 1; id <= MESSAGES; id++)
            lks_buffer_format(
                &file,
                "%s{\"id\":%u,\"type\":\"message\",\"date_unixtime\":\"%u\",\"from\":\"C%u\","
                "\"from_id\":\"channel%u\",\"text\":\"message %u \\x0B\"}\n",
                id > 1 ? "," : "", id, 1731304800 + id, chat, 1000 + chat, id);
        lks_buffer_text(&file, "]}\n");
    }
    lks_buffer_text(&file, "]}}");
    struct lks_str content = {file.data, file.size_bytes};
    assert_int_equal(test_dump_read(&one, content, NULL, NULL, 1, 0.5), 0);
    assert_int_equal(one.summary.posts_count, CHATS * MESSAGES);
    assert_true(one.batches_count > 2);
    size_t found = 0;
    for (unsigned chat = 1; chat <= CHATS; chat++) {
        char channel[64];
        snprintf(channel, sizeof channel, " channel=telegram:%u\n", 1000 + chat);
        for (const char *at = one.text.data; (at = strstr(at, channel)); at++)
            found++;
    }
    assert_int_equal(found, CHATS * MESSAGES);
    for (unsigned threads = 2; threads <= 4; threads++) {
        assert_int_equal(test_dump_read(&many, content, NULL, NULL, threads, 0.5), 0);
        assert_string_equal(one.text.data, many.text.data);
        test_dump_free(&many);
    }
    test_dump_free(&one);
    lks_buffer_free(&file);
}

/* ---- Telethon ---- */

#define PEER "\"peer_id\": {\"_\": \"PeerChannel\", \"channel_id\": 1234567890}, "
#define DATE "\"date\": \"2024-11-11T06:00:00+00:00\""

static void telethon_message(void **state)
{
    (void)state;
    const char *out = read_as(
        "telethon",
        "{\"_\": \"Message\", \"id\": 2, " PEER DATE
        ", \"message\": \"\xf0\x9f\x98\x80 see example.org and this #CG11\", "
        "\"from_id\": null, \"views\": 1500, \"forwards\": 40, \"replies\": {\"replies\": 7}, "
        "\"entities\": [{\"_\": \"MessageEntityTextUrl\", \"offset\": 23, \"length\": 4, \"url\": "
        "\"https://www.example.net/x/\"}, "
        "{\"_\": \"MessageEntityUrl\", \"offset\": 7, \"length\": 11}, {\"_\": "
        "\"MessageEntityHashtag\", \"offset\": 28, "
        "\"length\": 5}, {\"_\": \"MessageEntityMentionName\", \"offset\": 0, \"length\": 2, "
        "\"user_id\": 42}, "
        "{\"_\": \"MessageEntityUrl\", \"offset\": 900, \"length\": 11}], "
        "\"reactions\": {\"_\": \"MessageReactions\", \"results\": [{\"count\": 12}, {\"count\": "
        "1}]}, "
        "\"media\": {\"_\": \"MessageMediaPhoto\", \"photo\": {\"_\": \"Photo\", \"id\": "
        "5000000000000000001}}}\n"
        "{\"_\": \"MessageService\", \"id\": 3, " PEER DATE
        ", \"action\": {\"_\": \"MessageActionPinMessage\"}}\n");
    assert_int_equal(dump.summary.posts_count, 1);
    assert_int_equal(dump.summary.ignored_count, 1);
    assert_has(out, "key=telegram:1234567890/2 account=telegram:1234567890 ");
    assert_has(out, "views=1500 likes=13 shares=40 comments=7\n");
    assert_has(out, "  url example.net/x\n");
    assert_has(out, "  url example.org\n");
    assert_has(out, "  hashtag cg11\n");
    assert_has(out, "  mention telegram:user42\n");
    assert_has(out, "  media telegram:photo/5000000000000000001\n");
}

static void telethon_replies_and_forwards(void **state)
{
    (void)state;
    const char *out = read_as(
        "telethon",
        "{\"_\": \"Message\", \"id\": 1, " PEER DATE
        ", \"message\": \"a\", \"reply_to\": {\"reply_to_msg_id\": 9}}\n"
        "{\"_\": \"Message\", \"id\": 2, " PEER DATE
        ", \"message\": \"b\", \"reply_to\": {\"reply_to_msg_id\": 9, \"forum_topic\": true}}\n"
        "{\"_\": \"Message\", \"id\": 3, " PEER DATE
        ", \"message\": \"c\", \"reply_to\": {\"reply_to_msg_id\": 9, \"forum_topic\": true, "
        "\"reply_to_top_id\": 4, \"reply_to_peer_id\": {\"_\": \"PeerChannel\", \"channel_id\": "
        "77}}}\n"
        "{\"_\": \"Message\", \"id\": 4, " PEER DATE
        ", \"message\": \"d\", \"fwd_from\": {\"_\": \"MessageFwdHeader\", \"date\": "
        "\"2024-11-10T00:00:01+00:00\", "
        "\"from_id\": {\"_\": \"PeerChannel\", \"channel_id\": 88}, \"channel_post\": 6}}\n"
        "{\"_\": \"Message\", \"id\": 5, " PEER DATE
        ", \"message\": \"e\", \"fwd_from\": {\"date\": \"2024-11-10T00:00:01+00:00\", "
        "\"from_id\": {\"_\": \"PeerUser\", \"user_id\": \"u9f\"}, \"channel_post\": null}}\n"
        "{\"_\": \"Message\", \"id\": 6, " PEER DATE
        ", \"message\": \"f\", \"fwd_from\": {\"date\": \"2024-11-10T00:00:01+00:00\", "
        "\"from_id\": null, \"from_name\": \"Hidden\"}}\n"
        "{\"_\": \"Message\", \"id\": 7, \"to_id\": {\"_\": \"PeerChannel\", \"channel_id\": 5}, "
        "\"date\": 1731304800, \"from_id\": 42, "
        "\"message\": \"g\", \"reply_to_msg_id\": 6, \"fwd_from\": {\"date\": 1731196801, "
        "\"channel_id\": 88, \"channel_post\": 7}}\n");
    assert_int_equal(dump.summary.posts_count, 7);
    assert_has(out, "text=a parent=telegram:1234567890/9 channel");
    assert_has(out, "text=b channel");
    assert_has(out, "text=c parent=telegram:77/9 channel");
    assert_has(out, "text=d origin=telegram:88/6 channel");
    assert_has(out, "text=e origin=telegram:useru9f/at1731196801 channel");
    assert_has(out, "text=f origin=telegram:~Hidden/at1731196801 channel");
    assert_has(out, "key=telegram:5/7 account=telegram:user42 text=g parent=telegram:5/6 "
                    "origin=telegram:88/7 channel");
}

static void telethon_peers_and_times(void **state)
{
    (void)state;
    const char *out = read_as(
        "telethon",
        "{\"_\": \"Message\", \"id\": 1, \"peer_id\": {\"_\": \"PeerUser\", \"user_id\": 5}, " DATE
        ", \"message\": \"a\", \"out\": false}\n"
        "{\"_\": \"Message\", \"id\": 2, \"peer_id\": {\"_\": \"PeerUser\", \"user_id\": 5}, " DATE
        ", \"message\": \"b\", \"out\": true}\n"
        "{\"_\": \"Message\", \"id\": 3, \"peer_id\": {\"_\": \"PeerChat\", \"chat_id\": 6}, "
        "\"date\": \"2024-11-11T06:00:00\", \"message\": \"c\", "
        "\"from_id\": {\"_\": \"PeerUser\", \"user_id\": 7}, \"media\": {\"_\": "
        "\"MessageMediaWebPage\", \"webpage\": {\"url\": \"https://example.org/p\"}}}\n"
        "{\"_\": \"Message\", \"id\": 4, " PEER DATE
        ", \"message\": \"\", \"media\": {\"poll\": {\"question\": {\"_\": \"TextWithEntities\", "
        "\"text\": \"Which?\"}}}}\n"
        "{\"_\": \"Message\", \"id\": 5, " PEER "\"date\": \"never\", \"message\": \"d\"}\n"
        "{\"_\": \"Message\", \"id\": 6, " PEER "\"message\": \"d\"}\n"
        "{\"_\": \"Message\", \"id\": 7, \"peer_id\": {\"_\": \"PeerChannel\", \"channel_id\": "
        "1.2e9}, " DATE "}\n"
        "{\"_\": \"Message\", \"id\": 8, \"peer_id\": null, " DATE "}\n"
        "{\"_\": \"Message\", \"id\": 9, " PEER DATE ", \"message\": \"cut\n");
    assert_int_equal(dump.summary.posts_count, 3);
    assert_int_equal(dump.summary.zone_assumed_count, 1);
    assert_has(out, "key=telegram:user5/1 account=telegram:user5 text=a");
    assert_has(out, "key=telegram:chat6/3 account=telegram:user7 text=c");
    assert_has(out, "  url example.org/p\n");
    assert_has(out, "text=Which? ");
    assert_has(dump.rejects.data, "no account\n");
    assert_has(dump.rejects.data, "bad time\n");
    assert_has(dump.rejects.data, "no time\n");
    assert_has(dump.rejects.data, "id in scientific notation: the id is lost\n");
    assert_has(dump.rejects.data, "no chat\n");
    assert_has(dump.rejects.data, "a string does not end\n");
}

static void telethon_array(void **state)
{
    (void)state;
    read_as("telethon-array",
            "[\n{\"_\": \"Message\", \"id\": 1, " PEER DATE ", \"message\": \"a\"},\n"
            "{\"_\": \"Message\", \"id\": 2, " PEER DATE ", \"message\": \"b\"}\n]\n");
    assert_int_equal(dump.summary.posts_count, 2);
}

static void flat_lines(void **state)
{
    (void)state;
    const char *out = read_as(
        "telegram-flat", "{\"message_id\": 3881, \"sender_id\": -1001465826763, \"text\": \"a\", "
                         "\"date\": \"2023-08-10T17:54:05+00:00\", \"channel\": \"Made\"}\n"
                         "{\"message_id\": 3882, \"sender_id\": 42, \"text\": \"b\", \"date\": "
                         "\"2023-08-10T17:54:05+00:00\", \"channel\": \"Made\"}\n"
                         "{\"message_id\": 3883, \"sender_id\": -1.001e12, \"text\": \"c\", "
                         "\"date\": \"2023-08-10T17:54:05+00:00\"}\n"
                         "{\"message_id\": 3884, \"sender_id\": null, \"text\": \"d\", \"date\": "
                         "\"2023-08-10T17:54:05+00:00\"}\n");
    assert_has(out, "key=telegram:1465826763/3881 account=telegram:1465826763 text=a");
    assert_has(out, "key=telegram:~Made/3882 account=telegram:user42 text=b");
    assert_has(out, "key=telegram:1465826763 name=Made");
    assert_has(dump.rejects.data, "the id is lost\n");
    assert_has(dump.rejects.data, "no account\n");
}

/* ---- real files, where they are ---- */

static void real_file(const char *name, const char *adapter, uint64_t posts, uint64_t ignored)
{
    char path[4096];
    struct lks_source_options options = lks_source_options_default();
    struct lks_control control = {.threads = 2};
    struct lks_source_summary summary = {0};
    struct lks_error err = {0};
    if (!test_dump_real(name, path, sizeof path)) {
        print_message("%s is not there: passed over\n", path);
        skip();
    }
    struct test_dump quiet = {.quiet = 1};
    assert_int_equal(
        lks_source_read(path, &options, &control, test_dump_put, &quiet, &summary, &err), 0);
    assert_string_equal(summary.adapter, adapter);
    assert_int_equal(summary.rejects_count, 0);
    assert_int_equal(summary.posts_count, posts);
    assert_int_equal(summary.ignored_count, ignored);
}

static void real_odd(void **state)
{
    (void)state;
    real_file("data/malformed/telegram_odd.ndjson", "telethon", 138, 153);
}

static void real_desktop(void **state)
{
    (void)state;
    real_file("data/telegram_desktop_style_1296614021.json", "telegram-desktop", 754, 9);
    real_file("data/telegram_desktop_style_1310500575.json", "telegram-desktop", 196, 1);
}

static void real_news(void **state)
{
    (void)state;
    real_file("data/telegram_news_ru_dev.ndjson.zst", "telegram-flat", 13503, 0);
}

static void real_pump(void **state)
{
    (void)state;
    real_file("data/telegram_pump_dev.ndjson.zst", "telethon", 276705, 6557);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peers),
        cmocka_unit_test_teardown(desktop_text, teardown),
        cmocka_unit_test_teardown(desktop_authors, teardown),
        cmocka_unit_test_teardown(desktop_forwards, teardown),
        cmocka_unit_test_teardown(desktop_zone, teardown),
        cmocka_unit_test_teardown(desktop_everything, teardown),
        cmocka_unit_test_teardown(desktop_bad_rows, teardown),
        cmocka_unit_test(desktop_threads_agree),
        cmocka_unit_test_teardown(telethon_message, teardown),
        cmocka_unit_test_teardown(telethon_replies_and_forwards, teardown),
        cmocka_unit_test_teardown(telethon_peers_and_times, teardown),
        cmocka_unit_test_teardown(telethon_array, teardown),
        cmocka_unit_test_teardown(flat_lines, teardown),
        cmocka_unit_test(real_odd),
        cmocka_unit_test(real_desktop),
        cmocka_unit_test(real_news),
        cmocka_unit_test(real_pump),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
