/* reader_test.c - plain, gzip and zstd content, whole and cut off at every place */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "base/str.h"
#include "source/reader.h"

enum { PIECE_MAX = 1 << 20 };

static struct lks_str gzip_of(const char *text, char *out)
{
    z_stream stream = {0};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = (Bytef *)(uintptr_t)text;
    stream.avail_in = (uInt)strlen(text);
    stream.next_out = (Bytef *)out;
    stream.avail_out = PIECE_MAX;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t size = stream.total_out;
    deflateEnd(&stream);
    return (struct lks_str){out, size};
}

static struct lks_str zstd_of(const char *text, char *out)
{
    size_t size = ZSTD_compress(out, PIECE_MAX, text, strlen(text), 3);
    assert_false(ZSTD_isError(size));
    return (struct lks_str){out, size};
}

/* Reads all in pieces of piece_bytes; returns the code, the content in *content. */
static int read_all(struct lks_str file, size_t piece_bytes, struct lks_buffer *content,
                    struct lks_error *err)
{
    struct lks_reader *reader = NULL;
    char *piece = malloc(piece_bytes);
    /* An exact copy lets the sanitizer see a read past the end. */
    char *exact = malloc(file.size_bytes ? file.size_bytes : 1);
    memcpy(exact, file.data, file.size_bytes);
    int code = lks_reader_open_memory("made", exact, file.size_bytes, &reader, err);
    size_t got = piece_bytes;
    while (code == 0 && got == piece_bytes) {
        code = lks_reader_read(reader, piece, piece_bytes, &got, err);
        if (code == 0)
            lks_buffer_append(content, piece, got);
    }
    if (code == 0) {
        assert_int_equal(lks_reader_position(reader), file.size_bytes);
        assert_int_equal(lks_reader_size(reader), file.size_bytes);
    }
    lks_reader_close(reader);
    free(piece);
    free(exact);
    return code;
}

static void expect(struct lks_str file, const char *want)
{
    static const size_t pieces[] = {1, 7, 100, 4096, PIECE_MAX};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct lks_buffer content = {0};
        struct lks_error err = {0};
        assert_int_equal(read_all(file, pieces[i], &content, &err), 0);
        assert_int_equal(content.size_bytes, strlen(want));
        assert_memory_equal(content.data, want, content.size_bytes);
        lks_buffer_free(&content);
    }
}

static void expect_error(struct lks_str file, size_t piece_bytes, const char *part)
{
    struct lks_buffer content = {0};
    struct lks_error err = {0};
    assert_int_equal(read_all(file, piece_bytes, &content, &err), LKS_EINPUT);
    if (!strstr(err.message, part))
        fail_msg("'%s' does not say '%s'", err.message, part);
    lks_buffer_free(&content);
}

static char *made_text(void)
{
    char *text = malloc(300001);
    for (size_t i = 0; i < 300000; i++)
        text[i] = "abcdefgh\n"[(i * i / 7 + i) % 9];
    text[300000] = 0;
    return text;
}

static void whole(void **unused)
{
    (void)unused;
    char *text = made_text(), *packed = malloc(PIECE_MAX);
    expect(lks_str_from(text), text);
    expect(lks_str_from("a"), "a");
    expect(lks_str_from("\x1f"), "\x1f");
    expect(gzip_of(text, packed), text);
    expect(zstd_of(text, packed), text);
    expect(gzip_of("", packed), "");
    expect(zstd_of("", packed), "");
    free(text);
    free(packed);
}

/* Members and frames that follow one another are one content. */
static void concatenated(void **unused)
{
    (void)unused;
    static const char skippable[] = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'x', 'y', 'z'};
    struct lks_buffer file = {0};
    char *packed = malloc(PIECE_MAX);
    struct lks_str part;
    for (int i = 0; i < 3; i++) {
        part = gzip_of(i == 1 ? "" : "one,two\n", packed);
        lks_buffer_append(&file, part.data, part.size_bytes);
    }
    expect((struct lks_str){file.data, file.size_bytes}, "one,two\none,two\n");
    /* Zero bytes behind the last member are padding. */
    for (int i = 0; i < 600; i++)
        lks_buffer_byte(&file, 0);
    expect((struct lks_str){file.data, file.size_bytes}, "one,two\none,two\n");
    lks_buffer_clear(&file);
    lks_buffer_append(&file, skippable, sizeof skippable);
    for (int i = 0; i < 2; i++) {
        part = zstd_of("three\n", packed);
        lks_buffer_append(&file, part.data, part.size_bytes);
        lks_buffer_append(&file, skippable, sizeof skippable);
    }
    expect((struct lks_str){file.data, file.size_bytes}, "three\nthree\n");
    lks_buffer_free(&file);
    free(packed);
}

static void cut_off(void **unused)
{
    (void)unused;
    char *packed = malloc(PIECE_MAX);
    struct lks_str file = gzip_of("some,rows\n1,2\n3,4\n", packed);
    for (size_t size = 2; size < file.size_bytes; size++) {
        expect_error((struct lks_str){packed, size}, 5, "truncated");
        expect_error((struct lks_str){packed, size}, 4096, "truncated");
    }
    file = zstd_of("some,rows\n1,2\n3,4\n", packed);
    for (size_t size = 4; size < file.size_bytes; size++) {
        expect_error((struct lks_str){packed, size}, 5, "truncated");
        expect_error((struct lks_str){packed, size}, 4096, "truncated");
    }
    free(packed);
}

static void damaged(void **unused)
{
    (void)unused;
    char *packed = malloc(PIECE_MAX);
    struct lks_str file = gzip_of("some,rows\n1,2\n3,4\n", packed);
    memcpy(packed + file.size_bytes, "more", 4);
    expect_error((struct lks_str){packed, file.size_bytes + 4}, 4096, "something else follows");
    packed[file.size_bytes - 6] ^= 1; /* in the checksum */
    expect_error(file, 4096, "damaged");
    file = zstd_of("some,rows\n1,2\n3,4\n", packed);
    memcpy(packed + file.size_bytes, "more", 4);
    expect_error((struct lks_str){packed, file.size_bytes + 4}, 4096, "damaged");
    expect_error((struct lks_str){"", 0}, 1, "empty");
    free(packed);
}

static void from_disk(void **unused)
{
    (void)unused;
    struct lks_reader *reader = NULL;
    struct lks_error err = {0};
    char path[] = "/tmp/lks_reader_XXXXXX", data[16];
    size_t got;
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, "hello", 5), 5);
    close(file);
    assert_int_equal(lks_reader_open(path, &reader, &err), 0);
    assert_int_equal(lks_reader_read(reader, data, sizeof data, &got, &err), 0);
    assert_int_equal(got, 5);
    assert_memory_equal(data, "hello", 5);
    lks_reader_close(reader);
    unlink(path);
    assert_int_equal(lks_reader_open(path, &reader, &err), LKS_EIO);
    assert_null(reader);
    err = (struct lks_error){0};
    assert_int_equal(lks_reader_open("/tmp", &reader, &err), LKS_EINPUT);
    assert_non_null(strstr(err.message, "directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole), cmocka_unit_test(concatenated),
                                       cmocka_unit_test(cut_off), cmocka_unit_test(damaged),
                                       cmocka_unit_test(from_disk)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
