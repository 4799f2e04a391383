/* named_zone_test.c - local times against the system's own database of zones */
#include "store/named_zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/time.h"

static int64_t local(int year, int month, int day, int hour, int minute)
{
    const struct lks_civil civil = {year, month, day, hour, minute, 0, 0};
    return lks_time_from_civil(&civil);
}

static void check(const char *zone, int64_t local_us, enum lks_local_time how, int64_t earlier_us,
                  int64_t later_us)
{
    enum lks_local_time got;
    int64_t earlier, later;
    assert_int_equal(lks_zone_instants(lks_str_from(zone), local_us, &earlier, &later, &got, NULL),
                     0);
    assert_int_equal(got, how);
    assert_int_equal(earlier, earlier_us);
    assert_int_equal(later, later_us);
}

static void known_changes(void **state)
{
    (void)state;
    int64_t t = local(2024, 12, 2, 16, 0);
    check("Europe/Bucharest", local(2024, 12, 2, 18, 0), LKS_LOCAL_ONCE, t, t);
    /* Clocks went back from 4:00 to 3:00 on 27 October 2024, at 1:00 UTC. */
    check("Europe/Bucharest", local(2024, 10, 27, 3, 30), LKS_LOCAL_TWICE,
          local(2024, 10, 27, 0, 30), local(2024, 10, 27, 1, 30));
    /* And forward from 3:00 to 4:00 on 30 March 2025, at 1:00 UTC. */
    check("Europe/Bucharest", local(2025, 3, 30, 3, 30), LKS_LOCAL_NEVER, local(2025, 3, 30, 0, 30),
          local(2025, 3, 30, 1, 30));
    check("Australia/Lord_Howe", local(2024, 4, 7, 1, 45), LKS_LOCAL_TWICE,
          local(2024, 4, 6, 14, 45), local(2024, 4, 6, 15, 15)); /* by half an hour */
    /* Samoa had no 30 December 2011. */
    check("Pacific/Apia", local(2011, 12, 30, 12, 0), LKS_LOCAL_NEVER, local(2011, 12, 29, 22, 0),
          local(2011, 12, 30, 22, 0));
}

static void refuses(void **state)
{
    (void)state;
    int64_t a, b;
    enum lks_local_time how;
    const char *const names[] = {"", "Europe/Atlantis", "europe bucharest", "x'; DROP", "+02:00"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(lks_zone_instants(lks_str_from(names[i]), 0, &a, &b, &how, NULL),
                         LKS_EARGUMENT);
    assert_int_equal(lks_zone_instants(LKS_STR("UTC"), -5, &a, &b, &how, NULL), LKS_EARGUMENT);
}

/* The C library reads the system's database; of a time that is there once both must agree, and of
 * others it must be one of the two. */
static void like_the_system(void **state)
{
    (void)state;
    static const char *const zones[] = {"Europe/Bucharest", "America/New_York", "Asia/Kolkata",
                                        "Australia/Lord_Howe", "America/Santiago"};
    struct lks_rng rng;
    lks_rng_init(&rng, 7, 0);
    for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
        char path[128];
        snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zones[z]);
        FILE *file = fopen(path, "rb");
        if (!file)
            skip();
        fclose(file);
        setenv("TZ", zones[z], 1);
        tzset();
        for (int i = 0; i < 12; i++) {
            int64_t time_us = (local(2010, 1, 1, 0, 0) / LKS_MINUTE_US +
                               (int64_t)lks_rng_below(&rng, 15 * 365 * 24 * 60)) *
                              LKS_MINUTE_US;
            time_t seconds = (time_t)(time_us / LKS_SECOND_US);
            struct tm tm;
            assert_non_null(localtime_r(&seconds, &tm));
            int64_t wall =
                local(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min);
            int64_t got, earlier, later;
            enum lks_local_time how;
            assert_int_equal(lks_zone_local(lks_str_from(zones[z]), time_us, &got, NULL), 0);
            assert_int_equal(got, wall);
            assert_int_equal(
                lks_zone_instants(lks_str_from(zones[z]), wall, &earlier, &later, &how, NULL), 0);
            assert_int_not_equal(how, LKS_LOCAL_NEVER);
            assert_true(earlier == time_us || later == time_us);
            assert_true((how == LKS_LOCAL_ONCE) == (earlier == later));
        }
    }
    unsetenv("TZ");
    tzset();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_changes),
        cmocka_unit_test(refuses),
        cmocka_unit_test(like_the_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
