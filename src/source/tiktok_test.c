/* tiktok_test.c - Research API, Zeeschuimer, the site's items and tables, from files to records */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "source/test_read.h"
#include "source/tiktok.h"

/* ---- accounts ---- */

static void account_keys(void **state)
{
    (void)state;
    static const struct {
        const char *handle, *id, *key;
    } cases[] = {{"user_a", "5", "tiktok:user_a"},
                 {"@User.A", NULL, "tiktok:user.a"},
                 {NULL, "7436050000000000001", "tiktok:id/7436050000000000001"},
                 {"", "5", "tiktok:id/5"},
                 {NULL, NULL, NULL}};
    struct lks_arena arena = {0};
    int failed = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lks_str key = lks_tiktok_account_key(&arena, lks_str_from(cases[i].handle),
                                                    lks_str_from(cases[i].id), &failed);
        assert_int_equal(key.data == NULL, cases[i].key == NULL);
        assert_true(lks_str_equal(key, lks_str_from(cases[i].key)));
    }
    assert_int_equal(failed, 0);
    lks_arena_free(&arena);
}

static void created(void **state)
{
    (void)state;
    const int64_t seen = INT64_C(1731330000) * LKS_SECOND_US;
    int64_t at;
    /* The field wins over the id. */
    assert_int_equal(lks_tiktok_created(5 * LKS_DAY_US, LKS_STR("7019018029121455109"), seen, &at),
                     LKS_CREATED_FIELD);
    assert_true(at == 5 * LKS_DAY_US);
    assert_int_equal(lks_tiktok_created(LKS_TIME_NULL, LKS_STR("7019018029121455109"), seen, &at),
                     LKS_CREATED_ID);
    assert_true(at == (INT64_C(7019018029121455109) >> 32) * LKS_SECOND_US);
    /* Below 2^60 ids carry no time: this one would say 1970. */
    assert_int_equal(lks_tiktok_created(LKS_TIME_NULL, LKS_STR("111880247003717632"), seen, &at),
                     LKS_CREATED_LEGACY);
    assert_true(at == LKS_TIME_NULL);
    assert_int_equal(lks_tiktok_created(LKS_TIME_NULL, LKS_STR("1152921504606846975"), seen, &at),
                     LKS_CREATED_LEGACY);
    /* 2^60 is of 1978, and what says it was made after it posted is no time either. */
    assert_int_equal(lks_tiktok_created(LKS_TIME_NULL, LKS_STR("1152921504606846976"), seen, &at),
                     LKS_CREATED_UNKNOWN);
    assert_int_equal(lks_tiktok_created(0, LKS_STR("7536050000000000001"), seen, &at),
                     LKS_CREATED_UNKNOWN);
    assert_int_equal(lks_tiktok_created(0, LKS_STR("99999999999999999999"), seen, &at),
                     LKS_CREATED_UNKNOWN);
    assert_int_equal(lks_tiktok_created(0, LKS_STR_NULL, seen, &at), LKS_CREATED_UNKNOWN);
    assert_true(at == LKS_TIME_NULL);
}

/* ---- Research API ---- */

#define VIDEO                                                                                      \
    "{\"id\":7436000000000000001,\"video_description\":\"#one "                                    \
    "words\",\"create_time\":1731330000,\"region_code\":\"RO\","                                   \
    "\"share_count\":1,\"view_count\":250,\"like_count\":3,\"comment_count\":2,\"music_id\":"      \
    "7200670597150493441,"                                                                         \
    "\"hashtag_names\":[\"one\",\"two\"],\"username\":\"User_A\",\"voice_to_text\":\"spoken\","    \
    "\"effect_ids\":[\"31\",32],"                                                                  \
    "\"video_mention_list\":[\"Other\"],\"playlist_id\":0,\"video_tag\":{\"type\":\"Branded\","    \
    "\"number\":1}}"

static void api_videos(void **state)
{
    (void)state;
    const char *out = read_as(
        "tiktok-api",
        "{\"data\":{\"videos\":[" VIDEO
        "],\"cursor\":100,\"has_more\":false},\"error\":{\"code\":\"ok\",\"log_id\":\"x\"}}\n"
        "{\"data\":{\"videos\":[{\"video_id\":7436000000000000002,\"create_time\":1731330001,"
        "\"username\":\"user_b\","
        "\"video_tag\":[{\"type\":\"AIGC\",\"number\":1}],\"voice_to_text\":\"\",\"music_id\":0}]}}"
        "\n"
        "{\"data\":{\"videos\":[]},\"error\":{\"code\":\"ok\",\"log_id\":\"x\"}}\n"
        "{\"data\":{},\"error\":{\"code\":\"rate_limit_exceeded\",\"log_id\":\"x\"}}\n"
        "{\"data\":{},\"error\":{\"code\":\"ok\",\"log_id\":\"x\"}}\n");
    assert_int_equal(dump.summary.posts_count, 2);
    assert_int_equal(dump.summary.rejects_count, 1);
    assert_int_equal(dump.summary.ignored_count, 1);
    assert_has(out, "post video 2024-11-11T13:00:00Z second");
    assert_has(
        out,
        "key=tiktok:7436000000000000001 account=tiktok:user_a text=#one words transcript=spoken "
        "views=250 likes=3 shares=1 comments=2 paid=1\n");
    assert_has(out, "  hashtag one\n");
    assert_has(out, "  hashtag two\n");
    assert_has(out, "  hashtag_set one two\n");
    assert_has(out, "  sound tiktok:7200670597150493441\n");
    assert_has(out, "  effect tiktok:31\n");
    assert_has(out, "  effect tiktok:32\n");
    assert_has(out, "  mention tiktok:other\n");
    assert_has(out, "key=tiktok:user_a handle=User_A country=RO");
    assert_has(out, "key=tiktok:7436000000000000002 account=tiktok:user_b paid=0\n");
    assert_has(dump.rejects.data, "the API answered with an error\n");
}

static void api_bare_objects(void **state)
{
    (void)state;
    read_as("tiktok-api", VIDEO "\n" VIDEO "\n");
    assert_int_equal(dump.summary.posts_count, 2);
    read_as("tiktok-api", "[" VIDEO ",\n" VIDEO "]");
    assert_int_equal(dump.summary.posts_count, 2);
    /* An array of responses. */
    read_as("tiktok-api",
            "[{\"data\":{\"videos\":[" VIDEO "]}},{\"data\":{\"videos\":[" VIDEO "]}}]");
    assert_int_equal(dump.summary.posts_count, 2);
}

static void api_comments(void **state)
{
    (void)state;
#define COMMENT(more)                                                                              \
    "{\"id\":7436100000000000001,\"video_id\":7436000000000000001,\"text\":\"words\",\"like_"      \
    "count\":4,\"reply_count\":5," more "\"create_time\":1731331000}"
    const char *out = read_as(
        "tiktok-api", "{\"data\":{\"comments\":[" COMMENT(
                          "\"parent_comment_"
                          "id\":"
                          "743600000000000000"
                          "1,") "," COMMENT("\"parent_comment_id\":7436000000000000001,"
                                            "\"username\":\"user_b\",") "," COMMENT("\"parent_"
                                                                                    "comment_"
                                                                                    "id\":"
                                                                                    "7436100000"
                                                                                    "000000009,"
                                                                                    "\"username"
                                                                                    "\":\"user_"
                                                                                    "c\",") "],"
                                                                                            "\""
                                                                                            "cu"
                                                                                            "rs"
                                                                                            "or"
                                                                                            "\""
                                                                                            ":1"
                                                                                            "00"
                                                                                            "},"
                                                                                            "\""
                                                                                            "er"
                                                                                            "ro"
                                                                                            "r"
                                                                                            "\""
                                                                                            ":{"
                                                                                            "\""
                                                                                            "co"
                                                                                            "de"
                                                                                            "\""
                                                                                            ":"
                                                                                            "\""
                                                                                            "ok"
                                                                                            "\""
                                                                                            "}"
                                                                                            "}");
    /* Without an author a comment is nobody's: never those of one account. */
    assert_int_equal(dump.summary.ignored_count, 1);
    assert_int_equal(dump.summary.posts_count, 2);
    assert_has(out, "post comment 2024-11-11T13:16:40Z");
    assert_has(out, "account=tiktok:user_b text=words parent=tiktok:7436000000000000001 "
                    "channel=tiktok:7436000000000000001 likes=4 comments=5\n");
    assert_has(out, "account=tiktok:user_c text=words parent=tiktok:7436100000000000009 ");
}

static void api_users(void **state)
{
    (void)state;
    const char *out = read_as(
        "tiktok-api",
        "{\"data\":{\"display_name\":\"A\",\"username\":\"User_A\",\"bio_description\":\"b\",\"is_"
        "verified\":true,"
        "\"follower_count\":10,\"following_count\":20,\"video_count\":30},\"error\":{\"code\":"
        "\"ok\"}}\n"
        "{\"data\":{\"user_followers\":[{\"display_name\":\"B\",\"username\":\"user_b\"}]},"
        "\"error\":{\"code\":\"ok\"}}\n"
        "{\"data\":{\"display_name\":\"C\",\"follower_count\":1},\"error\":{\"code\":\"ok\"}}\n");
    assert_int_equal(dump.summary.posts_count, 0);
    assert_int_equal(dump.summary.ignored_count, 3);
    assert_has(out, "account platform=tiktok key=tiktok:user_a handle=User_A name=A bio=b "
                    "verified=1 followers=10 following=20 posts=30\n");
    assert_has(out, "account platform=tiktok key=tiktok:user_b handle=user_b name=B");
}

static void api_bad_rows(void **state)
{
    (void)state;
    read_as(
        "tiktok-api",
        "{\"data\":{\"videos\":[{\"id\":7.436e18,\"username\":\"a\",\"create_time\":1,\"video_"
        "description\":\"x\"},"
        "{\"id\":1,\"create_time\":1731330000},{\"id\":1,\"username\":\"a\",\"create_time\":\"x\"},"
        "{\"username\":\"a\",\"create_time\":1731330000},{\"id\":2,\"username\":\"a\",\"create_"
        "time\":1731330000,"
        "\"lockstep_synthetic\":true}]}}");
    assert_int_equal(dump.summary.posts_count, 1);
    assert_int_equal(dump.summary.rejects_count, 4);
    assert_int_equal(dump.summary.synthetic, 1);
    assert_has(dump.rejects.data, "id in scientific notation: the id is lost\n");
    assert_has(dump.rejects.data, "no account\n");
    assert_has(dump.rejects.data, "bad time\n");
    assert_has(dump.rejects.data, "no post id\n");
}

/* ---- Zeeschuimer and the site ---- */

#define LINE(platform, data)                                                                       \
    "{\"nav_index\": \"1:1:1\", \"item_id\": \"5\", \"timestamp_collected\": 1732400000001, "      \
    "\"source_platform\": \"" platform "\", \"data\": " data ", \"id\": 1}\n"

static void zeeschuimer_posts(void **state)
{
    (void)state;
    const char *out = read_as(
        "zeeschuimer",
        LINE("tiktok.com",
             "{\"id\": \"7436000000000000001\", \"desc\": \"words #one\", \"createTime\": "
             "\"1731330000\", "
             "\"author\": {\"id\": \"6292000000000000\", \"uniqueId\": \"User_A\", \"nickname\": "
             "\"A\", \"verified\": false, \"signature\": \"b\"}, "
             "\"authorStats\": {\"followerCount\": 12, \"followingCount\": 3, \"videoCount\": 2}, "
             "\"stats\": {\"diggCount\": 3, \"commentCount\": 1, \"shareCount\": 0, \"playCount\": "
             "250}, "
             "\"music\": {\"id\": \"7200670597150493441\"}, \"challenges\": [{\"id\": \"1\", "
             "\"title\": \"two\"}], "
             "\"textExtra\": [{\"hashtagName\": \"one\"}, {\"hashtagName\": \"\", "
             "\"userUniqueId\": \"Other\"}], "
             "\"effectStickers\": [{\"ID\": \"31\", \"name\": \"x\"}], \"duetInfo\": "
             "{\"duetFromId\": \"0\"}, \"isAd\": false}")
            LINE("tiktok.com",
                 "{\"id\": \"7436000000000000002\", \"desc\": \"\", \"createTime\": 1731330001, "
                 "\"author\": \"user_b\", \"nickname\": \"B\", "
                 "\"authorId\": \"7019018029121455109\", \"statsV2\": {\"playCount\": \"17\"}, "
                 "\"duetInfo\": {\"duetFromId\": \"7436000000000000001\"}, \"isAd\": true}")
                LINE(
                    "tiktok.com",
                    "{\"id\": \"7436000000000000003\", \"desc\": \"\", \"createTime\": 1731330002, "
                    "\"author\": {\"id\": \"7019018029121455110\", \"createTime\": 1700000000, "
                    "\"uniqueId\": \"user_c\"}}")
                    LINE("tiktok.com", "{\"id\": \"7436000000000000004\", \"liveRoomInfo\": "
                                       "{\"title\": \"x\"}, \"createTime\": 0}"));
    assert_int_equal(dump.summary.posts_count, 3);
    assert_int_equal(dump.summary.ignored_count, 1);
    assert_has(out, "post video 2024-11-11T13:00:00Z");
    assert_has(out, "key=tiktok:7436000000000000001 account=tiktok:user_a text=words #one "
                    "views=250 likes=3 shares=0 comments=1 paid=0\n");
    assert_has(out, "  hashtag two\n");
    assert_has(out, "  hashtag_set one two\n");
    assert_has(out, "  mention tiktok:other\n");
    assert_has(out, "  sound tiktok:7200670597150493441\n");
    assert_has(out, "  effect tiktok:31\n");
    assert_has(out, "key=tiktok:user_a handle=User_A name=A bio=b by=legacy verified=0 "
                    "followers=12 following=3 posts=2\n");
    assert_has(out,
               "account=tiktok:user_b text= origin=tiktok:7436000000000000001 views=17 paid=1\n");
    assert_has(out, "key=tiktok:user_b handle=user_b name=B created_us=1634242485000000 by=id\n");
    assert_has(out, "key=tiktok:user_c handle=user_c created_us=1700000000000000 by=field\n");
}

static void zeeschuimer_comments(void **state)
{
    (void)state;
    const char *out = read_as(
        "zeeschuimer",
        LINE("tiktok-comments",
             "{\"cid\": \"7436100000000000001\", \"aweme_id\": \"7436000000000000001\", "
             "\"reply_id\": \"0\", \"text\": \"words\", "
             "\"create_time\": 1731331000, \"digg_count\": 4, \"reply_comment_total\": 5, "
             "\"comment_language\": \"ro\", "
             "\"user\": {\"uid\": \"7019018029121455109\", \"unique_id\": \"User_B\", "
             "\"nickname\": \"B\"}}")
            LINE("tiktok-comments",
                 "{\"cid\": \"7436100000000000002\", \"aweme_id\": \"7436000000000000001\", "
                 "\"reply_id\": \"7436100000000000001\", \"comment_language\": \"un\", \"text\": "
                 "\"more\", "
                 "\"create_time\": \"1731331001\", \"user\": {\"uid\": \"7019018029121455111\"}}"));
    assert_int_equal(dump.summary.posts_count, 2);
    assert_has(out, "post comment 2024-11-11T13:16:40Z");
    assert_has(out,
               "account=tiktok:user_b text=words language=ro parent=tiktok:7436000000000000001 "
               "channel=tiktok:7436000000000000001 likes=4 comments=5\n");
    assert_has(
        out, "account=tiktok:id/7019018029121455111 text=more parent=tiktok:7436100000000000001 ");
}

static void zeeschuimer_bad_rows(void **state)
{
    (void)state;
    read_as("zeeschuimer",
            LINE("tiktok.com", "{\"id\": 7.4e18, \"createTime\": 1731330000, \"author\": \"a\"}")
                LINE("instagram.com", "{\"id\": \"1\"}") LINE("tiktok.com", "[]")
                    LINE("tiktok.com", "{\"id\": \"2\", \"author\": \"a\"}")
                        LINE("tiktok.com", "{\"id\": \"3\", \"createTime\": 1731330000}")
                            LINE("tiktok.com", "{\"id\": \"4\", \"createTime\": -5, \"author\": "
                                               "\"a\"}") "{\"source_platform\": \"tiktok.com\", "
                                                         "\"lockstep_synthetic\": true, \"data\": "
                                                         "{\"id\": \"5\", \"createTime\": "
                                                         "1731330000, \"author\": \"a\"}}\n");
    assert_int_equal(dump.summary.posts_count, 1);
    assert_int_equal(dump.summary.rejects_count, 6);
    assert_int_equal(dump.summary.synthetic, 1);
    assert_has(dump.rejects.data, "id in scientific notation: the id is lost\n");
    assert_has(dump.rejects.data, "an item of another platform than TikTok\n");
    assert_has(dump.rejects.data, "no item in \"data\"\n");
    assert_has(dump.rejects.data, "no time\n");
    assert_has(dump.rejects.data, "no account\n");
    assert_has(dump.rejects.data, "bad time\n");
}

static void bare_items(void **state)
{
    (void)state;
#define ITEM(id)                                                                                   \
    "{\"id\":\"" id "\",\"createTime\":1731330000,\"desc\":\"a\",\"author\":{\"uniqueId\":\"a\"}}"
    read_as("tiktok-web", "{\"cursor\":\"30\",\"itemList\":[" ITEM("1") "," ITEM("2") "]}");
    assert_int_equal(dump.summary.posts_count, 2);
    read_as("tiktok-web", "{\"itemInfo\":{\"itemStruct\":" ITEM("1") "},\"status\":\"ok\"}");
    assert_int_equal(dump.summary.posts_count, 1);
    read_as("tiktok-web", ITEM("1"));
    assert_int_equal(dump.summary.posts_count, 1);
}

/* ---- tables ---- */

static void table(void **state)
{
    (void)state;
    const char *out = read_as(
        "tiktok-csv", "video_id,author,view_count,create_time,music_id,video_description,hashtag_"
                      "names,effect_ids,voice_to_text,region_code\n"
                      "7354095562404614451,User_A,25466,2024-04-04T19:27:00Z,7354095646745348907,"
                      "\"words, more #one\",\"['one', 'two']\",31,spoken,US\n"
                      "7354095562404614452,user_b,,1712258820,,x,,,,\n"
                      "7.35E+18,user_b,,1712258820,,x,,,,\n"
                      "7354095562404614453,,,1712258820,,x,,,,\n"
                      "7354095562404614454,user_b,,later,,x,,,,\n");
    assert_int_equal(dump.summary.posts_count, 2);
    assert_has(out, "post video 2024-04-04T19:27:00Z");
    assert_has(out, "key=tiktok:7354095562404614451 account=tiktok:user_a text=words, more #one "
                    "transcript=spoken views=25466\n");
    assert_has(out, "  hashtag_set one two\n");
    assert_has(out, "  sound tiktok:7354095646745348907\n");
    assert_has(out, "  effect tiktok:31\n");
    assert_has(dump.rejects.data, "id in scientific notation: the id is lost\n");
    assert_has(dump.rejects.data, "no account\n");
    assert_has(dump.rejects.data, "bad time\n");
}

/* ---- real files, where they are ---- */

static void real_table(void **state)
{
    (void)state;
    char path[4096];
    struct lks_source_options options = lks_source_options_default();
    struct lks_control control = {.threads = 2};
    struct lks_source_summary summary = {0};
    struct test_dump quiet = {.quiet = 1};
    if (!test_dump_real("data/tiktok_coordinated_us2024_dev.csv", path, sizeof path)) {
        print_message("%s is not there: passed over\n", path);
        skip();
    }
    assert_int_equal(
        lks_source_read(path, &options, &control, test_dump_put, &quiet, &summary, NULL), 0);
    assert_string_equal(summary.adapter, "tiktok-csv");
    assert_int_equal(summary.posts_count, 713);
    assert_int_equal(summary.rejects_count, 0);
}

/* 148 public videos: the second in the id is 0 to 3 s before the time that the site shows (which
 * the list gives two hours late), and the one author id below 2^60 carries no time. */
static void public_ids(void **state)
{
    (void)state;
    char path[4096], line[256];
    unsigned rows = 0, legacy = 0;
    if (!test_dump_real("formats/tiktok-web/id_timestamp_check.csv", path, sizeof path))
        skip();
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        unsigned long long high, milliseconds;
        long long late;
        int author_bits;
        char id[32];
        int64_t created_us;
        assert_int_equal(
            sscanf(line, "%llu,%llu,%lld,%d", &high, &milliseconds, &late, &author_bits), 4);
        snprintf(id, sizeof id, "%llu", high << 32 | milliseconds << 22);
        assert_int_equal(
            lks_tiktok_created(LKS_TIME_NULL, lks_str_from(id), LKS_TIME_NULL, &created_us),
            LKS_CREATED_ID);
        int64_t shown_us = ((int64_t)high + late - 7200) * LKS_SECOND_US;
        assert_in_range(shown_us - created_us, 0, 3 * LKS_SECOND_US);
        snprintf(id, sizeof id, "%llu", 1ull << (author_bits - 1));
        enum lks_created_method method =
            lks_tiktok_created(LKS_TIME_NULL, lks_str_from(id), LKS_TIME_NULL, &created_us);
        legacy += method == LKS_CREATED_LEGACY;
        rows++;
    }
    fclose(file);
    assert_int_equal(rows, 148);
    assert_int_equal(legacy, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(account_keys),
        cmocka_unit_test(created),
        cmocka_unit_test_teardown(api_videos, teardown),
        cmocka_unit_test_teardown(api_bare_objects, teardown),
        cmocka_unit_test_teardown(api_comments, teardown),
        cmocka_unit_test_teardown(api_users, teardown),
        cmocka_unit_test_teardown(api_bad_rows, teardown),
        cmocka_unit_test_teardown(zeeschuimer_posts, teardown),
        cmocka_unit_test_teardown(zeeschuimer_comments, teardown),
        cmocka_unit_test_teardown(zeeschuimer_bad_rows, teardown),
        cmocka_unit_test_teardown(bare_items, teardown),
        cmocka_unit_test_teardown(table, teardown),
        cmocka_unit_test(real_table),
        cmocka_unit_test(public_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
