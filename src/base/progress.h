/* progress.h - telling the caller how far long work has come */
#ifndef LKS_BASE_PROGRESS_H
#define LKS_BASE_PROGRESS_H

#include <stdint.h>

#include "base/error.h"

/* One stage of work. From one thread at a time. */
struct lks_meter {
    const struct lks_control *control;
    struct lks_progress progress;
    double last_seconds;
};

/* Starts a stage of `total` units (0: not known beforehand). control may be NULL; stage and
 * unit are static texts. */
void lks_meter_start(struct lks_meter *meter, const struct lks_control *control, const char *stage,
                     const char *unit, uint64_t total);
/* Says how much is done, at most ten times a second, and polls the cancel flag:
 * returns 0, or LKS_ECANCELLED with its message. */
int lks_meter_at(struct lks_meter *meter, uint64_t done, struct lks_error *err);
/* The last report of the stage, always made. */
void lks_meter_finish(struct lks_meter *meter);

#endif
