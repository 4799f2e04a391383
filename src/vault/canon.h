/* canon.h - canonical JSON: one writing for each value, so that bytes can be signed
 *
 * The JSON Canonicalization Scheme (RFC 8785) without its floats: members sorted by name, no
 * blanks, the shortest escapes. Names are sorted by their UTF-16 units; here they are ASCII. */
#ifndef LKS_VAULT_CANON_H
#define LKS_VAULT_CANON_H

#include <stdint.h>

#include "base/str.h"

#define LKS_CANON_DEPTH_MAX 8

struct lks_canon_member {
    const char *name;  /* borrowed; NULL in an array */
    size_t start, end; /* of its value, in the level's bytes */
};

struct lks_canon_level {
    int array;
    const char *name; /* under which the level stands in the one above */
    struct lks_buffer bytes;
    struct lks_canon_member *members;
    size_t count, room;
};

/* Zero it to start. Values may come in any order; a name may come once. Failed memory is told at
 * the end. */
struct lks_canon {
    struct lks_canon_level levels[LKS_CANON_DEPTH_MAX];
    int depth;
    int failed;
};

/* Open and close an object or an array. In an array the name is NULL; for the outermost too. */
void lks_canon_object(struct lks_canon *canon, const char *name);
void lks_canon_array(struct lks_canon *canon, const char *name);
void lks_canon_end(struct lks_canon *canon);
/* Members of an object, or items of an array where the name is NULL. What is no UTF-8 becomes
 * U+FFFD; a null string becomes null. */
void lks_canon_string(struct lks_canon *canon, const char *name, struct lks_str text);
void lks_canon_text(struct lks_canon *canon, const char *name, const char *text);
void lks_canon_int(struct lks_canon *canon, const char *name, int64_t value); /* within 2^53 */
void lks_canon_bool(struct lks_canon *canon, const char *name, int value);
/* 32 bytes as 64 lower-case hex digits. */
void lks_canon_hash(struct lks_canon *canon, const char *name, const unsigned char hash[32]);
/* A value that is canonical JSON already. */
void lks_canon_raw(struct lks_canon *canon, const char *name, struct lks_str json);
/* Ends the writing: adds the bytes to out and frees everything. 0, or LKS_EMEMORY. */
int lks_canon_finish(struct lks_canon *canon, struct lks_buffer *out);
void lks_canon_free(struct lks_canon *canon); /* of one that was given up */

#endif
