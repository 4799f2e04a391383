/* retention_test.c - ages, and which rule a record falls under */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "intake/retention.h"

static int64_t at(int year, int month, int day)
{
    return lks_days_from_civil(year, month, day) * LKS_DAY_US;
}

static struct lks_age age(const char *text)
{
    struct lks_age out;
    assert_int_equal(lks_age_parse(lks_str_from(text), &out), 0);
    return out;
}

static void ages(void **unused)
{
    static const char *const bad[] = {"", "2", "y", "2x", "0d", "2y ", "-1y", "1001d", "2yy", "m"};
    struct lks_age out;
    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(lks_age_parse(lks_str_from(bad[i]), &out), -1);
    assert_int_equal(age("1y6mo").months, 18);
    assert_int_equal(age("2w3d").days, 17);
    assert_true(lks_age_before(at(2024, 11, 24), age("2y")) == at(2022, 11, 24));
    assert_true(lks_age_before(at(2024, 2, 29), age("1y")) == at(2023, 2, 28));
    assert_true(lks_age_before(at(2024, 3, 31), age("1mo")) == at(2024, 2, 29));
    assert_true(lks_age_before(at(2024, 1, 15), age("1mo")) == at(2023, 12, 15));
    assert_true(lks_age_before(at(2024, 3, 1), age("2d")) == at(2024, 2, 28));
    assert_true(lks_age_before(at(2000, 1, 1), age("1000y1000y1000y")) < 0);
}

static void rules(void **unused)
{
    struct lks_retention retention = {.platforms = {{LKS_STR("tiktok"), {6, 0}}},
                                      .platforms_count = 1};
    int64_t now = at(2024, 11, 24);
    (void)unused;
    retention.kinds[LKS_POST_COMMENT] = age("3mo");
    retention.kinds[LKS_POST_VIDEO] = age("2y");
    assert_true(lks_retention_set(&retention));
    /* Nothing applies: it is kept for ever. */
    assert_false(lks_retention_over(&retention, LKS_POST_POST, LKS_STR("bluesky"), 0, now));
    retention.keep = age("1y");
    assert_int_equal(lks_retention_age(&retention, LKS_POST_POST, LKS_STR("bluesky")).months, 12);
    assert_int_equal(lks_retention_age(&retention, LKS_POST_COMMENT, LKS_STR("bluesky")).months, 3);
    assert_int_equal(lks_retention_age(&retention, LKS_POST_POST, LKS_STR("tiktok")).months, 6);
    /* Of two that apply the longer counts. */
    assert_int_equal(lks_retention_age(&retention, LKS_POST_COMMENT, LKS_STR("tiktok")).months, 6);
    assert_int_equal(lks_retention_age(&retention, LKS_POST_VIDEO, LKS_STR("tiktok")).months, 24);
    assert_int_equal(lks_retention_age(&retention, LKS_POST_KINDS_COUNT, LKS_STR_NULL).months, 12);
    assert_true(lks_retention_over(&retention, LKS_POST_POST, LKS_STR_NULL, at(2023, 11, 23), now));
    assert_false(
        lks_retention_over(&retention, LKS_POST_POST, LKS_STR_NULL, at(2023, 11, 24), now));
    assert_false(lks_retention_over(&retention, LKS_POST_POST, LKS_STR_NULL, LKS_TIME_NULL, now));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ages), cmocka_unit_test(rules)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
