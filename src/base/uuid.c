/* uuid.c - names to UUIDs (RFC 9562, version 5: SHA-1 of namespace and name) */
#include "base/uuid.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "base/error.h"

int lks_uuid5(const unsigned char space[LKS_UUID_BYTES], struct lks_str name,
              char out[LKS_UUID_TEXT_BYTES])
{
    unsigned char d[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    int good = state && EVP_DigestInit_ex(state, EVP_sha1(), NULL) == 1 &&
               EVP_DigestUpdate(state, space, LKS_UUID_BYTES) == 1 &&
               EVP_DigestUpdate(state, name.data, name.size_bytes) == 1 &&
               EVP_DigestFinal_ex(state, d, NULL) == 1;
    EVP_MD_CTX_free(state);
    if (!good)
        return LKS_EMEMORY;
    d[6] = (unsigned char)((d[6] & 0x0f) | 0x50);
    d[8] = (unsigned char)((d[8] & 0x3f) | 0x80);
    snprintf(out, LKS_UUID_TEXT_BYTES,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", d[0], d[1],
             d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10], d[11], d[12], d[13], d[14],
             d[15]);
    return 0;
}
