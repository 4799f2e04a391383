/* timeline_test.c - posts and coordinated posts by time: every post once, explained ones as everybody's */
#include "detect/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_counts(void **state)
{
    (void)state;
    enum { POSTS = 6 };
    int64_t times[POSTS] = {
        0, 1, LKS_MINUTE_US, LKS_MINUTE_US, 2 * LKS_MINUTE_US, 2 * LKS_MINUTE_US + 1};
    uint32_t finding[POSTS] = {0, 1, 2, UINT32_MAX, 2, 1};
    struct lks_finding findings[3] = {{.confidence = LKS_CONFIDENCE_HIGH},
                                      {.confidence = LKS_CONFIDENCE_LOW},
                                      {.confidence = LKS_CONFIDENCE_EXPLAINED}};
    struct lks_events events = {.posts_count = POSTS, .post_time_us = times};
    struct lks_results results = {.findings = findings, .findings_count = 3};
    const uint64_t posts[] = {2, 2, 2}, coordinated[] = {2, 0, 1};
    assert_int_equal(lks_timeline_fill(&events, finding, &results, NULL), 0);
    assert_int_equal(results.bin_us, LKS_MINUTE_US);
    assert_int_equal(results.bins_count, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(results.bins[i].start_us, i * LKS_MINUTE_US);
        assert_int_equal(results.bins[i].posts_count, posts[i]);
        assert_int_equal(results.bins[i].coordinated_count, coordinated[i]);
    }
    lks_arena_free(&results.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
