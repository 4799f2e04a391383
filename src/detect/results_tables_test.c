/* results_tables_test.c - a run's results come back as they were saved, or not at all */
#include "detect/results_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "dossier/report_json.h"
#include "dossier/test_results.h"

static char folder[64];

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/lks-results-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return rmdir(folder);
}

static char *path_of(const char *name)
{
    char *path;
    assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
    return path;
}

static char *read_all(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *data = malloc(*size + 1);
    assert_int_equal(fread(data, 1, *size, file), *size);
    fclose(file);
    return data;
}

/* Saves, loads, and writes the report's JSON of what came back. */
static char *round_trip(const struct lks_results *results, struct lks_results *back, size_t *size)
{
    struct lks_error err = {0};
    char *saved = path_of("results.duckdb"), *json = path_of("report.json");
    assert_int_equal(lks_results_save(saved, results, &err), 0);
    assert_int_equal(lks_results_load(saved, back, &err), 0);
    assert_int_equal(lks_report_json_write(back, json, &err), 0);
    char *text = read_all(json, size);
    unlink(saved);
    unlink(json);
    free(saved);
    free(json);
    return text;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct lks_results results = {0}, once = {0}, twice = {0};
    struct lks_error err = {0};
    char *path = path_of("first.json");
    size_t size[3];
    test_results(&results);
    assert_int_equal(lks_report_json_write(&results, path, &err), 0);
    char *texts[3];
    texts[0] = read_all(path, &size[0]);
    unlink(path);
    free(path);
    texts[1] = round_trip(&results, &once, &size[1]);
    texts[2] = round_trip(&once, &twice, &size[2]);
    /* Bytes that are no UTF-8 become U+FFFD on the way in; after that nothing changes. */
    assert_int_equal(size[1], size[2]);
    assert_memory_equal(texts[1], texts[2], size[1]);
    assert_int_equal(once.nodes_count, results.nodes_count);
    assert_int_equal(once.edges_count, results.edges_count);
    assert_int_equal(once.findings_count, results.findings_count);
    for (uint64_t i = 0; i < results.edges_count; i++)
        assert_memory_equal(&once.edges[i].edge, &results.edges[i].edge,
                            sizeof results.edges[i].edge);
    for (uint32_t i = 0; i < results.findings_count; i++) {
        assert_int_equal(once.findings[i].members_count, results.findings[i].members_count);
        assert_int_equal(once.findings[i].matches_count, results.findings[i].matches_count);
        assert_int_equal(once.findings[i].alternatives_count,
                         results.findings[i].alternatives_count);
        assert_true(once.findings[i].p_value == results.findings[i].p_value);
    }
    for (int i = 0; i < 3; i++)
        free(texts[i]);
    lks_results_free(&results);
    lks_results_free(&once);
    lks_results_free(&twice);
}

static void test_damage_is_seen(void **state)
{
    (void)state;
    struct lks_results results = {0}, back = {0};
    struct lks_error err = {0};
    char *path = path_of("damaged.duckdb");
    test_results(&results);
    assert_true(results.edges_count > 0 && results.findings_count > 0);
    results.awakenings[1].item.made_cohort = (int32_t)results.cohorts_count;
    assert_int_equal(lks_results_save(path, &results, &err), 0);
    assert_int_equal(lks_results_load(path, &back, &err), LKS_ESTORE);
    lks_results_free(&back);
    err = (struct lks_error){0};
    results.awakenings[1].item.made_cohort = -1;
    results.tellers[2].item.script = results.scripts_count;
    assert_int_equal(lks_results_save(path, &results, &err), 0);
    assert_int_equal(lks_results_load(path, &back, &err), LKS_ESTORE);
    lks_results_free(&back);
    err = (struct lks_error){0};
    results.tellers[2].item.script = 0;
    results.flows[0].exponent = 40;
    assert_int_equal(lks_results_save(path, &results, &err), 0);
    assert_int_equal(lks_results_load(path, &back, &err), LKS_ESTORE);
    lks_results_free(&back);
    err = (struct lks_error){0};
    results.flows[0].exponent = 0;
    results.edges[0].edge.b = results.nodes_count;
    assert_int_equal(lks_results_save(path, &results, &err), 0);
    assert_int_equal(lks_results_load(path, &back, &err), LKS_ESTORE);
    assert_non_null(strstr(err.message, "damaged"));
    lks_results_free(&back);
    unlink(path);

    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs("this is no database", file);
    fclose(file);
    err = (struct lks_error){0};
    assert_int_equal(lks_results_load(path, &back, &err), LKS_ESTORE);
    lks_results_free(&back);
    unlink(path);
    err = (struct lks_error){0};
    assert_int_equal(lks_results_load(path, &back, &err), LKS_EMISSING);
    lks_results_free(&back);
    lks_results_free(&results);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_damage_is_seen),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
