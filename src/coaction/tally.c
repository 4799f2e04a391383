/* tally.c - the candidates of one account, of which pairs and objects alone are asked
 *
 * Counting leaves who was met in which segment, and segments are the account's own: so how many
 * pairs and objects two accounts share follows from what is at hand. No event of the
 * partner's is fetched, which is most of what measuring waits for, and nothing is sorted but the
 * candidates: they are numbered, the numbers put in the slots of the sums, and all picks looked at
 * once more. A pick in the window of one event is a pair; where several windows of the account were
 * put together, it is as many as hold its place. */
#include "coaction/tally.h"

#include <string.h>

#include "coaction/keys.h"
#include "coaction/tail.h"

/* What adding to edges reads, the same for all candidates of an account. */
struct adding {
    struct lks_coaction_counter *counter;
    const struct lks_coaction_rows *rows;
    const struct lks_coaction_own *own; /* the account's events */
    uint32_t *last_run;
    struct lks_edge *edges; /* by number of candidate */
};

/* One run of the account's, while its segments are gone through. */
struct met {
    const struct lks_coaction_segment *segment;
    uint32_t run, own_begin, own_end;
};

int lks_coaction_tally_does(const struct lks_coaction_options *options)
{
    return options->fields == LKS_COACTION_COUNTS && options->min_score == 0 &&
           options->min_occasions <= 1 && !(options->without & LKS_COACTION_NO_UNION);
}

static struct met met_at(const struct adding *adding, const struct lks_coaction_segment *segment)
{
    const struct lks_coaction_run *run = &adding->counter->runs[segment->run];
    return (struct met){segment, segment->run, run->begin, run->end};
}

static uint8_t kind_of(const struct adding *adding, const struct met *met)
{
    const struct lks_coaction_rows *rows = adding->rows;
    return rows->kind[lks_coaction_object_of(rows, adding->own[met->own_begin].place)];
}

static inline void pairs_add(const struct adding *adding, const struct met *met, uint8_t kind,
                             uint32_t number, uint64_t pairs)
{
    struct lks_edge *edge = &adding->edges[number];
    uint32_t is_new = adding->last_run[number] != met->run + 1;
    adding->last_run[number] = met->run + 1;
    edge->pairs_count += pairs;
    edge->objects_count += is_new;
    edge->kind_objects[kind] += is_new;
}

/* How many of the run's windows hold a place: those that begin at or before it, less those that end
 * there. Both rise. */
static uint64_t cover_of(const struct adding *adding, const struct met *met, uint32_t place)
{
    size_t bound[2];
    for (int ends = 0; ends < 2; ends++) {
        size_t low = met->own_begin, high = met->own_end;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            struct lks_coaction_window own =
                lks_coaction_window_of(adding->rows, &adding->own[middle]);
            if ((ends ? own.end : own.first) <= place)
                low = middle + 1;
            else
                high = middle;
        }
        bound[ends] = low;
    }
    return bound[0] - bound[1];
}

/* The picks of one segment, of which some are candidates. */
static int add_picks(const struct adding *adding, const struct met *met, uint32_t rank,
                     const uint32_t *picks, size_t count, struct lks_budget *budget,
                     struct lks_error *err)
{
    struct lks_coaction_counter *counter = adding->counter;
    if (lks_budget_grow(budget, &counter->hits, &counter->hits_capacity, count + 1, 8, err) < 0)
        return LKS_EMEMORY;
    uint64_t *found = counter->hits;
    size_t founds = lks_coaction_sums_numbers(&counter->sums, picks, count, found);
    if (founds == 0)
        return 0;
    uint8_t kind = kind_of(adding, met);
    if (met->own_end - met->own_begin == 1) {
        for (size_t i = 0; i < founds; i++)
            pairs_add(adding, met, kind, (uint32_t)(found[i] >> 32), 1);
        return 0;
    }
    uint32_t first = met->segment->first, size = met->segment->end - first;
    if (lks_budget_grow(budget, &counter->indexes, &counter->indexes_capacity,
                        size + LKS_COACTION_PICK_SLACK, 4, err) < 0)
        return LKS_EMEMORY;
    counter->paths.pick_index(adding->rows->partner + first, size, rank + 1,
                              counter->ranks_end - (rank + 1), counter->indexes);
    for (size_t i = 0; i < founds; i++) {
        uint32_t place = first + counter->indexes[(uint32_t)found[i]];
        pairs_add(adding, met, kind, (uint32_t)(found[i] >> 32), cover_of(adding, met, place));
    }
    return 0;
}

/* The segment that slides. */
static int add_slide(const struct adding *adding, const struct met *met, struct lks_budget *budget,
                     struct lks_error *err)
{
    struct lks_coaction_counter *counter = adding->counter;
    uint32_t most = met->segment->end - met->segment->first;
    int alone = met->own_end - met->own_begin == 1;
    uint8_t kind = kind_of(adding, met);
    if (lks_budget_grow(budget, &counter->indexes, &counter->indexes_capacity, most, 4, err) < 0)
        return LKS_EMEMORY;
    for (size_t c = 0; c < counter->candidates_count; c++) {
        uint32_t partner = counter->candidates[c];
        uint64_t pairs = 0;
        size_t count = lks_coaction_slide_places(&counter->slide, partner, met->segment->first,
                                                 counter->indexes);
        for (size_t i = 0; i < count; i++)
            pairs += alone ? 1 : cover_of(adding, met, counter->indexes[i]);
        if (pairs)
            pairs_add(adding, met, kind, (uint32_t)c, pairs);
    }
    return 0;
}

/* A segment that was not scanned, or in which there is more than can be looked up. */
static void add_rows(const struct adding *adding, const struct met *met)
{
    const struct lks_coaction_rows *rows = adding->rows;
    int alone = met->own_end - met->own_begin == 1;
    uint8_t kind = kind_of(adding, met);
    for (size_t c = 0; c < adding->counter->candidates_count; c++) {
        uint32_t partner = adding->counter->candidates[c];
        const struct lks_coaction_own *end = rows->own + rows->start[partner + 1];
        const struct lks_coaction_own *own =
            lks_coaction_row_seek(rows, partner, met->segment->first);
        uint64_t pairs = 0;
        for (own += own->place < met->segment->first; own < end && own->place < met->segment->end;
             own++)
            pairs += alone ? 1 : cover_of(adding, met, own->place);
        if (pairs)
            pairs_add(adding, met, kind, (uint32_t)c, pairs);
    }
}

/* Puts the candidates in order, numbers them and makes an edge of each, still empty. */
static int candidates_number(struct lks_coaction_tally *tally, struct adding *adding, uint32_t rank,
                             struct lks_coaction_edge_list *edges, struct lks_budget *budget,
                             struct lks_error *err)
{
    struct lks_coaction_counter *counter = adding->counter;
    size_t count = counter->candidates_count;
    uint32_t a = adding->rows->account[rank];
    if (lks_budget_grow(budget, &edges->items, &edges->capacity, edges->count + count,
                        sizeof *edges->items, err) < 0 ||
        lks_budget_grow(budget, &tally->last_run, &tally->last_capacity, count, 4, err) < 0 ||
        lks_budget_grow(budget, &counter->hits, &counter->hits_capacity, count, 8, err) < 0 ||
        lks_budget_grow(budget, &tally->spare, &tally->spare_capacity, count, 8, err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0; i < count; i++)
        counter->hits[i] = counter->candidates[i];
    lks_coaction_keys_sort(counter->hits, tally->spare, count);
    adding->edges = edges->items + edges->count;
    adding->last_run = tally->last_run;
    for (size_t i = 0; i < count; i++) {
        uint32_t partner = (uint32_t)counter->hits[i], b = adding->rows->account[partner];
        counter->candidates[i] = partner;
        adding->edges[i] = (struct lks_edge){.a = a < b ? a : b, .b = a < b ? b : a};
    }
    memset(tally->last_run, 0, count * 4);
    return lks_coaction_sums_number(&counter->sums, adding->rows->ranks_count, counter->candidates,
                                    count, budget, err);
}

/* Of the last of the list, so many, keeps those that reach the thresholds. */
static void edges_keep(struct lks_coaction_edge_list *edges, size_t count,
                       const struct lks_coaction_options *options)
{
    struct lks_edge *edge = edges->items + edges->count, *end = edge + count;
    for (; edge < end; edge++) {
        struct lks_edge *kept = edges->items + edges->count;
        if (edge->pairs_count < options->min_pairs || edge->objects_count < options->min_objects ||
            edge->pairs_count == 0)
            continue;
        if (kept != edge)
            *kept = *edge;
        edges->count++;
    }
}

int lks_coaction_tally(struct lks_coaction_tally *tally, struct lks_coaction_counter *counter,
                       const struct lks_coaction_rows *rows,
                       const struct lks_coaction_options *options, uint32_t rank,
                       struct lks_coaction_edge_list *edges, struct lks_budget *budget,
                       struct lks_error *err)
{
    struct adding adding = {.counter = counter, .rows = rows, .own = rows->own + rows->start[rank]};
    size_t count = counter->candidates_count, scanned = counter->scanned_count, at = 0;
    if (count == 0)
        return 0;
    if (candidates_number(tally, &adding, rank, edges, budget, err) < 0)
        return LKS_EMEMORY;
    if (lks_coaction_lookup_wins(options, (uint64_t)count * scanned,
                                 lks_coaction_picks_count(counter)))
        scanned = 0;
    for (size_t i = 0; i < counter->segments_count; i++) {
        uint32_t which = (uint32_t)counter->order[i];
        const struct met met = met_at(&adding, &counter->segments[which]);
        int code = 0;
        if (i >= scanned) {
            add_rows(&adding, &met);
            continue;
        }
        if (which == counter->slides)
            code = add_slide(&adding, &met, budget, err);
        else
            code = add_picks(&adding, &met, rank, counter->picks + at, met.segment->picks_end - at,
                             budget, err);
        if (code < 0)
            return code;
        at = met.segment->picks_end;
    }
    edges_keep(edges, count, options);
    return 0;
}

void lks_coaction_tally_free(struct lks_coaction_tally *tally, struct lks_budget *budget)
{
    lks_budget_free(budget, tally->last_run, tally->last_capacity, 4);
    lks_budget_free(budget, tally->spare, tally->spare_capacity, 8);
    memset(tally, 0, sizeof *tally);
}
