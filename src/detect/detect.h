/* detect.h - one detection run over an open case */
#ifndef LKS_DETECT_DETECT_H
#define LKS_DETECT_DETECT_H

#include "finding/detect_groups.h"
#include "intake/settings.h"
#include "store/store.h"
#include "text/cues.h"

struct lks_detect_seconds {
    double near_text, load, detect, fill;
};

/* Turns the public options into the detector's; what they leave open the settings may say.
 * LKS_EARGUMENT with a sentence. */
int lks_detect_options_read(const struct lks_detect_options *options,
                            const struct lks_settings *settings,
                            struct lks_detect_groups_options *groups, struct lks_error *err);

/* Loads the columns, detects, fuses, and fills the results; results->run is not set. describe 0
 * leaves out what only describes once findings are made: popularity and lineage. The caller frees the results, also after a failure. */
int lks_detect_run(struct lks_store *store, const struct lks_settings *settings,
                   const struct lks_detect_groups_options *options, const struct lks_cues *cues,
                   const struct lks_control *control, int describe, struct lks_results *results,
                   struct lks_detect_seconds *seconds, struct lks_error *err);

#endif
