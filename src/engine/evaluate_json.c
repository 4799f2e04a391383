/* evaluate_json.c - an evaluation as one JSON object */
#include <math.h>
#include <stdio.h>

#include "base/json_write.h"
#include "engine/evaluate.h"

static void put_uint(struct lks_json *json, const char *key, uint64_t value)
{
    lks_json_key(json, key);
    lks_json_uint(json, value);
}

static void put_number(struct lks_json *json, const char *key, double value)
{
    lks_json_key(json, key);
    lks_json_double(json, value);
}

/* The value, and its interval as "NAME_interval": [low, high]. */
static void put_measure(struct lks_json *json, const char *name, const struct lks_measure *measured)
{
    char key[64];
    put_number(json, name, measured->value);
    snprintf(key, sizeof key, "%s_interval", name);
    lks_json_key(json, key);
    lks_json_array(json);
    lks_json_double(json, measured->trials ? measured->low : NAN);
    lks_json_double(json, measured->trials ? measured->high : NAN);
    lks_json_array_end(json);
}

static void put_accounts(struct lks_json *json, const struct lks_measure *precision,
                         const struct lks_measure *recall, const struct lks_measure *false_alarms)
{
    put_measure(json, "precision", precision);
    put_measure(json, "recall", recall);
    put_measure(json, "false_alarms_per_10000", false_alarms);
    put_uint(json, "found", precision->trials);
    put_uint(json, "right", precision->hits);
    put_uint(json, "false_alarms", false_alarms->hits);
}

static void put_evaluation_accounts(struct lks_json *json,
                                    const struct lks_evaluation_accounts *accounts)
{
    put_accounts(json, &accounts->precision, &accounts->recall, &accounts->false_alarms);
}

static void put_groups(struct lks_json *json, const struct lks_evaluated_run *run)
{
    const struct lks_evaluation *e = &run->evaluation;
    lks_json_key(json, "pairs");
    lks_json_object(json);
    put_measure(json, "precision", &e->pairs_precision);
    put_measure(json, "recall", &e->pairs_recall);
    put_uint(json, "found", e->pairs_precision.trials);
    put_uint(json, "right", e->pairs_precision.hits);
    put_uint(json, "labelled", e->pairs_recall.trials);
    lks_json_object_end(json);
    lks_json_key(json, "groups");
    lks_json_object(json);
    put_measure(json, "precision", &e->groups_precision);
    put_measure(json, "pure", &e->groups_pure);
    put_measure(json, "recall", &e->groups_recall);
    put_uint(json, "found", e->groups_precision.trials);
    put_uint(json, "right", e->groups_precision.hits);
    put_uint(json, "labelled", e->groups_recall.trials);
    lks_json_object_end(json);
}

static void put_curve(struct lks_json *json, const struct lks_evaluation *e)
{
    put_number(json, "average_precision", e->average_precision);
    lks_json_key(json, "average_precision_interval");
    lks_json_array(json);
    lks_json_double(json, e->average_precision_low);
    lks_json_double(json, e->average_precision_high);
    lks_json_array_end(json);
    lks_json_key(json, "curve");
    lks_json_array(json);
    for (size_t i = 0; i < e->points_count; i++) {
        const struct lks_evaluation_point *point = &e->points[i];
        lks_json_object(json);
        put_number(json, "score", point->score);
        put_uint(json, "flagged", point->flagged);
        put_uint(json, "right", point->right);
        put_number(json, "precision", point->precision);
        put_number(json, "precision_low", point->precision_low);
        put_number(json, "precision_high", point->precision_high);
        put_number(json, "recall", point->recall);
        put_number(json, "recall_low", point->recall_low);
        put_number(json, "recall_high", point->recall_high);
        put_number(json, "false_alarms_per_10000", point->false_alarms);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void put_labels(struct lks_json *json, const struct lks_evaluated_run *run)
{
    lks_json_key(json, "labels");
    lks_json_object(json);
    put_uint(json, "accounts", run->labels_count);
    put_uint(json, "coordinated", run->evaluation.coordinated);
    put_uint(json, "innocent", run->evaluation.innocent);
    put_uint(json, "coordinated_without_posts", run->missing_coordinated);
    put_uint(json, "innocent_without_posts", run->missing_innocent);
    put_uint(json, "unlabelled", run->unlabelled_count);
    put_uint(json, "unlabelled_found", run->unlabelled_found);
    lks_json_object_end(json);
}

/* ---- what labels may be about ---- */

static void put_accounts_whole(struct lks_json *json, const struct lks_evaluated_run *run)
{
    static const char *const least[] = {"low", "moderate", "high"};
    const struct lks_evaluation *e = &run->evaluation;
    lks_json_key(json, "accounts");
    if (!run->has_accounts) {
        lks_json_null(json);
        return;
    }
    lks_json_object(json);
    put_evaluation_accounts(json, &e->accounts[0]);
    put_curve(json, e);
    lks_json_object_end(json);
    lks_json_key(json, "accounts_by_least_confidence");
    lks_json_object(json);
    for (int c = 0; c < 3; c++) {
        lks_json_key(json, least[c]);
        lks_json_object(json);
        put_evaluation_accounts(json, &e->accounts[c]);
        lks_json_object_end(json);
    }
    lks_json_object_end(json);
}

static void put_detectors(struct lks_json *json, const struct lks_evaluated_run *run)
{
    lks_json_key(json, "detectors");
    lks_json_object(json);
    for (size_t i = 0; i < run->detectors_count; i++) {
        lks_json_key(json, run->detectors[i].name);
        lks_json_object(json);
        put_evaluation_accounts(json, &run->detectors[i].evaluation.accounts[0]);
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
        lks_json_key(json, "groups");
        lks_json_null(json);
    }
    lks_json_key(json, run->has_accounts ? "labelled_pairs" : "pairs");
    if (!run->has_pairs) {
        lks_json_null(json);
        return;
    }
    lks_json_object(json);
    put_measure(json, "precision", &run->pairs_precision);
    put_measure(json, "recall", &run->pairs_recall);
    put_measure(json, "false_alarms_per_10000", &run->pairs_false_alarms);
    put_uint(json, "found", run->pairs_precision.trials);
    put_uint(json, "right", run->pairs_precision.hits);
    put_uint(json, "labelled", run->pairs_recall.trials);
    put_uint(json, "without_posts", run->pairs_missing);
    lks_json_object_end(json);
}

static void put_quartiles(struct lks_json *json, const char *name, const double values[3])
{
    lks_json_key(json, name);
    lks_json_array(json);
    for (int i = 0; i < 3; i++)
        lks_json_double(json, values[i]);
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
    put_uint(json, "found", way->precision.trials);
    put_uint(json, "right", way->precision.hits);
    put_uint(json, "events_found", way->events.hits);
    put_uint(json, "shared_found", way->shared.hits);
}

/* The numbers of relays stand in the object itself, those of each way of finding below it. */
static void put_events(struct lks_json *json, const struct lks_evaluated_run *run)
{
    lks_json_key(json, "events");
    if (!run->has_events) {
        lks_json_null(json);
        return;
    }
    lks_json_object(json);
    put_way(json, &run->events[run->events_ways - 1]);
    put_uint(json, "labelled", run->events_count);
    put_uint(json, "labelled_shared", run->shared_count);
    put_uint(json, "labelled_calls", run->calls_count);
    put_uint(json, "calls_in_unknown_channels", run->calls_missing);
    lks_json_key(json, "detectors");
    lks_json_object(json);
    for (size_t i = 0; i < run->events_ways; i++) {
        lks_json_key(json, run->events[i].name);
        lks_json_object(json);
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
        lks_json_null(json);
        return;
    }
    lks_json_object(json);
    put_measure(json, "precision", &run->messages_precision);
    put_measure(json, "recall", &run->messages_recall);
    put_measure(json, "false_alarms_per_10000", &run->messages_false_alarms);
    put_uint(json, "found", run->messages_precision.trials);
    put_uint(json, "right", run->messages_precision.hits);
    put_uint(json, "labelled", run->messages_recall.trials);
    put_uint(json, "others", run->messages_false_alarms.trials);
    put_uint(json, "unsure", run->unsure_count);
    put_uint(json, "in_unknown_channels", run->messages_missing);
    lks_json_object_end(json);
}

void lks_evaluate_json(const struct lks_evaluated_run *run, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out};
    lks_json_object(&json);
    lks_json_key(&json, "run");
    lks_json_string(&json, run->results->run);
    lks_json_key(&json, "synthetic");
    lks_json_bool(&json, run->results->synthetic);
    put_labels(&json, run);
    put_accounts_whole(&json, run);
    put_pairs(&json, run);
    put_events(&json, run);
    put_messages(&json, run);
    put_detectors(&json, run);
    lks_json_key(&json, "bootstrap");
    lks_json_object(&json);
    put_uint(&json, "draws", run->draws);
    put_uint(&json, "seed", run->seed);
    lks_json_object_end(&json);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
}
