/* hits.c - the events of an account's candidates in its windows
 *
 * Counting leaves who was met in each segment; of these the candidates' are taken, with the place
 * of each in the array that was scanned. Where there are few candidates and many picks, they are
 * looked up in the candidates' own rows instead. */
#include "coaction/hits.h"

#include <string.h>

#include "coaction/keys.h"
#include "coaction/tail.h"

static int hits_room(struct lks_coaction_counter *counter, size_t more, struct lks_budget *budget,
                     struct lks_error *err)
{
    size_t needed = counter->hits_count + more + 1;
    if (lks_budget_grow(budget, &counter->hit_at, &counter->hit_at_capacity, needed,
                        sizeof *counter->hit_at, err) < 0)
        return LKS_EMEMORY;
    return lks_budget_grow(budget, &counter->hits, &counter->hits_capacity, needed, 8, err);
}

/* Hits of the segment that slides. */
static int hits_of_slide(struct lks_coaction_counter *counter, struct lks_budget *budget,
                         struct lks_error *err)
{
    const struct lks_coaction_segment *segment = &counter->segments[counter->slides];
    size_t most = segment->end - segment->first;
    if (lks_budget_grow(budget, &counter->indexes, &counter->indexes_capacity, most, 4, err) < 0)
        return LKS_EMEMORY;
    for (size_t c = 0; c < counter->candidates_count; c++) {
        uint32_t partner = counter->candidates[c];
        if (hits_room(counter, most, budget, err) < 0)
            return LKS_EMEMORY;
        size_t found =
            lks_coaction_slide_places(&counter->slide, partner, segment->first, counter->indexes);
        for (size_t i = 0; i < found; i++) {
            counter->hit_at[counter->hits_count] =
                (struct lks_coaction_hit){counter->indexes[i], segment->run};
            counter->hits[counter->hits_count] = (uint64_t)partner << 32 | counter->hits_count;
            counter->hits_count++;
        }
    }
    return 0;
}

/* Hits of the segments order[0 .. end - 1], which were scanned. */
static int hits_of_picks(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                         uint32_t rank, size_t end, struct lks_budget *budget,
                         struct lks_error *err)
{
    size_t at = 0;
    uint32_t low = rank + 1, span = counter->ranks_end - low;
    for (size_t i = 0; i < end; i++) {
        const struct lks_coaction_segment *segment =
            &counter->segments[(uint32_t)counter->order[i]];
        const uint32_t *picks = counter->picks + at;
        size_t count = segment->picks_end - at, size = segment->end - segment->first;
        size_t found;
        at = segment->picks_end;
        if ((uint32_t)counter->order[i] == counter->slides) {
            if (hits_of_slide(counter, budget, err) < 0)
                return LKS_EMEMORY;
            continue;
        }
        if (hits_room(counter, count, budget, err) < 0)
            return LKS_EMEMORY;
        uint64_t *hits = counter->hits + counter->hits_count;
        found = lks_coaction_sums_hits(&counter->sums, picks, count, hits);
        if (found == 0)
            continue;
        /* What measuring begins with. */
        __builtin_prefetch(
            &rows->kept[rows->own[rows->start[rank] + counter->runs[segment->run].begin].place]);
        if (lks_budget_grow(budget, &counter->indexes, &counter->indexes_capacity,
                            size + LKS_COACTION_PICK_SLACK, 4, err) < 0)
            return LKS_EMEMORY;
        counter->paths.pick_index(rows->partner + segment->first, size, low, span,
                                  counter->indexes);
        for (size_t j = 0; j < found; j++) {
            uint32_t pick = (uint32_t)hits[j];
            counter->hit_at[counter->hits_count] =
                (struct lks_coaction_hit){segment->first + counter->indexes[pick], segment->run};
            hits[j] += counter->hits_count++ - (uint64_t)pick;
        }
    }
    return 0;
}

/* Hits of the segments order[first ...], by the rows of the candidates. */
static int hits_of_rows(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                        size_t first, struct lks_budget *budget, struct lks_error *err)
{
    for (size_t c = 0; c < counter->candidates_count; c++) {
        uint32_t partner = counter->candidates[c];
        const struct lks_coaction_own *end = rows->own + rows->start[partner + 1];
        for (size_t i = first; i < counter->segments_count; i++) {
            const struct lks_coaction_segment *segment =
                &counter->segments[(uint32_t)counter->order[i]];
            const struct lks_coaction_own *own =
                lks_coaction_row_seek(rows, partner, segment->first);
            for (own += own->place < segment->first; own < end && own->place < segment->end;
                 own++) {
                if (hits_room(counter, 1, budget, err) < 0)
                    return LKS_EMEMORY;
                counter->hit_at[counter->hits_count] =
                    (struct lks_coaction_hit){own->place, segment->run};
                counter->hits[counter->hits_count] = (uint64_t)partner << 32 | counter->hits_count;
                counter->hits_count++;
            }
        }
    }
    return 0;
}

/* Drops candidates that cannot reach the score, now that their meetings are known. */
static void hits_weigh(struct lks_coaction_counter *counter,
                       const struct lks_coaction_bounds *bounds, uint32_t rank)
{
    uint64_t *hits = counter->hits;
    size_t kept = 0;
    for (size_t begin = 0, end; begin < counter->hits_count; begin = end) {
        uint32_t partner = (uint32_t)(hits[begin] >> 32);
        for (end = begin + 1; end < counter->hits_count && hits[end] >> 32 == partner;)
            end++;
        if (!lks_coaction_bounds_pair(bounds, rank, partner, hits + begin, end - begin))
            continue;
        memmove(hits + kept, hits + begin, (end - begin) * sizeof *hits);
        kept += end - begin;
    }
    counter->hits_count = kept;
}

/* Hits from candidate << 32 | place to candidate << 32 | which of hit_at, with the run whose window
 * holds the place: that of the last segment to begin at or before it. */
static void hits_number(struct lks_coaction_counter *counter)
{
    const struct lks_coaction_segment *segments = counter->segments;
    for (size_t i = 0; i < counter->hits_count; i++) {
        uint32_t place = (uint32_t)counter->hits[i];
        size_t low = 0, count = counter->segments_count;
        while (count > 1) {
            size_t half = count / 2;
            low += segments[low + half].first <= place ? half : 0;
            count -= half;
        }
        counter->hit_at[i] = (struct lks_coaction_hit){place, segments[low].run};
        counter->hits[i] = counter->hits[i] >> 32 << 32 | i;
    }
}

/* Puts the hits in order. Where segments are a window each, they may hold an event twice, and come
 * in any order: then by place. */
static int hits_finish(struct lks_coaction_counter *counter,
                       const struct lks_coaction_bounds *bounds, int overlap, uint32_t rank,
                       struct lks_budget *budget, struct lks_error *err)
{
    if (lks_budget_grow(budget, &counter->spare, &counter->spare_capacity, counter->hits_count, 8,
                        err) < 0)
        return LKS_EMEMORY;
    if (!overlap) {
        lks_coaction_keys_sort_upper(counter->hits, counter->spare, counter->hits_count);
        return 0;
    }
    for (size_t i = 0; i < counter->hits_count; i++)
        counter->hits[i] =
            counter->hits[i] >> 32 << 32 | counter->hit_at[(uint32_t)counter->hits[i]].place;
    lks_coaction_keys_sort(counter->hits, counter->spare, counter->hits_count);
    size_t kept = 0;
    for (size_t i = 0; i < counter->hits_count; i++)
        if (kept == 0 || counter->hits[kept - 1] != counter->hits[i])
            counter->hits[kept++] = counter->hits[i];
    counter->hits_count = kept;
    if (bounds)
        hits_weigh(counter, bounds, rank);
    hits_number(counter);
    return 0;
}

int lks_coaction_hits(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                      const struct lks_coaction_options *options,
                      const struct lks_coaction_bounds *bounds, uint32_t rank,
                      struct lks_budget *budget, struct lks_error *err)
{
    size_t segments = counter->segments_count, scanned = counter->scanned_count;
    counter->hits_count = 0;
    if (counter->candidates_count == 0)
        return 0;
    if (lks_coaction_lookup_wins(options, (uint64_t)counter->candidates_count * scanned,
                                 lks_coaction_picks_count(counter)))
        scanned = 0;
    else if (hits_of_picks(counter, rows, rank, scanned, budget, err) < 0)
        return LKS_EMEMORY;
    if (scanned < segments && hits_of_rows(counter, rows, scanned, budget, err) < 0)
        return LKS_EMEMORY;
    int overlap = counter->by_post || (options->without & LKS_COACTION_NO_UNION);
    return hits_finish(counter, bounds, overlap, rank, budget, err);
}
