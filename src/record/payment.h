/* payment.h - a payment: who paid whom how much, when and how; a gift or coin flow is one */
#ifndef LKS_RECORD_PAYMENT_H
#define LKS_RECORD_PAYMENT_H

#include <stdint.h>

#include "base/money.h"
#include "base/str.h"
#include "base/time.h"

struct lks_payment {
    struct lks_str payment_key;  /* the source's own number; null where it has none */
    struct lks_str payer, payee; /* as written; one of them may be null */
    struct lks_str account_key;  /* the payee's account, if known: "tiktok:name" */
    struct lks_str post_key;     /* what was paid for, if known */
    struct lks_str beneficiary;  /* whom it is to serve, if the ledger says so */
    int64_t amount_minor;        /* negative: money that went back */
    const char *currency;        /* static, upper case; see lks_currency_exponent */
    int exponent;                /* decimals of the minor unit */
    int64_t time_us;
    enum lks_time_precision time_precision;
    struct lks_str method;  /* "bank transfer", "gift" */
    struct lks_str purpose; /* the ledger's note */
    uint64_t offset_bytes;  /* provenance, as of a post */
    uint64_t length_bytes;
};

#endif
