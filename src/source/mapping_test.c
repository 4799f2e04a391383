/* mapping_test.c - mappings as text and as TOML, and what becomes of mapped rows */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "source/test_dump.h"

static void check_mapping(const char *text, const char *account, const char *time,
                          const char *hashtag)
{
    struct lks_mapping mapping;
    struct lks_error err = {0};
    int code = lks_mapping_parse(text, &mapping, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(code, 0);
    assert_string_equal(mapping.column[LKS_MAP_ACCOUNT], account);
    assert_string_equal(mapping.column[LKS_MAP_TIME], time);
    if (hashtag)
        assert_string_equal(mapping.column[LKS_MAP_HASHTAG], hashtag);
    else
        assert_null(mapping.column[LKS_MAP_HASHTAG]);
    lks_mapping_free(&mapping);
}

static void check_refused(const char *text, const char *part)
{
    struct lks_mapping mapping;
    struct lks_error err = {0};
    assert_int_equal(lks_mapping_parse(text, &mapping, &err), LKS_EARGUMENT);
    if (!strstr(err.message, part))
        fail_msg("'%s' does not say '%s'", err.message, part);
    for (int i = 0; i < LKS_MAP_FIELDS_COUNT; i++)
        assert_null(mapping.column[i]);
}

static void as_text(void **unused)
{
    (void)unused;
    check_mapping("account=author_id,time=t", "author_id", "t", NULL);
    check_mapping(" time = Created at , account = user.id,hashtag=tags", "user.id", "Created at",
                  "tags");
    check_mapping("account=a=b,time=t", "a=b", "t", NULL);
    check_mapping("account=a,time=t,time_format=%d/%m/%Y %H:%M", "a", "t", NULL);
    check_refused("account=a,time=t,time_format=%d/%m", "year, month and day");
    check_refused("account=a,time=t,time_format=%F %Q", "'%Q'");
    check_refused("account=a,time=t,time_format=", "no form for time_format");
    check_refused("account=a,time=t,time_format=%F,time_format=%F", "time_format twice");
    check_mapping("account=a,time=t,platform==TikTok", "a", "t", NULL);
    check_refused("account=a,time=t,platform==", "'' is no name of a platform");
    check_refused("account=a,time=t,platform==tik tok", "'tik tok' is no name of a platform");
    check_refused("account=a", "lacks time");
    check_refused("time=a", "lacks account");
    check_refused("", "lacks account");
    check_refused("account=a,time=t,who=x", "known are account, time, post");
    check_refused("account=a,time=t,account=b", "account twice");
    check_refused("account=,time=t", "no column for account");
    check_refused("account", "write account=COLUMN");
    check_refused("account=a,,time=t", "no part of a mapping");
}

static void as_toml(void **unused)
{
    (void)unused;
    char path[] = "/tmp/lks_mapping_XXXXXX.toml";
    static const struct {
        const char *text, *refused;
    } files[] = {
        {"# mine\naccount = \"user, id\" # here\n\n  time='t\\'\r\nhashtag = \"a\\\"b\\\\\"\n",
         NULL},
        {"account = a\n", "line 1: is no value"},
        {"account = \"a\"\ntime = \"t\n", "line 2: the quote is never closed"},
        {"account = \"a\" b\n", "line 1"},
        {"[map]\n", "line 1"},
        {"account = 7\n", "line 1 is not of the form"},
        {"account = \"a\"\naccount = \"b\"\n", "line 2: stands there for the second time"},
        {"account = \"\"\n", "no column"},
        {"", "lacks account"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        strcpy(path + strlen("/tmp/lks_mapping_"), "XXXXXX.toml");
        int file = mkstemps(path, 5);
        assert_true(file >= 0);
        assert_int_equal(write(file, files[i].text, strlen(files[i].text)), strlen(files[i].text));
        close(file);
        if (files[i].refused)
            check_refused(path, files[i].refused);
        else
            check_mapping(path, "user, id", "t\\", "a\"b\\");
        unlink(path);
    }
    struct lks_mapping mapping;
    assert_int_equal(lks_mapping_parse("/tmp/no-such-file.toml", &mapping, NULL), LKS_EIO);
}

static void check(const char *content, const char *map, const char *want)
{
    struct test_dump dump = {0};
    int code = test_dump_read(&dump, lks_str_from(content), NULL, map, 1, 1);
    assert_string_equal(dump.err.message, "");
    assert_int_equal(code, 0);
    assert_string_equal(dump.text.data, want);
    test_dump_free(&dump);
}

static void csv_rows(void **unused)
{
    (void)unused;
    check("who,when,id,words,where,what,parent,of,links,tags,snd,lang\n"
          "7,2024-11-24T08:00:00Z,99,Hello #World,TikTok,comment,5,,"
          "\"['https://Example.org/a?utm_source=x', 'http://t.co/b']\",\"[one, Two]\",s1,en\n"
          "8,1732435200,,,,retweet,,77,,,,\n",
          "account=who,time=when,post=id,text=words,platform=where,kind=what,parent=parent,"
          "origin=of,url=links,hashtag=tags,sound=snd,language=lang",
          "batch\n"
          "post comment 2024-11-24T08:00:00Z second platform=tiktok key=tiktok:99 "
          "account=tiktok:7 text=Hello #World language=en parent=tiktok:5\n"
          "  url example.org/a\n"
          "  domain example.org\n"
          "  url t.co/b\n"
          "  hashtag one\n"
          "  hashtag two\n"
          "  sound tiktok:s1\n"
          "  hashtag world\n"
          "  hashtag_set one two world\n"
          "  reply tiktok:5\n"
          "post repost 2024-11-24T08:00:00Z second platform=other "
          "key=other:row-0267e7b653c649feeb57b0e7f7534ea8 account=other:8 origin=other:77\n"
          "  repost other:77\n");
}

/* One platform in every row; what a column of that name says is then not looked at. */
static void one_platform(void **unused)
{
    (void)unused;
    check("who,when,id,=TikTok\n7,2016-07-31T23:05:00Z,1,x\n",
          "account=who,time=when,post=id,platform==TikTok",
          "batch\n"
          "post post 2016-07-31T23:05:00Z second platform=tiktok key=tiktok:1 account=tiktok:7\n");
    check("{\"a\":7,\"p\":1,\"t\":\"2016-07-31T23:05:00Z\"}\n",
          "account=a,time=t,post=p,platform==tiktok",
          "batch\n"
          "post post 2016-07-31T23:05:00Z second platform=tiktok key=tiktok:1 account=tiktok:7\n");
}

/* The day before the month, as the mapping says; and what is not of that form. */
static void described_times(void **unused)
{
    (void)unused;
    check("who,when,id\n"
          "7,31/07/2016 23:05,1\n"
          "7,2016-07-31 23:05,2\n"
          "7,07/31/2016 23:05,3\n"
          "7,,4\n",
          "account=who,time=when,post=id,time_format=%d/%m/%Y %H:%M",
          "batch\n"
          "post post 2016-07-31T23:05:00Z minute platform=other key=other:1 account=other:7\n"
          "reject 3 7,2016-07-31 23:05,2\n"
          "reject 4 7,07/31/2016 23:05,3\n"
          "reject 5 7,,4\n");
    check("{\"a\":7,\"p\":1,\"t\":\"Mon, 02 May 2022 10:11:12 +0200\"}\n",
          "account=a,time=t,post=p,time_format=%a %d %b %Y %T %z",
          "batch\n"
          "reject 1 "
          "{\"a\":7,\"p\":1,\"t\":\"Mon, 02 May 2022 10:11:12 +0200\"}\n");
    check("{\"a\":7,\"p\":1,\"t\":\"Mon 02 May 2022 10:11:12 +0200\"}\n",
          "account=a,time=t,post=p,time_format=%a %d %b %Y %T %z",
          "batch\n"
          "post post 2022-05-02T08:11:12Z second platform=other key=other:1 account=other:7\n");
}

static void json_rows(void **unused)
{
    (void)unused;
    check("{\"user\":{\"id\":7437000000000000001},\"t\":1732435200,\"tags\":[\"a\",\"b\"],"
          "\"m\":\"x \\u00e9\"}\n"
          "\n"
          "{\"user\":{\"id\":null},\"t\":1732435200}\n"
          "{\"user\":{\"id\":8},\"t\":\"soon\"}\n"
          "{\"user\":{\"id\":7.4e18},\"t\":1732435200}\n"
          "{\"user\":{\"id\":8}\n",
          "account=user.id,time=t,hashtag=tags,text=m",
          "batch\n"
          "post post 2024-11-24T08:00:00Z second platform=other "
          "key=other:row-fa6cb3d7da89c2f8dc151a2f097d81e8 account=other:7437000000000000001 "
          "text=x \xc3\xa9\n"
          "  hashtag a\n"
          "  hashtag b\n"
          "  hashtag_set a b\n"
          "reject 3 {\"user\":{\"id\":null},\"t\":1732435200}\n"
          "reject 4 {\"user\":{\"id\":8},\"t\":\"soon\"}\n"
          "reject 5 {\"user\":{\"id\":7.4e18},\"t\":1732435200}\n"
          "reject 6 {\"user\":{\"id\":8}\n");
}

/* The records of a document, as an array or over many lines. */
static void json_documents(void **unused)
{
    (void)unused;
    static const char want[] =
        "batch\n"
        "post post 2024-11-24T08:00:00Z second platform=other key=other:1 account=other:7\n"
        "post post 2024-11-24T08:00:01Z second platform=other key=other:2 account=other:8\n";
    static const char *const files[] = {
        "[{\"u\":7,\"t\":1732435200,\"id\":1},{\"u\":8,\"t\":1732435201,\"id\":2}]",
        "{\n \"messages\": [\n  {\"u\": 7, \"t\": 1732435200, \"id\": 1},\n"
        "  {\"u\": 8,\n   \"t\": 1732435201, \"id\": 2}\n ]\n}\n"};
    for (size_t i = 0; i < 2; i++) {
        struct test_dump dump = {.in_documents = 1};
        assert_int_equal(
            test_dump_read(&dump, lks_str_from(files[i]), NULL, "account=u,time=t,post=id", 1, 0),
            0);
        assert_string_equal(dump.summary.adapter, "json");
        assert_string_equal(dump.text.data, want);
        test_dump_free(&dump);
    }
}

/* Some chunks of one document: the same records as the lines, wherever chunks end. */
static void long_documents(void **unused)
{
    (void)unused;
    static const char map[] = "account=u,time=t,post=id,text=m";
    struct lks_buffer lines = {0}, document = {0};
    struct test_dump want = {.quiet = 1}, got = {.quiet = 1};
    lks_buffer_byte(&document, '[');
    for (int i = 0; i < 30000; i++) {
        size_t start = lines.size_bytes;
        lks_buffer_format(&lines, "{\"u\":\"a%d\",\"t\":%d,\"id\":%d,\"m\":\"%.*s ]}\\\"[{\"}\n",
                          i % 7, i, i, i % 90,
                          "word word word word word word word word word word word word word word "
                          "word word word word ");
        if (i)
            lks_buffer_text(&document, ", ");
        lks_buffer_append(&document, lines.data + start, lines.size_bytes - start - 1);
    }
    lks_buffer_byte(&document, ']');
    struct lks_str lines_text = {lines.data, lines.size_bytes};
    struct lks_str document_text = {document.data, document.size_bytes};
    assert_int_equal(test_dump_read(&want, lines_text, "jsonl", map, 1, 0), 0);
    assert_int_equal(want.summary.posts_count, 30000);
    for (unsigned threads = 1; threads <= 3; threads++) {
        got = (struct test_dump){.quiet = 1};
        assert_int_equal(test_dump_read(&got, document_text, NULL, map, threads, 0), 0);
        assert_string_equal(got.summary.adapter, "json");
        assert_true(got.batches_count > 2);
        assert_int_equal(got.summary.posts_count, 30000);
        assert_int_equal(got.summary.rows_count, 30000);
        test_dump_free(&got);
    }
    test_dump_free(&want);
    lks_buffer_free(&lines);
    lks_buffer_free(&document);
}

static int put_time(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    (void)err;
    *(int64_t *)context = batch->posts[0].time_us;
    return 0;
}

/* A time without a zone is taken where the caller says, and counted. */
static void zones(void **unused)
{
    (void)unused;
    static const struct {
        const char *file;
        int64_t offset_us, want;
        uint64_t assumed;
    } cases[] = {
        {"who,when\na,1970-01-02 05:00\n", 3 * LKS_HOUR_US, LKS_DAY_US + 2 * LKS_HOUR_US, 1},
        {"who,when\na,1970-01-02T05:00:00\n", -90 * LKS_MINUTE_US, LKS_DAY_US + 390 * LKS_MINUTE_US,
         1},
        {"who,when\na,1970-01-02T05:00:00\n", 0, LKS_DAY_US + 5 * LKS_HOUR_US, 1},
        {"who,when\na,1970-01-02T05:00:00Z\n", 3 * LKS_HOUR_US, LKS_DAY_US + 5 * LKS_HOUR_US, 0},
        {"who,when\na,86400\n", 3 * LKS_HOUR_US, LKS_DAY_US, 0},
    };
    struct lks_mapping mapping;
    assert_int_equal(lks_mapping_parse("account=who,time=when", &mapping, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lks_source_options options = lks_source_options_default();
        struct lks_source_summary summary;
        struct lks_reader *reader = NULL;
        int64_t time_us = 0;
        options.mapping = &mapping;
        options.zone_offset_us = cases[i].offset_us;
        lks_reader_open_memory("made", cases[i].file, strlen(cases[i].file), &reader, NULL);
        assert_int_equal(lks_source_read_from(reader, "made", &options, NULL, put_time, &time_us,
                                              &summary, NULL),
                         0);
        assert_int_equal(time_us, cases[i].want);
        assert_int_equal(summary.zone_assumed_count, cases[i].assumed);
        lks_reader_close(reader);
    }
    lks_mapping_free(&mapping);
}

static void reasons(void **unused)
{
    (void)unused;
    struct test_dump dump = {0};
    assert_int_equal(test_dump_read(&dump,
                                    LKS_STR("who,when,id,where\n"
                                            ",1,1,\n"
                                            "a,,1,\n"
                                            "a,soon,1,\n"
                                            "a,4102444801,1,\n"
                                            "a,1969-12-31,1,\n"
                                            "a,45620.84375,1,\n"
                                            "8.01E+17,1,1,\n"
                                            "a,1,8.01E+17,\n"
                                            "a,1,1,a b\n"
                                            "a,1,1\n"),
                                    NULL, "account=who,time=when,post=id,platform=where", 1, 1),
                     0);
    assert_string_equal(dump.rejects.data, "2 no account\n"
                                           "3 no time\n"
                                           "4 bad time\n"
                                           "5 bad time\n"
                                           "6 bad time\n"
                                           "7 bad time\n"
                                           "8 id in scientific notation: the id is lost\n"
                                           "9 id in scientific notation: the id is lost\n"
                                           "10 bad platform name\n"
                                           "11 wrong number of fields\n");
    test_dump_free(&dump);
}

/* Limits of record.h hold for whatever comes in. */
static void limits(void **unused)
{
    (void)unused;
    struct test_dump dump = {0};
    struct lks_buffer file = {0};
    lks_buffer_text(&file, "who,when,text,tags\n");
    for (int i = 0; i < 600; i++)
        lks_buffer_byte(&file, 'k');
    lks_buffer_text(&file, ",1,x,\na,1,");
    for (int i = 0; i < LKS_TEXT_BYTES_MAX / 8 + 1; i++)
        lks_buffer_text(&file, "ABCDEFG ");
    lks_buffer_text(&file, ",\na,1,\"");
    for (int i = 0; i < 5000; i++)
        lks_buffer_format(&file, "#tag%d ", i);
    lks_buffer_text(&file, "\",\na,1,,\"[");
    for (int i = 0; i < 5000; i++)
        lks_buffer_format(&file, "tag%d, ", i);
    lks_buffer_text(&file, "]\"\na,1,fine,\n");
    assert_int_equal(test_dump_read(&dump, (struct lks_str){file.data, file.size_bytes}, NULL,
                                    "account=who,time=when,text=text,hashtag=tags", 1, 1),
                     0);
    assert_int_equal(dump.summary.posts_count, 1);
    assert_non_null(strstr(dump.rejects.data, "2 an id is too long\n3 "));
    assert_non_null(strstr(dump.rejects.data, " text too long\n4 "));
    assert_non_null(strstr(dump.rejects.data, "\n4 too many links, tags or mentions\n"
                                              "5 too many links, tags or mentions\n"));
    test_dump_free(&dump);
    lks_buffer_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_text),        cmocka_unit_test(as_toml),
        cmocka_unit_test(csv_rows),       cmocka_unit_test(json_rows),
        cmocka_unit_test(one_platform),   cmocka_unit_test(described_times),
        cmocka_unit_test(reasons),        cmocka_unit_test(json_documents),
        cmocka_unit_test(long_documents), cmocka_unit_test(zones),
        cmocka_unit_test(limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
