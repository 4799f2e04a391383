/* evaluate_text.c - an evaluation for reading, and as one JSON object */
#include <math.h>
#include <stdio.h>

#include "base/json_write.h"
#include "engine/evaluate.h"

/* ---- JSON ---- */

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

void lks_evaluate_json(const struct lks_evaluated_run *run, struct lks_buffer *out)
{
    static const char *const least[] = {"low", "moderate", "high"};
    const struct lks_evaluation *e = &run->evaluation;
    struct lks_json json = {.buffer = out};
    lks_json_object(&json);
    lks_json_key(&json, "run");
    lks_json_string(&json, run->results->run);
    lks_json_key(&json, "synthetic");
    lks_json_bool(&json, run->results->synthetic);
    put_labels(&json, run);
    lks_json_key(&json, "accounts");
    lks_json_object(&json);
    put_evaluation_accounts(&json, &e->accounts[0]);
    put_curve(&json, e);
    lks_json_object_end(&json);
    lks_json_key(&json, "accounts_by_least_confidence");
    lks_json_object(&json);
    for (int c = 0; c < 3; c++) {
        lks_json_key(&json, least[c]);
        lks_json_object(&json);
        put_evaluation_accounts(&json, &e->accounts[c]);
        lks_json_object_end(&json);
    }
    lks_json_object_end(&json);
    put_groups(&json, run);
    lks_json_key(&json, "detectors");
    lks_json_object(&json);
    lks_json_key(&json, "coaction");
    lks_json_object(&json);
    put_evaluation_accounts(&json, &e->accounts[0]);
    lks_json_object_end(&json);
    lks_json_key(&json, "lifecycle");
    lks_json_object(&json);
    put_accounts(&json, &run->awakened_precision, &run->awakened_recall,
                 &run->awakened_false_alarms);
    lks_json_object_end(&json);
    lks_json_object_end(&json);
    lks_json_key(&json, "bootstrap");
    lks_json_object(&json);
    put_uint(&json, "draws", run->draws);
    put_uint(&json, "seed", run->seed);
    lks_json_object_end(&json);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
}

/* ---- for reading ---- */

static void line(struct lks_buffer *out, const char *name, const struct lks_measure *measured)
{
    lks_buffer_format(out, "  %-36s %7llu of %7llu", name, (unsigned long long)measured->hits,
                      (unsigned long long)measured->trials);
    if (measured->trials)
        lks_buffer_format(out, "  %8.3f  (%.3f to %.3f)", measured->value, measured->low,
                          measured->high);
    lks_buffer_byte(out, '\n');
}

static void accounts_lines(struct lks_buffer *out, const char *title,
                           const struct lks_evaluation_accounts *accounts)
{
    lks_buffer_format(out, "%s\n", title);
    line(out, "precision", &accounts->precision);
    line(out, "recall", &accounts->recall);
    line(out, "false alarms per 10,000 innocent", &accounts->false_alarms);
}

static const char *s(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void labels_lines(const struct lks_evaluated_run *run, struct lks_buffer *out)
{
    const struct lks_evaluation *e = &run->evaluation;
    uint64_t missing = run->missing_coordinated + run->missing_innocent;
    if (run->results->synthetic)
        lks_buffer_text(out, "SYNTHETIC DATA: made by a simulator, about nobody.\n");
    lks_buffer_format(out, "Labels: %llu coordinated and %llu innocent account%s with posts here",
                      (unsigned long long)e->coordinated, (unsigned long long)e->innocent,
                      s(e->innocent));
    if (missing)
        lks_buffer_format(out, "; %llu more (%llu coordinated) have none and are left out",
                          (unsigned long long)missing,
                          (unsigned long long)run->missing_coordinated);
    lks_buffer_text(out, ".\n");
    if (run->unlabelled_count)
        lks_buffer_format(out,
                          "%llu account%s of the case have no label; %llu of them stand in "
                          "findings and are not counted.\n",
                          (unsigned long long)run->unlabelled_count, s(run->unlabelled_count),
                          (unsigned long long)run->unlabelled_found);
}

void lks_evaluate_text(const struct lks_evaluated_run *run, struct lks_buffer *out)
{
    const struct lks_evaluation *e = &run->evaluation;
    labels_lines(run, out);
    lks_buffer_byte(out, '\n');
    accounts_lines(out, "accounts in findings", &e->accounts[0]);
    accounts_lines(out, "accounts in findings of moderate or high confidence", &e->accounts[1]);
    accounts_lines(out, "accounts in findings of high confidence", &e->accounts[2]);
    lks_buffer_text(out, "pairs in one finding\n");
    line(out, run->has_groups ? "precision: of one labelled group" : "precision: both coordinated",
         &e->pairs_precision);
    line(out, "recall", &e->pairs_recall);
    lks_buffer_text(out, "findings\n");
    line(out, "mostly coordinated", &e->groups_precision);
    line(out, "without an innocent account", &e->groups_pure);
    if (run->has_groups)
        line(out, "labelled groups that one is mostly of", &e->groups_recall);
    lks_buffer_text(out, "awakened sleepers (all labelled accounts counted)\n");
    line(out, "precision", &run->awakened_precision);
    line(out, "recall", &run->awakened_recall);
    line(out, "false alarms per 10,000 innocent", &run->awakened_false_alarms);
    if (!isnan(e->average_precision))
        lks_buffer_format(out, "average precision over the ranks: %.3f (%.3f to %.3f)\n",
                          e->average_precision, e->average_precision_low,
                          e->average_precision_high);
    lks_buffer_format(out,
                      "\nIntervals are at 95 %%: the wider of Wilson's and of %u draws in which a "
                      "finding's members\nstand or fall together.\n",
                      run->draws);
}
