/* date_format_test.c - times in a described form, against the C library's strptime */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/time.h"
#include "source/date_format.h"

static void check(const char *text, const char *format, const char *want)
{
    char iso[LKS_DATE_ISO_BYTES];
    struct lks_error err = {0};
    assert_int_equal(lks_date_format_check(format, &err), 0);
    int size = lks_date_format_iso(lks_str_from(text), format, iso);
    if (want) {
        assert_int_equal(size, (int)strlen(want));
        assert_memory_equal(iso, want, (size_t)size);
    } else if (size >= 0) { /* a form without a day that exists */
        int64_t time_us;
        assert_int_equal(
            lks_time_parse_iso((struct lks_str){iso, (size_t)size}, &time_us, NULL, NULL), -1);
    }
}

static void known(void **state)
{
    (void)state;
    check("31/07/2016 23:05", "%d/%m/%Y %H:%M", "2016-07-31T23:05");
    check("7/31/2016  9:05:07 PM", "%m/%d/%Y %I:%M:%S %p", "2016-07-31T21:05:07");
    check("12:00 am 1.2.2016", "%I:%M %p %d.%m.%Y", "2016-02-01T00:00");
    check("12:30pm 1.2.2016", "%I:%M %p %d.%m.%Y", "2016-02-01T12:30");
    check("Mon, 02 May 2022 10:11:12 +0200", "%a, %d %b %Y %T %z", "2022-05-02T10:11:12+02:00");
    check("monday september  3 2001", "%A %B %e %Y", "2001-09-03");
    check("2016-07-01 00:04:05,123", "%F %T,%f", "2016-07-01T00:04:05.123000");
    check("2016-07-01 00:04:05.123456789Z", "%F %T.%f%z", "2016-07-01T00:04:05.123456Z");
    check("01-02-69", "%d-%m-%y", "1969-02-01");
    check("01-02-68", "%d-%m-%y", "2068-02-01");
    check("05/04/16 1:02", "%D %R", "2016-05-04T01:02");
    check("20160701T000405-0330", "%Y%m%dT%H%M%S%z", "2016-07-01T00:04:05-03:30");
    check("2016-07-01 17h", "%F %Hh", "2016-07-01");
    check("100%F 2016-07-01", "100%%F %F", "2016-07-01");
    check("2016-07-01 00:04 +02", "%F %R %z", "2016-07-01T00:04+02:00");
}

static void refused(void **state)
{
    (void)state;
    check("", "%d/%m/%Y", NULL);
    check("31/07/2016 23:05", "%d/%m/%Y", NULL);
    check("31/07/2016", "%d/%m/%Y %H:%M", NULL);
    check("31/07/16", "%d/%m/%Y", NULL);
    check("31-07-2016", "%d/%m/%Y", NULL);
    check("07/31/2016", "%d/%m/%Y", NULL);
    check("30/02/2016", "%d/%m/%Y", NULL);
    check("01/01/2016 13:00 PM", "%d/%m/%Y %I:%M %p", NULL);
    check("01/01/2016 00:00 PM", "%d/%m/%Y %I:%M %p", NULL);
    check("01/01/2016 24:00", "%d/%m/%Y %H:%M", NULL);
    check("01/01/2016 99h", "%d/%m/%Y %Hh", NULL);
    check("01 Jam 2016", "%d %b %Y", NULL);
    check("Mo 01 Jan 2016", "%a %d %b %Y", NULL);
    check("2016-07-01 00:04 +2", "%F %R %z", NULL);
    check("2016-07-01 00:04 +15:00", "%F %R %z", NULL);
    check("2016-07-01 00:04 +02:", "%F %R %z", NULL);
    check("2016-07-01 00:04:05.", "%F %T.%f", NULL);
}

static void bad_formats(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",      "%d/%m",    "%Y-%m",       "%Y-%d",       "%Q %F",    "%F %",
        "%F %d", "%F %m",    "%Y %y-%m-%d", "%b %m %d %Y", "%F %I:%M", "%F %H:%M %p",
        "%F %M", "%F %H %S", "%F %R.%f",    "%H %I %p %F", "%F %s"};
    char huge[200];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct lks_error err = {0};
        if (lks_date_format_check(bad[i], &err) != LKS_EARGUMENT || !err.message[0])
            fail_msg("'%s' was taken", bad[i]);
    }
    memset(huge, 'x', sizeof huge);
    memcpy(huge, "%F", 2);
    huge[199] = 0;
    assert_int_equal(lks_date_format_check(huge, NULL), LKS_EARGUMENT);
}

/* The forms are a table of ours. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

/* Random instants, written by strftime in forms that strptime knows too, come back. */
static void as_the_c_library(void **state)
{
    (void)state;
    static const char *const formats[] = {"%d/%m/%Y %H:%M:%S",
                                          "%m/%d/%y %I:%M:%S %p",
                                          "%a %b %e %H:%M:%S %Y",
                                          "%A, %d %B %Y %T",
                                          "%F %T",
                                          "%D %T",
                                          "%Y%m%d%H%M%S"};
    struct lks_rng rng;
    lks_rng_init(&rng, 4, 0);
    for (int i = 0; i < 20000; i++) {
        const char *format = formats[i % 7];
        /* 1970 to 2068, where two digits of a year are enough */
        time_t want = (time_t)lks_rng_below(&rng, 3092600000u);
        struct tm parts, again = {0};
        char text[100], iso[LKS_DATE_ISO_BYTES];
        int64_t time_us = 0;
        gmtime_r(&want, &parts);
        size_t size = strftime(text, sizeof text, format, &parts);
        assert_non_null(strptime(text, format, &again));
        int iso_bytes = lks_date_format_iso((struct lks_str){text, size}, format, iso);
        if (iso_bytes < 0)
            fail_msg("'%s' was not read by '%s'", text, format);
        assert_int_equal(
            lks_time_parse_iso((struct lks_str){iso, (size_t)iso_bytes}, &time_us, NULL, NULL), 0);
        assert_int_equal(time_us, (int64_t)timegm(&again) * LKS_SECOND_US);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known),
        cmocka_unit_test(refused),
        cmocka_unit_test(bad_formats),
        cmocka_unit_test(as_the_c_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
