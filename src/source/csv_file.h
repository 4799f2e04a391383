/* csv_file.h - rows of one CSV file by column name, one after the other, as they are */
#ifndef LKS_SOURCE_CSV_FILE_H
#define LKS_SOURCE_CSV_FILE_H

#include "source/feed.h"
#include "source/recognise.h"

/* For readers that must see every raw row, where lks_source_read would already have made posts
 * of them. Plain, gzip or zstd. One thread at a time. Zeroed by lks_csv_file_close. */
struct lks_csv_file {
    const char *path;
    struct lks_reader *reader;
    struct lks_feed feed;
    struct lks_start start;
    struct lks_chunk chunk;
    struct lks_csv csv;
    struct lks_arena arena;
    int *columns; /* index in the header of each wanted column, or -1 */
    int in_chunk;
    /* The current row. */
    uint64_t line;
    uint64_t rows_count;    /* read so far, those with faults among them */
    uint64_t rejects_count; /* rows with another number of fields than the header, or NUL bytes */
    uint64_t next_line;
};

/* Opens path and finds the columns (NULL-ended). The first needed_count must be there:
 * LKS_EINPUT with a sentence that names the missing one. */
int lks_csv_file_open(struct lks_csv_file *file, const char *path, const char *const *columns,
                      size_t needed_count, struct lks_error *err);
/* Moves to the next whole row: 1, 0 at the end, or the failure of the reader. */
int lks_csv_file_next(struct lks_csv_file *file, struct lks_error *err);
/* The field of the column-th wanted column, unescaped; null where the file has no such
 * column. Lives until the next row. */
struct lks_str lks_csv_file_field(const struct lks_csv_file *file, size_t column);
void lks_csv_file_close(struct lks_csv_file *file);

#endif
