/* reasons.h - the statements of reasons of a run's decisions, for an answer */
#ifndef LKS_EVIDENCE_REASONS_H
#define LKS_EVIDENCE_REASONS_H

#include <stdint.h>

#include "base/error.h"

/* Writes FOLDER/reasons-<entry>.json for every decision upon the run that the first `end` entries of the
 * log hold (of more than 100 accounts -001, -002 ...), as they followed from those entries: the same
 * bytes each time. What was erased of a decision cannot be written, and is passed over. Nothing is
 * logged. LKS_EINPUT where a statement is not as the database takes it; LKS_EMISSING, LKS_EIO,
 * LKS_EMEMORY. */
int lks_reasons_into(const char *case_path, const char *run, uint64_t end, const char *folder,
                     struct lks_error *err);

#endif
