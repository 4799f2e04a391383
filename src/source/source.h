/* source.h - files to records: recognise, frame, parse, with the provenance of every row */
#ifndef LKS_SOURCE_SOURCE_H
#define LKS_SOURCE_SOURCE_H

#include "record/record.h"
#include "source/mapping.h"

/* Of times without a zone in files of one format. */
struct lks_source_zone {
    const char *adapter; /* by name */
    int64_t offset_us;
};

struct lks_source_options {
    const char *as;                    /* adapter by name, or NULL: recognise from the content */
    const struct lks_mapping *mapping; /* for any CSV or JSONL; NULL: none */
    /* Local times without a zone (old Telegram Desktop exports) are taken at this offset
     * from UTC; the assumption is counted and reported. */
    int64_t zone_offset_us;
    const struct lks_source_zone *zones; /* [zones_count] override it for their formats */
    size_t zones_count;
    /* More rejects than this share of the rows stops the run: "mostly bad". */
    double rejects_share_max;
    int texts_only; /* posts without the actions that are found in texts and lists, and no accounts */
    /* [LKS_ROW_SECRET_BYTES] random bytes: keys of rows without an id hold for this reading only, and say no more than
     * which rows are equal. NULL: they are what a case keeps. */
    const unsigned char *row_secret;
    int accounts_all; /* every row's accounts, though the row before said the same of them */
};

enum { LKS_ROW_SECRET_BYTES = 192 };

struct lks_source_options lks_source_options_default(void); /* rejects_share_max 0.5 */

/* What reading one file came to. */
struct lks_source_summary {
    const char *adapter; /* its name; static */
    uint64_t rows_count, posts_count, payments_count, rejects_count, ignored_count;
    uint64_t content_bytes;      /* after decompression */
    uint64_t zone_assumed_count; /* times without zone that were taken at zone_offset_us */
    uint64_t cp1252_count;       /* CSV rows that were not UTF-8, read as Windows-1252 */
    int synthetic;               /* the file says that its data is synthetic */
};

/* SHA-256 of the file as it lies on disk, before anything is parsed. size_out and
 * sha256_out may be NULL. LKS_EINPUT for a directory or an empty file, LKS_EIO. */
int lks_source_seal(const char *path, const struct lks_control *control, uint64_t *size_out,
                    unsigned char sha256_out[32], struct lks_error *err);

/* Reads a file (plain, gzip or zstd), recognises its format and calls put with one batch
 * after the other, in file order, from the calling thread; the batch is the callee's to
 * read until it returns. Parsing runs on control->threads threads; the batches are the
 * same for any number. A batch holds some 1 MiB of the file, a quarter of it where texts alone are read, whatever the file's size.
 * Errors: LKS_EINPUT with one clear sentence for a directory, an empty, binary, truncated
 * or mostly bad file, or an unknown format; what put returned; LKS_ECANCELLED. */
int lks_source_read(const char *path, const struct lks_source_options *options,
                    const struct lks_control *control,
                    int (*put)(void *context, const struct lks_batch *batch, struct lks_error *err),
                    void *context, struct lks_source_summary *summary, struct lks_error *err);

/* A row that was blanked out is '{', blanks, '}', so that it is one row in every framing. From
 * LKS_REDACTED_BYTES_MIN bytes on it is a reject for this reason; a shorter one for another. */
#define LKS_REASON_REDACTED "redacted"
#define LKS_REDACTED_BYTES_MIN 8
/* Writes that over a part of a row of row_bytes, at least 2, which begins at_bytes into it. Line ends
 * stay in JSON documents alone, so that what follows keeps its lines. */
void lks_row_redact(char *part, size_t part_bytes, uint64_t at_bytes, uint64_t row_bytes,
                    int keep_line_ends);

/* ---- for adapters ---- */

enum lks_framing {
    LKS_FRAME_CSV,   /* records with quoted fields; row->fields are unescaped */
    LKS_FRAME_LINES, /* one JSON value a line; only \n ends a line (never NEL or U+2028) */
    LKS_FRAME_JSON   /* one document: the elements of its record arrays, streamed */
};

/* A raw row with its provenance. */
struct lks_row {
    struct lks_str bytes;         /* the row as it lies in the file, without its line end */
    uint64_t line;                /* 1-based */
    uint64_t offset_bytes;        /* of bytes, in the decompressed content */
    const struct lks_str *fields; /* CSV only: unescaped, valid UTF-8 (cp1252 is converted) */
    size_t fields_count;
    /* JSON documents only: the name of the array that holds the element ("messages",
     * "videos", "comments") and the scalar members of the object around that array that
     * stood before it, as one JSON object text (a chat's name, type and id). */
    struct lks_str array_name;
    struct lks_str outer;
};

/* The start of a file, for recognition: at most 64 KiB of decompressed content, and for
 * CSV its header. */
struct lks_head {
    struct lks_str bytes;
    const struct lks_str *header; /* CSV: column names; NULL where the content is not CSV-like */
    size_t header_count;
    char delimiter;
};

/* What an adapter may use while parsing rows; one per worker, shared state is read-only. */
struct lks_adapter_context {
    const struct lks_source_options *options;
    const struct lks_str *header; /* CSV column names */
    size_t header_count;
    const int16_t *columns; /* CSV: index of each of adapter->columns in the header, or -1 */
    uint64_t zone_assumed_count;
    int synthetic;
    struct lks_buffer scratch;
};

struct lks_adapter {
    const char *name;  /* "tiktok-api" */
    const char *title; /* "TikTok Research API (video, comment, user)" */
    enum lks_framing framing;
    const char *const *columns; /* CSV: names it looks up, NULL-ended; else NULL */
    /* Returns 0 (no) to 100 (surely): the highest wins, ties go to the earlier adapter. */
    int (*recognise)(const struct lks_head *head);
    /* Turns one row into posts, accounts and actions, or one reject (lks_batch_reject) or
     * an ignored row (batch->ignored_count++). Returns 0 or LKS_EMEMORY. */
    int (*parse)(struct lks_adapter_context *context, const struct lks_row *row,
                 struct lks_batch *batch);
};

extern const struct lks_adapter *const lks_adapters[];        /* NULL-ended; the one table */
const struct lks_adapter *lks_adapter_find(const char *name); /* or NULL */

#endif
