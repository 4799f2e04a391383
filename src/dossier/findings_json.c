/* findings_json.c - findings.json: the published machine-readable result of a run
 *
 * A finding stands alone: its members, edges and posts are written inside it and refer to
 * each other by account and post keys, so that a reader needs no index of ours. The edges
 * of a finding are found by one counting sort over all edges.
 */
#include "dossier/findings_json.h"

#include <stdlib.h>

#include "dossier/fusion_json.h"
#include "dossier/json_parts.h"
#include "dossier/lifecycle_json.h"
#include "dossier/lineage_json.h"
#include "dossier/popularity_json.h"
#include "dossier/promotion_json.h"
#include "dossier/recruitment_json.h"
#include "dossier/relays_json.h"
#include "dossier/swarm_json.h"

/* Edges by finding: those of f are edge[first[f]] .. edge[first[f + 1] - 1]. */
struct index {
    uint64_t *first;
    uint64_t *edge;
    uint32_t *mark; /* by post: 1 + the last finding that listed it */
};

static void index_free(struct index *index)
{
    free(index->first);
    free(index->edge);
    free(index->mark);
}

static int index_make(const struct lks_results *results, struct index *index)
{
    uint32_t findings_count = results->findings_count;
    index->first = calloc((size_t)findings_count + 2, sizeof *index->first);
    index->edge = malloc((results->edges_count + 1) * sizeof *index->edge);
    index->mark = calloc(results->evidence_count + 1, sizeof *index->mark);
    if (!index->first || !index->edge || !index->mark) {
        index_free(index);
        return LKS_EMEMORY;
    }
    for (uint64_t i = 0; i < results->edges_count; i++) {
        if (results->edges[i].group < findings_count)
            index->first[results->edges[i].group + 2]++;
    }
    for (uint32_t f = 1; f <= findings_count; f++)
        index->first[f + 1] += index->first[f];
    /* Filling moves each start, kept one place ahead, to where it belongs. */
    for (uint64_t i = 0; i < results->edges_count; i++) {
        if (results->edges[i].group < findings_count)
            index->edge[index->first[results->edges[i].group + 1]++] = i;
    }
    return 0;
}

static void put_members(struct lks_json_stream *stream, const struct lks_results *results,
                        const struct lks_finding *finding)
{
    struct lks_json *json = &stream->json;
    lks_json_array(json, "members");
    for (uint32_t i = 0; i < finding->members_count; i++) {
        const struct lks_result_node *node = results->nodes + finding->members[i];
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "account", node->account.account_key);
        lks_json_put_solid(json, "platform", node->account.platform);
        lks_json_string(json, "handle", node->account.handle);
        lks_json_string(json, "display_name", node->account.display_name);
        lks_json_time(json, "created", node->account.created_us);
        lks_json_text(json, "created_method",
                      lks_created_method_names[node->account.created_method]);
        lks_json_uint(json, "posts", node->posts_count);
        lks_json_uint(json, "matched_posts", node->matched_posts);
        lks_json_double(json, "strength", node->strength);
        lks_json_put_member_fusion(json, finding, i);
        lks_json_object_end(json);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
}

static void put_edge(struct lks_json *json, const struct lks_results *results,
                     const struct lks_result_edge *result)
{
    const struct lks_edge *edge = &result->edge;
    lks_json_object(json, NULL);
    lks_json_put_solid(json, "a", results->nodes[edge->a].account.account_key);
    lks_json_put_solid(json, "b", results->nodes[edge->b].account.account_key);
    lks_json_uint(json, "occasions", edge->occasions_count);
    lks_json_double(json, "expected", result->expected);
    lks_json_double(json, "p_value", result->p_value);
    lks_json_double(json, "q_value", result->q_value);
    lks_json_double(json, "window_seconds", (double)result->window_us / LKS_SECOND_US);
    lks_json_double(json, "synchrony_p_value", result->synchrony_p);
    lks_json_double(json, "fused_p_value", result->fused_p);
    lks_json_double(json, "fused_q_value", result->fused_q);
    lks_json_uint(json, "pairs", edge->pairs_count);
    lks_json_uint(json, "objects", edge->objects_count);
    lks_json_put_kinds(json, "kinds", edge->kind_objects);
    lks_json_uint(json, "posts_a", edge->posts_a);
    lks_json_uint(json, "posts_b", edge->posts_b);
    lks_json_uint(json, "a_first", edge->a_first);
    lks_json_uint(json, "b_first", edge->b_first);
    lks_json_double(json, "lag_mean_seconds", edge->lag_mean_us / LKS_SECOND_US);
    lks_json_time(json, "first", edge->first_us);
    lks_json_time(json, "last", edge->last_us);
    lks_json_object_end(json);
}

/* The posts of a finding's matches, each once, in the order in which they first appear. */
static void put_posts(struct lks_json_stream *stream, const struct lks_results *results,
                      const struct lks_finding *finding, uint32_t *mark)
{
    struct lks_json *json = &stream->json;
    uint32_t seal = (uint32_t)(finding - results->findings) + 1;
    lks_json_array(json, "posts");
    for (uint64_t i = 0; i < 2 * (uint64_t)finding->matches_count; i++) {
        const struct lks_result_match *match = finding->matches + i / 2;
        uint32_t post_index = i % 2 ? match->post_b : match->post_a;
        const struct lks_result_post *result = results->posts + post_index;
        if (mark[post_index] == seal)
            continue;
        mark[post_index] = seal;
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "id", result->post.post_key);
        lks_json_put_solid(json, "account", results->nodes[result->node].account.account_key);
        lks_json_time(json, "time", result->post.time_us);
        lks_json_text(json, "time_precision", lks_precision_names[result->post.time_precision]);
        lks_json_text(json, "kind", lks_post_kind_names[result->post.kind]);
        lks_json_string(json, "text", result->post.text);
        lks_json_put_solid(json, "file", result->file);
        lks_json_put_solid(json, "sha256", result->sha256);
        lks_json_uint(json, "leaf", result->leaf);
        lks_json_uint(json, "offset_bytes", result->post.offset_bytes);
        lks_json_uint(json, "length_bytes", result->post.length_bytes);
        lks_json_object_end(json);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
}

static void put_matches(struct lks_json_stream *stream, const struct lks_results *results,
                        const struct lks_finding *finding)
{
    struct lks_json *json = &stream->json;
    lks_json_array(json, "matches");
    for (uint32_t i = 0; i < finding->matches_count; i++) {
        const struct lks_result_match *match = finding->matches + i;
        lks_json_object(json, NULL);
        lks_json_put_solid(json, "a", results->posts[match->post_a].post.post_key);
        lks_json_put_solid(json, "b", results->posts[match->post_b].post.post_key);
        lks_json_text(json, "kind", lks_object_kind_names[match->kind]);
        lks_json_put_solid(json, "object", match->object);
        lks_json_double(json, "lag_seconds", (double)match->lag_us / LKS_SECOND_US);
        lks_json_object_end(json);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
    lks_json_uint(json, "matches_total", finding->matches_total);
}

static void put_head(struct lks_json *json, const struct lks_finding *finding)
{
    lks_json_put_solid(json, "id", finding->id);
    lks_json_put_solid(json, "title", finding->title);
    lks_json_text(json, "confidence", lks_confidence_names[finding->confidence]);
    lks_json_put_solid(json, "confidence_rule", finding->confidence_rule);
    lks_json_double(json, "p_value", finding->p_value);
    lks_json_double(json, "q_edge_max", finding->q_edge_max);
    lks_json_double(json, "score", finding->score);
    lks_json_double(json, "copies_max_score", finding->copies_max_score);
    lks_json_uint(json, "occasions", finding->occasions_count);
    lks_json_double(json, "expected", finding->expected);
    lks_json_uint(json, "posts_count", finding->posts_count);
    lks_json_time(json, "first", finding->first_us);
    lks_json_time(json, "last", finding->last_us);
    lks_json_double(json, "lag_median_seconds", finding->lag_median_us / LKS_SECOND_US);
    lks_json_put_kinds(json, "kinds", finding->kind_objects);
}

static void put_findings(struct lks_json_stream *stream, const struct lks_results *results,
                         struct index *index)
{
    struct lks_json *json = &stream->json;
    lks_json_array(json, "findings");
    for (uint32_t f = 0; f < results->findings_count; f++) {
        const struct lks_finding *finding = results->findings + f;
        lks_json_object(json, NULL);
        put_head(json, finding);
        lks_json_put_fusion(json, finding);
        put_members(stream, results, finding);
        lks_json_array(json, "edges");
        for (uint64_t i = index->first[f]; i < index->first[f + 1]; i++) {
            put_edge(json, results, results->edges + index->edge[i]);
            lks_json_stream_flush(stream);
        }
        lks_json_array_end(json);
        lks_json_put_objects(json, finding);
        put_posts(stream, results, finding, index->mark);
        put_matches(stream, results, finding);
        lks_json_put_alternatives(json, finding);
        lks_json_object_end(json);
        lks_json_stream_flush(stream);
    }
    lks_json_array_end(json);
}

static int put_document(const struct lks_results *results, struct lks_writer *writer,
                        struct index *index, struct lks_error *err)
{
    struct lks_json_stream stream;
    struct lks_json *json = &stream.json;
    lks_json_stream_start(&stream, writer, 1);
    lks_json_object(json, NULL);
    lks_json_string(json, "schema", LKS_STR("lockstep-findings-1"));
    lks_json_put_solid(json, "lockstep", results->version);
    lks_json_put_solid(json, "run", results->run);
    lks_json_bool(json, "synthetic", results->synthetic);
    lks_json_put_solid(json, "data_digest", results->data_digest);
    lks_json_put_totals(json, results);
    lks_json_put_test(json, results);
    put_findings(&stream, results, index);
    lks_json_put_layers(json, results);
    lks_json_put_lifecycle(&stream, results, UINT32_MAX);
    lks_json_put_popularity(&stream, results);
    lks_json_put_lineage(&stream, results, UINT32_MAX);
    lks_json_put_recruitment(&stream, results, UINT32_MAX);
    lks_json_put_relays(&stream, results, UINT32_MAX);
    lks_json_put_swarm(&stream, results, UINT32_MAX);
    lks_json_put_promotion(&stream, results, UINT32_MAX);
    lks_json_put_files(json, results);
    lks_json_put_rejects(json, results);
    lks_json_put_options(json, results);
    lks_json_put_notes(json, results, NULL);
    lks_json_object_end(json);
    return lks_json_stream_finish(&stream, err);
}

int lks_findings_json_write(const struct lks_results *results, const char *path,
                            struct lks_error *err)
{
    struct lks_writer writer;
    struct index index;
    int code = lks_writer_open(&writer, path, err);
    if (code)
        return code;
    code = index_make(results, &index);
    if (code) {
        lks_error_set(err, code, "%s: out of memory", path);
    } else {
        code = put_document(results, &writer, &index, err);
        index_free(&index);
    }
    if (code) {
        lks_writer_abandon(&writer);
        return code;
    }
    lks_writer_text(&writer, "\n");
    return lks_writer_commit(&writer, err);
}

static ssize_t digest_write(void *context, const char *data, size_t size_bytes)
{
    return lks_sha256_update(context, data, size_bytes, NULL) == 0 ? (ssize_t)size_bytes : 0;
}

int lks_findings_json_digest(const struct lks_results *results, char hex_out[LKS_SHA256_HEX_BYTES],
                             struct lks_error *err)
{
    struct lks_results nameless = *results;
    struct lks_sha256 sha = {0};
    struct lks_writer writer = {0};
    struct index index = {0};
    unsigned char digest[LKS_SHA256_BYTES];
    nameless.run = LKS_STR("");
    int code = lks_sha256_start(&sha, err);
    if (code)
        return code;
    writer.file = fopencookie(&sha, "wb", (cookie_io_functions_t){.write = digest_write});
    if (!writer.file || index_make(&nameless, &index) != 0)
        code = lks_error_set(err, LKS_EMEMORY, "the findings' digest: out of memory");
    if (code == 0) {
        code = put_document(&nameless, &writer, &index, err);
        index_free(&index);
        lks_writer_text(&writer, "\n");
        if (code == 0 && (fflush(writer.file) != 0 || writer.failed))
            code = lks_error_set(err, LKS_EMEMORY, "the findings' digest failed");
    }
    lks_writer_abandon(&writer);
    if (code == 0)
        code = lks_sha256_finish(&sha, digest, err);
    else
        lks_sha256_finish(&sha, NULL, NULL);
    if (code == 0)
        lks_sha256_hex(digest, hex_out);
    return code;
}
