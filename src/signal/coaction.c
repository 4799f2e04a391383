/* coaction.c - who acted on the same things at almost the same time
 *
 * The pairs, not the events, are the work: ten million events hold hundreds of millions of
 * matching pairs. So pairs are never written out. Three steps:
 *
 *   rows    prune what cannot be in an edge, find each event's window, group by account
 *           (coaction_rows.c, linear)
 *   count   for each account scan its windows, count partners b > a in a small table
 *           (coaction_count.c, one probe a pair)
 *   pair    measure the candidates that are left (coaction_pair.c, occasions.c)
 *
 *   events (object, time)   | o1 ........ | o2 ... | o3 .......... |   20 bytes each, shared
 *   partner                 | a c a b ... | ...                        4 bytes each
 *   row, by account         | a: (object, post, time; window) ... | b: ...    24 bytes each
 *
 * Memory is that of the events, a table per thread for one account's partners, and the
 * edges of one block. Accounts are cut into blocks of about equal work in rising order;
 * inside a block accounts are tasks for the threads, heavy ones first, and when the block is
 * done its edges leave in rising (a, b). So a sink sees the same bytes for any number of
 * threads, and can write them away.
 *
 * Exact: every pair of events with |t1 - t2| <= window is counted, however many an object
 * has. Pruning and counting pass over no pair that could reach the thresholds. */
#include "signal/coaction.h"

#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "base/threads.h"
#include "signal/coaction_count.h"
#include "signal/coaction_pair.h"
#include "signal/coaction_rows.h"

enum {
    TASK_WORK = 1 << 18,  /* window entries that make a task: milliseconds, far above its cost */
    BLOCK_WORK = 1 << 24, /* window entries of a block at least: the wait at its end is small */
    BLOCKS_MAX = 256,
    AHEAD = 4
};

/* Accounts first .. end - 1, and what worker made of them: edges[edges_first ...]. */
struct task {
    uint64_t work;
    uint32_t first, end;
    unsigned worker;
    size_t edges_first, edges_count;
};

struct worker {
    struct lks_coaction_counter counter;
    struct lks_coaction_pair_scratch pair;
    struct lks_edge *edges;
    size_t edges_count, edges_capacity;
};

struct scan {
    const struct lks_events *events;
    const struct lks_coaction_options *options;
    const struct lks_control *control;
    struct lks_budget budget;
    struct lks_coaction_rows rows;
    struct worker *workers;
    unsigned threads_count;
    struct task *tasks;
    size_t tasks_count, tasks_capacity;
    uint64_t *work; /* [accounts_count] window entries */
    atomic_ullong work_done;
    struct lks_meter meter;
};

struct lks_coaction_options lks_coaction_options_default(void)
{
    struct lks_coaction_options options = {
        .min_pairs = 1, .min_objects = 1, .min_occasions = 2, .threads_count = 1};
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        options.window_us[kind] = LKS_MINUTE_US;
    return options;
}

int lks_coaction_options_check(const struct lks_coaction_options *options, struct lks_error *err)
{
    int kinds = 0;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++) {
        kinds += options->window_us[kind] >= 0;
        if (options->window_us[kind] > LKS_TIME_MAX_US)
            return lks_error_set(err, LKS_EARGUMENT, "the window of %s is longer than all of time",
                                 lks_object_kind_names[kind]);
    }
    if (kinds == 0)
        return lks_error_set(err, LKS_EARGUMENT, "no kind of object is left to look at");
    return 0;
}

static int account_edges(struct scan *scan, struct worker *worker, uint32_t a,
                         struct lks_error *err)
{
    const struct lks_coaction_rows *rows = &scan->rows;
    struct lks_coaction_counter *counter = &worker->counter;
    int code =
        lks_coaction_count(counter, rows, scan->options, a, scan->control, &scan->budget, err);
    if (code < 0)
        return code;
    struct lks_coaction_side side_a = {rows->row + rows->start[a],
                                       rows->start[a + 1] - rows->start[a]};
    for (size_t i = 0; i < counter->candidates_count; i++) {
        uint32_t b = counter->candidates[i];
        if (i + AHEAD < counter->candidates_count) /* their rows are anywhere in memory */
            __builtin_prefetch(rows->row + rows->start[counter->candidates[i + AHEAD]]);
        struct lks_coaction_side side_b = {rows->row + rows->start[b],
                                           rows->start[b + 1] - rows->start[b]};
        if (lks_budget_grow(&scan->budget, &worker->edges, &worker->edges_capacity,
                            worker->edges_count + 1, sizeof *worker->edges, err) < 0)
            return LKS_EMEMORY;
        struct lks_edge *edge = &worker->edges[worker->edges_count];
        edge->a = a;
        edge->b = b;
        int kept = lks_coaction_pair(scan->events, scan->options, &side_a, &side_b, &worker->pair,
                                     &scan->budget, edge, err);
        if (kept < 0)
            return kept;
        worker->edges_count += (size_t)kept;
        if ((i & 1023) == 1023 && lks_cancelled(scan->control))
            return lks_error_set(err, LKS_ECANCELLED, "cancelled");
    }
    return 0;
}

static int task_run(void *context, size_t task_index, unsigned worker_index, struct lks_error *err)
{
    struct scan *scan = context;
    struct task *task = &scan->tasks[task_index];
    struct worker *worker = &scan->workers[worker_index];
    task->worker = worker_index;
    task->edges_first = worker->edges_count;
    for (uint32_t a = task->first; a < task->end; a++) {
        int code = account_edges(scan, worker, a, err);
        if (code < 0)
            return code;
    }
    task->edges_count = worker->edges_count - task->edges_first;
    uint64_t done = atomic_fetch_add(&scan->work_done, task->work) + task->work;
    if (worker_index == 0) /* the calling thread: it alone reports */
        return lks_meter_at(&scan->meter, done, err);
    if (lks_cancelled(scan->control))
        return lks_error_set(err, LKS_ECANCELLED, "cancelled");
    return 0;
}

static int compare_heavy_first(const void *left, const void *right)
{
    const struct task *x = left, *y = right;
    if (x->work != y->work)
        return x->work < y->work ? 1 : -1;
    return (x->first > y->first) - (x->first < y->first);
}

static int compare_accounts(const void *left, const void *right)
{
    const struct task *x = left, *y = right;
    return (x->first > y->first) - (x->first < y->first);
}

/* Cuts accounts into tasks from `first` on until the block has its work; returns where the
 * next block begins, or 0 when memory is out (a block is never empty). */
static uint32_t block_cut(struct scan *scan, uint32_t first, uint64_t block_work,
                          struct lks_error *err)
{
    uint64_t work = 0;
    uint32_t a = first;
    scan->tasks_count = 0;
    while (a < scan->rows.accounts_count && work < block_work) {
        if (lks_budget_grow(&scan->budget, &scan->tasks, &scan->tasks_capacity,
                            scan->tasks_count + 1, sizeof *scan->tasks, err) < 0)
            return 0;
        struct task task = {.first = a};
        do
            task.work += scan->work[a++];
        while (a < scan->rows.accounts_count && task.work + scan->work[a] <= TASK_WORK);
        task.end = a;
        work += task.work;
        scan->tasks[scan->tasks_count++] = task;
    }
    qsort(scan->tasks, scan->tasks_count, sizeof *scan->tasks, compare_heavy_first);
    return a;
}

static int block_emit(struct scan *scan, const struct lks_edge_sink *sink,
                      struct lks_coaction_counts *counts, struct lks_error *err)
{
    qsort(scan->tasks, scan->tasks_count, sizeof *scan->tasks, compare_accounts);
    for (size_t i = 0; i < scan->tasks_count; i++) {
        const struct task *task = &scan->tasks[i];
        if (task->edges_count == 0)
            continue;
        const struct lks_edge *edges = scan->workers[task->worker].edges + task->edges_first;
        int code = sink->put(sink->context, edges, task->edges_count, err);
        if (code < 0)
            return code;
        counts->edges_kept += task->edges_count;
    }
    for (unsigned i = 0; i < scan->threads_count; i++)
        scan->workers[i].edges_count = 0;
    return 0;
}

/* Window entries by account, their sum and their largest. */
static int work_measure(struct scan *scan, uint64_t *total, uint64_t *largest,
                        struct lks_error *err)
{
    const struct lks_coaction_rows *rows = &scan->rows;
    *total = *largest = 0;
    int code = lks_budget_array(&scan->budget, &scan->work, rows->accounts_count, 8, err);
    if (code < 0)
        return code;
    for (size_t a = 0; a < rows->accounts_count; a++) {
        uint64_t work = 0;
        for (size_t i = rows->start[a]; i < rows->start[a + 1]; i++)
            work += rows->window[i].end - rows->window[i].first;
        scan->work[a] = work;
        *total += work;
        if (*largest < work)
            *largest = work;
    }
    return 0;
}

static int scan_blocks(struct scan *scan, const struct lks_edge_sink *sink,
                       struct lks_coaction_counts *counts, struct lks_error *err)
{
    uint64_t total, largest;
    int code = work_measure(scan, &total, &largest, err);
    if (code < 0)
        return code;
    /* A block is worth several times its heaviest account, so that no thread waits long. */
    uint64_t block_work = total / BLOCKS_MAX;
    if (block_work < BLOCK_WORK)
        block_work = BLOCK_WORK;
    if (block_work / 2 / scan->threads_count < largest)
        block_work = largest * 2 * scan->threads_count;
    lks_meter_start(&scan->meter, scan->control, "coaction", "window entries", total);
    for (uint32_t first = 0; first < scan->rows.accounts_count;) {
        first = block_cut(scan, first, block_work, err);
        if (first == 0)
            return LKS_EMEMORY;
        code = lks_threads_run(scan->threads_count, scan->tasks_count, task_run, scan, err);
        if (code == 0)
            code = block_emit(scan, sink, counts, err);
        if (code < 0)
            return code;
    }
    for (unsigned i = 0; i < scan->threads_count; i++) {
        counts->pairs_scanned += scan->workers[i].counter.pairs_seen;
        counts->edges_seen += scan->workers[i].counter.partners_seen;
    }
    lks_meter_finish(&scan->meter);
    return 0;
}

static void scan_free(struct scan *scan)
{
    struct lks_budget *budget = &scan->budget;
    for (unsigned i = 0; scan->workers && i < scan->threads_count; i++) {
        struct worker *worker = &scan->workers[i];
        lks_coaction_counter_free(&worker->counter, budget);
        lks_coaction_pair_scratch_free(&worker->pair, budget);
        lks_budget_free(budget, worker->edges, worker->edges_capacity, sizeof *worker->edges);
    }
    lks_budget_free(budget, scan->workers, scan->threads_count, sizeof *scan->workers);
    lks_budget_free(budget, scan->tasks, scan->tasks_capacity, sizeof *scan->tasks);
    lks_budget_free(budget, scan->work, scan->rows.accounts_count, 8);
    lks_coaction_rows_free(&scan->rows, budget);
}

int lks_coaction_scan(const struct lks_events *events, const struct lks_coaction_options *options,
                      const struct lks_control *control, const struct lks_edge_sink *sink,
                      struct lks_coaction_counts *counts, struct lks_error *err)
{
    struct lks_coaction_counts own_counts;
    struct scan scan = {.events = events, .options = options, .control = control};
    int code = lks_coaction_options_check(options, err);
    if (code < 0)
        return code;
    counts = counts ? counts : &own_counts;
    memset(counts, 0, sizeof *counts);
    scan.threads_count =
        options->threads_count ? options->threads_count : lks_threads_count(control);
    uint64_t limit_bytes = options->memory_bytes;
    if (limit_bytes == 0 && control)
        limit_bytes = control->memory_bytes;
    lks_budget_init(&scan.budget, limit_bytes, "co-action");
    code = lks_budget_array(&scan.budget, &scan.workers, scan.threads_count, sizeof *scan.workers,
                            err);
    if (code == 0)
        code = lks_coaction_rows_build(&scan.rows, events, options, &scan.budget, err);
    if (code == 0)
        code = scan_blocks(&scan, sink, counts, err);
    scan_free(&scan);
    return code;
}

int lks_coaction_scan_windows(const struct lks_events *events,
                              const struct lks_coaction_options *options, size_t options_count,
                              const struct lks_control *control, const struct lks_edge_sink *sinks,
                              struct lks_coaction_counts *counts, struct lks_error *err)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < options_count; i++)
        code = lks_coaction_scan(events, &options[i], control, &sinks[i],
                                 counts ? &counts[i] : NULL, err);
    return code;
}
