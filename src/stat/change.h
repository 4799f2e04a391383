/* change.h - where did a rate go up? One change point with its likelihood ratio and p-value */
#ifndef LKS_STAT_CHANGE_H
#define LKS_STAT_CHANGE_H

#include <stddef.h>

enum {
    LKS_CHANGE_POINTS = 64
}; /* the line in so many parts; a change is at one of their borders */

struct lks_change {
    double place;            /* of the change, in (0, 1); 0 where no part after is denser */
    size_t before;           /* points before it */
    double likelihood_ratio; /* ln of the likelihoods of two rates over one */
    double log10_p;          /* Bonferroni over the places; at most 0 */
};

/* The clearest change to a higher rate among count sorted points in [0, 1]. With k of n points
 * behind a place where a share x of the line is left, the log-likelihood ratio of two
 * rates over one is n KL(k/n || x); p = 63 P(Bin(n, x) >= k) at the place where the ratio is highest,
 * valid whichever that is, if the points are spread evenly and on their own otherwise.
 * O(count + 64). Source: the likelihood ratio of binomial counts; Bonferroni's bound. */
struct lks_change lks_change_up(const double *points, size_t count);

#endif
