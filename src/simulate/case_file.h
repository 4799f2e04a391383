/* case_file.h - a case.toml for the simulated data: what an investigator knows beforehand */
#ifndef LKS_SIMULATE_CASE_FILE_H
#define LKS_SIMULATE_CASE_FILE_H

#include "base/error.h"
#include "simulate/world.h"

/* Writes topic, day of the vote, beneficiaries, rates and the sum that was reported; nothing that
 * only the truth knows. Whole or not at all. LKS_EIO. */
int lks_case_file_write(const struct lks_world *world, const char *path, struct lks_error *err);

#endif
