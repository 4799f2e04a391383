/* cues_load.c - the cue words of a case: compiled in, its case.toml, and a file of the user's */
#include "detect/cues_load.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/toml.h"
#include "case/case.h"

static int file_add(struct lks_cues *cues, const char *path, int other_tables,
                    struct lks_error *err)
{
    struct lks_arena arena = {0};
    struct lks_str text;
    int code = lks_toml_load(path, &arena, &text, err);
    if (code == 0)
        code = lks_cues_read(cues, path, text, other_tables, err);
    lks_arena_free(&arena);
    return code;
}

int lks_cues_load(const char *case_path, const char *path, struct lks_cues **cues_out,
                  struct lks_error *err)
{
    char own[LKS_CASE_PATH_BYTES];
    struct stat status;
    int code = lks_case_path(case_path, NULL, "case.toml", own, err);
    *cues_out = NULL;
    if (code == 0)
        code = lks_cues_default(cues_out, err);
    if (code == 0 && (stat(own, &status) == 0 || errno != ENOENT))
        code = file_add(*cues_out, own, 1, err);
    if (code == 0 && path)
        code = file_add(*cues_out, path, 0, err);
    if (code) {
        lks_cues_free(*cues_out);
        *cues_out = NULL;
    }
    return code;
}

int lks_cues_make(struct lks_str case_toml, const char *name, struct lks_str text,
                  struct lks_cues **cues_out, struct lks_error *err)
{
    int code = lks_cues_default(cues_out, err);
    if (code == 0 && case_toml.data)
        code = lks_cues_read(*cues_out, "case.toml", case_toml, 1, err);
    if (code == 0 && text.data)
        code = lks_cues_read(*cues_out, name, text, 0, err);
    if (code) {
        lks_cues_free(*cues_out);
        *cues_out = NULL;
    }
    return code;
}

int lks_cues_show(const struct lks_cues *cues, const char *path, struct lks_results *results,
                  struct lks_error *err)
{
    struct lks_arena *arena = &results->arena;
    struct lks_buffer value = {0};
    struct lks_option_text *options =
        lks_arena_calloc(arena, (size_t)results->options_count + 1, sizeof *options);
    lks_buffer_format(&value, "%zu phrases", lks_cues_count(cues));
    if (path) {
        const char *slash = strrchr(path, '/');
        lks_buffer_format(&value, ", those of %s among them", slash ? slash + 1 : path);
    }
    if (options && !value.failed) {
        if (results->options_count)
            memcpy(options, results->options, results->options_count * sizeof *options);
        options[results->options_count] = (struct lks_option_text){
            lks_arena_str(arena, LKS_STR("cues")),
            lks_arena_str(arena, (struct lks_str){value.data, value.size_bytes}),
            lks_arena_str(arena, LKS_STR("words by which messages instruct, of all languages"))};
    }
    int failed = value.failed || !options || !options[results->options_count].value.data ||
                 !options[results->options_count].name.data ||
                 !options[results->options_count].meaning.data;
    lks_buffer_free(&value);
    if (failed)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the options");
    results->options = options;
    results->options_count++;
    return 0;
}
