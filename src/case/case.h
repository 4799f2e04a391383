/* case.h - a case is a folder: where its parts lie, and how it comes to be */
#ifndef LKS_CASE_CASE_H
#define LKS_CASE_CASE_H

#include "base/error.h"
#include "store/store.h"

#define LKS_CASE_PATH_BYTES LKS_PATH_BYTES

/* Writes "CASE/name" (or "CASE/runs/RUN/name" where run is not NULL). LKS_EARGUMENT when
 * the path is longer than LKS_CASE_PATH_BYTES. */
int lks_case_path(const char *case_path, const char *run, const char *name,
                  char out[LKS_CASE_PATH_BYTES], struct lks_error *err);

/* Whether there is a folder, or anything at all, of that name. */
int lks_folder_is_there(const char *path);
int lks_file_is_there(const char *path);

/* Opens the case's store for adding. A case that is not there is made, and *made says so, so
 * that a failure, of this call too, can take it away again with lks_case_unmake. */
int lks_case_open_or_make(const char *case_path, const struct lks_control *control, int *made,
                          struct lks_store **store_out, struct lks_error *err);
/* Opens an existing case for reading; LKS_EMISSING when there is none. */
int lks_case_open(const char *case_path, const struct lks_control *control,
                  struct lks_store **store_out, struct lks_error *err);
/* Removes what lks_case_open_or_make made; only files of a store, never others. */
void lks_case_unmake(const char *case_path);

#endif
