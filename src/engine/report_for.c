/* report_for.c - the files of a run as one recipient is shown them, in a folder of their own */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "case/runs.h"
#include "detect/results_tables.h"
#include "dossier/profile.h"
#include "dossier/stix.h"
#include "engine/report.h"
#include "evidence/answer.h"
#include "evidence/takedown_rows.h"
#include "intake/statements.h"
#include "source/source.h"
#include "vault/disk.h"

struct showing {
    const struct lks_report_for_options *options;
    unsigned formats;
    char run[16];
    struct lks_profile profile;
    struct lks_results results;
    struct lks_takedown_row *rows;             /* what the log knows of the findings */
    char mapping_sha256[LKS_SHA256_HEX_BYTES]; /* empty: none was asked for */
};

static int options_check(struct showing *s, struct lks_error *err)
{
    const struct lks_report_for_options *o = s->options;
    int recipient = lks_recipient_parse(lks_str_from(o->recipient));
    s->formats = o->formats ? o->formats : LKS_REPORT_HTML | LKS_REPORT_JSON;
    if (recipient < 0)
        return lks_error_set(err, LKS_EARGUMENT,
                             "a report is for an authority, a researcher or the public");
    if (s->formats > LKS_REPORT_ALL)
        return lks_error_set(err, LKS_EARGUMENT, "no such format");
    if (!o->folder || !*o->folder)
        return lks_error_set(err, LKS_EARGUMENT, "say which folder to write into");
    if (o->mapping && access(o->mapping, F_OK) == 0)
        return lks_error_set(err, LKS_EARGUMENT, "%s is there already", o->mapping);
    return lks_profile_start(&s->profile, (enum lks_recipient)recipient, err);
}

/* Parquet tables pass through a store, which must not outlive a failure either. */
static void folder_unmake(const struct showing *s)
{
    char path[LKS_CASE_PATH_BYTES];
    const char *name;
    for (size_t i = 0; (name = lks_report_file(s->formats, i)); i++)
        if (lks_case_path(s->options->folder, NULL, name, path, NULL) == 0)
            unlink(path);
    rmdir(s->options->folder);
}

static int files_write(struct showing *s, const struct lks_control *control, struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    const struct lks_stix_options stix = {
        .tlp = s->profile.recipient == LKS_RECIPIENT_PUBLIC ? LKS_TLP_WHITE : LKS_TLP_AMBER};
    int code = lks_report_write_into(s->options->folder, &s->results, s->rows,
                                     s->formats & ~(unsigned)LKS_REPORT_STIX, control, err);
    if (code || !(s->formats & LKS_REPORT_STIX))
        return code;
    code = lks_case_path(s->options->folder, NULL, lks_report_file(LKS_REPORT_STIX, 0), path, err);
    return code ? code : lks_stix_write(&s->results, &stix, path, err);
}

/* The mapping names people: for its owner alone, and known to the log by a hidden digest. */
static int mapping_write(struct showing *s, struct lks_error *err)
{
    struct lks_buffer out = {0};
    unsigned char digest[LKS_SHA256_BYTES];
    if (!s->options->mapping)
        return 0;
    int code = lks_pseudonyms_mapping(&s->profile.names, &out, err);
    if (code == 0)
        code = lks_disk_put(s->options->mapping, out.data, out.size_bytes, 0600, err);
    if (code == 0) {
        lks_sha256_of(out.data, out.size_bytes, digest);
        lks_sha256_hex(digest, s->mapping_sha256);
    }
    if (out.data)
        explicit_bzero(out.data, out.size_bytes);
    lks_buffer_free(&out);
    return code;
}

static int file_put(const struct showing *s, const char *name, struct lks_canon *canon,
                    struct lks_error *err)
{
    char path[LKS_CASE_PATH_BYTES];
    unsigned char digest[LKS_SHA256_BYTES];
    uint64_t size_bytes;
    int code = lks_case_path(s->options->folder, NULL, name, path, err);
    if (code == 0)
        code = lks_source_seal(path, NULL, &size_bytes, digest, err);
    if (code)
        return code;
    lks_canon_object(canon, NULL);
    lks_canon_text(canon, "name", name);
    lks_canon_int(canon, "size_bytes", (int64_t)size_bytes);
    lks_canon_hash(canon, "sha256", digest);
    lks_canon_end(canon);
    return 0;
}

/* What was shown to whom must be known: without a log that can be written, nothing is. */
static int export_log(struct showing *s, const char *case_path, const struct lks_control *control,
                      struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    struct lks_vault *vault = NULL;
    const char *name;
    int code = lks_vault_open(case_path, control, NULL, &vault, err);
    if (code)
        return code;
    lks_vault_start(vault, &writer, LKS_STATEMENT_EXPORT);
    lks_canon_text(&writer.canon, "what", "dossier");
    lks_canon_text(&writer.canon, "run", s->run);
    lks_canon_text(&writer.canon, "program", lks_version());
    lks_canon_text(&writer.canon, "recipient", lks_recipient_names[s->profile.recipient]);
    lks_canon_array(&writer.canon, "files");
    for (size_t i = 0; code == 0 && (name = lks_report_file(s->formats, i)); i++)
        code = file_put(s, name, &writer.canon, err);
    lks_canon_end(&writer.canon);
    if (s->mapping_sha256[0])
        lks_statement_hide(&writer, "mapping_sha256", lks_str_from(s->mapping_sha256));
    if (code)
        lks_statement_abandon(&writer);
    else
        code = lks_vault_record(vault, &writer, NULL, err);
    if (code == 0)
        code = lks_vault_commit(vault, err);
    lks_vault_close(vault);
    return code;
}

static int all_write(struct showing *s, const char *case_path, const struct lks_control *control,
                     struct lks_error *err)
{
    if (mkdir(s->options->folder, 0777) != 0)
        return errno == EEXIST
                   ? lks_error_set(err, LKS_EARGUMENT, "%s is there already", s->options->folder)
                   : lks_error_system(err, s->options->folder, "cannot be made");
    int code = files_write(s, control, err);
    if (code == 0)
        code = mapping_write(s, err);
    if (code == 0)
        code = export_log(s, case_path, control, err);
    if (code) {
        folder_unmake(s);
        if (s->mapping_sha256[0])
            unlink(s->options->mapping);
    }
    return code;
}

static void result_put(const struct showing *s, int as_json, struct lks_buffer *out)
{
    struct lks_json json = {.buffer = out, .indent = 2};
    if (!as_json) {
        lks_profile_describe(&s->profile, out);
        return;
    }
    lks_json_object(&json, NULL);
    lks_json_text(&json, "run", s->run);
    lks_json_text(&json, "recipient", lks_recipient_names[s->profile.recipient]);
    lks_json_text(&json, "folder", s->options->folder);
    lks_json_string(&json, "mapping_sha256",
                    s->mapping_sha256[0] ? lks_str_from(s->mapping_sha256) : LKS_STR_NULL);
    lks_json_object_end(&json);
    lks_buffer_byte(out, '\n');
}

int lks_case_report_for(const char *case_path, const struct lks_report_for_options *options,
                        int as_json, const struct lks_control *control, char **text_out,
                        struct lks_error *err)
{
    struct showing s = {.options = options};
    struct lks_buffer out = {0};
    char path[LKS_CASE_PATH_BYTES];
    int code = options_check(&s, err);
    if (code == 0)
        code = lks_case_run_find(case_path, options->run, s.run, err);
    if (code == 0)
        code = lks_case_path(case_path, s.run, "results.duckdb", path, err);
    if (code == 0)
        code = lks_results_load(path, &s.results, err);
    if (code == 0 && (s.formats & LKS_REPORT_TAKEDOWN))
        code = lks_takedown_rows(case_path, UINT64_MAX, &s.results, &s.rows, err);
    if (code == 0)
        code = lks_profile_results(&s.profile, &s.results, err);
    if (code == 0)
        code = all_write(&s, case_path, control, err);
    if (code == 0)
        result_put(&s, as_json, &out);
    lks_results_free(&s.results);
    lks_profile_free(&s.profile);
    return lks_answer_give(&out, code, text_out, err);
}
