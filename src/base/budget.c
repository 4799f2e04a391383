/* budget.c - arrays that grow within a memory limit shared by several threads */
#include "base/budget.h"

#include <stdlib.h>
#include <string.h>

#include "base/free_memory.h"
#include "base/large_pages.h"

enum { LARGE_BYTES = 64 << 20 };

void lks_budget_init(struct lks_budget *budget, uint64_t limit_bytes, const char *work)
{
    atomic_init(&budget->used_bytes, 0);
    budget->limit_bytes = limit_bytes ? limit_bytes : lks_memory_free_bytes() / 2;
    budget->work = work;
}

static unsigned long long megabytes(uint64_t bytes)
{
    return bytes / 1000000 + (bytes % 1000000 != 0);
}

/* The number named is what this step would have come to: a lower bound of what is needed. */
static int over_limit(const struct lks_budget *budget, uint64_t needed_bytes, struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY,
                         "%s needs at least %llu MB, which is more than its memory limit of %llu "
                         "MB; raise the memory limit, narrow the windows or raise the thresholds",
                         budget->work, megabytes(needed_bytes),
                         (unsigned long long)(budget->limit_bytes / 1000000));
}

int lks_budget_charge(struct lks_budget *budget, uint64_t bytes, struct lks_error *err)
{
    uint64_t before = atomic_fetch_add(&budget->used_bytes, bytes);
    if (before + bytes <= budget->limit_bytes && before + bytes >= before)
        return 0;
    atomic_fetch_sub(&budget->used_bytes, bytes);
    return over_limit(budget, before + bytes >= before ? before + bytes : UINT64_MAX, err);
}

void lks_budget_release(struct lks_budget *budget, uint64_t bytes)
{
    atomic_fetch_sub(&budget->used_bytes, bytes);
}

uint64_t lks_budget_left(const struct lks_budget *budget)
{
    uint64_t used = atomic_load(&budget->used_bytes);
    return used < budget->limit_bytes ? budget->limit_bytes - used : 0;
}

static int charge(struct lks_budget *budget, size_t count, size_t item_bytes, struct lks_error *err)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, item_bytes, &bytes))
        return over_limit(budget, UINT64_MAX, err);
    return lks_budget_charge(budget, bytes, err);
}

int lks_budget_grow(struct lks_budget *budget, void *array, size_t *capacity, size_t needed,
                    size_t item_bytes, struct lks_error *err)
{
    void *old, *grown;
    if (needed <= *capacity)
        return 0;
    size_t target = needed;
    /* Large arrays grow by moving pages, not bytes, and every item held in reserve counts. */
    size_t step = *capacity > LARGE_BYTES / item_bytes ? *capacity / 8 : *capacity / 2;
    if (target < *capacity + step)
        target = *capacity + step;
    if (target < 16)
        target = 16;
    if (charge(budget, target - *capacity, item_bytes, err) < 0)
        return LKS_EMEMORY;
    memcpy(&old, array, sizeof old);
    grown = realloc(old, target * item_bytes);
    if (!grown) {
        atomic_fetch_sub(&budget->used_bytes, (target - *capacity) * item_bytes);
        return lks_error_set(err, LKS_EMEMORY, "%s: out of memory", budget->work);
    }
    memcpy(array, &grown, sizeof grown);
    *capacity = target;
    return 0;
}

int lks_budget_array(struct lks_budget *budget, void *array, size_t needed, size_t item_bytes,
                     struct lks_error *err)
{
    if (charge(budget, needed, item_bytes, err) < 0)
        return LKS_EMEMORY;
    void *made = calloc(needed ? needed : 1, item_bytes);
    memcpy(array, &made, sizeof made);
    if (made) {
        lks_large_pages(made, needed * item_bytes);
        return 0;
    }
    atomic_fetch_sub(&budget->used_bytes, needed * item_bytes);
    return lks_error_set(err, LKS_EMEMORY, "%s: out of memory", budget->work);
}

void lks_budget_free(struct lks_budget *budget, void *array, size_t capacity, size_t item_bytes)
{
    if (!array)
        return;
    free(array);
    atomic_fetch_sub(&budget->used_bytes, capacity * item_bytes);
}
