/* popularity_json.c - the member "popularity" of report and findings.json */
#include "dossier/popularity_json.h"

/* What is left without whom: the names of the thresholds, [0] for everybody. */
static const char *const without[1 + LKS_FLAG_LEVELS] = {"all", "without_members",
                                                         "without_moderate", "without_high"};

static void put_doubling(struct lks_json *json, const char *key, int64_t doubling_us)
{
    lks_json_key(json, key);
    if (doubling_us >= 0)
        lks_json_double(json, NULL, (double)doubling_us / LKS_SECOND_US);
    else
        lks_json_null(json, NULL);
}

static void put_platforms(struct lks_json *json, const struct lks_result_popular *popular)
{
    lks_json_array(json, "platforms");
    for (uint32_t i = 0; i < popular->item.platforms_count; i++) {
        const struct lks_popular_platform *platform = &popular->item.platforms[i];
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "platform", popular->platform[i]);
        lks_json_uint(json, "posts", platform->posts[0]);
        lks_json_uint(json, "posts_without_members", platform->posts[1]);
        lks_json_uint(json, "accounts", platform->accounts[0]);
        lks_json_uint(json, "accounts_without_members", platform->accounts[1]);
        lks_json_uint(json, "views", platform->views[0]);
        lks_json_uint(json, "views_without_members", platform->views[1]);
        lks_json_put_solid(json, "series_posts", popular->platform_posts[i]);
        lks_json_put_solid(json, "series_members", popular->platform_flagged[i]);
        lks_json_put_solid(json, "series_accounts", popular->platform_accounts[i]);
        lks_json_put_solid(json, "series_views", popular->platform_views[i]);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void put_popular(struct lks_json *json, const struct lks_result_popular *popular)
{
    const struct lks_popular *item = &popular->item;
    lks_json_object(json, NULL);
    lks_json_text(json, "kind", popular->is_name ? "name" : lks_object_kind_names[item->kind]);
    lks_json_put_solid(json, "object", popular->object);
    for (int t = 0; t <= LKS_FLAG_LEVELS; t++) {
        lks_json_object(json, without[t]);
        lks_json_uint(json, "posts", item->posts[t]);
        lks_json_uint(json, "accounts", item->accounts[t]);
        if (item->views_known)
            lks_json_uint(json, "views", item->views[t]);
        else
            lks_json_put_count(json, "views", LKS_COUNT_NULL);
        lks_json_uint(json, "rank", item->rank[t]);
        lks_json_object_end(json);
    }
    lks_json_uint(json, "ranked", item->ranked_count);
    lks_json_time(json, "first", item->first_us);
    lks_json_time(json, "last", item->last_us);
    lks_json_uint(json, "early_accounts", item->early_accounts);
    lks_json_uint(json, "early_members", item->early_flagged);
    put_doubling(json, "doubling_seconds", item->doubling_us);
    put_doubling(json, "doubling_seconds_without_members", item->doubling_without_us);
    lks_json_uint(json, "posts_with_views", item->views_known);
    lks_json_put_count(json, "first_hour_answers",
                       item->answers_known ? (int64_t)item->hour_answers : LKS_COUNT_NULL);
    lks_json_put_count(json, "first_hour_answers_of_members",
                       item->answers_known ? (int64_t)item->hour_flagged : LKS_COUNT_NULL);
    lks_json_time(json, "change", item->rate_ratio > 0 ? item->change_us : LKS_TIME_NULL);
    lks_json_double(json, "rate_ratio", item->rate_ratio);
    lks_json_double(json, "log10_p", item->log10_p);
    lks_json_put_solid(json, "series_posts", popular->posts);
    lks_json_put_solid(json, "series_members", popular->flagged);
    lks_json_put_solid(json, "series_accounts", popular->accounts);
    lks_json_put_solid(json, "series_accounts_members", popular->accounts_flagged);
    lks_json_put_solid(json, "series_views", popular->views);
    lks_json_put_solid(json, "series_views_members", popular->views_flagged);
    put_platforms(json, popular);
    lks_json_object_end(json);
}

void lks_json_put_popularity(struct lks_json_stream *stream, const struct lks_results *results)
{
    struct lks_json *json = &stream->json;
    lks_json_array(json, "popularity");
    for (uint32_t i = 0; i < results->populars_count; i++) {
        put_popular(json, &results->populars[i]);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
}
