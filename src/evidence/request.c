/* request.c - the register of requests as the library gives it: receive, reply, receipt */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "case/moment.h"
#include "evidence/answer.h"
#include "evidence/request_parts.h"
#include "vault/disk.h"

enum { LIST_MAX = 10000, TEXT_BYTES_MAX = 64 * 1024 };
#define DOCUMENT_BYTES_MAX ((size_t)1 << 30)

int64_t lks_request_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * LKS_SECOND_US + now.tv_nsec / 1000;
}

/* The vault is made by the first file, or here: a request may arrive before any data. */
int lks_request_case_check(const char *case_path, struct lks_error *err)
{
    struct stat status;
    if (stat(case_path, &status) != 0 || !S_ISDIR(status.st_mode))
        return lks_error_set(err, LKS_EMISSING, "%s is no case", case_path);
    return 0;
}

/* ---- options ---- */

static int text_check(const char *what, const char *text, int needed, struct lks_error *err)
{
    size_t size = text ? strlen(text) : 0;
    if (needed && !size)
        return lks_error_set(err, LKS_EARGUMENT, "a request needs %s", what);
    if (size > TEXT_BYTES_MAX)
        return lks_error_set(err, LKS_EARGUMENT, "%s is longer than 64 KiB", what);
    return 0;
}

static int list_take(const char *what, const char *const *items, size_t count,
                     struct lks_arena *arena, const struct lks_str **out, size_t *count_out,
                     struct lks_error *err)
{
    struct lks_str *list =
        count <= LIST_MAX ? lks_arena_calloc(arena, count + 1, sizeof *list) : NULL;
    if (count > LIST_MAX)
        return lks_error_set(err, LKS_EARGUMENT, "more than 10,000 %s", what);
    if (!list)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; i < count; i++) {
        list[i] = lks_str_from(items[i]);
        if (!list[i].size_bytes || strchr(items[i], '\n') || list[i].size_bytes > TEXT_BYTES_MAX)
            return lks_error_set(err, LKS_EARGUMENT, "one of the %s is empty or not one line",
                                 what);
    }
    *out = list;
    *count_out = count;
    return 0;
}

int lks_request_kinds_parse(const char *text, unsigned *kinds_out, struct lks_error *err)
{
    const unsigned known = LKS_HELD_POSTS | LKS_HELD_ACCOUNTS | LKS_HELD_PAYMENTS;
    *kinds_out = 0;
    for (const char *at = text; at && *at;) {
        size_t size = strcspn(at, ",");
        unsigned kind = lks_held_kind_parse((struct lks_str){at, size});
        if (!(kind & known))
            return lks_error_set(err, LKS_EARGUMENT,
                                 "'%.*s' is none of posts, accounts and payments", (int)size, at);
        *kinds_out |= kind;
        at += size;
        at += *at == ',';
    }
    return 0;
}

static int scope_take(const struct lks_request_scope *options, struct lks_arena *arena,
                      struct lks_hold_scope *scope, struct lks_error *err)
{
    int code = list_take("platforms", options->platforms, options->platforms_count, arena,
                         &scope->platforms, &scope->platforms_count, err);
    if (code == 0)
        code = list_take("accounts", options->accounts, options->accounts_count, arena,
                         &scope->accounts, &scope->accounts_count, err);
    if (code == 0)
        code = list_take("terms", options->terms, options->terms_count, arena, &scope->terms,
                         &scope->terms_count, err);
    scope->from_us = scope->to_us = LKS_TIME_NULL;
    if (code == 0 && options->from)
        code = lks_moment_parse_edge(options->from, 0, &scope->from_us, err);
    if (code == 0 && options->to)
        code = lks_moment_parse_edge(options->to, 1, &scope->to_us, err);
    if (code == 0)
        code = lks_request_kinds_parse(options->kinds, &scope->kinds, err);
    if (code == 0 && scope->from_us != LKS_TIME_NULL && scope->to_us != LKS_TIME_NULL &&
        scope->to_us < scope->from_us)
        return lks_error_set(err, LKS_EARGUMENT, "the scope ends before it begins");
    return code;
}

/* The SHA-256 of the document, of the file or as it was given. */
static int document_take(const char *path, const char *sha256, char hex[LKS_SHA256_HEX_BYTES],
                         struct lks_error *err)
{
    struct lks_buffer bytes = {0};
    unsigned char digest[LKS_SHA256_BYTES];
    hex[0] = '\0';
    if (path && sha256)
        return lks_error_set(err, LKS_EARGUMENT, "give the document or its SHA-256, not both");
    if (sha256) {
        if (strlen(sha256) != 64 || strspn(sha256, "0123456789abcdef") != 64)
            return lks_error_set(err, LKS_EARGUMENT, "'%.80s' is no SHA-256 of 64 small hex digits",
                                 sha256);
        memcpy(hex, sha256, LKS_SHA256_HEX_BYTES);
    }
    if (!path)
        return 0;
    int code = lks_disk_get(path, DOCUMENT_BYTES_MAX, &bytes, err);
    if (code == 0) {
        lks_sha256_of(bytes.data, bytes.size_bytes, digest);
        lks_sha256_hex(digest, hex);
    }
    lks_buffer_free(&bytes);
    return code;
}

/* ---- receive ---- */

static void notice_tell(const struct lks_moment *moment, const struct lks_control *control)
{
    if (moment->notice[0] && control && control->notice)
        control->notice(control->context, moment->notice);
}

static int id_check(const char *id, struct lks_error *err)
{
    size_t size = strlen(id);
    if (!size || size > 32 ||
        strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != size ||
        id[0] == '-')
        return lks_error_set(err, LKS_EARGUMENT,
                             "a request's name has letters, digits, - and _, 32 at most");
    return 0;
}

/* All that a request says, checked; strings are the options' or in the arena. */
struct taken {
    struct lks_request request;
    struct lks_request_entry entry;
    struct lks_moment received, due;
    char hex[LKS_SHA256_HEX_BYTES], id[40];
    struct lks_arena arena;
};

static int words_take(const struct lks_request_receive_options *options, struct taken *taken,
                      struct lks_error *err)
{
    const struct lks_request_basis *basis =
        lks_request_basis_find(lks_str_from(options->basis ? options->basis : ""));
    if (!basis)
        return lks_error_set(err, LKS_EARGUMENT,
                             "the basis is one of dsa-67, dsa-40, dsa-72 and other");
    int other = strcmp(basis->name, "other") == 0;
    int code = text_check("an authority", options->authority, 1, err);
    if (code == 0)
        code = text_check("its legal basis in words", options->legal_basis, other, err);
    if (code == 0 && (options->questions_count < 1 || options->questions_count > LKS_QUESTIONS_MAX))
        code = lks_error_set(err, LKS_EARGUMENT, "a request asks 1 to 200 questions");
    for (size_t i = 0; code == 0 && i < options->questions_count; i++)
        code = text_check("questions that say something", options->questions[i], 1, err);
    if (code)
        return code;
    taken->request.questions =
        lks_arena_calloc(&taken->arena, options->questions_count, sizeof *taken->request.questions);
    if (!taken->request.questions)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    taken->request.questions_count = options->questions_count;
    for (size_t i = 0; i < options->questions_count; i++)
        taken->request.questions[i].text = lks_str_from(options->questions[i]);
    taken->request.authority = lks_str_from(options->authority);
    taken->request.legal_basis =
        lks_str_from(options->legal_basis ? options->legal_basis : basis->title);
    taken->entry.basis = lks_str_from(basis->name);
    return 0;
}

static int receive_take(const struct lks_request_receive_options *options,
                        const struct lks_control *control, struct taken *taken,
                        struct lks_error *err)
{
    int64_t now_us = lks_request_now();
    int code = words_take(options, taken, err);
    if (code == 0)
        code = scope_take(&options->scope, &taken->arena, &taken->entry.scope, err);
    if (code == 0)
        code = document_take(options->document, options->document_sha256, taken->hex, err);
    if (code == 0 && !options->due)
        code = lks_error_set(err, LKS_EARGUMENT, "when is the answer due?");
    if (code == 0)
        code = lks_moment_parse(options->received ? options->received : "now", LKS_TIME_NULL,
                                now_us, &taken->received, err);
    if (code == 0 && taken->received.time_us > now_us)
        code = lks_error_set(err, LKS_EARGUMENT, "'%.100s' is still to come", options->received);
    if (code == 0)
        code = lks_moment_parse(options->due, taken->received.time_us, now_us, &taken->due, err);
    if (code)
        return code;
    notice_tell(&taken->received, control);
    notice_tell(&taken->due, control);
    /* A span has no zone of its own: the clock is the one by which it was received. */
    int64_t span_us;
    int is_span = lks_span_parse(lks_str_from(options->due), &span_us) == 0;
    taken->entry.zone = lks_str_from(is_span ? taken->received.zone : taken->due.zone);
    taken->request.received_us = taken->received.time_us;
    taken->request.due_us = taken->due.time_us;
    if (taken->hex[0])
        taken->request.document_sha256 = lks_str_from(taken->hex);
    return 0;
}

static void receive_tell(const struct taken *taken, uint64_t leaf, int as_json,
                         struct lks_buffer *out)
{
    char due[LKS_MOMENT_TEXT_BYTES], left[LKS_CLOCK_TEXT_BYTES];
    struct lks_request_clock clock = lks_request_clock_at(&taken->request, lks_request_now());
    lks_moment_format(taken->request.due_us, taken->entry.zone.data, due);
    lks_request_clock_text(clock.left_us, left);
    if (as_json) {
        struct lks_json json = {.buffer = out};
        lks_json_object(&json, NULL);
        lks_json_text(&json, "request", taken->id);
        lks_json_uint(&json, "leaf", leaf);
        lks_json_time(&json, "received", taken->request.received_us);
        lks_json_time(&json, "due", taken->request.due_us);
        lks_json_object_end(&json);
        lks_buffer_byte(out, '\n');
        return;
    }
    lks_buffer_format(out,
                      "Request %s is received (entry %llu of the log), %zu question%s.\n"
                      "Due %s: %s.\n",
                      taken->id, (unsigned long long)leaf, taken->request.questions_count,
                      taken->request.questions_count == 1 ? "" : "s", due, left);
}

int lks_request_receive(const char *case_path, const struct lks_request_receive_options *options,
                        int as_json, const struct lks_control *control, char **text_out,
                        struct lks_error *err)
{
    struct taken taken = {.id = ""};
    struct lks_request_register list = {.entries = NULL};
    struct lks_vault *vault = NULL;
    struct lks_buffer text = {0};
    uint64_t leaf = 0;
    int code = lks_request_case_check(case_path, err);
    if (code == 0 && options->id)
        code = id_check(options->id, err);
    if (code == 0)
        code = receive_take(options, control, &taken, err);
    if (code == 0)
        code = lks_vault_open(case_path, control, NULL, &vault, err);
    if (code == 0)
        code = lks_request_register_read(case_path, &list, err);
    if (code == 0) {
        if (options->id)
            snprintf(taken.id, sizeof taken.id, "%s", options->id);
        else
            lks_request_register_name(&list, taken.id);
        taken.request.id = lks_str_from(taken.id);
        code = lks_requests_receive(&list.requests, &taken.request, err);
    }
    taken.request.answered_us = taken.request.receipt_us = LKS_TIME_NULL;
    if (code == 0)
        code = lks_request_receive_record(vault, &taken.request, &taken.entry, &leaf, err);
    if (code == 0)
        code = lks_vault_commit(vault, err);
    lks_vault_close(vault);
    if (code == 0) {
        receive_tell(&taken, leaf, as_json, &text);
        code = lks_answer_give(&text, code, text_out, err);
    }
    lks_request_register_free(&list);
    lks_arena_free(&taken.arena);
    return code;
}

/* ---- reply ---- */

static int files_check(const struct lks_str *files, size_t count, struct lks_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (files[i].data[0] == '/' || strstr(files[i].data, "..") || files[i].size_bytes > 200)
            return lks_error_set(err, LKS_EARGUMENT,
                                 "'%.200s' is no file of the bag: write it from data/ on, like "
                                 "findings/report.html",
                                 files[i].data);
    return 0;
}

static int reply_make(const struct lks_request_reply_options *options, struct lks_arena *arena,
                      struct lks_request_reply *reply, struct lks_error *err)
{
    int code = text_check("an answer", options->answer, 0, err);
    if (code == 0)
        code = text_check("what is missing", options->missing, 0, err);
    if (code == 0 && !(options->answer && *options->answer) &&
        !(options->missing && *options->missing))
        code = lks_error_set(err, LKS_EARGUMENT,
                             "a reply is an answer, or says what is missing and why");
    if (code == 0)
        code = lks_request_kinds_parse(options->records, &reply->kinds, err);
    if (code == 0)
        code = list_take("findings", options->findings, options->findings_count, arena,
                         &reply->findings, &reply->findings_count, err);
    if (code == 0)
        code = list_take("files", options->files, options->files_count, arena, &reply->files,
                         &reply->files_count, err);
    if (code == 0)
        code = files_check(reply->files, reply->files_count, err);
    if (code)
        return code;
    reply->said.answer =
        options->answer && *options->answer ? lks_str_from(options->answer) : LKS_STR_NULL;
    reply->said.missing =
        options->missing && *options->missing ? lks_str_from(options->missing) : LKS_STR_NULL;
    return 0;
}

/* A correction is given for the next amendment, whatever the register of the answered says. */
static int reply_apply(struct lks_request_register *list, const struct lks_request *request,
                       const struct lks_request_entry *entry, size_t question,
                       struct lks_request_reply *reply, struct lks_error *err)
{
    reply->number = (unsigned)entry->answers_count;
    if (question >= request->questions_count)
        return lks_error_set(err, LKS_EARGUMENT, "request %s asks %zu question%s", request->id.data,
                             request->questions_count, request->questions_count == 1 ? "" : "s");
    return reply->number ? 0
                         : lks_requests_reply(&list->requests, request->id, question,
                                              reply->said.answer, reply->said.missing, err);
}

static void leaf_tell(const char *format_text, const char *id, unsigned question, uint64_t leaf,
                      int as_json, struct lks_buffer *out)
{
    if (as_json)
        lks_buffer_format(out, "{\"request\":\"%s\",\"question\":%u,\"leaf\":%llu}\n", id, question,
                          (unsigned long long)leaf);
    else
        lks_buffer_format(out, "Request %s, %s %u: entry %llu of the log.\n", id, format_text,
                          question, (unsigned long long)leaf);
}

int lks_request_reply(const char *case_path, const struct lks_request_reply_options *options,
                      int as_json, const struct lks_control *control, char **text_out,
                      struct lks_error *err)
{
    struct lks_request_register list = {.entries = NULL};
    const struct lks_request *request;
    const struct lks_request_entry *entry;
    struct lks_request_reply reply = {.kinds = 0};
    struct lks_arena arena = {0};
    struct lks_vault *vault = NULL;
    struct lks_buffer text = {0};
    uint64_t leaf = 0;
    int code = lks_request_case_check(case_path, err);
    if (code == 0)
        code = reply_make(options, &arena, &reply, err);
    if (code == 0 && !options->question)
        code = lks_error_set(err, LKS_EARGUMENT, "which question? They are numbered from 1");
    if (code == 0)
        code = lks_vault_open(case_path, control, NULL, &vault, err);
    if (code == 0)
        code = lks_request_register_read(case_path, &list, err);
    if (code == 0)
        code = lks_request_register_find(&list, options->id, &request, &entry, err);
    if (code == 0)
        code = reply_apply(&list, request, entry, options->question - 1, &reply, err);
    if (code == 0)
        code =
            lks_request_reply_record(vault, request->id, options->question - 1, &reply, &leaf, err);
    if (code == 0)
        code = lks_vault_commit(vault, err);
    lks_vault_close(vault);
    if (code == 0) {
        leaf_tell(reply.number ? "corrected reply to question" : "reply to question", options->id,
                  options->question, leaf, as_json, &text);
        code = lks_answer_give(&text, code, text_out, err);
    }
    lks_request_register_free(&list);
    lks_arena_free(&arena);
    return code;
}

/* ---- receipt ---- */

int lks_request_receipt(const char *case_path, const char *id, const char *document,
                        const char *document_sha256, const char *note, int as_json,
                        const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct lks_request_register list = {.entries = NULL};
    const struct lks_request *request;
    const struct lks_request_entry *entry;
    struct lks_vault *vault = NULL;
    struct lks_buffer text = {0};
    char hex[LKS_SHA256_HEX_BYTES];
    uint64_t leaf = 0;
    unsigned number = 0;
    int code = lks_request_case_check(case_path, err);
    if (code == 0)
        code = text_check("a note", note, 0, err);
    if (code == 0)
        code = document_take(document, document_sha256, hex, err);
    if (code == 0)
        code = lks_vault_open(case_path, control, NULL, &vault, err);
    if (code == 0)
        code = lks_request_register_read(case_path, &list, err);
    if (code == 0)
        code = lks_request_register_find(&list, id, &request, &entry, err);
    if (code == 0)
        code = lks_requests_receipt(&list.requests, request->id, lks_vault_now(vault), err);
    if (code == 0) {
        const struct lks_request_answer *answer = &entry->answers[entry->answers_count - 1];
        number = answer->number;
        code = lks_request_receipt_record(vault, request->id, answer->leaf,
                                          hex[0] ? lks_str_from(hex) : LKS_STR_NULL,
                                          lks_str_from(note), &leaf, err);
    }
    if (code == 0)
        code = lks_vault_commit(vault, err);
    lks_vault_close(vault);
    if (code == 0) {
        if (as_json)
            lks_buffer_format(&text, "{\"request\":\"%s\",\"answer\":%u,\"leaf\":%llu}\n", id,
                              number, (unsigned long long)leaf);
        else
            lks_buffer_format(&text, "Request %s is confirmed: entry %llu of the log.\n", id,
                              (unsigned long long)leaf);
        code = lks_answer_give(&text, code, text_out, err);
    }
    lks_request_register_free(&list);
    return code;
}
