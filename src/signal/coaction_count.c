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

enum { SLOTS_MIN = 64, SLOTS_START = 8192, POLL_PAIRS = 1 << 24, PIECE = 256, AHEAD = 8 };

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
        const struct lks_coaction_window *window = &rows->window[begin + i];
        counter->units[i] = (struct lks_coaction_unit){unit + 1, window->first, window->end};
        sorted &= i == 0 || counter->units[i - 1].unit <= unit + 1;
    }
    if (!sorted)
        qsort(counter->units, count, sizeof *counter->units, compare_units);
    return 0;
}

/* Counts a piece of a window, at most PIECE long, for which table and candidates have room: a
 * partner becomes a candidate the moment it has min_units (at least 1). Returns the
 * event pairs with b > a. About half of a window is on either side of a, in no order: so
 * the partners are first picked without a branch, then counted. */
static uint64_t count_piece(struct lks_coaction_counter *counter, const uint32_t *partner,
                            size_t count, uint32_t unit, uint32_t a, uint32_t min_units)
{
    struct lks_coaction_slot *slots = counter->slots;
    size_t mask = counter->slots_active - 1, picked = 0;
    uint32_t later[PIECE];
    for (size_t i = 0; i < count; i++) {
        later[picked] = partner[i];
        picked += partner[i] > a;
    }
    for (size_t i = 0; i < picked; i++) {
        uint32_t key = later[i] + 1;
        size_t at = slot_hash(key, mask);
        while (slots[at].key != key && slots[at].key != 0)
            at = (at + 1) & mask;
        struct lks_coaction_slot *slot = &slots[at];
        counter->used += slot->key == 0;
        slot->key = key;
        if (slot->unit != unit) {
            slot->unit = unit;
            if (++slot->units == min_units)
                counter->candidates[counter->candidates_count++] = key - 1;
        }
        slot->pairs += slot->pairs != UINT32_MAX;
    }
    return picked;
}

static int compare_ids(const void *left, const void *right)
{
    const uint32_t *x = left, *y = right;
    return (*x > *y) - (*x < *y);
}

/* Puts the candidates in order, without those that have too few pairs. */
static void candidates_finish(struct lks_coaction_counter *counter, uint64_t min_pairs)
{
    uint32_t pairs = min_pairs > UINT32_MAX ? UINT32_MAX : (uint32_t)min_pairs;
    size_t mask = counter->slots_active - 1, kept = 0;
    for (size_t i = 0; i < counter->candidates_count; i++) {
        uint32_t key = counter->candidates[i] + 1;
        size_t at = slot_hash(key, mask);
        while (counter->slots[at].key != key)
            at = (at + 1) & mask;
        if (counter->slots[at].pairs >= pairs)
            counter->candidates[kept++] = key - 1;
    }
    counter->candidates_count = kept;
    counter->partners_seen += counter->used;
    if (kept > 1)
        qsort(counter->candidates, kept, sizeof *counter->candidates, compare_ids);
}

/* Makes room for a piece of at most *count: more candidates, and a table that it leaves at
 * most half full. */
static int piece_room(struct lks_coaction_counter *counter, size_t *count,
                      struct lks_budget *budget, struct lks_error *err)
{
    size_t room = counter->slots_active / 2 - counter->used;
    if (room < 16) {
        if (slots_double(counter, budget, err) < 0)
            return LKS_EMEMORY;
        room = counter->slots_active / 2 - counter->used;
    }
    room = room < PIECE ? room : PIECE;
    *count = *count < room ? *count : room;
    return lks_budget_grow(budget, &counter->candidates, &counter->candidates_capacity,
                           counter->candidates_count + *count, sizeof *counter->candidates, err);
}

int lks_coaction_count(struct lks_coaction_counter *counter, const struct lks_coaction_rows *rows,
                       const struct lks_coaction_options *options, uint32_t a,
                       const struct lks_control *control, struct lks_budget *budget,
                       struct lks_error *err)
{
    int by_post = options->min_occasions > options->min_objects;
    size_t count = rows->start[a + 1] - rows->start[a];
    uint32_t min_units = by_post ? options->min_occasions : options->min_objects;
    uint64_t expected = 0, polled = 0;
    min_units = min_units ? min_units : 1;
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
        /* Windows lie anywhere in the array: the wait for one covers the next ones' too. */
        if (i + AHEAD < count)
            __builtin_prefetch(rows->partner + unit[AHEAD].first);
        for (size_t at = unit->first, piece; at < unit->end; at += piece) {
            piece = unit->end - at;
            if (piece_room(counter, &piece, budget, err) < 0)
                return LKS_EMEMORY;
            counter->pairs_seen +=
                count_piece(counter, rows->partner + at, piece, unit->unit, a, min_units);
        }
        polled += unit->end - unit->first;
        if (polled > POLL_PAIRS) {
            polled = 0;
            if (lks_cancelled(control))
                return lks_error_set(err, LKS_ECANCELLED, "cancelled");
        }
    }
    /* An occasion takes at least one pair. */
    candidates_finish(counter, options->min_pairs > options->min_occasions
                                   ? options->min_pairs
                                   : options->min_occasions);
    return 0;
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
