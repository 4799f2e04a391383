/* lifecycle_json.c - the member "lifecycle" of report and findings.json: who slept and woke */
#include "dossier/lifecycle_json.h"

static void put_cohorts(struct lks_json *json, const struct lks_results *results)
{
    lks_json_array(json, "cohorts");
    for (uint32_t i = 0; i < results->cohorts_count; i++) {
        const struct lks_cohort *cohort = &results->cohorts[i];
        lks_json_object(json, NULL);
        lks_json_text(json, "of", cohort->registration ? "registration" : "awakening");
        lks_json_time(json, "first", cohort->first_us);
        lks_json_time(json, "last", cohort->last_us);
        lks_json_uint(json, "accounts", cohort->accounts_count);
        lks_json_double(json, "expected", cohort->expected);
        lks_json_double(json, "p_value", cohort->p_value);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

/* How the ages of accounts with a post are known. */
static void put_ages(struct lks_json *json, const struct lks_results *results)
{
    lks_json_object(json, "ages");
    for (int method = 0; method < LKS_CREATED_METHODS_COUNT; method++)
        lks_json_uint(json, lks_created_method_names[method], results->age_counts[method]);
    lks_json_object_end(json);
}

/* What awakened accounts did on the topic, all together. */
static void put_topic(struct lks_json *json, const struct lks_results *results)
{
    uint64_t before = 0, after = 0, topic_before = 0, topic_after = 0;
    for (uint32_t i = 0; i < results->awakenings_count; i++) {
        const struct lks_awakening *item = &results->awakenings[i].item;
        before += item->acts_before;
        after += item->acts_after;
        topic_before += item->topic_before;
        topic_after += item->topic_after;
    }
    lks_json_uint(json, "date_posts_left_out", results->life_date_posts_count);
    lks_json_uint(json, "only_around_dates", results->life_date_only_count);
    lks_json_key(json, "topic");
    if (!results->topic_known) {
        lks_json_null(json, NULL);
        return;
    }
    lks_json_object(json, NULL);
    lks_json_uint(json, "posts", results->topic_posts_count);
    lks_json_uint(json, "acts_before", before);
    lks_json_uint(json, "topic_before", topic_before);
    lks_json_uint(json, "acts_after", after);
    lks_json_uint(json, "topic_after", topic_after);
    lks_json_object_end(json);
}

static void put_registrations(struct lks_json *json, const struct lks_results *results)
{
    lks_json_array(json, "registrations");
    for (uint32_t i = 0; i < results->registrations_count; i++) {
        const struct lks_result_registration *registration = &results->registrations[i];
        lks_json_object(json, NULL);
        lks_json_time(json, "day", registration->item.day_us);
        lks_json_put_solid(json, "shape", registration->shape);
        lks_json_uint(json, "accounts", registration->item.accounts_count);
        lks_json_uint(json, "awakened", registration->awakened_count);
        lks_json_uint(json, "accounts_of_day", registration->item.day_count);
        lks_json_double(json, "expected", registration->item.expected);
        lks_json_double(json, "log10_p", registration->item.log10_p);
        lks_json_double(json, "p_value", registration->item.p_value);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void put_index(struct lks_json *json, const char *key, int64_t index)
{
    lks_json_key(json, key);
    if (index >= 0)
        lks_json_uint(json, NULL, (uint64_t)index);
    else
        lks_json_null(json, NULL);
}

static void put_awakening(struct lks_json *json, const struct lks_results *results,
                          const struct lks_result_awakening *awakening)
{
    const struct lks_account *account = &awakening->account;
    const struct lks_awakening *item = &awakening->item;
    lks_json_object(json, NULL);
    lks_json_put_solid(json, "account", account->account_key);
    lks_json_put_solid(json, "platform", account->platform);
    lks_json_string(json, "handle", account->handle);
    lks_json_time(json, "created", account->created_us);
    lks_json_text(json, "created_method", lks_created_method_names[account->created_method]);
    lks_json_put_count(json, "followers", account->followers);
    lks_json_text(json, "history", item->history == LKS_HISTORY_CREATION ? "creation" : "posts");
    lks_json_time(json, "asleep", item->asleep_us);
    lks_json_time(json, "woke", item->woke_us);
    lks_json_double(json, "longest_silence_seconds",
                    (double)item->longest_silence_us / LKS_SECOND_US);
    lks_json_uint(json, "acts_before", item->acts_before);
    lks_json_uint(json, "acts_after", item->acts_after);
    lks_json_uint(json, "days_after", item->days_after);
    lks_json_put_count(json, "topic_before",
                       results->topic_known ? (int64_t)item->topic_before : LKS_COUNT_NULL);
    lks_json_put_count(json, "topic_after",
                       results->topic_known ? (int64_t)item->topic_after : LKS_COUNT_NULL);
    lks_json_double(json, "topic_log10_p", item->topic_log10_p);
    lks_json_double(json, "share_before", item->share_before);
    lks_json_double(json, "likelihood_ratio", item->likelihood_ratio);
    lks_json_double(json, "log10_p", item->log10_p);
    lks_json_double(json, "q_value", item->q_value);
    put_index(json, "woke_cohort", item->woke_cohort);
    put_index(json, "made_cohort", item->made_cohort);
    lks_json_string(json, "finding",
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
    lks_json_object(json, "lifecycle");
    lks_json_uint(json, "tested", results->life_tested_count);
    lks_json_uint(json, "too_few_acts", results->life_few_count);
    lks_json_uint(json, "history_unknown", results->life_unobservable_count);
    lks_json_uint(json, "returns_compared", results->life_reference_count);
    put_ages(json, results);
    put_topic(json, results);
    put_cohorts(json, results);
    put_registrations(json, results);
    lks_json_array(json, "awakenings");
    for (uint32_t i = 0; i < count; i++) {
        put_awakening(json, results, &results->awakenings[i]);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
    lks_json_uint(json, "awakenings_total", results->awakenings_count);
    lks_json_object_end(json);
}
