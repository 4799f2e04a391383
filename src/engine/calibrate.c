/* calibrate.c - how often do the detectors alarm on data without anything to find?
 *
 * For each detector what its null hypothesis calls exchangeable is dealt out anew, by the definition
 * and apart from the detector's own machinery, so that the hypothesis is true and everything else
 * is as in the case: popularity, bursts, activity, nights. The whole detector runs on each such
 * set with the options of a usual run. What it finds is a false alarm; the share of sets with any is
 * held against what was promised.
 *
 *   groups, pairs  accounts among the posts of each hour
 *   sleepers       accounts among all posts
 *   cohorts        as many awakenings as the case has, at even places on the line of returns
 *   answers        every account's posts to other days, but for the platforms of the channels
 *   scripts        accounts among the own posts of each hour; and the times of all own posts
 *   relays         every channel's messages to other days, by a number of its own
 *   swarm, bursts  the texts among the comments of each post, and the time since the post among
 *                  all comments */
#include "engine/calibrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "base/rng.h"
#include "base/threads.h"
#include "case/case.h"
#include "detect/accounts_load.h"
#include "detect/cues_load.h"
#include "detect/detect.h"
#include "detect/lifecycle_fill.h"
#include "detect/near_objects.h"
#include "detect/recruitment_fill.h"
#include "detect/shuffles.h"
#include "engine/calibrate_inside.h"
#include "intake/statements.h"
#include "stat/scan.h"

enum { SETS_DEFAULT = 20 };

static int out_of_memory(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for shuffled data");
}

void lks_calibrated_add(struct lks_calibrated *test, uint64_t found)
{
    test->sets++;
    test->alarms += found > 0;
    test->named += found;
    test->most = found > test->most ? found : test->most;
}

void lks_calibrated_judge(struct lks_calibrated *test)
{
    test->rate = lks_clopper_pearson(test->alarms, test->sets);
    test->kept = !(test->rate.low > test->promised);
}

void lks_calibrated_count(struct calibrating *calibrating, enum lks_calibrated_test test,
                          uint64_t found)
{
    lks_calibrated_add(&calibrating->result->tests[test], found);
}

/* ---- one set for each detector ---- */

static int groups_set(struct calibrating *calibrating, uint32_t number, struct lks_error *err)
{
    struct lks_analysis analysis = {0};
    struct lks_detect_groups_options options = calibrating->groups;
    uint64_t members = 0, pairs = 0;
    options.seed = options.seed * 0x9e3779b97f4a7c15u + number + 1;
    int code = lks_shuffle_accounts(&calibrating->events, &calibrating->kept,
                                    options.chance.stratum_us, options.seed, number, err);
    if (code == 0)
        code = lks_detect_groups(&calibrating->events, &options, &calibrating->control, &analysis,
                                 err);
    if (code == 0) {
        for (uint32_t f = 0; f < analysis.findings_count; f++)
            members += analysis.findings[f].members_count;
        for (uint64_t i = 0; i < analysis.edges_count; i++)
            pairs += analysis.edges[i].q_value <= options.group_level;
        lks_calibrated_count(calibrating, LKS_CALIBRATED_GROUPS, members);
        lks_calibrated_count(calibrating, LKS_CALIBRATED_PAIRS, pairs);
    }
    lks_analysis_free(&analysis);
    return code;
}

/* The awakenings among the events' posts as they are now. */
static int sleepers_find(struct calibrating *calibrating, struct lks_lifecycle *life,
                         struct lks_error *err)
{
    const struct lks_events *events = &calibrating->events;
    struct lks_lifecycle_options options = lks_lifecycle_options_default();
    struct lks_lifecycle_input input = {.accounts_count = events->accounts_count,
                                        .posts_count = events->posts_count,
                                        .post_account = events->post_account,
                                        .post_time_us = events->post_time_us,
                                        .created_us = calibrating->accounts.created_us,
                                        .created_method = calibrating->accounts.created_method};
    options.seed = calibrating->groups.seed;
    return lks_lifecycle_run(&input, &options, &calibrating->control, life, err);
}

static int sleepers_set(struct calibrating *calibrating, uint32_t number, struct lks_error *err)
{
    struct lks_lifecycle life;
    int code = lks_shuffle_accounts(&calibrating->events, &calibrating->kept, 0,
                                    calibrating->groups.seed + 1, number, err);
    if (code == 0)
        code = sleepers_find(calibrating, &life, err);
    if (code)
        return code;
    lks_calibrated_count(calibrating, LKS_CALIBRATED_SLEEPERS, life.awakenings_count);
    lks_lifecycle_free(&life);
    return 0;
}

static int number_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int cohorts_set(struct calibrating *calibrating, uint32_t number, struct lks_error *err)
{
    struct lks_lifecycle_options options = lks_lifecycle_options_default();
    struct lks_scan scan;
    struct lks_rng rng;
    uint32_t count = calibrating->woke_count;
    double *places = malloc(((size_t)count + 1) * sizeof *places);
    if (!places)
        return out_of_memory(err);
    lks_rng_init(&rng, calibrating->groups.seed + 2, number);
    for (uint32_t i = 0; i < count; i++)
        places[i] = lks_rng_unit(&rng);
    qsort(places, count, sizeof *places, number_order);
    int code = lks_scan_line(places, count, options.draws, calibrating->groups.seed + number,
                             &calibrating->control, &scan, err);
    free(places);
    if (code == 0)
        lks_calibrated_count(calibrating, LKS_CALIBRATED_COHORTS,
                             scan.p_value <= options.cohort_level ? 1 : 0);
    return code;
}

static int answers_set(struct calibrating *calibrating, uint32_t number, struct lks_error *err)
{
    struct lks_results results = {0};
    struct lks_analysis analysis = {0};
    results.seed = calibrating->groups.seed;
    int code = lks_shuffle_days(&calibrating->events, &calibrating->kept, calibrating->stays,
                                calibrating->groups.seed + 3, number, err);
    if (code == 0)
        code = lks_recruitment_fill(calibrating->store, &calibrating->events,
                                    &calibrating->accounts, &calibrating->messages, &analysis,
                                    &calibrating->control, &results, err);
    if (code == 0)
        lks_calibrated_count(calibrating, LKS_CALIBRATED_ANSWERS, results.responders_count);
    lks_results_free(&results);
    return code;
}

/* Deals texts out within each post, and times since the post among all whose post is known. */
static int comments_deal(struct calibrating *calibrating, uint32_t number, struct lks_error *err)
{
    const struct lks_swarm_columns *from = &calibrating->comments;
    struct lks_swarm_columns *to = &calibrating->dealt;
    size_t count = from->replies.count, targets = from->replies.targets_count;
    size_t *first = calloc(targets + 2, sizeof *first);
    size_t *order = malloc((count + 1) * sizeof *order);
    struct lks_rng rng;
    if (!first || !order) {
        free(first);
        free(order);
        return out_of_memory(err);
    }
    lks_rng_init(&rng, calibrating->groups.seed + 4, number);
    memcpy(to->text, from->text, count * sizeof *to->text);
    memcpy(to->time_us, from->time_us, count * sizeof *to->time_us);
    for (size_t i = 0; i < count; i++)
        first[from->replies.target[i] + 2]++;
    for (size_t t = 0; t < targets; t++)
        first[t + 2] += first[t + 1];
    for (size_t i = 0; i < count; i++)
        order[first[from->replies.target[i] + 1]++] = i;
    for (size_t t = 0; t < targets; t++)
        for (size_t i = first[t + 1] - first[t]; i > 1; i--) {
            uint32_t *a = &to->text[order[first[t] + i - 1]];
            uint32_t *b = &to->text[order[first[t] + lks_rng_below(&rng, i)]];
            uint32_t swap = *a;
            *a = *b;
            *b = swap;
        }
    size_t known = 0;
    for (size_t i = 0; i < count; i++)
        if (from->target_time_us[from->replies.target[i]] != LKS_TIME_NULL)
            order[known++] = i;
    for (size_t i = 0; i < known; i++)
        to->time_us[order[i]] -= from->target_time_us[from->replies.target[order[i]]];
    for (size_t i = known; i > 1; i--) {
        int64_t *a = &to->time_us[order[i - 1]], *b = &to->time_us[order[lks_rng_below(&rng, i)]];
        int64_t swap = *a;
        *a = *b;
        *b = swap;
    }
    for (size_t i = 0; i < known; i++)
        to->time_us[order[i]] += from->target_time_us[from->replies.target[order[i]]];
    free(first);
    free(order);
    return 0;
}

static int comments_set(struct calibrating *calibrating, uint32_t number, struct lks_error *err)
{
    struct lks_swarm_options options = lks_swarm_options_default();
    struct lks_swarm_input input;
    struct lks_swarm found;
    uint64_t bursts = 0;
    int code = comments_deal(calibrating, number, err);
    if (code)
        return code;
    lks_swarm_input_fill(&calibrating->dealt, &calibrating->events, &input);
    code = lks_swarm_run(&input, &options, &calibrating->control, &found, err);
    if (code)
        return code;
    for (size_t f = 0; f < found.floods_count; f++)
        bursts += found.floods[f].burst != 0;
    lks_calibrated_count(calibrating, LKS_CALIBRATED_SWARM, found.swarmers_count);
    lks_calibrated_count(calibrating, LKS_CALIBRATED_BURSTS, bursts);
    lks_swarm_free(&found);
    return 0;
}

/* ---- what can be looked at ---- */

static const struct lks_calibrated named_tests[LKS_CALIBRATED_COUNT] = {
    [LKS_CALIBRATED_GROUPS] = {.name = "groups",
                               .title = "any group of accounts",
                               .shuffled = "accounts within the hour"},
    [LKS_CALIBRATED_PAIRS] = {.name = "pairs",
                              .title = "any pair at that q",
                              .shuffled = "accounts within the hour"},
    [LKS_CALIBRATED_SLEEPERS] = {.name = "lifecycle",
                                 .title = "any account that slept and woke",
                                 .shuffled = "accounts over all posts"},
    [LKS_CALIBRATED_COHORTS] = {.name = "cohorts",
                                .title = "a cohort of awakenings",
                                .shuffled = "places among others' returns"},
    [LKS_CALIBRATED_ANSWERS] = {.name = "recruitment",
                                .title = "any account that answers calls",
                                .shuffled = "accounts' days"},
    [LKS_CALIBRATED_SWARM] = {.name = "swarm",
                              .title = "any account that copies under strangers' posts",
                              .shuffled = "texts under each post"},
    [LKS_CALIBRATED_BURSTS] = {.name = "bursts",
                               .title = "any flood in one burst",
                               .shuffled = "texts under each post, times since the post"},
    [LKS_CALIBRATED_SCRIPTS] = {.name = "scripts",
                                .title = "any script",
                                .shuffled = "accounts of own posts within the hour"},
    [LKS_CALIBRATED_SCRIPT_TIMES] = {.name = "script-times",
                                     .title = "any script, by other times",
                                     .shuffled = "times of all own posts"},
    [LKS_CALIBRATED_RELAYS] = {.name = "relays",
                               .title = "any call that channels repeat",
                               .shuffled = "channels' days"},
    [LKS_CALIBRATED_RELAYERS] = {.name = "relayers",
                                 .title = "any channel that repeats others",
                                 .shuffled = "channels' days"}};

/* By the options of a usual run. */
static double promised(const struct calibrating *calibrating, enum lks_calibrated_test test)
{
    switch (test) {
    case LKS_CALIBRATED_SLEEPERS:
        return lks_lifecycle_options_default().level;
    case LKS_CALIBRATED_COHORTS:
        return lks_lifecycle_options_default().cohort_level;
    case LKS_CALIBRATED_ANSWERS:
        return lks_recruitment_options_default().level;
    case LKS_CALIBRATED_SWARM:
    case LKS_CALIBRATED_BURSTS:
        return lks_swarm_options_default().level;
    case LKS_CALIBRATED_SCRIPTS:
    case LKS_CALIBRATED_SCRIPT_TIMES:
        return lks_promotion_options_default().level;
    case LKS_CALIBRATED_RELAYS:
    case LKS_CALIBRATED_RELAYERS:
        return lks_relay_options_default().level;
    default:
        return calibrating->groups.group_level;
    }
}

static void tests_name(struct calibrating *calibrating)
{
    for (int i = 0; i < LKS_CALIBRATED_COUNT; i++) {
        calibrating->result->tests[i] = named_tests[i];
        calibrating->result->tests[i].promised = promised(calibrating, (enum lks_calibrated_test)i);
    }
}

/* Whoever is on a platform where messages stand in channels keeps its days. */
static int channels_stay(struct calibrating *calibrating, struct lks_error *err)
{
    struct lks_arena arena = {0};
    struct lks_named_thing *things = NULL;
    size_t count = 0;
    uint8_t calls[UINT8_MAX + 1] = {0};
    uint32_t accounts = calibrating->events.accounts_count;
    calibrating->stays = calloc((size_t)accounts + 1, 1);
    int code = calibrating->stays ? 0 : out_of_memory(err);
    if (code == 0)
        code = lks_store_named_things(calibrating->store, UINT32_MAX, &arena, &things, &count, err);
    for (size_t i = 0; code == 0 && i < count; i++)
        calls[calibrating->accounts.platform[things[i].account]] = 1;
    for (uint32_t a = 0; code == 0 && a < accounts; a++)
        calibrating->stays[a] = calls[calibrating->accounts.platform[a]];
    lks_arena_free(&arena);
    return code;
}

static int64_t days_of(const struct lks_events *events)
{
    int64_t first_us = INT64_MAX, last_us = INT64_MIN;
    for (uint32_t i = 0; i < events->posts_count; i++) {
        first_us = events->post_time_us[i] < first_us ? events->post_time_us[i] : first_us;
        last_us = events->post_time_us[i] > last_us ? events->post_time_us[i] : last_us;
    }
    return first_us > last_us ? 0 : last_us / LKS_DAY_US - first_us / LKS_DAY_US + 1;
}

/* The case as it is: who woke, and whether calls and comments can be looked at. */
static int case_look(struct calibrating *calibrating, struct lks_error *err)
{
    struct lks_calibrated *tests = calibrating->result->tests;
    struct lks_results results = {.seed = calibrating->groups.seed};
    struct lks_analysis analysis = {0};
    struct lks_lifecycle life;
    int code = sleepers_find(calibrating, &life, err);
    if (code)
        return code;
    calibrating->woke_count = (uint32_t)life.awakenings_count;
    if (!life.tested_count)
        tests[LKS_CALIBRATED_SLEEPERS].not_observable = "no account has acts enough";
    if (life.awakenings_count < 2)
        tests[LKS_CALIBRATED_COHORTS].not_observable = "fewer than two accounts woke";
    lks_lifecycle_free(&life);
    code = lks_recruitment_fill(calibrating->store, &calibrating->events, &calibrating->accounts,
                                &calibrating->messages, &analysis, &calibrating->control, &results,
                                err);
    if (calibrating->events.posts_count && days_of(&calibrating->events) < 2)
        tests[LKS_CALIBRATED_ANSWERS].not_observable = "the data hold a single day";
    if (results.recruitment.unobservable.size_bytes)
        tests[LKS_CALIBRATED_ANSWERS].not_observable = "no calls that others could answer";
    lks_results_free(&results);
    if (code == 0)
        code = lks_swarm_columns_load(calibrating->store, &calibrating->events,
                                      &calibrating->comments, err);
    if (code)
        return code;
    if (!calibrating->promoting.own.script_count)
        tests[LKS_CALIBRATED_SCRIPTS].not_observable =
            tests[LKS_CALIBRATED_SCRIPT_TIMES].not_observable =
                "no account published a text of its own";
    if (calibrating->messages.channels.count < 2 || calibrating->messages.too_many)
        tests[LKS_CALIBRATED_RELAYS].not_observable =
            tests[LKS_CALIBRATED_RELAYERS].not_observable =
                "fewer than two channels whose words could be looked at";
    else if (lks_shuffle_channels_share(calibrating->messages.time_us, calibrating->messages.count,
                                        (uint32_t)calibrating->messages.channels.count))
        tests[LKS_CALIBRATED_RELAYS].not_observable =
            tests[LKS_CALIBRATED_RELAYERS].not_observable =
                "more channels than days: two that move alike would still speak at one time";
    const int64_t *windows = calibrating->groups.chance.kind_window_us;
    tests[LKS_CALIBRATED_SWARM].not_observable = tests[LKS_CALIBRATED_BURSTS].not_observable =
        lks_swarm_hindrance(&calibrating->comments,
                            windows[LKS_OBJECT_TEXT] >= 0 || windows[LKS_OBJECT_NEAR_TEXT] >= 0);
    if (!calibrating->comments.replies.count)
        return 0;
    struct lks_swarm_columns *dealt = &calibrating->dealt;
    size_t count = calibrating->comments.replies.count;
    *dealt = calibrating->comments;
    dealt->text = lks_arena_calloc(&calibrating->comments.arena, count, sizeof *dealt->text);
    dealt->time_us = lks_arena_calloc(&calibrating->comments.arena, count, sizeof *dealt->time_us);
    return dealt->text && dealt->time_us ? 0 : out_of_memory(err);
}

static int case_load(struct calibrating *calibrating, struct lks_error *err)
{
    uint32_t mask = 0;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        if (calibrating->groups.chance.kind_window_us[kind] >= 0)
            mask |= 1u << kind;
    int code = lks_near_objects_make(calibrating->store, &calibrating->control, err);
    if (code == 0)
        code = lks_store_events(calibrating->store, mask, &calibrating->control,
                                &calibrating->events, err);
    if (code == 0)
        code = lks_accounts_load(calibrating->store, calibrating->events.accounts_count,
                                 &calibrating->settings.newsrooms, &calibrating->accounts, err);
    if (code == 0)
        code = lks_unshuffled_keep(&calibrating->events, &calibrating->kept, err);
    if (code == 0)
        code = lks_messages_load(calibrating->store, calibrating->cues, &calibrating->control,
                                 &calibrating->messages, err);
    if (code == 0)
        code = channels_stay(calibrating, err);
    calibrating->promoting = (struct lks_promoting){.store = calibrating->store,
                                                    .settings = &calibrating->settings,
                                                    .events = &calibrating->events,
                                                    .control = &calibrating->control};
    if (code == 0)
        code = lks_own_posts_load(&calibrating->promoting, err);
    calibrating->dealt_posts =
        malloc((calibrating->promoting.own.script_count + 1) * sizeof *calibrating->dealt_posts);
    if (code == 0 && !calibrating->dealt_posts)
        code = out_of_memory(err);
    if (code == 0)
        code = lks_messages_uses(&calibrating->messages, &calibrating->uses,
                                 &calibrating->uses_count, err);
    calibrating->groups.account_verified = calibrating->accounts.verified;
    calibrating->result->posts = calibrating->events.posts_count;
    calibrating->result->accounts = calibrating->events.accounts_count;
    return code;
}

/* ---- all of them ---- */

static int sets_run(struct calibrating *calibrating, const struct lks_control *control,
                    struct lks_error *err)
{
    static int (*const run[])(struct calibrating *, uint32_t, struct lks_error *) = {
        groups_set,   sleepers_set,          cohorts_set,         answers_set,
        comments_set, lks_calibrate_scripts, lks_calibrate_relays};
    static const enum lks_calibrated_test first[] = {
        LKS_CALIBRATED_GROUPS,  LKS_CALIBRATED_SLEEPERS, LKS_CALIBRATED_COHORTS,
        LKS_CALIBRATED_ANSWERS, LKS_CALIBRATED_SWARM,    LKS_CALIBRATED_SCRIPTS,
        LKS_CALIBRATED_RELAYS};
    struct lks_calibrated *tests = calibrating->result->tests;
    struct lks_meter meter;
    int code = 0;
    lks_meter_start(&meter, control, "shuffled sets", "sets", calibrating->result->sets);
    for (uint32_t number = 0; code == 0 && number < calibrating->result->sets; number++) {
        for (size_t i = 0; code == 0 && i < sizeof run / sizeof *run; i++)
            if (!tests[first[i]].not_observable)
                code = run[i](calibrating, number, err);
        if (code == 0)
            code = lks_meter_at(&meter, number + 1, err);
    }
    if (code == 0)
        lks_meter_finish(&meter);
    for (int i = 0; i < LKS_CALIBRATED_COUNT; i++)
        lks_calibrated_judge(&tests[i]);
    return code;
}

int lks_case_calibrate(const char *case_path, const struct lks_detect_options *options,
                       unsigned sets, int as_json, const struct lks_control *control,
                       char **text_out, struct lks_error *err)
{
    struct lks_calibration result = {.sets = sets ? sets : SETS_DEFAULT};
    struct calibrating calibrating = {.result = &result};
    struct lks_buffer text = {0};
    *text_out = NULL;
    if (control)
        calibrating.control = *control;
    calibrating.control.progress = NULL;
    int code = lks_case_open(case_path, control, &calibrating.store, err);
    if (code == 0)
        code = lks_settings_read(case_path, &calibrating.settings, err);
    if (code == 0)
        code = lks_detect_options_read(options, &calibrating.settings, &calibrating.groups, err);
    if (code == 0) {
        result.copies = calibrating.groups.copies_count;
        result.seed = calibrating.groups.seed;
        tests_name(&calibrating);
        code = lks_cues_load(case_path, options->cues, &calibrating.cues, err);
    }
    if (code == 0)
        code = case_load(&calibrating, err);
    if (code == 0)
        code = case_look(&calibrating, err);
    if (code == 0)
        code = sets_run(&calibrating, control, err);
    if (code == 0)
        code = lks_calibrate_whole(&calibrating, control, err);
    if (code == 0) {
        char asked[40];
        snprintf(asked, sizeof asked, "%u shuffled sets", result.sets);
        code = lks_look_record(case_path, control, "calibrate", NULL, asked, err);
    }
    if (code == 0) {
        (as_json ? lks_calibration_json : lks_calibration_text)(&result, &text);
        lks_buffer_byte(&text, '\0');
        if (text.failed) {
            lks_buffer_free(&text);
            code = out_of_memory(err);
        } else {
            *text_out = text.data;
        }
    }
    free(calibrating.stays);
    lks_swarm_columns_unload(&calibrating.comments);
    lks_unshuffled_free(&calibrating.kept);
    lks_accounts_unload(&calibrating.accounts);
    lks_messages_free(&calibrating.messages);
    lks_cues_free(calibrating.cues);
    lks_events_free(&calibrating.events);
    lks_own_posts_free(&calibrating.promoting.own);
    free(calibrating.dealt_posts);
    free(calibrating.uses);
    lks_settings_free(&calibrating.settings);
    lks_store_close(calibrating.store);
    return code;
}
