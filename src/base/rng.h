/* rng.h - random numbers keyed by (seed, task): the same on every machine and for any thread count */
#ifndef LKS_BASE_RNG_H
#define LKS_BASE_RNG_H

#include <stdint.h>

/* xoshiro256** (Blackman and Vigna, 2018), seeded by SplitMix64. */
struct lks_rng {
    uint64_t state[4];
};

static inline uint64_t lks_splitmix64(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline void lks_rng_init(struct lks_rng *rng, uint64_t seed, uint64_t task_index)
{
    uint64_t state = seed;
    state = lks_splitmix64(&state) ^ (task_index * 0xd1342543de82ef95u + 1);
    for (int i = 0; i < 4; i++)
        rng->state[i] = lks_splitmix64(&state);
}

static inline uint64_t lks_rng_next(struct lks_rng *rng)
{
    uint64_t *s = rng->state;
    uint64_t x = s[1] * 5;
    uint64_t result = ((x << 7) | (x >> 57)) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 45) | (s[3] >> 19);
    return result;
}

/* Uniform in [0, bound), without modulo bias (Lemire 2019); bound > 0. */
static inline uint64_t lks_rng_below(struct lks_rng *rng, uint64_t bound)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)lks_rng_next(rng) * bound;
    if ((uint64_t)product < bound) {
        uint64_t least = (0 - bound) % bound;
        while ((uint64_t)product < least)
            product = (wide)lks_rng_next(rng) * bound;
    }
    return (uint64_t)(product >> 64);
}

/* Uniform in [0, 1), 53 bits. */
static inline double lks_rng_unit(struct lks_rng *rng)
{
    return (double)(lks_rng_next(rng) >> 11) * 0x1p-53;
}

#endif
