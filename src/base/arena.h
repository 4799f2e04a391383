/* arena.h - memory with one lifetime: allocate many, free once */
#ifndef LKS_BASE_ARENA_H
#define LKS_BASE_ARENA_H

#include "base/str.h"

struct lks_arena_block;

/* Zero it to start. limit_bytes 0 means no limit; reaching it makes the next
 * allocation return NULL. One thread at a time. */
struct lks_arena {
    struct lks_arena_block *block;
    struct lks_arena_block *spare; /* emptied by lks_arena_reset, to be filled again */
    size_t used_bytes;             /* over all blocks, what was asked for */
    size_t limit_bytes;
};

/* Returns size_bytes of memory aligned to 16, not cleared, or NULL. */
void *lks_arena_alloc(struct lks_arena *arena, size_t size_bytes);
/* The same for count items, cleared; NULL too when the product overflows. */
void *lks_arena_calloc(struct lks_arena *arena, size_t count, size_t item_bytes);
/* Copies a string (null stays null) and adds a closing NUL; data is NULL when memory is out. */
struct lks_str lks_arena_str(struct lks_arena *arena, struct lks_str text);
void lks_arena_reset(struct lks_arena *arena); /* empties, keeps 4 MB at most */
void lks_arena_free(struct lks_arena *arena);  /* zeroes the struct, keeps the limit */

#endif
