/* ed25519.h - signatures by RFC 8032 through OpenSSL's libcrypto */
#ifndef LKS_VAULT_ED25519_H
#define LKS_VAULT_ED25519_H

#include "base/error.h"
#include "base/str.h"

#define LKS_ED25519_KEY_BYTES 32
#define LKS_ED25519_SIGNATURE_BYTES 64

/* A private key in memory. */
struct lks_signing_key;

/* A new key from the system's random numbers; freed, and wiped, by lks_signing_key_free. */
int lks_signing_key_new(struct lks_signing_key **key_out, struct lks_error *err);
/* The key of a 32-byte seed (RFC 8032, 5.1.5); for test vectors and for keys read from a file. */
int lks_signing_key_from_seed(const unsigned char seed[LKS_ED25519_KEY_BYTES],
                              struct lks_signing_key **key_out, struct lks_error *err);
void lks_signing_key_free(struct lks_signing_key *key);
void lks_signing_key_public(const struct lks_signing_key *key,
                            unsigned char public_key[LKS_ED25519_KEY_BYTES]);
/* 0 or LKS_EMEMORY. One thread at a time for a key. */
int lks_ed25519_sign(const struct lks_signing_key *key, const void *data, size_t size_bytes,
                     unsigned char signature[LKS_ED25519_SIGNATURE_BYTES], struct lks_error *err);

/* Keys and passphrases at rest: PEM, PKCS #8, AES-256-CBC under scrypt (N 2^14, r 8, p 8: some tenths
 * of a second a guess), as `openssl pkey` reads it. An empty passphrase writes a
 * plain PKCS #8. Files are made with mode 0600 and must not be there; reading refuses a file that
 * others can read. LKS_EARGUMENT for a wrong passphrase, LKS_EIO, LKS_EINPUT, LKS_EMEMORY. */
int lks_signing_key_write(const struct lks_signing_key *key, const char *path,
                          struct lks_str passphrase, struct lks_error *err);
int lks_signing_key_read(const char *path, struct lks_str passphrase,
                         struct lks_signing_key **key_out, struct lks_error *err);

/* 0, or LKS_EINPUT where it does not hold. Strict: S below the group's order, R compared byte by
 * byte, and no public key that is written in a second way or lies in the small subgroup (under
 * which one signature would hold for many texts). */
int lks_ed25519_check(const unsigned char public_key[LKS_ED25519_KEY_BYTES], const void *data,
                      size_t size_bytes, const unsigned char signature[LKS_ED25519_SIGNATURE_BYTES],
                      struct lks_error *err);
/* 1 where a public key may be used at all, by the rules above. */
int lks_ed25519_key_good(const unsigned char public_key[LKS_ED25519_KEY_BYTES]);

#endif
