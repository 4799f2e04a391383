/* all_test.c - the null model on larger worlds: threads, lists turned around, memory */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "chance/scan.h"

/* Posts of a few days by a few accounts, the first of them far busier, each on one to three
 * objects of which some are in every tenth post. */
static struct lks_events make_events(uint64_t seed, uint32_t posts, uint32_t accounts)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 0);
    uint32_t objects = posts / 8 + 3;
    struct lks_events events = {.objects_count = objects,
                                .accounts_count = accounts,
                                .posts_count = posts,
                                .time_precision = LKS_PRECISION_SECOND};
    size_t most = (size_t)posts * 3;
    events.object = malloc(most * 4);
    events.account = malloc(most * 4);
    events.post = malloc(most * 4);
    events.time_us = malloc(most * sizeof(int64_t));
    events.object_kind = calloc(objects, 1);
    events.post_account = malloc((size_t)posts * 4);
    events.post_time_us = malloc((size_t)posts * sizeof(int64_t));
    for (uint32_t p = 0; p < posts; p++) {
        uint32_t widest = (uint32_t)lks_rng_below(&rng, accounts) + 1;
        uint32_t account = (uint32_t)lks_rng_below(&rng, widest);
        int64_t time_us = (int64_t)lks_rng_below(&rng, 3 * 86400) * 1000000 + LKS_DAY_US;
        uint32_t uses = 1 + (uint32_t)lks_rng_below(&rng, 3), taken[3];
        events.post_account[p] = account;
        events.post_time_us[p] = time_us;
        for (uint32_t u = 0; u < uses; u++) {
            int again = 0;
            taken[u] = lks_rng_below(&rng, 4) ? (uint32_t)lks_rng_below(&rng, objects)
                                              : (uint32_t)lks_rng_below(&rng, 3);
            for (uint32_t v = 0; v < u; v++)
                again |= taken[v] == taken[u];
            if (again)
                continue;
            events.object[events.count] = taken[u];
            events.account[events.count] = account;
            events.post[events.count] = p;
            events.time_us[events.count++] = time_us;
        }
    }
    assert_int_equal(lks_events_sort(&events, NULL), 0);
    return events;
}

static struct lks_chance_options options_for_tests(void)
{
    struct lks_chance_options options = lks_chance_options_default();
    options.object_accounts_min = 1000; /* nothing is common */
    return options;
}

static int compare_ids(const void *left, const void *right)
{
    uint32_t x = *(const uint32_t *)left, y = *(const uint32_t *)right;
    return x < y ? -1 : x > y;
}

/* Lists turned around hold what a search finds, in every row. */
static void test_links(void **state)
{
    (void)state;
    struct lks_events events = make_events(5, 1500, 25);
    struct lks_chance_options options = options_for_tests();
    struct lks_chance *chance;
    struct lks_chance_authors *authors;
    struct lks_chance_links turned = {0};
    assert_int_equal(lks_chance_prepare(&events, &options, NULL, &chance, NULL), 0);
    assert_int_equal(lks_chance_authors_new(chance, &authors, NULL), 0);
    lks_chance_authors_set(authors, events.post_account);
    unsigned tests = 2 * lks_chance_counts(chance)->windows_used, rows_turned = 0;
    for (uint32_t order = 0; order < events.accounts_count; order++) {
        lks_chance_links_row(&turned);
        /* Only posts that a's lists name may be asked for. */
        for (int pass = 0; pass < 2; pass++) {
            uint32_t a = chance->order_account[order];
            for (uint32_t i = chance->account_first[a]; i < chance->account_first[a + 1]; i++) {
                struct lks_chance_partners partners =
                    lks_chance_partners(chance, chance->stratum_post[authors->account_place[i]]);
                for (uint32_t j = 0; j < partners.end[tests - 1]; j++) {
                    struct lks_chance_links fresh = {0};
                    uint32_t place = partners.place[j], from = 0;
                    unsigned segments = 2 + 2 * (j % (tests / 2));
                    assert_int_equal(
                        lks_chance_links_of(&fresh, authors, order, place, segments, NULL), 0);
                    assert_int_equal(
                        lks_chance_links_of(&turned, authors, order, place, segments, NULL), 0);
                    for (unsigned s = 0; s < segments; s++) {
                        uint32_t count = fresh.end[s] - from;
                        assert_int_equal(fresh.end[s], turned.end[s]);
                        if (count) {
                            qsort(fresh.rank + from, count, 4, compare_ids);
                            qsort(turned.rank + from, count, 4, compare_ids);
                            assert_memory_equal(fresh.rank + from, turned.rank + from, count * 4u);
                        }
                        from = fresh.end[s];
                    }
                    lks_chance_links_free(&fresh, chance->budget);
                }
            }
        }
        rows_turned += turned.row == order + 1;
    }
    assert_true(rows_turned > 10);
    lks_chance_links_free(&turned, chance->budget);
    lks_chance_authors_free(authors);
    lks_chance_free(chance);
    lks_events_free(&events);
}

/* Any number of threads, one scan or many, light rows asked first or not: the same bytes. */
static void test_threads(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct lks_events events = make_events(seed, 2500, seed % 2 ? 60 : 700);
        struct lks_chance_options options = options_for_tests();
        struct lks_chance *chance;
        struct lks_chance_scan *scan;
        struct lks_chance_edge *all;
        const struct lks_chance_edge *one;
        size_t one_count, all_count;
        uint64_t one_tested, all_tested;
        double p_max = seed % 3 ? 0.05 : 1;
        assert_int_equal(lks_chance_prepare(&events, &options, NULL, &chance, NULL), 0);
        assert_int_equal(lks_chance_scan_new(chance, &scan, NULL), 0);
        assert_int_equal(lks_chance_scan_run(scan, events.post_account, p_max, &one, &one_count,
                                             &one_tested, NULL),
                         0);
        assert_true(one_tested > 0);
        for (unsigned threads = 1; threads <= 4; threads++) {
            struct lks_control control = {.threads = threads};
            assert_int_equal(lks_chance_scan_all(chance, events.post_account, p_max, &control, &all,
                                                 &all_count, threads == 3 ? NULL : &all_tested,
                                                 NULL),
                             0);
            assert_int_equal(all_count, one_count);
            assert_true(threads == 3 || all_tested == one_tested);
            if (all_count)
                assert_memory_equal(all, one, all_count * sizeof *all);
            free(all);
        }
        lks_chance_scan_free(scan);
        lks_chance_free(chance);
        lks_events_free(&events);
    }
}

/* A memory limit is kept or named, and never changes an answer. */
static void test_memory(void **state)
{
    (void)state;
    struct lks_events events = make_events(9, 2000, 80);
    struct lks_chance_options options = options_for_tests();
    struct lks_chance *chance;
    struct lks_chance_edge *edges = NULL, *first = NULL;
    size_t count = 0, first_count = 0;
    int failed = 0, passed = 0;
    for (uint64_t limit = 1000; limit < (UINT64_C(1) << 32); limit *= 2) {
        struct lks_error err = {0};
        options.memory_bytes = limit;
        int rc = lks_chance_prepare(&events, &options, NULL, &chance, &err);
        if (rc == 0) {
            rc = lks_chance_scan_all(chance, events.post_account, 1, NULL, &edges, &count, NULL,
                                     &err);
            uint64_t used = chance->budget->used_bytes;
            assert_true(used <= limit);
            lks_chance_free(chance);
        }
        if (rc) {
            assert_int_equal(rc, LKS_EMEMORY);
            if (!strstr(err.message, "the null model needs"))
                fail_msg("limit %llu: %s", (unsigned long long)limit, err.message);
            assert_int_equal(passed, 0);
            failed++;
            continue;
        }
        if (passed++) {
            assert_int_equal(count, first_count);
            assert_memory_equal(edges, first, count * sizeof *edges);
            free(edges);
        } else {
            first = edges;
            first_count = count;
        }
    }
    assert_true(failed > 3 && passed > 3 && first_count > 0);
    free(first);
    lks_events_free(&events);
}

static int crosses(const void *context, uint32_t a, uint32_t b)
{
    const uint8_t *held = context;
    return held[a] != held[b];
}

/* Asked for some pairs, a scan gives their edges out of all. */
static void test_pairs(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct lks_events events = make_events(50 + seed, 600, 40);
        struct lks_chance_options options = options_for_tests();
        struct lks_chance *chance;
        struct lks_chance_edge *all, *some;
        size_t all_count, some_count, at = 0;
        uint8_t held[40];
        struct lks_chance_pairs pairs = {crosses, held};
        struct lks_control control = {.threads = 1 + (unsigned)(seed % 2)};
        for (uint32_t a = 0; a < 40; a++)
            held[a] = (seed + a) % 3 == 0;
        assert_int_equal(lks_chance_prepare(&events, &options, NULL, &chance, NULL), 0);
        assert_int_equal(lks_chance_scan_all(chance, events.post_account, 1, &control, &all,
                                             &all_count, NULL, NULL),
                         0);
        assert_int_equal(lks_chance_scan_pairs(chance, events.post_account, 1, &pairs, &control,
                                               &some, &some_count, NULL, NULL),
                         0);
        for (size_t i = 0; i < all_count; i++) {
            if (held[all[i].a] == held[all[i].b])
                continue;
            assert_true(at < some_count);
            assert_memory_equal(&some[at++], &all[i], sizeof *all);
        }
        assert_true(at == some_count && at > 0 && at < all_count);
        free(all);
        free(some);
        lks_chance_free(chance);
        lks_events_free(&events);
    }
}

/* A copy that holds some accounts leaves their posts and deals each stratum's others anew, all
 * alike: over many copies every free post of a stratum is had by each of its authors as often. */
static void test_held(void **state)
{
    (void)state;
    enum { POSTS = 60, COPIES = 4000 };
    struct lks_events events = make_events(3, POSTS, 6);
    struct lks_chance_options options = options_for_tests();
    struct lks_chance *chance;
    uint8_t held[6] = {0, 1, 0, 0, 1, 0};
    uint32_t author[POSTS];
    static uint32_t had[POSTS][6];
    options.stratum_us = LKS_DAY_US;
    assert_int_equal(lks_chance_prepare(&events, &options, NULL, &chance, NULL), 0);
    memset(had, 0, sizeof had);
    for (uint64_t copy = 0; copy < COPIES; copy++) {
        assert_int_equal(lks_chance_shuffle_others(chance, 8, copy, held, author, NULL), 0);
        for (uint32_t p = 0; p < POSTS; p++)
            had[p][author[p]]++;
    }
    for (uint32_t p = 0; p < POSTS; p++) {
        uint32_t real = events.post_account[p], free_posts = 0, posts[6] = {0};
        if (held[real]) {
            assert_int_equal(had[p][real], COPIES);
            continue;
        }
        for (uint32_t q = 0; q < POSTS; q++) {
            if (chance->post_stratum[q] != chance->post_stratum[p] || held[events.post_account[q]])
                continue;
            free_posts++;
            posts[events.post_account[q]]++;
        }
        for (uint32_t a = 0; a < 6; a++) {
            double expected = (double)COPIES * posts[a] / free_posts;
            double off = had[p][a] > expected ? had[p][a] - expected : expected - had[p][a];
            assert_true(off * off <= 25 * expected); /* five standard deviations */
        }
    }
    lks_chance_free(chance);
    lks_events_free(&events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links), cmocka_unit_test(test_threads), cmocka_unit_test(test_memory),
        cmocka_unit_test(test_pairs), cmocka_unit_test(test_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
