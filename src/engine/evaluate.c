/* evaluate.c - a run against labels: reads them, finds the accounts, has the measures made */
#include "engine/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "dossier/evaluation_svg.h"
#include "engine/case.h"
#include "engine/results_tables.h"
#include "source/csv_file.h"
#include "source/row.h"
#include "stat/multiple.h"

/* Where an account outside of findings ends in rank, one in a finding begins, and in one of higher
 * confidence begins anew. */
#define RANK_FINDING 1e6

enum { DRAWS_COUNT = 1000 };

/* What the labels say, by the dense id of the account key. */
struct labels {
    struct lks_intern keys, groups;
    struct label {
        int8_t coordinated;
        uint8_t in_case, ranked, awakened;
        uint32_t group;
    } * items;
    size_t capacity;
    uint64_t *group_sizes;
};

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the labels");
}

static void labels_free(struct labels *labels)
{
    lks_intern_free(&labels->keys);
    lks_intern_free(&labels->groups);
    free(labels->items);
    free(labels->group_sizes);
}

static int label_add(struct labels *labels, const struct lks_csv_file *file, struct lks_str key,
                     int coordinated, struct lks_str group, struct lks_error *err)
{
    int fresh;
    uint32_t id = lks_intern_add(&labels->keys, key, &fresh);
    uint32_t group_id = LKS_EVALUATE_NONE;
    if (coordinated && group.data) {
        group_id = lks_intern_add(&labels->groups, group, NULL);
        if (group_id == LKS_INTERN_NONE)
            return memory_out(err);
    }
    if (id == LKS_INTERN_NONE)
        return memory_out(err);
    if (!fresh) {
        if (labels->items[id].coordinated != coordinated)
            return lks_error_set(err, LKS_EINPUT,
                                 "%s: line %llu gives an account another label than before",
                                 file->path, (unsigned long long)file->line);
        return 0;
    }
    if (id >= labels->capacity) {
        size_t capacity = labels->capacity ? 2 * labels->capacity : 1024;
        struct label *items = realloc(labels->items, capacity * sizeof *items);
        if (!items)
            return memory_out(err);
        labels->items = items;
        labels->capacity = capacity;
    }
    labels->items[id] = (struct label){.coordinated = (int8_t)coordinated, .group = group_id};
    return 0;
}

/* One row; keys without a platform would meet nothing, so they are refused. */
static int label_read(struct labels *labels, const struct lks_csv_file *file, struct lks_error *err)
{
    struct lks_str key = lks_csv_file_field(file, 0), label = lks_csv_file_field(file, 1);
    struct lks_str group = LKS_STR_NULL;
    for (size_t i = 2; i < 5 && !group.size_bytes; i++)
        group = lks_csv_file_field(file, i);
    unsigned long long line = file->line;
    if (!key.size_bytes || !memchr(key.data, ':', key.size_bytes))
        return lks_error_set(err, LKS_EINPUT,
                             "%s: line %llu has no key with its platform, as in tiktok:name",
                             file->path, line);
    if (!lks_str_equal_text(label, "0") && !lks_str_equal_text(label, "1"))
        return lks_error_set(err, LKS_EINPUT, "%s: the label in line %llu is neither 0 nor 1",
                             file->path, line);
    return label_add(labels, file, key, *label.data == '1', group.size_bytes ? group : LKS_STR_NULL,
                     err);
}

static int labels_load(const char *path, struct labels *labels, struct lks_error *err)
{
    static const char *const columns[] = {"account_key", "label",    "group",
                                          "population",  "campaign", NULL};
    struct lks_csv_file file;
    int more = 0, code = lks_csv_file_open(&file, path, columns, 2, err);
    if (code)
        return code;
    while (code == 0 && (more = lks_csv_file_next(&file, err)) == 1)
        code = label_read(labels, &file, err);
    if (more < 0)
        code = more;
    if (code == 0 && file.rejects_count)
        code = lks_error_set(err, LKS_EINPUT, "%s: %llu of %llu rows have no sound fields", path,
                             (unsigned long long)file.rejects_count,
                             (unsigned long long)file.rows_count);
    if (code == 0 && !labels->keys.count)
        code = lks_error_set(err, LKS_EINPUT, "%s holds no labels", path);
    lks_csv_file_close(&file);
    return code;
}

/* ---- who is in the case ---- */

struct presence {
    struct labels *labels;
    struct lks_evaluated_run *run;
};

static void account_present(void *context, struct lks_str key, uint64_t posts_count)
{
    struct presence *presence = context;
    if (!posts_count)
        return;
    uint32_t id = lks_intern_find(&presence->labels->keys, key);
    if (id == LKS_INTERN_NONE)
        presence->run->unlabelled_count++;
    else
        presence->labels->items[id].in_case = 1;
}

static int presence_read(struct lks_store *store, struct labels *labels,
                         struct lks_evaluated_run *run, struct lks_error *err)
{
    struct presence presence = {labels, run};
    int code = lks_store_each_account(store, account_present, &presence, err);
    labels->group_sizes = calloc(labels->groups.count + 1, sizeof *labels->group_sizes);
    if (code == 0 && !labels->group_sizes)
        code = memory_out(err);
    for (uint32_t i = 0; code == 0 && i < labels->keys.count; i++) {
        const struct label *label = &labels->items[i];
        if (!label->in_case)
            *(label->coordinated ? &run->missing_coordinated : &run->missing_innocent) += 1;
        else if (label->group != LKS_EVALUATE_NONE)
            labels->group_sizes[label->group]++;
    }
    run->labels_count = labels->keys.count;
    run->has_groups = labels->groups.count > 0;
    return code;
}

/* ---- ranks ---- */

/* The rank of every node: of findings by confidence and score, else by its least p. */
static double *scores_make(const struct lks_results *results)
{
    double *scores = calloc(results->nodes_count + 1, sizeof *scores);
    if (!scores)
        return NULL;
    for (uint64_t i = 0; i < results->edges_count; i++) {
        const struct lks_result_edge *edge = &results->edges[i];
        double score = edge->p_value > 0 ? -log10(edge->p_value) : 400;
        const uint32_t ends[2] = {edge->edge.a, edge->edge.b};
        for (int end = 0; end < 2; end++)
            if (score > scores[ends[end]])
                scores[ends[end]] = score;
    }
    for (uint32_t f = 0; f < results->findings_count; f++)
        for (uint32_t i = 0; i < results->findings[f].members_count; i++)
            scores[results->findings[f].members[i]] =
                RANK_FINDING * (1 + (double)results->findings[f].confidence) +
                results->findings[f].score;
    return scores;
}

static uint32_t *findings_of_nodes(const struct lks_results *results)
{
    uint32_t *finding = malloc(((size_t)results->nodes_count + 1) * sizeof *finding);
    if (!finding)
        return NULL;
    for (uint32_t i = 0; i < results->nodes_count; i++)
        finding[i] = LKS_EVALUATE_NONE;
    for (uint32_t f = 0; f < results->findings_count; f++)
        for (uint32_t i = 0; i < results->findings[f].members_count; i++)
            finding[results->findings[f].members[i]] = f;
    return finding;
}

static size_t ranked_fill(const struct lks_results *results, struct labels *labels,
                          const double *scores, const uint32_t *finding,
                          struct lks_evaluated_run *run, struct lks_ranked *ranked)
{
    size_t count = 0;
    for (uint32_t i = 0; i < results->nodes_count; i++) {
        uint32_t id = lks_intern_find(&labels->keys, results->nodes[i].account.account_key);
        if (id == LKS_INTERN_NONE) {
            run->unlabelled_found += finding[i] != LKS_EVALUATE_NONE;
            continue;
        }
        struct label *label = &labels->items[id];
        label->ranked = 1;
        ranked[count++] =
            (struct lks_ranked){finding[i], label->group, label->coordinated, scores[i]};
    }
    return count;
}

static int measures_make(struct labels *labels, struct lks_evaluated_run *run,
                         struct lks_error *err)
{
    const struct lks_results *results = run->results;
    double *scores = scores_make(results);
    uint32_t *finding = findings_of_nodes(results);
    struct lks_ranked *ranked = calloc((size_t)results->nodes_count + 1, sizeof *ranked);
    enum lks_confidence *confidence =
        calloc((size_t)results->findings_count + 1, sizeof *confidence);
    int code = scores && finding && ranked && confidence ? 0 : memory_out(err);
    struct lks_evaluate_input input = {.ranked = ranked,
                                       .confidence = confidence,
                                       .findings_count = results->findings_count,
                                       .group_sizes = labels->group_sizes,
                                       .groups_count = labels->groups.count,
                                       .seed = run->seed,
                                       .draws = run->draws};
    if (code == 0) {
        input.ranked_count = ranked_fill(results, labels, scores, finding, run, ranked);
        for (uint32_t i = 0; i < results->findings_count; i++)
            confidence[i] = results->findings[i].confidence;
        for (uint32_t i = 0; i < labels->keys.count; i++) {
            const struct label *label = &labels->items[i];
            uint64_t outside = label->in_case && !label->ranked;
            *(label->coordinated ? &input.others_coordinated : &input.others_innocent) += outside;
        }
        code = lks_evaluate(&input, &run->evaluation, err);
    }
    free(scores);
    free(finding);
    free(ranked);
    free(confidence);
    return code;
}

static struct lks_measure measure(uint64_t hits, uint64_t trials, double scale)
{
    struct lks_interval interval = lks_wilson(hits, trials);
    return (struct lks_measure){hits, trials, trials ? scale * (double)hits / (double)trials : NAN,
                                scale * interval.low, scale * interval.high};
}

/* The sleepers, a detector of their own: every account that the run calls awakened. */
static void awakened_measure(struct labels *labels, struct lks_evaluated_run *run)
{
    uint64_t right = 0, wrong = 0;
    for (uint32_t i = 0; i < run->results->awakenings_count; i++) {
        uint32_t id =
            lks_intern_find(&labels->keys, run->results->awakenings[i].account.account_key);
        if (id == LKS_INTERN_NONE || labels->items[id].awakened)
            continue;
        labels->items[id].awakened = 1;
        labels->items[id].coordinated ? right++ : wrong++;
    }
    run->awakened_precision = measure(right, right + wrong, 1);
    run->awakened_recall = measure(right, run->evaluation.coordinated, 1);
    run->awakened_false_alarms = measure(wrong, run->evaluation.innocent, 10000);
}

int lks_case_evaluate(const char *case_path, const struct lks_evaluate_options *options,
                      int as_json, const struct lks_control *control, char **text_out,
                      struct lks_error *err)
{
    char name[16], path[LKS_CASE_PATH_BYTES];
    struct lks_store *store = NULL;
    struct lks_results results = {0};
    struct labels labels = {0};
    struct lks_buffer out = {0};
    struct lks_evaluated_run run = {
        .results = &results, .seed = options->seed, .draws = DRAWS_COUNT};
    *text_out = NULL;
    int code = options->labels ? labels_load(options->labels, &labels, err)
                               : lks_error_set(err, LKS_EARGUMENT, "no labels were named");
    if (code == 0)
        code = lks_case_open(case_path, control, &store, err);
    if (code == 0)
        code = lks_case_run_find(case_path, options->run, name, err);
    if (code == 0)
        code = lks_case_path(case_path, name, "results.duckdb", path, err);
    if (code == 0)
        code = lks_results_load(path, &results, err);
    if (code == 0)
        code = presence_read(store, &labels, &run, err);
    if (code == 0 && run.missing_coordinated + run.missing_innocent == run.labels_count)
        code = lks_error_set(err, LKS_EINPUT,
                             "none of the %llu labelled accounts has a post in the case; are the "
                             "keys those of the case, as in tiktok:name?",
                             (unsigned long long)run.labels_count);
    if (code == 0)
        code = measures_make(&labels, &run, err);
    if (code == 0) {
        awakened_measure(&labels, &run);
        as_json ? lks_evaluate_json(&run, &out) : lks_evaluate_text(&run, &out);
        lks_buffer_byte(&out, '\0');
        if (out.failed)
            code = memory_out(err);
    }
    if (code == 0 && options->picture)
        code = lks_evaluation_svg(&run.evaluation, results.synthetic, options->picture, err);
    if (code == 0)
        *text_out = out.data;
    else
        lks_buffer_free(&out);
    lks_evaluation_free(&run.evaluation);
    labels_free(&labels);
    lks_results_free(&results);
    lks_store_close(store);
    return code;
}
