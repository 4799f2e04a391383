/* coaction_test.c - the co-action kernel against its definition */
#include "coaction/world.h"

/* ---- the reference, written from the definition ---- */

struct reference {
    const struct world *w;
    const struct lks_coaction_options *options;
    uint8_t meets[POSTS_MAX][POSTS_MAX]; /* post of a, post of b share an object in its window */
    uint32_t mate[POSTS_MAX];
    uint8_t tried[POSTS_MAX];
};

static int events_match(const struct world *w, const struct lks_coaction_options *options, size_t i,
                        size_t j)
{
    int64_t gap = w->time_us[i] > w->time_us[j] ? w->time_us[i] - w->time_us[j]
                                                : w->time_us[j] - w->time_us[i];
    return w->object[i] == w->object[j] && w->account[i] != w->account[j] &&
           gap <= options->window_us[w->object_kind[w->object[i]]];
}

static int try_kuhn(struct reference *r, uint32_t post)
{
    for (uint32_t other = 0; other < r->w->events.posts_count; other++) {
        if (!r->meets[post][other] || r->tried[other])
            continue;
        r->tried[other] = 1;
        if (r->mate[other] == UINT32_MAX || try_kuhn(r, r->mate[other])) {
            r->mate[other] = post;
            return 1;
        }
    }
    return 0;
}

static uint32_t reference_matching(struct reference *r)
{
    uint32_t size = 0;
    memset(r->mate, 0xff, sizeof r->mate);
    for (uint32_t post = 0; post < r->w->events.posts_count; post++) {
        memset(r->tried, 0, sizeof r->tried);
        size += (uint32_t)try_kuhn(r, post);
    }
    return size;
}

static void reference_pair(struct reference *r, uint32_t a, uint32_t b, struct lks_edge *edge)
{
    const struct world *w = r->w;
    uint8_t post_seen[POSTS_MAX] = {0}, object_seen[OBJECTS_MAX] = {0};
    int64_t lag_us = 0;
    memset(r->meets, 0, sizeof r->meets);
    *edge = (struct lks_edge){.a = a, .b = b, .first_us = INT64_MAX, .last_us = INT64_MIN};
    for (size_t i = 0; i < w->events.count; i++)
        for (size_t j = 0; j < w->events.count; j++) {
            if (w->account[i] != a || w->account[j] != b || !events_match(w, r->options, i, j))
                continue;
            int64_t times[2] = {w->time_us[i], w->time_us[j]};
            edge->pairs_count++;
            edge->a_first += times[0] < times[1];
            edge->b_first += times[1] < times[0];
            lag_us += llabs(times[0] - times[1]);
            for (int side = 0; side < 2; side++) {
                edge->first_us = times[side] < edge->first_us ? times[side] : edge->first_us;
                edge->last_us = times[side] > edge->last_us ? times[side] : edge->last_us;
            }
            r->meets[w->post[i]][w->post[j]] = 1;
            edge->posts_a += !post_seen[w->post[i]];
            edge->posts_b += !post_seen[w->post[j]];
            post_seen[w->post[i]] = post_seen[w->post[j]] = 1;
            edge->objects_count += !object_seen[w->object[i]];
            edge->kind_objects[w->object_kind[w->object[i]]] += !object_seen[w->object[i]];
            object_seen[w->object[i]] = 1;
        }
    if (edge->pairs_count == 0)
        return;
    edge->lag_mean_us = (double)lag_us / (double)edge->pairs_count;
    edge->occasions_count = reference_matching(r);
}

static void assert_edges_equal(const struct lks_edge *x, const struct lks_edge *y)
{
    assert_int_equal(x->a, y->a);
    assert_int_equal(x->b, y->b);
    assert_int_equal(x->pairs_count, y->pairs_count);
    assert_int_equal(x->objects_count, y->objects_count);
    assert_int_equal(x->occasions_count, y->occasions_count);
    assert_int_equal(x->posts_a, y->posts_a);
    assert_int_equal(x->posts_b, y->posts_b);
    assert_int_equal(x->a_first, y->a_first);
    assert_int_equal(x->b_first, y->b_first);
    assert_true(x->lag_mean_us == y->lag_mean_us);
    assert_int_equal(x->first_us, y->first_us);
    assert_int_equal(x->last_us, y->last_us);
    assert_memory_equal(x->kind_objects, y->kind_objects, sizeof x->kind_objects);
}

/* Asked for counts alone, an edge has them, and nothing else. */
static void compare_counts(const struct world *w, const struct lks_coaction_options *options,
                           const struct edges *found)
{
    struct lks_coaction_options counts_asked = *options;
    counts_asked.fields = LKS_COACTION_COUNTS;
    struct edges counted = scan_all(w, &counts_asked, NULL);
    assert_int_equal(counted.count, found->count);
    for (size_t i = 0; i < found->count; i++) {
        const struct lks_edge *edge = &found->items[i];
        struct lks_edge expected = {.a = edge->a,
                                    .b = edge->b,
                                    .pairs_count = edge->pairs_count,
                                    .objects_count = edge->objects_count};
        memcpy(expected.kind_objects, edge->kind_objects, sizeof expected.kind_objects);
        assert_memory_equal(&counted.items[i], &expected, sizeof expected);
    }
    free(counted.items);
}

static void compare_world(const struct world *w, const struct lks_coaction_options *options)
{
    static struct reference r;
    struct lks_coaction_counts counts;
    struct edges found = scan_all(w, options, &counts);
    uint64_t pairs = 0, met = 0;
    size_t at = 0;
    r.w = w;
    r.options = options;
    for (uint32_t a = 0; a < w->events.accounts_count; a++)
        for (uint32_t b = a + 1; b < w->events.accounts_count; b++) {
            struct lks_edge edge;
            reference_pair(&r, a, b, &edge);
            pairs += edge.pairs_count;
            met += edge.pairs_count > 0;
            if (edge.pairs_count == 0 || edge.pairs_count < options->min_pairs ||
                edge.objects_count < options->min_objects ||
                edge.occasions_count < options->min_occasions)
                continue;
            assert_true(at < found.count);
            assert_edges_equal(&found.items[at++], &edge);
        }
    assert_int_equal(at, found.count);
    assert_int_equal(counts.edges_kept, found.count);
    assert_true(counts.pairs_scanned <= pairs && counts.edges_seen <= met);
    if (options->min_objects <= 1 && options->min_occasions <= 1) {
        /* Nothing was pruned but what has no match. */
        assert_int_equal(counts.pairs_scanned, pairs);
        if (options->min_pairs <= 1) /* else pairs met too seldom are not measured */
            assert_int_equal(counts.edges_seen, met);
    }
    struct lks_coaction_options threaded = *options;
    threaded.threads_count = 3;
    struct edges again = scan_all(w, &threaded, NULL);
    assert_int_equal(again.count, found.count);
    if (found.count)
        assert_memory_equal(again.items, found.items, found.count * sizeof *found.items);
    compare_counts(w, options, &found);
    free(found.items);
    free(again.items);
}

static void test_against_definition(void **state)
{
    (void)state;
    static struct world w;
    for (uint64_t seed = 0; seed < 6000; seed++) {
        struct lks_rng rng;
        struct lks_coaction_options options;
        lks_rng_init(&rng, 20240518, seed);
        int64_t window_us = 2 + 2 * (int64_t)lks_rng_below(&rng, 50);
        world_random(&w, &rng, window_us);
        random_options(&options, &rng, window_us);
        compare_world(&w, &options);
        options.min_occasions = 1; /* what counts alone are for */
        compare_world(&w, &options);
    }
}

static void test_matches(void **state)
{
    (void)state;
    static struct world w;
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct lks_rng rng;
        struct lks_coaction_options options;
        lks_rng_init(&rng, 4, seed);
        int64_t window_us = 2 + 2 * (int64_t)lks_rng_below(&rng, 50);
        world_random(&w, &rng, window_us);
        random_options(&options, &rng, window_us);
        uint32_t a = (uint32_t)lks_rng_below(&rng, w.events.accounts_count);
        uint32_t b = (uint32_t)lks_rng_below(&rng, w.events.accounts_count);
        struct lks_match *matches;
        size_t count, expected = 0;
        assert_int_equal(lks_coaction_matches(&w.events, &options, a, b, &matches, &count, NULL),
                         0);
        for (size_t i = 0; i < w.events.count; i++)
            for (size_t j = 0; j < w.events.count; j++) {
                if (w.account[i] != a || w.account[j] != b || !events_match(&w, &options, i, j))
                    continue;
                int listed = 0;
                expected++;
                for (size_t k = 0; k < count; k++)
                    listed += matches[k].post_a == w.post[i] && matches[k].post_b == w.post[j] &&
                              matches[k].object == w.object[i];
                assert_int_equal(listed, 1);
            }
        assert_int_equal(count, expected);
        for (size_t k = 1; k < count; k++) {
            int64_t times[2];
            for (size_t i = 0; i < 2; i++) {
                const struct lks_match *m = &matches[k - 1 + i];
                int64_t x = w.post_time_us[m->post_a], y = w.post_time_us[m->post_b];
                times[i] = x > y ? x : y;
            }
            assert_true(times[0] <= times[1]);
        }
        free(matches);
    }
}

/* Enough work for many tasks: a viral minute. The pairs of two accounts are counted from
 * their posts alone, all being on one object within one window. */
static void test_threads(void **state)
{
    (void)state;
    enum { POSTS = 4000, ACCOUNTS = 150 };
    struct lks_events events = {
        .count = POSTS, .objects_count = 2, .accounts_count = ACCOUNTS, .posts_count = POSTS};
    uint8_t kinds[2] = {LKS_OBJECT_URL, LKS_OBJECT_SOUND};
    uint64_t by_account[2][ACCOUNTS] = {{0}};
    uint32_t *columns = calloc(3 * POSTS, sizeof *columns);
    int64_t *times = calloc(POSTS, sizeof *times);
    struct lks_rng rng;
    lks_rng_init(&rng, 9, 9);
    events.object = columns;
    events.account = columns + POSTS;
    events.post = columns + 2 * POSTS;
    events.time_us = times;
    events.object_kind = kinds;
    for (uint32_t i = 0; i < POSTS; i++) {
        events.object[i] = i >= POSTS / 2;
        events.account[i] = (uint32_t)(ACCOUNTS * lks_rng_unit(&rng) * lks_rng_unit(&rng));
        events.post[i] = i;
        times[i] = (int64_t)(i % (POSTS / 2)) * LKS_MINUTE_US / POSTS;
        by_account[events.object[i]][events.account[i]]++;
    }
    struct world w = {.events = events};
    struct lks_coaction_options options = lks_coaction_options_default();
    options.min_occasions = 1;
    struct edges one = scan_all(&w, &options, NULL);
    options.threads_count = 3;
    struct edges three = scan_all(&w, &options, NULL);
    assert_int_equal(one.count, three.count);
    assert_memory_equal(one.items, three.items, one.count * sizeof *one.items);
    size_t at = 0;
    for (uint32_t a = 0; a < ACCOUNTS; a++)
        for (uint32_t b = a + 1; b < ACCOUNTS; b++) {
            uint64_t pairs =
                by_account[0][a] * by_account[0][b] + by_account[1][a] * by_account[1][b];
            if (pairs == 0)
                continue;
            assert_int_equal(one.items[at].a, a);
            assert_int_equal(one.items[at].b, b);
            assert_int_equal(one.items[at++].pairs_count, pairs);
        }
    assert_int_equal(at, one.count);
    free(one.items);
    free(three.items);
    free(columns);
    free(times);
}

/* One repost is one occasion, however many objects it carries. */
static void test_one_act_many_objects(void **state)
{
    (void)state;
    static struct world w;
    struct lks_coaction_options options = lks_coaction_options_default();
    memset(&w, 0, sizeof w);
    w.post_account[1] = 1;
    w.post_time_us[0] = 5;
    w.post_time_us[1] = 5 + LKS_MINUTE_US;
    for (uint32_t object = 0; object < 6; object++) {
        world_event(&w, object, 0);
        world_event(&w, object, 1);
        w.object_kind[object] = (uint8_t)object;
    }
    w.events.accounts_count = 2;
    w.events.objects_count = 6;
    w.events.posts_count = 2;
    world_order(&w);
    options.min_occasions = 1;
    struct edges found = scan_all(&w, &options, NULL);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.items[0].objects_count, 6);
    assert_int_equal(found.items[0].occasions_count, 1);
    assert_int_equal(found.items[0].a_first, 6);
    assert_true(found.items[0].lag_mean_us == (double)LKS_MINUTE_US);
    free(found.items);
    options.min_occasions = 2;
    found = scan_all(&w, &options, NULL);
    assert_int_equal(found.count, 0);
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        options.window_us[kind] = LKS_MINUTE_US - 1;
    options.min_occasions = 1;
    found = scan_all(&w, &options, NULL);
    assert_int_equal(found.count, 0);
}

static void test_failures(void **state)
{
    (void)state;
    static struct world w;
    struct lks_rng rng;
    struct lks_error err = {0};
    struct edges list = {0};
    struct lks_edge_sink sink = {edges_put, &list};
    struct lks_coaction_options options = lks_coaction_options_default();
    lks_rng_init(&rng, 1, 0);
    world_random(&w, &rng, LKS_MINUTE_US);
    options.memory_bytes = 1;
    assert_int_equal(lks_coaction_scan(&w.events, &options, NULL, &sink, NULL, &err), LKS_EMEMORY);
    assert_non_null(strstr(err.message, "limit"));
    options.memory_bytes = 0;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        options.window_us[kind] = -1;
    assert_int_equal(lks_coaction_options_check(&options, NULL), LKS_EARGUMENT);
    static const volatile int raised = 1;
    struct lks_control control = {.cancel = &raised};
    options = lks_coaction_options_default();
    assert_int_equal(lks_coaction_scan(&w.events, &options, &control, &sink, NULL, NULL),
                     LKS_ECANCELLED);
    struct lks_events none = {0};
    assert_int_equal(lks_coaction_scan(&none, &options, NULL, &sink, NULL, NULL), 0);
    assert_int_equal(list.count, 0);
}

/* Whatever the limit, the scan ends well or says that memory is out, and leaks nothing. */
static void test_every_limit(void **state)
{
    (void)state;
    static struct world w;
    struct lks_rng rng;
    struct lks_coaction_options options = lks_coaction_options_default();
    struct edges full, list = {0};
    struct lks_edge_sink sink = {edges_put, &list};
    int refused = 0, code = LKS_EMEMORY;
    lks_rng_init(&rng, 5, 3);
    world_random(&w, &rng, LKS_MINUTE_US);
    options.min_occasions = 1;
    full = scan_all(&w, &options, NULL);
    assert_true(full.count > 1);
    for (options.memory_bytes = 1; code != 0; options.memory_bytes += 40) {
        struct lks_error err = {0};
        code = lks_coaction_scan(&w.events, &options, NULL, &sink, NULL, &err);
        assert_true(code == 0 || (code == LKS_EMEMORY && err.message[0]));
        refused += code != 0;
    }
    assert_true(refused > 20);
    assert_int_equal(list.count, full.count);
    assert_memory_equal(list.items, full.items, full.count * sizeof *full.items);
    for (options.memory_bytes = 1, code = LKS_EMEMORY; code != 0; options.memory_bytes += 40) {
        struct lks_match *matches;
        size_t count;
        code = lks_coaction_matches(&w.events, &options, full.items[0].a, full.items[0].b, &matches,
                                    &count, NULL);
        assert_true(code == 0 || (code == LKS_EMEMORY && !matches));
        assert_true(code != 0 || count == full.items[0].pairs_count);
        free(matches);
    }
    free(full.items);
    free(list.items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_definition),
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_one_act_many_objects),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_every_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
