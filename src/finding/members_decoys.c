/* members_decoys.c - how many accounts would keep to a group as closely if chance dealt their posts
 *
 * The p of an account's attachment is a bound, and often far above the truth: Bonferroni over
 * tests that hang together, and counts of few posts. So it is held against itself: in decoys the
 * group's posts stay, all others' are dealt anew within their hours, and every outsider is asked
 * again. Of those with p at most x, the share that chance put there is the mean number of decoys
 * with such p over the number of real accounts (target and decoy: Elias and Gygi 2007, with one
 * decoy more than was seen). Decoys know chance alone; so only those whose own days do not
 * explain as much (p <= 0.05) gain by them. */
#include "finding/members_inside.h"

#include <math.h>
#include <stdlib.h>

struct ps {
    double *items;
    size_t count, capacity;
};

static int ps_add(struct ps *ps, double log10_p, struct lks_error *err)
{
    if (ps->count == ps->capacity) {
        size_t capacity = ps->capacity ? 2 * ps->capacity : 1024;
        double *items = realloc(ps->items, capacity * sizeof *items);
        if (!items)
            return lks_error_set(err, LKS_EMEMORY, "out of memory for decoys");
        ps->items = items;
        ps->capacity = capacity;
    }
    ps->items[ps->count++] = log10_p;
    return 0;
}

static int compare_doubles(const void *left, const void *right)
{
    double x = *(const double *)left, y = *(const double *)right;
    return x < y ? -1 : x > y;
}

/* Whether p is small enough to be asked about, and the days do not explain it. */
static int is_candidate(const struct members_job *job, const struct lks_attached *attached)
{
    int days_known = lks_attachment_days_count(job->attachment) >= LKS_ATTACHMENT_DAYS_MIN;
    return attached->log10_p <= log10(LKS_CALIBRATED_P) &&
           (!days_known || attached->log10_days <= log10(0.05));
}

/* p of the candidates among so many accounts. */
static int collect(const struct members_job *job, const struct lks_attached *attached,
                   uint32_t count, struct ps *ps, struct lks_error *err)
{
    int rc = 0;
    for (uint32_t i = 0; i < count && rc == 0; i++) {
        if (is_candidate(job, &attached[i]))
            rc = ps_add(ps, attached[i].log10_p, err);
    }
    return rc;
}

static int decoys(struct members_job *job, struct ps *ps, struct lks_error *err)
{
    struct lks_detection *detection = job->detection;
    struct lks_attachment_decoys *decoys = NULL;
    int rc = lks_attachment_decoys_new(job->attachment, &decoys, err);
    for (uint64_t d = 0; d < LKS_DECOYS_COUNT && rc == 0; d++) {
        const struct lks_attached *attached;
        uint32_t count;
        rc = lks_attachment_decoys_test(decoys, detection->options->seed, LKS_DECOYS_FIRST + d,
                                        LKS_CALIBRATED_P, detection->control, &attached, &count,
                                        err);
        if (rc == 0)
            rc = collect(job, attached, count, ps, err);
    }
    lks_attachment_decoys_free(decoys);
    return rc;
}

int lks_members_calibrate(struct members_job *job, struct lks_error *err)
{
    struct ps real = {0}, chance = {0};
    int rc = collect(job, job->attached, job->detection->events->accounts_count, &real, err);
    if (rc == 0)
        rc = decoys(job, &chance, err);
    double *share = malloc((real.count + 1) * sizeof *share);
    if (rc == 0 && !share)
        rc = lks_error_set(err, LKS_EMEMORY, "out of memory for decoys");
    if (rc == 0 && real.count)
        qsort(real.items, real.count, sizeof *real.items, compare_doubles);
    if (rc == 0 && chance.count)
        qsort(chance.items, chance.count, sizeof *chance.items, compare_doubles);
    for (size_t i = 0, d = 0; i < real.count && rc == 0; i++) {
        while (d < chance.count && chance.items[d] <= real.items[i])
            d++;
        share[i] = (double)(d + 1) / LKS_DECOYS_COUNT / (double)(i + 1);
    }
    /* The least share at this p or above it, as q-values are. */
    for (size_t i = real.count; i-- > 1 && rc == 0;)
        share[i - 1] = share[i] < share[i - 1] ? share[i] : share[i - 1];
    for (uint32_t a = 0; a < job->detection->events->accounts_count && rc == 0; a++) {
        double log10_p = job->attached[a].log10_p;
        if (!is_candidate(job, &job->attached[a]))
            continue;
        size_t low = 0, high = real.count - 1; /* the last of those with this p */
        while (low < high) {
            size_t middle = low + (high - low + 1) / 2;
            if (real.items[middle] <= log10_p)
                low = middle;
            else
                high = middle - 1;
        }
        job->q_full[a] = share[low] < job->q_full[a] ? share[low] : job->q_full[a];
    }
    free(share);
    free(real.items);
    free(chance.items);
    return rc;
}
