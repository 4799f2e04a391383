/* report.c - the files of a run: which writer makes which */
#include "engine/report.h"

#include <string.h>

#include "base/threads.h"
#include "case/runs.h"
#include "detect/results_tables.h"
#include "dossier/csv_tables.h"
#include "dossier/findings_json.h"
#include "dossier/gexf.h"
#include "dossier/graphml.h"
#include "dossier/page.h"
#include "dossier/parquet_tables.h"
#include "dossier/stix.h"
#include "evidence/takedown_rows.h"
#include "intake/statements.h"
#include "source/source.h"

static int stix(const struct lks_results *results, const char *path, struct lks_error *err)
{
    return lks_stix_write(results, NULL, path, err);
}

typedef int table_writer(const struct lks_results *results, enum lks_export table, const char *path,
                         struct lks_error *err);

/* A file is written by write, or as a table by write_table; the one with neither is told what the
 * log knows. */
static const struct {
    unsigned format;
    const char *name;
    int (*write)(const struct lks_results *results, const char *path, struct lks_error *err);
    table_writer *write_table;
    enum lks_export table;
} writers[] = {
    {LKS_REPORT_HTML, "report.html", .write = lks_page_write},
    {LKS_REPORT_JSON, "findings.json", .write = lks_findings_json_write},
    {LKS_REPORT_GEXF, "network.gexf", .write = lks_gexf_write},
    {LKS_REPORT_GRAPHML, "network.graphml", .write = lks_graphml_write},
    {LKS_REPORT_CSV, "nodes.csv", NULL, lks_csv_table_write, LKS_SHEET_NODES},
    {LKS_REPORT_CSV, "edges.csv", NULL, lks_csv_table_write, LKS_SHEET_EDGES},
    {LKS_REPORT_CSV, "posts.csv", NULL, lks_csv_table_write, LKS_SHEET_POSTS},
    {LKS_REPORT_CSV, "payment_sums.csv", NULL, lks_csv_table_write, LKS_SHEET_SUMS},
    {LKS_REPORT_CSV, "scripts.csv", NULL, lks_csv_table_write, LKS_SHEET_SCRIPTS},
    {LKS_REPORT_CSV, "script_accounts.csv", NULL, lks_csv_table_write, LKS_SHEET_TELLERS},
    {LKS_REPORT_PARQUET, "nodes.parquet", NULL, lks_parquet_table_write, LKS_SHEET_NODES},
    {LKS_REPORT_PARQUET, "edges.parquet", NULL, lks_parquet_table_write, LKS_SHEET_EDGES},
    {LKS_REPORT_PARQUET, "posts.parquet", NULL, lks_parquet_table_write, LKS_SHEET_POSTS},
    {LKS_REPORT_PARQUET, "payment_sums.parquet", NULL, lks_parquet_table_write, LKS_SHEET_SUMS},
    {LKS_REPORT_PARQUET, "scripts.parquet", NULL, lks_parquet_table_write, LKS_SHEET_SCRIPTS},
    {LKS_REPORT_PARQUET, "script_accounts.parquet", NULL, lks_parquet_table_write,
     LKS_SHEET_TELLERS},
    {LKS_REPORT_STIX, "stix.json", .write = stix},
    {LKS_REPORT_TAKEDOWN, "takedown.csv"},
};

static int file_write(size_t i, const struct lks_results *results,
                      const struct lks_takedown_row *rows, const char *path, struct lks_error *err)
{
    if (writers[i].write)
        return writers[i].write(results, path, err);
    if (writers[i].write_table)
        return writers[i].write_table(results, writers[i].table, path, err);
    return lks_takedown_write(results, rows, path, err);
}

int lks_report_write_into(const char *folder, const struct lks_results *results,
                          const struct lks_takedown_row *rows, unsigned formats,
                          const struct lks_control *control, struct lks_error *err)
{
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        char path[LKS_CASE_PATH_BYTES];
        if (!(writers[i].format & formats))
            continue;
        if (lks_cancelled(control))
            return lks_error_set(err, LKS_ECANCELLED, "stopped on request; no half file is left");
        int code = lks_case_path(folder, NULL, writers[i].name, path, err);
        if (code == 0)
            code = file_write(i, results, rows, path, err);
        if (code)
            return code;
    }
    return 0;
}

int lks_report_write(const char *case_path, const char *run, struct lks_results *results,
                     unsigned formats, const struct lks_control *control, struct lks_error *err)
{
    char folder[LKS_CASE_PATH_BYTES];
    struct lks_takedown_row *rows = NULL;
    int code = lks_case_run_folder(case_path, run, folder, err);
    if (code == 0 && (formats & LKS_REPORT_TAKEDOWN))
        code = lks_takedown_rows(case_path, UINT64_MAX, results, &rows, err);
    return code ? code : lks_report_write_into(folder, results, rows, formats, control, err);
}

const char *lks_report_file(unsigned formats, size_t index)
{
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++)
        if ((writers[i].format & formats) && index-- == 0)
            return writers[i].name;
    return NULL;
}

static int file_put(struct lks_canon *canon, const char *path, const char *name,
                    struct lks_error *err)
{
    unsigned char digest[LKS_SHA256_BYTES];
    uint64_t size_bytes;
    int code = lks_source_seal(path, NULL, &size_bytes, digest, err);
    if (code)
        return code;
    lks_canon_object(canon, NULL);
    lks_canon_text(canon, "name", name);
    lks_canon_int(canon, "size_bytes", (int64_t)size_bytes);
    lks_canon_hash(canon, "sha256", digest);
    lks_canon_end(canon);
    return 0;
}

int lks_export_record(struct lks_vault *vault, const char *case_path, const char *run,
                      unsigned formats, struct lks_error *err)
{
    struct lks_statement_writer writer = {0};
    char path[LKS_CASE_PATH_BYTES];
    const char *name;
    int code = 0;
    lks_vault_start(vault, &writer, LKS_STATEMENT_EXPORT);
    lks_canon_text(&writer.canon, "what", "report");
    lks_canon_text(&writer.canon, "run", run);
    lks_canon_text(&writer.canon, "program", lks_version());
    lks_canon_array(&writer.canon, "files");
    for (size_t i = 0; code == 0 && (name = lks_report_file(formats, i)); i++) {
        code = lks_case_path(case_path, run, name, path, err);
        if (code == 0)
            code = file_put(&writer.canon, path, name, err);
    }
    lks_canon_end(&writer.canon);
    if (code) {
        lks_statement_abandon(&writer);
        return code;
    }
    return lks_vault_record(vault, &writer, NULL, err);
}

int lks_case_report(const char *case_path, const char *run, unsigned formats,
                    const struct lks_control *control, char run_out[16], struct lks_error *err)
{
    char name[16] = "", path[LKS_CASE_PATH_BYTES];
    struct lks_results results = {0};
    struct lks_vault *vault = NULL;
    int lock = -1;
    if (!formats || formats > LKS_REPORT_ALL)
        return lks_error_set(err, LKS_EARGUMENT, "no format was asked for");
    lks_case_runs_tidy(case_path, control);
    int code = lks_case_run_find(case_path, run, name, err);
    if (code == 0)
        code = lks_case_run_occupy(case_path, name, &lock, err);
    if (code == 0)
        code = lks_case_path(case_path, name, "results.duckdb", path, err);
    if (code == 0)
        code = lks_results_load(path, &results, err);
    if (code == 0)
        code = lks_report_write(case_path, name, &results, formats, control, err);
    if (code == 0)
        code = lks_looker_open(case_path, control, &vault, err);
    if (code == 0 && vault)
        code = lks_export_record(vault, case_path, name, formats, err);
    if (code == 0 && vault)
        code = lks_vault_commit(vault, err);
    lks_vault_close(vault);
    lks_case_run_leave(lock);
    if (code == 0 && run_out)
        memcpy(run_out, name, sizeof name);
    lks_results_free(&results);
    return code;
}
