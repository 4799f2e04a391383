/* segments.h - what is scanned for one account, and in which order */
#ifndef LKS_COACTION_SEGMENTS_H
#define LKS_COACTION_SEGMENTS_H

#include "coaction/count.h"

/* Cuts the account's row into runs, segments and units, and adds up its pairs. Units are
 * objects, or posts. A unit weighs one, or what bound says. */
int lks_coaction_row_cut(struct lks_coaction_counter *counter, const struct lks_events *events,
                         const struct lks_coaction_rows *rows,
                         const struct lks_coaction_options *options,
                         const struct lks_coaction_account_bound *bound, int by_post, uint32_t rank,
                         struct lks_budget *budget, struct lks_error *err);
/* Marks as tail the widest units that together stay below the threshold. */
void lks_coaction_tail_choose(struct lks_coaction_counter *counter, uint32_t threshold);
/* Makes the unit of the widest window tail, for a threshold of two units, and lets the window slide
 * there. 0 or LKS_EMEMORY. */
int lks_coaction_tail_slide(struct lks_coaction_counter *counter,
                            const struct lks_coaction_rows *rows, struct lks_budget *budget,
                            struct lks_error *err);
/* Puts the segments in order: head before tail, those of one unit together. Returns the entries
 * of the tail. */
uint64_t lks_coaction_segments_order(struct lks_coaction_counter *counter, int by_post);

#endif
