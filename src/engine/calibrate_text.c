/* calibrate_text.c - promises and what became of them, for people and for machines */
#include <lockstep.h>

#include "base/json_write.h"
#include "engine/calibrate.h"

const struct lks_untried lks_calibration_untried[] = {
    {"fusion", "findings of several signals: no shuffle makes all null hypotheses true at once; at "
               "most the promises of its layers added up (0.05 for co-action, 0.01 each other)"},
    {"members", "who belongs to a finding: a share of wrong members, not a chance of any"},
    {"synchrony", "tested on pairs that co-action kept, and names nobody by itself"},
    {"calls", "each call's p is shown with a control of its own in every run"},
    {"lineage", "takes findings for given where it can; a test each, with no chance of any"},
    {"popularity", "describes, and names nobody"},
    {"ledger", "a record and no test"},
    {NULL, NULL}};

static void put_number(struct lks_json *json, const char *key, double value)
{
    lks_json_key(json, key);
    lks_json_double(json, value);
}

static void test_json(struct lks_json *json, const struct lks_calibrated *test)
{
    lks_json_object(json);
    lks_json_key(json, "name");
    lks_json_text(json, test->name);
    lks_json_key(json, "alarm");
    lks_json_text(json, test->title);
    lks_json_key(json, "shuffled");
    lks_json_text(json, test->shuffled);
    lks_json_key(json, "not_observable");
    test->not_observable ? lks_json_text(json, test->not_observable) : lks_json_null(json);
    put_number(json, "promised", test->promised);
    lks_json_key(json, "sets");
    lks_json_uint(json, test->sets);
    lks_json_key(json, "alarms");
    lks_json_uint(json, test->alarms);
    lks_json_key(json, "found");
    lks_json_uint(json, test->named);
    if (test->sets) {
        put_number(json, "rate", (double)test->alarms / test->sets);
        put_number(json, "rate_low", test->rate.low);
        put_number(json, "rate_high", test->rate.high);
    }
    lks_json_key(json, "kept");
    if (test->sets)
        lks_json_bool(json, test->kept);
    else
        lks_json_null(json);
    lks_json_object_end(json);
}

void lks_calibration_json(const struct lks_calibration *calibration, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out, .indent = 2};
    lks_json_object(&json);
    lks_json_key(&json, "lockstep");
    lks_json_text(&json, lks_version());
    lks_json_key(&json, "posts");
    lks_json_uint(&json, calibration->posts);
    lks_json_key(&json, "accounts");
    lks_json_uint(&json, calibration->accounts);
    lks_json_key(&json, "sets");
    lks_json_uint(&json, calibration->sets);
    lks_json_key(&json, "copies");
    lks_json_uint(&json, calibration->copies);
    lks_json_key(&json, "seed");
    lks_json_uint(&json, calibration->seed);
    lks_json_key(&json, "tests");
    lks_json_array(&json);
    for (int i = 0; i < LKS_CALIBRATED_COUNT; i++)
        test_json(&json, &calibration->tests[i]);
    lks_json_array_end(&json);
    lks_json_key(&json, "untried");
    lks_json_array(&json);
    for (const struct lks_untried *one = lks_calibration_untried; one->name; one++) {
        lks_json_object(&json);
        lks_json_key(&json, "name");
        lks_json_text(&json, one->name);
        lks_json_key(&json, "why");
        lks_json_text(&json, one->why);
        lks_json_object_end(&json);
    }
    lks_json_array_end(&json);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
}

void lks_calibration_text(const struct lks_calibration *calibration, struct lks_buffer *out)
{
    lks_buffer_format(out,
                      "%llu posts, %llu accounts. Each detector ran on %u sets in which what its "
                      "null model calls exchangeable was dealt out anew: whatever it finds there "
                      "is a false alarm.\n\n",
                      (unsigned long long)calibration->posts,
                      (unsigned long long)calibration->accounts, calibration->sets);
    lks_buffer_format(out, "%-47s %8s %9s  %-29s\n", "alarm", "promised", "sets with",
                      "rate found (95 %)");
    for (int i = 0; i < LKS_CALIBRATED_COUNT; i++) {
        const struct lks_calibrated *test = &calibration->tests[i];
        lks_buffer_format(out, "%-47s ", test->title);
        if (test->not_observable) {
            lks_buffer_format(out, "not observable: %s\n", test->not_observable);
            continue;
        }
        lks_buffer_format(out, "%8.3g %4u of %2u  %.3f (%.3f to %.3f) %s\n", test->promised,
                          test->alarms, test->sets,
                          test->sets ? (double)test->alarms / test->sets : 0, test->rate.low,
                          test->rate.high, test->kept ? "kept" : "BROKEN");
    }
    lks_buffer_text(out, "\nWhat was dealt out:\n");
    for (int i = 0; i < LKS_CALIBRATED_COUNT; i++)
        lks_buffer_format(out, "  %-12s %s\n", calibration->tests[i].name,
                          calibration->tests[i].shuffled);
    lks_buffer_text(out, "\nNo rate is promised, and none was tried:\n");
    for (const struct lks_untried *one = lks_calibration_untried; one->name; one++)
        lks_buffer_format(out, "  %-12s %s\n", one->name, one->why);
    lks_buffer_text(out, "\n");
    lks_buffer_text(out, "A promise is called broken where the whole interval lies above it; few "
                         "sets cannot show much. --copies N asks for more.\n");
}
