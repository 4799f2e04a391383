/* coaction_own.c - the co-action network of files by the project's own definition */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/shown.h"
#include "base/threads.h"
#include "engine/coaction_edges.h"
#include "engine/coaction_parts.h"
#include "engine/coaction_within.h"
#include "signal/coaction.h"

enum { STRONGEST = 10, NAME_SHOWN_BYTES = 80, READING_BYTES = 3 << 20 };

/* What is kept of the edges while they pass. */
struct totals {
    const struct lks_coaction_data *data;
    struct lks_coaction_edges kept;
    uint8_t *node; /* [accounts_count] */
    uint64_t edges, pairs, nodes;
    uint64_t kind_edges[LKS_OBJECT_KINDS_COUNT];
    struct lks_edge strongest[STRONGEST]; /* falling */
    size_t strongest_count;
};

/* More occasions, then more objects, then more pairs; of equal ones the first. */
static int stronger(const struct lks_edge *x, const struct lks_edge *y)
{
    if (x->occasions_count != y->occasions_count)
        return x->occasions_count > y->occasions_count;
    if (x->objects_count != y->objects_count)
        return x->objects_count > y->objects_count;
    if (x->pairs_count != y->pairs_count)
        return x->pairs_count > y->pairs_count;
    return x->a != y->a ? x->a < y->a : x->b < y->b;
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

static int edges_take(void *context, const struct lks_edge *edges, size_t count,
                      struct lks_error *err)
{
    struct totals *totals = context;
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
    }
    return lks_coaction_edges_put(&totals->kept, edges, count, err);
}

/* An attempt of the scan is thrown away. */
static void edges_reset(void *context)
{
    struct totals *totals = context;
    lks_coaction_edges_reset(&totals->kept);
    memset(totals->node, 0, (size_t)totals->data->accounts.count + 1);
    totals->edges = totals->pairs = totals->nodes = 0;
    memset(totals->kind_edges, 0, sizeof totals->kind_edges);
    totals->strongest_count = 0;
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
    json_count(json, "posts", data->posts_count);
    json_count(json, "accounts", data->accounts.count);
    json_count(json, "actions", data->events_count);
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
                      "%" PRIu64 " edge%s between %" PRIu64 " accounts, from %" PRIu64
                      " actions in %" PRIu64 " posts "
                      "by %u accounts.\n",
                      totals->edges, totals->edges == 1 ? "" : "s", totals->nodes,
                      data->events_count, data->posts_count, data->accounts.count);
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

/* The folder for temporary files: the one named, the output's, or the system's for large ones. */
static char *temp_folder(const struct lks_coaction_request *request)
{
    const char *slash = request->edges_path ? strrchr(request->edges_path, '/') : NULL;
    if (request->temp_folder)
        return strdup(request->temp_folder);
    if (!request->edges_path)
        return strdup(access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp");
    if (!slash)
        return strdup(".");
    return slash == request->edges_path
               ? strdup("/")
               : strndup(request->edges_path, (size_t)(slash - request->edges_path));
}

/* Chunks of the files and their batches are not counted one by one: room for them is set aside,
 * at most a quarter. */
static void means_start(struct lks_coaction_means *means,
                        const struct lks_coaction_request *request,
                        const struct lks_control *control, const char *folder)
{
    means->control = control;
    means->threads_count = lks_threads_count(control);
    lks_budget_init(&means->budget, control ? control->memory_bytes : 0, "co-action");
    uint64_t reading = (2 * (uint64_t)means->threads_count + 2) * READING_BYTES;
    uint64_t quarter = means->budget.limit_bytes / 4;
    means->budget.limit_bytes -= reading < quarter ? reading : quarter;
    lks_spill_init(&means->spill, folder, request->spill_limit_bytes);
}

static int options_read(const struct lks_coaction_request *request,
                        const struct lks_control *control, struct lks_coaction_options *options,
                        struct lks_error *err)
{
    *options = lks_coaction_options_default();
    options->min_pairs = request->min_pairs ? request->min_pairs : 1;
    options->min_objects = request->min_objects ? request->min_objects : 1;
    options->min_occasions = request->min_occasions ? request->min_occasions : 1;
    options->threads_count = lks_threads_count(control);
    return lks_coaction_windows_read(request->windows, request->kinds, options->window_us, err);
}

static int own_run(const struct lks_coaction_request *request,
                   const struct lks_coaction_options *options, struct lks_coaction_means *means,
                   struct totals *totals, struct lks_coaction_data *data,
                   struct lks_coaction_counts *counts, struct lks_error *err)
{
    const struct lks_coaction_taker taker = {edges_take, edges_reset, totals};
    int code = lks_coaction_edges_open(&totals->kept, request->edges_path, data, means, err);
    if (code == 0)
        code = lks_coaction_data_load(request, means, data, err);
    if (code == 0)
        code = lks_budget_array(&means->budget, &totals->node, (size_t)data->accounts.count + 1, 1,
                                err);
    if (code == 0)
        code = lks_coaction_within(data, options, means, totals->kept.share_bytes, &taker, counts,
                                   err);
    if (code == 0)
        code = lks_coaction_edges_write(&totals->kept, err);
    return code;
}

int lks_coaction_own(const struct lks_coaction_request *request, const struct lks_control *control,
                     struct lks_coaction_answer *answer, struct lks_error *err)
{
    struct lks_coaction_data data = {0};
    struct lks_coaction_counts counts;
    struct lks_coaction_means means;
    struct totals totals = {.data = &data};
    struct lks_coaction_options options;
    int code = options_read(request, control, &options, err);
    if (code < 0)
        return code;
    char *folder = temp_folder(request);
    if (!folder)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    means_start(&means, request, control, folder);
    code = own_run(request, &options, &means, &totals, &data, &counts, err);
    if (code == 0 && answer->as_json)
        answer_json(&totals, &options, &counts, &answer->json);
    else if (code == 0)
        answer_text(&totals, &options, answer->text);
    lks_coaction_edges_close(&totals.kept);
    lks_budget_free(&means.budget, totals.node, (size_t)data.accounts.count + 1, 1);
    lks_coaction_data_free(&data, &means);
    free(folder);
    return code;
}
