/* feed.h - cuts a stream of bytes into chunks of whole records */
#ifndef LKS_SOURCE_FEED_H
#define LKS_SOURCE_FEED_H

#include "base/arena.h"
#include "source/csv.h"
#include "source/frame_json.h"
#include "source/reader.h"
#include "source/source.h"

/* What one read brings and what a chunk holds, unless one record is larger. */
enum { LKS_CHUNK_BYTES = 1024 * 1024, LKS_HEAD_BYTES = 64 * 1024 };

/* A record of a JSON document, or the place where one broke. */
struct lks_chunk_record {
    uint64_t offset_bytes, length_bytes, line;
    const char *reason;   /* not NULL: a reject for this reason */
    struct lks_str start; /* rejects: what it starts with */
    struct lks_str array_name, outer;
};

/* Whole records as they lie in the content. */
struct lks_chunk {
    char *data;
    size_t size_bytes; /* the records */
    size_t filled_bytes, capacity_bytes;
    uint64_t offset_bytes; /* of data, in the content */
    uint64_t line;         /* 1-based, at data */
    const char *reason;    /* not NULL: the chunk is one record, and a reject for this reason */
    struct lks_chunk_record *records; /* JSON documents only */
    size_t records_count, records_capacity;
    struct lks_arena arena; /* of the records */
    uint64_t outer_serial;
    struct lks_str outer;
};

void lks_chunk_free(struct lks_chunk *chunk);

/* Where the cutting stands. Zero it to start; framing and delimiter are set after
 * lks_feed_head told what the content is. One thread at a time. */
struct lks_feed {
    const char *name;          /* of the file, for messages; may be NULL */
    struct lks_reader *reader; /* borrowed */
    enum lks_framing framing;
    char delimiter;
    size_t chunk_bytes; /* 0: LKS_CHUNK_BYTES; at least LKS_HEAD_BYTES */
    /* inside */
    char *rest; /* read, but not yet given out */
    size_t rest_bytes, rest_capacity;
    size_t scanned_bytes; /* of rest, in which no record ends */
    enum lks_csv_state state;
    uint64_t offset_bytes, line; /* of rest */
    bool ended;
    struct lks_json_framer json;
    bool json_open;
};

/* Reads the first LKS_HEAD_BYTES (fewer when there are no more), without giving them out. */
int lks_feed_head(struct lks_feed *feed, struct lks_str *head_out, struct lks_error *err);
/* Takes size_bytes off the front, which are within the head: a mark, a header. */
void lks_feed_drop(struct lks_feed *feed, size_t size_bytes);
/* Fills the chunk with the next records. 1, 0 at the end, or the reader's and framer's
 * errors. Chunks are the same for the same content, whatever else happens. */
int lks_feed_next(struct lks_feed *feed, struct lks_chunk *chunk, struct lks_error *err);
void lks_feed_free(struct lks_feed *feed);

#endif
