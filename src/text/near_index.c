/* near_index.c - which records have a shingle in their prefix: the inverted index of the near-text join
 *
 * What the join needs of a record, its signature and what others may share of its prefix, is copied from
 * the order of the forms (near_order.c) into that of the records, so that all that follows reads on.
 *
 *     entries  | key's hash, 0 or 1   | ...    a record's next to the other's; 1: it has a posting
 *     count    | key's hash, rank     | ...    rank: how many postings before it are of the same slot
 *     place    | first of slot, rank  | ...    its posting is written at first + rank
 *
 *     slot  -> | signature            | ...    8 bytes a posting, read by the filter, 64 at a time
 *              | record, size, at     | ...    4 + 2 + 2 bytes, the last two cut at 65535
 *
 * Since a rank is known before anything is written, the order of postings does not depend on who writes them,
 * records may be shared out among threads, and whoever looks at a record knows without a further step
 * which postings are of records before it; most entries have none and cost nothing then. A slot
 * at which no entry finds a posting is left empty. Two different keys may share a slot; that makes candidates in vain, never a
 * loss.
 *
 * Not every entry has a posting. Without a window a record x looks at records y before it only, which are no larger. Such two
 * share need(|x| + |y|) >= need(2 |y|) shingles if they are near, so the first one in common is among the first
 * |y| - need(2 |y|) + 1 of y (Xiao and others 2008): at 0.8 that is a ninth of its shingles, while what x looks up is a fifth. The
 * difference is where texts of one frame that are just not near have the frame, which all of them share. With a
 * window a record looks at larger ones too, and every entry has its posting.
 *
 * Of places to come, which lie anywhere, memory is asked some entries ahead.
 *
 * Memory: 8 bytes a shingle that another form may share, 16 a posting that is looked at, 12 a record, 4 a slot while it is made;
 * there are half as many slots to as many. */
#include "text/near_index.h"

#include <stdlib.h>

enum {
    PREFIXES_AHEAD = 16, /* records */
    SLOTS_AHEAD = 48,    /* entries */
    PLACES_AHEAD = 20,
    RECORDS_PER_TASK = 8192,
    ENTRIES_ALONE = 1 << 20 /* up to so many one worker counts: each reads them all */
};
#define FOUND (UINT32_C(1) << 31) /* in a slot's count: some entry found a posting there */

struct making {
    struct lks_near *near;
    const struct lks_near_records *records;
    struct lks_near_index *index;
    const struct lks_near_bounds *bounds;
    uint32_t *slot_start; /* [slots + 1] counts at first */
    size_t slots, parts;
    unsigned log; /* of slots */
};

static inline size_t slot_of(const struct making *making, const struct lks_near_entry *entry)
{
    return (size_t)((uint64_t)entry->first >> (32 - making->log));
}

/* So many of the first shingles of a record have postings. */
static inline uint32_t posted_of(const struct making *making, uint32_t size)
{
    return making->records->span ? lks_near_prefix(making->bounds, size)
                                 : size - lks_near_need(making->bounds, 2 * (uint64_t)size) + 1;
}

/* The part of a form's prefix, and where it is in there. */
static inline const struct lks_near_prefix_part *prefix_part(
    const struct lks_near_prefixes *prefixes, uint32_t form, uint32_t *first_out)
{
    int within = form & ((1u << LKS_NEAR_PREFIX_FORMS_LOG) - 1);
    *first_out = within ? prefixes->end[form - 1] : 0;
    return &prefixes->parts[form >> LKS_NEAR_PREFIX_FORMS_LOG];
}

static int rows_make(struct making *making, const struct lks_near_prefixes *prefixes,
                     struct lks_error *err)
{
    const struct lks_near_records *records = making->records;
    struct lks_near_index *index = making->index;
    struct lks_budget *budget = &making->near->budget;
    uint64_t sum = 0;
    int code = lks_budget_array(budget, &index->entry_start, (size_t)records->count + 1,
                                sizeof *index->entry_start, err);
    if (code == 0)
        code = lks_budget_array(budget, &index->record_signature, records->count,
                                sizeof *index->record_signature, err);
    for (uint32_t record = 0; code == 0 && record < records->count; record++) {
        uint32_t first, form = records->form[record];
        prefix_part(prefixes, form, &first);
        sum += prefixes->end[form] - first;
        index->entry_start[record + 1] = (uint32_t)sum;
        index->record_signature[record] = prefixes->signatures[form];
    }
    if (code == 0 && sum >= FOUND)
        code = lks_error_set(err, LKS_EMEMORY,
                             "too many texts for one join: narrow the data or raise the threshold");
    index->entries_count = sum;
    return code ? code
                : lks_budget_array(budget, &index->entries, sum, sizeof *index->entries, err);
}

/* Copies what records may share into their order, in which all that follows reads on. */
static void rows_fill(struct making *making, const struct lks_near_prefixes *prefixes)
{
    const struct lks_near_records *records = making->records;
    struct lks_near_index *index = making->index;
    for (uint32_t record = 0; record < records->count; record++) {
        uint32_t first, at = index->entry_start[record], end = index->entry_start[record + 1];
        if (records->count - record > PREFIXES_AHEAD) {
            uint32_t next = records->form[record + PREFIXES_AHEAD];
            const struct lks_near_prefix_part *part = prefix_part(prefixes, next, &first);
            __builtin_prefetch(part->hashes + first);
        }
        const struct lks_near_prefix_part *part =
            prefix_part(prefixes, records->form[record], &first);
        uint32_t size = records->size[record], posted = posted_of(making, size);
        uint32_t position = lks_near_prefix(making->bounds, size) - (end - at);
        for (; at < end; at++)
            index->entries[at] = (struct lks_near_entry){.first = part->hashes[first++],
                                                         .before = position++ < posted};
    }
}

/* One range of slots: ranks its entries. */
static int count_task(void *context, size_t part, unsigned worker, struct lks_error *err)
{
    struct making *making = context;
    struct lks_near_entry *entries = making->index->entries;
    size_t count = making->index->entries_count;
    size_t first = making->slots * part / making->parts;
    size_t range = making->slots * (part + 1) / making->parts - first;
    (void)worker;
    if (lks_cancelled(making->near->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    for (size_t i = 0; i < count; i++) {
        if (count - i > SLOTS_AHEAD)
            __builtin_prefetch(&making->slot_start[slot_of(making, &entries[i + SLOTS_AHEAD])], 1);
        size_t slot = slot_of(making, &entries[i]);
        if (slot - first >= range)
            continue;
        uint32_t there = making->slot_start[slot], before = there & ~FOUND;
        making->slot_start[slot] = (there | (before ? FOUND : 0)) + entries[i].before;
        entries[i].before = before;
    }
    return 0;
}

/* Asks for the start of a slot some way ahead, and for the places of a nearer entry's posting. */
static inline void places_prefetch(const struct making *making, size_t entry, size_t end)
{
    const struct lks_near_index *index = making->index;
    if (end - entry > SLOTS_AHEAD)
        __builtin_prefetch(
            &making->slot_start[slot_of(making, &index->entries[entry + SLOTS_AHEAD])]);
    if (end - entry <= PLACES_AHEAD)
        return;
    const struct lks_near_entry *next = &index->entries[entry + PLACES_AHEAD];
    size_t place = (size_t)making->slot_start[slot_of(making, next)] + next->before;
    if (place < index->postings_count) {
        __builtin_prefetch(&index->signature[place], 1);
        __builtin_prefetch(&index->posting[place], 1);
    }
}

/* Writes the postings of some records. */
static int place_task(void *context, size_t task, unsigned worker, struct lks_error *err)
{
    struct making *making = context;
    struct lks_near_index *index = making->index;
    const struct lks_near_records *records = making->records;
    uint32_t first = (uint32_t)(task * RECORDS_PER_TASK), count = records->count;
    uint32_t end = count - first < RECORDS_PER_TASK ? count : first + RECORDS_PER_TASK;
    (void)worker;
    if (lks_cancelled(making->near->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    for (uint32_t record = first; record < end; record++) {
        uint32_t size = records->size[record], last = index->entry_start[record + 1];
        uint32_t position = lks_near_prefix(making->bounds, size), posted = posted_of(making, size);
        for (uint32_t i = index->entry_start[record]; i < last; i++) {
            struct lks_near_entry *entry = &index->entries[i];
            places_prefetch(making, i, index->entry_start[end]);
            size_t slot = slot_of(making, entry), at = position - (last - i);
            uint32_t start = making->slot_start[slot];
            entry->first = start;
            if (at >= posted || start == making->slot_start[slot + 1])
                continue; /* nobody looks for it */
            index->signature[start + entry->before] = index->record_signature[record];
            index->posting[start + entry->before] = (struct lks_near_posting){
                .record = record,
                .size = (uint16_t)(size < LKS_NEAR_CUT ? size : LKS_NEAR_CUT),
                .position = (uint16_t)(at < LKS_NEAR_CUT ? at : LKS_NEAR_CUT)};
        }
    }
    return 0;
}

/* Turns counts into starts; room for the postings. */
static int postings_alloc(struct making *making, struct lks_error *err)
{
    struct lks_near_index *index = making->index;
    struct lks_budget *budget = &making->near->budget;
    uint32_t sum = 0;
    for (size_t slot = 0; slot <= making->slots; slot++) {
        uint32_t here = making->slot_start[slot];
        making->slot_start[slot] = sum;
        sum += here & FOUND ? here & ~FOUND : 0;
    }
    size_t count = index->postings_count = sum, blocks = count / LKS_NEAR_BLOCK + 1;
    int code = lks_budget_array(budget, &index->signature, count, sizeof *index->signature, err);
    if (code == 0)
        code = lks_budget_array(budget, &index->tags, blocks, sizeof *index->tags, err);
    if (code == 0)
        code = lks_budget_array(budget, &index->posting, count, sizeof *index->posting, err);
    for (size_t i = 0; code == 0 && i < blocks; i++)
        index->tags[i] = LKS_NEAR_NONE;
    return code;
}

int lks_near_index_make(struct lks_near *near, const struct lks_near_records *records,
                        const struct lks_near_bounds *bounds,
                        const struct lks_near_prefixes *prefixes, struct lks_near_index *index,
                        struct lks_error *err)
{
    struct making making = {.near = near, .records = records, .index = index, .bounds = bounds};
    *index = (struct lks_near_index){0};
    int code = rows_make(&making, prefixes, err);
    if (code == 0)
        rows_fill(&making, prefixes);
    while (making.log < 32 && (UINT64_C(1) << making.log) < index->entries_count / 2)
        making.log++;
    making.slots = (size_t)1 << making.log;
    if (code == 0)
        code = lks_budget_array(&near->budget, &making.slot_start, making.slots + 1,
                                sizeof *making.slot_start, err);
    making.parts = index->entries_count > ENTRIES_ALONE ? near->threads : 1;
    if (code == 0)
        code = lks_threads_run(near->threads, making.parts, count_task, &making, err);
    if (code == 0)
        code = postings_alloc(&making, err);
    if (code == 0)
        code = lks_threads_run(near->threads,
                               ((size_t)records->count + RECORDS_PER_TASK - 1) / RECORDS_PER_TASK,
                               place_task, &making, err);
    if (making.slot_start)
        lks_budget_free(&near->budget, making.slot_start, making.slots + 1,
                        sizeof *making.slot_start);
    return code;
}

void lks_near_index_free(struct lks_near *near, const struct lks_near_records *records,
                         struct lks_near_index *index)
{
    struct lks_budget *budget = &near->budget;
    size_t count = index->postings_count;
    if (index->entry_start)
        lks_budget_free(budget, index->entry_start, (size_t)records->count + 1,
                        sizeof *index->entry_start);
    if (index->entries)
        lks_budget_free(budget, index->entries, index->entries_count, sizeof *index->entries);
    if (index->record_signature)
        lks_budget_free(budget, index->record_signature, records->count,
                        sizeof *index->record_signature);
    if (index->signature)
        lks_budget_free(budget, index->signature, count, sizeof *index->signature);
    if (index->posting)
        lks_budget_free(budget, index->posting, count, sizeof *index->posting);
    if (index->tags)
        lks_budget_free(budget, index->tags, count / LKS_NEAR_BLOCK + 1, sizeof *index->tags);
    *index = (struct lks_near_index){0};
}
