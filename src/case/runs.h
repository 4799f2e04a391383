/* runs.h - the folders of a case's detection runs: made, found, cleared up */
#ifndef LKS_CASE_RUNS_H
#define LKS_CASE_RUNS_H

#include "case/case.h"

/* Writes "CASE/runs/RUN". */
int lks_case_run_folder(const char *case_path, const char *run, char out[LKS_CASE_PATH_BYTES],
                        struct lks_error *err);

/* Makes the folder of the next run, "0001", "0002" ...; run_out is its name. While *lock_out is not left
 * nobody clears the folder up. */
int lks_case_run_make(const char *case_path, char run_out[16], int *lock_out,
                      struct lks_error *err);
/* The same for a run that is there: for who writes into its folder. */
int lks_case_run_occupy(const char *case_path, const char *run, int *lock_out,
                        struct lks_error *err);
void lks_case_run_leave(int lock); /* below 0: nothing */
/* Whether a run's folder could be made: 0, or LKS_EIO with the folder that cannot be written. */
int lks_case_run_possible(const char *case_path, struct lks_error *err);
/* The name of the latest run that has results, or of `run` when that is not NULL; LKS_EMISSING. */
int lks_case_run_find(const char *case_path, const char *run, char run_out[16],
                      struct lks_error *err);
/* Removes a run's folder with the files that lockstep writes there. */
void lks_case_run_unmake(const char *case_path, const char *run);
/* Removes what programs that were cut off left: files under temporary names, and folders that hold
 * nothing. Folders that somebody writes into are passed over; control->notice is told. */
void lks_case_runs_tidy(const char *case_path, const struct lks_control *control);

#endif
