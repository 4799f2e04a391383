/* policy.h - rules that propose a decision upon a finding, as data
 *
 *     [[rule]]                      # the first whose conditions hold proposes
 *     name = "swarm of comments"
 *     kinds = ["swarm"]             # of the finding; none: any
 *     confidence = "high"           # at least
 *     members_min = 20
 *     p_max = 0.01
 *     decision_account = "DECISION_ACCOUNT_SUSPENDED"    # and further values by the database's names
 *
 * A file of values without [[rule]] is what people decide by themselves. */
#ifndef LKS_CUSTODY_POLICY_H
#define LKS_CUSTODY_POLICY_H

#include "custody/decision.h"

struct lks_policy_rule {
    struct lks_str name;
    const struct lks_str *kinds; /* [kinds_count] */
    size_t kinds_count;
    int confidence_min; /* 0 explained, 1 low (as nothing is said), 2 moderate, 3 high */
    uint64_t members_min;
    double p_max;
    struct lks_reasons values;
};

struct lks_policy {
    struct lks_policy_rule *rules; /* [rules_count] */
    size_t rules_count;
    int by_rule; /* 0: the one "rule" is what people decide */
};

/* What a rule is held against. */
struct lks_policy_facts {
    struct lks_str kind;
    int confidence;
    uint64_t members;
    double p_value; /* NaN is above every bound */
};

enum { LKS_POLICY_RULES_MAX = 64 };

/* Reads the text of a file (its name is for messages) into the arena. LKS_EARGUMENT with the line and
 * what is wrong: a name that is not known, one that is derived, a rule without a name or decision;
 * LKS_EMEMORY. */
int lks_policy_read(const char *name, struct lks_str text, struct lks_arena *arena,
                    struct lks_policy *policy, struct lks_error *err);
/* The first rule that holds, or NULL. */
const struct lks_policy_rule *lks_policy_match(const struct lks_policy *policy,
                                               const struct lks_policy_facts *facts);

#endif
