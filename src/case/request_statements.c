/* request_statements.c - requests written to the log; the members are in requests.h */
#include <stdio.h>

#include "case/requests.h"

const struct lks_request_basis lks_request_bases[] = {
    {"dsa-67", "Regulation (EU) 2022/2065, Article 67"},
    {"dsa-40", "Regulation (EU) 2022/2065, Article 40"},
    {"dsa-72", "Regulation (EU) 2022/2065, Article 72"},
    {"other", "another legal basis"},
};
const size_t lks_request_bases_count = sizeof lks_request_bases / sizeof *lks_request_bases;

const struct lks_request_basis *lks_request_basis_find(struct lks_str name)
{
    for (size_t i = 0; i < lks_request_bases_count; i++)
        if (lks_str_equal_text(name, lks_request_bases[i].name))
            return &lks_request_bases[i];
    return NULL;
}

static void start(struct lks_vault *vault, struct lks_statement_writer *writer, const char *action,
                  struct lks_str id)
{
    lks_vault_start(vault, writer, LKS_STATEMENT_REQUEST);
    lks_canon_text(&writer->canon, "action", action);
    lks_canon_string(&writer->canon, "id", id);
}

static void list_put(struct lks_canon *canon, const char *name, const struct lks_str *items,
                     size_t count)
{
    if (!count)
        return;
    lks_canon_array(canon, name);
    for (size_t i = 0; i < count; i++)
        lks_canon_string(canon, NULL, items[i]);
    lks_canon_end(canon);
}

static void kinds_put(struct lks_canon *canon, unsigned kinds)
{
    if (!kinds)
        return;
    lks_canon_array(canon, "kinds");
    for (unsigned bit = 1; bit <= LKS_HELD_ALL; bit <<= 1)
        if (kinds & bit)
            lks_canon_text(canon, NULL, lks_held_kind_name(bit));
    lks_canon_end(canon);
}

static void time_put(struct lks_canon *canon, const char *name, int64_t time_us)
{
    char text[LKS_TIME_TEXT_BYTES];
    if (time_us == LKS_TIME_NULL)
        return;
    lks_time_format(time_us, text);
    lks_canon_text(canon, name, text);
}

/* A list of texts that hold no line end, as one hidden value. */
static int list_hide(struct lks_statement_writer *writer, const char *name,
                     const struct lks_str *items, size_t count, struct lks_error *err)
{
    struct lks_buffer lines = {0};
    for (size_t i = 0; i < count; i++) {
        if (i)
            lks_buffer_byte(&lines, '\n');
        lks_buffer_append(&lines, items[i].data, items[i].size_bytes);
    }
    if (count && !lines.failed)
        lks_statement_hide(writer, name, (struct lks_str){lines.data, lines.size_bytes});
    int failed = lines.failed;
    lks_buffer_free(&lines);
    return failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}

static int scope_put(struct lks_statement_writer *writer, const struct lks_hold_scope *scope,
                     struct lks_error *err)
{
    lks_canon_object(&writer->canon, "scope");
    list_put(&writer->canon, "platforms", scope->platforms, scope->platforms_count);
    kinds_put(&writer->canon, scope->kinds);
    time_put(&writer->canon, "from", scope->from_us);
    time_put(&writer->canon, "to", scope->to_us);
    lks_canon_end(&writer->canon);
    int code = list_hide(writer, "scope.accounts", scope->accounts, scope->accounts_count, err);
    return code ? code : list_hide(writer, "scope.terms", scope->terms, scope->terms_count, err);
}

int lks_request_receive_record(struct lks_vault *vault, const struct lks_request *request,
                               const struct lks_request_entry *entry, uint64_t *leaf_out,
                               struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    char name[32];
    start(vault, &writer, "receive", request->id);
    lks_canon_string(&writer.canon, "basis", entry->basis);
    lks_canon_string(&writer.canon, "zone", entry->zone);
    time_put(&writer.canon, "received", request->received_us);
    time_put(&writer.canon, "due", request->due_us);
    lks_canon_int(&writer.canon, "questions", (int64_t)request->questions_count);
    lks_statement_hide(&writer, "authority", request->authority);
    lks_statement_hide(&writer, "legal_basis", request->legal_basis);
    lks_statement_hide(&writer, "document_sha256", request->document_sha256);
    for (size_t i = 0; i < request->questions_count; i++) {
        snprintf(name, sizeof name, "question.%zu", i + 1);
        lks_statement_hide(&writer, name, request->questions[i].text);
    }
    int code = scope_put(&writer, &entry->scope, err);
    if (code) {
        lks_statement_abandon(&writer);
        return code;
    }
    return lks_vault_record(vault, &writer, leaf_out, err);
}

int lks_request_reply_record(struct lks_vault *vault, struct lks_str id, size_t question,
                             const struct lks_request_reply *reply, uint64_t *leaf_out,
                             struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    start(vault, &writer, "reply", id);
    lks_canon_int(&writer.canon, "question", (int64_t)question + 1);
    lks_canon_int(&writer.canon, "number", reply->number);
    kinds_put(&writer.canon, reply->kinds);
    list_put(&writer.canon, "findings", reply->findings, reply->findings_count);
    list_put(&writer.canon, "files", reply->files, reply->files_count);
    lks_statement_hide(&writer, "answer", reply->said.answer);
    lks_statement_hide(&writer, "missing", reply->said.missing);
    return lks_vault_record(vault, &writer, leaf_out, err);
}

int lks_request_answer_record(struct lks_vault *vault, struct lks_str id,
                              const struct lks_request_answer *answer,
                              const struct lks_request_answer *before, uint64_t *leaf_out,
                              struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    start(vault, &writer, before ? "amend" : "answer", id);
    lks_canon_int(&writer.canon, "number", answer->number);
    lks_canon_string(&writer.canon, "run", answer->run);
    lks_canon_string(&writer.canon, "profile", answer->profile);
    lks_canon_int(&writer.canon, "frozen", (int64_t)answer->frozen);
    lks_canon_int(&writer.canon, "size", (int64_t)answer->size);
    lks_canon_string(&writer.canon, "digest", answer->digest);
    list_put(&writer.canon, "anchors", answer->anchors, answer->anchors_count);
    if (before) {
        lks_canon_object(&writer.canon, "corrects");
        lks_canon_int(&writer.canon, "leaf", (int64_t)before->leaf);
        lks_canon_string(&writer.canon, "digest", before->digest);
        lks_canon_end(&writer.canon);
        lks_statement_hide(&writer, "why", answer->why);
    }
    return lks_vault_record(vault, &writer, leaf_out, err);
}

int lks_request_receipt_record(struct lks_vault *vault, struct lks_str id, uint64_t answer_leaf,
                               struct lks_str document_sha256, struct lks_str note,
                               uint64_t *leaf_out, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    start(vault, &writer, "receipt", id);
    lks_canon_int(&writer.canon, "answers", (int64_t)answer_leaf);
    lks_statement_hide(&writer, "document_sha256", document_sha256);
    lks_statement_hide(&writer, "note", note);
    return lks_vault_record(vault, &writer, leaf_out, err);
}
