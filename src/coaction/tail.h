/* tail.h - the widest units of an account, for partners that others met */
#ifndef LKS_COACTION_TAIL_H
#define LKS_COACTION_TAIL_H

#include "coaction/count.h"

/* Finds the candidates. Sets scanned_count: the segments in order[] that were scanned, from the first
 * on. tail_entries are those of the tail. */
int lks_coaction_units_scan(struct lks_coaction_counter *counter,
                            const struct lks_coaction_rows *rows,
                            const struct lks_coaction_options *options, uint32_t rank,
                            uint64_t tail_entries, struct lks_budget *budget,
                            struct lks_error *err);
/* Scans segments order[first .. end - 1]: adds to sums, candidates and picks. */
int lks_coaction_segments_scan(struct lks_coaction_counter *counter,
                               const struct lks_coaction_rows *rows, uint32_t rank, size_t first,
                               size_t end, struct lks_budget *budget, struct lks_error *err);
/* The first event of the partner's row at place `wanted` or later; its last if none is. */
const struct lks_coaction_own *lks_coaction_row_seek(const struct lks_coaction_rows *rows,
                                                     uint32_t partner, uint32_t wanted);
/* Whether so many searches in rows are cheaper than scanning so many entries. */
int lks_coaction_lookup_wins(const struct lks_coaction_options *options, uint64_t lookups,
                             uint64_t entries);

#endif
