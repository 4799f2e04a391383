/* profile_results_test.c - nothing that a recipient may not see comes through any writer
 *
 * Every string of every table of a run's results (detect/results_fields.c) is given a mark, those
 * that are meant to stay excepted by name; then all writers write, and no mark may be there. A field
 * that somebody adds without a rule in dossier/profile_results.c fails here. */
#include "dossier/profile.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "detect/results_fields.h"
#include "dossier/csv_tables.h"
#include "dossier/findings_json.h"
#include "dossier/gexf.h"
#include "dossier/graphml.h"
#include "dossier/report_json.h"
#include "dossier/stix.h"
#include "dossier/takedown.h"
#include "dossier/test_results.h"

/* In a key it goes whole; in a sentence or a masked text it is a handle. */
#define MARK "@CANARY"

/* What stays as it is: our own words, public words, and what says nothing of anybody. */
static const char *const stays[] = {"run.run",
                                    "run.version",
                                    "run.call_dose_days_by",
                                    "run.call_dose_excess_by",
                                    "run.payments_converted_to",
                                    "finding.id",
                                    "finding.beneficiary",
                                    "registration.shape",
                                    "script.id",
                                    "script.tag",
                                    "payee.amounts",
                                    "payment_sum.currency",
                                    "payment_flow.target",
                                    "payment_flow.beneficiary",
                                    "payment_flow.method",
                                    "payment_flow.currency",
                                    "beneficiary_named.beneficiary",
                                    "reported_sum.method",
                                    "reported_sum.currency",
                                    "file.format",
                                    "reject.reason",
                                    "option.name",
                                    "option.meaning",
                                    "tag_edit.from_tag",
                                    "tag_edit.to_tag",
                                    "awakening.strip",
                                    "instruction.cues",
                                    "call.cues",
                                    "*.platform",
                                    "*.country",
                                    "*.language",
                                    "popularity.platform_1",
                                    "popularity.platform_2",
                                    "popularity.platform_3",
                                    "popularity.platform_4"};

static int is_unit(const char *name)
{
    size_t size = strlen(name);
    return size > 5 && strcmp(name + size - 5, "_unit") == 0; /* "F1", "paid" */
}

static int does_stay(const char *sheet, const char *field)
{
    char name[128];
    for (size_t i = 0; i < sizeof stays / sizeof *stays; i++) {
        snprintf(name, sizeof name, "%s.%s", stays[i][0] == '*' ? "*" : sheet, field);
        if (strcmp(name, stays[i]) == 0)
            return 1;
    }
    return is_unit(field);
}

/* shift: what the rows of a list inside a finding have before them in the table. */
static size_t plant(enum sheet_name which, void *rows, uint64_t count, size_t row_bytes,
                    size_t shift)
{
    static const struct lks_str mark = LKS_STR(MARK), key = LKS_STR("tiktok:" MARK);
    const struct sheet *sheet = &lks_results_sheets[which];
    size_t planted = 0;
    for (uint64_t i = 0; i < count; i++)
        for (size_t f = 0; f < sheet->fields_count; f++) {
            const struct field *field = &sheet->fields[f];
            char *at = (char *)rows + i * row_bytes + field->offset - shift;
            if (strcmp(field->name, "kind") == 0 && field->type == FIELD_I32 &&
                which != SHEET_POST && which != SHEET_SCRIPT)
                *(int32_t *)(void *)at = LKS_OBJECT_MENTION;
            if (field->type != FIELD_STR || does_stay(sheet->name, field->name))
                continue;
            int is_key = strstr(field->name, "_key") != NULL;
            *(struct lks_str *)(void *)at = is_key ? key : mark;
            planted++;
        }
    return planted;
}

static size_t plant_all(struct lks_results *r)
{
    size_t n = plant(SHEET_RUN, r, 1, 0, 0);
#define PLANT(which, list, counted) plant(which, r->list, r->counted, sizeof *r->list, 0)
    n += PLANT(SHEET_NODE, nodes, nodes_count) + PLANT(SHEET_FINDING, findings, findings_count);
    n += PLANT(SHEET_POST, posts, evidence_count) +
         PLANT(SHEET_AWAKENING, awakenings, awakenings_count);
    n += PLANT(SHEET_REGISTRATION, registrations, registrations_count);
    n += PLANT(SHEET_POPULAR, populars, populars_count) +
         PLANT(SHEET_LINEAGE, lineages, lineages_count);
    n += PLANT(SHEET_LINEAGE_ACCOUNT, lineage_accounts, lineage_accounts_count);
    n += PLANT(SHEET_TAG_EDIT, tag_edits, tag_edits_count) + PLANT(SHEET_CALL, calls, calls_count);
    n += PLANT(SHEET_RESPONDER, responders, responders_count);
    n += PLANT(SHEET_SWARMER, swarmers, swarmers_count) + PLANT(SHEET_FLOOD, floods, floods_count);
    n += PLANT(SHEET_INSTRUCTION, instructions, instructions_count);
    n += PLANT(SHEET_RELAY, relays, relays_count);
    n += PLANT(SHEET_RELAY_MEMBER, relay_members, relay_members_count);
    n += PLANT(SHEET_RELAYER, relayers, relayers_count) +
         PLANT(SHEET_SCRIPT, scripts, scripts_count);
    n += PLANT(SHEET_TELLER, tellers, tellers_count) + PLANT(SHEET_PAYEE, payees, payees_count);
    n += PLANT(SHEET_SUM, sums, sums_count) + PLANT(SHEET_FLOW, flows, flows_count);
    n += PLANT(SHEET_NAMED, named, named_count) + PLANT(SHEET_CHECK, checks, checks_count);
    n += PLANT(SHEET_LAYER, layers, layers_count) + PLANT(SHEET_FILE, files, files_count);
    n += PLANT(SHEET_REJECT, rejects, reject_rows_count) +
         PLANT(SHEET_OPTION, options, options_count);
    n += PLANT(SHEET_NOTE, notes, notes_count);
#undef PLANT
    for (uint32_t i = 0; i < r->sums_count; i++) /* other sums are named by public words */
        r->sums[i].item.by = LKS_SUM_PAYER;
    for (uint32_t i = 0; i < r->findings_count; i++) {
        struct lks_finding *f = &r->findings[i];
#define INSIDE(which, list, counted, record)                                                       \
    plant(which, f->list, f->counted, sizeof *f->list, offsetof(struct record, item))
        n += INSIDE(SHEET_MEMBER, fusion.members, fusion.members_count, member_row);
        n += INSIDE(SHEET_MECHANISM, fusion.mechanisms, fusion.mechanisms_count, mechanism_row);
        n += INSIDE(SHEET_TECHNIQUE, fusion.techniques, fusion.techniques_count, technique_row);
        n += INSIDE(SHEET_ALTERNATIVE, alternatives, alternatives_count, alternative_row);
        n += INSIDE(SHEET_OBJECT, objects, objects_count, object_row);
        n += INSIDE(SHEET_VARIANT, variants, variants_count, variant_row);
        n += INSIDE(SHEET_MATCH, matches, matches_count, match_row);
#undef INSIDE
    }
    return n;
}

static char folder[64];

static size_t marks_in(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file), marks = 0;
    rewind(file);
    char *data = malloc(size + 1);
    assert_int_equal(fread(data, 1, size, file), size);
    fclose(file);
    for (char *at = data; (at = memmem(at, size - (size_t)(at - data), "CANARY", 6)); at++, marks++)
        ;
    free(data);
    return marks;
}

/* Writes with every writer and counts the marks in what came. */
static size_t write_all(const struct lks_results *results)
{
    int (*const writers[])(const struct lks_results *, const char *, struct lks_error *) = {
        lks_findings_json_write, lks_report_json_write, lks_gexf_write, lks_graphml_write};
    char path[128];
    size_t marks = 0;
    snprintf(path, sizeof path, "%s/out", folder);
    assert_int_equal(lks_stix_write(results, NULL, path, NULL), 0);
    marks += marks_in(path);
    assert_int_equal(lks_takedown_write(results, NULL, path, NULL), 0);
    marks += marks_in(path);
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        assert_int_equal(writers[i](results, path, NULL), 0);
        size_t here = marks_in(path);
        if (here)
            print_message("writer %zu: %zu marks\n", i, here);
        marks += here;
    }
    for (int table = 0; table < LKS_EXPORTS_COUNT; table++) {
        assert_int_equal(lks_csv_table_write(results, (enum lks_export)table, path, NULL), 0);
        marks += marks_in(path);
    }
    unlink(path);
    return marks;
}

static void test_no_mark_comes_through(void **state)
{
    (void)state;
    for (int recipient = LKS_RECIPIENT_RESEARCHER; recipient < LKS_RECIPIENTS_COUNT; recipient++) {
        struct lks_results results = {0};
        struct lks_profile profile;
        struct lks_error err = {0};
        test_results(&results);
        assert_true(plant_all(&results) > 300);
        assert_true(write_all(&results) > 300); /* the control: without a profile they are there */
        assert_int_equal(lks_profile_start(&profile, (enum lks_recipient)recipient, &err), 0);
        assert_int_equal(lks_profile_results(&profile, &results, &err), 0);
        assert_int_equal(write_all(&results), 0);
        lks_profile_free(&profile);
        lks_results_free(&results);
    }
}

/* Names in our own sentences become the pseudonyms under which the accounts stand. */
static void test_sentences(void **state)
{
    (void)state;
    static struct lks_result_node nodes[1];
    static struct lks_str notes[4];
    static struct lks_result_call calls[1];
    struct lks_results results = {.nodes = nodes,
                                  .nodes_count = 1,
                                  .notes = notes,
                                  .notes_count = 4,
                                  .calls = calls,
                                  .calls_count = 1};
    struct lks_profile profile;
    nodes[0].account = (struct lks_account){.account_key = LKS_STR("tiktok:anna_k"),
                                            .handle = LKS_STR("anna_k"),
                                            .display_name = LKS_STR("Anna K. of the Lamps")};
    calls[0].channel = LKS_STR("telegram:lamps");
    notes[0] = LKS_STR("anna_k and Anna K. of the Lamps are one; anna_kx is not");
    notes[1] = LKS_STR(
        "12 woke at 2024-11-24T12:06:45Z, by case.toml; \"call 0722 for Anna K. of the Lamps\"");
    notes[2] = LKS_STR("hashtag lamp (4), mention someone:else (3), url t.me/anna (2)");
    notes[3] = LKS_STR("the channel lamps calls");
    assert_int_equal(lks_profile_start(&profile, LKS_RECIPIENT_RESEARCHER, NULL), 0);
    assert_int_equal(lks_profile_results(&profile, &results, NULL), 0);
    const char *key = nodes[0].account.account_key.data;
    char expected[300];
    snprintf(expected, sizeof expected, "%s and %s are one; anna_kx is not", key, key);
    assert_string_equal(results.notes[0].data, expected);
    snprintf(expected, sizeof expected,
             "12 woke at 2024-11-24T12:06:00Z, by case.toml; \"call [number] for %s\"", key);
    assert_null(memmem(results.notes[1].data, results.notes[1].size_bytes, "0722", 4));
    assert_null(memmem(results.notes[1].data, results.notes[1].size_bytes, "Anna", 4));
    assert_memory_equal(results.notes[1].data, expected,
                        strlen("12 woke at 2024-11-24T12:06:00Z, by case.toml;"));
    assert_null(memmem(results.notes[2].data, results.notes[2].size_bytes, "else", 4));
    assert_null(memmem(results.notes[2].data, results.notes[2].size_bytes, "anna", 4));
    assert_memory_equal(results.notes[2].data, "hashtag lamp (4), mention ", 26);
    snprintf(expected, sizeof expected, "the channel %s calls", calls[0].channel.data);
    assert_string_equal(results.notes[3].data, expected);
    assert_true(results.notes_count > 4); /* the rules are told */
    lks_profile_free(&profile);
    lks_results_free(&results);
}

static void test_authority_is_not_touched(void **state)
{
    (void)state;
    struct lks_results results = {0};
    struct lks_profile profile;
    test_results(&results);
    size_t planted = plant_all(&results), before = write_all(&results);
    assert_true(planted > 300);
    assert_int_equal(lks_profile_start(&profile, LKS_RECIPIENT_AUTHORITY, NULL), 0);
    assert_int_equal(lks_profile_results(&profile, &results, NULL), 0);
    assert_int_equal(write_all(&results), before);
    lks_profile_free(&profile);
    lks_results_free(&results);
}

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/lks-profile-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_mark_comes_through),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_authority_is_not_touched),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
