/* calibrate_scripts.c - scripts among own posts whose accounts, or times, were dealt out */
#include "engine/calibrate_inside.h"

/* Scripts among the dealt posts. */
static int scripts_count(struct calibrating *calibrating, uint32_t number,
                         enum lks_calibrated_test test, struct lks_error *err)
{
    struct lks_promotion_options options = lks_promotion_options_default();
    struct lks_promotion_input input = {.events = &calibrating->events,
                                        .posts = calibrating->dealt_posts,
                                        .posts_count = calibrating->promoting.own.script_count,
                                        .phrases = calibrating->promoting.own.phrases};
    struct lks_promotion found;
    options.controls = 0;
    options.seed = calibrating->groups.seed + number;
    int code = lks_promotion_run(&input, &options, &calibrating->control, &found, err);
    if (code)
        return code;
    lks_calibrated_count(calibrating, test, found.proven_count);
    lks_promotion_free(&found);
    return 0;
}

int lks_calibrate_scripts(struct calibrating *calibrating, uint32_t number, struct lks_error *err)
{
    const struct lks_own_posts *own = &calibrating->promoting.own;
    uint64_t seed = calibrating->groups.seed + 5;
    int code = lks_shuffle_script_accounts(own->script_posts, own->script_count, LKS_HOUR_US, seed,
                                           number, calibrating->dealt_posts, err);
    if (code == 0)
        code = scripts_count(calibrating, number, LKS_CALIBRATED_SCRIPTS, err);
    if (code == 0)
        code = lks_shuffle_script_times(own->script_posts, own->script_count, seed + 1, number,
                                        calibrating->dealt_posts, err);
    return code ? code : scripts_count(calibrating, number, LKS_CALIBRATED_SCRIPT_TIMES, err);
}
