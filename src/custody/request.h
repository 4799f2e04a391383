/* request.h - requests for information: received, due, answered, and what the clock says
 *
 * The law knows several: Article 67 of Regulation (EU) 2022/2065 (information, within a time that the
 * request names), 40 (researchers), 72 (monitoring), and whatever else an authority rests on. A
 * late, wrong or incomplete answer is fined; so the register counts down and warns. */
#ifndef LKS_CUSTODY_REQUEST_H
#define LKS_CUSTODY_REQUEST_H

#include "record/record.h"

struct lks_question {
    struct lks_str text;
    struct lks_str answer;  /* null until it is answered */
    struct lks_str missing; /* what cannot be answered, and why; null where all can */
};

struct lks_request {
    struct lks_str id; /* "R1" */
    struct lks_str authority, legal_basis;
    struct lks_str document_sha256; /* hex; may be null */
    struct lks_question *questions; /* [questions_count] */
    size_t questions_count;
    int64_t received_us, due_us;
    int64_t answered_us; /* LKS_TIME_NULL until then */
    int64_t receipt_us;  /* when the authority confirmed; LKS_TIME_NULL until then */
    unsigned amendments; /* of the answer */
};

enum lks_request_state {
    LKS_REQUEST_OPEN,
    LKS_REQUEST_SOON,    /* less than a quarter of the time is left, or less than four hours */
    LKS_REQUEST_OVERDUE, /* not answered, and the time is over */
    LKS_REQUEST_ANSWERED,
    LKS_REQUEST_LATE, /* answered, but after the time was over */
    LKS_REQUEST_CONFIRMED
};
extern const char *const lks_request_state_names[6];

/* What the clock says at a time. */
struct lks_request_clock {
    enum lks_request_state state;
    int64_t left_us;     /* until due; below 0 where it is over; of an answer: what was left */
    unsigned open_count; /* questions without an answer and without a reason */
};

/* The state at now_us. A clock that was set back counts from when the request was received. */
struct lks_request_clock lks_request_clock_at(const struct lks_request *request, int64_t now_us);
/* "2 h 5 min left", "1 d 3 h over": at most LKS_CLOCK_TEXT_BYTES. */
#define LKS_CLOCK_TEXT_BYTES 48
void lks_request_clock_text(int64_t left_us, char text[LKS_CLOCK_TEXT_BYTES]);

/* The requests of a case, in order. Zero it to start; strings are copied. */
struct lks_requests {
    struct lks_arena arena;
    struct lks_request *requests;
    size_t count, room;
};

/* LKS_EARGUMENT with a sentence where it makes no sense: no authority, basis or question, a name that
 * is taken, a time due that lies before it was received; LKS_EMEMORY. */
int lks_requests_receive(struct lks_requests *requests, const struct lks_request *request,
                         struct lks_error *err);
/* An answer to one question (from 0), what is missing of it and why, or both. It may be changed until
 * the whole is answered; then only by an amendment. */
int lks_requests_reply(struct lks_requests *requests, struct lks_str id, size_t question,
                       struct lks_str answer, struct lks_str missing, struct lks_error *err);
/* Ends it: refused while a question has neither answer nor reason. An answer that was sent is never
 * changed: lks_requests_amend counts a correction, which names the answer that it corrects. */
int lks_requests_answer(struct lks_requests *requests, struct lks_str id, int64_t time_us,
                        struct lks_error *err);
int lks_requests_amend(struct lks_requests *requests, struct lks_str id, int64_t time_us,
                       struct lks_error *err);
/* The authority confirmed that it has the answer. */
int lks_requests_receipt(struct lks_requests *requests, struct lks_str id, int64_t time_us,
                         struct lks_error *err);
const struct lks_request *lks_requests_find(const struct lks_requests *requests, struct lks_str id);
void lks_requests_free(struct lks_requests *requests);

#endif
