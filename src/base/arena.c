/* arena.c - memory with one lifetime: allocate many, free once */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>

enum { ARENA_BLOCK_BYTES = 256 * 1024, ARENA_SPARES_MAX = 15 };

struct lks_arena_block {
    struct lks_arena_block *next;
    size_t used_bytes;
    size_t capacity_bytes;
    size_t padding; /* keeps data aligned to 16 */
    char data[];
};

/* A block with room for size bytes, before the others: a spare one or a new one. */
static struct lks_arena_block *block_new(struct lks_arena *arena, size_t size)
{
    struct lks_arena_block *fresh = arena->spare;
    if (fresh && size <= ARENA_BLOCK_BYTES) {
        arena->spare = fresh->next;
        fresh->used_bytes = 0;
    } else {
        size_t capacity = size > ARENA_BLOCK_BYTES ? size : ARENA_BLOCK_BYTES;
        fresh = malloc(sizeof *fresh + capacity);
        if (!fresh)
            return NULL;
        *fresh = (struct lks_arena_block){.capacity_bytes = capacity};
    }
    fresh->next = arena->block;
    return arena->block = fresh;
}

void *lks_arena_alloc(struct lks_arena *arena, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX / 2)
        return NULL;
    size_t size = (size_bytes + 15) & ~(size_t)15;
    if (arena->limit_bytes && arena->used_bytes + size > arena->limit_bytes)
        return NULL;
    struct lks_arena_block *block = arena->block;
    if (!block || block->capacity_bytes - block->used_bytes < size) {
        block = block_new(arena, size);
        if (!block)
            return NULL;
    }
    void *result = block->data + block->used_bytes;
    block->used_bytes += size;
    arena->used_bytes += size;
    return result;
}

void *lks_arena_calloc(struct lks_arena *arena, size_t count, size_t item_bytes)
{
    if (item_bytes && count > SIZE_MAX / 2 / item_bytes)
        return NULL;
    void *result = lks_arena_alloc(arena, count * item_bytes);
    if (result)
        memset(result, 0, count * item_bytes);
    return result;
}

struct lks_str lks_arena_str(struct lks_arena *arena, struct lks_str text)
{
    if (!text.data)
        return LKS_STR_NULL;
    char *copy = lks_arena_alloc(arena, text.size_bytes + 1);
    if (!copy)
        return LKS_STR_NULL;
    memcpy(copy, text.data, text.size_bytes);
    copy[text.size_bytes] = 0;
    return (struct lks_str){copy, text.size_bytes};
}

/* Arenas of batches are filled and emptied over and over: giving their blocks back each time
 * would make the system clear the same pages again and again. */
void lks_arena_reset(struct lks_arena *arena)
{
    struct lks_arena_block *block = arena->block;
    unsigned spares = 0;
    for (struct lks_arena_block *spare = arena->spare; spare; spare = spare->next)
        spares++;
    while (block && block->next) {
        struct lks_arena_block *next = block->next;
        if (block->capacity_bytes == ARENA_BLOCK_BYTES && spares < ARENA_SPARES_MAX) {
            block->next = arena->spare;
            arena->spare = block;
            spares++;
        } else {
            free(block);
        }
        block = next;
    }
    if (block)
        block->used_bytes = 0;
    arena->block = block;
    arena->used_bytes = 0;
}

static void blocks_free(struct lks_arena_block *block)
{
    while (block) {
        struct lks_arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void lks_arena_free(struct lks_arena *arena)
{
    blocks_free(arena->block);
    blocks_free(arena->spare);
    arena->block = arena->spare = NULL;
    arena->used_bytes = 0;
}
