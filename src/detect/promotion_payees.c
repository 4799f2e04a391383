/* promotion_payees.c - whom the ledger paid, for whom, and what they posted before and after */
#include <math.h>
#include <stdlib.h>

#include "base/intern.h"
#include "detect/promotion_ledger.h"
#include "stat/multiple.h"
#include "stat/tail.h"

enum { AROUND_DAYS = 14, NOT_SET = UINT32_MAX };
#define NAMED_BENEATH_P 0.01

/* Where the own posts of an account begin; *count_out of them. */
static size_t own_of(const struct lks_ledger *ledger, uint32_t account, size_t *count_out)
{
    const struct lks_own_post *posts = ledger->promoting->own.posts;
    size_t low = 0, high = ledger->own_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (posts[ledger->own_at[middle]].account < account)
            low = middle + 1;
        else
            high = middle;
    }
    *count_out = 0;
    while (low + *count_out < ledger->own_count &&
           posts[ledger->own_at[low + *count_out]].account == account)
        ++*count_out;
    return low;
}

/* ---- whom a payment serves ---- */

/* The bit that most promoted posts of the account have; -1 where none has one. */
static int most_named(const struct lks_ledger *ledger, uint32_t account, int beneath)
{
    const struct lks_promoting *promoting = ledger->promoting;
    uint32_t counts[LKS_BENEFICIARIES_MAX] = {0};
    size_t count, at = own_of(ledger, account, &count);
    int most = -1;
    for (size_t i = at; i < at + count; i++) {
        const struct lks_own_post *post = &promoting->own.posts[ledger->own_at[i]];
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

static void beneficiaries_find(struct lks_ledger *ledger)
{
    const struct lks_promoting *promoting = ledger->promoting;
    uint32_t before = NOT_SET;
    int in_posts = -1, beneath = -1;
    for (size_t i = 0; i < promoting->payments_count; i++) {
        uint32_t payment = ledger->order[i], account = promoting->payment_account[payment];
        struct lks_str said = promoting->payments[payment].beneficiary;
        ledger->beneficiary_by[payment] = "";
        if (said.size_bytes) {
            ledger->beneficiary[payment] = said;
            ledger->beneficiary_by[payment] = "ledger";
            continue;
        }
        if (account == NOT_SET)
            continue;
        if (account != before) { /* payments lie by payee */
            in_posts = most_named(ledger, account, 0);
            beneath = in_posts < 0 ? most_named(ledger, account, 1) : -1;
            before = account;
        }
        int who = in_posts >= 0 ? in_posts : beneath;
        if (who < 0)
            continue;
        ledger->beneficiary[payment] = promoting->settings->beneficiaries[who].name;
        ledger->beneficiary_by[payment] = in_posts >= 0 ? "posts" : "comments";
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
static int around_fill(const struct lks_ledger *ledger, struct lks_result_payee *payee)
{
    const struct lks_promoting *promoting = ledger->promoting;
    int64_t time_us = payee->first_us, span_us = AROUND_DAYS * LKS_DAY_US;
    int64_t from_us = time_us - span_us, to_us = time_us + span_us;
    size_t count, at = own_of(ledger, payee->account_index, &count), before = 0, after = 0;
    int64_t *views = malloc((2 * count + 1) * sizeof *views);
    if (!views)
        return LKS_EMEMORY;
    for (size_t i = at; i < at + count; i++) {
        const struct lks_own_post *post = &promoting->own.posts[ledger->own_at[i]];
        int topical = promoting->own.topic_known ? post->on_topic : post->promoted;
        if (post->promoted) {
            payee->promoted_count++;
            payee->undisclosed_count += !post->disclosed;
            if (post->script && payee->script == NOT_SET &&
                lks_script_may_be_bought(promoting->results->scripts[post->script - 1].item.kind))
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
    from_us = from_us < ledger->first_us ? ledger->first_us : from_us;
    to_us = to_us > ledger->last_us ? ledger->last_us : to_us;
    payee->days_before = time_us > from_us ? (double)(time_us - from_us) / LKS_DAY_US : 0;
    payee->days_after = to_us > time_us ? (double)(to_us - time_us) / LKS_DAY_US : 0;
    double all =
        lks_crowd_clock_at(&ledger->clock, to_us) - lks_crowd_clock_at(&ledger->clock, from_us);
    double share = all > 0 ? (lks_crowd_clock_at(&ledger->clock, to_us) -
                              lks_crowd_clock_at(&ledger->clock, time_us)) /
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

/* "25896.51 USD, 4000.00 EUR" of payments[first..first + count) in ledger->order, and what they
 * are worth for the order of payees: converted where there are rates, else as they are. */
static struct lks_str amounts_text(const struct lks_ledger *ledger, size_t first, size_t count,
                                   int64_t *worth)
{
    enum { CURRENCIES_MOST = 256 }; /* more than are known */
    const struct lks_promoting *promoting = ledger->promoting;
    struct currency_sum sums[CURRENCIES_MOST];
    size_t sums_count = 0;
    __int128 all = 0;
    struct lks_buffer text = {0};
    struct lks_str copy = LKS_STR_NULL;
    for (size_t i = first; i < first + count; i++) {
        const struct lks_payment *one = &promoting->payments[ledger->order[i]];
        int64_t minor = one->amount_minor;
        size_t at = 0;
        while (at < sums_count && sums[at].currency != one->currency)
            at++;
        LKS_ASSERT(at < CURRENCIES_MOST);
        if (at == sums_count)
            sums[sums_count++] = (struct currency_sum){one->currency, one->exponent, 0};
        sums[at].sum += minor;
        if (!ledger->to ||
            lks_money_convert(one, ledger->to, ledger->rates, ledger->rates_count, &minor) == 0)
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
static int payers_count(const struct lks_ledger *ledger, size_t first, size_t count, uint32_t *out)
{
    const struct lks_payment *payments = ledger->promoting->payments;
    struct lks_intern payers = {0};
    int code = 0;
    for (size_t i = first; code == 0 && i < first + count; i++) {
        struct lks_str payer = payments[ledger->order[i]].payer;
        if (lks_intern_add(&payers, payer.data ? payer : LKS_STR(""), NULL) == LKS_INTERN_NONE)
            code = LKS_EMEMORY;
    }
    *out = payers.count;
    lks_intern_free(&payers);
    return code;
}

static int payee_take(struct lks_ledger *ledger, size_t first, size_t count)
{
    struct lks_promoting *promoting = ledger->promoting;
    struct lks_arena *arena = &promoting->results->arena;
    const struct lks_payment *earliest = &promoting->payments[ledger->order[first]];
    struct lks_result_payee *payee =
        &promoting->results->payees[promoting->results->payees_count++];
    struct lks_str name = lks_ledger_payee_name(earliest);
    int64_t worth = 0;
    *payee = (struct lks_result_payee){
        .payee = lks_arena_str(arena, name.data ? name : LKS_STR("")),
        .account_index = promoting->payment_account[ledger->order[first]],
        .account = {.followers = LKS_COUNT_NULL, .verified = -1},
        .amounts = amounts_text(ledger, first, count, &worth),
        .payments_count = (uint32_t)count,
        .first_us = earliest->time_us,
        .last_us = promoting->payments[ledger->order[first + count - 1]].time_us,
        .q_value = 1,
        .views_before = LKS_COUNT_NULL,
        .views_after = LKS_COUNT_NULL,
        .script = NOT_SET,
        .finding = NOT_SET};
    payee->worth_minor = worth;
    if (!payee->payee.data || !payee->amounts.data ||
        payers_count(ledger, first, count, &payee->payers_count) != 0)
        return LKS_EMEMORY;
    if (payee->account_index == NOT_SET)
        return 0;
    payee->finding = promoting->finding[payee->account_index];
    return around_fill(ledger, payee);
}

static int payees_accounts(struct lks_ledger *ledger, struct lks_error *err)
{
    struct lks_results *results = ledger->promoting->results;
    uint32_t count = results->payees_count, known = 0;
    uint32_t *indexes = calloc((size_t)count + 1, sizeof *indexes);
    struct lks_account *accounts = calloc((size_t)count + 1, sizeof *accounts);
    int code = indexes && accounts ? 0 : lks_ledger_out_of_memory(err);
    for (uint32_t i = 0; code == 0 && i < count; i++) /* they lie by account */
        if (results->payees[i].account_index != NOT_SET)
            indexes[known++] = results->payees[i].account_index;
    if (code == 0)
        code = lks_store_accounts(ledger->promoting->store, indexes, known, &results->arena,
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
    int code = p && q ? 0 : lks_ledger_out_of_memory(err);
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

int lks_ledger_payees(struct lks_ledger *ledger, struct lks_error *err)
{
    struct lks_promoting *promoting = ledger->promoting;
    struct lks_results *results = promoting->results;
    beneficiaries_find(ledger);
    results->payees =
        lks_arena_calloc(&results->arena, promoting->payments_count + 1, sizeof *results->payees);
    if (!results->payees)
        return lks_ledger_out_of_memory(err);
    for (size_t at = 0; at < promoting->payments_count;) {
        size_t end = at + 1;
        while (end < promoting->payments_count &&
               lks_ledger_payee_order(promoting, ledger->order[at], ledger->order[end]) == 0)
            end++;
        if (payee_take(ledger, at, end - at) != 0)
            return lks_ledger_out_of_memory(err);
        at = end;
    }
    int code = payees_accounts(ledger, err);
    return code ? code : payees_q(results, err);
}
