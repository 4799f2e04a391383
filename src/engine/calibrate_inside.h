/* calibrate_inside.h - what the files of the calibration share */
#ifndef LKS_ENGINE_CALIBRATE_INSIDE_H
#define LKS_ENGINE_CALIBRATE_INSIDE_H

#include "detect/accounts_load.h"
#include "detect/detect.h"
#include "detect/messages_load.h"
#include "detect/promotion_parts.h"
#include "detect/shuffles.h"
#include "detect/swarm_load.h"
#include "engine/calibrate.h"

struct calibrating {
    struct lks_store *store;
    struct lks_control control; /* without progress: each set is one step of ours */
    struct lks_detect_groups_options groups;
    struct lks_events events;
    struct lks_unshuffled kept;
    struct lks_account_columns accounts;
    struct lks_cues *cues;
    struct lks_messages messages; /* of channels: no copy changes them */
    uint8_t *stays;               /* [accounts_count] on a platform of channels */
    struct lks_swarm_columns comments, dealt;
    struct lks_settings settings;
    struct lks_promoting promoting;      /* its own posts */
    struct lks_script_post *dealt_posts; /* [own posts] */
    struct lks_relay_use *uses;
    size_t uses_count;
    uint32_t woke_count; /* awakenings of the case itself */
    struct lks_calibration *result;
};

/* Adds a set in which so much was found. */
void lks_calibrated_count(struct calibrating *calibrating, enum lks_calibrated_test test,
                          uint64_t found);
/* All sets of the whole run; the store is not the case any more afterwards. Errors as a run's. */
int lks_calibrate_whole(struct calibrating *calibrating, const struct lks_control *control,
                        struct lks_error *err);

/* One set of the detector, dealt out by its number. Errors: LKS_EMEMORY, LKS_ECANCELLED. */
int lks_calibrate_scripts(struct calibrating *calibrating, uint32_t number, struct lks_error *err);
int lks_calibrate_relays(struct calibrating *calibrating, uint32_t number, struct lks_error *err);

#endif
