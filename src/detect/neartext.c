/* neartext.c - near-duplicate texts of files, without a case */
#include <inttypes.h>
#include <stdlib.h>

#include "base/shown.h"
#include "detect/neartext_parts.h"

enum { LARGEST = 10, TEXT_SHOWN_BYTES = 200 };

struct lks_neartext_request lks_neartext_request_default(void)
{
    return (struct lks_neartext_request){.threshold = 0.8, .pairs_per_text_max = 1000};
}

static int options_read(const struct lks_neartext_request *request,
                        struct lks_near_options *options, struct lks_error *err)
{
    static const char *const names[] = {
        [LKS_NEAR_AUTO] = "auto", [LKS_NEAR_WORDS] = "words", [LKS_NEAR_CHARS] = "chars"};
    *options = lks_near_options_default();
    options->threshold = request->threshold;
    options->pairs_per_form_max = request->pairs_per_text_max;
    options->as_is = request->as_is;
    if (request->inputs_count == 0)
        return lks_error_set(err, LKS_EARGUMENT, "no input file was named");
    if (request->window && lks_span_parse(lks_str_from(request->window), &options->window_us) != 0)
        return lks_error_set(err, LKS_EARGUMENT, "'%.60s' is no window; write 60s, 10m or 1h",
                             request->window);
    if (request->shingle) {
        int known = 0;
        for (int i = LKS_NEAR_AUTO; i <= LKS_NEAR_CHARS; i++)
            if (strcmp(request->shingle, names[i]) == 0) {
                options->shingle = (enum lks_near_shingle)i;
                known = 1;
            }
        if (!known)
            return lks_error_set(err, LKS_EARGUMENT,
                                 "texts are cut by auto, words or chars, not '%.60s'",
                                 request->shingle);
    }
    return lks_near_options_check(options, err);
}

/* ---- the files written ---- */

static const char *const cluster_names[] = {"cluster",    "variant", "form",   "representative",
                                            "similarity", "shared",  "either", "post",
                                            "account",    "time",    "text"};
static const char *const cluster_types[] = {"BIGINT",  "BIGINT",      "BIGINT", "BIGINT",
                                            "DOUBLE",  "BIGINT",      "BIGINT", "VARCHAR",
                                            "VARCHAR", "TIMESTAMPTZ", "VARCHAR"};
static const char *const pair_names[] = {"form_a", "form_b",    "similarity", "shared",
                                         "either", "post_a",    "account_a",  "time_a",
                                         "post_b", "account_b", "time_b"};
static const char *const pair_types[] = {"BIGINT",  "BIGINT",  "DOUBLE",     "BIGINT",
                                         "BIGINT",  "VARCHAR", "VARCHAR",    "TIMESTAMPTZ",
                                         "VARCHAR", "VARCHAR", "TIMESTAMPTZ"};
enum {
    CLUSTER_COLUMNS = sizeof cluster_names / sizeof *cluster_names,
    PAIR_COLUMNS = sizeof pair_names / sizeof *pair_names
};

static void table_time(struct lks_coaction_table *table, int64_t time_us)
{
    char text[LKS_TIME_TEXT_BYTES];
    lks_time_format(time_us, text);
    lks_coaction_table_text(table, lks_str_from(text));
}

static void cluster_row(struct lks_coaction_table *table, const struct lks_neartext_data *data,
                        const struct lks_near_result *result, uint32_t text)
{
    const struct lks_near_variant *variant = &result->variants[result->text_variant[text]];
    const struct lks_near_cluster *cluster = &result->clusters[variant->cluster];
    uint32_t place = result->text_variant[text] - cluster->variants_first;
    lks_coaction_table_uint(table, variant->cluster + 1);
    lks_coaction_table_uint(table, place + 1);
    lks_coaction_table_uint(table, variant->form);
    lks_coaction_table_uint(table, place == 0 && variant->first_text == text);
    lks_coaction_table_double(table, (double)variant->shared / variant->either);
    lks_coaction_table_uint(table, variant->shared);
    lks_coaction_table_uint(table, variant->either);
    lks_coaction_table_text(table, data->posts.names[data->post[text]]);
    lks_coaction_table_text(table, data->accounts.names[data->account[text]]);
    table_time(table, data->times_us[text]);
    lks_coaction_table_text(table, data->texts[text]);
}

/* The texts of all clusters, the largest cluster first, by variant, then as read. */
static int clusters_write(const struct lks_neartext_request *request,
                          const struct lks_neartext_data *data,
                          const struct lks_near_result *result, struct lks_error *err)
{
    struct lks_coaction_table table;
    if (!request->clusters_path)
        return 0;
    uint32_t *starts = calloc((size_t)result->variants_count + 2, sizeof *starts);
    uint32_t *order = calloc(data->count + 1, sizeof *order);
    int code = starts && order ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = lks_coaction_table_open(&table, request->clusters_path, cluster_names, cluster_types,
                                       CLUSTER_COLUMNS, err);
    if (code == 0) {
        for (uint32_t v = 0; v < result->variants_count; v++)
            starts[v + 1] = starts[v] + result->variants[v].texts_count;
        uint32_t total = starts[result->variants_count];
        for (uint32_t i = 0; i < data->count; i++)
            if (result->text_variant[i] != LKS_NEAR_NONE)
                order[starts[result->text_variant[i]]++] = i;
        for (uint32_t i = 0; i < total; i++)
            cluster_row(&table, data, result, order[i]);
        code = lks_coaction_table_commit(&table, err);
    }
    free(starts);
    free(order);
    return code;
}

struct pairs_out {
    struct lks_coaction_table table;
    const struct lks_neartext_data *data;
};

static int pair_write(void *context, const struct lks_near_pair *pair)
{
    struct pairs_out *out = context;
    const struct lks_neartext_data *data = out->data;
    const uint32_t texts[2] = {pair->first_a, pair->first_b};
    lks_coaction_table_uint(&out->table, pair->form_a);
    lks_coaction_table_uint(&out->table, pair->form_b);
    lks_coaction_table_double(&out->table, (double)pair->shared / pair->either);
    lks_coaction_table_uint(&out->table, pair->shared);
    lks_coaction_table_uint(&out->table, pair->either);
    for (int i = 0; i < 2; i++) {
        lks_coaction_table_text(&out->table, data->posts.names[data->post[texts[i]]]);
        lks_coaction_table_text(&out->table, data->accounts.names[data->account[texts[i]]]);
        table_time(&out->table, data->times_us[texts[i]]);
    }
    return 0;
}

/* ---- the answer ---- */

struct answer {
    const struct lks_neartext_request *request;
    const struct lks_near_options *options;
    const struct lks_neartext_data *data;
    const struct lks_near_result *result;
    uint32_t *accounts; /* [LARGEST] of the largest clusters */
    uint32_t shown;     /* clusters */
    double read_seconds, write_seconds;
};

static uint64_t texts_clustered(const struct lks_near_result *result)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < result->clusters_count; i++)
        sum += result->clusters[i].texts_count;
    return sum;
}

/* Different accounts in the clusters that are shown, one after the other. */
static int accounts_count(struct answer *answer, struct lks_error *err)
{
    const struct lks_neartext_data *data = answer->data;
    const struct lks_near_result *result = answer->result;
    uint16_t *seen = calloc((size_t)data->accounts.count + 1, sizeof *seen);
    if (!seen)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (uint32_t i = 0; i < data->count; i++) {
        if (result->text_variant[i] == LKS_NEAR_NONE)
            continue;
        uint32_t cluster = result->variants[result->text_variant[i]].cluster;
        if (cluster >= answer->shown || seen[data->account[i]] >> cluster & 1)
            continue;
        seen[data->account[i]] |= (uint16_t)(1u << cluster);
        answer->accounts[cluster]++;
    }
    free(seen);
    return 0;
}

static void largest_json(const struct answer *answer, struct lks_json *json)
{
    const struct lks_near_result *result = answer->result;
    lks_json_array(json, "largest");
    for (uint32_t i = 0; i < answer->shown; i++) {
        const struct lks_near_cluster *cluster = &result->clusters[i];
        const struct lks_near_variant *head = &result->variants[cluster->variants_first];
        double lowest = 1;
        for (uint32_t v = 0; v < cluster->variants_count; v++)
            if ((double)head[v].shared / head[v].either < lowest)
                lowest = (double)head[v].shared / head[v].either;
        lks_json_object(json, NULL);
        lks_json_uint(json, "cluster", i + 1);
        lks_json_uint(json, "texts", cluster->texts_count);
        lks_json_uint(json, "variants", cluster->variants_count);
        lks_json_uint(json, "accounts", answer->accounts[i]);
        lks_json_double(json, "similarity_lowest", lowest);
        lks_json_time(json, "first", cluster->first_us);
        lks_json_time(json, "last", cluster->last_us);
        lks_json_string(json, "representative", answer->data->texts[head->first_text]);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void answer_json(const struct answer *answer, struct lks_json *json)
{
    const struct lks_neartext_data *data = answer->data;
    const struct lks_near_counts *counts = &answer->result->counts;
    lks_json_object(json, NULL);
    lks_json_uint(json, "clusters", answer->result->clusters_count);
    lks_json_uint(json, "clustered_texts", texts_clustered(answer->result));
    lks_json_uint(json, "variants", answer->result->variants_count);
    lks_json_key(json, "pairs"); /* counted only where they are wanted */
    if (answer->request->pairs_path)
        lks_json_uint(json, NULL, counts->pairs);
    else
        lks_json_null(json, NULL);
    lks_json_uint(json, "forms_limited", counts->forms_limited);
    lks_json_uint(json, "texts", counts->texts);
    lks_json_uint(json, "texts_without_words", counts->texts_empty);
    lks_json_uint(json, "forms", counts->forms);
    lks_json_uint(json, "posts", data->posts.count);
    lks_json_uint(json, "accounts", data->accounts.count);
    lks_json_uint(json, "rows", data->rows_count);
    lks_json_uint(json, "rejects", data->rejects_count);
    lks_json_uint(json, "ignored", data->ignored_count);
    lks_json_uint(json, "duplicates", data->duplicates_count);
    lks_json_uint(json, "without_text", data->without_text_count);
    lks_json_bool(json, "synthetic", data->synthetic);
    lks_json_text(json, "time_precision", lks_precision_names[data->time_precision]);
    lks_json_double(json, "threshold", answer->options->threshold);
    lks_json_key(json, "window_s");
    if (answer->options->window_us < 0)
        lks_json_null(json, NULL);
    else
        lks_json_double(json, NULL, (double)answer->options->window_us / 1e6);
    lks_json_text(json, "shingle", answer->request->shingle ? answer->request->shingle : "auto");
    lks_json_bool(json, "as_is", answer->request->as_is);
    largest_json(answer, json);
    lks_json_object(json, "seconds");
    lks_json_double(json, "read", answer->read_seconds);
    lks_json_double(json, "cut", counts->add_seconds);
    lks_json_double(json, "order", counts->order_seconds);
    lks_json_double(json, "join", counts->join_seconds);
    lks_json_double(json, "cluster", counts->cluster_seconds);
    lks_json_double(json, "write", answer->write_seconds);
    lks_json_object_end(json);
    lks_json_object_end(json);
}

static void left_out_text(const struct answer *answer, struct lks_buffer *text)
{
    const struct lks_neartext_data *data = answer->data;
    const struct lks_near_counts *counts = &answer->result->counts;
    if (data->rejects_count || data->ignored_count || data->duplicates_count ||
        data->without_text_count || counts->texts_empty)
        lks_buffer_format(text,
                          "Left out: %" PRIu64 " rejected rows, %" PRIu64
                          " rows that are no posts, %" PRIu64 " posts with a known id, %" PRIu64
                          " without text, %" PRIu64 " without any word or emoji.\n",
                          data->rejects_count, data->ignored_count, data->duplicates_count,
                          data->without_text_count, counts->texts_empty);
    if (counts->forms_limited)
        lks_buffer_format(text,
                          "%" PRIu64 " texts have more pairs than the %u that were written for "
                          "each; clusters do not depend on that.\n",
                          counts->forms_limited, answer->options->pairs_per_form_max);
    if (data->time_precision != LKS_PRECISION_SECOND && answer->options->window_us >= 0 &&
        answer->options->window_us < LKS_MINUTE_US)
        lks_buffer_format(
            text, "Times are written to the %s only: a shorter window means the same %s.\n",
            lks_precision_names[data->time_precision], lks_precision_names[data->time_precision]);
}

static void answer_text(const struct answer *answer, struct lks_buffer *text)
{
    const struct lks_near_result *result = answer->result;
    const struct lks_neartext_data *data = answer->data;
    if (data->synthetic)
        lks_buffer_text(text, "SYNTHETIC DATA: made by a simulator, about nobody.\n");
    lks_buffer_format(text,
                      "%u cluster%s of near-duplicate texts: %" PRIu64
                      " of %u texts by %u accounts, in %u variants.\n",
                      result->clusters_count, result->clusters_count == 1 ? "" : "s",
                      texts_clustered(result), (unsigned)data->count, data->accounts.count,
                      result->variants_count);
    left_out_text(answer, text);
    if (answer->shown)
        lks_buffer_text(text, "Largest (texts, variants, accounts):\n");
    for (uint32_t i = 0; i < answer->shown; i++) {
        const struct lks_near_cluster *cluster = &result->clusters[i];
        lks_buffer_format(text, "  %7u %7u %7u  ", cluster->texts_count, cluster->variants_count,
                          answer->accounts[i]);
        lks_buffer_shown(text, data->texts[result->variants[cluster->variants_first].first_text],
                         TEXT_SHOWN_BYTES);
        lks_buffer_byte(text, '\n');
    }
    if (answer->shown)
        lks_buffer_text(text, "A text that many write is not yet evidence: 'lockstep investigate' "
                              "tests who writes it when.\n");
}

/* ---- the whole ---- */

static int join(struct lks_near *near, const struct lks_neartext_request *request,
                const struct lks_neartext_data *data, struct lks_near_result *result,
                struct lks_error *err)
{
    struct pairs_out out = {.data = data};
    int code = lks_coaction_table_open(&out.table, request->pairs_path, pair_names, pair_types,
                                       PAIR_COLUMNS, err);
    if (code < 0)
        return code;
    code = lks_near_join(near, request->pairs_path ? pair_write : NULL, &out, result, err);
    if (code == 0)
        return lks_coaction_table_commit(&out.table, err);
    lks_coaction_table_abandon(&out.table);
    return code;
}

static int answer_make(struct answer *answer, struct lks_buffer *buffer, int as_json,
                       struct lks_error *err)
{
    uint32_t accounts[LARGEST] = {0};
    struct lks_json json = {.buffer = buffer};
    answer->accounts = accounts;
    answer->shown =
        answer->result->clusters_count < LARGEST ? answer->result->clusters_count : LARGEST;
    int code = accounts_count(answer, err);
    if (code < 0)
        return code;
    if (as_json) {
        answer_json(answer, &json);
        lks_buffer_byte(buffer, '\n');
    } else {
        answer_text(answer, buffer);
    }
    lks_buffer_byte(buffer, '\0');
    return buffer->failed ? lks_error_set(err, LKS_EMEMORY, "out of memory") : 0;
}

int lks_neartext_files(const struct lks_neartext_request *request, int as_json,
                       const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct lks_near_options options;
    struct lks_neartext_data data = {0};
    struct lks_near_result result = {0};
    struct lks_near *near = NULL;
    struct lks_buffer buffer = {0};
    struct answer answer = {
        .request = request, .options = &options, .data = &data, .result = &result};
    double start = lks_clock_seconds();
    *text_out = NULL;
    int code = options_read(request, &options, err);
    if (code == 0)
        code = lks_neartext_load(request, control, &data, err);
    answer.read_seconds = lks_clock_seconds() - start;
    if (code == 0)
        code = lks_near_new(&options, control, &near, err);
    if (code == 0)
        code = lks_near_add(near, data.texts, data.times_us, data.count, err);
    if (code == 0)
        code = join(near, request, &data, &result, err);
    lks_near_free(near);
    start = lks_clock_seconds();
    if (code == 0)
        code = clusters_write(request, &data, &result, err);
    answer.write_seconds = lks_clock_seconds() - start;
    if (code == 0)
        code = answer_make(&answer, &buffer, as_json, err);
    lks_near_result_free(&result);
    lks_neartext_data_free(&data);
    if (code < 0) {
        lks_buffer_free(&buffer);
        return code;
    }
    *text_out = buffer.data;
    return 0;
}
