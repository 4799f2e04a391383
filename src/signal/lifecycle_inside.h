/* lifecycle_inside.h - what the files of lifecycle share */
#ifndef LKS_SIGNAL_LIFECYCLE_INSIDE_H
#define LKS_SIGNAL_LIFECYCLE_INSIDE_H

#include "signal/lifecycle.h"

struct lks_life_act {
    int64_t time_us;
    uint8_t on_topic;
};

/* Acts by account, and the clock of all of them. */
struct lks_lives {
    size_t *first;             /* [accounts_count + 2]: acts of a start at first[a] */
    uint32_t *count;           /* [accounts_count] */
    struct lks_life_act *acts; /* [posts_count], in order of time within an account */
    double *clock;             /* [hours_count + 1]: the share of acts before each hour */
    size_t hours_count;
    int64_t start_us, last_us; /* of the data */
};

double lks_lives_clock(const struct lks_lives *lives, int64_t time_us);
void lks_lives_free(struct lks_lives *lives);

/* Marks the cohorts among result's awakenings. */
int lks_lifecycle_cohorts(const struct lks_lifecycle_input *input,
                          const struct lks_lifecycle_options *options,
                          const struct lks_control *control, const struct lks_lives *lives,
                          struct lks_lifecycle *result, struct lks_error *err);

#endif
