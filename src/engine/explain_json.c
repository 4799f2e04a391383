/* explain_json.c - an explanation for machines: one JSON object */
#include "base/json_write.h"
#include "engine/explain.h"
#include "engine/explain_instructions.h"
#include "engine/explain_lineage.h"
#include "engine/explain_promotion.h"

static void put_account(struct lks_json *json, const struct lks_account *account)
{
    lks_json_object(json);
    lks_json_key(json, "account");
    lks_json_string(json, account->account_key);
    lks_json_key(json, "handle");
    lks_json_string(json, account->handle);
    lks_json_key(json, "name");
    lks_json_string(json, account->display_name);
    lks_json_object_end(json);
}

static void put_post(struct lks_json *json, const struct lks_results *results,
                     const struct lks_result_post *post)
{
    lks_json_object(json);
    lks_json_key(json, "id");
    lks_json_string(json, post->post.post_key);
    lks_json_key(json, "account");
    lks_json_string(json, results->nodes[post->node].account.account_key);
    lks_json_key(json, "time");
    lks_json_time(json, post->post.time_us);
    lks_json_key(json, "text");
    lks_json_string(json, post->post.text);
    lks_json_key(json, "file");
    lks_json_string(json, post->file);
    lks_json_key(json, "sha256");
    lks_json_string(json, post->sha256);
    lks_json_key(json, "leaf");
    lks_json_uint(json, post->leaf);
    lks_json_key(json, "offset");
    lks_json_uint(json, post->post.offset_bytes);
    lks_json_key(json, "length");
    lks_json_uint(json, post->post.length_bytes);
    lks_json_object_end(json);
}

static void put_match(struct lks_json *json, struct lks_str a, struct lks_str b,
                      enum lks_object_kind kind, struct lks_str object)
{
    lks_json_object(json);
    lks_json_key(json, "a");
    lks_json_string(json, a);
    lks_json_key(json, "b");
    lks_json_string(json, b);
    lks_json_key(json, "kind");
    lks_json_text(json, lks_object_kind_names[kind]);
    lks_json_key(json, "object");
    lks_json_string(json, object);
    lks_json_object_end(json);
}

static void put_edge(struct lks_json *json, const struct lks_results *results,
                     const struct lks_result_edge *edge)
{
    lks_json_object(json);
    lks_json_key(json, "a");
    lks_json_string(json, results->nodes[edge->edge.a].account.account_key);
    lks_json_key(json, "b");
    lks_json_string(json, results->nodes[edge->edge.b].account.account_key);
    lks_json_key(json, "occasions");
    lks_json_uint(json, edge->edge.occasions_count);
    lks_json_key(json, "expected");
    lks_json_double(json, edge->expected);
    lks_json_key(json, "p");
    lks_json_double(json, edge->p_value);
    lks_json_key(json, "q");
    lks_json_double(json, edge->q_value);
    lks_json_key(json, "window_seconds");
    lks_json_double(json, (double)edge->window_us / 1e6);
    lks_json_key(json, "a_first");
    lks_json_uint(json, edge->edge.a_first);
    lks_json_key(json, "b_first");
    lks_json_uint(json, edge->edge.b_first);
    lks_json_object_end(json);
}

static void finding_json(struct lks_json *json, const struct lks_explanation *explanation)
{
    const struct lks_results *results = explanation->results;
    const struct lks_finding *finding = explanation->finding;
    lks_json_key(json, "finding");
    lks_json_string(json, finding->id);
    lks_json_key(json, "title");
    lks_json_string(json, finding->title);
    lks_json_key(json, "p");
    lks_json_double(json, finding->p_value);
    lks_json_key(json, "confidence");
    lks_json_text(json, lks_confidence_names[finding->confidence]);
    lks_json_key(json, "confidence_rule");
    lks_json_string(json, finding->confidence_rule);
    lks_json_key(json, "members");
    lks_json_array(json);
    for (uint32_t i = 0; i < finding->members_count; i++)
        put_account(json, &results->nodes[finding->members[i]].account);
    lks_json_array_end(json);
    lks_json_key(json, "edges");
    lks_json_array(json);
    for (uint64_t i = 0; i < results->edges_count; i++)
        if (results->edges[i].group == (uint32_t)(finding - results->findings))
            put_edge(json, results, &results->edges[i]);
    lks_json_array_end(json);
    lks_json_key(json, "posts");
    lks_json_array(json);
    for (uint32_t i = 0; i < finding->matches_count; i++) {
        put_post(json, results, &results->posts[finding->matches[i].post_a]);
        put_post(json, results, &results->posts[finding->matches[i].post_b]);
    }
    lks_json_array_end(json);
    lks_json_key(json, "matches");
    lks_json_array(json);
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
    lks_json_key(json, "posts");
    lks_json_array(json);
    for (size_t i = 0; i < explanation->posts_count; i++)
        put_post(json, explanation->results, &explanation->posts[i]);
    lks_json_array_end(json);
    lks_json_key(json, "matches");
    lks_json_array(json);
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
    lks_json_key(json, "posts_count");
    lks_json_uint(json, explanation->profile_posts);
    lks_json_key(json, "finding");
    if (explanation->account != UINT32_MAX &&
        results->nodes[explanation->account].group < results->findings_count)
        lks_json_string(json, results->findings[results->nodes[explanation->account].group].id);
    else
        lks_json_null(json);
    lks_json_key(json, "woke");
    explanation->awakening ? lks_json_time(json, explanation->awakening->item.woke_us)
                           : lks_json_null(json);
    lks_json_key(json, "took_over");
    lks_json_array(json);
    for (uint32_t i = 0; i < results->lineage_accounts_count; i++) {
        const struct lks_result_lineage_account *row = &results->lineage_accounts[i];
        if (!row->first_place &&
            lks_str_equal(row->account.account_key, explanation->profile.account_key))
            lks_json_string(json, results->lineages[row->lineage].object);
    }
    lks_json_array_end(json);
    lks_json_key(json, "calls_answered");
    lks_json_uint(json, explanation->responder ? explanation->responder->item.answered : 0);
    lks_json_key(json, "relayed_calls");
    lks_json_uint(json, explanation->relayer ? explanation->relayer->item.relayed : 0);
    lks_json_key(json, "authors_copied_under");
    lks_json_uint(json, explanation->swarmer ? explanation->swarmer->item.copied : 0);
    lks_explain_instructions_json(results, explanation->profile.account_key, json);
    lks_explain_paid_json(results, explanation->profile.account_key, json);
    lks_json_key(json, "edges");
    lks_json_array(json);
    for (uint64_t i = 0; i < results->edges_count && explanation->account != UINT32_MAX; i++)
        if (results->edges[i].edge.a == explanation->account ||
            results->edges[i].edge.b == explanation->account)
            put_edge(json, results, &results->edges[i]);
    lks_json_array_end(json);
}

void lks_explain_json(const struct lks_explanation *explanation, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out, .indent = 2};
    lks_json_object(&json);
    lks_json_key(&json, "run");
    lks_json_string(&json, explanation->results->run);
    lks_json_key(&json, "synthetic");
    lks_json_bool(&json, explanation->results->synthetic);
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
