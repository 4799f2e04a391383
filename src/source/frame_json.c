/* frame_json.c - finds the records of JSON documents that are too large to hold
 *
 * Two scanners take turns. Outside of records a state machine follows the grammar byte by byte: it
 * knows the path of names from the document down to the cursor ("chats.list.messages") and
 * gathers the scalar members of the open objects, since a record array's surroundings say
 * whose records these are. Once an element of a record array opens, json_brackets.c runs to its
 * end at some gigabytes a second. Both can stop at any byte and go on with the next window.
 *
 * A document that lies whole in the window, is sound JSON and holds no record array is a record as it
 * stands: the reader passes over it, and the state machine need not. Such are the elements of the arrays
 * that interfaces answer with. What the reader refuses is left to the state machine, which says why.
 *
 * What is held: a name, a scalar and the scalars of the open objects, each below a fixed
 * bound (what is longer is left out of `outer`), and one level of 16 bytes per open bracket. */
#include "source/frame_json.h"

#include <stdio.h>
#include <stdlib.h>

#include "record/record.h"
#include "source/encoding.h"
#include "source/json_brackets.h"
#include "source/json_place.h"
#include "source/json_string.h"

enum { START_BYTES_MAX = 120 };

enum expect { EXPECT_VALUE, EXPECT_NAME, EXPECT_COLON, EXPECT_NEXT };
enum token { TOKEN_NONE, TOKEN_STRING, TOKEN_WORD };
enum mode { MODE_DOCUMENT, MODE_RECORD, MODE_RESYNC };

struct lks_json_framer_state {
    enum mode mode;
    enum expect expect;
    enum token token;
    int token_is_name, token_escaped;
    int fresh; /* the innermost was just entered: it may close at once */
    int in_document, had_array;
    uint64_t last_newline;             /* offset of the last newline outside of strings, + 1 */
    uint64_t start_offset, start_line; /* of the document or record in progress */
    int start_long;
    size_t start_count;
    char start[START_BYTES_MAX];
    struct lks_json_place place;
    struct lks_json_brackets brackets;
};

/* One call of feed. */
struct feed {
    struct lks_json_framer *framer;
    struct lks_json_framer_state *state;
    const char *start, *at, *end;
    uint64_t offset;         /* of start, in the content */
    const char *token_start; /* of the piece of the token in this window */
    int (*found)(void *context, const struct lks_json_frame *frame, struct lks_error *err);
    void *context;
    struct lks_error *err;
};

static inline uint64_t offset_of(const struct feed *feed, const char *at)
{
    return feed->offset + (uint64_t)(at - feed->start);
}

void lks_json_framer_init(struct lks_json_framer *framer)
{
    *framer = (struct lks_json_framer){.line = 1};
}

void lks_json_framer_free(struct lks_json_framer *framer)
{
    struct lks_json_framer_state *state = framer->state;
    if (state) {
        lks_json_place_free(&state->place);
        free(state);
    }
    framer->state = NULL;
}

/* Whether the cursor stands where documents do. */
static inline int at_document(const struct lks_json_framer_state *state)
{
    return state->place.depth == lks_json_place_document(&state->place);
}

/* Whether it stands among the elements of a record array. */
static inline int at_record(const struct lks_json_framer_state *state)
{
    const struct lks_json_level *inner = lks_json_place_inner(&state->place);
    return inner && inner->records;
}

/* ---- what is handed out ---- */

static void start_here(struct feed *feed)
{
    struct lks_json_framer_state *s = feed->state;
    s->start_offset = offset_of(feed, feed->at);
    s->start_line = feed->framer->line;
    s->start_long = 0;
    s->start_count = 0;
}

/* The first bytes of what is in progress, as far as they lie before `upto`: never more than
 * was scanned, so that they are the same for any windows. */
static void keep_start(struct feed *feed, const char *upto)
{
    struct lks_json_framer_state *s = feed->state;
    while (s->start_count < START_BYTES_MAX) {
        uint64_t offset = s->start_offset + s->start_count;
        if (offset < feed->offset || offset >= offset_of(feed, upto))
            return;
        s->start[s->start_count++] = feed->start[offset - feed->offset];
    }
}

static int hand_out(struct feed *feed, enum lks_json_frame_kind kind, const char *array_name,
                    const char *reason)
{
    struct lks_json_framer_state *s = feed->state;
    struct lks_json_frame frame = {.kind = kind,
                                   .offset_bytes = s->start_offset,
                                   .length_bytes = offset_of(feed, feed->at) - s->start_offset,
                                   .line = s->start_line,
                                   .reason = reason,
                                   .array_name = lks_str_from(array_name),
                                   .outer = LKS_STR("{}"),
                                   .outer_serial = 0};
    if (kind == LKS_JSON_FRAME_RECORD &&
        (s->start_long || frame.length_bytes > LKS_ROW_BYTES_MAX)) {
        frame.kind = LKS_JSON_FRAME_LONG;
        frame.reason = "longer than 64 MiB";
    }
    keep_start(feed,
               kind == LKS_JSON_FRAME_BROKEN && feed->at < feed->end ? feed->at + 1 : feed->at);
    if (frame.kind != LKS_JSON_FRAME_RECORD)
        frame.start = (struct lks_str){s->start, s->start_count};
    if (*array_name) {
        frame.outer = (struct lks_str){s->place.outer.data, s->place.outer.size_bytes};
        frame.outer_serial = s->place.outer_serial;
    }
    if (kind == LKS_JSON_FRAME_BROKEN)
        feed->framer->broken_count++;
    else
        feed->framer->records_count++;
    return feed->found(feed->context, &frame, feed->err);
}

/* What is in progress is given up. */
static int broken(struct feed *feed, const char *reason)
{
    struct lks_json_framer_state *s = feed->state;
    int is_whole = s->in_document && !s->had_array;
    if (!is_whole && s->mode != MODE_RECORD)
        start_here(feed);
    int rc = hand_out(feed, LKS_JSON_FRAME_BROKEN, "", reason);
    s->mode = MODE_RESYNC;
    s->in_document = 0;
    s->token = TOKEN_NONE;
    return rc;
}

/* ---- opening and closing ---- */

static void begin_document(struct feed *feed)
{
    struct lks_json_framer_state *s = feed->state;
    start_here(feed);
    s->in_document = 1;
    s->had_array = 0;
}

/* After a value: what stands next, and whether a document ended with it. */
static int value_ends(struct feed *feed)
{
    struct lks_json_framer_state *s = feed->state;
    s->expect = s->place.depth ? EXPECT_NEXT : EXPECT_VALUE;
    s->fresh = 0;
    if (s->in_document && at_document(s)) {
        s->in_document = 0;
        if (!s->had_array)
            return hand_out(feed, LKS_JSON_FRAME_RECORD, "", NULL);
    }
    if (s->place.depth == 0)
        s->place.root_is_array = 0;
    return 0;
}

static const char *before_space(const char *start, const char *at)
{
    while (at > start && (at[-1] == ' ' || at[-1] == '\t' || at[-1] == '\r' || at[-1] == '\n'))
        at--;
    return at;
}

/* Whether the value that '[' at `at` opens may be a record array, by the name before it. */
static int may_hold_records(const char *start, const char *at)
{
    at = before_space(start, at);
    if (at == start || at[-1] != ':')
        return 0;
    at = before_space(start, at - 1);
    if (at - start < 2 || at[-1] != '"')
        return 0; /* a colon within a string */
    const char *end = at - 1, *quote = memrchr(start, '"', (size_t)(end - start));
    const char *name = quote ? quote + 1 : start;
    const char *dot = memrchr(name, '.', (size_t)(end - name));
    if (dot)
        name = dot + 1;
    return lks_json_place_may_be_records((struct lks_str){name, (size_t)(end - name)});
}

/* Passes over the document that begins here if it is a record as it stands: 1. */
static int document_whole(struct feed *feed)
{
    struct lks_json_reader reader;
    struct lks_json_framer_state *s = feed->state;
    size_t left = (size_t)(feed->end - feed->at);
    lks_json_open(&reader, (struct lks_str){feed->at, left}, NULL, 0);
    reader.depth = s->place.depth; /* so that both find the same too deep */
    struct lks_str document = lks_json_skip(&reader);
    if (!document.data)
        return 0;
    const char *end = document.data + document.size_bytes, *at = document.data;
    while ((at = memchr(at, '[', (size_t)(end - at)))) {
        if (may_hold_records(document.data, at))
            return 0;
        at++;
    }
    /* No newline lies within a string of sound JSON. */
    const char *newline = memrchr(document.data, '\n', document.size_bytes);
    if (newline) {
        feed->framer->line += lks_line_ends(document);
        s->last_newline = offset_of(feed, newline + 1);
    }
    feed->at = end;
    return 1;
}

static int open_bracket(struct feed *feed)
{
    struct lks_json_framer_state *s = feed->state;
    int object = *feed->at == '{';
    if (s->place.depth == 0 && !object) {
        s->place.root_is_array = 1;
    } else if (at_document(s)) {
        begin_document(feed);
        if (object && document_whole(feed))
            return value_ends(feed);
    } else if (at_record(s)) {
        start_here(feed);
        s->mode = MODE_RECORD;
        s->brackets = (struct lks_json_brackets){0};
        return 0;
    }
    if (s->place.depth == LKS_JSON_DEPTH_MAX)
        return broken(feed, "not valid JSON: nested too deeply");
    s->had_array |= lks_json_place_open(&s->place, object, s->in_document);
    s->fresh = 1;
    s->expect = object ? EXPECT_NAME : EXPECT_VALUE;
    feed->at++;
    return 0;
}

static int close_bracket(struct feed *feed)
{
    lks_json_place_close(&feed->state->place);
    feed->at++;
    return value_ends(feed);
}

/* ---- the state machine ---- */

/* Whether the value just read is a number, true, false or null. */
static int is_word(const struct lks_json_framer_state *s)
{
    struct lks_json_reader reader;
    lks_json_open(&reader, (struct lks_str){s->place.value.data, s->place.value.size_bytes}, NULL,
                  0);
    return !s->place.value_long && lks_json_close(&reader, NULL) == 0;
}

static void token_piece(struct feed *feed)
{
    struct lks_json_framer_state *s = feed->state;
    lks_json_place_piece(&s->place, s->token_is_name, feed->token_start,
                         (size_t)(feed->at - feed->token_start));
}

static int end_token(struct feed *feed)
{
    struct lks_json_framer_state *s = feed->state;
    const struct lks_json_level *inner = lks_json_place_inner(&s->place);
    enum token token = s->token;
    token_piece(feed);
    s->token = TOKEN_NONE;
    if (s->token_is_name) {
        s->expect = EXPECT_COLON;
        return 0;
    }
    if (token == TOKEN_WORD && !is_word(s))
        return broken(feed, "not valid JSON: a value is missing");
    if (inner && inner->object) {
        lks_json_place_scalar(&s->place);
    } else if (at_record(s)) {
        int rc = hand_out(feed, LKS_JSON_FRAME_RECORD, s->place.array_name, NULL);
        if (rc != 0)
            return rc;
    }
    return value_ends(feed);
}

static int scan_token(struct feed *feed)
{
    struct lks_json_framer_state *s = feed->state;
    if (s->token == TOKEN_WORD) {
        while (feed->at < feed->end && !strchr(" \t\r\n,:[]{}\"", *feed->at))
            feed->at++;
        /* strchr finds the closing NUL too: a NUL byte ends the word and is refused next. */
        return feed->at < feed->end ? end_token(feed) : 0;
    }
    int high = 0;
    while (feed->at < feed->end) {
        if (s->token_escaped) {
            s->token_escaped = 0;
            if (*feed->at == '\n')
                return broken(feed, "not valid JSON: a line ends within a string");
            feed->at++;
            continue;
        }
        feed->at = lks_json_plain_run(feed->at, feed->end, &high);
        if (feed->at == feed->end)
            return 0;
        char c = *feed->at;
        if (c == '\n')
            return broken(feed, "not valid JSON: a line ends within a string");
        feed->at++;
        if (c == '"')
            return end_token(feed);
        s->token_escaped = c == '\\';
    }
    return 0;
}

static void begin_token(struct feed *feed, enum token token, int is_name)
{
    struct lks_json_framer_state *s = feed->state;
    s->token = token;
    s->token_is_name = is_name;
    s->token_escaped = 0;
    feed->token_start = feed->at;
    lks_json_place_token(&s->place, is_name);
    if (token == TOKEN_STRING)
        feed->at++;
}

static int expect_value(struct feed *feed)
{
    struct lks_json_framer_state *s = feed->state;
    char c = *feed->at;
    if (c == ']' && s->fresh && s->place.depth)
        return close_bracket(feed);
    if (c == '{' || c == '[')
        return open_bracket(feed);
    if (c == '}' || c == ']' || c == ',' || c == ':' || (unsigned char)c < 0x20)
        return broken(feed, "not valid JSON: a value is missing");
    if (at_document(s))
        begin_document(feed);
    else if (at_record(s))
        start_here(feed);
    s->fresh = 0;
    begin_token(feed, c == '"' ? TOKEN_STRING : TOKEN_WORD, 0);
    return 0;
}

static int expect_next(struct feed *feed)
{
    struct lks_json_framer_state *s = feed->state;
    int object = lks_json_place_inner(&s->place)->object;
    if (*feed->at == (object ? '}' : ']'))
        return close_bracket(feed);
    if (*feed->at != ',')
        return broken(feed, "not valid JSON: a comma or closing bracket is missing");
    feed->at++;
    s->expect = object ? EXPECT_NAME : EXPECT_VALUE;
    s->fresh = 0;
    return 0;
}

static int scan_document(struct feed *feed)
{
    struct lks_json_framer_state *s = feed->state;
    if (s->token != TOKEN_NONE)
        return scan_token(feed);
    char c = *feed->at;
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        feed->at++;
        if (c == '\n') {
            feed->framer->line++;
            s->last_newline = offset_of(feed, feed->at);
        }
        return 0;
    }
    /* A byte order mark before the first document says nothing. */
    uint64_t offset = offset_of(feed, feed->at);
    if (offset < 3 && c == "\xef\xbb\xbf"[offset]) {
        feed->at++;
        return 0;
    }
    switch (s->expect) {
    case EXPECT_VALUE:
        return expect_value(feed);
    case EXPECT_NAME:
        if (c == '}' && s->fresh)
            return close_bracket(feed);
        if (c != '"')
            return broken(feed, "not valid JSON: a member's name is missing");
        begin_token(feed, TOKEN_STRING, 1);
        return 0;
    case EXPECT_COLON:
        if (c != ':')
            return broken(feed, "not valid JSON: a colon is missing");
        feed->at++;
        s->expect = EXPECT_VALUE;
        s->fresh = 0;
        return 0;
    default:
        return expect_next(feed);
    }
}

static int scan_record(struct feed *feed)
{
    struct lks_json_framer_state *s = feed->state;
    size_t at = 0;
    s->brackets.newlines_count = 0;
    enum lks_json_brackets_result result =
        lks_json_brackets_scan(&s->brackets, feed->at, (size_t)(feed->end - feed->at), &at);
    feed->at += at;
    feed->framer->line += s->brackets.newlines_count;
    if (result == LKS_JSON_BRACKETS_BROKEN)
        return broken(feed, "not valid JSON: a line ends within a string");
    if (result == LKS_JSON_BRACKETS_MORE)
        return 0;
    s->mode = MODE_DOCUMENT;
    int rc = hand_out(feed, LKS_JSON_FRAME_RECORD, s->place.array_name, NULL);
    return rc ? rc : value_ends(feed);
}

/* After a break: the next line that starts with a bracket starts a document. */
static int scan_resync(struct feed *feed)
{
    struct lks_json_framer_state *s = feed->state;
    while (feed->at < feed->end) {
        if (s->last_newline == offset_of(feed, feed->at) &&
            (*feed->at == '{' || *feed->at == '[')) {
            s->mode = MODE_DOCUMENT;
            s->expect = EXPECT_VALUE;
            s->place.depth = 0;
            s->place.root_is_array = 0;
            s->fresh = 0;
            return 0;
        }
        const char *newline = memchr(feed->at, '\n', (size_t)(feed->end - feed->at));
        feed->at = newline ? newline + 1 : feed->end;
        if (newline) {
            feed->framer->line++;
            s->last_newline = offset_of(feed, feed->at);
        }
    }
    return 0;
}

/* ---- feeding ---- */

static int start_state(struct lks_json_framer *framer, struct lks_error *err)
{
    framer->state = calloc(1, sizeof *framer->state);
    if (!framer->state)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    framer->state->expect = EXPECT_VALUE;
    return 0;
}

/* Where the next window must start: what is in progress stays whole. */
static uint64_t keep_from(struct feed *feed)
{
    struct lks_json_framer_state *s = feed->state;
    uint64_t scanned = feed->framer->scanned_offset;
    int in_record = s->mode == MODE_RECORD || (s->token != TOKEN_NONE && at_record(s));
    int is_whole = s->in_document && !s->had_array;
    if (!in_record && !is_whole)
        return scanned;
    keep_start(feed, feed->at);
    if (scanned - s->start_offset > LKS_ROW_BYTES_MAX)
        s->start_long = 1;
    return s->start_long ? scanned : s->start_offset;
}

/* The content is at its end. */
static int finish(struct feed *feed)
{
    struct lks_json_framer *framer = feed->framer;
    struct lks_json_framer_state *s = feed->state;
    if (s->mode == MODE_DOCUMENT && s->token == TOKEN_WORD && s->place.depth == 0) {
        int rc = end_token(feed);
        if (rc != 0 || s->mode != MODE_RESYNC)
            return rc;
    }
    if (s->mode == MODE_RESYNC) {
        if (s->had_array)
            return lks_error_set(feed->err, LKS_EINPUT,
                                 "line %llu: the JSON document breaks off in the middle",
                                 (unsigned long long)framer->line);
        return 0;
    }
    if (s->mode != MODE_RECORD && s->place.depth == 0 && s->token == TOKEN_NONE)
        return 0;
    /* The last of many lines is a reject; a large document that ends early is another matter. */
    if (s->in_document && !s->had_array && !s->place.root_is_array && framer->records_count)
        return broken(feed, "not valid JSON: the file ends within it");
    return lks_error_set(feed->err, LKS_EINPUT,
                         "line %llu: the file ends within a JSON document: it is truncated",
                         (unsigned long long)framer->line);
}

int lks_json_framer_feed(struct lks_json_framer *framer, struct lks_str window,
                         uint64_t window_offset, int last,
                         int (*found)(void *context, const struct lks_json_frame *frame,
                                      struct lks_error *err),
                         void *context, struct lks_error *err)
{
    if (!framer->state) {
        int rc = start_state(framer, err);
        if (rc != 0)
            return rc;
    }
    if (!window.data)
        window = LKS_STR("");
    LKS_ASSERT(window_offset <= framer->keep_offset &&
               window_offset + window.size_bytes >= framer->scanned_offset);
    struct feed feed = {.framer = framer,
                        .state = framer->state,
                        .start = window.data,
                        .at = window.data + (framer->scanned_offset - window_offset),
                        .end = window.data + window.size_bytes,
                        .offset = window_offset,
                        .found = found,
                        .context = context,
                        .err = err};
    struct lks_json_framer_state *s = framer->state;
    feed.token_start = feed.at;
    int rc = 0;
    while (rc == 0 && feed.at < feed.end)
        rc = s->mode == MODE_RECORD     ? scan_record(&feed)
             : s->mode == MODE_DOCUMENT ? scan_document(&feed)
                                        : scan_resync(&feed);
    if (rc == 0 && s->token != TOKEN_NONE)
        token_piece(&feed);
    feed.token_start = feed.at;
    framer->scanned_offset = offset_of(&feed, feed.at);
    if (rc == 0)
        framer->keep_offset = keep_from(&feed);
    if (rc == 0 && last)
        rc = finish(&feed);
    if (rc == 0 && lks_json_place_failed(&s->place))
        rc = lks_error_set(err, LKS_EMEMORY, "out of memory");
    return rc;
}
