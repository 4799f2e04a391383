/* takedown.h - the table in which platforms tell of networks that they took down */
#ifndef LKS_DOSSIER_TAKEDOWN_H
#define LKS_DOSSIER_TAKEDOWN_H

#include "finding/results.h"

/* What the log knows of a finding beyond the run. */
struct lks_takedown_row {
    struct lks_str source;     /* how it came to light; null: the run named it first */
    int64_t recidivists_count; /* accounts that came back after a removal; < 0: not known */
};

/* Writes CSV (as csv_tables.h, guarded), a row for each finding and one for all:
 *   finding, detection_source, accounts_in_network, followers_of_network, followers_unknown_accounts,
 *   description, recidivist_accounts_removed
 * Followers are summed over the accounts whose number is known, and those where it is not are counted:
 * who follows two of them counts twice, as in platforms' own tables. What is not known is empty. rows
 * is [results->findings_count], or NULL: nothing more is known. The file appears whole or not at all.
 * Returns 0, LKS_EIO, LKS_EMEMORY. */
int lks_takedown_write(const struct lks_results *results, const struct lks_takedown_row *rows,
                       const char *path, struct lks_error *err);

#endif
