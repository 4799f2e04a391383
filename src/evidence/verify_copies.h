/* verify_copies.h - what a case holds beside its vault, against what the log says of it */
#ifndef LKS_EVIDENCE_VERIFY_COPIES_H
#define LKS_EVIDENCE_VERIFY_COPIES_H

#include "case/verification.h"
#include "case/verify_facts.h"

/* The findings of each run that is logged, and the files that were written of it. Sorts the facts'
 * outputs. Adds the checks "runs" and "exports". LKS_EIO, LKS_EMEMORY. */
int lks_verify_runs(struct lks_verification *verification, const char *case_path,
                    struct lks_verify_facts *facts, const struct lks_control *control,
                    struct lks_error *err);
/* The store's files against the imports. Adds the check "store". Errors as above. */
int lks_verify_store(struct lks_verification *verification, const char *case_path,
                     struct lks_verify_facts *facts, const struct lks_control *control,
                     struct lks_error *err);

/* The answers that were sealed: whether the bags that lie in the case are still those. What is in one is
 * checked by itself, with lks_verify. Adds the check "answers". Errors as above. */
int lks_verify_answers(struct lks_verification *verification, const char *case_path,
                       const struct lks_verify_facts *facts, const struct lks_control *control,
                       struct lks_error *err);

#endif
