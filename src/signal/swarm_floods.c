/* swarm_floods.c - posts under which many copied, and whether their copies came in one burst
 *
 * A burst is a window in which copies lie denser than comments lie by themselves. By which
 * measure? By two, and the smaller p is doubled:
 *
 *   own     where ten or more accounts under the post wrote words of their own: given when
 *           everybody commented, who of them copied is exchangeable. The copies in a window of
 *           fixed place are hypergeometric; windows of three lengths begin at each comment, all
 *           of them are paid for (Bonferroni). A post that goes viral has fast comments of both
 *           sorts, and a giveaway has copies whenever it has comments: no burst.
 *   profile where nearly all that came were copies, the first says nothing: time since the post
 *           is laid against the comments in own words under all other posts. Given the copy at which
 *           a window begins, the others fall into it with the profile's share; binomial,
 *           Bonferroni over windows again.
 *
 * A small p is not enough to be listed. The burst must hold half of the copiers, and twice as many
 * copies as other comments: a shout that goes up among much talk, as after a goal, does not. And
 * most of it must not be the author's own crowd, who greet each of its posts with one cry. */
#include <math.h>
#include <stdlib.h>

#include "base/threads.h"
#include "signal/swarm_inside.h"
#include "stat/multiple.h"
#include "stat/tail.h"

enum { WIDTHS = 3, OWN_MIN = 10, PROFILE_MIN = 100 };
static const int64_t width_parts[WIDTHS] = {60, 10, 1}; /* of burst_us: 10 s, 1 min, 10 min */

struct profile {
    int64_t *latency_us; /* [count] sorted; from a post to a comment in own words */
    size_t count;
};

static int time_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t latency_of(const struct lks_swarm_work *work, const struct lks_swarm_act *act)
{
    int64_t from_us = work->input->target_time_us[act->target];
    return from_us == LKS_TIME_NULL || act->time_us < from_us ? -1 : act->time_us - from_us;
}

static int profile_make(const struct lks_swarm_work *work, struct profile *profile,
                        struct lks_error *err)
{
    profile->latency_us = malloc((work->acts_count + 1) * sizeof *profile->latency_us);
    if (!profile->latency_us)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; i < work->acts_count; i++) {
        int64_t latency_us = latency_of(work, &work->acts[i]);
        if (!work->acts[i].copied && latency_us >= 0)
            profile->latency_us[profile->count++] = latency_us;
    }
    qsort(profile->latency_us, profile->count, sizeof *profile->latency_us, time_order);
    return 0;
}

/* How many latencies are below the bound. */
static size_t profile_below(const struct profile *profile, int64_t bound_us)
{
    size_t low = 0, high = profile->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (profile->latency_us[middle] < bound_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- one post ---- */

struct window {
    size_t first, end; /* acts in it */
    uint32_t copiers;
    double log_p; /* before paying for the windows */
};

/* The windows of one length: the clearest goes into *best, the most copiers into *most. */
static void windows_scan(const struct lks_swarm_work *work, const struct profile *profile,
                         size_t first, size_t end, uint32_t copiers, int own, int64_t width_us,
                         struct window *best, uint32_t *most)
{
    const struct lks_swarm_act *acts = work->acts;
    size_t stop = first;
    uint32_t inside = 0;
    for (size_t i = first; i < end; i++) {
        for (; stop < end && acts[stop].time_us - acts[i].time_us <= width_us; stop++)
            inside += acts[stop].copied;
        if (inside > *most)
            *most = inside;
        double log_p = 0;
        if (own) {
            log_p = lks_hypergeometric_tail_log(inside, stop - i, copiers, end - first);
        } else if (acts[i].copied && latency_of(work, &acts[i]) >= 0 && inside > 1) {
            int64_t from_us = latency_of(work, &acts[i]);
            size_t fall =
                profile_below(profile, from_us + width_us + 1) - profile_below(profile, from_us);
            double share = (1.0 + (double)fall) / (1.0 + (double)profile->count);
            log_p = lks_binomial_tail_log(inside - 1, copiers - 1, share);
        }
        if (log_p < best->log_p)
            *best = (struct window){i, stop, inside, log_p};
        inside -= acts[i].copied;
    }
}

/* The clearest window by one of the two measures, all its windows paid for; *best gets its log_p. */
static void measure_scan(const struct lks_swarm_work *work, const struct profile *profile,
                         size_t first, size_t end, uint32_t copiers, int own, struct window *best,
                         uint32_t *most)
{
    /* Against the profile only what no reader's habit explains will do: within a minute. */
    int widths = own ? WIDTHS : WIDTHS - 1;
    double windows = widths * (own ? (double)(end - first) : (double)copiers);
    *best = (struct window){first, first, 0, 0};
    *most = 0;
    for (int w = 0; w < widths; w++)
        windows_scan(work, profile, first, end, copiers, own,
                     work->options->burst_us / width_parts[w], best, most);
    best->log_p += log(windows);
}

static void burst_find(const struct lks_swarm_work *work, const struct profile *profile,
                       size_t first, size_t end, struct lks_flood *flood)
{
    uint32_t least = work->options->copiers_min, most[2] = {0};
    int own = flood->commenters - flood->copiers >= OWN_MIN;
    int elsewhere = profile->count >= PROFILE_MIN &&
                    work->input->target_time_us[flood->target] != LKS_TIME_NULL;
    struct window best[2] = {{first, first, 0, 0}, {first, first, 0, 0}};
    if (work->input->times_are_days || (!own && !elsewhere))
        return;
    if (own)
        measure_scan(work, profile, first, end, flood->copiers, 1, &best[1], &most[1]);
    if (elsewhere)
        measure_scan(work, profile, first, end, flood->copiers, 0, &best[0], &most[0]);
    int which = own && (!elsewhere || best[1].log_p <= best[0].log_p);
    const struct window *window = &best[which];
    double log_p = window->log_p + (own && elsewhere ? log(2) : 0);
    flood->p_value = log_p < 0 ? exp(log_p) : 1;
    if (window->end == first)
        return;
    flood->burst_copiers = window->copiers;
    flood->burst_others = (uint32_t)(window->end - window->first) - window->copiers;
    flood->burst_first_us = work->acts[window->first].time_us;
    flood->burst_last_us = work->acts[window->end - 1].time_us;
    flood->burst = most[which] >= least && 2 * most[which] >= flood->copiers &&
                   flood->burst_copiers >= least &&
                   flood->burst_copiers >= 2 * flood->burst_others &&
                   flood->burst_copiers > 2 * flood->regulars;
}

static void quartiles(int64_t *values, size_t count, int64_t out[3])
{
    qsort(values, count, sizeof *values, time_order);
    for (int i = 0; i < 3; i++)
        out[i] = count ? values[(count - 1) * (size_t)(i + 1) / 4] : -1;
}

/* scratch has room for twice the acts of the post. */
static void flood_describe(const struct lks_swarm_work *work, size_t first, size_t end,
                           int64_t *scratch, struct lks_flood *flood)
{
    size_t copies = 0, others = 0;
    int64_t *theirs = scratch + (end - first);
    const struct lks_swarm_act *act = work->acts + first;
    *flood = (struct lks_flood){
        .target = act->target,
        .author = act->author == work->input->accounts_count ? LKS_SWARM_NONE : act->author,
        .commenters = (uint32_t)(end - first),
        .cluster = LKS_SWARM_NONE};
    for (; act < work->acts + end; act++) {
        int64_t latency_us = latency_of(work, act);
        if (!act->copied) {
            if (latency_us >= 0)
                theirs[others++] = latency_us;
            continue;
        }
        if (latency_us >= 0)
            scratch[copies++] = latency_us;
        flood->first_us = flood->copiers ? flood->first_us : act->time_us;
        flood->last_us = act->time_us;
        flood->copiers++;
        flood->named += act->named;
        flood->repeaters += act->elsewhere;
        flood->regulars += act->regular && !act->named;
    }
    quartiles(scratch, copies, flood->latency_us);
    quartiles(theirs, others, flood->others_latency_us);
}

/* ---- all of them ---- */

static int flood_order(const void *a, const void *b)
{
    const struct lks_flood *x = a, *y = b;
    if (x->copiers != y->copiers)
        return x->copiers > y->copiers ? -1 : 1;
    return (x->target > y->target) - (x->target < y->target);
}

/* BH over the posts that were tested; keeps bursts and posts with named copiers enough. */
static int floods_select(struct lks_swarm_work *work, struct lks_error *err)
{
    struct lks_swarm *result = work->result;
    size_t count = result->floods_count, tested = 0, kept = 0;
    double *log10_p = malloc((count + 1) * sizeof *log10_p);
    double *q = malloc((count + 1) * sizeof *q);
    int code = log10_p && q ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; code == 0 && i < count; i++)
        if (!isnan(result->floods[i].p_value))
            log10_p[tested++] =
                result->floods[i].p_value > 0 ? log10(result->floods[i].p_value) : -320;
    if (code == 0)
        code = lks_bh_adjust(log10_p, tested, tested, q, err);
    result->posts_tested = tested;
    for (size_t i = 0, t = 0; code == 0 && i < count; i++) {
        struct lks_flood *flood = &result->floods[i];
        if (!isnan(flood->p_value))
            flood->q_value = q[t++];
        flood->burst = flood->burst && flood->q_value <= work->options->level;
        if (flood->burst || flood->named >= work->options->named_min)
            result->floods[kept++] = *flood;
    }
    result->floods_count = code ? 0 : kept;
    free(log10_p);
    free(q);
    return code;
}

/* Counts the bursts that each named account took part in. */
static void bursts_count(struct lks_swarm_work *work)
{
    struct lks_swarm *result = work->result;
    for (size_t f = 0; f < result->floods_count; f++) {
        const struct lks_flood *flood = &result->floods[f];
        size_t end = work->target_first[flood->target + 1];
        for (size_t i = work->target_first[flood->target]; flood->burst && i < end; i++) {
            const struct lks_swarm_act *act = &work->acts[i];
            if (!act->named || !act->copied || act->time_us < flood->burst_first_us ||
                act->time_us > flood->burst_last_us)
                continue;
            size_t low = 0, high = result->swarmers_count;
            while (high - low > 1) {
                size_t middle = low + (high - low) / 2;
                if (result->swarmers[middle].account <= act->account)
                    low = middle;
                else
                    high = middle;
            }
            result->swarmers[low].bursts++;
        }
    }
}

int lks_swarm_floods(struct lks_swarm_work *work, struct lks_error *err)
{
    const struct lks_swarm_input *input = work->input;
    struct lks_swarm *result = work->result;
    struct profile profile = {0};
    size_t capacity = 0, largest = 0;
    for (uint32_t t = 0; t < input->targets_count; t++) {
        size_t count = work->target_first[t + 1] - work->target_first[t];
        capacity += count >= work->options->named_min;
        largest = count > largest ? count : largest;
    }
    int64_t *scratch = malloc((2 * largest + 1) * sizeof *scratch);
    result->floods = calloc(capacity + 1, sizeof *result->floods);
    int code = scratch && result->floods ? profile_make(work, &profile, err)
                                         : lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (uint32_t t = 0; code == 0 && t < input->targets_count; t++) {
        size_t first = work->target_first[t], end = work->target_first[t + 1];
        struct lks_flood *flood = &result->floods[result->floods_count];
        if (end - first < work->options->named_min)
            continue;
        flood_describe(work, first, end, scratch, flood);
        flood->p_value = flood->q_value = NAN;
        if (flood->copiers >= work->options->copiers_min)
            burst_find(work, &profile, first, end, flood);
        else if (flood->named < work->options->named_min)
            continue;
        result->floods_count++;
        if (t % 4096 == 0 && lks_cancelled(work->control))
            code = lks_error_set(err, LKS_ECANCELLED, "stopped");
    }
    free(scratch);
    free(profile.latency_us);
    if (code == 0)
        code = floods_select(work, err);
    if (code == 0) {
        qsort(result->floods, result->floods_count, sizeof *result->floods, flood_order);
        bursts_count(work);
    }
    return code;
}
