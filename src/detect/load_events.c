/* load_events.c - rows as they were read to events in the kernels' order
 *
 *   rows (time of reading)  account, second, actions | object ...      10 bytes a post, 4 an action
 *     --deal by object-->   [object 0 | object 1 | ...]                16 bytes an event
 *     --sort each-->        object, account, post, time                20 bytes an event
 *
 * The rows are freed once they are dealt out; while the dealt rows become columns, the pages
 * behind are given back, so that the most that is held at a time is 30 bytes for an event
 * of a post of its own. Each thread deals out the objects of a range of its own: all read
 * all rows, none writes where another does. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/threads.h"
#include "detect/load_rows.h"

enum { TASK_EVENTS = 1 << 20 };

static const uint32_t POST_LEFT_OUT = UINT32_MAX;

struct dealing {
    struct lks_load_rows *rows;
    struct lks_events *events;
    struct lks_event_row *dealt; /* [events] by object */
    uint32_t *start;             /* [objects + 1] */
    uint32_t *post;              /* [rows] or NULL: the row's number */
    size_t post_capacity;
    uint32_t *first; /* [tasks + 1] objects */
    size_t tasks_count;
    struct lks_event_row **scratch; /* [threads] */
    size_t *scratch_capacity;
    size_t page_bytes;
};

/* Numbers the posts anew, without those that were seen before. */
static int posts_number(struct dealing *dealing, const struct lks_load_repeat *repeats,
                        size_t repeats_count, struct lks_load_counts *counts, struct lks_error *err)
{
    const struct lks_load_rows *rows = dealing->rows;
    size_t next = 0;
    uint32_t posts = 0;
    int code =
        lks_budget_grow(rows->budget, &dealing->post, &dealing->post_capacity, rows->count, 4, err);
    if (code)
        return code;
    for (size_t row = 0; row < rows->count; row++) {
        if (next == repeats_count || repeats[next].row != row) {
            dealing->post[row] = posts++;
            continue;
        }
        uint32_t first = repeats[next++].first;
        int same = rows->account[first] == rows->account[row] &&
                   lks_load_rows_time(rows, first) == lks_load_rows_time(rows, row);
        dealing->post[row] = same ? dealing->post[first] : POST_LEFT_OUT;
        counts->merged += (uint64_t)same;
        counts->duplicates += (uint64_t)!same;
    }
    counts->posts = posts;
    return 0;
}

static uint32_t post_of(const struct dealing *dealing, size_t row)
{
    return dealing->post ? dealing->post[row] : (uint32_t)row;
}

/* Fills start[] and cuts the objects into ranges of about TASK_EVENTS events. */
static size_t objects_count(struct dealing *dealing, uint32_t objects)
{
    const struct lks_load_rows *rows = dealing->rows;
    uint32_t *start = dealing->start;
    size_t at = 0, begin = 0;
    memset(start, 0, ((size_t)objects + 1) * 4);
    for (size_t row = 0; row < rows->count; at += rows->actions[row++])
        for (size_t i = 0; post_of(dealing, row) != POST_LEFT_OUT && i < rows->actions[row]; i++)
            start[rows->object[at + i] + 1]++;
    for (uint32_t object = 0; object < objects; object++) {
        start[object + 1] += start[object];
        if (start[object + 1] - begin >= TASK_EVENTS || object + 1 == objects) {
            dealing->first[++dealing->tasks_count] = object + 1;
            begin = start[object + 1];
        }
    }
    return start[objects];
}

/* Deals the events of one range of objects out of all rows. */
static int range_deal(void *context, size_t range, unsigned worker, struct lks_error *err)
{
    struct dealing *dealing = context;
    const struct lks_load_rows *rows = dealing->rows;
    const uint32_t low = dealing->first[range], high = dealing->first[range + 1];
    uint32_t *start = dealing->start;
    size_t at = 0;
    (void)worker;
    (void)err;
    for (size_t row = 0; row < rows->count; row++) {
        uint32_t post = post_of(dealing, row);
        for (size_t end = at + rows->actions[row]; at < end; at++) {
            uint32_t object = rows->object[at];
            if (object < low || object >= high || post == POST_LEFT_OUT)
                continue;
            dealing->dealt[start[object]++] =
                (struct lks_event_row){lks_load_rows_time(rows, row), rows->account[row], post};
        }
    }
    return 0;
}

/* Makes a few wide ranges, one a thread, out of the tasks; deals; puts start[] back. */
static int deal(struct dealing *dealing, uint32_t objects, unsigned threads_count,
                struct lks_error *err)
{
    uint32_t *task_first = dealing->first, wide[257] = {0};
    size_t ranges = threads_count < 256 ? threads_count : 256;
    for (size_t i = 1; i < ranges; i++)
        wide[i] = task_first[dealing->tasks_count * i / ranges];
    wide[ranges] = objects;
    dealing->first = wide;
    int code = lks_threads_run(threads_count, ranges, range_deal, dealing, err);
    dealing->first = task_first;
    memmove(dealing->start + 1, dealing->start, (size_t)objects * 4);
    dealing->start[0] = 0;
    return code;
}

/* Gives back the whole pages of rows that are no longer needed. */
static void rows_give_back(const struct dealing *dealing, size_t from, size_t to)
{
    uintptr_t page = dealing->page_bytes;
    uintptr_t low = ((uintptr_t)(dealing->dealt + from) + page - 1) & ~(page - 1);
    uintptr_t high = (uintptr_t)(dealing->dealt + to) & ~(page - 1);
    if (low < high)
        madvise((void *)low, high - low, MADV_DONTNEED);
}

static int range_sort(void *context, size_t range, unsigned worker, struct lks_error *err)
{
    struct dealing *dealing = context;
    struct lks_events *events = dealing->events;
    const uint32_t *start = dealing->start;
    for (uint32_t object = dealing->first[range]; object < dealing->first[range + 1]; object++) {
        size_t count = start[object + 1] - start[object];
        struct lks_event_row *rows = dealing->dealt + start[object];
        int code = lks_budget_grow(dealing->rows->budget, &dealing->scratch[worker],
                                   &dealing->scratch_capacity[worker], count, sizeof *rows, err);
        if (code)
            return code;
        lks_event_rows_sort(rows, dealing->scratch[worker], count);
        for (size_t i = 0; i < count; i++) {
            size_t at = start[object] + i;
            events->object[at] = object;
            events->account[at] = rows[i].account;
            events->post[at] = rows[i].post;
            events->time_us[at] = rows[i].time_us;
        }
    }
    rows_give_back(dealing, start[dealing->first[range]], start[dealing->first[range + 1]]);
    return 0;
}

/* A row that was read twice gives the same event twice: one stays. */
static void drop_repeated(struct lks_events *events)
{
    size_t count = 0;
    for (size_t i = 0; i < events->count; i++) {
        if (count && events->object[i] == events->object[count - 1] &&
            events->post[i] == events->post[count - 1])
            continue;
        events->object[count] = events->object[i];
        events->account[count] = events->account[i];
        events->post[count] = events->post[i];
        events->time_us[count++] = events->time_us[i];
    }
    events->count = count;
}

/* Allocates the columns, whose pages come with the first write: charged are they by now. */
static int columns_make(struct dealing *dealing, size_t count, struct lks_error *err)
{
    struct lks_events *events = dealing->events;
    events->object = malloc((count + 1) * 4);
    events->account = malloc((count + 1) * 4);
    events->post = malloc((count + 1) * 4);
    events->time_us = malloc((count + 1) * 8);
    events->count = count;
    return events->object && events->account && events->post && events->time_us
               ? 0
               : lks_error_set(err, LKS_EMEMORY, "out of memory for %zu events", count);
}

static int rows_turn(struct dealing *dealing, uint32_t objects, unsigned threads_count,
                     uint64_t *charged_bytes, struct lks_error *err)
{
    struct lks_load_rows *rows = dealing->rows;
    struct lks_budget *budget = rows->budget;
    size_t start_capacity = 0, first_capacity = 0, dealt_capacity = 0, count = 0;
    int code =
        lks_budget_grow(budget, &dealing->start, &start_capacity, (size_t)objects + 1, 4, err);
    if (code == 0)
        code = lks_budget_grow(budget, &dealing->first, &first_capacity,
                               rows->objects_count / TASK_EVENTS + 3, 4, err);
    if (code == 0) {
        dealing->first[0] = 0;
        count = objects_count(dealing, objects);
        code = lks_budget_grow(budget, &dealing->dealt, &dealt_capacity, count,
                               sizeof *dealing->dealt, err);
    }
    if (code == 0)
        code = deal(dealing, objects, threads_count, err);
    if (code == 0) {
        lks_budget_free(budget, dealing->post, dealing->post_capacity, 4);
        dealing->post = NULL;
        lks_load_rows_free(rows);
        rows->budget = budget;
        /* 20 bytes come where 16 go: the charge of the dealt rows passes to the columns. */
        code = lks_budget_charge(budget, count * 4, err);
        *charged_bytes = code ? 0 : count * 4;
    }
    if (code == 0)
        code = columns_make(dealing, count, err);
    if (code == 0)
        code = lks_threads_run(threads_count, dealing->tasks_count, range_sort, dealing, err);
    if (code == 0)
        drop_repeated(dealing->events);
    free(dealing->dealt);
    *charged_bytes += dealt_capacity * sizeof *dealing->dealt;
    lks_budget_free(budget, dealing->start, start_capacity, 4);
    lks_budget_free(budget, dealing->first, first_capacity, 4);
    return code;
}

int lks_load_rows_events(struct lks_load_rows *rows, uint32_t objects_count, unsigned threads_count,
                         struct lks_events *events, struct lks_load_counts *counts,
                         struct lks_error *err)
{
    struct dealing dealing = {
        .rows = rows, .events = events, .page_bytes = (size_t)sysconf(_SC_PAGESIZE)};
    struct lks_load_repeat *repeats = NULL;
    struct lks_budget *budget = rows->budget;
    size_t repeats_count, repeats_capacity;
    counts->posts = (uint32_t)rows->count;
    int code =
        lks_load_repeats(rows, threads_count, &repeats, &repeats_count, &repeats_capacity, err);
    lks_budget_free(budget, rows->key, rows->capacity[3], sizeof *rows->key);
    rows->key = NULL;
    rows->capacity[3] = 0;
    if (code == 0 && repeats_count)
        code = posts_number(&dealing, repeats, repeats_count, counts, err);
    lks_budget_free(budget, repeats, repeats_capacity, sizeof *repeats);
    dealing.scratch = calloc(threads_count, sizeof *dealing.scratch);
    dealing.scratch_capacity = calloc(threads_count, sizeof *dealing.scratch_capacity);
    if (code == 0 && (!dealing.scratch || !dealing.scratch_capacity))
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = rows_turn(&dealing, objects_count, threads_count, &counts->charged_bytes, err);
    for (unsigned i = 0; dealing.scratch && dealing.scratch_capacity && i < threads_count; i++)
        lks_budget_free(budget, dealing.scratch[i], dealing.scratch_capacity[i],
                        sizeof **dealing.scratch);
    free(dealing.scratch);
    free(dealing.scratch_capacity);
    lks_budget_free(budget, dealing.post, dealing.post_capacity, 4);
    return code;
}
