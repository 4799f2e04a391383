/* lineage_order.c - does a share pass half in the order in which users came?
 *
 * The statistic is the largest standardised sum of deviations (CUSUM), |S_j| / sqrt(j (n - j) / n),
 * over the places where the mean before and the mean after lie on the two sides of one half and
 * differ enough, or only where the one after is the higher; places with less than a twentieth on either side are left out, where a handful would
 * decide. If the order tells nothing, every order of the same values is as likely: p is the rank
 * among permutations (Pettitt 1979 for ranks; Zeileis and Hothorn 2013 for permutations). */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "signal/lineage_inside.h"

enum { EDGE_PART = 20, CLEAR = 20 };

double lks_order_change(const double *values, size_t count, double jump_min, int rising,
                        size_t *place_out)
{
    double total = 0, sum = 0, best = 0;
    size_t edge = count / EDGE_PART + 1;
    *place_out = 0;
    for (size_t i = 0; i < count; i++)
        total += values[i];
    for (size_t i = 0; i + edge < count; i++) {
        sum += values[i];
        if (i + 1 < edge)
            continue;
        double before = (double)(i + 1), after = (double)(count - i - 1);
        double low = sum / before, high = (total - sum) / after, jump = fabs(high - low);
        double change = jump * sqrt(before * after / (double)count);
        int passes = jump_min < 0 || (jump >= jump_min && (low - 0.5) * (high - 0.5) < 0 &&
                                      (!rising || high > low));
        if (passes && change > best * (1 + 1e-12)) {
            best = change;
            *place_out = i + 1;
        }
    }
    return best;
}

double lks_order_p(const double *values, size_t count, double jump_min, int rising,
                   uint32_t orders_count, uint64_t seed, double *scratch)
{
    struct lks_rng rng;
    size_t place;
    double own = lks_order_change(values, count, jump_min, rising, &place);
    uint32_t higher = 0, made = 0;
    if (own <= 0)
        return 1;
    lks_rng_init(&rng, seed, 5);
    memcpy(scratch, values, count * sizeof *scratch);
    while (made < orders_count && higher < CLEAR) {
        for (size_t i = count - 1; i > 0; i--) {
            size_t j = lks_rng_below(&rng, i + 1);
            double value = scratch[i];
            scratch[i] = scratch[j];
            scratch[j] = value;
        }
        higher += lks_order_change(scratch, count, jump_min, rising, &place) >= own * (1 - 1e-9);
        made++;
    }
    return higher == CLEAR ? (double)higher / made : (1.0 + higher) / (1.0 + made);
}
