/* line_reader.c - lines of a file, one after the other, in memory bounded by the longest line */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "case/verify_entries.h"
#include "vault/checkpoint.h"

enum { PIECE_BYTES = 64 * 1024 };

int lks_line_reader_open(struct lks_line_reader *reader, const char *path, struct lks_error *err)
{
    struct stat status;
    lks_line_reader_close(reader);
    reader->at = 0;
    reader->ended = reader->unended = reader->too_long = 0;
    lks_buffer_clear(&reader->bytes);
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 && errno == ENOENT)
        return lks_error_set(err, LKS_EMISSING, "%s is not there", path);
    if (file < 0 || fstat(file, &status) != 0) {
        int code = lks_error_system(err, path, "cannot be read");
        if (file >= 0)
            close(file);
        return code;
    }
    if (!S_ISREG(status.st_mode)) {
        close(file);
        return lks_error_set(err, LKS_EINPUT, "%s is no plain file", path);
    }
    reader->file = file;
    return 0;
}

static int more_read(struct lks_line_reader *reader, struct lks_error *err)
{
    struct lks_buffer *bytes = &reader->bytes;
    if (reader->at) {
        memmove(bytes->data, bytes->data + reader->at, bytes->size_bytes - reader->at);
        bytes->size_bytes -= reader->at;
        reader->at = 0;
    }
    if (lks_buffer_reserve(bytes, PIECE_BYTES) != 0)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (;;) {
        ssize_t got = read(reader->file, bytes->data + bytes->size_bytes, PIECE_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return lks_error_system(err, "a file of lines", "cannot be read");
        bytes->size_bytes += (size_t)got;
        reader->ended = got == 0;
        return 0;
    }
}

int lks_line_reader_next(struct lks_line_reader *reader, struct lks_str *line,
                         struct lks_error *err)
{
    size_t looked = 0;
    while (reader->file >= 0 && !reader->too_long) {
        /* Nothing was read yet: no pointer to count from. */
        struct lks_str rest = {reader->bytes.data ? reader->bytes.data + reader->at : "",
                               reader->bytes.size_bytes - reader->at};
        const char *end = rest.size_bytes > looked
                              ? memchr(rest.data + looked, '\n', rest.size_bytes - looked)
                              : NULL;
        if (end) {
            *line = (struct lks_str){rest.data, (size_t)(end - rest.data)};
            reader->at += line->size_bytes + 1;
            return 1;
        }
        if (reader->ended) {
            reader->unended = rest.size_bytes != 0;
            return 0;
        }
        looked = rest.size_bytes;
        if (looked > LKS_VERIFY_LINE_BYTES_MAX) {
            reader->too_long = 1;
            return 0;
        }
        int code = more_read(reader, err);
        if (code)
            return code;
    }
    return 0;
}

void lks_line_reader_close(struct lks_line_reader *reader)
{
    if (reader->file >= 0)
        close(reader->file);
    reader->file = -1;
}

int lks_indexed_line(struct lks_str line, uint64_t *index, struct lks_str *rest)
{
    const char *blank = line.size_bytes ? memchr(line.data, ' ', line.size_bytes) : NULL;
    if (!blank ||
        !lks_decimal_read((struct lks_str){line.data, (size_t)(blank - line.data)}, index))
        return 0;
    *rest = (struct lks_str){blank + 1, line.size_bytes - (size_t)(blank + 1 - line.data)};
    return 1;
}
