/* swarm_json.c - the member "swarm" of report and findings.json: comment floods and who swarms */
#include "dossier/swarm_json.h"

static void put_index(struct lks_json *json, const char *key, uint32_t index)
{
    lks_json_key(json, key);
    if (index != LKS_SWARM_NONE)
        lks_json_uint(json, NULL, index);
    else
        lks_json_null(json, NULL);
}

static void put_seconds(struct lks_json *json, int64_t time_us)
{
    if (time_us >= 0)
        lks_json_double(json, NULL, (double)time_us / LKS_SECOND_US);
    else
        lks_json_null(json, NULL);
}

static void put_quartiles(struct lks_json *json, const char *key, const int64_t quartiles_us[3])
{
    lks_json_array(json, key);
    for (int i = 0; i < 3 && quartiles_us[0] >= 0; i++)
        put_seconds(json, quartiles_us[i]);
    lks_json_array_end(json);
}

static void put_flood(struct lks_json *json, const struct lks_result_flood *flood)
{
    const struct lks_flood *item = &flood->item;
    lks_json_object(json, NULL);
    lks_json_put_solid(json, "post", flood->post_key);
    lks_json_string(json, "author", flood->author);
    lks_json_string(json, "author_handle", flood->author_handle);
    lks_json_time(json, "time", flood->time_us);
    lks_json_string(json, "text", flood->text);
    lks_json_string(json, "example", flood->example);
    lks_json_uint(json, "commenters", item->commenters);
    lks_json_uint(json, "copiers", item->copiers);
    lks_json_uint(json, "named", item->named);
    lks_json_uint(json, "repeaters", item->repeaters);
    lks_json_double(json, "repeaters_expected", item->repeaters_expected);
    lks_json_double(json, "company_log10_p", item->company_log10_p);
    lks_json_time(json, "first", item->first_us);
    lks_json_time(json, "last", item->last_us);
    lks_json_key(json, "burst");
    if (item->burst) {
        lks_json_object(json, NULL);
        lks_json_time(json, "first", item->burst_first_us);
        lks_json_time(json, "last", item->burst_last_us);
        lks_json_uint(json, "copiers", item->burst_copiers);
        lks_json_uint(json, "others", item->burst_others);
        lks_json_object_end(json);
    } else {
        lks_json_null(json, NULL);
    }
    lks_json_double(json, "p_value", item->p_value);
    lks_json_double(json, "q_value", item->q_value);
    put_quartiles(json, "latency_quartiles_seconds", item->latency_us);
    put_quartiles(json, "others_latency_quartiles_seconds", item->others_latency_us);
    put_index(json, "cluster", item->cluster);
    lks_json_object_end(json);
}

static void put_account(struct lks_json *json, const struct lks_results *results,
                        const struct lks_result_swarmer *swarmer)
{
    const struct lks_swarmer *item = &swarmer->item;
    lks_json_object(json, NULL);
    lks_json_put_solid(json, "account", swarmer->account.account_key);
    lks_json_put_solid(json, "platform", swarmer->account.platform);
    lks_json_string(json, "handle", swarmer->account.handle);
    lks_json_put_count(json, "followers", swarmer->account.followers);
    lks_json_uint(json, "posts", swarmer->posts_count);
    lks_json_uint(json, "comments", item->comments);
    lks_json_uint(json, "authors", item->authors);
    lks_json_uint(json, "copied", item->copied);
    lks_json_double(json, "expected", item->expected);
    lks_json_uint(json, "bursts", item->bursts);
    lks_json_key(json, "latency_median_seconds");
    put_seconds(json, item->latency_median_us);
    lks_json_double(json, "log10_p", item->log10_p);
    lks_json_double(json, "q_value", item->q_value);
    put_index(json, "cluster", item->cluster);
    lks_json_string(json, "finding",
                    swarmer->finding < results->findings_count
                        ? results->findings[swarmer->finding].id
                        : LKS_STR_NULL);
    lks_json_object_end(json);
}

static void put_clusters(struct lks_json *json, const struct lks_results *results)
{
    lks_json_array(json, "clusters");
    for (uint32_t i = 0; i < results->swarm_clusters_count; i++) {
        const struct lks_swarm_cluster *cluster = &results->swarm_clusters[i];
        lks_json_object(json, NULL);
        lks_json_uint(json, "floods", cluster->floods);
        lks_json_uint(json, "authors", cluster->authors);
        lks_json_uint(json, "accounts", cluster->accounts);
        lks_json_uint(json, "overlap", cluster->overlap);
        lks_json_double(json, "expected", cluster->expected);
        lks_json_double(json, "log10_p", cluster->log10_p);
        lks_json_time(json, "first", cluster->first_us);
        lks_json_time(json, "last", cluster->last_us);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void put_totals(struct lks_json *json, const struct lks_results *results)
{
    lks_json_string(json, "not_observable", results->swarm.unobservable);
    lks_json_uint(json, "comments", results->swarm.comments_count);
    lks_json_uint(json, "copies", results->swarm.copies_count);
    lks_json_uint(json, "author_unknown", results->swarm.unknown_comments);
    lks_json_uint(json, "tested", results->swarm.tested_count);
    lks_json_uint(json, "posts_tested", results->swarm.posts_tested);
    lks_json_uint(json, "commenters", results->swarm.commenters_count);
    lks_json_uint(json, "comment_only", results->swarm.only_count);
    lks_json_uint(json, "named_comment_only", results->swarm.named_only_count);
    lks_json_put_count(json, "followers_median", results->swarm.followers_median);
    lks_json_put_solid(json, "latency_named", results->swarm.latency_named);
    lks_json_put_solid(json, "latency_others", results->swarm.latency_others);
}

void lks_json_put_swarm(struct lks_json_stream *stream, const struct lks_results *results,
                        uint32_t most)
{
    struct lks_json *json = &stream->json;
    lks_json_object(json, "swarm");
    put_totals(json, results);
    put_clusters(json, results);
    lks_json_array(json, "floods");
    for (uint32_t i = 0; i < results->floods_count && i < most; i++) {
        put_flood(json, &results->floods[i]);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
    lks_json_uint(json, "floods_total", results->floods_count);
    lks_json_array(json, "accounts");
    for (uint32_t i = 0; i < results->swarmers_count && i < most; i++) {
        put_account(json, results, &results->swarmers[i]);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
    lks_json_uint(json, "accounts_total", results->swarmers_count);
    lks_json_object_end(json);
}
