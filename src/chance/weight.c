/* weight.c - a bound by which most pairs of a row fail before they are looked at
 *
 * Of the pairs that met twice all but one in a hundred fail at the first tail: where a row's account
 * is met by a tenth of an hour's posts, two meetings are nothing. So posts are weighed as they are
 * counted, and only accounts whose posts are heavy enough are looked at.
 *
 * In a test let k posts of b be matched, in n trials with mean lambda. Each of them lies in an hour of which the
 * share s_i of posts is near a, and its hour adds at least s_i to lambda for each of them, so
 * s_1 + ... + s_k <= lambda. For lambda <= k - 1, where alone the bound of the tail is below 1,
 * the binomial tail of a given mean rises with the number of trials (Anderson and Samuels, "Some
 * inequalities among binomial and Poisson probabilities", Proc. 5th Berkeley Symp., 1967), so it is at
 * least that of k trials, all of which must succeed:
 *
 *     p >= (lambda / k)^k >= ((s_1 + ... + s_k) / k)^k >= s_1 s_2 ... s_k
 *
 * (the arithmetic mean is not below the geometric one). With w_i = log2 (1 / s_i) a pair that
 * passes so has
 *
 *     w_1 + ... + w_k >= log2 (tests / p_max)
 *
 * Posts that are met and not matched only add to the left side, and habit only adds to p. A post counts in
 * several tests; it weighs what it does in the one where that is most, the shortest window in which it was met, on
 * any object or on a rare one. Shares are quotients of counts, so that a weight is a
 * difference of two logarithms of whole numbers, kept as a table. */
#include "chance/weight.h"

#include <math.h>

void lks_chance_weights_init(struct lks_chance_weights *weights)
{
    for (int i = 0; i <= LKS_CHANCE_WEIGHT_STEPS; i++) {
        double log = log2(1 + (double)i / LKS_CHANCE_WEIGHT_STEPS);
        weights->log[i] = (uint16_t)(LKS_CHANCE_WEIGHT_ONE * log * (1 - 1e-12));
    }
}

uint32_t lks_chance_weight_needed(double p_max, unsigned tests)
{
    if (!(p_max < 1))
        return 0;
    /* A unit less than the bound, far above what rounding does to a tail. */
    double needed = LKS_CHANCE_WEIGHT_ONE * (log2(tests) - log2(p_max)) - 1;
    return needed < 0 ? 0 : needed < UINT16_MAX ? (uint32_t)needed : UINT16_MAX;
}
