/* explain_json.c - an explanation for machines: one JSON object */
#include "base/json_write.h"
#include "engine/explain.h"
#include "engine/explain_instructions.h"
#include "engine/explain_lineage.h"
#include "engine/explain_promotion.h"

static void put_account(struct lks_json *json, const struct lks_account *account)
{
    lks_json_object(json, NULL);
    lks_json_string(json, "account", account->account_key);
    lks_json_string(json, "handle", account->handle);
    lks_json_string(json, "name", account->display_name);
    lks_json_object_end(json);
}

static void put_post(struct lks_json *json, const struct lks_results *results,
                     const struct lks_result_post *post)
{
    lks_json_object(json, NULL);
    lks_json_string(json, "id", post->post.post_key);
    lks_json_string(json, "account", results->nodes[post->node].account.account_key);
    lks_json_time(json, "time", post->post.time_us);
    lks_json_string(json, "text", post->post.text);
    lks_json_string(json, "file", post->file);
    lks_json_string(json, "sha256", post->sha256);
    lks_json_uint(json, "leaf", post->leaf);
    lks_json_uint(json, "offset", post->post.offset_bytes);
    lks_json_uint(json, "length", post->post.length_bytes);
    lks_json_object_end(json);
}

static void put_match(struct lks_json *json, struct lks_str a, struct lks_str b,
                      enum lks_object_kind kind, struct lks_str object)
{
    lks_json_object(json, NULL);
    lks_json_string(json, "a", a);
    lks_json_string(json, "b", b);
    lks_json_text(json, "kind", lks_object_kind_names[kind]);
    lks_json_string(json, "object", object);
    lks_json_object_end(json);
}

static void put_edge(struct lks_json *json, const struct lks_results *results,
                     const struct lks_result_edge *edge)
{
    lks_json_object(json, NULL);
    lks_json_string(json, "a", results->nodes[edge->edge.a].account.account_key);
    lks_json_string(json, "b", results->nodes[edge->edge.b].account.account_key);
    lks_json_uint(json, "occasions", edge->edge.occasions_count);
    lks_json_double(json, "expected", edge->expected);
    lks_json_double(json, "p", edge->p_value);
    lks_json_double(json, "q", edge->q_value);
    lks_json_double(json, "window_seconds", (double)edge->window_us / 1e6);
    lks_json_uint(json, "a_first", edge->edge.a_first);
    lks_json_uint(json, "b_first", edge->edge.b_first);
    lks_json_object_end(json);
}

static void finding_json(struct lks_json *json, const struct lks_explanation *explanation)
{
    const struct lks_results *results = explanation->results;
    const struct lks_finding *finding = explanation->finding;
    lks_json_string(json, "finding", finding->id);
    lks_json_string(json, "title", finding->title);
    lks_json_double(json, "p", finding->p_value);
    lks_json_text(json, "confidence", lks_confidence_names[finding->confidence]);
    lks_json_string(json, "confidence_rule", finding->confidence_rule);
    lks_json_array(json, "members");
    for (uint32_t i = 0; i < finding->members_count; i++)
        put_account(json, &results->nodes[finding->members[i]].account);
    lks_json_array_end(json);
    lks_json_array(json, "edges");
    for (uint64_t i = 0; i < results->edges_count; i++)
        if (results->edges[i].group == (uint32_t)(finding - results->findings))
            put_edge(json, results, &results->edges[i]);
    lks_json_array_end(json);
    lks_json_array(json, "posts");
    for (uint32_t i = 0; i < finding->matches_count; i++) {
        put_post(json, results, &results->posts[finding->matches[i].post_a]);
        put_post(json, results, &results->posts[finding->matches[i].post_b]);
    }
    lks_json_array_end(json);
    lks_json_array(json, "matches");
    for (uint32_t i = 0; i < finding->matches_count; i++) {
        const struct lks_result_match *match = &finding->matches[i];
        put_match(json, results->posts[match->post_a].post.post_key,
                  results->posts[match->post_b].post.post_key, match->kind, match->object);
    }
    lks_json_array_end(json);
}

static void edge_json(struct lks_json *json, const struct lks_explanation *explanation)
{
    lks_json_key(json, "edge");
    put_edge(json, explanation->results, explanation->edge);
    lks_json_array(json, "posts");
    for (size_t i = 0; i < explanation->posts_count; i++)
        put_post(json, explanation->results, &explanation->posts[i]);
    lks_json_array_end(json);
    lks_json_array(json, "matches");
    for (size_t i = 0; i < explanation->matches_count; i++) {
        const struct lks_explain_match *match = &explanation->matches[i];
        put_match(json, explanation->posts[match->post_a].post.post_key,
                  explanation->posts[match->post_b].post.post_key, match->kind, match->object);
    }
    lks_json_array_end(json);
}

static void account_json(struct lks_json *json, const struct lks_explanation *explanation)
{
    const struct lks_results *results = explanation->results;
    lks_json_key(json, "account");
    put_account(json, &explanation->profile);
    lks_json_uint(json, "posts_count", explanation->profile_posts);
    lks_json_key(json, "finding");
    if (explanation->account != UINT32_MAX &&
        results->nodes[explanation->account].group < results->findings_count)
        lks_json_string(json, NULL,
                        results->findings[results->nodes[explanation->account].group].id);
    else
        lks_json_null(json, NULL);
    lks_json_time(json, "woke",
                  explanation->awakening ? explanation->awakening->item.woke_us : LKS_TIME_NULL);
    lks_json_array(json, "took_over");
    for (uint32_t i = 0; i < results->lineage_accounts_count; i++) {
        const struct lks_result_lineage_account *row = &results->lineage_accounts[i];
        if (!row->first_place &&
            lks_str_equal(row->account.account_key, explanation->profile.account_key))
            lks_json_string(json, NULL, results->lineages[row->lineage].object);
    }
    lks_json_array_end(json);
    lks_json_uint(json, "calls_answered",
                  explanation->responder ? explanation->responder->item.answered : 0);
    lks_json_uint(json, "relayed_calls",
                  explanation->relayer ? explanation->relayer->item.relayed : 0);
    lks_json_uint(json, "authors_copied_under",
                  explanation->swarmer ? explanation->swarmer->item.copied : 0);
    lks_explain_instructions_json(results, explanation->profile.account_key, json);
    lks_explain_paid_json(results, explanation->profile.account_key, json);
    lks_json_array(json, "edges");
    for (uint64_t i = 0; i < results->edges_count && explanation->account != UINT32_MAX; i++)
        if (results->edges[i].edge.a == explanation->account ||
            results->edges[i].edge.b == explanation->account)
            put_edge(json, results, &results->edges[i]);
    lks_json_array_end(json);
}

void lks_explain_json(const struct lks_explanation *explanation, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out, .indent = 2};
    lks_json_object(&json, NULL);
    lks_json_string(&json, "run", explanation->results->run);
    lks_json_bool(&json, "synthetic", explanation->results->synthetic);
    if (explanation->finding)
        finding_json(&json, explanation);
    else if (explanation->tag)
        lks_explain_tag_json(explanation->results, explanation->tag, &json);
    else if (explanation->script)
        lks_explain_script_json(explanation->results, explanation->script, &json);
    else if (explanation->edge)
        edge_json(&json, explanation);
    else
        account_json(&json, explanation);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
}
