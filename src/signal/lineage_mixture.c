/* lineage_mixture.c - one taste or two? A mixture of two tastes with exposure
 *
 * A user posts on some days; on each of them everybody's posts stand for the feature x at a known
 * rate, the last feature being anything else. A population with taste like_k shares x in
 * proportion to what was around that day times like_k[x]: each feature that a user shared on a day is
 * x with chance rate_dx like_kx / sum over x. So the fashion of a day moves nobody from one
 * population to another, and how much a user shares does not either. Two populations are
 * fitted by expectation and conditional maximisation (Meng and Rubin 1993); sums over x are taken
 * once a day, so that a step costs the features of the users and days x features. Half an
 * observation of the common taste keeps rates off zero. The likelihood of two over one is
 * compared with copies drawn from one (McLachlan 1987). */
#include "signal/lineage_mixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/threads.h"

enum { STARTS = 5, START_STEPS = 5, STEPS = 40, ONE_STEPS = 15, CLEAR = 10 };
static const double held = 0.5; /* observations of the common taste */

/* Room for one fit. */
struct fit {
    const struct lks_tastes *tastes;
    double *member;  /* [users]: of population 1 */
    double *like[2]; /* [features] */
    double *log_like[2];
    double *seen[2];   /* [features]: users of population k who share x */
    double *around[2]; /* [days]: sum over x of rate x like */
    double *log_around[2];
    double *weight[2]; /* [days]: features that population k shared */
    double *pull;      /* [features]: the common taste */
    double share, log_likelihood;
    int is_first; /* there are no tastes yet but the common one, in around[0] */
    double *memory;
};

static int fit_make(struct fit *fit, const struct lks_tastes *tastes, struct lks_error *err)
{
    size_t users = tastes->users_count, features = tastes->features_count;
    size_t days = tastes->days_count;
    *fit = (struct fit){.tastes = tastes};
    double *at = fit->memory = calloc(users + 7 * features + 6 * days + 1, sizeof *at);
    if (!at)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for a mixture");
    fit->member = at;
    at += users;
    for (int k = 0; k < 2; k++) {
        fit->like[k] = at;
        fit->log_like[k] = at + features;
        fit->seen[k] = at + 2 * features;
        at += 3 * features;
        fit->around[k] = at;
        fit->log_around[k] = at + days;
        fit->weight[k] = at + 2 * days;
        at += 3 * days;
    }
    fit->pull = at;
    return 0;
}

/* Sums over features, once a day. */
static void days_sum(struct fit *fit, int k)
{
    const struct lks_tastes *tastes = fit->tastes;
    uint32_t features = tastes->features_count;
    for (uint32_t x = 0; x < features; x++)
        fit->log_like[k][x] = log(fit->like[k][x]);
    for (uint32_t day = 0; day < tastes->days_count; day++) {
        const float *rate = tastes->rate + (size_t)day * features;
        double sum = 0;
        for (uint32_t x = 0; x < features; x++)
            sum += rate[x] * fit->like[k][x];
        fit->around[k][day] = sum;
        fit->log_around[k][day] = log(sum > 0 ? sum : 1);
    }
}

/* ln of the likelihood of a user's features in population k. */
static double user_log(const struct fit *fit, int k, size_t user)
{
    const struct lks_tastes *tastes = fit->tastes;
    double sum = 0;
    for (uint32_t i = tastes->day_first[user]; i < tastes->day_first[user + 1]; i++) {
        uint32_t first = tastes->feature_first[i], end = tastes->feature_first[i + 1];
        for (uint32_t j = first; j < end; j++)
            sum += fit->log_like[k][tastes->feature[j]];
        sum -= (end - first) * fit->log_around[k][tastes->day[i]];
    }
    return sum;
}

/* Counts user as belonging to population k with the given weight. */
static void user_count(struct fit *fit, int k, size_t user, double member)
{
    const struct lks_tastes *tastes = fit->tastes;
    if (member < 1e-9)
        return;
    for (uint32_t i = tastes->day_first[user]; i < tastes->day_first[user + 1]; i++) {
        uint32_t first = tastes->feature_first[i], end = tastes->feature_first[i + 1];
        for (uint32_t j = first; j < end; j++)
            fit->seen[k][tastes->feature[j]] += member;
        fit->weight[k][tastes->day[i]] += member * (end - first);
    }
}

/* The tastes that fit the counts best, with those of `pull` held. */
static void tastes_set(struct fit *fit, int k)
{
    const struct lks_tastes *tastes = fit->tastes;
    uint32_t features = tastes->features_count;
    double *expected = fit->log_like[k]; /* free until days_sum */
    memset(expected, 0, features * sizeof *expected);
    for (uint32_t day = 0; day < tastes->days_count; day++) {
        const float *rate = tastes->rate + (size_t)day * features;
        double weight = fit->weight[k][day] / fit->around[fit->is_first ? 0 : k][day];
        for (uint32_t x = 0; fit->weight[k][day] > 0 && x < features; x++)
            expected[x] += rate[x] * weight;
    }
    for (uint32_t x = 0; x < features; x++)
        fit->like[k][x] = (fit->seen[k][x] + held) / (expected[x] + held / fit->pull[x]);
}

static void counts_clear(struct fit *fit)
{
    for (int k = 0; k < 2; k++) {
        memset(fit->seen[k], 0, fit->tastes->features_count * sizeof *fit->seen[k]);
        memset(fit->weight[k], 0, fit->tastes->days_count * sizeof *fit->weight[k]);
    }
}

/* One population: its taste becomes like[0] and pull. */
static double one_fit(struct fit *fit)
{
    const struct lks_tastes *tastes = fit->tastes;
    double log_likelihood = 0;
    for (uint32_t x = 0; x < tastes->features_count; x++)
        fit->like[0][x] = fit->pull[x] = 1;
    for (int step = 0; step <= ONE_STEPS; step++) {
        days_sum(fit, 0);
        counts_clear(fit);
        log_likelihood = 0;
        for (size_t user = 0; user < tastes->users_count; user++) {
            log_likelihood += user_log(fit, 0, user);
            user_count(fit, 0, user, 1);
        }
        if (step < ONE_STEPS)
            tastes_set(fit, 0);
    }
    memcpy(fit->pull, fit->like[0], tastes->features_count * sizeof *fit->pull);
    return log_likelihood;
}

/* Members from tastes, if there are any yet, then tastes from members. */
static void two_step(struct fit *fit, int with_tastes)
{
    const struct lks_tastes *tastes = fit->tastes;
    double members = 0, log_likelihood = 0;
    for (int k = 0; with_tastes && k < 2; k++)
        days_sum(fit, k);
    double log_share[2] = {log(1 - fit->share), log(fit->share)};
    counts_clear(fit);
    for (size_t user = 0; user < tastes->users_count; user++) {
        if (with_tastes) {
            double odds[2] = {user_log(fit, 0, user) + log_share[0],
                              user_log(fit, 1, user) + log_share[1]};
            double top = odds[0] > odds[1] ? odds[0] : odds[1];
            double sum = exp(odds[0] - top) + exp(odds[1] - top);
            log_likelihood += top + log(sum);
            fit->member[user] = exp(odds[1] - top) / sum;
        }
        members += fit->member[user];
        user_count(fit, 0, user, 1 - fit->member[user]);
        user_count(fit, 1, user, fit->member[user]);
    }
    fit->share = (members + held) / ((double)tastes->users_count + 2 * held);
    fit->log_likelihood = log_likelihood;
    fit->is_first = !with_tastes;
    for (int k = 0; k < 2; k++)
        tastes_set(fit, k);
    fit->is_first = 0;
}

/* The last feature, then those that are shared most. */
static void starts_choose(const struct fit *fit, const double *seen, uint32_t start[STARTS])
{
    uint32_t features = fit->tastes->features_count, count = 1;
    start[0] = features - 1;
    for (uint32_t x = 0; x + 1 < features; x++) {
        uint32_t at = count < STARTS ? count++ : STARTS;
        while (at > 1 && seen[x] > seen[start[at - 1]]) {
            if (at < STARTS)
                start[at] = start[at - 1];
            at--;
        }
        if (at < STARTS)
            start[at] = x;
    }
    for (; count < STARTS; count++)
        start[count] = UINT32_MAX;
}

/* Members are those of whose features more are this one than of all users'. */
static void start_members(struct fit *fit, uint32_t feature, const double *common,
                          struct lks_rng *rng)
{
    const struct lks_tastes *tastes = fit->tastes;
    double all = tastes->feature_first[tastes->day_first[tastes->users_count]];
    for (size_t user = 0; user < tastes->users_count; user++) {
        uint32_t first = tastes->feature_first[tastes->day_first[user]], has = 0;
        uint32_t end = tastes->feature_first[tastes->day_first[user + 1]];
        for (uint32_t i = first; i < end; i++)
            has += tastes->feature[i] == feature;
        int is_member = has * all > common[feature] * (end - first);
        fit->member[user] = is_member ? 0.9 : 0.05 + 0.1 * lks_rng_unit(rng);
    }
}

/* Two populations from the best of several starts; fit holds the common taste in like[0],
 * pull, seen[0] and around[0]. best holds member as the best start left it. */
static void two_fit(struct fit *fit, uint64_t seed, double *best, double *common, double *seen)
{
    const struct lks_tastes *tastes = fit->tastes;
    size_t users = tastes->users_count;
    uint32_t start[STARTS];
    double best_log = -INFINITY;
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 3);
    starts_choose(fit, fit->seen[0], start);
    memcpy(common, fit->around[0], tastes->days_count * sizeof *common);
    memcpy(seen, fit->seen[0], tastes->features_count * sizeof *seen);
    for (int s = 0; s < STARTS && start[s] != UINT32_MAX; s++) {
        memcpy(fit->around[0], common, tastes->days_count * sizeof *common);
        start_members(fit, start[s], seen, &rng);
        for (int step = 0; step < START_STEPS; step++)
            two_step(fit, step > 0);
        if (fit->log_likelihood > best_log) {
            best_log = fit->log_likelihood;
            memcpy(best, fit->member, users * sizeof *best);
        }
    }
    memcpy(fit->around[0], common, tastes->days_count * sizeof *common);
    memcpy(fit->member, best, users * sizeof *best);
    double last = -INFINITY;
    for (int step = 0; step < STEPS; step++) {
        two_step(fit, step > 0);
        if (step > 1 && fit->log_likelihood - last < 0.01)
            break;
        last = step > 0 ? fit->log_likelihood : last;
    }
}

static int both_fit(const struct lks_tastes *tastes, uint64_t seed, struct fit *fit,
                    double *log_one, struct lks_error *err)
{
    size_t users = tastes->users_count;
    double *best = malloc((users + tastes->days_count + tastes->features_count + 1) * sizeof *best);
    if (!best)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for a mixture");
    *log_one = one_fit(fit);
    two_fit(fit, seed, best, best + users, best + users + tastes->days_count);
    free(best);
    return 0;
}

int lks_mixture_fit(const struct lks_tastes *tastes, uint64_t seed, struct lks_mixture *mixture,
                    struct lks_error *err)
{
    struct fit fit;
    uint32_t features = tastes->features_count;
    int code = fit_make(&fit, tastes, err);
    if (code == 0)
        code = both_fit(tastes, seed, &fit, &mixture->log_one, err);
    for (int k = 0; code == 0 && k < 2; k++) {
        days_sum(&fit, k);
        memcpy(mixture->like + k * (size_t)features, fit.like[k], features * sizeof(double));
        memcpy(mixture->around + k * (size_t)tastes->days_count, fit.around[k],
               tastes->days_count * sizeof(double));
    }
    for (uint32_t x = 0; code == 0 && x < features; x++)
        mixture->like_one[x] = (float)fit.pull[x];
    if (code == 0) {
        mixture->share = fit.share;
        mixture->log_two = fit.log_likelihood;
    }
    free(fit.memory);
    return code;
}

double lks_mixture_user_ratio(const struct lks_tastes *tastes, const struct lks_mixture *mixture,
                              size_t user)
{
    size_t features = tastes->features_count, days = tastes->days_count;
    double ratio = 0;
    for (uint32_t i = tastes->day_first[user]; i < tastes->day_first[user + 1]; i++) {
        uint32_t first = tastes->feature_first[i], end = tastes->feature_first[i + 1];
        for (uint32_t j = first; j < end; j++)
            ratio += log(mixture->like[features + tastes->feature[j]] /
                         mixture->like[tastes->feature[j]]);
        if (end > first)
            ratio -= (end - first) *
                     log(mixture->around[days + tastes->day[i]] / mixture->around[tastes->day[i]]);
    }
    return ratio;
}

/* ---- copies from one population ---- */

/* For each day the running sum of the chances of the features. */
static void chances_sum(const struct lks_tastes *tastes, const float *like, double *sums)
{
    uint32_t features = tastes->features_count;
    for (uint32_t day = 0; day < tastes->days_count; day++) {
        double sum = 0;
        for (size_t x = 0; x < features; x++)
            sums[day * (size_t)features + x] = sum +=
                tastes->rate[day * (size_t)features + x] * like[x];
    }
}

static uint32_t chance_find(const double *row, uint32_t features, double at)
{
    uint32_t low = 0, high = features - 1;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (row[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* As many features for each day of a user as it has, by chance. */
static void copy_draw(const struct lks_tastes *tastes, const double *sums, uint64_t seed,
                      uint32_t copy, uint32_t *feature)
{
    uint32_t features = tastes->features_count;
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 16 + copy);
    for (uint32_t row = 0; row < tastes->day_first[tastes->users_count]; row++) {
        const double *chances = sums + (size_t)tastes->day[row] * features;
        for (uint32_t i = tastes->feature_first[row]; i < tastes->feature_first[row + 1]; i++)
            feature[i] = chance_find(chances, features, lks_rng_unit(&rng) * chances[features - 1]);
    }
}

int lks_mixture_p(const struct lks_tastes *tastes, const struct lks_mixture *mixture,
                  uint32_t copies_count, uint64_t seed, const struct lks_control *control,
                  double *p_out, struct lks_error *err)
{
    size_t shared = tastes->feature_first[tastes->day_first[tastes->users_count]];
    uint32_t features = tastes->features_count, higher = 0, made = 0;
    double ratio = mixture->log_two - mixture->log_one;
    double *sums = malloc(((size_t)tastes->days_count * features + 1) * sizeof *sums);
    uint32_t *feature = malloc((shared + 1) * sizeof *feature);
    struct fit fit = {0};
    struct lks_tastes copy = *tastes;
    copy.feature = feature;
    int code = sums && feature ? fit_make(&fit, &copy, err)
                               : lks_error_set(err, LKS_EMEMORY, "out of memory for copies");
    if (code == 0)
        chances_sum(tastes, mixture->like_one, sums);
    while (code == 0 && made < copies_count && higher < CLEAR) {
        double log_one;
        if (lks_cancelled(control)) {
            code = lks_error_set(err, LKS_ECANCELLED, "stopped");
            break;
        }
        copy_draw(tastes, sums, seed, made, feature);
        code = both_fit(&copy, seed, &fit, &log_one, err);
        higher += fit.log_likelihood - log_one >= ratio;
        made++;
    }
    *p_out = higher == CLEAR ? (double)higher / made : (1.0 + higher) / (1.0 + made);
    free(fit.memory);
    free(sums);
    free(feature);
    return code;
}
