/* promotion_ledger.h - what the files that fill a run's ledger share; internal to detect */
#ifndef LKS_DETECT_PROMOTION_LEDGER_H
#define LKS_DETECT_PROMOTION_LEDGER_H

#include "detect/promotion_parts.h"
#include "signal/crowd_clock.h"

struct lks_ledger {
    struct lks_promoting *promoting;
    struct lks_money_rate *rates;
    size_t rates_count;
    const char *to; /* currency converted to, or NULL */
    int to_exponent;
    uint32_t *order;  /* [payments] by payee, time */
    uint32_t *own_at; /* own posts of paid accounts by (account, time) */
    size_t own_count;
    struct lks_str *beneficiary; /* [payments] */
    const char **beneficiary_by; /* [payments] ledger, posts, comments or "" */
    struct lks_crowd_clock clock;
    int64_t first_us, last_us;
};

int lks_ledger_out_of_memory(struct lks_error *err);
struct lks_str lks_ledger_payee_name(const struct lks_payment *payment);
/* Payees are one if they have one account, or else one name. */
int lks_ledger_payee_order(const struct lks_promoting *promoting, uint32_t a, uint32_t b);

/* Whether a post of such a script may have been bought. */
static inline int lks_script_may_be_bought(enum lks_script_kind kind)
{
    return kind == LKS_SCRIPT_UNDECLARED || kind == LKS_SCRIPT_DISCLOSED ||
           kind == LKS_SCRIPT_COPIED || kind == LKS_SCRIPT_LOOSE;
}

/* Whom each payment serves, then the payees in the order of their accounts. */
int lks_ledger_payees(struct lks_ledger *ledger, struct lks_error *err);
/* By payer, payee, method, currency and beneficiary; lays ledger->order anew. */
int lks_ledger_flows(struct lks_ledger *ledger, struct lks_error *err);
int lks_ledger_sums(struct lks_ledger *ledger, struct lks_error *err);
/* Sums that were reported elsewhere against those found, and the note of what needs a word. */
int lks_ledger_checks(struct lks_ledger *ledger, struct lks_error *err);

#endif
