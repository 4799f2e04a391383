/* near_bounds.h - what two sets must share to be near, by their sizes */
#ifndef LKS_TEXT_NEAR_BOUNDS_H
#define LKS_TEXT_NEAR_BOUNDS_H

#include <stdint.h>

enum { LKS_NEAR_BOUNDS_TABLE = 4096 };

/* Bounds for one threshold; those of small sets are kept. */
struct lks_near_bounds {
    double threshold;
    uint32_t need[LKS_NEAR_BOUNDS_TABLE], prefix[LKS_NEAR_BOUNDS_TABLE];
};

void lks_near_bounds_init(struct lks_near_bounds *bounds, double threshold);

/* The least o with o / whole >= threshold. */
uint32_t lks_near_share_of(double threshold, uint32_t whole);
/* The least o with o / (both - o) >= threshold: shared by two near sets of `both` shingles together. */
uint32_t lks_near_need_of(double threshold, uint64_t both);

static inline uint32_t lks_near_need(const struct lks_near_bounds *bounds, uint64_t both)
{
    return both < LKS_NEAR_BOUNDS_TABLE ? bounds->need[both]
                                        : lks_near_need_of(bounds->threshold, both);
}

/* So many of the first shingles of a set hold one of any near set's (near_join.c). */
static inline uint32_t lks_near_prefix(const struct lks_near_bounds *bounds, uint32_t size)
{
    return size < LKS_NEAR_BOUNDS_TABLE ? bounds->prefix[size]
                                        : size - lks_near_share_of(bounds->threshold, size) + 1;
}

#endif
