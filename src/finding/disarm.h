/* disarm.h - the techniques of the DISARM framework that findings refer to */
#ifndef LKS_FINDING_DISARM_H
#define LKS_FINDING_DISARM_H

#include <stddef.h>

#include "finding/results.h"

struct lks_disarm {
    const char *id, *name, *tactic;
};
extern const struct lks_disarm lks_disarm_techniques[]; /* by id */
extern const size_t lks_disarm_techniques_count;

/* Adds a technique of the table to a finding whose array has room. -1 where measured is null. */
int lks_disarm_add(struct lks_finding *finding, const char *id, struct lks_str measured);

#endif
