/* keyset_test.c - SipHash against OpenSSL's, the set against a list */
#include "store/keyset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "base/rng.h"

static void openssl_siphash128(const uint64_t key[2], struct lks_str text, unsigned char out[16])
{
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    size_t size = 16;
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                               OSSL_PARAM_construct_end()};
    assert_int_equal(EVP_MAC_init(context, (const unsigned char *)key, 16, parameters), 1);
    assert_int_equal(EVP_MAC_update(context, (const unsigned char *)text.data, text.size_bytes), 1);
    assert_int_equal(EVP_MAC_final(context, out, &size, 16), 1);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
}

static void hashes_like_openssl(void **state)
{
    (void)state;
    char text[300];
    unsigned char expected[16];
    struct lks_rng rng;
    for (size_t size = 0; size < sizeof text; size++) {
        lks_rng_init(&rng, 3, size);
        uint64_t key[2] = {lks_rng_next(&rng), lks_rng_next(&rng)};
        for (size_t i = 0; i < size; i++)
            text[i] = (char)lks_rng_next(&rng);
        openssl_siphash128(key, (struct lks_str){text, size}, expected);
        struct lks_hash128 hash = lks_siphash128(key, (struct lks_str){text, size});
        assert_memory_equal(&hash, expected, 16);
    }
}

static void knows_what_was_added(void **state)
{
    (void)state;
    struct lks_rng rng;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct lks_keyset set;
        unsigned char there[20000] = {0};
        size_t count = 0;
        lks_rng_init(&rng, 4, seed);
        assert_int_equal(lks_keyset_start(&set, NULL), 0);
        for (int i = 0; i < 30000; i++) {
            uint32_t key = (uint32_t)lks_rng_below(&rng, sizeof there);
            struct lks_hash128 hash =
                lks_keyset_hash(&set, (struct lks_str){(const char *)&key, sizeof key});
            assert_int_equal(lks_keyset_add(&set, hash), !there[key]);
            count += !there[key];
            there[key] = 1;
            assert_int_equal(set.count, count);
        }
        lks_keyset_free(&set);
    }
}

/* Two sets draw different keys: what hashes alike in one says nothing about the other. */
static void draws_its_key(void **state)
{
    (void)state;
    struct lks_keyset a, b;
    assert_int_equal(lks_keyset_start(&a, NULL), 0);
    assert_int_equal(lks_keyset_start(&b, NULL), 0);
    assert_true(a.key[0] != b.key[0] || a.key[1] != b.key[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_like_openssl),
        cmocka_unit_test(knows_what_was_added),
        cmocka_unit_test(draws_its_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
