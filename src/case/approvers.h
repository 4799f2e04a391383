/* approvers.h - whose approval a case counts: enrolled and retired, by those who were there before */
#ifndef LKS_CASE_APPROVERS_H
#define LKS_CASE_APPROVERS_H

#include "case/keys.h"

/* What shall change. Strings are borrowed. */
struct lks_approver_change {
    const char *action; /* "enrol" or "retire" */
    struct lks_verifier verifier;
    struct lks_str person;          /* whose key it is, hidden in the log; may be null */
    struct lks_str order, approval; /* the order and its approvals; null where none are needed */
};

/* The approver in use with that verifier key, the text of one, a file of one, or its name.
 * LKS_EMISSING. */
int lks_approver_find(const struct lks_keys *keys, const char *named, struct lks_verifier *out,
                      struct lks_error *err);
/* Draws up the order for a change. LKS_EMISSING where the case has no vault, LKS_EIO, LKS_EMEMORY. */
int lks_approver_order(const char *case_path, const struct lks_approver_change *change,
                       struct lks_buffer *out, struct lks_error *err);
/* Makes the change: logs it, and writes approvers.vkeys anew. LKS_EARGUMENT where it makes no sense
 * or has too few approvals; LKS_EINPUT for an order that is of another change, was used before, or
 * whose approvals do not hold; else as lks_vault_open. */
int lks_approver_apply(const char *case_path, const struct lks_approver_change *change,
                       const struct lks_control *control, struct lks_error *err);

#endif
