/* disarm.h - the techniques of the DISARM framework that findings refer to */
#ifndef LKS_FINDING_DISARM_H
#define LKS_FINDING_DISARM_H

#include <stddef.h>

struct lks_disarm {
    const char *id, *name, *tactic;
};
extern const struct lks_disarm lks_disarm_techniques[]; /* by id */
extern const size_t lks_disarm_techniques_count;

#endif
