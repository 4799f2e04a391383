/* request_status.c - the register of requests with its clock, for reading and as JSON */
#include "base/shown.h"
#include "case/moment.h"
#include "evidence/answer.h"
#include "evidence/request_parts.h"

struct looking {
    const struct lks_request_register *list;
    int64_t now_us, warn_us;
    int late;
};

static void kinds_write(struct lks_json *json, unsigned kinds)
{
    lks_json_array(json, "records");
    for (unsigned bit = 1; bit <= LKS_HELD_ALL; bit <<= 1)
        if (kinds & bit)
            lks_json_text(json, NULL, lks_held_kind_name(bit));
    lks_json_array_end(json);
}

static void list_write(struct lks_json *json, const char *key, const struct lks_str *items,
                       size_t count)
{
    lks_json_array(json, key);
    for (size_t i = 0; i < count; i++)
        lks_json_string(json, NULL, items[i]);
    lks_json_array_end(json);
}

static void questions_write(struct lks_json *json, const struct lks_request *request,
                            const struct lks_request_entry *entry)
{
    lks_json_array(json, "questions");
    for (size_t i = 0; i < request->questions_count; i++) {
        const struct lks_request_reply *reply = &entry->replies[i];
        lks_json_object(json, NULL);
        lks_json_string(json, "text", reply->said.text);
        lks_json_string(json, "answer", reply->said.answer);
        lks_json_string(json, "missing", reply->said.missing);
        kinds_write(json, reply->kinds);
        list_write(json, "findings", reply->findings, reply->findings_count);
        list_write(json, "files", reply->files, reply->files_count);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void answers_write(struct lks_json *json, const struct lks_request_entry *entry)
{
    lks_json_array(json, "answers");
    for (size_t i = 0; i < entry->answers_count; i++) {
        const struct lks_request_answer *answer = &entry->answers[i];
        lks_json_object(json, NULL);
        lks_json_uint(json, "number", answer->number);
        lks_json_uint(json, "leaf", answer->leaf);
        lks_json_time(json, "time", answer->time_us);
        lks_json_string(json, "run", answer->run);
        lks_json_string(json, "profile", answer->profile);
        lks_json_string(json, "digest", answer->digest);
        lks_json_string(json, "why", answer->why);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void request_json(const struct looking *looking, const struct lks_request *request,
                         const struct lks_request_entry *entry, struct lks_json *json)
{
    struct lks_request_clock clock = lks_request_clock_at(request, looking->now_us);
    lks_json_object(json, NULL);
    lks_json_string(json, "request", request->id);
    lks_json_uint(json, "leaf", entry->leaf);
    lks_json_text(json, "state", lks_request_state_names[clock.state]);
    lks_json_int(json, "left_seconds", clock.left_us / LKS_SECOND_US);
    lks_json_uint(json, "open_questions", clock.open_count);
    lks_json_string(json, "authority", request->authority);
    lks_json_string(json, "basis", entry->basis);
    lks_json_string(json, "legal_basis", request->legal_basis);
    lks_json_string(json, "document_sha256", request->document_sha256);
    lks_json_time(json, "received", request->received_us);
    lks_json_time(json, "due", request->due_us);
    lks_json_string(json, "zone", entry->zone);
    lks_json_time(json, "answered", request->answered_us);
    lks_json_time(json, "confirmed", request->receipt_us);
    lks_json_object(json, "scope");
    list_write(json, "platforms", entry->scope.platforms, entry->scope.platforms_count);
    list_write(json, "accounts", entry->scope.accounts, entry->scope.accounts_count);
    list_write(json, "terms", entry->scope.terms, entry->scope.terms_count);
    lks_json_time(json, "from", entry->scope.from_us);
    lks_json_time(json, "to", entry->scope.to_us);
    kinds_write(json, entry->scope.kinds);
    lks_json_object_end(json);
    questions_write(json, request, entry);
    answers_write(json, entry);
    lks_json_object_end(json);
}

static void request_text(const struct looking *looking, const struct lks_request *request,
                         const struct lks_request_entry *entry, struct lks_buffer *out)
{
    struct lks_request_clock clock = lks_request_clock_at(request, looking->now_us);
    char left[LKS_CLOCK_TEXT_BYTES], due[LKS_MOMENT_TEXT_BYTES], received[LKS_MOMENT_TEXT_BYTES];
    int open = request->answered_us == LKS_TIME_NULL;
    lks_request_clock_text(clock.left_us, left);
    lks_moment_format(request->received_us, entry->zone.data, received);
    lks_moment_format(request->due_us, entry->zone.data, due);
    lks_buffer_format(out, "%s  %s", request->id.data, lks_request_state_names[clock.state]);
    lks_buffer_format(out, open ? ", %s\n" : " with %s\n", left);
    lks_buffer_text(out, "    from ");
    lks_buffer_shown(out, request->authority, 200);
    lks_buffer_text(out, " by ");
    lks_buffer_shown(out, request->legal_basis, 200);
    lks_buffer_format(out, "\n    received %s, due %s\n", received, due);
    for (size_t i = 0; i < request->questions_count; i++) {
        const struct lks_request_reply *reply = &entry->replies[i];
        const char *mark = reply->leaf == UINT64_MAX  ? "open"
                           : !reply->said.answer.data ? "missing"
                           : reply->said.missing.data ? "in part"
                                                      : "answered";
        lks_buffer_format(out, "    %2zu. %-9s ", i + 1, mark);
        lks_buffer_shown(out, reply->said.text, 100);
        lks_buffer_byte(out, '\n');
    }
    for (size_t i = 0; i < entry->answers_count; i++) {
        char sent[LKS_MOMENT_TEXT_BYTES];
        const struct lks_request_answer *answer = &entry->answers[i];
        lks_moment_format(answer->time_us - answer->time_us % LKS_SECOND_US, entry->zone.data,
                          sent);
        if (answer->number)
            lks_buffer_format(out, "    amendment %u", answer->number);
        else
            lks_buffer_text(out, "    answer");
        lks_buffer_format(out, " sealed %s (entry %llu, run %s, for %s)\n", sent,
                          (unsigned long long)answer->leaf, answer->run.data, answer->profile.data);
    }
}

static void look(struct looking *looking, const struct lks_request *request)
{
    struct lks_request_clock clock = lks_request_clock_at(request, looking->now_us);
    if (request->answered_us == LKS_TIME_NULL &&
        (clock.state == LKS_REQUEST_OVERDUE || clock.left_us < looking->warn_us))
        looking->late = 1;
}

static void all_write(struct looking *looking, const char *id, int as_json, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out, .indent = 2};
    if (as_json)
        lks_json_array(&json, NULL);
    for (size_t i = 0; i < looking->list->requests.count; i++) {
        const struct lks_request *request = &looking->list->requests.requests[i];
        if (id && !lks_str_equal_text(request->id, id))
            continue;
        look(looking, request);
        if (as_json)
            request_json(looking, request, &looking->list->entries[i], &json);
        else
            request_text(looking, request, &looking->list->entries[i], out);
    }
    if (as_json) {
        lks_json_array_end(&json);
        lks_buffer_byte(out, '\n');
    } else if (!looking->list->requests.count) {
        lks_buffer_text(out, "No request was received.\n");
    }
}

int lks_request_status(const char *case_path, const char *id, const char *at, const char *warn,
                       int as_json, const struct lks_control *control, char **text_out,
                       int *late_out, struct lks_error *err)
{
    struct lks_request_register list = {.entries = NULL};
    const struct lks_request *request;
    const struct lks_request_entry *entry;
    struct looking looking = {.list = &list, .now_us = lks_request_now()};
    struct lks_buffer text = {0};
    struct lks_moment moment;
    (void)control;
    int code = lks_request_case_check(case_path, err);
    if (code == 0 && at) {
        code = lks_moment_parse(at, LKS_TIME_NULL, looking.now_us, &moment, err);
        looking.now_us = moment.time_us;
    }
    if (code == 0 && warn && lks_span_parse(lks_str_from(warn), &looking.warn_us) != 0)
        code = lks_error_set(err, LKS_EARGUMENT, "'%.64s' is no span like 6h", warn);
    if (code == 0)
        code = lks_request_register_read(case_path, &list, err);
    if (code == 0 && id)
        code = lks_request_register_find(&list, id, &request, &entry, err);
    if (code == 0) {
        all_write(&looking, id, as_json, &text);
        code = lks_answer_give(&text, code, text_out, err);
    }
    if (late_out)
        *late_out = looking.late;
    lks_request_register_free(&list);
    return code;
}
