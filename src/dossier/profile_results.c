/* profile_results.c - a whole run's results as a recipient is shown them
 *
 * A table says for each string and time of each list what it is; one loop then changes them all. So
 * the writers of this folder need not know of profiles, and cannot forget one. Our own sentences are
 * kept, with the names in them exchanged for pseudonyms: profile_words.c. */
#include <assert.h>
#include <stddef.h>
#include <stdio.h>

#include "dossier/profile.h"
#include "dossier/profile_words.h"

enum rule_kind {
    RULE_ACCOUNT, /* a whole struct lks_account */
    RULE_ACCOUNT_KEY,
    RULE_POST_KEY,
    RULE_PERSON,
    RULE_TEXT,
    RULE_SENTENCE,
    RULE_THINGS, /* words out of a text */
    RULE_OBJECT, /* its kind stands at `beside` */
    RULE_SUM,    /* the name of a sum, by what stands at `beside` */
    RULE_FILE,
    RULE_SHA256,
    RULE_SERIES, /* counts with blanks between */
    RULE_TIME,
    RULE_WITHHELD
};

struct rule {
    size_t offset;
    enum rule_kind kind;
    size_t beside;
};

/* A list of the results: where its pointer and its count lie. */
struct list {
    size_t rows, count, row_bytes;
    int is_wide;   /* the count has 64 bits */
    int of_people; /* a row for each account: left out for the public */
    const struct rule *rules;
    size_t rules_count;
};

struct showing {
    struct lks_profile *profile;
    struct lks_results *results;
    struct lks_profile_words words;
    struct lks_error *err;
};

/* ---- what each list holds ---- */

#define AT(record, member, kind)                                                                   \
    {                                                                                              \
        offsetof(record, member), kind, 0                                                          \
    }
#define BESIDE(record, member, kind, other)                                                        \
    {                                                                                              \
        offsetof(record, member), kind, offsetof(record, other)                                    \
    }
#define SPAN(record, first, last) AT(record, first, RULE_TIME), AT(record, last, RULE_TIME)

static const struct rule node_rules[] = {AT(struct lks_result_node, account, RULE_ACCOUNT)};
static const struct rule edge_rules[] = {SPAN(struct lks_result_edge, edge.first_us, edge.last_us)};
static const struct rule post_rules[] = {AT(struct lks_result_post, file, RULE_FILE),
                                         AT(struct lks_result_post, sha256, RULE_SHA256)};
static const struct rule awakening_rules[] = {
    AT(struct lks_result_awakening, account, RULE_ACCOUNT),
    SPAN(struct lks_result_awakening, item.asleep_us, item.woke_us)};
static const struct rule cohort_rules[] = {SPAN(struct lks_cohort, first_us, last_us)};
static const struct rule registration_rules[] = {
    AT(struct lks_result_registration, item.day_us, RULE_TIME)};
/* A thing's course on one of its platforms. */
#define COURSE(at)                                                                                 \
    AT(struct lks_result_popular, platform_posts[at], RULE_SERIES),                                \
        AT(struct lks_result_popular, platform_flagged[at], RULE_SERIES),                          \
        AT(struct lks_result_popular, platform_accounts[at], RULE_SERIES),                         \
        AT(struct lks_result_popular, platform_views[at], RULE_SERIES)
static_assert(LKS_POPULAR_PLATFORMS == 4, "each platform has its course here");
static const struct rule popular_rules[] = {
    BESIDE(struct lks_result_popular, object, RULE_OBJECT, item.kind),
    AT(struct lks_result_popular, posts, RULE_SERIES),
    AT(struct lks_result_popular, flagged, RULE_SERIES),
    AT(struct lks_result_popular, accounts, RULE_SERIES),
    AT(struct lks_result_popular, accounts_flagged, RULE_SERIES),
    AT(struct lks_result_popular, views, RULE_SERIES),
    AT(struct lks_result_popular, views_flagged, RULE_SERIES),
    COURSE(0),
    COURSE(1),
    COURSE(2),
    COURSE(3),
    SPAN(struct lks_result_popular, item.first_us, item.last_us),
    AT(struct lks_result_popular, item.change_us, RULE_TIME)};
#define POPULATION(k)                                                                              \
    AT(struct lks_result_lineage, liked[k], RULE_SENTENCE),                                        \
        AT(struct lks_result_lineage, series[k], RULE_SERIES),                                     \
        SPAN(struct lks_result_lineage, item.population[k].first_us, item.population[k].last_us)
static const struct rule lineage_rules[] = {
    BESIDE(struct lks_result_lineage, object, RULE_OBJECT, item.kind),
    POPULATION(0),
    POPULATION(1),
    POPULATION(2),
    POPULATION(3),
    SPAN(struct lks_result_lineage, item.first_us, item.last_us),
    AT(struct lks_result_lineage, item.change_us, RULE_TIME)};
static_assert(LKS_LINEAGE_POPULATIONS == 4, "a rule for each population");
static const struct rule lineage_account_rules[] = {
    AT(struct lks_result_lineage_account, account, RULE_ACCOUNT),
    AT(struct lks_result_lineage_account, first_us, RULE_TIME)};
static const struct rule tag_edit_rules[] = {
    SPAN(struct lks_result_tag_edit, item.from_us, item.to_us)};
static const struct rule call_rules[] = {
    AT(struct lks_result_call, time_us, RULE_TIME),
    AT(struct lks_result_call, channel, RULE_ACCOUNT_KEY),
    AT(struct lks_result_call, post_key, RULE_POST_KEY),
    AT(struct lks_result_call, things, RULE_THINGS),
    /* Finer than the times that are shown. */
    AT(struct lks_result_call, answers_responders, RULE_WITHHELD),
    AT(struct lks_result_call, answers_others, RULE_WITHHELD)};
static const struct rule responder_rules[] = {
    AT(struct lks_result_responder, account, RULE_ACCOUNT)};
static const struct rule swarmer_rules[] = {AT(struct lks_result_swarmer, account, RULE_ACCOUNT)};
static const struct rule flood_rules[] = {
    AT(struct lks_result_flood, time_us, RULE_TIME),
    AT(struct lks_result_flood, post_key, RULE_POST_KEY),
    AT(struct lks_result_flood, author, RULE_ACCOUNT_KEY),
    AT(struct lks_result_flood, author_handle, RULE_WITHHELD),
    AT(struct lks_result_flood, text, RULE_TEXT),
    AT(struct lks_result_flood, example, RULE_TEXT),
    SPAN(struct lks_result_flood, item.burst_first_us, item.burst_last_us),
    SPAN(struct lks_result_flood, item.first_us, item.last_us)};
static const struct rule cluster_rules[] = {SPAN(struct lks_swarm_cluster, first_us, last_us)};
static const struct rule instruction_rules[] = {
    AT(struct lks_result_instruction, time_us, RULE_TIME),
    AT(struct lks_result_instruction, channel, RULE_ACCOUNT_KEY),
    AT(struct lks_result_instruction, post_key, RULE_POST_KEY),
    AT(struct lks_result_instruction, things, RULE_THINGS)};
static const struct rule relay_rules[] = {
    SPAN(struct lks_result_relay, item.first_us, item.last_us),
    AT(struct lks_result_relay, item.sure_us, RULE_TIME),
    AT(struct lks_result_relay, channel, RULE_ACCOUNT_KEY),
    AT(struct lks_result_relay, post_key, RULE_POST_KEY),
    AT(struct lks_result_relay, things, RULE_THINGS)};
static const struct rule relay_member_rules[] = {
    AT(struct lks_result_relay_member, channel, RULE_ACCOUNT_KEY),
    AT(struct lks_result_relay_member, post_key, RULE_POST_KEY)};
static const struct rule relayer_rules[] = {
    AT(struct lks_result_relayer, channel, RULE_ACCOUNT_KEY),
    AT(struct lks_result_relayer, followed, RULE_ACCOUNT_KEY)};
static const struct rule script_rules[] = {
    AT(struct lks_result_script, post_key, RULE_POST_KEY),
    AT(struct lks_result_script, text, RULE_TEXT),
    AT(struct lks_result_script, measured, RULE_SENTENCE),
    SPAN(struct lks_result_script, item.first_us, item.last_us),
    SPAN(struct lks_result_script, item.window_first_us, item.window_last_us)};
static const struct rule teller_rules[] = {AT(struct lks_result_teller, account, RULE_ACCOUNT),
                                           AT(struct lks_result_teller, post_key, RULE_POST_KEY),
                                           AT(struct lks_result_teller, item.first_us, RULE_TIME)};
static const struct rule payee_rules[] = {AT(struct lks_result_payee, payee, RULE_PERSON),
                                          AT(struct lks_result_payee, account, RULE_ACCOUNT),
                                          SPAN(struct lks_result_payee, first_us, last_us)};
static const struct rule sum_rules[] = {BESIDE(struct lks_result_sum, name, RULE_SUM, item.by)};
static const struct rule flow_rules[] = {AT(struct lks_result_flow, payer, RULE_PERSON),
                                         AT(struct lks_result_flow, payee, RULE_PERSON),
                                         AT(struct lks_result_flow, account_key, RULE_ACCOUNT_KEY)};
static const struct rule check_rules[] = {AT(struct lks_result_check, name, RULE_SENTENCE),
                                          AT(struct lks_result_check, payer, RULE_PERSON)};
static const struct rule file_rules[] = {AT(struct lks_result_file, name, RULE_FILE),
                                         AT(struct lks_result_file, sha256, RULE_SHA256)};
static const struct rule reject_rules[] = {
    AT(struct lks_result_reject, file, RULE_FILE),
    AT(struct lks_result_reject, first_bytes, RULE_WITHHELD)};
static const struct rule option_rules[] = {AT(struct lks_option_text, value, RULE_SENTENCE)};
static const struct rule note_rules[] = {{0, RULE_SENTENCE, 0}};
static const struct rule layer_rules[] = {AT(struct lks_result_layer, why, RULE_SENTENCE)};

static const struct rule finding_rules[] = {
    AT(struct lks_finding, title, RULE_SENTENCE),
    AT(struct lks_finding, confidence_rule, RULE_SENTENCE),
    SPAN(struct lks_finding, first_us, last_us),
    AT(struct lks_finding, fusion.observation, RULE_SENTENCE),
    AT(struct lks_finding, fusion.apart, RULE_SENTENCE),
    AT(struct lks_finding, fusion.operated_by, RULE_WITHHELD)};
static const struct rule mechanism_rules[] = {AT(struct lks_mechanism, measured, RULE_SENTENCE)};
static const struct rule member_rules[] = {AT(struct lks_member_fusion, measured, RULE_SENTENCE)};
static const struct rule technique_rules[] = {AT(struct lks_technique, measured, RULE_SENTENCE)};
static const struct rule alternative_rules[] = {
    AT(struct lks_alternative, measured, RULE_SENTENCE)};
static const struct rule object_rules[] = {
    BESIDE(struct lks_result_object, object, RULE_OBJECT, kind)};
static const struct rule variant_rules[] = {AT(struct lks_result_variant, text, RULE_TEXT)};
static const struct rule match_rules[] = {
    BESIDE(struct lks_result_match, object, RULE_OBJECT, kind)};

#define RULES(rules) rules, sizeof(rules) / sizeof *(rules)
#define LIST(list, counted, record, rules, people)                                                 \
    {                                                                                              \
        offsetof(struct lks_results, list), offsetof(struct lks_results, counted), sizeof(record), \
            sizeof(((struct lks_results *)0)->counted) == 8, people, RULES(rules)                  \
    }
static const struct list lists[] = {
    LIST(nodes, nodes_count, struct lks_result_node, node_rules, 0),
    LIST(edges, edges_count, struct lks_result_edge, edge_rules, 0),
    LIST(findings, findings_count, struct lks_finding, finding_rules, 0),
    LIST(posts, evidence_count, struct lks_result_post, post_rules, 0),
    LIST(awakenings, awakenings_count, struct lks_result_awakening, awakening_rules, 1),
    LIST(cohorts, cohorts_count, struct lks_cohort, cohort_rules, 0),
    LIST(registrations, registrations_count, struct lks_result_registration, registration_rules, 0),
    LIST(populars, populars_count, struct lks_result_popular, popular_rules, 0),
    LIST(lineages, lineages_count, struct lks_result_lineage, lineage_rules, 0),
    LIST(lineage_accounts, lineage_accounts_count, struct lks_result_lineage_account,
         lineage_account_rules, 1),
    LIST(tag_edits, tag_edits_count, struct lks_result_tag_edit, tag_edit_rules, 0),
    LIST(calls, calls_count, struct lks_result_call, call_rules, 0),
    LIST(responders, responders_count, struct lks_result_responder, responder_rules, 1),
    LIST(layers, layers_count, struct lks_result_layer, layer_rules, 0),
    LIST(swarmers, swarmers_count, struct lks_result_swarmer, swarmer_rules, 1),
    LIST(floods, floods_count, struct lks_result_flood, flood_rules, 0),
    LIST(swarm_clusters, swarm_clusters_count, struct lks_swarm_cluster, cluster_rules, 0),
    LIST(instructions, instructions_count, struct lks_result_instruction, instruction_rules, 0),
    LIST(relays, relays_count, struct lks_result_relay, relay_rules, 0),
    LIST(relay_members, relay_members_count, struct lks_result_relay_member, relay_member_rules, 0),
    LIST(relayers, relayers_count, struct lks_result_relayer, relayer_rules, 0),
    LIST(scripts, scripts_count, struct lks_result_script, script_rules, 0),
    LIST(tellers, tellers_count, struct lks_result_teller, teller_rules, 1),
    LIST(payees, payees_count, struct lks_result_payee, payee_rules, 1),
    LIST(sums, sums_count, struct lks_result_sum, sum_rules, 1),
    LIST(flows, flows_count, struct lks_result_flow, flow_rules, 1),
    LIST(checks, checks_count, struct lks_result_check, check_rules, 1),
    LIST(files, files_count, struct lks_result_file, file_rules, 0),
    LIST(rejects, reject_rows_count, struct lks_result_reject, reject_rules, 1),
    LIST(options, options_count, struct lks_option_text, option_rules, 0),
    LIST(notes, notes_count, struct lks_str, note_rules, 0),
};

/* ---- the loop ---- */

static int file_show(struct showing *s, struct lks_str *name)
{
    char text[32];
    if (!s->profile->pseudonyms || !name->data)
        return 0;
    uint32_t number = lks_intern_find(&s->words.files, *name);
    snprintf(text, sizeof text, "file %lu", (unsigned long)number + 1);
    *name = number == LKS_INTERN_NONE ? LKS_STR_NULL
                                      : lks_arena_str(&s->results->arena, lks_str_from(text));
    return number == LKS_INTERN_NONE || name->data
               ? 0
               : lks_error_set(s->err, LKS_EMEMORY, "out of memory for a name");
}

static int sum_show(struct showing *s, struct lks_str *name, enum lks_sum_by by)
{
    if (by != LKS_SUM_PAYER && by != LKS_SUM_PAYEE)
        return 0;
    return lks_profile_key(s->profile, LKS_PSEUDONYM_PERSON, name, &s->results->arena, s->err);
}

static int value_show(struct showing *s, char *row, const struct rule *rule)
{
    struct lks_arena *arena = &s->results->arena;
    struct lks_str *text = (struct lks_str *)(void *)(row + rule->offset);
    int64_t *time_us = (int64_t *)(void *)(row + rule->offset);
    switch (rule->kind) {
    case RULE_ACCOUNT:
        return lks_profile_account(s->profile, (struct lks_account *)(void *)(row + rule->offset),
                                   arena, s->err);
    case RULE_ACCOUNT_KEY:
        return lks_profile_key(s->profile, LKS_PSEUDONYM_ACCOUNT, text, arena, s->err);
    case RULE_POST_KEY:
        return lks_profile_key(s->profile, LKS_PSEUDONYM_POST, text, arena, s->err);
    case RULE_PERSON:
        return lks_profile_key(s->profile, LKS_PSEUDONYM_PERSON, text, arena, s->err);
    case RULE_TEXT:
        return lks_profile_text(s->profile, text, arena, s->err);
    case RULE_THINGS:
        if (s->profile->texts == LKS_TEXTS_WITHHELD) {
            *text = text->data ? LKS_STR("") : LKS_STR_NULL;
            return 0;
        }
        return lks_profile_words_show(&s->words, text, arena, s->err);
    case RULE_SENTENCE:
        return lks_profile_words_show(&s->words, text, arena, s->err);
    case RULE_OBJECT:
        return lks_profile_object(s->profile, *(enum lks_object_kind *)(void *)(row + rule->beside),
                                  text, arena, s->err);
    case RULE_SUM:
        return sum_show(s, text, *(enum lks_sum_by *)(void *)(row + rule->beside));
    case RULE_FILE:
        return file_show(s, text);
    case RULE_SHA256:
        return lks_profile_sha256(s->profile, text, arena, s->err);
    case RULE_SERIES:
        return lks_profile_series(s->profile, text, arena, s->err);
    case RULE_TIME:
        *time_us = lks_profile_time(s->profile, *time_us);
        return 0;
    default:
        if (s->profile->pseudonyms)
            *text = LKS_STR_NULL;
        return 0;
    }
}

static int rows_show(struct showing *s, void *rows, uint64_t count, size_t row_bytes,
                     const struct rule *rules, size_t rules_count)
{
    for (uint64_t i = 0; i < count; i++)
        for (size_t k = 0; k < rules_count; k++) {
            int code = value_show(s, (char *)rows + i * row_bytes, &rules[k]);
            if (code)
                return code;
        }
    return 0;
}

static int list_show(struct showing *s, const struct list *list)
{
    char *base = (char *)s->results;
    void *rows = *(void **)(void *)(base + list->rows);
    void *count = base + list->count;
    if (list->of_people && s->profile->recipient == LKS_RECIPIENT_PUBLIC) {
        if (list->is_wide)
            *(uint64_t *)count = 0;
        else
            *(uint32_t *)count = 0;
        return 0;
    }
    return rows_show(s, rows, list->is_wide ? *(uint64_t *)count : *(uint32_t *)count,
                     list->row_bytes, list->rules, list->rules_count);
}

/* The lists inside a finding. */
static int inside_show(struct showing *s, struct lks_finding *finding)
{
    const struct {
        void *rows;
        uint64_t count;
        size_t row_bytes;
        const struct rule *rules;
        size_t rules_count;
    } inside[] = {{finding->fusion.mechanisms, finding->fusion.mechanisms_count,
                   sizeof(struct lks_mechanism), RULES(mechanism_rules)},
                  {finding->fusion.members, finding->fusion.members_count,
                   sizeof(struct lks_member_fusion), RULES(member_rules)},
                  {finding->fusion.techniques, finding->fusion.techniques_count,
                   sizeof(struct lks_technique), RULES(technique_rules)},
                  {finding->alternatives, finding->alternatives_count,
                   sizeof(struct lks_alternative), RULES(alternative_rules)},
                  {finding->objects, finding->objects_count, sizeof(struct lks_result_object),
                   RULES(object_rules)},
                  {finding->variants, finding->variants_count, sizeof(struct lks_result_variant),
                   RULES(variant_rules)},
                  {finding->matches, finding->matches_count, sizeof(struct lks_result_match),
                   RULES(match_rules)}};
    int code = 0;
    for (size_t i = 0; code == 0 && i < sizeof inside / sizeof *inside; i++)
        code = rows_show(s, inside[i].rows, inside[i].count, inside[i].row_bytes, inside[i].rules,
                         inside[i].rules_count);
    return code;
}

/* What stands in the results by itself. */
static int single_show(struct showing *s)
{
    struct lks_results *r = s->results;
    struct lks_str *sentences[] = {&r->recruitment.unobservable, &r->swarm.unobservable,
                                   &r->relaying.unobservable, &r->promotion.unobservable,
                                   &r->promotion.ledger_note};
    struct lks_str *series[] = {&r->recruitment.responders_profile, &r->recruitment.others_profile,
                                &r->swarm.latency_named, &r->swarm.latency_others};
    int code = lks_profile_sha256(s->profile, &r->data_digest, &r->arena, s->err);
    for (size_t i = 0; code == 0 && i < sizeof sentences / sizeof *sentences; i++)
        code = lks_profile_words_show(&s->words, sentences[i], &r->arena, s->err);
    for (size_t i = 0; code == 0 && i < sizeof series / sizeof *series; i++)
        code = lks_profile_series(s->profile, series[i], &r->arena, s->err);
    static const enum lks_object_kind kinds[LKS_SCRIPT_OBJECTS_COUNT] = {
        [LKS_SCRIPT_TAG] = LKS_OBJECT_HASHTAG,
        [LKS_SCRIPT_SOUND] = LKS_OBJECT_SOUND,
        [LKS_SCRIPT_LINK] = LKS_OBJECT_URL};
    for (uint32_t i = 0; i < r->scripts_count; i++)
        for (int k = 0; code == 0 && k < LKS_SCRIPT_OBJECTS_COUNT; k++)
            code = lks_profile_object(s->profile, kinds[k], &r->scripts[i].objects[k], &r->arena,
                                      s->err);
    for (uint64_t i = 0; code == 0 && i < r->evidence_count; i++)
        code = lks_profile_post(s->profile, &r->posts[i].post, &r->arena, s->err);
    r->first_us = lks_profile_time(s->profile, r->first_us);
    r->last_us = lks_profile_time(s->profile, r->last_us);
    for (uint32_t i = 0; i < r->bins_count; i++) {
        int64_t least = s->profile->count_min;
        if ((int64_t)r->bins[i].posts_count < least)
            r->bins[i].posts_count = 0;
        if ((int64_t)r->bins[i].coordinated_count < least)
            r->bins[i].coordinated_count = 0;
    }
    return code;
}

/* The rules become notes of the results, a sentence or two each, so that every file says them. */
static int notes_add(struct showing *s)
{
    struct lks_results *r = s->results;
    struct lks_buffer text = {0};
    size_t lines = 0;
    lks_profile_describe(s->profile, &text);
    for (size_t i = 0; !text.failed && i < text.size_bytes; i++)
        lines += text.data[i] == '\n';
    struct lks_str *notes =
        text.failed ? NULL : lks_arena_calloc(&r->arena, r->notes_count + lines, sizeof *notes);
    int failed = !notes;
    if (notes && r->notes_count)
        memcpy(notes, r->notes, r->notes_count * sizeof *notes);
    for (size_t i = 0, start = 0; !failed && i < text.size_bytes; i++) {
        if (text.data[i] != '\n')
            continue;
        notes[r->notes_count] =
            lks_arena_str(&r->arena, (struct lks_str){text.data + start, i - start});
        failed = !notes[r->notes_count++].data;
        start = i + 1;
    }
    if (notes)
        r->notes = notes;
    lks_buffer_free(&text);
    return failed ? lks_error_set(s->err, LKS_EMEMORY, "out of memory for notes") : 0;
}

int lks_profile_results(struct lks_profile *profile, struct lks_results *results,
                        struct lks_error *err)
{
    struct showing s = {.profile = profile, .results = results, .err = err};
    if (lks_profile_is_plain(profile))
        return 0;
    int code = lks_profile_words_start(&s.words, profile, results, err);
    for (uint32_t i = 0; code == 0 && i < results->findings_count; i++)
        code = inside_show(&s, &results->findings[i]);
    if (code == 0)
        code = single_show(&s);
    for (size_t i = 0; code == 0 && i < sizeof lists / sizeof *lists; i++)
        code = list_show(&s, &lists[i]);
    if (code == 0)
        code = notes_add(&s);
    lks_profile_words_free(&s.words);
    return code;
}
