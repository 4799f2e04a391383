/* swarm_clusters.c - floods under unrelated authors that have their commenters in common
 *
 * First, is a flood one of a series? Under the null its copiers are drawn from whoever commented
 * anywhere else in its hours, each as likely as it has comments there (its degree is kept, and
 * so is the hour). Repeaters are accounts that copied under another author, too: with a share s of
 * all comments of those hours theirs, the number of repeaters among n copiers is binomial (n, s) at
 * most. Bonferroni over all floods, so that with probability 1 - level no flood is called one of a
 * series by chance.
 *
 * Then, which floods belong together? Of two floods of a series, under different authors, the
 * overlap of their copiers is laid against the same null: an account with share w of the comments
 * of the second's hours is among its n copiers with chance 1 - (1 - w)^n at most; the tail of the
 * sum by Hoeffding's bound, both ways round, the larger p. At 0.01 the two are joined; that is a
 * rule for drawing lines between series that are there already, not a test. The work grows with
 * the square of the floods: of more than FLOODS_MAX those of most copiers take part. */
#include <math.h>
#include <stdlib.h>

#include "base/threads.h"
#include "signal/swarm_inside.h"
#include "stat/tail.h"

enum { FLOODS_MAX = 256 };
#define JOIN_P 0.01

/* All comments (acts) by account and time, and all of their times: what a share is taken of. */
struct moment {
    int64_t time_us;
    uint32_t account;
};

struct joining {
    struct lks_swarm_work *work;
    struct moment *moments; /* [moments_count] by (account, time) */
    size_t *account_first;  /* [accounts_count + 1] into the moments */
    int64_t *times;         /* [moments_count] rising */
    uint32_t *by_time;      /* [moments_count] acts in that order */
    size_t moments_count;
    uint32_t *copiers; /* of each flood in turn, rising */
    size_t first[FLOODS_MAX + 1];
    uint32_t floods;
    uint32_t parent[FLOODS_MAX];
    uint8_t *repeats; /* [accounts_count] copied under two authors or more */
};

static int moment_order(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return (x->time_us > y->time_us) - (x->time_us < y->time_us);
}

struct instant {
    int64_t time_us;
    uint32_t act;
};

static int instant_order(const void *a, const void *b)
{
    const struct instant *x = a, *y = b;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->act > y->act) - (x->act < y->act);
}

static int times_sort(struct joining *joining, struct lks_error *err)
{
    size_t count = joining->moments_count;
    struct instant *instants = malloc((count + 1) * sizeof *instants);
    if (!instants)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for floods");
    for (size_t i = 0; i < count; i++)
        instants[i] = (struct instant){joining->work->acts[i].time_us, (uint32_t)i};
    qsort(instants, count, sizeof *instants, instant_order);
    for (size_t i = 0; i < count; i++) {
        joining->times[i] = instants[i].time_us;
        joining->by_time[i] = instants[i].act;
    }
    free(instants);
    return 0;
}

static int number_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int64_t hour_of(int64_t time_us)
{
    return time_us - time_us % LKS_HOUR_US;
}

/* Moments before (account, time). */
static size_t moments_before(const struct joining *joining, uint32_t account, int64_t time_us)
{
    size_t low = joining->account_first[account], high = joining->account_first[account + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (joining->moments[middle].time_us < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t times_before(const struct joining *joining, int64_t time_us)
{
    size_t low = 0, high = joining->moments_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (joining->times[middle] < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t root_of(struct joining *joining, uint32_t flood)
{
    while (joining->parent[flood] != flood)
        flood = joining->parent[flood] = joining->parent[joining->parent[flood]];
    return flood;
}

/* How many of the copiers of flood f would be among those of g by chance. */
static double overlap_expected(const struct joining *joining, uint32_t f, uint32_t g)
{
    const struct lks_flood *flood = &joining->work->result->floods[g];
    int64_t from_us = hour_of(flood->first_us), to_us = hour_of(flood->last_us) + LKS_HOUR_US;
    double all = (double)(times_before(joining, to_us) - times_before(joining, from_us));
    double expected = 0, copiers = (double)(joining->first[g + 1] - joining->first[g]);
    for (size_t i = joining->first[f]; i < joining->first[f + 1]; i++) {
        uint32_t account = joining->copiers[i];
        double own = (double)(moments_before(joining, account, to_us) -
                              moments_before(joining, account, from_us));
        if (own > 0)
            expected += own < all ? -expm1(copiers * log1p(-own / all)) : 1;
    }
    return expected;
}

static uint32_t overlap_count(const struct joining *joining, uint32_t f, uint32_t g)
{
    uint32_t count = 0;
    for (size_t i = joining->first[f], k = joining->first[g];
         i < joining->first[f + 1] && k < joining->first[g + 1];) {
        uint32_t x = joining->copiers[i], y = joining->copiers[k];
        count += x == y;
        i += x <= y;
        k += y <= x;
    }
    return count;
}

/* The share of the comments of flood g's hours, but for those under its post, by accounts that
 * copied under an author other than g's. */
static double repeaters_share(const struct joining *joining, const struct lks_flood *flood)
{
    const struct lks_swarm_work *work = joining->work;
    int64_t from_us = hour_of(flood->first_us), to_us = hour_of(flood->last_us) + LKS_HOUR_US;
    size_t low = times_before(joining, from_us), high = times_before(joining, to_us);
    size_t all = 0, theirs = 0;
    for (size_t i = low; i < high; i++) {
        const struct lks_swarm_act *act = &work->acts[joining->by_time[i]];
        if (act->target == flood->target)
            continue;
        all++;
        theirs += joining->repeats[act->account];
    }
    return (1.0 + (double)theirs) / (1.0 + (double)all);
}

/* Tests every flood; those that are no part of a series are joined to nothing. */
static void series_test(struct joining *joining)
{
    struct lks_swarm *result = joining->work->result;
    double floods = (double)result->floods_count;
    for (uint32_t f = 0; f < joining->floods; f++) {
        struct lks_flood *flood = &result->floods[f];
        double share = repeaters_share(joining, flood);
        flood->repeaters_expected = share * flood->copiers;
        double log_p = lks_binomial_tail_log(flood->repeaters, flood->copiers, share) + log(floods);
        flood->company_log10_p = log_p < 0 ? log_p / log(10) : 0;
    }
}

static int joining_make(struct joining *joining, struct lks_error *err)
{
    struct lks_swarm_work *work = joining->work;
    const struct lks_swarm *result = work->result;
    size_t most = 0;
    joining->floods =
        result->floods_count < FLOODS_MAX ? (uint32_t)result->floods_count : FLOODS_MAX;
    for (uint32_t f = 0; f < joining->floods; f++)
        most += result->floods[f].copiers;
    joining->moments = malloc((work->acts_count + 1) * sizeof *joining->moments);
    joining->times = malloc((work->acts_count + 1) * sizeof *joining->times);
    joining->copiers = malloc((most + 1) * sizeof *joining->copiers);
    joining->by_time = malloc((work->acts_count + 1) * sizeof *joining->by_time);
    joining->repeats = calloc((size_t)work->input->accounts_count + 1, 1);
    joining->account_first =
        calloc((size_t)work->input->accounts_count + 1, sizeof *joining->account_first);
    if (!joining->moments || !joining->account_first || !joining->times || !joining->copiers ||
        !joining->by_time || !joining->repeats)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for floods");
    joining->moments_count = work->acts_count;
    for (size_t i = 0; i < work->acts_count; i++) {
        joining->moments[i] = (struct moment){work->acts[i].time_us, work->acts[i].account};
        joining->account_first[work->acts[i].account + 1]++;
        /* Copied here and elsewhere: under two authors at least. */
        joining->repeats[work->acts[i].account] |= work->acts[i].copied && work->acts[i].elsewhere;
    }
    for (uint32_t a = 0; a < work->input->accounts_count; a++)
        joining->account_first[a + 1] += joining->account_first[a];
    qsort(joining->moments, joining->moments_count, sizeof *joining->moments, moment_order);
    int code = times_sort(joining, err);
    if (code)
        return code;
    most = 0;
    for (uint32_t f = 0; f < joining->floods; f++) {
        uint32_t target = result->floods[f].target;
        joining->parent[f] = f;
        joining->first[f] = most;
        for (size_t i = work->target_first[target]; i < work->target_first[target + 1]; i++)
            if (work->acts[i].copied)
                joining->copiers[most++] = work->acts[i].account;
        qsort(joining->copiers + joining->first[f], most - joining->first[f],
              sizeof *joining->copiers, number_order);
    }
    joining->first[joining->floods] = most;
    return 0;
}

/* Two floods of one cluster with the clearest overlap. */
struct join {
    uint32_t overlap;
    double expected, log_p;
};

static int pairs_test(struct joining *joining, struct join joins[FLOODS_MAX], struct lks_error *err)
{
    const struct lks_flood *floods = joining->work->result->floods;
    double level = log10(joining->work->options->cluster_level);
    for (uint32_t f = 0; f < joining->floods; f++) {
        if (lks_cancelled(joining->work->control))
            return lks_error_set(err, LKS_ECANCELLED, "stopped");
        for (uint32_t g = f + 1; g < joining->floods && floods[f].company_log10_p <= level; g++) {
            /* Unknown authors may be one. */
            if (floods[f].author == floods[g].author || floods[g].company_log10_p > level)
                continue;
            uint32_t overlap = overlap_count(joining, f, g);
            if (overlap < 3)
                continue;
            double there = overlap_expected(joining, f, g), back = overlap_expected(joining, g, f);
            double one = lks_hoeffding_tail_log(overlap, floods[f].copiers, there);
            double other = lks_hoeffding_tail_log(overlap, floods[g].copiers, back);
            double log_p = one > other ? one : other;
            if (log_p > log(JOIN_P))
                continue;
            struct join join = {overlap, there > back ? there : back, log_p};
            uint32_t x = root_of(joining, f), y = root_of(joining, g);
            if (x > y) {
                uint32_t swap = x;
                x = y;
                y = swap;
            }
            if (joins[y].log_p < joins[x].log_p)
                joins[x] = joins[y];
            if (join.log_p < joins[x].log_p)
                joins[x] = join;
            joining->parent[y] = x;
        }
    }
    return 0;
}

/* ---- clusters out of joined floods ---- */

/* A copier of a flood of a cluster. */
struct place {
    uint32_t cluster, account, flood;
};

static int place_order(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->cluster != y->cluster)
        return x->cluster < y->cluster ? -1 : 1;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return (x->flood > y->flood) - (x->flood < y->flood);
}

/* Gives every named account the cluster in which it copied under most floods. */
static void account_place(struct lks_swarm *result, uint32_t account, uint32_t cluster,
                          uint32_t floods, uint32_t *best)
{
    size_t low = 0, high = result->swarmers_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (result->swarmers[middle].account < account)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == result->swarmers_count || result->swarmers[low].account != account ||
        floods <= best[low])
        return;
    best[low] = floods;
    result->swarmers[low].cluster = cluster;
}

static int cluster_order(const void *a, const void *b)
{
    const struct lks_swarm_cluster *x = a, *y = b;
    if (x->accounts != y->accounts)
        return x->accounts > y->accounts ? -1 : 1;
    if (x->floods != y->floods)
        return x->floods > y->floods ? -1 : 1;
    return (x->first_us > y->first_us) - (x->first_us < y->first_us);
}

/* Clusters of two floods and more, numbered by their first flood; then sorted, and the
 * numbers moved along. */
static int clusters_make(struct joining *joining, const struct join joins[FLOODS_MAX],
                         struct lks_error *err)
{
    struct lks_swarm *result = joining->work->result;
    uint32_t number[FLOODS_MAX];
    size_t count = 0;
    result->clusters = calloc((size_t)joining->floods + 1, sizeof *result->clusters);
    if (!result->clusters)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for floods");
    for (uint32_t f = 0; f < joining->floods; f++)
        number[f] = UINT32_MAX;
    for (uint32_t f = 0; f < joining->floods; f++) {
        uint32_t root = root_of(joining, f);
        struct lks_flood *flood = &result->floods[f];
        if (joins[root].log_p == INFINITY)
            continue;
        if (number[root] == UINT32_MAX) {
            number[root] = (uint32_t)count;
            result->clusters[count++] =
                (struct lks_swarm_cluster){.overlap = joins[root].overlap,
                                           .expected = joins[root].expected,
                                           .log10_p = flood->company_log10_p,
                                           .first_us = flood->first_us,
                                           .last_us = flood->last_us};
        }
        struct lks_swarm_cluster *cluster = &result->clusters[number[root]];
        flood->cluster = number[root];
        if (flood->company_log10_p < cluster->log10_p)
            cluster->log10_p = flood->company_log10_p;
        cluster->floods++;
        if (flood->first_us < cluster->first_us)
            cluster->first_us = flood->first_us;
        if (flood->last_us > cluster->last_us)
            cluster->last_us = flood->last_us;
        int known = 0;
        for (uint32_t g = 0; g < f && !known; g++)
            known = result->floods[g].cluster == number[root] &&
                    result->floods[g].author == flood->author;
        cluster->authors += !known;
    }
    result->clusters_count = count;
    return 0;
}

static int accounts_place(struct joining *joining, struct lks_error *err)
{
    struct lks_swarm *result = joining->work->result;
    size_t count = 0;
    struct place *places = malloc((joining->first[joining->floods] + 1) * sizeof *places);
    uint32_t *best = calloc(result->swarmers_count + 1, sizeof *best);
    if (!places || !best) {
        free(places);
        free(best);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for floods");
    }
    for (uint32_t f = 0; f < joining->floods; f++)
        for (size_t i = joining->first[f];
             result->floods[f].cluster != LKS_SWARM_NONE && i < joining->first[f + 1]; i++)
            places[count++] = (struct place){result->floods[f].cluster, joining->copiers[i], f};
    qsort(places, count, sizeof *places, place_order);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && places[end].cluster == places[first].cluster &&
                          places[end].account == places[first].account;)
            end++;
        if (end - first < 2)
            continue;
        result->clusters[places[first].cluster].accounts++;
        account_place(result, places[first].account, places[first].cluster, (uint32_t)(end - first),
                      best);
    }
    free(places);
    free(best);
    return 0;
}

/* Clusters by their accounts, the most first. */
static void clusters_sort(struct lks_swarm *result)
{
    uint32_t to[FLOODS_MAX];
    struct lks_swarm_cluster *clusters = result->clusters;
    size_t count = result->clusters_count;
    for (size_t c = 0; c < count; c++) {
        to[c] = 0;
        for (size_t d = 0; d < count; d++) {
            int order = cluster_order(&clusters[d], &clusters[c]);
            to[c] += order < 0 || (order == 0 && d < c);
        }
    }
    for (size_t f = 0; f < result->floods_count; f++)
        if (result->floods[f].cluster != LKS_SWARM_NONE)
            result->floods[f].cluster = to[result->floods[f].cluster];
    for (size_t s = 0; s < result->swarmers_count; s++)
        if (result->swarmers[s].cluster != LKS_SWARM_NONE)
            result->swarmers[s].cluster = to[result->swarmers[s].cluster];
    struct lks_swarm_cluster sorted[FLOODS_MAX];
    for (size_t c = 0; c < count; c++)
        sorted[to[c]] = clusters[c];
    for (size_t c = 0; c < count; c++)
        clusters[c] = sorted[c];
}

int lks_swarm_clusters(struct lks_swarm_work *work, struct lks_error *err)
{
    struct joining joining = {.work = work};
    struct join joins[FLOODS_MAX];
    for (int f = 0; f < FLOODS_MAX; f++)
        joins[f] = (struct join){.log_p = INFINITY};
    int code = joining_make(&joining, err);
    if (code == 0) {
        series_test(&joining);
        code = pairs_test(&joining, joins, err);
    }
    if (code == 0)
        code = clusters_make(&joining, joins, err);
    if (code == 0)
        code = accounts_place(&joining, err);
    if (code == 0)
        clusters_sort(work->result);
    free(joining.moments);
    free(joining.account_first);
    free(joining.times);
    free(joining.by_time);
    free(joining.repeats);
    free(joining.copiers);
    return code;
}
