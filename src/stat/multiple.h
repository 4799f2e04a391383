/* multiple.h - many tests at once */
#ifndef LKS_STAT_MULTIPLE_H
#define LKS_STAT_MULTIPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/chance.h"
#include "base/error.h"

/* Benjamini and Hochberg's q-values of count tests out of tests_count >= count; the tests
 * not given have p = 1. log10_p[count] in any order; log10_q_out[count], which may be log10_p
 * itself, in the same order, at most 0. With p_(i) the i-th smallest of m, q_(i) = min over j >= i of p_(j) m / j; the
 * logarithm of it is the same sum and the same minimum of logarithms, and nothing underflows.
 * 0 or LKS_EMEMORY. Source: J. R. Stat. Soc. B 57 (1995); valid under independence and
 * positive regression dependence. */
int lks_bh_adjust_log(const double *log10_p, size_t count, uint64_t tests_count,
                      double *log10_q_out, struct lks_error *err);
/* The same as a number between LKS_CHANCE_LEAST and 1. */
int lks_bh_adjust(const double *log10_p, size_t count, uint64_t tests_count, double *q_out,
                  struct lks_error *err);

/* Wilson's interval of a share, successes out of trials, at level 0.95; trials 0 gives [0, 1]. */
struct lks_interval {
    double low, high;
};
struct lks_interval lks_wilson(uint64_t successes, uint64_t trials);
/* The exact one, Clopper and Pearson's (Biometrika 26, 1934): a share below low gives so many
 * successes or more with a chance below 0.025, one above high so few or fewer. Wider, and for
 * promises, of which none must be called broken too easily. trials 0 gives [0, 1]. */
struct lks_interval lks_clopper_pearson(uint64_t successes, uint64_t trials);

/* The median of values[count], which is put into another order; the lower of the two in the
 * middle; 0 for none. O(count) on average. */
int64_t lks_median(int64_t *values, size_t count);

#endif
