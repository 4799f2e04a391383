/* csv.h - where rows and fields of a CSV file end */
#ifndef LKS_SOURCE_CSV_H
#define LKS_SOURCE_CSV_H

#include <stdint.h>

#include "base/arena.h"

/* More columns than this is no CSV. */
enum { LKS_CSV_FIELDS_MAX = 4096 };

/* What the scanner must remember between two bytes. */
enum lks_csv_state {
    LKS_CSV_OPEN,  /* a quote here begins a quoted part: field start, or after a closing quote */
    LKS_CSV_PLAIN, /* inside an unquoted field, where a quote is an ordinary character */
    LKS_CSV_QUOTED /* inside quotes, where only a quote means something */
};

/* Scans size_bytes bytes on from *state, which starts as LKS_CSV_OPEN. Returns the number
 * of bytes up to and including the last row end, 0 where there is none; *state is that
 * after the last byte. */
size_t lks_csv_cut(const char *data, size_t size_bytes, char delimiter, enum lks_csv_state *state);

/* Goes through the rows of a text that begins at a row's start. Zero it, set text and
 * delimiter; fields grows by itself and is freed by lks_csv_free. */
struct lks_csv {
    struct lks_str text;
    char delimiter;
    struct lks_str *fields; /* of the current row, unescaped: slices of text or in the arena */
    size_t fields_count;    /* may exceed LKS_CSV_FIELDS_MAX, of which only so many are kept */
    struct lks_str row;     /* as it lies in the text, without its line end */
    uint64_t line_ends;     /* \n inside row: its further lines */
    /* inside */
    size_t at, block_at;
    uint64_t marks; /* separators of the block that were not used yet */
    enum lks_csv_state state;
};

/* Moves to the next row. The last may lack its line end. A carriage return before the line
 * end is not part of the row. Returns 1, 0 at the end, or LKS_EMEMORY. */
int lks_csv_next(struct lks_csv *csv, struct lks_arena *arena);
void lks_csv_free(struct lks_csv *csv);

#endif
