/* runs_test.c - sorting on disk against sorting in memory; spools and their limits */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/free_memory.h"
#include "base/rng.h"
#include "base/runs.h"

struct record {
    uint32_t word[3];
    uint32_t number; /* the order of adding */
};

static int compare(const void *left, const void *right)
{
    const struct record *x = left, *y = right;
    for (int i = 0; i < 2; i++)
        if (x->word[i] != y->word[i])
            return x->word[i] < y->word[i] ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

/* Two words are the key; equal keys must keep their order. */
static void sort_compare(size_t count, uint64_t memory_bytes, uint32_t spread, uint64_t seed)
{
    struct record *records = calloc(count + 1, sizeof *records);
    struct lks_runs runs;
    struct lks_budget budget;
    struct lks_spill spill;
    struct lks_rng rng;
    const uint32_t *found;
    assert_non_null(records);
    lks_rng_init(&rng, seed, 0);
    lks_budget_init(&budget, UINT64_C(1) << 30, "sorting");
    lks_spill_init(&spill, "/tmp", 0);
    assert_int_equal(lks_runs_open(&runs, 4, 2, memory_bytes, &budget, &spill, NULL), 0);
    for (size_t i = 0; i < count; i++) {
        records[i] = (struct record){
            {(uint32_t)lks_rng_below(&rng, spread), (uint32_t)lks_rng_below(&rng, spread) << 20, 7},
            (uint32_t)i};
        assert_int_equal(lks_runs_add(&runs, records[i].word, NULL), 0);
    }
    qsort(records, count, sizeof *records, compare);
    assert_int_equal(lks_runs_finish(&runs, NULL), 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(lks_runs_next(&runs, &found, NULL), 1);
        assert_memory_equal(found, &records[i], sizeof *records);
    }
    assert_int_equal(lks_runs_next(&runs, &found, NULL), 0);
    lks_runs_close(&runs);
    assert_int_equal(atomic_load(&budget.used_bytes), 0);
    assert_int_equal(atomic_load(&spill.used_bytes), 0);
    assert_int_equal(atomic_load(&spill.most_bytes) > 0, count > 1024 && memory_bytes < 40000);
    free(records);
}

static void test_sorts_as_memory_does(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        size_t count = (size_t)(seed * seed * 17 % 20000);
        sort_compare(count, 1, 3 + (uint32_t)seed * 100, seed);
        sort_compare(count, 1 << 22, 3 + (uint32_t)seed * 100, seed);
    }
}

static void test_limit_is_kept(void **state)
{
    struct lks_spool spool = {0};
    struct lks_spill spill;
    struct lks_error err = {0};
    char data[1000];
    (void)state;
    memset(data, 'x', sizeof data);
    lks_spill_init(&spill, "/tmp", 2500);
    assert_int_equal(lks_spool_append(&spool, &spill, data, sizeof data, &err), 0);
    assert_int_equal(lks_spool_append(&spool, &spill, data, sizeof data, &err), 0);
    assert_true(lks_spill_left(&spill) <= 500);
    assert_int_equal(lks_spool_append(&spool, &spill, data, sizeof data, &err), LKS_EIO);
    assert_non_null(strstr(err.message, "--spill-limit"));
    assert_int_equal(lks_spool_read(&spool, 1999, data, 1, NULL), 0);
    assert_int_equal(lks_spool_read(&spool, 1999, data, 2, NULL), LKS_EIO);
    lks_spool_close(&spool);
    assert_int_equal(atomic_load(&spill.used_bytes), 0);
}

static void test_folder_that_is_not_there(void **state)
{
    struct lks_spool spool = {0};
    struct lks_spill spill;
    struct lks_error err = {0};
    (void)state;
    lks_spill_init(&spill, "/nowhere/at/all", 0);
    assert_int_equal(lks_spool_append(&spool, &spill, "x", 1, &err), LKS_EIO);
    assert_non_null(strstr(err.message, "/nowhere/at/all"));
    lks_spool_close(&spool);
}

static void file_write(const char *root, const char *path, const char *text)
{
    char full[512], *slash;
    snprintf(full, sizeof full, "%s%s", root, path);
    for (slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        mkdir(full, 0700);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_control_groups_are_heeded(void **state)
{
    char root[] = "/tmp/lks-groups-XXXXXX", command[128];
    (void)state;
    assert_non_null(mkdtemp(root));
    assert_true(lks_memory_free_bytes_under(root) == UINT64_MAX);
    file_write(root, "/proc/meminfo", "MemTotal: 9000 kB\nMemAvailable:    4000 kB\n");
    assert_int_equal(lks_memory_free_bytes_under(root), 4000 * 1024);
    file_write(root, "/proc/self/cgroup", "0::/outer/inner\n");
    file_write(root, "/sys/fs/cgroup/outer/inner/memory.max", "max\n");
    assert_int_equal(lks_memory_free_bytes_under(root), 4000 * 1024);
    file_write(root, "/sys/fs/cgroup/outer/memory.max", "3000000\n");
    file_write(root, "/sys/fs/cgroup/outer/memory.current", "1500000\n");
    assert_int_equal(lks_memory_free_bytes_under(root), 1500000);
    file_write(root, "/sys/fs/cgroup/outer/memory.stat", "file 9\ninactive_file 700000\n");
    assert_int_equal(lks_memory_free_bytes_under(root), 2200000);
    file_write(root, "/sys/fs/cgroup/outer/memory.current", "9000000\n");
    assert_int_equal(lks_memory_free_bytes_under(root), 0);
    file_write(root, "/proc/self/cgroup", "3:cpu:/x\n4:memory:/y\n");
    file_write(root, "/sys/fs/cgroup/memory/y/memory.limit_in_bytes", "2000000\n");
    file_write(root, "/sys/fs/cgroup/memory/y/memory.usage_in_bytes", "500000\n");
    file_write(root, "/sys/fs/cgroup/memory/y/memory.stat", "total_inactive_file 100000\n");
    assert_int_equal(lks_memory_free_bytes_under(root), 1600000);
    snprintf(command, sizeof command, "rm -r %s", root);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sorts_as_memory_does),
        cmocka_unit_test(test_limit_is_kept),
        cmocka_unit_test(test_folder_that_is_not_there),
        cmocka_unit_test(test_control_groups_are_heeded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
