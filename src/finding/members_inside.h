/* members_inside.h - what the parts of the search for members share */
#ifndef LKS_FINDING_MEMBERS_INSIDE_H
#define LKS_FINDING_MEMBERS_INSIDE_H

#include "chance/attachment.h"
#include "finding/members.h"

/* Decoys: the posts of all but the members dealt anew within their hours. Their numbers among the
 * copies begin at DECOYS_FIRST: none of those that groups are compared with. */
enum { LKS_DECOYS_COUNT = 9 };
#define LKS_DECOYS_FIRST (UINT64_C(1) << 62)
#define LKS_MEMBER_Q                                                                               \
    0.01 /* of those who join in either way, the share that chance may have put there */
#define LKS_STAND_Q 0.05
#define LKS_COMMUNITY_DAYS (2 * LKS_ATTACHMENT_DAYS_MIN)
#define LKS_CALIBRATED_P 0.2 /* above it no attachment is looked at */

struct members_job {
    struct lks_detection *detection;
    struct lks_attachment *attachment;
    struct lks_chance_authors *authors;
    struct lks_attached *attached; /* [accounts] to the group at hand */
    uint8_t *in_group;             /* [accounts] the group at hand; later all groups */
    double *p, *q;                 /* [accounts] of those with p < 1 */
    double *q_full, *q_chance;     /* [accounts] 1 for the others */
    uint32_t *finding;             /* [accounts] of members, or UINT32_MAX */
    uint32_t *seed;                /* [accounts] finding of a seed not yet a member */
    uint32_t *cell;                /* [accounts] accepted group, or UINT32_MAX */
    struct lks_member *member;     /* [accounts] as found */
};

/* Counts decoys against the group that is laid out, job->in_group, and real accounts, job->attached; lowers
 * job->q_full where the decoys allow it. 0, LKS_EMEMORY or LKS_ECANCELLED. */
int lks_members_calibrate(struct members_job *job, struct lks_error *err);

/* Takes those whose ties are stronger than chance gives. 0, LKS_EMEMORY or LKS_ECANCELLED. */
int lks_members_tie(struct members_job *job, struct lks_error *err);

#endif
