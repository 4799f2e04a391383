/* evaluate.c - a run against labels: reads them, finds who and what is there, has the measures made */
#include "engine/evaluate.h"

#include <stdlib.h>
#include <string.h>

#include "case/runs.h"
#include "detect/results_tables.h"
#include "dossier/evaluation_svg.h"
#include "intake/statements.h"
#include "store/store.h"

enum { DRAWS_COUNT = 1000 };

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for the labels");
}

/* ---- who is in the case ---- */

struct presence {
    struct lks_labels *labels;
    uint8_t *pair_there; /* [pair_keys.count] */
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
    id = lks_intern_find(&presence->labels->pair_keys, key);
    if (id != LKS_INTERN_NONE)
        presence->pair_there[id] = 1;
}

static int presence_read(struct lks_store *store, struct lks_labels *labels, uint8_t *pair_there,
                         struct lks_evaluated_run *run, struct lks_error *err)
{
    struct presence presence = {labels, pair_there, run};
    int code = lks_store_each_account(store, account_present, &presence, err);
    labels->group_sizes = calloc((size_t)labels->groups.count + 1, sizeof *labels->group_sizes);
    if (code == 0 && !labels->group_sizes)
        code = memory_out(err);
    for (uint32_t i = 0; code == 0 && i < labels->keys.count; i++) {
        const struct lks_label *label = &labels->items[i];
        if (!label->in_case)
            *(label->coordinated ? &run->missing_coordinated : &run->missing_innocent) += 1;
        else if (label->group != LKS_EVALUATE_NONE)
            labels->group_sizes[label->group]++;
    }
    run->labels_count = labels->keys.count;
    run->has_groups = labels->groups.count > 0;
    return code;
}

static int accounts_run(struct lks_store *store, struct lks_labels *labels,
                        struct lks_evaluated_run *run, struct lks_error *err)
{
    uint8_t *pair_there = calloc((size_t)labels->pair_keys.count + 1, 1);
    int code = pair_there ? presence_read(store, labels, pair_there, run, err) : memory_out(err);
    run->has_accounts = labels->keys.count > 0;
    run->has_pairs = labels->pairs_count > 0;
    if (code == 0 && run->has_accounts &&
        run->missing_coordinated + run->missing_innocent == run->labels_count)
        code = lks_error_set(err, LKS_EINPUT,
                             "none of the %llu labelled accounts has a post in the case; are the "
                             "keys those of the case, as in tiktok:name?",
                             (unsigned long long)run->labels_count);
    if (code == 0 && run->has_accounts)
        code = lks_evaluate_accounts(labels, run, err);
    if (code == 0 && run->has_pairs)
        code = lks_evaluate_pairs(labels, pair_there, run, err);
    if (code == 0 && run->has_pairs && run->pairs_missing == labels->pairs_count)
        code = lks_error_set(err, LKS_EINPUT,
                             "of none of the %zu labelled pairs both accounts have a post in the "
                             "case; are the keys those of the case, as in tiktok:name?",
                             labels->pairs_count);
    free(pair_there);
    return code;
}

/* ---- channels ---- */

uint32_t lks_channel_find(const struct lks_channel_names *channels, struct lks_str name)
{
    uint32_t id = lks_intern_find(&channels->names, name);
    return id == LKS_INTERN_NONE ? id : channels->channel[id];
}

static int channels_make(struct lks_channel_names *channels, struct lks_error *err)
{
    channels->channel = malloc((2 * channels->count + 1) * sizeof *channels->channel);
    if (!channels->channel)
        return memory_out(err);
    for (size_t i = 0; i < 2 * channels->count; i++) { /* whole keys first */
        struct lks_str name = channels->keys[i % channels->count];
        const char *colon = memchr(name.data, ':', name.size_bytes);
        int fresh;
        if (i >= channels->count && colon)
            name = (struct lks_str){colon + 1, name.size_bytes - (size_t)(colon + 1 - name.data)};
        uint32_t id = lks_intern_add(&channels->names, name, &fresh);
        if (id == LKS_INTERN_NONE)
            return memory_out(err);
        if (fresh)
            channels->channel[id] = (uint32_t)(i % channels->count);
    }
    return 0;
}

static int channels_run(struct lks_store *store, const struct lks_labels *labels,
                        struct lks_evaluated_run *run, struct lks_error *err)
{
    struct lks_arena arena = {0};
    struct lks_channel_names channels = {0};
    run->has_events = labels->events_count > 0;
    run->has_messages = labels->messages_count > 0;
    if (!run->has_events && !run->has_messages)
        return 0;
    int code = lks_store_channels(store, &arena, &channels.keys, &channels.count, err);
    if (code == 0)
        code = channels_make(&channels, err);
    if (code == 0 && run->has_events)
        code = lks_evaluate_events(labels, &channels, run, err);
    if (code == 0 && run->has_messages)
        code = lks_evaluate_messages(labels, &channels, run, err);
    if (code == 0 &&
        run->calls_missing + run->messages_missing == labels->events_count + labels->messages_count)
        code = lks_error_set(err, LKS_EINPUT,
                             "none of the labelled channels has a message in the case; are the "
                             "channels those of the case, as in telegram:1234567890?");
    lks_intern_free(&channels.names);
    free(channels.channel);
    lks_arena_free(&arena);
    return code;
}

/* ---- the whole ---- */

static int labels_read(const struct lks_evaluate_options *options, struct lks_labels *labels,
                       struct lks_error *err)
{
    int code = options->labels ? lks_labels_load(options->labels, labels, err)
                               : lks_error_set(err, LKS_EARGUMENT, "no labels were named");
    for (size_t i = 0; code == 0 && i < options->more_labels_count; i++)
        code = lks_labels_load(options->more_labels[i], labels, err);
    return code;
}

static void run_free(struct lks_evaluated_run *run)
{
    for (size_t i = 0; i < run->detectors_count; i++)
        lks_evaluation_free(&run->detectors[i].evaluation);
    lks_evaluation_free(&run->evaluation);
}

static void file_name_put(struct lks_buffer *out, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (out->size_bytes)
        lks_buffer_byte(out, ' ');
    lks_buffer_text(out, slash ? slash + 1 : path);
}

/* The log learns which files the run was held against. */
static int look_record(const char *case_path, const struct lks_evaluate_options *options,
                       const char *run, const struct lks_control *control, struct lks_error *err)
{
    struct lks_buffer asked = {0};
    file_name_put(&asked, options->labels);
    for (size_t i = 0; i < options->more_labels_count; i++)
        file_name_put(&asked, options->more_labels[i]);
    lks_buffer_byte(&asked, '\0');
    int code = asked.failed ? memory_out(err)
                            : lks_look_record(case_path, control, "evaluate", run, asked.data, err);
    lks_buffer_free(&asked);
    return code;
}

int lks_case_evaluate(const char *case_path, const struct lks_evaluate_options *options,
                      int as_json, const struct lks_control *control, char **text_out,
                      struct lks_error *err)
{
    char name[16], path[LKS_CASE_PATH_BYTES];
    struct lks_store *store = NULL;
    struct lks_results results = {0};
    struct lks_labels labels = {0};
    struct lks_buffer out = {0};
    struct lks_evaluated_run run = {
        .results = &results, .seed = options->seed, .draws = DRAWS_COUNT};
    *text_out = NULL;
    int code = labels_read(options, &labels, err);
    if (code == 0)
        code = lks_case_open(case_path, control, &store, err);
    if (code == 0)
        code = lks_case_run_find(case_path, options->run, name, err);
    if (code == 0)
        code = lks_case_path(case_path, name, "results.duckdb", path, err);
    if (code == 0)
        code = lks_results_load(path, &results, err);
    if (code == 0)
        code = accounts_run(store, &labels, &run, err);
    if (code == 0)
        code = channels_run(store, &labels, &run, err);
    run.unsure_count = labels.unsure_count;
    if (code == 0 && options->picture && !run.has_accounts)
        code = lks_error_set(err, LKS_EARGUMENT,
                             "the picture shows accounts, and the labels name none");
    if (code == 0) {
        as_json ? lks_evaluate_json(&run, &out) : lks_evaluate_text(&run, &out);
        lks_buffer_byte(&out, '\0');
        if (out.failed)
            code = memory_out(err);
    }
    if (code == 0) /* who looked is logged before there is something to see */
        code = look_record(case_path, options, name, control, err);
    if (code == 0 && options->picture)
        code = lks_evaluation_svg(&run.evaluation, results.synthetic, options->picture, err);
    if (code == 0)
        *text_out = out.data;
    else
        lks_buffer_free(&out);
    run_free(&run);
    lks_labels_free(&labels);
    lks_results_free(&results);
    lks_store_close(store);
    return code;
}
