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

/* Writes "CASE/runs/RUN". */
int lks_case_run_folder(const char *case_path, const char *run, char out[LKS_CASE_PATH_BYTES],
                        struct lks_error *err);

/* Opens the case's store for adding. A case that is not there is made, and *made says so, so
 * that a failure, of this call too, can take it away again with lks_case_unmake. */
int lks_case_open_or_make(const char *case_path, const struct lks_control *control, int *made,
                          struct lks_store **store_out, struct lks_error *err);
/* Opens an existing case for reading; LKS_EMISSING when there is none. */
int lks_case_open(const char *case_path, const struct lks_control *control,
                  struct lks_store **store_out, struct lks_error *err);
/* Removes what lks_case_open_or_make made; only files of a store, never others. */
void lks_case_unmake(const char *case_path);

/* Makes the folder of the next run, "0001", "0002" ...; run_out is its name. */
int lks_case_run_make(const char *case_path, char run_out[16], struct lks_error *err);
/* Whether a run's folder could be made: 0, or LKS_EIO with the folder that cannot be written. */
int lks_case_run_possible(const char *case_path, struct lks_error *err);
/* The name of the latest run that has results, or of `run` when that is not NULL; LKS_EMISSING. */
int lks_case_run_find(const char *case_path, const char *run, char run_out[16],
                      struct lks_error *err);
/* Removes a run's folder with the files that lockstep writes there. */
void lks_case_run_unmake(const char *case_path, const char *run);

#endif
