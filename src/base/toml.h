/* toml.h - reads the part of TOML that settings need: tables, and scalars and lists of them */
#ifndef LKS_BASE_TOML_H
#define LKS_BASE_TOML_H

#include "base/arena.h"
#include "base/error.h"

/* A strict part of TOML 1.0: comments, bare and quoted keys, [table], [[table]], basic and literal
 * strings of one line, integers, decimals, booleans, dates and times, and arrays of these (over
 * several lines). Dotted names, inline tables, arrays in arrays and strings of several lines are
 * refused by name, not misread. */

enum lks_toml_type {
    LKS_TOML_STRING,
    LKS_TOML_NUMBER,
    LKS_TOML_BOOL,
    LKS_TOML_TIME,
    LKS_TOML_ARRAY
};

enum { LKS_TOML_BYTES_MAX = 64 * 1024, LKS_TOML_ITEMS_MAX = 4096 };

/* One "key = value". Strings live until lks_toml_read returns. */
struct lks_toml_item {
    struct lks_str table;  /* "" above the first table */
    unsigned table_number; /* counts tables as they open; [[one]] and the next [[one]] differ */
    int repeated;          /* the table stands in double brackets */
    struct lks_str key;
    enum lks_toml_type type;
    struct lks_str value;           /* a string unescaped, all else as written; of an array null */
    const struct lks_str *elements; /* of an array: the same for each */
    const enum lks_toml_type *element_types;
    size_t elements_count;
    unsigned line; /* 1-based */
};

/* Calls found for every item, in order; an item with a null key says that a table opened. found
 * returns 0 to go on. name stands in messages. LKS_EARGUMENT with the line and what is wrong
 * with it; what found returned; LKS_EMEMORY. No recursion. */
int lks_toml_read(const char *name, struct lks_str text,
                  int (*found)(void *context, const struct lks_toml_item *item,
                               struct lks_error *err),
                  void *context, struct lks_error *err);

/* The whole file into the arena, with at most LKS_TOML_BYTES_MAX bytes. LKS_EIO, LKS_EARGUMENT
 * where it is longer, LKS_EMEMORY. */
int lks_toml_load(const char *path, struct lks_arena *arena, struct lks_str *text_out,
                  struct lks_error *err);

#endif
