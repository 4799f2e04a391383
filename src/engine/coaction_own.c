/* coaction_own.c - the co-action network of files by the project's own definition */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"
#include "base/threads.h"
#include "engine/coaction_parts.h"
#include "signal/coaction.h"

enum { STRONGEST = 10, NAME_COLUMNS = 12, NAME_SHOWN_BYTES = 80 };

/* What is kept of the edges while they pass. */
struct totals {
    const struct lks_coaction_data *data;
    struct lks_coaction_table table;
    uint8_t *node; /* [accounts_count] */
    uint64_t edges, pairs, nodes;
    uint64_t kind_edges[LKS_OBJECT_KINDS_COUNT];
    struct lks_edge strongest[STRONGEST]; /* falling */
    size_t strongest_count;
};

/* More occasions, then more objects, then more pairs. */
static int stronger(const struct lks_edge *x, const struct lks_edge *y)
{
    if (x->occasions_count != y->occasions_count)
        return x->occasions_count > y->occasions_count;
    if (x->objects_count != y->objects_count)
        return x->objects_count > y->objects_count;
    return x->pairs_count > y->pairs_count;
}

static void strongest_offer(struct totals *totals, const struct lks_edge *edge)
{
    size_t at = totals->strongest_count;
    if (at == STRONGEST) {
        if (!stronger(edge, &totals->strongest[at - 1]))
            return;
        at--;
    } else {
        totals->strongest_count++;
    }
    for (; at > 0 && stronger(edge, &totals->strongest[at - 1]); at--)
        totals->strongest[at] = totals->strongest[at - 1];
    totals->strongest[at] = *edge;
}

static const char *const edge_names[NAME_COLUMNS + LKS_OBJECT_KINDS_COUNT] = {
    "account_a", "account_b", "occasions", "objects",   "pairs",  "posts_a",
    "posts_b",   "a_first",   "b_first",   "lag_s",     "first",  "last",
    "url",       "domain",    "hashtag",   "mention",   "repost", "reply",
    "sound",     "effect",    "text",      "near_text", "media",  "hashtag_set"};
static const char *const edge_types[NAME_COLUMNS + LKS_OBJECT_KINDS_COUNT] = {
    "VARCHAR", "VARCHAR", "BIGINT",      "BIGINT",      "BIGINT", "BIGINT", "BIGINT", "BIGINT",
    "BIGINT",  "DOUBLE",  "TIMESTAMPTZ", "TIMESTAMPTZ", "BIGINT", "BIGINT", "BIGINT", "BIGINT",
    "BIGINT",  "BIGINT",  "BIGINT",      "BIGINT",      "BIGINT", "BIGINT", "BIGINT", "BIGINT"};

static void edge_write(struct totals *totals, const struct lks_edge *edge)
{
    struct lks_coaction_table *table = &totals->table;
    char text[LKS_TIME_TEXT_BYTES];
    if (!table->open)
        return;
    lks_coaction_table_text(table, totals->data->accounts.names[edge->a]);
    lks_coaction_table_text(table, totals->data->accounts.names[edge->b]);
    const uint64_t counts[7] = {edge->occasions_count, edge->objects_count, edge->pairs_count,
                                edge->posts_a,         edge->posts_b,       edge->a_first,
                                edge->b_first};
    for (int i = 0; i < 7; i++)
        lks_coaction_table_uint(table, counts[i]);
    lks_coaction_table_double(table, edge->lag_mean_us / 1e6);
    lks_time_format(edge->first_us, text);
    lks_coaction_table_text(table, lks_str_from(text));
    lks_time_format(edge->last_us, text);
    lks_coaction_table_text(table, lks_str_from(text));
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        lks_coaction_table_uint(table, edge->kind_objects[kind]);
}

static int edges_take(void *context, const struct lks_edge *edges, size_t count,
                      struct lks_error *err)
{
    struct totals *totals = context;
    (void)err;
    for (size_t i = 0; i < count; i++) {
        totals->edges++;
        totals->pairs += edges[i].pairs_count;
        totals->nodes += !totals->node[edges[i].a];
        totals->node[edges[i].a] = 1;
        totals->nodes += !totals->node[edges[i].b];
        totals->node[edges[i].b] = 1;
        for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
            totals->kind_edges[kind] += edges[i].kind_objects[kind] > 0;
        strongest_offer(totals, &edges[i]);
        edge_write(totals, &edges[i]);
    }
    return 0;
}

static void json_count(struct lks_json *json, const char *key, uint64_t value)
{
    lks_json_key(json, key);
    lks_json_uint(json, value);
}

static void strongest_json(const struct totals *totals, struct lks_json *json)
{
    lks_json_key(json, "strongest");
    lks_json_array(json);
    for (size_t i = 0; i < totals->strongest_count; i++) {
        const struct lks_edge *edge = &totals->strongest[i];
        lks_json_object(json);
        lks_json_key(json, "a");
        lks_json_string(json, totals->data->accounts.names[edge->a]);
        lks_json_key(json, "b");
        lks_json_string(json, totals->data->accounts.names[edge->b]);
        json_count(json, "occasions", edge->occasions_count);
        json_count(json, "objects", edge->objects_count);
        json_count(json, "pairs", edge->pairs_count);
        json_count(json, "a_first", edge->a_first);
        json_count(json, "b_first", edge->b_first);
        lks_json_key(json, "lag_s");
        lks_json_double(json, edge->lag_mean_us / 1e6);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void kinds_json(const struct totals *totals, const struct lks_coaction_options *options,
                       struct lks_json *json)
{
    uint64_t objects[LKS_OBJECT_KINDS_COUNT] = {0};
    const struct lks_events *events = &totals->data->events;
    for (uint32_t o = 0; o < events->objects_count; o++)
        objects[events->object_kind[o]]++;
    lks_json_key(json, "kinds");
    lks_json_object(json);
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++) {
        if (objects[kind] == 0 || options->window_us[kind] < 0)
            continue;
        lks_json_key(json, lks_object_kind_names[kind]);
        lks_json_object(json);
        lks_json_key(json, "window_s");
        lks_json_double(json, (double)options->window_us[kind] / 1e6);
        json_count(json, "objects", objects[kind]);
        json_count(json, "edges", totals->kind_edges[kind]);
        lks_json_object_end(json);
    }
    lks_json_object_end(json);
}

static void answer_json(const struct totals *totals, const struct lks_coaction_options *options,
                        const struct lks_coaction_counts *counts, struct lks_json *json)
{
    const struct lks_coaction_data *data = totals->data;
    lks_json_object(json);
    json_count(json, "edges", totals->edges);
    json_count(json, "nodes", totals->nodes);
    json_count(json, "pairs", totals->pairs);
    json_count(json, "pairs_scanned", counts->pairs_scanned);
    json_count(json, "rows", data->rows_count);
    json_count(json, "posts", data->posts.count);
    json_count(json, "accounts", data->accounts.count);
    json_count(json, "actions", data->events.count);
    json_count(json, "rejects", data->rejects_count);
    json_count(json, "ignored", data->ignored_count);
    json_count(json, "merged", data->merged_count);
    json_count(json, "duplicates", data->duplicates_count);
    lks_json_key(json, "synthetic");
    lks_json_bool(json, data->synthetic);
    lks_json_key(json, "time_precision");
    lks_json_text(json, lks_precision_names[data->events.time_precision]);
    kinds_json(totals, options, json);
    json_count(json, "min_pairs", options->min_pairs);
    json_count(json, "min_objects", options->min_objects);
    json_count(json, "min_occasions", options->min_occasions);
    strongest_json(totals, json);
    lks_json_object_end(json);
}

static void answer_text(const struct totals *totals, const struct lks_coaction_options *options,
                        struct lks_buffer *text)
{
    const struct lks_coaction_data *data = totals->data;
    if (data->synthetic)
        lks_buffer_text(text, "SYNTHETIC DATA: made by a simulator, about nobody.\n");
    lks_buffer_format(text,
                      "%" PRIu64 " edge%s between %" PRIu64
                      " accounts, from %zu actions in %u posts "
                      "by %u accounts.\n",
                      totals->edges, totals->edges == 1 ? "" : "s", totals->nodes,
                      data->events.count, data->posts.count, data->accounts.count);
    if (data->rejects_count || data->ignored_count || data->duplicates_count)
        lks_buffer_format(text,
                          "Left out: %" PRIu64 " rejected rows, %" PRIu64
                          " rows that are no posts, "
                          "%" PRIu64 " posts with a known id but another account or time.\n",
                          data->rejects_count, data->ignored_count, data->duplicates_count);
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        if (data->events.time_precision != LKS_PRECISION_SECOND && options->window_us[kind] >= 0 &&
            options->window_us[kind] < LKS_MINUTE_US) {
            lks_buffer_format(text,
                              "Times are written to the %s only: a shorter window means the same "
                              "%s.\n",
                              lks_precision_names[data->events.time_precision],
                              lks_precision_names[data->events.time_precision]);
            break;
        }
    if (totals->strongest_count)
        lks_buffer_text(text, "Strongest (occasions, objects, mean lag in seconds):\n");
    for (size_t i = 0; i < totals->strongest_count; i++) {
        const struct lks_edge *edge = &totals->strongest[i];
        struct lks_str a = data->accounts.names[edge->a], b = data->accounts.names[edge->b];
        lks_buffer_format(text, "  %6" PRIu32 " %6" PRIu32 " %8.1f  ", edge->occasions_count,
                          edge->objects_count, edge->lag_mean_us / 1e6);
        lks_buffer_shown(text, a, NAME_SHOWN_BYTES);
        lks_buffer_text(text, "  ");
        lks_buffer_shown(text, b, NAME_SHOWN_BYTES);
        lks_buffer_byte(text, '\n');
    }
    if (totals->edges)
        lks_buffer_text(text, "Acting together is not yet more than chance: 'lockstep investigate' "
                              "tests that.\n");
}

int lks_coaction_own(const struct lks_coaction_request *request, const struct lks_control *control,
                     struct lks_coaction_answer *answer, struct lks_error *err)
{
    struct lks_coaction_data data;
    struct lks_coaction_counts counts;
    struct totals totals = {.data = &data};
    struct lks_edge_sink sink = {edges_take, &totals};
    struct lks_coaction_options options = lks_coaction_options_default();
    options.min_pairs = request->min_pairs ? request->min_pairs : 1;
    options.min_objects = request->min_objects ? request->min_objects : 1;
    options.min_occasions = request->min_occasions ? request->min_occasions : 1;
    options.threads_count = lks_threads_count(control);
    options.memory_bytes = control ? control->memory_bytes : 0;
    int code = lks_coaction_windows_read(request->windows, request->kinds, options.window_us, err);
    if (code < 0)
        return code;
    code = lks_coaction_load(request, control, &data, err);
    if (code < 0)
        return code;
    totals.node = calloc((size_t)data.accounts.count + 1, 1);
    if (!totals.node)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = lks_coaction_table_open(&totals.table, request->edges_path, edge_names, edge_types,
                                       NAME_COLUMNS + LKS_OBJECT_KINDS_COUNT, err);
    if (code == 0)
        code = lks_coaction_scan(&data.events, &options, control, &sink, &counts, err);
    if (code == 0)
        code = lks_coaction_table_commit(&totals.table, err);
    if (code == 0 && answer->as_json)
        answer_json(&totals, &options, &counts, &answer->json);
    else if (code == 0)
        answer_text(&totals, &options, answer->text);
    lks_coaction_table_abandon(&totals.table);
    free(totals.node);
    lks_coaction_data_free(&data);
    return code;
}
