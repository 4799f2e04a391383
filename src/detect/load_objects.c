/* load_objects.c - objects to dense ids, without keeping their names
 *
 * Who acted together needs to know whether two objects are the same, not what they are called. So
 * a name is kept as 128 bits of its keyed hash (see store/siphash.h: no one can aim, and by
 * chance two never meet). Open addressing with linear probing at a load of at most three
 * quarters; a slot holds the id. */
#include "detect/load_objects.h"

#include <stdlib.h>
#include <sys/random.h>

enum { CAPACITY_MIN = 1024 };

int lks_load_objects_start(struct lks_load_objects *objects, struct lks_budget *budget,
                           struct lks_error *err)
{
    *objects = (struct lks_load_objects){.budget = budget};
    if (getrandom(objects->key, sizeof objects->key, 0) != (ssize_t)sizeof objects->key)
        return lks_error_system(err, "reading", "random bytes cannot be had");
    return 0;
}

static int slots_grow(struct lks_load_objects *objects, struct lks_error *err)
{
    size_t capacity = objects->capacity ? objects->capacity * 2 : CAPACITY_MIN;
    uint32_t *slots = NULL;
    int code = lks_budget_array(objects->budget, &slots, capacity, 4, err);
    if (code)
        return code;
    for (uint32_t id = 0; id < objects->count; id++) {
        size_t place = objects->hashes[id].low & (capacity - 1);
        while (slots[place])
            place = (place + 1) & (capacity - 1);
        slots[place] = id + 1;
    }
    lks_budget_free(objects->budget, objects->slots, objects->capacity, 4);
    objects->slots = slots;
    objects->capacity = capacity;
    return 0;
}

int lks_load_objects_add(struct lks_load_objects *objects, struct lks_hash128 hash,
                         enum lks_object_kind kind, uint32_t *id_out, struct lks_error *err)
{
    int code = 0;
    if (objects->count >= objects->capacity / 4 * 3 && (code = slots_grow(objects, err)))
        return code;
    size_t place = hash.low & (objects->capacity - 1);
    for (uint32_t found; (found = objects->slots[place]) != 0;
         place = (place + 1) & (objects->capacity - 1)) {
        const struct lks_hash128 *known = &objects->hashes[found - 1];
        if (known->low == hash.low && known->high == hash.high) {
            *id_out = found - 1;
            return 0;
        }
    }
    if (objects->count == UINT32_MAX - 1)
        return lks_error_set(err, LKS_EINPUT, "more than %u objects", UINT32_MAX - 1);
    if ((code = lks_budget_grow(objects->budget, &objects->hashes, &objects->hashes_capacity,
                                (size_t)objects->count + 1, sizeof *objects->hashes, err)) ||
        (code = lks_budget_grow(objects->budget, &objects->kind, &objects->kind_capacity,
                                (size_t)objects->count + 1, 1, err)))
        return code;
    objects->hashes[objects->count] = hash;
    objects->kind[objects->count] = (uint8_t)kind;
    *id_out = objects->count++;
    objects->slots[place] = objects->count;
    return 0;
}

void lks_load_objects_free(struct lks_load_objects *objects)
{
    if (!objects->budget)
        return;
    lks_budget_free(objects->budget, objects->slots, objects->capacity, 4);
    lks_budget_free(objects->budget, objects->hashes, objects->hashes_capacity,
                    sizeof *objects->hashes);
    objects->slots = NULL;
    objects->hashes = NULL;
    objects->capacity = objects->hashes_capacity = 0;
}
