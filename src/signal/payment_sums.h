/* payment_sums.h - what a ledger adds up to, to the cent: by payer, payee, beneficiary, method */
#ifndef LKS_SIGNAL_PAYMENT_SUMS_H
#define LKS_SIGNAL_PAYMENT_SUMS_H

#include "base/error.h"
#include "record/record.h"

/* One unit of `from` is rate_nano / 10^9 units of `to`, on a day and after it until another rate of
 * the pair begins; LKS_TIME_NULL: on any day that has none. */
struct lks_money_rate {
    const char *from, *to; /* static codes, see base/money.h */
    int64_t rate_nano;     /* above 0 */
    int64_t day_us;
};

enum lks_sum_by {
    LKS_SUM_ALL,
    LKS_SUM_PAYER,
    LKS_SUM_PAYEE,
    LKS_SUM_BENEFICIARY,
    LKS_SUM_METHOD,
    LKS_SUM_BYS_COUNT
};
extern const char *const lks_sum_by_names[LKS_SUM_BYS_COUNT];

/* All payments of one name in one currency. */
struct lks_money_sum {
    enum lks_sum_by by;
    struct lks_str name; /* null: the ledger does not say; borrowed from the payments */
    const char *currency;
    int exponent;
    uint64_t payments_count;
    uint64_t refunds_count; /* of those, with an amount below 0 */
    int64_t amount_minor;   /* refunds taken away; 0 where it is beyond 64 bits */
    int64_t refunded_minor; /* what went back, at least 0; the same */
    int beyond;             /* 1: the sum does not fit 64 bits and is not given */
    /* In the currency that all are converted to, each payment rounded to its minor unit (half
     * away from 0) before adding, so that every way of adding gives the same. */
    int64_t converted_minor;
    uint64_t converted_count; /* payments for which there is a rate */
};

struct lks_payment_sums {
    struct lks_money_sum *sums; /* [sums_count] by way, then largest converted or paid first */
    size_t sums_count;
    const char *to; /* what was converted to; NULL: no rates were given */
    int to_exponent;
    uint64_t alike_count; /* payments that are as another before them in all but their number */
};

/* Adds up. beneficiary[payments_count] says whom each payment serves (null: not known). The
 * currency that is converted to is that of the first rate; an amount in it stays as it is. Each
 * payment takes the rate of the latest day that is not after it, else one without a day.
 * *out is the caller's, freed by lks_payment_sums_free. O(n log n), 8 bytes a payment and the
 * sums. 0 or LKS_EMEMORY. */
int lks_payment_sums(const struct lks_payment *payments, const struct lks_str *beneficiary,
                     size_t payments_count, const struct lks_money_rate *rates, size_t rates_count,
                     struct lks_payment_sums *out, struct lks_error *err);
void lks_payment_sums_free(struct lks_payment_sums *sums);

/* One payment in another currency, exactly, rounded to its minor unit, half away from 0. Returns
 * 0, or -1 where no rate fits or the result is beyond 64 bits. */
int lks_money_convert(const struct lks_payment *payment, const char *to,
                      const struct lks_money_rate *rates, size_t rates_count, int64_t *minor_out);

#endif
