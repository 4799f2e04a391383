/* report_json.c - the JSON that the report page is given, as web/src/data.ts declares it */
#include "dossier/report_json.h"

#include <stdio.h>

#include "dossier/fusion_json.h"
#include "dossier/json_parts.h"
#include "dossier/lifecycle_json.h"
#include "dossier/lineage_json.h"
#include "dossier/popularity_json.h"
#include "dossier/promotion_json.h"
#include "dossier/recruitment_json.h"
#include "dossier/relays_json.h"
#include "dossier/selection.h"
#include "dossier/swarm_json.h"

/* What a browser draws without stuttering, and a file of some ten megabytes. */
enum { PAGE_NODES = 5000, PAGE_EDGES = 40000, PAGE_ROWS = 500 };

static void put_group(struct lks_json *json, const struct lks_results *results, uint32_t group)
{
    lks_json_key(json, "group");
    if (group < results->findings_count)
        lks_json_uint(json, NULL, group);
    else
        lks_json_null(json, NULL);
}

static void put_seconds(struct lks_json *json, const char *key, double time_us)
{
    lks_json_double(json, key, time_us / LKS_SECOND_US);
}

static void put_nodes(struct lks_json_stream *stream, const struct lks_results *results,
                      const struct lks_selection *shown)
{
    struct lks_json *json = &stream->json;
    lks_json_array(json, "nodes");
    for (uint32_t i = 0; i < shown->nodes_count; i++) {
        const struct lks_result_node *node = results->nodes + shown->node[i];
        const struct lks_account *account = &node->account;
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "id", account->account_key);
        lks_json_put_solid(json, "platform", account->platform);
        lks_json_string(json, "handle", account->handle);
        lks_json_string(json, "name", account->display_name);
        lks_json_time(json, "created", account->created_us);
        lks_json_text(json, "created_method", lks_created_method_names[account->created_method]);
        lks_json_put_count(json, "followers", account->followers);
        lks_json_put_count(json, "following", account->following);
        lks_json_uint(json, "posts", node->posts_count);
        lks_json_uint(json, "matched_posts", node->matched_posts);
        put_group(json, results, node->group);
        lks_json_uint(json, "degree", node->degree);
        lks_json_double(json, "strength", node->strength);
        lks_json_double(json, "x", node->x);
        lks_json_double(json, "y", node->y);
        lks_json_object_end(json);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
}

static void put_edges(struct lks_json_stream *stream, const struct lks_results *results,
                      const struct lks_selection *shown)
{
    struct lks_json *json = &stream->json;
    lks_json_array(json, "edges");
    for (uint64_t i = 0; i < shown->edges_count; i++) {
        const struct lks_result_edge *result = results->edges + shown->edge[i];
        const struct lks_edge *edge = &result->edge;
        lks_json_object(json, NULL);
        lks_json_uint(json, "a", shown->place[edge->a]);
        lks_json_uint(json, "b", shown->place[edge->b]);
        lks_json_uint(json, "occasions", edge->occasions_count);
        lks_json_uint(json, "pairs", edge->pairs_count);
        lks_json_uint(json, "objects", edge->objects_count);
        lks_json_uint(json, "posts_a", edge->posts_a);
        lks_json_uint(json, "posts_b", edge->posts_b);
        lks_json_uint(json, "a_first", edge->a_first);
        lks_json_uint(json, "b_first", edge->b_first);
        put_seconds(json, "lag_mean_seconds", edge->lag_mean_us);
        lks_json_time(json, "first", edge->first_us);
        lks_json_time(json, "last", edge->last_us);
        lks_json_double(json, "expected", result->expected);
        lks_json_double(json, "p", result->p_value);
        lks_json_double(json, "q", result->q_value);
        put_seconds(json, "window_seconds", (double)result->window_us);
        lks_json_double(json, "synchrony_p", result->synchrony_p);
        lks_json_put_kinds(json, "kinds", edge->kind_objects);
        put_group(json, results, result->group);
        lks_json_object_end(json);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
}

static void put_matches(struct lks_json *json, const struct lks_finding *finding)
{
    lks_json_array(json, "matches");
    for (uint32_t i = 0; i < finding->matches_count; i++) {
        const struct lks_result_match *match = finding->matches + i;
        lks_json_object(json, NULL);
        lks_json_uint(json, "a", match->post_a);
        lks_json_uint(json, "b", match->post_b);
        lks_json_text(json, "kind", lks_object_kind_names[match->kind]);
        lks_json_put_solid(json, "object", match->object);
        put_seconds(json, "lag_seconds", (double)match->lag_us);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
    lks_json_uint(json, "matches_total", finding->matches_total);
}

static void put_findings(struct lks_json_stream *stream, const struct lks_results *results,
                         const struct lks_selection *shown)
{
    struct lks_json *json = &stream->json;
    lks_json_array(json, "findings");
    for (uint32_t i = 0; i < results->findings_count; i++) {
        const struct lks_finding *finding = results->findings + i;
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "id", finding->id);
        lks_json_put_solid(json, "title", finding->title);
        lks_json_array(json, "members");
        for (uint32_t j = 0; j < finding->members_count; j++)
            lks_json_uint(json, NULL, shown->place[finding->members[j]]);
        lks_json_array_end(json);
        lks_json_uint(json, "edges", finding->edges_count);
        lks_json_double(json, "score", finding->score);
        lks_json_double(json, "copies_max_score", finding->copies_max_score);
        lks_json_double(json, "p", finding->p_value);
        lks_json_double(json, "q_edge_max", finding->q_edge_max);
        lks_json_uint(json, "occasions", finding->occasions_count);
        lks_json_double(json, "expected", finding->expected);
        lks_json_uint(json, "posts", finding->posts_count);
        lks_json_time(json, "first", finding->first_us);
        lks_json_time(json, "last", finding->last_us);
        put_seconds(json, "lag_median_seconds", finding->lag_median_us);
        lks_json_put_kinds(json, "kinds", finding->kind_objects);
        lks_json_text(json, "confidence", lks_confidence_names[finding->confidence]);
        lks_json_put_solid(json, "confidence_rule", finding->confidence_rule);
        lks_json_put_fusion(json, finding);
        lks_json_put_roles(json, finding);
        lks_json_put_alternatives(json, finding);
        lks_json_put_objects(json, finding);
        put_matches(json, finding);
        lks_json_object_end(json);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
}

static void put_posts(struct lks_json_stream *stream, const struct lks_results *results,
                      const struct lks_selection *shown)
{
    struct lks_json *json = &stream->json;
    lks_json_array(json, "posts");
    for (uint64_t i = 0; i < results->evidence_count; i++) {
        const struct lks_result_post *result = results->posts + i;
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "id", result->post.post_key);
        lks_json_uint(json, "node", shown->place[result->node]);
        lks_json_time(json, "time", result->post.time_us);
        lks_json_text(json, "kind", lks_post_kind_names[result->post.kind]);
        lks_json_string(json, "text", result->post.text);
        lks_json_put_solid(json, "file", result->file);
        lks_json_put_solid(json, "sha256", result->sha256);
        lks_json_uint(json, "offset", result->post.offset_bytes);
        lks_json_uint(json, "length", result->post.length_bytes);
        lks_json_object_end(json);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
}

static void put_timeline(struct lks_json *json, const struct lks_results *results)
{
    lks_json_object(json, "timeline");
    put_seconds(json, "step_seconds", (double)results->bin_us);
    lks_json_array(json, "bins");
    for (uint32_t i = 0; i < results->bins_count; i++) {
        lks_json_object(json, NULL);
        lks_json_time(json, "start", results->bins[i].start_us);
        lks_json_uint(json, "posts", results->bins[i].posts_count);
        lks_json_uint(json, "coordinated", results->bins[i].coordinated_count);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
    lks_json_object_end(json);
}

/* Says what the page leaves out; empty where it shows everything. */
static void left_out(const struct lks_results *results, const struct lks_selection *shown,
                     char *note, size_t note_bytes)
{
    note[0] = 0;
    if (shown->nodes_count < results->nodes_count || shown->edges_count < results->edges_count)
        snprintf(
            note, note_bytes,
            "The picture shows %lu of %lu accounts and %llu of %llu edges: members of findings "
            "first, then the strongest. The other exports hold all of them.",
            (unsigned long)shown->nodes_count, (unsigned long)results->nodes_count,
            (unsigned long long)shown->edges_count, (unsigned long long)results->edges_count);
}

static void put_document(struct lks_json_stream *stream, const struct lks_results *results,
                         const struct lks_selection *shown)
{
    struct lks_json *json = &stream->json;
    char note[256];
    left_out(results, shown, note, sizeof note);
    lks_json_object(json, NULL);
    lks_json_put_solid(json, "lockstep", results->version);
    lks_json_put_solid(json, "run", results->run);
    lks_json_bool(json, "synthetic", results->synthetic);
    lks_json_put_solid(json, "data_digest", results->data_digest);
    lks_json_put_totals(json, results);
    lks_json_put_test(json, results);
    put_nodes(stream, results, shown);
    put_edges(stream, results, shown);
    put_findings(stream, results, shown);
    lks_json_put_layers(json, results);
    put_posts(stream, results, shown);
    put_timeline(json, results);
    lks_json_put_lifecycle(stream, results, PAGE_ROWS);
    lks_json_put_popularity(stream, results);
    lks_json_put_lineage(stream, results, PAGE_ROWS);
    lks_json_put_recruitment(stream, results, PAGE_ROWS);
    lks_json_put_relays(stream, results, PAGE_ROWS);
    lks_json_put_swarm(stream, results, PAGE_ROWS);
    lks_json_put_promotion(stream, results, PAGE_ROWS);
    lks_json_put_files(json, results);
    lks_json_put_rejects(json, results);
    lks_json_put_options(json, results);
    lks_json_put_notes(json, results, note);
    /* Seconds differ from run to run; the same data must give the same page. */
    lks_json_array(json, "stages");
    lks_json_array_end(json);
    lks_json_object_end(json);
}

int lks_report_json_put(const struct lks_results *results, struct lks_writer *writer,
                        struct lks_error *err)
{
    struct lks_json_stream stream;
    struct lks_selection shown;
    int code = lks_selection_make(results, PAGE_NODES, PAGE_EDGES, &shown, err);
    if (code)
        return code;
    lks_json_stream_start(&stream, writer, 0);
    put_document(&stream, results, &shown);
    lks_selection_free(&shown);
    return lks_json_stream_finish(&stream, err);
}

int lks_report_json_write(const struct lks_results *results, const char *path,
                          struct lks_error *err)
{
    struct lks_writer writer;
    int code = lks_writer_open(&writer, path, err);
    if (code)
        return code;
    code = lks_report_json_put(results, &writer, err);
    if (code) {
        lks_writer_abandon(&writer);
        return code;
    }
    lks_writer_text(&writer, "\n");
    return lks_writer_commit(&writer, err);
}
