/* shuffles_test.c - what is dealt out is dealt out fairly, and everything else stays */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "detect/shuffles.h"

enum { ACCOUNTS = 12, POSTS = 90, OBJECTS = 9 };

static void events_make(struct lks_events *events, uint64_t seed)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 0);
    *events = (struct lks_events){
        .accounts_count = ACCOUNTS, .posts_count = POSTS, .objects_count = OBJECTS};
    events->object = malloc(2 * POSTS * sizeof *events->object);
    events->account = malloc(2 * POSTS * sizeof *events->account);
    events->post = malloc(2 * POSTS * sizeof *events->post);
    events->time_us = malloc(2 * POSTS * sizeof *events->time_us);
    events->object_kind = calloc(OBJECTS, 1);
    events->post_account = malloc(POSTS * sizeof *events->post_account);
    events->post_time_us = malloc(POSTS * sizeof *events->post_time_us);
    for (uint32_t p = 0; p < POSTS; p++) {
        events->post_account[p] = (uint32_t)lks_rng_below(&rng, ACCOUNTS);
        events->post_time_us[p] =
            (int64_t)(1700000000 + lks_rng_below(&rng, 5 * 86400)) * LKS_SECOND_US;
        uint32_t object = (uint32_t)lks_rng_below(&rng, OBJECTS);
        for (uint32_t k = 0; k < 2; k++) {
            size_t i = events->count++;
            events->object[i] = (object + k) % OBJECTS;
            events->account[i] = events->post_account[p];
            events->post[i] = p;
            events->time_us[i] = events->post_time_us[p];
        }
    }
    assert_int_equal(lks_events_sort(events, NULL), 0);
}

/* Rows agree with their posts, and each post has its objects still. */
static void rows_check(const struct lks_events *events, const struct lks_events *before)
{
    uint32_t had[POSTS][OBJECTS] = {{0}}, has[POSTS][OBJECTS] = {{0}};
    lks_events_check(events);
    for (size_t i = 0; i < events->count; i++) {
        has[events->post[i]][events->object[i]]++;
        had[before->post[i]][before->object[i]]++;
        assert_int_equal(events->account[i], events->post_account[events->post[i]]);
        assert_int_equal(events->time_us[i], events->post_time_us[events->post[i]]);
    }
    assert_memory_equal(had, has, sizeof had);
}

static void accounts_stay_in_their_hour(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct lks_events events, before;
        struct lks_unshuffled kept;
        int64_t stratum_us = seed % 3 ? (int64_t)(seed % 3) * 12 * LKS_HOUR_US : 0;
        uint32_t moved = 0;
        events_make(&events, seed);
        events_make(&before, seed);
        assert_int_equal(lks_unshuffled_keep(&events, &kept, NULL), 0);
        for (uint64_t number = 0; number < 3; number++) {
            assert_int_equal(lks_shuffle_accounts(&events, &kept, stratum_us, seed, number, NULL),
                             0);
            rows_check(&events, &before);
            for (uint32_t p = 0; p < POSTS; p++) {
                int64_t here = stratum_us ? before.post_time_us[p] / stratum_us : 0;
                int balance = 0; /* how often the account of p posts in that stretch */
                for (uint32_t q = 0; q < POSTS; q++) {
                    int64_t there = stratum_us ? before.post_time_us[q] / stratum_us : 0;
                    if (there != here)
                        continue;
                    balance += before.post_account[q] == before.post_account[p];
                    balance -= events.post_account[q] == before.post_account[p];
                }
                assert_int_equal(balance, 0);
                assert_int_equal(events.post_time_us[p], before.post_time_us[p]);
                moved += events.post_account[p] != before.post_account[p];
            }
        }
        assert_true(moved > POSTS);
        lks_unshuffled_free(&kept);
        lks_events_free(&events);
        lks_events_free(&before);
    }
}

static void days_move_by_account(void **state)
{
    (void)state;
    uint8_t stays[ACCOUNTS] = {1, 1};
    uint32_t by_days[8] = {0};
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct lks_events events, before;
        struct lks_unshuffled kept;
        int64_t shift[ACCOUNTS], days, first_us = INT64_MAX, last_us = 0;
        events_make(&events, seed);
        events_make(&before, seed);
        for (uint32_t p = 0; p < POSTS; p++) {
            first_us = before.post_time_us[p] < first_us ? before.post_time_us[p] : first_us;
            last_us = before.post_time_us[p] > last_us ? before.post_time_us[p] : last_us;
        }
        days = last_us / LKS_DAY_US - first_us / LKS_DAY_US + 1;
        for (int a = 0; a < ACCOUNTS; a++)
            shift[a] = -1;
        assert_int_equal(lks_unshuffled_keep(&events, &kept, NULL), 0);
        assert_int_equal(lks_shuffle_days(&events, &kept, stays, seed, 1, NULL), 0);
        rows_check(&events, &before);
        for (uint32_t p = 0; p < POSTS; p++) {
            uint32_t account = before.post_account[p];
            int64_t by = events.post_time_us[p] / LKS_DAY_US - before.post_time_us[p] / LKS_DAY_US;
            by = (by + days) % days;
            assert_int_equal(events.post_account[p], account);
            assert_int_equal(events.post_time_us[p] % LKS_DAY_US,
                             before.post_time_us[p] % LKS_DAY_US);
            assert_true(stays[account] ? by == 0 : by > 0);
            assert_true(shift[account] < 0 || shift[account] == by);
            if (shift[account] < 0 && !stays[account])
                by_days[by]++;
            shift[account] = by;
        }
        lks_unshuffled_free(&kept);
        lks_events_free(&events);
        lks_events_free(&before);
    }
    for (int by = 1; by < 5; by++) /* each as often as any other */
        assert_true(by_days[by] > 450);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_stay_in_their_hour),
        cmocka_unit_test(days_move_by_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
