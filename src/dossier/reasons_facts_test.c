/* reasons_facts_test.c - facts hold nothing of the data: results full of marks, facts without one */
#include "dossier/reasons_facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dossier/test_results.h"

static const struct lks_str mark = LKS_STR("CANARY");

/* Every string near a finding that could come from the data, even the words of a case from another hand. */
static void plant(struct lks_results *r)
{
    for (uint32_t i = 0; i < r->nodes_count; i++)
        r->nodes[i].account.account_key = r->nodes[i].account.handle =
            r->nodes[i].account.display_name = r->nodes[i].account.bio = mark;
    for (uint32_t f = 0; f < r->findings_count; f++) {
        struct lks_finding *finding = &r->findings[f];
        finding->title = finding->confidence_rule = finding->fusion.observation =
            finding->fusion.apart = finding->fusion.beneficiary = finding->fusion.operated_by =
                mark;
        finding->fusion.kind = "CANARY tag <b>";
        for (uint32_t i = 0; i < finding->fusion.mechanisms_count; i++) {
            finding->fusion.mechanisms[i].measured = mark;
            finding->fusion.mechanisms[i].kind = "by CANARY";
        }
        for (uint32_t i = 0; i < finding->fusion.members_count; i++)
            finding->fusion.members[i].measured = mark;
        for (uint32_t i = 0; i < finding->alternatives_count; i++) {
            finding->alternatives[i].measured = mark;
            finding->alternatives[i].name = "of CANARY";
        }
    }
    for (uint64_t i = 0; i < r->evidence_count; i++)
        r->posts[i].post.text = mark;
}

static void test_nothing_of_the_data(void **state)
{
    (void)state;
    struct lks_results results = {0};
    test_results(&results);
    plant(&results);
    for (uint32_t f = 0; f < results.findings_count; f++)
        for (uint32_t i = 0; i < results.findings[f].members_count; i++) {
            struct lks_buffer out = {0};
            char date[LKS_REASONS_DATE_BYTES];
            lks_reasons_facts(&results, &results.findings[f], i, &out);
            lks_buffer_byte(&out, 0);
            assert_false(out.failed);
            assert_null(strstr(out.data, "CANARY"));
            assert_non_null(strstr(out.data, "synthetic"));
            assert_true(out.size_bytes < 5000);
            for (size_t c = 0; c + 1 < out.size_bytes; c++)
                assert_true(out.data[c] >= ' ' && out.data[c] < 127);
            lks_reasons_content_date(&results, &results.findings[f], i, date);
            assert_int_equal(strlen(date), 10);
            lks_buffer_free(&out);
        }
    lks_results_free(&results);
}

static void test_explained(void **state)
{
    (void)state;
    struct lks_results results = {0};
    struct lks_buffer out = {0};
    test_results(&results);
    results.findings[0].confidence = LKS_CONFIDENCE_EXPLAINED;
    lks_reasons_facts(&results, &results.findings[0], 0, &out);
    lks_buffer_byte(&out, 0);
    assert_false(out.failed);
    assert_non_null(strstr(out.data, "The numbers speak for an innocent explanation of that."));
    assert_null(strstr(out.data, "Confidence:"));
    lks_buffer_free(&out);
    lks_results_free(&results);
}

static void test_content(void **state)
{
    (void)state;
    static struct lks_result_post posts[2];
    static struct lks_result_match match = {.post_a = 0, .post_b = 1};
    static uint32_t members[2] = {4, 5};
    struct lks_finding finding = {.members = members,
                                  .members_count = 2,
                                  .matches = &match,
                                  .matches_count = 1,
                                  .last_us = 9 * LKS_DAY_US};
    struct lks_results results = {.posts = posts, .evidence_count = 2};
    char date[LKS_REASONS_DATE_BYTES];
    int video, text;
    posts[0].node = 4, posts[0].post.time_us = LKS_DAY_US, posts[0].post.kind = LKS_POST_VIDEO;
    posts[1].node = 7, posts[1].post.time_us = 3 * LKS_DAY_US,
    posts[1].post.kind = LKS_POST_COMMENT;
    lks_reasons_content(&results, &finding, &video, &text);
    assert_true(video && text);
    lks_reasons_content_date(&results, &finding, 0, date);
    assert_string_equal(date, "1970-01-02");
    lks_reasons_content_date(&results, &finding, 1, date); /* no evidence of its own */
    assert_string_equal(date, "1970-01-10");
    posts[1].post.kind = LKS_POST_VIDEO;
    lks_reasons_content(&results, &finding, &video, &text);
    assert_true(video && !text);
    finding.matches_count = 0;
    lks_reasons_content(&results, &finding, &video, &text);
    assert_true(!video && text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_of_the_data),
        cmocka_unit_test(test_explained),
        cmocka_unit_test(test_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
