/* crowd_clock.h - time as everybody's activity measures it */
#ifndef LKS_SIGNAL_CROWD_CLOCK_H
#define LKS_SIGNAL_CROWD_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* u(t) = the share of all acts before t, by weight: nights, weekends, and a sample that grows pass
 * at the pace of the crowd. Hours are the resolution; within one the clock goes evenly. */
struct lks_crowd_clock {
    int64_t start_us, last_us; /* of the acts */
    size_t hours_count;
    double *share; /* [hours_count + 1]: weights while acts are added, shares once it is set */
};

/* Makes a clock for acts from start to last; add each with its weight, 1 where all count alike,
 * in an order that does not change, then set. LKS_EMEMORY. Freed by lks_crowd_clock_free. */
int lks_crowd_clock_make(struct lks_crowd_clock *clock, int64_t start_us, int64_t last_us,
                         struct lks_error *err);
void lks_crowd_clock_add(struct lks_crowd_clock *clock, int64_t time_us, double weight);
void lks_crowd_clock_set(struct lks_crowd_clock *clock);
/* u(t), 0 before the start and 1 from the end on. */
double lks_crowd_clock_at(const struct lks_crowd_clock *clock, int64_t time_us);
void lks_crowd_clock_free(struct lks_crowd_clock *clock);

#endif
