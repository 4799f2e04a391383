/* attribution_test.c - held against counting, on thousands of seeded inputs, and with names dealt out */
#include "finding/attribution.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

/* The share of all ways to draw that hold so many of the named, counted draw by draw. */
static double slow_tail(uint32_t count, uint32_t drawn, uint32_t named, uint32_t all)
{
    uint32_t hits = 0, ways = 0;
    for (uint32_t set = 0; set < 1u << all; set++) {
        if ((uint32_t)__builtin_popcount(set) != drawn)
            continue;
        ways++;
        hits += (uint32_t)__builtin_popcount(set & ((1u << named) - 1)) >= count;
    }
    return (double)hits / ways;
}

static void test_counted(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 41, 0);
    for (int round = 0; round < 2000; round++) {
        uint32_t all = 1 + (uint32_t)lks_rng_below(&rng, 11);
        uint32_t drawn = 1 + (uint32_t)lks_rng_below(&rng, all);
        uint32_t named = (uint32_t)lks_rng_below(&rng, all + 1);
        uint32_t most = drawn < named ? drawn : named;
        uint32_t least = drawn + named > all ? drawn + named - all : 0;
        uint32_t count = least + (uint32_t)lks_rng_below(&rng, most - least + 1);
        struct lks_attribution one = {count, drawn, named, all, 0, 0};
        lks_attribution_test(&one);
        assert_true(fabs(pow(10, one.log10_p) - slow_tail(count, drawn, named, all)) < 1e-9);
    }
    struct lks_attribution none = {0, 5, 0, 0, 0, 0}; /* nobody could be judged */
    lks_attribution_test(&none);
    assert_true(isnan(none.log10_p));
}

enum { ACCOUNTS = 300, NAMED = 30, FINDINGS = 4, MEMBERS = 25, WORLDS = 400 };

/* A world of findings, one layer of accounts that makes none, and a set. */
struct world {
    struct lks_layers layers;
    struct lks_fusion fusion;
    struct lks_fused items[FINDINGS];
    struct lks_fused_member members[FINDINGS][MEMBERS];
    struct lks_layer_account named[ACCOUNTS];
    unsigned char is_named[ACCOUNTS], is_tested[ACCOUNTS];
};

static void world_make(struct world *world, struct lks_rng *rng)
{
    uint32_t order[ACCOUNTS];
    memset(world, 0, sizeof *world);
    world->layers.accounts_count = ACCOUNTS;
    struct lks_layer *layer = &world->layers.layer[LKS_LAYER_SLEEPERS];
    *layer =
        (struct lks_layer){.observable = 1, .accounts_tested = ACCOUNTS, .accounts = world->named};
    for (uint32_t a = 0; a < ACCOUNTS; a++)
        order[a] = a;
    for (uint32_t a = ACCOUNTS - 1; a > 0; a--) {
        uint32_t other = (uint32_t)lks_rng_below(rng, a + 1), keep = order[a];
        order[a] = order[other];
        order[other] = keep;
    }
    for (uint32_t i = 0; i < NAMED; i++)
        layer->accounts[layer->accounts_count++] = (struct lks_layer_account){
            .account = order[i], .cluster = LKS_LAYER_ALONE, .log10_p = -3, .q_value = 0.01};
    lks_layers_check(&world->layers);
    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        world->is_named[order[i]] = i < NAMED;
        world->is_tested[order[i]] = 1;
    }
    world->fusion.items = world->items;
    world->fusion.items_count = FINDINGS;
    for (uint32_t f = 0; f < FINDINGS; f++) {
        world->items[f].members = world->members[f];
        world->items[f].members_count = MEMBERS;
        for (uint32_t m = 0; m < MEMBERS; m++)
            world->members[f][m].account = f * MEMBERS + m;
    }
}

/* Names dealt out among all: some finding is said to show the signal in at most so many worlds. */
static void test_names_dealt_out(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 42, 0);
    int alarms = 0;
    for (int i = 0; i < WORLDS; i++) {
        struct world world;
        struct lks_attribution rows[FINDINGS * LKS_LAYERS_COUNT];
        struct lks_named_set set = {world.is_named, world.is_tested};
        world_make(&world, &rng);
        assert_int_equal(lks_attribution_run(&world.layers, &world.fusion, &set, rows, NULL), 0);
        int any = 0;
        for (size_t r = 0; r < FINDINGS * LKS_LAYERS_COUNT; r++) {
            int kind = (int)(r % LKS_LAYERS_COUNT);
            assert_true(isnan(rows[r].log10_p) ==
                        (kind != LKS_LAYER_SLEEPERS && kind != LKS_LAYER_REGISTRATIONS));
            any |= lks_attribution_holds(&rows[r]);
        }
        const struct lks_attribution *layer = &rows[LKS_LAYER_SLEEPERS];
        const struct lks_attribution *set_row = &rows[LKS_LAYER_REGISTRATIONS];
        assert_true(layer->log10_p == set_row->log10_p); /* the same names, told in two ways */
        assert_int_equal(layer->all_named, NAMED);
        alarms += any;
    }
    assert_true(alarms <= WORLDS / 20 + 15);
}

/* Members named far beyond their share: said; by a record, or by a layer of the finding's own: not
 * asked. */
static void test_what_is_asked(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 43, 0);
    struct world world;
    struct lks_attribution rows[FINDINGS * LKS_LAYERS_COUNT];
    struct lks_named_set nobody = {NULL, NULL};
    world_make(&world, &rng);
    struct lks_layer *layer = &world.layers.layer[LKS_LAYER_SLEEPERS];
    for (uint32_t i = 0; i < NAMED; i++)
        layer->accounts[i].account = i < 12 ? i : MEMBERS * FINDINGS + i; /* 12 of finding 0 */
    lks_layers_check(&world.layers);
    assert_int_equal(lks_attribution_run(&world.layers, &world.fusion, &nobody, rows, NULL), 0);
    assert_int_equal(rows[LKS_LAYER_SLEEPERS].members_named, 12);
    assert_true(lks_attribution_holds(&rows[LKS_LAYER_SLEEPERS]));
    assert_false(lks_attribution_holds(&rows[LKS_LAYERS_COUNT + LKS_LAYER_SLEEPERS]));
    assert_true(isnan(rows[LKS_LAYER_REGISTRATIONS].log10_p));
    for (uint32_t i = 0; i < 12; i++)
        layer->accounts[i].is_record = 1;
    assert_int_equal(lks_attribution_run(&world.layers, &world.fusion, &nobody, rows, NULL), 0);
    assert_int_equal(rows[LKS_LAYER_SLEEPERS].members_named, 0);
    assert_int_equal(rows[LKS_LAYER_SLEEPERS].all_named, NAMED - 12);
    for (uint32_t i = 0; i < 12; i++) { /* a channel is not one of those who answer it */
        layer->accounts[i].is_record = 0;
        layer->accounts[i].role = i < 2 ? LKS_ROLE_CALLER : LKS_ROLE_NONE;
    }
    assert_int_equal(lks_attribution_run(&world.layers, &world.fusion, &nobody, rows, NULL), 0);
    assert_int_equal(rows[LKS_LAYER_SLEEPERS].members_named, 10);
    assert_int_equal(rows[LKS_LAYER_SLEEPERS].all_named, NAMED - 2);
    world.items[0].layers = 1u << LKS_LAYER_SLEEPERS;
    assert_int_equal(lks_attribution_run(&world.layers, &world.fusion, &nobody, rows, NULL), 0);
    assert_true(isnan(rows[LKS_LAYER_SLEEPERS].log10_p));
}

/* Half of a great finding's members, and nobody else of a million: p is below any double, q as well. */
static void test_no_chance_is_zero(void **state)
{
    (void)state;
    struct lks_attribution rows[2] = {{400, 800, 400, 1000000, 0, 0}, {3, 800, 400, 1000000, 0, 0}};
    for (int i = 0; i < 2; i++)
        lks_attribution_test(&rows[i]);
    assert_int_equal(lks_attribution_adjust(rows, 2, NULL), 0);
    assert_true(rows[0].log10_p < -1000 && isfinite(rows[0].log10_p));
    assert_true(fabs(rows[0].log10_q - rows[0].log10_p - log10(2)) < 1e-9);
    assert_true(lks_attribution_holds(&rows[0]));
    assert_true(rows[1].log10_q == rows[1].log10_p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counted),
        cmocka_unit_test(test_names_dealt_out),
        cmocka_unit_test(test_what_is_asked),
        cmocka_unit_test(test_no_chance_is_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
