/* request_test.c - the register of requests and its clock, by the hours of the case */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "custody/request.h"

/* 5 December 2024, 18:00 UTC; 24 hours. */
static const int64_t received = INT64_C(1733421600000000);

static struct lks_request request_of(struct lks_question *questions, size_t count)
{
    return (struct lks_request){.id = LKS_STR("R1"),
                                .authority = LKS_STR("European Commission"),
                                .legal_basis = LKS_STR("Regulation (EU) 2022/2065, Article 67"),
                                .questions = questions,
                                .questions_count = count,
                                .received_us = received,
                                .due_us = received + LKS_DAY_US};
}

static void the_clock(void **unused)
{
    static const struct {
        int64_t after_us;
        enum lks_request_state state;
        const char *text;
    } times[] = {
        {-LKS_DAY_US, LKS_REQUEST_OPEN, "1 d 0 h left"}, /* a clock that was set back */
        {0, LKS_REQUEST_OPEN, "1 d 0 h left"},
        {18 * LKS_HOUR_US, LKS_REQUEST_OPEN, "6 h 0 min left"},
        {18 * LKS_HOUR_US + 1, LKS_REQUEST_SOON, "5 h 59 min left"},
        {LKS_DAY_US - LKS_MINUTE_US, LKS_REQUEST_SOON, "1 min left"},
        {LKS_DAY_US, LKS_REQUEST_SOON, "0 min left"},
        {LKS_DAY_US + 1, LKS_REQUEST_OVERDUE, "0 min over"},
        {2 * LKS_DAY_US + 3 * LKS_HOUR_US, LKS_REQUEST_OVERDUE, "1 d 3 h over"},
    };
    struct lks_question question = {.text = LKS_STR("How many accounts?")};
    struct lks_request request = request_of(&question, 1);
    (void)unused;
    request.answered_us = request.receipt_us = LKS_TIME_NULL;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        char text[LKS_CLOCK_TEXT_BYTES];
        struct lks_request_clock clock =
            lks_request_clock_at(&request, received + times[i].after_us);
        assert_int_equal(clock.state, times[i].state);
        assert_int_equal(clock.open_count, 1);
        lks_request_clock_text(clock.left_us, text);
        assert_string_equal(text, times[i].text);
    }
    request.answered_us = request.due_us + 1;
    assert_int_equal(lks_request_clock_at(&request, received).state, LKS_REQUEST_LATE);
    request.answered_us = request.due_us;
    assert_int_equal(lks_request_clock_at(&request, received).state, LKS_REQUEST_ANSWERED);
    char text[LKS_CLOCK_TEXT_BYTES];
    lks_request_clock_text(INT64_MIN, text); /* no overflow */
    lks_request_clock_text(INT64_MAX, text);
}

static void from_receipt_to_confirmation(void **unused)
{
    struct lks_requests requests = {0};
    struct lks_question questions[2] = {{.text = LKS_STR("How many accounts?")},
                                        {.text = LKS_STR("Who paid?")}};
    struct lks_request request = request_of(questions, 2);
    struct lks_error err = {0};
    struct lks_str id = LKS_STR("R1");
    (void)unused;
    assert_int_equal(lks_requests_receive(&requests, &request, NULL), 0);
    assert_int_equal(lks_requests_receive(&requests, &request, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_requests_answer(&requests, id, received, &err), LKS_EARGUMENT);
    assert_non_null(strstr(err.message, "2 questions have neither"));
    assert_int_equal(lks_requests_reply(&requests, id, 0, LKS_STR("27,217"), LKS_STR_NULL, NULL),
                     0);
    assert_int_equal(lks_requests_reply(&requests, id, 2, LKS_STR("x"), LKS_STR_NULL, NULL),
                     LKS_EARGUMENT);
    assert_int_equal(lks_requests_reply(&requests, id, 1, LKS_STR_NULL, LKS_STR_NULL, NULL),
                     LKS_EARGUMENT);
    assert_int_equal(lks_requests_answer(&requests, id, received, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_requests_reply(&requests, id, 1, LKS_STR_NULL,
                                        LKS_STR("the data hold no payments"), NULL),
                     0);
    assert_int_equal(lks_requests_reply(&requests, id, 1, LKS_STR("one user"),
                                        LKS_STR("the ledger ends in October"), NULL),
                     0);
    assert_true(lks_str_equal_text(requests.requests[0].questions[1].answer, "one user"));
    assert_int_equal(lks_requests_reply(&requests, id, 1, LKS_STR_NULL,
                                        LKS_STR("the data hold no payments"), NULL),
                     0);
    assert_null(requests.requests[0].questions[1].answer.data);
    assert_int_equal(lks_requests_amend(&requests, id, received, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_requests_receipt(&requests, id, received, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_requests_answer(&requests, id, received + LKS_HOUR_US, NULL), 0);
    assert_int_equal(lks_requests_answer(&requests, id, received + LKS_HOUR_US, NULL),
                     LKS_EARGUMENT);
    assert_int_equal(lks_requests_reply(&requests, id, 0, LKS_STR("0"), LKS_STR_NULL, NULL),
                     LKS_EARGUMENT);
    assert_int_equal(lks_requests_amend(&requests, id, received + 2 * LKS_HOUR_US, NULL), 0);
    assert_int_equal(lks_requests_receipt(&requests, id, received + 3 * LKS_HOUR_US, NULL), 0);
    const struct lks_request *done = lks_requests_find(&requests, id);
    assert_int_equal(done->amendments, 1);
    assert_int_equal(lks_request_clock_at(done, received).state, LKS_REQUEST_CONFIRMED);
    assert_true(lks_str_equal_text(done->questions[0].answer, "27,217"));
    assert_int_equal(lks_requests_receipt(&requests, LKS_STR("R9"), received, NULL), LKS_EARGUMENT);
    lks_requests_free(&requests);
}

static void what_makes_no_sense(void **unused)
{
    struct lks_requests requests = {0};
    struct lks_question question = {.text = LKS_STR("?")};
    struct lks_request request = request_of(&question, 0);
    (void)unused;
    assert_int_equal(lks_requests_receive(&requests, &request, NULL), LKS_EARGUMENT);
    request = request_of(&question, 1);
    request.due_us = received - 1;
    assert_int_equal(lks_requests_receive(&requests, &request, NULL), LKS_EARGUMENT);
    request = request_of(&question, 1);
    request.authority = LKS_STR("");
    assert_int_equal(lks_requests_receive(&requests, &request, NULL), LKS_EARGUMENT);
    assert_int_equal(requests.count, 0);
    lks_requests_free(&requests);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_clock),
                                       cmocka_unit_test(from_receipt_to_confirmation),
                                       cmocka_unit_test(what_makes_no_sense)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
