/* multiple.c - many tests at once: q-values, and the small kits for reporting shares */
#include "stat/multiple.h"

#include <math.h>
#include <stdlib.h>

#include "stat/tail.h"

struct ranked {
    double log10_p;
    size_t index;
};

static int compare_ranked(const void *left, const void *right)
{
    const struct ranked *x = left, *y = right;
    if (x->log10_p != y->log10_p)
        return x->log10_p < y->log10_p ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

int lks_bh_adjust_log(const double *log10_p, size_t count, uint64_t tests_count,
                      double *log10_q_out, struct lks_error *err)
{
    if (count == 0)
        return 0;
    LKS_ASSERT(tests_count >= count);
    struct ranked *ranked = malloc(count * sizeof *ranked);
    if (!ranked)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu p-values", count);
    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){log10_p[i], i};
    qsort(ranked, count, sizeof *ranked, compare_ranked);
    double log10_q = 0;
    for (size_t i = count; i-- > 0;) {
        double here = ranked[i].log10_p + log10((double)tests_count / (double)(i + 1));
        log10_q = here < log10_q ? here : log10_q;
        log10_q_out[ranked[i].index] = log10_q;
    }
    free(ranked);
    return 0;
}

int lks_bh_adjust(const double *log10_p, size_t count, uint64_t tests_count, double *q_out,
                  struct lks_error *err)
{
    int code = lks_bh_adjust_log(log10_p, count, tests_count, q_out, err);
    for (size_t i = 0; code == 0 && i < count; i++)
        q_out[i] = q_out[i] > LKS_CHANCE_LEAST_LOG10 ? pow(10, q_out[i]) : LKS_CHANCE_LEAST;
    return code;
}

struct lks_interval lks_wilson(uint64_t successes, uint64_t trials)
{
    if (trials == 0)
        return (struct lks_interval){0, 1};
    double n = (double)trials, share = (double)successes / n, z = 1.959963984540054;
    double middle = share + z * z / (2 * n);
    double half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    double low = (middle - half) / (1 + z * z / n), high = (middle + half) / (1 + z * z / n);
    return (struct lks_interval){low > 0 ? low : 0, high < 1 ? high : 1};
}

/* The share at which that many successes or more have the chance of a half of 0.05, by halving. */
static double share_at_tail(uint64_t successes, uint64_t trials)
{
    double low = 0, high = 1;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (lks_binomial_tail_log(successes, trials, middle) < log(0.025))
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct lks_interval lks_clopper_pearson(uint64_t successes, uint64_t trials)
{
    if (trials == 0)
        return (struct lks_interval){0, 1};
    return (struct lks_interval){successes ? share_at_tail(successes, trials) : 0,
                                 successes < trials ? 1 - share_at_tail(trials - successes, trials)
                                                    : 1};
}

int64_t lks_median(int64_t *values, size_t count)
{
    if (count == 0)
        return 0;
    size_t low = 0, high = count - 1, middle = (count - 1) / 2;
    while (low < high) {
        int64_t pivot = values[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i >= j)
                break;
            int64_t swap = values[i];
            values[i++] = values[j];
            values[j--] = swap;
        }
        if (middle <= j)
            high = j;
        else
            low = j + 1;
    }
    return values[middle];
}
