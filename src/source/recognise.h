/* recognise.h - what a file is, by what it starts with */
#ifndef LKS_SOURCE_RECOGNISE_H
#define LKS_SOURCE_RECOGNISE_H

#include "source/source.h"

/* The start of a file, looked at. Freed by lks_start_free. */
struct lks_start {
    struct lks_head head;
    size_t mark_bytes;   /* the byte order mark and a line `sep=;` before head.bytes */
    size_t header_bytes; /* CSV: the header's row with its line end */
    struct lks_str *names;
    struct lks_arena arena;
};

/* Looks at bytes, the first of a file (all of it if complete). LKS_EINPUT with a sentence
 * for a binary file, UTF-16, lines without line feeds, or nothing but white space. start borrows bytes; header names are
 * copies without blanks around them. */
int lks_start_look(const char *name, struct lks_str bytes, int complete, struct lks_start *start,
                   struct lks_error *err);
void lks_start_free(struct lks_start *start);

/* The adapter for a file: options->as, else the generic one where there is a mapping, else
 * whoever recognises it. LKS_EINPUT with a sentence that says what was seen and what helps. */
int lks_start_adapter(const char *name, const struct lks_start *start,
                      const struct lks_source_options *options,
                      const struct lks_adapter **adapter_out, struct lks_error *err);

/* Whether the header has the column, whatever the case of its letters; its index, or -1. */
int lks_header_find(const struct lks_str *header, size_t header_count, const char *name);
/* The names of the columns for a sentence; of too many those first that a mapping may need, and an
 * ellipsis. */
enum { LKS_HEAD_COLUMNS_BYTES = 560 };
void lks_head_columns(const struct lks_head *head, char text[LKS_HEAD_COLUMNS_BYTES]);
/* How many of the NULL-ended names the header has. */
size_t lks_header_count(const struct lks_head *head, const char *const *names);

#endif
