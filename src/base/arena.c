/* arena.c - memory with one lifetime: allocate many, free once */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>

enum { ARENA_BLOCK_BYTES = 256 * 1024 };

struct lks_arena_block {
    struct lks_arena_block *next;
    size_t used_bytes;
    size_t capacity_bytes;
    size_t padding; /* keeps data aligned to 16 */
    char data[];
};

void *lks_arena_alloc(struct lks_arena *arena, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX / 2)
        return NULL;
    size_t size = (size_bytes + 15) & ~(size_t)15;
    if (arena->limit_bytes && arena->used_bytes + size > arena->limit_bytes)
        return NULL;
    struct lks_arena_block *block = arena->block;
    if (!block || block->capacity_bytes - block->used_bytes < size) {
        size_t capacity = size > ARENA_BLOCK_BYTES ? size : ARENA_BLOCK_BYTES;
        struct lks_arena_block *fresh = malloc(sizeof *fresh + capacity);
        if (!fresh)
            return NULL;
        *fresh = (struct lks_arena_block){.next = block, .capacity_bytes = capacity};
        arena->block = block = fresh;
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

void lks_arena_reset(struct lks_arena *arena)
{
    struct lks_arena_block *block = arena->block;
    while (block && block->next) {
        struct lks_arena_block *next = block->next;
        free(block);
        block = next;
    }
    if (block)
        block->used_bytes = 0;
    arena->block = block;
    arena->used_bytes = 0;
}

void lks_arena_free(struct lks_arena *arena)
{
    struct lks_arena_block *block = arena->block;
    while (block) {
        struct lks_arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena->block = NULL;
    arena->used_bytes = 0;
}
