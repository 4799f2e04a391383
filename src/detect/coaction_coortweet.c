/* coaction_coortweet.c - the CooRTweet mode: four columns in, its network out */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "coaction/compat_coortweet.h"
#include "detect/coaction_parts.h"
#include "source/csv_file.h"
#include "source/dates.h"

enum { OBJECT, ACCOUNT, CONTENT, TIME, COLUMNS };
static const char *const columns[] = {"object_id", "account_id", "content_id", "timestamp_share",
                                      NULL};

struct table {
    struct lks_coortweet_shares shares;
    struct lks_intern accounts, contents;
    struct lks_intern objects, items, participants; /* each begins with its input's number */
    struct lks_buffer scratch;
    uint32_t input;
    size_t capacity;
    uint64_t rows_count, rejects_count;
};

static void table_free(struct table *table)
{
    free(table->shares.object);
    free(table->shares.account);
    free(table->shares.content);
    free(table->shares.participant);
    free(table->shares.item);
    free(table->shares.loop);
    free(table->shares.time_us);
    lks_intern_free(&table->accounts);
    lks_intern_free(&table->contents);
    lks_intern_free(&table->objects);
    lks_intern_free(&table->items);
    lks_intern_free(&table->participants);
    lks_buffer_free(&table->scratch);
}

static int table_room(struct table *table)
{
    struct lks_coortweet_shares *s = &table->shares;
    if (s->count < table->capacity)
        return 0;
    size_t wanted = table->capacity + table->capacity / 2 + 1024;
    uint32_t **words[5] = {&s->object, &s->account, &s->content, &s->participant, &s->item};
    for (int i = 0; i < 5; i++) {
        uint32_t *grown = realloc(*words[i], wanted * sizeof *grown);
        if (!grown)
            return LKS_EMEMORY;
        *words[i] = grown;
    }
    int64_t *times = realloc(s->time_us, wanted * sizeof *times);
    if (!times)
        return LKS_EMEMORY;
    s->time_us = times;
    uint8_t *loops = realloc(s->loop, wanted);
    if (!loops)
        return LKS_EMEMORY;
    s->loop = loops;
    table->capacity = wanted;
    return 0;
}

/* The id of text among those of its input. */
static uint32_t input_id(struct table *table, struct lks_intern *intern, struct lks_str text)
{
    lks_buffer_clear(&table->scratch);
    lks_buffer_append(&table->scratch, &table->input, sizeof table->input);
    lks_buffer_append(&table->scratch, text.data, text.size_bytes);
    return table->scratch.failed
               ? LKS_INTERN_NONE
               : lks_intern_add(intern,
                                (struct lks_str){table->scratch.data, table->scratch.size_bytes},
                                NULL);
}

static int row_take(struct table *table, const struct lks_csv_file *file)
{
    struct lks_coortweet_shares *s = &table->shares;
    struct lks_str object = lks_csv_file_field(file, OBJECT);
    struct lks_str account = lks_csv_file_field(file, ACCOUNT);
    struct lks_str content = lks_csv_file_field(file, CONTENT);
    enum lks_time_precision precision;
    int64_t time_us;
    if (!object.size_bytes || !account.size_bytes || !content.size_bytes ||
        lks_time_parse_any(lks_csv_file_field(file, TIME), &time_us, &precision) != 0) {
        table->rejects_count++;
        return 0;
    }
    if (table_room(table) < 0)
        return LKS_EMEMORY;
    size_t at = s->count++;
    s->item[at] = input_id(table, &table->items, content);
    s->object[at] = input_id(table, &table->objects, object);
    s->participant[at] = input_id(table, &table->participants, account);
    s->account[at] = lks_intern_add(&table->accounts, account, NULL);
    s->content[at] = lks_intern_add(&table->contents, content, NULL);
    s->loop[at] = lks_str_equal(object, content);
    s->time_us[at] = time_us;
    return s->item[at] == LKS_INTERN_NONE || s->object[at] == LKS_INTERN_NONE ||
                   s->participant[at] == LKS_INTERN_NONE || s->account[at] == LKS_INTERN_NONE ||
                   s->content[at] == LKS_INTERN_NONE
               ? LKS_EMEMORY
               : 0;
}

static int file_take(struct table *table, const char *path, const struct lks_control *control,
                     struct lks_error *err)
{
    struct lks_csv_file file;
    int code = lks_csv_file_open(&file, path, columns, COLUMNS, err);
    if (code < 0)
        return code;
    while ((code = lks_csv_file_next(&file, err)) > 0) {
        code = row_take(table, &file);
        if (code < 0) {
            code = lks_error_set(err, code, "%s: out of memory", path);
            break;
        }
        if ((file.rows_count & 0xffff) == 0 && control && control->cancel && *control->cancel) {
            code = lks_error_set(err, LKS_ECANCELLED, "cancelled");
            break;
        }
    }
    table->rows_count += file.rows_count;
    table->rejects_count += file.rejects_count;
    lks_csv_file_close(&file);
    table->shares.items_count = table->items.count;
    table->shares.accounts_count = table->accounts.count;
    table->shares.participants_count = table->participants.count;
    return code;
}

static int edges_write(const struct table *in, const struct lks_coortweet_network *network,
                       const char *path, struct lks_error *err)
{
    static const char *const names[] = {"from",
                                        "to",
                                        "weight",
                                        "avg_time_delta",
                                        "n_content_id",
                                        "n_content_id_y",
                                        "edge_symmetry_score",
                                        "weight_threshold"};
    static const char *const types[] = {"VARCHAR", "VARCHAR", "BIGINT", "DOUBLE",
                                        "BIGINT",  "BIGINT",  "DOUBLE", "BIGINT"};
    struct lks_coaction_table table;
    int code = lks_coaction_table_open(&table, path, names, types, 8, err);
    for (size_t i = 0; code == 0 && i < network->edges_count; i++) {
        const struct lks_coortweet_edge *edge = &network->edges[i];
        double x = edge->contents_x, y = edge->contents_y;
        lks_coaction_table_text(&table, in->accounts.names[edge->a]);
        lks_coaction_table_text(&table, in->accounts.names[edge->b]);
        lks_coaction_table_uint(&table, edge->weight);
        lks_coaction_table_double(&table, edge->lag_mean_s);
        lks_coaction_table_uint(&table, edge->contents_x);
        lks_coaction_table_uint(&table, edge->contents_y);
        lks_coaction_table_double(&table, x < y ? x / y : y / x);
        lks_coaction_table_uint(&table, (uint64_t)edge->over);
    }
    return code < 0 ? code : lks_coaction_table_commit(&table, err);
}

static void network_json(struct lks_json *json, const struct lks_coortweet_network *network)
{
    lks_json_uint(json, "pairs", network->pairs_count);
    lks_json_uint(json, "nodes", network->nodes_count);
    lks_json_uint(json, "edges", network->edges_count);
    lks_json_uint(json, "weight_max", network->weight_max);
    lks_json_double(json, "threshold", network->threshold);
    lks_json_object(json, "over_threshold");
    lks_json_uint(json, "nodes", network->over_nodes_count);
    lks_json_uint(json, "edges", network->over_edges_count);
    lks_json_uint(json, "weight_sum", network->over_weight_sum);
    lks_json_object_end(json);
}

static void network_text(struct lks_buffer *text, const char *name,
                         const struct lks_coortweet_network *network)
{
    lks_buffer_format(text,
                      "%s: %" PRIu64 " pairs, %zu edges between %" PRIu32 " accounts, largest "
                      "weight %" PRIu64 ".\n  Over the threshold of %g: %zu edges between %" PRIu32
                      " accounts.\n",
                      name, network->pairs_count, network->edges_count, network->nodes_count,
                      network->weight_max, network->threshold, network->over_edges_count,
                      network->over_nodes_count);
}

static void answer_give(const struct table *table, const struct lks_coortweet_network *full,
                        const struct lks_coortweet_network *fast,
                        struct lks_coaction_answer *answer)
{
    struct lks_json *json = &answer->json;
    if (!answer->as_json) {
        network_text(answer->text, "Network as CooRTweet has it", full);
        if (fast)
            network_text(answer->text, "Fast network", fast);
        if (table->rejects_count)
            lks_buffer_format(answer->text, "Left out: %" PRIu64 " of %" PRIu64 " rows.\n",
                              table->rejects_count, table->rows_count);
        return;
    }
    lks_json_object(json, NULL);
    network_json(json, full);
    if (fast) {
        lks_json_object(json, "fast");
        network_json(json, fast);
        lks_json_object_end(json);
    }
    lks_json_uint(json, "rows", table->rows_count);
    lks_json_uint(json, "rejects", table->rejects_count);
    lks_json_object_end(json);
}

int lks_coaction_coortweet(const struct lks_coaction_request *request,
                           const struct lks_control *control, struct lks_coaction_answer *answer,
                           struct lks_error *err)
{
    struct table table = {0};
    struct lks_coortweet_network full = {0}, fast = {0};
    struct lks_coortweet_options options = {.min_participation = request->min_participation,
                                            .edge_weight = request->edge_weight};
    struct lks_coortweet_options narrow = options;
    int code = lks_coaction_window_read(request->windows, &options.window_us, err);
    if (code == 0 && request->fast_window)
        code = lks_coaction_window_read(request->fast_window, &narrow.window_us, err);
    for (size_t i = 0; code == 0 && i < request->inputs_count; i++) {
        table.input = request->merge_inputs ? 0 : (uint32_t)i;
        code = file_take(&table, request->inputs[i], control, err);
    }
    if (code == 0 && table.rejects_count * 2 > table.rows_count)
        code =
            lks_error_set(err, LKS_EINPUT,
                          "%" PRIu64 " of %" PRIu64 " rows lack an object, an account, a content "
                          "or a readable time",
                          table.rejects_count, table.rows_count);
    if (code == 0)
        code = lks_coortweet_scan(&table.shares, &options, control, &full, err);
    /* The fast network is the whole procedure at the narrower window. */
    if (code == 0 && request->fast_window)
        code = lks_coortweet_scan(&table.shares, &narrow, control, &fast, err);
    if (code == 0 && request->edges_path)
        code = edges_write(&table, &full, request->edges_path, err);
    if (code == 0)
        answer_give(&table, &full, request->fast_window ? &fast : NULL, answer);
    lks_coortweet_network_free(&full);
    lks_coortweet_network_free(&fast);
    table_free(&table);
    return code;
}
