/* reader.h - the bytes of a file, decompressed where it is gzip or zstd */
#ifndef LKS_SOURCE_READER_H
#define LKS_SOURCE_READER_H

#include <stdint.h>

#include "base/error.h"

/* A stream of decompressed bytes. gzip may have several members, zstd several frames. One
 * thread at a time. */
struct lks_reader;

/* Opens a file. LKS_EINPUT for a directory or an empty file, LKS_EIO, LKS_EMEMORY. */
int lks_reader_open(const char *path, struct lks_reader **reader_out, struct lks_error *err);
/* The same over memory, which is borrowed until close; name stands in messages. */
int lks_reader_open_memory(const char *name, const void *data, size_t size_bytes,
                           struct lks_reader **reader_out, struct lks_error *err);
/* Fills data with up to size_bytes; *got_bytes is less than that only at the end of the
 * content. LKS_EINPUT for an archive that is cut off, damaged or followed by something
 * else, LKS_EIO, LKS_EMEMORY. */
int lks_reader_read(struct lks_reader *reader, void *data, size_t size_bytes, size_t *got_bytes,
                    struct lks_error *err);
/* Bytes of the file that were taken so far, and its whole size (0 where it has none: a pipe). */
uint64_t lks_reader_position(const struct lks_reader *reader);
uint64_t lks_reader_size(const struct lks_reader *reader);
void lks_reader_close(struct lks_reader *reader); /* NULL is fine */

#endif
