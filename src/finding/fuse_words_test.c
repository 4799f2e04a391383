/* fuse_words_test.c - the word of a finding, whatever words its co-action groups have */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "finding/fuse_results.h"

enum { LARGE = 24, SMALL = 20, NODES = LARGE + SMALL, NO_PART = -1 };

/* Two co-action groups that are one finding, each with its word; the second may be missing. */
struct given {
    int large, small;         /* enum lks_confidence or NO_PART */
    int answers, texts, bios; /* another layer sees them; distinct texts; they say who they are */
    int word;                 /* of the finding: enum lks_confidence */
    const char *rule;         /* with which its rule begins */
};

static void part_fill(struct lks_finding *part, int word, uint32_t first, uint32_t count,
                      uint32_t texts)
{
    static struct lks_alternative open[] = {{"viral_surge", "open", LKS_STR("It may be.")}};
    static struct lks_alternative innocent[] = {{"viral_surge", "speaks for", LKS_STR("It is.")}};
    static struct lks_str rules[LKS_CONFIDENCES_COUNT] = {
        LKS_STR("Explained, a part."), LKS_STR("Low, a part."), LKS_STR("Moderate, a part."),
        LKS_STR("High, a part.")};
    static uint32_t members[2][NODES];
    *part = (struct lks_finding){.title = LKS_STR("20 accounts posted the same texts"),
                                 .members = members[first > 0],
                                 .members_count = count,
                                 .score = 10,
                                 .p_value = 0.01,
                                 .posts_count = 10,
                                 .confidence = (enum lks_confidence)word,
                                 .confidence_rule = rules[word],
                                 .alternatives = word ? open : innocent,
                                 .alternatives_count = 1};
    part->kind_objects[LKS_OBJECT_TEXT] = texts;
    for (uint32_t i = 0; i < count; i++)
        part->members[i] = first + i;
}

static void check(const struct given *given)
{
    struct lks_result_node nodes[NODES] = {0};
    struct lks_finding parts[2];
    struct lks_fused_member members[NODES] = {0};
    struct lks_fused_part fused_parts[3] = {{.layer = LKS_LAYER_COACTION, .index = 0},
                                            {.layer = LKS_LAYER_COACTION, .index = 1}};
    struct lks_left_out left_out[1][LKS_LAYERS_COUNT] = {0};
    struct lks_layers layers = {.accounts_count = NODES};
    struct lks_results results = {.nodes = nodes, .nodes_count = NODES, .findings = parts};
    uint32_t same[NODES], two = given->small != NO_PART, count = two ? NODES : LARGE;
    struct lks_fused fused = {.members = members, .members_count = count, .parts = fused_parts};
    struct lks_fusion fusion = {.items = &fused, .items_count = 1};
    struct lks_fuse_facts facts = {.layers = &layers,
                                   .fusion = &fusion,
                                   .left_out =
                                       (const struct lks_left_out(*)[LKS_LAYERS_COUNT])left_out,
                                   .node_of = same,
                                   .account_of = same,
                                   .cluster_level = 0.01,
                                   .group_level = 0.05};
    part_fill(&parts[0], given->large, 0, LARGE, (uint32_t)given->texts);
    if (two)
        part_fill(&parts[1], given->small, LARGE, SMALL, (uint32_t)given->texts);
    results.findings_count = fused.parts_count = 1 + two;
    fused.layers = 1u << LKS_LAYER_COACTION;
    fused.layer_members[LKS_LAYER_COACTION] = count;
    for (uint32_t i = 0; i < NODES; i++) {
        same[i] = i;
        members[i] = (struct lks_fused_member){
            .account = i, .layers = 1u << LKS_LAYER_COACTION, .log10_p = -3, .q_value = 0.01};
        nodes[i].account.bio =
            given->bios && i < count ? LKS_STR("volunteers of somebody") : LKS_STR_NULL;
    }
    struct lks_layer_account named[NODES];
    struct lks_layer_cluster cluster = {.log10_p = -9, .caller = UINT32_MAX};
    if (given->answers) {
        layers.layer[LKS_LAYER_ANSWERS] = (struct lks_layer){.observable = 1,
                                                             .accounts = named,
                                                             .accounts_count = NODES,
                                                             .clusters = &cluster,
                                                             .clusters_count = 1};
        fused.layers |= 1u << LKS_LAYER_ANSWERS;
        fused.layer_members[LKS_LAYER_ANSWERS] = count;
        fused_parts[fused.parts_count++] = (struct lks_fused_part){.layer = LKS_LAYER_ANSWERS};
        for (uint32_t i = 0; i < NODES; i++) {
            named[i] = (struct lks_layer_account){.account = i, .log10_p = -9, .q_value = 0.001};
            members[i].layers |= 1u << LKS_LAYER_ANSWERS;
        }
    }
    assert_int_equal(lks_fuse_apply(&results, &facts, NULL), 0);
    const struct lks_finding *finding = &results.findings[0];
    int lowering = 0;
    for (uint32_t i = 0; i < finding->alternatives_count; i++)
        lowering |= strcmp(finding->alternatives[i].verdict, "speaks for") == 0 &&
                    strcmp(finding->alternatives[i].name, "party_office") != 0;
    assert_string_equal(lks_confidence_names[finding->confidence],
                        lks_confidence_names[given->word]);
    /* A reader finds the explanation for which a finding is called explained, and none beside it
     * where it is not. */
    assert_int_equal(finding->confidence == LKS_CONFIDENCE_EXPLAINED, lowering);
    assert_memory_equal(finding->confidence_rule.data, given->rule, strlen(given->rule));
    assert_true(finding->confidence > LKS_CONFIDENCE_LOW || !finding->fusion.techniques_count);
    lks_arena_free(&results.arena);
}

static void test_words_of_joined_groups(void **state)
{
    (void)state;
    enum { E, L, M, H }; /* as enum lks_confidence */
    static const struct given all[] = {
        {E, NO_PART, 0, 30, 0, E, "Explained, a part."},
        {L, NO_PART, 0, 30, 0, L, "Low, a part."},
        {H, NO_PART, 0, 30, 0, H, "High, a part."},
        /* The giveaway is asked about here alone: one text among all of them. */
        {H, NO_PART, 0, 1, 0, E, "Explained: "},
        {L, NO_PART, 0, 1, 0, E, "Explained: "},
        {E, NO_PART, 0, 1, 0, E, "Explained, a part."},
        /* What accounts for one of two groups leaves the other. */
        {E, E, 0, 30, 0, E, "Explained, a part."},
        {E, L, 0, 30, 0, L, "Low, a part."},
        {E, M, 0, 30, 0, M, "Moderate, a part."},
        {E, H, 0, 30, 0, H, "High, a part."},
        {L, E, 0, 30, 0, L, "Low, a part."},
        {H, E, 0, 30, 0, H, "High, a part."},
        {M, H, 0, 30, 0, H, "High, a part."},
        {H, E, 0, 1, 0, E, "Explained: "},
        /* With a second layer, without which it is not found. */
        {L, NO_PART, 1, 30, 0, M, "Moderate: 2 independent layers"},
        {H, NO_PART, 1, 30, 0, H, "High: 2 independent layers"},
        {E, NO_PART, 1, 30, 0, E, "Explained: 2 independent layers"},
        {E, L, 1, 30, 0, M, "Moderate: 2 independent layers"},
        {E, H, 1, 30, 0, H, "High: 2 independent layers"},
        {L, E, 1, 30, 0, M, "Moderate: 2 independent layers"},
        /* Who say openly that they are together are coordinated. */
        {H, NO_PART, 0, 30, 1, H, "High, a part. The members say"},
        {E, NO_PART, 0, 30, 1, E, "Explained, a part."},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        check(&all[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_of_joined_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
