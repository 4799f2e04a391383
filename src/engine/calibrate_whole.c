/* calibrate_whole.c - a whole run, fusion and all, on a case in which nothing is going on
 *
 * Everything is dealt out at once (detect/shuffle_all.c), the store is read as if that were the
 * case, and a run as any other is made, but for its records: nothing is written. Payments are left
 * out: a ledger is a record, and what it says is no alarm. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "detect/shuffle_all.h"
#include "engine/calibrate_inside.h"
#include "finding/fuse.h"
#include "finding/results.h"

struct wholes {
    struct calibrating *calibrating;
    struct lks_shuffle_case from;
    struct lks_shuffled_case to;
    uint8_t *is_message;
    uint32_t *parent;
    int64_t *views;
    uint8_t *named; /* [accounts_count] by a signal, in one set */
};

static const struct lks_calibrated named_tests[LKS_WHOLE_COUNT] = {
    [LKS_WHOLE_FINDINGS] = {.name = "findings",
                            .title = "any finding, explained or not",
                            .accounts = 1},
    [LKS_WHOLE_SURE] = {.name = "moderate",
                        .title = "any finding of moderate or high confidence",
                        .accounts = 1},
    [LKS_WHOLE_HIGH] = {.name = "high", .title = "any finding of high confidence", .accounts = 1},
    [LKS_WHOLE_COACTION] = {.name = "coaction",
                            .title = "any account in a finding by co-action",
                            .accounts = 1},
    [LKS_WHOLE_SLEEPERS] = {.name = "lifecycle",
                            .title = "any account that slept and woke",
                            .accounts = 1},
    [LKS_WHOLE_COHORTS] = {.name = "cohorts", .title = "a cohort of those"},
    [LKS_WHOLE_REGISTRATIONS] = {.name = "registrations",
                                 .title = "a day on which many of one shape registered"},
    [LKS_WHOLE_ANSWERS] = {.name = "recruitment",
                           .title = "any account that answers calls",
                           .accounts = 1},
    [LKS_WHOLE_SWARM] = {.name = "swarm",
                         .title = "any account that copies under strangers' posts",
                         .accounts = 1},
    [LKS_WHOLE_BURSTS] = {.name = "bursts", .title = "any flood in one burst"},
    [LKS_WHOLE_SCRIPTS] = {.name = "scripts",
                           .title = "any account that tells a script",
                           .accounts = 1},
    [LKS_WHOLE_RELAYS] = {.name = "relays", .title = "any call that channels repeat"},
    [LKS_WHOLE_RELAYERS] = {.name = "relayers", .title = "any channel that repeats others"},
    [LKS_WHOLE_ANYBODY] = {
        .name = "anybody", .title = "any account named, by a finding or a signal", .accounts = 1}};

/* What each test promises, and which could not be looked at, by what the first set says. Any finding
 * is one of co-action, at the level of its groups, or of a cluster of another layer. */
static void tests_name(struct wholes *wholes, const struct lks_results *results)
{
    struct calibrating *calibrating = wholes->calibrating;
    struct lks_calibrated *tests = calibrating->result->whole.tests;
    const struct lks_calibrated *parts = calibrating->result->tests;
    static const struct {
        enum lks_whole_test test;
        enum lks_calibrated_test part;
    } pairs[] = {
        {LKS_WHOLE_SLEEPERS, LKS_CALIBRATED_SLEEPERS}, {LKS_WHOLE_ANSWERS, LKS_CALIBRATED_ANSWERS},
        {LKS_WHOLE_SWARM, LKS_CALIBRATED_SWARM},       {LKS_WHOLE_BURSTS, LKS_CALIBRATED_BURSTS},
        {LKS_WHOLE_SCRIPTS, LKS_CALIBRATED_SCRIPTS},   {LKS_WHOLE_RELAYS, LKS_CALIBRATED_RELAYS},
        {LKS_WHOLE_RELAYERS, LKS_CALIBRATED_RELAYERS}};
    double cluster_level = lks_fuse_options_default().cluster_level;
    double findings = calibrating->groups.group_level;
    for (uint32_t k = 0; k < results->layers_count; k++)
        if (results->layers[k].observable && results->layers[k].layer != LKS_LAYER_COACTION &&
            results->layers[k].layer != LKS_LAYER_SYNCHRONY)
            findings += cluster_level;
    memcpy(tests, named_tests, sizeof named_tests);
    for (int i = LKS_WHOLE_FINDINGS; i <= LKS_WHOLE_COACTION; i++)
        tests[i].promised = findings;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        tests[pairs[i].test].promised = parts[pairs[i].part].promised;
        tests[pairs[i].test].not_observable = parts[pairs[i].part].not_observable;
    }
    tests[LKS_WHOLE_COHORTS].promised = 2 * lks_lifecycle_options_default().cohort_level;
    tests[LKS_WHOLE_COHORTS].not_observable = tests[LKS_WHOLE_SLEEPERS].not_observable;
    tests[LKS_WHOLE_REGISTRATIONS].promised = lks_registrations_options_default().level;
    if (results->age_counts[LKS_CREATED_FIELD] < lks_registrations_options_default().accounts_min)
        tests[LKS_WHOLE_REGISTRATIONS].not_observable = "no dates of registration by a field";
    tests[LKS_WHOLE_ANYBODY].promised = NAN;
}

static void count(struct wholes *wholes, enum lks_whole_test test, uint64_t found)
{
    struct lks_calibrated *one = &wholes->calibrating->result->whole.tests[test];
    if (!one->not_observable)
        lks_calibrated_add(one, found);
}

static uint64_t findings_count(struct wholes *wholes, const struct lks_results *results)
{
    struct lks_whole *whole = &wholes->calibrating->result->whole;
    uint64_t members[LKS_CONFIDENCES_COUNT] = {0}, coaction = 0;
    for (uint32_t f = 0; f < results->findings_count; f++) {
        const struct lks_finding *finding = &results->findings[f];
        whole->findings[finding->confidence]++;
        members[finding->confidence] += finding->members_count;
        for (uint32_t i = 0; i < finding->fusion.members_count; i++)
            coaction += finding->fusion.members[i].layers >> LKS_LAYER_COACTION & 1;
    }
    uint64_t sure = members[LKS_CONFIDENCE_HIGH] + members[LKS_CONFIDENCE_MODERATE];
    count(wholes, LKS_WHOLE_HIGH, members[LKS_CONFIDENCE_HIGH]);
    count(wholes, LKS_WHOLE_SURE, sure);
    uint64_t all = sure + members[LKS_CONFIDENCE_LOW] + members[LKS_CONFIDENCE_EXPLAINED];
    count(wholes, LKS_WHOLE_FINDINGS, all);
    count(wholes, LKS_WHOLE_COACTION, coaction);
    return all;
}

/* 1 for an account that no finding has and that was not seen before. */
static uint32_t is_new(struct wholes *wholes, uint32_t account, uint32_t finding)
{
    uint32_t fresh = finding == UINT32_MAX && !wholes->named[account];
    wholes->named[account] = 1;
    return fresh;
}

static void set_count(struct wholes *wholes, const struct lks_results *results)
{
    uint64_t anybody = findings_count(wholes, results), bursts = 0, flagged = 0, relayers = 0;
    memset(wholes->named, 0, wholes->from.accounts_count);
    for (uint32_t i = 0; i < results->awakenings_count; i++)
        anybody +=
            is_new(wholes, results->awakenings[i].item.account, results->awakenings[i].finding);
    for (uint32_t i = 0; i < results->responders_count; i++)
        anybody +=
            is_new(wholes, results->responders[i].item.account, results->responders[i].finding);
    for (uint32_t i = 0; i < results->swarmers_count; i++)
        anybody += is_new(wholes, results->swarmers[i].item.account, results->swarmers[i].finding);
    for (uint32_t i = 0; i < results->tellers_count; i++)
        if (results->tellers[i].item.flagged) {
            flagged++;
            anybody +=
                is_new(wholes, results->tellers[i].item.account, results->tellers[i].finding);
        }
    for (uint32_t i = 0; i < results->floods_count; i++)
        bursts += results->floods[i].item.burst != 0;
    for (uint32_t i = 0; i < results->relayers_count; i++)
        relayers += results->relayers[i].item.q_value <= lks_relay_options_default().level;
    count(wholes, LKS_WHOLE_SLEEPERS, results->awakenings_count);
    count(wholes, LKS_WHOLE_COHORTS, results->cohorts_count);
    count(wholes, LKS_WHOLE_REGISTRATIONS, results->registrations_count);
    count(wholes, LKS_WHOLE_ANSWERS, results->responders_count);
    count(wholes, LKS_WHOLE_SWARM, results->swarmers_count);
    count(wholes, LKS_WHOLE_BURSTS, bursts);
    count(wholes, LKS_WHOLE_SCRIPTS, flagged);
    count(wholes, LKS_WHOLE_RELAYS, results->relays_count);
    count(wholes, LKS_WHOLE_RELAYERS, relayers);
    count(wholes, LKS_WHOLE_ANYBODY, anybody);
}

static int set_run(struct wholes *wholes, uint32_t number, struct lks_error *err)
{
    struct calibrating *calibrating = wholes->calibrating;
    struct lks_detect_groups_options groups = calibrating->groups;
    struct lks_results results = {0};
    struct lks_detect_seconds seconds = {0};
    const struct lks_store_dealt dealt = {.post_account = wholes->to.post_account,
                                          .post_time_us = wholes->to.post_time_us,
                                          .posts_count = wholes->from.posts_count,
                                          .account_made_as = wholes->to.account_made_as,
                                          .accounts_count = wholes->from.accounts_count};
    groups.seed = groups.seed * 0x9e3779b97f4a7c15u + number + 1;
    groups.account_verified = NULL; /* the run loads its own */
    int code =
        lks_shuffle_all(&wholes->from, calibrating->groups.seed + 8, number, &wholes->to, err);
    if (code == 0)
        code = lks_store_deal(calibrating->store, &dealt, err);
    if (code == 0)
        code = lks_detect_run(calibrating->store, &calibrating->settings, &groups,
                              calibrating->cues, &calibrating->control, 0, &results, &seconds, err);
    if (code == 0 && number == 0)
        tests_name(wholes, &results);
    if (code == 0)
        set_count(wholes, &results);
    lks_results_free(&results);
    return code;
}

/* Columns of the case as it is, beside those that the other tests hold already. */
static int wholes_make(struct wholes *wholes, struct lks_error *err)
{
    struct calibrating *calibrating = wholes->calibrating;
    const struct lks_messages *messages = &calibrating->messages;
    uint32_t posts = calibrating->events.posts_count;
    uint32_t accounts = calibrating->events.accounts_count;
    wholes->is_message = calloc((size_t)posts + 1, 1);
    wholes->parent = malloc(((size_t)posts + 1) * sizeof *wholes->parent);
    wholes->views = malloc(((size_t)posts + 1) * sizeof *wholes->views);
    wholes->named = malloc((size_t)accounts + 1);
    wholes->to.post_account = malloc(((size_t)posts + 1) * sizeof *wholes->to.post_account);
    wholes->to.post_time_us = malloc(((size_t)posts + 1) * sizeof *wholes->to.post_time_us);
    wholes->to.account_made_as =
        malloc(((size_t)accounts + 1) * sizeof *wholes->to.account_made_as);
    if (!wholes->is_message || !wholes->parent || !wholes->views || !wholes->named ||
        !wholes->to.post_account || !wholes->to.post_time_us || !wholes->to.account_made_as)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for shuffled data");
    for (size_t i = 0; i < messages->count; i++)
        wholes->is_message[messages->post[i]] = 1;
    wholes->from = (struct lks_shuffle_case){.posts_count = posts,
                                             .accounts_count = accounts,
                                             .post_account = calibrating->kept.post_account,
                                             .post_time_us = calibrating->kept.post_time_us,
                                             .post_is_message = wholes->is_message,
                                             .post_parent = wholes->parent,
                                             .account_platform = calibrating->accounts.platform};
    return lks_store_reach(calibrating->store, posts, wholes->views, wholes->parent, err);
}

int lks_calibrate_whole(struct calibrating *calibrating, const struct lks_control *control,
                        struct lks_error *err)
{
    struct wholes wholes = {.calibrating = calibrating};
    struct lks_calibration *result = calibrating->result;
    struct lks_meter meter;
    int code = wholes_make(&wholes, err);
    lks_meter_start(&meter, control, "shuffled cases", "sets", result->sets);
    for (uint32_t number = 0; code == 0 && number < result->sets; number++) {
        code = set_run(&wholes, number, err);
        if (code == 0)
            code = lks_meter_at(&meter, number + 1, err);
    }
    if (code == 0)
        lks_meter_finish(&meter);
    result->whole.accounts_tested = result->accounts * result->sets;
    for (int i = 0; i < LKS_WHOLE_COUNT; i++)
        lks_calibrated_judge(&result->whole.tests[i]);
    free(wholes.is_message);
    free(wholes.parent);
    free(wholes.views);
    free(wholes.named);
    free(wholes.to.post_account);
    free(wholes.to.post_time_us);
    free(wholes.to.account_made_as);
    return code;
}
