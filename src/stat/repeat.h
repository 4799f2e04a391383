/* repeat.h - would a permutation test say the same with other draws? */
#ifndef LKS_STAT_REPEAT_H
#define LKS_STAT_REPEAT_H

#include <stdint.h>

/* The chance that as many fresh draws of the null as before, `draws`, would give a rank p of at
 * most level, when p = (1 + k) / (1 + draws) was seen: k and the draws to come follow the beta-
 * binomial distribution with Jeffreys' prior on the tail's true share. In [0, 1]; 0 where so few
 * draws cannot give such a p. O(level draws). */
double lks_repeat_share(double p_value, uint32_t draws, double level);

#endif
