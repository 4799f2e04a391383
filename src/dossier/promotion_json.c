/* promotion_json.c - the member "promotion" of report and findings.json */
#include "dossier/promotion_json.h"

#include <math.h>

static void put_money(struct lks_json *json, const char *key, int64_t minor, int exponent,
                      int known)
{
    char text[LKS_MONEY_TEXT_BYTES];
    lks_money_format(minor, exponent, text);
    lks_json_string(json, key, known ? lks_str_from(text) : LKS_STR_NULL);
}

static void put_finding(struct lks_json *json, const struct lks_results *results, uint32_t finding)
{
    lks_json_string(json, "finding",
                    finding < results->findings_count ? results->findings[finding].id
                                                      : LKS_STR_NULL);
}

static struct lks_str empty_is_null(struct lks_str text)
{
    return text.size_bytes ? text : LKS_STR_NULL;
}

/* ---- scripts ---- */

static void put_teller(struct lks_json *json, const struct lks_results *results,
                       const struct lks_result_teller *teller)
{
    const struct lks_script_member *item = &teller->item;
    lks_json_object(json, NULL);
    lks_json_put_solid(json, "account", teller->account.account_key);
    lks_json_put_solid(json, "platform", teller->account.platform);
    lks_json_string(json, "handle", teller->account.handle);
    lks_json_put_count(json, "followers", teller->account.followers);
    lks_json_uint(json, "posts", item->posts_count);
    lks_json_uint(json, "disclosed", item->disclosed_count);
    lks_json_time(json, "first", item->first_us);
    lks_json_put_solid(json, "first_post", teller->post_key);
    lks_json_bool(json, "inside", item->inside);
    lks_json_uint(json, "others_near", item->others_near);
    lks_json_double(json, "near_seconds", (double)item->near_us / LKS_SECOND_US);
    lks_json_double(json, "expected", item->expected);
    lks_json_double(json, "log10_p", item->log10_p);
    lks_json_double(json, "q_value", item->q_value);
    lks_json_uint(json, "tie_hits", item->tie_hits);
    lks_json_uint(json, "tie_posts", item->tie_posts);
    lks_json_uint(json, "tie_others", item->tie_others);
    lks_json_uint(json, "tie_met", item->tie_met);
    lks_json_double(json, "tie_expected", item->tie_expected);
    lks_json_double(json, "tie_log10_p", item->tie_log10_p);
    lks_json_bool(json, "tied", item->tied);
    lks_json_bool(json, "flagged", item->flagged);
    lks_json_bool(json, "paid", teller->paid);
    put_finding(json, results, teller->finding);
    lks_json_object_end(json);
}

static void put_script(struct lks_json *json, const struct lks_results *results,
                       const struct lks_result_script *script)
{
    static const char *const objects[LKS_SCRIPT_OBJECTS_COUNT][2] = {
        {"tag", "tag_posts"}, {"sound", "sound_posts"}, {"link", "link_posts"}};
    const struct lks_script *item = &script->item;
    lks_json_put_solid(json, "id", script->id);
    lks_json_text(json, "kind", lks_script_kind_names[item->kind]);
    lks_json_put_solid(json, "campaign", results->scripts[item->campaign].id);
    lks_json_put_solid(json, "post", script->post_key);
    lks_json_put_solid(json, "text", script->text);
    lks_json_uint(json, "accounts", item->accounts_count);
    lks_json_uint(json, "posts", item->posts_count);
    lks_json_uint(json, "wordings", item->wordings_count);
    lks_json_double(json, "own_share", item->own_share_median);
    lks_json_uint(json, "disclosed", item->disclosed_count);
    lks_json_time(json, "first", item->first_us);
    lks_json_time(json, "last", item->last_us);
    lks_json_time(json, "window_first", item->window_first_us);
    lks_json_time(json, "window_last", item->window_last_us);
    lks_json_uint(json, "inside", item->inside_count);
    lks_json_double(json, "expected", item->expected);
    lks_json_double(json, "times_log10_p", item->times_log10_p);
    lks_json_uint(json, "again", item->again_count);
    lks_json_double(json, "again_expected", item->again_expected);
    lks_json_double(json, "again_log10_p", item->again_log10_p);
    lks_json_double(json, "log10_p", item->log10_p);
    lks_json_double(json, "q_value", item->q_value);
    lks_json_uint(json, "tied", item->tied_count);
    lks_json_uint(json, "tie_observable", item->tie_observable_count);
    for (int kind = 0; kind < LKS_SCRIPT_OBJECTS_COUNT; kind++) {
        lks_json_string(json, objects[kind][0], empty_is_null(script->objects[kind]));
        lks_json_uint(json, objects[kind][1], item->objects[kind].posts_count);
    }
    lks_json_uint(json, "paid", script->paid_count);
    lks_json_uint(json, "in_findings", script->finding_count);
    lks_json_uint(json, "verified", script->verified_count);
    lks_json_put_solid(json, "measured", script->measured);
}

static void put_scripts(struct lks_json_stream *stream, const struct lks_results *results,
                        uint32_t most)
{
    struct lks_json *json = &stream->json;
    uint32_t teller = 0;
    lks_json_uint(json, "scripts_total", results->scripts_count);
    lks_json_array(json, "scripts");
    for (uint32_t i = 0; i < results->scripts_count && i < most; i++) {
        uint32_t put = 0;
        lks_json_object(json, NULL);
        put_script(json, results, &results->scripts[i]);
        lks_json_array(json, "members");
        for (; teller < results->tellers_count && results->tellers[teller].item.script <= i;
             teller++)
            if (put++ < most) {
                put_teller(json, results, &results->tellers[teller]);
                lks_json_stream_flush(stream);
            }
        lks_json_array_end(json);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

/* ---- the ledger ---- */

static void put_sums(struct lks_json_stream *stream, const struct lks_results *results,
                     uint32_t most)
{
    struct lks_json *json = &stream->json;
    int rates = results->promotion.converted_to.size_bytes > 0;
    uint32_t put = 0;
    lks_json_uint(json, "sums_total", results->sums_count);
    lks_json_array(json, "sums");
    for (uint32_t i = 0; i < results->sums_count; i++) {
        const struct lks_result_sum *sum = &results->sums[i];
        const struct lks_money_sum *item = &sum->item;
        put = i && results->sums[i - 1].item.by == item->by ? put + 1 : 0;
        if (put >= most)
            continue;
        lks_json_object(json, NULL);
        lks_json_text(json, "by", lks_sum_by_names[item->by]);
        lks_json_string(json, "name", empty_is_null(sum->name));
        lks_json_put_solid(json, "currency", sum->currency);
        put_money(json, "amount", item->amount_minor, item->exponent, !item->beyond);
        lks_json_uint(json, "payments", item->payments_count);
        lks_json_uint(json, "refunds", item->refunds_count);
        put_money(json, "refunded", item->refunded_minor, item->exponent, !item->beyond);
        put_money(json, "converted", item->converted_minor, results->promotion.converted_exponent,
                  rates && !item->beyond && item->converted_count > 0);
        lks_json_uint(json, "converted_payments", item->converted_count);
        lks_json_object_end(json);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
}

static void put_payee(struct lks_json *json, const struct lks_results *results,
                      const struct lks_result_payee *payee)
{
    int seen = payee->days_before >= 1 && payee->days_after >= 1;
    lks_json_object(json, NULL);
    lks_json_put_solid(json, "payee", payee->payee);
    lks_json_string(json, "account", payee->account.account_key);
    lks_json_string(json, "handle", payee->account.handle);
    lks_json_put_count(json, "followers", payee->account.followers);
    lks_json_put_solid(json, "amounts", payee->amounts);
    lks_json_uint(json, "payments", payee->payments_count);
    lks_json_uint(json, "payers", payee->payers_count);
    lks_json_time(json, "first", payee->first_us);
    lks_json_time(json, "last", payee->last_us);
    lks_json_double(json, "days_before", payee->days_before);
    lks_json_double(json, "days_after", payee->days_after);
    lks_json_uint(json, "posts_before", payee->posts_before);
    lks_json_uint(json, "posts_after", payee->posts_after);
    lks_json_double(json, "expected_after", seen ? payee->expected_after : NAN);
    lks_json_double(json, "log10_p", seen ? payee->log10_p : NAN);
    lks_json_double(json, "q_value", seen ? payee->q_value : NAN);
    lks_json_uint(json, "topic_before", payee->topic_before);
    lks_json_uint(json, "topic_after", payee->topic_after);
    lks_json_put_count(json, "views_before", payee->views_before);
    lks_json_put_count(json, "views_after", payee->views_after);
    lks_json_uint(json, "promoted", payee->promoted_count);
    lks_json_uint(json, "undisclosed", payee->undisclosed_count);
    lks_json_uint(json, "in_ad_library", payee->ad_library_count);
    lks_json_string(json, "script",
                    payee->script < results->scripts_count ? results->scripts[payee->script].id
                                                           : LKS_STR_NULL);
    put_finding(json, results, payee->finding);
    lks_json_object_end(json);
}

static void put_flow(struct lks_json *json, const struct lks_results *results,
                     const struct lks_result_flow *flow)
{
    lks_json_object(json, NULL);
    lks_json_string(json, "payer", empty_is_null(flow->payer));
    lks_json_string(json, "payee", empty_is_null(flow->payee));
    lks_json_string(json, "account", empty_is_null(flow->account_key));
    lks_json_string(json, "target", empty_is_null(flow->target));
    lks_json_string(json, "beneficiary", empty_is_null(flow->beneficiary));
    lks_json_string(json, "beneficiary_by", empty_is_null(lks_str_from(flow->beneficiary_by)));
    lks_json_string(json, "method", empty_is_null(flow->method));
    lks_json_put_solid(json, "currency", flow->currency);
    put_money(json, "amount", flow->amount_minor, flow->exponent, !flow->beyond);
    lks_json_uint(json, "payments", flow->payments_count);
    put_money(json, "converted", flow->converted_minor, results->promotion.converted_exponent,
              !flow->beyond && flow->converted_count > 0);
    lks_json_object_end(json);
}

static void put_checks(struct lks_json *json, const struct lks_results *results)
{
    lks_json_array(json, "checks");
    for (uint32_t i = 0; i < results->checks_count; i++) {
        const struct lks_result_check *check = &results->checks[i];
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "name", check->name);
        lks_json_string(json, "payer", empty_is_null(check->payer));
        lks_json_string(json, "method", empty_is_null(check->method));
        lks_json_put_solid(json, "currency", check->currency);
        put_money(json, "reported", check->reported_minor, check->exponent, 1);
        put_money(json, "found", check->found_minor, check->exponent, check->agrees >= 0);
        lks_json_bool(json, "agrees", check->agrees == 1);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void put_ledger(struct lks_json_stream *stream, const struct lks_results *results,
                       uint32_t most)
{
    struct lks_json *json = &stream->json;
    lks_json_object(json, "ledger");
    lks_json_uint(json, "payments", results->payments_count);
    lks_json_uint(json, "matched", results->promotion.payments_matched);
    lks_json_uint(json, "alike", results->promotion.payments_alike);
    lks_json_string(json, "converted_to", empty_is_null(results->promotion.converted_to));
    lks_json_put_solid(json, "note", results->promotion.ledger_note);
    put_checks(json, results);
    put_sums(stream, results, most);
    lks_json_uint(json, "payees_total", results->payees_count);
    lks_json_array(json, "payees");
    for (uint32_t i = 0; i < results->payees_count && i < most; i++) {
        put_payee(json, results, &results->payees[i]);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
    lks_json_uint(json, "flows_total", results->flows_count);
    lks_json_array(json, "flows");
    for (uint32_t i = 0; i < results->flows_count && i / 4 < most; i++) {
        put_flow(json, results, &results->flows[i]);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
    lks_json_object_end(json);
}

static void put_named(struct lks_json *json, const struct lks_results *results)
{
    lks_json_array(json, "named_beneath");
    for (uint32_t i = 0; i < results->named_count; i++) {
        const struct lks_result_named *named = &results->named[i];
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "beneficiary", named->beneficiary);
        lks_json_uint(json, "posts", named->posts_count);
        lks_json_uint(json, "posts_naming", named->posts_naming);
        lks_json_uint(json, "answered_promoted", named->answered_promoted);
        lks_json_uint(json, "answered_other", named->answered_other);
        lks_json_uint(json, "answerers_promoted", named->comments_promoted);
        lks_json_uint(json, "naming_promoted", named->naming_promoted);
        lks_json_uint(json, "answerers_other", named->comments_other);
        lks_json_uint(json, "naming_other", named->naming_other);
        lks_json_double(json, "expected", named->expected);
        lks_json_double(json, "p_value", named->p_value);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

void lks_json_put_promotion(struct lks_json_stream *stream, const struct lks_results *results,
                            uint32_t most)
{
    struct lks_json *json = &stream->json;
    lks_json_object(json, "promotion");
    lks_json_string(json, "not_observable", empty_is_null(results->promotion.unobservable));
    lks_json_uint(json, "tested", results->promotion.accounts_tested);
    lks_json_uint(json, "families_tested", results->promotion.families_tested);
    lks_json_uint(json, "flagged", results->promotion.flagged_count);
    lks_json_uint(json, "controls", results->promotion.controls_count);
    lks_json_uint(json, "control_flagged", results->promotion.control_flagged);
    lks_json_uint(json, "ads", results->promotion.ads_count);
    lks_json_bool(json, "topic_known", results->promotion.topic_known);
    put_scripts(stream, results, most);
    put_named(json, results);
    put_ledger(stream, results, most);
    lks_json_object_end(json);
}
