/* runs.h - sorting more records than memory holds: sorted runs on disk, then one merge */
#ifndef LKS_BASE_RUNS_H
#define LKS_BASE_RUNS_H

#include "base/budget.h"
#include "base/spool.h"

enum { LKS_RUNS_WORDS_MAX = 8 };

/* Records of `words` 32-bit words, ordered by the first key_words of them, the first word the
 * most significant; equal keys keep the order in which they were added. */
struct lks_runs {
    unsigned words, key_words;
    struct lks_budget *budget; /* borrowed */
    struct lks_spill *spill;   /* borrowed */
    /* inside */
    uint32_t *buffer, *spare; /* [buffer_records * words] */
    size_t buffer_records, count;
    size_t buffer_capacity, spare_capacity;
    struct lks_spool spool;
    struct lks_run *run;
    size_t runs_count, runs_capacity;
    uint32_t *heap; /* runs, the least first */
    size_t heap_count, heap_capacity;
    uint64_t records_count;
};

/* memory_bytes is what the sort may take of the budget while records are added, and again
 * while they are read. Errors: LKS_EMEMORY. */
int lks_runs_open(struct lks_runs *runs, unsigned words, unsigned key_words, uint64_t memory_bytes,
                  struct lks_budget *budget, struct lks_spill *spill, struct lks_error *err);
int lks_runs_add(struct lks_runs *runs, const uint32_t *record, struct lks_error *err);
/* Ends adding; then next gives the records in order: 1, 0 at the end, or below 0. The record
 * lasts until the next call. */
int lks_runs_finish(struct lks_runs *runs, struct lks_error *err);
int lks_runs_next(struct lks_runs *runs, const uint32_t **record_out, struct lks_error *err);
void lks_runs_close(struct lks_runs *runs); /* zeroed is fine */

#endif
