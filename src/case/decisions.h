/* decisions.h - what was decided in a case, and how it came to that, read back from its log */
#ifndef LKS_CASE_DECISIONS_H
#define LKS_CASE_DECISIONS_H

#include "case/entries.h"
#include "case/vault.h"
#include "custody/decision.h"

struct lks_case_decision {
    uint64_t leaf;
    int64_t time_us;
    struct lks_decision decision;
    struct lks_str *people; /* [people_count] who approved, each once; null where not here */
    unsigned people_count;
    size_t people_room;
    int readable; /* 0: hidden values are not here, and only `decision.run`, `finding` hold */
};

struct lks_case_notice {
    uint64_t leaf;
    struct lks_notice notice;
};

struct lks_case_run {
    struct lks_str run;
    uint64_t leaf;                /* of the first derive statement that names it */
    struct lks_str output_sha256; /* of what it found, hex; may be null */
};

struct lks_case_decisions {
    struct lks_case_decision *items;
    size_t count, room;
    struct lks_case_notice *notices;
    size_t notices_count, notices_room;
    struct lks_case_run *runs;
    size_t runs_count, runs_room;
    struct lks_arena arena;
};

/* Reads them from the first `end` entries, UINT64_MAX for all. LKS_EMISSING where the case has no vault; LKS_EINPUT for a log that cannot be read;
 * LKS_EIO, LKS_EMEMORY. Freed by lks_case_decisions_free, also after a failure. */
int lks_case_decisions_read(const char *case_path, uint64_t end,
                            struct lks_case_decisions *decisions, struct lks_error *err);
void lks_case_decisions_free(struct lks_case_decisions *decisions);
/* The decision of a leaf, or NULL. */
const struct lks_case_decision *lks_case_decision_at(const struct lks_case_decisions *decisions,
                                                     uint64_t leaf);

/* What the log holds of a run, or NULL. */
const struct lks_case_run *lks_case_decisions_run(const struct lks_case_decisions *decisions,
                                                  struct lks_str run);

/* The way to the decision for one account: whether the run named it before any notice did, whether a
 * rule proposed, how many people stand behind it. *notice_out is the notice that came first, or NULL.
 * LKS_EMISSING where the log does not hold the run: then nobody can say who found it. */
int lks_case_decision_path(const struct lks_case_decisions *decisions,
                           const struct lks_case_decision *decision, struct lks_str account_key,
                           struct lks_decision_path *path_out, const struct lks_notice **notice_out,
                           struct lks_error *err);

/* Each records one note in the vault; the caller commits. *leaf_out may be NULL. Errors as
 * lks_vault_record. */
int lks_case_decision_record(struct lks_vault *vault, const struct lks_decision *decision,
                             uint64_t *leaf_out, struct lks_error *err);
int lks_case_approval_record(struct lks_vault *vault, uint64_t decision_leaf, struct lks_str person,
                             uint64_t *leaf_out, struct lks_error *err);
int lks_case_notice_record(struct lks_vault *vault, const struct lks_notice *notice,
                           uint64_t *leaf_out, struct lks_error *err);

/* 1 where a line of the list is the key. */
int lks_lines_hold(struct lks_str lines, struct lks_str key);

#endif
