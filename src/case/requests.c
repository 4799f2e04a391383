/* requests.c - the requests of a case, read back from its log
 *
 * An answer puts a statement into the log for each record, so that a log is mostly those. They are
 * passed over by their bytes: a statement is canonical JSON, in which the text "kind":"request" can
 * stand nowhere but where it is a member, for inside of strings quotes are escaped. What is left is
 * read in spans, with its hidden values. */
#include "case/requests.h"

#include <stdio.h>
#include <stdlib.h>

#include "case/answer_layout.h"
#include "case/entries.h"

enum { SPAN_GAP_MAX = 32 };

struct span {
    uint64_t first, end;
};

struct reading {
    struct lks_request_register *list;
    struct span *spans;
    size_t spans_count, spans_room;
    size_t entries_room;
};

/* ---- where the statements stand ---- */

static int bytes_hold(struct lks_str bytes, const char *text)
{
    return memmem(bytes.data, bytes.size_bytes, text, strlen(text)) != NULL;
}

static int span_take(void *context, uint64_t index, struct lks_str bytes, struct lks_error *err)
{
    struct reading *reading = context;
    if (!bytes_hold(bytes, "\"kind\":\"request\"") &&
        !(bytes_hold(bytes, "\"kind\":\"disclose\"") &&
          bytes_hold(bytes, "\"what\":\"" LKS_ANSWER_FROZEN "\"")))
        return 0;
    if (reading->spans_count &&
        index - reading->spans[reading->spans_count - 1].end <= SPAN_GAP_MAX) {
        reading->spans[reading->spans_count - 1].end = index + 1;
        return 0;
    }
    if (reading->spans_count == reading->spans_room) {
        size_t room = reading->spans_room ? 2 * reading->spans_room : 64;
        struct span *more = realloc(reading->spans, room * sizeof *more);
        if (!more)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        reading->spans = more;
        reading->spans_room = room;
    }
    reading->spans[reading->spans_count++] = (struct span){index, index + 1};
    return 0;
}

static int spans_find(const char *case_path, uint64_t end, struct reading *reading,
                      struct lks_error *err)
{
    char folder[LKS_CASE_PATH_BYTES];
    struct lks_verifier verifier;
    struct lks_checkpoint checkpoint;
    struct lks_buffer note = {0};
    int code = lks_vault_path(case_path, NULL, folder, err);
    if (code == 0)
        code = lks_case_verifier(case_path, &verifier, err);
    if (code == 0)
        code = lks_log_checkpoint(folder, &note, err);
    if (code == 0)
        code = lks_checkpoint_open((struct lks_str){note.data, note.size_bytes}, &verifier,
                                   &checkpoint, err);
    if (code == 0 && checkpoint.size)
        code =
            lks_log_entries(folder, checkpoint.size, 0,
                            end < checkpoint.size ? end : checkpoint.size, span_take, reading, err);
    lks_buffer_free(&note);
    return code;
}

/* ---- one statement ---- */

static int unfit(const struct lks_entry *entry, const char *what, struct lks_error *err)
{
    return lks_error_set(err, LKS_EINPUT, "entry %llu of the log, a request: %s",
                         (unsigned long long)entry->index, what);
}

static struct lks_str text_of(struct lks_request_register *list, const struct lks_entry *entry,
                              const char *path)
{
    struct lks_str text;
    lks_statement_text(&entry->statement, path, entry->arena, &text);
    return lks_arena_str(&list->arena, text);
}

static int64_t time_of(const struct lks_entry *entry, const char *path)
{
    struct lks_str text;
    int64_t time_us;
    if (!lks_statement_text(&entry->statement, path, entry->arena, &text) ||
        lks_time_parse_iso(text, &time_us, NULL, NULL) != 0)
        return LKS_TIME_NULL;
    return time_us;
}

/* Copies a list of texts; none at all is count 0. */
static int list_of(struct lks_request_register *list, const struct lks_entry *entry,
                   const char *path, const struct lks_str **out, size_t *count_out)
{
    struct lks_str *items = NULL;
    size_t count = 0;
    *out = NULL;
    *count_out = 0;
    if (!lks_statement_list(&entry->statement, path, entry->arena, &items, &count) || !count)
        return 0;
    struct lks_str *copies = lks_arena_calloc(&list->arena, count, sizeof *copies);
    for (size_t i = 0; copies && i < count; i++)
        if (!(copies[i] = lks_arena_str(&list->arena, items[i])).data)
            return LKS_EMEMORY;
    *out = copies;
    *count_out = count;
    return copies ? 0 : LKS_EMEMORY;
}

/* The lines of a hidden value. */
static int lines_of(struct lks_request_register *list, const struct lks_entry *entry,
                    const char *name, const struct lks_str **out, size_t *count_out)
{
    struct lks_str text = lks_arena_str(&list->arena, lks_entry_value(entry, name));
    size_t count = text.data ? 1 : 0, at = 0;
    for (size_t i = 0; i < text.size_bytes; i++)
        count += text.data[i] == '\n';
    struct lks_str *lines = lks_arena_calloc(&list->arena, count + 1, sizeof *lines);
    if (!lines)
        return LKS_EMEMORY;
    for (const char *start = text.data; at < count; at++) {
        size_t left = text.size_bytes - (size_t)(start - text.data);
        const char *end = memchr(start, '\n', left);
        lines[at] = (struct lks_str){start, end ? (size_t)(end - start) : left};
        start = end ? end + 1 : start + left;
    }
    *out = lines;
    *count_out = count;
    return 0;
}

static unsigned kinds_of(const struct lks_entry *entry, const char *path)
{
    struct lks_str *names;
    size_t count;
    unsigned kinds = 0;
    lks_statement_list(&entry->statement, path, entry->arena, &names, &count);
    for (size_t i = 0; i < count; i++)
        kinds |= lks_held_kind_parse(names[i]);
    return kinds;
}

static int scope_read(struct lks_request_register *list, const struct lks_entry *entry,
                      struct lks_hold_scope *scope)
{
    int code = list_of(list, entry, "scope.platforms", &scope->platforms, &scope->platforms_count);
    if (code == 0)
        code = lines_of(list, entry, "scope.accounts", &scope->accounts, &scope->accounts_count);
    if (code == 0)
        code = lines_of(list, entry, "scope.terms", &scope->terms, &scope->terms_count);
    scope->kinds = kinds_of(entry, "scope.kinds");
    scope->from_us = time_of(entry, "scope.from");
    scope->to_us = time_of(entry, "scope.to");
    return code;
}

static int entry_room(struct reading *reading, struct lks_error *err)
{
    struct lks_request_register *list = reading->list;
    if (list->requests.count < reading->entries_room)
        return 0;
    size_t room = reading->entries_room ? 2 * reading->entries_room : 8;
    struct lks_request_entry *more = realloc(list->entries, room * sizeof *more);
    if (!more)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    list->entries = more;
    reading->entries_room = room;
    return 0;
}

/* A hidden value, or that it is no longer here: its disclosure may have been destroyed. */
static struct lks_str value_or_gone(const struct lks_entry *entry, const char *name)
{
    struct lks_str value = lks_entry_value(entry, name);
    return value.data ? value : LKS_STR("(erased)");
}

static int receive_take(struct reading *reading, const struct lks_entry *entry,
                        struct lks_error *err)
{
    struct lks_request_register *list = reading->list;
    struct lks_request request = {.id = text_of(list, entry, "id"),
                                  .authority = value_or_gone(entry, "authority"),
                                  .legal_basis = value_or_gone(entry, "legal_basis"),
                                  .document_sha256 = lks_entry_value(entry, "document_sha256"),
                                  .received_us = time_of(entry, "received"),
                                  .due_us = time_of(entry, "due")};
    int64_t questions = 0;
    lks_statement_int(&entry->statement, "questions", entry->arena, &questions);
    if (questions < 1 || questions > LKS_QUESTIONS_MAX || request.due_us == LKS_TIME_NULL ||
        request.received_us == LKS_TIME_NULL)
        return unfit(entry, "its questions or times are not there", err);
    request.questions_count = (size_t)questions;
    request.questions =
        lks_arena_calloc(entry->arena, request.questions_count, sizeof *request.questions);
    struct lks_request_entry more = {.leaf = entry->index,
                                     .basis = text_of(list, entry, "basis"),
                                     .zone = text_of(list, entry, "zone")};
    more.replies = lks_arena_calloc(&list->arena, request.questions_count, sizeof *more.replies);
    if (!request.questions || !more.replies || scope_read(list, entry, &more.scope) != 0)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; i < request.questions_count; i++) {
        char name[32];
        snprintf(name, sizeof name, "question.%zu", i + 1);
        request.questions[i].text = value_or_gone(entry, name);
        more.replies[i].said.text = lks_arena_str(&list->arena, request.questions[i].text);
        more.replies[i].leaf = UINT64_MAX;
    }
    int code = entry_room(reading, err);
    if (code == 0)
        code = lks_requests_receive(&list->requests, &request, err);
    if (code == 0)
        list->entries[list->requests.count - 1] = more;
    return code == LKS_EARGUMENT ? LKS_EINPUT : code;
}

static int reply_take(struct lks_request_register *list, const struct lks_entry *entry,
                      const struct lks_request *request, struct lks_request_entry *more,
                      struct lks_error *err)
{
    int64_t question = 0, number = 0;
    struct lks_request_reply reply = {.kinds = kinds_of(entry, "kinds"), .leaf = entry->index};
    lks_statement_int(&entry->statement, "question", entry->arena, &question);
    lks_statement_int(&entry->statement, "number", entry->arena, &number);
    if (question < 1 || (uint64_t)question > request->questions_count || number < 0 ||
        number > INT32_MAX)
        return unfit(entry, "it replies to a question that was not asked", err);
    reply.number = (unsigned)number;
    reply.said.text = more->replies[question - 1].said.text;
    reply.said.answer = lks_arena_str(&list->arena, lks_entry_value(entry, "answer"));
    reply.said.missing = lks_arena_str(&list->arena, lks_entry_value(entry, "missing"));
    if (list_of(list, entry, "findings", &reply.findings, &reply.findings_count) != 0 ||
        list_of(list, entry, "files", &reply.files, &reply.files_count) != 0)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    int code = 0;
    if (number == 0)
        code = lks_requests_reply(&list->requests, request->id, (size_t)question - 1,
                                  reply.said.answer, reply.said.missing, err);
    if (code == 0)
        more->replies[question - 1] = reply;
    return code == LKS_EARGUMENT ? LKS_EINPUT : code;
}

static void answer_read(struct lks_request_register *list, const struct lks_entry *entry,
                        struct lks_request_answer *answer)
{
    int64_t number = 0, frozen = 0, size = 0, first = 0;
    lks_statement_int(&entry->statement, "number", entry->arena, &number);
    lks_statement_int(&entry->statement, "frozen", entry->arena, &frozen);
    lks_statement_int(&entry->statement, "size", entry->arena, &size);
    lks_statement_int(&entry->statement, "first", entry->arena, &first);
    *answer = (struct lks_request_answer){
        .number = (unsigned)number,
        .leaf = entry->index,
        .frozen = (uint64_t)frozen,
        .first = (uint64_t)first,
        .size = (uint64_t)size,
        .time_us = entry->statement.time_us,
        .run = text_of(list, entry, "run"),
        .profile = text_of(list, entry, "profile"),
        .digest = text_of(list, entry, "digest"),
        .why = lks_arena_str(&list->arena, lks_entry_value(entry, "why")),
    };
}

static int answer_take(struct lks_request_register *list, const struct lks_entry *entry, int amends,
                       const struct lks_request *request, struct lks_request_entry *more,
                       struct lks_error *err)
{
    struct lks_request_answer answer;
    answer_read(list, entry, &answer);
    if (answer.number != more->answers_count || amends != (answer.number > 0) ||
        answer.frozen != more->frozen.frozen || answer.number != more->frozen.number)
        return unfit(entry, "an answer does not follow from what stands before it", err);
    answer.first = more->frozen.first;
    if (list_of(list, entry, "anchors", &answer.anchors, &answer.anchors_count) != 0)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    struct lks_request_answer *answers =
        lks_arena_calloc(&list->arena, more->answers_count + 1, sizeof *answers);
    if (!answers)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (more->answers_count)
        memcpy(answers, more->answers, more->answers_count * sizeof *answers);
    int code = amends ? lks_requests_amend(&list->requests, request->id, answer.time_us, err)
                      : lks_requests_answer(&list->requests, request->id, answer.time_us, err);
    if (code)
        return code == LKS_EARGUMENT ? LKS_EINPUT : code;
    answers[more->answers_count++] = answer;
    more->answers = answers;
    return 0;
}

static void frozen_take(struct lks_request_register *list, const struct lks_entry *entry,
                        struct lks_request_entry *more)
{
    answer_read(list, entry, &more->frozen);
    more->frozen.leaf = UINT64_MAX;
    more->frozen.frozen = entry->index;
    more->frozen.size = entry->index + 1;
}

static int entry_take(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct reading *reading = context;
    struct lks_request_register *list = reading->list;
    struct lks_str action, id, what;
    int frozen = entry->statement.kind == LKS_STATEMENT_DISCLOSE &&
                 lks_statement_text(&entry->statement, "what", entry->arena, &what) &&
                 lks_str_equal_text(what, LKS_ANSWER_FROZEN);
    if (entry->statement.kind != LKS_STATEMENT_REQUEST && !frozen)
        return 0;
    lks_statement_text(&entry->statement, frozen ? "request" : "id", entry->arena, &id);
    lks_statement_text(&entry->statement, "action", entry->arena, &action);
    if (!frozen && lks_str_equal_text(action, "receive"))
        return receive_take(reading, entry, err);
    const struct lks_request *request = lks_requests_find(&list->requests, id);
    if (!request)
        return unfit(entry, "it speaks of a request that was not received", err);
    struct lks_request_entry *more = &list->entries[request - list->requests.requests];
    if (frozen) {
        frozen_take(list, entry, more);
        return 0;
    }
    if (lks_str_equal_text(action, "reply"))
        return reply_take(list, entry, request, more, err);
    if (lks_str_equal_text(action, "answer") || lks_str_equal_text(action, "amend"))
        return answer_take(list, entry, lks_str_equal_text(action, "amend"), request, more, err);
    if (!lks_str_equal_text(action, "receipt"))
        return unfit(entry, "its action is not known", err);
    int code = lks_requests_receipt(&list->requests, request->id, entry->statement.time_us, err);
    return code == LKS_EARGUMENT ? LKS_EINPUT : code;
}

/* ---- all of them ---- */

int lks_request_register_read_until(const char *case_path, uint64_t end,
                                    struct lks_request_register *out, struct lks_error *err)
{
    struct reading reading = {.list = out};
    *out = (struct lks_request_register){.entries = NULL};
    if (!lks_vault_there(case_path))
        return 0;
    int code = spans_find(case_path, end, &reading, err);
    for (size_t i = 0; code == 0 && i < reading.spans_count; i++)
        code = lks_entries_each(case_path, reading.spans[i].first, reading.spans[i].end, entry_take,
                                &reading, err);
    free(reading.spans);
    return code;
}

int lks_request_register_read(const char *case_path, struct lks_request_register *out,
                              struct lks_error *err)
{
    return lks_request_register_read_until(case_path, UINT64_MAX, out, err);
}

void lks_request_register_free(struct lks_request_register *list)
{
    lks_requests_free(&list->requests);
    free(list->entries);
    lks_arena_free(&list->arena);
    *list = (struct lks_request_register){.entries = NULL};
}

int lks_request_register_find(const struct lks_request_register *list, const char *id,
                              const struct lks_request **request_out,
                              const struct lks_request_entry **entry_out, struct lks_error *err)
{
    *request_out = lks_requests_find(&list->requests, lks_str_from(id));
    if (!*request_out)
        return lks_error_set(err, LKS_EMISSING, "the case has no request '%.64s'", id);
    *entry_out = &list->entries[*request_out - list->requests.requests];
    return 0;
}

void lks_request_register_name(const struct lks_request_register *list, char name[16])
{
    char next[16] = "";
    for (unsigned number = 1;; number++) {
        snprintf(next, sizeof next, "R%u", number);
        if (!lks_requests_find(&list->requests, (struct lks_str){next, strlen(next)}))
            break;
    }
    memcpy(name, next, sizeof next);
}
