/* ledger.h - who paid whom in the simulated month */
#ifndef LKS_SIMULATE_LEDGER_H
#define LKS_SIMULATE_LEDGER_H

#include "base/error.h"
#include "simulate/world.h"

enum lks_ledger_way { LKS_LEDGER_GIFT, LKS_LEDGER_CLIP, LKS_LEDGER_REACH, LKS_LEDGER_WAYS_COUNT };

struct lks_ledger_total {
    const char *payer, *currency, *method; /* static */
    uint64_t payments_count;
    int64_t amount_minor; /* in cents of the currency */
};

/* Writes payer,payee,amount,currency,time,method,note in order of time, whole or not at all,
 * and adds up what each payer paid. LKS_EMEMORY, LKS_EIO. */
int lks_ledger_write(const struct lks_world *world, const char *path,
                     struct lks_ledger_total totals[LKS_LEDGER_WAYS_COUNT], struct lks_error *err);

#endif
