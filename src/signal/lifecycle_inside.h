/* lifecycle_inside.h - what the files of lifecycle share */
#ifndef LKS_SIGNAL_LIFECYCLE_INSIDE_H
#define LKS_SIGNAL_LIFECYCLE_INSIDE_H

#include "signal/crowd_clock.h"
#include "signal/lifecycle.h"

struct lks_life_act {
    int64_t time_us;
    uint8_t on_topic;
};

/* Acts by account, and the clock of all of them. */
struct lks_lives {
    size_t *first;                /* [accounts_count + 2]: acts of a start at first[a] */
    uint32_t *count;              /* [accounts_count] */
    struct lks_life_act *acts;    /* [posts_count], in order of time within an account */
    struct lks_crowd_clock clock; /* of the acts of all */
    double *places;               /* scratch for one account */
};

void lks_lives_free(struct lks_lives *lives);

/* Marks the cohorts among result's awakenings. */
int lks_lifecycle_cohorts(const struct lks_lifecycle_input *input,
                          const struct lks_lifecycle_options *options,
                          const struct lks_control *control, const struct lks_lives *lives,
                          struct lks_lifecycle *result, struct lks_error *err);

#endif
