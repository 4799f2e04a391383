/* stix_test.c - bundles of hand-made results: the same bytes twice, accounts' ids by the standard, no
 * account beyond the findings'. Python validates what this leaves in LOCKSTEP_TEST_OUT. */
#include "dossier/stix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "dossier/profile.h"
#include "dossier/test_results.h"
#include "finding/disarm.h"

static struct lks_results results;
static char folder[256];
static int keep;

/* Hand-made results in which the first finding shows every technique, and has an explanation for
 * every verdict. */
static void made_results(struct lks_results *r)
{
    static const char *const verdicts[] = {"speaks for", "speaks against", "open",
                                           "not observable"};
    static const char *const names[] = {"viral_surge", "shared_sound", "news_syndication",
                                        "sampling_keyword"};
    test_results(r);
    struct lks_finding *finding = &r->findings[0];
    finding->fusion.techniques = lks_arena_calloc(&r->arena, lks_disarm_techniques_count,
                                                  sizeof *finding->fusion.techniques);
    for (size_t i = 0; i < lks_disarm_techniques_count; i++)
        finding->fusion.techniques[i] =
            (struct lks_technique){lks_disarm_techniques[i].id, lks_disarm_techniques[i].name,
                                   LKS_STR("7 members \"did\" <it>.")};
    finding->fusion.techniques_count = (uint32_t)lks_disarm_techniques_count;
    finding->alternatives = lks_arena_calloc(&r->arena, 4, sizeof *finding->alternatives);
    for (int i = 0; i < 4; i++)
        finding->alternatives[i] =
            (struct lks_alternative){names[i], verdicts[i], LKS_STR("3 of 4 did.")};
    finding->alternatives_count = 4;
}

static const char *place(const char *name)
{
    static char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static json_t *bundle_of(const struct lks_results *r, const struct lks_stix_options *options,
                         const char *name)
{
    struct lks_error err = {0};
    assert_int_equal(lks_stix_write(r, options, place(name), &err), 0);
    json_t *root = json_load_file(place(name), JSON_ALLOW_NUL, NULL);
    assert_non_null(root);
    return root;
}

static size_t count_of(json_t *root, const char *type)
{
    size_t i, count = 0;
    json_t *object;
    json_array_foreach(json_object_get(root, "objects"), i, object) count +=
        strcmp(json_string_value(json_object_get(object, "type")), type) == 0;
    return count;
}

static void test_members_and_nobody_else(void **state)
{
    (void)state;
    json_t *root = bundle_of(&results, NULL, "bundle.json");
    size_t members = 0;
    for (uint32_t i = 0; i < results.findings_count; i++)
        members += results.findings[i].members_count;
    assert_true(members > 0 && members < results.nodes_count);
    assert_int_equal(count_of(root, "user-account"), members);
    assert_int_equal(count_of(root, "grouping"), results.findings_count);
    assert_int_equal(count_of(root, "report"), 1);
    assert_int_equal(count_of(root, "campaign") + count_of(root, "threat-actor") +
                         count_of(root, "intrusion-set"),
                     0);
    json_decref(root);
}

static const char *context_of(json_t *root, size_t number)
{
    size_t i;
    json_t *object;
    json_array_foreach(json_object_get(root, "objects"), i, object)
    {
        if (strcmp(json_string_value(json_object_get(object, "type")), "grouping") == 0 &&
            number-- == 0)
            return json_string_value(json_object_get(object, "context"));
    }
    return "";
}

/* What an innocent explanation accounts for is handed on, and not as suspicious. */
static void test_explained(void **state)
{
    (void)state;
    enum lks_confidence before = results.findings[1].confidence;
    results.findings[1].confidence = LKS_CONFIDENCE_EXPLAINED;
    json_t *root = bundle_of(&results, NULL, "explained.json");
    results.findings[1].confidence = before;
    assert_string_equal(context_of(root, 0), "suspicious-activity");
    assert_string_equal(context_of(root, 1), "unspecified");
    json_decref(root);
}

/* One account whose id was made by another program: Python's uuid.uuid5 of the standard's namespace
 * and {"account_login":"user_b","account_type":"tiktok","user_id":"7436050000000000001"}. */
static void test_account_id(void **state)
{
    (void)state;
    static struct lks_result_node node;
    static uint32_t member = 0;
    static struct lks_finding finding;
    struct lks_results one = {.run = LKS_STR("0001"),
                              .data_digest = LKS_STR("00"),
                              .nodes = &node,
                              .nodes_count = 1,
                              .findings = &finding,
                              .findings_count = 1,
                              .last_us = LKS_DAY_US};
    node.account = (struct lks_account){.platform = LKS_STR("tiktok"),
                                        .account_key = LKS_STR("tiktok:7436050000000000001"),
                                        .handle = LKS_STR("user_b"),
                                        .created_us = LKS_TIME_NULL};
    finding = (struct lks_finding){.id = LKS_STR("F1"),
                                   .members = &member,
                                   .members_count = 1,
                                   .first_us = 0,
                                   .last_us = LKS_HOUR_US};
    json_t *root = bundle_of(&one, NULL, "one.json"), *object;
    size_t i, seen = 0;
    json_array_foreach(json_object_get(root, "objects"), i, object)
    {
        const char *id = json_string_value(json_object_get(object, "id"));
        if (strncmp(id, "user-account--", 14) != 0)
            continue;
        assert_string_equal(id, "user-account--4bb5e524-1a66-59ff-8624-24b8d4ffeb3a");
        seen++;
    }
    assert_int_equal(seen, 1);
    json_decref(root);
    unlink(place("one.json"));
}

static void test_same_bytes(void **state)
{
    (void)state;
    struct lks_stix_options options = {.producer = LKS_STR("Some Office"),
                                       .tlp = LKS_TLP_RED,
                                       .created_us = 1700000000 * LKS_SECOND_US};
    json_t *a = bundle_of(&results, &options, "bundle-office.json");
    json_t *b = bundle_of(&results, &options, "again.json");
    assert_true(json_equal(a, b));
    json_decref(a);
    json_decref(b);
    unlink(place("again.json"));
}

/* What a profile takes away is not in the bundle either, and dossiers cannot be joined by ids. */
static void test_profiles(void **state)
{
    (void)state;
    json_t *roots[2];
    char *texts[2];
    for (int i = 0; i < 2; i++) {
        struct lks_results copy = {0};
        struct lks_profile profile;
        made_results(&copy);
        assert_int_equal(lks_profile_start(&profile, LKS_RECIPIENT_PUBLIC, NULL), 0);
        assert_int_equal(lks_profile_results(&profile, &copy, NULL), 0);
        struct lks_stix_options options = {.tlp = LKS_TLP_WHITE};
        roots[i] = bundle_of(&copy, &options, i ? "second.json" : "bundle-public.json");
        texts[i] = json_dumps(roots[i], 0);
        assert_null(strstr(texts[i], "HYPERLINK"));
        assert_null(strstr(texts[i], "account_login"));
        lks_profile_free(&profile);
        lks_results_free(&copy);
    }
    size_t i;
    json_t *object;
    json_array_foreach(json_object_get(roots[0], "objects"), i, object)
    {
        const char *type = json_string_value(json_object_get(object, "type"));
        const char *id = json_string_value(json_object_get(object, "id"));
        if (strcmp(type, "user-account") == 0 || strcmp(type, "grouping") == 0)
            assert_null(strstr(texts[1], id));
    }
    for (int k = 0; k < 2; k++) {
        free(texts[k]);
        json_decref(roots[k]);
    }
    unlink(place("second.json"));
}

static void test_nothing_found(void **state)
{
    (void)state;
    struct lks_results nothing = {.run = LKS_STR("0001"),
                                  .version = LKS_STR("0.1.0"),
                                  .first_us = LKS_TIME_NULL,
                                  .last_us = LKS_TIME_NULL};
    json_t *root = bundle_of(&nothing, NULL, "bundle-empty.json");
    assert_int_equal(count_of(root, "report"), 1);
    assert_int_equal(count_of(root, "grouping"), 0);
    json_decref(root);
    struct lks_error err = {0};
    assert_int_equal(lks_stix_write(&nothing, NULL, "/nowhere/at/all.json", &err), LKS_EIO);
}

static int set_up(void **state)
{
    (void)state;
    const char *given = getenv("LOCKSTEP_TEST_OUT");
    keep = given != NULL;
    snprintf(folder, sizeof folder, "%s", given ? given : "/tmp/lockstep-stix-XXXXXX");
    made_results(&results);
    return !given && !mkdtemp(folder);
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"bundle.json", "bundle-office.json", "bundle-public.json",
                                        "bundle-empty.json"};
    lks_results_free(&results);
    for (size_t i = 0; !keep && i < sizeof names / sizeof *names; i++)
        unlink(place(names[i]));
    return keep ? 0 : rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_and_nobody_else),
        cmocka_unit_test(test_explained),
        cmocka_unit_test(test_account_id),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_profiles),
        cmocka_unit_test(test_nothing_found),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
