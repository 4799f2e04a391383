/* matching_test.c - Hopcroft and Karp against single augmenting paths */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "graph/matching.h"

enum { SIDE = 24 };

static int try_path(uint8_t edges[SIDE][SIDE], uint32_t right, uint32_t v, int *mate, int *seen)
{
    for (uint32_t u = 0; u < right; u++) {
        if (!edges[v][u] || seen[u])
            continue;
        seen[u] = 1;
        if (mate[u] < 0 || try_path(edges, right, (uint32_t)mate[u], mate, seen)) {
            mate[u] = (int)v;
            return 1;
        }
    }
    return 0;
}

static uint32_t slow_size(uint8_t edges[SIDE][SIDE], uint32_t left, uint32_t right)
{
    int mate[SIDE], seen[SIDE];
    uint32_t size = 0;
    memset(mate, 0xff, sizeof mate);
    for (uint32_t v = 0; v < left; v++) {
        memset(seen, 0, sizeof seen);
        size += (uint32_t)try_path(edges, right, v, mate, seen);
    }
    return size;
}

/* Nested graphs, grown one after the other as the windows are. */
static void test_nested(void **state)
{
    (void)state;
    struct lks_matching matching = {0};
    struct lks_rng rng;
    lks_rng_init(&rng, 11, 0);
    for (int round = 0; round < 4000; round++) {
        uint32_t left = 1 + (uint32_t)lks_rng_below(&rng, SIDE);
        uint32_t right = 1 + (uint32_t)lks_rng_below(&rng, SIDE);
        uint64_t density = 1 + lks_rng_below(&rng, 30);
        uint8_t step[SIDE][SIDE] = {{0}};
        uint32_t first[SIDE], end[3][SIDE], target[SIDE * SIDE], count = 0;
        for (uint32_t v = 0; v < left; v++) {
            first[v] = count;
            for (uint32_t u = 0; u < right; u++)
                step[v][u] =
                    (uint8_t)(lks_rng_below(&rng, 100) < density ? 1 + lks_rng_below(&rng, 3) : 0);
            for (unsigned s = 1; s <= 3; s++) {
                for (uint32_t u = 0; u < right; u++) {
                    if (step[v][u] == s)
                        target[count++] = u;
                }
                end[s - 1][v] = count;
            }
        }
        assert_int_equal(lks_matching_start(&matching, left, right, NULL), 0);
        for (unsigned s = 1; s <= 3; s++) {
            uint8_t edges[SIDE][SIDE] = {{0}};
            for (uint32_t v = 0; v < left; v++) {
                for (uint32_t u = 0; u < right; u++)
                    edges[v][u] = step[v][u] && step[v][u] <= s;
            }
            uint32_t size = lks_matching_grow(&matching, left, first, end[s - 1], target);
            assert_int_equal(size, slow_size(edges, left, right));
            uint32_t mated = 0;
            for (uint32_t v = 0; v < left; v++) {
                uint32_t u = matching.mate_left[v];
                if (u == UINT32_MAX)
                    continue;
                mated++;
                assert_true(edges[v][u]);
                assert_int_equal(matching.mate_right[u], v);
            }
            assert_int_equal(mated, size);
        }
    }
    lks_matching_free(&matching);
}

/* A path of many nodes, where each new node turns the whole of it over: deep, not recursive. */
static void test_long_path(void **state)
{
    (void)state;
    enum { NODES = 200000 };
    static uint32_t first[NODES], end[NODES], target[2 * NODES];
    struct lks_matching matching = {0};
    for (uint32_t v = 0; v < NODES; v++) {
        /* Node v reaches v and v - 1, the last one only NODES - 2: greedy is wrong everywhere. */
        first[v] = 2 * v;
        end[v] = v + 1 < NODES ? 2 * v + 2 : 2 * v + 1;
        target[2 * v] = v + 1 < NODES ? v : NODES - 2;
        target[2 * v + 1] = v ? v - 1 : NODES - 1;
    }
    assert_int_equal(lks_matching_start(&matching, NODES, NODES, NULL), 0);
    assert_int_equal(lks_matching_grow(&matching, NODES, first, end, target), NODES);
    lks_matching_free(&matching);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_long_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
