/* stix_finding.c - the objects of one finding in a STIX bundle */
#include <math.h>
#include <stdio.h>

#include "dossier/stix_inside.h"

/* Appendix A of the standard: none, low, medium, high. */
static const int confidences[LKS_CONFIDENCES_COUNT] = {5, 15, 50, 85};

static void ref_put(struct lks_json *json, const char *id)
{
    lks_json_array(json, "object_refs");
    lks_json_text(json, NULL, id);
    lks_json_array_end(json);
}

static void observed_put(struct lks_stix *b, const struct lks_finding *finding, const char *id)
{
    enum { NUMBER_MAX = 999999999 }; /* of the standard */
    struct lks_json *json = &b->stream.json;
    const struct lks_results *r = b->results;
    int64_t first = finding->first_us == LKS_TIME_NULL ? r->first_us : finding->first_us;
    int64_t last = finding->last_us == LKS_TIME_NULL ? r->last_us : finding->last_us;
    uint64_t number = finding->posts_count;
    char account[LKS_STIX_ID_BYTES];
    lks_stix_start(b, "observed-data", id);
    lks_stix_time(json, "first_observed", first);
    lks_stix_time(json, "last_observed", last < first ? first : last);
    lks_json_uint(json, "number_observed",
                  number < 1            ? 1
                  : number > NUMBER_MAX ? NUMBER_MAX
                                        : number);
    lks_json_array(json, "object_refs");
    for (uint32_t i = 0; i < finding->members_count; i++) {
        lks_stix_account_id(b, &r->nodes[finding->members[i]].account, account);
        lks_json_text(json, NULL, account);
        lks_json_stream_flush(&b->stream);
    }
    lks_json_array_end(json);
    lks_stix_end(b);
}

static void number_put(struct lks_json *json, const char *key, double number)
{
    if (isfinite(number))
        lks_json_double(json, key, number);
}

static void grouping_put(struct lks_stix *b, const struct lks_finding *finding, const char *id,
                         const char *observed)
{
    struct lks_json *json = &b->stream.json;
    char ref[LKS_STIX_ID_BYTES];
    lks_stix_start(b, "grouping", id);
    lks_json_int(json, "confidence", confidences[finding->confidence]);
    lks_json_put_solid(json, "name", finding->title);
    lks_json_put_solid(json, "description", finding->fusion.observation);
    lks_json_text(json, "context",
                  finding->confidence == LKS_CONFIDENCE_EXPLAINED ? "unspecified"
                                                                  : "suspicious-activity");
    lks_json_array(json, "object_refs");
    lks_json_text(json, NULL, observed);
    for (uint32_t i = 0; i < finding->fusion.techniques_count; i++) {
        lks_stix_technique_id(b, finding->fusion.techniques[i].id, ref);
        lks_json_text(json, NULL, ref);
    }
    for (uint32_t i = 0; i < finding->members_count; i++) {
        lks_stix_account_id(b, &b->results->nodes[finding->members[i]].account, ref);
        lks_json_text(json, NULL, ref);
        lks_json_stream_flush(&b->stream);
    }
    lks_json_array_end(json);
    lks_json_object(json, "extensions");
    lks_json_object(json, b->extension);
    lks_json_string(json, "extension_type", LKS_STR("property-extension"));
    lks_json_put_solid(json, "run", b->results->run);
    lks_json_put_solid(json, "finding", finding->id);
    lks_json_put_solid(json, "kind", lks_str_from(finding->fusion.kind));
    lks_json_uint(json, "members", finding->members_count);
    lks_json_uint(json, "posts", finding->posts_count);
    number_put(json, "p_value", finding->p_value);
    number_put(json, "q_edge_max", finding->q_edge_max);
    lks_json_object_end(json);
    lks_json_object_end(json);
    lks_stix_end(b);
}

static void technique_tie(struct lks_stix *b, const struct lks_finding *finding,
                          const char *grouping, const struct lks_technique *technique)
{
    struct lks_json *json = &b->stream.json;
    char id[LKS_STIX_ID_BYTES], target[LKS_STIX_ID_BYTES];
    lks_stix_id(b, "relationship", finding->id, "technique", lks_str_from(technique->id), id);
    lks_stix_technique_id(b, technique->id, target);
    lks_stix_remember(b, id);
    lks_stix_start(b, "relationship", id);
    lks_json_int(json, "confidence", confidences[finding->confidence]);
    lks_json_string(json, "relationship_type", LKS_STR("related-to"));
    lks_json_put_solid(json, "description", technique->measured);
    lks_json_text(json, "source_ref", grouping);
    lks_json_text(json, "target_ref", target);
    lks_stix_end(b);
}

static void note_put(struct lks_stix *b, const struct lks_finding *finding, const char *grouping,
                     const char *name, const char *abstract, struct lks_str content)
{
    struct lks_json *json = &b->stream.json;
    char id[LKS_STIX_ID_BYTES];
    if (!content.size_bytes)
        return;
    lks_stix_id(b, "note", finding->id, name, LKS_STR_NULL, id);
    lks_stix_remember(b, id);
    lks_stix_start(b, "note", id);
    lks_json_text(json, "abstract", abstract);
    lks_json_string(json, "content", content);
    ref_put(json, grouping);
    lks_stix_end(b);
}

/* An innocent explanation is an opinion on the finding: what speaks for the one speaks against the
 * other. What cannot be seen is no opinion, and stands in the note alone. */
static void opinion_put(struct lks_stix *b, const struct lks_finding *finding, const char *grouping,
                        const struct lks_alternative *alternative)
{
    static const char *const opinions[][2] = {
        {"speaks for", "disagree"}, {"speaks against", "agree"}, {"open", "neutral"}};
    struct lks_json *json = &b->stream.json;
    struct lks_buffer text = {0};
    const char *opinion = NULL;
    char id[LKS_STIX_ID_BYTES];
    for (size_t i = 0; i < sizeof opinions / sizeof *opinions; i++)
        if (alternative->verdict && strcmp(alternative->verdict, opinions[i][0]) == 0)
            opinion = opinions[i][1];
    if (!opinion)
        return;
    lks_stix_id(b, "opinion", finding->id, "alternative", lks_str_from(alternative->name), id);
    lks_stix_remember(b, id);
    lks_buffer_format(&text, "Innocent explanation \"%s\": what was measured %s%s it. %.*s",
                      alternative->name ? alternative->name : "",
                      strcmp(alternative->verdict, "open") ? "" : "leaves ", alternative->verdict,
                      (int)alternative->measured.size_bytes,
                      alternative->measured.size_bytes ? alternative->measured.data : "");
    lks_stix_start(b, "opinion", id);
    lks_json_string(json, "explanation", (struct lks_str){text.data, text.size_bytes});
    lks_json_text(json, "opinion", opinion);
    ref_put(json, grouping);
    lks_stix_end(b);
    b->failed |= text.failed;
    lks_buffer_free(&text);
}

static void alternatives_note(struct lks_stix *b, const struct lks_finding *finding,
                              const char *grouping)
{
    struct lks_buffer text = {0};
    for (uint32_t i = 0; i < finding->alternatives_count; i++) {
        const struct lks_alternative *one = &finding->alternatives[i];
        lks_buffer_format(&text, "%s%s: %s. %.*s", i ? "\n" : "", one->name ? one->name : "",
                          one->verdict ? one->verdict : "", (int)one->measured.size_bytes,
                          one->measured.size_bytes ? one->measured.data : "");
    }
    note_put(b, finding, grouping, "alternatives", "Innocent explanations that were considered",
             (struct lks_str){text.data, text.size_bytes});
    b->failed |= text.failed;
    lks_buffer_free(&text);
}

void lks_stix_finding(struct lks_stix *b, const struct lks_finding *finding)
{
    char grouping[LKS_STIX_ID_BYTES], observed[LKS_STIX_ID_BYTES], abstract[64];
    lks_stix_id(b, "grouping", finding->id, "", LKS_STR_NULL, grouping);
    lks_stix_id(b, "observed-data", finding->id, "", LKS_STR_NULL, observed);
    if (!finding->members_count) /* the standard has no group of nobody */
        return;
    for (uint32_t i = 0; i < finding->members_count; i++)
        lks_stix_account(b, &b->results->nodes[finding->members[i]].account);
    lks_stix_remember(b, observed);
    lks_stix_remember(b, grouping);
    observed_put(b, finding, observed);
    grouping_put(b, finding, grouping, observed);
    for (uint32_t i = 0; i < finding->fusion.techniques_count; i++)
        technique_tie(b, finding, grouping, &finding->fusion.techniques[i]);
    snprintf(abstract, sizeof abstract, "Confidence: %s",
             lks_confidence_names[finding->confidence]);
    note_put(b, finding, grouping, "confidence", abstract, finding->confidence_rule);
    alternatives_note(b, finding, grouping);
    for (uint32_t i = 0; i < finding->alternatives_count; i++)
        opinion_put(b, finding, grouping, &finding->alternatives[i]);
}
