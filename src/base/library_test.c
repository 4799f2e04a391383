/* library_test.c - libraries that are loaded when needed: filled tables, honest refusals */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/library.h"

enum { THREADS = 8 };

struct two_calls {
    unsigned long (*crc)(unsigned long crc, const unsigned char *data, unsigned size);
    const char *(*version)(void);
};

static const char *const two_names[] = {"crc32", "zlibVersion"};

static void *load(void *library)
{
    struct lks_error err = {0};
    return (void *)(intptr_t)lks_library_load(library, &err);
}

static void test_fills_the_table_once_for_all_threads(void **state)
{
    struct two_calls calls = {0};
    struct lks_library library = {
        .file = "libz.so.1", .what = "zlib", .names = two_names, .count = 2, .table = &calls};
    pthread_t threads[THREADS];
    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, load, &library), 0);
    for (int i = 0; i < THREADS; i++) {
        void *code;
        assert_int_equal(pthread_join(threads[i], &code), 0);
        assert_null(code);
    }
    assert_int_equal(calls.crc(0, (const unsigned char *)"123456789", 9), 0xcbf43926);
    assert_non_null(calls.version());
}

static void test_says_what_is_not_there(void **state)
{
    struct two_calls calls = {0};
    struct lks_library library = {.file = "libnobody-has-this.so.7",
                                  .what = "Nothing",
                                  .names = two_names,
                                  .count = 2,
                                  .table = &calls};
    struct lks_error err = {0};
    (void)state;
    assert_int_equal(lks_library_load(&library, &err), LKS_EIO);
    assert_non_null(strstr(err.message, "Nothing cannot be loaded"));
    assert_non_null(strstr(err.message, "libnobody-has-this.so.7"));
    assert_int_equal(lks_library_load(&library, NULL), LKS_EIO); /* and again */
    assert_false(library.loaded);
}

static void test_says_which_function_is_missing(void **state)
{
    static const char *const names[] = {"crc32", "lockstep_has_no_such_call"};
    struct two_calls calls = {0};
    struct lks_library library = {
        .file = "libz.so.1", .what = "zlib", .names = names, .count = 2, .table = &calls};
    struct lks_error err = {0};
    (void)state;
    assert_int_equal(lks_library_load(&library, &err), LKS_EIO);
    assert_non_null(strstr(err.message, "lockstep_has_no_such_call"));
    assert_false(library.loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fills_the_table_once_for_all_threads),
        cmocka_unit_test(test_says_what_is_not_there),
        cmocka_unit_test(test_says_which_function_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
