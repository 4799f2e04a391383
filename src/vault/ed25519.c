/* ed25519.c - signatures by RFC 8032 through OpenSSL's libcrypto */
#include "vault/ed25519.h"

#include <openssl/evp.h>
#include <string.h>

#include "vault/signing_key.h"

/* The points of order 1, 2, 4 and 8, by the y that their encodings hold (RFC 8032, 5.1.2), little
 * end first; the top bit is the sign of x. */
static const unsigned char small_order_y[5][LKS_ED25519_KEY_BYTES] = {
    {0x00},
    {0x01},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, /* p - 1 */
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
};

int lks_ed25519_key_good(const unsigned char public_key[LKS_ED25519_KEY_BYTES])
{
    unsigned char y[LKS_ED25519_KEY_BYTES];
    int above = 1;
    memcpy(y, public_key, sizeof y);
    y[31] &= 0x7f;
    /* y >= p = 2^255 - 19 is a second writing of y - p. */
    for (int i = 1; i < 31; i++)
        above &= y[i] == 0xff;
    if (above && y[31] == 0x7f && y[0] >= 0xed)
        return 0;
    for (size_t i = 0; i < sizeof small_order_y / sizeof *small_order_y; i++)
        if (memcmp(y, small_order_y[i], sizeof y) == 0)
            return 0;
    return 1;
}

int lks_ed25519_check(const unsigned char public_key[LKS_ED25519_KEY_BYTES], const void *data,
                      size_t size_bytes, const unsigned char signature[LKS_ED25519_SIGNATURE_BYTES],
                      struct lks_error *err)
{
    int good = 0;
    if (!lks_ed25519_key_good(public_key))
        return lks_error_set(err, LKS_EINPUT, "this public key is not fit for use");
    EVP_PKEY *key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, LKS_ED25519_KEY_BYTES);
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    int ready = key && state && EVP_DigestVerifyInit(state, NULL, NULL, NULL, key) == 1;
    if (ready)
        good = EVP_DigestVerify(state, signature, LKS_ED25519_SIGNATURE_BYTES, data, size_bytes);
    EVP_MD_CTX_free(state);
    EVP_PKEY_free(key);
    if (!ready)
        return lks_error_set(err, LKS_EMEMORY, "signatures cannot be checked: out of memory");
    return good == 1 ? 0 : lks_error_set(err, LKS_EINPUT, "the signature does not hold");
}

int lks_ed25519_sign(const struct lks_signing_key *key, const void *data, size_t size_bytes,
                     unsigned char signature[LKS_ED25519_SIGNATURE_BYTES], struct lks_error *err)
{
    size_t got = LKS_ED25519_SIGNATURE_BYTES;
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    int good = state && EVP_DigestSignInit(state, NULL, NULL, NULL, key->pkey) == 1 &&
               EVP_DigestSign(state, signature, &got, data, size_bytes) == 1 &&
               got == LKS_ED25519_SIGNATURE_BYTES;
    EVP_MD_CTX_free(state);
    return good ? 0 : lks_error_set(err, LKS_EMEMORY, "signing failed");
}
