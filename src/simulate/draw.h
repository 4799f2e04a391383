/* draw.h - random draws with the same bits on every machine: no function of libm is called */
#ifndef LKS_SIMULATE_DRAW_H
#define LKS_SIMULATE_DRAW_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

/* A distribution by some of its quantiles; between two of them it is uniform. The first
 * has share 0, the last share 1. */
struct lks_knot {
    double share, value;
};

/* The value that a share u of the distribution lies below. */
static inline double lks_knots_at(const struct lks_knot *knots, double u)
{
    size_t i = 1;
    while (knots[i].share < u)
        i++;
    double part = (u - knots[i - 1].share) / (knots[i].share - knots[i - 1].share);
    return knots[i - 1].value + part * (knots[i].value - knots[i - 1].value);
}

static inline double lks_draw_knots(struct lks_rng *rng, const struct lks_knot *knots)
{
    return lks_knots_at(knots, lks_rng_unit(rng));
}

/* A whole number with this mean: the two next to it, by chance. */
static inline uint32_t lks_draw_round(struct lks_rng *rng, double mean)
{
    return (uint32_t)(mean + lks_rng_unit(rng));
}

static inline int lks_draw_chance(struct lks_rng *rng, double share)
{
    return lks_rng_unit(rng) < share;
}

/* An index below count whose frequency falls as 1/sqrt(index): a power law. */
static inline uint32_t lks_draw_skewed(struct lks_rng *rng, uint32_t count)
{
    double u = lks_rng_unit(rng);
    return (uint32_t)(u * u * count);
}

static inline int64_t lks_draw_between(struct lks_rng *rng, int64_t first, int64_t end)
{
    return first + (int64_t)lks_rng_below(rng, (uint64_t)(end - first));
}

/* 64 well mixed bits of three numbers: attributes that need no table. */
static inline uint64_t lks_draw_hash(uint64_t seed, uint64_t a, uint64_t b)
{
    uint64_t state = seed ^ a * 0x9e3779b97f4a7c15u;
    state = lks_splitmix64(&state) ^ b * 0xd1342543de82ef95u;
    return lks_splitmix64(&state);
}

static inline double lks_draw_hash_unit(uint64_t hash)
{
    return (double)(hash >> 11) * 0x1p-53;
}

/* Quantiles of the exponential distribution with mean 1. */
extern const struct lks_knot lks_knots_exponential[];

#endif
