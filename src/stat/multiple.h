/* multiple.h - many tests at once */
#ifndef LKS_STAT_MULTIPLE_H
#define LKS_STAT_MULTIPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Benjamini and Hochberg's q-values of count tests out of tests_count >= count; the tests
 * not given have p = 1. log10_p[count] in any order; q_out[count] in the same order, at most
 * 1. 0 or LKS_EMEMORY. Source: J. R. Stat. Soc. B 57 (1995); valid under independence and
 * positive regression dependence. */
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
