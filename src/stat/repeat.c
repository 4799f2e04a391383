/* repeat.c - would a permutation test say the same with other draws?
 *
 * A p near the level may fall on the other side of it with another seed. What the seed decides is
 * how many of B draws reach the score; each does with a chance that k of B have told us something
 * about: a Beta(k + 1/2, B - k + 1/2) belief, so the number among B new ones is beta-binomial. No
 * draw is made again. */
#include "stat/repeat.h"

#include <math.h>

double lks_repeat_share(double p_value, uint32_t draws, double level)
{
    double b = draws, reached = fmin(b, fmax(0, round(p_value * (b + 1)) - 1));
    double allowed = floor(level * (b + 1) * (1 + 1e-12)) - 1;
    double alpha = reached + 0.5, beta = b - reached + 0.5, sum = 0;
    for (double j = 0; j <= fmin(allowed, b); j++)
        sum += exp(lgamma(b + 1) - lgamma(j + 1) - lgamma(b - j + 1) + lgamma(j + alpha) +
                   lgamma(b - j + beta) - lgamma(b + alpha + beta) + lgamma(alpha + beta) -
                   lgamma(alpha) - lgamma(beta));
    return fmin(1, sum);
}
