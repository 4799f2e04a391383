/* replay.c - a detection run repeated by what the log says of it, and its digest compared
 *
 * The data are those imports that the run had: the store as it is, where it holds just them, else
 * one made for the purpose from the sealed files. Nothing of the repetition stays. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_write.h"
#include "case/case.h"
#include "detect/cues_load.h"
#include "detect/detect.h"
#include "dossier/findings_json.h"
#include "intake/rebuild.h"
#include "intake/statements.h"

/* The statement of the run, as far as it is needed. */
struct derived {
    const char *wanted; /* a run, or NULL: the last */
    struct lks_arena arena;
    int found;
    uint64_t leaf, tree_size, files;
    struct lks_str run, program, output;
    struct lks_detect_options options;
    int has_case_toml, has_cues;
    struct lks_str case_toml, cues, cues_name;
};

struct outcome {
    char digest[LKS_SHA256_HEX_BYTES];
    struct lks_redo_tally tally;
    int rebuilt;
};

static struct lks_str text_of(struct derived *derived, const struct lks_entry *entry,
                              const char *path)
{
    struct lks_str text;
    if (!lks_statement_text(&entry->statement, path, entry->arena, &text))
        return LKS_STR_NULL;
    return lks_arena_str(&derived->arena, text);
}

static struct lks_str value_of(struct derived *derived, const struct lks_entry *entry,
                               const char *name)
{
    return lks_arena_str(&derived->arena, lks_entry_value(entry, name));
}

static uint64_t number_of(const struct lks_entry *entry, const char *path)
{
    int64_t value;
    return lks_statement_int(&entry->statement, path, entry->arena, &value) && value > 0
               ? (uint64_t)value
               : 0;
}

static void options_read(struct derived *derived, const struct lks_entry *entry)
{
    struct lks_detect_options *options = &derived->options;
    struct lks_str level = text_of(derived, entry, "options.level");
    struct lks_str seed = text_of(derived, entry, "seed");
    options->windows = text_of(derived, entry, "options.windows").data;
    options->only = text_of(derived, entry, "options.only").data;
    options->copies = (unsigned)number_of(entry, "options.copies");
    options->min_occasions = (unsigned)number_of(entry, "options.min_occasions");
    options->level = level.data ? strtod(level.data, NULL) : 0;
    options->seed = seed.data ? strtoull(seed.data, NULL, 10) : 0;
}

static int derive_find(void *context, const struct lks_entry *entry, struct lks_error *err)
{
    struct derived *derived = context;
    struct lks_str run, *texts;
    size_t texts_count = 0;
    (void)err;
    if (entry->statement.kind != LKS_STATEMENT_DERIVE ||
        !lks_statement_text(&entry->statement, "run", entry->arena, &run) ||
        (derived->wanted && !lks_str_equal_text(run, derived->wanted)))
        return 0;
    derived->found = 1;
    derived->leaf = entry->index;
    derived->run = lks_arena_str(&derived->arena, run);
    derived->program = text_of(derived, entry, "program");
    derived->output = text_of(derived, entry, "output_sha256");
    derived->tree_size = number_of(entry, "inputs.tree_size");
    derived->files = number_of(entry, "inputs.files");
    options_read(derived, entry);
    derived->has_case_toml = derived->has_cues = 0;
    lks_statement_list(&entry->statement, "texts", entry->arena, &texts, &texts_count);
    for (size_t i = 0; i < texts_count; i++) {
        derived->has_case_toml |= lks_str_equal_text(texts[i], "case_toml");
        derived->has_cues |= lks_str_equal_text(texts[i], "cues");
    }
    derived->case_toml = value_of(derived, entry, "case_toml");
    derived->cues = value_of(derived, entry, "cues");
    derived->cues_name = value_of(derived, entry, "cues_name");
    return 0;
}

static int derived_check(const struct derived *derived, const char *case_path,
                         struct lks_error *err)
{
    if (!derived->found)
        return derived->wanted
                   ? lks_error_set(err, LKS_EMISSING, "the log of %s knows no run %.40s", case_path,
                                   derived->wanted)
                   : lks_error_set(err, LKS_EMISSING, "the log of %s knows no run", case_path);
    if (!derived->output.data || !derived->run.data || !derived->program.data)
        return lks_error_set(err, LKS_EINPUT, "entry %llu is no sound statement of a run",
                             (unsigned long long)derived->leaf);
    if ((derived->has_case_toml && !derived->case_toml.data) ||
        (derived->has_cues && (!derived->cues.data || !derived->cues_name.data)))
        return lks_error_set(err, LKS_EMISSING,
                             "the settings by which run %s went are hidden in the log, and are not "
                             "disclosed here",
                             derived->run.data);
    return 0;
}

/* Whether the store holds the run's files and no others. */
static int store_fits(struct lks_store *store, const struct derived *derived, int *fits,
                      struct lks_error *err)
{
    struct lks_arena arena = {0};
    struct lks_store_file *files;
    size_t count;
    int code = lks_store_files(store, &arena, &files, &count, err);
    *fits = code == 0 && count == derived->files;
    for (size_t i = 0; *fits && i < count; i++)
        *fits = files[i].leaf && files[i].leaf < derived->tree_size;
    lks_arena_free(&arena);
    return code;
}

static int run_repeat(struct lks_store *store, const struct derived *derived,
                      const struct lks_control *control, struct outcome *outcome,
                      struct lks_error *err)
{
    struct lks_settings settings = {0};
    struct lks_cues *cues = NULL;
    struct lks_results results = {0};
    struct lks_detect_groups_options groups;
    struct lks_detect_seconds seconds = {0};
    int code = 0;
    if (derived->has_case_toml)
        code = lks_settings_parse("case.toml", derived->case_toml, &settings, err);
    if (code == 0)
        code = lks_detect_options_read(&derived->options, &settings, &groups, err);
    if (code == 0)
        code = lks_cues_make(derived->has_case_toml ? derived->case_toml : LKS_STR_NULL,
                             derived->cues_name.data, derived->cues, &cues, err);
    if (code == 0)
        code = lks_detect_run(store, &settings, &groups, cues, control, 1, &results, &seconds, err);
    if (code == 0)
        code = lks_settings_show(&settings, &results, err);
    if (code == 0)
        code = lks_cues_show(cues, derived->cues_name.data, &results, err);
    if (code == 0)
        code = lks_findings_json_digest(&results, outcome->digest, err);
    lks_results_free(&results);
    lks_settings_free(&settings);
    lks_cues_free(cues);
    return code;
}

/* The store of that time, made in the vault's work folder, which needs the vault for itself. */
static int rebuilt_repeat(const char *case_path, const struct derived *derived,
                          const struct lks_control *control, struct outcome *outcome,
                          struct lks_error *err)
{
    struct lks_vault *vault = NULL;
    struct lks_store *store = NULL;
    char path[LKS_CASE_PATH_BYTES];
    int code = lks_vault_open(case_path, control, NULL, &vault, err);
    if (code)
        return code;
    outcome->rebuilt = 1;
    code = lks_rebuild_store(case_path, vault, derived->tree_size, control, &store, path,
                             &outcome->tally, err);
    if (code == 0)
        code = run_repeat(store, derived, control, outcome, err);
    lks_store_close(store);
    lks_vault_work_drop(vault);
    lks_vault_close(vault);
    return code;
}

static int repeat(const char *case_path, const struct derived *derived,
                  const struct lks_control *control, struct outcome *outcome, struct lks_error *err)
{
    struct lks_store *store = NULL;
    int fits = 0, code = lks_case_open(case_path, control, &store, NULL);
    if (code == 0) /* without a sound store there are still the sealed files */
        code = store_fits(store, derived, &fits, err);
    else
        code = 0;
    if (code == 0 && fits)
        code = run_repeat(store, derived, control, outcome, err);
    lks_store_close(store);
    if (code == 0 && !fits)
        code = rebuilt_repeat(case_path, derived, control, outcome, err);
    return code;
}

/* ---- what it came to ---- */

static void outcome_text(const struct derived *d, const struct outcome *o, int same,
                         struct lks_buffer *out)
{
    lks_buffer_format(out,
                      "Run %s (entry %llu of the log) was repeated with the options and data that "
                      "the log names%s.\n",
                      d->run.data, (unsigned long long)d->leaf,
                      o->rebuilt ? ", from the sealed files" : "");
    if (o->tally.gone + o->tally.damaged + o->tally.erased)
        lks_buffer_format(out, "%llu of its files cannot be read any more.\n",
                          (unsigned long long)(o->tally.gone + o->tally.damaged + o->tally.erased));
    if (!lks_str_equal_text(d->program, lks_version()))
        lks_buffer_format(out,
                          "It was made by version %s, repeated by version %s: a difference need "
                          "not mean that anything was changed.\n",
                          d->program.data, lks_version());
    lks_buffer_format(out, "logged    %s\nrepeated  %s\n%s\n", d->output.data, o->digest,
                      same ? "The same." : "NOT THE SAME.");
}

static void outcome_json(const struct derived *d, const struct outcome *o, int same,
                         struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out};
    lks_json_object(&json, NULL);
    lks_json_string(&json, "run", d->run);
    lks_json_uint(&json, "entry", d->leaf);
    lks_json_string(&json, "program", d->program);
    lks_json_string(&json, "logged", d->output);
    lks_json_text(&json, "repeated", o->digest);
    lks_json_bool(&json, "same", same);
    lks_json_bool(&json, "from_sealed_files", o->rebuilt);
    lks_json_uint(&json, "files_gone", o->tally.gone + o->tally.damaged + o->tally.erased);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
}

int lks_case_replay(const char *case_path, const char *run, int as_json,
                    const struct lks_control *control, char **text_out, struct lks_error *err)
{
    struct derived derived = {.wanted = run};
    struct outcome outcome = {.rebuilt = 0};
    struct lks_buffer out = {0};
    char name[16];
    int same = 0;
    if (run && strspn(run, "0123456789") == strlen(run) && strlen(run) < 10) { /* "1" too */
        snprintf(name, sizeof name, "%04u", (unsigned)strtoul(run, NULL, 10));
        derived.wanted = name;
    }
    *text_out = NULL;
    int code = lks_entries_each(case_path, 0, UINT64_MAX, derive_find, &derived, err);
    if (code == 0)
        code = derived_check(&derived, case_path, err);
    if (code == 0)
        code = repeat(case_path, &derived, control, &outcome, err);
    if (code == 0) {
        same = lks_str_equal_text(derived.output, outcome.digest);
        as_json ? outcome_json(&derived, &outcome, same, &out)
                : outcome_text(&derived, &outcome, same, &out);
        lks_buffer_byte(&out, 0);
        if (out.failed)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    if (code == 0)
        *text_out = out.data;
    else
        lks_buffer_free(&out);
    lks_arena_free(&derived.arena);
    return code ? code : !same;
}
