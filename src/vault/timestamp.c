/* timestamp.c - RFC 3161 through OpenSSL's libcrypto */
#include "vault/timestamp.h"

#include <limits.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/sha256.h"

enum { NONCE_BYTES = 8, RESPONSE_BYTES_MAX = 1 << 20 };

/* The last reason that OpenSSL has, and none is left behind. */
static const char *reason(void)
{
    const char *text = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return text ? text : "no reason given";
}

static TS_MSG_IMPRINT *imprint_of(struct lks_str data)
{
    unsigned char digest[LKS_SHA256_BYTES];
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *method = X509_ALGOR_new();
    lks_sha256_of(data.data, data.size_bytes, digest);
    int good = imprint && method &&
               X509_ALGOR_set0(method, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1 &&
               TS_MSG_IMPRINT_set_algo(imprint, method) == 1 &&
               TS_MSG_IMPRINT_set_msg(imprint, digest, sizeof digest) == 1;
    X509_ALGOR_free(method);
    if (good)
        return imprint;
    TS_MSG_IMPRINT_free(imprint);
    return NULL;
}

static ASN1_INTEGER *nonce_new(void)
{
    unsigned char bytes[NONCE_BYTES];
    ASN1_INTEGER *nonce = NULL;
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return NULL;
    bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive, and of full length */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    if (number)
        nonce = BN_to_ASN1_INTEGER(number, NULL);
    BN_free(number);
    return nonce;
}

int lks_timestamp_query(struct lks_str data, struct lks_buffer *out, struct lks_error *err)
{
    unsigned char *der = NULL;
    int size = -1;
    TS_REQ *query = TS_REQ_new();
    TS_MSG_IMPRINT *imprint = imprint_of(data);
    ASN1_INTEGER *nonce = nonce_new();
    if (query && imprint && nonce && TS_REQ_set_version(query, 1) == 1 &&
        TS_REQ_set_msg_imprint(query, imprint) == 1 && TS_REQ_set_nonce(query, nonce) == 1 &&
        TS_REQ_set_cert_req(query, 1) == 1)
        size = i2d_TS_REQ(query, &der);
    if (size > 0)
        lks_buffer_append(out, der, (size_t)size);
    OPENSSL_free(der);
    ASN1_INTEGER_free(nonce);
    TS_MSG_IMPRINT_free(imprint);
    TS_REQ_free(query);
    ERR_clear_error();
    return size > 0 && !out->failed
               ? 0
               : lks_error_set(err, LKS_EMEMORY, "a query for a time stamp cannot be made");
}

static int time_of(const ASN1_GENERALIZEDTIME *text, int64_t *time_us)
{
    struct tm parts;
    if (!text || ASN1_TIME_to_tm(text, &parts) != 1)
        return 0;
    *time_us = (int64_t)timegm(&parts) * 1000000;
    return 1;
}

static void describe(TS_RESP *response, struct lks_timestamp *timestamp)
{
    PKCS7 *token = TS_RESP_get_token(response);
    STACK_OF(X509) *signers = PKCS7_get0_signers(token, NULL, 0);
    BIGNUM *serial =
        ASN1_INTEGER_to_BN(TS_TST_INFO_get_serial(TS_RESP_get_tst_info(response)), NULL);
    char *hex = serial ? BN_bn2hex(serial) : NULL;
    if (signers && sk_X509_num(signers) > 0)
        X509_NAME_oneline(X509_get_subject_name(sk_X509_value(signers, 0)), timestamp->authority,
                          sizeof timestamp->authority);
    if (hex)
        snprintf(timestamp->serial, sizeof timestamp->serial, "%s", hex);
    OPENSSL_free(hex);
    BN_free(serial);
    sk_X509_free(signers);
    ERR_clear_error();
}

static TS_VERIFY_CTX *checks_make(struct lks_str data, X509_STORE *trusted)
{
    unsigned flags = TS_VFY_SIGNATURE | TS_VFY_VERSION | TS_VFY_DATA;
    TS_VERIFY_CTX *checks = TS_VERIFY_CTX_new();
    if (!checks)
        return NULL;
    BIO *bytes = BIO_new_mem_buf(data.data, (int)data.size_bytes);
    TS_VERIFY_CTX_set_data(checks, bytes);
    TS_VERIFY_CTX_set_store(checks, trusted); /* taken over, as the data is */
    TS_VERIFY_CTX_set_flags(checks, (int)flags);
    return checks;
}

static int nonce_same(TS_REQ *query, TS_RESP *response)
{
    const ASN1_INTEGER *asked = TS_REQ_get_nonce(query);
    const ASN1_INTEGER *told = TS_TST_INFO_get_nonce(TS_RESP_get_tst_info(response));
    return !asked || (told && ASN1_INTEGER_cmp(asked, told) == 0);
}

int lks_timestamp_check(struct lks_str bytes, struct lks_str query_bytes, struct lks_str data,
                        const char *trusted_path, struct lks_timestamp *timestamp,
                        struct lks_error *err)
{
    const unsigned char *at = (const unsigned char *)bytes.data;
    const unsigned char *query_at = (const unsigned char *)query_bytes.data;
    TS_RESP *response = NULL;
    TS_REQ *query = NULL;
    X509_STORE *trusted = NULL;
    TS_VERIFY_CTX *checks = NULL;
    int code = 0;
    *timestamp = (struct lks_timestamp){0};
    ERR_clear_error();
    if (access(trusted_path, R_OK) != 0)
        return lks_error_system(err, trusted_path, "cannot be read");
    if (bytes.size_bytes > RESPONSE_BYTES_MAX || data.size_bytes > INT_MAX ||
        !(response = d2i_TS_RESP(NULL, &at, (long)bytes.size_bytes)))
        code = lks_error_set(err, LKS_EINPUT, "this is no answer of a time stamping authority");
    if (code == 0 && query_bytes.data &&
        !(query = d2i_TS_REQ(NULL, &query_at, (long)query_bytes.size_bytes)))
        code = lks_error_set(err, LKS_EINPUT, "this is no query for a time stamp");
    if (code == 0 && !TS_RESP_get_tst_info(response))
        code = lks_error_set(err, LKS_EINPUT, "the authority did not grant the time stamp");
    if (code == 0 &&
        (!(trusted = X509_STORE_new()) || X509_STORE_load_file(trusted, trusted_path) != 1)) {
        X509_STORE_free(trusted);
        code =
            lks_error_set(err, LKS_EINPUT, "%s holds no certificates (%s)", trusted_path, reason());
    } else if (code == 0 && !(checks = checks_make(data, trusted)))
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0 && TS_RESP_verify_response(checks, response) != 1)
        code = lks_error_set(err, LKS_EINPUT, "the time stamp does not hold: %s", reason());
    if (code == 0 && query && !nonce_same(query, response))
        code = lks_error_set(err, LKS_EINPUT, "the time stamp answers another query");
    if (code == 0 &&
        !time_of(TS_TST_INFO_get_time(TS_RESP_get_tst_info(response)), &timestamp->time_us))
        code = lks_error_set(err, LKS_EINPUT, "the time stamp tells no time");
    if (code == 0)
        describe(response, timestamp);
    TS_VERIFY_CTX_free(checks);
    TS_REQ_free(query);
    TS_RESP_free(response);
    ERR_clear_error();
    return code;
}
