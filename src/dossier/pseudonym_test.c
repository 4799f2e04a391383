/* pseudonym_test.c - pseudonyms against a value made by another program, and the mapping */
#include "dossier/pseudonym.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Made by Python: base64.b32encode(hmac.new(bytes(range(32)), b"tiktok\0someone",
 * "sha256").digest())[:26], and the same with b"post\0tiktok\x00" b"123". */
static void test_by_another_program(void **state)
{
    (void)state;
    unsigned char key[LKS_PSEUDONYM_KEY_BYTES];
    char name[LKS_PSEUDONYM_BYTES];
    for (int i = 0; i < LKS_PSEUDONYM_KEY_BYTES; i++)
        key[i] = (unsigned char)i;
    lks_pseudonym_of(key, LKS_PSEUDONYM_ACCOUNT, LKS_STR("tiktok"), LKS_STR("someone"), name);
    assert_string_equal(name, "34FHKM7YNV5BAVLXSOCOZTC5FS");
    lks_pseudonym_of(key, LKS_PSEUDONYM_POST, LKS_STR("tiktok"), LKS_STR("123"), name);
    assert_string_equal(name, "FAUXKL5GNPIR2ZHSKC4QFG5VM2");
}

static void test_dossiers_cannot_be_joined(void **state)
{
    (void)state;
    struct lks_pseudonyms one, two;
    struct lks_arena arena = {0};
    struct lks_str a, b, c, null;
    assert_int_equal(lks_pseudonyms_start(&one, NULL), 0);
    assert_int_equal(lks_pseudonyms_start(&two, NULL), 0);
    lks_pseudonyms_give(&one, LKS_PSEUDONYM_ACCOUNT, LKS_STR("tiktok:x"), &arena, &a, NULL);
    lks_pseudonyms_give(&one, LKS_PSEUDONYM_ACCOUNT, LKS_STR("tiktok:x"), &arena, &b, NULL);
    lks_pseudonyms_give(&two, LKS_PSEUDONYM_ACCOUNT, LKS_STR("tiktok:x"), &arena, &c, NULL);
    lks_pseudonyms_give(&two, LKS_PSEUDONYM_ACCOUNT, LKS_STR_NULL, &arena, &null, NULL);
    assert_true(lks_str_equal(a, b));
    assert_false(lks_str_equal(a, c));
    assert_null(null.data);
    assert_int_equal(a.size_bytes, strlen("tiktok:") + 26);
    lks_pseudonyms_give(&one, LKS_PSEUDONYM_POST, LKS_STR("tiktok:x"), &arena, &b, NULL);
    assert_false(lks_str_equal(a, b)); /* a post with an account's id is another thing */
    lks_pseudonyms_give(&one, LKS_PSEUDONYM_PERSON, LKS_STR("somebody: a person"), &arena, &b,
                        NULL);
    assert_int_equal(b.size_bytes, 26);
    lks_arena_free(&arena);
    lks_pseudonyms_free(&one);
    lks_pseudonyms_free(&two);
    for (int i = 0; i < LKS_PSEUDONYM_KEY_BYTES; i++)
        assert_int_equal(one.key[i], 0);
}

/* Every name once, in the order of pseudonyms, from which ids cannot be counted back; quotes and
 * what a spreadsheet would run are guarded. */
static void test_mapping(void **state)
{
    (void)state;
    struct lks_pseudonyms names;
    struct lks_arena arena = {0};
    struct lks_buffer out = {0};
    struct lks_str shown;
    char last[LKS_PSEUDONYM_BYTES] = "";
    assert_int_equal(lks_pseudonyms_start(&names, NULL), 0);
    const char *const keys[] = {"tiktok:a",     "tiktok:b", "x:=1+1",
                                "x:say \"hi\"", "tiktok:a", "alone"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_int_equal(lks_pseudonyms_give(&names, LKS_PSEUDONYM_ACCOUNT, lks_str_from(keys[i]),
                                             &arena, &shown, NULL),
                         0);
    assert_int_equal(lks_pseudonyms_mapping(&names, &out, NULL), 0);
    lks_buffer_byte(&out, 0);
    assert_non_null(strstr(out.data, ",account,\"tiktok\",\"b\"\r\n"));
    assert_non_null(strstr(out.data, ",account,\"x\",\"'=1+1\"\r\n"));
    assert_non_null(strstr(out.data, ",account,\"x\",\"say \"\"hi\"\"\"\r\n"));
    assert_non_null(strstr(out.data, ",account,\"\",\"alone\"\r\n"));
    int lines = 0;
    for (char *line = strstr(out.data, "\r\n") + 2; *line;
         line = strstr(line, "\r\n") + 2, lines++) {
        assert_true(memcmp(last, line, 26) < 0);
        memcpy(last, line, 26);
    }
    assert_int_equal(lines, 5);
    lks_buffer_free(&out);
    lks_arena_free(&arena);
    lks_pseudonyms_free(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_another_program),
        cmocka_unit_test(test_dossiers_cannot_be_joined),
        cmocka_unit_test(test_mapping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
