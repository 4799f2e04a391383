/* file_take.h - one file into the store's open transaction, wherever its bytes come from */
#ifndef LKS_INTAKE_FILE_TAKE_H
#define LKS_INTAKE_FILE_TAKE_H

#include "case/import.h"
#include "source/source.h"
#include "store/store.h"

/* Reads the file at path into the store. name, sha256, size_bytes, and where they are known leaf and
 * blob of *file are the caller's; the rest is filled. 1: the store has it already, and nothing was
 * read. Errors as lks_source_read; then only a rollback is left. */
int lks_file_take(struct lks_store *store, const char *path,
                  const struct lks_source_options *options, const struct lks_control *control,
                  struct lks_store_file *file, struct lks_error *err);
/* The counts of a file that was taken, as its import states them. */
struct lks_import_counts lks_file_counts(const struct lks_store_file *file);

#endif
