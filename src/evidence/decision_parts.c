/* decision_parts.c - a decision beside the run that it is upon, and the statement that follows */
#include "evidence/decision_parts.h"

#include <stdlib.h>

#include "case/runs.h"
#include "detect/results_tables.h"
#include "dossier/findings_json.h"
#include "dossier/reasons_facts.h"

static int memory_out(struct lks_error *err)
{
    return lks_error_set(err, LKS_EMEMORY, "out of memory for a decision");
}

int lks_decided_log(const char *case_path, uint64_t end, struct lks_decided *decided,
                    struct lks_error *err)
{
    *decided = (struct lks_decided){.finding = NULL};
    if (!lks_vault_there(case_path))
        return lks_error_set(err, LKS_EMISSING, "%s has no log, and nothing can be decided in it",
                             case_path);
    return lks_case_decisions_read(case_path, end, &decided->log, err);
}

/* What people know a member by. */
static int names_gather(struct lks_decided *decided, struct lks_error *err)
{
    const struct lks_finding *finding = decided->finding;
    decided->names = calloc(4 * (size_t)finding->members_count + 1, sizeof *decided->names);
    if (!decided->names)
        return memory_out(err);
    for (uint32_t i = 0; i < finding->members_count; i++) {
        const struct lks_account *account = &decided->results.nodes[finding->members[i]].account;
        const char *colon = account->account_key.data ? memchr(account->account_key.data, ':',
                                                               account->account_key.size_bytes)
                                                      : NULL;
        size_t head = colon ? (size_t)(colon + 1 - account->account_key.data) : 0;
        const struct lks_str all[] = {
            account->account_key,
            {account->account_key.data + head, account->account_key.size_bytes - head},
            account->handle,
            account->display_name};
        for (int k = 0; k < 4; k++)
            if (all[k].data && all[k].size_bytes)
                decided->names[decided->names_count++] = all[k];
    }
    return 0;
}

static int output_check(const struct lks_decided *decided, struct lks_error *err)
{
    char digest[LKS_SHA256_HEX_BYTES];
    const struct lks_case_run *run =
        lks_case_decisions_run(&decided->log, lks_str_from(decided->run));
    if (!run)
        return lks_error_set(err, LKS_EMISSING,
                             "the log does not hold run %s: nobody can say who found what it found",
                             decided->run);
    int code = lks_findings_json_digest(&decided->results, digest, err);
    if (code == 0 && run->output_sha256.data && !lks_str_equal_text(run->output_sha256, digest))
        code = lks_error_set(err, LKS_EINPUT,
                             "the tables of run %s are not what the log says that it found",
                             decided->run);
    return code;
}

int lks_decided_open(const char *case_path, const char *run, struct lks_str finding, uint64_t end,
                     struct lks_decided *decided, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_decided_log(case_path, end, decided, err);
    if (code == 0)
        code = lks_case_run_find(case_path, run, decided->run, err);
    if (code == 0)
        code = lks_case_path(case_path, decided->run, "results.duckdb", path, err);
    if (code == 0)
        code = lks_results_load(path, &decided->results, err);
    if (code == 0)
        code = output_check(decided, err);
    for (uint32_t i = 0; code == 0 && i < decided->results.findings_count; i++)
        if (lks_str_equal(decided->results.findings[i].id, finding))
            decided->finding = &decided->results.findings[i];
    if (code == 0 && !decided->finding)
        code = lks_error_set(err, LKS_EMISSING, "run %s has no finding %.*s", decided->run,
                             (int)(finding.size_bytes < 40 ? finding.size_bytes : 40),
                             finding.data ? finding.data : "");
    return code ? code : names_gather(decided, err);
}

void lks_decided_free(struct lks_decided *decided)
{
    lks_case_decisions_free(&decided->log);
    lks_results_free(&decided->results);
    free(decided->names);
    *decided = (struct lks_decided){.finding = NULL};
}

/* ---- one statement ---- */

static const char *keep(struct lks_arena *arena, const char *text)
{
    return lks_arena_str(arena, lks_str_from(text)).data;
}

static int derived_fill(const struct lks_decided *decided, const struct lks_case_decision *decision,
                        uint32_t member, struct lks_arena *arena, struct lks_reasons *out,
                        struct lks_error *err)
{
    char puid[LKS_PUID_BYTES], date[LKS_REASONS_DATE_BYTES], time[LKS_TIME_TEXT_BYTES];
    struct lks_buffer facts = {0};
    const struct lks_finding *finding = decided->finding;
    const struct lks_account *account = &decided->results.nodes[finding->members[member]].account;
    lks_decision_puid(&decision->decision, account->account_key, puid);
    lks_reasons_content_date(&decided->results, finding, member, date);
    lks_reasons_facts(&decided->results, finding, member, &facts);
    out->puid = keep(arena, puid);
    out->content_date = keep(arena, date);
    out->decision_facts =
        facts.failed ? NULL
                     : lks_arena_str(arena, (struct lks_str){facts.data, facts.size_bytes}).data;
    lks_buffer_free(&facts);
    if (!out->application_date) { /* the day on which it was decided */
        lks_time_format(decision->time_us, time);
        time[10] = 0;
        out->application_date = keep(arena, time);
    }
    if (!out->content_type[0]) {
        int video, text, count = 0;
        lks_reasons_content(&decided->results, finding, &video, &text);
        if (video)
            out->content_type[count++] = "CONTENT_TYPE_VIDEO";
        if (text)
            out->content_type[count++] = "CONTENT_TYPE_TEXT";
        out->content_type[count] = NULL;
    }
    return out->puid && out->content_date && out->decision_facts && out->application_date
               ? 0
               : memory_out(err);
}

int lks_decided_reasons(const struct lks_decided *decided, const struct lks_case_decision *decision,
                        uint32_t member, struct lks_arena *arena, struct lks_reasons *out,
                        struct lks_error *err)
{
    const struct lks_notice *notice;
    *out = decision->decision.values;
    int code = derived_fill(decided, decision, member, arena, out, err);
    if (code == 0)
        code = lks_case_decision_path(
            &decided->log, decision,
            decided->results.nodes[decided->finding->members[member]].account.account_key,
            &out->path, &notice, err);
    if (code)
        return code;
    out->source_type = "SOURCE_VOLUNTARY";
    if (notice) {
        out->source_type = lks_arena_str(arena, notice->source_type).data;
        out->source_identity =
            notice->identity.data ? lks_arena_str(arena, notice->identity).data : NULL;
        if (!out->source_type || (notice->identity.data && !out->source_identity))
            return memory_out(err);
    }
    return 0;
}
