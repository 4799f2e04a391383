/* csv_file.c - rows of one CSV file by column name, one after the other, as they are */
#include "source/csv_file.h"

#include <stdlib.h>

#include "source/encoding.h"

static int columns_find(struct lks_csv_file *file, const char *const *columns, size_t needed_count,
                        struct lks_error *err)
{
    const struct lks_head *head = &file->start.head;
    size_t count = 0;
    while (columns[count])
        count++;
    file->columns = calloc(count + 1, sizeof *file->columns);
    if (!file->columns)
        return lks_error_set(err, LKS_EMEMORY, "%s: out of memory", file->path);
    for (size_t i = 0; i < count; i++) {
        file->columns[i] = lks_header_find(head->header, head->header_count, columns[i]);
        if (file->columns[i] < 0 && i < needed_count)
            return lks_error_set(err, LKS_EINPUT, "%s has no column '%s'", file->path, columns[i]);
    }
    return 0;
}

int lks_csv_file_open(struct lks_csv_file *file, const char *path, const char *const *columns,
                      size_t needed_count, struct lks_error *err)
{
    struct lks_str head;
    *file = (struct lks_csv_file){.path = path};
    int code = lks_reader_open(path, &file->reader, err);
    if (code == 0) {
        file->feed.reader = file->reader;
        code = lks_feed_head(&file->feed, &head, err);
    }
    if (code == 0)
        code = lks_start_look(path, head, head.size_bytes < LKS_HEAD_BYTES, &file->start, err);
    if (code == 0 && !file->start.head.header)
        code = lks_error_set(err, LKS_EINPUT, "%s is no CSV file with a header", path);
    if (code == 0)
        code = columns_find(file, columns, needed_count, err);
    if (code == 0) {
        file->feed.framing = LKS_FRAME_CSV;
        file->feed.delimiter = file->start.head.delimiter;
        lks_feed_drop(&file->feed, file->start.mark_bytes + file->start.header_bytes);
        return 0;
    }
    lks_csv_file_close(file);
    return code;
}

/* Takes the next chunk under the scanner. 1, 0 at the end, or a failure. */
static int chunk_next(struct lks_csv_file *file, struct lks_error *err)
{
    for (;;) {
        lks_arena_reset(&file->arena);
        int code = lks_feed_next(&file->feed, &file->chunk, err);
        if (code <= 0)
            return code;
        if (!file->chunk.reason)
            break;
        file->rows_count++; /* one broken record: too long, or a quote never closed */
        file->rejects_count++;
    }
    file->next_line = file->chunk.line;
    file->csv = (struct lks_csv){.fields = file->csv.fields,
                                 .text = {file->chunk.data, file->chunk.size_bytes},
                                 .delimiter = file->feed.delimiter};
    file->in_chunk = 1;
    return 1;
}

/* Whether the row can be handed out; other encodings become UTF-8. LKS_EMEMORY. */
static int row_take(struct lks_csv_file *file)
{
    struct lks_csv *csv = &file->csv;
    if (csv->fields_count != file->start.head.header_count || lks_text_has_nul(csv->row))
        return 0;
    if (lks_text_is_clean(csv->row))
        return 1;
    for (size_t i = 0; i < csv->fields_count; i++) {
        if (lks_text_is_clean(csv->fields[i]))
            continue;
        csv->fields[i] = lks_cp1252_decode(csv->fields[i], &file->arena);
        if (!csv->fields[i].data)
            return LKS_EMEMORY;
    }
    return 1;
}

int lks_csv_file_next(struct lks_csv_file *file, struct lks_error *err)
{
    for (;;) {
        int more = file->in_chunk ? lks_csv_next(&file->csv, &file->arena) : 0;
        if (more < 0)
            return lks_error_set(err, more, "%s: out of memory", file->path);
        if (more == 0) {
            file->in_chunk = 0;
            more = chunk_next(file, err);
            if (more <= 0)
                return more;
            continue;
        }
        file->line = file->next_line;
        file->next_line += file->csv.line_ends + 1;
        if (file->csv.row.size_bytes == 0)
            continue;
        file->rows_count++;
        int taken = row_take(file);
        if (taken < 0)
            return lks_error_set(err, taken, "%s: out of memory", file->path);
        if (taken)
            return 1;
        file->rejects_count++;
    }
}

struct lks_str lks_csv_file_field(const struct lks_csv_file *file, size_t column)
{
    int index = file->columns[column];
    return index < 0 ? LKS_STR_NULL : file->csv.fields[index];
}

void lks_csv_file_close(struct lks_csv_file *file)
{
    lks_csv_free(&file->csv);
    lks_chunk_free(&file->chunk);
    lks_start_free(&file->start);
    lks_feed_free(&file->feed);
    lks_reader_close(file->reader);
    lks_arena_free(&file->arena);
    free(file->columns);
    *file = (struct lks_csv_file){0};
}
