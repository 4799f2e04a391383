/* coaction_count.c - which partners of one account may reach the thresholds, and where they met
 *
 * Gustavson's row-by-row product (ACM TOMS 4(3), 1978) of the events-by-events matrix of
 * windows, never written out: the windows of one account are scanned, and for each partner
 * of higher rank a slot sums what the units add in which it was met. A unit is an object, or a
 * post of the account's when more occasions are asked for than objects (occasions are at
 * most its matched posts). A partner whose sum reaches the threshold is a candidate.
 *
 *   partner[]   . . b c | d b b | . . . e b | .      segments: what the account's windows cover
 *   picks       b c d b b e b                        those of higher rank
 *   slots       b: 3  c: 1  d: 1  e: 1               4 bytes a rank: stamp 20 bits, sum 12
 *   hits        (b, place) (b, place) ...            events of candidates, for the measuring
 *
 * Three savings, none of which loses a pair that reaches the threshold (each can be left out,
 * and tests do):
 *
 *   union   Overlapping windows on one object are one segment: an account that floods an
 *           object costs what the object is long, not the square. Where units are posts,
 *           overlapping windows are cut where they begin and end, and a stretch adds as
 *           many units as windows cover it: at least what is true.
 *   prefix  The widest units, together worth less than the threshold, cannot make a
 *           partner by themselves: they add to those that the others met (the "tail").
 *   lookup  Where the others met few, the tail is not scanned at all: they are looked up
 *           in their own rows, a binary search each.
 *
 * A slot is cleared by its age: stamps rise over accounts, and what is older than the account's
 * first counts as empty. Cost: a few cycles an entry of the segments, which is the floor of the
 * method. */
#include "signal/coaction_count.h"

#include <string.h>

#include "base/threads.h"
#include "signal/coaction_keys.h"

enum {
    SUM_BITS = 12,
    SUM_MAX = (1 << SUM_BITS) - 1,
    STAMP_MAX = (1 << (32 - SUM_BITS)) - 1,
    LOOKUP_COST = 24, /* entries that can be scanned in the time of one search (measured) */
    DENSE = 2,        /* windows that cover their union so often are not scanned one by one */
    AHEAD = 8
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
                           const struct lks_coaction_rows *rows, const uint32_t *place,
                           size_t count, uint32_t unit)
{
    struct lks_coaction_window window = rows->window[place[0]];
    for (size_t i = 1; i < count; i++) {
        struct lks_coaction_window next = rows->window[place[i]];
        if (next.first > window.end) {
            segment_add(counter, window.first, window.end, unit, 1, 0);
            window.first = next.first;
        }
        window.end = next.end;
    }
    segment_add(counter, window.first, window.end, unit, 1, 0);
}

/* The same, cut where windows begin and end: each stretch with how many cover it. */
static void segments_cover(struct lks_coaction_counter *counter,
                           const struct lks_coaction_rows *rows, const uint32_t *place,
                           size_t count, uint32_t unit)
{
    size_t begun = 0, ended = 0;
    uint32_t at = 0;
    while (ended < count) {
        uint32_t end = rows->window[place[ended]].end;
        uint32_t begin = begun < count ? rows->window[place[begun]].first : UINT32_MAX;
        uint32_t next = begin < end ? begin : end, cover = (uint32_t)(begun - ended);
        if (cover && next > at)
            segment_add(counter, at, next, unit, cover < SUM_MAX ? cover : SUM_MAX, 1);
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
                    const struct lks_coaction_options *options, int by_post, uint32_t begin,
                    uint32_t end, const uint32_t *row)
{
    const uint32_t *place = row + begin;
    size_t count = end - begin, own_first = 0, own_end = 0, before = counter->segments_count;
    uint64_t entries = 0, covered = 0;
    for (size_t i = 0; i < count; i++) {
        struct lks_coaction_window window = rows->window[place[i]];
        while (place[own_first] < window.first)
            own_first++;
        while (own_end < count && place[own_end] < window.end)
            own_end++;
        uint64_t size = window.end - window.first;
        entries += size;
        uint32_t last_end = i ? rows->window[place[i - 1]].end : 0;
        covered += window.end - (window.first > last_end ? window.first : last_end);
        counter->pairs_twice += size - (own_end - own_first);
    }
    int one_by_one = (options->without & LKS_COACTION_NO_UNION) != 0;
    uint32_t unit = (uint32_t)counter->units_count;
    if (by_post && (one_by_one || entries <= DENSE * covered)) {
        for (uint32_t i = begin; i < end; i++)
            segment_add(counter, rows->window[row[i]].first, rows->window[row[i]].end, i, 1, 0);
    } else if (by_post) {
        segments_cover(counter, rows, place, count, unit);
        unit_add(counter, covered, count < SUM_MAX ? (uint32_t)count : SUM_MAX);
    } else if (one_by_one) {
        for (size_t i = 0; i < count; i++)
            segment_add(counter, rows->window[place[i]].first, rows->window[place[i]].end, unit, 1,
                        0);
        unit_add(counter, entries, 1);
    } else {
        segments_union(counter, rows, place, count, unit);
        unit_add(counter, covered, 1);
    }
    counter->runs[counter->runs_count++] =
        (struct lks_coaction_run){.begin = begin,
                                  .end = end,
                                  .segment_begin = (uint32_t)before,
                                  .segment_end = (uint32_t)counter->segments_count};
}

/* Numbers the units of segments that are an event each: one a post. */
static void units_of_posts(struct lks_coaction_counter *counter, const struct lks_events *events,
                           const struct lks_coaction_rows *rows, const uint32_t *row)
{
    uint64_t *keys = counter->order;
    size_t count = 0, segments = counter->segments_count;
    for (size_t i = 0; i < segments; i++)
        if (!counter->segments[i].dense)
            keys[count++] =
                (uint64_t)events->post[rows->kept[row[counter->segments[i].unit]]] << 32 | i;
    lks_coaction_keys_sort(keys, keys + segments, count);
    for (size_t i = 0; i < count; i++) {
        struct lks_coaction_segment *segment = &counter->segments[(uint32_t)keys[i]];
        if (i == 0 || keys[i] >> 32 != keys[i - 1] >> 32)
            unit_add(counter, 0, 1);
        segment->unit = (uint32_t)counter->units_count - 1;
        counter->units[segment->unit].entries += segment->end - segment->first;
    }
}

/* Cuts the account's row into runs, segments and units. */
static int row_cut(struct lks_coaction_counter *counter, const struct lks_events *events,
                   const struct lks_coaction_rows *rows, const struct lks_coaction_options *options,
                   int by_post, uint32_t rank, struct lks_budget *budget, struct lks_error *err)
{
    const uint32_t *row = rows->place + rows->start[rank];
    uint32_t count = rows->start[rank + 1] - rows->start[rank];
    counter->runs_count = counter->segments_count = counter->units_count = 0;
    if (room_for_row(counter, count, budget, err) < 0)
        return LKS_EMEMORY;
    for (uint32_t begin = 0, end; begin < count; begin = end) {
        if (begin + AHEAD < count) {
            __builtin_prefetch(&rows->window[row[begin + AHEAD]]);
            __builtin_prefetch(&rows->begins[row[begin + AHEAD] >> 6]);
        }
        uint32_t object = lks_coaction_object_of(rows, row[begin]);
        for (end = begin + 1; end < count && lks_coaction_object_of(rows, row[end]) == object;)
            end++;
        run_add(counter, rows, options, by_post, begin, end, row);
    }
    if (by_post)
        units_of_posts(counter, events, rows, row);
    return 0;
}

/* ---- head and tail ---- */

/* Marks as tail the widest units that together stay below the threshold. */
static void tail_choose(struct lks_coaction_counter *counter, uint32_t threshold)
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

/* Puts the segments in order: head before tail, those of one unit together. Returns the entries
 * of the tail. */
static uint64_t segments_order(struct lks_coaction_counter *counter, int by_post)
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

/* ---- counting ---- */

/* Adds a segment's picks to their sums; those that reach the threshold become candidates. */
static size_t sums_add(uint32_t *slots, const uint32_t *picks, size_t count, uint32_t base,
                       uint32_t unit, uint32_t add, uint32_t add_new, uint32_t threshold,
                       uint32_t *candidates)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t partner = picks[i], slot = slots[partner];
        slot = slot < base ? base : slot;
        uint32_t sum = slot & SUM_MAX;
        uint32_t more = sum ? add : add_new;
        more = slot - sum == unit ? 0 : more;
        uint32_t next = sum + more;
        next = next < SUM_MAX ? next : SUM_MAX;
        slots[partner] = unit | next;
        candidates[found] = partner;
        found += (sum < threshold) & (next >= threshold);
    }
    return found;
}

/* Scans segments order[first .. end - 1]. */
static int scan_segments(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                         uint32_t rank, uint32_t threshold, size_t first, size_t end, uint32_t base,
                         struct lks_budget *budget, struct lks_error *err)
{
    size_t picks = first ? counter->segments[(uint32_t)counter->order[first - 1]].picks_end : 0;
    uint32_t low = rank + 1, span = (uint32_t)rows->ranks_count - low;
    uint32_t unit_last = UINT32_MAX; /* head and tail share no unit */
    for (size_t i = first; i < end; i++) {
        struct lks_coaction_segment *segment = &counter->segments[(uint32_t)counter->order[i]];
        size_t size = segment->end - segment->first;
        /* Windows lie anywhere in the array: the wait for one covers the next ones' too. */
        if (i + AHEAD < end) {
            const struct lks_coaction_segment *ahead =
                &counter->segments[(uint32_t)counter->order[i + AHEAD]];
            __builtin_prefetch(rows->partner + ahead->first);
            __builtin_prefetch(rows->partner + ahead->first + 16);
        }
        if (lks_budget_grow(budget, &counter->picks, &counter->picks_capacity,
                            picks + size + LKS_COACTION_PICK_SLACK, 4, err) < 0)
            return LKS_EMEMORY;
        size_t picked = counter->paths.pick(rows->partner + segment->first, size, low, span,
                                            counter->picks + picks);
        if (lks_budget_grow(budget, &counter->candidates, &counter->candidates_capacity,
                            counter->candidates_count + picked + 1, 4, err) < 0)
            return LKS_EMEMORY;
        if (counter->segments_count + 8 <= STAMP_MAX || unit_last == UINT32_MAX)
            counter->stamp += segment->unit != unit_last || segment->dense;
        unit_last = segment->unit;
        counter->candidates_count += sums_add(
            counter->slots, counter->picks + picks, picked, base, counter->stamp << SUM_BITS,
            segment->add, counter->units[segment->unit].tail ? 0 : segment->add, threshold,
            counter->candidates + counter->candidates_count);
        picks += picked;
        segment->picks_end = picks;
    }
    return 0;
}

/* The first place of the partner's row that is `wanted` or later; its last if none is. */
static const uint32_t *row_seek(const struct lks_coaction_rows *rows, uint32_t partner,
                                uint32_t wanted)
{
    const uint32_t *place = rows->place + rows->start[partner];
    size_t count = rows->start[partner + 1] - rows->start[partner];
    while (count > 1) {
        size_t half = count / 2;
        place += place[half - 1] < wanted ? half : 0;
        count -= half;
    }
    return place;
}

static int row_has(const struct lks_coaction_rows *rows, uint32_t partner,
                   const struct lks_coaction_segment *segment)
{
    const uint32_t *place = row_seek(rows, partner, segment->first);
    return *place >= segment->first && *place < segment->end;
}

/* Looks the partners met so far up in the tail, instead of scanning it. */
static int look_up_tail(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                        uint32_t threshold, size_t picks, struct lks_budget *budget,
                        struct lks_error *err)
{
    uint32_t unit = ++counter->stamp << SUM_BITS;
    for (size_t i = 0; i < picks; i++) {
        uint32_t partner = counter->picks[i], slot = counter->slots[partner];
        uint32_t sum = slot & SUM_MAX, unit_found = UINT32_MAX;
        if (slot - sum == unit)
            continue;
        uint32_t reached = sum;
        for (size_t j = counter->head_count; j < counter->segments_count; j++) {
            const struct lks_coaction_segment *segment =
                &counter->segments[(uint32_t)counter->order[j]];
            if ((segment->unit != unit_found || segment->dense) &&
                row_has(rows, partner, segment)) {
                unit_found = segment->unit;
                reached += segment->add;
            }
        }
        reached = reached < SUM_MAX ? reached : SUM_MAX;
        counter->slots[partner] = unit | reached;
        if (sum >= threshold || reached < threshold)
            continue;
        if (lks_budget_grow(budget, &counter->candidates, &counter->candidates_capacity,
                            counter->candidates_count + 1, 4, err) < 0)
            return LKS_EMEMORY;
        counter->candidates[counter->candidates_count++] = partner;
    }
    return 0;
}

/* ---- hits ---- */

static int hits_room(struct lks_coaction_counter *counter, size_t more, struct lks_budget *budget,
                     struct lks_error *err)
{
    return lks_budget_grow(budget, &counter->hits, &counter->hits_capacity,
                           counter->hits_count + more + 1, 8, err);
}

/* Hits of the segments order[0 .. end - 1], which were scanned. */
static int hits_of_picks(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                         uint32_t rank, uint32_t threshold, uint32_t base, size_t end,
                         struct lks_budget *budget, struct lks_error *err)
{
    size_t at = 0;
    uint32_t low = rank + 1, span = (uint32_t)rows->ranks_count - low;
    for (size_t i = 0; i < end; i++) {
        const struct lks_coaction_segment *segment =
            &counter->segments[(uint32_t)counter->order[i]];
        const uint32_t *picks = counter->picks + at;
        size_t count = segment->picks_end - at, size = segment->end - segment->first;
        size_t found = 0;
        at = segment->picks_end;
        if (hits_room(counter, count, budget, err) < 0)
            return LKS_EMEMORY;
        uint64_t *hits = counter->hits + counter->hits_count;
        for (size_t j = 0; j < count; j++) {
            uint32_t slot = counter->slots[picks[j]];
            hits[found] = (uint64_t)picks[j] << 32 | j;
            found += (slot >= base) & ((slot & SUM_MAX) >= threshold);
        }
        if (found == 0)
            continue;
        if (lks_budget_grow(budget, &counter->indexes, &counter->indexes_capacity,
                            size + LKS_COACTION_PICK_SLACK, 4, err) < 0)
            return LKS_EMEMORY;
        counter->paths.pick_index(rows->partner + segment->first, size, low, span,
                                  counter->indexes);
        for (size_t j = 0; j < found; j++)
            hits[j] +=
                segment->first + (uint64_t)counter->indexes[(uint32_t)hits[j]] - (uint32_t)hits[j];
        counter->hits_count += found;
    }
    return 0;
}

/* Hits of the segments order[first ...], by the rows of the candidates. */
static int hits_of_rows(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                        size_t first, struct lks_budget *budget, struct lks_error *err)
{
    for (size_t c = 0; c < counter->candidates_count; c++) {
        uint32_t partner = counter->candidates[c];
        const uint32_t *end = rows->place + rows->start[partner + 1];
        for (size_t i = first; i < counter->segments_count; i++) {
            const struct lks_coaction_segment *segment =
                &counter->segments[(uint32_t)counter->order[i]];
            const uint32_t *place = row_seek(rows, partner, segment->first);
            for (place += *place < segment->first; place < end && *place < segment->end; place++) {
                if (hits_room(counter, 1, budget, err) < 0)
                    return LKS_EMEMORY;
                counter->hits[counter->hits_count++] = (uint64_t)partner << 32 | *place;
            }
        }
    }
    return 0;
}

static int hits_finish(struct lks_coaction_counter *counter, struct lks_budget *budget,
                       struct lks_error *err)
{
    if (lks_budget_grow(budget, &counter->spare, &counter->spare_capacity, counter->hits_count, 8,
                        err) < 0)
        return LKS_EMEMORY;
    lks_coaction_keys_sort(counter->hits, counter->spare, counter->hits_count);
    /* Windows scanned one by one may hold an event twice. */
    size_t kept = 0;
    for (size_t i = 0; i < counter->hits_count; i++)
        if (kept == 0 || counter->hits[kept - 1] != counter->hits[i])
            counter->hits[kept++] = counter->hits[i];
    counter->hits_count = kept;
    return 0;
}

/* ---- all of it ---- */

/* Makes sure that no stamp of the account is one of an earlier account's. */
static int stamps_start(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                        struct lks_budget *budget, struct lks_error *err)
{
    /* Where one account has more segments than there are stamps, sums would forget: all of its
     * partners are looked at then, for which two stamps do. */
    uint64_t needed = (uint64_t)counter->segments_count + 8;
    if (!counter->slots) {
        if (lks_coaction_array(budget, &counter->slots, rows->ranks_count, 4, err) < 0)
            return LKS_EMEMORY;
    } else if (counter->stamp + needed > STAMP_MAX) {
        memset(counter->slots, 0, rows->ranks_count * 4);
        counter->stamp = 0;
    }
    return 0;
}

int lks_coaction_count(struct lks_coaction_counter *counter, const struct lks_events *events,
                       const struct lks_coaction_rows *rows,
                       const struct lks_coaction_options *options, uint32_t rank,
                       const struct lks_control *control, struct lks_budget *budget,
                       struct lks_error *err)
{
    int by_post = options->min_occasions > options->min_objects;
    uint32_t threshold = by_post ? options->min_occasions : options->min_objects;
    uint64_t tail_entries, weight = 0;
    threshold = threshold < 1 ? 1 : threshold > SUM_MAX ? SUM_MAX : threshold;
    counter->hits_count = counter->candidates_count = 0;
    if (row_cut(counter, events, rows, options, by_post, rank, budget, err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0; i < counter->units_count; i++)
        weight += counter->units[i].weight;
    if (weight < threshold)
        return 0;
    if (stamps_start(counter, rows, budget, err) < 0)
        return LKS_EMEMORY;
    if (counter->segments_count + 8 > STAMP_MAX)
        threshold = 1;
    uint32_t base = ++counter->stamp << SUM_BITS;
    if (threshold > 1 && !(options->without & LKS_COACTION_NO_PREFIX))
        tail_choose(counter, threshold);
    tail_entries = segments_order(counter, by_post);
    size_t segments = counter->segments_count, head = counter->head_count;
    if (scan_segments(counter, rows, rank, threshold, 0, head, base, budget, err) < 0)
        return LKS_EMEMORY;
    size_t picks = head ? counter->segments[(uint32_t)counter->order[head - 1]].picks_end : 0;
    counter->scanned_count = head;
    if (head < segments && !(options->without & LKS_COACTION_NO_LOOKUP) &&
        (uint64_t)picks * (segments - head) * LOOKUP_COST < tail_entries) {
        if (look_up_tail(counter, rows, threshold, picks, budget, err) < 0)
            return LKS_EMEMORY;
    } else {
        if (scan_segments(counter, rows, rank, threshold, head, segments, base, budget, err) < 0)
            return LKS_EMEMORY;
        counter->scanned_count = segments;
        if (segments)
            picks = counter->segments[(uint32_t)counter->order[segments - 1]].picks_end;
    }
    if (lks_cancelled(control))
        return lks_error_set(err, LKS_ECANCELLED, "cancelled");
    if (counter->candidates_count == 0)
        return 0;
    size_t scanned = counter->scanned_count;
    if ((uint64_t)counter->candidates_count * scanned * LOOKUP_COST < picks)
        scanned = 0;
    else if (hits_of_picks(counter, rows, rank, threshold, base, scanned, budget, err) < 0)
        return LKS_EMEMORY;
    if (scanned < segments && hits_of_rows(counter, rows, scanned, budget, err) < 0)
        return LKS_EMEMORY;
    return hits_finish(counter, budget, err);
}

void lks_coaction_counter_free(struct lks_coaction_counter *counter, size_t ranks_count,
                               struct lks_budget *budget)
{
    lks_budget_free(budget, counter->slots, ranks_count, 4);
    lks_budget_free(budget, counter->picks, counter->picks_capacity, 4);
    lks_budget_free(budget, counter->indexes, counter->indexes_capacity, 4);
    lks_budget_free(budget, counter->candidates, counter->candidates_capacity, 4);
    lks_budget_free(budget, counter->hits, counter->hits_capacity, 8);
    lks_budget_free(budget, counter->spare, counter->spare_capacity, 8);
    lks_budget_free(budget, counter->runs, counter->runs_capacity, sizeof *counter->runs);
    lks_budget_free(budget, counter->segments, counter->segments_capacity,
                    sizeof *counter->segments);
    lks_budget_free(budget, counter->units, counter->units_capacity, sizeof *counter->units);
    lks_budget_free(budget, counter->order, counter->order_capacity, 8);
    memset(counter, 0, sizeof *counter);
}
