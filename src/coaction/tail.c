/* tail.c - the widest units of an account, for partners that others met
 *
 * Once the head is scanned, what is left can bring nobody from nothing to the threshold. So
 * only partners that the head met count; and where they are few, each is looked up in its own
 * row, a binary search a segment, instead of scanning the tail.
 *
 * Where two units are enough, who is in the widest window is known before (slide.c), and
 * that window is neither scanned nor looked up in.
 *
 * Where a score asks for many meetings (in a viral tag a pair has to meet in most of its posts) they
 * are not few at first, but soon: after some units of the tail nearly all lack more than
 * what is left can bring. So as much of the tail is scanned as puts those out that were met in
 * few units; who has what the rest cannot bring by then comes out of the scan by itself, by a lower
 * threshold. The rest is scanned in steps, and between two steps those that can still make it
 * are picked out, until few are left, or none. */
#include "coaction/tail.h"

enum {
    LOOKUP_COST = 64, /* entries that can be scanned in the time of one search (measured) */
    FEW = 2,          /* units that many partners were met in by chance */
    STEP_COST = 8     /* entries scanned in the time that it takes to look at a partner's sum */
};

int lks_coaction_lookup_wins(const struct lks_coaction_options *options, uint64_t lookups,
                             uint64_t entries)
{
    if (options->without & (LKS_COACTION_NO_LOOKUP | LKS_COACTION_ALL_LOOKUP))
        return (options->without & LKS_COACTION_ALL_LOOKUP) != 0;
    return lookups * LOOKUP_COST < entries;
}

const struct lks_coaction_own *lks_coaction_row_seek(const struct lks_coaction_rows *rows,
                                                     uint32_t partner, uint32_t wanted)
{
    const struct lks_coaction_own *own = rows->own + rows->start[partner];
    size_t count = rows->start[partner + 1] - rows->start[partner];
    while (count > 1) {
        size_t half = count / 2;
        own += own[half - 1].place < wanted ? half : 0;
        count -= half;
    }
    return own;
}

static int row_has(const struct lks_coaction_rows *rows, uint32_t partner,
                   const struct lks_coaction_segment *segment)
{
    uint32_t place = lks_coaction_row_seek(rows, partner, segment->first)->place;
    return place >= segment->first && place < segment->end;
}

static const struct lks_coaction_segment *segment_at(const struct lks_coaction_counter *counter,
                                                     size_t at)
{
    return &counter->segments[(uint32_t)counter->order[at]];
}

static int candidate_add(struct lks_coaction_counter *counter, uint32_t partner,
                         struct lks_budget *budget, struct lks_error *err)
{
    if (lks_budget_grow(budget, &counter->candidates, &counter->candidates_capacity,
                        counter->candidates_count + 1, 4, err) < 0)
        return LKS_EMEMORY;
    counter->candidates[counter->candidates_count++] = partner;
    return 0;
}

/* Looks a partner that lacks so much up in the segments order[first ...]. */
static int partner_look_up(struct lks_coaction_counter *counter,
                           const struct lks_coaction_rows *rows, uint32_t partner, uint32_t missing,
                           size_t first, struct lks_budget *budget, struct lks_error *err)
{
    uint32_t found = 0, unit_found = UINT32_MAX;
    for (size_t i = first; i < counter->segments_count && found < missing; i++) {
        const struct lks_coaction_segment *segment = segment_at(counter, i);
        if ((segment->unit != unit_found || segment->dense) && row_has(rows, partner, segment)) {
            unit_found = segment->unit;
            found += segment->add;
        }
    }
    if (found < missing)
        return 0;
    lks_coaction_sums_reach(&counter->sums, partner);
    return candidate_add(counter, partner, budget, err);
}

/* Looks all that the head met up. */
static int look_up_all(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                       size_t picks, struct lks_budget *budget, struct lks_error *err)
{
    lks_coaction_sums_unit(&counter->sums);
    for (size_t i = 0; i < picks; i++) {
        uint32_t partner = counter->picks[i], missing;
        if (lks_coaction_sums_open(&counter->sums, partner, &missing) &&
            partner_look_up(counter, rows, partner, missing, counter->head_count, budget, err) < 0)
            return LKS_EMEMORY;
    }
    return 0;
}

/* What was found with the lower threshold is open, or a candidate already. */
static int open_fill(struct lks_coaction_counter *counter, size_t *count, struct lks_budget *budget,
                     struct lks_error *err)
{
    uint32_t *found = counter->candidates;
    size_t capacity = counter->candidates_capacity, found_count = counter->candidates_count;
    counter->candidates = counter->open;
    counter->candidates_capacity = counter->open_capacity;
    counter->candidates_count = 0;
    counter->open = found;
    counter->open_capacity = capacity;
    *count = 0;
    for (size_t i = 0; i < found_count; i++) {
        if (lks_coaction_sums_missing(&counter->sums, found[i]))
            found[(*count)++] = found[i];
        else if (candidate_add(counter, found[i], budget, err) < 0)
            return LKS_EMEMORY;
    }
    return 0;
}

/* Those that what is left may still bring to the threshold; who has reached it is a candidate. */
static size_t open_thin(struct lks_coaction_counter *counter, size_t count, uint64_t worth)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t missing = lks_coaction_sums_missing(&counter->sums, counter->open[i]);
        counter->open[kept] = counter->open[i];
        kept += (missing != 0) & (missing <= worth);
    }
    return kept;
}

/* What the units of segments order[first ...] bring a partner at most. */
static uint64_t worth_from(const struct lks_coaction_counter *counter, size_t first)
{
    uint64_t worth = 0;
    uint32_t unit = UINT32_MAX;
    for (size_t i = first; i < counter->segments_count; i++) {
        const struct lks_coaction_segment *segment = segment_at(counter, i);
        if (segment->unit != unit)
            worth += counter->units[segment->unit].weight;
        unit = segment->unit;
    }
    return worth;
}

static uint32_t heaviest_from(const struct lks_coaction_counter *counter, size_t first)
{
    uint32_t heaviest = 1;
    for (size_t i = first; i < counter->segments_count; i++) {
        uint32_t weight = counter->units[segment_at(counter, i)->unit].weight;
        heaviest = weight > heaviest ? weight : heaviest;
    }
    return heaviest;
}

/* Where the unit of order[at] ends; what it has and is worth is taken from what is left. */
static size_t unit_pass(const struct lks_coaction_counter *counter, size_t at, uint64_t *entries,
                        uint64_t *worth)
{
    uint32_t unit = segment_at(counter, at)->unit;
    *worth -= counter->units[unit].weight;
    for (; at < counter->segments_count && segment_at(counter, at)->unit == unit; at++)
        *entries -= segment_at(counter, at)->end - segment_at(counter, at)->first;
    return at;
}

/* Scans the head and as much of the tail that partners met in few units are out; then what is
 * left, in steps while many are open. */
static int scan_in_steps(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                         const struct lks_coaction_options *options, uint32_t rank,
                         uint64_t entries, struct lks_budget *budget, struct lks_error *err)
{
    size_t at = counter->head_count, segments = counter->segments_count, open = 0;
    uint32_t threshold = counter->sums.threshold;
    uint64_t worth = worth_from(counter, at), few = (uint64_t)FEW * heaviest_from(counter, 0);
    while (at < segments && worth + few >= threshold)
        at = unit_pass(counter, at, &entries, &worth);
    /* Whoever can still make it has what is left not: so much is the threshold, for now. */
    if (at < segments)
        counter->sums.threshold = threshold - (uint32_t)worth;
    int code = lks_coaction_segments_scan(counter, rows, rank, 0, at, budget, err);
    counter->sums.threshold = threshold;
    counter->scanned_count = at;
    if (code < 0 || at == segments)
        return code;
    if (open_fill(counter, &open, budget, err) < 0)
        return LKS_EMEMORY;
    while (at < segments && open &&
           !lks_coaction_lookup_wins(options, (uint64_t)open * (segments - at), entries)) {
        size_t end = at;
        uint64_t before = entries;
        /* Whole units, worth the look at the sums after it. */
        while (end < segments && before - entries < (uint64_t)open * STEP_COST)
            end = unit_pass(counter, end, &entries, &worth);
        if (lks_coaction_segments_scan(counter, rows, rank, at, end, budget, err) < 0)
            return LKS_EMEMORY;
        at = end;
        open = open_thin(counter, open, worth);
    }
    counter->scanned_count = at;
    for (size_t i = 0; i < open && at < segments; i++) {
        uint32_t partner = counter->open[i];
        uint32_t missing = lks_coaction_sums_missing(&counter->sums, partner);
        if (partner_look_up(counter, rows, partner, missing, at, budget, err) < 0)
            return LKS_EMEMORY;
    }
    return 0;
}

int lks_coaction_units_scan(struct lks_coaction_counter *counter,
                            const struct lks_coaction_rows *rows,
                            const struct lks_coaction_options *options, uint32_t rank,
                            uint64_t tail_entries, struct lks_budget *budget, struct lks_error *err)
{
    size_t segments = counter->segments_count, head = counter->head_count, picks = 0;
    uint64_t head_entries = 0;
    for (size_t i = 0; i < head; i++)
        head_entries += segment_at(counter, i)->end - segment_at(counter, i)->first;
    /* Sums that are no sums cannot say what is missing. */
    if (counter->slides != UINT32_MAX) {
        counter->scanned_count = segments;
        return lks_coaction_segments_scan(counter, rows, rank, 0, segments, budget, err);
    }
    if (head < segments && counter->sums.is_wide && !counter->sums.stands &&
        !(options->without & LKS_COACTION_NO_LOOKUP) &&
        !lks_coaction_lookup_wins(options, head_entries * (segments - head), tail_entries))
        return scan_in_steps(counter, rows, options, rank, tail_entries, budget, err);
    if (lks_coaction_segments_scan(counter, rows, rank, 0, head, budget, err) < 0)
        return LKS_EMEMORY;
    picks = head ? segment_at(counter, head - 1)->picks_end : 0;
    counter->scanned_count = head;
    if (head < segments &&
        lks_coaction_lookup_wins(options, (uint64_t)picks * (segments - head), tail_entries))
        return look_up_all(counter, rows, picks, budget, err);
    counter->scanned_count = segments;
    return lks_coaction_segments_scan(counter, rows, rank, head, segments, budget, err);
}
