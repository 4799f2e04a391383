/* takedown_test.c - the table of takedowns adds up, keeps what is not known empty, and runs nothing */
#include "dossier/takedown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const char head[] = "finding,detection_source,accounts_in_network,followers_of_network,"
                           "followers_unknown_accounts,description,recidivist_accounts_removed\r\n";

static char *table_of(const struct lks_results *results, const struct lks_takedown_row *rows)
{
    char path[] = "/tmp/lks-takedown-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    assert_int_equal(lks_takedown_write(results, rows, path, NULL), 0);
    FILE *in = fopen(path, "rb");
    char *text = calloc(1, 4096);
    assert_true(fread(text, 1, 4095, in) > 0);
    fclose(in);
    unlink(path);
    assert_memory_equal(text, head, sizeof head - 1);
    return text;
}

static void test_rows_add_up(void **state)
{
    (void)state;
    struct lks_result_node nodes[4] = {0};
    static const int64_t followers[] = {2, LKS_COUNT_NULL, 5, INT64_MAX};
    uint32_t first[] = {0, 1}, second[] = {2};
    struct lks_finding findings[2] = {{.id = LKS_STR("F1"),
                                       .members = first,
                                       .members_count = 2,
                                       .confidence = LKS_CONFIDENCE_HIGH},
                                      {.id = LKS_STR("F2"),
                                       .members = second,
                                       .members_count = 1,
                                       .title = LKS_STR("=1+1"),
                                       .confidence = LKS_CONFIDENCE_LOW}};
    findings[0].fusion.observation = LKS_STR("They \"act\" together.");
    struct lks_results results = {
        .nodes = nodes, .nodes_count = 4, .findings = findings, .findings_count = 2};
    for (int i = 0; i < 4; i++)
        nodes[i].account.followers = followers[i];
    char *text = table_of(&results, NULL);
    assert_string_equal(text + sizeof head - 1,
                        "\"F1\",\"own detection, by analysis of behaviour\",2,2,1,\"They "
                        "\"\"act\"\" together.\",\r\n"
                        "\"F2\",\"own detection, by analysis of behaviour\",1,5,0,\"'=1+1\",\r\n"
                        "\"all\",\"\",3,7,1,\"\",\r\n");
    free(text);
    struct lks_takedown_row rows[2] = {{.recidivists_count = 1},
                                       {.source = LKS_STR("a notice"), .recidivists_count = 2}};
    second[0] = 3;
    results.synthetic = 1;
    text = table_of(&results, rows);
    assert_non_null(strstr(text, "\"F1\",\"own detection, by analysis of behaviour\",2,2,1,"
                                 "\"They \"\"act\"\" together. (synthetic data)\",1\r\n"));
    assert_non_null(strstr(text, "\"F2\",\"a notice\",1,9223372036854775807,0,"));
    assert_non_null(strstr(text, "\"all\",\"\",3,9223372036854775807,1,\"\",3\r\n"));
    free(text);
    rows[0].recidivists_count = -1; /* one that is not known leaves the sum unknown */
    text = table_of(&results, rows);
    assert_non_null(strstr(text, "\"all\",\"\",3,9223372036854775807,1,\"\",\r\n"));
    free(text);
    findings[1].confidence = LKS_CONFIDENCE_EXPLAINED; /* no network that is taken down */
    text = table_of(&results, NULL);
    assert_null(strstr(text, "F2"));
    assert_non_null(strstr(text, "\"all\",\"\",2,2,1,\"\",\r\n"));
    free(text);
}

static void test_nothing(void **state)
{
    (void)state;
    struct lks_results results = {0};
    char *text = table_of(&results, NULL);
    assert_string_equal(text + sizeof head - 1, "\"all\",\"\",0,,0,\"\",\r\n");
    free(text);
    assert_int_equal(lks_takedown_write(&results, NULL, "/nowhere/at/all.csv", NULL), LKS_EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_add_up),
        cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
