/* near_join.c - which records are near: an exact join by prefixes and signatures
 *
 * Let t be the threshold, |x| a form's number of shingles, in one order, the rarest first. If
 * Jaccard(x, y) >= t then x and y share at least a = least o with o / (|x| + |y| - o) >= t
 * shingles, and (Bayardo, Ma, Srikant 2007; Xiao and others 2008):
 *
 *   size      t |x| <= |y| <= |x| / t
 *   prefix    the first |x| - ceil(t |x|) + 1 of x and the same of y have one in common, since the
 *             rest of x is too short to hold what must be shared; of y, where it is no larger than x, the
 *             first |y| - a + 1 will do, with a for two sets of |y| (near_index.c)
 *   position  if that one stands at i in x and j in y and is the first that they share, at most
 *             1 + min(|x| - i - 1, |y| - j - 1) are shared
 *   signature 64 bits, each the parity of the number of keys that fall on it: two that
 *             differ in d bits belong to sets that differ in d keys at least (Sandes and others
 *             2020), and |x| + |y| - 2 a is what they may differ in
 *
 * An inverted index holds the prefixes (near_index.c): keys fall into slots, and a slot's postings lie together in
 * the order of the records (span, size, form).
 *
 * The index is complete before the first look, so any number of workers take records x and look
 * at those before x in the order: of x's span, and all of the span before. Records of sizes
 * that cannot be near are one range, found by bisection. What passes the filters is merged with x,
 * but only where the slot's key is the first that both prefixes share, so a pair
 * is compared once.
 *
 * A hundred thousand texts made from one template share their rare shingles, and all their
 * pairs are near: 5,000 million. Where only clusters are wanted (always, for a form that has
 * its fill of pairs), a candidate that stands in x's component already is passed over, and a whole
 * block of 64 postings known to lie in one component by a single comparison; the block's tag, once
 * true, stays true, since components only grow. So such a crowd costs a block's look and not 64
 * comparisons for each 64 partners.
 *
 * What a look reads lies anywhere in memory: postings, then where the other form begins, then its shingles. So
 * each step is asked for before it is needed: postings some records ahead; and what passed the
 * signatures waits until there are some, when all of it is read step by step. */
#include <stdlib.h>

#include "base/progress.h"
#include "text/near_index.h"

enum {
    RECORDS_PER_TASK = 1024,
    BLOCK = LKS_NEAR_BLOCK,
    SHORT_LIST = 32,
    POSTINGS_AHEAD = 6, /* records */
    POSTINGS_ASKED = 32,
    CANCEL_EVERY = 64,
    LOOKS = 64,
    WAITING = 64,
    KEYS_ASKED = 48 /* of each side of a comparison */
};

struct found {
    struct lks_near_pair *pairs;
    size_t count, capacity;
    uint64_t candidates, verified, limited;
};

struct join {
    struct lks_near *near;
    struct lks_near_records *records;
    uint64_t (*filter)(const uint64_t *, size_t, uint64_t, unsigned);
    int wanted; /* pairs */
    const struct lks_near_bounds *bounds;
    struct lks_near_index *index;
    struct found *found; /* [tasks] */
    size_t tasks_count;
    struct lks_meter meter;
    size_t done; /* records, atomic */
};

/* ---- looking ---- */

/* A range of records [first, end) that x may be near. */
struct range {
    uint32_t first, end;
    uint32_t limit; /* most bits that signatures may differ in */
};

/* What is known of a record x that is being looked at. */
struct look {
    uint32_t x, size, root;
    int collect;    /* its pairs are wanted still */
    uint32_t pairs; /* it has so many */
    uint64_t signature;
    struct range ranges[2]; /* of x's span, and of the span before */
};

/* A posting that passed the signature and waits for a closer look. */
struct waiting {
    struct look *look;
    size_t place;
    const uint64_t *keys, *other; /* of x and y */
    uint32_t y, need;             /* need 0: the closer look is still to come */
    uint32_t position;            /* of the key whose posting it is, in x */
    unsigned range;
};

/* Records that are looked at together. Keys lie anywhere, behind two steps of which each waits for
 * memory; so what is to be compared is gathered, and asked for all at once. */
struct batch {
    struct join *join;
    struct found *found;
    struct look looks[LOOKS];
    uint32_t looks_count, waiting_count;
    struct waiting waiting[WAITING];
};

/* Shared shingles of x and y if they reach need, else 0; 0 too where the first key that they
 * share is not the one at hand. */
static uint32_t compare(const struct waiting *pair, uint32_t other_size)
{
    const uint64_t *keys = pair->keys, *other = pair->other;
    uint32_t i = 0, j = 0, shared = 0, size = pair->look->size, need = pair->need;
    while (i <= pair->position && j < other_size) {
        if (keys[i] == other[j])
            break;
        if (keys[i] < other[j])
            i++;
        else
            j++;
    }
    if (i != pair->position || j == other_size)
        return 0;
    while (i < size && j < other_size) {
        uint32_t left = size - i < other_size - j ? size - i : other_size - j;
        if (shared + left < need)
            return 0;
        for (uint32_t step = left < 8 ? left : 8; step > 0; step--) {
            uint64_t a = keys[i], b = other[j];
            shared += a == b;
            i += a <= b;
            j += b <= a;
        }
    }
    return shared >= need ? shared : 0;
}

static int pair_put(struct join *join, struct found *found, struct look *look, uint32_t y,
                    uint32_t shared, struct lks_error *err)
{
    const struct lks_near *near = join->near;
    uint32_t a = join->records->form[look->x], b = join->records->form[y];
    int code = lks_budget_grow(&join->near->budget, &found->pairs, &found->capacity,
                               found->count + 1, sizeof *found->pairs, err);
    if (code < 0)
        return code;
    if (a > b) {
        uint32_t swap = a;
        a = b;
        b = swap;
    }
    found->pairs[found->count++] = (struct lks_near_pair){
        .form_a = a,
        .form_b = b,
        .first_a = near->form_first[a],
        .first_b = near->form_first[b],
        .shared = shared,
        .either = look->size + join->records->size[y] - shared,
    };
    if (++look->pairs == near->options.pairs_per_form_max) {
        look->collect = 0;
        found->limited++;
    }
    return 0;
}

/* Whether x has a text within the window of one of y's, y being of the span before. */
static int in_time(const struct join *join, uint32_t x, uint32_t y)
{
    const struct lks_near_records *records = join->records;
    const int64_t *time_us = join->near->text_time_us;
    uint32_t first = records->text_order[records->first[x]];
    uint32_t last = records->text_order[records->first[y] + records->texts[y] - 1];
    return time_us[first] - time_us[last] <= join->near->options.window_us;
}

static int waiting_compare(struct batch *batch, const struct waiting *pair, struct lks_error *err)
{
    struct join *join = batch->join;
    struct look *look = pair->look;
    uint32_t *parent = join->records->parent;
    if (!look->collect) {
        look->root = lks_near_find(parent, look->x);
        if (lks_near_find(parent, pair->y) == look->root)
            return 0;
    }
    batch->found->verified++;
    uint32_t shared = compare(pair, join->records->size[pair->y]);
    if (!shared)
        return 0;
    join->records->met[look->x] = (struct lks_near_met){.record = pair->y, .shared = shared};
    lks_near_unite(parent, look->x, pair->y);
    look->root = lks_near_find(parent, look->x);
    return look->collect ? pair_put(join, batch->found, look, pair->y, shared, err) : 0;
}

/* What a posting that passed the signature must share with x to be near it; 0 where it cannot be. */
static inline uint32_t posting_need(struct batch *batch, const struct look *look, unsigned which,
                                    size_t place, uint32_t position)
{
    const struct join *join = batch->join;
    const struct lks_near_posting *posting = &join->index->posting[place];
    const struct range *range = &look->ranges[which];
    uint32_t y = posting->record, size = posting->size;
    if (y - range->first >= range->end - range->first)
        return 0; /* a short list holds others too */
    batch->found->candidates++;
    if (size == LKS_NEAR_CUT)
        size = join->records->size[y];
    uint32_t left_x = look->size - position, left_y = size - posting->position;
    uint32_t need = lks_near_need(join->bounds, (uint64_t)look->size + size);
    if ((left_x < left_y ? left_x : left_y) < need)
        return 0;
    if (which && /* equal ones were joined as the records were made */
        (join->records->form[y] == join->records->form[look->x] || !in_time(join, look->x, y)))
        return 0;
    return need;
}

static inline void keys_ask(const uint64_t *keys, uint32_t size)
{
    for (uint32_t i = 0; i < size && i < KEYS_ASKED; i += 8)
        __builtin_prefetch(keys + i);
}

/* Compares what waits, in the order in which it came. */
static int batch_compare(struct batch *batch, struct lks_error *err)
{
    const struct join *join = batch->join;
    const struct lks_near *near = join->near;
    const uint32_t *form = join->records->form;
    uint32_t kept = 0;
    int code = 0;
    for (uint32_t i = 0; i < batch->waiting_count; i++) {
        struct waiting *pair = &batch->waiting[i];
        if (!pair->need)
            pair->need = posting_need(batch, pair->look, pair->range, pair->place, pair->position);
        if (!pair->need)
            continue;
        pair->y = join->index->posting[pair->place].record;
        __builtin_prefetch(&near->form_start[form[pair->y]]);
        __builtin_prefetch(&near->form_start[form[pair->look->x]]);
        batch->waiting[kept++] = *pair;
    }
    for (uint32_t i = 0; i < kept; i++) {
        struct waiting *pair = &batch->waiting[i];
        pair->keys = near->shingles + near->form_start[form[pair->look->x]];
        pair->other = near->shingles + near->form_start[form[pair->y]];
        keys_ask(pair->keys, pair->look->size);
        keys_ask(pair->other, join->records->size[pair->y]);
    }
    for (uint32_t i = 0; code == 0 && i < kept; i++)
        code = waiting_compare(batch, &batch->waiting[i], err);
    batch->waiting_count = 0;
    return code;
}

/* Tags a whole block whose postings all are in one component with x. */
static void block_tag(struct join *join, const struct look *look, size_t block)
{
    for (size_t i = block * BLOCK; i < (block + 1) * BLOCK; i++)
        if (lks_near_find(join->records->parent, join->index->posting[i].record) != look->root)
            return;
    __atomic_store_n(&join->index->tags[block], look->root, __ATOMIC_RELAXED);
}

/* Whether the whole block is known to be in x's component already. */
static int block_is_known(struct join *join, struct look *look, uint32_t tag)
{
    if (tag == LKS_NEAR_NONE)
        return 0;
    look->root = lks_near_find(join->records->parent, look->x);
    return lks_near_find(join->records->parent, tag) == look->root;
}

/* Those of the postings [from, to), all of one block, that the signature lets through. */
static int block_look(struct batch *batch, struct look *look, size_t from, size_t to,
                      uint32_t position, unsigned range, struct lks_error *err)
{
    const struct join *join = batch->join;
    uint64_t kept = join->filter(join->index->signature + from, to - from, look->signature,
                                 look->ranges[range].limit);
    int crowded = __builtin_popcountll(kept) >= BLOCK / 2, code = 0;
    int dense =
        to - from >= BLOCK / 4; /* then the postings are read on, and nothing waits for them */
    for (; code == 0 && kept; kept &= kept - 1) {
        size_t place = from + (size_t)__builtin_ctzll(kept);
        uint32_t need = dense ? posting_need(batch, look, range, place, position) : 0;
        if (dense && !need)
            continue;
        if (!dense)
            __builtin_prefetch(&join->index->posting[place]);
        batch->waiting[batch->waiting_count++] = (struct waiting){
            .look = look, .place = place, .need = need, .position = position, .range = range};
        if (batch->waiting_count == WAITING)
            code = batch_compare(batch, err);
    }
    if (code == 0 && crowded) /* at once: what it finds spares the blocks to come */
        code = batch_compare(batch, err);
    return code < 0 ? code : crowded;
}

/* The postings [from, to) of one slot, that of x's key at this position. */
static int postings_look(struct batch *batch, struct look *look, size_t from, size_t to,
                         uint32_t position, unsigned range, struct lks_error *err)
{
    struct join *join = batch->join;
    while (from < to) {
        size_t block = from / BLOCK, end = (block + 1) * BLOCK < to ? (block + 1) * BLOCK : to;
        uint32_t tag = LKS_NEAR_NONE;
        if (!look->collect)
            tag = __atomic_load_n(&join->index->tags[block], __ATOMIC_RELAXED);
        if (!block_is_known(join, look, tag)) {
            int code = block_look(batch, look, from, end, position, range, err);
            if (code < 0)
                return code;
            if (code > 0 && !look->collect && tag == LKS_NEAR_NONE &&
                (block + 1) * BLOCK <= join->index->postings_count)
                block_tag(join, look, block);
        }
        from = end;
    }
    return 0;
}

/* The first posting in [from, to) whose record is at least `record`. */
static size_t postings_from(const struct join *join, size_t from, size_t to, uint32_t record)
{
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (join->index->posting[middle].record < record)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static int range_look(struct batch *batch, struct look *look, unsigned which, struct lks_error *err)
{
    const struct join *join = batch->join;
    const struct range *range = &look->ranges[which];
    uint32_t entry = join->index->entry_start[look->x],
             last = join->index->entry_start[look->x + 1];
    uint32_t prefix = lks_near_prefix(join->bounds, look->size);
    for (; entry < last && range->first < range->end; entry++) {
        size_t first = join->index->entries[entry].first;
        size_t end = first + join->index->entries[entry].before;
        if (end - first > SHORT_LIST) { /* shorter ones are quicker filtered than searched */
            first = postings_from(join, first, end, range->first);
            end = postings_from(join, first, end, range->end);
        }
        if (first == end)
            continue;
        int code = postings_look(batch, look, first, end, prefix - (last - entry), which, err);
        if (code < 0)
            return code;
    }
    return 0;
}

/* The first record of [first, end), which rise by size, that has at least `size` shingles. */
static uint32_t records_from(const struct lks_near_records *records, uint32_t first, uint32_t end,
                             uint64_t size)
{
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;
        if (records->size[middle] < size)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

/* The first record of a span at least `span`. */
static uint32_t span_first(const struct lks_near_records *records, uint64_t span)
{
    uint32_t first = 0, end = records->span ? records->count : 0;
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;
        if (records->span[middle] < span)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

/* The most bits that the signatures of x and a near set of at most `size` may differ in. */
static uint32_t differ_most(const struct join *join, uint32_t x_size, uint64_t size)
{
    uint64_t both = x_size + size;
    uint64_t most = both - 2 * (uint64_t)lks_near_need(join->bounds, both);
    /* need is rounded up, so that a smaller size may allow one more. */
    return most + 2 < 64 ? (uint32_t)most + 2 : 64;
}

/* The ranges for a record, from those of the one before it where span and size are the same. */
static void ranges_of(const struct join *join, uint32_t x, struct range ranges[2])
{
    const struct lks_near_records *records = join->records;
    uint32_t size = records->size[x], least = lks_near_share_of(join->bounds->threshold, size);
    uint64_t most = (uint64_t)((double)size / join->bounds->threshold) + 1;
    uint32_t first = 0;
    if (records->span) {
        uint64_t span = records->span[x];
        uint32_t before = span ? span_first(records, span - 1) : 0;
        first = span_first(records, span);
        ranges[1].first = records_from(records, before, first, least);
        ranges[1].end = records_from(records, before, first, most + 1);
        ranges[1].limit = differ_most(join, size, most);
    }
    ranges[0].first = records_from(records, first, x, least);
    ranges[0].limit = differ_most(join, size, size);
}

static int record_look(struct batch *batch, uint32_t x, const struct range ranges[2],
                       struct lks_error *err)
{
    struct join *join = batch->join;
    int code = 0;
    if (batch->looks_count == LOOKS) {
        code = batch_compare(batch, err);
        batch->looks_count = 0;
    }
    struct look *look = &batch->looks[batch->looks_count++];
    *look = (struct look){.x = x, .size = join->records->size[x], .root = x};
    look->signature = join->index->record_signature[x];
    look->collect = join->wanted;
    look->ranges[0] = ranges[0];
    look->ranges[0].end = x;
    look->ranges[1] = ranges[1];
    if (code == 0)
        code = range_look(batch, look, 0, err);
    if (code == 0 && join->records->span)
        code = range_look(batch, look, 1, err);
    return code;
}

/* Whether any posting is of a record before x. */
static inline int has_earlier(const struct join *join, uint32_t x)
{
    uint32_t before = 0;
    for (uint32_t i = join->index->entry_start[x]; i < join->index->entry_start[x + 1]; i++)
        before |= join->index->entries[i].before;
    return before != 0;
}

/* Asks for the postings that a record some way ahead will look at. */
static inline void postings_ask(const struct join *join, uint32_t record, uint32_t end)
{
    if (end - record <= POSTINGS_AHEAD)
        return;
    const struct lks_near_index *index = join->index;
    record += POSTINGS_AHEAD;
    for (uint32_t i = index->entry_start[record]; i < index->entry_start[record + 1]; i++) {
        uint32_t first = index->entries[i].first, before = index->entries[i].before;
        for (uint32_t at = 0; at < before && at < POSTINGS_ASKED; at += 8)
            __builtin_prefetch(&index->signature[first + at]);
    }
}

/* Larger sets take longer: the last records come first. */
static int look_task(void *context, size_t index, unsigned worker, struct lks_error *err)
{
    struct join *join = context;
    const struct lks_near_records *records = join->records;
    size_t task = join->tasks_count - 1 - index;
    uint32_t first = (uint32_t)(task * RECORDS_PER_TASK);
    uint32_t end =
        records->count - first < RECORDS_PER_TASK ? records->count : first + RECORDS_PER_TASK;
    struct range ranges[2] = {{0}};
    struct batch batch = {.join = join, .found = &join->found[task]};
    int code = 0;
    for (uint32_t x = first; code == 0 && x < end; x++) {
        if (x == first || records->size[x] != records->size[x - 1] ||
            (records->span && records->span[x] != records->span[x - 1]))
            ranges_of(join, x, ranges);
        postings_ask(join, x, end);
        if (has_earlier(join, x))
            code = record_look(&batch, x, ranges, err);
        if (code == 0 && x % CANCEL_EVERY == 0 && lks_cancelled(join->near->control))
            code = lks_error_set(err, LKS_ECANCELLED, "stopped");
    }
    if (code == 0)
        code = batch_compare(&batch, err);
    size_t done = __atomic_add_fetch(&join->done, end - first, __ATOMIC_RELAXED);
    if (code == 0 && worker == 0)
        code = lks_meter_at(&join->meter, done, err);
    return code;
}

/* ---- handing out ---- */

static int pairs_give(struct join *join, size_t count,
                      int (*pair)(void *context, const struct lks_near_pair *pair), void *context,
                      struct lks_error *err)
{
    struct lks_budget *budget = &join->near->budget;
    struct lks_near_pair *all = NULL;
    uint64_t *keys = NULL;
    uint32_t *indexes = NULL;
    size_t filled = 0;
    int code = count < UINT32_MAX
                   ? 0
                   : lks_error_set(err, LKS_EMEMORY, "more than 2^32 near pairs: limit them");
    if (code == 0)
        code = lks_budget_array(budget, &all, count, sizeof *all, err);
    for (size_t task = 0; code == 0 && task < join->tasks_count; task++) {
        struct found *found = &join->found[task];
        if (found->count)
            memcpy(all + filled, found->pairs, found->count * sizeof *all);
        filled += found->count;
        lks_budget_free(budget, found->pairs, found->capacity, sizeof *found->pairs);
        *found = (struct found){0};
    }
    if (code == 0)
        code = lks_budget_array(budget, &keys, count, sizeof *keys, err);
    if (code == 0)
        code = lks_budget_array(budget, &indexes, count, sizeof *indexes, err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        keys[i] = (uint64_t)all[i].form_a << 32 | all[i].form_b;
        indexes[i] = (uint32_t)i;
    }
    if (code == 0)
        code = lks_near_radix(budget, keys, indexes, count, err);
    for (size_t i = 0; code == 0 && i < count; i++) {
        if (i && keys[i] == keys[i - 1]) /* near in several spans of time */
            continue;
        join->near->counts.pairs++;
        code = pair(context, &all[indexes[i]]);
    }
    if (indexes)
        lks_budget_free(budget, indexes, count, sizeof *indexes);
    if (keys)
        lks_budget_free(budget, keys, count, sizeof *keys);
    if (all)
        lks_budget_free(budget, all, count, sizeof *all);
    return code;
}

static void join_free(struct join *join)
{
    struct lks_budget *budget = &join->near->budget;
    uint64_t now = atomic_load(&budget->used_bytes);
    if (join->near->counts.memory_peak_bytes < now)
        join->near->counts.memory_peak_bytes = now;
    for (size_t task = 0; join->found && task < join->tasks_count; task++)
        lks_budget_free(budget, join->found[task].pairs, join->found[task].capacity,
                        sizeof *join->found[task].pairs);
    if (join->found)
        lks_budget_free(budget, join->found, join->tasks_count, sizeof *join->found);
}

int lks_near_pairs(struct lks_near *near, const struct lks_near_bounds *bounds,
                   struct lks_near_index *index, struct lks_near_records *records,
                   int (*pair)(void *context, const struct lks_near_pair *pair), void *context,
                   struct lks_error *err)
{
    struct join join = {.near = near,
                        .records = records,
                        .filter = near->kernels->filter,
                        .bounds = bounds,
                        .index = index,
                        .wanted = pair != NULL};
    size_t count = 0;
    join.tasks_count = ((size_t)records->count + RECORDS_PER_TASK - 1) / RECORDS_PER_TASK;
    int code =
        lks_budget_array(&near->budget, &join.found, join.tasks_count, sizeof *join.found, err);
    if (code == 0) {
        lks_meter_start(&join.meter, near->control, "join", "texts", records->count);
        code = lks_threads_run(near->threads, join.tasks_count, look_task, &join, err);
        if (code == 0)
            lks_meter_finish(&join.meter);
    }
    for (size_t task = 0; join.found && task < join.tasks_count; task++) {
        near->counts.candidates += join.found[task].candidates;
        near->counts.verified += join.found[task].verified;
        near->counts.forms_limited += join.found[task].limited;
        count += join.found[task].count;
    }
    if (code == 0 && pair && count)
        code = pairs_give(&join, count, pair, context, err);
    join_free(&join);
    return code;
}
