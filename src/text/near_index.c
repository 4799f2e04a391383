/* near_index.c - which records have a shingle in their prefix: the inverted index of the near-text join
 *
 * What the join needs of a record, its signature and the keys of its prefix, is copied once into
 * the order of the records: forms lie in the order of their first texts, and every pass would wait for
 * memory at each. All that follows reads on.
 *
 *     entries  | key's hash, -        | ...    a record's next to the other's
 *     count    | key's hash, rank     | ...    rank: how many before it fell into the same slot
 *     place    | first of slot, rank  | ...    its posting is written at first + rank
 *
 *     slot  -> | signature            | ...    8 bytes a posting, read by the filter, 64 at a time
 *              | record, size, at     | ...    4 + 2 + 2 bytes, the last two cut at 65535
 *
 * Since a rank is known before anything is written, the order of postings does not depend on who writes them,
 * records may be shared out among threads, and whoever looks at a record knows without a further step
 * which postings are of records before it; most entries have none and cost nothing then. A slot with a
 * single posting is left empty. Two different keys may share a slot; that makes candidates in vain, never a
 * loss. Of places to come, which lie anywhere, memory is asked some entries ahead.
 *
 * Memory: 24 bytes a posting that another form may share, 12 a record, 4 a slot while it is made;
 * there are half as many slots to as many. */
#include "text/near_index.h"

#include <stdlib.h>

enum {
    START_AHEAD = 24, /* records */
    KEYS_AHEAD = 12,
    SLOTS_AHEAD = 48, /* entries */
    PLACES_AHEAD = 20,
    RECORDS_PER_TASK = 8192,
    ENTRIES_ALONE = 1 << 20 /* up to so many one worker counts: each reads them all */
};

struct making {
    struct lks_near *near;
    const struct lks_near_records *records;
    struct lks_near_index *index;
    uint32_t (*prefix)(const void *, uint32_t);
    const void *context;
    uint32_t *slot_start; /* [slots + 1] counts at first */
    size_t slots, parts;
    unsigned log; /* of slots */
};

static inline size_t slot_of(const struct making *making, const struct lks_near_entry *entry)
{
    return (size_t)((uint64_t)entry->first >> (32 - making->log));
}

/* Records stand by size and their forms by first appearance, so that each would wait for memory twice:
 * for where its form begins and for its keys. Both are asked for while others are at work. */
static inline void keys_prefetch(const struct lks_near *near,
                                 const struct lks_near_records *records, const uint64_t *signatures,
                                 uint32_t record)
{
    if (records->count - record > START_AHEAD)
        __builtin_prefetch(&near->form_start[records->form[record + START_AHEAD]]);
    if (records->count - record > KEYS_AHEAD) {
        uint32_t form = records->form[record + KEYS_AHEAD];
        const uint64_t *keys = near->shingles + near->form_start[form];
        __builtin_prefetch(keys);
        __builtin_prefetch(keys + 8);
        __builtin_prefetch(&signatures[form]);
    }
}

/* Copies the keys [at, end) of a record as hashes. */
static int entries_add(struct lks_near *near, struct lks_near_index *index, const uint64_t *keys,
                       uint32_t count, struct lks_error *err)
{
    size_t wanted = index->entries_count + count;
    if (wanted >= UINT32_MAX)
        return lks_error_set(err, LKS_EMEMORY,
                             "too many texts for one join: narrow the data or raise the threshold");
    if (wanted > index->entries_capacity) {
        int code = lks_budget_grow(&near->budget, &index->entries, &index->entries_capacity, wanted,
                                   sizeof *index->entries, err);
        if (code < 0)
            return code;
    }
    for (uint32_t i = 0; i < count; i++)
        index->entries[index->entries_count++] = (struct lks_near_entry){
            .first = (uint32_t)((keys[i] * UINT64_C(0x9e3779b97f4a7c15)) >> 32)};
    return 0;
}

static int entries_make(struct making *making, const uint64_t *signatures, struct lks_error *err)
{
    struct lks_near *near = making->near;
    const struct lks_near_records *records = making->records;
    struct lks_near_index *index = making->index;
    int code = lks_budget_array(&near->budget, &index->entry_start, (size_t)records->count + 1,
                                sizeof *index->entry_start, err);
    if (code == 0)
        code = lks_budget_array(&near->budget, &index->record_signature, records->count,
                                sizeof *index->record_signature, err);
    for (uint32_t record = 0; code == 0 && record < records->count; record++) {
        keys_prefetch(near, records, signatures, record);
        uint32_t form = records->form[record], at = 0;
        uint32_t end = making->prefix(making->context, records->size[record]);
        const uint64_t *keys = near->shingles + near->form_start[form];
        while (at < end && !(keys[at] >> LKS_NEAR_RARITY_SHIFT))
            at++;
        code = entries_add(near, index, keys + at, end - at, err);
        index->record_signature[record] = signatures[form];
        index->entry_start[record + 1] = (uint32_t)index->entries_count;
    }
    return code;
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
        if (slot - first < range)
            entries[i].before = making->slot_start[slot]++;
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
        uint32_t position = making->prefix(making->context, size);
        for (uint32_t i = index->entry_start[record]; i < last; i++) {
            struct lks_near_entry *entry = &index->entries[i];
            places_prefetch(making, i, index->entry_start[end]);
            size_t slot = slot_of(making, entry), at = position - (last - i);
            uint32_t start = making->slot_start[slot];
            entry->first = start;
            if (start == making->slot_start[slot + 1])
                continue; /* nobody else is there */
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
        sum += here > 1 ? here : 0;
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
                        const uint64_t *signatures,
                        uint32_t (*prefix)(const void *context, uint32_t size), const void *context,
                        struct lks_near_index *index, struct lks_error *err)
{
    struct making making = {
        .near = near, .records = records, .index = index, .prefix = prefix, .context = context};
    *index = (struct lks_near_index){0};
    int code = entries_make(&making, signatures, err);
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
        lks_budget_free(budget, index->entries, index->entries_capacity, sizeof *index->entries);
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
