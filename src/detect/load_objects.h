/* load_objects.h - objects to dense ids, without keeping their names */
#ifndef LKS_DETECT_LOAD_OBJECTS_H
#define LKS_DETECT_LOAD_OBJECTS_H

#include "base/budget.h"
#include "record/record.h"
#include "store/siphash.h"

/* 17 bytes an object and 5 to 11 of the table. Zero it, then start. One thread at a time. */
struct lks_load_objects {
    struct lks_budget *budget; /* borrowed */
    uint64_t key[2];
    uint32_t *slots;            /* id + 1, 0 is free */
    size_t capacity;            /* a power of two */
    struct lks_hash128 *hashes; /* [count] */
    uint8_t *kind;              /* [count] enum lks_object_kind */
    uint32_t count;
    size_t hashes_capacity, kind_capacity;
};

/* Draws the key. LKS_EIO when the system has no random bytes. */
int lks_load_objects_start(struct lks_load_objects *objects, struct lks_budget *budget,
                           struct lks_error *err);
/* Equal objects of different kinds are different. */
static inline struct lks_hash128 lks_load_objects_hash(const struct lks_load_objects *objects,
                                                       enum lks_object_kind kind,
                                                       struct lks_str object)
{
    uint64_t key[2] = {objects->key[0], objects->key[1] + (uint64_t)kind};
    return lks_siphash128(key, object);
}
static inline void lks_load_objects_prefetch(const struct lks_load_objects *objects,
                                             struct lks_hash128 hash)
{
    if (objects->capacity)
        __builtin_prefetch(&objects->slots[hash.low & (objects->capacity - 1)]);
}
/* The object's id, new ones in the order of their first appearance. LKS_EMEMORY. */
int lks_load_objects_add(struct lks_load_objects *objects, struct lks_hash128 hash,
                         enum lks_object_kind kind, uint32_t *id_out, struct lks_error *err);
/* Frees all but `kind`, which is the caller's from then on, charge and all. */
void lks_load_objects_free(struct lks_load_objects *objects);

#endif
