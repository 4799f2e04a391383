/* investigate.c - the main job in one go: ingest, detect, report */
#include <unistd.h>

#include "base/time.h"
#include "case/entries.h"
#include "case/runs.h"
#include "detect/cues_load.h"
#include "detect/detect.h"
#include "detect/results_tables.h"
#include "engine/report.h"
#include "intake/ingest.h"
#include "intake/statements.h"
#include "intake/summary.h"

struct job {
    const char *case_path;
    struct lks_ingest_case opened;
    struct lks_settings settings;
    const struct lks_detect_options *detect_options;
    struct lks_derive_texts texts;
    struct lks_cues *cues;
    struct lks_results results;
    struct lks_case_counts counts;
    char run[16];
    int run_lock;
    struct lks_ingest_tally ingest;
    struct lks_detect_seconds detect;
    double report_seconds;
};

static int job_write(struct job *job, unsigned formats, const struct lks_control *control,
                     struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    double start = lks_clock_seconds();
    int code = lks_case_run_make(job->case_path, job->run, &job->run_lock, err);
    if (code == 0) {
        job->results.run = lks_arena_str(&job->results.arena, lks_str_from(job->run));
        code = lks_case_path(job->case_path, job->run, "results.duckdb", path, err);
    }
    if (code == 0)
        code = lks_results_save(path, &job->results, err);
    if (code == 0)
        code = lks_report_write(job->case_path, job->run, &job->results, formats, control, err);
    if (code == 0)
        code = lks_derive_record(job->opened.vault, job->opened.store, job->detect_options,
                                 &job->texts, &job->results, err);
    if (code == 0)
        code = lks_export_record(job->opened.vault, job->case_path, job->run, formats, err);
    if (code == 0)
        code = lks_vault_commit(job->opened.vault, err);
    job->report_seconds = lks_clock_seconds() - start;
    return code;
}

static int job_summary(struct job *job, struct lks_run_summary *summary_out, struct lks_error *err)
{
    char folder[LKS_CASE_PATH_BYTES];
    const struct lks_result_stage stages[] = {
        {"seal", job->ingest.seal},           {"parse", job->ingest.parse},
        {"near_text", job->detect.near_text}, {"load", job->detect.load},
        {"detect", job->detect.detect},       {"fill", job->detect.fill},
        {"report", job->report_seconds},
    };
    job->results.stages_count = sizeof stages / sizeof *stages;
    for (uint32_t i = 0; i < job->results.stages_count; i++)
        job->results.stages[i] = stages[i];
    int code = lks_case_run_folder(job->case_path, job->run, folder, err);
    return code ? code : lks_summary_fill(&job->results, &job->counts, folder, summary_out, err);
}

static int job_run(struct job *job, const struct lks_ingest_options *ingest,
                   const struct lks_detect_groups_options *groups, unsigned formats,
                   const struct lks_control *control, struct lks_run_summary *summary_out,
                   struct lks_error *err)
{
    int code = lks_ingest_files(job->opened.store, job->opened.vault, &job->settings, ingest,
                                control, &job->ingest, err);
    if (code == 0)
        code = lks_ingest_counts(job->opened.store, &job->counts, err);
    if (code == 0)
        code = lks_detect_run(job->opened.store, &job->settings, groups, job->cues, control, 1,
                              &job->results, &job->detect, err);
    if (code == 0)
        code = lks_settings_show(&job->settings, &job->results, err);
    if (code == 0)
        code = lks_cues_show(job->cues, job->detect_options->cues, &job->results, err);
    if (code == 0)
        code = job_write(job, formats, control, err);
    return code ? code : job_summary(job, summary_out, err);
}

static int import_found(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    (void)context, (void)err;
    return entry->statement.kind == LKS_STATEMENT_IMPORT;
}

/* A vault with files in it is a case, though its store is gone. */
static int vault_empty(const char *case_path, struct lks_error *err)
{
    int code = lks_vault_there(case_path)
                   ? lks_entries_each(case_path, 0, UINT64_MAX, import_found, NULL, NULL)
                   : 0;
    return code == 1 ? lks_error_set(err, LKS_EARGUMENT,
                                     "%s has a vault with files and no store: 'lockstep rebuild' "
                                     "makes the store again",
                                     case_path)
                     : 0;
}

int lks_case_investigate(const char *case_path, const struct lks_ingest_options *ingest,
                         const struct lks_detect_options *detect, unsigned more_formats,
                         const struct lks_control *control, struct lks_run_summary *summary_out,
                         struct lks_error *err)
{
    struct job job = {.case_path = case_path, .detect_options = detect, .run_lock = -1};
    struct lks_detect_groups_options groups;
    char path[LKS_CASE_PATH_BYTES];
    *summary_out = (struct lks_run_summary){0};
    /* Wrong options must not cost the user a long read first. */
    int code = lks_settings_read(case_path, &job.settings, err);
    if (code == 0)
        code = lks_detect_options_read(detect, &job.settings, &groups, err);
    if (code == 0)
        code = lks_cues_load(case_path, detect->cues, &job.cues, err);
    if (code == 0)
        code = lks_derive_texts_read(case_path, detect->cues, &job.texts, err);
    if (code == 0)
        code = lks_case_path(case_path, NULL, "store.duckdb", path, err);
    if (code == 0 && access(path, F_OK) == 0)
        code =
            lks_error_set(err, LKS_EARGUMENT,
                          "%s is a case already; choose another folder, or use 'lockstep ingest' "
                          "and 'lockstep detect'",
                          case_path);
    if (code == 0)
        code = vault_empty(case_path, err);
    if (code == 0)
        code = lks_ingest_open(case_path, control, &job.opened, err);
    if (code == 0)
        code = job_run(&job, ingest, &groups, more_formats | LKS_REPORT_HTML | LKS_REPORT_JSON,
                       control, summary_out, err);
    lks_results_free(&job.results);
    lks_settings_free(&job.settings);
    lks_cues_free(job.cues);
    lks_derive_texts_free(&job.texts);
    if (code && job.run[0])
        lks_case_run_unmake(case_path, job.run);
    lks_case_run_leave(job.run_lock);
    lks_ingest_close(case_path, &job.opened, code != 0);
    return code;
}
