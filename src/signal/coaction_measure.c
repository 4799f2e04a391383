/* coaction_measure.c - the candidates of one account, measured
 *
 * Counting leaves (candidate, run) for every object on which the account met it. So nothing is
 * merged: of the candidate's row only its events in those runs are searched, from one run to
 * the next, and only they and the account's are fetched from the columns. An account with
 * a thousand events that met another one twice costs two searches. Several windows are measured
 * on the same events, which the widest found. */
#include "signal/coaction_measure.h"

#include <string.h>

#include "base/threads.h"

/* The first position from `at` on whose place is `wanted` or more. */
static size_t row_seek(const uint32_t *place, size_t at, size_t count, uint32_t wanted)
{
    size_t step = 1, low = at, high;
    if (at >= count || place[at] >= wanted)
        return at;
    while (low + step < count && place[low + step] < wanted) {
        low += step;
        step *= 2;
    }
    high = low + step < count ? low + step : count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (place[middle] < wanted)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static void row_fetch(const struct lks_events *events, uint32_t event, uint32_t object,
                      struct lks_coaction_row *row)
{
    *row = (struct lks_coaction_row){object, events->post[event], events->time_us[event]};
}

/* The account's own events of a run, fetched when first asked for. */
static void own_fill(struct lks_coaction_measure *m, const struct lks_events *events,
                     const struct lks_coaction_rows *rows, const struct lks_coaction_counter *c,
                     uint32_t rank, uint32_t run)
{
    const uint32_t *kept = rows->kept, *place = rows->place + rows->start[rank];
    const struct lks_coaction_run *r = &c->runs[run];
    if (m->own_filled[run] == rank + 1)
        return;
    m->own_filled[run] = rank + 1;
    uint32_t object = events->object[kept[place[r->begin]]];
    for (uint32_t i = r->begin; i < r->end; i++)
        row_fetch(events, kept[place[i]], object, &m->own[i]);
}

/* What one candidate shares: hits[count] are its runs. */
static int shared_fill(struct lks_coaction_measure *m, const struct lks_events *events,
                       const struct lks_coaction_rows *rows, const struct lks_coaction_counter *c,
                       uint32_t rank, const uint64_t *hits, size_t count, struct lks_budget *budget,
                       struct lks_error *err)
{
    uint32_t partner = (uint32_t)(hits[0] >> 32);
    const uint32_t *place = rows->place + rows->start[partner];
    size_t length = rows->start[partner + 1] - rows->start[partner], at = 0, others = 0;
    if (lks_budget_grow(budget, &m->shared, &m->shared_capacity, count, sizeof *m->shared, err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0; i < count; i++) {
        uint32_t run = (uint32_t)hits[i];
        const struct lks_coaction_run *r = &c->runs[run];
        own_fill(m, events, rows, c, rank, run);
        at = row_seek(place, at, length, c->segments[r->segment_begin].first);
        size_t from = at;
        uint32_t end = c->segments[r->segment_end - 1].end;
        while (at < length && place[at] < end)
            at++;
        if (lks_budget_grow(budget, &m->others, &m->others_capacity, others + (at - from),
                            sizeof *m->others, err) < 0)
            return LKS_EMEMORY;
        uint32_t object = m->own[r->begin].object;
        m->shared[i] = (struct lks_coaction_shared){.a_begin = r->begin,
                                                    .a_end = r->end,
                                                    .b_begin = others,
                                                    .b_end = others + (at - from),
                                                    .object = object};
        for (size_t j = from; j < at; j++)
            row_fetch(events, rows->kept[place[j]], object, &m->others[others++]);
    }
    return 0;
}

/* Sides change places where the partner has the smaller id. */
static void shared_turn(struct lks_coaction_measure *m, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct lks_coaction_shared *s = &m->shared[i];
        *s = (struct lks_coaction_shared){s->b_begin, s->b_end, s->a_begin, s->a_end, s->object};
    }
}

int lks_coaction_measure(struct lks_coaction_measure *m, const struct lks_events *events,
                         const struct lks_coaction_rows *rows, const struct lks_coaction_counter *c,
                         const struct lks_coaction_options *options, size_t options_count,
                         uint32_t rank, const struct lks_control *control,
                         struct lks_coaction_edges *edges, struct lks_budget *budget,
                         struct lks_error *err)
{
    size_t row_count = rows->start[rank + 1] - rows->start[rank];
    size_t filled_before = m->filled_capacity;
    if (c->hits_count == 0)
        return 0;
    if (lks_budget_grow(budget, &m->own, &m->own_capacity, row_count, sizeof *m->own, err) < 0 ||
        lks_budget_grow(budget, &m->own_filled, &m->filled_capacity, c->runs_count, 4, err) < 0)
        return LKS_EMEMORY;
    memset(m->own_filled + filled_before, 0, (m->filled_capacity - filled_before) * 4);
    for (size_t i = 0, end; i < c->hits_count; i = end) {
        uint32_t partner = (uint32_t)(c->hits[i] >> 32);
        for (end = i + 1; end < c->hits_count && c->hits[end] >> 32 == partner;)
            end++;
        if (shared_fill(m, events, rows, c, rank, c->hits + i, end - i, budget, err) < 0)
            return LKS_EMEMORY;
        uint32_t a = rows->account[rank], b = rows->account[partner];
        int turned = a > b;
        if (turned)
            shared_turn(m, end - i);
        for (size_t w = 0; w < options_count; w++) {
            struct lks_coaction_edges *list = &edges[w];
            if (lks_budget_grow(budget, &list->items, &list->capacity, list->count + 1,
                                sizeof *list->items, err) < 0)
                return LKS_EMEMORY;
            struct lks_edge *edge = &list->items[list->count];
            edge->a = turned ? b : a;
            edge->b = turned ? a : b;
            int kept = lks_coaction_pair(events, &options[w], turned ? m->others : m->own,
                                         turned ? m->own : m->others, m->shared, end - i, &m->pair,
                                         budget, edge, err);
            if (kept < 0)
                return kept;
            list->count += (size_t)kept;
        }
        if ((++m->pairs_measured & 1023) == 0 && lks_cancelled(control))
            return lks_error_set(err, LKS_ECANCELLED, "cancelled");
    }
    return 0;
}

void lks_coaction_measure_free(struct lks_coaction_measure *m, struct lks_budget *budget)
{
    lks_budget_free(budget, m->own, m->own_capacity, sizeof *m->own);
    lks_budget_free(budget, m->others, m->others_capacity, sizeof *m->others);
    lks_budget_free(budget, m->shared, m->shared_capacity, sizeof *m->shared);
    lks_budget_free(budget, m->own_filled, m->filled_capacity, 4);
    lks_coaction_pair_scratch_free(&m->pair, budget);
    memset(m, 0, sizeof *m);
}
