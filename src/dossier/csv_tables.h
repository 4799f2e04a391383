/* csv_tables.h - the tables of a run as CSV */
#ifndef LKS_DOSSIER_CSV_TABLES_H
#define LKS_DOSSIER_CSV_TABLES_H

#include "dossier/columns.h"

/* Writes one table (columns.h) as CSV after RFC 4180: a header, CRLF, quotes where needed,
 * UTF-8; null is an empty field, the empty text is "". Text from outside that a spreadsheet
 * would take for a formula (it starts with = + - @ or their full-width forms, a tab or a
 * line end) gets an apostrophe in front, and so does text that starts with an apostrophe:
 * taking one leading apostrophe away always gives the text back. The file appears whole or
 * not at all. Returns 0, LKS_EIO, LKS_EMEMORY. */
int lks_csv_table_write(const struct lks_results *results, enum lks_export table, const char *path,
                        struct lks_error *err);

/* The same without the apostrophes and with lines that end in LF: for programs only. */
int lks_csv_table_write_plain(const struct lks_results *results, enum lks_export table,
                              const char *path, struct lks_error *err);

#endif
