/* uuid_test.c - the example of RFC 9562, and one by another program */
#include "base/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_examples(void **state)
{
    (void)state;
    static const unsigned char dns[LKS_UUID_BYTES] = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad,
                                                      0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0,
                                                      0x4f, 0xd4, 0x30, 0xc8};
    char text[LKS_UUID_TEXT_BYTES];
    assert_int_equal(lks_uuid5(dns, LKS_STR("www.example.com"), text), 0);
    assert_string_equal(text, "2ed6657d-e927-568b-95e1-2665a8aea6a2"); /* RFC 9562, A.4 */
    assert_int_equal(lks_uuid5(dns, LKS_STR(""), text), 0);
    assert_string_equal(text, "4ebd0208-8328-5d69-8c44-ec50939c0967"); /* Python's uuid.uuid5 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_examples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
