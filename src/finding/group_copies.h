/* group_copies.h - groups against the largest ones in shuffled copies of the data */
#ifndef LKS_FINDING_GROUP_COPIES_H
#define LKS_FINDING_GROUP_COPIES_H

#include "network/groups.h"

/* Groups are formed at several levels of edge p, from loose to strict, since a large group
 * of many weak edges and a small one of few strong edges stand out at different ones. */
enum { LKS_GROUP_LEVELS_MAX = 4 };

struct lks_group_test_options {
    double levels[LKS_GROUP_LEVELS_MAX]; /* falling; edges are kept at p <= level */
    unsigned levels_count;
    uint32_t copies_count;
    uint32_t split_accounts;
    uint64_t seed;
};

/* The largest group score at each level, of the real data or of one copy. */
struct lks_group_maxima {
    double score[LKS_GROUP_LEVELS_MAX];
};

/* Groups of one assignment of authors at every level. */
struct lks_group_levels {
    struct lks_groups groups[LKS_GROUP_LEVELS_MAX];
};

/* Forms the groups of edges (p <= levels[0], rising by (a, b)) at every level. 0 or
 * LKS_EMEMORY; freed by lks_group_levels_free, also after a failure. */
int lks_group_levels_find(const struct lks_group_test_options *options,
                          const struct lks_chance_edge *edges, size_t edges_count,
                          struct lks_group_levels *levels, struct lks_error *err);
void lks_group_levels_free(struct lks_group_levels *levels);

/* The largest score at each level. */
struct lks_group_maxima lks_group_levels_largest(const struct lks_group_levels *levels);

/* Chooses levels[]: the loosest, then a fifth and a fiftieth of it. The loosest is `level`,
 * halved as often as it takes for a pilot copy, which is none of the others, to keep at most
 * one tie for every twenty accounts that could have some, a tenth of a tie each: with one each,
 * ties made by chance hang together in one component that holds most accounts (Erdos and Renyi
 * 1960); well below that they are pairs, and do not string real groups together. Nothing of the real assignment of authors is
 * looked at, so that it and the copies stay exchangeable. */
int lks_group_levels_choose(const struct lks_chance *chance, double level,
                            const struct lks_control *control,
                            struct lks_group_test_options *options, struct lks_error *err);

/* Scans copies first_copy .. first_copy + copies_count - 1 on several threads and writes
 * each one's maxima into copies_out[copies_count]. Progress is counted in copies. */
int lks_group_copies(const struct lks_chance *chance, const struct lks_group_test_options *options,
                     uint64_t first_copy, const struct lks_control *control,
                     struct lks_group_maxima *copies_out, struct lks_error *err);

/* When no more copies are needed: at every level so many of them reach the largest score of
 * the real groups. Then at least `reached` copies have a best rank as good as any group's, now and with
 * all the copies that were left: whatever these would bring, p >= (1 + reached) / (1 + all). */
struct lks_group_stop {
    struct lks_group_maxima largest;
    uint32_t reached;
};
enum { LKS_GROUP_ROUND = 10 };

/* The same, looking after the first LKS_GROUP_ROUND copies and whenever there are twice as many
 * as the last time whether to stop (NULL: never): the answer does not depend on the threads.
 * *made_out: how many were made. */
int lks_group_copies_until(const struct lks_chance *chance,
                           const struct lks_group_test_options *options, uint64_t first_copy,
                           const struct lks_group_stop *stop, const struct lks_control *control,
                           struct lks_group_maxima *copies_out, uint32_t *made_out,
                           struct lks_error *err);

/* The family-wise p of a group that has these scores at the levels (0 where it is not
 * there): its best rank over the levels among the copies, itself ranked among the copies'
 * best ranks. *level_out, if not NULL, is the loosest level that has the best rank. */
double lks_group_p(const struct lks_group_maxima *copies, uint32_t copies_count,
                   unsigned levels_count, const struct lks_group_maxima *group,
                   unsigned *level_out);

/* The largest score of any copy at a level, at least 1. */
double lks_group_copies_max(const struct lks_group_maxima *copies, uint32_t copies_count,
                            unsigned level);

#endif
