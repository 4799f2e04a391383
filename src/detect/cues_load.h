/* cues_load.h - the cue words of a case: compiled in, its case.toml, and a file of the user's */
#ifndef LKS_DETECT_CUES_LOAD_H
#define LKS_DETECT_CUES_LOAD_H

#include "finding/results.h"
#include "text/cues.h"

/* The lists that are compiled in, then the [[cues]] of CASE/case.toml where there is one, then those of
 * the file where path is not NULL. Freed by lks_cues_free. LKS_EARGUMENT with the line, LKS_EIO,
 * LKS_EMEMORY. */
int lks_cues_load(const char *case_path, const char *path, struct lks_cues **cues_out,
                  struct lks_error *err);

/* The same from texts, case_toml and text may be null; name stands in messages. */
int lks_cues_make(struct lks_str case_toml, const char *name, struct lks_str text,
                  struct lks_cues **cues_out, struct lks_error *err);

/* Adds what is in force to the options that a run's results show. LKS_EMEMORY. */
int lks_cues_show(const struct lks_cues *cues, const char *path, struct lks_results *results,
                  struct lks_error *err);

#endif
