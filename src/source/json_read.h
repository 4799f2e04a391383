/* json_read.h - reads one JSON value that lies in memory, in order, without building a tree */
#ifndef LKS_SOURCE_JSON_READ_H
#define LKS_SOURCE_JSON_READ_H

#include <stdint.h>

#include "base/arena.h"

/* A pull reader over RFC 8259 text. The cursor stands before a value; the caller enters
 * it, reads it or passes over it:
 *
 *     lks_json_open(&reader, row->bytes, &batch->arena, 0);
 *     if (lks_json_enter_object(&reader)) {
 *         struct lks_str key;
 *         while (lks_json_member(&reader, &key)) {
 *             if (lks_str_equal(key, LKS_STR("id")))
 *                 id = lks_json_read(&reader);
 *         }
 *     }
 *     if (lks_json_close(&reader, &reason) != 0) ...
 *
 * A member whose value was left alone is passed over by the next call, so that only what
 * is wanted is named. The first failure sticks: every later call finds nothing, and
 * lks_json_close tells. Of two members of one name the later one counts, as in Python and
 * JavaScript: callers assign, and the last assignment wins.
 *
 * No recursion; nesting beyond LKS_JSON_DEPTH_MAX is an error. One reader per thread.
 *
 * Numbers are handed out as they are written: a 64-bit id never passes through a double.
 * Strings come out as UTF-8: a slice of the text when they hold no escape, else a copy in the
 * arena. Bytes that are not UTF-8 and lone surrogates become U+FFFD and are counted. */

enum { LKS_JSON_DEPTH_MAX = 512 };

enum lks_json_type {
    LKS_JSON_NONE, /* no value: absent, or the reader failed */
    LKS_JSON_NULL,
    LKS_JSON_FALSE,
    LKS_JSON_TRUE,
    LKS_JSON_NUMBER,
    LKS_JSON_STRING,
    LKS_JSON_ARRAY,
    LKS_JSON_OBJECT
};

enum lks_json_flags {
    /* Takes "\x1F", as Telegram Desktop writes control characters, for U+001F. */
    LKS_JSON_HEX_ESCAPES = 1
};

struct lks_json_value {
    enum lks_json_type type;
    /* String: its content, unescaped. Number, true, false, null: as written. Array and
     * object: all its bytes, to be opened with a reader of its own. */
    struct lks_str text;
};

struct lks_json_reader {
    const char *start, *at, *end;
    struct lks_arena *arena; /* for strings with escapes */
    unsigned flags;
    uint32_t depth;
    int pending;             /* a value stands at the cursor and was not taken yet */
    int fresh;               /* the innermost object or array was just entered */
    const char *reason;      /* why it failed, static text; NULL while all is well */
    uint64_t replaced_count; /* U+FFFD written for broken UTF-8 and lone surrogates */
    uint64_t hex_escapes_count;
    uint64_t objects[LKS_JSON_DEPTH_MAX / 64]; /* a bit a level: 1 object, 0 array */
};

/* Starts before the one value of text. arena takes the unescaped strings. */
void lks_json_open(struct lks_json_reader *reader, struct lks_str text, struct lks_arena *arena,
                   unsigned flags);

/* The type of the value at the cursor, by its first byte; LKS_JSON_NONE where there is none. */
enum lks_json_type lks_json_peek(struct lks_json_reader *reader);

/* Enters the object (array) at the cursor: 1. Where another value stands it returns 0 and
 * leaves that to be read or passed over. */
int lks_json_enter_object(struct lks_json_reader *reader);
int lks_json_enter_array(struct lks_json_reader *reader);

/* Goes to the next member of the innermost object: 1, key set, the cursor before its value.
 * 0 after the last one (the object is left), or on failure. */
int lks_json_member(struct lks_json_reader *reader, struct lks_str *key);
/* The same for the elements of the innermost array. */
int lks_json_element(struct lks_json_reader *reader);
/* Leaves the innermost object or array early: checks and passes over what is left of it. */
void lks_json_leave(struct lks_json_reader *reader);

/* Takes the value at the cursor. Objects and arrays are checked and come as raw bytes. */
struct lks_json_value lks_json_read(struct lks_json_reader *reader);
/* Passes over the value at the cursor, checked against the grammar all the same; its bytes. */
struct lks_str lks_json_skip(struct lks_json_reader *reader);

/* After the value only white space may stand. 0 when all was well JSON; LKS_EINPUT with
 * *reason_out (static text, may be NULL) where it was not; LKS_EMEMORY when the arena is full.
 * Objects and arrays that are still open are passed over first. */
int lks_json_close(struct lks_json_reader *reader, const char **reason_out);

/* Fills values[i] with what stands at the dotted path paths[i] of text ("user.id",
 * "items.0.name"), in one pass over it; LKS_JSON_NONE where nothing does. A key that itself
 * holds dots is found too ("user.id" as one name). At most LKS_JSON_PATHS_MAX paths.
 * Returns 0 or what lks_json_close says. */
enum { LKS_JSON_PATHS_MAX = 40 };
int lks_json_get_paths(struct lks_str text, const struct lks_str *paths, size_t paths_count,
                       struct lks_json_value *values, struct lks_arena *arena, unsigned flags,
                       const char **reason_out);
int lks_json_get(struct lks_str text, struct lks_str path, struct lks_json_value *value,
                 struct lks_arena *arena, unsigned flags, const char **reason_out);

/* A whole number, as a number or as a string of one ("1731330000"): 0; -1 for all else. */
int lks_json_int64(struct lks_json_value value, int64_t *number_out);

/* An id, as a number or a string of digits; *digits_out is the text of it. 0 found; 1 where the
 * value is null, absent, empty, "0" or no id; 2 where it passed through a double and is lost ("8.01E+17",
 * "7.4e18", a fraction): a reject, with the reason LKS_ID_LOST. */
#define LKS_ID_LOST "id in scientific notation: the id is lost"
int lks_json_id(struct lks_json_value value, struct lks_str *digits_out);
/* The same for a column of a CSV file. */
int lks_id_parse(struct lks_str text, struct lks_str *digits_out);

#endif
