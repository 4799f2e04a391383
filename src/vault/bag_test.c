/* bag_test.c - bags made and checked; hostile ones; every byte of a small one changed in turn */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "vault/bag.h"
#include "vault/file_list.h"
#include "vault/test_folder.h"
#include "vault/test_vectors.h"

static char folder[64], bag[80];

static void bag_make(void)
{
    static const struct lks_bag_info infos[] = {{"Source-Organization", "Example"},
                                                {"Bagging-Date", "2026-01-02"}};
    shell(
        "rm -rf %s && mkdir -p %s/data/deep/er %s/notes && cd %s && printf one > data/a.txt && "
        "printf two > 'data/with %% and\nline' && : > data/empty && printf three > data/deep/er/c "
        "&& printf tag > notes/readme",
        bag, bag, bag, bag);
    assert_int_equal(lks_bag_make(bag, infos, 2, NULL, NULL), 0);
}

static uint64_t problems(const char *expected)
{
    struct lks_bag_report report;
    struct lks_error err = {0};
    if (lks_bag_check(bag, NULL, &report, &err) != 0)
        fail_msg("%s", err.message);
    if (expected && !strstr(report.first_problem, expected))
        fail_msg("'%s', expected '%s'", report.first_problem, expected);
    return report.problems_count;
}

static void made_and_checked(void **unused)
{
    struct lks_bag_report report;
    struct lks_buffer first = {0}, second = {0};
    char path[128];
    (void)unused;
    bag_make();
    assert_int_equal(lks_bag_check(bag, NULL, &report, NULL), 0);
    assert_int_equal(report.problems_count, 0);
    assert_int_equal(report.files_count, 4);
    assert_int_equal(report.size_bytes, 11);
    snprintf(path, sizeof path, "%s/tagmanifest-sha512.txt", bag);
    file_read(path, &first);
    bag_make(); /* the same again, to the byte */
    file_read(path, &second);
    assert_int_equal(first.size_bytes, second.size_bytes);
    assert_memory_equal(first.data, second.data, first.size_bytes);
    shell("cd %s && sha512sum --quiet -c tagmanifest-sha512.txt", bag); /* other people's tool */
    lks_buffer_free(&first);
    lks_buffer_free(&second);
}

static void hostile_bags(void **unused)
{
    static const struct {
        const char *change, *problem;
    } cases[] = {
        {"printf x >> data/a.txt", "Payload-Oxum"},
        {"printf uno > data/a.txt", "data/a.txt was changed"},
        {"rm data/empty", "Payload-Oxum"},
        {"sed -i /Oxum/d bag-info.txt", "bag-info.txt was changed"},
        {"rm tagmanifest-sha512.txt; sed -i /Oxum/d bag-info.txt; rm data/empty",
         "data/empty is named but is not there"},
        {"rm tagmanifest-sha512.txt; sed -i /Oxum/d bag-info.txt; : > data/more",
         "data/more stands in no manifest"},
        {"ln -s /etc/passwd data/link", "Payload-Oxum"},
        {"rm tagmanifest-sha512.txt; sed -i /Oxum/d bag-info.txt; ln -s /etc data/link",
         "data/link is no plain file"},
        {"rm data/a.txt; ln -s /etc/passwd data/a.txt", "Payload-Oxum"},
        {"rm tagmanifest-sha512.txt; sed -i 's| data/a.txt| data/../../../etc/passwd|' manifest-*",
         "leads elsewhere"},
        {"rm tagmanifest-sha512.txt; sed -i 's| data/a.txt| /etc/passwd|' manifest-*",
         "leads elsewhere"},
        {"rm tagmanifest-sha512.txt; sed -i 's| data/a.txt| bagit.txt|' manifest-*",
         "leads elsewhere"},
        {"rm tagmanifest-sha512.txt; head -1 manifest-sha512.txt >> manifest-sha512.txt",
         "named twice"},
        {"rm tagmanifest-sha512.txt; sed -i 's/^./g/' manifest-sha512.txt", "no digest"},
        {"rm tagmanifest-sha512.txt; printf 'short\\n' > manifest-sha512.txt", "names no file"},
        {"rm *manifest*", "no payload manifest"},
        {"rm *manifest*; : > manifest-md5.txt", "no payload manifest"},
        {"rm bagit.txt", "this is no bag"},
        {"printf 'BagIt-Version: 1.0\\n' > bagit.txt", "no declaration"},
        {"mkfifo data/pipe", "Payload-Oxum"},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bag_make();
        shell("cd %s && { %s; }", bag, cases[i].change);
        assert_int_not_equal(problems(cases[i].problem), 0);
    }
}

/* Whatever byte of whatever file is changed, it is noticed; but for the tag manifest itself, where a
 * changed letter of a label nobody reads may only break what it says. */
static void every_byte_matters(void **unused)
{
    struct lks_file_list list;
    (void)unused;
    bag_make();
    assert_int_equal(lks_file_list_make(bag, &list, NULL), 0);
    for (size_t i = 0; i < list.count; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", bag, list.files[i].path);
        for (uint64_t at = 0; at < list.files[i].size_bytes; at++) {
            FILE *file = fopen(path, "r+b");
            fseek(file, (long)at, SEEK_SET);
            int byte = fgetc(file);
            fseek(file, (long)at, SEEK_SET);
            fputc(byte ^ 1, file);
            fclose(file);
            if (problems(NULL) == 0)
                fail_msg("byte %llu of %s", (unsigned long long)at, list.files[i].path);
            file = fopen(path, "r+b");
            fseek(file, (long)at, SEEK_SET);
            fputc(byte, file);
            fclose(file);
        }
    }
    lks_file_list_free(&list);
    assert_int_equal(problems(NULL), 0);
}

static void what_cannot_go_in(void **unused)
{
    struct lks_bag_report report;
    (void)unused;
    bag_make();
    shell("cd %s && ln -s a.txt data/link", bag);
    assert_int_equal(lks_bag_make(bag, NULL, 0, NULL, NULL), LKS_EINPUT);
    assert_int_equal(lks_bag_check("/nonexistent", NULL, &report, NULL), LKS_EMISSING);
}

static int setup(void **unused)
{
    (void)unused;
    folder_make(folder, sizeof folder);
    snprintf(bag, sizeof bag, "%s/bag", folder);
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    shell("rm -rf %s", folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_and_checked), cmocka_unit_test(hostile_bags),
        cmocka_unit_test(every_byte_matters), cmocka_unit_test(what_cannot_go_in)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
