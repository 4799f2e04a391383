/* summary.c - what a run came to, for the caller: fields for people, one JSON object for machines */
#include "intake/summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"

static void counts_json(struct lks_json *json, const struct lks_case_counts *counts)
{
    const struct {
        const char *name;
        uint64_t value;
    } fields[] = {{"files", counts->files},           {"posts", counts->posts},
                  {"accounts", counts->accounts},     {"actions", counts->actions},
                  {"payments", counts->payments},     {"rejects", counts->rejects},
                  {"duplicates", counts->duplicates}, {"ignored", counts->ignored}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        lks_json_uint(json, fields[i].name, fields[i].value);
    }
    lks_json_time(json, "first", counts->posts ? counts->first_us : LKS_TIME_NULL);
    lks_json_time(json, "last", counts->posts ? counts->last_us : LKS_TIME_NULL);
    lks_json_bool(json, "synthetic", counts->synthetic);
}

static void finding_json(struct lks_json *json, const struct lks_results *results,
                         const struct lks_finding *finding)
{
    lks_json_object(json, NULL);
    lks_json_string(json, "id", finding->id);
    lks_json_string(json, "title", finding->title);
    lks_json_text(json, "confidence", lks_confidence_names[finding->confidence]);
    lks_json_double(json, "p", finding->p_value);
    lks_json_double(json, "score", finding->score);
    lks_json_uint(json, "occasions", finding->occasions_count);
    lks_json_double(json, "expected", finding->expected);
    lks_json_time(json, "first", finding->first_us);
    lks_json_time(json, "last", finding->last_us);
    lks_json_object(json, "kinds");
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        if (finding->kind_objects[kind]) {
            lks_json_uint(json, lks_object_kind_names[kind], finding->kind_objects[kind]);
        }
    lks_json_object_end(json);
    lks_json_array(json, "members");
    for (uint32_t i = 0; i < finding->members_count; i++)
        lks_json_string(json, NULL, results->nodes[finding->members[i]].account.account_key);
    lks_json_array_end(json);
    lks_json_object_end(json);
}

static void summary_json(struct lks_json *json, const struct lks_results *results,
                         const struct lks_case_counts *counts, const char *folder)
{
    lks_json_object(json, NULL);
    lks_json_text(json, "lockstep", lks_version());
    counts_json(json, counts);
    lks_json_string(json, "run", results->run);
    lks_json_text(json, "folder", folder);
    lks_json_object(json, "test");
    lks_json_uint(json, "pairs_tested", results->tests_count);
    lks_json_uint(json, "edges_tested", results->edges_tested);
    lks_json_uint(json, "copies", results->copies_count);
    lks_json_double(json, "copies_max_score", results->copies_max_score);
    lks_json_double(json, "group_threshold", results->group_threshold);
    lks_json_object_end(json);
    lks_json_array(json, "findings");
    for (uint32_t i = 0; i < results->findings_count; i++)
        finding_json(json, results, &results->findings[i]);
    lks_json_array_end(json);
    lks_json_object(json, "lifecycle");
    lks_json_uint(json, "tested", results->life_tested_count);
    lks_json_uint(json, "awakenings", results->awakenings_count);
    lks_json_uint(json, "cohorts", results->cohorts_count);
    lks_json_object_end(json);
    lks_json_object(json, "recruitment");
    lks_json_uint(json, "calls", results->calls_count);
    lks_json_uint(json, "responders", results->responders_count);
    lks_json_object_end(json);
    lks_json_object(json, "swarm");
    lks_json_uint(json, "accounts", results->swarmers_count);
    lks_json_uint(json, "floods", results->floods_count);
    lks_json_object_end(json);
    lks_json_object(json, "seconds");
    for (uint32_t i = 0; i < results->stages_count; i++) {
        lks_json_double(json, results->stages[i].name, results->stages[i].seconds);
    }
    lks_json_object_end(json);
    lks_json_object_end(json);
}

static char *text_copy(struct lks_str text)
{
    return strndup(text.data ? text.data : "", text.size_bytes);
}

static int lines_fill(const struct lks_results *results, struct lks_run_summary *summary)
{
    summary->findings = calloc(results->findings_count + 1, sizeof *summary->findings);
    if (!summary->findings)
        return LKS_EMEMORY;
    for (uint32_t i = 0; i < results->findings_count; i++) {
        const struct lks_finding *finding = &results->findings[i];
        struct lks_finding_line *line = &summary->findings[i];
        line->id = text_copy(finding->id);
        line->title = text_copy(finding->title);
        line->confidence = lks_confidence_names[finding->confidence];
        line->p_value = finding->p_value;
        line->members = finding->members_count;
        summary->findings_count++;
        if (!line->id || !line->title)
            return LKS_EMEMORY;
    }
    return 0;
}

int lks_summary_fill(const struct lks_results *results, const struct lks_case_counts *counts,
                     const char *folder, struct lks_run_summary *summary_out, struct lks_error *err)
{
    struct lks_buffer buffer = {0};
    struct lks_json json = {.buffer = &buffer, .indent = 2};
    *summary_out = (struct lks_run_summary){
        .run = text_copy(results->run),
        .folder = strdup(folder),
        .counts = *counts,
        .copies_max_score = results->copies_max_score,
        .group_threshold = results->group_threshold,
        .copies = results->copies_count,
    };
    summary_json(&json, results, counts, folder);
    lks_buffer_byte(&buffer, '\0');
    if (buffer.failed || !summary_out->run || !summary_out->folder ||
        lines_fill(results, summary_out) != 0) {
        lks_buffer_free(&buffer);
        lks_run_summary_free(summary_out);
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    summary_out->json = buffer.data;
    return 0;
}

void lks_run_summary_free(struct lks_run_summary *summary)
{
    if (!summary)
        return;
    for (size_t i = 0; i < summary->findings_count; i++) {
        free(summary->findings[i].id);
        free(summary->findings[i].title);
    }
    free(summary->findings);
    free(summary->run);
    free(summary->folder);
    free(summary->json);
    *summary = (struct lks_run_summary){0};
}

void lks_text_free(char *text)
{
    free(text);
}
