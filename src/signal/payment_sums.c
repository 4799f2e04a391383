/* payment_sums.c - what a ledger adds up to, to the cent: by payer, payee, beneficiary, method
 *
 * For each way of adding, the payments are sorted by name and currency and each run is added in
 * 128 bits, where 2^64 amounts of 64 bits fit, so that a sum is either exact or said to be beyond
 * what can be written. Currencies are never added to each other; a conversion is another
 * column beside the sum, and says how many payments had a rate. */
#include "signal/payment_sums.h"

#include <stdlib.h>

const char *const lks_sum_by_names[LKS_SUM_BYS_COUNT] = {"all", "payer", "payee", "beneficiary",
                                                         "method"};

enum { NANO_DECIMALS = 9, EXPONENT_MAX = 8 };

struct item {
    const struct lks_payment *payment;
    struct lks_str name;
    int64_t converted_minor;
    int converted;
};

/* "None" first: it is not the empty name. */
static int text_order(struct lks_str a, struct lks_str b)
{
    if (!a.data || !b.data)
        return (a.data != NULL) - (b.data != NULL);
    return lks_str_order(a, b);
}

static int item_order(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    int order = text_order(x->name, y->name);
    if (order == 0)
        order = strcmp(x->payment->currency, y->payment->currency);
    return order ? order : (x->payment > y->payment) - (x->payment < y->payment);
}

static int64_t power_of_ten(int exponent)
{
    int64_t power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

/* ---- conversion ---- */

static const struct lks_money_rate *rate_find(const struct lks_payment *payment, const char *to,
                                              const struct lks_money_rate *rates, size_t count)
{
    const struct lks_money_rate *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct lks_money_rate *rate = &rates[i];
        if (strcmp(rate->from, payment->currency) != 0 || strcmp(rate->to, to) != 0)
            continue;
        if (rate->day_us != LKS_TIME_NULL && rate->day_us > payment->time_us)
            continue;
        if (!best || rate->day_us > best->day_us) /* LKS_TIME_NULL is the least */
            best = rate;
    }
    return best;
}

int lks_money_convert(const struct lks_payment *payment, const char *to,
                      const struct lks_money_rate *rates, size_t rates_count, int64_t *minor_out)
{
    if (strcmp(payment->currency, to) == 0) {
        *minor_out = payment->amount_minor;
        return 0;
    }
    const struct lks_money_rate *rate = rate_find(payment, to, rates, rates_count);
    int to_exponent = lks_currency_exponent(lks_str_from(to), NULL);
    if (!rate || to_exponent < 0 || payment->exponent < 0 || payment->exponent > EXPONENT_MAX)
        return -1;
    /* amount / 10^from x rate / 10^9 x 10^to, over the smallest denominator that is whole. */
    __int128 value = (__int128)payment->amount_minor * rate->rate_nano;
    int down = payment->exponent + NANO_DECIMALS - to_exponent;
    __int128 divisor = power_of_ten(down > 0 ? down : 0), half = divisor / 2;
    if (down < 0 && __builtin_mul_overflow(value, (__int128)power_of_ten(-down), &value))
        return -1;
    value = (value + (value < 0 ? -half : half)) / divisor;
    if (value > INT64_MAX || value < -INT64_MAX)
        return -1;
    *minor_out = (int64_t)value;
    return 0;
}

/* ---- adding ---- */

static struct lks_str name_of(const struct lks_payment *payment, struct lks_str beneficiary,
                              enum lks_sum_by by)
{
    struct lks_str name = LKS_STR_NULL;
    switch (by) {
    case LKS_SUM_PAYER:
        name = payment->payer;
        break;
    case LKS_SUM_PAYEE:
        name = payment->payee.size_bytes ? payment->payee : payment->account_key;
        break;
    case LKS_SUM_BENEFICIARY:
        name = beneficiary;
        break;
    case LKS_SUM_METHOD:
        name = payment->method;
        break;
    default:
        break;
    }
    return name.size_bytes ? name : LKS_STR_NULL;
}

/* 64 bits of a sum, or that it is beyond them. */
static int64_t fit(__int128 value, int *beyond)
{
    if (value > INT64_MAX || value < -INT64_MAX) {
        *beyond = 1;
        return 0;
    }
    return (int64_t)value;
}

/* Adds the run of one name and currency at `at`; its end. */
static size_t run_add(const struct item *items, size_t at, size_t count, enum lks_sum_by by,
                      struct lks_money_sum *sum)
{
    __int128 amount = 0, refunded = 0, converted = 0;
    const struct item *first = &items[at];
    *sum = (struct lks_money_sum){.by = by,
                                  .name = first->name,
                                  .currency = first->payment->currency,
                                  .exponent = first->payment->exponent};
    for (; at < count && text_order(items[at].name, first->name) == 0 &&
           strcmp(items[at].payment->currency, sum->currency) == 0;
         at++) {
        int64_t minor = items[at].payment->amount_minor;
        amount += minor;
        sum->payments_count++;
        if (minor < 0) {
            refunded -= minor;
            sum->refunds_count++;
        }
        if (items[at].converted) {
            converted += items[at].converted_minor;
            sum->converted_count++;
        }
    }
    sum->amount_minor = fit(amount, &sum->beyond);
    sum->refunded_minor = fit(refunded, &sum->beyond);
    sum->converted_minor = fit(converted, &sum->beyond);
    if (sum->beyond)
        sum->amount_minor = sum->refunded_minor = sum->converted_minor = 0;
    return at;
}

/* By way; the most converted money first, then by currency the most paid, then by name. */
static int sum_order(const void *a, const void *b)
{
    const struct lks_money_sum *x = a, *y = b;
    if (x->by != y->by)
        return (int)x->by - (int)y->by;
    if (x->converted_minor != y->converted_minor)
        return x->converted_minor > y->converted_minor ? -1 : 1;
    int order = strcmp(x->currency, y->currency);
    if (order == 0 && x->amount_minor != y->amount_minor)
        return x->amount_minor > y->amount_minor ? -1 : 1;
    return order ? order : text_order(x->name, y->name);
}

static uint64_t alike_count(struct item *items, size_t count);

int lks_payment_sums(const struct lks_payment *payments, const struct lks_str *beneficiary,
                     size_t payments_count, const struct lks_money_rate *rates, size_t rates_count,
                     struct lks_payment_sums *out, struct lks_error *err)
{
    *out = (struct lks_payment_sums){.to = rates_count ? rates[0].to : NULL};
    if (out->to)
        out->to_exponent = lks_currency_exponent(lks_str_from(out->to), NULL);
    struct item *items = calloc(payments_count + 1, sizeof *items);
    out->sums = calloc(payments_count * LKS_SUM_BYS_COUNT + 1, sizeof *out->sums);
    if (!items || !out->sums) {
        free(items);
        lks_payment_sums_free(out);
        return lks_error_set(err, LKS_EMEMORY, "out of memory for %zu payments", payments_count);
    }
    for (int by = 0; by < LKS_SUM_BYS_COUNT; by++) {
        for (size_t i = 0; i < payments_count; i++) {
            items[i] = (struct item){.payment = &payments[i]};
            items[i].name = name_of(&payments[i], beneficiary[i], (enum lks_sum_by)by);
            items[i].converted =
                out->to && lks_money_convert(&payments[i], out->to, rates, rates_count,
                                             &items[i].converted_minor) == 0;
        }
        qsort(items, payments_count, sizeof *items, item_order);
        for (size_t at = 0; at < payments_count;)
            at = run_add(items, at, payments_count, (enum lks_sum_by)by,
                         &out->sums[out->sums_count++]);
    }
    out->alike_count = alike_count(items, payments_count);
    free(items);
    qsort(out->sums, out->sums_count, sizeof *out->sums, sum_order);
    return 0;
}

/* ---- rows that may stand twice ---- */

static int alike_order(const void *a, const void *b)
{
    const struct lks_payment *x = ((const struct item *)a)->payment;
    const struct lks_payment *y = ((const struct item *)b)->payment;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    if (x->amount_minor != y->amount_minor)
        return x->amount_minor < y->amount_minor ? -1 : 1;
    int order = strcmp(x->currency, y->currency);
    order = order ? order : text_order(x->payer, y->payer);
    order = order ? order : text_order(x->payee, y->payee);
    order = order ? order : text_order(x->account_key, y->account_key);
    order = order ? order : text_order(x->method, y->method);
    return order ? order : text_order(x->post_key, y->post_key);
}

static uint64_t alike_count(struct item *items, size_t count)
{
    uint64_t alike = 0;
    qsort(items, count, sizeof *items, alike_order);
    for (size_t i = 1; i < count; i++)
        alike += alike_order(&items[i - 1], &items[i]) == 0;
    return alike;
}

void lks_payment_sums_free(struct lks_payment_sums *sums)
{
    free(sums->sums);
    sums->sums = NULL;
    sums->sums_count = 0;
}
