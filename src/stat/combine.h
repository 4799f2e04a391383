/* combine.h - one p-value from several that may depend on each other */
#ifndef LKS_STAT_COMBINE_H
#define LKS_STAT_COMBINE_H

#include <stddef.h>

/* log10 of the combined p of `count` tests of one hypothesis, of which `given` have
 * log10_p[given] (<= 0, in any order; -INFINITY is fine) and the others p = 1. 0 <= given <=
 * count. count 0: no test, p = 1. The harmonic mean of the p-values, taken through the
 * distribution of its inverse (Landau's, located at ln count + 0.874, scale pi / 2): exact for
 * many independent tests, and in the tail under every dependence in which no two of the p are
 * tiny together more often than one of them is. Source: D. J. Wilson, PNAS 116 (2019). */
double lks_combine_log10(const double *log10_p, size_t given, size_t count);

/* The same under whatever dependence: the harmonic mean times the least factor that makes
 * it a p-value then. Source: Vovk and Wang, "Combining p-values via averaging", Biometrika 107
 * (2020), proposition 6. */
double lks_combine_worst_log10(const double *log10_p, size_t given, size_t count);

/* That factor: 1, 2, then (y + K)^2 / ((y + 1) K) with y^2 = K ((y + 1) ln(y + 1) - y), y > 0. */
double lks_combine_worst_factor(size_t count);

/* P(X > x) of Landau's distribution with this location and scale pi / 2, x - location > -4. */
double lks_landau_tail(double x, double location);

#endif
