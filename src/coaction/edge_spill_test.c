/* edge_spill_test.c - edges kept in memory and on disk come back the same, in order */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "coaction/edge_spill.h"

static struct lks_edge edge_make(struct lks_rng *rng, uint32_t number, uint32_t count)
{
    /* Pairs are distinct: number is spread over (a, b), not in order. */
    uint32_t mixed = (uint32_t)((uint64_t)number * 7919 % count);
    struct lks_edge edge;
    memset(&edge, 0, sizeof edge);
    edge.a = mixed / 97;
    edge.b = edge.a + 1 + mixed % 97;
    edge.pairs_count = lks_rng_next(rng) >> lks_rng_below(rng, 64);
    edge.objects_count = (uint32_t)lks_rng_below(rng, 300);
    edge.lag_mean_us = lks_rng_unit(rng) * 1e8;
    edge.first_us = (int64_t)lks_rng_below(rng, UINT64_C(1) << 52) - 5;
    edge.last_us = edge.first_us + (int64_t)lks_rng_below(rng, UINT64_C(1) << 40);
    edge.kind_objects[lks_rng_below(rng, LKS_OBJECT_KINDS_COUNT)] = UINT32_MAX;
    return edge;
}

static int compare(const void *left, const void *right)
{
    const struct lks_edge *x = left, *y = right;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return x->b < y->b ? -1 : x->b > y->b;
}

static uint64_t round_trip(uint32_t count, uint64_t memory_bytes, uint64_t seed)
{
    struct lks_edge *edges = calloc(count + 1u, sizeof *edges), got[777];
    struct lks_edge_spill spill_edges = {0};
    struct lks_budget budget;
    struct lks_spill spill;
    struct lks_rng rng;
    size_t got_count, at = 0;
    assert_non_null(edges);
    lks_rng_init(&rng, seed, 0);
    lks_budget_init(&budget, UINT64_C(1) << 30, "edges");
    lks_spill_init(&spill, "/tmp", 0);
    assert_int_equal(lks_edge_spill_open(&spill_edges, memory_bytes, &budget, &spill, NULL), 0);
    for (int attempt = 0; attempt < 2; attempt++) { /* the first is thrown away */
        lks_edge_spill_reset(&spill_edges);
        for (uint32_t i = 0; i < count; i++)
            edges[i] = edge_make(&rng, i, count);
        for (uint32_t i = 0; i < count;) {
            size_t step = 1 + lks_rng_below(&rng, 5000);
            step = step < count - i ? step : count - i;
            assert_int_equal(lks_edge_spill_put(&spill_edges, edges + i, step, NULL), 0);
            i += (uint32_t)step;
        }
    }
    qsort(edges, count, sizeof *edges, compare);
    do {
        assert_int_equal(lks_edge_spill_next(&spill_edges, got, 777, &got_count, NULL), 0);
        assert_true(at + got_count <= count);
        if (got_count)
            assert_memory_equal(got, edges + at, got_count * sizeof *got);
        at += got_count;
    } while (got_count == 777);
    assert_int_equal(at, count);
    uint64_t most = atomic_load(&spill.most_bytes);
    lks_edge_spill_close(&spill_edges);
    assert_int_equal(atomic_load(&budget.used_bytes), 0);
    assert_int_equal(atomic_load(&spill.used_bytes), 0);
    free(edges);
    return most;
}

static void test_memory_and_disk_give_the_same(void **state)
{
    const uint32_t counts[] = {0, 1, 4095, 4096, 4097, 20000, 60000};
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        assert_int_equal(round_trip(counts[i], UINT64_C(1) << 28, i), 0);
        assert_int_equal(round_trip(counts[i], 1, i) > 0, counts[i] > 0);
        round_trip(counts[i], 2 << 20, i); /* some runs stay, some go */
    }
}

static void test_a_limit_on_disk_is_an_error(void **state)
{
    struct lks_edge_spill edges = {0};
    struct lks_budget budget;
    struct lks_spill spill;
    struct lks_rng rng;
    struct lks_error err = {0};
    int code = 0;
    (void)state;
    lks_rng_init(&rng, 1, 0);
    lks_budget_init(&budget, UINT64_C(1) << 30, "edges");
    lks_spill_init(&spill, "/tmp", 300000);
    assert_int_equal(lks_edge_spill_open(&edges, 1, &budget, &spill, NULL), 0);
    for (uint32_t i = 0; code == 0 && i < 100000; i++) {
        struct lks_edge edge = edge_make(&rng, i, 100000);
        code = lks_edge_spill_put(&edges, &edge, 1, &err);
    }
    assert_int_equal(code, LKS_EIO);
    assert_non_null(strstr(err.message, "--spill-limit"));
    lks_edge_spill_close(&edges);
    assert_int_equal(atomic_load(&budget.used_bytes), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_and_disk_give_the_same),
        cmocka_unit_test(test_a_limit_on_disk_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
