/* coaction_count.c - which partners of one account may reach the thresholds
 *
 * Gustavson's row-by-row product (ACM TOMS 4(3), 1978) of the events-by-events matrix of
 * windows, never written out: the windows of one account are scanned, and for each partner
 * b > a a slot of a small hash table counts the event pairs and the distinct units. A unit
 * is an object, or a post of a's when more occasions are asked for than objects (occasions
 * are at most a's matched posts); the row is then put into the order of the posts, so that
 * "another unit than last time" is all there is to counting distinct ones.
 *
 * The table is as large as the account's partners need: for most accounts it stays in the
 * first-level cache. Cost: one probe an in-window pair, which is the floor of the method. */
#include "signal/coaction_count.h"

#include <stdlib.h>
#include <string.h>

#include "base/threads.h"

enum { SLOTS_MIN = 64, SLOTS_START = 8192, POLL_PAIRS = 1 << 24 };

static size_t slot_hash(uint32_t key, size_t mask)
{
    return (size_t)((uint64_t)key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
}

/* Gives the account a cleared table for about `expected` partners. */
static int slots_start(struct lks_coaction_counter *counter, uint64_t expected,
                       struct lks_budget *budget, struct lks_error *err)
{
    size_t active = SLOTS_MIN;
    while (active < SLOTS_START && active < 2 * expected)
        active *= 2;
    if (lks_budget_grow(budget, &counter->slots, &counter->slots_capacity, active,
                        sizeof *counter->slots, err) < 0)
        return LKS_EMEMORY;
    memset(counter->slots, 0, active * sizeof *counter->slots);
    counter->slots_active = active;
    counter->used = 0;
    return 0;
}

static int slots_double(struct lks_coaction_counter *counter, struct lks_budget *budget,
                        struct lks_error *err)
{
    size_t active = counter->slots_active * 2, mask = active - 1;
    if (lks_budget_grow(budget, &counter->spare, &counter->spare_capacity, active,
                        sizeof *counter->spare, err) < 0)
        return LKS_EMEMORY;
    memset(counter->spare, 0, active * sizeof *counter->spare);
    for (size_t i = 0; i < counter->slots_active; i++) {
        if (counter->slots[i].key == 0)
            continue;
        size_t at = slot_hash(counter->slots[i].key, mask);
        while (counter->spare[at].key)
            at = (at + 1) & mask;
        counter->spare[at] = counter->slots[i];
    }
    struct lks_coaction_slot *slots = counter->slots;
    size_t capacity = counter->slots_capacity;
    counter->slots = counter->spare;
    counter->slots_capacity = counter->spare_capacity;
    counter->spare = slots;
    counter->spare_capacity = capacity;
    counter->slots_active = active;
    return 0;
}

static int compare_units(const void *left, const void *right)
{
    const struct lks_coaction_unit *x = left, *y = right;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

/* Copies the account's windows in the order of their units. The order of windows within
 * one unit does not matter to the counts. */
static int units_fill(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                      int by_post, uint32_t a, struct lks_budget *budget, struct lks_error *err)
{
    size_t begin = rows->start[a], count = rows->start[a + 1] - begin;
    int sorted = 1;
    if (lks_budget_grow(budget, &counter->units, &counter->units_capacity, count,
                        sizeof *counter->units, err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct lks_coaction_row *row = &rows->row[begin + i];
        uint32_t unit = by_post ? row->post : row->object;
        counter->units[i] = (struct lks_coaction_unit){unit + 1, row->first, row->end};
        sorted &= i == 0 || counter->units[i - 1].unit <= unit + 1;
    }
    if (!sorted)
        qsort(counter->units, count, sizeof *counter->units, compare_units);
    return 0;
}

/* Counts one window; the caller has seen to it that the table has room for all of it
 * or calls it piecewise. Returns the event pairs with b > a. */
static uint64_t count_window(struct lks_coaction_counter *counter, const uint32_t *partner,
                             size_t first, size_t end, uint32_t unit, uint32_t a)
{
    struct lks_coaction_slot *slots = counter->slots;
    size_t mask = counter->slots_active - 1;
    uint64_t pairs = 0;
    for (size_t i = first; i < end; i++) {
        uint32_t b = partner[i];
        if (b <= a)
            continue;
        uint32_t key = b + 1;
        size_t at = slot_hash(key, mask);
        while (slots[at].key != key && slots[at].key != 0)
            at = (at + 1) & mask;
        struct lks_coaction_slot *slot = &slots[at];
        counter->used += slot->key == 0;
        slot->key = key;
        slot->units += slot->unit != unit;
        slot->unit = unit;
        slot->pairs += slot->pairs != UINT32_MAX;
        pairs++;
    }
    return pairs;
}

static int compare_ids(const void *left, const void *right)
{
    const uint32_t *x = left, *y = right;
    return (*x > *y) - (*x < *y);
}

static int harvest(struct lks_coaction_counter *counter, uint64_t min_pairs, uint32_t min_units,
                   struct lks_budget *budget, struct lks_error *err)
{
    size_t count = 0;
    uint32_t pairs = min_pairs > UINT32_MAX ? UINT32_MAX : (uint32_t)min_pairs;
    for (size_t i = 0; i < counter->slots_active; i++) {
        const struct lks_coaction_slot *slot = &counter->slots[i];
        if (slot->key == 0 || slot->units < min_units || slot->pairs < pairs)
            continue;
        if (count == counter->candidates_capacity &&
            lks_budget_grow(budget, &counter->candidates, &counter->candidates_capacity, count + 1,
                            sizeof *counter->candidates, err) < 0)
            return LKS_EMEMORY;
        counter->candidates[count++] = slot->key - 1;
    }
    counter->candidates_count = count;
    counter->partners_seen += counter->used;
    if (count > 1)
        qsort(counter->candidates, count, sizeof *counter->candidates, compare_ids);
    return 0;
}

int lks_coaction_count(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                       const struct lks_coaction_options *options, uint32_t a,
                       const struct lks_control *control, struct lks_budget *budget,
                       struct lks_error *err)
{
    int by_post = options->min_occasions > options->min_objects;
    size_t count = rows->start[a + 1] - rows->start[a];
    uint64_t expected = 0, polled = 0;
    counter->candidates_count = 0;
    if (count == 0)
        return 0;
    if (units_fill(counter, rows, by_post, a, budget, err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0; i < count; i++)
        expected += counter->units[i].end - counter->units[i].first;
    if (slots_start(counter, expected, budget, err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct lks_coaction_unit *unit = &counter->units[i];
        for (size_t at = unit->first, end; at < unit->end; at = end) {
            /* A piece is never more than what keeps the table at most half full. */
            size_t room = counter->slots_active / 2 - counter->used;
            if (room < 16) {
                if (slots_double(counter, budget, err) < 0)
                    return LKS_EMEMORY;
                room = counter->slots_active / 2 - counter->used;
            }
            end = unit->end - at > room ? at + room : unit->end;
            counter->pairs_seen += count_window(counter, rows->partner, at, end, unit->unit, a);
            polled += end - at;
        }
        if (polled > POLL_PAIRS) {
            polled = 0;
            if (lks_cancelled(control))
                return lks_error_set(err, LKS_ECANCELLED, "cancelled");
        }
    }
    uint64_t min_pairs = options->min_pairs;
    if (min_pairs < options->min_occasions)
        min_pairs = options->min_occasions; /* an occasion takes at least one pair */
    return harvest(counter, min_pairs, by_post ? options->min_occasions : options->min_objects,
                   budget, err);
}

void lks_coaction_counter_free(struct lks_coaction_counter *counter, struct lks_budget *budget)
{
    lks_budget_free(budget, counter->slots, counter->slots_capacity, sizeof *counter->slots);
    lks_budget_free(budget, counter->spare, counter->spare_capacity, sizeof *counter->spare);
    lks_budget_free(budget, counter->units, counter->units_capacity, sizeof *counter->units);
    lks_budget_free(budget, counter->candidates, counter->candidates_capacity,
                    sizeof *counter->candidates);
    memset(counter, 0, sizeof *counter);
}
