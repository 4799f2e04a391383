/* intern.c - strings to dense ids 0, 1, 2 ... in the order of their first appearance
 *
 * Open addressing with linear probing at a load of at most one half: a slot holds
 * id + 1, the strings lie in an arena, and 32 bits of each hash are kept so that a
 * probe touches the string only when it most likely is the right one. The hash is
 * XXH3 with a fixed seed: ids depend on the order of the input alone. */
#include "base/intern.h"

#include <stdlib.h>
#include <xxhash.h>

uint32_t lks_intern_hash(struct lks_str text)
{
    return (uint32_t)XXH3_64bits(text.data, text.size_bytes);
}

static uint32_t *intern_slot(const struct lks_intern *intern, struct lks_str text, uint32_t hash)
{
    uint32_t mask = intern->slots_capacity - 1;
    uint32_t place = hash & mask;
    for (;; place = (place + 1) & mask) {
        uint32_t *slot = &intern->slots[place];
        if (*slot == 0 ||
            (intern->hashes[*slot - 1] == hash && lks_str_equal(intern->names[*slot - 1], text)))
            return slot;
    }
}

static int intern_grow_slots(struct lks_intern *intern)
{
    uint32_t capacity = intern->slots_capacity ? intern->slots_capacity * 2 : 1024;
    uint32_t *slots = calloc(capacity, sizeof *slots);
    if (!slots)
        return -1;
    for (uint32_t id = 0; id < intern->count; id++) {
        uint32_t place = intern->hashes[id] & (capacity - 1);
        while (slots[place])
            place = (place + 1) & (capacity - 1);
        slots[place] = id + 1;
    }
    free(intern->slots);
    intern->slots = slots;
    intern->slots_capacity = capacity;
    return 0;
}

static int intern_grow_names(struct lks_intern *intern)
{
    uint32_t capacity = intern->names_capacity ? intern->names_capacity * 2 : 512;
    struct lks_str *names = realloc(intern->names, capacity * sizeof *names);
    if (!names)
        return -1;
    intern->names = names;
    uint32_t *hashes = realloc(intern->hashes, capacity * sizeof *hashes);
    if (!hashes)
        return -1;
    intern->hashes = hashes;
    intern->names_capacity = capacity;
    return 0;
}

void lks_intern_prefetch(const struct lks_intern *intern, uint32_t hash)
{
    if (intern->slots_capacity)
        __builtin_prefetch(&intern->slots[hash & (intern->slots_capacity - 1)]);
}

/* The id + 1 in the first place of the hash. */
static uint32_t first_of(const struct lks_intern *intern, uint32_t hash)
{
    return intern->slots_capacity ? intern->slots[hash & (intern->slots_capacity - 1)] : 0;
}

void lks_intern_prefetch_name(const struct lks_intern *intern, uint32_t hash)
{
    uint32_t id = first_of(intern, hash);
    if (!id)
        return;
    __builtin_prefetch(&intern->hashes[id - 1]);
    __builtin_prefetch(&intern->names[id - 1]);
}

void lks_intern_prefetch_text(const struct lks_intern *intern, uint32_t hash)
{
    uint32_t id = first_of(intern, hash);
    if (id)
        __builtin_prefetch(intern->names[id - 1].data);
}

uint64_t lks_intern_bytes(const struct lks_intern *intern)
{
    return intern->arena.used_bytes + (uint64_t)intern->slots_capacity * sizeof *intern->slots +
           (uint64_t)intern->names_capacity * (sizeof *intern->names + sizeof *intern->hashes);
}

uint32_t lks_intern_add(struct lks_intern *intern, struct lks_str text, int *fresh)
{
    return lks_intern_add_hashed(intern, text, lks_intern_hash(text), fresh);
}

uint32_t lks_intern_add_hashed(struct lks_intern *intern, struct lks_str text, uint32_t hash,
                               int *fresh)
{
    if (fresh)
        *fresh = 0;
    if (intern->count >= intern->slots_capacity / 2 &&
        (intern->count >= (1u << 30) || intern_grow_slots(intern) != 0))
        return LKS_INTERN_NONE;
    uint32_t *slot = intern_slot(intern, text, hash);
    if (*slot)
        return *slot - 1;
    if (intern->count == intern->names_capacity && intern_grow_names(intern) != 0)
        return LKS_INTERN_NONE;
    struct lks_str copy = lks_arena_str(&intern->arena, text.data ? text : LKS_STR(""));
    if (!copy.data)
        return LKS_INTERN_NONE;
    uint32_t id = intern->count++;
    intern->names[id] = copy;
    intern->hashes[id] = hash;
    *slot = id + 1;
    if (fresh)
        *fresh = 1;
    return id;
}

uint32_t lks_intern_find(const struct lks_intern *intern, struct lks_str text)
{
    if (!intern->count)
        return LKS_INTERN_NONE;
    uint32_t *slot = intern_slot(intern, text, lks_intern_hash(text));
    return *slot ? *slot - 1 : LKS_INTERN_NONE;
}

void lks_intern_free(struct lks_intern *intern)
{
    lks_arena_free(&intern->arena);
    free(intern->names);
    free(intern->slots);
    free(intern->hashes);
    *intern = (struct lks_intern){0};
}
