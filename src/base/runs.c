/* runs.c - sorting more records than memory holds: sorted runs on disk, then one merge
 *
 *   add:    | buffer | --radix sort--> run 0 on disk, run 1, run 2 ...
 *   next:   a piece of each run in memory, the least record first by a binary heap
 *
 * Least-significant-digit radix over the bytes in which the buffer's records differ; ties
 * between runs go to the earlier run, so that the whole is stable. When all fits into the
 * buffer nothing is written. Cost: each record written and read once, log2(runs) comparisons
 * (Knuth, The Art of Computer Programming 3, section 5.4). */
#include "base/runs.h"

#include <stdlib.h>
#include <string.h>

enum { RECORDS_MIN = 1024, PIECE_RECORDS_MIN = 64 };

struct lks_run {
    uint64_t offset_bytes, left; /* records not read yet */
    size_t at, count;            /* in the piece */
    uint32_t *piece;
};

int lks_runs_open(struct lks_runs *runs, unsigned words, unsigned key_words, uint64_t memory_bytes,
                  struct lks_budget *budget, struct lks_spill *spill, struct lks_error *err)
{
    LKS_ASSERT(words <= LKS_RUNS_WORDS_MAX && key_words <= words);
    *runs =
        (struct lks_runs){.words = words, .key_words = key_words, .budget = budget, .spill = spill};
    size_t record_bytes = words * 4;
    runs->buffer_records = (size_t)(memory_bytes / 2 / record_bytes);
    if (runs->buffer_records < RECORDS_MIN)
        runs->buffer_records = RECORDS_MIN;
    int code = lks_budget_grow(budget, &runs->buffer, &runs->buffer_capacity, runs->buffer_records,
                               record_bytes, err);
    if (code == 0)
        code = lks_budget_grow(budget, &runs->spare, &runs->spare_capacity, runs->buffer_records,
                               record_bytes, err);
    return code;
}

static void buffer_digit(const struct lks_runs *runs, const uint32_t *from, uint32_t *to,
                         unsigned word, unsigned shift)
{
    size_t place[257] = {0};
    unsigned words = runs->words;
    for (size_t i = 0; i < runs->count; i++)
        place[(from[i * words + word] >> shift & 255) + 1]++;
    for (int digit = 0; digit < 256; digit++)
        place[digit + 1] += place[digit];
    for (size_t i = 0; i < runs->count; i++) {
        size_t at = place[from[i * words + word] >> shift & 255]++;
        memcpy(to + at * words, from + i * words, words * 4);
    }
}

static void buffer_sort(struct lks_runs *runs)
{
    for (unsigned word = runs->key_words; word-- > 0;) {
        uint32_t differ = 0;
        for (size_t i = 1; i < runs->count; i++)
            differ |= runs->buffer[i * runs->words + word] ^ runs->buffer[word];
        for (unsigned shift = 0; shift < 32; shift += 8) {
            if (!(differ >> shift & 255))
                continue;
            buffer_digit(runs, runs->buffer, runs->spare, word, shift);
            uint32_t *swap = runs->buffer;
            runs->buffer = runs->spare;
            runs->spare = swap;
        }
    }
}

static int buffer_spill(struct lks_runs *runs, struct lks_error *err)
{
    size_t bytes = runs->count * runs->words * 4;
    buffer_sort(runs);
    int code = lks_budget_grow(runs->budget, &runs->run, &runs->runs_capacity, runs->runs_count + 1,
                               sizeof *runs->run, err);
    if (code)
        return code;
    runs->run[runs->runs_count++] =
        (struct lks_run){.offset_bytes = runs->spool.size_bytes, .left = runs->count};
    runs->count = 0;
    return lks_spool_append(&runs->spool, runs->spill, runs->buffer, bytes, err);
}

int lks_runs_add(struct lks_runs *runs, const uint32_t *record, struct lks_error *err)
{
    if (runs->count == runs->buffer_records) {
        int code = buffer_spill(runs, err);
        if (code)
            return code;
    }
    memcpy(runs->buffer + runs->count++ * runs->words, record, runs->words * 4);
    runs->records_count++;
    return 0;
}

static int record_before(const struct lks_runs *runs, uint32_t x, uint32_t y)
{
    const struct lks_run *a = &runs->run[x], *b = &runs->run[y];
    const uint32_t *left = a->piece + a->at * runs->words, *right = b->piece + b->at * runs->words;
    for (unsigned word = 0; word < runs->key_words; word++)
        if (left[word] != right[word])
            return left[word] < right[word];
    return x < y;
}

static void heap_sink(struct lks_runs *runs, size_t at)
{
    uint32_t *heap = runs->heap;
    for (;;) {
        size_t least = 2 * at + 1;
        if (least >= runs->heap_count)
            return;
        if (least + 1 < runs->heap_count && record_before(runs, heap[least + 1], heap[least]))
            least++;
        if (record_before(runs, heap[at], heap[least]))
            return;
        uint32_t swap = heap[at];
        heap[at] = heap[least];
        heap[least] = swap;
        at = least;
    }
}

/* Reads the next piece of a run; 1, 0 when the run is at its end. */
static int piece_fill(struct lks_runs *runs, struct lks_run *run, size_t records,
                      struct lks_error *err)
{
    run->at = 0;
    run->count = run->left < records ? (size_t)run->left : records;
    if (!run->count)
        return 0;
    size_t bytes = run->count * runs->words * 4;
    int code = lks_spool_read(&runs->spool, run->offset_bytes, run->piece, bytes, err);
    run->offset_bytes += bytes;
    run->left -= run->count;
    return code ? code : 1;
}

static void spare_free(struct lks_runs *runs)
{
    lks_budget_free(runs->budget, runs->spare, runs->spare_capacity, runs->words * 4);
    runs->spare = NULL;
    runs->spare_capacity = 0;
}

int lks_runs_finish(struct lks_runs *runs, struct lks_error *err)
{
    if (!runs->runs_count) {
        buffer_sort(runs);
        spare_free(runs);
        runs->heap_count = 0; /* here: how many were given out */
        return 0;
    }
    int code = runs->count ? buffer_spill(runs, err) : 0;
    if (code == 0)
        code = lks_budget_grow(runs->budget, &runs->heap, &runs->heap_capacity, runs->runs_count,
                               sizeof *runs->heap, err);
    if (code)
        return code;
    spare_free(runs);
    /* The buffer is cut into a piece for each run. */
    size_t piece = runs->buffer_records / runs->runs_count;
    if (piece < PIECE_RECORDS_MIN) {
        piece = PIECE_RECORDS_MIN;
        code = lks_budget_grow(runs->budget, &runs->buffer, &runs->buffer_capacity,
                               piece * runs->runs_count, runs->words * 4, err);
        if (code)
            return code;
    }
    runs->buffer_records = piece;
    for (size_t i = 0; i < runs->runs_count; i++) {
        struct lks_run *run = &runs->run[i];
        run->piece = runs->buffer + i * piece * runs->words;
        code = piece_fill(runs, run, piece, err);
        if (code < 0)
            return code;
        if (code)
            runs->heap[runs->heap_count++] = (uint32_t)i;
    }
    for (size_t i = runs->heap_count / 2 + 1; i-- > 0;)
        heap_sink(runs, i);
    runs->count = 0; /* here: whether the first run's record was given out */
    return 0;
}

int lks_runs_next(struct lks_runs *runs, const uint32_t **record_out, struct lks_error *err)
{
    if (!runs->runs_count) {
        if (runs->heap_count == runs->count)
            return 0;
        *record_out = runs->buffer + runs->heap_count++ * runs->words;
        return 1;
    }
    if (runs->count && runs->heap_count) {
        struct lks_run *run = &runs->run[runs->heap[0]];
        int more = 1;
        if (++run->at == run->count)
            more = piece_fill(runs, run, runs->buffer_records, err);
        if (more < 0)
            return more;
        if (!more)
            runs->heap[0] = runs->heap[--runs->heap_count];
        heap_sink(runs, 0);
    }
    if (!runs->heap_count)
        return 0;
    const struct lks_run *run = &runs->run[runs->heap[0]];
    *record_out = run->piece + run->at * runs->words;
    runs->count = 1;
    return 1;
}

void lks_runs_close(struct lks_runs *runs)
{
    if (!runs->budget)
        return;
    lks_budget_free(runs->budget, runs->buffer, runs->buffer_capacity, runs->words * 4);
    lks_budget_free(runs->budget, runs->spare, runs->spare_capacity, runs->words * 4);
    lks_budget_free(runs->budget, runs->run, runs->runs_capacity, sizeof *runs->run);
    lks_budget_free(runs->budget, runs->heap, runs->heap_capacity, sizeof *runs->heap);
    lks_spool_close(&runs->spool);
    *runs = (struct lks_runs){0};
}
