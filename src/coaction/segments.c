/* segments.c - what is scanned for one account, and in which order
 *
 * The windows of an account's events, put together where they overlap on one object:
 *
 *   windows    |------|                          segments of a union:  |-----------|   |---|
 *                 |--------|   |---|             of a cover:           |--|---|----|   |---|
 *                                                which adds             1   2   1        1
 *
 * An account that floods an object costs what the object is long, not the square. Where units are
 * posts, overlapping windows are cut where they begin and end, and a stretch adds as many units as
 * windows cover it: at least what is true, so that no partner is lost.
 *
 * The widest units, together worth less than the threshold, cannot make a candidate by
 * themselves (prefix filter: Chaudhuri, Ganti and Kaushik 2006; Bayardo, Ma and Srikant
 * 2007). They are the tail, scanned last, for partners that the head met. */
#include "coaction/segments.h"

#include "coaction/keys.h"

enum {
    DENSE = 2,         /* windows that cover their union so often are not scanned one by one */
    AHEAD_WINDOW = 32, /* events: what memory takes to answer, in the time of scanning some */
    AHEAD_PARTNER = 16,
    LINES = 6 /* of a window: then the machine goes on by itself */
};

/* ---- what is scanned ---- */

static int room_for_row(struct lks_coaction_counter *counter, size_t count,
                        struct lks_budget *budget, struct lks_error *err)
{
    if (lks_budget_grow(budget, &counter->runs, &counter->runs_capacity, count,
                        sizeof *counter->runs, err) < 0 ||
        lks_budget_grow(budget, &counter->segments, &counter->segments_capacity, 2 * count,
                        sizeof *counter->segments, err) < 0 ||
        lks_budget_grow(budget, &counter->units, &counter->units_capacity, count,
                        sizeof *counter->units, err) < 0)
        return LKS_EMEMORY;
    return lks_budget_grow(budget, &counter->order, &counter->order_capacity, 4 * count, 8, err);
}

static void segment_add(struct lks_coaction_counter *counter, uint32_t first, uint32_t end,
                        uint32_t unit, uint32_t add, uint32_t dense)
{
    counter->segments[counter->segments_count++] =
        (struct lks_coaction_segment){.first = first,
                                      .end = end,
                                      .unit = unit,
                                      .run = (uint32_t)counter->runs_count,
                                      .add = add,
                                      .dense = dense};
}

/* The windows of one run as they cover the object, overlapping ones together. */
static void segments_union(struct lks_coaction_counter *counter,
                           const struct lks_coaction_rows *rows, const struct lks_coaction_own *own,
                           size_t count, uint32_t unit)
{
    struct lks_coaction_window window = lks_coaction_window_of(rows, &own[0]);
    for (size_t i = 1; i < count; i++) {
        struct lks_coaction_window next = lks_coaction_window_of(rows, &own[i]);
        if (next.first > window.end) {
            segment_add(counter, window.first, window.end, unit, 1, 0);
            window.first = next.first;
        }
        window.end = next.end;
    }
    segment_add(counter, window.first, window.end, unit, 1, 0);
}

static uint32_t sum_of(uint64_t units, uint32_t weight)
{
    return units * weight < LKS_COACTION_SUM_MAX ? (uint32_t)(units * weight)
                                                 : LKS_COACTION_SUM_MAX;
}

/* The same, cut where windows begin and end: each stretch with how many cover it. */
static void segments_cover(struct lks_coaction_counter *counter,
                           const struct lks_coaction_rows *rows, const struct lks_coaction_own *own,
                           size_t count, uint32_t unit, uint32_t weight)
{
    size_t begun = 0, ended = 0;
    uint32_t at = 0;
    while (ended < count) {
        uint32_t end = lks_coaction_window_of(rows, &own[ended]).end;
        uint32_t begin =
            begun < count ? lks_coaction_window_of(rows, &own[begun]).first : UINT32_MAX;
        uint32_t next = begin < end ? begin : end, cover = (uint32_t)(begun - ended);
        if (cover && next > at)
            segment_add(counter, at, next, unit, sum_of(cover, weight), 1);
        at = next;
        if (begin < end)
            begun++;
        else
            ended++;
    }
}

static void unit_add(struct lks_coaction_counter *counter, uint64_t entries, uint32_t weight)
{
    counter->units[counter->units_count++] =
        (struct lks_coaction_unit){.entries = entries, .weight = weight};
}

/* One run: its pairs, and its segments. A unit of a post is numbered when the posts are known:
 * until then a segment's unit is the event's position in the row. */
static void run_add(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                    const struct lks_coaction_options *options,
                    const struct lks_coaction_account_bound *bound, int by_post, uint32_t begin,
                    uint32_t end, const struct lks_coaction_own *row)
{
    const struct lks_coaction_own *own = row + begin;
    size_t count = end - begin, own_first = 0, own_end = 0, before = counter->segments_count;
    uint64_t entries = 0, covered = 0;
    uint32_t last_end = 0;
    for (size_t i = 0; i < count; i++) {
        struct lks_coaction_window window = lks_coaction_window_of(rows, &own[i]);
        while (own[own_first].place < window.first)
            own_first++;
        while (own_end < count && own[own_end].place < window.end)
            own_end++;
        uint64_t size = window.end - window.first;
        entries += size;
        covered += window.end - (window.first > last_end ? window.first : last_end);
        last_end = window.end;
        counter->pairs_twice += size - (own_end - own_first);
    }
    int one_by_one = (options->without & LKS_COACTION_NO_UNION) != 0;
    uint32_t unit = (uint32_t)counter->units_count;
    if (by_post && (one_by_one || entries <= DENSE * covered)) {
        for (uint32_t i = begin; i < end; i++) {
            struct lks_coaction_window window = lks_coaction_window_of(rows, &row[i]);
            segment_add(counter, window.first, window.end, i, 1, 0);
        }
    } else if (by_post) {
        uint32_t weight = bound ? 0 : 1;
        for (size_t i = 0; bound && i < count; i++) {
            uint32_t load = lks_coaction_bound_at(bound, own[i].place);
            weight = load > weight ? load : weight;
        }
        segments_cover(counter, rows, own, count, unit, weight);
        unit_add(counter, covered, sum_of(count, weight));
    } else if (one_by_one) {
        for (size_t i = 0; i < count; i++) {
            struct lks_coaction_window window = lks_coaction_window_of(rows, &own[i]);
            segment_add(counter, window.first, window.end, unit, 1, 0);
        }
        unit_add(counter, entries, 1);
    } else {
        segments_union(counter, rows, own, count, unit);
        unit_add(counter, covered, 1);
    }
    counter->runs[counter->runs_count++] =
        (struct lks_coaction_run){.begin = begin,
                                  .end = end,
                                  .segment_begin = (uint32_t)before,
                                  .segment_end = (uint32_t)counter->segments_count};
}

/* Numbers the units of segments that are an event each: one a post. It weighs what the heaviest
 * of its events may, and each of them adds that: only the first that meets a partner does. */
static void units_of_posts(struct lks_coaction_counter *counter, const struct lks_events *events,
                           const struct lks_coaction_rows *rows,
                           const struct lks_coaction_account_bound *bound,
                           const struct lks_coaction_own *row)
{
    uint64_t *keys = counter->order;
    size_t count = 0, segments = counter->segments_count;
    for (size_t i = 0; i < segments; i++)
        if (!counter->segments[i].dense)
            keys[count++] =
                (uint64_t)events->post[rows->kept[row[counter->segments[i].unit].place]] << 32 | i;
    lks_coaction_keys_sort(keys, keys + segments, count);
    for (size_t i = 0; i < count; i++) {
        struct lks_coaction_segment *segment = &counter->segments[(uint32_t)keys[i]];
        uint32_t weight = bound ? lks_coaction_bound_at(bound, row[segment->unit].place) : 1;
        if (i == 0 || keys[i] >> 32 != keys[i - 1] >> 32)
            unit_add(counter, 0, 0);
        segment->unit = (uint32_t)counter->units_count - 1;
        struct lks_coaction_unit *unit = &counter->units[segment->unit];
        unit->entries += segment->end - segment->first;
        unit->weight = unit->weight < weight ? weight : unit->weight;
    }
    for (size_t i = 0; i < count; i++) {
        struct lks_coaction_segment *segment = &counter->segments[(uint32_t)keys[i]];
        segment->add = counter->units[segment->unit].weight;
    }
}

/* Asks memory for what some later event needs; the next accounts' events follow in place[].
 * Always inlined: a function that only prefetches has no effect that gcc knows of, and its calls
 * would be dropped. */
__attribute__((always_inline)) static inline void ask_ahead(
    const struct lks_coaction_rows *rows, const struct lks_events *events,
    const struct lks_coaction_account_bound *bound, int by_post, size_t at)
{
    if (at + AHEAD_WINDOW >= rows->count)
        return;
    if (by_post) {
        uint32_t place = rows->own[at + AHEAD_WINDOW].place;
        __builtin_prefetch(&rows->kept[place]);
        __builtin_prefetch(&events->post[rows->kept[rows->own[at + AHEAD_PARTNER].place]]);
        if (bound)
            __builtin_prefetch(&bound->load_log2[place]);
    }
    const struct lks_coaction_own *own = &rows->own[at + AHEAD_PARTNER];
    if (own->near.after == LKS_COACTION_FAR)
        return;
    struct lks_coaction_window window = lks_coaction_window_of(rows, own);
    const uint32_t *partner = rows->partner + window.first, *end = rows->partner + window.end;
    for (int line = 0; line < LINES && partner < end; line++, partner += 16)
        __builtin_prefetch(partner);
}

int lks_coaction_row_cut(struct lks_coaction_counter *counter, const struct lks_events *events,
                         const struct lks_coaction_rows *rows,
                         const struct lks_coaction_options *options,
                         const struct lks_coaction_account_bound *bound, int by_post, uint32_t rank,
                         struct lks_budget *budget, struct lks_error *err)
{
    const struct lks_coaction_own *row = rows->own + rows->start[rank];
    uint32_t count = rows->start[rank + 1] - rows->start[rank];
    counter->runs_count = counter->segments_count = counter->units_count = 0;
    if (room_for_row(counter, count, budget, err) < 0)
        return LKS_EMEMORY;
    for (uint32_t begin = 0, end; begin < count; begin = end) {
        ask_ahead(rows, events, bound, by_post, rows->start[rank] + begin);
        for (end = begin + 1; end < count && row[end].near.before & LKS_COACTION_GOES_ON;)
            end++;
        run_add(counter, rows, options, bound, by_post, begin, end, row);
    }
    if (by_post)
        units_of_posts(counter, events, rows, bound, row);
    return 0;
}

/* ---- head and tail ---- */

void lks_coaction_tail_choose(struct lks_coaction_counter *counter, uint32_t threshold)
{
    uint64_t *keys = counter->order;
    size_t count = counter->units_count;
    uint32_t worth = 0;
    if (threshold == 2) { /* the most usual by far: the widest of weight 1 */
        size_t widest = count;
        for (size_t i = 0; i < count; i++)
            if (counter->units[i].weight == 1 &&
                (widest == count || counter->units[i].entries > counter->units[widest].entries))
                widest = i;
        if (widest < count)
            counter->units[widest].tail = 1;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t entries = counter->units[i].entries;
        keys[i] = (UINT32_MAX - (entries < UINT32_MAX ? entries : UINT32_MAX)) << 32 | i;
    }
    lks_coaction_keys_sort(keys, keys + count, count);
    for (size_t i = 0; i < count; i++) {
        struct lks_coaction_unit *unit = &counter->units[(uint32_t)keys[i]];
        if (worth + unit->weight >= threshold)
            continue;
        worth += unit->weight;
        unit->tail = 1;
    }
}

int lks_coaction_tail_slide(struct lks_coaction_counter *counter,
                            const struct lks_coaction_rows *rows, struct lks_budget *budget,
                            struct lks_error *err)
{
    const struct lks_coaction_segment *segments = counter->segments;
    int64_t most = 0;
    for (size_t i = 0; i < counter->segments_count; i++) {
        uint32_t size = segments[i].end - segments[i].first;
        uint32_t way = lks_coaction_slide_way(&counter->slide, segments[i].first, segments[i].end);
        int64_t gain = 2 * (int64_t)size - way;
        if (gain <= most || segments[i].dense || counter->units[segments[i].unit].weight > 1)
            continue;
        most = gain;
        counter->slides = (uint32_t)i;
    }
    if (counter->slides == UINT32_MAX)
        return 0;
    for (size_t i = 0; i < counter->units_count; i++)
        counter->units[i].tail = i == segments[counter->slides].unit;
    return lks_coaction_slide_to(&counter->slide, rows, segments[counter->slides].first,
                                 segments[counter->slides].end, budget, err);
}

uint64_t lks_coaction_segments_order(struct lks_coaction_counter *counter, int by_post)
{
    size_t at = 0, segments = counter->segments_count;
    uint64_t tail_entries = 0;
    for (uint32_t tail = 0; tail < 2; tail++) {
        for (size_t i = 0; i < segments; i++) {
            const struct lks_coaction_segment *segment = &counter->segments[i];
            if (counter->units[segment->unit].tail != tail)
                continue;
            counter->order[at++] = (uint64_t)tail << 63 | (uint64_t)segment->unit << 32 | i;
            tail_entries += tail * (segment->end - segment->first);
        }
        if (tail == 0)
            counter->head_count = at;
    }
    /* Objects come in order by themselves. */
    if (by_post)
        lks_coaction_keys_sort(counter->order, counter->order + segments, segments);
    return tail_entries;
}
