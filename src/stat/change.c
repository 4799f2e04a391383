/* change.c - one change to a higher rate, among points on a line */
#include "stat/change.h"

#include <math.h>

#include "stat/tail.h"

/* n KL(k/n || x): the log-likelihood ratio where k of n points fall into a share x. */
static double rates_ratio(size_t after, size_t count, double share)
{
    double n = (double)count, k = (double)after;
    double ratio = k > 0 ? k * log(k / (n * share)) : 0;
    if (after < count)
        ratio += (n - k) * log((n - k) / (n * (1 - share)));
    return ratio;
}

struct lks_change lks_change_up(const double *points, size_t count)
{
    struct lks_change change = {0};
    size_t before = 0;
    for (int part = 1; part < LKS_CHANGE_POINTS; part++) {
        double place = part / (double)LKS_CHANGE_POINTS;
        while (before < count && points[before] < place)
            before++;
        size_t after = count - before;
        if ((double)after <= (double)count * (1 - place))
            continue;
        double ratio = rates_ratio(after, count, 1 - place);
        if (ratio > change.likelihood_ratio)
            change = (struct lks_change){place, before, ratio, 0};
    }
    if (change.likelihood_ratio > 0) {
        double tail = lks_binomial_tail_log(count - change.before, count, 1 - change.place);
        change.log10_p = fmin(0, (log(LKS_CHANGE_POINTS - 1) + tail) / log(10));
    }
    return change;
}
