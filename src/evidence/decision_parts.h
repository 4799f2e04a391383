/* decision_parts.h - a decision beside the run that it is upon; for decide.c and reasons.c */
#ifndef LKS_EVIDENCE_DECISION_PARTS_H
#define LKS_EVIDENCE_DECISION_PARTS_H

#include "case/decisions.h"
#include "finding/results.h"

/* What was decided so far, the run, and the finding in it. */
struct lks_decided {
    struct lks_case_decisions log;
    struct lks_results results;
    const struct lks_finding *finding;
    struct lks_str *names; /* [names_count] of the members: handles, names, ids, keys */
    size_t names_count;
    char run[16];
};

/* Reads all of it. LKS_EMISSING where the run, the finding, or the run's entry in the log is not there;
 * LKS_EINPUT where what the run's tables hold is not what the log says that it found. Freed by
 * lks_decided_free, also after a failure. run NULL is the latest; of the log its
 * first `end` entries, UINT64_MAX for all. */
int lks_decided_open(const char *case_path, const char *run, struct lks_str finding, uint64_t end,
                     struct lks_decided *decided, struct lks_error *err);
/* The log alone, for what needs no run. */
int lks_decided_log(const char *case_path, uint64_t end, struct lks_decided *decided,
                    struct lks_error *err);
void lks_decided_free(struct lks_decided *decided);

/* One account's statement. Strings live in the arena. member is its place in the finding. Not
 * checked yet. LKS_EMEMORY, or as lks_case_decision_path. */
int lks_decided_reasons(const struct lks_decided *decided, const struct lks_case_decision *decision,
                        uint32_t member, struct lks_arena *arena, struct lks_reasons *out,
                        struct lks_error *err);

#endif
