/* intern.h - strings to dense ids 0, 1, 2 ... in the order of their first appearance */
#ifndef LKS_BASE_INTERN_H
#define LKS_BASE_INTERN_H

#include <stdint.h>

#include "base/arena.h"

#define LKS_INTERN_NONE UINT32_MAX

/* Zero it to start. Strings are copied. One thread at a time. */
struct lks_intern {
    struct lks_arena arena;
    struct lks_str *names; /* [count], by id */
    uint32_t *slots;       /* open addressing, id + 1, 0 is empty */
    uint32_t *hashes;      /* [count], spares most comparisons and re-hashing on growth */
    uint32_t count;
    uint32_t names_capacity;
    uint32_t slots_capacity; /* a power of two */
};

/* Returns the id of text, a new one if it was not there; LKS_INTERN_NONE when
 * memory (or 2^31 ids) is out. *fresh, if not NULL, says whether it is new. */
uint32_t lks_intern_add(struct lks_intern *intern, struct lks_str text, int *fresh);
/* The same in steps, for callers that add many: the hash, the wish to have its place fetched, and
 * the addition. */
uint32_t lks_intern_hash(struct lks_str text);
void lks_intern_prefetch(const struct lks_intern *intern, uint32_t hash);
/* A little later: what is written down of the text that most likely is the one, then the text. */
void lks_intern_prefetch_name(const struct lks_intern *intern, uint32_t hash);
void lks_intern_prefetch_text(const struct lks_intern *intern, uint32_t hash);
uint32_t lks_intern_add_hashed(struct lks_intern *intern, struct lks_str text, uint32_t hash,
                               int *fresh);
/* What it holds, to be counted against a limit. */
uint64_t lks_intern_bytes(const struct lks_intern *intern);
/* Returns the id, or LKS_INTERN_NONE when text was never added. */
uint32_t lks_intern_find(const struct lks_intern *intern, struct lks_str text);
void lks_intern_free(struct lks_intern *intern);

#endif
