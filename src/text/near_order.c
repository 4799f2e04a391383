/* near_order.c - every form's shingles in one order, the rarest first
 *
 * The join looks at the first few shingles of a form only, so it is as fast as those are
 * rare. Any total order gives the same answer; how often a shingle is there may therefore be
 * counted roughly. A table of 8-bit counters by the high bits of the hash counts
 * each form's shingles (a crowded counter makes a rare shingle look common, which costs
 * time only). Every shingle reads a counter at a random place, so the table is kept small: what a counter
 * cannot hold, of the few shingles that are common, goes to one of 16 bits that 64 neighbours
 * share. The key of a shingle is
 *
 *     63   62      58 57                                  0
 *    | 0 | rarity    | the 58 higher bits of its hash      |
 *
 * with rarity 0 for a count of 1: no other form can share it, so the join skips it. Two
 * different shingles have one key with a chance of 2^-58.
 *
 * Workers count by ranges of the table, so that no two write to one counter and the counts do not
 * depend on their number. Cost: two passes over the shingles, 1 byte a shingle or less. */
#include <stdlib.h>

#include "text/near_parts.h"

enum {
    FORMS_PER_TASK = 4096,
    RARITY_MAX = 31,
    CELLS_LOG_MIN = 12,
    CELLS_LOG_MAX = 27,
    COUNT_MAX = UINT8_MAX,
    CROWD_LOG = 6,
    CROWD_MAX = UINT16_MAX,
    RADIX_BITS = 11,
    CELLS_AHEAD = 64, /* shingles */
    GATHERED = 256,
    SHINGLES_ALONE = 4 << 20 /* up to so many one worker counts: each reads them all */
};

struct ordering {
    struct lks_near *near;
    uint64_t *signatures;
    uint8_t *cells;
    uint16_t *crowds;           /* of 64 cells each: what they could not hold */
    uint64_t rarity[COUNT_MAX]; /* by count, where it stands in a key */
    unsigned shift;             /* a hash's cell is hash >> shift */
    size_t parts;               /* ranges of cells */
    uint64_t **scratch;         /* [threads] */
    size_t *scratch_capacity;
};

static inline void cell_add(struct ordering *ordering, uint64_t cell)
{
    if (ordering->cells[cell] < COUNT_MAX)
        ordering->cells[cell]++;
    else if (ordering->crowds[cell >> CROWD_LOG] < CROWD_MAX)
        ordering->crowds[cell >> CROWD_LOG]++;
}

/* All of them, by one worker. */
static void count_all(struct ordering *ordering)
{
    const uint64_t *shingles = ordering->near->shingles;
    size_t count = ordering->near->shingles_count;
    size_t ahead = count > CELLS_AHEAD ? count - CELLS_AHEAD : 0;
    for (size_t i = 0; i < ahead; i++) {
        __builtin_prefetch(&ordering->cells[shingles[i + CELLS_AHEAD] >> ordering->shift], 1);
        cell_add(ordering, shingles[i] >> ordering->shift);
    }
    for (size_t i = ahead; i < count; i++)
        cell_add(ordering, shingles[i] >> ordering->shift);
}

static int count_task(void *context, size_t index, unsigned worker, struct lks_error *err)
{
    struct ordering *ordering = context;
    const struct lks_near *near = ordering->near;
    const uint64_t crowds = UINT64_C(1) << (64 - ordering->shift - CROWD_LOG);
    const uint64_t first = (crowds * index / ordering->parts) << CROWD_LOG;
    const uint64_t range = ((crowds * (index + 1) / ordering->parts) << CROWD_LOG) - first;
    (void)worker;
    if (lks_cancelled(near->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    if (ordering->parts == 1) {
        count_all(ordering);
        return 0;
    }
    /* Which of them are its own is as good as random: they are gathered without a branch. */
    uint64_t own[GATHERED];
    for (size_t from = 0; from < near->shingles_count; from += GATHERED) {
        size_t end =
            near->shingles_count - from < GATHERED ? near->shingles_count : from + GATHERED;
        size_t count = 0;
        for (size_t i = from; i < end; i++) {
            own[count] = near->shingles[i] >> ordering->shift;
            count += own[count] - first < range;
        }
        for (size_t i = 0; i < count; i++)
            __builtin_prefetch(&ordering->cells[own[i]], 1);
        for (size_t i = 0; i < count; i++)
            cell_add(ordering, own[i]);
    }
    return 0;
}

/* 0 for 1, then two steps a doubling; shifted to its place in a key. */
static uint64_t rarity_of(unsigned count)
{
    if (count <= 1)
        return 0;
    unsigned log = 31 - (unsigned)__builtin_clz(count);
    unsigned step = 2 * log + (count >> (log - 1) & 1) - 1;
    return (uint64_t)(step < RARITY_MAX ? step : RARITY_MAX) << LKS_NEAR_RARITY_SHIFT;
}

static int order_task(void *context, size_t index, unsigned worker, struct lks_error *err)
{
    struct ordering *ordering = context;
    struct lks_near *near = ordering->near;
    uint32_t first = (uint32_t)(index * FORMS_PER_TASK);
    uint32_t end =
        near->forms_count - first < FORMS_PER_TASK ? near->forms_count : first + FORMS_PER_TASK;
    if (lks_cancelled(near->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    const uint64_t *last = near->shingles + near->form_start[end];
    for (uint32_t form = first; form < end; form++) {
        uint64_t *keys = near->shingles + near->form_start[form], signature = 0;
        size_t size = lks_near_form_size(near, form);
        if (size + 64 > ordering->scratch_capacity[worker]) {
            int code =
                lks_budget_grow(&near->budget, &ordering->scratch[worker],
                                &ordering->scratch_capacity[worker], size + 64, sizeof *keys, err);
            if (code < 0)
                return code;
        }
        /* Those of the forms to come; what lies behind the task is not its own to read. */
        size_t ahead =
            (size_t)(last - keys) > CELLS_AHEAD ? (size_t)(last - keys) - CELLS_AHEAD : 0;
        for (size_t i = 0; i < size; i++) {
            uint64_t cell = keys[i] >> ordering->shift;
            if (i < ahead)
                __builtin_prefetch(&ordering->cells[keys[i + CELLS_AHEAD] >> ordering->shift]);
            unsigned count = ordering->cells[cell];
            uint64_t rarity = count < COUNT_MAX
                                  ? ordering->rarity[count]
                                  : rarity_of(count + ordering->crowds[cell >> CROWD_LOG]);
            keys[i] = rarity | keys[i] >> 6;
            signature ^= UINT64_C(1) << (keys[i] & 63);
        }
        near->kernels->sort(keys, size, ordering->scratch[worker]);
        ordering->signatures[form] = signature;
    }
    return 0;
}

int lks_near_order(struct lks_near *near, uint64_t **signatures_out, struct lks_error *err)
{
    struct ordering ordering = {.near = near,
                                .parts = near->shingles_count > SHINGLES_ALONE ? near->threads : 1};
    unsigned log = CELLS_LOG_MIN;
    while (log < CELLS_LOG_MAX && (UINT64_C(1) << log) < near->shingles_count / 2)
        log++;
    ordering.shift = 64 - log;
    for (unsigned count = 0; count < COUNT_MAX; count++)
        ordering.rarity[count] = rarity_of(count);
    *signatures_out = NULL;
    ordering.scratch = calloc(near->threads, sizeof *ordering.scratch);
    ordering.scratch_capacity = calloc(near->threads, sizeof *ordering.scratch_capacity);
    int code = ordering.scratch && ordering.scratch_capacity
                   ? 0
                   : lks_error_set(err, LKS_EMEMORY, "out of memory");
    size_t cells = (size_t)1 << log;
    if (code == 0)
        code = lks_budget_array(&near->budget, &ordering.cells, cells, sizeof *ordering.cells, err);
    if (code == 0)
        code = lks_budget_array(&near->budget, &ordering.crowds, cells >> CROWD_LOG,
                                sizeof *ordering.crowds, err);
    if (code == 0)
        code = lks_budget_array(&near->budget, &ordering.signatures, near->forms_count,
                                sizeof *ordering.signatures, err);
    if (code == 0)
        code = lks_threads_run(near->threads, ordering.parts, count_task, &ordering, err);
    if (code == 0)
        code = lks_threads_run(near->threads,
                               ((size_t)near->forms_count + FORMS_PER_TASK - 1) / FORMS_PER_TASK,
                               order_task, &ordering, err);
    for (unsigned i = 0; ordering.scratch && i < near->threads; i++)
        lks_budget_free(&near->budget, ordering.scratch[i],
                        ordering.scratch_capacity ? ordering.scratch_capacity[i] : 0,
                        sizeof **ordering.scratch);
    free(ordering.scratch);
    free(ordering.scratch_capacity);
    if (ordering.cells)
        lks_budget_free(&near->budget, ordering.cells, cells, sizeof *ordering.cells);
    if (ordering.crowds)
        lks_budget_free(&near->budget, ordering.crowds, cells >> CROWD_LOG,
                        sizeof *ordering.crowds);
    *signatures_out = ordering.signatures;
    return code;
}

/* ---- radix sort ---- */

static void radix_pass(const uint64_t *keys, const uint32_t *indexes, size_t count, unsigned shift,
                       size_t *starts, uint64_t *keys_out, uint32_t *indexes_out)
{
    size_t sum = 0;
    for (size_t digit = 0; digit < (size_t)1 << RADIX_BITS; digit++) {
        size_t here = starts[digit];
        starts[digit] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count; i++) {
        size_t place = starts[keys[i] >> shift & ((1 << RADIX_BITS) - 1)]++;
        keys_out[place] = keys[i];
        indexes_out[place] = indexes[i];
    }
}

int lks_near_radix(struct lks_budget *budget, uint64_t *keys, uint32_t *indexes, size_t count,
                   struct lks_error *err)
{
    uint64_t *other_keys = NULL, *from = keys, *to;
    uint32_t *other_indexes = NULL, *from_index = indexes, *to_index;
    uint64_t differ = 0;
    for (size_t i = 1; i < count; i++)
        differ |= keys[i] ^ keys[0];
    if (!differ)
        return 0;
    int code = lks_budget_array(budget, &other_keys, count, sizeof *other_keys, err);
    if (code == 0)
        code = lks_budget_array(budget, &other_indexes, count, sizeof *other_indexes, err);
    to = other_keys;
    to_index = other_indexes;
    for (unsigned shift = 0; code == 0 && shift < 64; shift += RADIX_BITS) {
        size_t starts[1 << RADIX_BITS] = {0};
        if (!(differ >> shift & ((1 << RADIX_BITS) - 1)))
            continue;
        for (size_t i = 0; i < count; i++)
            starts[from[i] >> shift & ((1 << RADIX_BITS) - 1)]++;
        radix_pass(from, from_index, count, shift, starts, to, to_index);
        uint64_t *swap = from;
        uint32_t *swap_index = from_index;
        from = to;
        to = swap;
        from_index = to_index;
        to_index = swap_index;
    }
    if (code == 0 && from != keys) {
        memcpy(keys, from, count * sizeof *keys);
        memcpy(indexes, from_index, count * sizeof *indexes);
    }
    if (other_keys)
        lks_budget_free(budget, other_keys, count, sizeof *other_keys);
    if (other_indexes)
        lks_budget_free(budget, other_indexes, count, sizeof *other_indexes);
    return code;
}
