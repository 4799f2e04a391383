/* keyset.c - which keys have been seen, at 16 bytes a key: a set of 128-bit hashes
 *
 * Open addressing with linear probing, at most three quarters full: 21 to 43 bytes a key, one
 * cache line touched by most look-ups. The hash is keyed (see siphash.h), so that probes
 * stay short and hashes apart whatever keys the data brings. */
#include "store/keyset.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/large_pages.h"

int lks_keyset_start(struct lks_keyset *set, struct lks_error *err)
{
    *set = (struct lks_keyset){0};
    if (getrandom(set->key, sizeof set->key, 0) != (ssize_t)sizeof set->key)
        return lks_error_system(err, "the store", "random bytes cannot be had");
    return 0;
}

struct lks_hash128 lks_keyset_hash(const struct lks_keyset *set, struct lks_str key)
{
    struct lks_hash128 hash = lks_siphash128(set->key, key);
    hash.high |= !(hash.low | hash.high); /* {0, 0} marks a free slot */
    return hash;
}

void lks_keyset_prefetch(const struct lks_keyset *set, struct lks_hash128 hash)
{
    if (set->capacity)
        __builtin_prefetch(&set->slots[hash.low & (set->capacity - 1)], 1);
}

/* The hash's slot, or the free one where it belongs. */
static struct lks_hash128 *keyset_slot(struct lks_hash128 *slots, size_t capacity,
                                       struct lks_hash128 hash)
{
    size_t place = hash.low & (capacity - 1);
    while ((slots[place].low | slots[place].high) != 0 &&
           (slots[place].low != hash.low || slots[place].high != hash.high))
        place = (place + 1) & (capacity - 1);
    return &slots[place];
}

/* Free slots; large tables on large pages, since no two look-ups meet on a small one. */
static struct lks_hash128 *slots_make(size_t capacity)
{
    enum { LARGE_PAGE_BYTES = 2 << 20 };
    size_t size_bytes = capacity * sizeof(struct lks_hash128);
    if (capacity > SIZE_MAX / sizeof(struct lks_hash128))
        return NULL;
    if (size_bytes < LARGE_PAGE_BYTES)
        return calloc(capacity, sizeof(struct lks_hash128));
    struct lks_hash128 *slots = aligned_alloc(LARGE_PAGE_BYTES, size_bytes);
    if (!slots)
        return NULL;
    lks_large_pages(slots, size_bytes);
    return memset(slots, 0, size_bytes);
}

static int keyset_grow(struct lks_keyset *set, size_t capacity)
{
    struct lks_hash128 *slots = slots_make(capacity);
    if (!slots)
        return LKS_EMEMORY;
    for (size_t i = 0; i < set->capacity; i++)
        if ((set->slots[i].low | set->slots[i].high) != 0)
            *keyset_slot(slots, capacity, set->slots[i]) = set->slots[i];
    free(set->slots);
    set->slots = slots;
    set->capacity = capacity;
    return 0;
}

int lks_keyset_reserve(struct lks_keyset *set, size_t count)
{
    size_t capacity = set->capacity ? set->capacity : 4096;
    while (capacity / 4 * 3 < count)
        capacity *= 2;
    return capacity == set->capacity ? 0 : keyset_grow(set, capacity);
}

int lks_keyset_add(struct lks_keyset *set, struct lks_hash128 hash)
{
    if (set->count + 1 > set->capacity / 4 * 3 && lks_keyset_reserve(set, set->count + 1) != 0)
        return LKS_EMEMORY;
    struct lks_hash128 *slot = keyset_slot(set->slots, set->capacity, hash);
    if ((slot->low | slot->high) != 0)
        return 0;
    *slot = hash;
    set->count++;
    return 1;
}

void lks_keyset_free(struct lks_keyset *set)
{
    free(set->slots);
    set->slots = NULL;
    set->capacity = set->count = 0;
}
