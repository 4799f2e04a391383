/* floor.h - what a machine could do at best: the time that counting by rows cannot go below
 *
 * Whoever counts the partners of each account looks at every id in the windows of its events, once
 * from either side of a pair. Two bounds are measured, not taken from a data sheet, on as many
 * threads as the kernel has, in CPU seconds by thread: wall time where nothing else runs:
 *
 *   bandwidth   bytes a second when ids are summed from memory on huge pages; every id is
 *               four bytes
 *   cycles      nanoseconds an id when the windows of the events are walked in the order in
 *               which they lie, with one compare and one counter in a table of 4 KiB for an id:
 *               the least that counting is. A sample of the windows is walked.
 *
 * The linear phases (sort by account, find windows, prune) move each event's columns a few
 * times; 80 bytes an event is what a careful implementation reads and writes. */
#ifndef LKS_BENCH_FLOOR_H
#define LKS_BENCH_FLOOR_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/threads.h"
#include "record/events.h"

#include "measure.h"

enum {
    FLOOR_LINEAR_BYTES = 80,
    FLOOR_TABLE = 4096,
    FLOOR_PIECES = 64,
    FLOOR_SAMPLE_MAX = 400000000 /* ids that are walked at most */
};

struct floor {
    double read_bytes_second; /* all threads */
    double id_ns;             /* one thread */
    double bandwidth_s, cycles_s, linear_s;
    double seconds; /* the larger bound and the linear phases */
    uint64_t ids;
};

struct floor_work {
    const struct lks_events *events;
    const uint32_t *first, *end; /* windows of the sampled events */
    const uint32_t *ids;
    size_t sample_begin[FLOOR_PIECES], sample_end[FLOOR_PIECES];
    size_t piece_ids;
    uint64_t sums[FLOOR_PIECES];
};

static inline void *floor_pages(size_t size_bytes)
{
    size_t huge = (size_t)2 << 20;
    void *memory = aligned_alloc(huge, (size_bytes + huge - 1) / huge * huge);
    if (!memory) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    madvise(memory, size_bytes, MADV_HUGEPAGE);
    return memory;
}

static inline int floor_read_task(void *context, size_t task, unsigned worker,
                                  struct lks_error *err)
{
    struct floor_work *work = context;
    const uint32_t *ids = work->ids + task * work->piece_ids;
    uint64_t sum[8] = {0};
    (void)worker, (void)err;
    for (size_t i = 0; i + 8 <= work->piece_ids; i += 8)
        for (int lane = 0; lane < 8; lane++)
            sum[lane] += ids[i + (size_t)lane];
    for (int lane = 1; lane < 8; lane++)
        sum[0] += sum[lane];
    work->sums[task] = sum[0];
    return 0;
}

static inline double floor_read(unsigned threads, size_t size_bytes)
{
    struct floor_work work = {.piece_ids = size_bytes / 4 / FLOOR_PIECES};
    uint32_t *ids = floor_pages(size_bytes);
    double best = 1e9;
    memset(ids, 1, size_bytes);
    work.ids = ids;
    for (int run = 0; run < 5; run++) {
        double start = measure_cpu_seconds();
        lks_threads_run(threads, FLOOR_PIECES, floor_read_task, &work, NULL);
        double seconds = (measure_cpu_seconds() - start) / threads;
        best = seconds < best ? seconds : best;
    }
    free(ids);
    return (double)size_bytes / best;
}

static inline int floor_walk_task(void *context, size_t task, unsigned worker,
                                  struct lks_error *err)
{
    struct floor_work *work = context;
    const uint32_t *account = work->events->account;
    uint8_t table[FLOOR_TABLE] = {0};
    uint64_t sum = 0;
    (void)worker, (void)err;
    for (size_t i = work->sample_begin[task]; i < work->sample_end[task]; i++) {
        uint32_t a = account[i], end = work->end[i];
        for (uint32_t at = work->first[i]; at < end; at++) {
            uint32_t b = account[at];
            table[b % FLOOR_TABLE] += b > a;
        }
    }
    for (int i = 0; i < FLOOR_TABLE; i++)
        sum += table[i];
    work->sums[task] = sum;
    return 0;
}

/* Windows of all events; returns the ids in them. */
static inline uint64_t floor_windows(const struct lks_events *events, int64_t window_us,
                                     uint32_t *first, uint32_t *end)
{
    uint64_t ids = 0;
    for (size_t i = 0, low = 0; i < events->count; i++) {
        while (events->object[low] != events->object[i] ||
               events->time_us[i] - events->time_us[low] > window_us)
            low++;
        first[i] = (uint32_t)low;
    }
    for (size_t i = events->count, high = events->count; i-- > 0;) {
        while (events->object[high - 1] != events->object[i] ||
               events->time_us[high - 1] - events->time_us[i] > window_us)
            high--;
        end[i] = (uint32_t)high;
        ids += high - first[i];
    }
    return ids;
}

/* Measures; window_us is the window of every kind. */
static inline struct floor floor_measure(const struct lks_events *events, int64_t window_us,
                                         unsigned threads)
{
    /* Far more than any cache holds, but for a test run. */
    size_t read_bytes = (size_t)1 << (events->count < 100000 ? 24 : 30);
    struct floor least = {.read_bytes_second = floor_read(threads, read_bytes)};
    struct floor_work work = {.events = events};
    uint32_t *first = gen_array(events->count, 4), *end = gen_array(events->count, 4);
    least.ids = floor_windows(events, window_us, first, end);
    work.first = first;
    work.end = end;
    /* Pieces spread evenly; where there are more ids than a sample takes, the head of each. */
    uint64_t piece_max = FLOOR_SAMPLE_MAX / FLOOR_PIECES, walked = 0;
    for (size_t piece = 0; piece < FLOOR_PIECES; piece++) {
        size_t at = events->count * piece / FLOOR_PIECES, sum = 0;
        size_t stop = events->count * (piece + 1) / FLOOR_PIECES;
        work.sample_begin[piece] = at;
        for (; at < stop && sum < piece_max; at++)
            sum += end[at] - first[at];
        work.sample_end[piece] = at;
        walked += sum;
    }
    double best = 1e9;
    for (int run = 0; run < 3; run++) {
        double start = measure_cpu_seconds();
        lks_threads_run(threads, FLOOR_PIECES, floor_walk_task, &work, NULL);
        double seconds = (measure_cpu_seconds() - start) / threads;
        best = seconds < best ? seconds : best;
    }
    free(first);
    free(end);
    double per_id = best / (double)(walked ? walked : 1);
    least.id_ns = per_id * threads * 1e9;
    least.bandwidth_s = (double)least.ids * 4 / least.read_bytes_second;
    least.cycles_s = (double)least.ids * per_id;
    least.linear_s = (double)events->count * FLOOR_LINEAR_BYTES / least.read_bytes_second;
    least.seconds =
        least.linear_s + (least.bandwidth_s > least.cycles_s ? least.bandwidth_s : least.cycles_s);
    return least;
}

#endif
