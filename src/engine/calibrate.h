/* calibrate.h - detectors on data in which their null hypothesis was made true */
#ifndef LKS_ENGINE_CALIBRATE_H
#define LKS_ENGINE_CALIBRATE_H

#include "base/str.h"
#include "stat/multiple.h"

/* One promise: how often it was broken on shuffled data. */
struct lks_calibrated {
    const char *name, *title;   /* "groups", "a group of accounts" */
    const char *shuffled;       /* what was shuffled */
    const char *not_observable; /* why it was not looked at, or NULL */
    double promised;            /* chance of any alarm in one shuffled set, at most */
    uint32_t sets, alarms;      /* shuffled sets; those in which anything was found */
    uint64_t named;             /* accounts, or things, found in all of them together */
    struct lks_interval rate;   /* Wilson's interval of alarms / sets */
    int kept;                   /* the interval reaches down to what was promised */
};

enum lks_calibrated_test {
    LKS_CALIBRATED_GROUPS,
    LKS_CALIBRATED_PAIRS,
    LKS_CALIBRATED_SLEEPERS,
    LKS_CALIBRATED_COHORTS,
    LKS_CALIBRATED_ANSWERS,
    LKS_CALIBRATED_SWARM,
    LKS_CALIBRATED_BURSTS,
    LKS_CALIBRATED_SCRIPTS,
    LKS_CALIBRATED_SCRIPT_TIMES,
    LKS_CALIBRATED_RELAYS,
    LKS_CALIBRATED_RELAYERS,
    LKS_CALIBRATED_COUNT
};

struct lks_calibration {
    struct lks_calibrated tests[LKS_CALIBRATED_COUNT];
    uint32_t sets, copies; /* shuffled sets; copies inside of each for the test of groups */
    uint64_t posts, accounts, seed;
};

/* What a run tells besides and why no shuffle tries it; ends with a name of NULL. */
struct lks_untried {
    const char *name, *why;
};
extern const struct lks_untried lks_calibration_untried[];

void lks_calibration_json(const struct lks_calibration *calibration, struct lks_buffer *out);
void lks_calibration_text(const struct lks_calibration *calibration, struct lks_buffer *out);

#endif
