/* weight.h - a bound by which most pairs of a row fail before they are looked at */
#ifndef LKS_CHANCE_WEIGHT_H
#define LKS_CHANCE_WEIGHT_H

#include <stdint.h>

/* Weights are whole 64ths of a bit. */
enum { LKS_CHANCE_WEIGHT_ONE = 64, LKS_CHANCE_WEIGHT_STEPS = 256 };

/* Logarithms of 1 + i / STEPS, rounded down. */
struct lks_chance_weights {
    uint16_t log[LKS_CHANCE_WEIGHT_STEPS + 1];
};

void lks_chance_weights_init(struct lks_chance_weights *weights);

/* What the posts of an account must weigh together for a p of at most p_max in one of so many
 * tests, at most UINT16_MAX. 0 if any account may pass. */
uint32_t lks_chance_weight_needed(double p_max, unsigned tests);

/* log2 n of n > 0, at most half a unit and a 256th above: the first rounded down, the second up. */
static inline uint32_t lks_chance_log_low(const struct lks_chance_weights *weights, uint32_t n)
{
    uint32_t bits = 31 - (uint32_t)__builtin_clz(n), rest = n << (31 - bits) << 1;
    return bits * LKS_CHANCE_WEIGHT_ONE + weights->log[rest >> 24];
}

static inline uint32_t lks_chance_log_high(const struct lks_chance_weights *weights, uint32_t n)
{
    uint32_t bits = 31 - (uint32_t)__builtin_clz(n), rest = n << (31 - bits) << 1;
    return bits * LKS_CHANCE_WEIGHT_ONE +
           (rest ? weights->log[(rest >> 24) + ((rest & 0xffffff) != 0)] + 1u : 0);
}

/* What a met post weighs where `near` of `others` posts are met, at least log2 (others / near). */
static inline uint32_t lks_chance_weight(const struct lks_chance_weights *weights, uint32_t near,
                                         uint32_t others)
{
    uint32_t high = lks_chance_log_high(weights, others), low = lks_chance_log_low(weights, near);
    return high > low ? high - low : 0;
}

#endif
