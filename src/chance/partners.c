/* partners.c - which posts meet: the lists that the real data and every copy share
 *
 * Whether two posts meet depends on their times and objects and not on who wrote them, so
 * the partners of every post are listed once. A list has segments, two a window: those met on
 * a rare object within window w and no shorter one, then those met on others only.
 *
 *     post  | rare <= 1 min | other <= 1 min | rare <= 10 min | other <= 10 min | ...
 *
 * Posts of the same author are among them, since a copy may part them. Blocks of posts are
 * tasks; a block's lists are one array. Cost: each pair of uses within the longest window is
 * visited once from either side; 4 bytes a partner, 8 a post and segment. */
#include "chance/data.h"

#include <string.h>

#include "base/threads.h"

/* Scratch of one worker while partners are listed. */
struct partner_scratch {
    uint32_t *stamp; /* [posts] by place: post + 1 of the last list it joined */
    uint32_t *list[LKS_CHANCE_TESTS_MAX]; /* by segment */
    size_t count[LKS_CHANCE_TESTS_MAX], capacity[LKS_CHANCE_TESTS_MAX];
};

struct partner_job {
    struct lks_chance *chance;
    struct partner_scratch *scratch; /* [workers] */
    const struct lks_control *control;
};

static int partner_add(struct lks_budget *budget, struct partner_scratch *scratch, unsigned segment,
                       uint32_t place, struct lks_error *err)
{
    if (scratch->count[segment] == scratch->capacity[segment] &&
        lks_budget_grow(budget, &scratch->list[segment], &scratch->capacity[segment],
                        scratch->count[segment] + 1, 4, err))
        return LKS_EMEMORY;
    scratch->list[segment][scratch->count[segment]++] = place;
    return 0;
}

/* Adds the partners of a post on one of its objects, row `row` of the events. */
static int partners_on(struct lks_chance *chance, struct partner_scratch *scratch, uint32_t post,
                       size_t row, struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    const int64_t *windows_us = chance->counts.windows_us;
    int64_t time_us = events->post_time_us[post];
    int64_t reach = windows_us[chance->counts.windows_used - 1];
    uint32_t o = events->object[row];
    if (chance->object_reach_us[o] < reach)
        reach = chance->object_reach_us[o];
    if (reach < 0)
        return 0;
    size_t low = row, high = row + 1;
    while (low > 0 && events->object[low - 1] == o && time_us - events->time_us[low - 1] <= reach)
        low--;
    while (high < events->count && events->object[high] == o &&
           events->time_us[high] - time_us <= reach)
        high++;
    for (size_t i = low; i < high; i++) {
        uint32_t other = chance->post_place[events->post[i]];
        if (scratch->stamp[other] == post + 1)
            continue;
        scratch->stamp[other] = post + 1;
        int64_t lag = i < row ? time_us - events->time_us[i] : events->time_us[i] - time_us;
        unsigned w = 0;
        while (lag > windows_us[w])
            w++;
        if (partner_add(chance->budget, scratch, 2 * w + !chance->object_rare[o], other, err))
            return LKS_EMEMORY;
    }
    return 0;
}

/* Collects the partners of one post by segment, its rare objects first. */
static int partners_of(struct lks_chance *chance, struct partner_scratch *scratch, uint32_t post,
                       struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    memset(scratch->count, 0, sizeof scratch->count);
    scratch->stamp[chance->post_place[post]] = post + 1;
    for (int rare = 1; rare >= 0; rare--) {
        for (uint32_t j = chance->post_event_first[post]; j < chance->post_event_first[post + 1];
             j++) {
            if (chance->object_rare[events->object[chance->post_event[j]]] == rare &&
                partners_on(chance, scratch, post, chance->post_event[j], err))
                return LKS_EMEMORY;
        }
    }
    return 0;
}

static int partner_task(void *context, size_t block, unsigned worker, struct lks_error *err)
{
    struct partner_job *job = context;
    struct lks_chance *chance = job->chance;
    struct partner_scratch *scratch = &job->scratch[worker];
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t first = (uint32_t)block * LKS_CHANCE_BLOCK_POSTS;
    uint32_t end = chance->events->posts_count - first < LKS_CHANCE_BLOCK_POSTS
                       ? chance->events->posts_count
                       : first + LKS_CHANCE_BLOCK_POSTS;
    if (lks_cancelled(job->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    uint32_t *list = NULL;
    size_t count = 0, capacity = 0;
    for (uint32_t post = first; post < end; post++) {
        if (partners_of(chance, scratch, post, err))
            goto memory;
        for (unsigned w = 0; w < tests; w++) {
            if (lks_budget_grow(chance->budget, &list, &capacity, count + scratch->count[w],
                                sizeof *list, err))
                goto memory;
            if (scratch->count[w])
                memcpy(list + count, scratch->list[w], scratch->count[w] * sizeof *list);
            count += scratch->count[w];
            chance->partner_end[(size_t)post * tests + w] = count;
        }
    }
    /* Lists are kept for long: what growing left over is given back. */
    uint32_t *kept = NULL;
    if (lks_budget_array(chance->budget, &kept, count, sizeof *kept, err))
        goto memory;
    if (count)
        memcpy(kept, list, count * sizeof *kept);
    lks_budget_free(chance->budget, list, capacity, sizeof *list);
    chance->block[block] = kept;
    return 0;
memory:
    lks_budget_free(chance->budget, list, capacity, sizeof *list);
    return LKS_EMEMORY;
}

static int list_partners(struct lks_chance *chance, const struct lks_control *control,
                         struct lks_error *err)
{
    uint32_t posts_count = chance->events->posts_count;
    unsigned tests = 2 * chance->counts.windows_used;
    size_t blocks = ((size_t)posts_count + LKS_CHANCE_BLOCK_POSTS - 1) / LKS_CHANCE_BLOCK_POSTS;
    unsigned threads = lks_threads_count(control);
    struct lks_budget *budget = chance->budget;
    struct partner_job job = {chance, NULL, control};
    int rc = lks_budget_array(budget, &job.scratch, threads, sizeof *job.scratch, err);
    lks_chance_array(budget, &chance->block, blocks, sizeof *chance->block, &rc, err);
    lks_chance_array(budget, &chance->partner_end, (size_t)posts_count * tests, sizeof(uint64_t),
                     &rc, err);
    for (unsigned t = 0; t < threads && rc == 0; t++)
        rc = lks_budget_array(budget, &job.scratch[t].stamp, posts_count, 4, err);
    if (rc == 0)
        rc = lks_threads_run(threads, blocks, partner_task, &job, err);
    for (unsigned t = 0; t < threads && job.scratch; t++) {
        struct partner_scratch *scratch = &job.scratch[t];
        lks_budget_free(budget, scratch->stamp, posts_count, 4);
        for (unsigned w = 0; w < LKS_CHANCE_TESTS_MAX; w++)
            lks_budget_free(budget, scratch->list[w], scratch->capacity[w], 4);
    }
    lks_budget_free(budget, job.scratch, threads, sizeof *job.scratch);
    for (size_t b = 0; b < blocks && rc == 0; b++) {
        size_t last = (b + 1) * LKS_CHANCE_BLOCK_POSTS;
        last = last < posts_count ? last : posts_count;
        chance->counts.partners_count += chance->partner_end[last * tests - 1];
    }
    return rc;
}

/* Pairs of accounts that could meet min_occasions times: both have that many posts with
 * partners. That they were there at the same time is not asked: a larger count of tests is
 * the careful side. */
static int count_possible(struct lks_chance *chance, struct lks_error *err)
{
    const struct lks_events *events = chance->events;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t *able = NULL;
    int rc = lks_budget_array(chance->budget, &able, events->accounts_count, 4, err);
    if (rc)
        return rc;
    uint32_t accounts = 0;
    for (uint32_t p = 0; p < events->posts_count; p++) {
        uint64_t end = chance->partner_end[((size_t)p + 1) * tests - 1];
        able[events->post_account[p]] += end > lks_chance_partners_first(chance, p);
    }
    for (uint32_t a = 0; a < events->accounts_count; a++)
        accounts += able[a] >= chance->options.min_occasions;
    chance->counts.accounts_able = accounts;
    chance->counts.pairs_possible = accounts < 2 ? 0 : (uint64_t)accounts * (accounts - 1) / 2;
    lks_budget_free(chance->budget, able, events->accounts_count, 4);
    return 0;
}

int lks_chance_lay_partners(struct lks_chance *chance, const struct lks_control *control,
                            struct lks_error *err)
{
    int rc = list_partners(chance, control, err);
    return rc ? rc : count_possible(chance, err);
}
