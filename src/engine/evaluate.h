/* evaluate.h - a run against labels: what one evaluation tells */
#ifndef LKS_ENGINE_EVALUATE_H
#define LKS_ENGINE_EVALUATE_H

#include "finding/evaluate.h"

struct lks_evaluated_run {
    const struct lks_results *results;
    struct lks_evaluation evaluation;
    /* Of another detector: accounts that awoke from sleep. */
    struct lks_measure awakened_precision, awakened_recall, awakened_false_alarms;
    uint64_t labels_count;
    uint64_t missing_coordinated, missing_innocent; /* labelled, but without a post in the case */
    uint64_t unlabelled_count;                      /* accounts of the case without a label */
    uint64_t unlabelled_found;                      /* of those in findings: not counted */
    int has_groups;
    uint64_t seed;
    unsigned draws;
};

void lks_evaluate_json(const struct lks_evaluated_run *run, struct lks_buffer *out);
void lks_evaluate_text(const struct lks_evaluated_run *run, struct lks_buffer *out);

#endif
