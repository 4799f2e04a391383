/* simulate.h - labelled synthetic data in the real formats */
#ifndef LKS_SIMULATE_SIMULATE_H
#define LKS_SIMULATE_SIMULATE_H

#include "base/error.h"

/* Writes the scenario's files into options->folder, which must not exist or be empty; it appears
 * whole or not at all. The same options give the same bytes for any number of threads.
 * Memory is a few MiB a thread and 8 bytes an account, whatever the number of posts. summary
 * may be NULL. LKS_EARGUMENT, LKS_EIO, LKS_EMEMORY, LKS_ECANCELLED. */
int lks_simulate_run(const struct lks_simulate_options *options, const struct lks_control *control,
                     struct lks_simulate_summary *summary, struct lks_error *err);

#endif
