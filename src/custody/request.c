/* request.c - requests for information: received, due, answered, and what the clock says */
#include "custody/request.h"

#include <stdio.h>
#include <stdlib.h>

static const int64_t soon_us = 4 * LKS_HOUR_US;

const char *const lks_request_state_names[6] = {"open",     "due soon", "overdue",
                                                "answered", "late",     "confirmed"};

struct lks_request_clock lks_request_clock_at(const struct lks_request *request, int64_t now_us)
{
    struct lks_request_clock clock = {.state = LKS_REQUEST_OPEN};
    for (size_t i = 0; i < request->questions_count; i++)
        clock.open_count +=
            !request->questions[i].answer.data && !request->questions[i].missing.data;
    if (request->answered_us != LKS_TIME_NULL) {
        clock.left_us = request->due_us - request->answered_us;
        clock.state = clock.left_us < 0                      ? LKS_REQUEST_LATE
                      : request->receipt_us != LKS_TIME_NULL ? LKS_REQUEST_CONFIRMED
                                                             : LKS_REQUEST_ANSWERED;
        return clock;
    }
    now_us = now_us < request->received_us ? request->received_us : now_us;
    clock.left_us = request->due_us - now_us;
    if (clock.left_us < 0)
        clock.state = LKS_REQUEST_OVERDUE;
    else if (clock.left_us < soon_us ||
             clock.left_us < (request->due_us - request->received_us) / 4)
        clock.state = LKS_REQUEST_SOON;
    return clock;
}

void lks_request_clock_text(int64_t left_us, char text[LKS_CLOCK_TEXT_BYTES])
{
    const char *end = left_us < 0 ? "over" : "left";
    uint64_t minutes = (left_us < 0 ? 0 - (uint64_t)left_us : (uint64_t)left_us) / LKS_MINUTE_US;
    unsigned long long days = minutes / 1440, hours = minutes / 60 % 24, rest = minutes % 60;
    if (days)
        snprintf(text, LKS_CLOCK_TEXT_BYTES, "%llu d %llu h %s", days, hours, end);
    else if (hours)
        snprintf(text, LKS_CLOCK_TEXT_BYTES, "%llu h %llu min %s", hours, rest, end);
    else
        snprintf(text, LKS_CLOCK_TEXT_BYTES, "%llu min %s", rest, end);
}

/* ---- the register ---- */

static struct lks_request *find(const struct lks_requests *requests, struct lks_str id)
{
    for (size_t i = 0; i < requests->count; i++)
        if (lks_str_equal(requests->requests[i].id, id))
            return &requests->requests[i];
    return NULL;
}

const struct lks_request *lks_requests_find(const struct lks_requests *requests, struct lks_str id)
{
    return find(requests, id);
}

static int find_or_say(const struct lks_requests *requests, struct lks_str id,
                       struct lks_request **request_out, struct lks_error *err)
{
    *request_out = find(requests, id);
    return *request_out ? 0
                        : lks_error_set(err, LKS_EARGUMENT, "there is no request %.*s",
                                        (int)id.size_bytes, id.data);
}

static int copy(struct lks_arena *arena, struct lks_str text, struct lks_str *out,
                struct lks_error *err)
{
    *out = lks_arena_str(arena, text);
    return text.data && !out->data ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}

static int request_check(const struct lks_requests *requests, const struct lks_request *request,
                         struct lks_error *err)
{
    if (!request->id.size_bytes || !request->authority.size_bytes ||
        !request->legal_basis.size_bytes)
        return lks_error_set(err, LKS_EARGUMENT,
                             "a request names itself, its authority and its legal basis");
    if (!request->questions_count)
        return lks_error_set(err, LKS_EARGUMENT, "a request asks at least one question");
    if (request->due_us < request->received_us)
        return lks_error_set(err, LKS_EARGUMENT, "a request is due before it was received");
    if (find(requests, request->id))
        return lks_error_set(err, LKS_EARGUMENT, "there is a request %.*s already",
                             (int)request->id.size_bytes, request->id.data);
    return 0;
}

int lks_requests_receive(struct lks_requests *requests, const struct lks_request *request,
                         struct lks_error *err)
{
    struct lks_request taken = *request;
    struct lks_arena *arena = &requests->arena;
    int code = request_check(requests, request, err);
    if (code == 0 && requests->count == requests->room) {
        size_t room = requests->room ? 2 * requests->room : 8;
        struct lks_request *more = realloc(requests->requests, room * sizeof *more);
        if (!more)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        requests->requests = more;
        requests->room = room;
    }
    if (code)
        return code;
    taken.questions = lks_arena_calloc(arena, request->questions_count, sizeof *taken.questions);
    if (!taken.questions)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (size_t i = 0; code == 0 && i < request->questions_count; i++)
        code = copy(arena, request->questions[i].text, &taken.questions[i].text, err);
    if (code == 0)
        code = copy(arena, request->id, &taken.id, err);
    if (code == 0)
        code = copy(arena, request->authority, &taken.authority, err);
    if (code == 0)
        code = copy(arena, request->legal_basis, &taken.legal_basis, err);
    if (code == 0)
        code = copy(arena, request->document_sha256, &taken.document_sha256, err);
    if (code)
        return code;
    taken.answered_us = taken.receipt_us = LKS_TIME_NULL;
    taken.amendments = 0;
    requests->requests[requests->count++] = taken;
    return 0;
}

int lks_requests_reply(struct lks_requests *requests, struct lks_str id, size_t question,
                       struct lks_str answer, struct lks_str missing, struct lks_error *err)
{
    struct lks_request *request;
    struct lks_question reply = {.answer = LKS_STR_NULL};
    int code = find_or_say(requests, id, &request, err);
    if (code)
        return code;
    if (question >= request->questions_count)
        return lks_error_set(err, LKS_EARGUMENT, "request %.*s asks %zu question%s",
                             (int)id.size_bytes, id.data, request->questions_count,
                             request->questions_count == 1 ? "" : "s");
    if (request->answered_us != LKS_TIME_NULL)
        return lks_error_set(err, LKS_EARGUMENT,
                             "request %.*s was answered; a correction is an amendment",
                             (int)id.size_bytes, id.data);
    if (!answer.data && !missing.data)
        return lks_error_set(err, LKS_EARGUMENT,
                             "a reply is an answer, or says what is missing and why");
    reply.text = request->questions[question].text;
    code = copy(&requests->arena, answer, &reply.answer, err);
    if (code == 0)
        code = copy(&requests->arena, missing, &reply.missing, err);
    if (code == 0)
        request->questions[question] = reply;
    return code;
}

int lks_requests_answer(struct lks_requests *requests, struct lks_str id, int64_t time_us,
                        struct lks_error *err)
{
    struct lks_request *request;
    int code = find_or_say(requests, id, &request, err);
    if (code)
        return code;
    if (request->answered_us != LKS_TIME_NULL)
        return lks_error_set(err, LKS_EARGUMENT, "request %.*s was answered already",
                             (int)id.size_bytes, id.data);
    unsigned open_count = lks_request_clock_at(request, time_us).open_count;
    if (open_count)
        return lks_error_set(err, LKS_EARGUMENT,
                             "request %.*s: %u question%s neither an answer nor a reason why there "
                             "is none",
                             (int)id.size_bytes, id.data, open_count,
                             open_count == 1 ? " has" : "s have");
    request->answered_us = time_us < request->received_us ? request->received_us : time_us;
    return 0;
}

static int answered_before(const struct lks_request *request, int64_t time_us,
                           struct lks_error *err)
{
    time_us = time_us < request->received_us ? request->received_us : time_us;
    if (request->answered_us != LKS_TIME_NULL && time_us >= request->answered_us)
        return 0;
    return lks_error_set(err, LKS_EARGUMENT, "request %.*s was not answered before that",
                         (int)request->id.size_bytes, request->id.data);
}

int lks_requests_amend(struct lks_requests *requests, struct lks_str id, int64_t time_us,
                       struct lks_error *err)
{
    struct lks_request *request;
    int code = find_or_say(requests, id, &request, err);
    if (code == 0)
        code = answered_before(request, time_us, err);
    if (code == 0)
        request->amendments++;
    return code;
}

int lks_requests_receipt(struct lks_requests *requests, struct lks_str id, int64_t time_us,
                         struct lks_error *err)
{
    struct lks_request *request;
    int code = find_or_say(requests, id, &request, err);
    if (code == 0)
        code = answered_before(request, time_us, err);
    if (code == 0)
        request->receipt_us = time_us < request->answered_us ? request->answered_us : time_us;
    return code;
}

void lks_requests_free(struct lks_requests *requests)
{
    lks_arena_free(&requests->arena);
    free(requests->requests);
    *requests = (struct lks_requests){0};
}
