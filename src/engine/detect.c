/* detect.c - one detection run: columns from the store, groups against chance, results on disk */
#include "engine/detect.h"

#include <stdlib.h>

#include "engine/case.h"
#include "engine/ingest.h"
#include "engine/results_fill.h"
#include "engine/results_tables.h"
#include "engine/summary.h"

enum { ACCOUNTS_AT_ONCE = 65536 };

/* Which accounts the platform calls verified: [accounts_count] 1, 0 or -1. */
static int verified_load(struct lks_store *store, uint32_t accounts_count, int8_t *verified,
                         struct lks_error *err)
{
    struct lks_arena arena = {0};
    uint32_t *indexes = calloc(ACCOUNTS_AT_ONCE, sizeof *indexes);
    struct lks_account *accounts = calloc(ACCOUNTS_AT_ONCE, sizeof *accounts);
    int code = indexes && accounts ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (uint32_t start = 0; code == 0 && start < accounts_count; start += ACCOUNTS_AT_ONCE) {
        uint32_t count =
            accounts_count - start < ACCOUNTS_AT_ONCE ? accounts_count - start : ACCOUNTS_AT_ONCE;
        for (uint32_t i = 0; i < count; i++)
            indexes[i] = start + i;
        lks_arena_reset(&arena);
        code = lks_store_accounts(store, indexes, count, &arena, accounts, NULL, err);
        for (uint32_t i = 0; code == 0 && i < count; i++)
            verified[start + i] = (int8_t)accounts[i].verified;
    }
    lks_arena_free(&arena);
    free(indexes);
    free(accounts);
    return code;
}

int lks_detect_run(struct lks_store *store, const struct lks_detect_groups_options *options,
                   const struct lks_control *control, struct lks_results *results,
                   struct lks_detect_seconds *seconds, struct lks_error *err)
{
    struct lks_events events = {0};
    struct lks_analysis analysis = {0};
    struct lks_detect_groups_options groups = *options;
    int8_t *verified = NULL;
    uint32_t mask = 0;
    double start = lks_clock_seconds(), now;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        if (options->chance.kind_window_us[kind] >= 0)
            mask |= 1u << kind;
    int code = lks_store_events(store, mask, control, &events, err);
    if (code == 0 && !(verified = malloc((size_t)events.accounts_count + 1)))
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = verified_load(store, events.accounts_count, verified, err);
    groups.account_verified = verified;
    seconds->load = (now = lks_clock_seconds()) - start;
    start = now;
    if (code == 0)
        code = lks_detect_groups(&events, &groups, control, &analysis, err);
    seconds->detect = (now = lks_clock_seconds()) - start;
    start = now;
    if (code == 0)
        code = lks_results_fill(store, &events, &analysis, options, results, err);
    seconds->fill = lks_clock_seconds() - start;
    lks_analysis_free(&analysis);
    lks_events_free(&events);
    free(verified);
    return code;
}

static void stage_add(struct lks_results *results, const char *name, double seconds)
{
    LKS_ASSERT(results->stages_count < sizeof results->stages / sizeof *results->stages);
    results->stages[results->stages_count++] = (struct lks_result_stage){name, seconds};
}

int lks_case_detect(const char *case_path, const struct lks_detect_options *options,
                    const struct lks_control *control, struct lks_run_summary *summary_out,
                    struct lks_error *err)
{
    struct lks_store *store = NULL;
    struct lks_results results = {0};
    struct lks_detect_groups_options groups;
    struct lks_detect_seconds seconds = {0};
    struct lks_case_counts counts;
    char run[16] = "", path[LKS_CASE_PATH_BYTES];
    *summary_out = (struct lks_run_summary){0};
    int code = lks_detect_options_read(options, &groups, err);
    if (code == 0)
        code = lks_case_open(case_path, control, &store, err);
    if (code == 0)
        code = lks_ingest_counts(store, &counts, err);
    if (code == 0) /* better now than after the work */
        code = lks_case_run_possible(case_path, err);
    if (code == 0)
        code = lks_detect_run(store, &groups, control, &results, &seconds, err);
    if (code == 0)
        code = lks_case_run_make(case_path, run, err);
    if (code == 0) {
        results.run = lks_arena_str(&results.arena, lks_str_from(run));
        code = lks_case_path(case_path, run, "results.duckdb", path, err);
    }
    if (code == 0)
        code = lks_results_save(path, &results, err);
    if (code == 0) {
        stage_add(&results, "load", seconds.load);
        stage_add(&results, "detect", seconds.detect);
        stage_add(&results, "fill", seconds.fill);
        code = lks_case_run_folder(case_path, run, path, err);
    }
    if (code == 0)
        code = lks_summary_fill(&results, &counts, path, summary_out, err);
    if (code && run[0])
        lks_case_run_unmake(case_path, run);
    lks_results_free(&results);
    lks_store_close(store);
    return code;
}
