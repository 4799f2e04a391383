/* members_test.c - who belongs to a finding: loose groups whole, bystanders out, crowds left out */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "finding/detect_groups.h"

enum {
    PEOPLE = 500,
    GROUP = 30, /* accounts 0 .. 29 */
    ACTS = 45,
    CROWD_FIRST = 100,
    CROWD = 80,
    TAGS = 120,
    OTHERS = 6000,
    DAYS = 14,
    TEXTS = ACTS + 2
};

static void add(struct lks_events *events, uint32_t account, int64_t time_us, uint32_t object,
                enum lks_object_kind kind)
{
    uint32_t p = events->posts_count++;
    events->post_account[p] = account;
    events->post_time_us[p] = time_us;
    events->object_kind[object] = (uint8_t)kind;
    events->object[events->count] = object;
    events->account[events->count] = account;
    events->post[events->count] = p;
    events->time_us[events->count++] = time_us;
}

static int64_t time_of(struct lks_rng *rng, uint64_t day, uint64_t span_s)
{
    return (int64_t)((20000 + day) * 86400 + lks_rng_below(rng, span_s)) * LKS_SECOND_US;
}

static void make_room(struct lks_events *events, size_t posts_count, uint32_t objects_count)
{
    memset(events, 0, sizeof *events);
    events->accounts_count = PEOPLE;
    events->objects_count = objects_count;
    events->object_kind = calloc(objects_count, 1);
    events->post_account = malloc(posts_count * 4);
    events->post_time_us = malloc(posts_count * 8);
    events->object = malloc(posts_count * 4);
    events->account = malloc(posts_count * 4);
    events->post = malloc(posts_count * 4);
    events->time_us = malloc(posts_count * 8);
}

/* Each act of the group is done by a quarter of it: two members seldom meet twice or more. The
 * crowd takes up one text and one clip on one day; everybody posts under tags. */
static void make(struct lks_events *events, uint64_t seed, int with_group)
{
    enum { MOST = OTHERS + GROUP * ACTS + 2 * CROWD };
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 2);
    make_room(events, MOST, TAGS + TEXTS);
    for (uint32_t i = 0; i < OTHERS; i++) {
        uint32_t tag = (uint32_t)lks_rng_below(&rng, 1 + lks_rng_below(&rng, TAGS));
        add(events, (uint32_t)lks_rng_below(&rng, PEOPLE),
            time_of(&rng, lks_rng_below(&rng, DAYS), 86400), tag, LKS_OBJECT_HASHTAG);
    }
    for (uint32_t act = 0; act < ACTS && with_group; act++) {
        int64_t time_us = time_of(&rng, lks_rng_below(&rng, DAYS), 80000);
        for (uint32_t a = 0; a < GROUP; a++) {
            if (lks_rng_below(&rng, 4) == 0)
                add(events, a, time_us + (int64_t)lks_rng_below(&rng, 120) * LKS_SECOND_US,
                    TAGS + act, LKS_OBJECT_TEXT);
        }
    }
    for (uint32_t a = CROWD_FIRST; a < CROWD_FIRST + CROWD; a++) {
        int64_t time_us = time_of(&rng, 3, 50000);
        add(events, a, time_us, TAGS + ACTS, LKS_OBJECT_TEXT);
        add(events, a, time_us + 30 * LKS_SECOND_US, TAGS + ACTS + 1, LKS_OBJECT_REPLY);
    }
    assert_int_equal(lks_events_sort(events, NULL), 0);
}

static void test_members(void **state)
{
    (void)state;
    uint32_t found = 0, wrong = 0, crowd = 0, alone = 0, sets = 6;
    for (uint64_t seed = 1; seed <= sets; seed++) {
        struct lks_events events;
        struct lks_analysis analysis;
        struct lks_detect_groups_options options = lks_detect_groups_options_default();
        options.copies_count = 39;
        make(&events, seed, 1);
        assert_int_equal(lks_detect_groups(&events, &options, NULL, &analysis, NULL), 0);
        for (uint32_t v = 0; v < analysis.nodes_count; v++) {
            const struct lks_result_node *node = &analysis.nodes[v];
            uint32_t account = analysis.node_account[v];
            if (node->group == UINT32_MAX) {
                assert_true(node->member_q != node->member_q);
                continue;
            }
            found += account < GROUP;
            wrong += account >= GROUP;
            crowd += account >= CROWD_FIRST && account < CROWD_FIRST + CROWD;
            alone += node->degree == 0;
            assert_true(node->member_q >= 0 && node->member_q <= 0.01);
            assert_true(node->member_p >= 0 && node->member_p <= 1);
        }
        for (uint32_t f = 0; f < analysis.findings_count; f++) {
            assert_true(analysis.findings[f].members_count >= 2);
            for (uint32_t i = 0; i < analysis.findings[f].members_count; i++)
                assert_int_equal(analysis.nodes[analysis.findings[f].members[i]].group, f);
        }
        lks_analysis_free(&analysis);
        lks_events_free(&events);
    }
    print_message("found %u of %u, wrong %u, of the crowd %u, without an edge %u\n", found,
                  sets * GROUP, wrong, crowd, alone);
    assert_true(found >= sets * GROUP * 95 / 100);
    assert_true(wrong * 50 <= found); /* two in a hundred */
    assert_int_equal(crowd, 0);
}

/* Without the group nothing is left but the crowd, and it is none. */
static void test_crowd(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct lks_events events;
        struct lks_analysis analysis;
        struct lks_detect_groups_options options = lks_detect_groups_options_default();
        options.copies_count = 39;
        make(&events, 100 + seed, 0);
        assert_int_equal(lks_detect_groups(&events, &options, NULL, &analysis, NULL), 0);
        for (uint32_t v = 0; v < analysis.nodes_count; v++)
            assert_true(analysis.nodes[v].group == UINT32_MAX ||
                        analysis.node_account[v] < CROWD_FIRST ||
                        analysis.node_account[v] >= CROWD_FIRST + CROWD);
        lks_analysis_free(&analysis);
        lks_events_free(&events);
    }
}

/* Every evening a third of them posts, at a time of its own: under the tag that they always have, or
 * what they were given to say that day. */
static void make_evenings(struct lks_events *events, uint64_t seed, int with_texts)
{
    enum { EVENINGS = 28, MOST = OTHERS + GROUP * EVENINGS };
    struct lks_rng rng;
    lks_rng_init(&rng, seed, 3);
    make_room(events, MOST, TAGS + EVENINGS);
    for (uint32_t i = 0; i < OTHERS; i++) {
        uint32_t tag = (uint32_t)lks_rng_below(&rng, 1 + lks_rng_below(&rng, TAGS - 1));
        add(events, (uint32_t)lks_rng_below(&rng, PEOPLE),
            time_of(&rng, lks_rng_below(&rng, EVENINGS), 86400), tag, LKS_OBJECT_HASHTAG);
    }
    for (uint32_t evening = 0; evening < EVENINGS; evening++)
        for (uint32_t a = 0; a < GROUP; a++)
            if (lks_rng_below(&rng, 3) == 0)
                add(events, a,
                    time_of(&rng, evening, 4 * 3600) + 18 * 3600 * (int64_t)LKS_SECOND_US,
                    with_texts ? TAGS + evening : TAGS - 1,
                    with_texts ? LKS_OBJECT_TEXT : LKS_OBJECT_HASHTAG);
    assert_int_equal(lks_events_sort(events, NULL), 0);
}

/* A habit is no finding, and is said; the same hours with a text of the day are. */
static void test_community(void **state)
{
    (void)state;
    uint32_t said = 0, members[2] = {0, 0}, sets = 4;
    for (uint64_t seed = 1; seed <= sets; seed++) {
        for (int with_texts = 0; with_texts < 2; with_texts++) {
            struct lks_events events;
            struct lks_analysis analysis;
            struct lks_detect_groups_options options = lks_detect_groups_options_default();
            options.copies_count = 39;
            make_evenings(&events, 200 + seed, with_texts);
            assert_int_equal(lks_detect_groups(&events, &options, NULL, &analysis, NULL), 0);
            for (uint32_t v = 0; v < analysis.nodes_count; v++)
                members[with_texts] +=
                    analysis.nodes[v].group != UINT32_MAX && analysis.node_account[v] < GROUP;
            for (uint32_t i = 0; i < analysis.notes_count; i++)
                said += memmem(analysis.notes[i].data, analysis.notes[i].size_bytes,
                               "community with a habit", 22) != NULL;
            lks_analysis_free(&analysis);
            lks_events_free(&events);
        }
    }
    print_message("of %u: by habit %u, by a text of the day %u; said in %u sets of %u\n",
                  sets * GROUP, members[0], members[1], said, sets);
    assert_int_equal(members[0], 0);
    assert_true(said >= sets - 1); /* where they stand out at all */
    assert_true(members[1] >= sets * GROUP * 9 / 10);
}

static void test_threads(void **state)
{
    (void)state;
    struct lks_events events;
    struct lks_analysis one, many;
    struct lks_detect_groups_options options = lks_detect_groups_options_default();
    struct lks_control control = {.threads = 1};
    options.copies_count = 19;
    make(&events, 77, 1);
    assert_int_equal(lks_detect_groups(&events, &options, &control, &one, NULL), 0);
    control.threads = 5;
    assert_int_equal(lks_detect_groups(&events, &options, &control, &many, NULL), 0);
    assert_true(one.nodes_count == many.nodes_count && one.nodes_count > 0);
    assert_true(one.edges_count == many.edges_count);
    assert_memory_equal(one.node_account, many.node_account,
                        one.nodes_count * sizeof *one.node_account);
    for (uint32_t v = 0; v < one.nodes_count; v++) {
        assert_int_equal(one.nodes[v].group, many.nodes[v].group);
        assert_memory_equal(&one.nodes[v].member_p, &many.nodes[v].member_p, sizeof(double));
        assert_memory_equal(&one.nodes[v].member_q, &many.nodes[v].member_q, sizeof(double));
    }
    lks_analysis_free(&one);
    lks_analysis_free(&many);
    lks_events_free(&events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_crowd),
        cmocka_unit_test(test_community),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
