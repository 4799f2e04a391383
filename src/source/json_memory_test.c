/* json_memory_test.c - the JSON adapters when memory runs out at each place in turn */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "source/adapters.h"

static const char VIDEO[] =
    "{\"id\":7436000000000000001,\"video_description\":\"#one\\n "
    "words\",\"create_time\":1731330000,"
    "\"music_id\":7200670597150493441,\"hashtag_names\":[\"one\",\"tw\\u006f\"],\"username\":"
    "\"User_A\","
    "\"effect_ids\":[\"31\",32],\"video_mention_list\":[\"Other\"],\"voice_to_text\":\"a\\tb\"}";
static const char ITEM[] =
    "{\"source_platform\": \"tiktok.com\", \"data\": {\"id\": \"1\", \"desc\": \"a\\n #b\", "
    "\"createTime\": 1731330000, "
    "\"author\": {\"uniqueId\": \"User_A\", \"nickname\": \"\\u0041\"}, \"challenges\": "
    "[{\"title\": \"two\"}], "
    "\"textExtra\": [{\"userUniqueId\": \"Other\"}], \"music\": {\"id\": \"7\"}}}";
static const char MESSAGE[] = "{\"id\":2,\"type\":\"message\",\"date_unixtime\":\"1731304800\","
                              "\"from\":\"Na\\u006de\",\"from_id\":\"user5\","
                              "\"forwarded_from\":\"Source\",\"text\":[\"one "
                              "\",{\"type\":\"hashtag\",\"text\":\"#two\"},{\"type\":\"text_link\","
                              "\"text\":\"x\",\"href\":\"example.org/"
                              "a\"},{\"type\":\"mention_name\",\"text\":\"y\",\"user_id\":42}]}";
static const char TELETHON[] =
    "{\"_\":\"Message\",\"id\":2,\"peer_id\":{\"channel_id\":5},\"date\":\"2024-11-11T06:00:00+00:"
    "00\","
    "\"message\":\"see example.org\\n "
    "#two\",\"from_id\":{\"user_id\":6},\"entities\":[{\"_\":\"MessageEntityUrl\","
    "\"offset\":4,\"length\":11},{\"_\":\"MessageEntityMentionName\",\"offset\":0,\"length\":2,"
    "\"user_id\":42}],"
    "\"fwd_from\":{\"date\":1731196801,\"from_name\":\"Hidden\"},\"media\":{\"photo\":{\"id\":9}},"
    "\"reply_to\":{\"reply_to_msg_id\":1}}";
static const char FLAT[] = "{\"message_id\":1,\"sender_id\":42,\"text\":\"a\\n\",\"date\":\"2023-"
                           "08-10T17:54:05+00:00\",\"channel\":\"M\\u0061de\"}";
/* Rows that are refused must be refused, or memory be missing: never half of it. */
static const char BAD_VIDEO[] =
    "{\"id\":7.4e18,\"username\":\"\\u0041\",\"create_time\":1731330000}";
static const char BAD_MESSAGE[] =
    "{\"_\":\"Message\",\"id\":2,\"peer_id\":null,\"message\":\"\\n\"";

static const struct {
    const struct lks_adapter *adapter;
    const char *row;
    size_t posts, rejects;
} cases[] = {
    {&lks_adapter_tiktok_api, VIDEO, 1, 0},         {&lks_adapter_zeeschuimer, ITEM, 1, 0},
    {&lks_adapter_telegram_desktop, MESSAGE, 1, 0}, {&lks_adapter_telethon, TELETHON, 1, 0},
    {&lks_adapter_telegram_flat, FLAT, 1, 0},       {&lks_adapter_tiktok_api, BAD_VIDEO, 0, 1},
    {&lks_adapter_telethon, BAD_MESSAGE, 0, 1},
};

static void arena_is_full(void **state)
{
    (void)state;
    struct lks_source_options options = lks_source_options_default();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lks_row row = {
            .bytes = lks_str_from(cases[i].row),
            .line = 1,
            .array_name = LKS_STR(""),
            .outer = LKS_STR("{\"id\":5,\"n\\u0061me\":\"a\\u0062\",\"type\":\"private_group\"}")};
        unsigned failures = 0;
        int code = LKS_EMEMORY;
        for (size_t limit = 1; code != 0; limit += 16) {
            struct lks_adapter_context context = {.options = &options};
            struct lks_batch batch = {.arena = {.limit_bytes = limit}};
            code = cases[i].adapter->parse(&context, &row, &batch);
            if (code == 0) {
                assert_int_equal(batch.posts_count, cases[i].posts);
                assert_int_equal(batch.rejects_count, cases[i].rejects);
                for (size_t k = 0; k < batch.rejects_count; k++)
                    assert_non_null(batch.rejects[k].reason.data);
            } else {
                assert_int_equal(code, LKS_EMEMORY);
                failures++;
            }
            assert_true(limit < 100000);
            lks_buffer_free(&context.scratch);
            lks_batch_free(&batch);
        }
        assert_true(failures > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(arena_is_full)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
