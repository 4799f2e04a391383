/* columns_promotion.c - the columns of payment sums, of scripts and of the accounts that tell them */
#include "dossier/columns_inside.h"

#include <math.h>

enum sum_column {
    SUM_BY,
    SUM_NAME,
    SUM_CURRENCY,
    SUM_AMOUNT,
    SUM_PAYMENTS,
    SUM_REFUNDS,
    SUM_REFUNDED,
    SUM_CONVERTED,
    SUM_CONVERTED_TO,
    SUM_CONVERTED_PAYMENTS,
    SUM_COLUMNS_COUNT
};

const struct lks_export_column lks_sum_columns[] = {
    [SUM_BY] = {"by", LKS_EXPORT_TEXT},
    [SUM_NAME] = {"name", LKS_EXPORT_OUTSIDE},
    [SUM_CURRENCY] = {"currency", LKS_EXPORT_OUTSIDE},
    [SUM_AMOUNT] = {"amount", LKS_EXPORT_MONEY},
    [SUM_PAYMENTS] = {"payments", LKS_EXPORT_COUNT},
    [SUM_REFUNDS] = {"refunds", LKS_EXPORT_COUNT},
    [SUM_REFUNDED] = {"refunded", LKS_EXPORT_MONEY},
    [SUM_CONVERTED] = {"converted", LKS_EXPORT_MONEY},
    [SUM_CONVERTED_TO] = {"converted_to", LKS_EXPORT_OUTSIDE},
    [SUM_CONVERTED_PAYMENTS] = {"converted_payments", LKS_EXPORT_COUNT},
};
const size_t lks_sum_columns_count = SUM_COLUMNS_COUNT;

enum script_column {
    SCRIPT_ID,
    SCRIPT_KIND,
    SCRIPT_CAMPAIGN,
    SCRIPT_POST,
    SCRIPT_TEXT,
    SCRIPT_ACCOUNTS,
    SCRIPT_POSTS,
    SCRIPT_WORDINGS,
    SCRIPT_OWN_SHARE,
    SCRIPT_DISCLOSED,
    SCRIPT_FIRST,
    SCRIPT_LAST,
    SCRIPT_WINDOW_FIRST,
    SCRIPT_WINDOW_LAST,
    SCRIPT_INSIDE,
    SCRIPT_EXPECTED,
    SCRIPT_AGAIN,
    SCRIPT_AGAIN_EXPECTED,
    SCRIPT_LOG10_P,
    SCRIPT_Q,
    SCRIPT_TIED,
    SCRIPT_TIE_OBSERVABLE,
    SCRIPT_TAG,
    SCRIPT_SOUND,
    SCRIPT_LINK,
    SCRIPT_PAID,
    SCRIPT_IN_FINDINGS,
    SCRIPT_COLUMNS_COUNT
};

const struct lks_export_column lks_script_columns[] = {
    [SCRIPT_ID] = {"script", LKS_EXPORT_TEXT},
    [SCRIPT_KIND] = {"kind", LKS_EXPORT_TEXT},
    [SCRIPT_CAMPAIGN] = {"campaign", LKS_EXPORT_TEXT},
    [SCRIPT_POST] = {"post_key", LKS_EXPORT_OUTSIDE},
    [SCRIPT_TEXT] = {"text", LKS_EXPORT_OUTSIDE},
    [SCRIPT_ACCOUNTS] = {"accounts", LKS_EXPORT_COUNT},
    [SCRIPT_POSTS] = {"posts", LKS_EXPORT_COUNT},
    [SCRIPT_WORDINGS] = {"wordings", LKS_EXPORT_COUNT},
    [SCRIPT_OWN_SHARE] = {"own_share", LKS_EXPORT_NUMBER},
    [SCRIPT_DISCLOSED] = {"disclosed", LKS_EXPORT_COUNT},
    [SCRIPT_FIRST] = {"first", LKS_EXPORT_TIME},
    [SCRIPT_LAST] = {"last", LKS_EXPORT_TIME},
    [SCRIPT_WINDOW_FIRST] = {"window_first", LKS_EXPORT_TIME},
    [SCRIPT_WINDOW_LAST] = {"window_last", LKS_EXPORT_TIME},
    [SCRIPT_INSIDE] = {"inside", LKS_EXPORT_COUNT},
    [SCRIPT_EXPECTED] = {"expected", LKS_EXPORT_NUMBER},
    [SCRIPT_AGAIN] = {"again", LKS_EXPORT_COUNT},
    [SCRIPT_AGAIN_EXPECTED] = {"again_expected", LKS_EXPORT_NUMBER},
    [SCRIPT_LOG10_P] = {"log10_p", LKS_EXPORT_NUMBER},
    [SCRIPT_Q] = {"q_value", LKS_EXPORT_NUMBER},
    [SCRIPT_TIED] = {"tied", LKS_EXPORT_COUNT},
    [SCRIPT_TIE_OBSERVABLE] = {"tie_observable", LKS_EXPORT_COUNT},
    [SCRIPT_TAG] = {"tag", LKS_EXPORT_OUTSIDE},
    [SCRIPT_SOUND] = {"sound", LKS_EXPORT_OUTSIDE},
    [SCRIPT_LINK] = {"link", LKS_EXPORT_OUTSIDE},
    [SCRIPT_PAID] = {"paid", LKS_EXPORT_COUNT},
    [SCRIPT_IN_FINDINGS] = {"in_findings", LKS_EXPORT_COUNT},
};
const size_t lks_script_columns_count = SCRIPT_COLUMNS_COUNT;

enum teller_column {
    TELLER_SCRIPT,
    TELLER_KEY,
    TELLER_HANDLE,
    TELLER_POSTS,
    TELLER_DISCLOSED,
    TELLER_FIRST,
    TELLER_POST,
    TELLER_INSIDE,
    TELLER_NEAR,
    TELLER_EXPECTED,
    TELLER_WINDOW,
    TELLER_LOG10_P,
    TELLER_Q,
    TELLER_TIED,
    TELLER_FLAGGED,
    TELLER_PAID,
    TELLER_FINDING,
    TELLER_COLUMNS_COUNT
};

const struct lks_export_column lks_teller_columns[] = {
    [TELLER_SCRIPT] = {"script", LKS_EXPORT_TEXT},
    [TELLER_KEY] = {"account_key", LKS_EXPORT_OUTSIDE},
    [TELLER_HANDLE] = {"handle", LKS_EXPORT_OUTSIDE},
    [TELLER_POSTS] = {"posts", LKS_EXPORT_COUNT},
    [TELLER_DISCLOSED] = {"disclosed", LKS_EXPORT_COUNT},
    [TELLER_FIRST] = {"first", LKS_EXPORT_TIME},
    [TELLER_POST] = {"post_key", LKS_EXPORT_OUTSIDE},
    [TELLER_INSIDE] = {"inside", LKS_EXPORT_COUNT},
    [TELLER_NEAR] = {"others_near", LKS_EXPORT_COUNT},
    [TELLER_EXPECTED] = {"expected", LKS_EXPORT_NUMBER},
    [TELLER_WINDOW] = {"near_seconds", LKS_EXPORT_NUMBER},
    [TELLER_LOG10_P] = {"log10_p", LKS_EXPORT_NUMBER},
    [TELLER_Q] = {"q_value", LKS_EXPORT_NUMBER},
    [TELLER_TIED] = {"tied", LKS_EXPORT_COUNT},
    [TELLER_FLAGGED] = {"flagged", LKS_EXPORT_COUNT},
    [TELLER_PAID] = {"paid", LKS_EXPORT_COUNT},
    [TELLER_FINDING] = {"finding", LKS_EXPORT_TEXT},
};
const size_t lks_teller_columns_count = TELLER_COLUMNS_COUNT;

/* A text that is empty where nothing is known. */
static struct lks_export_value value_known(struct lks_str text)
{
    return lks_exported_text(text.size_bytes ? text : LKS_STR_NULL);
}

static struct lks_export_value value_money(int64_t minor, int exponent, int is_known)
{
    return (struct lks_export_value){.null = !is_known, .count = minor, .exponent = exponent};
}

struct lks_export_value lks_sum_value(const struct lks_results *results, uint64_t row,
                                      size_t column)
{
    const struct lks_result_sum *sum = results->sums + row;
    const struct lks_money_sum *item = &sum->item;
    int is_converted = results->promotion.converted_to.size_bytes > 0 && !item->beyond &&
                       item->converted_count > 0;
    switch ((enum sum_column)column) {
    case SUM_BY:
        return lks_exported_text(lks_str_from(lks_sum_by_names[item->by]));
    case SUM_NAME:
        return value_known(sum->name);
    case SUM_CURRENCY:
        return value_known(sum->currency);
    case SUM_AMOUNT:
        return value_money(item->amount_minor, item->exponent, !item->beyond);
    case SUM_PAYMENTS:
        return lks_exported_count((int64_t)item->payments_count);
    case SUM_REFUNDS:
        return lks_exported_count((int64_t)item->refunds_count);
    case SUM_REFUNDED:
        return value_money(item->refunded_minor, item->exponent, !item->beyond);
    case SUM_CONVERTED:
        return value_money(item->converted_minor, results->promotion.converted_exponent,
                           is_converted);
    case SUM_CONVERTED_TO:
        return value_known(is_converted ? results->promotion.converted_to : LKS_STR_NULL);
    case SUM_CONVERTED_PAYMENTS:
        return lks_exported_count((int64_t)item->converted_count);
    case SUM_COLUMNS_COUNT:
        break;
    }
    return lks_exported_text(LKS_STR_NULL);
}

struct lks_export_value lks_script_value(const struct lks_results *results, uint64_t row,
                                         size_t column)
{
    const struct lks_result_script *script = results->scripts + row;
    const struct lks_script *item = &script->item;
    switch ((enum script_column)column) {
    case SCRIPT_ID:
        return lks_exported_text(script->id);
    case SCRIPT_KIND:
        return lks_exported_text(lks_str_from(lks_script_kind_names[item->kind]));
    case SCRIPT_CAMPAIGN:
        return lks_exported_text(results->scripts[item->campaign].id);
    case SCRIPT_POST:
        return lks_exported_text(script->post_key);
    case SCRIPT_TEXT:
        return lks_exported_text(script->text);
    case SCRIPT_ACCOUNTS:
        return lks_exported_count(item->accounts_count);
    case SCRIPT_POSTS:
        return lks_exported_count(item->posts_count);
    case SCRIPT_WORDINGS:
        return lks_exported_count(item->wordings_count);
    case SCRIPT_OWN_SHARE:
        return lks_exported_number(item->own_share_median);
    case SCRIPT_DISCLOSED:
        return lks_exported_count(item->disclosed_count);
    case SCRIPT_FIRST:
        return lks_exported_count(item->first_us);
    case SCRIPT_LAST:
        return lks_exported_count(item->last_us);
    case SCRIPT_WINDOW_FIRST:
        return lks_exported_count(item->window_first_us);
    case SCRIPT_WINDOW_LAST:
        return lks_exported_count(item->window_last_us);
    case SCRIPT_INSIDE:
        return lks_exported_count(item->inside_count);
    case SCRIPT_EXPECTED:
        return lks_exported_number(item->expected);
    case SCRIPT_AGAIN:
        return lks_exported_count(item->again_count);
    case SCRIPT_AGAIN_EXPECTED:
        return lks_exported_number(item->again_expected);
    case SCRIPT_LOG10_P:
        return lks_exported_number(item->log10_p);
    case SCRIPT_Q:
        return lks_exported_number(item->q_value);
    case SCRIPT_TIED:
        return lks_exported_count(item->tied_count);
    case SCRIPT_TIE_OBSERVABLE:
        return lks_exported_count(item->tie_observable_count);
    case SCRIPT_TAG:
        return value_known(script->objects[LKS_SCRIPT_TAG]);
    case SCRIPT_SOUND:
        return value_known(script->objects[LKS_SCRIPT_SOUND]);
    case SCRIPT_LINK:
        return value_known(script->objects[LKS_SCRIPT_LINK]);
    case SCRIPT_PAID:
        return lks_exported_count(script->paid_count);
    case SCRIPT_IN_FINDINGS:
        return lks_exported_count(script->finding_count);
    case SCRIPT_COLUMNS_COUNT:
        break;
    }
    return lks_exported_text(LKS_STR_NULL);
}

struct lks_export_value lks_teller_value(const struct lks_results *results, uint64_t row,
                                         size_t column)
{
    const struct lks_result_teller *teller = results->tellers + row;
    const struct lks_script_member *item = &teller->item;
    switch ((enum teller_column)column) {
    case TELLER_SCRIPT:
        return lks_exported_text(results->scripts[item->script].id);
    case TELLER_KEY:
        return lks_exported_text(teller->account.account_key);
    case TELLER_HANDLE:
        return lks_exported_text(teller->account.handle);
    case TELLER_POSTS:
        return lks_exported_count(item->posts_count);
    case TELLER_DISCLOSED:
        return lks_exported_count(item->disclosed_count);
    case TELLER_FIRST:
        return lks_exported_count(item->first_us);
    case TELLER_POST:
        return lks_exported_text(teller->post_key);
    case TELLER_INSIDE:
        return lks_exported_count(item->inside);
    case TELLER_NEAR:
        return lks_exported_count(item->others_near);
    case TELLER_EXPECTED:
        return lks_exported_number(item->expected);
    case TELLER_WINDOW:
        return lks_exported_number((double)item->near_us / LKS_SECOND_US);
    case TELLER_LOG10_P:
        return lks_exported_number(item->log10_p);
    case TELLER_Q:
        return lks_exported_number(item->q_value);
    case TELLER_TIED:
        return lks_exported_count(item->tied);
    case TELLER_FLAGGED:
        return lks_exported_count(item->flagged);
    case TELLER_PAID:
        return lks_exported_count(teller->paid);
    case TELLER_FINDING:
        return lks_exported_finding(results, teller->finding);
    case TELLER_COLUMNS_COUNT:
        break;
    }
    return lks_exported_text(LKS_STR_NULL);
}
