/* near_join.c - which records are near: an exact join by prefixes and signatures
 *
 * Let t be the threshold, |x| a form's number of shingles, in one order, the rarest first. If
 * Jaccard(x, y) >= t then x and y share at least a = least o with o / (|x| + |y| - o) >= t
 * shingles, and (Bayardo, Ma, Srikant 2007; Xiao and others 2008):
 *
 *   size      t |x| <= |y| <= |x| / t
 *   prefix    the first |x| - ceil(t |x|) + 1 of x and the same of y have one in common, since the
 *             rest of x is too short to hold what must be shared
 *   position  if that one stands at i in x and j in y and is the first that they share, at most
 *             1 + min(|x| - i - 1, |y| - j - 1) are shared
 *   signature 64 bits, each the parity of the number of keys that fall on it: two that
 *             differ in d bits belong to sets that differ in d keys at least (Sandes and others
 *             2020), and |x| + |y| - 2 a is what they may differ in
 *
 * An inverted index holds the prefixes: keys fall into slots, and a slot's postings lie together in
 * the order of the records (span, size, form). Two different keys may share a slot; that makes
 * candidates in vain, never a loss.
 *
 *     slot -> | signature        | signature | ...   8 bytes a posting, read by the filter, 64 at a time
 *             | record, size, at | ...               4 + 2 + 2 bytes, the last two cut at 65535: then
 *                                                    nothing is concluded
 *
 * What all passes need of a record, its signature and the keys of its prefix, is copied once into
 * the order of the records: forms lie in the order of their first texts, and every pass would wait for
 * memory at each. So the index is made, and looked up, reading on; of places to come in slots and
 * postings, which lie anywhere, memory is asked some records ahead.
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
 * Memory: 24 bytes a posting that another form may share, 12 a record, 4 a slot; there are half as many
 * slots to as many. */
#include <stdlib.h>

#include "base/progress.h"
#include "text/near_parts.h"

enum {
    RECORDS_PER_TASK = 1024,
    BLOCK = 64,
    SHORT_LIST = 32,
    CUT = UINT16_MAX, /* sizes and positions from here on say nothing */
    NEED_TABLE = 4096,
    START_AHEAD = 24, /* records */
    KEYS_AHEAD = 12,
    SLOTS_AHEAD = 8,
    POSTINGS_AHEAD = 4,
    CANCEL_EVERY = 64,
    POSTINGS_ALONE = 1 << 20 /* up to so many one worker writes: each reads them all */
};

struct posting {
    uint32_t record;
    uint16_t size, position;
};

struct found {
    struct lks_near_pair *pairs;
    size_t count, capacity;
    uint64_t candidates, verified, limited;
};

struct join {
    struct lks_near *near;
    const uint64_t *signatures;
    struct lks_near_records *records;
    uint64_t (*filter)(const uint64_t *, size_t, uint64_t, unsigned);
    double threshold;
    int wanted; /* pairs */
    uint32_t need[NEED_TABLE], prefix[NEED_TABLE];
    uint32_t *slot_start; /* [slots + 1] */
    size_t slots;
    unsigned slot_shift;
    size_t parts;
    uint64_t *lines; /* of each record its signature, then its prefix's keys that others share */
    size_t lines_count, lines_capacity;
    uint32_t *line_start; /* [records + 1] */
    uint64_t *signature;  /* of postings, [postings_count] */
    struct posting *posting;
    uint32_t *tags; /* [blocks] a record of the component that all postings of the block are in */
    size_t postings_count;
    struct found *found; /* [tasks] */
    size_t tasks_count;
    struct lks_meter meter;
    size_t done; /* records, atomic */
};

/* ---- bounds ---- */

static int reaches(double threshold, uint64_t shared, uint64_t either)
{
    return (double)shared / (double)either >= threshold;
}

/* The least number shared by two sets of `both` shingles together. */
static uint32_t need_of(double threshold, uint64_t both)
{
    uint64_t need = (uint64_t)(threshold * (double)both / (1 + threshold));
    while (need > 0 && reaches(threshold, need, both - need))
        need--;
    while (need == 0 || !reaches(threshold, need, both - need))
        need++;
    return (uint32_t)need;
}

static inline uint32_t need_both(const struct join *join, uint64_t both)
{
    return both < NEED_TABLE ? join->need[both] : need_of(join->threshold, both);
}

/* The least o with o / whole >= threshold. */
static uint32_t share_of(double threshold, uint32_t whole)
{
    uint64_t least = (uint64_t)(threshold * (double)whole);
    while (least > 0 && reaches(threshold, least, whole))
        least--;
    while (least == 0 || !reaches(threshold, least, whole))
        least++;
    return (uint32_t)least;
}

static inline uint32_t prefix_of(const struct join *join, uint32_t size)
{
    if (size < NEED_TABLE)
        return join->prefix[size];
    return size - share_of(join->threshold, size) + 1;
}

/* ---- index ---- */

static inline size_t slot_of(const struct join *join, uint64_t key)
{
    return join->slot_shift < 64 ? (key * UINT64_C(0x9e3779b97f4a7c15)) >> join->slot_shift : 0;
}

/* Records stand by size and their forms by first appearance, so that each would wait for memory twice:
 * for where its form begins and for its keys. Both are asked for while others are at work. */
static inline void keys_prefetch(const struct join *join, uint32_t record, uint32_t end)
{
    const struct lks_near *near = join->near;
    if (end - record > START_AHEAD)
        __builtin_prefetch(&near->form_start[join->records->form[record + START_AHEAD]]);
    if (end - record > KEYS_AHEAD) {
        uint32_t form = join->records->form[record + KEYS_AHEAD];
        const uint64_t *keys = near->shingles + near->form_start[form];
        __builtin_prefetch(keys);
        __builtin_prefetch(keys + 8);
        __builtin_prefetch(&join->signatures[form]);
    }
}

/* The record's line: *line_out its signature, behind it so many keys, which end with its prefix. */
static inline uint32_t line_of(const struct join *join, uint32_t record, const uint64_t **line_out)
{
    *line_out = join->lines + join->line_start[record];
    return join->line_start[record + 1] - join->line_start[record] - 1;
}

static int lines_make(struct join *join, struct lks_error *err)
{
    const struct lks_near *near = join->near;
    uint32_t count = join->records->count;
    int code = lks_budget_array(&join->near->budget, &join->line_start, (size_t)count + 1,
                                sizeof *join->line_start, err);
    for (uint32_t record = 0; code == 0 && record < count; record++) {
        keys_prefetch(join, record, count);
        uint32_t form = join->records->form[record], at = 0;
        uint32_t end = prefix_of(join, join->records->size[record]);
        const uint64_t *keys = near->shingles + near->form_start[form];
        while (at < end && !(keys[at] >> LKS_NEAR_RARITY_SHIFT))
            at++;
        size_t wanted = join->lines_count + 1 + (end - at);
        if (wanted >= UINT32_MAX)
            return lks_error_set(
                err, LKS_EMEMORY,
                "too many texts for one join: narrow the data or raise the threshold");
        code = lks_budget_grow(&join->near->budget, &join->lines, &join->lines_capacity, wanted,
                               sizeof *join->lines, err);
        if (code < 0)
            break;
        join->lines[join->lines_count] = join->signatures[form];
        memcpy(join->lines + join->lines_count + 1, keys + at, (end - at) * sizeof *keys);
        join->lines_count = wanted;
        join->line_start[record + 1] = (uint32_t)wanted;
        join->postings_count += end - at;
    }
    return code;
}

/* Asks for the slots of a record some way ahead, and for the postings of a nearer one. */
static inline void slots_prefetch(const struct join *join, uint32_t record, uint32_t end, int write)
{
    const uint64_t *line;
    if (end - record > SLOTS_AHEAD)
        for (uint32_t i = line_of(join, record + SLOTS_AHEAD, &line); i > 0; i--)
            __builtin_prefetch(&join->slot_start[slot_of(join, line[i])], 1);
    if (write < 0 || end - record <= POSTINGS_AHEAD)
        return;
    for (uint32_t i = line_of(join, record + POSTINGS_AHEAD, &line); i > 0; i--) {
        uint32_t place = join->slot_start[slot_of(join, line[i])];
        if (place >= join->postings_count)
            continue;
        __builtin_prefetch(&join->signature[place], 1);
        __builtin_prefetch(&join->posting[place], 1);
    }
}

static void posting_put(struct join *join, size_t place, uint32_t record, uint32_t position,
                        uint64_t signature)
{
    uint32_t size = join->records->size[record];
    join->signature[place] = signature;
    join->posting[place] =
        (struct posting){.record = record,
                         .size = (uint16_t)(size < CUT ? size : CUT),
                         .position = (uint16_t)(position < CUT ? position : CUT)};
}

/* One range of slots: counts its postings, or (once there are starts) writes them. */
static int index_task(void *context, size_t part, unsigned worker, struct lks_error *err)
{
    struct join *join = context;
    size_t first = join->slots * part / join->parts;
    size_t range = join->slots * (part + 1) / join->parts - first;
    (void)worker;
    if (lks_cancelled(join->near->control))
        return lks_error_set(err, LKS_ECANCELLED, "stopped");
    for (uint32_t record = 0; record < join->records->count; record++) {
        const uint64_t *line;
        uint32_t count = line_of(join, record, &line);
        slots_prefetch(join, record, join->records->count, join->posting ? 1 : -1);
        if (!count)
            continue;
        uint32_t from = prefix_of(join, join->records->size[record]) - count;
        for (uint32_t i = 0; i < count; i++) {
            size_t slot = slot_of(join, line[1 + i]) - first;
            if (slot >= range)
                continue;
            uint32_t *start = &join->slot_start[first + slot];
            if (join->posting)
                posting_put(join, (*start)++, record, from + i, *line);
            else
                (*start)++;
        }
    }
    return 0;
}

static int postings_alloc(struct join *join, struct lks_error *err)
{
    struct lks_budget *budget = &join->near->budget;
    size_t count = join->postings_count;
    int code = lks_budget_array(budget, &join->signature, count, sizeof *join->signature, err);
    if (code == 0)
        code = lks_budget_array(budget, &join->tags, count / BLOCK + 1, sizeof *join->tags, err);
    if (code == 0)
        code = lks_budget_array(budget, &join->posting, count, sizeof *join->posting, err);
    for (size_t i = 0; code == 0 && i < count / BLOCK + 1; i++)
        join->tags[i] = LKS_NEAR_NONE;
    return code;
}

static int index_build(struct join *join, struct lks_error *err)
{
    struct lks_near *near = join->near;
    unsigned log = 0;
    int code = lines_make(join, err);
    while ((UINT64_C(1) << log) < join->postings_count / 2)
        log++;
    join->slots = (size_t)1 << log;
    join->slot_shift = 64 - log;
    if (code == 0)
        code = lks_budget_array(&near->budget, &join->slot_start, join->slots + 1,
                                sizeof *join->slot_start, err);
    join->parts = join->postings_count > POSTINGS_ALONE ? near->threads : 1;
    if (code == 0)
        code = lks_threads_run(near->threads, join->parts, index_task, join, err);
    if (code < 0)
        return code;
    uint32_t sum = 0;
    for (size_t slot = 0; slot < join->slots; slot++) {
        uint32_t here = join->slot_start[slot];
        join->slot_start[slot] = sum;
        sum += here;
    }
    code = postings_alloc(join, err);
    if (code == 0)
        code = lks_threads_run(near->threads, join->parts, index_task, join, err);
    /* Every start now stands at the next one's. */
    memmove(join->slot_start + 1, join->slot_start, join->slots * sizeof *join->slot_start);
    join->slot_start[0] = 0;
    return code;
}

/* ---- looking ---- */

/* What is known of the record x that is being looked at. */
struct look {
    uint32_t x, size, root;
    const uint64_t *keys;
    uint64_t signature;
    int collect;         /* its pairs are wanted still */
    uint32_t pairs;      /* it has so many */
    uint32_t position;   /* of the key whose postings are read */
    uint32_t limit;      /* most bits that signatures may differ in, for the range at hand */
    uint32_t first, end; /* the range: records */
    int earlier_span;    /* the range is of the span before */
    struct found *found;
};

/* Shared shingles of x and y if they reach need, else 0; 0 too where the first key that they
 * share is not the one at hand. */
static uint32_t compare(const struct look *look, const uint64_t *other, uint32_t other_size,
                        uint32_t need)
{
    const uint64_t *keys = look->keys;
    uint32_t i = 0, j = 0, shared = 0;
    while (i <= look->position && j < other_size) {
        if (keys[i] == other[j])
            break;
        if (keys[i] < other[j])
            i++;
        else
            j++;
    }
    if (i != look->position || j == other_size)
        return 0;
    while (i < look->size && j < other_size) {
        uint32_t left = look->size - i < other_size - j ? look->size - i : other_size - j;
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

static int pair_put(struct join *join, struct look *look, uint32_t y, uint32_t shared,
                    struct lks_error *err)
{
    const struct lks_near *near = join->near;
    struct found *found = look->found;
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

/* A posting that passed the signature. */
static int posting_look(struct join *join, struct look *look, size_t place, struct lks_error *err)
{
    const struct lks_near *near = join->near;
    uint32_t y = join->posting[place].record, size = join->posting[place].size;
    if (size == CUT)
        size = join->records->size[y];
    uint32_t need = need_both(join, (uint64_t)look->size + size);
    uint32_t left_x = look->size - look->position, left_y = size - join->posting[place].position;
    if ((left_x < left_y ? left_x : left_y) < need)
        return 0;
    if (look->earlier_span &&
        (join->records->form[y] == join->records->form[look->x] || !in_time(join, look->x, y)))
        return 0; /* equal ones were joined as the records were made */
    if (!look->collect && lks_near_find(join->records->parent, y) == look->root)
        return 0;
    look->found->verified++;
    uint32_t form = join->records->form[y];
    uint32_t shared = compare(look, near->shingles + near->form_start[form], size, need);
    if (!shared)
        return 0;
    lks_near_unite(join->records->parent, look->x, y);
    look->root = lks_near_find(join->records->parent, look->x);
    return look->collect ? pair_put(join, look, y, shared, err) : 0;
}

/* Tags a whole block whose postings all are in one component with x. */
static void block_tag(struct join *join, const struct look *look, size_t block)
{
    for (size_t i = block * BLOCK; i < (block + 1) * BLOCK; i++)
        if (lks_near_find(join->records->parent, join->posting[i].record) != look->root)
            return;
    __atomic_store_n(&join->tags[block], look->root, __ATOMIC_RELAXED);
}

/* The postings [from, to) of one slot. */
static int postings_look(struct join *join, struct look *look, size_t from, size_t to,
                         struct lks_error *err)
{
    while (from < to) {
        size_t block = from / BLOCK, end = (block + 1) * BLOCK < to ? (block + 1) * BLOCK : to;
        uint32_t tag = LKS_NEAR_NONE;
        if (!look->collect)
            tag = __atomic_load_n(&join->tags[block], __ATOMIC_RELAXED);
        if (tag != LKS_NEAR_NONE) {
            look->root = lks_near_find(join->records->parent, look->x);
            if (lks_near_find(join->records->parent, tag) == look->root) {
                from = end;
                continue;
            }
        }
        uint64_t kept =
            join->filter(join->signature + from, end - from, look->signature, look->limit);
        int crowded = __builtin_popcountll(kept) >= BLOCK / 2;
        for (; kept; kept &= kept - 1) {
            size_t place = from + (size_t)__builtin_ctzll(kept);
            if (join->posting[place].record - look->first >= look->end - look->first)
                continue; /* a short list holds others too, always x itself */
            look->found->candidates++;
            int code = posting_look(join, look, place, err);
            if (code < 0)
                return code;
        }
        if (crowded && !look->collect && tag == LKS_NEAR_NONE &&
            (block + 1) * BLOCK <= join->postings_count)
            block_tag(join, look, block);
        from = end;
    }
    return 0;
}

/* The first posting in [from, to) whose record is at least `record`. */
static size_t postings_from(const struct join *join, size_t from, size_t to, uint32_t record)
{
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (join->posting[middle].record < record)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* A range of records [first, end) that x may be near. */
struct range {
    uint32_t first, end, limit;
};

static int range_look(struct join *join, struct look *look, const struct range *range,
                      const uint64_t *line, uint32_t count, struct lks_error *err)
{
    uint32_t from = prefix_of(join, look->size) - count;
    look->limit = range->limit;
    look->first = range->first;
    look->end = range->end;
    for (uint32_t i = 0; i < count && range->first < range->end; i++) {
        size_t slot = slot_of(join, line[1 + i]);
        size_t first = join->slot_start[slot], end = join->slot_start[slot + 1];
        if (end - first < 2) /* x itself */
            continue;
        if (end - first > SHORT_LIST) { /* shorter ones are quicker filtered than searched */
            first = postings_from(join, first, end, range->first);
            end = postings_from(join, first, end, range->end);
        }
        look->position = from + i;
        int code = postings_look(join, look, first, end, err);
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
    uint64_t most = both - 2 * (uint64_t)need_both(join, both);
    /* need is rounded up, so that a smaller size may allow one more. */
    return most + 2 < 64 ? (uint32_t)most + 2 : 64;
}

/* The ranges for a record, from those of the one before it where span and size are the same. */
static void ranges_of(const struct join *join, uint32_t x, struct range ranges[2])
{
    const struct lks_near_records *records = join->records;
    uint32_t size = records->size[x], least = share_of(join->threshold, size);
    uint64_t most = (uint64_t)((double)size / join->threshold) + 1;
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

static int record_look(struct join *join, struct found *found, uint32_t x, struct range ranges[2],
                       struct lks_error *err)
{
    struct look look = {.x = x, .size = join->records->size[x], .found = found};
    const struct lks_near *near = join->near;
    const uint64_t *line;
    uint32_t count = line_of(join, x, &line);
    if (!count)
        return 0;
    look.keys = near->shingles + near->form_start[join->records->form[x]];
    look.signature = *line;
    look.collect = join->wanted;
    look.root = lks_near_find(join->records->parent, x);
    ranges[0].end = x;
    int code = range_look(join, &look, &ranges[0], line, count, err);
    look.earlier_span = 1;
    if (code == 0 && join->records->span)
        code = range_look(join, &look, &ranges[1], line, count, err);
    return code;
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
    int code = 0;
    for (uint32_t x = first; code == 0 && x < end; x++) {
        if (x == first || records->size[x] != records->size[x - 1] ||
            (records->span && records->span[x] != records->span[x - 1]))
            ranges_of(join, x, ranges);
        slots_prefetch(join, x, end, 0);
        code = record_look(join, &join->found[task], x, ranges, err);
        if (code == 0 && x % CANCEL_EVERY == 0 && lks_cancelled(join->near->control))
            code = lks_error_set(err, LKS_ECANCELLED, "stopped");
    }
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
    size_t count = join->postings_count;
    uint64_t now = atomic_load(&budget->used_bytes);
    if (join->near->counts.memory_peak_bytes < now)
        join->near->counts.memory_peak_bytes = now;
    for (size_t task = 0; join->found && task < join->tasks_count; task++)
        lks_budget_free(budget, join->found[task].pairs, join->found[task].capacity,
                        sizeof *join->found[task].pairs);
    if (join->found)
        lks_budget_free(budget, join->found, join->tasks_count, sizeof *join->found);
    if (join->slot_start)
        lks_budget_free(budget, join->slot_start, join->slots + 1, sizeof *join->slot_start);
    if (join->signature)
        lks_budget_free(budget, join->signature, count, sizeof *join->signature);
    if (join->posting)
        lks_budget_free(budget, join->posting, count, sizeof *join->posting);
    if (join->lines)
        lks_budget_free(budget, join->lines, join->lines_capacity, sizeof *join->lines);
    if (join->line_start)
        lks_budget_free(budget, join->line_start, (size_t)join->records->count + 1,
                        sizeof *join->line_start);
    if (join->tags)
        lks_budget_free(budget, join->tags, count / BLOCK + 1, sizeof *join->tags);
}

int lks_near_pairs(struct lks_near *near, const uint64_t *signatures,
                   struct lks_near_records *records,
                   int (*pair)(void *context, const struct lks_near_pair *pair), void *context,
                   struct lks_error *err)
{
    struct join join = {.near = near,
                        .signatures = signatures,
                        .records = records,
                        .filter = near->kernels->filter,
                        .threshold = near->options.threshold,
                        .wanted = pair != NULL};
    size_t count = 0;
    for (uint32_t both = 1; both < NEED_TABLE; both++) {
        join.need[both] = need_of(join.threshold, both);
        join.prefix[both] = both - share_of(join.threshold, both) + 1;
    }
    join.tasks_count = ((size_t)records->count + RECORDS_PER_TASK - 1) / RECORDS_PER_TASK;
    int code = index_build(&join, err);
    if (code == 0)
        code =
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
