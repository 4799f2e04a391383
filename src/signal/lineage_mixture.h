/* lineage_mixture.h - one taste or two? A mixture of two tastes with exposure; internal to lineage */
#ifndef LKS_SIGNAL_LINEAGE_MIXTURE_H
#define LKS_SIGNAL_LINEAGE_MIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Users in rows, each a list of days on which it posted; each day a list of the distinct features
 * that it shared then, of which the last, features_count - 1, stands for anything else.
 * rate[day * features_count + x]: the share of everybody's posts of that day that stand for x. */
struct lks_tastes {
    size_t users_count;
    uint32_t days_count, features_count;
    const uint32_t *day_first;     /* [users_count + 1] into day */
    const uint32_t *day;           /* [rows] */
    const uint32_t *feature_first; /* [rows + 1] into feature */
    const uint32_t *feature;
    const float *rate;
};

/* like[k * features_count + x]: how much more often than everybody population k shares x,
 * up to a factor common to all x. */
struct lks_mixture {
    double *like;    /* [2 * features_count] */
    double *around;  /* [2 * days_count]: sum over x of the day's rate x like */
    double share;    /* of population 1 */
    double log_two;  /* ln of the likelihood of two, up to what is common to all models */
    double log_one;  /* the same of one */
    float *like_one; /* [features_count] */
};

/* Fits one and two populations; mixture's arrays are the caller's. LKS_EMEMORY. */
int lks_mixture_fit(const struct lks_tastes *tastes, uint64_t seed, struct lks_mixture *mixture,
                    struct lks_error *err);

/* ln P(user's features | population 1) - ln P(... | population 0), for a user of tastes with the
 * same days and features as those fitted. */
double lks_mixture_user_ratio(const struct lks_tastes *tastes, const struct lks_mixture *mixture,
                              size_t user);

/* p that one population gives a ratio of likelihoods as high, from at most copies_count copies drawn
 * from it; drawing stops once the answer is clear (ten copies as high: Besag and Clifford
 * 1991). LKS_EMEMORY, LKS_ECANCELLED. */
int lks_mixture_p(const struct lks_tastes *tastes, const struct lks_mixture *mixture,
                  uint32_t copies_count, uint64_t seed, const struct lks_control *control,
                  double *p_out, struct lks_error *err);

#endif
