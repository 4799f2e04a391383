/* tail.c - upper tails of the Poisson, binomial and hypergeometric distributions
 *
 * The first term of the tail is computed from its logarithm, the rest by the ratio of
 * neighbouring terms, which falls below 1 above the mean; so the sum ends after some tens of
 * terms. Below the mean the lower tail is summed instead and taken from 1. Cost: one
 * log-gamma and O(sqrt(mean)) multiplications. */
#include "stat/tail.h"

#include <math.h>

/* ln k! without the global sign of lgamma: exact sums for small k, Stirling's series above
 * (error below 1e-15 relative for k >= 16). */
static double log_factorial(double k)
{
    static const double small[16] = {
        0.0,
        0.0,
        0.69314718055994531,
        1.7917594692280550,
        3.1780538303479456,
        4.7874917427820460,
        6.5792512120101010,
        8.5251613610654143,
        10.604602902745250,
        12.801827480081469,
        15.104412573075516,
        17.502307845873886,
        19.987214495661886,
        22.552163853123423,
        25.191221182738680,
        27.899271383840892,
    };
    if (k < 16)
        return small[(int)k];
    double x = k + 1, r = 1 / x, r2 = r * r;
    return (x - 0.5) * log(x) - x + 0.91893853320467274 +
           r * (1.0 / 12 - r2 * (1.0 / 360 - r2 * (1.0 / 1260 - r2 / 1680)));
}

/* 1 + ratio(1) + ratio(1) ratio(2) + ...: what the first term is multiplied by. */
static double poisson_up(double count, double lambda)
{
    double sum = 1, term = 1;
    for (double i = count + 1; term > sum * 1e-17; i++) {
        term *= lambda / i;
        sum += term;
    }
    return sum;
}

double lks_poisson_tail_log(uint64_t count, double lambda)
{
    if (count == 0)
        return 0;
    if (!(lambda > 0))
        return -INFINITY;
    double k = (double)count;
    if (k >= lambda)
        return k * log(lambda) - lambda - log_factorial(k) + log(poisson_up(k, lambda));
    /* Lower tail P(X <= k - 1), from its largest term downwards. */
    double top = k - 1, sum = 1, term = 1;
    for (double i = top; i > 0 && term > sum * 1e-17; i--) {
        term *= i / lambda;
        sum += term;
    }
    double below = exp(top * log(lambda) - lambda - log_factorial(top) + log(sum));
    return below < 1 ? log1p(-below) : log(1e-300);
}

double lks_binomial_tail_log(uint64_t count, uint64_t trials, double p)
{
    if (count == 0)
        return 0;
    if (count > trials || !(p > 0))
        return -INFINITY;
    if (p >= 1)
        return 0;
    double n = (double)trials, k = (double)count, odds = p / (1 - p);
    double start = k >= n * p ? k : k - 1, sum = 1, term = 1;
    double first = log_factorial(n) - log_factorial(start) - log_factorial(n - start) +
                   start * log(p) + (n - start) * log1p(-p);
    if (k >= n * p) {
        for (double i = k; i < n && term > sum * 1e-17; i++) {
            term *= (n - i) / (i + 1) * odds;
            sum += term;
        }
        double tail = first + log(sum);
        return tail < 0 ? tail : 0;
    }
    for (double i = start; i > 0 && term > sum * 1e-17; i--) {
        term *= i / ((n - i + 1) * odds);
        sum += term;
    }
    double below = exp(first + log(sum));
    return below < 1 ? log1p(-below) : log(1e-300);
}

double lks_hypergeometric_tail_log(uint64_t count, uint64_t drawn, uint64_t marked, uint64_t all)
{
    if (count == 0)
        return 0;
    if (count > drawn || count > marked || drawn > all || marked > all)
        return -INFINITY;
    double n = (double)drawn, m = (double)marked, rest = (double)(all - marked), k = (double)count;
    if (k <= n - rest)
        return 0; /* there are not enough of the others */
    int upper = k >= n * m / (double)all;
    double start = upper ? k : k - 1, sum = 1, term = 1;
    double first = log_factorial(m) - log_factorial(start) - log_factorial(m - start) +
                   log_factorial(rest) - log_factorial(n - start) -
                   log_factorial(rest - n + start) + log_factorial(n) +
                   log_factorial((double)all - n) - log_factorial((double)all);
    if (upper) {
        for (double i = k; i < n && i < m && term > sum * 1e-17; i++) {
            term *= (m - i) * (n - i) / ((i + 1) * (rest - n + i + 1));
            sum += term;
        }
        double tail = first + log(sum);
        return tail < 0 ? tail : 0;
    }
    for (double i = start; i > 0 && i > n - rest && term > sum * 1e-17; i--) {
        term *= i * (rest - n + i) / ((m - i + 1) * (n - i + 1));
        sum += term;
    }
    double below = exp(first + log(sum));
    return below < 1 ? log1p(-below) : log(1e-300);
}

double lks_hoeffding_tail_log(uint64_t count, uint64_t trials, double lambda)
{
    if (count == 0)
        return 0;
    if (count > trials)
        return -INFINITY;
    if ((double)count < lambda + 1)
        return 0;
    return lks_binomial_tail_log(count, trials, lambda / (double)trials);
}
