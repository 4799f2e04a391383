/* reader.c - the bytes of a file, decompressed where it is gzip or zstd
 *
 * The kind is told by the first four bytes. Compressed bytes pass through one input
 * buffer; plain ones go straight to the caller's. Concatenated gzip members (RFC 1952
 * section 2.2) and zstd frames (RFC 8878 section 3.1), skippable ones too, are one
 * content. An archive that stops inside a member is an error that says so: what comes
 * out of half an archive must not pass for the whole. */
#include "source/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum reader_kind { READER_PLAIN, READER_GZIP, READER_ZSTD };

enum { INPUT_BYTES = 256 * 1024, MAGIC_BYTES = 4 };

struct lks_reader {
    enum reader_kind kind;
    char *name;
    int file; /* -1: memory */
    const unsigned char *memory;
    size_t memory_bytes, memory_at;
    uint64_t size_bytes, position_bytes;

    unsigned char magic[MAGIC_BYTES]; /* the first bytes; of a plain file the input */
    unsigned char *input;             /* compressed files */
    size_t input_bytes, input_at;
    bool input_ended;
    bool inside; /* a member or frame has begun and not ended */
    bool began;  /* at least one has begun */

    z_stream gzip;
    bool gzip_open;
    ZSTD_DStream *zstd;
};

/* Reads file bytes; fewer than asked only at the end. */
static int raw_read(struct lks_reader *reader, void *data, size_t size_bytes, size_t *got_bytes,
                    struct lks_error *err)
{
    size_t got = 0;
    if (reader->file < 0) {
        size_t left = reader->memory_bytes - reader->memory_at;
        got = size_bytes < left ? size_bytes : left;
        if (got)
            memcpy(data, reader->memory + reader->memory_at, got);
        reader->memory_at += got;
    }
    while (reader->file >= 0 && got < size_bytes) {
        ssize_t n = read(reader->file, (char *)data + got, size_bytes - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return lks_error_system(err, reader->name, "cannot be read");
        if (n == 0)
            break;
        got += (size_t)n;
    }
    reader->position_bytes += got;
    *got_bytes = got;
    return 0;
}

static int input_fill(struct lks_reader *reader, struct lks_error *err)
{
    if (reader->input_at < reader->input_bytes || reader->input_ended)
        return 0;
    reader->input_at = 0;
    int code = raw_read(reader, reader->input, INPUT_BYTES, &reader->input_bytes, err);
    if (code == 0 && reader->input_bytes == 0)
        reader->input_ended = true;
    return code;
}

static int cut_off(const struct lks_reader *reader, struct lks_error *err)
{
    return lks_error_set(
        err, LKS_EINPUT,
        "%s: the %s archive is truncated: it ends after %llu bytes in the middle of "
        "its data; fetch the file again",
        reader->name, reader->kind == READER_GZIP ? "gzip" : "zstd",
        (unsigned long long)reader->position_bytes);
}

static int damaged(const struct lks_reader *reader, const char *why, struct lks_error *err)
{
    return lks_error_set(err, LKS_EINPUT, "%s: the %s archive is damaged (%s)", reader->name,
                         reader->kind == READER_GZIP ? "gzip" : "zstd", why ? why : "bad data");
}

/* Between two members: decides whether another one begins. Zero bytes after the last member
 * are padding of tape archives, which gzip itself passes over. Returns 1 at the end. */
static int gzip_between(struct lks_reader *reader, struct lks_error *err)
{
    for (;;) {
        int code = input_fill(reader, err);
        if (code)
            return code;
        if (reader->input_at == reader->input_bytes)
            return 1;
        unsigned char byte = reader->input[reader->input_at];
        if (byte == 0 && reader->began) {
            reader->input_at++;
            continue;
        }
        if (byte != 0x1f)
            return damaged(reader, "something else follows it", err);
        if (inflateReset(&reader->gzip) != Z_OK)
            return damaged(reader, "cannot start", err);
        reader->inside = reader->began = true;
        return 0;
    }
}

static int gzip_read(struct lks_reader *reader, unsigned char *data, size_t size_bytes,
                     size_t *got_bytes, struct lks_error *err)
{
    *got_bytes = 0;
    while (*got_bytes < size_bytes) {
        int code = reader->inside ? input_fill(reader, err) : gzip_between(reader, err);
        if (code)
            return code < 0 ? code : 0;
        if (reader->input_at == reader->input_bytes)
            return cut_off(reader, err);
        size_t room = size_bytes - *got_bytes;
        uInt give = room > (1u << 30) ? 1u << 30 : (uInt)room;
        reader->gzip.next_in = reader->input + reader->input_at;
        reader->gzip.avail_in = (uInt)(reader->input_bytes - reader->input_at);
        reader->gzip.next_out = data + *got_bytes;
        reader->gzip.avail_out = give;
        int status = inflate(&reader->gzip, Z_NO_FLUSH);
        reader->input_at = reader->input_bytes - reader->gzip.avail_in;
        *got_bytes += give - reader->gzip.avail_out;
        if (status == Z_STREAM_END)
            reader->inside = false;
        else if (status == Z_MEM_ERROR)
            return lks_error_set(err, LKS_EMEMORY, "%s: out of memory", reader->name);
        else if (status != Z_OK && status != Z_BUF_ERROR)
            return damaged(reader, reader->gzip.msg, err);
    }
    return 0;
}

static int zstd_read(struct lks_reader *reader, unsigned char *data, size_t size_bytes,
                     size_t *got_bytes, struct lks_error *err)
{
    ZSTD_outBuffer out = {data, size_bytes, 0};
    while (out.pos < out.size) {
        int code = input_fill(reader, err);
        if (code)
            return code;
        ZSTD_inBuffer in = {reader->input, reader->input_bytes, reader->input_at};
        size_t before_in = in.pos, before_out = out.pos;
        /* With no input left the decoder may still hold output of a frame that has begun. */
        if (in.pos == in.size && !reader->inside)
            break;
        size_t status = ZSTD_decompressStream(reader->zstd, &out, &in);
        reader->input_at = in.pos;
        if (ZSTD_isError(status)) {
            *got_bytes = out.pos;
            if (ZSTD_getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge)
                return lks_error_set(err, LKS_EINPUT,
                                     "%s: the zstd archive needs more than 128 MiB to decompress "
                                     "(made with --long); decompress it first",
                                     reader->name);
            return damaged(reader, ZSTD_getErrorName(status), err);
        }
        reader->inside = status != 0;
        if (in.pos == before_in && out.pos == before_out && in.pos == in.size &&
            reader->input_ended)
            return cut_off(reader, err);
    }
    *got_bytes = out.pos;
    return 0;
}

static int reader_start(struct lks_reader *reader, struct lks_error *err)
{
    unsigned char *p = reader->magic;
    int code = raw_read(reader, p, MAGIC_BYTES, &reader->input_bytes, err);
    if (code)
        return code;
    if (reader->input_bytes == 0)
        return lks_error_set(err, LKS_EINPUT, "%s is empty", reader->name);
    if (reader->input_bytes >= 2 && p[0] == 0x1f && p[1] == 0x8b) {
        reader->kind = READER_GZIP;
        if (inflateInit2(&reader->gzip, 15 + 16) != Z_OK)
            return lks_error_set(err, LKS_EMEMORY, "%s: gzip cannot start", reader->name);
        reader->gzip_open = true;
    } else if (reader->input_bytes == 4 &&
               ((p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd) ||
                ((p[0] & 0xf0) == 0x50 && p[1] == 0x2a && p[2] == 0x4d && p[3] == 0x18))) {
        reader->kind = READER_ZSTD;
        reader->zstd = ZSTD_createDStream();
        if (!reader->zstd || ZSTD_isError(ZSTD_initDStream(reader->zstd)))
            return lks_error_set(err, LKS_EMEMORY, "%s: zstd cannot start", reader->name);
    }
    if (reader->kind == READER_PLAIN)
        return 0;
    reader->input = malloc(INPUT_BYTES);
    if (!reader->input)
        return lks_error_set(err, LKS_EMEMORY, "%s: out of memory", reader->name);
    memcpy(reader->input, p, reader->input_bytes);
    return 0;
}

static int reader_new(const char *name, struct lks_reader **reader_out, struct lks_error *err)
{
    struct lks_reader *reader = calloc(1, sizeof *reader);
    if (reader)
        reader->name = strdup(name);
    if (!reader || !reader->name) {
        free(reader);
        return lks_error_set(err, LKS_EMEMORY, "%s: out of memory", name);
    }
    reader->file = -1;
    *reader_out = reader;
    return 0;
}

static int reader_open_file(struct lks_reader *reader, struct lks_error *err)
{
    struct stat status;
    reader->file = open(reader->name, O_RDONLY | O_CLOEXEC);
    if (reader->file < 0 || fstat(reader->file, &status) != 0)
        return lks_error_system(err, reader->name, "cannot be opened");
    if (S_ISDIR(status.st_mode))
        return lks_error_set(err, LKS_EINPUT, "%s is a directory; name the files in it",
                             reader->name);
    if (S_ISREG(status.st_mode))
        reader->size_bytes = (uint64_t)status.st_size;
    return reader_start(reader, err);
}

int lks_reader_open(const char *path, struct lks_reader **reader_out, struct lks_error *err)
{
    int code = reader_new(path, reader_out, err);
    if (code == 0 && (code = reader_open_file(*reader_out, err))) {
        lks_reader_close(*reader_out);
        *reader_out = NULL;
    }
    return code;
}

int lks_reader_open_memory(const char *name, const void *data, size_t size_bytes,
                           struct lks_reader **reader_out, struct lks_error *err)
{
    int code = reader_new(name, reader_out, err);
    if (code)
        return code;
    (*reader_out)->memory = data;
    (*reader_out)->memory_bytes = size_bytes;
    (*reader_out)->size_bytes = size_bytes;
    if ((code = reader_start(*reader_out, err))) {
        lks_reader_close(*reader_out);
        *reader_out = NULL;
    }
    return code;
}

int lks_reader_read(struct lks_reader *reader, void *data, size_t size_bytes, size_t *got_bytes,
                    struct lks_error *err)
{
    if (reader->kind == READER_GZIP)
        return gzip_read(reader, data, size_bytes, got_bytes, err);
    if (reader->kind == READER_ZSTD)
        return zstd_read(reader, data, size_bytes, got_bytes, err);
    /* Plain: first the bytes that were read to tell the kind. */
    size_t held = reader->input_bytes - reader->input_at, more = 0;
    if (held > size_bytes)
        held = size_bytes;
    if (held)
        memcpy(data, reader->magic + reader->input_at, held);
    reader->input_at += held;
    int code = raw_read(reader, (char *)data + held, size_bytes - held, &more, err);
    *got_bytes = held + more;
    return code;
}

uint64_t lks_reader_position(const struct lks_reader *reader)
{
    return reader->position_bytes;
}

uint64_t lks_reader_size(const struct lks_reader *reader)
{
    return reader->size_bytes;
}

void lks_reader_close(struct lks_reader *reader)
{
    if (!reader)
        return;
    if (reader->file >= 0)
        close(reader->file);
    if (reader->gzip_open)
        inflateEnd(&reader->gzip);
    ZSTD_freeDStream(reader->zstd);
    free(reader->input);
    free(reader->name);
    free(reader);
}
