/* near_order.c - every form's shingles in one order, the rarest first, and its prefix where the join reads it
 *
 * The join looks at the first few shingles of a form only, so it is as fast as those are
 * rare (near_rarity.c counts). The key of a shingle is
 *
 *     63   62      58 57                                  0
 *    | 0 | rarity    | the 58 higher bits of its hash      |
 *
 * with rarity 0 for a count of 1: no other form can share it, so the join skips it. Two
 * different shingles have one key with a chance of 2^-58.
 *
 * The shingles of many texts are more than the caches hold, so what the index wants of a form is copied while its
 * keys are at hand: some three hashes of 4 bytes instead of lines anywhere in memory later on. */
#include <stdlib.h>

#include "text/near_index.h"
#include "text/near_rarity.h"

enum { FORMS_PER_TASK = 1 << LKS_NEAR_PREFIX_FORMS_LOG, CELLS_AHEAD = 64 /* shingles */ };

struct ordering {
    struct lks_near *near;
    const struct lks_near_bounds *bounds;
    struct lks_near_prefixes *prefixes;
    struct lks_near_rarity rarity;
    uint64_t **scratch; /* [threads] */
    size_t *scratch_capacity;
};

/* Turns the hashes of a form into keys, `ahead` of which are followed by CELLS_AHEAD more; their signature. */
static uint64_t keys_make(const struct ordering *ordering, uint64_t *keys, size_t size,
                          size_t ahead)
{
    const uint8_t *const cells = ordering->rarity.cells;
    const uint64_t *const rarity = ordering->rarity.key;
    const unsigned shift = 64 - ordering->rarity.log;
    uint64_t signature = 0;
    for (size_t i = 0; i < size; i++) {
        if (i < ahead)
            __builtin_prefetch(&cells[keys[i + CELLS_AHEAD] >> shift]);
        keys[i] = rarity[cells[keys[i] >> shift]] | keys[i] >> 6;
        signature ^= UINT64_C(1) << (keys[i] & 63);
    }
    return signature;
}

/* Room for a form of this size, in the worker's scratch and in the part. */
static int room_make(struct ordering *ordering, unsigned worker, struct lks_near_prefix_part *part,
                     uint32_t size, uint32_t prefix, struct lks_error *err)
{
    struct lks_budget *budget = &ordering->near->budget;
    int code = 0;
    if ((size_t)size + 64 > ordering->scratch_capacity[worker])
        code =
            lks_budget_grow(budget, &ordering->scratch[worker], &ordering->scratch_capacity[worker],
                            (size_t)size + 64, sizeof **ordering->scratch, err);
    if (code == 0 && part->count + prefix > part->capacity)
        code = lks_budget_grow(budget, &part->hashes, &part->capacity, part->count + prefix,
                               sizeof *part->hashes, err);
    return code;
}

static int order_task(void *context, size_t index, unsigned worker, struct lks_error *err)
{
    struct ordering *ordering = context;
    struct lks_near *near = ordering->near;
    struct lks_near_prefix_part part = {0};
    uint32_t first = (uint32_t)(index * FORMS_PER_TASK);
    uint32_t end =
        near->forms_count - first < FORMS_PER_TASK ? near->forms_count : first + FORMS_PER_TASK;
    int code = lks_cancelled(near->control) ? lks_error_set(err, LKS_ECANCELLED, "stopped") : 0;
    const uint64_t *last = near->shingles + near->form_start[end];
    for (uint32_t form = first; code == 0 && form < end; form++) {
        uint64_t *keys = near->shingles + near->form_start[form];
        uint32_t size = lks_near_form_size(near, form);
        uint32_t prefix = lks_near_prefix(ordering->bounds, size);
        code = room_make(ordering, worker, &part, size, prefix, err);
        if (code < 0)
            break;
        /* Those of the forms to come; what lies behind the task is not its own to read. */
        size_t left = (size_t)(last - keys);
        ordering->prefixes->signatures[form] =
            keys_make(ordering, keys, size, left > CELLS_AHEAD ? left - CELLS_AHEAD : 0);
        near->kernels->sort(keys, size, ordering->scratch[worker]);
        for (uint32_t i = 0; i < prefix; i++) {
            part.hashes[part.count] = (uint32_t)((keys[i] * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
            part.count += keys[i] >> LKS_NEAR_RARITY_SHIFT != 0;
        }
        if (part.count > UINT32_MAX)
            code = lks_error_set(err, LKS_EMEMORY, "too many shingles");
        ordering->prefixes->end[form] = (uint32_t)part.count;
    }
    ordering->prefixes->parts[index] = part;
    return code;
}

static int prefixes_make(struct lks_near *near, struct lks_near_prefixes *prefixes,
                         struct lks_error *err)
{
    struct lks_budget *budget = &near->budget;
    prefixes->parts_count = ((size_t)near->forms_count + FORMS_PER_TASK - 1) / FORMS_PER_TASK;
    int code = lks_budget_array(budget, &prefixes->parts, prefixes->parts_count,
                                sizeof *prefixes->parts, err);
    if (code == 0)
        code =
            lks_budget_array(budget, &prefixes->end, near->forms_count, sizeof *prefixes->end, err);
    if (code == 0)
        code = lks_budget_array(budget, &prefixes->signatures, near->forms_count,
                                sizeof *prefixes->signatures, err);
    return code;
}

int lks_near_order(struct lks_near *near, const struct lks_near_bounds *bounds,
                   struct lks_near_prefixes *prefixes, struct lks_error *err)
{
    struct ordering ordering = {.near = near, .bounds = bounds, .prefixes = prefixes};
    *prefixes = (struct lks_near_prefixes){0};
    ordering.scratch = calloc(near->threads, sizeof *ordering.scratch);
    ordering.scratch_capacity = calloc(near->threads, sizeof *ordering.scratch_capacity);
    int code = ordering.scratch && ordering.scratch_capacity
                   ? 0
                   : lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = prefixes_make(near, prefixes, err);
    if (code == 0)
        code = lks_near_rarity_count(near, &ordering.rarity, &near->budget, err);
    if (code == 0)
        code = lks_threads_run(near->threads, prefixes->parts_count, order_task, &ordering, err);
    for (unsigned i = 0; ordering.scratch && i < near->threads; i++)
        lks_budget_free(&near->budget, ordering.scratch[i],
                        ordering.scratch_capacity ? ordering.scratch_capacity[i] : 0,
                        sizeof **ordering.scratch);
    free(ordering.scratch);
    free(ordering.scratch_capacity);
    lks_near_rarity_free(&ordering.rarity, &near->budget);
    return code;
}

void lks_near_prefixes_free(struct lks_near *near, struct lks_near_prefixes *prefixes)
{
    struct lks_budget *budget = &near->budget;
    for (size_t i = 0; prefixes->parts && i < prefixes->parts_count; i++)
        lks_budget_free(budget, prefixes->parts[i].hashes, prefixes->parts[i].capacity,
                        sizeof *prefixes->parts[i].hashes);
    lks_budget_free(budget, prefixes->parts, prefixes->parts_count, sizeof *prefixes->parts);
    lks_budget_free(budget, prefixes->end, near->forms_count, sizeof *prefixes->end);
    lks_budget_free(budget, prefixes->signatures, near->forms_count, sizeof *prefixes->signatures);
    *prefixes = (struct lks_near_prefixes){0};
}
