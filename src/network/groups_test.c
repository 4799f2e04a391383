/* groups_test.c - groups against components found by hand, scores, large ones split, order of names */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "network/groups.h"

static int compare_edges(const void *left, const void *right)
{
    const struct lks_chance_edge *x = left, *y = right;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return x->b < y->b ? -1 : x->b > y->b;
}

static void test_components(void **state)
{
    (void)state;
    enum { ACCOUNTS = 60 };
    for (uint64_t seed = 1; seed <= 1500; seed++) {
        struct lks_rng rng;
        struct lks_chance_edge edges[80];
        struct lks_groups groups;
        uint8_t linked[ACCOUNTS][ACCOUNTS] = {{0}};
        double score[ACCOUNTS] = {0};
        size_t count = 0, wanted;
        lks_rng_init(&rng, seed, 0);
        wanted = lks_rng_below(&rng, 60);
        for (size_t i = 0; i < wanted; i++) {
            uint32_t a = (uint32_t)lks_rng_below(&rng, ACCOUNTS);
            uint32_t b = (uint32_t)lks_rng_below(&rng, ACCOUNTS);
            if (a == b || linked[a][b])
                continue;
            linked[a][b] = linked[b][a] = 1;
            edges[count++] = (struct lks_chance_edge){
                .a = a < b ? a : b, .b = a < b ? b : a, .log10_p = -2 - lks_rng_unit(&rng) * 5};
        }
        qsort(edges, count, sizeof *edges, compare_edges);
        assert_int_equal(lks_groups_find(edges, count, -2, 1000, 1, &groups, NULL), 0);
        /* Reachability by repeated spreading: label = smallest account reached. */
        uint32_t label[ACCOUNTS];
        for (uint32_t a = 0; a < ACCOUNTS; a++)
            label[a] = a;
        for (int round = 0; round < ACCOUNTS; round++) {
            for (uint32_t a = 0; a < ACCOUNTS; a++) {
                for (uint32_t b = 0; b < ACCOUNTS; b++) {
                    if (linked[a][b] && label[b] < label[a])
                        label[a] = label[b];
                }
            }
        }
        for (size_t i = 0; i < count; i++)
            score[label[edges[i].a]] += -2 - edges[i].log10_p;
        uint32_t named = 0;
        for (uint32_t v = 0; v < groups.nodes_count; v++) {
            uint32_t account = groups.account[v], g = groups.group[v];
            assert_true(v == 0 || groups.account[v - 1] < account);
            assert_int_equal(lks_groups_node(&groups, account), v);
            assert_true(g <= named);
            named = g == named ? named + 1 : named;
            for (uint32_t u = 0; u < groups.nodes_count; u++)
                assert_int_equal(groups.group[u] == g, label[groups.account[u]] == label[account]);
            assert_true(fabs(groups.score[g] - score[label[account]]) < 1e-9);
        }
        assert_int_equal(named, groups.groups_count);
        for (uint32_t g = 0; g < groups.groups_count; g++) {
            assert_int_equal(groups.first[g + 1] - groups.first[g], groups.members[g]);
            for (uint32_t i = groups.first[g]; i < groups.first[g + 1]; i++) {
                assert_int_equal(groups.group[groups.node[i]], g);
                assert_true(i == groups.first[g] || groups.node[i - 1] < groups.node[i]);
            }
        }
        assert_int_equal(lks_groups_node(&groups, ACCOUNTS), UINT32_MAX);
        lks_groups_free(&groups);
    }
}

/* Two cliques of 30 with one tie between: one component, split into the two. */
static void test_split(void **state)
{
    (void)state;
    static struct lks_chance_edge edges[1000];
    struct lks_groups groups;
    size_t count = 0;
    for (uint32_t a = 0; a < 60; a++) {
        for (uint32_t b = a + 1; b < 60; b++) {
            if (a / 30 == b / 30 || (a == 4 && b == 40))
                edges[count++] = (struct lks_chance_edge){.a = a, .b = b, .log10_p = -3};
        }
    }
    assert_int_equal(lks_groups_find(edges, count, -2, 40, 1, &groups, NULL), 0);
    assert_int_equal(groups.groups_count, 2);
    for (uint32_t v = 0; v < 60; v++)
        assert_int_equal(groups.group[v], v / 30);
    assert_true(fabs(groups.score[0] - 435) < 1e-9 && fabs(groups.score[1] - 435) < 1e-9);
    assert_true(groups.members[0] == 30 && groups.members[1] == 30);
    lks_groups_free(&groups);
    assert_int_equal(lks_groups_find(edges, count, -2, 60, 1, &groups, NULL), 0);
    assert_int_equal(groups.groups_count, 1);
    lks_groups_free(&groups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_components),
        cmocka_unit_test(test_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
