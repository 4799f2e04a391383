/* combine.c - one p-value from several that may depend on each other
 *
 * The idea. For a uniform p, 1/p has a tail of 1/x: so heavy that the sum of several is large
 * only because one of them is (or several are, together), whatever ties them. So the
 * mean of the 1/p, and its inverse, the harmonic mean of the p, has nearly the same tail under
 * dependence and without, where Fisher's sum of logarithms goes wrong by orders of
 * magnitude. A layer that has nothing to say (p = 1) costs its share of the mean and no more; in
 * Cauchy's combination it would weigh minus infinity.
 *
 * The mean of K independent 1/p is, for large K, Landau's stable distribution (index 1, skewed
 * fully), which gives the correction: at 0.05 a few parts in ten, in the tail none. The
 * tail is computed by its integral,
 *
 *     P(X > x) = (1 / pi) integral_0^inf exp(-t z - (2 / pi) t ln t) sin(2 t) / t dt,
 *
 * with z = (x - location) / (pi / 2), by Simpson's rule in 1,000 steps; from x = 1e5 on by its
 * first two terms. */
#include "stat/combine.h"

#include <math.h>

#include "base/error.h"

#define PI 3.14159265358979323846
/* 1 + psi(1) - ln(2 / pi), psi(1) being minus Euler's constant. */
#define LANDAU_PLACE 0.87436796

double lks_landau_tail(double x, double location)
{
    double z = (x - location) / (PI / 2), end = z > 40 ? 40 / z : 1, sum = 0;
    if (x > 1e5) /* the inverse, and what the logarithm of the place adds to it */
        return (1 + (location - LANDAU_PLACE + log(x)) / x) / x;
    /* Beyond the end the integrand is below e^-40; it falls faster than e^-t there. */
    while (end * z + 2 / PI * end * log(end) < 40)
        end *= 1.25;
    enum { STEPS = 1000 };
    double step = end / STEPS;
    for (int i = 0; i <= STEPS; i++) {
        double t = i * step;
        double value = i ? exp(-t * z - 2 / PI * t * log(t)) * sin(2 * t) / t : 2;
        sum += value * (i == 0 || i == STEPS ? 1 : i % 2 ? 4 : 2);
    }
    return fmin(1, fmax(0, sum * step / 3 / PI));
}

/* log10 of the harmonic mean: 1/p summed beside the largest, so that nothing overflows. */
static double harmonic_log10(const double *log10_p, size_t given, size_t count)
{
    double least = 0, sum = 0;
    LKS_ASSERT(given <= count);
    for (size_t i = 0; i < given; i++) {
        LKS_ASSERT(log10_p[i] <= 0);
        least = fmin(least, log10_p[i]);
    }
    if (count == 0 || least == -INFINITY)
        return least;
    for (size_t i = 0; i < given; i++)
        sum += pow(10, least - log10_p[i]);
    sum += pow(10, least) * (double)(count - given);
    return fmin(0, least + log10((double)count) - log10(sum));
}

double lks_combine_log10(const double *log10_p, size_t given, size_t count)
{
    double mean = harmonic_log10(log10_p, given, count);
    if (count < 2 || mean < -8)
        return mean;
    double p = lks_landau_tail(pow(10, -mean), log((double)count) + LANDAU_PLACE);
    /* For few tests the distribution is not Landau's yet: never below the mean itself. */
    return fmin(0, fmax(mean, log10(p)));
}

double lks_combine_worst_factor(size_t count)
{
    double k = (double)count, low = 1e-9, high = 1;
    if (count <= 2)
        return count == 2 ? 2 : 1;
    while (high * high < k * ((high + 1) * log1p(high) - high))
        high *= 2;
    for (int i = 0; i < 200; i++) {
        double y = (low + high) / 2;
        *(y * y < k * ((y + 1) * log1p(y) - y) ? &low : &high) = y;
    }
    return (low + k) * (low + k) / ((low + 1) * k);
}

double lks_combine_worst_log10(const double *log10_p, size_t given, size_t count)
{
    double mean = harmonic_log10(log10_p, given, count);
    return fmin(0, mean + log10(lks_combine_worst_factor(count)));
}
