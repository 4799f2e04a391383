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

static void script_posts_make(struct lks_script_post *posts, uint64_t seed)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 1);
    for (uint32_t p = 0; p < POSTS; p++)
        posts[p] = (struct lks_script_post){
            .time_us = (int64_t)(1700000000 + lks_rng_below(&rng, 86400)) * LKS_SECOND_US,
            .account = (uint32_t)lks_rng_below(&rng, ACCOUNTS),
            .post = p,
            .form = seed + p,
            .first = p};
}

static int time_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Either the accounts of each stretch are the same ones, or all the times are; words never move. */
static void script_posts_keep_the_rest(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct lks_script_post before[POSTS], by_account[POSTS], by_time[POSTS];
        int64_t had[POSTS], has[POSTS], stratum_us = (int64_t)(1 + seed % 4) * LKS_HOUR_US;
        uint32_t accounts_moved = 0, times_moved = 0;
        script_posts_make(before, seed);
        assert_int_equal(
            lks_shuffle_script_accounts(before, POSTS, stratum_us, seed, 7, by_account, NULL), 0);
        assert_int_equal(lks_shuffle_script_times(before, POSTS, seed, 7, by_time, NULL), 0);
        for (uint32_t p = 0; p < POSTS; p++) {
            int balance = 0;
            for (uint32_t q = 0; q < POSTS; q++)
                if (before[q].time_us / stratum_us == before[p].time_us / stratum_us)
                    balance += (before[q].account == before[p].account) -
                               (by_account[q].account == before[p].account);
            assert_int_equal(balance, 0);
            assert_int_equal(by_account[p].time_us, before[p].time_us);
            assert_int_equal(by_time[p].account, before[p].account);
            assert_true(by_account[p].post == p && by_account[p].form == before[p].form);
            assert_true(by_time[p].post == p && by_time[p].form == before[p].form);
            accounts_moved += by_account[p].account != before[p].account;
            times_moved += by_time[p].time_us != before[p].time_us;
            had[p] = before[p].time_us;
            has[p] = by_time[p].time_us;
        }
        qsort(had, POSTS, sizeof *had, time_order);
        qsort(has, POSTS, sizeof *has, time_order);
        assert_memory_equal(had, has, sizeof had);
        assert_true(accounts_moved > 0 && times_moved > POSTS / 2);
    }
}

/* Every message keeps its time of day, all of a channel go as many days, no two channels as many. */
static void channels_move_apart(void **state)
{
    (void)state;
    enum { CHANNELS = 7, DAYS = 9 };
    uint32_t by_days[DAYS] = {0};
    for (uint64_t seed = 0; seed < 500; seed++) {
        int64_t time_us[POSTS], moved_us[POSTS], shift[CHANNELS], days;
        uint32_t channel[POSTS], order[POSTS];
        uint8_t seen[POSTS] = {0};
        struct lks_rng rng;
        lks_rng_init(&rng, seed, 2);
        for (uint32_t i = 0; i < POSTS; i++) {
            time_us[i] = (int64_t)(1700006400 + lks_rng_below(&rng, DAYS * 86400)) * LKS_SECOND_US;
            channel[i] = (uint32_t)lks_rng_below(&rng, CHANNELS);
        }
        qsort(time_us, POSTS, sizeof *time_us, time_order);
        days = time_us[POSTS - 1] / LKS_DAY_US - time_us[0] / LKS_DAY_US + 1;
        assert_int_equal(lks_shuffle_channels_share(time_us, POSTS, (uint32_t)days), 0);
        assert_int_equal(lks_shuffle_channels_share(time_us, POSTS, (uint32_t)days + 1), 1);
        assert_int_equal(lks_shuffle_channel_days(time_us, channel, POSTS, CHANNELS, seed, 3,
                                                  moved_us, order, NULL),
                         0);
        for (int c = 0; c < CHANNELS; c++)
            shift[c] = -1;
        for (uint32_t i = 0; i < POSTS; i++) {
            uint32_t message = order[i];
            int64_t by = moved_us[i] / LKS_DAY_US - time_us[message] / LKS_DAY_US;
            by = (by + days) % days;
            assert_true(i == 0 || moved_us[i - 1] <= moved_us[i]);
            assert_int_equal(seen[message]++, 0);
            assert_int_equal(moved_us[i] % LKS_DAY_US, time_us[message] % LKS_DAY_US);
            assert_true(shift[channel[message]] < 0 || shift[channel[message]] == by);
            shift[channel[message]] = by;
        }
        for (int c = 0; c < CHANNELS; c++)
            for (int d = 0; d < c; d++)
                assert_true(shift[c] < 0 || shift[c] != shift[d]);
        if (days == DAYS && shift[0] >= 0)
            by_days[shift[0]]++;
    }
    for (int by = 0; by < DAYS; by++) /* each as often as any other: 55 are expected */
        assert_true(by_days[by] > 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_stay_in_their_hour),
        cmocka_unit_test(days_move_by_account),
        cmocka_unit_test(script_posts_keep_the_rest),
        cmocka_unit_test(channels_move_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
