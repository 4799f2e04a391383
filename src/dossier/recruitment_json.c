/* recruitment_json.c - the member "recruitment" of report and findings.json */
#include "dossier/recruitment_json.h"

#include <stdlib.h>

static void put_seconds(struct lks_json *json, const char *key, int64_t time_us)
{
    lks_json_key(json, key);
    if (time_us >= 0)
        lks_json_double(json, NULL, (double)time_us / LKS_SECOND_US);
    else
        lks_json_null(json, NULL);
}

static void put_call(struct lks_json *json, const struct lks_result_call *call)
{
    lks_json_object(json, NULL);
    lks_json_time(json, "time", call->time_us);
    lks_json_put_solid(json, "channel", call->channel);
    lks_json_put_solid(json, "post", call->post_key);
    lks_json_put_solid(json, "things", call->things);
    lks_json_double(json, "instruction", call->instruction);
    lks_json_put_solid(json, "cues", call->cues);
    lks_json_uint(json, "posts_before", call->item.posts_before);
    lks_json_uint(json, "posts_after", call->item.posts_after);
    lks_json_uint(json, "accounts_after", call->item.accounts_after);
    lks_json_uint(json, "responders", call->item.responders);
    lks_json_uint(json, "all_before", call->item.all_before);
    lks_json_uint(json, "all_after", call->item.all_after);
    lks_json_double(json, "log10_p", call->item.log10_p);
    put_seconds(json, "lag_median_seconds", call->item.lag_median_us);
    lks_json_put_solid(json, "answers_responders", call->answers_responders);
    lks_json_put_solid(json, "answers_others", call->answers_others);
    lks_json_object_end(json);
}

static void put_responder(struct lks_json *json, const struct lks_results *results,
                          const struct lks_result_responder *responder)
{
    const struct lks_responder *item = &responder->item;
    lks_json_object(json, NULL);
    lks_json_put_solid(json, "account", responder->account.account_key);
    lks_json_put_solid(json, "platform", responder->account.platform);
    lks_json_string(json, "handle", responder->account.handle);
    lks_json_uint(json, "answered", item->answered);
    lks_json_uint(json, "answerable", item->answerable);
    lks_json_double(json, "expected", item->expected);
    lks_json_uint(json, "on_time", item->on_time);
    lks_json_uint(json, "acts", item->acts);
    lks_json_double(json, "expected_on_time", item->expected_time);
    lks_json_double(json, "log10_p", item->log10_p);
    lks_json_double(json, "q_value", item->q_value);
    put_seconds(json, "lag_median_seconds", item->lag_median_us);
    lks_json_string(json, "finding",
                    responder->finding < results->findings_count
                        ? results->findings[responder->finding].id
                        : LKS_STR_NULL);
    lks_json_object_end(json);
}

static int count_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x < y) - (x > y);
}

/* Fewer responders than this leave a call out, so that at most `most` are put; of those with just
 * as many the first in time are, *ties of them. */
static uint32_t calls_least(const struct lks_results *results, uint32_t most, uint32_t *ties)
{
    *ties = results->calls_count;
    if (results->calls_count <= most)
        return 0;
    uint32_t *counts = malloc(results->calls_count * sizeof *counts);
    if (!counts)
        return 0; /* more than was asked for, and nothing wrong */
    for (uint32_t i = 0; i < results->calls_count; i++)
        counts[i] = results->calls[i].item.responders;
    qsort(counts, results->calls_count, sizeof *counts, count_order);
    uint32_t least = most ? counts[most - 1] : UINT32_MAX;
    *ties = 0;
    for (uint32_t i = 0; i < most; i++)
        *ties += counts[i] == least;
    free(counts);
    return least;
}

static void put_calls(struct lks_json_stream *stream, const struct lks_results *results,
                      uint32_t most)
{
    struct lks_json *json = &stream->json;
    uint32_t ties, least = calls_least(results, most, &ties);
    lks_json_uint(json, "calls_total", results->calls_count);
    lks_json_array(json, "calls");
    for (uint32_t i = 0; i < results->calls_count; i++) {
        uint32_t responders = results->calls[i].item.responders;
        if (responders < least || (responders == least && ties == 0))
            continue;
        ties -= responders == least;
        put_call(json, &results->calls[i]);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
}

/* Of posts in the windows, those on what calls named: before, by the unexposed, by responders. */
static void put_uptake(struct lks_json *json, const struct lks_results *results)
{
    static const char *const names[] = {"before", "unexposed", "responders"};
    lks_json_object(json, "uptake");
    for (int i = 0; i < 3; i++) {
        lks_json_object(json, names[i]);
        lks_json_uint(json, "posts", results->recruitment.uptake_posts[i]);
        lks_json_uint(json, "on_what_was_named", results->recruitment.uptake_met[i]);
        lks_json_object_end(json);
    }
    lks_json_object_end(json);
}

static void put_dose(struct lks_json *json, const struct lks_results *results)
{
    lks_json_object(json, "dose");
    lks_json_uint(json, "days", results->recruitment.dose_days);
    lks_json_double(json, "posts_per_call", results->recruitment.dose_slope);
    lks_json_double(json, "p_value", results->recruitment.dose_p);
    lks_json_put_solid(json, "days_by_calls", results->recruitment.dose_days_by);
    lks_json_put_solid(json, "posts_by_calls", results->recruitment.dose_excess_by);
    lks_json_object_end(json);
}

void lks_json_put_recruitment(struct lks_json_stream *stream, const struct lks_results *results,
                              uint32_t most)
{
    struct lks_json *json = &stream->json;
    uint32_t count = results->responders_count < most ? results->responders_count : most;
    lks_json_object(json, "recruitment");
    lks_json_string(json, "not_observable",
                    results->recruitment.unobservable.size_bytes ? results->recruitment.unobservable
                                                                 : LKS_STR_NULL);
    put_seconds(json, "window_seconds", results->recruitment.window_us);
    lks_json_uint(json, "tested", results->recruitment.tested_count);
    lks_json_uint(json, "controls", results->recruitment.controls_count);
    lks_json_uint(json, "control_responders", results->recruitment.control_responders);
    lks_json_array(json, "lag_quartiles_seconds");
    for (int i = 0; i < 3 && results->responders_count; i++)
        lks_json_double(json, NULL,
                        (double)results->recruitment.lag_quartiles_us[i] / LKS_SECOND_US);
    lks_json_array_end(json);
    lks_json_put_solid(json, "profile_responders", results->recruitment.responders_profile);
    lks_json_put_solid(json, "profile_others", results->recruitment.others_profile);
    put_uptake(json, results);
    put_dose(json, results);
    put_calls(stream, results, most);
    lks_json_uint(json, "responders_total", results->responders_count);
    lks_json_array(json, "responders");
    for (uint32_t i = 0; i < count; i++) {
        put_responder(json, results, &results->responders[i]);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
    lks_json_object_end(json);
}
