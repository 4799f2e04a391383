/* coaction.c - who acted on the same things at almost the same time
 *
 * The pairs, not the events, are the work: ten million events hold hundreds of millions of
 * matching pairs. So pairs are never written out. Three steps:
 *
 *   rows      prune what cannot be in an edge, rank accounts, find each event's window
 *             (rows.c, linear)
 *   count     for each account scan its windows, sum up partners of higher rank
 *             (count.c, a few cycles an entry; pick.c, the inner loop)
 *   measure   the candidates that are left (hits.c, measure.c,
 *             pair.c, occasions.c); where pairs and objects alone are asked for, they
 *             are counted (tally.c)
 *
 *   events (object, time)   | o1 ........ | o2 ... | o3 .......... |   20 bytes each, shared
 *   partner, kept           | a c a b ... | ...                        8 bytes each
 *   place and window, by account  | a: 0 2 9 ... | b: 3 5 ... |        8 bytes each
 *
 * Memory is that of the events, a slot a ranked account and thread, and the edges of one block.
 * Accounts are cut into blocks of about equal work in rising rank; inside a block accounts are
 * tasks for the threads, heavy ones first, and when the block is done its edges leave in order of
 * rank. So a sink sees the same bytes for any number of threads, and can write them away.
 *
 * Exact: every pair of events with |t1 - t2| <= window is looked at, however many an object
 * has. Pruning and counting pass over no pair that could reach the thresholds. Several windows
 * are one scan with the widest: what reaches the thresholds in a narrow window does in a
 * wide one, so each candidate is measured in all (which ones share a scan: windows.c). */
#include "coaction/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "base/threads.h"
#include "coaction/hits.h"
#include "coaction/measure.h"
#include "coaction/tally.h"

enum {
    TASK_WORK = 1 << 18,  /* window entries that make a task: milliseconds, far above its cost */
    BLOCK_WORK = 1 << 24, /* window entries of a block at least: the wait at its end is small */
    BLOCK_HEAVIEST = 8,
    BLOCKS_MAX = 256
};

/* Where edges of one task begin in the worker's list of a window, and how many there are. */
struct stretch {
    size_t first, count;
};

/* Ranks first .. end - 1, and what worker made of them: stretches[windows]. */
struct task {
    uint64_t work;
    uint32_t first, end;
    unsigned worker;
    struct stretch *stretches;
};

struct worker {
    struct lks_coaction_counter counter;
    struct lks_coaction_measure measure;
    struct lks_coaction_tally tally;
    uint64_t edges_seen;
    struct lks_coaction_edge_list edges[LKS_COACTION_WINDOWS_MAX];
};

struct scan {
    const struct lks_events *events;
    const struct lks_coaction_options *options; /* [windows_count] */
    struct lks_coaction_options widest;         /* what any of them could keep */
    size_t windows_count;
    int tallied; /* edges are asked for no more than counting knows */
    const struct lks_control *control;
    struct lks_budget budget;
    struct lks_coaction_rows rows;
    struct lks_coaction_null null;
    struct lks_coaction_bounds bounds; /* this and null: where a score is asked for */
    struct worker *workers;
    unsigned threads_count;
    struct task *tasks;
    struct stretch *stretches;
    size_t tasks_count, tasks_capacity, stretches_capacity;
    atomic_ullong work_done;
    struct lks_meter meter;
};

/* All of one account. */
static int rank_run(struct scan *scan, struct worker *worker, uint32_t rank, struct lks_error *err)
{
    const struct lks_coaction_bounds *bounds = scan->widest.min_score ? &scan->bounds : NULL;
    int code = lks_coaction_count(&worker->counter, scan->events, &scan->rows, &scan->widest,
                                  bounds, rank, scan->control, &scan->budget, err);
    if (code == 0 && scan->tallied) {
        worker->edges_seen += worker->counter.candidates_count;
        return lks_coaction_tally(&worker->tally, &worker->counter, &scan->rows, &scan->widest,
                                  rank, worker->edges, &scan->budget, err);
    }
    if (code == 0)
        code = lks_coaction_hits(&worker->counter, &scan->rows, &scan->widest, bounds, rank,
                                 &scan->budget, err);
    if (code == 0)
        code = lks_coaction_measure(&worker->measure, scan->events, &scan->rows, &worker->counter,
                                    bounds ? &scan->null : NULL, &scan->widest, scan->options,
                                    scan->windows_count, rank, scan->control, worker->edges,
                                    &scan->budget, err);
    return code;
}

static int task_run(void *context, size_t task_index, unsigned worker_index, struct lks_error *err)
{
    struct scan *scan = context;
    struct task *task = &scan->tasks[task_index];
    struct worker *worker = &scan->workers[worker_index];
    task->worker = worker_index;
    for (size_t w = 0; w < scan->windows_count; w++)
        task->stretches[w].first = worker->edges[w].count;
    for (uint32_t rank = task->first; rank < task->end; rank++) {
        int code = rank_run(scan, worker, rank, err);
        if (code < 0)
            return code;
    }
    for (size_t w = 0; w < scan->windows_count; w++)
        task->stretches[w].count = worker->edges[w].count - task->stretches[w].first;
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

static int compare_ranks(const void *left, const void *right)
{
    const struct task *x = left, *y = right;
    return (x->first > y->first) - (x->first < y->first);
}

/* Cuts ranks into tasks from `first` on until the block has its work: block_work, more where an
 * account of it is heavy, but no more than pace. Returns where the next block begins, or 0 when
 * memory is out (a block is never empty). */
static uint32_t block_cut(struct scan *scan, uint32_t first, uint64_t block_work, uint64_t pace,
                          struct lks_error *err)
{
    const uint64_t *weights = scan->rows.work;
    const uint64_t task_work = pace / 4 < TASK_WORK ? pace / 4 : TASK_WORK;
    uint64_t work = 0, heaviest = 0;
    uint32_t r = first;
    scan->tasks_count = 0;
    while (r < scan->rows.ranks_count && work < pace &&
           (work < block_work || work / BLOCK_HEAVIEST < heaviest)) {
        if (lks_budget_grow(&scan->budget, &scan->tasks, &scan->tasks_capacity,
                            scan->tasks_count + 1, sizeof *scan->tasks, err) < 0)
            return 0;
        struct task task = {.first = r};
        do {
            heaviest = weights[r] > heaviest ? weights[r] : heaviest;
            task.work += weights[r++];
        } while (r < scan->rows.ranks_count && task.work + weights[r] <= task_work);
        task.end = r;
        work += task.work;
        scan->tasks[scan->tasks_count++] = task;
    }
    if (lks_budget_grow(&scan->budget, &scan->stretches, &scan->stretches_capacity,
                        scan->tasks_count * scan->windows_count, sizeof *scan->stretches, err) < 0)
        return 0;
    qsort(scan->tasks, scan->tasks_count, sizeof *scan->tasks, compare_heavy_first);
    for (size_t i = 0; i < scan->tasks_count; i++)
        scan->tasks[i].stretches = scan->stretches + i * scan->windows_count;
    return r;
}

static int block_emit(struct scan *scan, const struct lks_edge_sink *sinks,
                      struct lks_coaction_counts *counts, struct lks_error *err)
{
    qsort(scan->tasks, scan->tasks_count, sizeof *scan->tasks, compare_ranks);
    for (size_t w = 0; w < scan->windows_count; w++)
        for (size_t i = 0; i < scan->tasks_count; i++) {
            const struct task *task = &scan->tasks[i];
            const struct stretch *stretch = &task->stretches[w];
            if (stretch->count == 0)
                continue;
            const struct lks_edge *edges =
                scan->workers[task->worker].edges[w].items + stretch->first;
            int code = sinks[w].put(sinks[w].context, edges, stretch->count, err);
            if (code < 0)
                return code;
            counts[w].edges_kept += stretch->count;
        }
    for (unsigned i = 0; i < scan->threads_count; i++)
        for (size_t w = 0; w < scan->windows_count; w++)
            scan->workers[i].edges[w].count = 0;
    return 0;
}

static void counts_fill(const struct scan *scan, struct lks_coaction_counts *counts)
{
    uint64_t pairs_twice = 0, edges = 0;
    for (unsigned i = 0; i < scan->threads_count; i++) {
        pairs_twice += scan->workers[i].counter.pairs_twice;
        edges += scan->workers[i].measure.pairs_measured + scan->workers[i].edges_seen;
    }
    for (size_t w = 0; w < scan->windows_count; w++) {
        counts[w].events_alone = scan->rows.events_alone;
        counts[w].events_pruned = scan->rows.events_pruned;
        counts[w].pairs_scanned = pairs_twice / 2;
        counts[w].edges_seen = edges;
    }
}

/* Edges of a block wait in memory for its end, and an entry may be an edge: the work of a block
 * is what leaves them room at worst, then doubles or halves with the edges that came. */
static uint64_t block_pace(uint64_t pace, uint64_t usual, uint64_t room, uint64_t edges)
{
    if (edges > room / 2)
        return pace / 2;
    return edges < room / 4 && pace < usual ? pace * 2 + 1 : pace;
}

static uint64_t edges_kept(const struct scan *scan, const struct lks_coaction_counts *counts)
{
    uint64_t kept = 0;
    for (size_t w = 0; w < scan->windows_count; w++)
        kept += counts[w].edges_kept;
    return kept;
}

static int scan_blocks(struct scan *scan, const struct lks_edge_sink *sinks,
                       struct lks_coaction_counts *counts, struct lks_error *err)
{
    uint64_t total = 0, largest = 0;
    for (size_t r = 0; r < scan->rows.ranks_count; r++) {
        total += scan->rows.work[r];
        largest = largest < scan->rows.work[r] ? scan->rows.work[r] : largest;
    }
    /* A block is worth several times its heaviest account, so that no thread waits long: heavy
     * accounts come last, and find few partners that are heavier. It does not depend on the
     * threads: the sinks of several windows take turns by block. */
    uint64_t block_work = total / BLOCKS_MAX;
    if (block_work < BLOCK_WORK)
        block_work = BLOCK_WORK;
    uint64_t most = largest > block_work / BLOCK_HEAVIEST ? largest * BLOCK_HEAVIEST : block_work;
    uint64_t room = lks_budget_left(&scan->budget) / 4 / sizeof(struct lks_edge);
    uint64_t pace = most < 2 * room ? most : 2 * room;
    lks_meter_start(&scan->meter, scan->control, "coaction", "window entries", total);
    for (uint32_t first = 0; first < scan->rows.ranks_count;) {
        uint64_t before = edges_kept(scan, counts);
        first = block_cut(scan, first, block_work, pace, err);
        if (first == 0)
            return LKS_EMEMORY;
        int code = lks_threads_run(scan->threads_count, scan->tasks_count, task_run, scan, err);
        if (code == 0)
            code = block_emit(scan, sinks, counts, err);
        if (code < 0)
            return code;
        pace = block_pace(pace, most, room, edges_kept(scan, counts) - before);
    }
    counts_fill(scan, counts);
    lks_meter_finish(&scan->meter);
    return 0;
}

static void scan_free(struct scan *scan)
{
    struct lks_budget *budget = &scan->budget;
    for (unsigned i = 0; scan->workers && i < scan->threads_count; i++) {
        struct worker *worker = &scan->workers[i];
        lks_coaction_counter_free(&worker->counter, scan->rows.ranks_count, budget);
        lks_coaction_measure_free(&worker->measure, budget);
        lks_coaction_tally_free(&worker->tally, budget);
        for (size_t w = 0; w < scan->windows_count; w++)
            lks_budget_free(budget, worker->edges[w].items, worker->edges[w].capacity,
                            sizeof *worker->edges[w].items);
    }
    lks_budget_free(budget, scan->workers, scan->threads_count, sizeof *scan->workers);
    lks_budget_free(budget, scan->tasks, scan->tasks_capacity, sizeof *scan->tasks);
    lks_budget_free(budget, scan->stretches, scan->stretches_capacity, sizeof *scan->stretches);
    lks_coaction_bounds_free(&scan->bounds, budget);
    lks_coaction_null_free(&scan->null, budget);
    lks_coaction_rows_free(&scan->rows, budget);
}

/* What any of the windows could keep: the widest window of each kind, the least minima. */
static void widest_find(struct scan *scan)
{
    struct lks_coaction_options *widest = &scan->widest;
    *widest = scan->options[0];
    for (size_t w = 1; w < scan->windows_count; w++) {
        const struct lks_coaction_options *options = &scan->options[w];
        for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
            if (widest->window_us[kind] < options->window_us[kind])
                widest->window_us[kind] = options->window_us[kind];
        if (widest->min_pairs > options->min_pairs)
            widest->min_pairs = options->min_pairs;
        if (widest->min_objects > options->min_objects)
            widest->min_objects = options->min_objects;
        if (widest->min_occasions > options->min_occasions)
            widest->min_occasions = options->min_occasions;
    }
    scan->tallied = scan->windows_count == 1 && lks_coaction_tally_does(widest);
    /* A score weighs a meeting by all others that were in the window. */
    if (widest->min_score)
        widest->without |= LKS_COACTION_NO_PRUNING;
}

static int scan_run(struct scan *scan, const struct lks_edge_sink *sinks,
                    struct lks_coaction_counts *counts, struct lks_error *err)
{
    int scored = scan->widest.min_score > 0;
    int code = lks_budget_array(&scan->budget, &scan->workers, scan->threads_count,
                                sizeof *scan->workers, err);
    for (unsigned i = 0; code == 0 && i < scan->threads_count; i++)
        scan->workers[i].counter.paths = lks_coaction_paths_choose(scan->widest.path);
    if (code == 0)
        code = lks_coaction_rows_build(&scan->rows, scan->events, &scan->widest, scored,
                                       scan->threads_count, scan->control, &scan->budget, err);
    if (code == 0 && scored)
        code = lks_coaction_null_build(&scan->null, scan->events, scan->widest.crowd,
                                       scan->widest.min_score, &scan->budget, err);
    if (code == 0 && scored)
        code = lks_coaction_bounds_make(&scan->bounds, &scan->null, &scan->rows, &scan->widest,
                                        scan->threads_count, scan->control, &scan->budget, err);
    if (code == 0)
        code = scan_blocks(scan, sinks, counts, err);
    scan_free(scan);
    return code;
}

int lks_coaction_sweep(const struct lks_events *events, const struct lks_coaction_options *options,
                       size_t options_count, const struct lks_control *control,
                       const struct lks_edge_sink *sinks, struct lks_coaction_counts *counts,
                       struct lks_error *err)
{
    struct scan scan = {
        .events = events, .options = options, .windows_count = options_count, .control = control};
    widest_find(&scan);
    scan.threads_count =
        options->threads_count ? options->threads_count : lks_threads_count(control);
    uint64_t limit_bytes = options->memory_bytes;
    if (limit_bytes == 0 && control)
        limit_bytes = control->memory_bytes;
    lks_budget_init(&scan.budget, limit_bytes, "co-action");
    return scan_run(&scan, sinks, counts, err);
}
