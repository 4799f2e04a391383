/* verify_copies.c - what a case holds beside its vault, against what the log says of it
 *
 * Store, runs and exports are made from the sealed files and can be made again. They are checked all the
 * same: people read them, not the vault. */
#include "evidence/verify_copies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "case/runs.h"
#include "detect/results_tables.h"
#include "dossier/findings_json.h"
#include "vault/bag.h"
#include "vault/file_digest.h"

/* By run, name and time: findings before files, the latest of each last. */
static int by_output(const void *a, const void *b)
{
    const struct lks_output_fact *x = a, *y = b;
    int order = strcmp(x->run, y->run);
    if (order == 0)
        order = strcmp(x->name ? x->name : "", y->name ? y->name : "");
    return order ? order : (x->leaf > y->leaf) - (x->leaf < y->leaf);
}

static int superseded(const struct lks_verify_facts *facts, size_t i)
{
    if (i + 1 == facts->outputs_count)
        return 0;
    const struct lks_output_fact *one = &facts->outputs[i], *next = one + 1;
    return strcmp(one->run, next->run) == 0 &&
           strcmp(one->name ? one->name : "", next->name ? next->name : "") == 0;
}

static int run_check(struct lks_check *check, const char *case_path,
                     const struct lks_output_fact *fact, struct lks_error *err)
{
    struct lks_results results = {0};
    struct lks_error inner = {0};
    char path[LKS_CASE_PATH_BYTES], digest[LKS_SHA256_HEX_BYTES];
    int code = lks_case_path(case_path, fact->run, "results.duckdb", path, err);
    if (code)
        return code;
    code = lks_results_load(path, &results, &inner);
    if (code == 0)
        code = lks_findings_json_digest(&results, digest, &inner);
    lks_results_free(&results);
    if (code == LKS_EMEMORY || code == LKS_EIO)
        return lks_error_set(err, code, "%s", inner.message);
    if (code == LKS_EMISSING)
        lks_check_missing(check, "the results of run %s are not here", fact->run);
    else if (code)
        lks_check_damaged(check, "the results of run %s cannot be read: %s", fact->run,
                          inner.message);
    else if (strcmp(digest, fact->sha256) == 0)
        check->checked_count++;
    else if (!fact->same_program)
        lks_check_missing(check,
                          "run %s was made by another version of lockstep, whose way of writing "
                          "findings is needed to compare them",
                          fact->run);
    else
        lks_check_damaged(check, "run %s does not hold the findings that entry %llu logged",
                          fact->run, (unsigned long long)fact->leaf);
    return 0;
}

static int export_check(struct lks_check *check, const char *case_path,
                        const struct lks_output_fact *fact, const struct lks_control *control,
                        struct lks_error *err)
{
    unsigned char digest[LKS_SHA256_BYTES];
    char path[LKS_CASE_PATH_BYTES], hex[LKS_SHA256_HEX_BYTES];
    struct lks_error inner = {0};
    int code = lks_case_path(case_path, fact->run, fact->name, path, err);
    if (code)
        return code;
    code = lks_file_digest(path, control, digest, NULL, &inner);
    if (code == LKS_EMISSING)
        lks_check_note(check, "runs/%s/%s is not here any more", fact->run, fact->name);
    else if (code == LKS_EINPUT)
        lks_check_damaged(check, "runs/%s/%s is no plain file", fact->run, fact->name);
    if (code == LKS_EMISSING || code == LKS_EINPUT)
        return 0;
    if (code)
        return lks_error_set(err, code, "%s", inner.message);
    lks_sha256_hex(digest, hex);
    if (strcmp(hex, fact->sha256) != 0)
        lks_check_damaged(check, "runs/%s/%s is not the file that entry %llu logged", fact->run,
                          fact->name, (unsigned long long)fact->leaf);
    else
        check->checked_count++;
    return 0;
}

/* A run is written before it is logged: one whose program was cut off in between stands for nothing. */
static void unlogged_note(struct lks_check *check, const char *case_path,
                          const struct lks_verify_facts *facts)
{
    char latest[16], run[16];
    if (lks_case_run_find(case_path, NULL, latest, NULL) != 0)
        return;
    for (unsigned long number = 1; number <= strtoul(latest, NULL, 10); number++) {
        int told = 0;
        snprintf(run, sizeof run, "%04lu", number);
        if (lks_case_run_find(case_path, run, run, NULL) != 0)
            continue;
        for (size_t i = 0; !told && i < facts->outputs_count; i++)
            told = !facts->outputs[i].name && strcmp(facts->outputs[i].run, run) == 0;
        if (!told)
            lks_check_note(check, "runs/%s is named by no entry: nothing is claimed of it", run);
    }
}

int lks_verify_runs(struct lks_verification *verification, const char *case_path,
                    struct lks_verify_facts *facts, const struct lks_control *control,
                    struct lks_error *err)
{
    struct lks_check *runs = lks_check_start(verification, "runs", "findings of runs");
    struct lks_check *exports = lks_check_start(verification, "exports", "reports, exports");
    int code = 0;
    size_t seen[2] = {0, 0};
    if (facts->outputs_count)
        qsort(facts->outputs, facts->outputs_count, sizeof *facts->outputs, by_output);
    for (size_t i = 0; code == 0 && i < facts->outputs_count; i++) {
        const struct lks_output_fact *fact = &facts->outputs[i];
        if (superseded(facts, i))
            continue;
        seen[fact->name != NULL]++;
        code = lks_cancelled(control) ? lks_error_set(err, LKS_ECANCELLED, "interrupted")
               : fact->name           ? export_check(exports, case_path, fact, control, err)
                                      : run_check(runs, case_path, fact, err);
    }
    if (code == 0)
        unlogged_note(runs, case_path, facts);
    if (!seen[0])
        lks_check_none(runs, "the log names none that should be here");
    else
        lks_check_say(runs, "%llu of %zu hold what was logged",
                      (unsigned long long)runs->checked_count, seen[0]);
    if (!seen[1])
        lks_check_none(exports, "the log names none that should be here");
    else
        lks_check_say(exports, "%llu of %zu are what was logged",
                      (unsigned long long)exports->checked_count, seen[1]);
    return code;
}

/* ---- answers ---- */

static int answer_check(struct lks_check *check, const char *case_path,
                        const struct lks_answer_fact *fact, const struct lks_control *control,
                        struct lks_error *err)
{
    unsigned char digest[LKS_SHA256_BYTES];
    char path[LKS_CASE_PATH_BYTES], name[128], hex[LKS_SHA256_HEX_BYTES];
    struct lks_bag_report report;
    struct lks_error inner = {0};
    snprintf(name, sizeof name, "answers/%s/tagmanifest-sha512.txt", fact->folder);
    int code = lks_case_path(case_path, NULL, name, path, err);
    if (code)
        return code;
    code = lks_file_digest(path, control, digest, NULL, &inner);
    if (code == LKS_EMISSING || code == LKS_EINPUT) {
        lks_check_note(check, "answers/%s is not here any more", fact->folder);
        return 0;
    }
    if (code)
        return lks_error_set(err, code, "%s", inner.message);
    lks_sha256_hex(digest, hex);
    if (strcmp(hex, fact->sha256) != 0) {
        lks_check_damaged(check, "answers/%s is not the one that entry %llu sealed", fact->folder,
                          (unsigned long long)fact->leaf);
        return 0;
    }
    snprintf(name, sizeof name, "answers/%s", fact->folder);
    code = lks_case_path(case_path, NULL, name, path, err);
    if (code == 0)
        code = lks_bag_check(path, control, &report, err);
    if (code == 0 && report.problems_count)
        lks_check_damaged(check, "answers/%s: %s", fact->folder, report.first_problem);
    check->checked_count += code == 0 && !report.problems_count;
    return code;
}

int lks_verify_answers(struct lks_verification *verification, const char *case_path,
                       const struct lks_verify_facts *facts, const struct lks_control *control,
                       struct lks_error *err)
{
    struct lks_check *check = lks_check_start(verification, "answers", "answers sealed");
    int code = 0;
    for (size_t i = 0; code == 0 && i < facts->answers_count; i++)
        code = answer_check(check, case_path, &facts->answers[i], control, err);
    if (!facts->answers_count)
        lks_check_none(check, "the log names none");
    else
        lks_check_say(check, "%llu of %zu are the bags that were sealed",
                      (unsigned long long)check->checked_count, facts->answers_count);
    return code;
}

/* ---- the store ---- */

static void files_compare(struct lks_check *check, const struct lks_store_file *files, size_t count,
                          struct lks_verify_facts *facts, unsigned char *seen)
{
    for (size_t i = 0; i < count; i++) {
        const struct lks_store_file *file = &files[i];
        struct lks_import_fact *fact = file->leaf ? lks_verify_import_at(facts, file->leaf) : NULL;
        if (!file->leaf) {
            lks_check_note(check, "file %u of the store came in before the case had a vault",
                           file->file_index);
            continue;
        }
        if (!fact || strcmp(fact->blob, file->blob) != 0 || fact->size_bytes != file->size_bytes ||
            (fact->sha256[0] && strcmp(fact->sha256, file->sha256) != 0)) {
            lks_check_damaged(check, "file %u of the store is not the one that entry %llu logged",
                              file->file_index, (unsigned long long)file->leaf);
            continue;
        }
        seen[fact - facts->imports] = 1;
        check->checked_count++;
    }
    for (size_t i = 0; i < facts->imports_count; i++)
        if (!seen[i] && !facts->imports[i].erased && !facts->imports[i].document)
            lks_check_missing(check,
                              "the file of entry %llu is not in the store; 'lockstep rebuild' "
                              "makes it anew",
                              (unsigned long long)facts->imports[i].leaf);
    lks_check_say(check, "%llu files are those that were sealed",
                  (unsigned long long)check->checked_count);
}

int lks_verify_store(struct lks_verification *verification, const char *case_path,
                     struct lks_verify_facts *facts, const struct lks_control *control,
                     struct lks_error *err)
{
    struct lks_check *check = lks_check_start(verification, "store", "working copy");
    struct lks_control quiet = {.threads = 1};
    struct lks_store *store = NULL;
    struct lks_store_file *files;
    struct lks_arena arena = {0};
    struct lks_error inner = {0};
    size_t count = 0;
    if (control)
        quiet.memory_bytes = control->memory_bytes;
    int code = lks_case_open(case_path, &quiet, &store, &inner);
    if (code == 0)
        code = lks_store_files(store, &arena, &files, &count, &inner);
    unsigned char *seen = calloc(facts->imports_count + 1, 1);
    if (!seen)
        code = lks_error_set(&inner, LKS_EMEMORY, "out of memory");
    if (code == 0)
        files_compare(check, files, count, facts, seen);
    else if (code == LKS_EMISSING && !facts->imports_count)
        lks_check_none(check, "there is none");
    else if (code == LKS_EMISSING)
        lks_check_missing(check, "there is no store.duckdb; 'lockstep rebuild' makes it anew");
    else if (code == LKS_EMEMORY || code == LKS_EIO)
        lks_error_set(err, code, "%s", inner.message);
    else
        lks_check_missing(check, "the store cannot be read: %s; 'lockstep rebuild' makes it anew",
                          inner.message);
    free(seen);
    lks_arena_free(&arena);
    lks_store_close(store);
    return code == LKS_EMEMORY || code == LKS_EIO ? code : 0;
}
