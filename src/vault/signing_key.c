/* signing_key.c - private keys: made, kept in a file that only their owner can read, read again
 *
 * PKCS #8 under PBES2 with scrypt (RFC 7914), which OpenSSL's own command opens, so that a key
 * is never hostage to this program. */
#include "vault/signing_key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* 16 MiB, eight times over, a guess. OpenSSL reads no key that wants more than 32 MiB, so the
 * cost is raised by P instead of N. */
enum { SCRYPT_N = 1 << 14, SCRYPT_R = 8, SCRYPT_P = 8, SALT_BYTES = 16, FILE_BYTES_MAX = 16384 };

static int key_take(EVP_PKEY *pkey, struct lks_signing_key **key_out, struct lks_error *err)
{
    size_t size = LKS_ED25519_KEY_BYTES;
    struct lks_signing_key *key = pkey ? calloc(1, sizeof *key) : NULL;
    if (!key || EVP_PKEY_get_raw_public_key(pkey, key->public_key, &size) != 1) {
        EVP_PKEY_free(pkey);
        free(key);
        return lks_error_set(err, LKS_EMEMORY, "a signing key cannot be made: out of memory");
    }
    key->pkey = pkey;
    *key_out = key;
    return 0;
}

int lks_signing_key_from_seed(const unsigned char seed[LKS_ED25519_KEY_BYTES],
                              struct lks_signing_key **key_out, struct lks_error *err)
{
    return key_take(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, LKS_ED25519_KEY_BYTES), key_out,
        err);
}

int lks_signing_key_new(struct lks_signing_key **key_out, struct lks_error *err)
{
    unsigned char seed[LKS_ED25519_KEY_BYTES];
    if (RAND_priv_bytes(seed, sizeof seed) != 1)
        return lks_error_set(err, LKS_EIO, "the system gives no random numbers");
    int code = lks_signing_key_from_seed(seed, key_out, err);
    OPENSSL_cleanse(seed, sizeof seed);
    return code;
}

void lks_signing_key_free(struct lks_signing_key *key)
{
    if (key)
        EVP_PKEY_free(key->pkey); /* wipes what it held */
    free(key);
}

void lks_signing_key_public(const struct lks_signing_key *key,
                            unsigned char public_key[LKS_ED25519_KEY_BYTES])
{
    memcpy(public_key, key->public_key, sizeof key->public_key);
}

/* The key as PEM in memory of OpenSSL's, which it wipes when it frees it. */
static BIO *key_pem(const struct lks_signing_key *key, struct lks_str passphrase)
{
    BIO *pem = BIO_new(BIO_s_secmem());
    PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(key->pkey);
    int good = 0;
    if (pem && plain && passphrase.size_bytes) {
        unsigned char salt[SALT_BYTES];
        X509_ALGOR *method = NULL;
        if (RAND_bytes(salt, sizeof salt) == 1)
            method = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, sizeof salt, NULL, SCRYPT_N,
                                           SCRYPT_R, SCRYPT_P);
        /* takes the method over when it succeeds */
        X509_SIG *sealed =
            method ? PKCS8_set0_pbe(passphrase.data, (int)passphrase.size_bytes, plain, method)
                   : NULL;
        if (!sealed)
            X509_ALGOR_free(method);
        good = sealed && PEM_write_bio_PKCS8(pem, sealed) == 1;
        X509_SIG_free(sealed);
    } else if (pem && plain)
        good = PEM_write_bio_PKCS8_PRIV_KEY_INFO(pem, plain) == 1;
    PKCS8_PRIV_KEY_INFO_free(plain);
    if (!good) {
        BIO_free(pem);
        return NULL;
    }
    return pem;
}

int lks_signing_key_write(const struct lks_signing_key *key, const char *path,
                          struct lks_str passphrase, struct lks_error *err)
{
    char *data;
    BIO *pem = key_pem(key, passphrase);
    if (!pem)
        return lks_error_set(err, LKS_EMEMORY, "%s: the key cannot be sealed", path);
    long size = BIO_get_mem_data(pem, &data);
    int code = 0, file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        BIO_free(pem);
        return lks_error_system(err, path, "cannot be made");
    }
    for (long at = 0; code == 0 && at < size;) {
        ssize_t put = write(file, data + at, (size_t)(size - at));
        if (put < 0 && errno != EINTR)
            code = lks_error_system(err, path, "cannot be written");
        at += put > 0 ? put : 0;
    }
    if (code == 0 && fsync(file) != 0)
        code = lks_error_system(err, path, "cannot be written");
    close(file);
    BIO_free(pem);
    if (code)
        unlink(path);
    return code;
}

/* OpenSSL asks for the passphrase by a call of this shape. */
static int passphrase_give(char *buffer, int size, int writing, void *context)
{
    const struct lks_str *passphrase = context;
    (void)writing;
    if (passphrase->size_bytes == 0 || passphrase->size_bytes > (size_t)size)
        return -1;
    memcpy(buffer, passphrase->data, passphrase->size_bytes);
    return (int)passphrase->size_bytes;
}

static int file_private(const char *path, struct lks_error *err)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return lks_error_system(err, path, "cannot be read");
    if (!S_ISREG(status.st_mode) || status.st_size > FILE_BYTES_MAX)
        return lks_error_set(err, LKS_EINPUT, "%s is no key file", path);
    if (status.st_mode & 077)
        return lks_error_set(err, LKS_EINPUT,
                             "%s can be read or written by others; make it private: chmod 600 %s",
                             path, path);
    return 0;
}

int lks_signing_key_read(const char *path, struct lks_str passphrase,
                         struct lks_signing_key **key_out, struct lks_error *err)
{
    int code = file_private(path, err);
    if (code)
        return code;
    BIO *file = BIO_new_file(path, "r");
    if (!file)
        return lks_error_system(err, path, "cannot be read");
    ERR_clear_error();
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(file, NULL, passphrase_give, &passphrase);
    BIO_free(file);
    ERR_clear_error();
    if (!pkey)
        return lks_error_set(err, LKS_EARGUMENT,
                             passphrase.size_bytes
                                 ? "%s: the passphrase is wrong, or this is no key file"
                                 : "%s needs its passphrase, or is no key file",
                             path);
    if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_ED25519) {
        EVP_PKEY_free(pkey);
        return lks_error_set(err, LKS_EINPUT, "%s holds no Ed25519 key", path);
    }
    return key_take(pkey, key_out, err);
}
