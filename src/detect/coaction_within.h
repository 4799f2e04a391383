/* coaction_within.h - the co-action scan within a memory limit, in passes if need be */
#ifndef LKS_DETECT_COACTION_WITHIN_H
#define LKS_DETECT_COACTION_WITHIN_H

#include "coaction/coaction.h"
#include "detect/coaction_parts.h"

/* Where edges go, and how to begin anew: an attempt that runs out of memory is thrown away. */
struct lks_coaction_taker {
    int (*put)(void *context, size_t window, const struct lks_edge *edges, size_t count,
               struct lks_error *err);
    void (*reset)(void *context);
    void *context;
};

/* Scans the events of data, wherever they are, for every pair that reaches the thresholds in one
 * of options[options_count]: each is put once a window, the same whatever the memory; their order is not. `aside` is what the taker may
 * still allocate. Errors: as lks_coaction_scan; LKS_EMEMORY when not even passes fit. */
int lks_coaction_within(struct lks_coaction_data *data, const struct lks_coaction_options *options,
                        size_t options_count, struct lks_coaction_means *means,
                        uint64_t aside_bytes, const struct lks_coaction_taker *taker,
                        struct lks_coaction_counts *counts, struct lks_error *err);

#endif
