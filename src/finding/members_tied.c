/* members_tied.c - members by the strength of their ties, against what chance ties to the group
 *
 * A group may be real and yet too small for its members to show it one by one. So an account
 * also belongs if the sum of -log10 p over its ties is one that chance gives to one in fifty: in
 * decoys the groups' posts are held, all others' are dealt anew within the hour, and the
 * accounts that come out tied are counted by the same sum. */
#include "finding/members_inside.h"

#include <stdlib.h>
#include <string.h>

/* How strongly an account is tied to a finding. */
struct tie {
    uint32_t finding, account;
    double strength;
};

static int compare_ties(const void *left, const void *right)
{
    const struct tie *x = left, *y = right;
    if (x->finding != y->finding)
        return x->finding < y->finding ? -1 : 1;
    return x->account < y->account ? -1 : x->account > y->account;
}

/* By finding, the strongest first. */
static int compare_strengths(const void *left, const void *right)
{
    const struct tie *x = left, *y = right;
    if (x->finding != y->finding)
        return x->finding < y->finding ? -1 : 1;
    if (x->strength != y->strength)
        return x->strength > y->strength ? -1 : 1;
    return x->account < y->account ? -1 : x->account > y->account;
}

struct ties {
    struct tie *items;
    size_t count, capacity;
};

static int tie_add(struct ties *ties, struct tie tie, struct lks_error *err)
{
    if (ties->count == ties->capacity) {
        size_t capacity = ties->capacity ? 2 * ties->capacity : 1024;
        struct tie *items = realloc(ties->items, capacity * sizeof *items);
        if (!items)
            return lks_error_set(err, LKS_EMEMORY, "out of memory for ties");
        ties->items = items;
        ties->capacity = capacity;
    }
    ties->items[ties->count++] = tie;
    return 0;
}

static uint32_t group_of(const struct members_job *job, uint32_t account)
{
    return job->finding[account] != UINT32_MAX ? job->finding[account] : job->seed[account];
}

/* Adds the ties of those who are no members into findings, summed by account, from edges. Of a decoy the seeds
 * are no candidates: their posts are held. */
static int collect(const struct members_job *job, const struct lks_chance_edge *edges,
                   size_t edges_count, int is_decoy, struct ties *ties, struct lks_error *err)
{
    size_t first = ties->count, kept = first;
    for (size_t i = 0; i < edges_count; i++) {
        for (int turn = 0; turn < 2; turn++) {
            uint32_t v = turn ? edges[i].b : edges[i].a, u = turn ? edges[i].a : edges[i].b;
            uint32_t to = group_of(job, u), own = group_of(job, v);
            if (to == UINT32_MAX || job->finding[v] != UINT32_MAX)
                continue;
            if (own != UINT32_MAX && (is_decoy || own != to))
                continue;
            if (tie_add(ties, (struct tie){to, v, -edges[i].log10_p}, err))
                return LKS_EMEMORY;
        }
    }
    if (ties->count > first)
        qsort(ties->items + first, ties->count - first, sizeof *ties->items, compare_ties);
    for (size_t i = first; i < ties->count; i++) {
        if (kept > first && compare_ties(&ties->items[kept - 1], &ties->items[i]) == 0)
            ties->items[kept - 1].strength += ties->items[i].strength;
        else
            ties->items[kept++] = ties->items[i];
    }
    ties->count = kept;
    return 0;
}

static int one_is_held(const void *context, uint32_t a, uint32_t b)
{
    const uint8_t *held = context;
    return held[a] != held[b];
}

/* What chance ties to the groups: decoys, all in one list. */
static int scan_decoys(struct members_job *job, struct ties *ties, struct lks_error *err)
{
    struct lks_detection *detection = job->detection;
    const struct lks_chance *chance = detection->chance;
    uint32_t *post_account = malloc(((size_t)detection->events->posts_count + 1) * 4);
    struct lks_chance_pairs pairs = {one_is_held, job->in_group};
    int rc = post_account ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for decoys");
    for (uint32_t a = 0; a < detection->events->accounts_count; a++)
        job->in_group[a] = group_of(job, a) != UINT32_MAX;
    for (uint64_t d = 0; d < LKS_DECOYS_COUNT && rc == 0; d++) {
        struct lks_chance_edge *edges = NULL;
        size_t count = 0;
        rc = lks_chance_shuffle_others(chance, detection->options->seed, LKS_DECOYS_FIRST + d,
                                       job->in_group, post_account, err);
        if (rc == 0)
            rc = lks_chance_scan_pairs(chance, post_account, detection->test.levels[0], &pairs,
                                       detection->control, &edges, &count, NULL, err);
        if (rc == 0)
            rc = collect(job, edges, count, 1, ties, err);
        free(edges);
    }
    free(post_account);
    return rc;
}

/* Those whose ties are stronger than chance gives: real and decoy ties, each by finding and falling strength. */
static void take_tied(struct members_job *job, const struct ties *real, const struct ties *decoys)
{
    size_t d = 0;
    for (size_t first = 0, end; first < real->count; first = end) {
        uint32_t f = real->items[first].finding;
        for (end = first + 1; end < real->count && real->items[end].finding == f;)
            end++;
        while (d < decoys->count && decoys->items[d].finding < f)
            d++;
        size_t begin = d, taken = first;
        double share = 1;
        for (size_t i = first; i < end; i++) {
            double strength = real->items[i].strength;
            while (d < decoys->count && decoys->items[d].finding == f &&
                   decoys->items[d].strength >= strength)
                d++;
            /* Of equal strength all or none. */
            if (i + 1 < end && real->items[i + 1].strength == strength)
                continue;
            double false_share = (double)(d - begin) / LKS_DECOYS_COUNT / (double)(i + 1 - first);
            if (false_share <= LKS_MEMBER_Q) {
                taken = i + 1;
                share = false_share;
            }
        }
        for (size_t i = first; i < taken; i++) {
            uint32_t a = real->items[i].account;
            if (job->finding[a] != UINT32_MAX)
                continue;
            if (job->member[a].account != a || job->member[a].finding != f)
                job->member[a] = (struct lks_member){.account = a, .cell = UINT32_MAX};
            job->member[a].finding = job->finding[a] = f;
            job->member[a].q_value = share;
        }
    }
}

int lks_members_tie(struct members_job *job, struct lks_error *err)
{
    struct lks_detection *detection = job->detection;
    struct ties real = {0}, decoys = {0};
    int rc = detection->findings_count
                 ? collect(job, detection->edges, detection->edges_count, 0, &real, err)
                 : 0;
    if (rc == 0 && real.count)
        rc = scan_decoys(job, &decoys, err);
    if (rc == 0 && real.count) {
        qsort(real.items, real.count, sizeof *real.items, compare_strengths);
        if (decoys.count)
            qsort(decoys.items, decoys.count, sizeof *decoys.items, compare_strengths);
        take_tied(job, &real, &decoys);
    }
    free(real.items);
    free(decoys.items);
    return rc;
}
