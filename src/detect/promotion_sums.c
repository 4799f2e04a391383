/* promotion_sums.c - the ledger's sums and flows, and what was reported against what is there */
#include <inttypes.h>
#include <stdlib.h>

#include "detect/promotion_ledger.h"

enum { NOT_SET = UINT32_MAX };

/* ---- sums ---- */

int lks_ledger_sums(struct lks_ledger *ledger, struct lks_error *err)
{
    struct lks_promoting *promoting = ledger->promoting;
    struct lks_results *results = promoting->results;
    struct lks_payment_sums sums;
    int code = lks_payment_sums(promoting->payments, ledger->beneficiary, promoting->payments_count,
                                ledger->rates, ledger->rates_count, &sums, err);
    if (code)
        return code;
    results->promotion.payments_alike = sums.alike_count;
    results->sums = lks_arena_calloc(&results->arena, sums.sums_count + 1, sizeof *results->sums);
    for (size_t i = 0; results->sums && i < sums.sums_count; i++) {
        struct lks_result_sum *to = &results->sums[i];
        to->item = sums.sums[i];
        to->name = lks_arena_str(&results->arena, to->item.name.data ? to->item.name : LKS_STR(""));
        to->currency = lks_arena_str(&results->arena, lks_str_from(to->item.currency));
        if (!to->name.data || !to->currency.data)
            code = lks_ledger_out_of_memory(err);
        to->item.name = to->name;
    }
    if (!results->sums)
        code = lks_ledger_out_of_memory(err);
    if (code == 0)
        results->sums_count = (uint32_t)sums.sums_count;
    lks_payment_sums_free(&sums);
    return code;
}

/* ---- flows ---- */
/* Within payees by payer, method, currency, for the flows. */
static int flow_order(const void *a, const void *b, void *context)
{
    const struct lks_promoting *promoting = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const struct lks_payment *p = &promoting->payments[x], *q = &promoting->payments[y];
    int order = lks_str_order(p->payer, q->payer);
    order = order ? order : lks_ledger_payee_order(promoting, x, y);
    order = order ? order : lks_str_order(p->method, q->method);
    order = order ? order : strcmp(p->currency, q->currency);
    return order;
}

static int flow_order_full(const void *a, const void *b, void *context)
{
    int order = flow_order(a, b, context);
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return order ? order : (x > y) - (x < y);
}

static const struct lks_result_payee *payee_of(const struct lks_results *results, uint32_t account)
{
    for (uint32_t low = 0, high = results->payees_count; low < high;) {
        uint32_t middle = low + (high - low) / 2;
        if (results->payees[middle].account_index == account)
            return &results->payees[middle];
        if (results->payees[middle].account_index < account)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static struct lks_str target_of(const struct lks_ledger *ledger, uint32_t account)
{
    const struct lks_results *results = ledger->promoting->results;
    const struct lks_result_payee *payee = account == NOT_SET ? NULL : payee_of(results, account);
    if (!payee || !payee->promoted_count)
        return LKS_STR("");
    return payee->script == NOT_SET ? LKS_STR("posts on the topic")
                                    : results->scripts[payee->script].id;
}

static int flow_take(struct lks_ledger *ledger, const uint32_t *order, size_t count)
{
    struct lks_promoting *promoting = ledger->promoting;
    struct lks_arena *arena = &promoting->results->arena;
    const struct lks_payment *first = &promoting->payments[order[0]];
    struct lks_result_flow *flow = &promoting->results->flows[promoting->results->flows_count++];
    __int128 amount = 0, converted = 0;
    uint32_t account = promoting->payment_account[order[0]];
    struct lks_str name = lks_ledger_payee_name(first), who = ledger->beneficiary[order[0]];
    *flow = (struct lks_result_flow){
        .payer = lks_arena_str(arena, first->payer.data ? first->payer : LKS_STR("")),
        .payee = lks_arena_str(arena, name.data ? name : LKS_STR("")),
        .account_key = LKS_STR_NULL,
        .target = lks_arena_str(arena, target_of(ledger, account)),
        .beneficiary = lks_arena_str(arena, who.data ? who : LKS_STR("")),
        .beneficiary_by = ledger->beneficiary_by[order[0]],
        .method = lks_arena_str(arena, first->method.data ? first->method : LKS_STR("")),
        .currency = lks_arena_str(arena, lks_str_from(first->currency)),
        .exponent = first->exponent,
        .payments_count = (uint32_t)count};
    if (!flow->payer.data || !flow->payee.data || !flow->target.data || !flow->beneficiary.data ||
        !flow->method.data || !flow->currency.data)
        return LKS_EMEMORY;
    if (account != NOT_SET)
        flow->account_key = payee_of(promoting->results, account)->account.account_key;
    for (size_t i = 0; i < count; i++) {
        int64_t minor;
        amount += promoting->payments[order[i]].amount_minor;
        if (ledger->to && lks_money_convert(&promoting->payments[order[i]], ledger->to,
                                            ledger->rates, ledger->rates_count, &minor) == 0) {
            converted += minor;
            flow->converted_count++;
        }
    }
    flow->beyond = amount > INT64_MAX || amount < -INT64_MAX || converted > INT64_MAX ||
                   converted < -INT64_MAX;
    flow->amount_minor = flow->beyond ? 0 : (int64_t)amount;
    flow->converted_minor = flow->beyond ? 0 : (int64_t)converted;
    return 0;
}

/* Flows of one payee that its ledger dedicates to different beneficiaries stand apart. */
static int same_flow(const struct lks_ledger *ledger, uint32_t a, uint32_t b)
{
    union {
        const struct lks_promoting *in;
        void *context;
    } order = {.in = ledger->promoting};
    return flow_order(&a, &b, order.context) == 0 &&
           lks_str_equal(ledger->beneficiary[a], ledger->beneficiary[b]);
}

int lks_ledger_flows(struct lks_ledger *ledger, struct lks_error *err)
{
    struct lks_promoting *promoting = ledger->promoting;
    struct lks_results *results = promoting->results;
    results->flows =
        lks_arena_calloc(&results->arena, promoting->payments_count + 1, sizeof *results->flows);
    if (!results->flows)
        return lks_ledger_out_of_memory(err);
    qsort_r(ledger->order, promoting->payments_count, sizeof *ledger->order, flow_order_full,
            promoting);
    for (size_t at = 0; at < promoting->payments_count;) {
        size_t end = at + 1;
        while (end < promoting->payments_count &&
               same_flow(ledger, ledger->order[at], ledger->order[end]))
            end++;
        if (flow_take(ledger, ledger->order + at, end - at) != 0)
            return lks_ledger_out_of_memory(err);
        at = end;
    }
    return 0;
}

/* ---- checks and notes ---- */

static int checks_fill(struct lks_ledger *ledger, struct lks_error *err)
{
    const struct lks_promoting *promoting = ledger->promoting;
    const struct lks_settings *settings = promoting->settings;
    struct lks_results *results = promoting->results;
    struct lks_arena *arena = &results->arena;
    results->checks =
        lks_arena_calloc(arena, settings->reported_count + 1, sizeof *results->checks);
    if (!results->checks)
        return lks_ledger_out_of_memory(err);
    for (size_t i = 0; i < settings->reported_count; i++) {
        const struct lks_setting_reported *sum = &settings->reported[i];
        struct lks_result_check *check = &results->checks[i];
        __int128 found = 0;
        for (size_t p = 0; p < promoting->payments_count; p++) {
            const struct lks_payment *payment = &promoting->payments[p];
            if (strcmp(payment->currency, sum->currency) == 0 &&
                (!sum->payer.data || lks_str_equal(sum->payer, payment->payer)) &&
                (!sum->method.data || lks_str_equal(sum->method, payment->method)))
                found += payment->amount_minor;
        }
        int beyond = found > INT64_MAX || found < -INT64_MAX;
        *check = (struct lks_result_check){
            .name = lks_arena_str(arena, sum->name),
            .payer = lks_arena_str(arena, sum->payer),
            .method = lks_arena_str(arena, sum->method),
            .currency = lks_arena_str(arena, lks_str_from(sum->currency)),
            .exponent = lks_currency_exponent(lks_str_from(sum->currency), NULL),
            .reported_minor = sum->amount_minor,
            .found_minor = beyond ? 0 : (int64_t)found,
            .agrees = beyond ? -1 : found == sum->amount_minor};
        if (!check->name.data || !check->currency.data)
            return lks_ledger_out_of_memory(err);
    }
    results->checks_count = (uint32_t)settings->reported_count;
    return 0;
}

static int note_write(struct lks_ledger *ledger, struct lks_error *err)
{
    const struct lks_promoting *promoting = ledger->promoting;
    struct lks_results *results = promoting->results;
    struct lks_buffer text = {0};
    uint64_t refunds = 0, beyond = 0, unconverted = 0;
    size_t count = promoting->payments_count;
    for (uint32_t i = 0; i < results->sums_count; i++) {
        const struct lks_money_sum *sum = &results->sums[i].item;
        beyond += sum->beyond != 0;
        if (sum->by == LKS_SUM_ALL) {
            refunds += sum->refunds_count;
            unconverted += sum->payments_count - sum->converted_count;
        }
    }
    if (count && results->promotion.payments_matched < count)
        lks_buffer_format(&text,
                          "%" PRIu64 " of %zu payments went to nobody whose account is in the "
                          "case. ",
                          count - results->promotion.payments_matched, count);
    if (refunds)
        lks_buffer_format(&text, "%" PRIu64 " payments went back; sums are after them. ", refunds);
    if (results->promotion.payments_alike)
        lks_buffer_format(&text,
                          "%" PRIu64
                          " payments are as another one in all but their number: two of a "
                          "kind, or one written down twice. ",
                          results->promotion.payments_alike);
    if (beyond)
        lks_buffer_format(&text, "%" PRIu64 " sums do not fit 64 bits and are not given. ", beyond);
    if (ledger->to && unconverted)
        lks_buffer_format(&text,
                          "%" PRIu64 " payments have no rate to %s and are not in converted "
                          "sums. ",
                          unconverted, ledger->to);
    if (promoting->settings->beneficiaries_count > LKS_BENEFICIARIES_MAX)
        lks_buffer_format(&text, "Texts were searched for the first %d beneficiaries only. ",
                          LKS_BENEFICIARIES_MAX);
    if (promoting->own.cut_count)
        lks_buffer_format(&text, "Of %" PRIu64 " long texts only the beginning was compared. ",
                          promoting->own.cut_count);
    for (uint32_t i = 0; i < results->checks_count; i++)
        if (results->checks[i].agrees != 1)
            lks_buffer_format(
                &text, "The ledger does not add up to what was reported as \"%.*s\". ",
                (int)results->checks[i].name.size_bytes, results->checks[i].name.data);
    size_t size = text.size_bytes ? text.size_bytes - 1 : 0;
    results->promotion.ledger_note =
        lks_arena_str(&results->arena, (struct lks_str){text.data ? text.data : "", size});
    results->promotion.converted_to =
        lks_arena_str(&results->arena, lks_str_from(ledger->to ? ledger->to : ""));
    results->promotion.converted_exponent = ledger->to_exponent;
    int failed = text.failed || !results->promotion.ledger_note.data ||
                 !results->promotion.converted_to.data;
    lks_buffer_free(&text);
    return failed ? lks_ledger_out_of_memory(err) : 0;
}

int lks_ledger_checks(struct lks_ledger *ledger, struct lks_error *err)
{
    int code = checks_fill(ledger, err);
    return code ? code : note_write(ledger, err);
}
