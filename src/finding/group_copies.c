/* group_copies.c - groups against the largest ones in shuffled copies of the data
 *
 * A cluster-mass permutation test (Bullmore et al. 1999; Maris and Oostenveld 2007): the
 * score of a group is compared with the largest score of any group in each copy, so the
 * chance that any group of uncoordinated data is reported at all is at most the level. With
 * several levels of edge p the smallest rank over the levels is itself compared with the
 * smallest ranks of the copies (Westfall and Young's min-P), which keeps the guarantee.
 *
 * The copies are the parallel tasks; each worker has its own scratch, each copy its own
 * random numbers, and what was laid out for the real data serves all of them. */
#include "finding/group_copies.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "base/threads.h"

int lks_group_levels_find(const struct lks_group_test_options *options,
                          const struct lks_chance_edge *edges, size_t edges_count,
                          struct lks_group_levels *levels, struct lks_error *err)
{
    memset(levels, 0, sizeof *levels);
    struct lks_chance_edge *kept = malloc((edges_count + 1) * sizeof *kept);
    if (!kept)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for groups");
    int rc = 0;
    for (unsigned l = 0; l < options->levels_count && rc == 0; l++) {
        size_t count = 0;
        for (size_t i = 0; i < edges_count; i++) {
            if (lks_chance_edge_passes(&edges[i], options->levels[l]))
                kept[count++] = edges[i];
        }
        rc = lks_groups_find(kept, count, log10(options->levels[l]), options->split_accounts,
                             options->seed, &levels->groups[l], err);
    }
    free(kept);
    return rc;
}

void lks_group_levels_free(struct lks_group_levels *levels)
{
    for (unsigned l = 0; l < LKS_GROUP_LEVELS_MAX; l++)
        lks_groups_free(&levels->groups[l]);
}

struct lks_group_maxima lks_group_levels_largest(const struct lks_group_levels *levels)
{
    struct lks_group_maxima largest = {{0}};
    for (unsigned l = 0; l < LKS_GROUP_LEVELS_MAX; l++) {
        for (uint32_t g = 0; g < levels->groups[l].groups_count; g++) {
            if (levels->groups[l].score[g] > largest.score[l])
                largest.score[l] = levels->groups[l].score[g];
        }
    }
    return largest;
}

/* The pilot's number among the copies: none of those that are compared with. */
#define PILOT UINT64_MAX

int lks_group_levels_choose(const struct lks_chance *chance, double level,
                            const struct lks_control *control,
                            struct lks_group_test_options *options, struct lks_error *err)
{
    struct lks_chance_edge *edges = NULL;
    size_t count = 0, kept;
    uint32_t *post_account = malloc(((size_t)lks_chance_posts_count(chance) + 1) * 4);
    if (!post_account)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for shuffled copies");
    lks_chance_shuffle(chance, options->seed, PILOT, post_account);
    int rc = lks_chance_scan_all(chance, post_account, level, control, &edges, &count, NULL, err);
    for (;; level /= 2) {
        kept = 0;
        for (size_t i = 0; i < count; i++)
            kept += lks_chance_edge_passes(&edges[i], level) != 0;
        if (20 * kept <= lks_chance_counts(chance)->accounts_able || kept == 0)
            break;
    }
    options->levels[0] = level;
    options->levels[1] = level / 5;
    options->levels[2] = level / 50;
    options->levels_count = 3;
    free(edges);
    free(post_account);
    return rc;
}

struct copy_job {
    const struct lks_chance *chance;
    const struct lks_group_test_options *options;
    const struct lks_control *control;
    uint64_t first_copy;
    struct lks_chance_scan **scan; /* [workers] */
    uint32_t **post_account;       /* [workers] */
    struct lks_group_maxima *copies;
    pthread_mutex_t lock; /* of the meter */
    struct lks_meter meter;
    uint64_t done;
};

static int copy_task(void *context, size_t index, unsigned worker, struct lks_error *err)
{
    struct copy_job *job = context;
    const struct lks_chance_edge *edges;
    size_t count;
    struct lks_group_levels levels;
    if (lks_cancelled(job->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    lks_chance_shuffle(job->chance, job->options->seed, job->first_copy + index,
                       job->post_account[worker]);
    int rc = lks_chance_scan_run(job->scan[worker], job->post_account[worker],
                                 job->options->levels[0], &edges, &count, NULL, err);
    if (rc)
        return rc;
    rc = lks_group_levels_find(job->options, edges, count, &levels, err);
    if (rc == 0)
        job->copies[index] = lks_group_levels_largest(&levels);
    lks_group_levels_free(&levels);
    if (rc)
        return rc;
    pthread_mutex_lock(&job->lock);
    rc = lks_meter_at(&job->meter, ++job->done, err);
    pthread_mutex_unlock(&job->lock);
    return rc;
}

/* Whether at every level so many copies reach the largest score. */
static int all_reached(const struct lks_group_maxima *copies, uint32_t copies_count,
                       unsigned levels_count, const struct lks_group_stop *stop)
{
    for (unsigned l = 0; l < levels_count; l++) {
        uint32_t reached = 0;
        for (uint32_t i = 0; i < copies_count; i++)
            reached += copies[i].score[l] >= stop->largest.score[l];
        if (reached < stop->reached)
            return 0;
    }
    return 1;
}

/* The copies in rounds, each as long as all before it. */
static int run_rounds(struct copy_job *job, unsigned threads, const struct lks_group_stop *stop,
                      uint32_t *made_out, struct lks_error *err)
{
    uint32_t count = job->options->copies_count, made = 0;
    uint64_t first_copy = job->first_copy;
    struct lks_group_maxima *copies = job->copies;
    int rc = 0, stands = 0;
    lks_meter_start(&job->meter, job->control, "shuffle", "copies", count);
    while (rc == 0 && made < count && !stands) {
        uint32_t round = stop ? (made ? made : LKS_GROUP_ROUND) : count;
        round = count - made < round ? count - made : round;
        job->first_copy = first_copy + made;
        job->copies = copies + made;
        rc = lks_threads_run(threads, round, copy_task, job, err);
        made += round;
        stands = rc == 0 && stop && all_reached(copies, made, job->options->levels_count, stop);
    }
    if (rc == 0)
        lks_meter_finish(&job->meter);
    *made_out = made;
    return rc;
}

int lks_group_copies_until(const struct lks_chance *chance,
                           const struct lks_group_test_options *options, uint64_t first_copy,
                           const struct lks_group_stop *stop, const struct lks_control *control,
                           struct lks_group_maxima *copies_out, uint32_t *made_out,
                           struct lks_error *err)
{
    unsigned threads = lks_threads_count(control);
    if (threads > options->copies_count)
        threads = options->copies_count ? options->copies_count : 1;
    struct copy_job job = {.chance = chance,
                           .options = options,
                           .control = control,
                           .first_copy = first_copy,
                           .copies = copies_out};
    job.scan = calloc(threads, sizeof *job.scan);
    job.post_account = calloc(threads, sizeof *job.post_account);
    int rc = job.scan && job.post_account ? 0 : LKS_EMEMORY;
    for (unsigned t = 0; t < threads && rc == 0; t++) {
        job.post_account[t] = malloc(((size_t)lks_chance_posts_count(chance) + 1) * 4);
        rc = job.post_account[t] ? lks_chance_scan_new(chance, &job.scan[t], err) : LKS_EMEMORY;
    }
    if (rc)
        lks_error_set(err, rc, "out of memory for shuffled copies");
    pthread_mutex_init(&job.lock, NULL);
    if (rc == 0)
        rc = run_rounds(&job, threads, stop, made_out, err);
    pthread_mutex_destroy(&job.lock);
    for (unsigned t = 0; t < threads; t++) {
        if (job.scan)
            lks_chance_scan_free(job.scan[t]);
        if (job.post_account)
            free(job.post_account[t]);
    }
    free(job.scan);
    free(job.post_account);
    return rc;
}

int lks_group_copies(const struct lks_chance *chance, const struct lks_group_test_options *options,
                     uint64_t first_copy, const struct lks_control *control,
                     struct lks_group_maxima *copies_out, struct lks_error *err)
{
    uint32_t made;
    return lks_group_copies_until(chance, options, first_copy, NULL, control, copies_out, &made,
                                  err);
}

/* The rank of a score at a level in the pool of the copies and the group: how many reach it. */
static uint32_t rank_of(const struct lks_group_maxima *copies, uint32_t copies_count,
                        const struct lks_group_maxima *group, unsigned level, double score)
{
    uint32_t rank = group->score[level] >= score;
    for (uint32_t i = 0; i < copies_count; i++)
        rank += copies[i].score[level] >= score;
    return rank;
}

/* The smallest rank over the levels; no group at all is the last rank. */
static uint32_t best_rank(const struct lks_group_maxima *copies, uint32_t copies_count,
                          unsigned levels_count, const struct lks_group_maxima *group,
                          const struct lks_group_maxima *scores)
{
    uint32_t best = copies_count + 1;
    for (unsigned l = 0; l < levels_count; l++) {
        if (!(scores->score[l] > 0))
            continue;
        uint32_t rank = rank_of(copies, copies_count, group, l, scores->score[l]);
        best = rank < best ? rank : best;
    }
    return best;
}

double lks_group_copies_max(const struct lks_group_maxima *copies, uint32_t copies_count,
                            unsigned level)
{
    double largest = 1;
    for (uint32_t i = 0; i < copies_count; i++)
        largest = copies[i].score[level] > largest ? copies[i].score[level] : largest;
    return largest;
}

double lks_group_p(const struct lks_group_maxima *copies, uint32_t copies_count,
                   unsigned levels_count, const struct lks_group_maxima *group, unsigned *level_out)
{
    uint32_t rank = best_rank(copies, copies_count, levels_count, group, group), better = 1;
    for (unsigned l = levels_count; l-- > 0 && level_out;) {
        if (group->score[l] > 0 && rank_of(copies, copies_count, group, l, group->score[l]) == rank)
            *level_out = l;
    }
    for (uint32_t i = 0; i < copies_count; i++)
        better += best_rank(copies, copies_count, levels_count, group, &copies[i]) <= rank;
    return (double)better / (1 + (double)copies_count);
}
