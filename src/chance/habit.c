/* habit.c - the part of meeting that accounts' own habits explain
 *
 * Exchangeable authors know no interests: two customers who each write to one company in all
 * of their posts meet far oftener than two accounts drawn at random, and nobody coordinated
 * them. So a second expectation is kept beside the first, and the larger counts. It takes
 * b's habit from b's other posts: leaving the post at hand out, b uses object o in
 *
 *     theta = the larger of (m - 1) / (n - 1) over the whole time and over the stratum
 *
 * of its n posts, m of them on o. A post on o meets one of a's uses of o in window w with
 * chance tau, the share of all posts of the stratum that lie within w of a use by a. Summed
 * over the objects that both use, theta tau is the share of b's posts in the stratum that
 * meet a from habit alone. A text that b posts once is no habit (m - 1 = 0) and a hashtag
 * in all of its posts is: then only closer timing than tau tells anything.
 *
 * Data: the uses of a by (object, time), with the place of each object; per pair the uses of
 * b by (object, stratum). Cost of a pair: the uses of b, and for each object that both use
 * and b uses twice, one search a use of a. */
#include "chance/habit.h"

#include <stdlib.h>
#include <string.h>

struct use {
    uint32_t object;
    uint32_t stratum; /* of b: position in its presence row */
    int64_t time_us;
};

/* What a row found of an object and a stratum: many partners ask for the same. */
struct coverage {
    uint32_t stamp, object, stratum;
};
enum { COVERAGES_COUNT = 1 << 13 };

struct lks_chance_habit {
    const struct lks_chance *chance;
    const struct lks_chance_authors *authors;           /* of the row */
    uint32_t *object_stamp, *object_first, *object_end; /* [objects] rows of `row` */
    uint32_t stamp;
    struct use *row, *pair;
    size_t row_count, row_capacity, pair_count, pair_capacity;
    double *share; /* [strata of b * tests] */
    size_t share_capacity;
    double common[LKS_CHANCE_TESTS_MAX];
    struct coverage *known; /* [COVERAGES_COUNT] the last asked for under each hash */
    double *known_share;    /* [COVERAGES_COUNT * windows] */
};

int lks_chance_habit_new(const struct lks_chance *chance, struct lks_chance_habit **habit_out,
                         struct lks_error *err)
{
    size_t objects = chance->events->objects_count;
    struct lks_budget *budget = chance->budget;
    unsigned windows = chance->counts.windows_used;
    struct lks_chance_habit *habit = *habit_out = calloc(1, sizeof *habit);
    if (!habit)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    habit->chance = chance;
    int rc = lks_budget_array(budget, &habit->object_stamp, objects, 4, err);
    lks_chance_array(budget, &habit->object_first, objects, 4, &rc, err);
    lks_chance_array(budget, &habit->object_end, objects, 4, &rc, err);
    lks_chance_array(budget, &habit->known, COVERAGES_COUNT, sizeof *habit->known, &rc, err);
    lks_chance_array(budget, &habit->known_share, COVERAGES_COUNT, windows * sizeof(double), &rc,
                     err);
    if (rc) {
        lks_chance_habit_free(habit);
        *habit_out = NULL;
    }
    return rc;
}

void lks_chance_habit_free(struct lks_chance_habit *habit)
{
    if (!habit)
        return;
    struct lks_budget *budget = habit->chance->budget;
    size_t objects = habit->chance->events->objects_count;
    unsigned windows = habit->chance->counts.windows_used;
    lks_budget_free(budget, habit->object_stamp, objects, 4);
    lks_budget_free(budget, habit->object_first, objects, 4);
    lks_budget_free(budget, habit->object_end, objects, 4);
    lks_budget_free(budget, habit->row, habit->row_capacity, sizeof *habit->row);
    lks_budget_free(budget, habit->pair, habit->pair_capacity, sizeof *habit->pair);
    lks_budget_free(budget, habit->share, habit->share_capacity, sizeof *habit->share);
    lks_budget_free(budget, habit->known, COVERAGES_COUNT, sizeof *habit->known);
    lks_budget_free(budget, habit->known_share, COVERAGES_COUNT, windows * sizeof(double));
    free(habit);
}

static int add_use(struct lks_budget *budget, struct use **uses, size_t *count, size_t *capacity,
                   struct use use, struct lks_error *err)
{
    if (*count == *capacity &&
        lks_budget_grow(budget, uses, capacity, *count + 1, sizeof **uses, err))
        return LKS_EMEMORY;
    (*uses)[(*count)++] = use;
    return 0;
}

static int compare_uses(const void *left, const void *right)
{
    const struct use *x = left, *y = right;
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (x->stratum != y->stratum)
        return x->stratum < y->stratum ? -1 : 1;
    return x->time_us < y->time_us ? -1 : x->time_us > y->time_us;
}

/* Few uses are the rule, and those of one post come in order: insertion then beats qsort. */
static void sort_uses(struct use *uses, size_t count)
{
    if (count > 32) {
        qsort(uses, count, sizeof *uses, compare_uses);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct use use = uses[i];
        size_t at = i;
        for (; at > 0 && compare_uses(&uses[at - 1], &use) > 0; at--)
            uses[at] = uses[at - 1];
        uses[at] = use;
    }
}

int lks_chance_habit_row(struct lks_chance_habit *habit, const struct lks_chance_authors *authors,
                         uint32_t a, struct lks_error *err)
{
    const struct lks_chance *chance = habit->chance;
    const struct lks_events *events = chance->events;
    const uint32_t *account_place = authors->account_place;
    habit->authors = authors;
    habit->row_count = 0;
    habit->stamp++;
    for (uint32_t i = chance->account_first[a]; i < chance->account_first[a + 1]; i++) {
        uint32_t p = chance->stratum_post[account_place[i]];
        for (uint32_t j = chance->post_event_first[p]; j < chance->post_event_first[p + 1]; j++) {
            struct use use = {chance->post_object[j], 0, events->post_time_us[p]};
            if (chance->object_reach_us[use.object] >= 0 &&
                add_use(chance->budget, &habit->row, &habit->row_count, &habit->row_capacity, use,
                        err))
                return LKS_EMEMORY;
        }
    }
    sort_uses(habit->row, habit->row_count);
    for (size_t i = 0; i < habit->row_count; i++) {
        uint32_t o = habit->row[i].object;
        if (i == 0 || habit->row[i - 1].object != o) {
            habit->object_stamp[o] = habit->stamp;
            habit->object_first[o] = (uint32_t)i;
        }
        habit->object_end[o] = (uint32_t)i + 1;
    }
    return 0;
}

/* The first position in the sorted times, within [low, high), that is at least time_us. */
static uint32_t lower_bound(const int64_t *sorted_us, uint32_t low, uint32_t high, int64_t time_us)
{
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (sorted_us[middle] < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* tau: the share of the posts of stratum h that lie within window_us of a use of o by a. */
static double coverage(const struct lks_chance_habit *habit, uint32_t o, uint32_t h,
                       int64_t window_us)
{
    const struct lks_chance *chance = habit->chance;
    uint32_t first = chance->stratum_first[h], end = chance->stratum_first[h + 1];
    int64_t from_us = chance->sorted_us[first] - window_us;
    int64_t until_us = chance->sorted_us[end - 1] + window_us;
    uint32_t low = habit->object_first[o], high = habit->object_end[o];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (habit->row[middle].time_us < from_us)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t covered = 0, done = first;
    for (; low < habit->object_end[o] && habit->row[low].time_us <= until_us && done < end; low++) {
        int64_t time_us = habit->row[low].time_us;
        uint32_t left = lower_bound(chance->sorted_us, done, end, time_us - window_us);
        uint32_t right = lower_bound(chance->sorted_us, left, end, time_us + window_us + 1);
        covered += right - left;
        done = right;
    }
    return (double)covered / (end - first);
}

/* tau in every window, for an object used by a. */
static const double *coverages(struct lks_chance_habit *habit, uint32_t o, uint32_t h)
{
    const struct lks_chance *chance = habit->chance;
    unsigned windows = chance->counts.windows_used;
    uint64_t mixed = ((uint64_t)o << 32 | h) * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(mixed >> 32) % COVERAGES_COUNT;
    struct coverage *known = &habit->known[at];
    double *share = habit->known_share + at * windows;
    if (known->stamp == habit->stamp && known->object == o && known->stratum == h)
        return share;
    *known = (struct coverage){habit->stamp, o, h};
    for (unsigned w = 0; w < windows; w++) {
        int64_t window_us = chance->counts.windows_us[w];
        if (window_us > chance->object_reach_us[o])
            window_us = chance->object_reach_us[o];
        share[w] = coverage(habit, o, h, window_us);
    }
    return share;
}

/* The shortest time between a use of o by a and time_us. */
static int64_t nearest(const struct lks_chance_habit *habit, uint32_t o, int64_t time_us)
{
    uint32_t low = habit->object_first[o], high = habit->object_end[o];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (habit->row[middle].time_us < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    int64_t lag = INT64_MAX;
    if (low < habit->object_end[o])
        lag = habit->row[low].time_us - time_us;
    if (low > habit->object_first[o] && time_us - habit->row[low - 1].time_us < lag)
        lag = time_us - habit->row[low - 1].time_us;
    return lag;
}

/* Adds what habit on one object, uses first .. end - 1 of b, explains. */
static void add_object(struct lks_chance_habit *habit, uint32_t b, size_t first, size_t end)
{
    const struct lks_chance *chance = habit->chance;
    unsigned windows = chance->counts.windows_used;
    uint32_t o = habit->pair[first].object, row = chance->presence_first[b];
    uint32_t strata = chance->presence_first[b + 1] - row;
    uint32_t posts = chance->account_first[b + 1] - chance->account_first[b];
    double always = posts > 1 ? (double)(end - first - 1) / (posts - 1) : 0;
    double common = (double)(habit->authors->users[o] - 1) / (chance->events->accounts_count - 1);
    int is_rare = chance->object_rare[o];
    int64_t lag_us = INT64_MAX;
    for (size_t i = first; i < end; i++) {
        int64_t lag = nearest(habit, o, habit->pair[i].time_us);
        lag_us = lag < lag_us ? lag : lag_us;
    }
    if (lag_us > chance->object_reach_us[o])
        return;
    for (unsigned w = 0; w < windows; w++) {
        if (lag_us > chance->counts.windows_us[w])
            continue;
        if (is_rare && common > habit->common[2 * w])
            habit->common[2 * w] = common;
        if (common > habit->common[2 * w + 1])
            habit->common[2 * w + 1] = common;
    }
    if (end - first < 2)
        return; /* used once: no habit */
    size_t next = first;
    for (uint32_t i = 0; i < strata; i++) {
        size_t here = 0;
        while (next < end && habit->pair[next].stratum == i) {
            next++;
            here++;
        }
        uint32_t posts_here = chance->presence_posts[row + i];
        double theta = here > 1 ? (double)(here - 1) / (posts_here - 1) : 0;
        theta = theta > always ? theta : always;
        if (!(theta > 0))
            continue;
        const double *tau = coverages(habit, o, chance->presence_stratum[row + i]);
        for (unsigned w = 0; w < windows; w++) {
            double share = theta * tau[w];
            habit->share[((size_t)i * windows + w) * 2] += is_rare ? share : 0;
            habit->share[((size_t)i * windows + w) * 2 + 1] += share;
        }
    }
}

int lks_chance_habit_pair(struct lks_chance_habit *habit, uint32_t b, const double **share_out,
                          const double **common_out, struct lks_error *err)
{
    const uint32_t *account_place = habit->authors->account_place;
    const struct lks_chance *chance = habit->chance;
    const struct lks_events *events = chance->events;
    unsigned tests = 2 * chance->counts.windows_used;
    uint32_t row = chance->presence_first[b], stratum = 0;
    size_t shares = (size_t)(chance->presence_first[b + 1] - row) * tests;
    if (lks_budget_grow(chance->budget, &habit->share, &habit->share_capacity, shares,
                        sizeof *habit->share, err))
        return LKS_EMEMORY;
    memset(habit->share, 0, shares * sizeof *habit->share);
    memset(habit->common, 0, sizeof habit->common);
    habit->pair_count = 0;
    for (uint32_t i = chance->account_first[b]; i < chance->account_first[b + 1]; i++) {
        uint32_t p = chance->stratum_post[account_place[i]];
        while (chance->presence_stratum[row + stratum] != chance->post_stratum[p])
            stratum++;
        for (uint32_t j = chance->post_event_first[p]; j < chance->post_event_first[p + 1]; j++) {
            struct use use = {chance->post_object[j], stratum, events->post_time_us[p]};
            if (habit->object_stamp[use.object] == habit->stamp &&
                add_use(chance->budget, &habit->pair, &habit->pair_count, &habit->pair_capacity,
                        use, err))
                return LKS_EMEMORY;
        }
    }
    sort_uses(habit->pair, habit->pair_count);
    for (size_t first = 0, end; first < habit->pair_count; first = end) {
        for (end = first + 1;
             end < habit->pair_count && habit->pair[end].object == habit->pair[first].object;)
            end++;
        add_object(habit, b, first, end);
    }
    for (size_t i = 0; i < shares; i++)
        habit->share[i] = habit->share[i] < 1 ? habit->share[i] : 1;
    *share_out = habit->share;
    *common_out = habit->common;
    return 0;
}
