/* detect_groups.h - from events to findings: edges against chance, groups against shuffled copies */
#ifndef LKS_FINDING_DETECT_GROUPS_H
#define LKS_FINDING_DETECT_GROUPS_H

#include "chance/chance.h"
#include "finding/results.h"

struct lks_detect_groups_options {
    struct lks_chance_options chance; /* windows, stratum, kinds, limits; see chance/chance.h */
    double edge_level;                /* an edge is kept at p <= this, or less: group_copies.h */
    double group_level;               /* family-wise error of the findings */
    uint32_t copies_count;            /* shuffled copies; p cannot fall below 1 / (copies + 1) */
    uint32_t split_accounts;          /* Leiden splits components with more accounts than this */
    uint64_t seed;
    /* What is known about the accounts, for the alternatives: [accounts_count] 1, 0 or -1
     * for unknown; NULL where nothing is known. Borrowed. */
    const int8_t *account_verified;
};

struct lks_detect_groups_options lks_detect_groups_options_default(void);
int lks_detect_groups_options_check(const struct lks_detect_groups_options *options,
                                    struct lks_error *err);

/* What a run found, with the ids of the events in place of strings. Everything but
 * post_finding lives in the arena. */
struct lks_analysis {
    struct lks_arena arena;
    uint64_t tests_count;  /* pairs that could have met: BH's m */
    uint64_t edges_tested; /* pairs with min_occasions or more */
    uint32_t copies_count;
    double copies_max_score; /* the largest group score in any copy */
    double group_threshold;  /* the score above which p <= group_level */

    /* Accounts with a kept edge, by rising account id. `account`, x and y are not filled. */
    struct lks_result_node *nodes;
    uint32_t *node_account; /* [nodes_count] account id in the events */
    uint32_t nodes_count;
    struct lks_result_edge *edges; /* the kept ones, by (a, b), which index nodes */
    uint64_t edges_count;

    /* Groups that stood the test; node.group and edge.group index these. Filled but for the
     * `object` strings of objects[] and matches[], whose object_id says which. post_a and
     * post_b of matches[] index evidence_post. */
    struct lks_finding *findings;
    uint32_t findings_count;
    double
        *finding_level; /* [findings_count] log10 of the p from which on its score counts edges */
    uint32_t *evidence_post; /* [evidence_count] post ids in the events, rising */
    uint32_t *evidence_node; /* [evidence_count] who wrote it */
    uint32_t evidence_count;

    /* [posts_count] the finding in which the post was coordinated (its author is a member and
     * it has a partner over an edge inside the group), or UINT32_MAX. */
    uint32_t *post_finding;

    /* After the fusion, the fused finding of each account or UINT32_MAX; NULL before. Borrowed. */
    const uint32_t *account_finding;

    struct lks_str *notes; /* sentences the reader must know */
    uint32_t notes_count;
};

/* Runs the whole of it. Deterministic in (events, options) for any number of threads.
 * Errors: LKS_EARGUMENT from the options, LKS_EMEMORY, LKS_ECANCELLED. The caller frees
 * the analysis with lks_analysis_free, also after a failure. Method: docs/method/. */
int lks_detect_groups(const struct lks_events *events,
                      const struct lks_detect_groups_options *options,
                      const struct lks_control *control, struct lks_analysis *analysis,
                      struct lks_error *err);
void lks_analysis_free(struct lks_analysis *analysis);

#endif
