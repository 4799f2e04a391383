/* detect_groups_test.c - findings on made data: planted groups, calibration, any number of threads
 *
 * The innocent world is made of what breaks naive counts: accounts of very unlike activity,
 * viral tags, news peaks, and posts with several objects. Its authors are then shuffled within
 * the hour, so that the null hypothesis is true, whatever the rest. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "finding/detect_groups.h"
#include "finding/group_copies.h"
#include "stat/multiple.h"

enum { ACCOUNTS = 80, POSTS = 1500, TAGS = 60, HOURS = 48, ROWS_MAX = POSTS * 4 };

static void make_innocent(struct lks_events *events, uint64_t seed)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 0);
    memset(events, 0, sizeof *events);
    events->accounts_count = ACCOUNTS;
    events->posts_count = POSTS;
    events->objects_count = TAGS;
    events->object = malloc(ROWS_MAX * 4);
    events->account = malloc(ROWS_MAX * 4);
    events->post = malloc(ROWS_MAX * 4);
    events->time_us = malloc(ROWS_MAX * 8);
    events->object_kind = malloc(TAGS + 64);
    events->post_account = malloc(POSTS * 4);
    events->post_time_us = malloc(POSTS * 8);
    memset(events->object_kind, LKS_OBJECT_HASHTAG, TAGS + 64);
    for (uint32_t p = 0; p < POSTS; p++) {
        double unit = lks_rng_unit(&rng);
        uint32_t account = (uint32_t)(unit * unit * unit * ACCOUNTS);
        double hour = lks_rng_unit(&rng) * HOURS;
        uint32_t news = TAGS; /* a tag of the hour, in the peaks */
        if (lks_rng_below(&rng, 4) == 0) {
            uint32_t peak = (uint32_t)lks_rng_below(&rng, 5);
            hour = 7 + 9 * peak + pow(lks_rng_unit(&rng), 3);
            news = 10 + peak;
        }
        events->post_account[p] = account;
        events->post_time_us[p] = (int64_t)((400000 + hour) * 3600) * LKS_SECOND_US;
        uint8_t used[TAGS] = {0};
        if (news < TAGS)
            used[news] = 1;
        for (uint64_t k = lks_rng_below(&rng, 3); k > 0; k--) {
            double skew = lks_rng_unit(&rng);
            used[(uint32_t)(skew * skew * skew * TAGS)] = 1;
        }
        for (uint32_t o = 0; o < TAGS; o++) {
            if (!used[o])
                continue;
            events->object[events->count] = o;
            events->post[events->count++] = p;
        }
    }
}

/* Writes account and time into the rows, and sorts them. */
static void finish(struct lks_events *events)
{
    for (size_t i = 0; i < events->count; i++) {
        events->account[i] = events->post_account[events->post[i]];
        events->time_us[i] = events->post_time_us[events->post[i]];
    }
    assert_int_equal(lks_events_sort(events, NULL), 0);
}

/* Accounts 70 .. 75 post the same text within a minute of each other, in eight hours. */
static void plant(struct lks_events *events, uint64_t seed)
{
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 1);
    for (uint32_t round = 0; round < 8; round++) {
        uint32_t text = TAGS + round;
        events->object_kind[text] = LKS_OBJECT_TEXT;
        int64_t time_us =
            (int64_t)((400000 + 3 + 5 * round) * 3600 + lks_rng_below(&rng, 3000)) * LKS_SECOND_US;
        for (uint32_t k = 0; k < 6; k++) {
            uint32_t p = round * 6 + k;
            size_t kept = 0;
            for (size_t i = 0; i < events->count; i++) {
                if (events->post[i] == p)
                    continue;
                events->object[kept] = events->object[i];
                events->post[kept++] = events->post[i];
            }
            events->count = kept;
            events->post_account[p] = 70 + k;
            events->post_time_us[p] = time_us + (int64_t)lks_rng_below(&rng, 40) * LKS_SECOND_US;
            events->object[events->count] = text;
            events->post[events->count++] = p;
        }
    }
    events->objects_count = TAGS + 8;
}

static struct lks_detect_groups_options options_of(uint32_t copies)
{
    struct lks_detect_groups_options options = lks_detect_groups_options_default();
    options.copies_count = copies;
    return options;
}

static void test_planted(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct lks_events events;
        struct lks_analysis analysis;
        struct lks_detect_groups_options options = options_of(39);
        make_innocent(&events, seed);
        plant(&events, seed);
        finish(&events);
        assert_int_equal(lks_detect_groups(&events, &options, NULL, &analysis, NULL), 0);
        assert_true(analysis.findings_count >= 1);
        const struct lks_finding *finding = &analysis.findings[0];
        uint32_t right = 0;
        for (uint32_t i = 0; i < finding->members_count; i++)
            right += analysis.node_account[finding->members[i]] / 6 * 6 >= 66 &&
                     analysis.node_account[finding->members[i]] >= 70 &&
                     analysis.node_account[finding->members[i]] <= 75;
        assert_int_equal(right, 6);
        assert_true(finding->members_count <= 7);
        assert_true(finding->edges_count >= 15);
        assert_true(finding->p_value <= 0.05 && finding->score > analysis.group_threshold);
        assert_true(finding->kind_objects[LKS_OBJECT_TEXT] == 8);
        assert_true(finding->occasions_count >= 15 * 7);
        assert_true(finding->posts_count >= 48);
        assert_true(finding->lag_median_us < 40e6);
        assert_true(finding->confidence > LKS_CONFIDENCE_LOW);
        assert_true(finding->matches_count > 0 && finding->matches_count <= 200);
        /* Each row of evidence is what it says. */
        for (uint32_t i = 0; i < finding->matches_count; i++) {
            const struct lks_result_match *match = &finding->matches[i];
            uint32_t a = analysis.evidence_post[match->post_a];
            uint32_t b = analysis.evidence_post[match->post_b];
            int on_a = 0, on_b = 0;
            for (size_t r = 0; r < events.count; r++) {
                on_a |= events.post[r] == a && events.object[r] == match->object_id;
                on_b |= events.post[r] == b && events.object[r] == match->object_id;
            }
            assert_true(on_a && on_b);
            assert_int_equal(match->lag_us, llabs(events.post_time_us[a] - events.post_time_us[b]));
            assert_int_equal(analysis.nodes[analysis.evidence_node[match->post_a]].group, 0);
            assert_int_equal(analysis.node_account[analysis.evidence_node[match->post_b]],
                             events.post_account[b]);
            assert_true(analysis.post_finding[a] == 0 && analysis.post_finding[b] == 0);
        }
        for (uint32_t i = 0; i < finding->alternatives_count; i++)
            assert_true(finding->alternatives[i].measured.size_bytes > 10);
        lks_analysis_free(&analysis);
        lks_events_free(&events);
    }
}

static void test_threads(void **state)
{
    (void)state;
    struct lks_events events;
    make_innocent(&events, 3);
    plant(&events, 3);
    finish(&events);
    struct lks_detect_groups_options options = options_of(25);
    struct lks_analysis one, many;
    struct lks_control control = {.threads = 1};
    assert_int_equal(lks_detect_groups(&events, &options, &control, &one, NULL), 0);
    control.threads = 4;
    assert_int_equal(lks_detect_groups(&events, &options, &control, &many, NULL), 0);
    assert_true(one.edges_count == many.edges_count && one.nodes_count == many.nodes_count);
    assert_true(one.findings_count == many.findings_count && one.findings_count > 0);
    assert_true(one.copies_max_score == many.copies_max_score);
    assert_true(one.group_threshold == many.group_threshold);
    for (uint64_t i = 0; i < one.edges_count; i++) {
        const struct lks_result_edge *x = &one.edges[i], *y = &many.edges[i];
        assert_memory_equal(&x->edge, &y->edge, sizeof x->edge);
        assert_memory_equal(&x->p_value, &y->p_value, sizeof x->p_value);
        assert_memory_equal(&x->synchrony_p, &y->synchrony_p, sizeof x->synchrony_p);
        assert_memory_equal(&x->expected, &y->expected, sizeof x->expected);
    }
    for (uint32_t f = 0; f < one.findings_count; f++) {
        const struct lks_finding *x = &one.findings[f], *y = &many.findings[f];
        assert_true(x->score == y->score && x->p_value == y->p_value);
        assert_true(lks_str_equal(x->title, y->title));
        assert_true(lks_str_equal(x->confidence_rule, y->confidence_rule));
        assert_memory_equal(x->members, y->members, x->members_count * sizeof *x->members);
        assert_int_equal(x->matches_count, y->matches_count);
        for (uint32_t i = 0; i < x->matches_count; i++)
            assert_true(x->matches[i].post_a == y->matches[i].post_a &&
                        x->matches[i].post_b == y->matches[i].post_b);
    }
    lks_analysis_free(&one);
    lks_analysis_free(&many);
    lks_events_free(&events);
}

/* Data whose authors were really shuffled: p-values, BH and findings keep their word. */
static void test_calibration(void **state)
{
    (void)state;
    uint64_t pairs = 0, small = 0, discoveries = 0;
    unsigned alarms = 0, sets = 100;
    for (uint64_t seed = 1; seed <= sets; seed++) {
        struct lks_events events;
        struct lks_detect_groups_options options = options_of(19);
        struct lks_chance *chance;
        struct lks_chance_scan *scan;
        struct lks_analysis analysis;
        const struct lks_chance_edge *edges;
        size_t count;
        make_innocent(&events, seed);
        finish(&events);
        assert_int_equal(lks_chance_prepare(&events, &options.chance, NULL, &chance, NULL), 0);
        lks_chance_shuffle(chance, seed, 12345, events.post_account);
        lks_chance_free(chance);
        finish(&events);
        assert_int_equal(lks_chance_prepare(&events, &options.chance, NULL, &chance, NULL), 0);
        assert_int_equal(lks_chance_scan_new(chance, &scan, NULL), 0);
        assert_int_equal(
            lks_chance_scan_run(scan, events.post_account, 1, &edges, &count, NULL, NULL), 0);
        uint64_t possible = lks_chance_counts(chance)->pairs_possible;
        double *log10_p = malloc((count + 1) * sizeof *log10_p);
        double *q = malloc((count + 1) * sizeof *q), q_least = 1;
        for (size_t i = 0; i < count; i++) {
            log10_p[i] = edges[i].log10_p;
            small += lks_chance_edge_passes(&edges[i], 0.05);
        }
        pairs += possible;
        assert_true(count <= possible);
        assert_int_equal(lks_bh_adjust(log10_p, count, possible, q, NULL), 0);
        for (size_t i = 0; i < count; i++)
            q_least = fmin(q_least, q[i]);
        discoveries += q_least <= 0.05;
        free(log10_p);
        free(q);
        lks_chance_scan_free(scan);
        lks_chance_free(chance);
        options.seed = 1000 + seed;
        assert_int_equal(lks_detect_groups(&events, &options, NULL, &analysis, NULL), 0);
        alarms += analysis.findings_count > 0;
        lks_analysis_free(&analysis);
        lks_events_free(&events);
    }
    print_message("p <= 0.05: %llu of %llu pairs; BH alarms %llu, group alarms %u of %u\n",
                  (unsigned long long)small, (unsigned long long)pairs,
                  (unsigned long long)discoveries, alarms, sets);
    assert_true((double)small <= 0.05 * (double)pairs);
    assert_true(small > 0);
    assert_true(discoveries <= 5);
    /* At a true rate of 0.05 more than eleven alarms in 100 come once in 250 times. */
    assert_true(alarms <= 11);
}

/* Copies end early only where all of them would leave no finding, and at the same one for any number of
 * threads. */
static void test_stops(void **state)
{
    (void)state;
    unsigned stopped = 0, went_on = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct lks_events events;
        struct lks_detect_groups_options options = options_of(99);
        struct lks_group_test_options test = {
            .copies_count = 99, .split_accounts = options.split_accounts, .seed = options.seed};
        struct lks_control threads = {.threads = 3};
        struct lks_chance *chance;
        struct lks_chance_edge *edges;
        struct lks_group_levels levels;
        struct lks_group_maxima copies[99];
        struct lks_analysis one, many;
        size_t count;
        make_innocent(&events, seed);
        if (seed % 4 == 0)
            plant(&events, seed);
        finish(&events);
        assert_int_equal(lks_detect_groups(&events, &options, NULL, &one, NULL), 0);
        assert_int_equal(lks_detect_groups(&events, &options, &threads, &many, NULL), 0);
        assert_int_equal(one.copies_count, many.copies_count);
        assert_true(one.copies_max_score == many.copies_max_score);
        assert_int_equal(lks_chance_prepare(&events, &options.chance, NULL, &chance, NULL), 0);
        assert_int_equal(lks_group_levels_choose(chance, options.edge_level, NULL, &test, NULL), 0);
        assert_int_equal(lks_chance_scan_all(chance, events.post_account, test.levels[0], NULL,
                                             &edges, &count, NULL, NULL),
                         0);
        assert_int_equal(lks_group_levels_find(&test, edges, count, &levels, NULL), 0);
        assert_int_equal(lks_group_copies(chance, &test, 0, &threads, copies, NULL), 0);
        struct lks_group_maxima largest = lks_group_levels_largest(&levels);
        double p = lks_group_p(copies, 99, test.levels_count, &largest, NULL);
        stopped += one.copies_count < 99;
        went_on += one.copies_count == 99;
        assert_true(one.copies_count == 99 || (p > 0.05 && one.findings_count == 0));
        for (uint32_t i = 0; i < 99 && one.copies_count == 99; i++)
            assert_true(copies[i].score[0] <= one.copies_max_score);
        lks_group_levels_free(&levels);
        lks_chance_free(chance);
        free(edges);
        lks_analysis_free(&one);
        lks_analysis_free(&many);
        lks_events_free(&events);
    }
    print_message("stopped %u of %u\n", stopped, stopped + went_on);
    assert_true(stopped > 15 && went_on >= 10);
}

/* The loosest level is the first of the halvings at which a pilot copy keeps few enough ties,
 * and the promise holds where it bites. */
static void test_pilot(void **state)
{
    (void)state;
    unsigned alarms = 0, halved = 0, sets = 60;
    for (uint64_t seed = 1; seed <= sets; seed++) {
        struct lks_events events;
        struct lks_detect_groups_options options = options_of(19);
        struct lks_group_test_options test = {.seed = 1000 + seed};
        struct lks_chance *chance;
        struct lks_chance_scan *scan;
        struct lks_analysis analysis;
        const struct lks_chance_edge *edges;
        size_t count, kept = 0, kept_before = 0;
        options.chance.min_occasions = 1;
        options.chance.windows_count = 1;
        make_innocent(&events, 500 + seed);
        finish(&events);
        assert_int_equal(lks_chance_prepare(&events, &options.chance, NULL, &chance, NULL), 0);
        lks_chance_shuffle(chance, seed, 12345, events.post_account);
        lks_chance_free(chance);
        finish(&events);
        options.edge_level = 0.5;
        options.seed = test.seed;
        assert_int_equal(lks_chance_prepare(&events, &options.chance, NULL, &chance, NULL), 0);
        assert_int_equal(lks_group_levels_choose(chance, options.edge_level, NULL, &test, NULL), 0);
        uint32_t *author = malloc(events.posts_count * sizeof *author);
        lks_chance_shuffle(chance, test.seed, UINT64_MAX, author);
        assert_int_equal(lks_chance_scan_new(chance, &scan, NULL), 0);
        assert_int_equal(lks_chance_scan_run(scan, author, 1, &edges, &count, NULL, NULL), 0);
        for (size_t i = 0; i < count; i++) {
            kept += lks_chance_edge_passes(&edges[i], test.levels[0]) != 0;
            kept_before += lks_chance_edge_passes(&edges[i], 2 * test.levels[0]) != 0;
        }
        uint32_t able = lks_chance_counts(chance)->accounts_able;
        assert_true(20 * kept <= able);
        assert_true(test.levels[0] == options.edge_level || 20 * kept_before > able);
        assert_true(test.levels[1] == test.levels[0] / 5 && test.levels[2] == test.levels[0] / 50);
        halved += test.levels[0] < options.edge_level;
        free(author);
        lks_chance_scan_free(scan);
        lks_chance_free(chance);
        assert_int_equal(lks_detect_groups(&events, &options, NULL, &analysis, NULL), 0);
        alarms += analysis.findings_count > 0;
        lks_analysis_free(&analysis);
        lks_events_free(&events);
    }
    print_message("halved in %u, group alarms in %u of %u\n", halved, alarms, sets);
    assert_true(halved > 0);
    /* At a true rate of 0.05 more than eight alarms in 60 come once in 200 times. */
    assert_true(alarms <= 8);
}

static int has_note(const struct lks_analysis *analysis, const char *words)
{
    for (uint32_t i = 0; i < analysis->notes_count; i++) {
        if (strstr(analysis->notes[i].data, words))
            return 1;
    }
    return 0;
}

/* How many objects are left out as common. */
static uint32_t common_of(const struct lks_events *events)
{
    struct lks_chance_options options = lks_chance_options_default();
    struct lks_chance *chance;
    assert_int_equal(lks_chance_prepare(events, &options, NULL, &chance, NULL), 0);
    uint32_t common = lks_chance_counts(chance)->objects_common;
    lks_chance_free(chance);
    return common;
}

/* A keyword on every post, as in data collected by it: left out and said, and the planted
 * group is found as before. Without the rule every pair would meet all the time. */
static void test_keyword(void **state)
{
    (void)state;
    struct lks_events events;
    struct lks_analysis plain, keyword;
    struct lks_detect_groups_options options = options_of(39);
    make_innocent(&events, 2);
    plant(&events, 2);
    finish(&events);
    assert_int_equal(lks_detect_groups(&events, &options, NULL, &plain, NULL), 0);
    uint32_t common = common_of(&events);
    uint32_t tag = events.objects_count++;
    events.object_kind[tag] = LKS_OBJECT_HASHTAG;
    for (uint32_t p = 0; p < POSTS; p++) {
        events.object[events.count] = tag;
        events.post[events.count++] = p;
    }
    finish(&events);
    assert_int_equal(lks_detect_groups(&events, &options, NULL, &keyword, NULL), 0);
    assert_int_equal(common_of(&events), common + 1);
    assert_true(has_note(&keyword, "objects used by more than 50 %"));
    assert_true(plain.findings_count > 0);
    assert_int_equal(plain.findings_count, keyword.findings_count);
    assert_int_equal(plain.edges_count, keyword.edges_count);
    assert_true(plain.findings[0].score == keyword.findings[0].score);
    lks_analysis_free(&plain);
    lks_analysis_free(&keyword);
    lks_events_free(&events);
}

/* Windows below the precision of the times are not claimed. */
static void test_precision(void **state)
{
    (void)state;
    struct lks_events events;
    struct lks_chance *chance;
    struct lks_analysis analysis;
    struct lks_detect_groups_options options = options_of(19);
    options.chance.windows_us[0] = 10 * LKS_SECOND_US;
    make_innocent(&events, 4);
    plant(&events, 4);
    finish(&events);
    const unsigned windows[3] = {4, 3, 1};
    for (int precision = LKS_PRECISION_SECOND; precision <= LKS_PRECISION_DAY; precision++) {
        events.time_precision = (enum lks_time_precision)precision;
        assert_int_equal(lks_chance_prepare(&events, &options.chance, NULL, &chance, NULL), 0);
        assert_int_equal(lks_chance_counts(chance)->windows_used, windows[precision]);
        lks_chance_free(chance);
        assert_int_equal(lks_detect_groups(&events, &options, NULL, &analysis, NULL), 0);
        assert_int_equal(has_note(&analysis, "are known to the"), precision > 0);
        for (uint64_t i = 0; i < analysis.edges_count; i++)
            assert_true(precision == 0 || analysis.edges[i].window_us >= LKS_MINUTE_US);
        lks_analysis_free(&analysis);
    }
    lks_events_free(&events);
}

static void test_refusals(void **state)
{
    (void)state;
    struct lks_events events = {0};
    struct lks_analysis analysis;
    struct lks_error err = {0};
    struct lks_detect_groups_options options = options_of(0);
    assert_int_equal(lks_detect_groups(&events, &options, NULL, &analysis, &err), LKS_EARGUMENT);
    assert_true(err.message[0] != 0);
    lks_analysis_free(&analysis);
    options = options_of(9);
    options.chance.windows_us[1] = 5;
    assert_int_equal(lks_detect_groups(&events, &options, NULL, &analysis, NULL), LKS_EARGUMENT);
    lks_analysis_free(&analysis);
    /* No data is no finding, not a failure. */
    options = options_of(9);
    assert_int_equal(lks_detect_groups(&events, &options, NULL, &analysis, NULL), 0);
    assert_int_equal(analysis.findings_count, 0);
    lks_analysis_free(&analysis);
    struct lks_control control = {.cancel = &(int){1}};
    make_innocent(&events, 1);
    finish(&events);
    assert_int_equal(lks_detect_groups(&events, &options, &control, &analysis, NULL),
                     LKS_ECANCELLED);
    lks_analysis_free(&analysis);
    lks_events_free(&events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planted),  cmocka_unit_test(test_threads),
        cmocka_unit_test(test_pilot),    cmocka_unit_test(test_calibration),
        cmocka_unit_test(test_keyword),  cmocka_unit_test(test_precision),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
