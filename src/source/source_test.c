/* source_test.c - whole files through recognition, framing and parsing */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/sha256.h"
#include "source/test_dump.h"

#define IRA_HEADER                                                                                 \
    "author_id,author,external_author_id,account_type,account_category,new_june_2018,"             \
    "publish_date,harvested_date,language,region,following,followers,updates,post_type,retweet,"   \
    "content\n"

static struct lks_str str_of(const struct lks_buffer *buffer)
{
    return (struct lks_str){buffer->data, buffer->size_bytes};
}

/* Made rows of the IRA table: quoted newlines, doubled quotes, NEL, cp1252, short rows. */
static void made_table(struct lks_buffer *out, uint64_t seed, size_t rows)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 0);
    lks_buffer_text(out, IRA_HEADER);
    for (size_t i = 0; i < rows; i++) {
        unsigned user = (unsigned)lks_rng_below(&rng, 50);
        if (!lks_rng_below(&rng, 200)) {
            lks_buffer_text(out, "a,row,too,short\n");
            continue;
        }
        lks_buffer_format(out,
                          "user%u,user%u,1,left,Troll,0,2016-07-%02u 1%u:%02u:00,,English,Here,1,2,"
                          "3,,%u,\"line %u\n#tag%u \"\"said\"\" NEL\xc2\x85 U\xe2\x80\xa8 ",
                          user, user, 1 + (unsigned)lks_rng_below(&rng, 28),
                          (unsigned)lks_rng_below(&rng, 10), (unsigned)lks_rng_below(&rng, 60),
                          (unsigned)lks_rng_below(&rng, 2), (unsigned)lks_rng_below(&rng, 1000),
                          (unsigned)lks_rng_below(&rng, 9));
        if (!lks_rng_below(&rng, 50))
            lks_buffer_text(out, "caf\xe9 \x93quoted\x94");
        for (size_t n = lks_rng_below(&rng, 300); n > 0; n--)
            lks_buffer_byte(out, 'x');
        lks_buffer_text(out, lks_rng_below(&rng, 3) ? "\"\n" : "\"\r\n");
    }
}

static void threads_agree(void **unused)
{
    (void)unused;
    struct lks_buffer file = {0};
    struct test_dump one = {0}, many = {0};
    made_table(&file, 1, 12000);
    assert_int_equal(test_dump_read(&one, str_of(&file), NULL, NULL, 1, 0.5), 0);
    assert_true(one.batches_count > 2);
    assert_int_equal(one.summary.rows_count, 12000);
    assert_int_equal(one.summary.posts_count + one.summary.rejects_count, 12000);
    assert_true(one.summary.rejects_count > 20);
    assert_true(one.summary.cp1252_count > 100);
    assert_int_equal(one.summary.content_bytes, file.size_bytes);
    for (unsigned threads = 2; threads <= 5; threads++) {
        assert_int_equal(test_dump_read(&many, str_of(&file), "ira", NULL, threads, 0.5), 0);
        assert_int_equal(one.text.size_bytes, many.text.size_bytes);
        assert_memory_equal(one.text.data, many.text.data, one.text.size_bytes);
        assert_string_equal(one.rejects.data, many.rejects.data);
        assert_int_equal(one.summary.cp1252_count, many.summary.cp1252_count);
        test_dump_free(&many);
    }
    test_dump_free(&one);
    lks_buffer_free(&file);
}

/* Each post knows where its row lies, and each reject its line. */
struct provenance {
    const struct lks_buffer *file;
    uint64_t rows;
};

static int provenance_put(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    struct provenance *provenance = context;
    (void)err;
    for (size_t i = 0; i < batch->posts_count; i++) {
        const struct lks_post *post = &batch->posts[i];
        const char *row = provenance->file->data + post->offset_bytes;
        assert_true(post->offset_bytes + post->length_bytes <= provenance->file->size_bytes);
        assert_memory_equal(row, "user", 4);
        assert_int_equal(row[-1], '\n');
        assert_int_equal(row[post->length_bytes - 1], '"');
        /* The key is the digest of these very bytes. */
        unsigned char digest[32];
        char hex[LKS_SHA256_HEX_BYTES];
        lks_sha256_of(row, post->length_bytes, digest);
        lks_sha256_hex(digest, hex);
        assert_memory_equal(post->post_key.data, "twitter:row-", 12);
        assert_memory_equal(post->post_key.data + 12, hex, 32);
        provenance->rows++;
    }
    for (size_t i = 0; i < batch->rejects_count; i++) {
        uint64_t line = 1;
        for (uint64_t at = 0; at < batch->rejects[i].offset_bytes; at++)
            line += provenance->file->data[at] == '\n';
        assert_int_equal(batch->rejects[i].line, line);
        assert_memory_equal(provenance->file->data + batch->rejects[i].offset_bytes, "a,row", 5);
        provenance->rows++;
    }
    return 0;
}

static void rows_know_their_place(void **unused)
{
    (void)unused;
    struct lks_buffer file = {0};
    struct lks_reader *reader = NULL;
    struct lks_source_options options = lks_source_options_default();
    struct lks_control control = {.threads = 3};
    lks_buffer_text(&file, "\xef\xbb\xbf");
    made_table(&file, 2, 4000);
    struct provenance provenance = {&file, 0};
    lks_reader_open_memory("made", file.data, file.size_bytes, &reader, NULL);
    assert_int_equal(lks_source_read_from(reader, "made", &options, &control, provenance_put,
                                          &provenance, NULL, NULL),
                     0);
    assert_int_equal(provenance.rows, 4000);
    lks_reader_close(reader);
    lks_buffer_free(&file);
}

static void check(const char *content, const char *as, const char *map, const char *want)
{
    for (unsigned threads = 1; threads <= 2; threads++) {
        struct test_dump dump = {0};
        int code = test_dump_read(&dump, lks_str_from(content), as, map, threads, 1);
        assert_string_equal(dump.err.message, "");
        assert_int_equal(code, 0);
        assert_string_equal(dump.text.data, want);
        test_dump_free(&dump);
    }
}

static void check_error(struct lks_str content, const char *as, const char *map, int want,
                        const char *part)
{
    for (unsigned threads = 1; threads <= 2; threads++) {
        struct test_dump dump = {0};
        int code = test_dump_read(&dump, content, as, map, threads, 0.5);
        if (!strstr(dump.err.message, part))
            fail_msg("'%s' does not say '%s'", dump.err.message, part);
        assert_int_equal(code, want);
        test_dump_free(&dump);
    }
}

static void clear_sentences(void **unused)
{
    (void)unused;
    static const char picture[] = "\xff\xd8\xff\xe0\0\x10JFIF", binary[] = "a,b\n1,\0002\n";
    check_error(LKS_STR(""), NULL, NULL, LKS_EINPUT, "is empty");
    check_error(LKS_STR("\n \n"), NULL, NULL, LKS_EINPUT, "holds nothing");
    check_error((struct lks_str){picture, sizeof picture - 1}, NULL, NULL, LKS_EINPUT,
                "binary file (a JPEG picture)");
    check_error((struct lks_str){binary, sizeof binary - 1}, NULL, NULL, LKS_EINPUT, "binary");
    check_error(LKS_STR("\xff\xfe"
                        "a\0b\0"),
                NULL, NULL, LKS_EINPUT, "UTF-16");
    check_error(LKS_STR("when,who\n1,2\n"), NULL, NULL, LKS_EINPUT,
                "a table with the columns when, who. Name the format with --as (");
    check_error(LKS_STR("when,who\n1,2\n"), NULL, NULL, LKS_EINPUT, "--map");
    /* Of a wide table the columns that a mapping needs are named, wherever they stand. */
    struct lks_buffer wide = {0};
    for (int i = 0; i < 80; i++)
        lks_buffer_format(&wide, "a_measure_%d,", i);
    lks_buffer_text(&wide, "Author_Name,made_at_TIME,id\n1,2\n");
    check_error((struct lks_str){wide.data, wide.size_bytes}, NULL, NULL, LKS_EINPUT,
                "many columns, such as Author_Name, made_at_TIME, id, a_measure_0, ");
    lks_buffer_free(&wide);
    check_error(LKS_STR("just words\nand more\n"), NULL, NULL, LKS_EINPUT, "text without columns");
    check_error(LKS_STR("{\"who\": 1, \"w\\u0068en\": {\"x\": 2}, \"tex"), NULL, NULL, LKS_EINPUT,
                "JSON with the members who, when. Name");
    check_error(LKS_STR("[[1, 2]]"), NULL, NULL, LKS_EINPUT, "JSON without members. Name");
    check_error(LKS_STR("just words\nand more\n"), "ira", NULL, LKS_EINPUT, "no table");
    check_error(LKS_STR("when,who\n1,2\n"), "ira", NULL, LKS_EINPUT, "none of the columns");
    check_error(LKS_STR("when,who\n1,2\n"), "csv", NULL, LKS_EARGUMENT, "--map");
    check_error(LKS_STR("when,who\n1,2\n"), "no-such", NULL, LKS_EARGUMENT, "no format");
    check_error(LKS_STR("when,who\n1,2\n"), NULL, "account=name,time=when", LKS_EINPUT,
                "no column 'name', which the mapping names for account; it has: when, who");
    check_error(LKS_STR("just words\nand more\n"), NULL, "account=name,time=when", LKS_EINPUT,
                "neither JSON nor a table");
    check_error(LKS_STR("who,when\ra,5\rb,6\r"), NULL, "account=who,time=when", LKS_EINPUT,
                "ends its lines with carriage returns alone");
}

static void mostly_bad(void **unused)
{
    (void)unused;
    struct lks_buffer file = {0};
    struct test_dump dump = {0};
    /* 40 good, 60 bad: over the half. */
    lks_buffer_text(&file, "who,when\n");
    for (int i = 0; i < 100; i++)
        lks_buffer_text(&file, i % 5 < 2 ? "a,1700000000\n" : i % 5 == 2 ? ",17\n" : "a,soon\n");
    check_error(str_of(&file), NULL, "account=who,time=when", LKS_EINPUT,
                "60 of 100 rows cannot be taken as csv, most often because of: bad time (40 times, "
                "first in line 5): say in the mapping how times are written, as in "
                "time_format=%d.%m.%Y %H:%M");
    assert_int_equal(test_dump_read(&dump, str_of(&file), NULL, "account=who,time=when", 2, 0.6),
                     0);
    assert_int_equal(dump.summary.posts_count, 40);
    assert_int_equal(dump.summary.rejects_count, 60);
    test_dump_free(&dump);
    /* A few rows that are all bad are mostly bad too, at the end of the file. */
    check_error(LKS_STR("who,when\na,soon\n"), NULL, "account=who,time=when", LKS_EINPUT,
                "1 of 1 rows");
    lks_buffer_free(&file);
}

static void small_files(void **unused)
{
    (void)unused;
    /* Only a header: nothing to take, nothing wrong. */
    check(IRA_HEADER, NULL, NULL, "");
    check("who,when", NULL, "account=who,time=when", "");
    /* No line end at the end; blank lines; CRLF; a semicolon table; other letters' case. */
    check("Who;When\r\n\r\na;1700000000\r\n\n\"b;c\";1700000001", NULL, "account=who,time=when",
          /* The SHA-256 of the rows, by sha256sum. */
          "batch\n"
          "post post 2023-11-14T22:13:20Z second platform=other "
          "key=other:row-4337eaabdd528cfc33ad3bb575a67e95 account=other:a\n"
          "batch\n"
          "post post 2023-11-14T22:13:21Z second platform=other "
          "key=other:row-e23bd11e888f2cd262a4507640bb0938 account=other:b;c\n");
}

/* The delimiter is the one by which header and rows agree. */
static void delimiters(void **unused)
{
    (void)unused;
    static const char *const files[] = {"who,when\na,5\n",
                                        "who;when\na;5\n",
                                        "who\twhen\na\t5\n",
                                        "who|when\na|5\n",
                                        "when,who,\"x;y;z;w\"\n5,a,\"1;2\"\n",
                                        "who;when;\"x,y,z,w\"\n\na;5;7,1\n",
                                        "sep=;\r\nwho;when\r\na;5\r\n",
                                        "\xef\xbb\xbfSEP=\t\nwho\twhen\na\t5\n"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct test_dump dump = {0};
        assert_int_equal(
            test_dump_read(&dump, lks_str_from(files[i]), NULL, "account=who,time=when", 1, 0), 0);
        assert_int_equal(dump.summary.posts_count, 1);
        assert_non_null(strstr(dump.text.data, "1970-01-01T00:00:05Z"));
        assert_non_null(strstr(dump.text.data, "account=other:a\n"));
        test_dump_free(&dump);
    }
}

/* A quote that is never closed costs its own line and no other: not the rest of the file. */
static void unclosed_quote(void **unused)
{
    (void)unused;
    struct test_dump dump = {0};
    struct lks_buffer file = {0};
    lks_buffer_text(&file, "who,when\na,1\n\"b,2\n");
    for (int i = 0; i < 200000; i++)
        lks_buffer_text(&file, "a,3,\n");
    lks_buffer_text(&file, "a,5\n");
    assert_int_equal(test_dump_read(&dump, str_of(&file), NULL, "account=who,time=when", 2, 1), 0);
    assert_int_equal(dump.summary.rows_count, 200003);
    assert_int_equal(dump.summary.posts_count, 2);
    assert_memory_equal(dump.rejects.data, "3 quote never closed\n4 wrong number of fields\n",
                        strlen("3 quote never closed\n4 wrong number of fields\n"));
    test_dump_free(&dump);
    lks_buffer_free(&file);
}

static void long_record(void **unused)
{
    (void)unused;
    struct test_dump dump = {0};
    struct lks_buffer file = {0};
    char *filler = malloc(1 << 20);
    memset(filler, 'x', 1 << 20);
    /* A row of 3 MiB is read; one beyond the limit is a reject, and reading goes on. */
    lks_buffer_text(&file, "who,when,text\na,1,");
    for (int i = 0; i < 3; i++)
        lks_buffer_append(&file, filler, 1 << 20);
    lks_buffer_text(&file, "\nb,2,");
    for (int i = 0; i < 65; i++)
        lks_buffer_append(&file, filler, 1 << 20);
    lks_buffer_text(&file, "\nc,3,end\n");
    assert_int_equal(
        test_dump_read(&dump, str_of(&file), NULL, "account=who,time=when,text=text", 2, 0.5), 0);
    assert_int_equal(dump.summary.rows_count, 3);
    assert_int_equal(dump.summary.posts_count, 2);
    assert_int_equal(dump.summary.content_bytes, file.size_bytes);
    assert_string_equal(dump.rejects.data, "3 row too long\n");
    test_dump_free(&dump);
    free(filler);
    lks_buffer_free(&file);
}

static int put_fails(void *context, const struct lks_batch *batch, struct lks_error *err)
{
    int *left = context;
    (void)batch;
    return --*left < 0 ? lks_error_set(err, LKS_ESTORE, "the store is full") : 0;
}

static void failures_stop(void **unused)
{
    (void)unused;
    struct lks_buffer file = {0};
    struct lks_source_options options = lks_source_options_default();
    made_table(&file, 3, 12000);
    for (unsigned threads = 1; threads <= 4; threads++) {
        struct lks_reader *reader = NULL;
        struct lks_control control = {.threads = threads};
        struct lks_error err = {0};
        int left = 1;
        lks_reader_open_memory("made", file.data, file.size_bytes, &reader, NULL);
        assert_int_equal(
            lks_source_read_from(reader, "made", &options, &control, put_fails, &left, NULL, &err),
            LKS_ESTORE);
        assert_string_equal(err.message, "the store is full");
        lks_reader_close(reader);
        volatile int cancel = 1;
        control.cancel = &cancel;
        err = (struct lks_error){0};
        lks_reader_open_memory("made", file.data, file.size_bytes, &reader, NULL);
        assert_int_equal(
            lks_source_read_from(reader, "made", &options, &control, put_fails, &left, NULL, &err),
            LKS_ECANCELLED);
        lks_reader_close(reader);
    }
    lks_buffer_free(&file);
}

static void sealed(void **unused)
{
    (void)unused;
    char path[] = "/tmp/lks_seal_XXXXXX";
    unsigned char digest[32];
    char hex[LKS_SHA256_HEX_BYTES];
    uint64_t size = 0;
    struct lks_error err = {0};
    int file = mkstemp(path);
    assert_int_equal(lks_source_seal(path, NULL, &size, digest, &err), LKS_EINPUT);
    assert_non_null(strstr(err.message, "is empty"));
    assert_int_equal(write(file, "abc", 3), 3);
    close(file);
    assert_int_equal(lks_source_seal(path, NULL, &size, digest, NULL), 0);
    assert_int_equal(size, 3);
    lks_sha256_hex(digest, hex);
    /* FIPS 180-4's own example. */
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    unlink(path);
    assert_int_equal(lks_source_seal(path, NULL, &size, digest, NULL), LKS_EIO);
    err = (struct lks_error){0};
    assert_int_equal(lks_source_seal("/tmp", NULL, &size, digest, &err), LKS_EINPUT);
    assert_non_null(strstr(err.message, "directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_agree),   cmocka_unit_test(rows_know_their_place),
        cmocka_unit_test(clear_sentences), cmocka_unit_test(mostly_bad),
        cmocka_unit_test(small_files),     cmocka_unit_test(delimiters),
        cmocka_unit_test(unclosed_quote),  cmocka_unit_test(long_record),
        cmocka_unit_test(failures_stop),   cmocka_unit_test(sealed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
