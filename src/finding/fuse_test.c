/* fuse_test.c - pairs as defined; parts joined, members settled, the paid kept apart, chance kept out */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "finding/disarm.h"
#include "finding/fuse.h"
#include "finding/fuse_pairs.h"
#include "stat/combine.h"

enum { ACCOUNTS = 400, CLUSTERS = 4 };

static struct lks_layer *layer_open(struct lks_layers *layers, enum lks_layer_kind kind)
{
    struct lks_layer *layer = &layers->layer[kind];
    layer->observable = 1;
    layer->accounts = lks_arena_calloc(&layers->arena, ACCOUNTS + 1, sizeof *layer->accounts);
    layer->clusters = lks_arena_calloc(&layers->arena, CLUSTERS, sizeof *layer->clusters);
    layer->pairs = lks_arena_calloc(&layers->arena, 2000, sizeof *layer->pairs);
    assert_non_null(layer->accounts);
    assert_non_null(layer->clusters);
    assert_non_null(layer->pairs);
    return layer;
}

static void name_account(struct lks_layer *layer, uint32_t account, uint32_t cluster,
                         double log10_p)
{
    layer->accounts[layer->accounts_count++] = (struct lks_layer_account){
        .account = account, .cluster = cluster, .log10_p = log10_p, .q_value = 0.01};
    if (cluster != LKS_LAYER_ALONE && cluster >= layer->clusters_count)
        layer->clusters_count = cluster + 1;
}

static void cluster_set(struct lks_layer *layer, uint32_t cluster, double log10_p, double share)
{
    layer->clusters[cluster] =
        (struct lks_layer_cluster){.log10_p = log10_p, .chance_share = share, .caller = UINT32_MAX};
}

/* ---- shares ---- */

static void test_decoys_tell_so_much(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 12, 0);
    for (int round = 0; round < 1000; round++) {
        double share[20], own[20], scratch[20];
        uint32_t count = (uint32_t)lks_rng_below(&rng, 21),
                 decoys = 1 + (uint32_t)lks_rng_below(&rng, 9);
        for (uint32_t i = 0; i < count; i++)
            share[i] = own[i] = lks_rng_below(&rng, 2) ? 0 : (double)lks_rng_below(&rng, 5) / 4;
        lks_fuse_shares_floor(share, count, decoys, scratch);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t as_close = 0;
            for (uint32_t j = 0; j < count; j++)
                as_close += own[j] <= own[i];
            assert_true(share[i] == fmin(1, fmax(own[i], 1.0 / decoys / as_close)));
        }
    }
}

/* ---- pairs ---- */

static void layers_random(struct lks_rng *rng, struct lks_layers *layers, uint32_t accounts)
{
    *layers = (struct lks_layers){.accounts_count = accounts};
    for (int kind = 0; kind < LKS_LAYERS_COUNT; kind++) {
        if (lks_rng_below(rng, 4) == 0)
            continue;
        struct lks_layer *layer = layer_open(layers, (enum lks_layer_kind)kind);
        if (kind <= LKS_LAYER_SYNCHRONY) {
            layer->pairs_partial = kind == LKS_LAYER_SYNCHRONY;
            layer->pairs_tested = accounts * (accounts - 1) / 2;
            for (uint32_t a = 0; a < accounts; a++)
                for (uint32_t b = a + 1; b < accounts; b++)
                    if (lks_rng_below(rng, 3) == 0)
                        layer->pairs[layer->pairs_count++] =
                            (struct lks_layer_pair){a, b, -9 * lks_rng_unit(rng)};
            continue;
        }
        layer->accounts_tested = accounts;
        for (uint32_t c = 0; c < CLUSTERS; c++)
            cluster_set(layer, c, -6 * lks_rng_unit(rng),
                        lks_rng_below(rng, 2) ? lks_rng_unit(rng) : 0);
        layer->clusters[0].is_record = kind == LKS_LAYER_PROMOTION && lks_rng_below(rng, 2);
        layer->clusters_count = CLUSTERS;
        for (uint32_t a = accounts; a-- > 0;)
            if (lks_rng_below(rng, 2))
                name_account(layer, a,
                             lks_rng_below(rng, 5) ? (uint32_t)lks_rng_below(rng, CLUSTERS)
                                                   : LKS_LAYER_ALONE,
                             -9 * lks_rng_unit(rng));
    }
    lks_layers_check(layers);
}

/* The p of a pair in a layer, by looking at everything; NaN where it could not be tested. */
static double slow_pair(const struct lks_layer *layer, uint32_t a, uint32_t b)
{
    double own = layer->pairs_partial && layer->pairs_count ? NAN : 0;
    const struct lks_layer_account *x = NULL, *y = NULL;
    for (uint64_t i = 0; i < layer->pairs_count; i++)
        if (layer->pairs[i].a == a && layer->pairs[i].b == b)
            own = layer->pairs[i].log10_p;
    for (uint32_t i = 0; i < layer->accounts_count; i++) {
        if (layer->accounts[i].account == a)
            x = &layer->accounts[i];
        if (layer->accounts[i].account == b)
            y = &layer->accounts[i];
    }
    if (!x || !y || x->cluster != y->cluster || x->cluster == LKS_LAYER_ALONE)
        return own;
    const struct lks_layer_cluster *cluster = &layer->clusters[x->cluster];
    if (cluster->is_record)
        return layer->pairs_count ? own : NAN; /* no test: drops out */
    double worst = fmax(fmax(x->log10_p, y->log10_p), cluster->log10_p);
    return cluster->chance_share > 0 ? fmax(worst, log10(cluster->chance_share)) : worst;
}

static void test_pairs_as_defined(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 11, 0);
    for (int round = 0; round < 2000; round++) {
        struct lks_layers layers;
        uint32_t accounts = 2 + (uint32_t)lks_rng_below(&rng, 9);
        layers_random(&rng, &layers, accounts);
        struct lks_fused_pair pairs[200];
        size_t count = 0;
        for (uint32_t a = 0; a < accounts; a++)
            for (uint32_t b = a + 1; b < accounts; b++)
                pairs[count++] = (struct lks_fused_pair){.a = a, .b = b};
        assert_int_equal(lks_fuse_pairs(&layers, pairs, count, NULL), 0);
        double tests = fmax((double)lks_fuse_pairs_tested(&layers), (double)count);
        for (size_t i = 0; i < count; i++) {
            double given[LKS_LAYERS_COUNT];
            size_t used = 0;
            for (int kind = 0; kind < LKS_LAYERS_COUNT; kind++) {
                if (!layers.layer[kind].observable)
                    continue;
                double p = slow_pair(&layers.layer[kind], pairs[i].a, pairs[i].b);
                if (p != p)
                    continue; /* could not be tested: neither for nor against */
                given[used++] = p;
                assert_int_equal(pairs[i].layers >> kind & 1, p <= log10(0.05));
            }
            assert_true(fabs(pairs[i].log10_p - lks_combine_log10(given, used, used)) < 1e-12);
        }
        /* All pairs are given here, so q is plain BH over them. */
        for (size_t i = 0; i < count; i++) {
            double q = 1;
            for (size_t j = 0; j < count; j++) {
                size_t rank = 0;
                for (size_t k = 0; k < count; k++)
                    rank += pairs[k].log10_p <= pairs[j].log10_p;
                if (pairs[j].log10_p >= pairs[i].log10_p)
                    q = fmin(q, pow(10, pairs[j].log10_p) * tests / (double)rank);
            }
            assert_true(fabs(pairs[i].q_value - q) < 1e-9);
        }
        lks_layers_free(&layers);
    }
}

/* Pairs of a cluster that are not given help those that are by their number, and never more than
 * they would if they were given. */
static void test_pairs_not_written_down(void **state)
{
    (void)state;
    struct lks_rng rng;
    int smaller = 0;
    lks_rng_init(&rng, 12, 0);
    for (int round = 0; round < 300; round++) {
        struct lks_layers layers;
        uint32_t accounts = 20;
        layers_random(&rng, &layers, accounts);
        struct lks_fused_pair all[200], some[200];
        size_t count = 0, few = 0;
        for (uint32_t a = 0; a < accounts; a++)
            for (uint32_t b = a + 1; b < accounts; b++) {
                all[count++] = (struct lks_fused_pair){.a = a, .b = b};
                if (lks_rng_below(&rng, 10) == 0)
                    some[few++] = (struct lks_fused_pair){.a = a, .b = b};
            }
        assert_int_equal(lks_fuse_pairs(&layers, all, count, NULL), 0);
        assert_int_equal(lks_fuse_pairs(&layers, some, few, NULL), 0);
        for (size_t i = 0, j = 0; i < few; i++) {
            while (all[j].a != some[i].a || all[j].b != some[i].b)
                j++;
            assert_true(some[i].log10_p == all[j].log10_p);
            assert_true(some[i].q_value >= all[j].q_value - 1e-12);
            double plain = 1; /* if only the given pairs were there */
            for (size_t m = 0; m < few; m++) {
                double rank = 0;
                for (size_t k = 0; k < few; k++)
                    rank += some[k].log10_p <= some[m].log10_p;
                if (some[m].log10_p >= some[i].log10_p)
                    plain = fmin(plain, pow(10, some[m].log10_p) *
                                            (double)lks_fuse_pairs_tested(&layers) / rank);
            }
            assert_true(some[i].q_value <= plain + 1e-12);
            smaller += some[i].q_value < 0.9 * plain;
        }
        lks_layers_free(&layers);
    }
    assert_true(smaller > 20);
}

/* ---- findings ---- */

static uint32_t range[ACCOUNTS];

static struct lks_fuse_input input_make(const struct lks_layers *layers,
                                        const struct lks_fuse_group *groups, uint32_t count)
{
    for (uint32_t i = 0; i < ACCOUNTS; i++)
        range[i] = i;
    return (struct lks_fuse_input){
        .layers = layers, .groups = groups, .groups_count = count, .layers_mask = UINT32_MAX};
}

static uint32_t layer_bit(enum lks_layer_kind kind)
{
    return 1u << kind;
}

/* Without events co-action cannot say who belongs; groups of ten stay as they are. */
static void test_parts_that_share_accounts_are_one(void **state)
{
    (void)state;
    struct lks_layers layers = {.accounts_count = ACCOUNTS};
    struct lks_fusion fusion;
    struct lks_left_out left_out[4][LKS_LAYERS_COUNT];
    struct lks_fuse_options options = lks_fuse_options_default();
    layer_open(&layers, LKS_LAYER_COACTION)->pairs_tested = 1000;
    struct lks_layer *answers = layer_open(&layers, LKS_LAYER_ANSWERS);
    struct lks_layer *sleepers = layer_open(&layers, LKS_LAYER_SLEEPERS);
    cluster_set(answers, 0, -9, 0);
    cluster_set(sleepers, 0, -3, 0.001); /* together with those who answer */
    cluster_set(sleepers, 1, -3, 0.001); /* on their own */
    cluster_set(sleepers, 2, -3, 0.9);   /* mostly there by chance: no part */
    cluster_set(sleepers, 3, -1, 0);     /* not beyond chance: no part */
    for (uint32_t a = 0; a < 40; a++)
        name_account(answers, a, 0, -8);
    for (uint32_t a = 0; a < 20; a++)
        name_account(sleepers, a, 0, -7);
    for (uint32_t a = 200; a < 290; a++)
        name_account(sleepers, a, 1 + (a - 200) / 30, -7);
    lks_layers_check(&layers);
    struct lks_fuse_group groups[2] = {{range, 8, -2}, {range + 100, 6, -2}};
    struct lks_fuse_input input = input_make(&layers, groups, 2);
    assert_int_equal(lks_fuse(&input, &options, &fusion, NULL), 0);
    assert_int_equal(fusion.items_count, 3);
    const struct lks_fused *all = &fusion.items[0];
    assert_int_equal(all->layers, layer_bit(LKS_LAYER_COACTION) | layer_bit(LKS_LAYER_ANSWERS) |
                                      layer_bit(LKS_LAYER_SLEEPERS));
    assert_int_equal(all->members_count, 40);
    assert_int_equal(all->layer_members[LKS_LAYER_SLEEPERS], 20);
    assert_int_equal(all->layer_alone[LKS_LAYER_ANSWERS], 20);
    assert_true(fabs(all->log10_p - (log10(3) - 9)) < 1e-9);
    assert_int_equal(fusion.items[1].layers, layer_bit(LKS_LAYER_COACTION));
    assert_int_equal(fusion.items[1].members_count, 6);
    assert_int_equal(fusion.items[2].layers, layer_bit(LKS_LAYER_SLEEPERS));
    assert_int_equal(fusion.items[2].members_count, 30);
    assert_int_equal(fusion.items[2].members[0].tie, LKS_LAYER_SLEEPERS);
    assert_int_equal(lks_fuse_without(&input, &options, &fusion, left_out, NULL), 0);
    assert_true(left_out[0][LKS_LAYER_SLEEPERS].kept_share == 1);
    assert_true(left_out[0][LKS_LAYER_ANSWERS].survives == 1); /* by the sleepers' half */
    assert_true(left_out[0][LKS_LAYER_ANSWERS].kept_share == 0.5);
    assert_true(left_out[1][LKS_LAYER_COACTION].survives == 0);
    assert_true(left_out[2][LKS_LAYER_SLEEPERS].kept_share == 0);
    assert_true(left_out[2][LKS_LAYER_SWARM].kept_share == 1); /* takes no part */
    lks_fusion_free(&fusion);
    lks_layers_free(&layers);
}

/* Accounts that a ledger and a swarm both name, and a co-action group of both: two findings. A script
 * that no ledger speaks of leaves to a group what the group does in step. */
static void paid_apart(int is_record)
{
    struct lks_layers layers = {.accounts_count = ACCOUNTS};
    struct lks_fusion fusion;
    struct lks_fuse_options options = lks_fuse_options_default();
    layer_open(&layers, LKS_LAYER_COACTION)->pairs_tested = 1000;
    struct lks_layer *answers = layer_open(&layers, LKS_LAYER_ANSWERS);
    struct lks_layer *promotion = layer_open(&layers, LKS_LAYER_PROMOTION);
    cluster_set(answers, 0, -9, 0);
    cluster_set(promotion, 0, -30, 0);
    promotion->clusters[0].is_record = is_record;
    for (uint32_t a = 0; a < 30; a++)
        name_account(answers, a, 0, -8);
    for (uint32_t a = 24; a < 40; a++) /* the last two: the answers are the stronger */
        name_account(promotion, a, 0, a < 26 ? -6 : -30);
    lks_layers_check(&layers);
    struct lks_fuse_group groups[1] = {{range, 40, -2}};
    struct lks_fuse_input input = input_make(&layers, groups, 1);
    assert_int_equal(lks_fuse(&input, &options, &fusion, NULL), 0);
    if (!is_record) {
        assert_int_equal(fusion.items_count, 1);
        assert_false(fusion.items[0].is_paid);
        lks_fusion_free(&fusion);
        lks_layers_free(&layers);
        return;
    }
    assert_int_equal(fusion.items_count, 2);
    const struct lks_fused *swarm = &fusion.items[0], *paid = &fusion.items[1];
    assert_false(swarm->is_paid);
    assert_true(paid->is_paid && paid->is_recorded);
    assert_int_equal(paid->layers, layer_bit(LKS_LAYER_PROMOTION));
    assert_true(isnan(paid->log10_p)); /* a record is no test */
    assert_false(isnan(swarm->log10_p));
    assert_int_equal(paid->members_count, 14);
    assert_int_equal(paid->members[0].account, 26);
    assert_int_equal(paid->apart_count, 2);
    assert_int_equal(swarm->members_count, 26);
    assert_int_equal(swarm->members[25].account, 25);
    assert_int_equal(swarm->apart_count, 14 + 4); /* of the group, of the answers */
    lks_fusion_free(&fusion);
    lks_layers_free(&layers);
}

static void test_the_paid_are_apart(void **state)
{
    (void)state;
    paid_apart(1);
    paid_apart(0);
}

/* Ten paid accounts and their public of ten in one group. Tied to the paid alone, the public is no
 * group; tied among themselves as well, it is one. */
static void test_the_public_of_the_paid(void **state)
{
    (void)state;
    for (int among = 0; among < 2; among++) {
        struct lks_layers layers = {.accounts_count = ACCOUNTS};
        struct lks_fuse_tie ties[20];
        struct lks_fusion fusion;
        struct lks_fuse_options options = lks_fuse_options_default();
        layer_open(&layers, LKS_LAYER_COACTION)->pairs_tested = 1000;
        struct lks_layer *promotion = layer_open(&layers, LKS_LAYER_PROMOTION);
        cluster_set(promotion, 0, -30, 0);
        promotion->clusters[0].is_record = 1;
        for (uint32_t a = 0; a < 10; a++) {
            name_account(promotion, a, 0, -30);
            ties[a] = (struct lks_fuse_tie){a, 10 + a, 9};
            ties[10 + a] = (struct lks_fuse_tie){10 + a, 10 + (a + 1) % 10, among ? 9 : 1};
        }
        lks_layers_check(&layers);
        struct lks_fuse_group groups[1] = {{.accounts = range,
                                            .accounts_count = 20,
                                            .log10_p = -2,
                                            .ties = ties,
                                            .ties_count = 20,
                                            .score_least = 40}};
        struct lks_fuse_input input = input_make(&layers, groups, 1);
        assert_int_equal(lks_fuse(&input, &options, &fusion, NULL), 0);
        assert_int_equal(fusion.items_count, among ? 2 : 1);
        assert_int_equal(fusion.items[0].is_paid, !among);
        assert_int_equal(fusion.items[0].members_count, 10);
        lks_fusion_free(&fusion);
        lks_layers_free(&layers);
    }
}

/* Of a co-action group in a finding of more layers those stay whom its own test holds for sure. */
static void test_whom_the_group_keeps(void **state)
{
    (void)state;
    double share[20];
    for (int given = 0; given < 2; given++) {
        struct lks_layers layers = {.accounts_count = ACCOUNTS};
        struct lks_fusion fusion;
        struct lks_fuse_options options = lks_fuse_options_default();
        layer_open(&layers, LKS_LAYER_COACTION)->pairs_tested = 1000;
        struct lks_layer *answers = layer_open(&layers, LKS_LAYER_ANSWERS);
        cluster_set(answers, 0, -9, 0);
        for (uint32_t a = 0; a < 20; a++)
            share[a] = a < 16 ? 0.0009 : 0.005;
        for (uint32_t a = 0; a < 12; a++)
            name_account(answers, a, 0, -8);
        lks_layers_check(&layers);
        struct lks_fuse_group groups[1] = {{range, 20, -2, given ? share : NULL}};
        struct lks_fuse_input input = input_make(&layers, groups, 1);
        assert_int_equal(lks_fuse(&input, &options, &fusion, NULL), 0);
        assert_int_equal(fusion.items_count, 1);
        assert_int_equal(fusion.items[0].members_count, given ? 16 : 12);
        if (given)
            assert_true(fusion.items[0].members[15].q_value == 0.0009);
        lks_fusion_free(&fusion);
        lks_layers_free(&layers);
    }
}

/* A chain of twenty: text i is by accounts i, i + 1 and i + 2, in an hour of its own amid sixty posts of
 * others. The two at the ends have one match and cannot be shown to belong; that must not make text 0
 * somebody else's, so that account 1 falls in the next round, then account 2, and so on. */
static void test_who_is_not_shown_takes_nobody_along(void **state)
{
    enum { CHAIN = 20, TEXTS = CHAIN - 2, OTHERS = 60, POSTS = TEXTS * (3 + OTHERS) };
    (void)state;
    static uint32_t object[3 * TEXTS], account[3 * TEXTS], post[3 * TEXTS], post_account[POSTS];
    static int64_t time_us[3 * TEXTS], post_time_us[POSTS];
    static uint8_t object_kind[TEXTS];
    struct lks_events events = {.object = object,
                                .account = account,
                                .post = post,
                                .time_us = time_us,
                                .objects_count = TEXTS,
                                .accounts_count = ACCOUNTS,
                                .object_kind = object_kind,
                                .post_account = post_account,
                                .post_time_us = post_time_us};
    for (uint32_t text = 0; text < TEXTS; text++) {
        object_kind[text] = LKS_OBJECT_TEXT;
        for (uint32_t i = 0; i < 3 + OTHERS; i++) {
            uint32_t p = events.posts_count++;
            post_account[p] = i < 3 ? text + i : CHAIN + i;
            post_time_us[p] = text * LKS_HOUR_US + i * LKS_SECOND_US;
            if (i >= 3)
                continue;
            object[events.count] = text;
            account[events.count] = text + i;
            post[events.count] = p;
            time_us[events.count++] = post_time_us[p];
        }
    }
    lks_events_check(&events);
    struct lks_layers layers = {.accounts_count = ACCOUNTS};
    struct lks_fusion fusion;
    struct lks_fuse_options options = lks_fuse_options_default();
    layer_open(&layers, LKS_LAYER_COACTION)->pairs_tested = 1000;
    lks_layers_check(&layers);
    struct lks_fuse_group groups[1] = {{range, CHAIN, -2, NULL}};
    struct lks_fuse_input input = input_make(&layers, groups, 1);
    input.events = &events;
    input.stratum_us = LKS_HOUR_US;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        input.kind_window_us[kind] = LKS_DAY_US;
    assert_int_equal(lks_fuse(&input, &options, &fusion, NULL), 0);
    assert_int_equal(fusion.items_count, 1);
    assert_int_equal(fusion.items[0].members_count, CHAIN - 2);
    assert_int_equal(fusion.items[0].members[0].account, 1);
    lks_fusion_free(&fusion);
    lks_layers_free(&layers);
}

/* A layer that could not be seen neither makes a finding nor costs one. */
static void test_not_observable_drops_out(void **state)
{
    (void)state;
    struct lks_layers layers = {.accounts_count = ACCOUNTS};
    struct lks_fusion fusion;
    struct lks_fuse_options options = lks_fuse_options_default();
    struct lks_layer *answers = layer_open(&layers, LKS_LAYER_ANSWERS);
    cluster_set(answers, 0, -9, 0);
    for (uint32_t a = 0; a < 30; a++)
        name_account(answers, a, 0, -2.5);
    lks_layers_check(&layers);
    struct lks_fuse_group groups[1] = {{range, 10, -2}};
    struct lks_fuse_input input = input_make(&layers, groups, 1);
    assert_int_equal(lks_fuse(&input, &options, &fusion, NULL), 0);
    assert_int_equal(fusion.items_count, 1); /* the group is of a layer that was not looked at */
    assert_int_equal(fusion.items[0].members_count, 30);
    /* One test: its p is the combined p. */
    assert_true(fabs(fusion.items[0].members[0].log10_p + 2.5) < 1e-12);
    lks_fusion_free(&fusion);
    lks_layers_free(&layers);
}

/* Layers without anything in them: clusters with uniform p, accounts that their own tests name
 * by chance. Findings come no more often than the levels promise, a layer. */
static void test_chance_makes_no_findings(void **state)
{
    (void)state;
    struct lks_rng rng;
    double findings = 0, clusters = 0;
    lks_rng_init(&rng, 13, 0);
    for (int round = 0; round < 3000; round++) {
        struct lks_layers layers = {.accounts_count = ACCOUNTS};
        struct lks_fusion fusion;
        struct lks_fuse_options options = lks_fuse_options_default();
        for (int kind = LKS_LAYER_SLEEPERS; kind <= LKS_LAYER_SWARM; kind++) {
            struct lks_layer *layer = layer_open(&layers, (enum lks_layer_kind)kind);
            cluster_set(layer, 0, log10(1 - lks_rng_unit(&rng)), 0);
            clusters++;
            for (uint32_t a = 0; a < ACCOUNTS; a++)
                if (lks_rng_below(&rng, 20) == 0)
                    name_account(layer, a, 0, log10(0.05 * (1 - lks_rng_unit(&rng))));
        }
        lks_layers_check(&layers);
        struct lks_fuse_input input = input_make(&layers, NULL, 0);
        assert_int_equal(lks_fuse(&input, &options, &fusion, NULL), 0);
        findings += fusion.items_count;
        lks_fusion_free(&fusion);
        lks_layers_free(&layers);
    }
    assert_true(findings <= 0.01 * clusters + 4 * sqrt(0.01 * clusters));
}

static void test_the_table_of_techniques(void **state)
{
    (void)state;
    for (size_t i = 0; i < lks_disarm_techniques_count; i++) {
        const char *id = lks_disarm_techniques[i].id;
        assert_true(id[0] == 'T' && strlen(id) >= 5 && strlen(id) <= 9);
        assert_true(i == 0 || strcmp(lks_disarm_techniques[i - 1].id, id) < 0);
        assert_true(strncmp(lks_disarm_techniques[i].tactic, "TA", 2) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decoys_tell_so_much),
        cmocka_unit_test(test_pairs_as_defined),
        cmocka_unit_test(test_pairs_not_written_down),
        cmocka_unit_test(test_parts_that_share_accounts_are_one),
        cmocka_unit_test(test_the_paid_are_apart),
        cmocka_unit_test(test_the_public_of_the_paid),
        cmocka_unit_test(test_whom_the_group_keeps),
        cmocka_unit_test(test_who_is_not_shown_takes_nobody_along),
        cmocka_unit_test(test_not_observable_drops_out),
        cmocka_unit_test(test_chance_makes_no_findings),
        cmocka_unit_test(test_the_table_of_techniques),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
