/* erase_runs.c - runs whose results still tell of what was erased */
#include "evidence/erase_runs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "case/leftovers.h"
#include "case/runs.h"
#include "case/turn.h"
#include "evidence/hold_parts.h"

static int run_add(struct lks_erase_outcome *outcome, const char *id, uint64_t names,
                   struct lks_error *err)
{
    struct lks_erase_run *more = realloc(outcome->runs, (outcome->runs_count + 1) * sizeof *more);
    if (!more)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    outcome->runs = more;
    struct lks_erase_run *run = &more[outcome->runs_count++];
    *run = (struct lks_erase_run){.names = names};
    snprintf(run->id, sizeof run->id, "%s", id);
    return 0;
}

static int runs_look(const char *case_path, const struct lks_control *control,
                     struct lks_store *store, struct lks_erase_outcome *outcome,
                     struct lks_error *err)
{
    char latest[16], run[16], path[LKS_CASE_PATH_BYTES];
    int code = 0;
    if (lks_case_run_find(case_path, NULL, latest, NULL) != 0)
        return 0;
    for (unsigned long number = 1; code == 0 && number <= strtoul(latest, NULL, 10); number++) {
        uint64_t names = 0;
        snprintf(run, sizeof run, "%04lu", number);
        if (lks_case_run_find(case_path, run, run, NULL) != 0)
            continue;
        code = lks_case_path(case_path, run, "results.duckdb", path, err);
        if (code == 0)
            code = lks_store_lost(store, path, control, &names, err);
        if (code == 0 && names)
            code = run_add(outcome, run, names, err);
    }
    return code;
}

static void run_statement(struct lks_vault *vault, struct lks_statement_writer *writer,
                          const char *result, const char *run, const char *reason)
{
    lks_vault_start(vault, writer, LKS_STATEMENT_ERASE);
    lks_canon_text(&writer->canon, "result", result);
    lks_canon_text(&writer->canon, "what", "run");
    lks_canon_text(&writer->canon, "run", run);
    lks_statement_hide(writer, "reason", lks_str_from(reason));
}

static int run_refuse(struct lks_vault *vault, const char *run, const struct lks_hold *hold,
                      const char *reason, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    run_statement(vault, &writer, "refused", run, reason);
    lks_canon_array(&writer.canon, "holds");
    lks_canon_string(&writer.canon, NULL, hold->id);
    lks_canon_end(&writer.canon);
    int code = lks_vault_record(vault, &writer, NULL, err);
    return code ? code : lks_vault_commit(vault, err);
}

static int run_remove(struct lks_vault *vault, const char *case_path, const char *run,
                      const char *reason, struct lks_error *err)
{
    struct lks_statement_writer begun = {0}, done = {0};
    char path[LKS_CASE_PATH_BYTES];
    run_statement(vault, &begun, "begun", run, reason);
    int code = lks_vault_record(vault, &begun, NULL, err);
    if (code == 0)
        code = lks_vault_commit(vault, err);
    if (code == 0)
        code = lks_case_run_folder(case_path, run, path, err);
    if (code)
        return code;
    lks_leftovers_remove(path);
    DIR *left = opendir(path);
    if (left) {
        closedir(left);
        return lks_error_set(err, LKS_EIO, "%s cannot be removed", path);
    }
    run_statement(vault, &done, "done", run, NULL);
    code = lks_vault_record(vault, &done, NULL, err);
    return code ? code : lks_vault_commit(vault, err);
}

/* Each under the orders that stand when its turn comes. */
static int runs_remove(const char *case_path, const char *reason, const struct lks_control *control,
                       struct lks_erase_outcome *outcome, struct lks_error *err)
{
    struct lks_held_item item = {.kind = LKS_HELD_FINDINGS, .time_us = LKS_TIME_NULL};
    int code = 0;
    for (size_t i = 0; code == 0 && i < outcome->runs_count; i++) {
        struct lks_erase_run *run = &outcome->runs[i];
        struct lks_vault *vault = NULL;
        const struct lks_hold *hold = NULL;
        code = lks_turn_pass(case_path, err);
        if (code == 0)
            code = lks_turn_vault_open(case_path, control, &vault, err);
        lks_case_holds_free(&outcome->holds);
        if (code == 0)
            code = lks_case_holds_read(case_path, UINT64_MAX, &outcome->holds, err);
        if (code == 0 && lks_holds_against(&outcome->holds.all, &item, &hold) != 0)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory");
        if (code == 0 && hold)
            code = run_refuse(vault, run->id, hold, reason, err);
        else if (code == 0)
            code = run_remove(vault, case_path, run->id, reason, err);
        run->held = hold != NULL;
        run->removed = code == 0 && !hold;
        lks_vault_close(vault);
    }
    return code;
}

int lks_erase_runs(const char *case_path, int remove, const char *reason,
                   const struct lks_control *control, struct lks_erase_outcome *outcome,
                   struct lks_error *err)
{
    struct lks_store *store = NULL;
    int code = lks_hold_store(case_path, control, &store, err);
    if (remove)
        lks_case_runs_tidy(case_path, control);
    if (code == 0 && store)
        code = runs_look(case_path, control, store, outcome, err);
    lks_store_close(store);
    return code || !remove ? code : runs_remove(case_path, reason, control, outcome, err);
}
