/* sums.c - what an account's partners have summed up so far
 *
 * One slot is looked at for every pair in a window, hundreds of millions of times: so slots are
 * small, nothing is cleared between accounts, and no loop branches but where one in ten is taken.
 * Ranks rise with the number of events, so that the partners met most lie together in few cache
 * lines. For two units, the most usual threshold, 16 bits do; the rest sums in 32. What else was
 * tried stands in docs/performance.md. */
#include "coaction/sums.h"

#include <string.h>

#include "coaction/rows.h"

enum {
    SUM_BITS = 12,
    WIDE_STAMP_MAX = (1 << (32 - SUM_BITS)) - 1,
    FIRST_STAMP_MAX = UINT16_MAX,
    STAMPS_SPARE = 8 /* beside one a segment */
};

int lks_coaction_sums_start(struct lks_coaction_sums *sums, size_t ranks_count, uint32_t threshold,
                            size_t segments_count, struct lks_budget *budget, struct lks_error *err)
{
    size_t needed = segments_count + STAMPS_SPARE;
    sums->is_wide = threshold > 2 || needed > FIRST_STAMP_MAX;
    sums->stands = needed > WIDE_STAMP_MAX;
    /* Where one account has more segments than there are stamps, sums would forget units: every
     * partner is a candidate then, which loses none. */
    sums->threshold = sums->stands ? 1 : threshold;
    needed = sums->stands ? STAMPS_SPARE : needed;
    if (sums->is_wide && !sums->wide &&
        lks_budget_array(budget, &sums->wide, ranks_count, sizeof *sums->wide, err) < 0)
        return LKS_EMEMORY;
    if (!sums->is_wide && !sums->first &&
        lks_budget_array(budget, &sums->first, ranks_count, sizeof *sums->first, err) < 0)
        return LKS_EMEMORY;
    if (sums->is_wide && sums->wide_stamp + needed > WIDE_STAMP_MAX) {
        memset(sums->wide, 0, ranks_count * sizeof *sums->wide);
        sums->wide_stamp = 0;
    }
    if (!sums->is_wide && sums->first_stamp + needed > FIRST_STAMP_MAX) {
        memset(sums->first, 0, ranks_count * sizeof *sums->first);
        sums->first_stamp = 0;
    }
    sums->base = sums->is_wide ? ++sums->wide_stamp << SUM_BITS : ++sums->first_stamp;
    sums->unit = 0;
    return 0;
}

void lks_coaction_sums_unit(struct lks_coaction_sums *sums)
{
    if (sums->stands && sums->unit)
        return;
    sums->unit = sums->is_wide ? ++sums->wide_stamp << SUM_BITS : ++sums->first_stamp;
}

/* One meeting is enough. */
static size_t add_all(uint16_t *slots, const uint32_t *picks, size_t count, uint32_t base,
                      uint32_t *reached)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t partner = picks[i];
        reached[found] = partner;
        found += slots[partner] != base;
        slots[partner] = (uint16_t)base;
    }
    return found;
}

/* A second unit is needed. */
static size_t add_first(uint16_t *slots, const uint32_t *picks, size_t count, uint32_t base,
                        uint32_t unit, uint32_t *reached)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t partner = picks[i], slot = slots[partner];
        uint32_t next = ((slot < base) | (slot == unit)) ? unit : base;
        reached[found] = partner;
        found += (next == base) & (slot != base);
        slots[partner] = (uint16_t)next;
    }
    return found;
}

/* A second meeting is needed, of whatever unit. */
static size_t add_each(uint16_t *slots, const uint32_t *picks, size_t count, uint32_t base,
                       uint32_t unit, uint32_t *reached)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t partner = picks[i], slot = slots[partner];
        reached[found] = partner;
        found += slot > base;
        slots[partner] = (uint16_t)(slot < base ? unit : base);
    }
    return found;
}

/* A second unit is needed, and this one may not be the first. */
static size_t add_second(uint16_t *slots, const uint32_t *picks, size_t count, uint32_t base,
                         uint32_t *reached)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t partner = picks[i], slot = slots[partner];
        reached[found] = partner;
        found += slot > base;
        slots[partner] = (uint16_t)(slot < base ? slot : base);
    }
    return found;
}

static size_t add_wide(uint32_t *slots, const uint32_t *picks, size_t count, uint32_t base,
                       uint32_t unit, uint32_t add, uint32_t add_new, uint32_t threshold, int each,
                       uint32_t *reached)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t partner = picks[i], slot = slots[partner];
        slot = slot < base ? base : slot;
        uint32_t sum = slot & LKS_COACTION_SUM_MAX;
        uint32_t more = sum ? add : add_new;
        more = (!each & (slot - sum == unit)) ? 0 : more;
        uint32_t next = sum + more;
        next = next < LKS_COACTION_SUM_MAX ? next : LKS_COACTION_SUM_MAX;
        slots[partner] = unit | next;
        reached[found] = partner;
        found += (sum < threshold) & (next >= threshold);
    }
    return found;
}

size_t lks_coaction_sums_add(struct lks_coaction_sums *sums, const uint32_t *picks, size_t count,
                             uint32_t add, uint32_t add_new, uint32_t *reached)
{
    if (sums->is_wide)
        return add_wide(sums->wide, picks, count, sums->base, sums->unit, add, add_new,
                        sums->threshold, sums->each, reached);
    if (add_new >= sums->threshold)
        return add_all(sums->first, picks, count, sums->base, reached);
    if (sums->each)
        return add_each(sums->first, picks, count, sums->base, sums->unit, reached);
    if (add_new)
        return add_first(sums->first, picks, count, sums->base, sums->unit, reached);
    return add_second(sums->first, picks, count, sums->base, reached);
}

/* Few are in the slide's window or were met before, one in ten: a branch that is guessed is half
 * the price of a loop without. */
size_t lks_coaction_sums_add_near(struct lks_coaction_sums *sums, const uint32_t *picks,
                                  size_t count, const struct lks_coaction_slide *slide,
                                  uint32_t *reached)
{
    uint16_t *slots = sums->first;
    const uint32_t *last = slide->last;
    uint32_t base = sums->base, unit = sums->unit;
    uint32_t from = slide->first + 1, size = slide->end - slide->first, span = unit - base;
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t partner = picks[i], slot = slots[partner];
        if (__builtin_expect((last[partner] - from < size) | (slot - base < span), 0)) {
            if (slot == base)
                continue;
            reached[found++] = partner;
            slots[partner] = (uint16_t)base;
            continue;
        }
        slots[partner] = (uint16_t)unit;
    }
    return found;
}

size_t lks_coaction_sums_hits(const struct lks_coaction_sums *sums, const uint32_t *picks,
                              size_t count, uint64_t *hits)
{
    size_t found = 0;
    if (!sums->is_wide) {
        const uint16_t *slots = sums->first;
        for (size_t i = 0; i < count; i++) {
            hits[found] = (uint64_t)picks[i] << 32 | i;
            found += slots[picks[i]] == sums->base;
        }
        return found;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t slot = sums->wide[picks[i]];
        hits[found] = (uint64_t)picks[i] << 32 | i;
        found += (slot >= sums->base) & ((slot & LKS_COACTION_SUM_MAX) >= sums->threshold);
    }
    return found;
}

int lks_coaction_sums_open(struct lks_coaction_sums *sums, uint32_t partner, uint32_t *missing_out)
{
    if (!sums->is_wide) {
        uint32_t slot = sums->first[partner];
        *missing_out = 1;
        if (slot <= sums->base || slot == sums->unit)
            return 0;
        sums->first[partner] = (uint16_t)sums->unit;
        return 1;
    }
    uint32_t slot = sums->wide[partner], sum = slot & LKS_COACTION_SUM_MAX;
    if (slot < sums->base || slot - sum == sums->unit || sum == 0 || sum >= sums->threshold)
        return 0;
    sums->wide[partner] = sums->unit | sum;
    *missing_out = sums->threshold - sum;
    return 1;
}

void lks_coaction_sums_reach(struct lks_coaction_sums *sums, uint32_t partner)
{
    if (sums->is_wide)
        sums->wide[partner] = sums->unit | LKS_COACTION_SUM_MAX;
    else
        sums->first[partner] = (uint16_t)sums->base;
}

int lks_coaction_sums_number(struct lks_coaction_sums *sums, size_t ranks_count,
                             const uint32_t *partners, size_t count, struct lks_budget *budget,
                             struct lks_error *err)
{
    uint32_t stamps = (uint32_t)(count >> SUM_BITS) + 1;
    sums->numbers_count = (uint32_t)count;
    sums->numbers_wide = sums->is_wide || count > FIRST_STAMP_MAX;
    if (!sums->numbers_wide) {
        if (sums->first_stamp + count > FIRST_STAMP_MAX) {
            memset(sums->first, 0, ranks_count * sizeof *sums->first);
            sums->first_stamp = 0;
        }
        sums->numbers_base = sums->first_stamp + 1;
        for (size_t i = 0; i < count; i++)
            sums->first[partners[i]] = (uint16_t)(sums->numbers_base + i);
        sums->first_stamp += (uint32_t)count;
        return 0;
    }
    if (!sums->wide &&
        lks_budget_array(budget, &sums->wide, ranks_count, sizeof *sums->wide, err) < 0)
        return LKS_EMEMORY;
    if (sums->wide_stamp + stamps > WIDE_STAMP_MAX) {
        memset(sums->wide, 0, ranks_count * sizeof *sums->wide);
        sums->wide_stamp = 0;
    }
    sums->numbers_base = (sums->wide_stamp + 1) << SUM_BITS;
    for (size_t i = 0; i < count; i++)
        sums->wide[partners[i]] = sums->numbers_base + (uint32_t)i;
    sums->wide_stamp += stamps;
    return 0;
}

size_t lks_coaction_sums_numbers(const struct lks_coaction_sums *sums, const uint32_t *picks,
                                 size_t count, uint64_t *found)
{
    uint32_t base = sums->numbers_base, numbers = sums->numbers_count;
    size_t kept = 0;
    if (sums->numbers_wide) {
        for (size_t i = 0; i < count; i++) {
            uint32_t number = sums->wide[picks[i]] - base;
            found[kept] = (uint64_t)number << 32 | i;
            kept += number < numbers;
        }
        return kept;
    }
    const uint16_t *slots = sums->first;
    for (size_t i = 0; i < count; i++) {
        uint32_t number = slots[picks[i]] - base;
        found[kept] = (uint64_t)number << 32 | i;
        kept += number < numbers;
    }
    return kept;
}

void lks_coaction_sums_free(struct lks_coaction_sums *sums, size_t ranks_count,
                            struct lks_budget *budget)
{
    lks_budget_free(budget, sums->first, ranks_count, sizeof *sums->first);
    lks_budget_free(budget, sums->wide, ranks_count, sizeof *sums->wide);
    memset(sums, 0, sizeof *sums);
}
