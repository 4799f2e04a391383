/* page.h - report.html: the page with its data inside, readable offline */
#ifndef LKS_DOSSIER_PAGE_H
#define LKS_DOSSIER_PAGE_H

#include "finding/results.h"

/* Writes the page that the library carries, with the JSON of the results (report_json.h) in
 * its data element. The file appears whole or not at all. Returns 0, LKS_EIO, LKS_EMEMORY. */
int lks_page_write(const struct lks_results *results, const char *path, struct lks_error *err);

#endif
