/* rows.c - events that have company, each with its window, and where each account's lie
 *
 * The events are sorted by (object, time). They are cut into chunks of whole objects, and
 * every pass but the last takes chunks in any order on any number of threads:
 *
 * 1. mark    An event has company if the nearest event of another account, before or after
 *            it on the same object, is within the window. Runs of one account are skipped by
 *            keeping where the run began, so that the pass is linear however long a run is.
 *            Each worker counts the events and the objects that accounts have so; an object
 *            lies in one chunk, so that the sums over workers are the same for any number. Accounts lie
 *            anywhere: who has company waits in a short queue while memory is asked for it.
 * 2. rank    Accounts with too few objects or events left cannot be in an edge. The others
 *            are ranked by their number of events, within a factor of two: a pair is found from its
 *            lower rank, which has the fewer windows to scan, and heavy partners share few
 *            cache lines. Within it by home, the place where the account was in the largest crowd:
 *            accounts whose windows are nearly the same follow one another and find them, and
 *            the sums of the partners in them, in the cache.
 * 3. fill    What stays is copied in order: `partner`, the rank, 4 bytes an event, is what the
 *            counting scans; two pointers find each event's window in it. A window is two
 *            numbers of 16 bits, by what is on either side; the few wider ones are listed apart. Each
 *            event goes with its window to the part of its rank (deal.c).
 * 4. deal    Each part is put in the order of its ranks, so that an account's events are read in
 *            order.
 *
 * A second round of pruning would find little (measured) and is not made. Memory: 16.25
 * bytes a surviving event, 16 a ranked account, 1 an object; 4 an event more where windows by
 * place are asked for; while building 4 and 1 an event more and 20 an account and worker. Big
 * arrays ask for huge pages: the scans jump. */
#include "coaction/rows.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "coaction/deal.h"
#include "coaction/keys.h"

enum {
    CHUNK_EVENTS = 1 << 16, /* a task of a millisecond */
    QUEUE = 32,             /* accounts that memory is asked for at a time */
    AHEAD_RANK = 24,        /* events, for their ranks */
    CROWD_LEAST = 16, /* events that are a crowd, and how many times as many are the next larger */
    CROWD_STEP = 4
};

/* Of an event. */
enum { GOES = 0, STAYS = 1, STAYS_ON = 2 /* and its account had one before on the object */ };

static const uint32_t NO_RANK = UINT32_MAX;

/* What an account still has while pruning. */
struct left {
    uint32_t objects, events;
    uint32_t object_last; /* the object counted last, + 1 */
    uint32_t crowd,
        home; /* how crowded it is where the account was in the largest crowd; the row */
};

/* Events of one account in a row that have company, the first of them, and where the run begins. */
struct marked {
    uint32_t account, object, run, first, events, crowd;
};

/* Events begin .. end - 1, whole objects; of them `stay` stay, from place on. */
struct chunk {
    size_t begin, end, place, stay;
    uint64_t alone;
    struct lks_coaction_far *far;
    size_t far_count, far_capacity;
};

struct build {
    const struct lks_events *events;
    const struct lks_coaction_options *options;
    const struct lks_control *control;
    struct lks_coaction_rows *rows;
    struct lks_budget *budget;
    struct chunk *chunks;
    size_t chunks_count, chunks_capacity;
    uint8_t *stays; /* [events] */
    struct left *left[16];
    unsigned workers_count;
    uint32_t *rank; /* [accounts] */
    struct lks_coaction_deal deal;
};

/* ---- chunks ---- */

static size_t object_end(const struct lks_events *events, size_t begin)
{
    uint32_t object = events->object[begin];
    size_t step = 1, low = begin, high;
    while (low + step < events->count && events->object[low + step] == object) {
        low += step;
        step *= 2;
    }
    high = low + step < events->count ? low + step : events->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (events->object[middle] == object)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static int chunks_cut(struct build *build, struct lks_budget *budget, struct lks_error *err)
{
    const struct lks_events *events = build->events;
    for (size_t begin = 0, end; begin < events->count; begin = end) {
        end = begin + CHUNK_EVENTS;
        end = end < events->count ? object_end(events, end - 1) : events->count;
        if (lks_budget_grow(budget, &build->chunks, &build->chunks_capacity,
                            build->chunks_count + 1, sizeof *build->chunks, err) < 0)
            return LKS_EMEMORY;
        build->chunks[build->chunks_count++] = (struct chunk){.begin = begin, .end = end};
    }
    return 0;
}

/* ---- 1. mark ---- */

/* How crowded it is at a row, by steps. */
static uint32_t crowd_at(const struct lks_events *events, size_t row, size_t end, int64_t window_us)
{
    uint32_t crowd = 1;
    for (size_t ahead = CROWD_LEAST; row + ahead < end; ahead *= CROWD_STEP, crowd++)
        if (events->time_us[row + ahead] - events->time_us[row] > window_us)
            break;
    return crowd;
}

/* Notes what an account has more, and where it was in the largest crowd: the first such row,
 * whichever comes first. */
static void left_note(struct left *left, const struct marked *marked, uint8_t *stays)
{
    left->events += marked->events;
    if (left->object_last == marked->object + 1)
        stays[marked->first] = STAYS_ON;
    else
        left->objects++;
    left->object_last = marked->object + 1;
    if (marked->crowd > left->crowd || (marked->crowd == left->crowd && marked->run < left->home)) {
        left->crowd = marked->crowd;
        left->home = marked->run;
    }
}

/* Accounts that wait to be noted. */
struct queue {
    struct marked items[QUEUE];
    size_t begin, end;
};

static void queue_note(struct queue *queue, struct left *left, uint8_t *stays)
{
    const struct marked *marked = &queue->items[queue->begin++ % QUEUE];
    left_note(&left[marked->account], marked, stays);
}

/* One object, events begin .. end - 1. */
static void mark_object(struct build *build, struct queue *queue, struct left *left, size_t begin,
                        size_t end, int64_t window_us)
{
    const struct lks_events *events = build->events;
    uint32_t object = events->object[begin];
    for (size_t run = begin, run_end; run < end; run = run_end) {
        uint32_t account = events->account[run], marked = 0;
        size_t first = run;
        for (run_end = run + 1; run_end < end && events->account[run_end] == account;)
            run_end++;
        for (size_t i = run; i < run_end; i++) {
            int64_t time_us = events->time_us[i];
            int stays = (run > begin && time_us - events->time_us[run - 1] <= window_us) ||
                        (run_end < end && events->time_us[run_end] - time_us <= window_us);
            build->stays[i] = (uint8_t)(stays ? STAYS + (marked > 0) : GOES);
            first = stays && !marked ? i : first;
            marked += (uint32_t)stays;
        }
        if (marked == 0)
            continue;
        __builtin_prefetch(&left[account], 1);
        if (queue->end - queue->begin == QUEUE)
            queue_note(queue, left, build->stays);
        queue->items[queue->end++ % QUEUE] =
            (struct marked){account,         object, (uint32_t)run,
                            (uint32_t)first, marked, crowd_at(events, run, end, window_us)};
    }
}

static int mark_chunk(void *context, size_t task_index, unsigned worker_index,
                      struct lks_error *err)
{
    struct build *build = context;
    const struct lks_events *events = build->events;
    struct chunk *chunk = &build->chunks[task_index];
    struct left *left = build->left[worker_index];
    struct queue queue = {.begin = 0};
    for (size_t begin = chunk->begin, end; begin < chunk->end; begin = end) {
        uint32_t object = events->object[begin];
        for (end = begin + 1; end < chunk->end && events->object[end] == object;)
            end++;
        int64_t window_us = build->options->window_us[events->object_kind[object]];
        if (window_us >= 0 && end - begin >= 2)
            mark_object(build, &queue, left, begin, end, window_us);
    }
    while (queue.begin < queue.end)
        queue_note(&queue, left, build->stays);
    if (lks_cancelled(build->control))
        return lks_error_set(err, LKS_ECANCELLED, "cancelled");
    return 0;
}

/* ---- 2. rank ---- */

static int account_stays(const struct left *left, const struct lks_coaction_options *options)
{
    if (options->without & LKS_COACTION_NO_PRUNING)
        return left->events > 0;
    /* Occasions are disjoint pairs of posts, and each post needs an event of its own. */
    return left->events > 0 && left->objects >= options->min_objects &&
           left->events >= options->min_occasions;
}

/* Accounts whose events are as many within a factor of two come near each other in rank. */
static uint32_t weight_class(uint32_t events)
{
    return 31 - (uint32_t)__builtin_clz(events);
}

/* Sums what the workers counted, and says of each account whether it stays: events, or 0. */
static void left_sum(struct build *build)
{
    struct lks_coaction_rows *rows = build->rows;
    struct left *left = build->left[0];
    for (size_t a = 0; a < build->events->accounts_count; a++) {
        for (unsigned w = 1; w < build->workers_count; w++) {
            const struct left *more = &build->left[w][a];
            left[a].events += more->events;
            left[a].objects += more->objects;
            if (more->crowd > left[a].crowd ||
                (more->crowd == left[a].crowd && more->home < left[a].home)) {
                left[a].crowd = more->crowd;
                left[a].home = more->home;
            }
        }
        if (!account_stays(&left[a], build->options)) {
            rows->events_pruned += left[a].events;
            left[a].events = 0;
            continue;
        }
        rows->ranks_count++;
        rows->count += left[a].events;
    }
}

/* Ranks accounts: by class of weight, and in it by home, so that accounts whose windows
 * are nearly the same come one after the other, and find them in the cache. Fills rank[],
 * account[], start[]. */
static int rank_accounts(struct build *build, struct lks_budget *budget, struct lks_error *err)
{
    struct lks_coaction_rows *rows = build->rows;
    size_t accounts = build->events->accounts_count, count = 0;
    struct left *left = build->left[0];
    uint64_t *keys = NULL;
    int by_id = (build->options->without & LKS_COACTION_NO_RANKING) != 0;
    left_sum(build);
    rows->capacity = rows->ranks_count + 1;
    int code = lks_budget_array(budget, &keys, 2 * rows->capacity, 8, err);
    if (code == 0)
        code = lks_budget_array(budget, &build->rank, accounts, 4, err);
    if (code == 0)
        code = lks_budget_array(budget, &rows->account, rows->capacity, 4, err);
    if (code == 0)
        code = lks_budget_array(budget, &rows->start, rows->capacity, 4, err);
    if (code == 0)
        code = lks_budget_array(budget, &rows->work, rows->capacity, 8, err);
    for (size_t a = 0; code == 0 && a < accounts; a++) {
        build->rank[a] = NO_RANK;
        /* A home is an event of one account, so that no two keys are the same. */
        if (left[a].events)
            keys[count++] = (uint64_t)(by_id ? 0 : weight_class(left[a].events)) << 32 |
                            (by_id ? (uint32_t)a : left[a].home);
    }
    if (code == 0)
        lks_coaction_keys_sort(keys, keys + rows->capacity, count);
    for (size_t r = 0; r < count; r++) {
        uint32_t a = by_id ? (uint32_t)keys[r] : build->events->account[(uint32_t)keys[r]];
        build->rank[a] = (uint32_t)r;
        rows->account[r] = a;
        rows->start[r + 1] = rows->start[r] + left[a].events;
    }
    lks_budget_free(budget, keys, 2 * rows->capacity, 8);
    return code;
}

/* ---- 3. fill ---- */

/* Asks memory for the rank of an event to come. Always inlined: gcc would drop the call. */
__attribute__((always_inline)) static inline void rank_ask(const struct build *build, size_t row,
                                                           size_t end)
{
    if (row + AHEAD_RANK < end && build->stays[row + AHEAD_RANK] != GOES)
        __builtin_prefetch(&build->rank[build->events->account[row + AHEAD_RANK]]);
}

static int count_chunk(void *context, size_t task_index, unsigned worker_index,
                       struct lks_error *err)
{
    struct build *build = context;
    struct chunk *chunk = &build->chunks[task_index];
    size_t company = 0;
    (void)worker_index;
    (void)err;
    for (size_t i = chunk->begin; i < chunk->end; i++) {
        rank_ask(build, i, chunk->end);
        if (build->stays[i] == GOES)
            continue;
        uint32_t rank = build->rank[build->events->account[i]];
        company++;
        if (rank == NO_RANK) {
            build->stays[i] = GOES;
            continue;
        }
        chunk->stay++;
        lks_coaction_deal_count(&build->deal, task_index, rank);
    }
    chunk->alone = chunk->end - chunk->begin - company;
    return 0;
}

static int far_add(struct build *build, struct chunk *chunk, uint32_t place, size_t first,
                   size_t end, struct lks_error *err)
{
    if (lks_budget_grow(build->budget, &chunk->far, &chunk->far_capacity, chunk->far_count + 1,
                        sizeof *chunk->far, err) < 0)
        return LKS_EMEMORY;
    chunk->far[chunk->far_count++] =
        (struct lks_coaction_far){place, {(uint32_t)first, (uint32_t)end}};
    return 0;
}

/* Places first .. end - 1 are one object's; to[] is where the next event of each part goes. */
static int fill_windows(struct build *build, struct chunk *chunk, uint32_t *to, size_t first,
                        size_t end, struct lks_error *err)
{
    const struct lks_events *events = build->events;
    struct lks_coaction_rows *rows = build->rows;
    const uint32_t *kept = rows->kept;
    int64_t window_us = build->options->window_us[events->object_kind[events->object[kept[first]]]];
    size_t most = build->options->without & LKS_COACTION_NO_NEAR ? 0 : LKS_COACTION_GOES_ON;
    size_t low = first, high = first;
    for (size_t i = first; i < end; i++) {
        int64_t time_us = events->time_us[kept[i]];
        while (time_us - events->time_us[kept[low]] > window_us)
            low++;
        while (high < end && events->time_us[kept[high]] - time_us <= window_us)
            high++;
        struct lks_coaction_near near = {(uint16_t)(i - low), (uint16_t)(high - i)};
        if (i - low >= most || high - i >= most) {
            near = (struct lks_coaction_near){0, LKS_COACTION_FAR};
            if (far_add(build, chunk, (uint32_t)i, low, high, err) < 0)
                return LKS_EMEMORY;
        }
        if (rows->near)
            rows->near[i] = near;
        if (build->stays[kept[i]] == STAYS_ON)
            near.before |= LKS_COACTION_GOES_ON;
        lks_coaction_deal_put(&build->deal, to, rows->partner[i],
                              (struct lks_coaction_own){(uint32_t)i, near});
    }
    return 0;
}

static int fill_chunk(void *context, size_t task_index, unsigned worker_index,
                      struct lks_error *err)
{
    struct build *build = context;
    const struct lks_events *events = build->events;
    struct lks_coaction_rows *rows = build->rows;
    struct chunk *chunk = &build->chunks[task_index];
    size_t place = chunk->place, first = place;
    uint32_t object = UINT32_MAX, *to = lks_coaction_deal_to(&build->deal, task_index);
    (void)worker_index;
    for (size_t i = chunk->begin; i < chunk->end; i++) {
        rank_ask(build, i, chunk->end);
        if (build->stays[i] == GOES)
            continue;
        if (events->object[i] != object && place > first) {
            if (fill_windows(build, chunk, to, first, place, err) < 0)
                return LKS_EMEMORY;
            first = place;
        }
        if (events->object[i] != object)
            /* Chunks share words at their ends. */
            atomic_fetch_or_explicit((_Atomic uint64_t *)&rows->begins[place >> 6].bits,
                                     UINT64_C(1) << (place & 63), memory_order_relaxed);
        object = events->object[i];
        rows->kept[place] = (uint32_t)i;
        rows->partner[place++] = build->rank[events->account[i]];
    }
    if (place > first && fill_windows(build, chunk, to, first, place, err) < 0)
        return LKS_EMEMORY;
    if (lks_cancelled(build->control))
        return lks_error_set(err, LKS_ECANCELLED, "cancelled");
    return 0;
}

/* Numbers objects, and says of what kind each is. */
static int number_objects(struct build *build, struct lks_error *err)
{
    struct lks_coaction_rows *rows = build->rows;
    const struct lks_events *events = build->events;
    uint64_t before = 0;
    uint32_t last = 0;
    for (size_t i = 0; i <= rows->count / 64; i++) {
        uint64_t bits = rows->begins[i].bits;
        rows->begins[i].before = (uint32_t)before;
        rows->begins[i].last = last;
        before += (uint64_t)__builtin_popcountll(bits);
        if (bits)
            last = (uint32_t)(i * 64) + 63 - (uint32_t)__builtin_clzll(bits);
    }
    rows->objects_count = before;
    if (lks_budget_array(build->budget, &rows->kind, before + 1, 1, err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0, object = 0; i <= rows->count / 64; i++)
        for (uint64_t rest = rows->begins[i].bits; rest; rest &= rest - 1) {
            size_t place = i * 64 + (size_t)__builtin_ctzll(rest);
            rows->kind[object++] = events->object_kind[events->object[rows->kept[place]]];
        }
    return 0;
}

/* ---- all of it ---- */

/* Puts what the chunks have of wide windows together. */
static int far_gather(struct build *build, struct lks_error *err)
{
    struct lks_coaction_rows *rows = build->rows;
    size_t count = 0;
    for (size_t i = 0; i < build->chunks_count; i++)
        count += build->chunks[i].far_count;
    rows->far_count = count;
    if (count && lks_budget_array(build->budget, &rows->far, count, sizeof *rows->far, err) < 0)
        return LKS_EMEMORY;
    for (size_t i = 0, at = 0; i < build->chunks_count; i++) {
        const struct chunk *chunk = &build->chunks[i];
        if (chunk->far_count)
            memcpy(rows->far + at, chunk->far, chunk->far_count * sizeof *rows->far);
        at += chunk->far_count;
    }
    return 0;
}

static int rows_lay_out(struct build *build, int by_place, struct lks_error *err)
{
    struct lks_coaction_rows *rows = build->rows;
    struct lks_budget *budget = build->budget;
    size_t count = rows->count, place = 0;
    int code;
    for (size_t i = 0; i < build->chunks_count; i++) {
        build->chunks[i].place = place;
        place += build->chunks[i].stay;
        rows->events_alone += build->chunks[i].alone;
    }
    LKS_ASSERT(place == count);
    if ((code = lks_budget_array(budget, &rows->partner, count + 1, 4, err)) < 0 ||
        (code = lks_budget_array(budget, &rows->kept, count + 1, 4, err)) < 0 ||
        (code = lks_budget_array(budget, &rows->own, count + 1, sizeof *rows->own, err)) < 0 ||
        (code = lks_budget_array(budget, &rows->begins, count / 64 + 1, sizeof *rows->begins,
                                 err)) < 0 ||
        (code = lks_coaction_deal_start(&build->deal, rows, budget, err)) < 0)
        return code;
    if (by_place &&
        (code = lks_budget_array(budget, &rows->near, count + 1, sizeof *rows->near, err)) < 0)
        return code;
    code = lks_threads_run(build->workers_count, build->chunks_count, fill_chunk, build, err);
    if (code < 0)
        return code;
    lks_budget_free(budget, build->stays, build->events->count, 1);
    build->stays = NULL;
    if ((code = far_gather(build, err)) < 0 || (code = number_objects(build, err)) < 0)
        return code;
    return lks_coaction_deal_finish(&build->deal, rows, build->workers_count, build->control,
                                    budget, err);
}

/* Workers, each with a count of its own by account: no more than the events are worth. */
static int workers_start(struct build *build, unsigned threads_count, struct lks_budget *budget,
                         struct lks_error *err)
{
    size_t accounts = build->events->accounts_count;
    size_t worth = build->events->count / (3 * accounts + 1) + 1;
    unsigned most = sizeof build->left / sizeof *build->left;
    build->workers_count = threads_count < most ? threads_count : most;
    if (build->workers_count > worth)
        build->workers_count = (unsigned)worth;
    for (unsigned w = 0; w < build->workers_count; w++)
        if (lks_budget_array(budget, &build->left[w], accounts, sizeof *build->left[w], err) < 0)
            return LKS_EMEMORY;
    return lks_budget_array(budget, &build->stays, build->events->count, 1, err);
}

static void workers_end(struct build *build, unsigned first, struct lks_budget *budget)
{
    for (unsigned w = first; w < sizeof build->left / sizeof *build->left; w++) {
        lks_budget_free(budget, build->left[w], build->events->accounts_count,
                        sizeof *build->left[w]);
        build->left[w] = NULL;
    }
}

int lks_coaction_rows_build(struct lks_coaction_rows *rows, const struct lks_events *events,
                            const struct lks_coaction_options *options, int by_place,
                            unsigned threads_count, const struct lks_control *control,
                            struct lks_budget *budget, struct lks_error *err)
{
    struct build build = {
        .events = events, .options = options, .control = control, .rows = rows, .budget = budget};
    int code;
    memset(rows, 0, sizeof *rows);
    if (events->count >= UINT32_MAX)
        return lks_error_set(err, LKS_EINPUT,
                             "co-action takes at most %u events at a time, not %zu", UINT32_MAX - 1,
                             events->count);
    code = chunks_cut(&build, budget, err);
    if (code == 0)
        code = workers_start(&build, threads_count, budget, err);
    if (code == 0)
        code = lks_threads_run(build.workers_count, build.chunks_count, mark_chunk, &build, err);
    if (code == 0)
        code = rank_accounts(&build, budget, err);
    workers_end(&build, 0, budget);
    if (code == 0)
        code = lks_coaction_deal_parts(&build.deal, rows, build.chunks_count, budget, err);
    if (code == 0)
        code = lks_threads_run(build.workers_count, build.chunks_count, count_chunk, &build, err);
    if (code == 0)
        code = rows_lay_out(&build, by_place, err);
    for (size_t i = 0; i < build.chunks_count; i++)
        lks_budget_free(budget, build.chunks[i].far, build.chunks[i].far_capacity,
                        sizeof *build.chunks[i].far);
    lks_budget_free(budget, build.chunks, build.chunks_capacity, sizeof *build.chunks);
    lks_budget_free(budget, build.stays, events->count, 1);
    lks_budget_free(budget, build.rank, events->accounts_count, 4);
    lks_coaction_deal_free(&build.deal, budget);
    if (code < 0)
        lks_coaction_rows_free(rows, budget);
    return code;
}

struct lks_coaction_window lks_coaction_window_far(const struct lks_coaction_rows *rows,
                                                   uint32_t place)
{
    const struct lks_coaction_far *far = rows->far;
    size_t count = rows->far_count;
    while (count > 1) {
        size_t half = count / 2;
        far += far[half].place <= place ? half : 0;
        count -= half;
    }
    return far->window;
}

void lks_coaction_rows_free(struct lks_coaction_rows *rows, struct lks_budget *budget)
{
    lks_budget_free(budget, rows->partner, rows->count + 1, 4);
    lks_budget_free(budget, rows->kept, rows->count + 1, 4);
    lks_budget_free(budget, rows->near, rows->count + 1, sizeof *rows->near);
    lks_budget_free(budget, rows->far, rows->far_count, sizeof *rows->far);
    lks_budget_free(budget, rows->begins, rows->count / 64 + 1, sizeof *rows->begins);
    lks_budget_free(budget, rows->kind, rows->objects_count + 1, 1);
    lks_budget_free(budget, rows->own, rows->count + 1, sizeof *rows->own);
    lks_budget_free(budget, rows->start, rows->capacity, 4);
    lks_budget_free(budget, rows->work, rows->capacity, 8);
    lks_budget_free(budget, rows->account, rows->capacity, 4);
    memset(rows, 0, sizeof *rows);
}
