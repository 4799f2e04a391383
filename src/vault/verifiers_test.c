/* verifiers_test.c - files of verifier keys: written, read again, and what is none */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vault/test_folder.h"
#include "vault/verifiers.h"

static void verifier_make(unsigned number, struct lks_verifier *verifier)
{
    unsigned char seed[LKS_ED25519_KEY_BYTES] = {(unsigned char)number,
                                                 (unsigned char)(number >> 8)};
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
    struct lks_signing_key *key;
    char name[32];
    snprintf(name, sizeof name, "key-%u", number);
    assert_int_equal(lks_signing_key_from_seed(seed, &key, NULL), 0);
    lks_signing_key_public(key, public_key);
    lks_signing_key_free(key);
    enum lks_note_type type = number % 2 ? LKS_NOTE_COSIGNATURE : LKS_NOTE_ED25519;
    assert_int_equal(lks_verifier_init(verifier, lks_str_from(name), type, public_key, NULL), 0);
}

static void written_and_read_again(void **unused)
{
    struct lks_verifiers list = {0}, again = {0};
    struct lks_verifier stranger;
    char folder[64], path[96];
    (void)unused;
    folder_make(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/keys.vkeys", folder);
    assert_int_equal(lks_verifiers_read(path, &again, NULL), LKS_EMISSING);
    for (unsigned i = 0; i < 20; i++) {
        struct lks_verifier verifier;
        verifier_make(i, &verifier);
        assert_int_equal(lks_verifiers_add(&list, &verifier, NULL), 0);
    }
    assert_int_equal(lks_verifiers_put(path, &list, NULL), 0);
    assert_int_equal(lks_verifiers_read(path, &again, NULL), 0);
    assert_int_equal(again.count, list.count);
    for (size_t i = 0; i < list.count; i++) {
        assert_true(lks_verifier_equal(&list.items[i], &again.items[i]));
        assert_ptr_equal(lks_verifiers_find(&again, &list.items[i]), &again.items[i]);
    }
    verifier_make(20, &stranger);
    assert_null(lks_verifiers_find(&again, &stranger));
    shell("rm -rf %s", folder);
    lks_verifiers_free(&list);
    lks_verifiers_free(&again);
}

static void what_is_no_list_is_refused(void **unused)
{
    struct lks_verifiers list = {0};
    struct lks_verifier verifier;
    struct lks_error err = {0};
    struct lks_buffer text = {0};
    (void)unused;
    verifier_make(0, &verifier);
    lks_buffer_text(&text, "# whose keys\n\n");
    lks_verifier_format(&verifier, &text);
    assert_int_equal(lks_verifiers_parse((struct lks_str){text.data, text.size_bytes}, &list, NULL),
                     0);
    assert_int_equal(list.count, 1);
    lks_buffer_text(&text, "\nkey-0+00000000+AAAA\n");
    assert_int_equal(lks_verifiers_parse((struct lks_str){text.data, text.size_bytes}, &list, &err),
                     LKS_EINPUT);
    assert_non_null(strstr(err.message, "line 4"));
    lks_verifiers_free(&list);
    while (lks_verifiers_add(&list, &verifier, NULL) == 0)
        ;
    assert_int_equal(list.count, LKS_VERIFIERS_MAX);
    lks_verifiers_free(&list);
    lks_buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(written_and_read_again),
                                       cmocka_unit_test(what_is_no_list_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
