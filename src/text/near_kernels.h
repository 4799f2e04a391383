/* near_kernels.h - the two inner loops of the near-text join, for what the processor has */
#ifndef LKS_TEXT_NEAR_KERNELS_H
#define LKS_TEXT_NEAR_KERNELS_H

#include <stddef.h>
#include <stdint.h>

struct lks_near_kernels {
    const char *name;
    /* Sorts count distinct keys below 2^63, rising. scratch: [count + 64]. */
    void (*sort)(uint64_t *keys, size_t count, uint64_t *scratch);
    /* Bit i of the result: signatures[i] differs from `from` in at most limit bits; count is at
     * most 64. */
    uint64_t (*filter)(const uint64_t *signatures, size_t count, uint64_t from, unsigned limit);
};

/* The paths that this processor can run, the best first; NULL behind the last. All give
 * the same bytes. Any thread. */
const struct lks_near_kernels *lks_near_kernels_at(size_t index);

#endif
