/* evaluate_test.c - the measures against counts made from the definition, and their intervals */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "base/rng.h"
#include "finding/evaluate.h"

#define NONE LKS_EVALUATE_NONE

static struct lks_evaluation evaluate(const struct lks_evaluate_input *input)
{
    struct lks_evaluation evaluation;
    struct lks_error err = {0};
    assert_int_equal(lks_evaluate(input, &evaluation, &err), 0);
    return evaluation;
}

static void measures(const struct lks_measure *measured, uint64_t hits, uint64_t trials)
{
    assert_int_equal(measured->hits, hits);
    assert_int_equal(measured->trials, trials);
    if (trials)
        assert_true(measured->low <= measured->value && measured->value <= measured->high);
    else
        assert_true(isnan(measured->value));
}

static void counts_a_small_case(void **state)
{
    /* Finding 0: three coordinated of group 0, one innocent; finding 1: one of group 1, two
     * innocent; finding 2, explained: one of group 1 and an innocent one; outside, one coordinated
     * account that ranks above an innocent one. */
    static const struct lks_ranked ranked[] = {
        {0, 0, 1, 100},   {0, 0, 1, 100},   {0, 0, 1, 100},    {0, NONE, 0, 100},
        {1, 1, 1, 50},    {1, NONE, 0, 50}, {1, NONE, 0, 50},  {2, 1, 1, 20},
        {2, NONE, 0, 20}, {NONE, 1, 1, 5},  {NONE, NONE, 0, 2}};
    static const enum lks_confidence confidence[] = {LKS_CONFIDENCE_HIGH, LKS_CONFIDENCE_LOW,
                                                     LKS_CONFIDENCE_EXPLAINED};
    static const uint64_t sizes[] = {3, 4};
    struct lks_evaluate_input input = {.ranked = ranked,
                                       .ranked_count = 11,
                                       .others_coordinated = 1,
                                       .others_innocent = 95,
                                       .confidence = confidence,
                                       .findings_count = 3,
                                       .group_sizes = sizes,
                                       .groups_count = 2,
                                       .draws = 500};
    (void)state;
    struct lks_evaluation e = evaluate(&input);
    assert_int_equal(e.coordinated, 7);
    assert_int_equal(e.innocent, 100);
    measures(&e.accounts[LKS_CONFIDENCE_EXPLAINED].precision, 5, 9);
    measures(&e.accounts[LKS_CONFIDENCE_LOW].precision, 4, 7);
    measures(&e.accounts[LKS_CONFIDENCE_LOW].recall, 4, 7);
    measures(&e.accounts[LKS_CONFIDENCE_LOW].false_alarms, 3, 100);
    assert_true(fabs(e.accounts[LKS_CONFIDENCE_LOW].false_alarms.value - 300) < 1e-9);
    measures(&e.accounts[LKS_CONFIDENCE_MODERATE].precision, 3, 4);
    measures(&e.accounts[LKS_CONFIDENCE_HIGH].precision, 3, 4);
    measures(&e.accounts[LKS_CONFIDENCE_HIGH].recall, 3, 7);
    measures(&e.pairs_precision, 3, 9);
    measures(&e.pairs_recall, 3, 9);
    measures(&e.groups_precision, 1, 2);
    measures(&e.groups_pure, 0, 2);
    measures(&e.groups_recall, 1, 2);
    assert_int_equal(e.points_count, 5);
    assert_int_equal(e.points[0].flagged, 4);
    assert_int_equal(e.points[0].right, 3);
    assert_int_equal(e.points[2].flagged, 9);
    assert_true(fabs(e.points[2].recall - 5.0 / 7) < 1e-12);
    double area = 3.0 / 4 * 3 / 7 + 4.0 / 7 * 1 / 7 + 5.0 / 9 * 1 / 7 + 6.0 / 10 * 1 / 7;
    assert_true(fabs(e.average_precision - area) < 1e-12);
    assert_true(e.average_precision_low <= area && area <= e.average_precision_high);
    lks_evaluation_free(&e);
    /* Without groups every pair of coordinated accounts counts. */
    input.groups_count = 0;
    e = evaluate(&input);
    measures(&e.pairs_recall, 3, 21);
    measures(&e.groups_recall, 0, 0);
    lks_evaluation_free(&e);
}

static void bears_nothing(void **state)
{
    struct lks_evaluate_input input = {.others_innocent = 5, .draws = 20};
    (void)state;
    struct lks_evaluation e = evaluate(&input);
    measures(&e.accounts[0].precision, 0, 0);
    measures(&e.accounts[0].recall, 0, 0);
    measures(&e.accounts[0].false_alarms, 0, 5);
    assert_int_equal(e.points_count, 0);
    assert_true(isnan(e.average_precision));
    lks_evaluation_free(&e);
}

enum { MADE = 3000 };

static void made_case(struct lks_rng *rng, struct lks_ranked ranked[MADE])
{
    for (int i = 0; i < MADE; i++) {
        int coordinated = lks_rng_below(rng, 3) == 0;
        uint32_t finding = lks_rng_below(rng, 2) ? (uint32_t)lks_rng_below(rng, 40) : NONE;
        double score = finding == NONE ? (double)lks_rng_below(rng, 900) : 1e6 + finding / 2;
        ranked[i] = (struct lks_ranked){
            finding, coordinated ? (uint32_t)lks_rng_below(rng, 5) : NONE, coordinated, score};
    }
}

/* Every point of the curve from its definition: all accounts of this score or more. */
static void agrees_with_the_definition(void **state)
{
    static struct lks_ranked ranked[MADE];
    enum lks_confidence confidence[40] = {0};
    struct lks_rng rng;
    (void)state;
    for (uint64_t seed = 0; seed < 10; seed++) {
        lks_rng_init(&rng, seed, 0);
        made_case(&rng, ranked);
        struct lks_evaluate_input input = {.ranked = ranked,
                                           .ranked_count = MADE,
                                           .others_coordinated = 10,
                                           .others_innocent = 20000,
                                           .confidence = confidence,
                                           .findings_count = 40,
                                           .draws = 50,
                                           .seed = seed};
        struct lks_evaluation e = evaluate(&input), again = evaluate(&input);
        assert_true(e.points_count == 200);
        assert_memory_equal(e.points, again.points, e.points_count * sizeof *e.points);
        for (size_t p = 0; p < e.points_count; p++) {
            uint64_t found = 0, right = 0;
            for (int i = 0; i < MADE; i++)
                if (ranked[i].score >= e.points[p].score) {
                    found++;
                    right += (uint64_t)ranked[i].coordinated;
                }
            assert_int_equal(e.points[p].flagged, found);
            assert_int_equal(e.points[p].right, right);
            assert_true(fabs(e.points[p].recall - (double)right / (double)e.coordinated) < 1e-12);
            assert_true(p == 0 || e.points[p].score < e.points[p - 1].score);
        }
        assert_int_equal(e.points[e.points_count - 1].flagged, MADE);
        lks_evaluation_free(&e);
        lks_evaluation_free(&again);
    }
}

/* For independent accounts the interval is about what the binomial distribution says: the share of
 * made cases whose true precision it holds is about 95 %. */
static void intervals_cover(void **state)
{
    static struct lks_ranked ranked[200];
    struct lks_rng rng;
    int covered = 0, cases = 300;
    (void)state;
    lks_rng_init(&rng, 5, 0);
    for (int round = 0; round < cases; round++) {
        for (int i = 0; i < 200; i++)
            ranked[i] = (struct lks_ranked){NONE, NONE, lks_rng_unit(&rng) < 0.7, 1};
        struct lks_evaluate_input input = {
            .ranked = ranked, .ranked_count = 200, .draws = 200, .seed = (uint64_t)round};
        struct lks_evaluation e = evaluate(&input);
        covered += e.points[0].precision_low <= 0.7 && 0.7 <= e.points[0].precision_high;
        lks_evaluation_free(&e);
    }
    assert_in_range(covered, cases * 90 / 100, cases * 99 / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_a_small_case), cmocka_unit_test(bears_nothing),
        cmocka_unit_test(agrees_with_the_definition), cmocka_unit_test(intervals_cover)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
