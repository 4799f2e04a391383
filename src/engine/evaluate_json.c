/* evaluate_json.c - an evaluation as one JSON object */
#include <math.h>
#include <stdio.h>

#include "base/json_write.h"
#include "engine/evaluate.h"

/* The value, and its interval as "NAME_interval": [low, high]. */
static void put_measure(struct lks_json *json, const char *name, const struct lks_measure *measured)
{
    char key[64];
    lks_json_double(json, name, measured->value);
    snprintf(key, sizeof key, "%s_interval", name);
    lks_json_array(json, key);
    lks_json_double(json, NULL, measured->trials ? measured->low : NAN);
    lks_json_double(json, NULL, measured->trials ? measured->high : NAN);
    lks_json_array_end(json);
}

static void put_accounts(struct lks_json *json, const struct lks_measure *precision,
                         const struct lks_measure *recall, const struct lks_measure *false_alarms)
{
    put_measure(json, "precision", precision);
    put_measure(json, "recall", recall);
    put_measure(json, "false_alarms_per_10000", false_alarms);
    lks_json_uint(json, "found", precision->trials);
    lks_json_uint(json, "right", precision->hits);
    lks_json_uint(json, "false_alarms", false_alarms->hits);
}

static void put_evaluation_accounts(struct lks_json *json,
                                    const struct lks_evaluation_accounts *accounts)
{
    put_accounts(json, &accounts->precision, &accounts->recall, &accounts->false_alarms);
}

static void put_groups(struct lks_json *json, const struct lks_evaluated_run *run)
{
    const struct lks_evaluation *e = &run->evaluation;
    lks_json_object(json, "pairs");
    put_measure(json, "precision", &e->pairs_precision);
    put_measure(json, "recall", &e->pairs_recall);
    lks_json_uint(json, "found", e->pairs_precision.trials);
    lks_json_uint(json, "right", e->pairs_precision.hits);
    lks_json_uint(json, "labelled", e->pairs_recall.trials);
    lks_json_object_end(json);
    lks_json_object(json, "groups");
    put_measure(json, "precision", &e->groups_precision);
    put_measure(json, "pure", &e->groups_pure);
    put_measure(json, "recall", &e->groups_recall);
    lks_json_uint(json, "found", e->groups_precision.trials);
    lks_json_uint(json, "right", e->groups_precision.hits);
    lks_json_uint(json, "labelled", e->groups_recall.trials);
    lks_json_object_end(json);
}

static void put_curve(struct lks_json *json, const struct lks_evaluation *e)
{
    lks_json_double(json, "average_precision", e->average_precision);
    lks_json_array(json, "average_precision_interval");
    lks_json_double(json, NULL, e->average_precision_low);
    lks_json_double(json, NULL, e->average_precision_high);
    lks_json_array_end(json);
    lks_json_array(json, "curve");
    for (size_t i = 0; i < e->points_count; i++) {
        const struct lks_evaluation_point *point = &e->points[i];
        lks_json_object(json, NULL);
        lks_json_double(json, "score", point->score);
        lks_json_uint(json, "flagged", point->flagged);
        lks_json_uint(json, "right", point->right);
        lks_json_double(json, "precision", point->precision);
        lks_json_double(json, "precision_low", point->precision_low);
        lks_json_double(json, "precision_high", point->precision_high);
        lks_json_double(json, "recall", point->recall);
        lks_json_double(json, "recall_low", point->recall_low);
        lks_json_double(json, "recall_high", point->recall_high);
        lks_json_double(json, "false_alarms_per_10000", point->false_alarms);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void put_labels(struct lks_json *json, const struct lks_evaluated_run *run)
{
    lks_json_object(json, "labels");
    lks_json_uint(json, "accounts", run->labels_count);
    lks_json_uint(json, "coordinated", run->evaluation.coordinated);
    lks_json_uint(json, "innocent", run->evaluation.innocent);
    lks_json_uint(json, "coordinated_without_posts", run->missing_coordinated);
    lks_json_uint(json, "innocent_without_posts", run->missing_innocent);
    lks_json_uint(json, "unlabelled", run->unlabelled_count);
    lks_json_uint(json, "unlabelled_found", run->unlabelled_found);
    lks_json_object_end(json);
}

/* ---- what labels may be about ---- */

static void put_accounts_whole(struct lks_json *json, const struct lks_evaluated_run *run)
{
    const struct lks_evaluation *e = &run->evaluation;
    lks_json_key(json, "accounts");
    if (!run->has_accounts) {
        lks_json_null(json, NULL);
        return;
    }
    lks_json_object(json, NULL);
    put_evaluation_accounts(json, &e->accounts[LKS_CONFIDENCE_LOW]);
    put_curve(json, e);
    lks_json_object_end(json);
    lks_json_object(json, "accounts_by_least_confidence");
    for (int c = 0; c < LKS_CONFIDENCES_COUNT; c++) {
        lks_json_object(json, lks_confidence_names[c]);
        put_evaluation_accounts(json, &e->accounts[c]);
        lks_json_object_end(json);
    }
    lks_json_object_end(json);
}

static void put_detectors(struct lks_json *json, const struct lks_evaluated_run *run)
{
    lks_json_object(json, "detectors");
    for (size_t i = 0; i < run->detectors_count; i++) {
        lks_json_object(json, run->detectors[i].name);
        put_evaluation_accounts(json, &run->detectors[i].evaluation.accounts[LKS_CONFIDENCE_LOW]);
        put_curve(json, &run->detectors[i].evaluation);
        lks_json_object_end(json);
    }
    lks_json_object_end(json);
}

/* Pairs and groups: those that follow from accounts' labels; pairs labelled as such instead. */
static void put_pairs(struct lks_json *json, const struct lks_evaluated_run *run)
{
    if (run->has_accounts) {
        put_groups(json, run);
    } else {
        lks_json_null(json, "groups");
    }
    lks_json_key(json, run->has_accounts ? "labelled_pairs" : "pairs");
    if (!run->has_pairs) {
        lks_json_null(json, NULL);
        return;
    }
    lks_json_object(json, NULL);
    put_measure(json, "precision", &run->pairs_precision);
    put_measure(json, "recall", &run->pairs_recall);
    put_measure(json, "false_alarms_per_10000", &run->pairs_false_alarms);
    lks_json_uint(json, "found", run->pairs_precision.trials);
    lks_json_uint(json, "right", run->pairs_precision.hits);
    lks_json_uint(json, "labelled", run->pairs_recall.trials);
    lks_json_uint(json, "without_posts", run->pairs_missing);
    lks_json_object_end(json);
}

static void put_quartiles(struct lks_json *json, const char *name, const double values[3])
{
    lks_json_array(json, name);
    for (int i = 0; i < 3; i++)
        lks_json_double(json, NULL, values[i]);
    lks_json_array_end(json);
}

static void put_way(struct lks_json *json, const struct lks_evaluated_events *way)
{
    put_measure(json, "recall", &way->events);
    put_measure(json, "precision", &way->precision);
    put_measure(json, "recall_shared", &way->shared);
    put_measure(json, "callers_named", &way->callers);
    put_measure(json, "calls_found", &way->calls);
    put_measure(json, "calls_named", &way->named);
    put_quartiles(json, "seconds_to_first", way->seconds_first);
    put_quartiles(json, "seconds_to_sure", way->seconds_sure);
    lks_json_uint(json, "found", way->precision.trials);
    lks_json_uint(json, "right", way->precision.hits);
    lks_json_uint(json, "events_found", way->events.hits);
    lks_json_uint(json, "shared_found", way->shared.hits);
}

/* The numbers of relays stand in the object itself, those of each way of finding below it. */
static void put_events(struct lks_json *json, const struct lks_evaluated_run *run)
{
    lks_json_key(json, "events");
    if (!run->has_events) {
        lks_json_null(json, NULL);
        return;
    }
    lks_json_object(json, NULL);
    put_way(json, &run->events[run->events_ways - 1]);
    lks_json_uint(json, "labelled", run->events_count);
    lks_json_uint(json, "labelled_shared", run->shared_count);
    lks_json_uint(json, "labelled_calls", run->calls_count);
    lks_json_uint(json, "calls_in_unknown_channels", run->calls_missing);
    lks_json_object(json, "detectors");
    for (size_t i = 0; i < run->events_ways; i++) {
        lks_json_object(json, run->events[i].name);
        put_way(json, &run->events[i]);
        lks_json_object_end(json);
    }
    lks_json_object_end(json);
    lks_json_object_end(json);
}

static void put_messages(struct lks_json *json, const struct lks_evaluated_run *run)
{
    lks_json_key(json, "messages");
    if (!run->has_messages) {
        lks_json_null(json, NULL);
        return;
    }
    lks_json_object(json, NULL);
    put_measure(json, "precision", &run->messages_precision);
    put_measure(json, "recall", &run->messages_recall);
    put_measure(json, "false_alarms_per_10000", &run->messages_false_alarms);
    lks_json_uint(json, "found", run->messages_precision.trials);
    lks_json_uint(json, "right", run->messages_precision.hits);
    lks_json_uint(json, "labelled", run->messages_recall.trials);
    lks_json_uint(json, "others", run->messages_false_alarms.trials);
    lks_json_uint(json, "unsure", run->unsure_count);
    lks_json_uint(json, "in_unknown_channels", run->messages_missing);
    lks_json_object_end(json);
}

void lks_evaluate_json(const struct lks_evaluated_run *run, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out};
    lks_json_object(&json, NULL);
    lks_json_string(&json, "run", run->results->run);
    lks_json_bool(&json, "synthetic", run->results->synthetic);
    put_labels(&json, run);
    put_accounts_whole(&json, run);
    put_pairs(&json, run);
    put_events(&json, run);
    put_messages(&json, run);
    put_detectors(&json, run);
    lks_json_object(&json, "bootstrap");
    lks_json_uint(&json, "draws", run->draws);
    lks_json_uint(&json, "seed", run->seed);
    lks_json_object_end(&json);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
}
