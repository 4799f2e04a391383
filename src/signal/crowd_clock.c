/* crowd_clock.c - time as everybody's activity measures it */
#include "signal/crowd_clock.h"

#include <stdlib.h>

#include "base/time.h"

int lks_crowd_clock_make(struct lks_crowd_clock *clock, int64_t start_us, int64_t last_us,
                         struct lks_error *err)
{
    *clock = (struct lks_crowd_clock){.start_us = start_us, .last_us = last_us};
    clock->hours_count = (size_t)((last_us - start_us) / LKS_HOUR_US) + 1;
    clock->share = calloc(clock->hours_count + 1, sizeof *clock->share);
    return clock->share ? 0
                        : lks_error_set(err, LKS_EMEMORY, "out of memory for a clock of %zu hours",
                                        clock->hours_count);
}

void lks_crowd_clock_add(struct lks_crowd_clock *clock, int64_t time_us, double weight)
{
    clock->share[(time_us - clock->start_us) / LKS_HOUR_US + 1] += weight;
}

void lks_crowd_clock_set(struct lks_crowd_clock *clock)
{
    for (size_t h = 0; h < clock->hours_count; h++)
        clock->share[h + 1] += clock->share[h];
    double total = clock->share[clock->hours_count];
    for (size_t h = 0; total > 0 && h <= clock->hours_count; h++)
        clock->share[h] /= total;
}

double lks_crowd_clock_at(const struct lks_crowd_clock *clock, int64_t time_us)
{
    if (time_us <= clock->start_us)
        return 0;
    size_t hour = (size_t)((time_us - clock->start_us) / LKS_HOUR_US);
    if (hour >= clock->hours_count)
        return 1;
    double part = (double)((time_us - clock->start_us) % LKS_HOUR_US) / (double)LKS_HOUR_US;
    return clock->share[hour] + part * (clock->share[hour + 1] - clock->share[hour]);
}

void lks_crowd_clock_free(struct lks_crowd_clock *clock)
{
    free(clock->share);
    clock->share = NULL;
}
