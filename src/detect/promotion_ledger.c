/* promotion_ledger.c - the ledger of a run: payments with their accounts, then payees, sums, flows
 *
 * All money is whole minor units; whatever is added is added in 128 bits. */
#include "detect/promotion_ledger.h"

#include <stdlib.h>

enum { NOT_SET = UINT32_MAX };

int lks_ledger_out_of_memory(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the ledger");
}

/* ---- reading ---- */

static int payee_found(void *context, uint32_t payment_index, uint32_t account_index,
                       uint32_t post_index, struct lks_error *err)
{
    struct lks_promoting *promoting = context;
    (void)err;
    if (payment_index >= promoting->payments_count)
        return 0;
    promoting->payment_account[payment_index] = account_index;
    promoting->payment_post[payment_index] = post_index;
    if (account_index < promoting->events->accounts_count) {
        promoting->paid[account_index] = 1;
        promoting->results->promotion.payments_matched++;
    }
    return 0;
}

int lks_ledger_load(struct lks_promoting *promoting, struct lks_error *err)
{
    int code = lks_store_payments(promoting->store, &promoting->arena, &promoting->payments,
                                  &promoting->payments_count, err);
    if (code)
        return code;
    size_t count = promoting->payments_count + 1;
    promoting->payment_account =
        lks_arena_calloc(&promoting->arena, count, sizeof *promoting->payment_account);
    promoting->payment_post =
        lks_arena_calloc(&promoting->arena, count, sizeof *promoting->payment_post);
    if (!promoting->payment_account || !promoting->payment_post)
        return lks_ledger_out_of_memory(err);
    for (size_t i = 0; i < count; i++)
        promoting->payment_account[i] = promoting->payment_post[i] = NOT_SET;
    code = lks_store_ads_count(promoting->store, &promoting->results->promotion.ads_count, err);
    if (code || !promoting->payments_count)
        return code;
    return lks_store_payees(promoting->store, payee_found, promoting, err);
}

/* ---- orders ---- */

struct lks_str lks_ledger_payee_name(const struct lks_payment *payment)
{
    return payment->payee.size_bytes ? payment->payee : payment->account_key;
}

/* Payees are one if they have one account, or else one name. */
int lks_ledger_payee_order(const struct lks_promoting *promoting, uint32_t a, uint32_t b)
{
    uint32_t x = promoting->payment_account[a], y = promoting->payment_account[b];
    if (x != y)
        return x < y ? -1 : 1;
    return x == NOT_SET ? lks_str_order(lks_ledger_payee_name(&promoting->payments[a]),
                                        lks_ledger_payee_name(&promoting->payments[b]))
                        : 0;
}

static int payment_order(const void *a, const void *b, void *context)
{
    const struct lks_promoting *promoting = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int order = lks_ledger_payee_order(promoting, x, y);
    if (order)
        return order;
    int64_t s = promoting->payments[x].time_us, t = promoting->payments[y].time_us;
    return s != t ? (s < t ? -1 : 1) : (x > y) - (x < y);
}

static int own_order(const void *a, const void *b, void *context)
{
    const struct lks_own_post *posts = context;
    const struct lks_own_post *x = &posts[*(const uint32_t *)a], *y = &posts[*(const uint32_t *)b];
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

/* ---- what money may have gone into ---- */

static void promoted_set(struct lks_promoting *promoting)
{
    struct lks_own_posts *own = &promoting->own;
    const struct lks_results *results = promoting->results;
    for (size_t i = 0; i < own->count; i++) {
        struct lks_own_post *post = &own->posts[i];
        enum lks_script_kind kind =
            post->script ? results->scripts[post->script - 1].item.kind : LKS_SCRIPT_TIED;
        int scripted = lks_script_may_be_bought(kind);
        post->promoted =
            !post->ad && (promoting->paid[post->account] ? scripted || post->on_topic
                                                         : kind == LKS_SCRIPT_UNDECLARED);
    }
    for (size_t i = 0; i < promoting->payments_count; i++) {
        struct lks_own_post *post = promoting->payment_post[i] == NOT_SET
                                        ? NULL
                                        : lks_own_post_find(own, promoting->payment_post[i]);
        if (post)
            post->promoted = 1;
    }
}

static int own_index(struct lks_ledger *ledger)
{
    struct lks_promoting *promoting = ledger->promoting;
    struct lks_own_posts *own = &promoting->own;
    ledger->own_at = malloc((own->count + 1) * sizeof *ledger->own_at);
    if (!ledger->own_at)
        return LKS_EMEMORY;
    ledger->first_us = INT64_MAX;
    ledger->last_us = INT64_MIN;
    for (size_t i = 0; i < own->count; i++) {
        const struct lks_own_post *post = &own->posts[i];
        ledger->first_us = post->time_us < ledger->first_us ? post->time_us : ledger->first_us;
        ledger->last_us = post->time_us > ledger->last_us ? post->time_us : ledger->last_us;
        if (promoting->paid[post->account])
            ledger->own_at[ledger->own_count++] = (uint32_t)i;
    }
    qsort_r(ledger->own_at, ledger->own_count, sizeof *ledger->own_at, own_order, own->posts);
    if (!own->count)
        return 0;
    int code = lks_crowd_clock_make(&ledger->clock, ledger->first_us, ledger->last_us, NULL);
    for (size_t i = 0; code == 0 && i < own->count; i++)
        lks_crowd_clock_add(&ledger->clock, own->posts[i].time_us, 1);
    if (code == 0)
        lks_crowd_clock_set(&ledger->clock);
    return code;
}

/* ---- the whole ---- */

static int ledger_make(struct lks_ledger *ledger)
{
    struct lks_promoting *promoting = ledger->promoting;
    const struct lks_settings *settings = promoting->settings;
    size_t count = promoting->payments_count + 1;
    ledger->rates = calloc(settings->rates_count + 1, sizeof *ledger->rates);
    ledger->order = malloc(count * sizeof *ledger->order);
    ledger->beneficiary = calloc(count, sizeof *ledger->beneficiary);
    ledger->beneficiary_by = calloc(count, sizeof *ledger->beneficiary_by);
    if (!ledger->rates || !ledger->order || !ledger->beneficiary || !ledger->beneficiary_by)
        return LKS_EMEMORY;
    for (size_t i = 0; i < settings->rates_count; i++)
        ledger->rates[i] =
            (struct lks_money_rate){settings->rates[i].from, settings->rates[i].to,
                                    settings->rates[i].rate_nano, settings->rates[i].day_us};
    ledger->rates_count = settings->rates_count;
    ledger->to = settings->rates_count ? settings->rates[0].to : NULL;
    ledger->to_exponent = ledger->to ? lks_currency_exponent(lks_str_from(ledger->to), NULL) : 0;
    for (size_t i = 0; i + 1 < count; i++)
        ledger->order[i] = (uint32_t)i;
    qsort_r(ledger->order, count - 1, sizeof *ledger->order, payment_order, promoting);
    return own_index(ledger);
}

/* The most paid first. After the flows, which look payees up by account. */
static int worth_order(const void *a, const void *b)
{
    const struct lks_result_payee *x = a, *y = b;
    if (x->worth_minor != y->worth_minor)
        return x->worth_minor > y->worth_minor ? -1 : 1;
    int order = lks_str_order(x->payee, y->payee);
    return order ? order
                 : (x->account_index > y->account_index) - (x->account_index < y->account_index);
}

int lks_ledger_fill(struct lks_promoting *promoting, struct lks_error *err)
{
    struct lks_ledger ledger = {.promoting = promoting};
    promoted_set(promoting);
    int code = lks_named_fill(promoting, err);
    if (code == 0 && ledger_make(&ledger) != 0)
        code = lks_ledger_out_of_memory(err);
    if (code == 0)
        code = lks_ledger_payees(&ledger, err);
    if (code == 0)
        code = lks_ledger_sums(&ledger, err);
    if (code == 0)
        code = lks_ledger_flows(&ledger, err);
    if (code == 0) {
        qsort(promoting->results->payees, promoting->results->payees_count,
              sizeof *promoting->results->payees, worth_order);
        code = lks_ledger_checks(&ledger, err);
    }
    lks_crowd_clock_free(&ledger.clock);
    free(ledger.rates);
    free(ledger.order);
    free(ledger.own_at);
    free(ledger.beneficiary);
    free(ledger.beneficiary_by);
    return code;
}
