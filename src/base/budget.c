/* budget.c - arrays that grow within a memory limit shared by several threads */
#include "base/budget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the system says could be used without swapping, or the free pages where it says
 * nothing. */
static uint64_t memory_free_bytes(void)
{
    unsigned long long kilobytes = 0;
    char line[128];
    FILE *file = fopen("/proc/meminfo", "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "MemAvailable: %llu kB", &kilobytes) == 1)
            break;
    if (file)
        fclose(file);
    if (kilobytes)
        return kilobytes * 1024;
    long pages = sysconf(_SC_AVPHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
    return pages > 0 && page_bytes > 0 ? (uint64_t)pages * (uint64_t)page_bytes : UINT64_MAX;
}

void lks_budget_init(struct lks_budget *budget, uint64_t limit_bytes, const char *work)
{
    atomic_init(&budget->used_bytes, 0);
    budget->limit_bytes = limit_bytes ? limit_bytes : memory_free_bytes() / 2;
    budget->work = work;
}

static int over_limit(const struct lks_budget *budget, struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY,
                         "%s needs more memory than its limit of %llu MB; raise the memory limit, "
                         "narrow the windows or raise the thresholds",
                         budget->work, (unsigned long long)(budget->limit_bytes / 1000000));
}

static int charge(struct lks_budget *budget, size_t count, size_t item_bytes, struct lks_error *err)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, item_bytes, &bytes))
        return over_limit(budget, err);
    uint64_t before = atomic_fetch_add(&budget->used_bytes, bytes);
    if (before + bytes <= budget->limit_bytes && before + bytes >= before)
        return 0;
    atomic_fetch_sub(&budget->used_bytes, bytes);
    return over_limit(budget, err);
}

int lks_budget_grow(struct lks_budget *budget, void *array, size_t *capacity, size_t needed,
                    size_t item_bytes, struct lks_error *err)
{
    void *old, *grown;
    if (needed <= *capacity)
        return 0;
    size_t target = needed;
    if (target < *capacity + *capacity / 2)
        target = *capacity + *capacity / 2;
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
    if (made)
        return 0;
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
