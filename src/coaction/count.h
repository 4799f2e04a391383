/* count.h - which partners of one account may reach the thresholds, and where they met */
#ifndef LKS_COACTION_COUNT_H
#define LKS_COACTION_COUNT_H

#include "coaction/bound.h"
#include "coaction/pick.h"
#include "coaction/rows.h"
#include "coaction/slide.h"
#include "coaction/sums.h"

/* Places of the account on one object: row positions begin .. end - 1; segments likewise. */
struct lks_coaction_run {
    uint32_t begin, end;
    uint32_t segment_begin, segment_end;
};

/* A stretch of partner[] to scan once: what it adds, and for which unit. */
struct lks_coaction_segment {
    uint32_t first, end;
    uint32_t unit, run;
    uint32_t add;
    uint32_t dense; /* its sum is by itself: never the unit counted last */
    uint64_t picks_end;
};

struct lks_coaction_unit {
    uint64_t entries;
    uint32_t weight, tail;
};

/* An event of a candidate in a window of the account, and the run whose window it is. */
struct lks_coaction_hit {
    uint32_t place, run;
};

/* Zeroed to start; one per thread. */
struct lks_coaction_counter {
    struct lks_coaction_sums sums;
    struct lks_coaction_slide slide;
    uint32_t slides; /* the segment that is not scanned, since the slide holds it; or UINT32_MAX */
    uint32_t *picks; /* partners of the account, segment after segment */
    uint32_t *candidates;
    uint32_t *open;    /* partners that the rest of the tail may bring to the threshold */
    uint32_t *indexes; /* where a segment's picks are in it */
    uint64_t *hits,
        *spare; /* candidate << 32 | which of hit_at, rising: its events in the segments */
    struct lks_coaction_hit *hit_at; /* as they were met, those of one candidate and run together */
    struct lks_coaction_run *runs;
    struct lks_coaction_segment *segments;
    struct lks_coaction_unit *units;
    uint64_t *order; /* segments as they are scanned: head, then tail */
    size_t picks_capacity, indexes_capacity, candidates_capacity, hits_capacity, spare_capacity,
        hit_at_capacity;
    size_t runs_capacity, segments_capacity, units_capacity, order_capacity, open_capacity;
    size_t runs_count, segments_count, head_count, scanned_count, units_count, candidates_count,
        hits_count;
    struct lks_coaction_account_bound bound; /* of the account at hand, where bounds are given */
    int by_post;                             /* units are posts */
    uint32_t ranks_end;   /* partners of a rank from there on are not looked at */
    uint64_t pairs_twice; /* matching pairs of events, from both sides, over all accounts so far */
    struct lks_coaction_paths paths;
};

/* Scans the windows of the account of `rank` and leaves in `candidates` every partner of higher rank
 * that may reach the thresholds, once each: none that does is missing. bounds are given where a
 * score is asked for, else NULL. Returns 0, LKS_EMEMORY or LKS_ECANCELLED. */
int lks_coaction_count(struct lks_coaction_counter *counter, const struct lks_events *events,
                       const struct lks_coaction_rows *rows,
                       const struct lks_coaction_options *options,
                       const struct lks_coaction_bounds *bounds, uint32_t rank,
                       const struct lks_control *control, struct lks_budget *budget,
                       struct lks_error *err);
/* How many picks the segments that were scanned left. */
static inline size_t lks_coaction_picks_count(const struct lks_coaction_counter *counter)
{
    size_t scanned = counter->scanned_count;
    return scanned ? counter->segments[(uint32_t)counter->order[scanned - 1]].picks_end : 0;
}
void lks_coaction_counter_free(struct lks_coaction_counter *counter, size_t ranks_count,
                               struct lks_budget *budget);

#endif
