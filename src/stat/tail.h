/* tail.h - upper tails of counts, as logarithms so that the tiny ones stay apart */
#ifndef LKS_STAT_TAIL_H
#define LKS_STAT_TAIL_H

#include <stdint.h>

/* ln P(X >= count) for X Poisson with mean lambda >= 0. 0 for count 0; -INFINITY where
 * lambda is 0 and count is not. Relative error of P below 1e-12 down to ln P = -1e6. */
double lks_poisson_tail_log(uint64_t count, double lambda);

/* ln P(X >= count) for X binomial, trials draws with chance p each. */
double lks_binomial_tail_log(uint64_t count, uint64_t trials, double p);

/* ln P(X >= count) for X the marked among `drawn` things taken without return out of `all`, of
 * which `marked` are. 0 for count 0; -INFINITY for a count that cannot be. */
double lks_hypergeometric_tail_log(uint64_t count, uint64_t drawn, uint64_t marked, uint64_t all);

/* An upper bound of ln P(S >= count) for S any sum of independent yes-or-no draws, at most
 * `trials` of them, with mean lambda: the binomial tail with the same mean where
 * count >= lambda + 1, and 0 (P <= 1) below. Hoeffding, "On the distribution of the number
 * of successes in independent trials", Ann. Math. Stat. 27 (1956), theorem 4. */
double lks_hoeffding_tail_log(uint64_t count, uint64_t trials, double lambda);

#endif
