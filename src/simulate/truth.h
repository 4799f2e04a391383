/* truth.h - what the simulator knows and a detector should find: labels, truth, the channel */
#ifndef LKS_SIMULATE_TRUTH_H
#define LKS_SIMULATE_TRUTH_H

#include "base/error.h"
#include "simulate/ledger.h"
#include "simulate/world.h"

/* Each writes one file, whole or not at all. */
int lks_truth_labels(const struct lks_world *world, const char *path,
                     struct lks_simulate_summary *summary, struct lks_error *err);
int lks_truth_json(const struct lks_world *world, const struct lks_simulate_summary *summary,
                   const struct lks_ledger_total totals[LKS_LEDGER_WAYS_COUNT], const char *path,
                   struct lks_error *err);
int lks_truth_readme(const struct lks_world *world, const char *path, struct lks_error *err);
int lks_write_telegram(const struct lks_world *world, const char *path, uint64_t *messages_out,
                       struct lks_error *err);

#endif
