/* calibrate.h - detectors on data in which their null hypothesis was made true */
#ifndef LKS_ENGINE_CALIBRATE_H
#define LKS_ENGINE_CALIBRATE_H

#include "base/str.h"
#include "finding/results.h"
#include "stat/multiple.h"

/* One promise: how often it was broken on shuffled data. */
struct lks_calibrated {
    const char *name, *title;   /* "groups", "a group of accounts" */
    const char *shuffled;       /* what was shuffled; NULL in the whole: everything */
    const char *not_observable; /* why it was not looked at, or NULL */
    double promised;            /* chance of any alarm in one shuffled set, at most; NaN: none is */
    uint32_t sets, alarms;      /* shuffled sets; those in which anything was found */
    uint64_t named, most;       /* things found in all of them together; in one at most */
    int accounts;               /* 1: the things are accounts */
    struct lks_interval rate;   /* of alarms / sets, exact */
    int kept;                   /* the interval reaches down to what was promised */
};
/* Adds a set in which so much was found. */
void lks_calibrated_add(struct lks_calibrated *test, uint64_t found);
/* Sets rate and kept, once all sets are in. */
void lks_calibrated_judge(struct lks_calibrated *test);

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

/* The whole run on a case in which everything was dealt out at once. */
enum lks_whole_test {
    LKS_WHOLE_FINDINGS,
    LKS_WHOLE_SURE,
    LKS_WHOLE_HIGH,
    LKS_WHOLE_COACTION,
    LKS_WHOLE_SLEEPERS,
    LKS_WHOLE_COHORTS,
    LKS_WHOLE_REGISTRATIONS,
    LKS_WHOLE_ANSWERS,
    LKS_WHOLE_SWARM,
    LKS_WHOLE_BURSTS,
    LKS_WHOLE_SCRIPTS,
    LKS_WHOLE_RELAYS,
    LKS_WHOLE_RELAYERS,
    LKS_WHOLE_ANYBODY,
    LKS_WHOLE_COUNT
};

struct lks_whole {
    struct lks_calibrated tests[LKS_WHOLE_COUNT];
    uint64_t findings[LKS_CONFIDENCES_COUNT]; /* in all sets together */
    uint64_t accounts_tested;                 /* accounts of the case times sets */
};

struct lks_calibration {
    struct lks_calibrated tests[LKS_CALIBRATED_COUNT];
    struct lks_whole whole;
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
