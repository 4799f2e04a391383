/* savings_test.c - no saving, path, thread or company of windows changes an edge */
#include "coaction/world.h"

#include "coaction/pick.h"
#include "coaction/sums.h"

static const unsigned savings[] = {
    LKS_COACTION_NO_PRUNING, LKS_COACTION_NO_RANKING, LKS_COACTION_NO_PREFIX,
    LKS_COACTION_NO_LOOKUP,  LKS_COACTION_NO_UNION,   LKS_COACTION_ALL_LOOKUP,
    LKS_COACTION_NO_SMALL,   LKS_COACTION_NO_SLIDE,   LKS_COACTION_NO_NEAR};
enum { SAVINGS = sizeof savings / sizeof *savings };

/* With ranks by id, edges come in another order. */
static void assert_same_edges(struct edges *x, struct edges *y, int sorted)
{
    assert_int_equal(x->count, y->count);
    if (x->count == 0)
        return;
    if (sorted) {
        qsort(x->items, x->count, sizeof *x->items, compare_edges);
        qsort(y->items, y->count, sizeof *y->items, compare_edges);
    }
    assert_memory_equal(x->items, y->items, x->count * sizeof *x->items);
}

static void random_case(struct world *w, struct lks_coaction_options *options, uint64_t stream,
                        uint64_t seed)
{
    struct lks_rng rng;
    lks_rng_init(&rng, stream, seed);
    int64_t window_us = 2 + 2 * (int64_t)lks_rng_below(&rng, 50);
    world_random(w, &rng, window_us);
    random_options(options, &rng, window_us);
    if (lks_rng_below(&rng, 8) == 0) /* sums that 16 bits cannot hold, or nothing reaches */
        options->min_objects = 3 + (uint32_t)lks_rng_below(&rng, 30);
    if (lks_rng_below(&rng, 3) == 0) {
        options->fields = LKS_COACTION_COUNTS;
        options->min_occasions = lks_rng_below(&rng, 4) ? 1 : options->min_occasions;
    }
}

static void test_savings(void **state)
{
    (void)state;
    static struct world w;
    uint64_t kept = 0;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct lks_coaction_options options, other;
        struct lks_rng rng;
        random_case(&w, &options, 77, seed);
        struct edges plain = scan_unsorted(&w, &options, NULL);
        kept += plain.count;
        lks_rng_init(&rng, 78, seed);
        for (int i = 0; i < SAVINGS + 3; i++) {
            other = options;
            other.without = i < SAVINGS ? savings[i] : (unsigned)lks_rng_below(&rng, 1024);
            other.threads_count = 1 + (unsigned)lks_rng_below(&rng, 5);
            struct edges found = scan_unsorted(&w, &other, NULL);
            int ranked = !(other.without & LKS_COACTION_NO_RANKING);
            assert_same_edges(&plain, &found, !ranked);
            free(found.items);
            free(plain.items);
            plain = scan_unsorted(&w, &options, NULL);
        }
        free(plain.items);
    }
    assert_true(kept > 3000);
}

static void test_paths_and_threads(void **state)
{
    (void)state;
    static const unsigned threads[3] = {1, 2, 5};
    static struct world w;
    for (uint64_t seed = 0; seed < 1500; seed++) {
        struct lks_coaction_options options, other;
        random_case(&w, &options, 79, seed);
        struct edges plain = scan_unsorted(&w, &options, NULL);
        for (int path = LKS_COACTION_PATH_BEST; path <= LKS_COACTION_PATH_AVX512; path++) {
            other = options;
            other.path = (enum lks_coaction_path)path;
            if (!lks_coaction_path_has(other.path))
                continue;
            for (int i = 0; i < 3; i++) {
                other.threads_count = threads[i];
                struct edges found = scan_unsorted(&w, &other, NULL);
                assert_same_edges(&plain, &found, 0);
                free(found.items);
            }
        }
        free(plain.items);
    }
}

/* Several windows in one sweep are each what they are alone, but for their order. */
static void test_windows(void **state)
{
    (void)state;
    static struct world w;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct lks_coaction_options options[4];
        struct lks_coaction_counts counts[4];
        struct edges lists[4] = {{0}};
        struct lks_edge_sink sinks[4];
        struct lks_rng rng;
        random_case(&w, &options[0], 80, seed);
        lks_rng_init(&rng, 81, seed);
        size_t windows = 2 + lks_rng_below(&rng, 3);
        for (size_t i = 0; i < windows; i++) {
            if (i > 0)
                random_options(&options[i], &rng, 2 + 2 * (int64_t)lks_rng_below(&rng, 50));
            options[i].fields = options[0].fields;
            sinks[i] = (struct lks_edge_sink){edges_put, &lists[i]};
        }
        assert_int_equal(
            lks_coaction_scan_windows(&w.events, options, windows, NULL, sinks, counts, NULL), 0);
        for (size_t i = 0; i < windows; i++) {
            struct edges alone = scan_unsorted(&w, &options[i], NULL);
            assert_int_equal(counts[i].edges_kept, alone.count);
            assert_same_edges(&alone, &lists[i], 1);
            free(alone.items);
            free(lists[i].items);
        }
    }
    struct lks_error err = {0};
    assert_int_equal(lks_coaction_scan_windows(&w.events, NULL, 0, NULL, NULL, NULL, &err),
                     LKS_EARGUMENT);
}

static void test_picks(void **state)
{
    (void)state;
    enum { MOST = 300 };
    struct lks_rng rng;
    uint32_t ids[MOST], expected[MOST], found[MOST + LKS_COACTION_PICK_SLACK];
    lks_rng_init(&rng, 82, 0);
    for (int round = 0; round < 20000; round++) {
        size_t count = lks_rng_below(&rng, MOST), kept = 0;
        uint32_t range = lks_rng_below(&rng, 2) ? 40 : UINT32_MAX;
        uint32_t low = (uint32_t)lks_rng_below(&rng, range);
        uint32_t span = (uint32_t)lks_rng_below(&rng, (uint64_t)range - low + 1);
        for (size_t i = 0; i < count; i++)
            ids[i] = (uint32_t)lks_rng_below(&rng, range);
        for (int indexes = 0; indexes < 2; indexes++) {
            kept = 0;
            for (size_t i = 0; i < count; i++)
                if (ids[i] >= low && ids[i] < (uint64_t)low + span)
                    expected[kept++] = indexes ? (uint32_t)i : ids[i];
            for (int path = LKS_COACTION_PATH_BEST; path <= LKS_COACTION_PATH_AVX512; path++) {
                struct lks_coaction_paths paths =
                    lks_coaction_paths_choose((enum lks_coaction_path)path);
                lks_coaction_pick *pick = indexes ? paths.pick_index : paths.pick;
                assert_int_equal(pick(ids, count, low, span, found), kept);
                if (kept)
                    assert_memory_equal(found, expected, kept * sizeof *found);
            }
        }
    }
}

enum { PARTNERS = 20 };

/* Sums by hand: what each partner has, and the unit that it was met in last. */
struct by_hand {
    uint32_t sum[PARTNERS], reached[PARTNERS];
    int64_t unit[PARTNERS];
};

/* One account with random units against sums kept by hand; where thresholds are reached early that
 * is no fault for stands, and exact else. */
static void account_sums(struct lks_coaction_sums *sums, struct lks_budget *budget,
                         struct lks_rng *rng, uint32_t threshold, size_t units, size_t claimed)
{
    struct by_hand hand = {{0}};
    uint32_t picks[8], reached[9];
    memset(hand.unit, 0xff, sizeof hand.unit);
    assert_int_equal(lks_coaction_sums_start(sums, PARTNERS, threshold, claimed, budget, NULL), 0);
    for (size_t unit = 0; unit < units; unit++) {
        uint32_t add = lks_rng_below(rng, 5) ? 1 : 1 + (uint32_t)lks_rng_below(rng, 3);
        uint32_t add_new = unit + 2 >= units ? 0 : add; /* the tail */
        size_t pieces = 1 + lks_rng_below(rng, 2);
        lks_coaction_sums_unit(sums);
        while (pieces--) {
            size_t count = lks_rng_below(rng, 8);
            for (size_t i = 0; i < count; i++)
                picks[i] = (uint32_t)lks_rng_below(rng, PARTNERS);
            size_t found = lks_coaction_sums_add(sums, picks, count, add, add_new, reached);
            for (size_t i = 0; i < count; i++) {
                uint32_t p = picks[i];
                if (hand.unit[p] == (int64_t)unit || (hand.sum[p] == 0 && add_new == 0))
                    continue;
                hand.unit[p] = (int64_t)unit;
                hand.sum[p] += add;
            }
            for (size_t i = 0; i < found; i++)
                assert_int_equal(hand.reached[reached[i]]++, 0);
        }
    }
    for (uint32_t p = 0; p < PARTNERS; p++) {
        uint64_t hit[2];
        int is = hand.sum[p] >= threshold;
        /* With a threshold of 2 a sum is not kept, only that it is enough. */
        if (!sums->stands)
            assert_int_equal(hand.reached[p], is);
        else
            assert_true(hand.reached[p] || !is);
        assert_int_equal(lks_coaction_sums_hits(sums, &p, 1, hit), hand.reached[p]);
    }
}

static void test_sums(void **state)
{
    (void)state;
    struct lks_coaction_sums sums = {0};
    struct lks_budget budget;
    struct lks_rng rng;
    lks_budget_init(&budget, 0, "test");
    lks_rng_init(&rng, 83, 0);
    /* Enough units that stamps of 16 bits run out several times. */
    for (int account = 0; account < 60000; account++) {
        uint32_t threshold = 1 + (uint32_t)lks_rng_below(&rng, 5);
        size_t units = lks_rng_below(&rng, 12), claimed = units;
        if (lks_rng_below(&rng, 2000) == 0) /* as many as wide stamps can hold, or more */
            claimed = (1 << 20) - 20 + lks_rng_below(&rng, 40);
        account_sums(&sums, &budget, &rng, threshold, units, claimed);
    }
    lks_coaction_sums_free(&sums, PARTNERS, &budget);
    assert_int_equal(budget.used_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_savings), cmocka_unit_test(test_paths_and_threads),
        cmocka_unit_test(test_windows), cmocka_unit_test(test_picks),
        cmocka_unit_test(test_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
