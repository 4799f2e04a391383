/* frame_json.h - finds the records of JSON documents that are too large to hold */
#ifndef LKS_SOURCE_FRAME_JSON_H
#define LKS_SOURCE_FRAME_JSON_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* A record is an element of a record array: an array named "messages", "videos",
 * "comments" and so on (lks_json_record_arrays), wherever it stands, or an array that is the document itself.
 * A document that holds no such array is a record as a whole. Documents may follow one
 * another (lines of API responses). Records are found by their brackets and strings only;
 * whether a record is well-formed is for its reader to say. Strings may hold "\x1F".
 *
 * The caller keeps a window of the content and moves it forward:
 *
 *     lks_json_framer_init(&framer);
 *     do {
 *         drop from the window what lies before framer.keep_offset; read more behind it
 *         lks_json_framer_feed(&framer, window, window_offset, last, found, context, err);
 *     } while (!last);
 *     lks_json_framer_free(&framer);
 *
 * No byte is looked at twice. The window holds at most one unfinished record, so it stays
 * below LKS_ROW_BYTES_MAX and what one read brings. */

extern const char *const lks_json_record_arrays[]; /* NULL-ended */

enum lks_json_frame_kind {
    LKS_JSON_FRAME_RECORD,
    LKS_JSON_FRAME_LONG,  /* longer than LKS_ROW_BYTES_MAX: a reject; only its start was kept */
    LKS_JSON_FRAME_BROKEN /* brackets or strings do not close: a reject; framing goes on at
                             the next line that starts a document */
};

struct lks_json_frame {
    enum lks_json_frame_kind kind;
    uint64_t offset_bytes; /* in the content; within the window, unless LONG */
    uint64_t length_bytes; /* BROKEN: up to where it broke */
    uint64_t line;         /* 1-based, where the record starts */
    const char *reason;    /* LONG, BROKEN: for the reject; static text */
    struct lks_str start;  /* LONG, BROKEN: the first bytes, at most 120; valid during the call */
    struct lks_str array_name; /* "" for a document that is the record; a static text */
    /* Scalar members of the object around the array that stood before it, as one JSON object
     * text; those of the outermost object, where that is another one, as its member
     * "document": {"name":"x","type":"y","id":5,"document":{"about":"..."}}. Valid until an
     * outer_serial of another value is seen: copy it once per serial. */
    struct lks_str outer;
    uint64_t outer_serial;
};

struct lks_json_framer_state;

struct lks_json_framer {
    uint64_t keep_offset;    /* the next window must start here or before */
    uint64_t scanned_offset; /* where the next feed goes on */
    uint64_t line;           /* 1-based line at scanned_offset */
    uint64_t records_count, broken_count;
    struct lks_json_framer_state *state;
};

/* Zeroes; the state is made by the first feed. */
void lks_json_framer_init(struct lks_json_framer *framer);

/* Scans window, whose first byte lies at window_offset of the content (<= keep_offset, and it reaches
 * to scanned_offset or beyond), and calls found for each record that ends in it, in file
 * order; found returns 0 to go on. last: nothing follows the window.
 * Returns 0; what found returned; LKS_EMEMORY; LKS_EINPUT with a sentence when the content ends
 * within a document (truncated) or breaks off in the middle of record arrays. One thread. */
int lks_json_framer_feed(struct lks_json_framer *framer, struct lks_str window,
                         uint64_t window_offset, int last,
                         int (*found)(void *context, const struct lks_json_frame *frame,
                                      struct lks_error *err),
                         void *context, struct lks_error *err);

void lks_json_framer_free(struct lks_json_framer *framer);

#endif
