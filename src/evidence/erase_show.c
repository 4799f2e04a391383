/* erase_show.c - what an erasure came to, for reading and as JSON */
#include "base/json_write.h"
#include "base/shown.h"
#include "evidence/erase.h"

const char *const lks_erase_verdict_names[5] = {"nothing", "erased", "redacted", "refused",
                                                "unable"};

static const char *s(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* ---- for reading ---- */

static void holds_shown(const struct lks_erase_outcome *outcome,
                        const struct lks_erase_result *result, struct lks_buffer *out)
{
    char time[LKS_TIME_TEXT_BYTES];
    for (size_t i = 0; i < result->holds_count && i < outcome->holds.all.count; i++) {
        const struct lks_hold *hold = &outcome->holds.all.holds[i];
        if (!result->holds[i])
            continue;
        lks_time_format(hold->issued_us, time);
        lks_buffer_text(out, "    hold ");
        lks_buffer_shown(out, hold->id, 40);
        lks_buffer_text(out, " stands in the way since ");
        lks_buffer_text(out, time);
        lks_buffer_text(out, ": ");
        lks_buffer_shown(out, hold->authority, 200);
        lks_buffer_text(out, ", ");
        lks_buffer_shown(out, hold->legal_basis, 200);
        lks_buffer_byte(out, '\n');
    }
}

static void result_shown(const struct lks_erase_outcome *outcome,
                         const struct lks_erase_result *result, struct lks_buffer *out)
{
    lks_buffer_format(out, "entry %llu", (unsigned long long)result->leaf);
    if (result->name.size_bytes) {
        lks_buffer_text(out, " (");
        lks_buffer_shown(out, result->name, 120);
        lks_buffer_byte(out, ')');
    }
    switch (result->verdict) {
    case LKS_ERASE_NOTHING:
        lks_buffer_text(out, ": nothing erased\n");
        break;
    case LKS_ERASE_WHOLE:
        lks_buffer_format(out, ": %s, with %llu record%s\n",
                          outcome->dry_run ? "would be erased" : "erased",
                          (unsigned long long)result->records, s(result->records));
        break;
    case LKS_ERASE_PART:
        lks_buffer_format(out, ": %llu record%s %s\n", (unsigned long long)result->records,
                          s(result->records),
                          outcome->dry_run ? "would be blanked out" : "blanked out");
        break;
    case LKS_ERASE_REFUSED:
        lks_buffer_format(out, ": refused, %llu record%s stay\n", (unsigned long long)result->held,
                          s(result->held));
        break;
    case LKS_ERASE_UNABLE:
        lks_buffer_format(out, ": cannot be done: %s\n", result->why);
        break;
    }
    if (result->held && result->verdict != LKS_ERASE_REFUSED)
        lks_buffer_format(out, "    %llu record%s held: %s\n", (unsigned long long)result->held,
                          result->held == 1 ? " is" : "s are", "they stay");
    holds_shown(outcome, result, out);
    if (result->tied)
        lks_buffer_format(out, "    %llu record%s in one row with others': they stay\n",
                          (unsigned long long)result->tied, result->tied == 1 ? " is" : "s are");
    if (result->named)
        lks_buffer_format(out, "    %llu row%s of others name%s the account too: they stay\n",
                          (unsigned long long)result->named, s(result->named),
                          result->named == 1 ? "s" : "");
}

void lks_erase_outcome_text(const struct lks_erase_outcome *outcome, struct lks_buffer *out)
{
    if (outcome->finished || outcome->kept)
        lks_buffer_format(out,
                          "An erasure had been cut off: %llu file%s ended now, %llu kept since an "
                          "order came.\n",
                          (unsigned long long)outcome->finished, s(outcome->finished),
                          (unsigned long long)outcome->kept);
    for (size_t i = 0; i < outcome->results_count; i++)
        result_shown(outcome, &outcome->results[i], out);
    if (!outcome->results_count && !outcome->finished && !outcome->kept)
        lks_buffer_text(out, "There is nothing of that in the case: nothing was erased.\n");
    if (outcome->destroyed)
        lks_buffer_format(out, "The store was made anew: %llu post%s by %llu account%s.\n",
                          (unsigned long long)outcome->counts.posts, s(outcome->counts.posts),
                          (unsigned long long)outcome->counts.accounts,
                          s(outcome->counts.accounts));
    for (size_t i = 0; i < outcome->runs_count; i++)
        lks_buffer_format(out, "run %s %s %llu account%s or post%s that %s erased%s\n",
                          outcome->runs[i].id,
                          outcome->runs[i].removed ? "was removed: it named" : "still names",
                          (unsigned long long)outcome->runs[i].names, s(outcome->runs[i].names),
                          s(outcome->runs[i].names), outcome->runs[i].names == 1 ? "was" : "were",
                          outcome->runs[i].removed ? ""
                          : outcome->runs[i].held  ? "; a hold on findings stands in the way"
                                                   : "; --runs removes it");
}

/* ---- JSON ---- */

static void holds_json(const struct lks_erase_outcome *outcome,
                       const struct lks_erase_result *result, struct lks_json *json)
{
    lks_json_array(json, "holds");
    for (size_t i = 0; i < result->holds_count && i < outcome->holds.all.count; i++) {
        const struct lks_hold *hold = &outcome->holds.all.holds[i];
        if (!result->holds[i])
            continue;
        lks_json_object(json, NULL);
        lks_json_string(json, "id", hold->id);
        lks_json_time(json, "since", hold->issued_us);
        lks_json_string(json, "authority", hold->authority);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void result_json(const struct lks_erase_outcome *outcome,
                        const struct lks_erase_result *result, struct lks_json *json)
{
    lks_json_object(json, NULL);
    lks_json_uint(json, "entry", result->leaf);
    lks_json_string(json, "name", result->name);
    lks_json_text(json, "result", lks_erase_verdict_names[result->verdict]);
    lks_json_uint(json, "records", result->records);
    lks_json_uint(json, "held", result->held);
    lks_json_uint(json, "in_rows_of_others", result->tied);
    lks_json_uint(json, "named_by_others", result->named);
    holds_json(outcome, result, json);
    lks_json_object_end(json);
}

void lks_erase_outcome_json(const struct lks_erase_outcome *outcome, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out, .indent = 2};
    lks_json_object(&json, NULL);
    lks_json_bool(&json, "dry_run", outcome->dry_run);
    lks_json_uint(&json, "finished", outcome->finished);
    lks_json_uint(&json, "kept", outcome->kept);
    lks_json_array(&json, "files");
    for (size_t i = 0; i < outcome->results_count; i++)
        result_json(outcome, &outcome->results[i], &json);
    lks_json_array_end(&json);
    lks_json_array(&json, "runs");
    for (size_t i = 0; i < outcome->runs_count; i++) {
        lks_json_object(&json, NULL);
        lks_json_text(&json, "run", outcome->runs[i].id);
        lks_json_uint(&json, "names", outcome->runs[i].names);
        lks_json_bool(&json, "removed", outcome->runs[i].removed);
        lks_json_bool(&json, "held", outcome->runs[i].held);
        lks_json_object_end(&json);
    }
    lks_json_array_end(&json);
    lks_json_bool(&json, "store_made_anew", outcome->destroyed);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
}
