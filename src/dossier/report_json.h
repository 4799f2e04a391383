/* report_json.h - the JSON that the report page is given, as web/src/data.ts declares it */
#ifndef LKS_DOSSIER_REPORT_JSON_H
#define LKS_DOSSIER_REPORT_JSON_H

#include "base/writer.h"
#include "finding/results.h"

/* `stages` is left empty: the page of a run is the same bytes whenever it is written.
 *
 * Of very many accounts and edges it holds those that a page can draw (selection.h) and says
 * so in `notes`; findings and their members are always whole.
 *
 * Writes the JSON as a file of its own, whole or not at all. Returns 0, LKS_EIO, LKS_EMEMORY. */
int lks_report_json_write(const struct lks_results *results, const char *path,
                          struct lks_error *err);
/* Puts the same JSON, without line breaks, into a writer that is open; it may stand inside a
 * script element. Memory does not grow with the texts. Returns 0 or LKS_EMEMORY; the
 * writer keeps its own failures until commit. */
int lks_report_json_put(const struct lks_results *results, struct lks_writer *writer,
                        struct lks_error *err);

#endif
