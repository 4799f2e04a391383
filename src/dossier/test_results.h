/* test_results.h - results made by hand, with every nasty string, for the tests of the writers */
#ifndef LKS_DOSSIER_TEST_RESULTS_H
#define LKS_DOSSIER_TEST_RESULTS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "finding/results.h"

/* The null string comes first. */
static const struct lks_str nasty[] = {
    {NULL, 0},
    {"", 0},
    LKS_STR("plain"),
    LKS_STR("\"quoted\", with; separators\ttab"),
    LKS_STR("two\r\nlines\nand\rmore"),
    LKS_STR("</script><script>alert(1)</script><!-- ]]>"),
    LKS_STR("<b>&amp;</b> 'single'"),
    LKS_STR("=HYPERLINK(\"http://x\",\"y\")"),
    LKS_STR("+1+1"),
    LKS_STR("-2+3"),
    LKS_STR("@SUM(A1)"),
    LKS_STR("'quoted from the start"),
    LKS_STR("\tled by a tab"),
    LKS_STR("\xef\xbc\x9d"
            "full-width"),
    LKS_STR("nul\0inside"),
    LKS_STR("\x01\x02\x08\x0b\x0c\x1b\x1f\x7f controls"),
    LKS_STR("broken \xff\xfe \xc3( \xe2\x82 \xed\xa0\x80 \xf4\x90\x80\x80 end"),
    LKS_STR("\xc0\xaf overlong \xf0\x9f\x98"),
    LKS_STR("NEL \xc2\x85 LS \xe2\x80\xa8 PS \xe2\x80\xa9 BOM \xef\xbb\xbf"),
    LKS_STR("not a character \xef\xbf\xbf \xef\xbf\xbe"),
    LKS_STR("\xe2\x80\xae"
            "right to left \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"),
    LKS_STR("emoji \xf0\x9f\x98\x80 \xf0\x9f\x87\xb7\xf0\x9f\x87\xb4"),
    LKS_STR(" blanks around "),
    LKS_STR("{\"json\": [1, 2]}\\u0000 \\"),
};

enum { NASTY_COUNT = sizeof nasty / sizeof *nasty };

static inline struct lks_str nasty_at(size_t i)
{
    return nasty[i % NASTY_COUNT];
}

/* A key that is never null and differs for every i, nasty inside. */
static inline struct lks_str nasty_key(struct lks_results *r, const char *prefix, size_t i)
{
    struct lks_buffer buffer = {0};
    lks_buffer_format(&buffer, "%s:%zu", prefix, i);
    lks_buffer_append(&buffer, nasty_at(i).data, nasty_at(i).size_bytes);
    struct lks_str key = lks_arena_str(&r->arena, (struct lks_str){buffer.data, buffer.size_bytes});
    lks_buffer_free(&buffer);
    return key;
}

static inline void test_nodes(struct lks_results *r, uint32_t count)
{
    r->nodes_count = count;
    r->nodes = lks_arena_calloc(&r->arena, count, sizeof *r->nodes);
    for (uint32_t i = 0; i < count; i++) {
        r->nodes[i] = (struct lks_result_node){
            .account = {.platform = LKS_STR("x"),
                        .account_key = nasty_key(r, "x", i),
                        .handle = nasty_at(i),
                        .display_name = nasty_at(i + 1),
                        .bio = nasty_at(i + 2),
                        .country = nasty_at(i + 3),
                        .created_us = i % 3 ? 1480000000 * LKS_SECOND_US : LKS_TIME_NULL,
                        .created_method = i % 3 ? LKS_CREATED_FIELD : LKS_CREATED_UNKNOWN,
                        .followers = i % 2 ? (int64_t)i * 10 : LKS_COUNT_NULL,
                        .following = LKS_COUNT_NULL,
                        .posts_total = (int64_t)i,
                        .verified = (int)(i % 3) - 1},
            .posts_count = 10 + i,
            .matched_posts = i,
            .group = i < 6 ? i / 3 : UINT32_MAX,
            .member_p = i < 6 ? 0.0001 * i : NAN,
            .member_q = i < 6 ? 0.001 * i : NAN,
            .degree = 2,
            .strength = 3.5 + i,
            .x = 2.0 * i / count - 1,
            .y = 0.1 * i / 3,
        };
    }
}

static inline void test_edges(struct lks_results *r)
{
    r->edges_count = r->nodes_count;
    r->edges = lks_arena_calloc(&r->arena, r->edges_count, sizeof *r->edges);
    for (uint32_t i = 0; i < r->edges_count; i++) {
        uint32_t other = (i + 1) % r->nodes_count;
        struct lks_result_edge *e = r->edges + i;
        *e = (struct lks_result_edge){
            .edge = {.a = i < other ? i : other,
                     .b = i < other ? other : i,
                     .pairs_count = 7,
                     .objects_count = 3,
                     .occasions_count = 2 + i,
                     .posts_a = 3,
                     .posts_b = 4,
                     .a_first = 5,
                     .b_first = 2,
                     .lag_mean_us = 1234567.25,
                     .first_us = 1700000000 * LKS_SECOND_US,
                     .last_us = 1700000900 * LKS_SECOND_US + 5},
            .expected = 0.001 * i,
            .p_value = i ? pow(10, -(double)i) : 0,
            .q_value = 0.5 / (i + 1),
            .window_us = 60 * LKS_SECOND_US,
            .synchrony_p = i % 2 ? 0.01 : NAN,
            .group = i < 2              ? 0
                     : i == 3 || i == 4 ? 1
                                        : UINT32_MAX,
        };
        e->edge.kind_objects[i % LKS_OBJECT_KINDS_COUNT] = i + 1;
    }
}

static inline void test_posts(struct lks_results *r, uint32_t count)
{
    r->evidence_count = count;
    r->posts = lks_arena_calloc(&r->arena, count, sizeof *r->posts);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t node = i % 6;
        r->posts[i] = (struct lks_result_post){
            .post = {.platform = LKS_STR("x"),
                     .post_key = nasty_key(r, "x:post", i),
                     .account_key = r->nodes[node].account.account_key,
                     .text = nasty_at(i),
                     .parent_key = nasty_at(i + 4),
                     .time_us = (1700000000 + (int64_t)i) * LKS_SECOND_US,
                     .kind = (enum lks_post_kind)(i % LKS_POST_KINDS_COUNT),
                     .views = i % 2 ? (int64_t)1 << 40 : LKS_COUNT_NULL,
                     .likes = LKS_COUNT_NULL,
                     .shares = 0,
                     .comments = -1,
                     .declared_paid = -1,
                     .offset_bytes = (uint64_t)i << 33,
                     .length_bytes = 100 + i},
            .node = node,
            .file = nasty_at(i + 2),
            .sha256 = LKS_STR("00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff"),
        };
    }
}

static inline void test_finding(struct lks_results *r, uint32_t f)
{
    struct lks_finding *finding = r->findings + f;
    *finding = (struct lks_finding){
        .id = f ? LKS_STR("F2") : LKS_STR("F1"),
        .title = nasty_at(5 + f),
        .members_count = 3,
        .edges_count = 2,
        .score = 41.25,
        .copies_max_score = 5.5,
        .p_value = 0.005,
        .q_edge_max = 1e-7,
        .occasions_count = 12,
        .expected = 0.02,
        .posts_count = 30,
        .first_us = 1700000000 * LKS_SECOND_US,
        .last_us = 1700009000 * LKS_SECOND_US,
        .lag_median_us = 2.5e6,
        .confidence = f ? LKS_CONFIDENCE_LOW : LKS_CONFIDENCE_HIGH,
        .confidence_rule = LKS_STR("High: p below 0.01 & no alternative speaks for it."),
        .fusion = {.kind = "copied posts",
                   .observation = LKS_STR("They act together."),
                   .seed_share = NAN},
        .alternatives_count = 2,
        .objects_count = NASTY_COUNT,
        .matches_count = NASTY_COUNT,
        .matches_total = 12345,
    };
    finding->kind_objects[LKS_OBJECT_TEXT] = 3;
    finding->kind_objects[LKS_OBJECT_URL] = 1;
    finding->members = lks_arena_calloc(&r->arena, 3, sizeof *finding->members);
    for (uint32_t i = 0; i < 3; i++)
        finding->members[i] = 3 * f + 2 - i;
    finding->alternatives = lks_arena_calloc(&r->arena, 2, sizeof *finding->alternatives);
    finding->alternatives[0] = (struct lks_alternative){
        "news_syndication", "speaks against", LKS_STR("0 of 12 posts link to an agency.")};
    finding->alternatives[1] =
        (struct lks_alternative){"shared_sound", "not observable", nasty_at(6)};
    finding->objects = lks_arena_calloc(&r->arena, NASTY_COUNT, sizeof *finding->objects);
    finding->matches = lks_arena_calloc(&r->arena, NASTY_COUNT, sizeof *finding->matches);
    for (uint32_t i = 0; i < NASTY_COUNT; i++) {
        enum lks_object_kind kind = (enum lks_object_kind)(i % LKS_OBJECT_KINDS_COUNT);
        finding->objects[i] = (struct lks_result_object){
            .kind = kind, .object = nasty_at(i), .accounts_count = 3, .uses_count = 9};
        finding->matches[i] = (struct lks_result_match){.post_a = i % 5,
                                                        .post_b = 5 + i % 7,
                                                        .kind = kind,
                                                        .object = nasty_at(i + 1),
                                                        .lag_us = (int64_t)i * 1500000};
    }
}

static inline void test_relays(struct lks_results *r)
{
    static struct lks_result_instruction instructions[2];
    static struct lks_result_relay relays[1];
    static struct lks_result_relay_member members[2];
    static struct lks_result_relayer relayers[2];
    for (int i = 0; i < 2; i++) {
        instructions[i] =
            (struct lks_result_instruction){.time_us = LKS_DAY_US * 20000 + i,
                                            .channel = LKS_STR("telegram:1"),
                                            .post_key = LKS_STR("telegram:1/2"),
                                            .cues = LKS_STR("act 2, time 1"),
                                            .things = LKS_STR(" echi<libru \xc8\x99i "),
                                            .score = 2.5 + 2 * i};
        members[i] = (struct lks_result_relay_member){
            0, LKS_STR("telegram:1"), LKS_STR("telegram:1/2"), i * 3 * LKS_SECOND_US};
        relayers[i] =
            (struct lks_result_relayer){.item = {.called = 1,
                                                 .relayed = 2,
                                                 .could = 9,
                                                 .expected = 0.5,
                                                 .log10_p = -2,
                                                 .q_value = 0.02,
                                                 .followed_count = (uint32_t)i,
                                                 .lag_median_us = i - 1},
                                        .channel = LKS_STR("telegram:2"),
                                        .followed = i ? LKS_STR("telegram:1") : LKS_STR("")};
    }
    relays[0] =
        (struct lks_result_relay){.item = {.first_us = LKS_DAY_US * 20000,
                                           .last_us = LKS_DAY_US * 20000 + 3 * LKS_SECOND_US,
                                           .sure_us = LKS_DAY_US * 20000 + LKS_SECOND_US,
                                           .places_count = 2,
                                           .members_count = 2,
                                           .expected = 0.01,
                                           .log10_p = -5.5,
                                           .q_value = 0.001},
                                  .channel = LKS_STR("telegram:1"),
                                  .post_key = LKS_STR("telegram:1/2"),
                                  .things = LKS_STR(" echilibru "),
                                  .instruction = 4.5};
    r->instructions = instructions, r->instructions_count = 2;
    r->relays = relays, r->relays_count = 1;
    r->relay_members = members, r->relay_members_count = 2;
    r->relayers = relayers, r->relayers_count = 2;
    r->relaying.window_us = 5 * LKS_MINUTE_US, r->relaying.past_us = 30 * LKS_DAY_US;
    r->relaying.messages_count = 500, r->relaying.tested_count = 40;
    r->relaying.controls_count = 5, r->relaying.p_max = 0.002;
}

static inline void test_promotion(struct lks_results *r)
{
    static struct lks_result_script scripts[2];
    static struct lks_result_teller tellers[3];
    static struct lks_result_payee payees[2];
    static struct lks_result_sum sums[3];
    static struct lks_result_flow flows[2];
    static struct lks_result_named named[1];
    static struct lks_result_check checks[2];
    for (uint32_t i = 0; i < 2; i++) {
        scripts[i] =
            (struct lks_result_script){.item = {.kind = i ? LKS_SCRIPT_TIED : LKS_SCRIPT_UNDECLARED,
                                                .accounts_count = 2,
                                                .posts_count = 4,
                                                .own_share_median = 0.25,
                                                .first_us = 1700000000000000,
                                                .last_us = 1700000500000000,
                                                .log10_p = -7.5,
                                                .q_value = 0.001},
                                       .id = i ? LKS_STR("S2") : LKS_STR("S1"),
                                       .post_key = nasty_at(i),
                                       .text = nasty_at(i + 1),
                                       .measured = nasty_at(i + 2)};
        scripts[i].objects[LKS_SCRIPT_TAG] = i ? LKS_STR_NULL : nasty_at(3);
        payees[i] = (struct lks_result_payee){
            .payee = nasty_at(i),
            .account = {.account_key = i ? LKS_STR_NULL : nasty_at(1), .followers = LKS_COUNT_NULL},
            .amounts = LKS_STR("1.00 EUR"),
            .days_before = i ? 0 : 3,
            .days_after = 5,
            .views_before = LKS_COUNT_NULL,
            .views_after = INT64_MAX,
            .script = i ? UINT32_MAX : 1,
            .finding = UINT32_MAX};
        flows[i] = (struct lks_result_flow){.payer = nasty_at(i),
                                            .payee = nasty_at(i + 1),
                                            .account_key = i ? nasty_at(2) : LKS_STR_NULL,
                                            .target = i ? LKS_STR("S1") : LKS_STR(""),
                                            .beneficiary = nasty_at(i + 3),
                                            .beneficiary_by = i ? "comments" : "",
                                            .method = LKS_STR(""),
                                            .currency = LKS_STR("JPY"),
                                            .amount_minor = i ? INT64_MIN + 1 : INT64_MAX,
                                            .beyond = (int32_t)i};
        checks[i] = (struct lks_result_check){.name = nasty_at(i),
                                              .currency = LKS_STR("KWD"),
                                              .exponent = 3,
                                              .agrees = (int32_t)i - 1,
                                              .reported_minor = -1234};
    }
    for (uint32_t i = 0; i < 3; i++) {
        tellers[i] = (struct lks_result_teller){
            .item = {.script = i > 0, .posts_count = 2, .near_us = 3600000000, .q_value = 0.5},
            .account = {.account_key = nasty_at(i), .followers = 5},
            .post_key = nasty_at(i + 1),
            .finding = UINT32_MAX};
        sums[i] = (struct lks_result_sum){.item = {.by = (enum lks_sum_by)i,
                                                   .exponent = 2,
                                                   .payments_count = 7,
                                                   .amount_minor = -5,
                                                   .beyond = i == 2},
                                          .name = i ? nasty_at(i) : LKS_STR(""),
                                          .currency = LKS_STR("USD")};
    }
    named[0] = (struct lks_result_named){.beneficiary = nasty_at(2), .p_value = 0.25};
    r->scripts = scripts, r->scripts_count = 2;
    r->tellers = tellers, r->tellers_count = 3;
    r->payees = payees, r->payees_count = 2;
    r->sums = sums, r->sums_count = 3;
    r->flows = flows, r->flows_count = 2;
    r->named = named, r->named_count = 1;
    r->checks = checks, r->checks_count = 2;
    r->promotion.unobservable = LKS_STR("");
    r->promotion.converted_to = LKS_STR("USD");
    r->promotion.converted_exponent = 2;
    r->promotion.ledger_note = nasty_at(1);
}

static inline void test_swarm(struct lks_results *r)
{
    static struct lks_result_swarmer swarmers[2];
    static struct lks_result_flood floods[2];
    static struct lks_swarm_cluster clusters[1];
    clusters[0] = (struct lks_swarm_cluster){
        2, 2, 20, 17, 0.25, -30.5, 1700000500 * LKS_SECOND_US, 1700000600 * LKS_SECOND_US};
    for (uint32_t i = 0; i < 2; i++) {
        swarmers[i] = (struct lks_result_swarmer){.item = {.comments = 30,
                                                           .authors = 12,
                                                           .copied = 9,
                                                           .bursts = i,
                                                           .expected = 0.5,
                                                           .log10_p = -9.5,
                                                           .q_value = 1e-6,
                                                           .latency_median_us = i ? -1 : 1000000,
                                                           .cluster = i ? LKS_SWARM_NONE : 0},
                                                  .account = r->nodes[i].account,
                                                  .posts_count = 31,
                                                  .finding = i ? UINT32_MAX : 1};
        floods[i] =
            (struct lks_result_flood){.item = {.commenters = 300,
                                               .copiers = 200,
                                               .named = 20,
                                               .repeaters = 150,
                                               .regulars = 3,
                                               .burst = (int)i,
                                               .burst_first_us = 1700000500000000,
                                               .burst_last_us = 1700000507000000,
                                               .burst_copiers = 180,
                                               .burst_others = 4,
                                               .p_value = 0.001,
                                               .q_value = i ? 0.002 : 1,
                                               .first_us = 1700000400000000,
                                               .last_us = 1700000507000000,
                                               .latency_us = {i ? 1000000 : -1, 2000000, 3000000},
                                               .others_latency_us = {-1, -1, -1},
                                               .cluster = i ? 0 : LKS_SWARM_NONE},
                                      .time_us = i ? 1700000300000000 : LKS_TIME_NULL,
                                      .post_key = nasty_at(i + 1),
                                      .author = i ? nasty_at(i + 2) : LKS_STR_NULL,
                                      .text = nasty_at(i + 4)};
    }
    r->swarmers = swarmers, r->swarmers_count = 2;
    r->floods = floods, r->floods_count = 2;
    r->swarm_clusters = clusters, r->swarm_clusters_count = 1;
    r->swarm.comments_count = 9000, r->swarm.copies_count = 800, r->swarm.tested_count = 500;
    r->swarm.posts_tested = 12, r->swarm.unknown_comments = 7, r->swarm.commenters_count = 900;
    r->swarm.only_count = 300, r->swarm.named_only_count = 1, r->swarm.followers_median = 2;
    r->swarm.latency_named = r->swarm.latency_others =
        LKS_STR("0 0 0 0 0 0 0 9 8 7 6 5 4 3 2 1 0 0 0 0 0 0 0 0");
}

static inline void test_lineage(struct lks_results *r)
{
    static struct lks_result_lineage lineages[2];
    static struct lks_result_lineage_account accounts[3];
    static struct lks_result_tag_edit edits[2];
    for (uint32_t i = 0; i < 2; i++) {
        lineages[i] =
            (struct lks_result_lineage){.item = {.kind = i ? LKS_OBJECT_SOUND : LKS_OBJECT_HASHTAG,
                                                 .accounts_count = 300,
                                                 .posts_count = 500,
                                                 .first_us = r->first_us,
                                                 .last_us = r->last_us,
                                                 .by = i ? LKS_LINEAGE_TASTE : LKS_LINEAGE_COMPANY,
                                                 .p_two = 0.01,
                                                 .likelihood_ratio = i ? 88.5 : 0,
                                                 .change_us = r->first_us + LKS_HOUR_US,
                                                 .share_before = 0.125,
                                                 .share_after = 0.75,
                                                 .p_order = 0.0005,
                                                 .q_order = 0.001,
                                                 .is_takeover = (int)i},
                                        .object = nasty_at(i + 3)};
        for (int k = 0; k < LKS_LINEAGE_POPULATIONS; k++) {
            lineages[i].item.population[k] =
                (struct lks_lineage_population){.accounts_count = 75,
                                                .united_count = k == 1 ? 70 : 0,
                                                .posts_count = 125,
                                                .first_us = r->first_us,
                                                .last_us = r->last_us,
                                                .focus = 0.25};
            lineages[i].liked[k] = nasty_at(i + (uint32_t)k);
            lineages[i].unit[k] = k == 1 ? LKS_STR("paid") : LKS_STR_NULL;
            lineages[i].series[k] =
                LKS_STR("1 2 3 0 0 0 0 1 2 3 0 0 0 0 1 2 3 0 0 0 0 1 2 3 0 0 0 0 "
                        "1 2 3 0 0 0 0 1 2 3 0 0 0 0 1 2 3 0 0 0 0 1 2 3 0 0 0 0");
        }
        edits[i] = (struct lks_result_tag_edit){.item = {.rule = i ? LKS_EDIT_ADDED : LKS_EDIT_PART,
                                                         .similarity = 0.625,
                                                         .from_us = r->first_us,
                                                         .to_us = r->last_us,
                                                         .accounts_from = 90,
                                                         .accounts_to = 60,
                                                         .accounts_both = 40,
                                                         .posts_both = 3,
                                                         .expected_both = 2.5,
                                                         .log10_p = -22.5,
                                                         .q_value = 1e-20,
                                                         .moved = 30,
                                                         .moved_back = 1,
                                                         .is_parent = 1},
                                                .from = nasty_at(i),
                                                .to = nasty_at(i + 1)};
    }
    for (uint32_t i = 0; i < 3; i++)
        accounts[i] =
            (struct lks_result_lineage_account){.account = r->nodes[i].account,
                                                .lineage = i == 2,
                                                .first_place = i < 2 ? i + 1 : 0,
                                                .first_us = i < 2 ? r->first_us : LKS_TIME_NULL,
                                                .log10_p = i < 2 ? 0 : -4.5,
                                                .q_value = i < 2 ? 1 : 0.001,
                                                .finding = i ? UINT32_MAX : 1};
    r->lineages = lineages, r->lineages_count = 2;
    r->lineage_accounts = accounts, r->lineage_accounts_count = 3;
    r->tag_edits = edits, r->tag_edits_count = 2;
    r->lineage_accounts_tested = 290, r->tags_alike_count = 12;
    r->tags_compared_count = 400, r->tags_left_count = 3;
}

static inline void test_lifecycle(struct lks_results *r)
{
    static struct lks_result_awakening awakenings[3];
    static struct lks_cohort cohorts[2];
    for (uint32_t i = 0; i < 3; i++)
        awakenings[i] = (struct lks_result_awakening){
            .account = r->nodes[i].account,
            .item = {.history = LKS_HISTORY_CREATION,
                     .asleep_us = 1700000000 * LKS_SECOND_US,
                     .woke_us = (1700000500 + i) * LKS_SECOND_US,
                     .longest_silence_us = 3 * LKS_DAY_US,
                     .acts_before = i,
                     .acts_after = 30,
                     .days_after = 7,
                     .share_before = 0.5,
                     .likelihood_ratio = 20.25,
                     .log10_p = -8.5 + i,
                     .q_value = 1e-7,
                     .woke_cohort = (int32_t)i - 1,
                     .made_cohort = -1},
            .finding = i ? UINT32_MAX : 1,
            .strip = LKS_STR("00000000000000000000000000001234567899999999990123456789")};
    for (int i = 0; i < 2; i++)
        cohorts[i] = (struct lks_cohort){
            i, 1700000500 * LKS_SECOND_US, 1700000600 * LKS_SECOND_US, 2, 0.25, 0.001};
    r->populars = lks_arena_calloc(&r->arena, 2, sizeof *r->populars);
    for (uint32_t i = 0; i < 2; i++) {
        struct lks_result_popular *popular = &r->populars[i];
        *popular =
            (struct lks_result_popular){.item = {.kind = i ? LKS_OBJECT_SOUND : LKS_OBJECT_HASHTAG,
                                                 .posts = {400, 100, 200, 400},
                                                 .accounts = {90, 20, 30, 90},
                                                 .rank = {1, 7, 5, 1},
                                                 .ranked_count = 55,
                                                 .first_us = r->first_us,
                                                 .last_us = r->last_us,
                                                 .early_accounts = 10,
                                                 .early_flagged = 8,
                                                 .doubling_us = i ? -1 : 600 * LKS_SECOND_US,
                                                 .change_us = r->first_us + LKS_HOUR_US,
                                                 .rate_ratio = i ? 0 : 3.5,
                                                 .log10_p = i ? 0 : -7.25},
                                        .object = nasty_at(i + 2)};
        struct lks_buffer counts = {0};
        for (int bin = 0; bin < LKS_POPULAR_BINS; bin++)
            lks_buffer_format(&counts, "%s%d", bin ? " " : "", bin % 7);
        popular->posts = popular->flagged = popular->accounts = popular->accounts_flagged =
            popular->views = popular->views_flagged =
                lks_arena_str(&r->arena, (struct lks_str){counts.data, counts.size_bytes});
        lks_buffer_free(&counts);
        popular->is_name = (int)i;
        popular->item.views_known = i ? 300 : 0;
        popular->item.views[0] = 123456789012;
        popular->item.answers_known = (int)i;
        popular->item.hour_answers = 40;
        popular->item.hour_flagged = 30;
        popular->item.doubling_without_us = -1;
        popular->item.platforms_count = 1;
        popular->platform[0] = nasty_at(i + 1);
        popular->platform_posts[0] = popular->platform_flagged[0] = LKS_STR("4 0 1");
        popular->platform_accounts[0] = popular->platform_views[0] = LKS_STR("2 0 1");
        popular->item.platforms[0] = (struct lks_popular_platform){
            .posts = {400, 100}, .accounts = {90, 20}, .views = {123456789012, 9}};
    }
    r->populars_count = 2;
    test_lineage(r);
    static struct lks_result_call calls[2];
    static struct lks_result_responder responders[2];
    for (uint32_t i = 0; i < 2; i++) {
        calls[i] = (struct lks_result_call){.item = {.posts_before = 1,
                                                     .posts_after = 9,
                                                     .accounts_after = 7,
                                                     .responders = i,
                                                     .all_before = 100,
                                                     .all_after = 110,
                                                     .log10_p = -2.5,
                                                     .lag_median_us = i ? -1 : 60000000},
                                            .time_us = r->first_us + i * LKS_HOUR_US,
                                            .channel = nasty_at(i),
                                            .post_key = nasty_at(i + 3),
                                            .things = nasty_at(i + 5),
                                            .cues = nasty_at(i + 6),
                                            .answers_responders = LKS_STR("0 3 1 0 0 0 0 0"),
                                            .answers_others = LKS_STR("1 0 0 0 0 0 0 2")};
        responders[i] = (struct lks_result_responder){.item = {.answered = 5,
                                                               .answerable = 9,
                                                               .expected = 0.5,
                                                               .on_time = 2,
                                                               .acts = 3,
                                                               .expected_time = 1.5,
                                                               .log10_p = -6.5,
                                                               .q_value = 1e-4,
                                                               .lag_median_us = 900000000},
                                                      .account = r->nodes[i].account,
                                                      .finding = i ? UINT32_MAX : 1};
    }
    r->calls = calls, r->calls_count = 2;
    r->responders = responders, r->responders_count = 2;
    r->recruitment.window_us = 2 * LKS_HOUR_US;
    r->recruitment.tested_count = 40, r->recruitment.controls_count = 5;
    r->recruitment.responders_profile = r->recruitment.others_profile = LKS_STR(
        "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 9 8 7 6 5 4 3 2 1 0 0 0 0 0 0 0 0 0 "
        "0 0 0 0 0 0");
    test_swarm(r);
    test_promotion(r);
    test_relays(r);
    r->awakenings = awakenings, r->awakenings_count = 3;
    r->cohorts = cohorts, r->cohorts_count = 2;
    r->life_tested_count = 90, r->life_few_count = 8, r->life_unobservable_count = 7;
    r->life_reference_count = 66;
}

static inline void test_frame(struct lks_results *r)
{
    static struct lks_result_bin bins[3];
    static struct lks_result_file files[2];
    static struct lks_result_reject rejects[2];
    static struct lks_option_text options[2];
    static struct lks_str notes[3];
    for (int i = 0; i < 3; i++)
        bins[i] = (struct lks_result_bin){(1700000000 + 600 * i) * LKS_SECOND_US, 10, 4};
    for (int i = 0; i < 2; i++) {
        files[i] = (struct lks_result_file){
            .name = nasty_at(5 + (size_t)i),
            .sha256 = r->data_digest,
            .format = LKS_STR("csv"),
            .size_bytes = 1000,
            .rows_count = 10,
            .posts_count = 8,
            .rejects_count = 1,
            .duplicates_count = 1,
        };
        rejects[i] = (struct lks_result_reject){files[i].name, LKS_STR("the time is missing"),
                                                nasty_at(16 + (size_t)i), 4, 1};
        options[i] = (struct lks_option_text){LKS_STR("window"), LKS_STR("60s"),
                                              LKS_STR("two posts match within this time")};
    }
    for (size_t i = 0; i < 3; i++)
        notes[i] = nasty_at(4 + i);
    r->bins = bins, r->bins_count = 3, r->bin_us = 600 * LKS_SECOND_US;
    r->files = files, r->files_count = 2;
    r->rejects = rejects, r->reject_rows_count = 2;
    r->options = options, r->options_count = 2;
    r->notes = notes, r->notes_count = 3;
    r->stages[0] = (struct lks_result_stage){"parse", 1.5};
    r->stages_count = 1;
}

/* Freed by lks_results_free. */
static inline void test_results(struct lks_results *r)
{
    *r = (struct lks_results){
        .run = LKS_STR("0001"),
        .version = LKS_STR("0.1.0"),
        .data_digest = LKS_STR("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
        .synthetic = 1,
        .posts_count = 1000,
        .accounts_count = 100,
        .actions_count = 3000,
        .rejects_count = 2,
        .duplicates_count = 2,
        .first_us = 1700000000 * LKS_SECOND_US,
        .last_us = 1700009000 * LKS_SECOND_US,
        .tests_count = (uint64_t)1 << 40,
        .edges_tested = 77,
        .copies_count = 199,
        .copies_max_score = 5.125,
        .group_threshold = 4.5,
        .seed = UINT64_MAX,
    };
    test_nodes(r, 2 * NASTY_COUNT);
    test_edges(r);
    test_posts(r, 2 * NASTY_COUNT);
    r->findings_count = 2;
    r->findings = lks_arena_calloc(&r->arena, 2, sizeof *r->findings);
    test_finding(r, 0);
    test_finding(r, 1);
    test_lifecycle(r);
    test_frame(r);
}

#endif
