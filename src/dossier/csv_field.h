/* csv_field.h - a text as a field of CSV */
#ifndef LKS_DOSSIER_CSV_FIELD_H
#define LKS_DOSSIER_CSV_FIELD_H

#include "base/str.h"

/* Appends a text in quotes: quotes doubled, NUL and bytes that are not UTF-8 as U+FFFD; with guard, an
 * apostrophe in front of what a spreadsheet might take for a formula (csv_tables.h). */
void lks_csv_field(struct lks_buffer *buffer, struct lks_str text, int guard);

#endif
