/* request_entries.c - one statement of the log taken into the register of requests
 *
 * What it says is whatever the log's owner signed, which need not make sense: numbers are looked at
 * before they are believed, and what contradicts the statements before it is refused with a sentence. */
#include "case/requests.h"

#include <stdio.h>
#include <stdlib.h>

#include "case/answer_layout.h"

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

static int entry_room(struct lks_request_register *list, struct lks_error *err)
{
    if (list->requests.count < list->entries_room)
        return 0;
    size_t room = list->entries_room ? 2 * list->entries_room : 8;
    struct lks_request_entry *more = realloc(list->entries, room * sizeof *more);
    if (!more)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    list->entries = more;
    list->entries_room = room;
    return 0;
}

/* A hidden value, or that it is no longer here: its disclosure may have been destroyed. */
static struct lks_str value_or_gone(const struct lks_entry *entry, const char *name)
{
    struct lks_str value = lks_entry_value(entry, name);
    return value.data ? value : LKS_STR("(erased)");
}

static int receive_take(struct lks_request_register *list, const struct lks_entry *entry,
                        struct lks_error *err)
{
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
    int code = entry_room(list, err);
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
    if (question < 1 || (uint64_t)question > request->questions_count)
        return unfit(entry, "it replies to a question that was not asked", err);
    if (number < 0 || (uint64_t)number > more->answers_count)
        return unfit(entry, "it corrects an answer that was not given", err);
    reply.number = (unsigned)number;
    reply.said.text = more->replies[question - 1].said.text;
    reply.said.answer = lks_arena_str(&list->arena, lks_entry_value(entry, "answer"));
    reply.said.missing = lks_arena_str(&list->arena, lks_entry_value(entry, "missing"));
    if (list_of(list, entry, "findings", &reply.findings, &reply.findings_count) != 0 ||
        list_of(list, entry, "files", &reply.files, &reply.files_count) != 0)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (!reply.said.answer.data && !reply.said.missing.data)
        reply.said.answer = LKS_STR("(erased)"); /* it said one or the other */
    int code = 0;
    if (number == 0)
        code = lks_requests_reply(&list->requests, request->id, (size_t)question - 1,
                                  reply.said.answer, reply.said.missing, err);
    if (code == 0)
        more->replies[question - 1] = reply;
    return code == LKS_EARGUMENT ? LKS_EINPUT : code;
}

/* Numbers of an answer are those of entries before it, and of answers. */
static int answer_read(struct lks_request_register *list, const struct lks_entry *entry,
                       struct lks_request_answer *answer, struct lks_error *err)
{
    int64_t number = 0, frozen = 0, size = 0, first = 0, before = (int64_t)entry->index;
    lks_statement_int(&entry->statement, "number", entry->arena, &number);
    lks_statement_int(&entry->statement, "frozen", entry->arena, &frozen);
    lks_statement_int(&entry->statement, "size", entry->arena, &size);
    lks_statement_int(&entry->statement, "first", entry->arena, &first);
    if (number < 0 || number > INT32_MAX || frozen < 0 || frozen > before || size < 0 ||
        size > before || first < 0 || first > before)
        return unfit(entry, "it counts entries that do not stand before it", err);
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
    return 0;
}

static int answer_take(struct lks_request_register *list, const struct lks_entry *entry, int amends,
                       const struct lks_request *request, struct lks_request_entry *more,
                       struct lks_error *err)
{
    struct lks_request_answer answer;
    int code = answer_read(list, entry, &answer, err);
    if (code)
        return code;
    if (!more->frozen.size || answer.number != more->answers_count ||
        amends != (answer.number > 0) || answer.frozen != more->frozen.frozen ||
        answer.number != more->frozen.number)
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
    code = amends ? lks_requests_amend(&list->requests, request->id, answer.time_us, err)
                  : lks_requests_answer(&list->requests, request->id, answer.time_us, err);
    if (code)
        return code == LKS_EARGUMENT ? LKS_EINPUT : code;
    answers[more->answers_count++] = answer;
    more->answers = answers;
    return 0;
}

static int frozen_take(struct lks_request_register *list, const struct lks_entry *entry,
                       struct lks_request_entry *more, struct lks_error *err)
{
    struct lks_request_answer frozen;
    int code = answer_read(list, entry, &frozen, err);
    if (code)
        return code;
    frozen.leaf = UINT64_MAX;
    frozen.frozen = entry->index;
    frozen.size = entry->index + 1;
    more->frozen = frozen;
    return 0;
}

int lks_request_register_take(struct lks_request_register *list, const struct lks_entry *entry,
                              struct lks_error *err)
{
    struct lks_str action, id, what;
    int frozen = entry->statement.kind == LKS_STATEMENT_DISCLOSE &&
                 lks_statement_text(&entry->statement, "what", entry->arena, &what) &&
                 lks_str_equal_text(what, LKS_ANSWER_FROZEN);
    if (entry->statement.kind != LKS_STATEMENT_REQUEST && !frozen)
        return 0;
    lks_statement_text(&entry->statement, frozen ? "request" : "id", entry->arena, &id);
    lks_statement_text(&entry->statement, "action", entry->arena, &action);
    if (!frozen && lks_str_equal_text(action, "receive"))
        return receive_take(list, entry, err);
    const struct lks_request *request = lks_requests_find(&list->requests, id);
    if (!request)
        return unfit(entry, "it speaks of a request that was not received", err);
    struct lks_request_entry *more = &list->entries[request - list->requests.requests];
    if (frozen)
        return frozen_take(list, entry, more, err);
    if (lks_str_equal_text(action, "reply"))
        return reply_take(list, entry, request, more, err);
    if (lks_str_equal_text(action, "answer") || lks_str_equal_text(action, "amend"))
        return answer_take(list, entry, lks_str_equal_text(action, "amend"), request, more, err);
    if (!lks_str_equal_text(action, "receipt"))
        return unfit(entry, "its action is not known", err);
    int code = lks_requests_receipt(&list->requests, request->id, entry->statement.time_us, err);
    return code == LKS_EARGUMENT ? LKS_EINPUT : code;
}
