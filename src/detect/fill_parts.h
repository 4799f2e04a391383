/* fill_parts.h - what filling the results of several signals has in common */
#ifndef LKS_DETECT_FILL_PARTS_H
#define LKS_DETECT_FILL_PARTS_H

#include "finding/detect_groups.h"

/* The finding of each account that is a member of one (the fused one, once there is), UINT32_MAX for the others; the caller's
 * to free, NULL when memory is out. */
uint32_t *lks_account_findings(const struct lks_analysis *analysis, uint32_t accounts_count);

/* Counts with blanks between, in the arena; a null text when memory is out. */
struct lks_str lks_counts_text(struct lks_arena *arena, const uint32_t *counts, size_t count);

#endif
