/* decision_test.c - decisions written and read back; policies; what is derived cannot be set */
#include "custody/decision.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "custody/policy.h"

static struct lks_arena arena;

/* A statement's disclosures, opened, as a source of hidden values. */
struct opened {
    struct lks_str names[40], values[40];
    size_t count;
};

static struct lks_str opened_get(const void *context, const char *name)
{
    const struct opened *opened = context;
    for (size_t i = 0; i < opened->count; i++)
        if (lks_str_equal_text(opened->names[i], name))
            return opened->values[i];
    return LKS_STR_NULL;
}

static void finish(struct lks_statement_writer *writer, struct lks_statement *statement,
                   struct opened *opened)
{
    struct lks_buffer bytes = {0}, lines = {0};
    assert_int_equal(lks_statement_finish(writer, &bytes, &lines, NULL), 0);
    struct lks_str copy = lks_arena_str(&arena, (struct lks_str){bytes.data, bytes.size_bytes});
    struct lks_error err = {0};
    if (lks_statement_read(copy, &arena, statement, &err) != 0)
        fail_msg("%s", err.message);
    opened->count = 0;
    for (size_t at = 0, start = 0; at < lines.size_bytes; at++) {
        if (lines.data[at] != '\n')
            continue;
        struct lks_str line = {lines.data + start, at - start};
        assert_int_equal(lks_statement_open(statement, line, &arena, &opened->names[opened->count],
                                            &opened->values[opened->count], NULL),
                         0);
        opened->count++;
        start = at + 1;
    }
    lks_buffer_free(&bytes);
    lks_buffer_free(&lines);
}

static struct lks_decision made(void)
{
    struct lks_decision decision = {
        .run = LKS_STR("0001"),
        .finding = LKS_STR("F2"),
        .rule = LKS_STR("swarm"),
        .policy_sha256 = LKS_STR("00ff"),
        .accounts = LKS_STR("tiktok:anna\ntiktok:radu"),
        .accounts_count = 2,
        .values = {.decision_account = "DECISION_ACCOUNT_SUSPENDED",
                   .decision_visibility = {"DECISION_VISIBILITY_CONTENT_REMOVED",
                                           "DECISION_VISIBILITY_CONTENT_LABELLED"},
                   .incompatible_content_illegal = 0,
                   .incompatible_content_explanation = "They acted as one.",
                   .territorial_scope = {"RO"},
                   .application_date = "2024-12-06"}};
    for (int i = 0; i < LKS_PUID_KEY_BYTES; i++)
        decision.puid_key[i] = (unsigned char)(7 * i);
    return decision;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct lks_decision decision = made(), back;
    struct lks_statement_writer writer = {0};
    struct lks_statement statement;
    struct opened opened;
    struct lks_hidden hidden = {opened_get, &opened};
    lks_statement_start(&writer, LKS_STATEMENT_NOTE, 1700000000 * INT64_C(1000000));
    lks_decision_put(&writer, &decision);
    finish(&writer, &statement, &opened);
    struct lks_error err = {0};
    if (lks_decision_read(&statement, &hidden, &arena, &back, &err) != 0)
        fail_msg("%s", err.message);
    assert_true(lks_str_equal(back.run, decision.run));
    assert_true(lks_str_equal(back.finding, decision.finding));
    assert_true(lks_str_equal(back.rule, decision.rule));
    assert_true(lks_str_equal(back.accounts, decision.accounts));
    assert_int_equal(back.accounts_count, 2);
    assert_memory_equal(back.puid_key, decision.puid_key, sizeof back.puid_key);
    assert_string_equal(back.values.decision_account, "DECISION_ACCOUNT_SUSPENDED");
    assert_string_equal(back.values.decision_visibility[1], "DECISION_VISIBILITY_CONTENT_LABELLED");
    assert_null(back.values.decision_visibility[2]);
    assert_string_equal(back.values.incompatible_content_explanation, "They acted as one.");
    assert_int_equal(back.values.incompatible_content_illegal, 0);
    assert_null(back.values.decision_monetary);
    /* Who is meant, and what was said of them, is not in the clear. */
    static const char *const secret[] = {"anna", "radu", "acted as one", "0e151c23"};
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
        assert_null(
            memmem(statement.bytes.data, statement.bytes.size_bytes, secret[i], strlen(secret[i])));
    uint64_t leaf;
    struct lks_str person;
    struct lks_notice notice;
    assert_int_equal(lks_approval_read(&statement, &hidden, &arena, &leaf, &person, NULL), 1);
    assert_int_equal(lks_notice_read(&statement, &hidden, &arena, &notice, NULL), 1);
    opened.count = 0; /* the hidden values were erased */
    assert_int_equal(lks_decision_read(&statement, &hidden, &arena, &back, NULL), LKS_EINPUT);
}

static void test_approval_and_notice(void **state)
{
    (void)state;
    struct lks_statement_writer writer = {0};
    struct lks_statement statement;
    struct opened opened;
    struct lks_hidden hidden = {opened_get, &opened};
    uint64_t leaf = 0;
    struct lks_str person;
    lks_statement_start(&writer, LKS_STATEMENT_NOTE, 1);
    lks_approval_put(&writer, 17, LKS_STR("Ana Ionescu"));
    finish(&writer, &statement, &opened);
    assert_null(memmem(statement.bytes.data, statement.bytes.size_bytes, "Ionescu", 7));
    assert_int_equal(lks_approval_read(&statement, &hidden, &arena, &leaf, &person, NULL), 0);
    assert_int_equal(leaf, 17);
    assert_true(lks_str_equal_text(person, "Ana Ionescu"));
    struct lks_notice notice = {LKS_STR("SOURCE_TRUSTED_FLAGGER"), LKS_STR("Some Flagger"),
                                LKS_STR("tiktok:anna"), 1},
                      back;
    writer = (struct lks_statement_writer){0};
    lks_statement_start(&writer, LKS_STATEMENT_NOTE, 1);
    lks_notice_put(&writer, &notice);
    finish(&writer, &statement, &opened);
    assert_null(memmem(statement.bytes.data, statement.bytes.size_bytes, "anna", 4));
    assert_int_equal(lks_notice_read(&statement, &hidden, &arena, &back, NULL), 0);
    assert_true(lks_str_equal(back.accounts, notice.accounts));
    assert_true(lks_str_equal(back.identity, notice.identity));
    assert_true(lks_str_equal(back.source_type, notice.source_type));
}

static void refused(const char *text, const char *why)
{
    struct lks_policy policy;
    struct lks_error err = {0};
    assert_int_equal(lks_policy_read("p.toml", lks_str_from(text), &arena, &policy, &err),
                     LKS_EARGUMENT);
    if (!strstr(err.message, why))
        fail_msg("'%s', expected '%s'", err.message, why);
}

static void test_policy_refuses(void **state)
{
    (void)state;
    refused("", "decides nothing");
    refused("[[rule]]\ndecision_account = \"DECISION_ACCOUNT_SUSPENDED\"\n", "no name");
    refused("[[rule]]\nname = \"a\"\n", "states no decision");
    refused("[other]\na = 1\n", "no others");
    refused("decision_account = \"DECISION_ACCOUNT_SUSPENDED\"\n[[rule]]\nname = \"a\"\n",
            "belong to no rule");
    refused("[[rule]]\nname = \"a\"\nconfidence = \"certain\"\n", "line 3: confidence");
    refused("[[rule]]\nname = \"a\"\np_max = 2\n", "p_max");
    refused("[[rule]]\nname = \"a\"\nmembers_min = 1.5\n", "whole number");
    refused("colour = \"red\"\n", "no value of a statement");
    refused("category = [\"a\", \"b\"]\n", "takes one value");
    /* The one thing that may never be typed in. */
    refused("automated_detection = \"No\"\n", "derived from the log");
    refused("automated_decision = \"AUTOMATED_DECISION_NOT_AUTOMATED\"\n", "derived from the log");
    refused("source_type = \"SOURCE_VOLUNTARY\"\n", "derived from the log");
    refused("puid = \"x\"\n", "derived from the log");
}

static void test_policy_matches(void **state)
{
    (void)state;
    struct lks_policy policy;
    struct lks_error err = {0};
    static const char text[] = "[[rule]]\n"
                               "name = \"swarm\"\n"
                               "kinds = [\"swarm\"]\n"
                               "confidence = \"high\"\n"
                               "members_min = 20\n"
                               "p_max = 0.01\n"
                               "decision_account = \"DECISION_ACCOUNT_TERMINATED\"\n"
                               "[[rule]]\n"
                               "name = \"other\"\n"
                               "confidence = \"moderate\"\n"
                               "decision_visibility = [\"DECISION_VISIBILITY_CONTENT_DEMOTED\"]\n";
    if (lks_policy_read("p.toml", lks_str_from(text), &arena, &policy, &err) != 0)
        fail_msg("%s", err.message);
    assert_int_equal(policy.by_rule, 1);
    static const struct {
        struct lks_policy_facts facts;
        const char *rule;
    } cases[] = {
        {{LKS_STR("swarm"), 3, 20, 0.01}, "swarm"}, {{LKS_STR("swarm"), 3, 19, 0.01}, "other"},
        {{LKS_STR("swarm"), 3, 20, 0.02}, "other"}, {{LKS_STR("swarm"), 3, 20, NAN}, "other"},
        {{LKS_STR("swarm"), 2, 20, 0.01}, "other"}, {{LKS_STR("sleepers"), 3, 20, 0.01}, "other"},
        {{LKS_STR("sleepers"), 1, 20, 0.01}, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct lks_policy_rule *rule = lks_policy_match(&policy, &cases[i].facts);
        assert_true(cases[i].rule ? rule && lks_str_equal_text(rule->name, cases[i].rule) : !rule);
    }
    assert_int_equal(lks_policy_read("v.toml",
                                     LKS_STR("decision_account = \"DECISION_ACCOUNT_SUSPENDED\"\n"),
                                     &arena, &policy, NULL),
                     0);
    assert_int_equal(policy.by_rule, 0);
    assert_int_equal(policy.rules_count, 1);
    /* A rule that names no confidence is none for what an innocent explanation accounts for. */
    assert_int_equal(lks_policy_read("n.toml",
                                     LKS_STR("[[rule]]\nname = \"any\"\n"
                                             "decision_account = \"DECISION_ACCOUNT_SUSPENDED\"\n"),
                                     &arena, &policy, NULL),
                     0);
    const struct lks_policy_facts low = {LKS_STR("swarm"), 1, 20, 0.01};
    const struct lks_policy_facts explained = {LKS_STR("swarm"), 0, 20, 0.01};
    assert_non_null(lks_policy_match(&policy, &low));
    assert_null(lks_policy_match(&policy, &explained));
}

static void test_puids(void **state)
{
    (void)state;
    struct lks_decision decision = made(), other = made();
    char a[LKS_PUID_BYTES], b[LKS_PUID_BYTES], again[LKS_PUID_BYTES];
    other.puid_key[0]++;
    lks_decision_puid(&decision, LKS_STR("tiktok:anna"), a);
    lks_decision_puid(&decision, LKS_STR("tiktok:anna"), again);
    assert_string_equal(a, again);
    assert_int_equal(strlen(a), LKS_PUID_BYTES - 1);
    lks_decision_puid(&decision, LKS_STR("tiktok:radu"), b);
    assert_string_not_equal(a, b);
    lks_decision_puid(&other, LKS_STR("tiktok:anna"), b); /* another decision cannot be joined */
    assert_string_not_equal(a, b);
}

static int done(void **state)
{
    (void)state;
    lks_arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_approval_and_notice),
        cmocka_unit_test(test_policy_refuses), cmocka_unit_test(test_policy_matches),
        cmocka_unit_test(test_puids),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
