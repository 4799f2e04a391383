/* evaluate.h - a run against labels: what one evaluation tells */
#ifndef LKS_ENGINE_EVALUATE_H
#define LKS_ENGINE_EVALUATE_H

#include "engine/evaluate_labels.h"
#include "finding/evaluate.h"

/* What one detector alone says of accounts: everyone that it names, ranked by its own measure. */
struct lks_evaluated_detector {
    const char *name, *title; /* "lifecycle", "accounts that slept and woke" */
    struct lks_evaluation evaluation;
};
enum { LKS_EVALUATED_DETECTORS_MAX = 16 };

/* Calls against labelled events, by one way of finding them. */
struct lks_evaluated_events {
    const char *name, *title;
    struct lks_measure calls;     /* labelled rows found, in their channel, at their time */
    struct lks_measure named;     /* of those, with the thing that was called out named */
    struct lks_measure events;    /* labelled events of which one call or more was found */
    struct lks_measure shared;    /* the same of events that two or more channels called */
    struct lks_measure callers;   /* rows of shared events found that are named as callers in it */
    struct lks_measure precision; /* what was found in labelled channels that is labelled: a lower
                                   * bound, since not everything is */
    double
        seconds_first[3]; /* quartiles: from the first labelled call to the first that was found */
    double seconds_sure[3]; /* to when enough had been seen; NaN where that says nothing */
};
enum { LKS_EVALUATED_EVENTS_MAX = 2 };

/* The channels of a case by their keys, and by what follows the platform in them. */
struct lks_channel_names {
    struct lks_str *keys; /* [count] in the arena */
    size_t count;
    struct lks_intern names;
    uint32_t *channel; /* [names.count] */
};
/* The index of a channel, or LKS_INTERN_NONE. */
uint32_t lks_channel_find(const struct lks_channel_names *channels, struct lks_str name);

struct lks_evaluated_run {
    const struct lks_results *results;
    int has_accounts, has_pairs, has_events, has_messages; /* what the labels are about */
    struct lks_evaluation evaluation;                      /* of accounts, pairs and groups */
    struct lks_evaluated_detector detectors[LKS_EVALUATED_DETECTORS_MAX];
    size_t detectors_count;
    uint64_t labels_count;
    uint64_t missing_coordinated, missing_innocent; /* labelled, but without a post in the case */
    uint64_t unlabelled_count;                      /* accounts of the case without a label */
    uint64_t unlabelled_found;                      /* of those in findings: not counted */
    int has_groups;
    /* pairs that are labelled as such */
    struct lks_measure pairs_precision, pairs_recall, pairs_false_alarms;
    uint64_t pairs_missing; /* of which one account or both have no post in the case */
    /* events */
    struct lks_evaluated_events events[LKS_EVALUATED_EVENTS_MAX];
    size_t events_ways;
    uint64_t events_count, shared_count, calls_count, calls_missing; /* of the labels */
    /* messages */
    struct lks_measure messages_precision, messages_recall, messages_false_alarms;
    uint64_t messages_missing, unsure_count;
    uint64_t seed;
    unsigned draws;
};

/* hits of trials as a share times scale, with Wilson's interval. */
struct lks_measure lks_measure_make(uint64_t hits, uint64_t trials, double scale);

/* Findings and every detector against labelled accounts. 0, LKS_EMEMORY. */
int lks_evaluate_accounts(struct lks_labels *labels, struct lks_evaluated_run *run,
                          struct lks_error *err);
/* Findings against labelled pairs; is_there[pair_keys.count] says who has a post in the case. */
int lks_evaluate_pairs(const struct lks_labels *labels, const uint8_t *is_there,
                       struct lks_evaluated_run *run, struct lks_error *err);
/* Instructions and relays against labelled events. */
int lks_evaluate_events(const struct lks_labels *labels, const struct lks_channel_names *channels,
                        struct lks_evaluated_run *run, struct lks_error *err);
/* Instructions against labelled messages. */
int lks_evaluate_messages(const struct lks_labels *labels, const struct lks_channel_names *channels,
                          struct lks_evaluated_run *run, struct lks_error *err);

void lks_evaluate_json(const struct lks_evaluated_run *run, struct lks_buffer *out);
void lks_evaluate_text(const struct lks_evaluated_run *run, struct lks_buffer *out);

#endif
