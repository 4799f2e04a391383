/* detect.c - one detection run: columns from the store, groups against chance, results on disk */
#include "detect/detect.h"

#include <stdlib.h>

#include "base/budget.h"
#include "case/runs.h"
#include "detect/accounts_load.h"
#include "detect/cues_load.h"
#include "detect/fusion_fill.h"
#include "detect/lifecycle_fill.h"
#include "detect/lineage_fill.h"
#include "detect/near_objects.h"
#include "detect/popularity_fill.h"
#include "detect/promotion_fill.h"
#include "detect/recruitment_fill.h"
#include "detect/relay_fill.h"
#include "detect/results_fill.h"
#include "detect/results_tables.h"
#include "detect/swarm_fill.h"
#include "detect/tags_fill.h"
#include "detect/timeline.h"
#include "intake/ingest.h"
#include "intake/rebuild.h"
#include "intake/statements.h"
#include "intake/summary.h"

/* What stands beside the null model while a run is on, by what its columns hold: of an action
 * 20 bytes of events and a mark, of a post author, time and kind, its place among the author's, marks
 * and the finding, of an account and an object a count and a mark. */
enum { ACTION_BYTES = 20 + 4, POST_BYTES = 13 + 4 + 4 + 1 + 4, OTHER_BYTES = 8 };

/* Counts that against the limit, so that a case that cannot fit is refused before it is loaded. */
static int columns_charge(struct lks_budget *budget, uint64_t actions, uint64_t posts,
                          uint64_t others, struct lks_error *err)
{
    return lks_budget_charge(
        budget, actions * ACTION_BYTES + posts * POST_BYTES + others * OTHER_BYTES, err);
}

static int memory_plan(struct lks_store *store, const struct lks_control *control,
                       struct lks_budget *budget, struct lks_error *err)
{
    struct lks_case_counts counts;
    lks_budget_init(budget, control ? control->memory_bytes : 0, "detection");
    int code = lks_ingest_counts(store, &counts, err);
    return code ? code : columns_charge(budget, 0, counts.posts, counts.accounts, err);
}

static int wants_near(const struct lks_detect_groups_options *options)
{
    return options->chance.kind_window_us[LKS_OBJECT_NEAR_TEXT] >= 0;
}

/* What several layers see, as one; then how popular things were with and without its members,
 * and whose they were. */
static int fuse(struct lks_store *store, const struct lks_events *events,
                const struct lks_detect_groups_options *options,
                const struct lks_settings *settings, const struct lks_account_columns *columns,
                const struct lks_topic *topic, struct lks_analysis *analysis,
                const struct lks_control *control, struct lks_results *results, int describe,
                struct lks_error *err)
{
    uint32_t *finding = malloc(((size_t)events->accounts_count + 1) * sizeof *finding);
    uint32_t *node_account = NULL;
    int code = finding ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory for the fusion");
    if (code == 0)
        code = lks_fusion_fill(store, events, options, settings, columns, analysis, results,
                               finding, &node_account, err);
    /* Posts of those who left with the fusion are no longer coordinated on the timeline. */
    for (uint32_t p = 0; code == 0 && p < events->posts_count; p++)
        if (analysis->post_finding[p] != UINT32_MAX)
            analysis->post_finding[p] = finding[events->post_account[p]];
    if (code == 0)
        code = lks_timeline_fill(events, analysis->post_finding, results, err);
    if (code == 0 && describe)
        code = lks_popularity_fill(store, events, columns, topic, finding, control, results, err);
    analysis->account_finding = finding;
    if (code == 0 && describe)
        code = lks_lineage_fill(store, events, analysis, topic->wanted, control, results, err);
    if (code == 0)
        code = lks_tags_fill(events, finding, node_account, results, err);
    analysis->account_finding = NULL;
    free(node_account);
    free(finding);
    return code;
}

int lks_detect_run(struct lks_store *store, const struct lks_settings *settings,
                   const struct lks_detect_groups_options *options, const struct lks_cues *cues,
                   const struct lks_control *control, int describe, struct lks_results *results,
                   struct lks_detect_seconds *seconds, struct lks_error *err)
{
    struct lks_events events = {0};
    struct lks_analysis analysis = {0};
    struct lks_messages messages = {0};
    struct lks_detect_groups_options groups = *options;
    struct lks_account_columns columns = {0};
    struct lks_topic topic = {0};
    struct lks_budget budget;
    uint32_t mask = 0;
    double start = lks_clock_seconds(), now;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        if (options->chance.kind_window_us[kind] >= 0)
            mask |= 1u << kind;
    int code = memory_plan(store, control, &budget, err);
    if (code == 0 && wants_near(options))
        code = lks_near_objects_make(store, control, err);
    seconds->near_text += (now = lks_clock_seconds()) - start;
    start = now;
    if (code == 0)
        code = lks_store_events(store, mask, control, &events, err);
    if (code == 0) /* objects used once are not among the events: known by now */
        code = columns_charge(&budget, events.count, 0, events.objects_count, err);
    if (!groups.chance.memory_bytes) /* the null model may have what is left */
        groups.chance.memory_bytes = lks_budget_left(&budget);
    if (code == 0)
        code = lks_accounts_load(store, events.accounts_count, &settings->newsrooms, &columns, err);
    if (code == 0)
        code = lks_topic_load(store, settings, &events, control, &topic, err);
    groups.account_verified = columns.verified;
    seconds->load = (now = lks_clock_seconds()) - start;
    start = now;
    if (code == 0)
        code = lks_detect_groups(&events, &groups, control, &analysis, err);
    seconds->detect = (now = lks_clock_seconds()) - start;
    start = now;
    if (code == 0)
        code = lks_results_fill(store, &events, &analysis, options, results, err);
    if (code == 0)
        code =
            lks_lifecycle_fill(store, &events, &columns, &topic, &analysis, control, results, err);
    if (code == 0)
        code = lks_messages_load(store, cues, control, &messages, err);
    if (code == 0)
        code = lks_recruitment_fill(store, &events, &columns, &messages, &analysis, control,
                                    results, err);
    if (code == 0)
        code = lks_swarm_fill(store, &events, &analysis, control, results, err);
    if (code == 0)
        code = lks_relay_fill(store, &messages, control, results, err);
    if (code == 0)
        code = lks_promotion_fill(store, settings, &events, columns.verified, &analysis, control,
                                  results, err);
    if (code == 0)
        code = fuse(store, &events, options, settings, &columns, &topic, &analysis, control,
                    results, describe, err);
    seconds->fill = lks_clock_seconds() - start;
    lks_messages_free(&messages);
    lks_analysis_free(&analysis);
    lks_events_free(&events);
    lks_accounts_unload(&columns);
    lks_topic_unload(&topic);
    return code;
}

static void stage_add(struct lks_results *results, const char *name, double seconds)
{
    LKS_ASSERT(results->stages_count < sizeof results->stages / sizeof *results->stages);
    results->stages[results->stages_count++] = (struct lks_result_stage){name, seconds};
}

/* The first run after posts came in groups near-duplicate texts and leaves them in the case for the
 * others. Where the case cannot be written now (another process reads it), lks_detect_run
 * makes them for itself. */
static int near_keep(const char *case_path, const struct lks_control *control,
                     struct lks_store **store, double *seconds, struct lks_error *err)
{
    struct lks_store *kept = NULL;
    struct lks_budget budget;
    char path[LKS_CASE_PATH_BYTES];
    double start = lks_clock_seconds();
    int made = 0, code = lks_store_near_made(*store, &made, err);
    if (code || made)
        return code;
    if ((code = memory_plan(*store, control, &budget, err))) /* no work for a run that cannot be */
        return code;
    lks_store_close(*store);
    *store = NULL;
    code = lks_case_path(case_path, NULL, "store.duckdb", path, err);
    if (code == 0 && lks_store_open(path, LKS_STORE_OPEN, control, &kept, NULL) == 0) {
        code = lks_near_objects_make(kept, control, err);
        lks_store_close(kept);
    }
    *seconds = lks_clock_seconds() - start;
    return code ? code : lks_case_open(case_path, control, store, err);
}

/* Opens the vault to see that it will take the run's statement, and takes into the store what an
 * import logged and did not store. Others may write to it while the run is on. */
static int vault_ready(const char *case_path, const struct lks_control *control,
                       struct lks_store **store, struct lks_vault **vault, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    enum lks_redo_need need = LKS_REDO_NOTHING;
    int code = lks_vault_there(case_path)
                   ? lks_redo_needed(*store, case_path, &need, err)
                   : lks_error_set(err, LKS_EINPUT,
                                   "%s has no vault: put CASE/vault back from a copy", case_path);
    if (code == 0)
        code = lks_vault_open(case_path, control, NULL, vault, err);
    if (code == 0 && need != LKS_REDO_NOTHING) {
        lks_store_close(*store);
        *store = NULL;
        code = lks_case_path(case_path, NULL, "store.duckdb", path, err);
        if (code == 0)
            code = lks_store_open(path, LKS_STORE_OPEN, control, store, err);
        if (code == 0)
            code = lks_store_catch_up(case_path, *vault, control, store, err);
        lks_store_close(*store);
        *store = NULL;
        if (code == 0)
            code = lks_case_open(case_path, control, store, err);
    }
    if (code == 0) {
        lks_case_runs_tidy(case_path, control);
        lks_vault_rest(*vault);
    }
    return code;
}

static int run_log(struct lks_vault *vault, struct lks_store *store,
                   const struct lks_detect_options *options, const struct lks_derive_texts *texts,
                   const struct lks_results *results, const struct lks_control *control,
                   int *logged, struct lks_error *err)
{
    int code = lks_vault_resume(vault, control, err);
    if (code == 0)
        code = lks_derive_record(vault, store, options, texts, results, err);
    if (code)
        return code;
    *logged = 1; /* a commit that fails may have made the entry safe all the same */
    return lks_vault_commit(vault, err);
}

int lks_case_detect(const char *case_path, const struct lks_detect_options *options,
                    const struct lks_control *control, struct lks_run_summary *summary_out,
                    struct lks_error *err)
{
    struct lks_store *store = NULL;
    struct lks_settings settings = {0};
    struct lks_cues *cues = NULL;
    struct lks_results results = {0};
    struct lks_detect_groups_options groups;
    struct lks_detect_seconds seconds = {0};
    struct lks_case_counts counts;
    struct lks_vault *vault = NULL;
    struct lks_derive_texts texts = {0};
    char run[16] = "", path[LKS_CASE_PATH_BYTES];
    int lock = -1, logged = 0;
    *summary_out = (struct lks_run_summary){0};
    int code = lks_case_open(case_path, control, &store, err);
    if (code == 0)
        code = lks_settings_read(case_path, &settings, err);
    if (code == 0)
        code = lks_detect_options_read(options, &settings, &groups, err);
    if (code == 0)
        code = lks_cues_load(case_path, options->cues, &cues, err);
    if (code == 0)
        code = lks_derive_texts_read(case_path, options->cues, &texts, err);
    if (code == 0)
        code = lks_ingest_counts(store, &counts, err);
    if (code == 0) /* better now than after the work */
        code = lks_case_run_possible(case_path, err);
    if (code == 0)
        code = vault_ready(case_path, control, &store, &vault, err);
    if (code == 0 && wants_near(&groups))
        code = near_keep(case_path, control, &store, &seconds.near_text, err);
    if (code == 0)
        code = lks_detect_run(store, &settings, &groups, cues, control, 1, &results, &seconds, err);
    if (code == 0)
        code = lks_settings_show(&settings, &results, err);
    if (code == 0)
        code = lks_cues_show(cues, options->cues, &results, err);
    if (code == 0)
        code = lks_case_run_make(case_path, run, &lock, err);
    if (code == 0) {
        results.run = lks_arena_str(&results.arena, lks_str_from(run));
        code = lks_case_path(case_path, run, "results.duckdb", path, err);
    }
    if (code == 0)
        code = lks_results_save(path, &results, err);
    if (code == 0)
        code = run_log(vault, store, options, &texts, &results, control, &logged, err);
    if (code == 0) {
        stage_add(&results, "near_text", seconds.near_text);
        stage_add(&results, "load", seconds.load);
        stage_add(&results, "detect", seconds.detect);
        stage_add(&results, "fill", seconds.fill);
        code = lks_case_run_folder(case_path, run, path, err);
    }
    if (code == 0)
        code = lks_summary_fill(&results, &counts, path, summary_out, err);
    if (code && run[0] && !logged)
        lks_case_run_unmake(case_path, run);
    lks_case_run_leave(lock);
    lks_results_free(&results);
    lks_settings_free(&settings);
    lks_cues_free(cues);
    lks_derive_texts_free(&texts);
    lks_vault_close(vault);
    lks_store_close(store);
    return code;
}
