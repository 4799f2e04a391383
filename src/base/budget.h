/* budget.h - arrays that grow within a memory limit shared by several threads */
#ifndef LKS_BASE_BUDGET_H
#define LKS_BASE_BUDGET_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* How much one piece of work may hold. work names it in the message of a failure. */
struct lks_budget {
    atomic_ullong used_bytes;
    uint64_t limit_bytes;
    const char *work;
};

/* limit_bytes 0 takes half of the memory that is free when called, control groups heeded. */
void lks_budget_init(struct lks_budget *budget, uint64_t limit_bytes, const char *work);

/* Counts bytes that the caller allocates by itself. 0, or LKS_EMEMORY with a message that
 * names the limit and what is needed at least. Any thread. */
int lks_budget_charge(struct lks_budget *budget, uint64_t bytes, struct lks_error *err);
void lks_budget_release(struct lks_budget *budget, uint64_t bytes);
uint64_t lks_budget_left(const struct lks_budget *budget);

/* Makes room for `needed` items in *array (NULL with *capacity 0 to start), keeping what
 * is there; new items are not cleared. Grows by a half, large arrays by an eighth, so that appending stays linear.
 * Returns 0, or LKS_EMEMORY with a message that names the limit. Any thread, an array
 * belongs to one at a time. */
int lks_budget_grow(struct lks_budget *budget, void *array, size_t *capacity, size_t needed,
                    size_t item_bytes, struct lks_error *err);
/* The same for exactly `needed` items, cleared, in large pages; *array must be NULL. */
int lks_budget_array(struct lks_budget *budget, void *array, size_t needed, size_t item_bytes,
                     struct lks_error *err);
/* Frees an array of capacity items and gives its bytes back; NULL is fine. */
void lks_budget_free(struct lks_budget *budget, void *array, size_t capacity, size_t item_bytes);

#endif
