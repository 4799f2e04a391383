/* stix.h - what a run found as a STIX 2.1 bundle */
#ifndef LKS_DOSSIER_STIX_H
#define LKS_DOSSIER_STIX_H

#include "finding/results.h"

enum lks_tlp { LKS_TLP_WHITE, LKS_TLP_GREEN, LKS_TLP_AMBER, LKS_TLP_RED, LKS_TLPS_COUNT };

/* All may be zero. */
struct lks_stix_options {
    struct lks_str producer; /* who makes the bundle; null: the program's name */
    int64_t created_us; /* 0: the data's last time, so that the bytes depend on the run alone */
    enum lks_tlp tlp;   /* 0 is white: "clear" in words of today */
};

/* Writes the findings: the producer (identity), markings, each finding as a grouping of its accounts
 * (user-account, by the deterministic ids of the standard), what was observed (observed-data),
 * techniques of DISARM (attack-pattern, "related-to" with what was measured), the rule of its
 * confidence and the innocent explanations (note, opinion), and a report over all. There is no
 * campaign, intrusion set or threat actor: who is behind is not claimed. Synthetic data are marked on
 * every object. Other accounts than members of findings are not named; what is written of them is
 * what the results hold, so call lks_profile_results first where somebody may not see all. options may
 * be NULL: amber. The file appears whole or not at all. Returns 0, LKS_EIO, LKS_EMEMORY. */
int lks_stix_write(const struct lks_results *results, const struct lks_stix_options *options,
                   const char *path, struct lks_error *err);

#endif
