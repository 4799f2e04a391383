/* lineage_json.c - the member "lineage": whose things are, who took over, what is an edit of what */
#include "dossier/lineage_json.h"

static const char *const population_names[LKS_LINEAGE_POPULATIONS] = {"earlier", "later", "third",
                                                                      "unknown"};
static const char *const by_names[3] = {"nothing", "company", "taste"};
static const char *const rule_names[3] = {"letters", "part", "added"};

static void put_population(struct lks_json *json, const struct lks_result_lineage *lineage, int k)
{
    const struct lks_lineage_population *item = &lineage->item.population[k];
    lks_json_object(json, population_names[k]);
    lks_json_uint(json, "accounts", item->accounts_count);
    lks_json_uint(json, "known_accounts", item->united_count);
    lks_json_string(json, "known_as", lineage->unit[k]);
    lks_json_uint(json, "posts", item->posts_count);
    lks_json_time(json, "first", item->posts_count ? item->first_us : LKS_TIME_NULL);
    lks_json_time(json, "last", item->posts_count ? item->last_us : LKS_TIME_NULL);
    lks_json_double(json, "focus", item->focus);
    lks_json_put_solid(json, "shares", lineage->liked[k]);
    lks_json_put_solid(json, "series", lineage->series[k]);
    lks_json_object_end(json);
}

static void put_first(struct lks_json *json, const struct lks_results *results, uint32_t lineage)
{
    lks_json_array(json, "first_accounts");
    for (uint32_t i = 0; i < results->lineage_accounts_count; i++) {
        const struct lks_result_lineage_account *row = &results->lineage_accounts[i];
        if (!row->first_place)
            break;
        if (row->lineage != lineage)
            continue;
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "account", row->account.account_key);
        lks_json_string(json, "handle", row->account.handle);
        lks_json_time(json, "time", row->first_us);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void put_thing(struct lks_json *json, const struct lks_results *results, uint32_t index)
{
    const struct lks_result_lineage *lineage = &results->lineages[index];
    const struct lks_lineage *item = &lineage->item;
    lks_json_object(json, NULL);
    lks_json_text(json, "kind", lks_object_kind_names[item->kind]);
    lks_json_put_solid(json, "object", lineage->object);
    lks_json_uint(json, "accounts", item->accounts_count);
    lks_json_uint(json, "posts", item->posts_count);
    lks_json_time(json, "first", item->first_us);
    lks_json_time(json, "last", item->last_us);
    put_first(json, results, index);
    lks_json_text(json, "told_apart_by", by_names[item->by]);
    lks_json_double(json, "p_two", item->p_two);
    lks_json_double(json, "likelihood_ratio", item->likelihood_ratio);
    for (int k = 0; k < LKS_LINEAGE_POPULATIONS; k++)
        put_population(json, lineage, k);
    lks_json_time(json, "change", item->by ? item->change_us : LKS_TIME_NULL);
    lks_json_double(json, "share_before", item->share_before);
    lks_json_double(json, "share_after", item->share_after);
    lks_json_double(json, "p_order", item->p_order);
    lks_json_double(json, "q_order", item->q_order);
    lks_json_bool(json, "taken_over", item->is_takeover);
    lks_json_object_end(json);
}

static void put_accounts(struct lks_json_stream *stream, const struct lks_results *results,
                         uint32_t most)
{
    struct lks_json *json = &stream->json;
    uint32_t later = 0;
    lks_json_array(json, "later_accounts");
    for (uint32_t i = 0; i < results->lineage_accounts_count; i++) {
        const struct lks_result_lineage_account *row = &results->lineage_accounts[i];
        if (row->first_place || later++ >= most)
            continue;
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "account", row->account.account_key);
        lks_json_string(json, "handle", row->account.handle);
        lks_json_put_solid(json, "object", results->lineages[row->lineage].object);
        lks_json_double(json, "log10_p", row->log10_p);
        lks_json_double(json, "q_value", row->q_value);
        lks_json_string(json, "finding",
                        row->finding < results->findings_count ? results->findings[row->finding].id
                                                               : LKS_STR_NULL);
        lks_json_object_end(json);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
    lks_json_uint(json, "later_accounts_total", later);
    lks_json_uint(json, "accounts_tested", results->lineage_accounts_tested);
}

static void put_edits(struct lks_json_stream *stream, const struct lks_results *results)
{
    struct lks_json *json = &stream->json;
    lks_json_array(json, "edits");
    for (uint32_t i = 0; i < results->tag_edits_count; i++) {
        const struct lks_result_tag_edit *edit = &results->tag_edits[i];
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "from", edit->from);
        lks_json_put_solid(json, "to", edit->to);
        lks_json_text(json, "rule", rule_names[edit->item.rule]);
        lks_json_double(json, "similarity", edit->item.similarity);
        lks_json_time(json, "from_first", edit->item.from_us);
        lks_json_time(json, "to_first", edit->item.to_us);
        lks_json_uint(json, "accounts_from", edit->item.accounts_from);
        lks_json_uint(json, "accounts_to", edit->item.accounts_to);
        lks_json_uint(json, "accounts_both", edit->item.accounts_both);
        lks_json_double(json, "expected_both", edit->item.expected_both);
        lks_json_uint(json, "posts_both", edit->item.posts_both);
        lks_json_uint(json, "moved", edit->item.moved);
        lks_json_uint(json, "moved_back", edit->item.moved_back);
        lks_json_double(json, "log10_p", edit->item.log10_p);
        lks_json_double(json, "q_value", edit->item.q_value);
        lks_json_bool(json, "parent", edit->item.is_parent);
        lks_json_object_end(json);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
    lks_json_uint(json, "tags_compared", results->tags_compared_count);
    lks_json_uint(json, "tags_left", results->tags_left_count);
    lks_json_uint(json, "tags_alike", results->tags_alike_count);
}

void lks_json_put_lineage(struct lks_json_stream *stream, const struct lks_results *results,
                          uint32_t most)
{
    struct lks_json *json = &stream->json;
    lks_json_object(json, "lineage");
    lks_json_array(json, "things");
    for (uint32_t i = 0; i < results->lineages_count; i++) {
        put_thing(json, results, i);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
    put_accounts(stream, results, most);
    put_edits(stream, results);
    lks_json_object_end(json);
}
