/* bundle_words.c - what the answer says in words: answer.json, and the manifest that is signed */
#include <stdio.h>
#include <stdlib.h>

#include "base/json_write.h"
#include "base/writer.h"
#include "custody/manifest.h"
#include "evidence/bundle.h"
#include "vault/disk.h"

static int path_of(const char *folder, const char *name, char out[LKS_CASE_PATH_BYTES],
                   struct lks_error *err)
{
    if (snprintf(out, LKS_CASE_PATH_BYTES, "%s/%s", folder, name) >= LKS_CASE_PATH_BYTES)
        return lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
    return 0;
}

static int text_put(const char *folder, const char *name, struct lks_buffer *text,
                    struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    struct lks_writer writer;
    int code = text->failed ? lks_error_set(err, LKS_EMEMORY, "out of memory for the answer")
                            : path_of(folder, name, path, err);
    if (code == 0)
        code = lks_writer_open(&writer, path, err);
    if (code)
        return code;
    lks_writer_put(&writer, text->data, text->size_bytes);
    return lks_writer_commit(&writer, err);
}

/* ---- answer.json ---- */

static void list_put(struct lks_json *json, const char *key, const struct lks_str *items,
                     size_t count)
{
    lks_json_array(json, key);
    for (size_t i = 0; i < count; i++)
        lks_json_string(json, NULL, items[i]);
    lks_json_array_end(json);
}

/* Accounts that were asked for by name are told back only where accounts stand by their names. */
static void scope_put(struct lks_json *json, const struct lks_bundle *bundle)
{
    const struct lks_hold_scope *scope = &bundle->entry->scope;
    lks_json_object(json, "scope");
    list_put(json, "platforms", scope->platforms, scope->platforms_count);
    if (bundle->profile.pseudonyms)
        lks_json_uint(json, "accounts_named", scope->accounts_count);
    else
        list_put(json, "accounts", scope->accounts, scope->accounts_count);
    list_put(json, "terms", scope->terms, scope->terms_count);
    lks_json_time(json, "from", scope->from_us);
    lks_json_time(json, "to", scope->to_us);
    lks_json_array(json, "kinds");
    for (int i = 0; i < LKS_ANSWER_RECORDS_COUNT; i++)
        if (!scope->kinds || scope->kinds & 1u << i)
            lks_json_text(json, NULL, lks_answer_file_names[i]);
    lks_json_array_end(json);
    lks_json_object_end(json);
}

/* What answers a question: how many records, which findings, which files. */
static void question_put(struct lks_json *json, const struct lks_bundle *bundle, size_t question)
{
    const struct lks_request_reply *reply = &bundle->entry->replies[question];
    lks_json_object(json, NULL);
    lks_json_uint(json, "question", question + 1);
    lks_json_string(json, "text", reply->said.text);
    lks_json_string(json, "answer", reply->said.answer);
    lks_json_string(json, "missing", reply->said.missing);
    lks_json_uint(json, "leaf", reply->leaf);
    lks_json_object(json, "records");
    for (int i = 0; i < LKS_ANSWER_RECORDS_COUNT; i++)
        if (reply->kinds & 1u << i)
            lks_json_uint(json, lks_answer_file_names[i], bundle->counts[i]);
    lks_json_object_end(json);
    list_put(json, "findings", reply->findings, reply->findings_count);
    list_put(json, "files", reply->files, reply->files_count);
    lks_json_object_end(json);
}

static void corrects_put(struct lks_json *json, const struct lks_bundle *bundle)
{
    const struct lks_request_answer *before = &bundle->entry->answers[bundle->number - 1];
    lks_json_object(json, "corrects");
    lks_json_uint(json, "number", before->number);
    lks_json_uint(json, "leaf", before->leaf);
    lks_json_string(json, "tagmanifest_sha256", before->digest);
    lks_json_object_end(json);
    lks_json_string(json, "why", bundle->why);
}

static void frozen_put(struct lks_json *json, const struct lks_bundle *bundle,
                       const struct lks_vault *vault)
{
    lks_json_object(json, "log");
    lks_json_text(json, "origin", lks_vault_verifier(vault)->name);
    lks_json_uint(json, "size", bundle->frozen + 1);
    lks_json_uint(json, "frozen", bundle->frozen);
    lks_json_uint(json, "first", bundle->first);
    lks_json_time(json, "time", bundle->frozen_us);
    lks_json_object_end(json);
    lks_json_object(json, "records");
    for (int i = 0; i < LKS_ANSWER_RECORDS_COUNT; i++)
        lks_json_uint(json, lks_answer_file_names[i], bundle->counts[i]);
    lks_json_object_end(json);
    lks_json_object(json, "left_out");
    lks_json_uint(json, "posts_without_text", bundle->without_text);
    lks_json_uint(json, "payments_without_account", bundle->without_account);
    lks_json_object_end(json);
}

static void profile_put(struct lks_json *json, struct lks_bundle *bundle)
{
    struct lks_buffer lines = {0};
    lks_json_text(json, "profile", lks_recipient_names[bundle->profile.recipient]);
    lks_profile_describe(&bundle->profile, &lines);
    lks_json_array(json, "shown");
    struct lks_str rest = {lines.data, lines.size_bytes}, line;
    while (lks_line_next(&rest, &line))
        lks_json_string(json, NULL, line);
    lks_json_array_end(json);
    json->buffer->failed |= lines.failed;
    lks_buffer_free(&lines);
}

static int answer_json(struct lks_bundle *bundle, const struct lks_vault *vault, const char *folder,
                       struct lks_error *err)
{
    struct lks_buffer text = {0};
    struct lks_json json = {.buffer = &text, .indent = 2};
    lks_json_object(&json, NULL);
    lks_json_string(&json, "request", bundle->request->id);
    lks_json_uint(&json, "number", bundle->number);
    if (bundle->number)
        corrects_put(&json, bundle);
    lks_json_text(&json, "program", lks_version());
    lks_json_bool(&json, "synthetic", bundle->synthetic);
    lks_json_string(&json, "authority", bundle->request->authority);
    lks_json_string(&json, "basis", bundle->entry->basis);
    lks_json_string(&json, "legal_basis", bundle->request->legal_basis);
    lks_json_time(&json, "received", bundle->request->received_us);
    lks_json_time(&json, "due", bundle->request->due_us);
    lks_json_text(&json, "run", bundle->run);
    profile_put(&json, bundle);
    frozen_put(&json, bundle, vault);
    scope_put(&json, bundle);
    lks_json_array(&json, "questions");
    for (size_t i = 0; i < bundle->request->questions_count; i++)
        question_put(&json, bundle, i);
    lks_json_array_end(&json);
    lks_json_object_end(&json);
    lks_buffer_byte(&text, '\n');
    int code = text_put(folder, LKS_ANSWER_JSON, &text, err);
    lks_buffer_free(&text);
    return code;
}

/* A file that a reply names must be in the bag. */
static int files_check(const struct lks_bundle *bundle, const char *folder, struct lks_error *err)
{
    for (size_t i = 0; i < bundle->request->questions_count; i++) {
        const struct lks_request_reply *reply = &bundle->entry->replies[i];
        for (size_t k = 0; k < reply->files_count; k++) {
            char path[LKS_CASE_PATH_BYTES];
            FILE *file = NULL;
            if (snprintf(path, sizeof path, "%s/data/%s", folder, reply->files[k].data) <
                (int)sizeof path)
                file = fopen(path, "rbe");
            if (!file)
                return lks_error_set(err, LKS_EARGUMENT,
                                     "the reply to question %zu names the file %s, which the bag "
                                     "has not",
                                     i + 1, reply->files[k].data);
            fclose(file);
        }
    }
    return 0;
}

int lks_bundle_words(struct lks_bundle *bundle, const struct lks_vault *vault, const char *folder,
                     struct lks_error *err)
{
    struct lks_buffer text = {0};
    int code = answer_json(bundle, vault, folder, err);
    if (code == 0)
        code = files_check(bundle, folder, err);
    lks_bundle_readme(bundle, &text);
    if (code == 0)
        code = text_put(folder, LKS_ANSWER_README, &text, err);
    lks_buffer_free(&text);
    return code;
}

/* ---- the manifest ---- */

static int predicate_make(const struct lks_bundle *bundle, const struct lks_vault *vault,
                          struct lks_buffer *out, struct lks_error *err)
{
    struct lks_canon canon = {0};
    lks_canon_object(&canon, NULL);
    lks_canon_string(&canon, "request", bundle->request->id);
    lks_canon_int(&canon, "number", bundle->number);
    lks_canon_text(&canon, "run", bundle->run);
    lks_canon_text(&canon, "profile", lks_recipient_names[bundle->profile.recipient]);
    lks_canon_text(&canon, "program", lks_version());
    lks_canon_object(&canon, "log");
    lks_canon_text(&canon, "origin", lks_vault_verifier(vault)->name);
    lks_canon_int(&canon, "size", (int64_t)bundle->frozen + 1);
    lks_canon_end(&canon);
    lks_canon_object(&canon, "records");
    for (int i = 0; i < LKS_ANSWER_RECORDS_COUNT; i++)
        lks_canon_int(&canon, lks_answer_file_names[i], (int64_t)bundle->counts[i]);
    lks_canon_end(&canon);
    if (bundle->number) {
        const struct lks_request_answer *before = &bundle->entry->answers[bundle->number - 1];
        lks_canon_object(&canon, "corrects");
        lks_canon_int(&canon, "leaf", (int64_t)before->leaf);
        lks_canon_string(&canon, "tagmanifest_sha256", before->digest);
        lks_canon_end(&canon);
    }
    return lks_canon_finish(&canon, out) ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}

int lks_bundle_manifest(struct lks_bundle *bundle, const struct lks_vault *vault,
                        const char *folder, struct lks_error *err)
{
    struct lks_buffer predicate = {0}, envelope = {0};
    const struct lks_signing_key *key = lks_vault_key(vault);
    int code = predicate_make(bundle, vault, &predicate, err);
    if (code == 0)
        code = lks_manifest_make(folder, "data", LKS_ANSWER_MANIFEST_PREDICATE,
                                 (struct lks_str){predicate.data, predicate.size_bytes},
                                 lks_vault_verifier(vault), &key, 1, &envelope, err);
    if (code == 0)
        code = text_put(folder, LKS_ANSWER_MANIFEST, &envelope, err);
    lks_buffer_free(&predicate);
    lks_buffer_free(&envelope);
    return code;
}
