/* promotion_money.c - the ledger of a run: payees and their posts, sums, flows, checks
 *
 * All money is whole minor units; whatever is added is added in 128 bits. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/intern.h"
#include "detect/promotion_parts.h"
#include "signal/crowd_clock.h"
#include "stat/multiple.h"
#include "stat/tail.h"

enum { AROUND_DAYS = 14, NOT_SET = UINT32_MAX };
#define NAMED_BENEATH_P 0.01

struct money {
    struct lks_promoting *promoting;
    struct lks_money_rate *rates;
    size_t rates_count;
    const char *to;
    int to_exponent;
    uint32_t *order;  /* [payments] by payee, time */
    uint32_t *own_at; /* own posts of paid accounts by (account, time) */
    size_t own_count;
    struct lks_str *beneficiary; /* [payments] */
    const char **beneficiary_by; /* [payments] */
    struct lks_crowd_clock clock;
    int64_t first_us, last_us;
};

static int out_of_memory(struct lks_error *err)
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
        return out_of_memory(err);
    for (size_t i = 0; i < count; i++)
        promoting->payment_account[i] = promoting->payment_post[i] = NOT_SET;
    code = lks_store_ads_count(promoting->store, &promoting->results->promotion.ads_count, err);
    if (code || !promoting->payments_count)
        return code;
    return lks_store_payees(promoting->store, payee_found, promoting, err);
}

/* ---- orders ---- */

static int text_order(struct lks_str a, struct lks_str b)
{
    size_t size = a.size_bytes < b.size_bytes ? a.size_bytes : b.size_bytes;
    int order = size ? memcmp(a.data, b.data, size) : 0;
    return order ? order : (a.size_bytes > b.size_bytes) - (a.size_bytes < b.size_bytes);
}

static struct lks_str payee_name(const struct lks_payment *payment)
{
    return payment->payee.size_bytes ? payment->payee : payment->account_key;
}

/* Payees are one if they have one account, or else one name. */
static int payee_order(const struct lks_promoting *promoting, uint32_t a, uint32_t b)
{
    uint32_t x = promoting->payment_account[a], y = promoting->payment_account[b];
    if (x != y)
        return x < y ? -1 : 1;
    return x == NOT_SET ? text_order(payee_name(&promoting->payments[a]),
                                     payee_name(&promoting->payments[b]))
                        : 0;
}

static int payment_order(const void *a, const void *b, void *context)
{
    const struct lks_promoting *promoting = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int order = payee_order(promoting, x, y);
    if (order)
        return order;
    int64_t s = promoting->payments[x].time_us, t = promoting->payments[y].time_us;
    return s != t ? (s < t ? -1 : 1) : (x > y) - (x < y);
}

/* Within payees by payer, method, currency, for the flows. */
static int flow_order(const void *a, const void *b, void *context)
{
    const struct lks_promoting *promoting = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const struct lks_payment *p = &promoting->payments[x], *q = &promoting->payments[y];
    int order = text_order(p->payer, q->payer);
    order = order ? order : payee_order(promoting, x, y);
    order = order ? order : text_order(p->method, q->method);
    order = order ? order : strcmp(p->currency, q->currency);
    return order;
}

static int flow_order_full(const void *a, const void *b, void *context)
{
    int order = flow_order(a, b, context);
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return order ? order : (x > y) - (x < y);
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

/* Whether a post of such a script may have been bought. */
static int may_be_bought(enum lks_script_kind kind)
{
    return kind == LKS_SCRIPT_UNDECLARED || kind == LKS_SCRIPT_DISCLOSED ||
           kind == LKS_SCRIPT_COPIED || kind == LKS_SCRIPT_LOOSE;
}

static void promoted_set(struct lks_promoting *promoting)
{
    struct lks_own_posts *own = &promoting->own;
    const struct lks_results *results = promoting->results;
    for (size_t i = 0; i < own->count; i++) {
        struct lks_own_post *post = &own->posts[i];
        enum lks_script_kind kind =
            post->script ? results->scripts[post->script - 1].item.kind : LKS_SCRIPT_TIED;
        int scripted = may_be_bought(kind);
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

static int own_index(struct money *money)
{
    struct lks_promoting *promoting = money->promoting;
    struct lks_own_posts *own = &promoting->own;
    money->own_at = malloc((own->count + 1) * sizeof *money->own_at);
    if (!money->own_at)
        return LKS_EMEMORY;
    money->first_us = INT64_MAX;
    money->last_us = INT64_MIN;
    for (size_t i = 0; i < own->count; i++) {
        const struct lks_own_post *post = &own->posts[i];
        money->first_us = post->time_us < money->first_us ? post->time_us : money->first_us;
        money->last_us = post->time_us > money->last_us ? post->time_us : money->last_us;
        if (promoting->paid[post->account])
            money->own_at[money->own_count++] = (uint32_t)i;
    }
    qsort_r(money->own_at, money->own_count, sizeof *money->own_at, own_order, own->posts);
    if (!own->count)
        return 0;
    int code = lks_crowd_clock_make(&money->clock, money->first_us, money->last_us, NULL);
    for (size_t i = 0; code == 0 && i < own->count; i++)
        lks_crowd_clock_add(&money->clock, own->posts[i].time_us);
    if (code == 0)
        lks_crowd_clock_set(&money->clock);
    return code;
}

/* Where the own posts of an account begin; *count_out of them. */
static size_t own_of(const struct money *money, uint32_t account, size_t *count_out)
{
    const struct lks_own_post *posts = money->promoting->own.posts;
    size_t low = 0, high = money->own_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (posts[money->own_at[middle]].account < account)
            low = middle + 1;
        else
            high = middle;
    }
    *count_out = 0;
    while (low + *count_out < money->own_count &&
           posts[money->own_at[low + *count_out]].account == account)
        ++*count_out;
    return low;
}

/* ---- whom a payment serves ---- */

/* The bit that most promoted posts of the account have; -1 where none has one. */
static int most_named(const struct money *money, uint32_t account, int beneath)
{
    const struct lks_promoting *promoting = money->promoting;
    uint32_t counts[LKS_BENEFICIARIES_MAX] = {0};
    size_t count, at = own_of(money, account, &count);
    int most = -1;
    for (size_t i = at; i < at + count; i++) {
        const struct lks_own_post *post = &promoting->own.posts[money->own_at[i]];
        uint64_t named = beneath ? post->named_beneath : post->named;
        for (int b = 0; post->promoted && named >> b && b < LKS_BENEFICIARIES_MAX; b++) {
            counts[b] += named >> b & 1;
            /* Named only in comments: where they do so more than chance lets them. */
            if (beneath && !(promoting->results->named[b].p_value <= NAMED_BENEATH_P))
                counts[b] = 0;
            if (b == LKS_BENEFICIARIES_MAX - 1)
                break;
        }
    }
    for (int b = 0; b < LKS_BENEFICIARIES_MAX; b++)
        if (counts[b] && (most < 0 || counts[b] > counts[most]))
            most = b;
    return most;
}

static void beneficiaries_find(struct money *money)
{
    const struct lks_promoting *promoting = money->promoting;
    uint32_t before = NOT_SET;
    int in_posts = -1, beneath = -1;
    for (size_t i = 0; i < promoting->payments_count; i++) {
        uint32_t payment = money->order[i], account = promoting->payment_account[payment];
        struct lks_str said = promoting->payments[payment].beneficiary;
        money->beneficiary_by[payment] = "";
        if (said.size_bytes) {
            money->beneficiary[payment] = said;
            money->beneficiary_by[payment] = "ledger";
            continue;
        }
        if (account == NOT_SET)
            continue;
        if (account != before) { /* payments lie by payee */
            in_posts = most_named(money, account, 0);
            beneath = in_posts < 0 ? most_named(money, account, 1) : -1;
            before = account;
        }
        int who = in_posts >= 0 ? in_posts : beneath;
        if (who < 0)
            continue;
        money->beneficiary[payment] = promoting->settings->beneficiaries[who].name;
        money->beneficiary_by[payment] = in_posts >= 0 ? "posts" : "comments";
    }
}

/* ---- payees ---- */

static int views_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t views_middle(int64_t *views, size_t count)
{
    if (!count)
        return LKS_COUNT_NULL;
    qsort(views, count, sizeof *views, views_order);
    return views[(count - 1) / 2];
}

/* Own posts around the first payment. */
static int around_fill(const struct money *money, struct lks_result_payee *payee)
{
    const struct lks_promoting *promoting = money->promoting;
    int64_t time_us = payee->first_us, span_us = AROUND_DAYS * LKS_DAY_US;
    int64_t from_us = time_us - span_us, to_us = time_us + span_us;
    size_t count, at = own_of(money, payee->account_index, &count), before = 0, after = 0;
    int64_t *views = malloc((2 * count + 1) * sizeof *views);
    if (!views)
        return LKS_EMEMORY;
    for (size_t i = at; i < at + count; i++) {
        const struct lks_own_post *post = &promoting->own.posts[money->own_at[i]];
        int topical = promoting->own.topic_known ? post->on_topic : post->promoted;
        if (post->promoted) {
            payee->promoted_count++;
            payee->undisclosed_count += !post->disclosed;
            if (post->script && payee->script == NOT_SET &&
                may_be_bought(promoting->results->scripts[post->script - 1].item.kind))
                payee->script = post->script - 1;
        }
        payee->ad_library_count += post->ad;
        if (post->time_us < from_us || post->time_us > to_us)
            continue;
        int is_after = post->time_us >= time_us;
        *(is_after ? &payee->posts_after : &payee->posts_before) += 1;
        *(is_after ? &payee->topic_after : &payee->topic_before) += (uint32_t)topical;
        if (post->views != LKS_COUNT_NULL)
            views[is_after ? count + after++ : before++] = post->views;
    }
    payee->views_before = views_middle(views, before);
    payee->views_after = views_middle(views + count, after);
    free(views);
    from_us = from_us < money->first_us ? money->first_us : from_us;
    to_us = to_us > money->last_us ? money->last_us : to_us;
    payee->days_before = time_us > from_us ? (double)(time_us - from_us) / LKS_DAY_US : 0;
    payee->days_after = to_us > time_us ? (double)(to_us - time_us) / LKS_DAY_US : 0;
    double all =
        lks_crowd_clock_at(&money->clock, to_us) - lks_crowd_clock_at(&money->clock, from_us);
    double share = all > 0 ? (lks_crowd_clock_at(&money->clock, to_us) -
                              lks_crowd_clock_at(&money->clock, time_us)) /
                                 all
                           : 1;
    uint32_t posts = payee->posts_before + payee->posts_after;
    if (payee->days_before >= 1 && payee->days_after >= 1) {
        payee->expected_after = share * posts;
        payee->log10_p = lks_binomial_tail_log(payee->posts_after, posts, share) / log(10);
    }
    return 0;
}

struct currency_sum {
    const char *currency;
    int exponent;
    __int128 sum;
};

/* "25896.51 USD, 4000.00 EUR" of payments[first..first + count) in money->order, and what they
 * are worth for the order of payees: converted where there are rates, else as they are. */
static struct lks_str amounts_text(const struct money *money, size_t first, size_t count,
                                   int64_t *worth)
{
    enum { CURRENCIES_MOST = 256 }; /* more than are known */
    const struct lks_promoting *promoting = money->promoting;
    struct currency_sum sums[CURRENCIES_MOST];
    size_t sums_count = 0;
    __int128 all = 0;
    struct lks_buffer text = {0};
    struct lks_str copy = LKS_STR_NULL;
    for (size_t i = first; i < first + count; i++) {
        const struct lks_payment *one = &promoting->payments[money->order[i]];
        int64_t minor = one->amount_minor;
        size_t at = 0;
        while (at < sums_count && sums[at].currency != one->currency)
            at++;
        LKS_ASSERT(at < CURRENCIES_MOST);
        if (at == sums_count)
            sums[sums_count++] = (struct currency_sum){one->currency, one->exponent, 0};
        sums[at].sum += minor;
        if (!money->to ||
            lks_money_convert(one, money->to, money->rates, money->rates_count, &minor) == 0)
            all += minor;
    }
    for (size_t i = 0; i < sums_count; i++) {
        char amount[LKS_MONEY_TEXT_BYTES] = "more than can be written";
        if (sums[i].sum <= INT64_MAX && sums[i].sum >= -INT64_MAX)
            lks_money_format((int64_t)sums[i].sum, sums[i].exponent, amount);
        lks_buffer_format(&text, "%s%s %s", i ? ", " : "", amount, sums[i].currency);
    }
    *worth = all > INT64_MAX ? INT64_MAX : all < -INT64_MAX ? -INT64_MAX : (int64_t)all;
    if (!text.failed)
        copy =
            lks_arena_str(&promoting->results->arena, (struct lks_str){text.data, text.size_bytes});
    lks_buffer_free(&text);
    return copy;
}

/* 0, or LKS_EMEMORY. */
static int payers_count(const struct money *money, size_t first, size_t count, uint32_t *out)
{
    const struct lks_payment *payments = money->promoting->payments;
    struct lks_intern payers = {0};
    int code = 0;
    for (size_t i = first; code == 0 && i < first + count; i++) {
        struct lks_str payer = payments[money->order[i]].payer;
        if (lks_intern_add(&payers, payer.data ? payer : LKS_STR(""), NULL) == LKS_INTERN_NONE)
            code = LKS_EMEMORY;
    }
    *out = payers.count;
    lks_intern_free(&payers);
    return code;
}

static int payee_take(struct money *money, size_t first, size_t count)
{
    struct lks_promoting *promoting = money->promoting;
    struct lks_arena *arena = &promoting->results->arena;
    const struct lks_payment *earliest = &promoting->payments[money->order[first]];
    struct lks_result_payee *payee =
        &promoting->results->payees[promoting->results->payees_count++];
    struct lks_str name = payee_name(earliest);
    int64_t worth = 0;
    *payee = (struct lks_result_payee){
        .payee = lks_arena_str(arena, name.data ? name : LKS_STR("")),
        .account_index = promoting->payment_account[money->order[first]],
        .account = {.followers = LKS_COUNT_NULL, .verified = -1},
        .amounts = amounts_text(money, first, count, &worth),
        .payments_count = (uint32_t)count,
        .first_us = earliest->time_us,
        .last_us = promoting->payments[money->order[first + count - 1]].time_us,
        .q_value = 1,
        .views_before = LKS_COUNT_NULL,
        .views_after = LKS_COUNT_NULL,
        .script = NOT_SET,
        .finding = NOT_SET};
    payee->worth_minor = worth;
    if (!payee->payee.data || !payee->amounts.data ||
        payers_count(money, first, count, &payee->payers_count) != 0)
        return LKS_EMEMORY;
    if (payee->account_index == NOT_SET)
        return 0;
    payee->finding = promoting->finding[payee->account_index];
    return around_fill(money, payee);
}

static int payees_accounts(struct money *money, struct lks_error *err)
{
    struct lks_results *results = money->promoting->results;
    uint32_t count = results->payees_count, known = 0;
    uint32_t *indexes = calloc((size_t)count + 1, sizeof *indexes);
    struct lks_account *accounts = calloc((size_t)count + 1, sizeof *accounts);
    int code = indexes && accounts ? 0 : out_of_memory(err);
    for (uint32_t i = 0; code == 0 && i < count; i++) /* they lie by account */
        if (results->payees[i].account_index != NOT_SET)
            indexes[known++] = results->payees[i].account_index;
    if (code == 0)
        code = lks_store_accounts(money->promoting->store, indexes, known, &results->arena,
                                  accounts, NULL, err);
    known = 0;
    for (uint32_t i = 0; code == 0 && i < count; i++)
        if (results->payees[i].account_index != NOT_SET)
            results->payees[i].account = accounts[known++];
    free(indexes);
    free(accounts);
    return code;
}

/* q over the payees whose time before and after could be seen. */
static int payees_q(struct lks_results *results, struct lks_error *err)
{
    uint32_t count = 0;
    double *p = calloc((size_t)results->payees_count + 1, sizeof *p);
    double *q = calloc((size_t)results->payees_count + 1, sizeof *q);
    int code = p && q ? 0 : out_of_memory(err);
    for (uint32_t i = 0; code == 0 && i < results->payees_count; i++)
        if (results->payees[i].days_before >= 1 && results->payees[i].days_after >= 1)
            p[count++] = results->payees[i].log10_p;
    if (code == 0)
        code = lks_bh_adjust(p, count, count, q, err);
    count = 0;
    for (uint32_t i = 0; code == 0 && i < results->payees_count; i++)
        if (results->payees[i].days_before >= 1 && results->payees[i].days_after >= 1)
            results->payees[i].q_value = q[count++];
    free(p);
    free(q);
    return code;
}

static int payees_fill(struct money *money, struct lks_error *err)
{
    struct lks_promoting *promoting = money->promoting;
    struct lks_results *results = promoting->results;
    results->payees =
        lks_arena_calloc(&results->arena, promoting->payments_count + 1, sizeof *results->payees);
    if (!results->payees)
        return out_of_memory(err);
    for (size_t at = 0; at < promoting->payments_count;) {
        size_t end = at + 1;
        while (end < promoting->payments_count &&
               payee_order(promoting, money->order[at], money->order[end]) == 0)
            end++;
        if (payee_take(money, at, end - at) != 0)
            return out_of_memory(err);
        at = end;
    }
    int code = payees_accounts(money, err);
    return code ? code : payees_q(results, err);
}

/* ---- sums ---- */

static int sums_fill(struct money *money, struct lks_error *err)
{
    struct lks_promoting *promoting = money->promoting;
    struct lks_results *results = promoting->results;
    struct lks_payment_sums sums;
    int code = lks_payment_sums(promoting->payments, money->beneficiary, promoting->payments_count,
                                money->rates, money->rates_count, &sums, err);
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
            code = out_of_memory(err);
        to->item.name = to->name;
    }
    if (!results->sums)
        code = out_of_memory(err);
    if (code == 0)
        results->sums_count = (uint32_t)sums.sums_count;
    lks_payment_sums_free(&sums);
    return code;
}

/* ---- flows ---- */

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

static struct lks_str target_of(const struct money *money, uint32_t account)
{
    const struct lks_results *results = money->promoting->results;
    const struct lks_result_payee *payee = account == NOT_SET ? NULL : payee_of(results, account);
    if (!payee || !payee->promoted_count)
        return LKS_STR("");
    return payee->script == NOT_SET ? LKS_STR("posts on the topic")
                                    : results->scripts[payee->script].id;
}

static int flow_take(struct money *money, const uint32_t *order, size_t count)
{
    struct lks_promoting *promoting = money->promoting;
    struct lks_arena *arena = &promoting->results->arena;
    const struct lks_payment *first = &promoting->payments[order[0]];
    struct lks_result_flow *flow = &promoting->results->flows[promoting->results->flows_count++];
    __int128 amount = 0, converted = 0;
    uint32_t account = promoting->payment_account[order[0]];
    struct lks_str name = payee_name(first), who = money->beneficiary[order[0]];
    *flow = (struct lks_result_flow){
        .payer = lks_arena_str(arena, first->payer.data ? first->payer : LKS_STR("")),
        .payee = lks_arena_str(arena, name.data ? name : LKS_STR("")),
        .account_key = LKS_STR_NULL,
        .target = lks_arena_str(arena, target_of(money, account)),
        .beneficiary = lks_arena_str(arena, who.data ? who : LKS_STR("")),
        .beneficiary_by = money->beneficiary_by[order[0]],
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
        if (money->to && lks_money_convert(&promoting->payments[order[i]], money->to, money->rates,
                                           money->rates_count, &minor) == 0) {
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
static int same_flow(const struct money *money, uint32_t a, uint32_t b)
{
    union {
        const struct lks_promoting *in;
        void *context;
    } order = {.in = money->promoting};
    return flow_order(&a, &b, order.context) == 0 &&
           lks_str_equal(money->beneficiary[a], money->beneficiary[b]);
}

static int flows_fill(struct money *money, struct lks_error *err)
{
    struct lks_promoting *promoting = money->promoting;
    struct lks_results *results = promoting->results;
    results->flows =
        lks_arena_calloc(&results->arena, promoting->payments_count + 1, sizeof *results->flows);
    if (!results->flows)
        return out_of_memory(err);
    qsort_r(money->order, promoting->payments_count, sizeof *money->order, flow_order_full,
            promoting);
    for (size_t at = 0; at < promoting->payments_count;) {
        size_t end = at + 1;
        while (end < promoting->payments_count &&
               same_flow(money, money->order[at], money->order[end]))
            end++;
        if (flow_take(money, money->order + at, end - at) != 0)
            return out_of_memory(err);
        at = end;
    }
    return 0;
}

/* The most paid first. After the flows, which look payees up by account. */
static int worth_order(const void *a, const void *b)
{
    const struct lks_result_payee *x = a, *y = b;
    if (x->worth_minor != y->worth_minor)
        return x->worth_minor > y->worth_minor ? -1 : 1;
    int order = text_order(x->payee, y->payee);
    return order ? order
                 : (x->account_index > y->account_index) - (x->account_index < y->account_index);
}

/* ---- checks and notes ---- */

static int checks_fill(struct money *money, struct lks_error *err)
{
    const struct lks_promoting *promoting = money->promoting;
    const struct lks_settings *settings = promoting->settings;
    struct lks_results *results = promoting->results;
    struct lks_arena *arena = &results->arena;
    results->checks =
        lks_arena_calloc(arena, settings->reported_count + 1, sizeof *results->checks);
    if (!results->checks)
        return out_of_memory(err);
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
            return out_of_memory(err);
    }
    results->checks_count = (uint32_t)settings->reported_count;
    return 0;
}

static int note_write(struct money *money, struct lks_error *err)
{
    const struct lks_promoting *promoting = money->promoting;
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
    if (money->to && unconverted)
        lks_buffer_format(&text,
                          "%" PRIu64 " payments have no rate to %s and are not in converted "
                          "sums. ",
                          unconverted, money->to);
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
        lks_arena_str(&results->arena, lks_str_from(money->to ? money->to : ""));
    results->promotion.converted_exponent = money->to_exponent;
    int failed = text.failed || !results->promotion.ledger_note.data ||
                 !results->promotion.converted_to.data;
    lks_buffer_free(&text);
    return failed ? out_of_memory(err) : 0;
}

/* ---- the whole ---- */

static int money_make(struct money *money)
{
    struct lks_promoting *promoting = money->promoting;
    const struct lks_settings *settings = promoting->settings;
    size_t count = promoting->payments_count + 1;
    money->rates = calloc(settings->rates_count + 1, sizeof *money->rates);
    money->order = malloc(count * sizeof *money->order);
    money->beneficiary = calloc(count, sizeof *money->beneficiary);
    money->beneficiary_by = calloc(count, sizeof *money->beneficiary_by);
    if (!money->rates || !money->order || !money->beneficiary || !money->beneficiary_by)
        return LKS_EMEMORY;
    for (size_t i = 0; i < settings->rates_count; i++)
        money->rates[i] =
            (struct lks_money_rate){settings->rates[i].from, settings->rates[i].to,
                                    settings->rates[i].rate_nano, settings->rates[i].day_us};
    money->rates_count = settings->rates_count;
    money->to = settings->rates_count ? settings->rates[0].to : NULL;
    money->to_exponent = money->to ? lks_currency_exponent(lks_str_from(money->to), NULL) : 0;
    for (size_t i = 0; i + 1 < count; i++)
        money->order[i] = (uint32_t)i;
    qsort_r(money->order, count - 1, sizeof *money->order, payment_order, promoting);
    return own_index(money);
}

int lks_ledger_fill(struct lks_promoting *promoting, struct lks_error *err)
{
    struct money money = {.promoting = promoting};
    promoted_set(promoting);
    int code = lks_named_fill(promoting, err);
    if (code == 0 && money_make(&money) != 0)
        code = out_of_memory(err);
    if (code == 0) {
        beneficiaries_find(&money);
        code = payees_fill(&money, err);
    }
    if (code == 0)
        code = sums_fill(&money, err);
    if (code == 0)
        code = flows_fill(&money, err);
    if (code == 0) {
        qsort(promoting->results->payees, promoting->results->payees_count,
              sizeof *promoting->results->payees, worth_order);
        code = checks_fill(&money, err);
    }
    if (code == 0)
        code = note_write(&money, err);
    lks_crowd_clock_free(&money.clock);
    free(money.rates);
    free(money.order);
    free(money.own_at);
    free(money.beneficiary);
    free(money.beneficiary_by);
    return code;
}
