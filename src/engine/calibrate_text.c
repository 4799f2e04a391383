/* calibrate_text.c - promises and what became of them, for people and for machines */
#include <lockstep.h>

#include "base/json_write.h"
#include "engine/calibrate.h"
#include "finding/results.h"

const struct lks_untried lks_calibration_untried[] = {
    {"habits", "no deal leaves accounts their nights and favourite things and makes all null "
               "hypotheses true at once: crowds of like habits are for innocent sets to show"},
    {"members", "who belongs to a true finding: a share of wrong members, not a chance of any"},
    {"synchrony", "tested on pairs that co-action kept, and names nobody by itself"},
    {"calls", "each call's p is shown with a control of its own in every run"},
    {"lineage", "takes findings for given where it can; a test each, with no chance of any"},
    {"popularity", "describes, and names nobody"},
    {"ledger", "a record and no test; payments are left out of the whole runs"},
    {NULL, NULL}};

/* Accounts of the whole: so many of those of all sets together. */
static double per_10000(const struct lks_calibrated *test, uint64_t accounts_tested)
{
    return accounts_tested ? 1e4 * (double)test->named / (double)accounts_tested : 0;
}

/* accounts_tested 0: not of the whole. */
static void test_json(struct lks_json *json, const struct lks_calibrated *test,
                      uint64_t accounts_tested)
{
    lks_json_object(json, NULL);
    lks_json_text(json, "name", test->name);
    lks_json_text(json, "alarm", test->title);
    if (test->shuffled) {
        lks_json_text(json, "shuffled", test->shuffled);
    }
    lks_json_text(json, "not_observable", test->not_observable);
    lks_json_double(json, "promised", test->promised); /* NaN becomes null */
    lks_json_uint(json, "sets", test->sets);
    lks_json_uint(json, "alarms", test->alarms);
    lks_json_uint(json, "found", test->named);
    lks_json_uint(json, "most", test->most);
    if (accounts_tested && test->accounts)
        lks_json_double(json, "accounts_per_10000", per_10000(test, accounts_tested));
    if (test->sets) {
        lks_json_double(json, "rate", (double)test->alarms / test->sets);
        lks_json_double(json, "rate_low", test->rate.low);
        lks_json_double(json, "rate_high", test->rate.high);
    }
    lks_json_key(json, "kept");
    if (test->sets && test->promised == test->promised)
        lks_json_bool(json, NULL, test->kept);
    else
        lks_json_null(json, NULL);
    lks_json_object_end(json);
}

static void whole_json(struct lks_json *json, const struct lks_whole *whole)
{
    lks_json_object(json, "whole");
    lks_json_object(json, "findings");
    for (int word = LKS_CONFIDENCES_COUNT; word-- > 0;) {
        lks_json_uint(json, lks_confidence_names[word], whole->findings[word]);
    }
    lks_json_object_end(json);
    lks_json_array(json, "tests");
    for (int i = 0; i < LKS_WHOLE_COUNT; i++)
        test_json(json, &whole->tests[i], whole->accounts_tested);
    lks_json_array_end(json);
    lks_json_object_end(json);
}

void lks_calibration_json(const struct lks_calibration *calibration, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out, .indent = 2};
    lks_json_object(&json, NULL);
    lks_json_text(&json, "lockstep", lks_version());
    lks_json_uint(&json, "posts", calibration->posts);
    lks_json_uint(&json, "accounts", calibration->accounts);
    lks_json_uint(&json, "sets", calibration->sets);
    lks_json_uint(&json, "copies", calibration->copies);
    lks_json_uint(&json, "seed", calibration->seed);
    lks_json_array(&json, "tests");
    for (int i = 0; i < LKS_CALIBRATED_COUNT; i++)
        test_json(&json, &calibration->tests[i], 0);
    lks_json_array_end(&json);
    whole_json(&json, &calibration->whole);
    lks_json_array(&json, "untried");
    for (const struct lks_untried *one = lks_calibration_untried; one->name; one++) {
        lks_json_object(&json, NULL);
        lks_json_text(&json, "name", one->name);
        lks_json_text(&json, "why", one->why);
        lks_json_object_end(&json);
    }
    lks_json_array_end(&json);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
}

static void test_row(const struct lks_calibrated *test, struct lks_buffer *out)
{
    lks_buffer_format(out, "%-47s ", test->title);
    if (test->not_observable) {
        lks_buffer_format(out, "not observable: %s", test->not_observable);
        return;
    }
    if (test->promised == test->promised)
        lks_buffer_format(out, "%8.3g", test->promised);
    else
        lks_buffer_format(out, "%8s", "-");
    lks_buffer_format(out, " %4u of %2u  %.3f (%.3f to %.3f) %-6s", test->alarms, test->sets,
                      test->sets ? (double)test->alarms / test->sets : 0, test->rate.low,
                      test->rate.high,
                      test->promised != test->promised ? ""
                      : test->kept                     ? "kept"
                                                       : "BROKEN");
}

static void whole_text(const struct lks_whole *whole, unsigned sets, struct lks_buffer *out)
{
    lks_buffer_format(out,
                      "The whole run, fusion and all, on %u copies of the case in which everything "
                      "was dealt out at once:\n\n",
                      sets);
    lks_buffer_format(out, "%-47s %8s %9s  %-35s %s\n", "alarm", "promised", "sets with",
                      "rate found (95 %)", "accounts per 10,000");
    for (int i = 0; i < LKS_WHOLE_COUNT; i++) {
        const struct lks_calibrated *test = &whole->tests[i];
        test_row(test, out);
        if (!test->not_observable && test->accounts)
            lks_buffer_format(out, "  %.2f", per_10000(test, whole->accounts_tested));
        if (!test->not_observable && test->accounts && test->most)
            lks_buffer_format(out, ", at most %llu in a set", (unsigned long long)test->most);
        lks_buffer_byte(out, '\n');
    }
    lks_buffer_format(out,
                      "\nFindings in all of them together: %llu of high confidence, %llu moderate, "
                      "%llu low, %llu explained.\n\n",
                      (unsigned long long)whole->findings[LKS_CONFIDENCE_HIGH],
                      (unsigned long long)whole->findings[LKS_CONFIDENCE_MODERATE],
                      (unsigned long long)whole->findings[LKS_CONFIDENCE_LOW],
                      (unsigned long long)whole->findings[LKS_CONFIDENCE_EXPLAINED]);
}

void lks_calibration_text(const struct lks_calibration *calibration, struct lks_buffer *out)
{
    lks_buffer_format(out,
                      "%llu posts, %llu accounts. In what follows there is nothing to find: "
                      "whatever is found is a false alarm.\n\n",
                      (unsigned long long)calibration->posts,
                      (unsigned long long)calibration->accounts);
    whole_text(&calibration->whole, calibration->sets, out);
    lks_buffer_format(out,
                      "Each test by itself, on %u sets in which only what its own null model calls "
                      "exchangeable was dealt out:\n\n",
                      calibration->sets);
    lks_buffer_format(out, "%-47s %8s %9s  %-29s\n", "alarm", "promised", "sets with",
                      "rate found (95 %)");
    for (int i = 0; i < LKS_CALIBRATED_COUNT; i++) {
        test_row(&calibration->tests[i], out);
        lks_buffer_byte(out, '\n');
    }
    lks_buffer_text(out, "\nWhat was dealt out:\n");
    for (int i = 0; i < LKS_CALIBRATED_COUNT; i++)
        lks_buffer_format(out, "  %-12s %s\n", calibration->tests[i].name,
                          calibration->tests[i].shuffled);
    lks_buffer_text(out, "\nNo rate is promised, and none was tried:\n");
    for (const struct lks_untried *one = lks_calibration_untried; one->name; one++)
        lks_buffer_format(out, "  %-12s %s\n", one->name, one->why);
    lks_buffer_text(out, "\nA promise is called broken where the whole interval lies above it; few "
                         "sets cannot show much. --copies N asks for more.\n");
}
