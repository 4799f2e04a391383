/* test_read.h - reading a text as a file of one format, for the tests of the JSON adapters */
#ifndef LKS_SOURCE_TEST_READ_H
#define LKS_SOURCE_TEST_READ_H

/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "source/test_dump.h"

static struct test_dump dump;

/* Reads the text as a file of the format that it is recognised as, which must be `adapter`. */
static inline const char *read_as(const char *adapter, const char *text)
{
    test_dump_free(&dump);
    dump.in_documents = text[0] == '{' || text[0] == '[';
    int code = test_dump_read(&dump, lks_str_from(text), NULL, NULL, 1, 1);
    if (code != 0)
        print_error("%s\n", dump.err.message);
    assert_int_equal(code, 0);
    assert_string_equal(dump.summary.adapter, adapter);
    return dump.text.data;
}

static inline int teardown(void **state)
{
    (void)state;
    test_dump_free(&dump);
    dump = (struct test_dump){0};
    return 0;
}

static inline void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        print_error("no \"%s\" in\n%s\n", part, text);
    assert_non_null(strstr(text, part));
}

#endif
