/* reasons_test.c - statements of reasons: each rule broken in turn; automation derived, not typed */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "custody/reasons.h"

static struct lks_reasons good(void)
{
    return (struct lks_reasons){
        .puid = "case-F1-0001",
        .decision_account = "DECISION_ACCOUNT_SUSPENDED",
        .decision_ground = "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        .incompatible_content_ground = "Terms, coordinated inauthentic behaviour",
        .incompatible_content_explanation = "Acted with others as one.",
        .incompatible_content_illegal = -1,
        .content_type = {"CONTENT_TYPE_TEXT"},
        .category = "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
        .category_specification = {"KEYWORD_INAUTHENTIC_ACCOUNTS"},
        .territorial_scope = {"RO"},
        .content_language = "RO",
        .content_date = "2024-11-24",
        .application_date = "2024-12-06",
        .decision_facts = "An account took part in a comment flood.",
        .source_type = "SOURCE_VOLUNTARY",
        .path = {.found_by_run = 1, .proposed_by_rule = 1, .people_count = 1},
    };
}

static const char *visibility_at(int i)
{
    static const char *const names[] = {"DECISION_VISIBILITY_CONTENT_REMOVED",
                                        "DECISION_VISIBILITY_CONTENT_DISABLED",
                                        "DECISION_VISIBILITY_CONTENT_DEMOTED",
                                        "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
                                        "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED",
                                        "DECISION_VISIBILITY_CONTENT_LABELLED",
                                        "DECISION_VISIBILITY_OTHER"};
    return names[i];
}

static void breaks(const struct lks_reasons *reasons, const char *rule)
{
    struct lks_error err = {0};
    struct lks_str personal[] = {LKS_STR("maria.popescu"), LKS_STR("")};
    assert_int_equal(lks_reasons_check(reasons, personal, 2, &err), LKS_EINPUT);
    if (!strstr(err.message, rule))
        fail_msg("'%s', expected '%s'", err.message, rule);
}

#define BREAKS(field, value, rule)                                                                 \
    do {                                                                                           \
        struct lks_reasons changed = good();                                                       \
        changed.field = value;                                                                     \
        breaks(&changed, rule);                                                                    \
    } while (0)

static void every_rule(void **unused)
{
    struct lks_reasons fine = good();
    static char long_text[5002];
    (void)unused;
    memset(long_text, 'x', sizeof long_text - 1);
    assert_int_equal(lks_reasons_check(&fine, NULL, 0, NULL), 0);
    BREAKS(puid, NULL, "puid");
    BREAKS(puid, "", "puid");
    BREAKS(puid, "a b", "puid");
    BREAKS(puid, "maria.popescu", "puid");
    BREAKS(decision_account, NULL, "no decision");
    BREAKS(decision_account, "DECISION_ACCOUNT_DELETED", "not on the list");
    BREAKS(decision_visibility[0], "DECISION_VISIBILITY_OTHER", "decision_visibility_other");
    BREAKS(decision_visibility_other, "why", "OTHER was not chosen");
    BREAKS(decision_monetary, "DECISION_MONETARY_OTHER", "decision_monetary_other");
    BREAKS(decision_ground, NULL, "decision_ground");
    BREAKS(decision_ground, "DECISION_GROUND_ILLEGAL_CONTENT", "illegal_content_legal_ground");
    BREAKS(incompatible_content_ground, NULL, "incompatible_content_ground");
    BREAKS(decision_ground_reference_url, "javascript:1", "web address");
    BREAKS(content_type[0], NULL, "content_type");
    BREAKS(content_type[0], "CONTENT_TYPE_OTHER", "content_type_other");
    BREAKS(content_type[1], "CONTENT_TYPE_TEXT", "twice");
    BREAKS(category, "STATEMENT_CATEGORY_X", "not on the list");
    BREAKS(category_addition[0],
           "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS", "repeats");
    BREAKS(category_specification[0], "KEYWORD_OTHER", "category_specification_other");
    BREAKS(territorial_scope[0], "US", "not on the list");
    BREAKS(content_language, "ro", "not on the list");
    BREAKS(content_date, "1999-12-31", "outside");
    BREAKS(content_date, "2024-02-30", "no date");
    BREAKS(content_date, "24.11.2024", "no date");
    BREAKS(application_date, "2019-12-31", "outside");
    BREAKS(application_date, "2038-01-02", "outside");
    BREAKS(end_date_account_restriction, "2024-12-05", "outside 2024-12-06");
    BREAKS(decision_facts, NULL, "decision_facts");
    BREAKS(decision_facts, long_text, "5001 characters");
    BREAKS(decision_facts, "bad \xff", "no UTF-8");
    BREAKS(decision_facts, "the account maria.popescu did it", "names somebody");
    BREAKS(decision_facts, "done by (maria.popescu).", "names somebody");
    fine.decision_facts = "maria.popescul and xmaria.popescu are other words.";
    struct lks_str one = LKS_STR("maria.popescu");
    assert_int_equal(lks_reasons_check(&fine, &one, 1, NULL), 0);
    BREAKS(source_type, "SOURCE_TRUSTED_FLAGGER", "the log holds none");
    BREAKS(path.found_by_notice, 1, "the log holds a notice");
    BREAKS(path.found_by_run, 0, "who found it");
    BREAKS(path, ((struct lks_decision_path){.found_by_run = 1}), "no decision");
    BREAKS(source_identity, "somebody", "source_identity");
}

/* The database counts characters: five thousand of three bytes each are fine. */
static void characters_not_bytes(void **unused)
{
    struct lks_reasons reasons = good();
    static char text[5001 * 3 + 1];
    (void)unused;
    for (int i = 0; i < 5001; i++)
        memcpy(text + 3 * i, "\xe2\x82\xac", 3);
    reasons.decision_facts = text + 3;
    assert_int_equal(lks_reasons_check(&reasons, NULL, 0, NULL), 0);
    reasons.decision_facts = text;
    breaks(&reasons, "5001 characters");
}

/* Said by hand here, line by line: what is automated and what is not. One that answers the
 * other way round fails each of them. */
static void automation_is_derived(void **unused)
{
    static const struct {
        struct lks_decision_path path;
        const char *detection, *decision;
    } ways[] = {
        {{1, 0, 1, 0}, "Yes", "AUTOMATED_DECISION_FULLY"},
        {{1, 0, 1, 2}, "Yes", "AUTOMATED_DECISION_PARTIALLY"},
        {{1, 0, 0, 1}, "Yes", "AUTOMATED_DECISION_NOT_AUTOMATED"},
        {{0, 1, 0, 1}, "No", "AUTOMATED_DECISION_NOT_AUTOMATED"},
        {{0, 1, 1, 0}, "No", "AUTOMATED_DECISION_FULLY"},
        {{1, 1, 1, 1}, "No", "AUTOMATED_DECISION_PARTIALLY"},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct lks_reasons reasons = good();
        struct lks_buffer out = {0};
        reasons.path = ways[i].path;
        assert_int_equal(lks_reasons_format(&reasons, 1, &out, NULL), 0);
        json_t *root = json_loadb(out.data, out.size_bytes, 0, NULL);
        json_t *one = json_array_get(json_object_get(root, "statements"), 0);
        assert_string_equal(json_string_value(json_object_get(one, "automated_detection")),
                            ways[i].detection);
        assert_string_equal(json_string_value(json_object_get(one, "automated_decision")),
                            ways[i].decision);
        json_decref(root);
        lks_buffer_free(&out);
    }
    struct lks_decision_path nobody = {.found_by_run = 1};
    assert_null(lks_reasons_decision(&nobody));
}

static void batches(void **unused)
{
    static struct lks_reasons many[LKS_REASONS_BATCH_MAX + 1];
    static char names[LKS_REASONS_BATCH_MAX + 1][16];
    struct lks_error err = {0};
    (void)unused;
    for (int i = 0; i <= LKS_REASONS_BATCH_MAX; i++) {
        many[i] = good();
        snprintf(names[i], sizeof names[i], "p-%d", i);
        many[i].puid = names[i];
    }
    assert_int_equal(lks_reasons_check_batch(many, 0, NULL, 0, NULL), LKS_EINPUT);
    assert_int_equal(lks_reasons_check_batch(many, 100, NULL, 0, NULL), 0);
    assert_int_equal(lks_reasons_check_batch(many, 101, NULL, 0, NULL), LKS_EINPUT);
    many[70].puid = "p-3";
    assert_int_equal(lks_reasons_check_batch(many, 100, NULL, 0, &err), LKS_EINPUT);
    assert_non_null(strstr(err.message, "used twice"));
    many[70].content_date = "x";
    err = (struct lks_error){0};
    assert_int_equal(lks_reasons_check_batch(many, 100, NULL, 0, &err), LKS_EINPUT);
    assert_non_null(strstr(err.message, "statement 71"));
}

static int letter_has(const struct lks_reasons *reasons, const char *text)
{
    struct lks_buffer out = {0};
    assert_int_equal(lks_reasons_letter(reasons, &out, NULL), 0);
    lks_buffer_byte(&out, 0);
    int found = strstr(out.data, text) != NULL;
    lks_buffer_free(&out);
    return found;
}

/* Every decision that the database knows has its sentence in the letter, and automation is told
 * there as it is in the database. */
static void letters_tell_all(void **unused)
{
    static const char *const every[] = {"removed",       "disabled", "prominently",   "adults",
                                        "others can do", "a label",  "restricted: so"};
    struct lks_reasons all = good();
    (void)unused;
    all.decision_account = NULL;
    for (int i = 0; i < 7; i++) {
        struct lks_reasons one = all;
        one.decision_visibility[0] = visibility_at(i);
        one.decision_visibility_other = i == 6 ? "so" : NULL;
        assert_int_equal(lks_reasons_check(&one, NULL, 0, NULL), 0);
        assert_true(letter_has(&one, every[i]));
        assert_false(letter_has(&one, "account is"));
    }
    static const struct {
        const char *name, *text;
    } provisions[] = {{"DECISION_PROVISION_PARTIAL_SUSPENSION", "suspended for you in part"},
                      {"DECISION_PROVISION_TOTAL_SUSPENSION", "suspended for you."},
                      {"DECISION_PROVISION_PARTIAL_TERMINATION", "ended for you in part"},
                      {"DECISION_PROVISION_TOTAL_TERMINATION", "ended for you."}};
    for (int i = 0; i < 4; i++) {
        struct lks_reasons one = all;
        one.decision_provision = provisions[i].name;
        assert_true(letter_has(&one, provisions[i].text));
    }
    struct lks_reasons one = good();
    one.end_date_account_restriction = "2025-01-01";
    assert_true(letter_has(&one, "until 2025-01-01"));
    assert_true(letter_has(&one, "Your account is suspended."));
    assert_true(letter_has(&one, "in: RO."));
    assert_true(letter_has(&one, "own initiative"));
    assert_true(letter_has(&one, "was found by automated means"));
    assert_true(letter_has(&one, "proposed by automated means, and approved"));
    one.path.people_count = 0;
    assert_true(letter_has(&one, "nobody looked"));
    one.path = (struct lks_decision_path){.found_by_notice = 1, .people_count = 1};
    one.source_identity = "Some Flagger";
    assert_true(letter_has(&one, "A notice led"));
    assert_true(letter_has(&one, "from: Some Flagger"));
    assert_true(letter_has(&one, "not first found by automated means"));
    assert_true(letter_has(&one, "taken by people, not by automated means"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_tell_all), cmocka_unit_test(every_rule),
        cmocka_unit_test(characters_not_bytes), cmocka_unit_test(automation_is_derived),
        cmocka_unit_test(batches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
