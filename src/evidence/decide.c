/* decide.c - decisions upon findings: recorded, approved, listed; notices that name accounts */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"
#include "base/toml.h"
#include "custody/policy.h"
#include "evidence/answer.h"
#include "evidence/decision_parts.h"
#include "vault/commitment.h"

enum { PEOPLE_MAX = 32, NAME_BYTES_MAX = 400, SHOWN_BYTES = 120 };

/* ---- checks ---- */

static int names_check(const char *what, const char *const *names, size_t count, size_t most,
                       struct lks_error *err)
{
    if (count > most)
        return lks_error_set(err, LKS_EARGUMENT, "at most %zu %s are taken", most, what);
    for (size_t i = 0; i < count; i++) {
        if (!names[i][0] || strlen(names[i]) > NAME_BYTES_MAX || strchr(names[i], '\n'))
            return lks_error_set(err, LKS_EARGUMENT, "%s: name %zu is empty, too long or broken",
                                 what, i + 1);
        for (size_t k = 0; k < i; k++)
            if (strcmp(names[i], names[k]) == 0)
                return lks_error_set(err, LKS_EARGUMENT, "%s: one is named twice", what);
    }
    return 0;
}

static uint32_t member_of(const struct lks_decided *decided, struct lks_str key)
{
    for (uint32_t i = 0; i < decided->finding->members_count; i++)
        if (lks_str_equal(decided->results.nodes[decided->finding->members[i]].account.account_key,
                          key))
            return i;
    return UINT32_MAX;
}

/* Names of accounts as lines; sets how many. */
static struct lks_str lines_of(const char *const *names, size_t count, struct lks_arena *arena)
{
    struct lks_buffer lines = {0};
    for (size_t i = 0; i < count; i++) {
        lks_buffer_text(&lines, i ? "\n" : "");
        lks_buffer_text(&lines, names[i]);
    }
    struct lks_str copy =
        lines.failed ? LKS_STR_NULL
                     : lks_arena_str(arena, (struct lks_str){lines.data, lines.size_bytes});
    lks_buffer_free(&lines);
    return copy;
}

static int accounts_take(const struct lks_decide_options *options,
                         const struct lks_decided *decided, struct lks_decision *decision,
                         struct lks_arena *arena, struct lks_error *err)
{
    decision->accounts_count = decided->finding->members_count;
    if (!options->accounts_count)
        return 0;
    for (size_t i = 0; i < options->accounts_count; i++)
        if (member_of(decided, lks_str_from(options->accounts[i])) == UINT32_MAX)
            return lks_error_set(err, LKS_EARGUMENT, "%.200s is no member of %s",
                                 options->accounts[i], options->finding);
    decision->accounts = lines_of(options->accounts, options->accounts_count, arena);
    decision->accounts_count = (int64_t)options->accounts_count;
    return decision->accounts.data ? 0 : lks_error_set(err, LKS_EMEMORY, "out of memory");
}

/* The file's rule that holds, or what people chose in it. */
static int policy_take(const struct lks_decide_options *options, const struct lks_decided *decided,
                       struct lks_decision *decision, struct lks_arena *arena,
                       struct lks_error *err)
{
    struct lks_policy policy;
    struct lks_str text;
    unsigned char digest[LKS_SHA256_BYTES];
    char hex[LKS_SHA256_HEX_BYTES];
    const struct lks_finding *finding = decided->finding;
    const struct lks_policy_facts facts = {.kind = lks_str_from(finding->fusion.kind),
                                           .confidence = (int)finding->confidence,
                                           .members = finding->members_count,
                                           .p_value = finding->p_value};
    int code = lks_toml_load(options->file, arena, &text, err);
    if (code == 0)
        code = lks_policy_read(options->file, text, arena, &policy, err);
    if (code)
        return code;
    const struct lks_policy_rule *rule = &policy.rules[0];
    if (policy.by_rule) {
        rule = lks_policy_match(&policy, &facts);
        if (!rule)
            return lks_error_set(err, LKS_EARGUMENT,
                                 "no rule of %s holds of %s: %s, confidence %s, %u members",
                                 options->file, options->finding,
                                 finding->fusion.kind ? finding->fusion.kind : "no kind",
                                 lks_confidence_names[finding->confidence], finding->members_count);
        lks_sha256_of(text.data, text.size_bytes, digest);
        lks_sha256_hex(digest, hex);
        decision->rule = rule->name;
        decision->policy_sha256 = lks_arena_str(arena, lks_str_from(hex));
    } else if (!options->people_count) {
        return lks_error_set(err, LKS_EARGUMENT,
                             "%s has no [[rule]]: it is people who decide, so say who",
                             options->file);
    }
    decision->values = rule->values;
    return policy.by_rule && !decision->policy_sha256.data
               ? lks_error_set(err, LKS_EMEMORY, "out of memory")
               : 0;
}

/* What the database would refuse is refused before it is logged. */
static int values_check(const struct lks_decided *decided, const struct lks_case_decision *one,
                        struct lks_arena *arena, struct lks_error *err)
{
    struct lks_reasons reasons;
    uint32_t member = 0;
    if (!decided->finding->members_count)
        return lks_error_set(err, LKS_EINPUT, "the finding has no members");
    int code = lks_decided_reasons(decided, one, member, arena, &reasons, err);
    if (code)
        return code;
    /* The facts are of our own words; people's are in the explanations. */
    reasons.decision_facts = "-";
    return lks_reasons_check(&reasons, decided->names, decided->names_count, err);
}

/* ---- decide ---- */

static void decided_text(const struct lks_case_decision *one, struct lks_buffer *out)
{
    const struct lks_decision *decision = &one->decision;
    struct lks_decision_path path = {.proposed_by_rule = decision->rule.data != NULL,
                                     .people_count = one->people_count};
    char time[LKS_TIME_TEXT_BYTES];
    const char *how = lks_reasons_decision(&path);
    lks_time_format(one->time_us, time);
    lks_buffer_format(out, "Entry %llu, %s: ", (unsigned long long)one->leaf, time);
    lks_buffer_shown(out, decision->finding, SHOWN_BYTES);
    lks_buffer_text(out, " of run ");
    lks_buffer_shown(out, decision->run, SHOWN_BYTES);
    lks_buffer_format(out, ", %lld accounts.", (long long)decision->accounts_count);
    if (decision->rule.data) {
        lks_buffer_text(out, " Proposed by the rule \"");
        lks_buffer_shown(out, decision->rule, SHOWN_BYTES);
        lks_buffer_text(out, "\".");
    }
    lks_buffer_format(out, " People: %u. %s.\n", one->people_count,
                      how ? how : "Nobody decided yet");
    if (!one->readable)
        lks_buffer_text(out, "  Its hidden values are not here: no statements can be made.\n");
}

static void decided_json(struct lks_json *json, const struct lks_case_decision *one)
{
    const struct lks_decision *decision = &one->decision;
    struct lks_decision_path path = {.proposed_by_rule = decision->rule.data != NULL,
                                     .people_count = one->people_count};
    lks_json_object(json, NULL);
    lks_json_uint(json, "entry", one->leaf);
    lks_json_time(json, "time", one->time_us);
    lks_json_string(json, "run", decision->run);
    lks_json_string(json, "finding", decision->finding);
    lks_json_int(json, "accounts", decision->accounts_count);
    lks_json_string(json, "rule", decision->rule);
    lks_json_uint(json, "people", one->people_count);
    lks_json_text(json, "automated_decision", lks_reasons_decision(&path));
    lks_json_bool(json, "readable", one->readable);
    lks_json_object_end(json);
}

static void tell(const struct lks_case_decision *one, int as_json, struct lks_buffer *out)
{
    if (as_json) {
        struct lks_json json = {.buffer = out, .indent = 2};
        decided_json(&json, one);
        lks_buffer_byte(out, '\n');
    } else {
        decided_text(one, out);
    }
}

static int people_record(struct lks_vault *vault, uint64_t leaf, const char *const *people,
                         size_t count, struct lks_error *err)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < count; i++)
        code = lks_case_approval_record(vault, leaf, lks_str_from(people[i]), NULL, err);
    return code;
}

static int decision_log(const char *case_path, const struct lks_decide_options *options,
                        const struct lks_decided *decided, struct lks_arena *arena,
                        struct lks_case_decision *one, const struct lks_control *control,
                        struct lks_error *err)
{
    struct lks_vault *vault = NULL;
    int code = lks_vault_open(case_path, control, NULL, &vault, err);
    if (code == 0) {
        one->time_us = lks_vault_now(vault);
        code = values_check(decided, one, arena, err);
    }
    if (code == 0)
        code = lks_case_decision_record(vault, &one->decision, &one->leaf, err);
    if (code == 0)
        code = people_record(vault, one->leaf, options->people, options->people_count, err);
    if (code == 0)
        code = lks_vault_commit(vault, err);
    lks_vault_close(vault);
    return code;
}

int lks_case_decide(const char *case_path, const struct lks_decide_options *options, int as_json,
                    const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct lks_decided decided = {.finding = NULL};
    struct lks_case_decision one = {.leaf = UINT64_MAX, .readable = 1};
    struct lks_arena arena = {0};
    struct lks_buffer out = {0};
    one.people_count = (unsigned)options->people_count;
    int code = names_check("people", options->people, options->people_count, PEOPLE_MAX, err);
    if (code == 0)
        code = names_check("accounts", options->accounts, options->accounts_count, 100000, err);
    if (code == 0)
        code = lks_decided_open(case_path, options->run, lks_str_from(options->finding), UINT64_MAX,
                                &decided, err);
    one.decision.run = lks_str_from(decided.run);
    one.decision.finding = lks_str_from(options->finding);
    if (code == 0)
        code = policy_take(options, &decided, &one.decision, &arena, err);
    if (code == 0)
        code = accounts_take(options, &decided, &one.decision, &arena, err);
    for (int i = 0; code == 0 && i < LKS_PUID_KEY_BYTES; i += LKS_SALT_BYTES)
        code = lks_salt_new(one.decision.puid_key + i, err);
    if (code == 0)
        code = decision_log(case_path, options, &decided, &arena, &one, control, err);
    if (code == 0)
        tell(&one, as_json, &out);
    explicit_bzero(one.decision.puid_key, sizeof one.decision.puid_key);
    lks_decided_free(&decided);
    lks_arena_free(&arena);
    return lks_answer_give(&out, code, text_out, err);
}

/* ---- approve, notice, list ---- */

int lks_case_approve(const char *case_path, uint64_t decision, const char *const *people,
                     size_t people_count, int as_json, const struct lks_control *control,
                     char **text_out, struct lks_error *err)
{
    struct lks_decided decided = {.finding = NULL};
    struct lks_vault *vault = NULL;
    struct lks_buffer out = {0};
    const struct lks_case_decision *one = NULL;
    int code = names_check("people", people, people_count, PEOPLE_MAX, err);
    if (code == 0 && !people_count)
        code = lks_error_set(err, LKS_EARGUMENT, "say who approves");
    if (code == 0)
        code = lks_decided_log(case_path, UINT64_MAX, &decided, err);
    if (code == 0 && !(one = lks_case_decision_at(&decided.log, decision)))
        code = lks_error_set(err, LKS_EMISSING, "entry %llu is no decision",
                             (unsigned long long)decision);
    for (unsigned i = 0; code == 0 && i < one->people_count; i++)
        for (size_t k = 0; code == 0 && k < people_count; k++)
            if (lks_str_equal_text(one->people[i], people[k]))
                code = lks_error_set(err, LKS_EARGUMENT, "%.100s approved already", people[k]);
    if (code == 0)
        code = lks_vault_open(case_path, control, NULL, &vault, err);
    if (code == 0)
        code = people_record(vault, decision, people, people_count, err);
    if (code == 0)
        code = lks_vault_commit(vault, err);
    lks_vault_close(vault);
    if (code == 0) {
        struct lks_case_decision after = *one;
        after.people_count += (unsigned)people_count;
        tell(&after, as_json, &out);
    }
    lks_decided_free(&decided);
    return lks_answer_give(&out, code, text_out, err);
}

int lks_case_notice(const char *case_path, const char *source_type, const char *identity,
                    const char *const *accounts, size_t accounts_count, int as_json,
                    const struct lks_control *control, char **text_out, struct lks_error *err)
{
    static const char *const sources[] = {"SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER",
                                          "SOURCE_TYPE_OTHER_NOTIFICATION"};
    struct lks_arena arena = {0};
    struct lks_vault *vault = NULL;
    struct lks_buffer out = {0};
    uint64_t leaf = 0;
    int known = 0;
    int code = names_check("accounts", accounts, accounts_count, 100000, err);
    for (int i = 0; i < 3; i++)
        known |= source_type && strcmp(source_type, sources[i]) == 0;
    if (code == 0 && !known)
        code = lks_error_set(err, LKS_EARGUMENT,
                             "a notice comes by SOURCE_ARTICLE_16, SOURCE_TRUSTED_FLAGGER or "
                             "SOURCE_TYPE_OTHER_NOTIFICATION");
    if (code == 0 && !accounts_count)
        code = lks_error_set(err, LKS_EARGUMENT, "say which accounts the notice names");
    if (code == 0 && !lks_vault_there(case_path))
        code = lks_error_set(err, LKS_EMISSING, "%s has no log", case_path);
    const struct lks_notice notice = {.source_type = lks_str_from(source_type),
                                      .identity = lks_str_from(identity),
                                      .accounts = code ? LKS_STR_NULL
                                                       : lines_of(accounts, accounts_count, &arena),
                                      .accounts_count = (int64_t)accounts_count};
    if (code == 0 && !notice.accounts.data)
        code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    if (code == 0)
        code = lks_vault_open(case_path, control, NULL, &vault, err);
    if (code == 0)
        code = lks_case_notice_record(vault, &notice, &leaf, err);
    if (code == 0)
        code = lks_vault_commit(vault, err);
    lks_vault_close(vault);
    if (code == 0)
        lks_buffer_format(&out,
                          as_json ? "{\"entry\": %llu, \"accounts\": %zu}\n"
                          : accounts_count == 1
                              ? "Entry %llu: a notice of %zu account. What runs find of it from "
                                "now on was found by the notice first.\n"
                              : "Entry %llu: a notice of %zu accounts. What runs find of them "
                                "from now on was found by the notice first.\n",
                          (unsigned long long)leaf, accounts_count);
    lks_arena_free(&arena);
    return lks_answer_give(&out, code, text_out, err);
}

int lks_case_decisions(const char *case_path, int as_json, const struct lks_control *control,
                       char **text_out, struct lks_error *err)
{
    struct lks_decided decided = {.finding = NULL};
    struct lks_buffer out = {0};
    struct lks_json json = {.buffer = &out, .indent = 2};
    (void)control;
    int code = lks_decided_log(case_path, UINT64_MAX, &decided, err);
    if (code == 0 && as_json) {
        lks_json_object(&json, NULL);
        lks_json_array(&json, "decisions");
        for (size_t i = 0; i < decided.log.count; i++)
            decided_json(&json, &decided.log.items[i]);
        lks_json_array_end(&json);
        lks_json_uint(&json, "notices", decided.log.notices_count);
        lks_json_object_end(&json);
        lks_buffer_byte(&out, '\n');
    } else if (code == 0) {
        for (size_t i = 0; i < decided.log.count; i++)
            decided_text(&decided.log.items[i], &out);
        if (!decided.log.count)
            lks_buffer_text(&out, "Nothing was decided yet.\n");
        if (decided.log.notices_count)
            lks_buffer_format(&out, "Notices: %zu.\n", decided.log.notices_count);
    }
    lks_decided_free(&decided);
    return lks_answer_give(&out, code, text_out, err);
}
