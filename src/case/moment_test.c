/* moment_test.c - times as people write them, by the hours of the case and of clock changes */
#include "case/moment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "record/record.h"

static void reads(const char *text, const char *iso, const char *zone, const char *notice)
{
    struct lks_moment moment;
    struct lks_error err = {0};
    char got[LKS_TIME_TEXT_BYTES];
    if (lks_moment_parse(text, LKS_TIME_NULL, 0, &moment, &err) != 0)
        fail_msg("%s: %s", text, err.message);
    lks_time_format(moment.time_us, got);
    assert_string_equal(got, iso);
    assert_string_equal(moment.zone, zone);
    if (*notice)
        assert_non_null(strstr(moment.notice, notice));
    else
        assert_string_equal(moment.notice, "");
}

static void forms(void **state)
{
    (void)state;
    reads("2024-12-02 18:00 Europe/Bucharest", "2024-12-02T16:00:00Z", "Europe/Bucharest", "");
    reads("2024-06-02 18:00 Europe/Bucharest", "2024-06-02T15:00:00Z", "Europe/Bucharest", "");
    reads("2024-12-02 18:00+02:00", "2024-12-02T16:00:00Z", "+02:00", "");
    reads("2024-12-02 18:00 +02:00", "2024-12-02T16:00:00Z", "+02:00", "");
    reads("2024-12-02T16:00:05Z", "2024-12-02T16:00:05Z", "UTC", "");
    reads("2024-12-02 16:00 UTC", "2024-12-02T16:00:00Z", "UTC", "");
    reads("2024-10-27 03:30 Europe/Bucharest", "2024-10-27T00:30:00Z", "Europe/Bucharest",
          "set back");
    reads("2025-03-30 03:30 Europe/Bucharest", "2025-03-30T00:30:00Z", "Europe/Bucharest",
          "set forward");
}

static void refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"2024-12-02 18:00",
                                        "2024-12-02 Europe/Bucharest",
                                        "2024-12-02",
                                        "24h",
                                        "18:00 Europe/Bucharest",
                                        "2024-12-02 18:00 Europe/Atlantis",
                                        "2024-12-02 18:00+02:00 Europe/Bucharest",
                                        "2024-13-02 18:00 UTC",
                                        "",
                                        " ",
                                        "tomorrow"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct lks_moment moment;
        assert_int_equal(lks_moment_parse(texts[i], LKS_TIME_NULL, 0, &moment, NULL),
                         LKS_EARGUMENT);
    }
}

/* 24 hours over a change of clocks are 24 hours. */
static void spans(void **state)
{
    (void)state;
    struct lks_moment moment, start;
    assert_int_equal(
        lks_moment_parse("2024-10-26 18:00 Europe/Bucharest", LKS_TIME_NULL, 0, &start, NULL), 0);
    assert_int_equal(lks_moment_parse("24h", start.time_us, 0, &moment, NULL), 0);
    assert_int_equal(moment.time_us - start.time_us, LKS_DAY_US);
    char text[LKS_MOMENT_TEXT_BYTES];
    lks_moment_format(moment.time_us, "Europe/Bucharest", text);
    assert_string_equal(text, "2024-10-27 17:00 Europe/Bucharest");
    lks_moment_format(moment.time_us, "+02:00", text);
    assert_string_equal(text, "2024-10-27 17:00 +02:00");
    lks_moment_format(moment.time_us, "Nowhere/At All", text);
    assert_string_equal(text, "2024-10-27 15:00 UTC");
    assert_int_equal(lks_moment_parse("90000d", start.time_us, 0, &moment, NULL), LKS_EARGUMENT);
    assert_int_equal(lks_moment_parse("now", LKS_TIME_NULL, 77, &moment, NULL), 0);
    assert_int_equal(moment.time_us, 77);
}

static void edges(void **state)
{
    (void)state;
    int64_t from, to;
    char text[LKS_TIME_TEXT_BYTES];
    assert_int_equal(lks_moment_parse_edge("2024-11-24", 0, &from, NULL), 0);
    assert_int_equal(lks_moment_parse_edge("2024-11-24", 1, &to, NULL), 0);
    assert_int_equal(to - from, LKS_DAY_US - 1);
    assert_int_equal(lks_moment_parse_edge("2024-11-24 Europe/Bucharest", 0, &from, NULL), 0);
    lks_time_format(from, text);
    assert_string_equal(text, "2024-11-23T22:00:00Z");
    assert_int_equal(lks_moment_parse_edge("2024-11-24T10:00:00Z", 1, &to, NULL), 0);
    lks_time_format(to, text);
    assert_string_equal(text, "2024-11-24T10:00:00Z");
    assert_int_equal(lks_moment_parse_edge("soon", 1, &to, NULL), LKS_EARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(refused),
        cmocka_unit_test(spans),
        cmocka_unit_test(edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
