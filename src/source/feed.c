/* feed.c - cuts a stream of bytes into chunks of whole records
 *
 * A chunk starts with the rest of the one before and is filled up to LKS_CHUNK_BYTES; the
 * last record end in it is where it is cut, and what follows becomes the next rest:
 *
 *     | rest | read ...... record end | next rest |
 *
 * Each byte is scanned once for record ends. A chunk in which none ends grows, at most to
 * LKS_ROW_BYTES_MAX; a record beyond that is a reject. A quote of a CSV file that is never
 * closed would swallow what follows: the line with that quote is rejected and reading
 * goes on at the next line. The second scan happens at most once for a stretch of
 * LKS_ROW_BYTES_MAX: all quotes behind the unclosed one are doubled, so none of them can
 * again be left open. */
#include "source/feed.h"

#include <stdlib.h>

#include "source/encoding.h"
#include "source/row.h"

enum { START_BYTES = 120 };

static int out_of_memory(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory while reading");
}

void lks_chunk_free(struct lks_chunk *chunk)
{
    free(chunk->data);
    free(chunk->records);
    lks_arena_free(&chunk->arena);
    *chunk = (struct lks_chunk){0};
}

void lks_feed_free(struct lks_feed *feed)
{
    free(feed->rest);
    if (feed->json_open)
        lks_json_framer_free(&feed->json);
    *feed = (struct lks_feed){0};
}

static int rest_set(struct lks_feed *feed, const char *data, size_t size_bytes,
                    struct lks_error *err)
{
    if (size_bytes > feed->rest_capacity) {
        char *grown = realloc(feed->rest, size_bytes);
        if (!grown)
            return out_of_memory(err);
        feed->rest = grown;
        feed->rest_capacity = size_bytes;
    }
    if (size_bytes)
        memcpy(feed->rest, data, size_bytes);
    feed->rest_bytes = size_bytes;
    return 0;
}

int lks_feed_head(struct lks_feed *feed, struct lks_str *head_out, struct lks_error *err)
{
    size_t got = 0;
    feed->rest = malloc(LKS_HEAD_BYTES);
    if (!feed->rest)
        return out_of_memory(err);
    feed->rest_capacity = LKS_HEAD_BYTES;
    feed->line = 1;
    int code = lks_reader_read(feed->reader, feed->rest, LKS_HEAD_BYTES, &got, err);
    feed->rest_bytes = got;
    feed->ended = got < LKS_HEAD_BYTES; /* a small file is all here */
    *head_out = (struct lks_str){feed->rest, got};
    return code;
}

void lks_feed_drop(struct lks_feed *feed, size_t size_bytes)
{
    LKS_ASSERT(size_bytes <= feed->rest_bytes && feed->scanned_bytes == 0);
    feed->line += lks_line_ends((struct lks_str){feed->rest, size_bytes});
    feed->offset_bytes += size_bytes;
    feed->rest_bytes -= size_bytes;
    memmove(feed->rest, feed->rest + size_bytes, feed->rest_bytes);
}

static int chunk_reserve(struct lks_chunk *chunk, size_t capacity_bytes, struct lks_error *err)
{
    if (capacity_bytes <= chunk->capacity_bytes)
        return 0;
    char *grown = realloc(chunk->data, capacity_bytes);
    if (!grown)
        return out_of_memory(err);
    chunk->data = grown;
    chunk->capacity_bytes = capacity_bytes;
    return 0;
}

static size_t chunk_bytes(const struct lks_feed *feed)
{
    return feed->chunk_bytes ? feed->chunk_bytes : LKS_CHUNK_BYTES;
}

/* Puts the rest in front and reads until the chunk holds `wanted` bytes or the end. */
static int chunk_start(struct lks_feed *feed, struct lks_chunk *chunk, struct lks_error *err)
{
    /* What one giant record needed is given back. */
    if (chunk->capacity_bytes > 4 * LKS_CHUNK_BYTES) {
        free(chunk->data);
        chunk->data = NULL;
        chunk->capacity_bytes = 0;
    }
    chunk->size_bytes = chunk->filled_bytes = 0;
    chunk->records_count = 0;
    chunk->reason = NULL;
    chunk->outer_serial = UINT64_MAX;
    lks_arena_reset(&chunk->arena);
    size_t usual = chunk_bytes(feed);
    size_t need = feed->ended                ? feed->rest_bytes + 1
                  : feed->rest_bytes > usual ? feed->rest_bytes
                                             : usual;
    int code = chunk_reserve(chunk, need, err);
    if (code)
        return code;
    if (feed->rest_bytes)
        memcpy(chunk->data, feed->rest, feed->rest_bytes);
    chunk->filled_bytes = feed->rest_bytes;
    chunk->offset_bytes = feed->offset_bytes;
    chunk->line = feed->line;
    return 0;
}

static int chunk_fill(struct lks_feed *feed, struct lks_chunk *chunk, size_t wanted,
                      struct lks_error *err)
{
    size_t got = 0;
    if (feed->ended || chunk->filled_bytes >= wanted)
        return 0;
    int code = chunk_reserve(chunk, wanted, err);
    if (code == 0)
        code = lks_reader_read(feed->reader, chunk->data + chunk->filled_bytes,
                               wanted - chunk->filled_bytes, &got, err);
    chunk->filled_bytes += got;
    feed->ended = code == 0 && chunk->filled_bytes < wanted;
    return code;
}

/* Scans what was not scanned yet; returns where the last record ends, 0 for nowhere. */
static size_t chunk_cut(struct lks_feed *feed, const struct lks_chunk *chunk)
{
    const char *fresh = chunk->data + feed->scanned_bytes;
    size_t size = chunk->filled_bytes - feed->scanned_bytes, cut = 0;
    if (feed->framing == LKS_FRAME_CSV)
        cut = lks_csv_cut(fresh, size, feed->delimiter, &feed->state);
    else if (size) {
        const char *end = memrchr(fresh, '\n', size);
        cut = end ? (size_t)(end - fresh) + 1 : 0;
    }
    if (cut)
        cut += feed->scanned_bytes;
    feed->scanned_bytes = chunk->filled_bytes;
    return cut;
}

/* Gives out the first size_bytes of the chunk and keeps what follows. */
static int chunk_end(struct lks_feed *feed, struct lks_chunk *chunk, size_t size_bytes,
                     struct lks_error *err)
{
    chunk->size_bytes = size_bytes;
    feed->offset_bytes += size_bytes;
    feed->line += lks_line_ends((struct lks_str){chunk->data, size_bytes});
    feed->scanned_bytes -= size_bytes < feed->scanned_bytes ? size_bytes : feed->scanned_bytes;
    return rest_set(feed, chunk->data + size_bytes, chunk->filled_bytes - size_bytes, err);
}

/* The line with a quote that nothing closes is one reject; reading goes on behind it. */
static int chunk_unclosed(struct lks_feed *feed, struct lks_chunk *chunk, struct lks_error *err)
{
    const char *end = memchr(chunk->data, '\n', chunk->filled_bytes);
    size_t size = end ? (size_t)(end - chunk->data) + 1 : chunk->filled_bytes;
    chunk->reason = LKS_REASON_QUOTE;
    int code = chunk_end(feed, chunk, size, err);
    feed->scanned_bytes = 0;
    feed->state = LKS_CSV_OPEN;
    return code < 0 ? code : 1;
}

/* A record that is too long: its start becomes the chunk, the stream is read on to the next
 * line end. */
static int chunk_long(struct lks_feed *feed, struct lks_chunk *chunk, struct lks_error *err)
{
    char start[START_BYTES];
    size_t kept = chunk->filled_bytes < START_BYTES ? chunk->filled_bytes : START_BYTES;
    memcpy(start, chunk->data, kept);
    uint64_t skipped = chunk->filled_bytes;
    const char *end = NULL;
    size_t got = 0;
    while (!end && !feed->ended) {
        int code = lks_reader_read(feed->reader, chunk->data, LKS_CHUNK_BYTES, &got, err);
        if (code)
            return code;
        feed->ended = got < LKS_CHUNK_BYTES;
        end = got ? memchr(chunk->data, '\n', got) : NULL;
        skipped += end ? (size_t)(end - chunk->data) + 1 : got;
    }
    size_t used = end ? (size_t)(end - chunk->data) + 1 : got;
    int code = rest_set(feed, chunk->data + used, got - used, err);
    memcpy(chunk->data, start, kept);
    chunk->size_bytes = kept;
    chunk->reason = LKS_REASON_LONG;
    feed->offset_bytes += skipped;
    feed->line += end != NULL;
    feed->scanned_bytes = 0;
    feed->state = LKS_CSV_OPEN;
    return code < 0 ? code : 1;
}

static int feed_lines(struct lks_feed *feed, struct lks_chunk *chunk, struct lks_error *err)
{
    size_t wanted = chunk_bytes(feed);
    for (;;) {
        int code = chunk_fill(feed, chunk, wanted, err);
        if (code)
            return code;
        if (!chunk->filled_bytes)
            return 0;
        size_t cut = chunk_cut(feed, chunk);
        bool quoted = feed->framing == LKS_FRAME_CSV && feed->state == LKS_CSV_QUOTED;
        if (!cut && feed->ended && !quoted)
            cut = chunk->filled_bytes; /* the last row, without its line end */
        if (cut) {
            code = chunk_end(feed, chunk, cut, err);
            return code < 0 ? code : 1;
        }
        bool full = chunk->filled_bytes >= LKS_ROW_BYTES_MAX;
        if (quoted && (feed->ended || full) &&
            (feed->ended || memchr(chunk->data, '\n', chunk->filled_bytes)))
            return chunk_unclosed(feed, chunk, err);
        if (full)
            return chunk_long(feed, chunk, err);
        wanted = chunk->filled_bytes * 2;
        if (wanted > LKS_ROW_BYTES_MAX)
            wanted = LKS_ROW_BYTES_MAX;
    }
}

static int record_found(void *context, const struct lks_json_frame *frame, struct lks_error *err)
{
    struct lks_chunk *chunk = context;
    if (chunk->records_count == chunk->records_capacity) {
        size_t more = chunk->records_capacity ? chunk->records_capacity * 2 : 256;
        void *grown = realloc(chunk->records, more * sizeof *chunk->records);
        if (!grown)
            return out_of_memory(err);
        chunk->records = grown;
        chunk->records_capacity = more;
    }
    struct lks_str start = LKS_STR_NULL;
    if (frame->kind != LKS_JSON_FRAME_RECORD) {
        start = lks_arena_str(&chunk->arena, frame->start);
        if (frame->start.data && !start.data)
            return out_of_memory(err);
    }
    if (chunk->outer_serial != frame->outer_serial) {
        chunk->outer = lks_arena_str(&chunk->arena, frame->outer);
        chunk->outer_serial = frame->outer_serial;
        if (frame->outer.data && !chunk->outer.data)
            return out_of_memory(err);
    }
    chunk->records[chunk->records_count++] = (struct lks_chunk_record){
        .offset_bytes = frame->offset_bytes,
        .length_bytes = frame->length_bytes,
        .line = frame->line,
        .reason = frame->kind == LKS_JSON_FRAME_RECORD ? NULL : frame->reason,
        .start = start,
        .array_name = frame->array_name,
        .outer = chunk->outer,
    };
    return 0;
}

/* The framer of documents remembers by itself how far it has come. */
static int feed_documents(struct lks_feed *feed, struct lks_chunk *chunk, struct lks_error *err)
{
    size_t wanted = chunk_bytes(feed);
    if (!feed->json_open) {
        lks_json_framer_init(&feed->json);
        feed->json.keep_offset = feed->json.scanned_offset = feed->offset_bytes;
        feed->json.line = feed->line;
        feed->json_open = true;
    }
    for (;;) {
        bool was_ended = feed->ended;
        int code = chunk_fill(feed, chunk, wanted, err);
        if (code)
            return code;
        if (was_ended && !chunk->filled_bytes)
            return 0;
        struct lks_error why = {0}; /* which knows no file name */
        code = lks_json_framer_feed(&feed->json, (struct lks_str){chunk->data, chunk->filled_bytes},
                                    chunk->offset_bytes, feed->ended, record_found, chunk, &why);
        if (code)
            return lks_error_set(err, code, "%s: %s", feed->name ? feed->name : "input",
                                 why.message);
        if (feed->ended) {
            code = chunk_end(feed, chunk, chunk->filled_bytes, err);
            return code < 0 ? code : 1;
        }
        size_t done = (size_t)(feed->json.keep_offset - chunk->offset_bytes);
        if (done || chunk->records_count) {
            code = chunk_end(feed, chunk, done, err);
            return code < 0 ? code : 1;
        }
        wanted = chunk->filled_bytes * 2;
    }
}

int lks_feed_next(struct lks_feed *feed, struct lks_chunk *chunk, struct lks_error *err)
{
    int code = chunk_start(feed, chunk, err);
    if (code)
        return code;
    if (feed->ended && !feed->rest_bytes)
        return 0;
    feed->rest_bytes = 0;
    code = feed->framing == LKS_FRAME_JSON ? feed_documents(feed, chunk, err)
                                           : feed_lines(feed, chunk, err);
    return code;
}
