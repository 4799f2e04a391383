/* measure.c - the candidates of one account, measured
 *
 * Counting leaves (candidate, place, run) for every event of a candidate in a window of the account.
 * So nothing is merged or searched: an account with a thousand events that met another one twice
 * costs what two events cost. They lie anywhere in the columns, and waiting for memory is
 * nearly all that measuring costs: so they are fetched window after window, as counting met them,
 * which keeps to few pages, and asked for some ahead; then dealt to the candidates. Several
 * windows are measured on the same events, which the widest found; those narrow ones in which the
 * two did not meet on enough objects are told by the least gap on each and not measured at all. */
#include "coaction/measure.h"

#include <string.h>

#include "base/threads.h"

enum {
    HITS_AT_HAND = 1 << 14, /* fetched at a time */
    AHEAD_KEPT = 64,        /* hits: what memory takes to answer */
    AHEAD_COLUMNS = 32
};

/* Hits begin .. begin + count - 1, which are whole candidates. Where they are all hits of the
 * account, they are fetched in the order of hit_at, else in their own. */
struct hand {
    size_t begin, count;
    int is_all;
};

static const struct lks_coaction_hit *hit_of(const struct lks_coaction_counter *c,
                                             const struct hand *hand, size_t i)
{
    return &c->hit_at[hand->is_all ? i : (uint32_t)c->hits[hand->begin + i]];
}

/* Asks for the account's events in the runs of the hits at hand; returns how many runs. */
static size_t own_ask(struct lks_coaction_measure *m, const struct lks_events *events,
                      const struct lks_coaction_rows *rows, const struct lks_coaction_counter *c,
                      uint32_t rank, const struct hand *hand)
{
    const struct lks_coaction_own *own = rows->own + rows->start[rank];
    size_t fills = 0;
    for (size_t i = 0; i < hand->count; i++) {
        uint32_t run = hit_of(c, hand, i)->run;
        if (m->own_filled[run] == rank + 1)
            continue;
        m->own_filled[run] = rank + 1;
        m->fills[fills++] = run;
    }
    for (size_t i = 0; i < fills; i++) {
        uint32_t place = own[c->runs[m->fills[i]].begin].place, event = rows->kept[place];
        __builtin_prefetch(&rows->begins[place >> 6]);
        __builtin_prefetch(&events->post[event]);
        __builtin_prefetch(&events->time_us[event]);
    }
    return fills;
}

static void own_fill(struct lks_coaction_measure *m, const struct lks_events *events,
                     const struct lks_coaction_rows *rows, const struct lks_coaction_counter *c,
                     uint32_t rank, size_t fills)
{
    const uint32_t *kept = rows->kept;
    const struct lks_coaction_own *own = rows->own + rows->start[rank];
    for (size_t i = 0; i < fills; i++) {
        const struct lks_coaction_run *run = &c->runs[m->fills[i]];
        m->own_kind[m->fills[i]] = rows->kind[lks_coaction_object_of(rows, own[run->begin].place)];
        for (uint32_t j = run->begin; j < run->end; j++) {
            uint32_t event = kept[own[j].place];
            m->own[j] = (struct lks_coaction_row){events->post[event], events->time_us[event]};
        }
    }
}

/* Always inlined: it only prefetches, and gcc would drop the call. */
__attribute__((always_inline)) static inline void hit_ask(const struct lks_events *events,
                                                          const struct lks_coaction_rows *rows,
                                                          const struct lks_coaction_hit *hit)
{
    uint32_t event = rows->kept[hit->place];
    __builtin_prefetch(&events->post[event]);
    __builtin_prefetch(&events->time_us[event]);
}

/* Fetches the hits at hand, and what they met. */
static int hits_fetch(struct lks_coaction_measure *m, const struct lks_events *events,
                      const struct lks_coaction_rows *rows, const struct lks_coaction_counter *c,
                      uint32_t rank, const struct hand *hand, struct lks_budget *budget,
                      struct lks_error *err)
{
    size_t count = hand->count, asked = count < AHEAD_COLUMNS ? count : AHEAD_COLUMNS;
    if (lks_budget_grow(budget, &m->fetched, &m->fetched_capacity, count, sizeof *m->fetched, err) <
            0 ||
        lks_budget_grow(budget, &m->others, &m->others_capacity, count, sizeof *m->others, err) <
            0 ||
        lks_budget_grow(budget, &m->shared, &m->shared_capacity, count, sizeof *m->shared, err) <
            0 ||
        lks_budget_grow(budget, &m->fills, &m->fills_capacity, c->runs_count, 4, err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0; i < count && i < AHEAD_KEPT; i++)
        __builtin_prefetch(&rows->kept[hit_of(c, hand, i)->place]);
    size_t fills = own_ask(m, events, rows, c, rank, hand);
    for (size_t i = 0; i < asked; i++)
        hit_ask(events, rows, hit_of(c, hand, i));
    own_fill(m, events, rows, c, rank, fills);
    for (size_t i = 0; i < count; i++) {
        const struct lks_coaction_hit *hit = hit_of(c, hand, i);
        if (i + AHEAD_KEPT < count)
            __builtin_prefetch(&rows->kept[hit_of(c, hand, i + AHEAD_KEPT)->place]);
        if (i + AHEAD_COLUMNS < count)
            hit_ask(events, rows, hit_of(c, hand, i + AHEAD_COLUMNS));
        uint32_t event = rows->kept[hit->place];
        m->fetched[i] = (struct lks_coaction_row){events->post[event], events->time_us[event]};
    }
    return 0;
}

/* What the candidate of the hits first .. end - 1 shares, its events in others[]; returns on how
 * many objects. */
static size_t shared_fill(struct lks_coaction_measure *m, const struct lks_coaction_counter *c,
                          const struct hand *hand, size_t first, size_t end)
{
    size_t count = 0;
    uint32_t last = UINT32_MAX;
    for (size_t i = first; i < end; i++) {
        uint32_t at = (uint32_t)c->hits[i], run = c->hit_at[at].run;
        m->others[i - first] = m->fetched[hand->is_all ? at : i - hand->begin];
        if (run == last) {
            m->shared[count - 1].b_end++;
            continue;
        }
        last = run;
        m->shared[count++] = (struct lks_coaction_shared){.a_begin = c->runs[run].begin,
                                                          .a_end = c->runs[run].end,
                                                          .b_begin = i - first,
                                                          .b_end = i - first + 1,
                                                          .kind = m->own_kind[run]};
    }
    return count;
}

/* Sides change places where the partner has the smaller id. */
static void shared_turn(struct lks_coaction_measure *m, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct lks_coaction_shared *s = &m->shared[i];
        *s = (struct lks_coaction_shared){s->b_begin, s->b_end, s->a_begin, s->a_end, s->kind};
    }
}

/* What measuring reads, the same for all candidates of an account. */
struct reading {
    const struct lks_events *events;
    const struct lks_coaction_rows *rows;
    const struct lks_coaction_counter *counter;
    const struct lks_coaction_null *null;
    const struct lks_coaction_options *widest, *options;
    size_t options_count;
    uint32_t rank;
};

/* How many events of other accounts are in the window of a place, on its object. */
static uint64_t others_near(const struct reading *r, uint32_t place)
{
    const uint32_t *others = r->null->crowd.others[0];
    if (others)
        return others[r->rows->kept[place]];
    struct lks_coaction_window window = lks_coaction_window_at(r->rows, place);
    return lks_coaction_others(r->rows, place, window.first, window.end);
}

static uint64_t load_at(const struct reading *r, uint32_t place, int64_t window_us)
{
    return lks_coaction_load(r->null, r->rows->kept[place], others_near(r, place), window_us);
}

/* The score of one candidate; hits are its events, in the order of others[]. */
static int candidate_score(struct lks_coaction_measure *m, const struct reading *r,
                           const uint64_t *hits, size_t shared_count, int turned,
                           const struct lks_edge *edge, struct lks_budget *budget,
                           uint32_t *score_out, struct lks_error *err)
{
    const struct lks_coaction_own *row = r->rows->own + r->rows->start[r->rank];
    size_t own = r->rows->start[r->rank + 1] - r->rows->start[r->rank];
    size_t others = turned ? m->shared[shared_count - 1].a_end : m->shared[shared_count - 1].b_end;
    if (lks_coaction_score_room(&m->score, turned ? others : own, turned ? own : others, budget,
                                err) < 0)
        return LKS_EMEMORY;
    uint64_t *own_load = turned ? m->score.load_b : m->score.load_a;
    uint64_t *others_load = turned ? m->score.load_a : m->score.load_b;
    for (size_t i = 0; i < shared_count; i++) {
        const struct lks_coaction_shared *s = &m->shared[i];
        int64_t window_us = r->widest->window_us[s->kind];
        if (window_us < 0)
            continue;
        for (size_t j = turned ? s->b_begin : s->a_begin; j < (turned ? s->b_end : s->a_end); j++)
            own_load[j] = load_at(r, row[j].place, window_us);
        for (size_t j = turned ? s->a_begin : s->b_begin; j < (turned ? s->a_end : s->b_end); j++)
            others_load[j] = load_at(r, r->counter->hit_at[(uint32_t)hits[j]].place, window_us);
    }
    *score_out =
        lks_coaction_score(r->null, r->widest, edge->a, edge->b, turned ? m->others : m->own,
                           turned ? m->own : m->others, m->shared, shared_count, &m->score);
    return 0;
}

/* The least gap of two events on each shared object: says of every window on how many of them the
 * two met in it. Sides are as they came. */
static int gaps_find(struct lks_coaction_measure *m, size_t shared_count, struct lks_budget *budget,
                     struct lks_error *err)
{
    if (lks_budget_grow(budget, &m->gap_us, &m->gap_capacity, shared_count, sizeof *m->gap_us,
                        err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0; i < shared_count; i++) {
        const struct lks_coaction_shared *s = &m->shared[i];
        size_t a = s->a_begin, b = s->b_begin;
        int64_t least_us = INT64_MAX;
        while (a < s->a_end && b < s->b_end) {
            int64_t gap_us = m->others[b].time_us - m->own[a].time_us;
            int64_t away_us = gap_us < 0 ? -gap_us : gap_us;
            least_us = away_us < least_us ? away_us : least_us;
            a += gap_us >= 0;
            b += gap_us < 0;
        }
        m->gap_us[i] = least_us;
    }
    return 0;
}

/* Whether the candidate met on enough objects in the window. */
static int window_may_keep(const struct lks_coaction_measure *m,
                           const struct lks_coaction_options *options, size_t shared_count)
{
    uint32_t objects = 0;
    for (size_t i = 0; i < shared_count; i++)
        objects += m->gap_us[i] <= options->window_us[m->shared[i].kind];
    return objects && objects >= options->min_objects;
}

/* Leaves what LKS_COACTION_COUNTS names. */
static void edge_strip(struct lks_edge *edge)
{
    struct lks_edge counts = {.a = edge->a,
                              .b = edge->b,
                              .pairs_count = edge->pairs_count,
                              .objects_count = edge->objects_count,
                              .score = edge->score};
    memcpy(counts.kind_objects, edge->kind_objects, sizeof counts.kind_objects);
    *edge = counts;
}

/* Measures one candidate in every window. hits are its events, in the order of others[]. */
static int candidate_measure(struct lks_coaction_measure *m, const struct reading *r, uint32_t b,
                             const uint64_t *hits, size_t shared_count,
                             struct lks_coaction_edge_list *edges, struct lks_budget *budget,
                             struct lks_error *err)
{
    uint32_t a = r->rows->account[r->rank];
    int turned = a > b;
    if (r->options_count > 1 && gaps_find(m, shared_count, budget, err) < 0)
        return LKS_EMEMORY;
    if (turned)
        shared_turn(m, shared_count);
    for (size_t w = 0; w < r->options_count; w++) {
        struct lks_coaction_edge_list *list = &edges[w];
        if (r->options_count > 1 && !window_may_keep(m, &r->options[w], shared_count))
            continue;
        if (lks_budget_grow(budget, &list->items, &list->capacity, list->count + 1,
                            sizeof *list->items, err) < 0)
            return LKS_EMEMORY;
        struct lks_edge *edge = &list->items[list->count];
        edge->a = turned ? b : a;
        edge->b = turned ? a : b;
        int kept = lks_coaction_pair(&r->options[w], turned ? m->others : m->own,
                                     turned ? m->own : m->others, m->shared, shared_count, &m->pair,
                                     budget, edge, err);
        if (kept < 0)
            return kept;
        if (kept && r->widest->min_score) {
            uint32_t score;
            if (candidate_score(m, r, hits, shared_count, turned, edge, budget, &score, err) < 0)
                return LKS_EMEMORY;
            edge->score = score;
            kept = score >= r->widest->min_score;
        }
        if (r->widest->fields == LKS_COACTION_COUNTS)
            edge_strip(edge);
        list->count += (size_t)kept;
    }
    return 0;
}

int lks_coaction_measure(struct lks_coaction_measure *m, const struct lks_events *events,
                         const struct lks_coaction_rows *rows, const struct lks_coaction_counter *c,
                         const struct lks_coaction_null *null,
                         const struct lks_coaction_options *widest,
                         const struct lks_coaction_options *options, size_t options_count,
                         uint32_t rank, const struct lks_control *control,
                         struct lks_coaction_edge_list *edges, struct lks_budget *budget,
                         struct lks_error *err)
{
    const struct reading reading = {events, rows, c, null, widest, options, options_count, rank};
    size_t row_count = rows->start[rank + 1] - rows->start[rank];
    size_t filled_before = m->filled_capacity;
    if (c->hits_count == 0)
        return 0;
    if (lks_budget_grow(budget, &m->own, &m->own_capacity, row_count, sizeof *m->own, err) < 0 ||
        lks_budget_grow(budget, &m->own_filled, &m->filled_capacity, c->runs_count, 4, err) < 0 ||
        lks_budget_grow(budget, &m->own_kind, &m->kind_capacity, c->runs_count, 1, err) < 0)
        return LKS_EMEMORY;
    memset(m->own_filled + filled_before, 0, (m->filled_capacity - filled_before) * 4);
    for (size_t begin = 0, end; begin < c->hits_count; begin = end) {
        /* Whole candidates, until there are enough. */
        end = c->hits_count - begin <= HITS_AT_HAND ? c->hits_count : begin + HITS_AT_HAND;
        while (end < c->hits_count && c->hits[end] >> 32 == c->hits[end - 1] >> 32)
            end++;
        const struct hand hand = {begin, end - begin, begin == 0 && end == c->hits_count};
        if (hits_fetch(m, events, rows, c, rank, &hand, budget, err) < 0)
            return LKS_EMEMORY;
        for (size_t i = begin, next; i < end; i = next) {
            uint32_t partner = (uint32_t)(c->hits[i] >> 32);
            for (next = i + 1; next < end && c->hits[next] >> 32 == partner;)
                next++;
            size_t shared_count = shared_fill(m, c, &hand, i, next);
            int code = candidate_measure(m, &reading, rows->account[partner], c->hits + i,
                                         shared_count, edges, budget, err);
            if (code < 0)
                return code;
            if ((++m->pairs_measured & 1023) == 0 && lks_cancelled(control))
                return lks_error_set(err, LKS_ECANCELLED, "cancelled");
        }
    }
    return 0;
}

void lks_coaction_measure_free(struct lks_coaction_measure *m, struct lks_budget *budget)
{
    lks_budget_free(budget, m->own, m->own_capacity, sizeof *m->own);
    lks_budget_free(budget, m->others, m->others_capacity, sizeof *m->others);
    lks_budget_free(budget, m->shared, m->shared_capacity, sizeof *m->shared);
    lks_budget_free(budget, m->own_filled, m->filled_capacity, 4);
    lks_budget_free(budget, m->own_kind, m->kind_capacity, 1);
    lks_budget_free(budget, m->fills, m->fills_capacity, 4);
    lks_budget_free(budget, m->gap_us, m->gap_capacity, sizeof *m->gap_us);
    lks_budget_free(budget, m->fetched, m->fetched_capacity, sizeof *m->fetched);
    lks_coaction_pair_scratch_free(&m->pair, budget);
    lks_coaction_score_scratch_free(&m->score, budget);
    memset(m, 0, sizeof *m);
}
