/* members.h - who belongs to a group that stood the test of groups; internal to finding */
#ifndef LKS_FINDING_MEMBERS_H
#define LKS_FINDING_MEMBERS_H

#include "finding/detection.h"

/* A group that stood the test of groups, and what became of it. */
struct lks_accepted {
    unsigned level;
    uint32_t group;
    double p_value, score;
    uint32_t first_account;
    uint32_t finding; /* whose members it gave or became a cell of; UINT32_MAX: it was left out */
    int is_cell;      /* the latter */
};

/* A member, by rising account. */
struct lks_member {
    uint32_t account, finding;
    uint32_t cell;           /* the accepted group of which it was a seed, or UINT32_MAX */
    double log10_p;          /* of keeping to the group: chance/attachment.h */
    double log10_days;       /* the part of its days in that */
    double q_value;          /* of belonging to it */
    uint32_t content_strata; /* in how many it met the group on contents */
};

/* Takes detection->accepted[], the strongest first, to findings and their members: fills their
 * findings, detection->members and ->findings_count, and appends what is left of a group when its
 * members are taken, if that stands by itself. 0, LKS_EMEMORY or LKS_ECANCELLED. Method:
 * docs/method/members.md. */
int lks_detection_members(struct lks_detection *detection, struct lks_error *err);

/* Adds edges for members that have none into their finding: the best three of those to other
 * members, whatever their p. */
int lks_detection_lonely(struct lks_detection *detection, struct lks_error *err);

#endif
