/* hmac_test.c - HMAC-SHA256 against the cases of RFC 4231 */
#include "base/hmac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/hmac.h>

#include "base/rng.h"

static void check(const void *key, size_t key_bytes, const char *message, const char *expected)
{
    unsigned char out[LKS_SHA256_BYTES];
    char hex[LKS_SHA256_HEX_BYTES];
    lks_hmac_sha256(key, key_bytes, message, strlen(message), out);
    lks_sha256_hex(out, hex);
    assert_string_equal(hex, expected);
}

static void test_rfc_4231(void **state)
{
    (void)state;
    unsigned char key[131];
    memset(key, 0x0b, sizeof key);
    check(key, 20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    check("Jefe", 4, "what do ya want for nothing?",
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    check(key, 131, "Test Using Larger Than Block-Size Key - Hash Key First",
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* Keys and messages of all lengths around the sizes at which the code goes another way. */
static void test_against_openssl(void **state)
{
    (void)state;
    struct lks_rng rng;
    lks_rng_init(&rng, 3, 0);
    unsigned char key[200], message[2500], ours[LKS_SHA256_BYTES], theirs[LKS_SHA256_BYTES];
    for (int round = 0; round < 3000; round++) {
        size_t key_bytes = lks_rng_below(&rng, sizeof key);
        size_t size = lks_rng_below(&rng, round % 2 ? sizeof message : 100);
        for (size_t i = 0; i < key_bytes; i++)
            key[i] = (unsigned char)lks_rng_next(&rng);
        for (size_t i = 0; i < size; i++)
            message[i] = (unsigned char)lks_rng_next(&rng);
        lks_hmac_sha256(key, key_bytes, message, size, ours);
        HMAC(EVP_sha256(), key, (int)key_bytes, message, size, theirs, NULL);
        assert_memory_equal(ours, theirs, sizeof ours);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc_4231),
        cmocka_unit_test(test_against_openssl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
