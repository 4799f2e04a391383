/* memory_test.c - the writers with every allocation made to fail in turn */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/failing_memory.h"
#include "dossier/csv_tables.h"
#include "dossier/findings_json.h"
#include "dossier/gexf.h"
#include "dossier/graphml.h"
#include "dossier/page.h"
#include "dossier/profile.h"
#include "dossier/report_json.h"
#include "dossier/stix.h"
#include "dossier/takedown.h"
#include "dossier/test_results.h"

static struct lks_results results;
static char path[] = "/tmp/lockstep-memory-XXXXXX";

static int csv_posts(const struct lks_results *r, const char *to, struct lks_error *err)
{
    return lks_csv_table_write(r, LKS_SHEET_POSTS, to, err);
}

static int stix(const struct lks_results *r, const char *to, struct lks_error *err)
{
    return lks_stix_write(r, NULL, to, err);
}

static int takedown(const struct lks_results *r, const char *to, struct lks_error *err)
{
    return lks_takedown_write(r, NULL, to, err);
}

static int (*const writers[])(const struct lks_results *, const char *,
                              struct lks_error *) = {lks_report_json_write,
                                                     lks_page_write,
                                                     lks_findings_json_write,
                                                     lks_gexf_write,
                                                     lks_graphml_write,
                                                     csv_posts,
                                                     stix,
                                                     takedown};

/* A failed call leaves the file as it was: empty. */
static int write_one(void *context)
{
    struct lks_error err = {0};
    size_t which = *(size_t *)context;
    int code = writers[which](&results, path, &err);
    return code == LKS_EIO ? LKS_EMEMORY : code; /* fopen's own memory is the system's refusal */
}

/* Results of its own each time, since a profile changes them. */
static int profile_one(void *context)
{
    struct lks_results fresh = {0};
    struct lks_profile profile;
    int64_t left = memory_left;
    (void)context;
    memory_left = INT64_MAX;
    test_results(&fresh);
    int code = lks_profile_start(&profile, LKS_RECIPIENT_RESEARCHER, NULL);
    assert_int_equal(code, 0);
    memory_left = left;
    code = lks_profile_results(&profile, &fresh, NULL);
    lks_profile_free(&profile);
    lks_results_free(&fresh);
    return code;
}

static void profiles_out_of_memory(void **state)
{
    (void)state;
    if (FAILING_MEMORY)
        assert_true(fail_each_allocation(profile_one, NULL, LKS_EMEMORY) > 100);
    else
        assert_int_equal(profile_one(NULL), 0);
}

static void memory_runs_out(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    test_results(&results);
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        if (FAILING_MEMORY)
            assert_true(fail_each_allocation(write_one, &i, LKS_EMEMORY) > 3);
        else
            assert_int_equal(write_one(&i), 0);
    }
    unlink(path);
    lks_results_free(&results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out),
                                       cmocka_unit_test(profiles_out_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
