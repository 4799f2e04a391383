/* layout_test.c - the picture: inside its frame, the same every time, and true to the graph */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "graph/layout_parts.h"
#include "graph/test_graphs.h"

struct picture {
    struct lks_graph graph;
    double *x, *y;
};

static void picture_make(struct picture *p, const struct edge_list *list, uint64_t seed)
{
    struct lks_layout_options options = lks_layout_options_default();
    options.seed = seed;
    assert_int_equal(lks_graph_build(&p->graph, list->nodes_count, list->edges, list->count, NULL),
                     0);
    p->x = malloc((list->nodes_count + 1) * sizeof *p->x);
    p->y = malloc((list->nodes_count + 1) * sizeof *p->y);
    assert_int_equal(lks_layout(&p->graph, &options, p->x, p->y, NULL), 0);
    for (uint32_t v = 0; v < list->nodes_count; v++)
        assert_true(p->x[v] >= -1 && p->x[v] <= 1 && p->y[v] >= -1 && p->y[v] <= 1);
}

static void picture_free(struct picture *p)
{
    lks_graph_free(&p->graph);
    free(p->x);
    free(p->y);
}

static void same_every_time(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct edge_list list = graph_random((uint32_t)(1 + seed * 2), seed * seed % 300, 9, seed);
        struct picture one, two;
        picture_make(&one, &list, seed);
        picture_make(&two, &list, seed);
        assert_memory_equal(one.x, two.x, list.nodes_count * sizeof *one.x);
        assert_memory_equal(one.y, two.y, list.nodes_count * sizeof *one.y);
        picture_free(&one);
        picture_free(&two);
        free(list.edges);
    }
}

static double distance(const struct picture *p, uint32_t a, uint32_t b)
{
    return hypot(p->x[a] - p->x[b], p->y[a] - p->y[b]);
}

/* Members of one planted group lie far closer than members of two. */
static void groups_stand_apart(void **state)
{
    (void)state;
    struct edge_list list = graph_planted(12, 40, 6, 1, 3);
    struct picture p;
    picture_make(&p, &list, 1);
    double inside = 0, outside = 0;
    uint64_t inside_count = 0, outside_count = 0;
    for (uint32_t a = 0; a < list.nodes_count; a++) {
        for (uint32_t b = a + 1; b < list.nodes_count; b++) {
            if (a / 40 == b / 40) {
                inside += distance(&p, a, b);
                inside_count++;
            } else {
                outside += distance(&p, a, b);
                outside_count++;
            }
        }
    }
    double ratio = inside / (double)inside_count / (outside / (double)outside_count);
    print_message("mean distance inside groups: %.3f of that between groups\n", ratio);
    assert_true(ratio < 0.35);
    picture_free(&p);
    free(list.edges);
}

/* A long path is not folded up: hops and distances rise together. */
static void path_unfolds(void **state)
{
    (void)state;
    struct edge_list list = {.nodes_count = 60};
    struct picture p;
    for (uint32_t v = 0; v + 1 < 60; v++)
        edge_list_add(&list, v, v + 1, 1);
    picture_make(&p, &list, 1);
    assert_true(distance(&p, 0, 59) > 1.2);
    for (uint32_t v = 0; v + 1 < 60; v++)
        assert_true(distance(&p, v, v + 1) < 0.15);
    picture_free(&p);
    free(list.edges);
}

/* Boxes of components never overlap. */
static void boxes_do_not_overlap(void **state)
{
    (void)state;
    struct lks_rng rng;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct lks_layout_box boxes[60];
        uint32_t count = (uint32_t)(1 + seed % 60);
        lks_rng_init(&rng, seed, 0);
        for (uint32_t i = 0; i < count; i++)
            boxes[i] = (struct lks_layout_box){.wide = (uint32_t)(1 + lks_rng_below(&rng, 12)),
                                               .tall = (uint32_t)(1 + lks_rng_below(&rng, 12))};
        assert_int_equal(lks_layout_pack(boxes, count), 0);
        for (uint32_t i = 0; i < count; i++) {
            for (uint32_t j = 0; j < i; j++) {
                const struct lks_layout_box *a = boxes + i, *b = boxes + j;
                assert_true(a->left + (int32_t)a->wide <= b->left ||
                            b->left + (int32_t)b->wide <= a->left ||
                            a->top + (int32_t)a->tall <= b->top ||
                            b->top + (int32_t)b->tall <= a->top);
            }
        }
    }
}

/* The tree's sums against the definition: with openness 0 every pair is counted. Two steps
 * from one start must agree up to the rounding of another order of addition. */
static void tree_sums_match_all_pairs(void **state)
{
    (void)state;
    enum { N = 300 };
    static double x[N], y[N], weight[2 * N];
    static uint64_t first[N + 1];
    static uint32_t target[2 * N];
    struct lks_layout_piece piece = {N, first, target, weight, x, y};
    struct lks_layout_options options = lks_layout_options_default();
    struct lks_rng rng;
    double start_x[N], start_y[N], mass = 3;
    lks_rng_init(&rng, 9, 0);
    for (uint32_t v = 0; v < N; v++) {
        first[v + 1] = 2 * (uint64_t)(v + 1); /* a ring */
        target[2 * v] = (v + 1) % N;
        target[2 * v + 1] = (v + N - 1) % N;
        weight[2 * v] = weight[2 * v + 1] = 1;
        start_x[v] = x[v] = 100 * lks_rng_unit(&rng);
        start_y[v] = y[v] = 100 * lks_rng_unit(&rng);
    }
    options.openness = 0;
    options.gravity = 0;
    assert_int_equal(lks_layout_force(&piece, &options, 1), 0);
    for (uint32_t v = 0; v < N; v++) {
        double fx = 0, fy = 0;
        for (uint32_t u = 0; u < N; u++) {
            double dx = start_x[v] - start_x[u], dy = start_y[v] - start_y[u];
            if (u != v) {
                fx += 2 * mass * mass * dx / (dx * dx + dy * dy);
                fy += 2 * mass * mass * dy / (dx * dx + dy * dy);
            }
            if (u == (v + 1) % N || v == (u + 1) % N) {
                fx -= dx;
                fy -= dy;
            }
        }
        /* The step has the direction of the force. */
        double mx = x[v] - start_x[v], my = y[v] - start_y[v];
        double cosine = (mx * fx + my * fy) / (hypot(mx, my) * hypot(fx, fy));
        assert_true(cosine > 1 - 1e-9);
    }
}

/* Odd shapes: no nodes, one node, only loops, a star, weights of any size. */
static void odd_graphs(void **state)
{
    (void)state;
    struct picture p;
    struct edge_list none = {0}, one = {.nodes_count = 1}, loops = {.nodes_count = 5};
    struct edge_list star = {.nodes_count = 400}, wild = {.nodes_count = 50};
    for (uint32_t v = 0; v < 5; v++)
        edge_list_add(&loops, v, v, 1);
    for (uint32_t v = 1; v < 400; v++)
        edge_list_add(&star, 0, v, 1);
    for (uint32_t v = 1; v < 50; v++)
        edge_list_add(&wild, v, v / 2, v % 2 ? 1e300 : 1e-300);
    picture_make(&p, &none, 1);
    picture_free(&p);
    picture_make(&p, &one, 1);
    assert_true(p.x[0] == 0 && p.y[0] == 0);
    picture_free(&p);
    picture_make(&p, &loops, 1);
    for (uint32_t v = 1; v < 5; v++)
        assert_true(distance(&p, 0, v) > 0.1);
    picture_free(&p);
    picture_make(&p, &star, 1);
    for (uint32_t v = 2; v < 400; v++)
        assert_true(distance(&p, 1, v) > 0);
    picture_free(&p);
    picture_make(&p, &wild, 1);
    picture_free(&p);
    free(loops.edges);
    free(star.edges);
    free(wild.edges);
}

static void refuses_bad_options(void **state)
{
    (void)state;
    struct lks_graph graph = {0};
    struct lks_layout_options options = lks_layout_options_default();
    options.gravity = -1;
    assert_int_equal(lks_layout(&graph, &options, NULL, NULL, NULL), LKS_EARGUMENT);
    options = lks_layout_options_default();
    options.openness = NAN;
    assert_int_equal(lks_layout(&graph, &options, NULL, NULL, NULL), LKS_EARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_every_time),     cmocka_unit_test(groups_stand_apart),
        cmocka_unit_test(path_unfolds),        cmocka_unit_test(boxes_do_not_overlap),
        cmocka_unit_test(odd_graphs),          cmocka_unit_test(tree_sums_match_all_pairs),
        cmocka_unit_test(refuses_bad_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
