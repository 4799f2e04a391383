/* count.c - which partners of one account may reach the thresholds, and where they met
 *
 * Gustavson's row-by-row product (ACM TOMS 4(3), 1978) of the events-by-events matrix of
 * windows, never written out: the windows of one account are scanned, and for each partner
 * of higher rank a slot sums what the units add in which it was met. A unit is an object, or a
 * post of the account's when more occasions are asked for than objects (occasions are at
 * most its matched posts). A partner whose sum reaches the threshold is a candidate. Where one unit
 * is enough but several pairs are asked for, a slot sums an upper bound of the pairs instead.
 *
 *   partner[]   . . b c | d b b | . . . e b | .      segments: what the account's windows cover
 *   picks       b c d b b e b                        those of higher rank
 *   slots       b: 3  c: 1  d: 1  e: 1               2 or 4 bytes a rank: stamp and sum
 *   hits        (b, place, run) ...                  events of candidates, for the measuring
 *
 * Three savings, none of which loses a pair that reaches the threshold (each can be left out,
 * and tests do): overlapping windows are one segment; the widest units only add to
 * partners that others met (both in segments.c); and where those are few, or few can still
 * make it, they are looked up in their own rows instead of scanning the widest (tail.c).
 *
 * Cost: a few cycles an entry of the segments, which is the floor of the
 * method. */
#include "coaction/count.h"

#include <string.h>

#include "base/threads.h"
#include "coaction/keys.h"
#include "coaction/segments.h"
#include "coaction/tail.h"

enum { AHEAD = 8 };

/* ---- counting ---- */

int lks_coaction_segments_scan(struct lks_coaction_counter *counter,
                               const struct lks_coaction_rows *rows, uint32_t rank, size_t first,
                               size_t end, struct lks_budget *budget, struct lks_error *err)
{
    size_t picks = first ? counter->segments[(uint32_t)counter->order[first - 1]].picks_end : 0;
    uint32_t low = rank + 1, span = counter->ranks_end - low;
    uint32_t unit_last = UINT32_MAX; /* head and tail share no unit */
    for (size_t i = first; i < end; i++) {
        struct lks_coaction_segment *segment = &counter->segments[(uint32_t)counter->order[i]];
        size_t size = segment->end - segment->first;
        if ((uint32_t)counter->order[i] == counter->slides) {
            segment->picks_end = picks;
            continue;
        }
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
        if (segment->unit != unit_last || segment->dense)
            lks_coaction_sums_unit(&counter->sums);
        unit_last = segment->unit;
        /* An event that is picked is at most a pair with each event of the run. */
        const struct lks_coaction_run *run = &counter->runs[segment->run];
        uint32_t add = counter->sums.each ? run->end - run->begin : segment->add;
        uint32_t tail = counter->units[segment->unit].tail;
        if (counter->slides != UINT32_MAX && !tail && add < 2)
            counter->candidates_count += lks_coaction_sums_add_near(
                &counter->sums, counter->picks + picks, picked, &counter->slide,
                counter->candidates + counter->candidates_count);
        else
            counter->candidates_count += lks_coaction_sums_add(
                &counter->sums, counter->picks + picks, picked, add, tail ? 0 : add,
                counter->candidates + counter->candidates_count);
        picks += picked;
        segment->picks_end = picks;
    }
    return 0;
}

/* ---- all of it ---- */

static uint32_t pairs_threshold(const struct lks_coaction_options *options)
{
    return options->min_pairs < LKS_COACTION_SUM_MAX ? (uint32_t)options->min_pairs
                                                     : LKS_COACTION_SUM_MAX;
}

int lks_coaction_count(struct lks_coaction_counter *counter, const struct lks_events *events,
                       const struct lks_coaction_rows *rows,
                       const struct lks_coaction_options *options,
                       const struct lks_coaction_bounds *bounds, uint32_t rank,
                       const struct lks_control *control, struct lks_budget *budget,
                       struct lks_error *err)
{
    const struct lks_coaction_account_bound *bound = bounds ? &counter->bound : NULL;
    uint32_t objects = options->min_objects > 1 ? options->min_objects : 1;
    int by_post = counter->by_post = bound || options->min_occasions > objects;
    uint32_t threshold = bound ? options->min_score : by_post ? options->min_occasions : objects;
    uint64_t tail_entries, weight = 0;
    threshold = threshold < 1                      ? 1
                : threshold > LKS_COACTION_SUM_MAX ? LKS_COACTION_SUM_MAX
                                                   : threshold;
    counter->candidates_count = 0;
    counter->ranks_end = (uint32_t)rows->ranks_count;
    if (bounds) {
        uint32_t place = rows->own[rows->start[rank]].place;
        counter->ranks_end =
            lks_coaction_bounds_end(bounds, rows->start[rank + 1] - rows->start[rank]);
        counter->bound = lks_coaction_bounds_of(bounds, rank);
        /* It is out, or what partners need is more than it has. */
        if (rows->partner[place] != rank || counter->ranks_end <= rank + 1)
            return 0;
    }
    if (lks_coaction_row_cut(counter, events, rows, options, bound, by_post, rank, budget, err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0; i < counter->units_count; i++)
        weight += counter->units[i].weight;
    if (weight < threshold)
        return 0;
    counter->sums.each = !bound && threshold == 1 && options->min_pairs > 1 &&
                         !(options->without & LKS_COACTION_NO_PRUNING);
    if (lks_coaction_sums_start(&counter->sums, rows->ranks_count,
                                counter->sums.each ? pairs_threshold(options) : threshold,
                                counter->segments_count, budget, err) < 0)
        return LKS_EMEMORY;
    if (!counter->sums.each && counter->sums.threshold > 1 &&
        !(options->without & LKS_COACTION_NO_PREFIX))
        lks_coaction_tail_choose(counter, threshold);
    counter->slides = UINT32_MAX;
    if (!counter->sums.is_wide && counter->sums.threshold == 2 && !counter->sums.each &&
        !(options->without & (LKS_COACTION_NO_PREFIX | LKS_COACTION_NO_SLIDE)) &&
        lks_coaction_tail_slide(counter, rows, budget, err) < 0)
        return LKS_EMEMORY;
    tail_entries = lks_coaction_segments_order(counter, by_post);
    if (lks_coaction_units_scan(counter, rows, options, rank, tail_entries, budget, err) < 0)
        return LKS_EMEMORY;
    if (lks_cancelled(control))
        return lks_error_set(err, LKS_ECANCELLED, "cancelled");
    return 0;
}

void lks_coaction_counter_free(struct lks_coaction_counter *counter, size_t ranks_count,
                               struct lks_budget *budget)
{
    lks_coaction_sums_free(&counter->sums, ranks_count, budget);
    lks_coaction_slide_free(&counter->slide, ranks_count, budget);
    lks_budget_free(budget, counter->picks, counter->picks_capacity, 4);
    lks_budget_free(budget, counter->indexes, counter->indexes_capacity, 4);
    lks_budget_free(budget, counter->candidates, counter->candidates_capacity, 4);
    lks_budget_free(budget, counter->open, counter->open_capacity, 4);
    lks_budget_free(budget, counter->hits, counter->hits_capacity, 8);
    lks_budget_free(budget, counter->hit_at, counter->hit_at_capacity, sizeof *counter->hit_at);
    lks_budget_free(budget, counter->spare, counter->spare_capacity, 8);
    lks_budget_free(budget, counter->runs, counter->runs_capacity, sizeof *counter->runs);
    lks_budget_free(budget, counter->segments, counter->segments_capacity,
                    sizeof *counter->segments);
    lks_budget_free(budget, counter->units, counter->units_capacity, sizeof *counter->units);
    lks_budget_free(budget, counter->order, counter->order_capacity, 8);
    memset(counter, 0, sizeof *counter);
}
