/* timestamp.h - RFC 3161: somebody else says when a checkpoint was there */
#ifndef LKS_VAULT_TIMESTAMP_H
#define LKS_VAULT_TIMESTAMP_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* What a good token says. */
struct lks_timestamp {
    int64_t time_us;     /* the authority's clock; whole seconds where it gives no more */
    char authority[256]; /* the subject of its certificate, on one line */
    char serial[128];    /* of the token, hex */
};

/* Adds the query (DER) for the SHA-256 of the data, with a fresh nonce, asking for the
 * authority's certificate: the body of a POST of type application/timestamp-query. LKS_EMEMORY. */
int lks_timestamp_query(struct lks_str data, struct lks_buffer *out, struct lks_error *err);
/* Checks a response (DER, application/timestamp-reply) over the data: granted, the digest that of
 * the data, the signature good, and the certificate issued for time stamping by one in the file of
 * trusted certificates (PEM). query may be null; else the nonce must be its own. LKS_EINPUT with
 * the reason; LKS_EIO, LKS_EMEMORY. As `openssl ts -verify` does. */
int lks_timestamp_check(struct lks_str response, struct lks_str query, struct lks_str data,
                        const char *trusted_path, struct lks_timestamp *timestamp,
                        struct lks_error *err);

#endif
