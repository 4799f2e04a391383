/* lifecycle_json.c - the member "lifecycle" of report and findings.json: who slept and woke */
#include "dossier/lifecycle_json.h"

static void put_cohorts(struct lks_json *json, const struct lks_results *results)
{
    lks_json_key(json, "cohorts");
    lks_json_array(json);
    for (uint32_t i = 0; i < results->cohorts_count; i++) {
        const struct lks_cohort *cohort = &results->cohorts[i];
        lks_json_object(json);
        lks_json_put_text(json, "of",
                          lks_str_from(cohort->registration ? "registration" : "awakening"));
        lks_json_put_time(json, "first", cohort->first_us);
        lks_json_put_time(json, "last", cohort->last_us);
        lks_json_put_uint(json, "accounts", cohort->accounts_count);
        lks_json_put_number(json, "expected", cohort->expected);
        lks_json_put_number(json, "p_value", cohort->p_value);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void put_index(struct lks_json *json, const char *key, int64_t index)
{
    lks_json_key(json, key);
    if (index >= 0)
        lks_json_uint(json, (uint64_t)index);
    else
        lks_json_null(json);
}

static void put_awakening(struct lks_json *json, const struct lks_results *results,
                          const struct lks_result_awakening *awakening)
{
    const struct lks_account *account = &awakening->account;
    const struct lks_awakening *item = &awakening->item;
    lks_json_object(json);
    lks_json_put_solid(json, "account", account->account_key);
    lks_json_put_solid(json, "platform", account->platform);
    lks_json_put_text(json, "handle", account->handle);
    lks_json_put_time(json, "created", account->created_us);
    lks_json_put_text(json, "created_method",
                      lks_str_from(lks_created_method_names[account->created_method]));
    lks_json_put_count(json, "followers", account->followers);
    lks_json_put_text(json, "history",
                      lks_str_from(item->history == LKS_HISTORY_CREATION ? "creation" : "posts"));
    lks_json_put_time(json, "asleep", item->asleep_us);
    lks_json_put_time(json, "woke", item->woke_us);
    lks_json_put_number(json, "longest_silence_seconds",
                        (double)item->longest_silence_us / LKS_SECOND_US);
    lks_json_put_uint(json, "acts_before", item->acts_before);
    lks_json_put_uint(json, "acts_after", item->acts_after);
    lks_json_put_uint(json, "days_after", item->days_after);
    lks_json_put_number(json, "share_before", item->share_before);
    lks_json_put_number(json, "likelihood_ratio", item->likelihood_ratio);
    lks_json_put_number(json, "log10_p", item->log10_p);
    lks_json_put_number(json, "q_value", item->q_value);
    put_index(json, "woke_cohort", item->woke_cohort);
    put_index(json, "made_cohort", item->made_cohort);
    lks_json_put_text(json, "finding",
                      awakening->finding < results->findings_count
                          ? results->findings[awakening->finding].id
                          : LKS_STR_NULL);
    lks_json_put_solid(json, "strip", awakening->strip);
    lks_json_object_end(json);
}

void lks_json_put_lifecycle(struct lks_json_stream *stream, const struct lks_results *results,
                            uint32_t most)
{
    struct lks_json *json = &stream->json;
    uint32_t count = results->awakenings_count < most ? results->awakenings_count : most;
    lks_json_key(json, "lifecycle");
    lks_json_object(json);
    lks_json_put_uint(json, "tested", results->life_tested_count);
    lks_json_put_uint(json, "too_few_acts", results->life_few_count);
    lks_json_put_uint(json, "history_unknown", results->life_unobservable_count);
    lks_json_put_uint(json, "returns_compared", results->life_reference_count);
    put_cohorts(json, results);
    lks_json_key(json, "awakenings");
    lks_json_array(json);
    for (uint32_t i = 0; i < count; i++) {
        put_awakening(json, results, &results->awakenings[i]);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
    lks_json_put_uint(json, "awakenings_total", results->awakenings_count);
    lks_json_object_end(json);
}
