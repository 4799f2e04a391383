/* coaction_own.c - the co-action network of files by the project's own definition */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/shown.h"
#include "base/threads.h"
#include "coaction/coaction.h"
#include "detect/coaction_edges.h"
#include "detect/coaction_forecast.h"
#include "detect/coaction_parts.h"
#include "detect/coaction_within.h"

enum { STRONGEST = 10, NAME_SHOWN_BYTES = 80, READING_BYTES = 3 << 20 };

/* What is kept of the edges of one window while they pass. */
struct totals {
    const struct lks_coaction_data *data;
    const struct lks_coaction_means *means;
    struct lks_coaction_edges kept;
    uint8_t *node; /* [accounts_count] */
    uint64_t edges, pairs, nodes;
    uint64_t kind_edges[LKS_OBJECT_KINDS_COUNT];
    struct lks_edge strongest[STRONGEST]; /* falling */
    size_t strongest_count;
    char *path; /* of its edges; NULL: nowhere */
    struct lks_coaction_counts counts;
};

/* One run: every window with its options and totals. */
struct own {
    struct lks_coaction_data data;
    struct lks_coaction_windows windows;
    struct lks_coaction_options options[LKS_WINDOWS_ASKED_MAX];
    struct totals totals[LKS_WINDOWS_ASKED_MAX];
    struct lks_coaction_means means;
};

/* A higher score, where there is one; then more occasions, then more objects, then more pairs; of equal ones the first. */
static int stronger(const struct lks_edge *x, const struct lks_edge *y)
{
    if (x->score != y->score)
        return x->score > y->score;
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

static int edges_take(void *context, size_t window, const struct lks_edge *edges, size_t count,
                      struct lks_error *err)
{
    struct own *own = context;
    struct totals *totals = &own->totals[window];
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
    int code = lks_coaction_edges_put(&totals->kept, edges, count, err);
    if (code || totals->data->sorted_count) /* passes: no share of the whole is known */
        return code;
    return lks_coaction_forecast_refine(totals->means, &totals->kept, totals->means->done_share,
                                        err);
}

/* An attempt of the scan is thrown away. */
static void edges_reset(void *context)
{
    struct own *own = context;
    for (size_t w = 0; w < own->windows.count; w++) {
        struct totals *totals = &own->totals[w];
        lks_coaction_edges_reset(&totals->kept);
        memset(totals->node, 0, (size_t)own->data.accounts.count + 1);
        totals->edges = totals->pairs = totals->nodes = 0;
        memset(totals->kind_edges, 0, sizeof totals->kind_edges);
        totals->strongest_count = 0;
    }
}

static void strongest_json(const struct totals *totals, struct lks_json *json)
{
    lks_json_array(json, "strongest");
    for (size_t i = 0; i < totals->strongest_count; i++) {
        const struct lks_edge *edge = &totals->strongest[i];
        lks_json_object(json, NULL);
        lks_json_string(json, "a", totals->data->accounts.names[edge->a]);
        lks_json_string(json, "b", totals->data->accounts.names[edge->b]);
        lks_json_uint(json, "occasions", edge->occasions_count);
        lks_json_uint(json, "objects", edge->objects_count);
        lks_json_uint(json, "pairs", edge->pairs_count);
        if (edge->score) {
            lks_json_double(json, "score_bits", edge->score / 16.0);
        }
        lks_json_uint(json, "a_first", edge->a_first);
        lks_json_uint(json, "b_first", edge->b_first);
        lks_json_double(json, "lag_s", edge->lag_mean_us / 1e6);
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
    lks_json_object(json, "kinds");
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++) {
        if (objects[kind] == 0 || options->window_us[kind] < 0)
            continue;
        lks_json_object(json, lks_object_kind_names[kind]);
        lks_json_double(json, "window_s", (double)options->window_us[kind] / 1e6);
        lks_json_uint(json, "objects", objects[kind]);
        lks_json_uint(json, "edges", totals->kind_edges[kind]);
        lks_json_object_end(json);
    }
    lks_json_object_end(json);
}

/* The longest window: its numbers stand for the run where one must. */
static size_t longest_window(const struct own *own)
{
    size_t longest = 0;
    for (size_t w = 1; w < own->windows.count; w++)
        for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
            if (own->options[w].window_us[kind] > own->options[longest].window_us[kind]) {
                longest = w;
                break;
            }
    return longest;
}

static void windows_json(const struct own *own, struct lks_json *json)
{
    lks_json_array(json, "windows");
    for (size_t w = 0; w < own->windows.count; w++) {
        const struct totals *totals = &own->totals[w];
        lks_json_object(json, NULL);
        lks_json_text(json, "window", own->windows.name[w]);
        lks_json_uint(json, "edges", totals->edges);
        lks_json_uint(json, "nodes", totals->nodes);
        lks_json_uint(json, "pairs", totals->pairs);
        kinds_json(totals, &own->options[w], json);
        strongest_json(totals, json);
        lks_json_object_end(json);
    }
    lks_json_array_end(json);
}

static void answer_json(const struct own *own, double chance_edges, struct lks_json *json)
{
    const struct lks_coaction_data *data = &own->data;
    size_t longest = longest_window(own);
    const struct totals *totals = &own->totals[longest];
    const struct lks_coaction_options *options = &own->options[longest];
    lks_json_object(json, NULL);
    lks_json_uint(json, "edges", totals->edges);
    lks_json_uint(json, "nodes", totals->nodes);
    lks_json_uint(json, "pairs", totals->pairs);
    lks_json_uint(json, "pairs_scanned", totals->counts.pairs_scanned);
    lks_json_uint(json, "edges_measured", totals->counts.edges_seen);
    lks_json_uint(json, "rows", data->rows_count);
    lks_json_uint(json, "posts", data->posts_count);
    lks_json_uint(json, "accounts", data->accounts.count);
    lks_json_uint(json, "actions", data->events_count);
    lks_json_uint(json, "rejects", data->rejects_count);
    lks_json_uint(json, "ignored", data->ignored_count);
    lks_json_uint(json, "merged", data->merged_count);
    lks_json_uint(json, "duplicates", data->duplicates_count);
    lks_json_bool(json, "synthetic", data->synthetic);
    lks_json_text(json, "time_precision", lks_precision_names[data->events.time_precision]);
    kinds_json(totals, options, json);
    lks_json_uint(json, "min_pairs", options->min_pairs);
    lks_json_uint(json, "min_objects", options->min_objects);
    lks_json_uint(json, "min_occasions", options->min_occasions);
    if (options->min_score) {
        lks_json_double(json, "chance_edges", chance_edges);
        lks_json_double(json, "min_score_bits", options->min_score / 16.0);
    }
    strongest_json(totals, json);
    if (own->windows.count > 1)
        windows_json(own, json);
    lks_json_object_end(json);
}

static void strongest_text(const struct totals *totals, int scored, struct lks_buffer *text)
{
    const struct lks_coaction_data *data = totals->data;
    if (totals->strongest_count && scored)
        lks_buffer_text(text,
                        "Strongest (score in bits, occasions, objects, mean lag in seconds):\n");
    else if (totals->strongest_count)
        lks_buffer_text(text, "Strongest (occasions, objects, mean lag in seconds):\n");
    for (size_t i = 0; i < totals->strongest_count; i++) {
        const struct lks_edge *edge = &totals->strongest[i];
        struct lks_str a = data->accounts.names[edge->a], b = data->accounts.names[edge->b];
        if (scored)
            lks_buffer_format(text, "  %6.1f", edge->score / 16.0);
        lks_buffer_format(text, "  %6" PRIu32 " %6" PRIu32 " %8.1f  ", edge->occasions_count,
                          edge->objects_count, edge->lag_mean_us / 1e6);
        lks_buffer_shown(text, a, NAME_SHOWN_BYTES);
        lks_buffer_text(text, "  ");
        lks_buffer_shown(text, b, NAME_SHOWN_BYTES);
        lks_buffer_byte(text, '\n');
    }
}

static void precision_text(const struct lks_coaction_data *data,
                           const struct lks_coaction_options *options, struct lks_buffer *text)
{
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
}

static void answer_text(const struct own *own, double chance_edges, struct lks_buffer *text)
{
    const struct lks_coaction_data *data = &own->data;
    uint64_t edges = 0;
    int scored = own->options[0].min_score > 0;
    if (data->synthetic)
        lks_buffer_text(text, "SYNTHETIC DATA: made by a simulator, about nobody.\n");
    for (size_t w = 0; w < own->windows.count; w++) {
        const struct totals *totals = &own->totals[w];
        edges += totals->edges;
        if (own->windows.count > 1)
            lks_buffer_format(text, "Window %s: ", own->windows.name[w]);
        lks_buffer_format(text,
                          "%" PRIu64 " edge%s between %" PRIu64 " accounts, from %" PRIu64
                          " actions in %" PRIu64 " posts "
                          "by %u accounts.\n",
                          totals->edges, totals->edges == 1 ? "" : "s", totals->nodes,
                          data->events_count, data->posts_count, data->accounts.count);
        precision_text(data, &own->options[w], text);
        strongest_text(totals, scored, text);
    }
    if (data->rejects_count || data->ignored_count || data->duplicates_count)
        lks_buffer_format(text,
                          "Left out: %" PRIu64 " rejected rows, %" PRIu64
                          " rows that are no posts, "
                          "%" PRIu64 " posts with a known id but another account or time.\n",
                          data->rejects_count, data->ignored_count, data->duplicates_count);
    if (scored)
        lks_buffer_format(text,
                          "Left out: pairs that chance may have brought together (a score below "
                          "%.1f bits, which at most %g of all pairs\nare expected to reach by "
                          "chance); --chance any keeps them, as does a minimum of your own.\n",
                          own->options[0].min_score / 16.0, chance_edges);
    else if (edges)
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

static void progress_pass(void *context, const struct lks_progress *progress)
{
    struct lks_coaction_means *means = context;
    means->done_share = progress->total ? (double)progress->done / (double)progress->total : 0;
    if (means->asked && means->asked->progress)
        means->asked->progress(means->asked->context, progress);
}

static void notice_pass(void *context, const char *sentence)
{
    const struct lks_coaction_means *means = context;
    if (means->asked && means->asked->notice)
        means->asked->notice(means->asked->context, sentence);
}

/* Chunks of the files and their batches are not counted one by one: room for them is set aside,
 * at most a quarter. */
static void means_start(struct lks_coaction_means *means,
                        const struct lks_coaction_request *request,
                        const struct lks_control *control, const char *folder)
{
    means->asked = control;
    means->watched = control ? *control : (struct lks_control){0};
    means->watched.context = means;
    means->watched.progress = progress_pass;
    means->watched.notice = notice_pass;
    means->control = &means->watched;
    means->done_share = 0;
    means->threads_count = lks_threads_count(control);
    lks_budget_init(&means->budget, control ? control->memory_bytes : 0, "co-action");
    uint64_t reading = (2 * (uint64_t)means->threads_count + 2) * READING_BYTES;
    uint64_t quarter = means->budget.limit_bytes / 4;
    means->budget.limit_bytes -= reading < quarter ? reading : quarter;
    lks_spill_init(&means->spill, folder, request->spill_limit_bytes);
}

static int options_read(const struct lks_coaction_request *request,
                        const struct lks_control *control, struct own *own, struct lks_error *err)
{
    int code = lks_coaction_windows_read(request->windows, request->kinds, &own->windows, err);
    for (size_t w = 0; code == 0 && w < own->windows.count; w++) {
        struct lks_coaction_options *options = &own->options[w];
        *options = lks_coaction_options_default();
        options->min_pairs = request->min_pairs ? request->min_pairs : 1;
        options->min_objects = request->min_objects ? request->min_objects : 1;
        options->min_occasions = request->min_occasions ? request->min_occasions : 1;
        options->threads_count = lks_threads_count(control);
        memcpy(options->window_us, own->windows.us[w], sizeof options->window_us);
    }
    return code;
}

/* The score that of all pairs of accounts no more than chance_edges are expected to reach. */
static void score_ask(struct own *own, double chance_edges)
{
    double accounts = own->data.accounts.count;
    double sixteenths = ceil(16 * log2(accounts * (accounts - 1) / 2 / chance_edges));
    uint32_t min_score = sixteenths > 1 ? (uint32_t)fmin(sixteenths, 4095) : 1;
    for (size_t w = 0; w < own->windows.count; w++)
        own->options[w].min_score = min_score;
}

/* "folder/e.csv" for window 10s is "folder/e.10s.csv"; the name itself where there is but one. */
static char *window_path(const struct own *own, const char *path, size_t window)
{
    const char *slash = path ? strrchr(path, '/') : NULL, *dot = path ? strrchr(path, '.') : NULL;
    char *made;
    if (own->windows.count == 1 || !dot || (slash && dot < slash))
        return path ? strdup(path) : NULL;
    if (asprintf(&made, "%.*s.%s%s", (int)(dot - path), path, own->windows.name[window], dot) < 0)
        return NULL;
    return made;
}

static int edges_open(const struct lks_coaction_request *request, struct own *own,
                      struct lks_error *err)
{
    for (size_t w = 0; w < own->windows.count; w++) {
        struct totals *totals = &own->totals[w];
        totals->data = &own->data;
        totals->means = &own->means;
        totals->path = window_path(own, request->edges_path, w);
        if (request->edges_path && !totals->path)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        int code = lks_coaction_edges_open(&totals->kept, totals->path, request->chance_edges > 0,
                                           own->windows.count, &own->data, &own->means, err);
        if (code)
            return code;
    }
    return 0;
}

/* Edges by a score are few, whatever the thresholds, and are not forecast. */
static int forecast(struct own *own, struct lks_error *err)
{
    struct lks_coaction_forecast found;
    struct lks_error why = {0};
    size_t widest = longest_window(own);
    const struct lks_coaction_edges *kept = &own->totals[widest].kept;
    if (own->options[widest].min_score)
        return 0;
    int code = lks_coaction_forecast_make(&own->data, &own->options[widest], &own->means, kept,
                                          &found, &why);
    if (code == LKS_EMEMORY) /* the scan will tell, in passes */
        return 0;
    if (code)
        return lks_error_set(err, code, "%s", why.message);
    own->means.done_share = 0;
    return found.edges > 0 ? lks_coaction_forecast_tell(&found, &own->means, kept, err) : 0;
}

static int own_run(const struct lks_coaction_request *request, struct own *own,
                   struct lks_error *err)
{
    const struct lks_coaction_taker taker = {edges_take, edges_reset, own};
    struct lks_coaction_counts counts[LKS_WINDOWS_ASKED_MAX];
    uint64_t aside_bytes = 0;
    int code = edges_open(request, own, err);
    if (code == 0)
        code = lks_coaction_data_load(request, &own->means, &own->data, err);
    if (code == 0 && request->chance_edges > 0)
        score_ask(own, request->chance_edges);
    for (size_t w = 0; code == 0 && w < own->windows.count; w++) {
        aside_bytes += own->totals[w].kept.share_bytes;
        code = lks_budget_array(&own->means.budget, &own->totals[w].node,
                                (size_t)own->data.accounts.count + 1, 1, err);
    }
    if (code == 0)
        code = forecast(own, err);
    if (code == 0)
        code = lks_coaction_within(&own->data, own->options, own->windows.count, &own->means,
                                   aside_bytes, &taker, counts, err);
    for (size_t w = 0; code == 0 && w < own->windows.count; w++) {
        own->totals[w].counts = counts[w];
        code = lks_coaction_edges_write(&own->totals[w].kept, err);
    }
    return code;
}

int lks_coaction_own(const struct lks_coaction_request *request, const struct lks_control *control,
                     struct lks_coaction_answer *answer, struct lks_error *err)
{
    struct own *own = calloc(1, sizeof *own);
    char *folder = temp_folder(request);
    if (!folder || !own) {
        free(own);
        free(folder);
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    int code = options_read(request, control, own, err);
    if (code < 0) {
        free(own);
        free(folder);
        return code;
    }
    means_start(&own->means, request, control, folder);
    code = own_run(request, own, err);
    if (code == 0 && answer->as_json)
        answer_json(own, request->chance_edges, &answer->json);
    else if (code == 0)
        answer_text(own, request->chance_edges, answer->text);
    for (size_t w = 0; w < own->windows.count; w++) {
        struct totals *totals = &own->totals[w];
        if (totals->data)
            lks_coaction_edges_close(&totals->kept);
        lks_budget_free(&own->means.budget, totals->node, (size_t)own->data.accounts.count + 1, 1);
        free(totals->path);
    }
    lks_coaction_data_free(&own->data, &own->means);
    free(own);
    free(folder);
    return code;
}
