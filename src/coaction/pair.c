/* pair.c - everything about one pair of accounts, from their two rows
 *
 * Counting (count.c) finds the few pairs that can reach the thresholds; here each
 * of them is measured. The two rows are merged by object. On a shared object four pointers
 * move once over b's events while a's are walked in time:
 *
 *      b:  . . . | x x x | = = | x x x x | . .        time ->
 *               first   same  after     end
 *
 * first .. end - 1 is the window of a's event, first .. same - 1 are strictly earlier,
 * after .. end - 1 strictly later; counts, leads and lags follow without a look at single
 * pairs. The ranges, put on one line over all objects, are the graph of the matching. */
#include "coaction/pair.h"

#include <string.h>

#include "coaction/keys.h"
#include "coaction/small.h"

__extension__ typedef __int128 wide;

static int left_room(struct lks_coaction_pair_scratch *s, struct lks_budget *budget, size_t needed,
                     struct lks_error *err)
{
    uint32_t **arrays[5] = {&s->left_of, &s->first, &s->end, &s->left_start, &s->left_event};
    if (needed < s->left_capacity[5]) /* the last to grow */
        return 0;
    for (int i = 0; i < 5; i++)
        if (lks_budget_grow(budget, arrays[i], &s->left_capacity[i], needed + 1, 4, err) < 0)
            return LKS_EMEMORY;
    return lks_budget_grow(budget, &s->left_key, &s->left_capacity[5], needed + 1, 8, err);
}

static int right_room(struct lks_coaction_pair_scratch *s, struct lks_budget *budget, size_t needed,
                      struct lks_error *err)
{
    if (needed < s->right_capacity[1])
        return 0;
    if (lks_budget_grow(budget, &s->right_of, &s->right_capacity[0], needed + 1, 4, err) < 0)
        return LKS_EMEMORY;
    return lks_budget_grow(budget, &s->right_key, &s->right_capacity[1], needed + 1, 8, err);
}

/* What the walk over one object needs of b's events, moving forward only. */
struct pointers {
    size_t first, same, after, end;
    wide earlier_us, later_us; /* sums of times in first..same and after..end */
};

static void pointers_move(struct pointers *p, const struct lks_coaction_row *row, size_t row_end,
                          int64_t time_us, int64_t window_us)
{
    while (p->end < row_end && row[p->end].time_us - time_us <= window_us)
        p->later_us += row[p->end++].time_us;
    while (p->after < p->end && row[p->after].time_us <= time_us)
        p->later_us -= row[p->after++].time_us;
    while (p->same < p->after && row[p->same].time_us < time_us)
        p->earlier_us += row[p->same++].time_us;
    while (p->first < p->same && time_us - row[p->first].time_us > window_us)
        p->earlier_us -= row[p->first++].time_us;
}

/* Adds the matches on one object to the edge and to the graph of the matching. */
static void walk_object(int64_t window_us, const struct lks_coaction_row *a,
                        const struct lks_coaction_row *b, const struct lks_coaction_shared *shared,
                        struct lks_coaction_pair_scratch *s, struct lks_edge *edge, wide *lag_us)
{
    struct pointers p = {shared->b_begin, shared->b_begin, shared->b_begin, shared->b_begin, 0, 0};
    size_t base = s->right_count, taken = shared->b_begin;
    uint64_t pairs_before = edge->pairs_count;
    for (size_t i = shared->a_begin; i < shared->a_end; i++) {
        int64_t time_us = a[i].time_us;
        pointers_move(&p, b, shared->b_end, time_us, window_us);
        if (p.first == p.end)
            continue;
        int64_t low_us = b[p.first].time_us;
        int64_t high_us = b[p.end - 1].time_us;
        edge->pairs_count += p.end - p.first;
        edge->b_first += p.same - p.first;
        edge->a_first += p.end - p.after;
        *lag_us += (wide)time_us * (wide)(p.same - p.first) - p.earlier_us;
        *lag_us += p.later_us - (wide)time_us * (wide)(p.end - p.after);
        if (low_us > time_us)
            low_us = time_us;
        if (high_us < time_us)
            high_us = time_us;
        if (edge->first_us > low_us)
            edge->first_us = low_us;
        if (edge->last_us < high_us)
            edge->last_us = high_us;
        s->first[s->left_count] = (uint32_t)(base + p.first - shared->b_begin);
        s->end[s->left_count] = (uint32_t)(base + p.end - shared->b_begin);
        s->left_key[s->left_count] = (uint64_t)a[i].post << 32 | s->left_count;
        s->left_count++;
        /* Ranges rise, so each of b's events is taken down once. */
        for (taken = taken > p.first ? taken : p.first; taken < p.end; taken++)
            s->right_key[s->right_keys++] =
                (uint64_t)b[taken].post << 32 | (base + taken - shared->b_begin);
    }
    s->right_count += shared->b_end - shared->b_begin;
    if (edge->pairs_count > pairs_before) {
        edge->objects_count++;
        edge->kind_objects[shared->kind]++;
    }
}

/* Numbers the posts behind sorted keys from 0, by event; returns how many there are. */
static uint32_t number_posts(const uint64_t *keys, size_t count, uint32_t *post_of)
{
    uint32_t posts = 0;
    for (size_t i = 0; i < count; i++) {
        posts += i == 0 || keys[i] >> 32 != keys[i - 1] >> 32;
        post_of[(uint32_t)keys[i]] = posts - 1;
    }
    return posts;
}

static int count_occasions(struct lks_coaction_pair_scratch *s, struct lks_budget *budget,
                           struct lks_edge *edge, struct lks_error *err)
{
    struct lks_occasions_graph graph = {.left_count = edge->posts_a,
                                        .right_count = edge->posts_b,
                                        .left_of = s->left_of,
                                        .first = s->first,
                                        .end = s->end,
                                        .left_start = s->left_start,
                                        .left_event = s->left_event,
                                        .right_of = s->right_of,
                                        .left_events = s->left_count,
                                        .right_events = s->right_count};
    uint32_t posts = 0;
    for (size_t i = 0; i < s->left_count; i++) {
        if (i == 0 || s->left_key[i] >> 32 != s->left_key[i - 1] >> 32)
            s->left_start[posts++] = (uint32_t)i;
        s->left_event[i] = (uint32_t)s->left_key[i];
    }
    s->left_start[posts] = (uint32_t)s->left_count;
    return lks_occasions_count(&graph, &s->occasions, budget, &edge->occasions_count, err);
}

int lks_coaction_pair(const struct lks_coaction_options *options, const struct lks_coaction_row *a,
                      const struct lks_coaction_row *b, const struct lks_coaction_shared *shared,
                      size_t shared_count, struct lks_coaction_pair_scratch *s,
                      struct lks_budget *budget, struct lks_edge *edge, struct lks_error *err)
{
    wide lag_us = 0;
    int small = 2;
    if (!(options->without & LKS_COACTION_NO_SMALL))
        small = lks_coaction_small(options, a, b, shared, shared_count, edge);
    if (small < 2)
        return small;
    *edge =
        (struct lks_edge){.a = edge->a, .b = edge->b, .first_us = INT64_MAX, .last_us = INT64_MIN};
    s->left_count = s->right_count = s->right_keys = 0;
    for (size_t i = 0; i < shared_count; i++) {
        int64_t window_us = options->window_us[shared[i].kind];
        if (window_us < 0)
            continue;
        if (left_room(s, budget, s->left_count + (shared[i].a_end - shared[i].a_begin), err) < 0 ||
            right_room(s, budget, s->right_count + (shared[i].b_end - shared[i].b_begin), err) < 0)
            return LKS_EMEMORY;
        walk_object(window_us, a, b, &shared[i], s, edge, &lag_us);
    }
    if (edge->pairs_count == 0 || edge->pairs_count < options->min_pairs ||
        edge->objects_count < options->min_objects)
        return 0;
    size_t most = s->left_count > s->right_keys ? s->left_count : s->right_keys;
    if (lks_budget_grow(budget, &s->spare, &s->spare_capacity, most, 8, err) < 0)
        return LKS_EMEMORY;
    lks_coaction_keys_sort(s->left_key, s->spare, s->left_count);
    lks_coaction_keys_sort(s->right_key, s->spare, s->right_keys);
    edge->posts_a = number_posts(s->left_key, s->left_count, s->left_of);
    edge->posts_b = number_posts(s->right_key, s->right_keys, s->right_of);
    if (edge->posts_a < options->min_occasions || edge->posts_b < options->min_occasions)
        return 0;
    edge->lag_mean_us = (double)lag_us / (double)edge->pairs_count;
    if (count_occasions(s, budget, edge, err) < 0)
        return LKS_EMEMORY;
    return edge->occasions_count >= options->min_occasions;
}

void lks_coaction_pair_scratch_free(struct lks_coaction_pair_scratch *s, struct lks_budget *budget)
{
    uint32_t *arrays[5] = {s->left_of, s->first, s->end, s->left_start, s->left_event};
    for (int i = 0; i < 5; i++)
        lks_budget_free(budget, arrays[i], s->left_capacity[i], 4);
    lks_budget_free(budget, s->left_key, s->left_capacity[5], 8);
    lks_budget_free(budget, s->right_of, s->right_capacity[0], 4);
    lks_budget_free(budget, s->right_key, s->right_capacity[1], 8);
    lks_budget_free(budget, s->spare, s->spare_capacity, 8);
    lks_occasions_scratch_free(&s->occasions, budget);
    memset(s, 0, sizeof *s);
}
