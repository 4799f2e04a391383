/* evaluate.h - what was found against what is known: precision, recall, false alarms */
#ifndef LKS_FINDING_EVALUATE_H
#define LKS_FINDING_EVALUATE_H

#include <stdint.h>

#include "base/error.h"
#include "finding/results.h"

#define LKS_EVALUATE_NONE UINT32_MAX

/* An account whose label is known and that the run ranks: it stands in the network. */
struct lks_ranked {
    uint32_t finding; /* LKS_EVALUATE_NONE: in none */
    uint32_t group;   /* of the labels; LKS_EVALUATE_NONE where it has none */
    int coordinated;  /* its label */
    double score;     /* the higher, the sooner it would be flagged */
};

struct lks_evaluate_input {
    const struct lks_ranked *ranked; /* [ranked_count], in an order that the input alone gives */
    size_t ranked_count;
    uint64_t others_coordinated, others_innocent; /* labelled accounts of the case, not ranked */
    const enum lks_confidence *confidence;        /* [findings_count] */
    uint32_t findings_count;
    const uint64_t *group_sizes; /* [groups_count] coordinated accounts of the case in each */
    uint32_t groups_count;       /* 0: the labels name no groups */
    uint64_t seed;
    unsigned draws; /* of the bootstrap */
};

/* hits of trials as a share, or times 10,000; NaN where there were no trials. The interval, at 95 %,
 * is the wider of Wilson's and the bootstrap's on either side. */
struct lks_measure {
    uint64_t hits, trials;
    double value, low, high;
};

/* The accounts of findings of one confidence or more. */
struct lks_evaluation_accounts {
    struct lks_measure precision, recall, false_alarms; /* the last per 10,000 innocent accounts */
};

/* Flagging all accounts with this score or more. */
struct lks_evaluation_point {
    double score;
    uint64_t flagged, right;
    double precision, precision_low, precision_high;
    double recall, recall_low, recall_high;
    double false_alarms;
};

struct lks_evaluation {
    uint64_t coordinated, innocent; /* labelled accounts of the case */
    struct lks_evaluation_accounts accounts[LKS_CONFIDENCES_COUNT]; /* by the least confidence */
    /* What follows leaves explained findings out. Of labelled accounts in one finding: */
    struct lks_measure pairs_precision, pairs_recall;
    struct lks_measure
        groups_precision;             /* findings whose labelled members are mostly coordinated */
    struct lks_measure groups_pure;   /* findings without an innocent account */
    struct lks_measure groups_recall; /* groups of two and more that a finding is mostly of */
    double average_precision, average_precision_low, average_precision_high;
    struct lks_evaluation_point *points; /* [points_count], by falling score */
    size_t points_count;
};

/* Fills evaluation. Pairs are right if both accounts are coordinated and, where the labels name
 * groups, of one group; a finding that holds labelled accounts of one kind only half each is not
 * mostly coordinated. The bootstrap draws a finding's members as one, since they were found
 * together, and every other account by itself (Poisson bootstrap; percentiles). It says how
 * sure the numbers are for data like these, not for other campaigns. Same input and seed, same
 * result. LKS_EMEMORY. */
int lks_evaluate(const struct lks_evaluate_input *input, struct lks_evaluation *evaluation,
                 struct lks_error *err);
void lks_evaluation_free(struct lks_evaluation *evaluation);

#endif
