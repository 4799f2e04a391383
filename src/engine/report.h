/* report.h - the files of a run */
#ifndef LKS_ENGINE_REPORT_H
#define LKS_ENGINE_REPORT_H

#include "case/vault.h"
#include "dossier/takedown.h"
#include "finding/results.h"

/* Writes the formats (enum lks_report_format, added up) into CASE/runs/RUN. Each file
 * appears whole or not at all. */
int lks_report_write(const char *case_path, const char *run, struct lks_results *results,
                     unsigned formats, const struct lks_control *control, struct lks_error *err);
/* The same into any folder, which must be there. rows is what the log knows of the findings, or NULL
 * (evidence/takedown_rows.h). */
int lks_report_write_into(const char *folder, const struct lks_results *results,
                          const struct lks_takedown_row *rows, unsigned formats,
                          const struct lks_control *control, struct lks_error *err);
/* The name of the index-th file that those formats write, static; NULL where there is none. */
const char *lks_report_file(unsigned formats, size_t index);
/* Records which files of a run were written, with their digests. Not committed. */
int lks_export_record(struct lks_vault *vault, const char *case_path, const char *run,
                      unsigned formats, struct lks_error *err);

#endif
