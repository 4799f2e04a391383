/* bundle_findings.c - what a run found, for the bag: redacted first, then written by every writer */
#include <stdio.h>
#include <string.h>

#include "base/threads.h"
#include "case/entries.h"
#include "detect/results_tables.h"
#include "dossier/findings_json.h"
#include "dossier/gexf.h"
#include "dossier/page.h"
#include "dossier/stix.h"
#include "evidence/bundle.h"
#include "evidence/reasons.h"
#include "evidence/takedown_rows.h"

static const struct {
    const char *name;
    int (*write)(const struct lks_results *results, const char *path, struct lks_error *err);
} writers[] = {
    {"findings.json", lks_findings_json_write},
    {"report.html", lks_page_write},
    {"network.gexf", lks_gexf_write},
    {"takedown.csv", NULL}, /* with what the log knows */
};

struct output {
    const struct lks_bundle *bundle;
    char sha256[LKS_SHA256_HEX_BYTES];
};

static int output_take(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct output *output = context;
    struct lks_str digest;
    (void)err;
    if (lks_statement_text(&entry->statement, "output_sha256", entry->arena, &digest) &&
        digest.size_bytes == LKS_SHA256_HEX_BYTES - 1)
        memcpy(output->sha256, digest.data, digest.size_bytes);
    return 0;
}

/* The run's results must still be those that the log speaks of. */
static int results_check(const struct lks_bundle *bundle, const struct lks_results *results,
                         struct lks_error *err)
{
    struct output output = {.bundle = bundle};
    char digest[LKS_SHA256_HEX_BYTES];
    if (bundle->derive == UINT64_MAX)
        return 0;
    int code = lks_entries_each(bundle->case_path, bundle->derive, bundle->derive + 1, output_take,
                                &output, err);
    if (code == 0)
        code = lks_findings_json_digest(results, digest, err);
    if (code == 0 && strcmp(digest, output.sha256) != 0)
        code = lks_error_set(err, LKS_EINPUT,
                             "the results of run %s are not those that entry %llu of the log "
                             "speaks of",
                             bundle->run, (unsigned long long)bundle->derive);
    return code;
}

/* The findings that a reply names must be there. */
static int replies_check(const struct lks_bundle *bundle, const struct lks_results *results,
                         struct lks_error *err)
{
    for (size_t i = 0; i < bundle->request->questions_count; i++) {
        const struct lks_request_reply *reply = &bundle->entry->replies[i];
        for (size_t k = 0; k < reply->findings_count; k++) {
            int found = 0;
            for (uint32_t f = 0; !found && f < results->findings_count; f++)
                found = lks_str_equal(results->findings[f].id, reply->findings[k]);
            if (!found)
                return lks_error_set(err, LKS_EARGUMENT,
                                     "the reply to question %zu names finding %.*s, which run %s "
                                     "has not",
                                     i + 1, (int)reply->findings[k].size_bytes,
                                     reply->findings[k].data, bundle->run);
        }
    }
    return 0;
}

/* STIX says for whom it is by its marking. Statements of reasons hold nobody's data, but a number for
 * each account that is the same in every dossier: beside pseudonyms it would join what must not be
 * joined. */
static int papers_write(const struct lks_bundle *bundle, const struct lks_results *results,
                        const char *folder, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    const struct lks_stix_options stix = {
        .tlp = bundle->profile.recipient == LKS_RECIPIENT_PUBLIC ? LKS_TLP_WHITE : LKS_TLP_AMBER};
    if (snprintf(path, sizeof path, "%s/" LKS_ANSWER_FINDINGS "/stix.json", folder) >=
        (int)sizeof path)
        return lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
    int code = lks_stix_write(results, &stix, path, err);
    if (code || bundle->profile.pseudonyms)
        return code;
    *strrchr(path, '/') = 0;
    return lks_reasons_into(bundle->case_path, bundle->run, bundle->frozen, path, err);
}

int lks_bundle_findings(struct lks_bundle *bundle, const char *folder, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    struct lks_results results = {0};
    struct lks_takedown_row *rows = NULL;
    int code = lks_case_path(bundle->case_path, bundle->run, "results.duckdb", path, err);
    if (code == 0)
        code = lks_results_load(path, &results, err);
    if (code == 0)
        code = results_check(bundle, &results, err);
    if (code == 0)
        code = replies_check(bundle, &results, err);
    if (code == 0)
        code = lks_takedown_rows(bundle->case_path, bundle->frozen, &results, &rows, err);
    if (code == 0 && !lks_profile_is_plain(&bundle->profile))
        code = lks_profile_results(&bundle->profile, &results, err);
    for (size_t i = 0; code == 0 && i < sizeof writers / sizeof *writers; i++) {
        if (lks_cancelled(bundle->control))
            code = lks_error_set(err, LKS_ECANCELLED, "stopped on request; no half bag is left");
        else if (snprintf(path, sizeof path, "%s/" LKS_ANSWER_FINDINGS "/%s", folder,
                          writers[i].name) >= (int)sizeof path)
            code = lks_error_set(err, LKS_EARGUMENT, "the path of the case is too long");
        if (code == 0)
            code = writers[i].write ? writers[i].write(&results, path, err)
                                    : lks_takedown_write(&results, rows, path, err);
    }
    if (code == 0)
        code = papers_write(bundle, &results, folder, err);
    lks_results_free(&results);
    return code;
}
