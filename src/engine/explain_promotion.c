/* explain_promotion.c - what an explanation tells of scripts and payments */
#include "engine/explain_promotion.h"

#include "base/chance.h"
#include "base/shown.h"

enum { ACCOUNTS_SHOWN = 20, TEXT_SHOWN_BYTES = 700 };

/* One line of somebody's text. */
static void put_str(struct lks_buffer *out, struct lks_str text)
{
    if (text.data)
        lks_buffer_shown(out, text, TEXT_SHOWN_BYTES);
}

static void put_day(struct lks_buffer *out, int64_t time_us)
{
    char text[LKS_TIME_TEXT_BYTES];
    lks_time_format(time_us, text);
    lks_buffer_format(out, "%.10s", text);
}

static const char *kind_words(enum lks_script_kind kind)
{
    switch (kind) {
    case LKS_SCRIPT_UNDECLARED:
        return "undeclared: retold in own words, in one window, by accounts without other ties";
    case LKS_SCRIPT_DISCLOSED:
        return "disclosed: most of its posts say that they are paid for";
    case LKS_SCRIPT_COPIED:
        return "copied rather than retold, as trends and templates are";
    case LKS_SCRIPT_LOOSE:
        return "loose: alike in words, but nothing tells its accounts from whoever was there, or "
               "too few of them stand close together in time";
    default:
        return "a group's: most of its accounts act together elsewhere too";
    }
}

const struct lks_result_script *lks_explain_script_find(const struct lks_results *results,
                                                        struct lks_str id)
{
    for (uint32_t i = 0; i < results->scripts_count; i++)
        if (lks_str_equal(results->scripts[i].id, id))
            return &results->scripts[i];
    return NULL;
}

static void window_text(const struct lks_script *item, struct lks_buffer *out)
{
    lks_buffer_format(out, "%u of %u accounts joined between ", item->inside_count,
                      item->accounts_count);
    put_day(out, item->window_first_us);
    lks_buffer_text(out, " and ");
    put_day(out, item->window_last_us);
    lks_buffer_format(out, ", where chance gives %.3g: p 10^%.1f\n", item->expected,
                      item->times_log10_p);
    lks_buffer_format(out,
                      "%u of them tell another script as well, a day or more apart, where those "
                      "who post in the same hours would do so %.3g times: p 10^%.1f\n"
                      "Both together: p 10^%.1f",
                      item->again_count, item->again_expected, item->again_log10_p, item->log10_p);
    lks_buffer_chance(out, ", q", item->q_value);
    lks_buffer_text(out, "\n");
}

static void teller_line(const struct lks_result_teller *teller, struct lks_buffer *out)
{
    const struct lks_script_member *item = &teller->item;
    lks_buffer_text(out, "  ");
    put_str(out, teller->account.account_key);
    lks_buffer_format(out, "  %u post%s from ", item->posts_count,
                      item->posts_count == 1 ? "" : "s");
    put_day(out, item->first_us);
    lks_buffer_format(out, " on, %u others within %lld days", item->others_near,
                      (long long)(item->near_us / LKS_DAY_US));
    lks_buffer_chance(out, ", q", item->q_value);
    lks_buffer_format(out, "%s%s%s%s\n", item->flagged ? "" : ", not named",
                      item->tied ? ", acts with others" : "",
                      item->disclosed_count ? ", disclosed" : "",
                      teller->paid ? ", paid by the ledger" : "");
}

void lks_explain_script_text(const struct lks_results *results,
                             const struct lks_result_script *script, struct lks_buffer *out)
{
    const struct lks_script *item = &script->item;
    uint32_t shown = 0, all = 0;
    put_str(out, script->id);
    lks_buffer_format(out, "  script, %s\n%u posts by %u accounts in %u wordings\n",
                      kind_words(item->kind), item->posts_count, item->accounts_count,
                      item->wordings_count);
    window_text(item, out);
    lks_buffer_text(out, "The text that most others are like, of ");
    put_str(out, script->post_key);
    lks_buffer_text(out, ":\n  ");
    put_str(out, script->text);
    lks_buffer_text(out, "\n");
    put_str(out, script->measured);
    lks_buffer_text(out, "\n\nAccounts:\n");
    for (uint32_t i = 0; i < results->tellers_count; i++) {
        if (&results->scripts[results->tellers[i].item.script] != script)
            continue;
        all++;
        if (shown++ < ACCOUNTS_SHOWN)
            teller_line(&results->tellers[i], out);
    }
    if (all > ACCOUNTS_SHOWN)
        lks_buffer_format(out, "  and %u more: --json lists all\n", all - ACCOUNTS_SHOWN);
}

static void payee_text(const struct lks_results *results, const struct lks_result_payee *payee,
                       struct lks_buffer *out)
{
    lks_buffer_format(out, "Was paid ");
    put_str(out, payee->amounts);
    lks_buffer_format(out, " in %u payment%s from ", payee->payments_count,
                      payee->payments_count == 1 ? "" : "s");
    put_day(out, payee->first_us);
    lks_buffer_text(out, " to ");
    put_day(out, payee->last_us);
    lks_buffer_text(out, ", by the ledger\n");
    if (payee->days_before >= 1 && payee->days_after >= 1)
        lks_buffer_format(out,
                          "Posts of its own around the first payment: %u before, %u after, where "
                          "everybody's clock gives %.3g (q %.3g)\n",
                          payee->posts_before, payee->posts_after, payee->expected_after,
                          payee->q_value);
    else
        lks_buffer_text(out, "Posts before the first payment are not observable: the data does "
                             "not reach back\n");
    if (payee->promoted_count)
        lks_buffer_format(out, "Of %u posts that this may have paid for, %u say nothing of it%s\n",
                          payee->promoted_count, payee->undisclosed_count,
                          results->promotion.ads_count ? "" : "; no ad library is in the case");
}

void lks_explain_paid_text(const struct lks_results *results, struct lks_str account_key,
                           struct lks_buffer *out)
{
    for (uint32_t i = 0; i < results->payees_count; i++)
        if (results->payees[i].account.account_key.data &&
            lks_str_equal(results->payees[i].account.account_key, account_key))
            payee_text(results, &results->payees[i], out);
    for (uint32_t i = 0; i < results->tellers_count; i++) {
        const struct lks_result_teller *teller = &results->tellers[i];
        if (!lks_str_equal(teller->account.account_key, account_key))
            continue;
        const struct lks_result_script *script = &results->scripts[teller->item.script];
        lks_buffer_text(out, "Told script ");
        put_str(out, script->id);
        lks_buffer_format(out, " (%s):\n", kind_words(script->item.kind));
        teller_line(teller, out);
    }
}

static void teller_json(const struct lks_results *results, const struct lks_result_teller *teller,
                        struct lks_json *json)
{
    const struct lks_script_member *item = &teller->item;
    lks_json_object(json, NULL);
    lks_json_string(json, "script", results->scripts[item->script].id);
    lks_json_string(json, "account", teller->account.account_key);
    lks_json_string(json, "first_post", teller->post_key);
    lks_json_uint(json, "posts", item->posts_count);
    lks_json_uint(json, "disclosed", item->disclosed_count);
    lks_json_uint(json, "others_near", item->others_near);
    lks_json_double(json, "near_seconds", (double)item->near_us / LKS_SECOND_US);
    lks_json_double(json, "expected", item->expected);
    lks_json_double(json, "log10_p", item->log10_p);
    lks_json_double(json, "q_value", item->q_value);
    lks_json_bool(json, "tied", item->tied);
    lks_json_bool(json, "flagged", item->flagged);
    lks_json_bool(json, "paid", teller->paid);
    lks_json_object_end(json);
}

void lks_explain_paid_json(const struct lks_results *results, struct lks_str account_key,
                           struct lks_json *json)
{
    lks_json_array(json, "scripts");
    for (uint32_t i = 0; i < results->tellers_count; i++)
        if (lks_str_equal(results->tellers[i].account.account_key, account_key))
            teller_json(results, &results->tellers[i], json);
    lks_json_array_end(json);
    lks_json_array(json, "payments");
    for (uint32_t i = 0; i < results->payees_count; i++) {
        const struct lks_result_payee *payee = &results->payees[i];
        if (!payee->account.account_key.data ||
            !lks_str_equal(payee->account.account_key, account_key))
            continue;
        lks_json_object(json, NULL);
        lks_json_string(json, "amounts", payee->amounts);
        lks_json_uint(json, "payments", payee->payments_count);
        lks_json_uint(json, "promoted", payee->promoted_count);
        lks_json_uint(json, "undisclosed", payee->undisclosed_count);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

void lks_explain_script_json(const struct lks_results *results,
                             const struct lks_result_script *script, struct lks_json *json)
{
    lks_json_object(json, "script");
    lks_json_string(json, "id", script->id);
    lks_json_string(json, "kind", lks_str_from(lks_script_kind_names[script->item.kind]));
    lks_json_string(json, "post", script->post_key);
    lks_json_string(json, "text", script->text);
    lks_json_uint(json, "accounts", script->item.accounts_count);
    lks_json_uint(json, "posts", script->item.posts_count);
    lks_json_double(json, "log10_p", script->item.log10_p);
    lks_json_double(json, "q_value", script->item.q_value);
    lks_json_string(json, "measured", script->measured);
    lks_json_array(json, "members");
    for (uint32_t i = 0; i < results->tellers_count; i++)
        if (&results->scripts[results->tellers[i].item.script] == script)
            teller_json(results, &results->tellers[i], json);
    lks_json_array_end(json);
    lks_json_object_end(json);
}
