/* load_rows.c - posts and what they act on, in dense columns, while files are read
 *
 * Whether a post was seen before is not asked row by row, which would be a look-up anywhere in
 * memory for each: the rows keep 96 bits of a keyed hash of their post's key, and when all are
 * read they are dealt out by the first bits of it, so that equal ones meet in a part that fits
 * a cache. By chance two of a hundred million different posts meet with probability 10^-13. */
#include "detect/load_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/threads.h"

enum { PART_ROWS = 8192, PARTS_BITS_MAX = 16, FREE = 0 };

int lks_load_rows_reserve(struct lks_load_rows *rows, size_t count, size_t actions_count,
                          int with_micros, struct lks_error *err)
{
    struct lks_budget *budget = rows->budget;
    size_t needed = rows->count + count;
    int code;
    if (with_micros && !rows->micro) {
        if ((code = lks_budget_grow(budget, &rows->micro, &rows->capacity[2], needed, 4, err)))
            return code;
        memset(rows->micro, 0, rows->count * 4);
    }
    if ((code = lks_budget_grow(budget, &rows->account, &rows->capacity[0], needed, 4, err)) ||
        (code = lks_budget_grow(budget, &rows->second, &rows->capacity[1], needed, 4, err)) ||
        (rows->micro &&
         (code = lks_budget_grow(budget, &rows->micro, &rows->capacity[2], needed, 4, err))) ||
        (code = lks_budget_grow(budget, &rows->key, &rows->capacity[3], needed, sizeof *rows->key,
                                err)) ||
        (code = lks_budget_grow(budget, &rows->actions, &rows->capacity[4], needed, 2, err)))
        return code;
    return lks_budget_grow(budget, &rows->object, &rows->object_capacity,
                           rows->objects_count + actions_count, 4, err);
}

void lks_load_rows_clear(struct lks_load_rows *rows)
{
    rows->count = rows->objects_count = 0;
}

static void key_free(struct lks_load_rows *rows)
{
    lks_budget_free(rows->budget, rows->key, rows->capacity[3], sizeof *rows->key);
    rows->key = NULL;
    rows->capacity[3] = 0;
}

void lks_load_rows_free(struct lks_load_rows *rows)
{
    if (!rows->budget)
        return;
    lks_budget_free(rows->budget, rows->account, rows->capacity[0], 4);
    lks_budget_free(rows->budget, rows->second, rows->capacity[1], 4);
    lks_budget_free(rows->budget, rows->micro, rows->capacity[2], 4);
    key_free(rows);
    lks_budget_free(rows->budget, rows->actions, rows->capacity[4], 2);
    lks_budget_free(rows->budget, rows->object, rows->object_capacity, 4);
    *rows = (struct lks_load_rows){0};
}

/* ---- repeated posts ---- */

/* A worker's scratch: the keys of one part, and a table over them. */
struct part_scratch {
    uint32_t (*key)[3];
    uint32_t *slot; /* index in the part + 1 */
    size_t key_capacity, slot_capacity;
    struct lks_load_repeat *repeat;
    size_t repeats_count, repeat_capacity;
};

struct search {
    const struct lks_load_rows *rows;
    uint32_t *order; /* rows by part */
    uint32_t *start; /* [parts + 1] */
    unsigned bits;
    struct part_scratch *scratch; /* [threads] */
};

static uint32_t part_of(const uint32_t key[3], unsigned bits)
{
    return bits ? key[0] >> (32 - bits) : 0;
}

static int part_search(void *context, size_t part, unsigned worker, struct lks_error *err)
{
    struct search *search = context;
    struct part_scratch *scratch = &search->scratch[worker];
    struct lks_budget *budget = search->rows->budget;
    const uint32_t *order = search->order + search->start[part];
    size_t count = search->start[part + 1] - search->start[part], slots = 16;
    int code;
    while (slots < 2 * count)
        slots *= 2;
    if ((code = lks_budget_grow(budget, &scratch->key, &scratch->key_capacity, count,
                                sizeof *scratch->key, err)) ||
        (code = lks_budget_grow(budget, &scratch->slot, &scratch->slot_capacity, slots, 4, err)))
        return code;
    memset(scratch->slot, 0, slots * 4);
    for (size_t i = 0; i < count; i++)
        memcpy(scratch->key[i], search->rows->key[order[i]], sizeof *scratch->key);
    for (size_t i = 0; i < count; i++) {
        const uint32_t *key = scratch->key[i];
        size_t place = key[1] & (slots - 1);
        uint32_t found;
        while ((found = scratch->slot[place]) != FREE &&
               memcmp(scratch->key[found - 1], key, sizeof *scratch->key) != 0)
            place = (place + 1) & (slots - 1);
        if (found == FREE) {
            scratch->slot[place] = (uint32_t)i + 1;
            continue;
        }
        code = lks_budget_grow(budget, &scratch->repeat, &scratch->repeat_capacity,
                               scratch->repeats_count + 1, sizeof *scratch->repeat, err);
        if (code)
            return code;
        scratch->repeat[scratch->repeats_count++] =
            (struct lks_load_repeat){order[i], order[found - 1]};
    }
    return 0;
}

static void rows_deal(struct search *search)
{
    const struct lks_load_rows *rows = search->rows;
    size_t parts = (size_t)1 << search->bits;
    for (size_t i = 0; i < rows->count; i++)
        search->start[part_of(rows->key[i], search->bits) + 1]++;
    for (size_t part = 0; part < parts; part++)
        search->start[part + 1] += search->start[part];
    for (size_t i = 0; i < rows->count; i++)
        search->order[search->start[part_of(rows->key[i], search->bits)]++] = (uint32_t)i;
    memmove(search->start + 1, search->start, parts * sizeof *search->start);
    search->start[0] = 0;
}

static int compare_repeats(const void *left, const void *right)
{
    const struct lks_load_repeat *x = left, *y = right;
    return (x->row > y->row) - (x->row < y->row);
}

/* Joins what the workers found. */
static int repeats_join(struct search *search, unsigned threads_count,
                        struct lks_load_repeat **repeats_out, size_t *count_out,
                        size_t *capacity_out, struct lks_error *err)
{
    size_t count = 0, at = 0;
    for (unsigned i = 0; i < threads_count; i++)
        count += search->scratch[i].repeats_count;
    if (!count)
        return 0;
    int code = lks_budget_grow(search->rows->budget, repeats_out, capacity_out, count,
                               sizeof **repeats_out, err);
    if (code)
        return code;
    for (unsigned i = 0; i < threads_count; i++) {
        const struct part_scratch *scratch = &search->scratch[i];
        if (scratch->repeats_count)
            memcpy(*repeats_out + at, scratch->repeat,
                   scratch->repeats_count * sizeof *scratch->repeat);
        at += scratch->repeats_count;
    }
    qsort(*repeats_out, count, sizeof **repeats_out, compare_repeats);
    *count_out = count;
    return 0;
}

int lks_load_repeats(const struct lks_load_rows *rows, unsigned threads_count,
                     struct lks_load_repeat **repeats_out, size_t *count_out, size_t *capacity_out,
                     struct lks_error *err)
{
    struct search search = {.rows = rows};
    struct lks_budget *budget = rows->budget;
    size_t order_capacity = 0, start_capacity = 0;
    *repeats_out = NULL;
    *count_out = *capacity_out = 0;
    while (search.bits < PARTS_BITS_MAX && rows->count >> search.bits > PART_ROWS)
        search.bits++;
    size_t parts = (size_t)1 << search.bits;
    search.scratch = calloc(threads_count, sizeof *search.scratch);
    int code = search.scratch ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = lks_budget_grow(budget, &search.order, &order_capacity, rows->count, 4, err);
    if (code == 0)
        code = lks_budget_grow(budget, &search.start, &start_capacity, parts + 1, 4, err);
    if (code == 0) {
        memset(search.start, 0, (parts + 1) * 4);
        rows_deal(&search);
        code = lks_threads_run(threads_count, parts, part_search, &search, err);
    }
    if (code == 0)
        code = repeats_join(&search, threads_count, repeats_out, count_out, capacity_out, err);
    for (unsigned i = 0; search.scratch && i < threads_count; i++) {
        struct part_scratch *scratch = &search.scratch[i];
        lks_budget_free(budget, scratch->key, scratch->key_capacity, sizeof *scratch->key);
        lks_budget_free(budget, scratch->slot, scratch->slot_capacity, 4);
        lks_budget_free(budget, scratch->repeat, scratch->repeat_capacity, sizeof *scratch->repeat);
    }
    free(search.scratch);
    lks_budget_free(budget, search.order, order_capacity, 4);
    lks_budget_free(budget, search.start, start_capacity, 4);
    return code;
}
