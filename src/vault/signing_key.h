/* signing_key.h - what a private key is made of; for ed25519.c and signing_key.c */
#ifndef LKS_VAULT_SIGNING_KEY_H
#define LKS_VAULT_SIGNING_KEY_H

#include <openssl/evp.h>

#include "vault/ed25519.h"

struct lks_signing_key {
    EVP_PKEY *pkey;
    unsigned char public_key[LKS_ED25519_KEY_BYTES];
};

#endif
