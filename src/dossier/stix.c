/* stix.c - what a run found as a STIX 2.1 bundle (OASIS Standard, 10 June 2021)
 *
 * Ids of accounts are those that the standard derives (UUID 5 of its namespace over the contributing
 * properties), so that other bundles speak of the same account by the same id. All other ids are UUID
 * 5 of a namespace of ours over the data's digest, the run and the object's own name: the same run
 * gives the same bytes. Confidence is written by the standard's scale for low, medium and high. */
#include "dossier/stix.h"

#include <stdio.h>

#include "base/uuid.h"
#include "dossier/stix_inside.h"
#include "finding/disarm.h"
#include "vault/canon.h"

/* Of accounts and other observables, by the standard; and of our objects, drawn once. */
static const unsigned char observable_space[LKS_UUID_BYTES] = {
    0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7};
static const unsigned char object_space[LKS_UUID_BYTES] = {
    0x8d, 0x3b, 0x07, 0x5e, 0x41, 0xc9, 0x4d, 0x1e, 0xb2, 0x60, 0x5a, 0x9e, 0x17, 0xc4, 0xf3, 0x2d};

static const struct {
    const char *name, *word, *id;
} tlps[LKS_TLPS_COUNT] = {
    {"TLP:WHITE", "white", "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"},
    {"TLP:GREEN", "green", "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"},
    {"TLP:AMBER", "amber", "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"},
    {"TLP:RED", "red", "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"}};

/* Phases of DISARM's kill chain, by its ids of tactics. */
static const struct {
    const char *id, *phase;
} tactics[] = {{"TA06", "develop-content"},   {"TA07", "select-channels-and-affordances"},
               {"TA09", "deliver-content"},   {"TA11", "persist-in-the-information-environment"},
               {"TA15", "establish-assets"},  {"TA16", "establish-legitimacy"},
               {"TA17", "maximise-exposure"}, {"TA18", "drive-online-harms"}};

/* ---- ids, times ---- */

void lks_stix_id(struct lks_stix *b, const char *type, struct lks_str finding, const char *what,
                 struct lks_str more, char out[LKS_STIX_ID_BYTES])
{
    char uuid[LKS_UUID_TEXT_BYTES] = "";
    struct lks_buffer name = {0};
    const struct lks_str parts[] = {b->results->data_digest, b->results->run,
                                    lks_str_from(type),      finding,
                                    lks_str_from(what),      more};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        lks_buffer_append(&name, parts[i].data, parts[i].size_bytes);
        lks_buffer_byte(&name, 0);
    }
    if (name.failed || lks_uuid5(object_space, (struct lks_str){name.data, name.size_bytes}, uuid))
        b->failed = 1;
    snprintf(out, LKS_STIX_ID_BYTES, "%s--%s", type, uuid);
    lks_buffer_free(&name);
}

void lks_stix_remember(struct lks_stix *b, const char *id)
{
    char row[LKS_STIX_ID_BYTES] = {0};
    memcpy(row, id, strlen(id));
    lks_buffer_append(&b->refs, row, sizeof row);
}

/* To the millisecond, as the standard wants it of `created`. */
static void time_text(int64_t time_us, char out[LKS_TIME_TEXT_BYTES])
{
    if (time_us < LKS_TIME_MIN_US || time_us > LKS_TIME_MAX_US) /* of a run without posts */
        time_us = LKS_TIME_MIN_US;
    struct lks_civil c = lks_time_to_civil(time_us);
    snprintf(out, LKS_TIME_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
             (unsigned)c.year % 10000, (unsigned)c.month % 100, (unsigned)c.day % 100,
             (unsigned)c.hour % 100, (unsigned)c.minute % 100, (unsigned)c.second % 100,
             (unsigned)c.microsecond / 1000 % 1000);
}

void lks_stix_time(struct lks_json *json, const char *key, int64_t time_us)
{
    char text[LKS_TIME_TEXT_BYTES];
    time_text(time_us, text);
    lks_json_text(json, key, text);
}

/* ---- what objects have in common ---- */

static void markings_put(struct lks_stix *b)
{
    struct lks_json *json = &b->stream.json;
    lks_json_array(json, "object_marking_refs");
    lks_json_text(json, NULL, tlps[b->options.tlp].id);
    if (b->results->synthetic)
        lks_json_text(json, NULL, b->synthetic);
    lks_json_array_end(json);
}

static void object_start(struct lks_stix *b, const char *type, const char *id)
{
    struct lks_json *json = &b->stream.json;
    lks_json_object(json, NULL);
    lks_json_text(json, "type", type);
    lks_json_string(json, "spec_version", LKS_STR("2.1"));
    lks_json_text(json, "id", id);
}

/* An object of the domain: who made it, when, and its markings. */
void lks_stix_start(struct lks_stix *b, const char *type, const char *id)
{
    struct lks_json *json = &b->stream.json;
    object_start(b, type, id);
    lks_json_text(json, "created_by_ref", b->producer);
    lks_json_text(json, "created", b->created);
    lks_json_text(json, "modified", b->created);
    if (b->results->synthetic) {
        lks_json_array(json, "labels");
        lks_json_text(json, NULL, "synthetic");
        lks_json_array_end(json);
    }
    markings_put(b);
}

void lks_stix_end(struct lks_stix *b)
{
    lks_json_object_end(&b->stream.json);
    lks_json_stream_flush(&b->stream);
}

/* ---- producer and markings ---- */

static void frame_put(struct lks_stix *b)
{
    struct lks_json *json = &b->stream.json;
    const char *tlp = tlps[b->options.tlp].id;
    object_start(b, "identity", b->producer);
    lks_json_text(json, "created", b->created);
    lks_json_text(json, "modified", b->created);
    lks_json_string(json, "name",
                    b->options.producer.data ? b->options.producer : LKS_STR("lockstep"));
    lks_json_string(json, "identity_class",
                    b->options.producer.data ? LKS_STR("organization") : LKS_STR("system"));
    lks_stix_end(b);
    object_start(b, "marking-definition", tlp);
    lks_json_string(json, "created", LKS_STR("2017-01-20T00:00:00.000Z"));
    lks_json_string(json, "definition_type", LKS_STR("tlp"));
    lks_json_text(json, "name", tlps[b->options.tlp].name);
    lks_json_object(json, "definition");
    lks_json_text(json, "tlp", tlps[b->options.tlp].word);
    lks_json_object_end(json);
    lks_stix_end(b);
    if (!b->results->synthetic)
        return;
    object_start(b, "marking-definition", b->synthetic);
    lks_json_text(json, "created_by_ref", b->producer);
    lks_json_text(json, "created", b->created);
    lks_json_string(json, "name", LKS_STR("Synthetic data"));
    lks_json_string(json, "definition_type", LKS_STR("statement"));
    lks_json_object(json, "definition");
    lks_json_string(json, "statement",
                    LKS_STR("The data are synthetic: no account, post or event in them is real."));
    lks_json_object_end(json);
    lks_stix_end(b);
}

/* ---- accounts ---- */

/* A key without the platform's name in front. */
static struct lks_str own_id(const struct lks_account *account)
{
    struct lks_str key = account->account_key;
    size_t head = account->platform.size_bytes;
    if (head && key.size_bytes > head && key.data[head] == ':' &&
        memcmp(key.data, account->platform.data, head) == 0)
        return (struct lks_str){key.data + head + 1, key.size_bytes - head - 1};
    return key;
}

/* The canonical JSON (RFC 8785) of the properties that make an account's id. */
void lks_stix_account_id(struct lks_stix *b, const struct lks_account *account,
                         char out[LKS_STIX_ID_BYTES])
{
    char uuid[LKS_UUID_TEXT_BYTES] = "";
    struct lks_buffer name = {0};
    struct lks_canon canon = {0};
    lks_canon_object(&canon, NULL);
    if (account->handle.size_bytes)
        lks_canon_string(&canon, "account_login", account->handle);
    if (account->platform.size_bytes)
        lks_canon_string(&canon, "account_type", account->platform);
    lks_canon_string(&canon, "user_id", own_id(account));
    if (lks_canon_finish(&canon, &name) ||
        lks_uuid5(observable_space, (struct lks_str){name.data, name.size_bytes}, uuid))
        b->failed = 1;
    snprintf(out, LKS_STIX_ID_BYTES, "user-account--%s", uuid);
    lks_buffer_free(&name);
}

void lks_stix_account(struct lks_stix *b, const struct lks_account *account)
{
    struct lks_json *json = &b->stream.json;
    char id[LKS_STIX_ID_BYTES];
    lks_stix_account_id(b, account, id);
    object_start(b, "user-account", id);
    if (account->platform.size_bytes)
        lks_json_string(json, "account_type", account->platform);
    lks_json_put_solid(json, "user_id", own_id(account));
    if (account->handle.size_bytes)
        lks_json_string(json, "account_login", account->handle);
    if (account->display_name.size_bytes)
        lks_json_string(json, "display_name", account->display_name);
    /* An id gives a lower bound only: that is no time of creation. */
    if (account->created_method == LKS_CREATED_FIELD && account->created_us != LKS_TIME_NULL)
        lks_stix_time(json, "account_created", account->created_us);
    markings_put(b);
    lks_stix_end(b);
}

/* ---- techniques: one object each, however many findings show them ---- */

void lks_stix_technique_id(struct lks_stix *b, const char *technique, char out[LKS_STIX_ID_BYTES])
{
    lks_stix_id(b, "attack-pattern", LKS_STR_NULL, "", lks_str_from(technique), out);
}

static int is_shown(const struct lks_results *results, const char *technique)
{
    for (uint32_t f = 0; f < results->findings_count; f++)
        for (uint32_t i = 0; i < results->findings[f].fusion.techniques_count; i++)
            if (strcmp(results->findings[f].fusion.techniques[i].id, technique) == 0)
                return 1;
    return 0;
}

static void technique_put(struct lks_stix *b, const struct lks_disarm *technique)
{
    struct lks_json *json = &b->stream.json;
    char id[LKS_STIX_ID_BYTES], url[160];
    lks_stix_technique_id(b, technique->id, id);
    lks_stix_remember(b, id);
    lks_stix_start(b, "attack-pattern", id);
    lks_json_text(json, "name", technique->name);
    for (size_t i = 0; i < sizeof tactics / sizeof *tactics; i++) {
        if (strcmp(tactics[i].id, technique->tactic) != 0)
            continue;
        lks_json_array(json, "kill_chain_phases");
        lks_json_object(json, NULL);
        lks_json_string(json, "kill_chain_name", LKS_STR("disarm"));
        lks_json_text(json, "phase_name", tactics[i].phase);
        lks_json_object_end(json);
        lks_json_array_end(json);
    }
    snprintf(url, sizeof url,
             "https://github.com/DISARMFoundation/DISARMframeworks/blob/main/generated_pages/"
             "techniques/%s.md",
             technique->id);
    lks_json_array(json, "external_references");
    lks_json_object(json, NULL);
    lks_json_string(json, "source_name", LKS_STR("DISARM"));
    lks_json_text(json, "external_id", technique->id);
    lks_json_text(json, "url", url);
    lks_json_object_end(json);
    lks_json_array_end(json);
    lks_stix_end(b);
}

/* ---- the whole ---- */

static void extension_put(struct lks_stix *b)
{
    struct lks_json *json = &b->stream.json;
    lks_stix_start(b, "extension-definition", b->extension);
    lks_json_string(json, "name", LKS_STR("lockstep finding"));
    lks_json_string(json, "description", LKS_STR("What was measured of a group of accounts."));
    lks_json_string(
        json, "schema",
        LKS_STR("run, finding: names within the case. kind: the mechanism that most members show. "
                "members: accounts. posts: their posts with a partner. p_value: of the group, "
                "family-wise over all groups of the run. q_edge_max: the largest false discovery "
                "rate among its pairs."));
    lks_json_string(json, "version", LKS_STR("1.0.0"));
    lks_json_array(json, "extension_types");
    lks_json_text(json, NULL, "property-extension");
    lks_json_array_end(json);
    lks_stix_end(b);
}

static void report_put(struct lks_stix *b)
{
    struct lks_json *json = &b->stream.json;
    struct lks_buffer name = {0};
    char id[LKS_STIX_ID_BYTES];
    lks_stix_id(b, "report", LKS_STR_NULL, "", LKS_STR_NULL, id);
    lks_buffer_format(&name, "Coordinated behaviour: run %.*s, %u finding%s%s",
                      (int)b->results->run.size_bytes, b->results->run.data,
                      b->results->findings_count, b->results->findings_count == 1 ? "" : "s",
                      b->results->synthetic ? " (synthetic data)" : "");
    lks_stix_start(b, "report", id);
    lks_json_string(json, "name", (struct lks_str){name.data, name.size_bytes});
    lks_json_string(json, "description",
                    LKS_STR("Accounts that act together beyond chance, by measurement. Who is "
                            "behind them, and whether they know, is not said."));
    lks_json_array(json, "report_types");
    lks_json_text(json, NULL, "observed-data");
    lks_json_array_end(json);
    lks_json_text(json, "published", b->created);
    lks_json_array(json, "object_refs");
    lks_json_text(json, NULL, b->producer);
    for (size_t at = 0; at + LKS_STIX_ID_BYTES <= b->refs.size_bytes; at += LKS_STIX_ID_BYTES) {
        lks_json_text(json, NULL, b->refs.data + at);
        lks_json_stream_flush(&b->stream);
    }
    lks_json_array_end(json);
    lks_stix_end(b);
    b->failed |= name.failed;
    lks_buffer_free(&name);
}

static void document_put(struct lks_stix *b)
{
    struct lks_json *json = &b->stream.json;
    char id[LKS_STIX_ID_BYTES];
    lks_stix_id(b, "bundle", LKS_STR_NULL, "", LKS_STR_NULL, id);
    lks_stix_id(b, "identity", LKS_STR_NULL, "", b->options.producer, b->producer);
    lks_stix_id(b, "marking-definition", LKS_STR_NULL, "synthetic", LKS_STR_NULL, b->synthetic);
    lks_stix_id(b, "extension-definition", LKS_STR_NULL, "finding", LKS_STR_NULL, b->extension);
    lks_json_object(json, NULL);
    lks_json_string(json, "type", LKS_STR("bundle"));
    lks_json_text(json, "id", id);
    lks_json_array(json, "objects");
    frame_put(b);
    if (b->results->findings_count)
        extension_put(b);
    for (size_t i = 0; i < lks_disarm_techniques_count; i++)
        if (is_shown(b->results, lks_disarm_techniques[i].id))
            technique_put(b, &lks_disarm_techniques[i]);
    for (uint32_t f = 0; f < b->results->findings_count; f++)
        lks_stix_finding(b, &b->results->findings[f]);
    report_put(b);
    lks_json_array_end(json);
    lks_json_object_end(json);
}

int lks_stix_write(const struct lks_results *results, const struct lks_stix_options *options,
                   const char *path, struct lks_error *err)
{
    struct lks_stix b = {.results = results, .options = {.tlp = LKS_TLP_AMBER}};
    struct lks_writer writer;
    if (options)
        b.options = *options;
    LKS_ASSERT(b.options.tlp < LKS_TLPS_COUNT);
    int code = lks_writer_open(&writer, path, err);
    if (code)
        return code;
    time_text(b.options.created_us ? b.options.created_us : results->last_us, b.created);
    lks_json_stream_start(&b.stream, &writer, 1);
    document_put(&b);
    code = lks_json_stream_finish(&b.stream, err);
    if (code == 0 && (b.failed || b.refs.failed))
        code = lks_error_set(err, LKS_EMEMORY, "%s: out of memory", path);
    lks_buffer_free(&b.refs);
    if (code) {
        lks_writer_abandon(&writer);
        return code;
    }
    lks_writer_text(&writer, "\n");
    return lks_writer_commit(&writer, err);
}
