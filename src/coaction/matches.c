/* matches.c - the posts behind one pair of accounts */
#include <stdlib.h>
#include <string.h>

#include "base/budget.h"
#include "coaction/coaction.h"

/* A match with the time that orders it. */
struct timed {
    int64_t later_us;
    struct lks_match match;
};

static int compare_matches(const void *left, const void *right)
{
    const struct timed *x = left, *y = right;
    if (x->later_us != y->later_us)
        return x->later_us < y->later_us ? -1 : 1;
    if (x->match.post_a != y->match.post_a)
        return x->match.post_a < y->match.post_a ? -1 : 1;
    if (x->match.post_b != y->match.post_b)
        return x->match.post_b < y->match.post_b ? -1 : 1;
    return (x->match.object > y->match.object) - (x->match.object < y->match.object);
}

/* An event of an account. */
struct listed {
    uint32_t object, post;
    int64_t time_us;
};

/* A stretch of both sides on one object. */
struct common {
    size_t a_begin, a_end, b_begin, b_end;
    uint32_t object;
};

/* An account's events, in the order of struct lks_events. */
struct side {
    const struct listed *row;
    size_t count;
};

/* Advances from `at` to the first row with an object >= wanted. */
static size_t seek(const struct side *side, size_t at, uint32_t wanted)
{
    size_t step = 1, low = at, high;
    if (at >= side->count || side->row[at].object >= wanted)
        return at;
    while (low + step < side->count && side->row[low + step].object < wanted) {
        low += step;
        step *= 2;
    }
    high = low + step < side->count ? low + step : side->count;
    /* row[low] is below, row[high] (or the end) is not. */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (side->row[middle].object < wanted)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static size_t object_end(const struct side *side, size_t at)
{
    uint32_t object = side->row[at].object;
    while (at < side->count && side->row[at].object == object)
        at++;
    return at;
}

/* Moves `shared` (zeroed to start) to the next object of both sides; 0 at the end. The
 * longer row is searched by doubling steps: O(short log long) when lengths differ. */
static int shared_next(const struct side *a, const struct side *b, struct common *shared)
{
    size_t i = shared->a_end, j = shared->b_end;
    while (i < a->count && j < b->count) {
        uint32_t x = a->row[i].object, y = b->row[j].object;
        if (x == y) {
            *shared = (struct common){.a_begin = i,
                                      .a_end = object_end(a, i),
                                      .b_begin = j,
                                      .b_end = object_end(b, j),
                                      .object = x};
            return 1;
        }
        if (x < y)
            i = seek(a, i, y);
        else
            j = seek(b, j, x);
    }
    return 0;
}

/* The rows of one account, picked out of all events. */
static int side_pick(const struct lks_events *events, uint32_t account, struct listed **row_out,
                     size_t *capacity, size_t *count_out, struct lks_budget *budget,
                     struct lks_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < events->count; i++) {
        if (events->account[i] != account)
            continue;
        if (lks_budget_grow(budget, row_out, capacity, count + 1, sizeof **row_out, err) < 0)
            return LKS_EMEMORY;
        (*row_out)[count++] = (struct listed){
            .object = events->object[i], .post = events->post[i], .time_us = events->time_us[i]};
    }
    *count_out = count;
    return 0;
}

struct list {
    struct timed *items;
    size_t count, capacity;
};

static int list_object(struct list *list, int64_t window_us, const struct side *a,
                       const struct side *b, const struct common *shared, struct lks_budget *budget,
                       struct lks_error *err)
{
    size_t first = shared->b_begin;
    for (size_t i = shared->a_begin; i < shared->a_end; i++) {
        int64_t left_us = a->row[i].time_us;
        while (first < shared->b_end && left_us - b->row[first].time_us > window_us)
            first++;
        for (size_t j = first; j < shared->b_end; j++) {
            int64_t right_us = b->row[j].time_us;
            if (right_us - left_us > window_us)
                break;
            if (lks_budget_grow(budget, &list->items, &list->capacity, list->count + 1,
                                sizeof *list->items, err) < 0)
                return LKS_EMEMORY;
            list->items[list->count++] =
                (struct timed){left_us > right_us ? left_us : right_us,
                               {a->row[i].post, b->row[j].post, shared->object}};
        }
    }
    return 0;
}

static int list_matches(struct list *list, const struct lks_events *events,
                        const struct lks_coaction_options *options, const struct side *a,
                        const struct side *b, struct lks_budget *budget, struct lks_error *err)
{
    struct common shared = {0};
    while (shared_next(a, b, &shared)) {
        int64_t window_us = options->window_us[events->object_kind[shared.object]];
        if (window_us >= 0 && list_object(list, window_us, a, b, &shared, budget, err) < 0)
            return LKS_EMEMORY;
    }
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare_matches);
    return 0;
}

int lks_coaction_matches(const struct lks_events *events,
                         const struct lks_coaction_options *options, uint32_t a, uint32_t b,
                         struct lks_match **matches_out, size_t *count_out, struct lks_error *err)
{
    struct lks_budget budget;
    struct listed *row_a = NULL, *row_b = NULL;
    size_t capacity_a = 0, capacity_b = 0;
    struct side side_a = {0}, side_b = {0};
    struct list list = {0};
    *matches_out = NULL;
    *count_out = 0;
    lks_budget_init(&budget, options->memory_bytes, "listing the evidence of an edge");
    int code = side_pick(events, a, &row_a, &capacity_a, &side_a.count, &budget, err);
    if (code == 0)
        code = side_pick(events, b, &row_b, &capacity_b, &side_b.count, &budget, err);
    side_a.row = row_a;
    side_b.row = row_b;
    if (code == 0 && a != b)
        code = list_matches(&list, events, options, &side_a, &side_b, &budget, err);
    if (code == 0) {
        *matches_out = malloc((list.count + 1) * sizeof **matches_out);
        if (!*matches_out)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    for (size_t i = 0; code == 0 && i < list.count; i++)
        (*matches_out)[i] = list.items[i].match;
    *count_out = code == 0 ? list.count : 0;
    lks_budget_free(&budget, row_a, capacity_a, sizeof *row_a);
    lks_budget_free(&budget, row_b, capacity_b, sizeof *row_b);
    lks_budget_free(&budget, list.items, list.capacity, sizeof *list.items);
    return code;
}
