/* erase.c - erasing: what shall go, file after file, under the orders that stand at that moment
 *
 * A file is read and judged without the vault's lock, which is then taken for the steps alone. If an
 * order came in between, the file is judged again. Between two files whoever orders has the turn
 * (case/turn.h). So an order is never later than one file. */
#include "evidence/erase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "case/turn.h"
#include "evidence/erase_runs.h"
#include "evidence/hold_parts.h"
#include "intake/rebuild.h"
#include "intake/settings.h"

/* How long the making of the new store waits for readers of the old one, and its pauses. */
enum { STORE_WAITS = 400 };
#define STORE_WAIT_NS 25000000L

struct purge {
    const char *case_path;
    const struct lks_erase_options *options;
    const struct lks_control *control;
    struct lks_settings settings;
    struct lks_retention retention; /* in force */
    struct lks_erase_wish wish;
    struct lks_arena arena;
    struct lks_imports imports;
    int holds_read;
    int lock; /* one purge at a time */
    struct lks_erase_outcome *outcome;
    /* of the file at work */
    const struct lks_case_import *import;
    struct lks_erase_scan scan;
    int again;
};

/* ---- what shall go ---- */

static int account_read(struct purge *purge, struct lks_error *err)
{
    struct lks_store *store = NULL;
    struct lks_account found;
    uint32_t index;
    uint64_t posts;
    const char *name = purge->options->account;
    purge->wish.what = LKS_ERASE_ACCOUNT;
    purge->wish.account_key = lks_str_from(name);
    int code = lks_hold_store(purge->case_path, purge->control, &store, err);
    if (code == 0 && (!store || lks_store_account_find(store, lks_str_from(name), &index, NULL)))
        code = strchr(name, ':')
                   ? 0 /* what the store does not know may be in a file all the same */
                   : lks_error_set(err, LKS_EMISSING, "the case knows no account '%.80s'", name);
    else if (code == 0) {
        code = lks_store_account(store, index, &purge->arena, &found, &posts, err);
        purge->wish.account_key = found.account_key;
    }
    lks_store_close(store);
    return code;
}

static int age_read(struct purge *purge, struct lks_error *err)
{
    purge->wish.what = LKS_ERASE_AGE;
    purge->wish.retention = &purge->retention;
    if (purge->options->rule)
        purge->retention = purge->settings.retention;
    else if (lks_age_parse(lks_str_from(purge->options->older_than), &purge->retention.keep) != 0)
        return lks_error_set(err, LKS_EARGUMENT, "'%.40s' is no age: write 2y, 6mo or 90d",
                             purge->options->older_than);
    if (!lks_retention_set(&purge->retention))
        return lks_error_set(err, LKS_EARGUMENT,
                             "%s/case.toml has no [retention] rules: nothing is too old",
                             purge->case_path);
    return 0;
}

static int wish_read(struct purge *purge, struct lks_error *err)
{
    const struct lks_erase_options *options = purge->options;
    struct timespec now;
    int wishes = (options->file != NULL) + (options->account != NULL) +
                 (options->older_than != NULL) + (options->rule != 0) + (options->finish != 0);
    clock_gettime(CLOCK_REALTIME, &now);
    purge->wish.now_us = (int64_t)now.tv_sec * LKS_SECOND_US + now.tv_nsec / 1000;
    if (wishes != 1)
        return lks_error_set(
            err, LKS_EARGUMENT,
            "say one thing that shall go: a file, an account, an age or the rules");
    if (!options->finish && !options->dry_run && (!options->reason || !*options->reason))
        return lks_error_set(err, LKS_EARGUMENT, "an erasure needs a reason, for the log");
    if (options->account)
        return account_read(purge, err);
    return options->older_than || options->rule ? age_read(purge, err) : 0;
}

/* 1 where the text names the import. */
static int import_named(const struct lks_case_import *import, const char *text)
{
    uint64_t leaf;
    return lks_str_equal_text(import->name, text) ||
           (import->sha256[0] && strcmp(import->sha256, text) == 0) ||
           (lks_decimal_read(lks_str_from(text), &leaf) && leaf == import->leaf);
}

static int file_find(struct purge *purge, const struct lks_case_import **found,
                     struct lks_error *err)
{
    const char *text = purge->options->file;
    size_t count = 0;
    *found = NULL;
    for (size_t i = 0; i < purge->imports.count; i++) {
        const struct lks_case_import *import = &purge->imports.items[i];
        if (!import_named(import, text))
            continue;
        count += lks_import_stands(import) != 0;
        if (!*found || lks_import_stands(import))
            *found = import;
    }
    if (count > 1)
        return lks_error_set(
            err, LKS_EARGUMENT,
            "%zu files are named '%.80s': name one by its entry in the log, or its "
            "SHA-256",
            count, text);
    if (!*found)
        return lks_error_set(err, LKS_EMISSING, "%s has no file '%.80s'", purge->case_path, text);
    if (count == 0)
        return lks_error_set(err, LKS_EMISSING, "this file was erased or replaced by entry %llu",
                             (unsigned long long)((*found)->begun == LKS_LEAF_NONE
                                                      ? (*found)->replaced_by
                                                      : (*found)->begun));
    return 0;
}

/* ---- one file ---- */

enum lks_erase_verdict lks_erase_judge(const struct lks_erase_wish *wish,
                                       const struct lks_erase_scan *scan, size_t holds_count)
{
    int file_held = 0;
    for (size_t i = 0; i < holds_count; i++)
        file_held |= scan->file_holds[i];
    if (wish->what != LKS_ERASE_FILE && scan->wanted == 0)
        return LKS_ERASE_NOTHING;
    if (file_held)
        return LKS_ERASE_REFUSED;
    if (wish->what == LKS_ERASE_FILE)
        return LKS_ERASE_WHOLE;
    if (scan->gone_count == 0)
        return scan->held ? LKS_ERASE_REFUSED : LKS_ERASE_UNABLE;
    if (scan->kept_count == 0 && scan->unknown == 0)
        return LKS_ERASE_WHOLE;
    return scan->parquet ? LKS_ERASE_UNABLE : LKS_ERASE_PART;
}

/* Which holds stand in the way: of a file that is refused as a whole those of the file, else those of
 * the records that stay. */
static unsigned char *holds_in_the_way(const struct purge *purge, enum lks_erase_verdict verdict)
{
    const struct lks_erase_scan *scan = &purge->scan;
    for (size_t i = 0; verdict == LKS_ERASE_REFUSED && i < purge->outcome->holds.all.count; i++)
        if (scan->file_holds[i])
            return scan->file_holds;
    return scan->holds;
}

static int result_add(struct purge *purge, enum lks_erase_verdict verdict, const char *why,
                      struct lks_error *err)
{
    struct lks_erase_outcome *outcome = purge->outcome;
    const struct lks_erase_scan *scan = &purge->scan;
    size_t holds_count = outcome->holds.all.count;
    if (verdict == LKS_ERASE_NOTHING && !scan->named)
        return 0;
    if (outcome->results_count == outcome->results_room) {
        size_t room = outcome->results_room ? 2 * outcome->results_room : 64;
        struct lks_erase_result *more = realloc(outcome->results, room * sizeof *more);
        if (!more)
            return lks_error_set(err, LKS_EMEMORY, "out of memory");
        outcome->results = more;
        outcome->results_room = room;
    }
    struct lks_erase_result *result = &outcome->results[outcome->results_count++];
    *result = (struct lks_erase_result){.leaf = purge->import->leaf,
                                        .name = lks_arena_str(&outcome->arena, purge->import->name),
                                        .verdict = verdict,
                                        .held = scan->held,
                                        .tied = scan->tied,
                                        .named = scan->named,
                                        .why = why};
    if (verdict == LKS_ERASE_WHOLE)
        result->records = scan->records;
    else if (verdict == LKS_ERASE_PART)
        result->records = scan->gone_count;
    else if (verdict == LKS_ERASE_REFUSED)
        result->held = scan->wanted ? scan->wanted : scan->records;
    result->holds = lks_arena_calloc(&outcome->arena, holds_count + 1, 1);
    if (!result->holds)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (holds_count)
        memcpy(result->holds, holds_in_the_way(purge, verdict), holds_count);
    result->holds_count = holds_count;
    return 0;
}

/* The steps, under the vault's lock. 1 where an order came meanwhile. */
static int steps_take(struct purge *purge, struct lks_vault *vault, enum lks_erase_verdict verdict,
                      const struct lks_import *import, const struct lks_import_reading *reading,
                      int copy, const struct lks_import_counts *counts, struct lks_error *err)
{
    const struct lks_erase_scan *scan = &purge->scan;
    struct lks_str reason = lks_str_from(purge->options->reason);
    int changed = lks_case_holds_changed(purge->case_path, &purge->outcome->holds, err);
    if (changed)
        return changed;
    int code = 0;
    if (verdict == LKS_ERASE_REFUSED || scan->held)
        code = lks_erase_refuse(
            vault, &purge->wish, purge->import->leaf,
            verdict == LKS_ERASE_REFUSED && scan->wanted ? scan->wanted : scan->held,
            holds_in_the_way(purge, verdict), &purge->outcome->holds, reason, err);
    if (code == 0 && verdict == LKS_ERASE_WHOLE)
        code = lks_erase_destroy(vault, purge->case_path, &purge->wish, purge->import,
                                 scan->records, reason, err);
    if (code == 0 && verdict == LKS_ERASE_PART) {
        struct lks_import fresh = {
            .name = import->name, .format = import->format, .counts = *counts};
        struct lks_source_options options = reading->options;
        struct lks_blob blob;
        char path[64];
        options.rejects_share_max = 1; /* what was blanked out are rejects */
        snprintf(path, sizeof path, "/proc/self/fd/%d", copy);
        code = lks_vault_seal(vault, path, purge->control, &blob, err);
        memcpy(fresh.blob, blob.name, sizeof fresh.blob);
        lks_sha256_hex(blob.sha256, fresh.sha256);
        fresh.size_bytes = blob.size_bytes;
        if (code == 0)
            code = lks_erase_replace(vault, purge->case_path, &purge->wish, purge->import, &fresh,
                                     &options, scan->gone_count, reason, err);
    }
    if (code == 0 && (verdict == LKS_ERASE_WHOLE || verdict == LKS_ERASE_PART))
        purge->outcome->destroyed = 1;
    return code;
}

/* A file that was scanned: judged, and dealt with. */
static int file_settle(void *context, const struct lks_import *import,
                       const struct lks_import_reading *reading, int bytes, struct lks_error *err)
{
    struct purge *purge = context;
    struct lks_import_counts counts = {0};
    struct lks_vault *vault = NULL;
    int copy = -1, code = 0;
    const char *why = "its rows cannot be blanked out one by one: erase the file";
    enum lks_erase_verdict verdict =
        lks_erase_judge(&purge->wish, &purge->scan, purge->outcome->holds.all.count);
    if (verdict == LKS_ERASE_PART) {
        code = lks_erase_copy(purge->case_path, bytes, reading, &purge->scan, purge->control, &copy,
                              &counts, err);
        if (code == 1) {
            verdict = LKS_ERASE_UNABLE;
            why = "rows that stay are made of what would go: erase the file";
            code = 0;
        }
    }
    int acts = verdict == LKS_ERASE_WHOLE || verdict == LKS_ERASE_PART ||
               verdict == LKS_ERASE_REFUSED || purge->scan.held;
    if (code == 0 && acts && !purge->options->dry_run) {
        code = lks_turn_vault_open(purge->case_path, purge->control, &vault, err);
        if (code == 0)
            code = steps_take(purge, vault, verdict, import, reading, copy, &counts, err);
        lks_vault_close(vault);
    }
    if (copy >= 0)
        close(copy);
    purge->again = code == 1;
    return code == 0 ? result_add(purge, verdict, why, err) : code < 0 ? code : 0;
}

/* Again as long as orders come between the judging and the deed. */
static int file_erase(struct purge *purge, const struct lks_case_import *import,
                      struct lks_error *err)
{
    struct lks_case_holds *holds = &purge->outcome->holds;
    int code = 0;
    purge->import = import;
    do {
        purge->again = 0;
        if (!purge->options->dry_run)
            code = lks_turn_pass(purge->case_path, err);
        int changed =
            code || !purge->holds_read ? 1 : lks_case_holds_changed(purge->case_path, holds, err);
        if (code == 0 && changed < 0)
            code = changed;
        if (code == 0 && changed) {
            lks_case_holds_free(holds);
            code = lks_case_holds_read(purge->case_path, UINT64_MAX, holds, err);
            purge->holds_read = 1;
        }
        if (code == 0)
            code = lks_erase_scan_import(purge->case_path, import, &purge->wish, &holds->all,
                                         purge->control, &purge->scan, file_settle, purge, err);
        if (purge->again)
            purge->holds_read = 0;
    } while (code == 0 && purge->again);
    return code;
}

/* ---- the whole ---- */

static int purge_lock(struct purge *purge, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_vault_path(purge->case_path, "purge", path, err);
    if (code)
        return code;
    purge->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (purge->lock < 0)
        return lks_error_system(err, path, "cannot be opened");
    if (flock(purge->lock, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK
                   ? lks_error_set(err, LKS_EIO, "another program is erasing in %s",
                                   purge->case_path)
                   : lks_error_system(err, path, "cannot be locked");
    return 0;
}

/* The new store, as soon as nobody reads the old one; then nothing is open any more. */
static int store_remake(struct purge *purge, struct lks_error *err)
{
    struct lks_vault *vault = NULL;
    struct lks_error inner = {0};
    char digest[65];
    int code = 0;
    for (int i = 0; i < STORE_WAITS; i++) {
        struct lks_redo_tally tally = {0};
        inner = (struct lks_error){0};
        code = lks_turn_vault_open(purge->case_path, purge->control, &vault, &inner);
        if (code == 0)
            code = lks_rebuild_replace(purge->case_path, vault, purge->control,
                                       &purge->outcome->counts, digest, &tally, &inner);
        if (code == 0)
            code = lks_erase_mark(purge->case_path, 0, &inner);
        lks_vault_close(vault);
        vault = NULL;
        if (code != LKS_ESTORE)
            break;
        nanosleep(&(struct timespec){0, STORE_WAIT_NS}, NULL);
    }
    return code ? lks_error_set(err, code,
                                "%s; what was erased is gone from the vault, but not yet from the "
                                "store: 'lockstep erase %s --finish' ends it",
                                inner.message, purge->case_path)
                : 0;
}

static int files_erase(struct purge *purge, struct lks_error *err)
{
    const struct lks_case_import *one = NULL;
    int code = lks_imports_read(purge->case_path, UINT64_MAX, &purge->imports, err);
    if (code == 0 && purge->options->file)
        code = file_find(purge, &one, err);
    if (one || code)
        return code ? code : file_erase(purge, one, err);
    for (size_t i = 0; code == 0 && i < purge->imports.count; i++)
        if (lks_import_stands(&purge->imports.items[i]))
            code = file_erase(purge, &purge->imports.items[i], err);
    return code;
}

static int purge_run(struct purge *purge, struct lks_error *err)
{
    struct lks_error inner = {0};
    int code = lks_hold_case_there(purge->case_path, err);
    if (code == 0 && !lks_vault_there(purge->case_path))
        code = lks_error_set(err, LKS_EMISSING, "%s has no vault: nothing was sealed here",
                             purge->case_path);
    if (code == 0)
        code = lks_settings_read(purge->case_path, &purge->settings, err);
    if (code == 0)
        code = wish_read(purge, err);
    if (code == 0 && !purge->options->dry_run)
        code = purge_lock(purge, err);
    if (code == 0 && !purge->options->dry_run)
        code = lks_erase_finish(purge->case_path, purge->control, purge->outcome, err);
    if (code)
        return code;
    code = purge->options->finish ? 0 : files_erase(purge, &inner);
    /* What went is gone: the store must not show it, whatever failed after it. */
    if (purge->outcome->destroyed) {
        int remade = store_remake(purge, err);
        if (remade)
            return remade;
    }
    if (code)
        return lks_error_set(err, code, "%s", inner.message);
    if (!purge->holds_read)
        code = lks_case_holds_read(purge->case_path, UINT64_MAX, &purge->outcome->holds, err);
    return code;
}

int lks_erase_outcome_refused(const struct lks_erase_outcome *outcome)
{
    int refused = outcome->kept > 0;
    for (size_t i = 0; i < outcome->results_count; i++)
        refused |= outcome->results[i].verdict == LKS_ERASE_REFUSED || outcome->results[i].held;
    for (size_t i = 0; i < outcome->runs_count; i++)
        refused |= outcome->runs[i].held;
    return refused;
}

int lks_case_erase(const char *case_path, const struct lks_erase_options *options, int as_json,
                   const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct lks_erase_outcome outcome = {.dry_run = options->dry_run};
    struct purge purge = {.case_path = case_path,
                          .options = options,
                          .control = control,
                          .lock = -1,
                          .outcome = &outcome};
    struct lks_buffer out = {0};
    *text_out = NULL;
    int code = purge_run(&purge, err);
    if (code == 0 && !options->finish)
        code = lks_erase_runs(case_path, options->runs && !options->dry_run, options->reason,
                              control, &outcome, err);
    if (code == 0) {
        as_json ? lks_erase_outcome_json(&outcome, &out) : lks_erase_outcome_text(&outcome, &out);
        lks_buffer_byte(&out, '\0');
        code = out.failed ? lks_error_set(err, LKS_EMEMORY, "out of memory")
                          : lks_erase_outcome_refused(&outcome);
    }
    if (code >= 0)
        *text_out = out.data;
    else
        lks_buffer_free(&out);
    if (purge.lock >= 0)
        close(purge.lock);
    lks_erase_scan_free(&purge.scan);
    lks_imports_free(&purge.imports);
    lks_settings_free(&purge.settings);
    lks_arena_free(&purge.arena);
    lks_case_holds_free(&outcome.holds);
    lks_arena_free(&outcome.arena);
    free(outcome.results);
    free(outcome.runs);
    return code;
}
