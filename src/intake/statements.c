/* statements.c - what runs, reports and look-ups leave in the case's log */
#include "intake/statements.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/toml.h"
#include "dossier/findings_json.h"

enum { IMPORTS_NAMED_MAX = 1000 }; /* beyond them the size of the tree says it */

int lks_derive_texts_read(const char *case_path, const char *cues_path,
                          struct lks_derive_texts *texts, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    struct stat status;
    *texts = (struct lks_derive_texts){0};
    int code = lks_case_path(case_path, NULL, "case.toml", path, err);
    if (code == 0 && stat(path, &status) == 0)
        code = lks_toml_load(path, &texts->arena, &texts->case_toml, err);
    if (code == 0 && cues_path)
        code = lks_toml_load(cues_path, &texts->arena, &texts->cues, err);
    if (code == 0 && cues_path) {
        const char *slash = strrchr(cues_path, '/');
        texts->cues_name =
            lks_arena_str(&texts->arena, lks_str_from(slash ? slash + 1 : cues_path));
        if (!texts->cues_name.data)
            code = lks_error_set(err, LKS_EMEMORY, "out of memory");
    }
    return code;
}

void lks_derive_texts_free(struct lks_derive_texts *texts)
{
    lks_arena_free(&texts->arena);
}

/* As they were asked for; what is not here was left to the program. */
static void options_put(struct lks_canon *canon, const struct lks_detect_options *options)
{
    char text[40];
    lks_canon_object(canon, "options");
    if (options->windows)
        lks_canon_text(canon, "windows", options->windows);
    if (options->only)
        lks_canon_text(canon, "only", options->only);
    if (options->copies)
        lks_canon_int(canon, "copies", options->copies);
    if (options->level > 0) {
        snprintf(text, sizeof text, "%.17g", options->level);
        lks_canon_text(canon, "level", text);
    }
    if (options->min_occasions)
        lks_canon_int(canon, "min_occasions", options->min_occasions);
    lks_canon_end(canon);
    snprintf(text, sizeof text, "%llu", (unsigned long long)options->seed);
    lks_canon_text(canon, "seed", text);
}

/* That there are such texts stands in the clear: without them the run cannot be repeated. */
static void texts_put(struct lks_statement_writer *writer, const struct lks_derive_texts *texts)
{
    lks_canon_array(&writer->canon, "texts");
    if (texts->case_toml.data)
        lks_canon_text(&writer->canon, NULL, "case_toml");
    if (texts->cues.data)
        lks_canon_text(&writer->canon, NULL, "cues");
    lks_canon_end(&writer->canon);
    lks_statement_hide(writer, "case_toml", texts->case_toml);
    lks_statement_hide(writer, "cues", texts->cues);
    lks_statement_hide(writer, "cues_name", texts->cues_name);
}

static int inputs_put(struct lks_canon *canon, struct lks_store *store, struct lks_error *err)
{
    struct lks_arena arena = {0};
    struct lks_store_file *files;
    uint64_t leaves;
    size_t count;
    int code = lks_store_leaves(store, &leaves, err);
    if (code == 0)
        code = lks_store_files(store, &arena, &files, &count, err);
    if (code == 0) {
        lks_canon_object(canon, "inputs");
        lks_canon_int(canon, "tree_size", (int64_t)leaves);
        lks_canon_int(canon, "files", (int64_t)count);
        if (count <= IMPORTS_NAMED_MAX) {
            lks_canon_array(canon, "imports");
            for (size_t i = 0; i < count; i++)
                lks_canon_int(canon, NULL, (int64_t)files[i].leaf);
            lks_canon_end(canon);
        }
        lks_canon_end(canon);
    }
    lks_arena_free(&arena);
    return code;
}

int lks_derive_record(struct lks_vault *vault, struct lks_store *store,
                      const struct lks_detect_options *options,
                      const struct lks_derive_texts *texts, const struct lks_results *results,
                      struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    struct lks_canon *canon = &writer.canon;
    char digest[LKS_SHA256_HEX_BYTES];
    int code = lks_findings_json_digest(results, digest, err);
    if (code)
        return code;
    lks_vault_start(vault, &writer, LKS_STATEMENT_DERIVE);
    lks_canon_string(canon, "run", results->run);
    lks_canon_text(canon, "program", lks_version());
    lks_canon_text(canon, "output_sha256", digest);
    lks_canon_int(canon, "findings", results->findings_count);
    options_put(canon, options);
    texts_put(&writer, texts);
    code = inputs_put(canon, store, err);
    if (code) {
        lks_statement_abandon(&writer);
        return code;
    }
    return lks_vault_record(vault, &writer, NULL, err);
}

int lks_access_record(struct lks_vault *vault, const char *what, const char *run,
                      struct lks_str asked, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    lks_vault_start(vault, &writer, LKS_STATEMENT_ACCESS);
    lks_canon_text(&writer.canon, "what", what);
    if (run)
        lks_canon_text(&writer.canon, "run", run);
    lks_canon_text(&writer.canon, "program", lks_version());
    lks_statement_hide(&writer, "asked", asked);
    return lks_vault_record(vault, &writer, NULL, err);
}

int lks_looker_open(const char *case_path, const struct lks_control *control,
                    struct lks_vault **vault_out, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES], sentence[sizeof((struct lks_error *)0)->message + 80];
    struct lks_error inner = {0};
    *vault_out = NULL;
    int code = lks_vault_path(case_path, NULL, path, err);
    if (code)
        return code;
    if (!lks_vault_there(case_path))
        code = lks_error_set(&inner, LKS_EINPUT, "%s has no vault", case_path);
    else if (access(path, W_OK | X_OK) != 0)
        code = lks_error_set(&inner, LKS_EINPUT, "%s cannot be written", path);
    else
        code = lks_vault_open(case_path, control, NULL, vault_out, &inner);
    if (code && code != LKS_EINPUT)
        return lks_error_set(err, code, "%s", inner.message);
    if (code && control && control->notice) {
        snprintf(sentence, sizeof sentence, "this is not logged in the case: %s", inner.message);
        control->notice(control->context, sentence);
    }
    return 0;
}

int lks_look_record(const char *case_path, const struct lks_control *control, const char *what,
                    const char *run, const char *asked, struct lks_error *err)
{
    struct lks_vault *vault;
    int code = lks_looker_open(case_path, control, &vault, err);
    if (code == 0 && vault)
        code = lks_access_record(vault, what, run, lks_str_from(asked), err);
    if (code == 0 && vault)
        code = lks_vault_commit(vault, err);
    lks_vault_close(vault);
    return code;
}
