/* timeline.c - how many posts when, and how many of them were coordinated */
#include "detect/timeline.h"

enum { BINS_MAX = 400 };

/* The shortest round step that fits the span into BINS_MAX bins. */
static int64_t step_choose(int64_t first_us, int64_t last_us, enum lks_time_precision precision)
{
    static const int64_t steps[] = {
        LKS_MINUTE_US,   5 * LKS_MINUTE_US, 10 * LKS_MINUTE_US, 30 * LKS_MINUTE_US,
        LKS_HOUR_US,     3 * LKS_HOUR_US,   6 * LKS_HOUR_US,    12 * LKS_HOUR_US,
        LKS_DAY_US,      2 * LKS_DAY_US,    7 * LKS_DAY_US,     14 * LKS_DAY_US,
        28 * LKS_DAY_US, 91 * LKS_DAY_US,   182 * LKS_DAY_US,   365 * LKS_DAY_US};
    size_t count = sizeof steps / sizeof *steps;
    for (size_t i = 0; i < count; i++) {
        if (precision == LKS_PRECISION_DAY && steps[i] < LKS_DAY_US)
            continue;
        if (last_us / steps[i] - first_us / steps[i] < BINS_MAX)
            return steps[i];
    }
    return steps[count - 1];
}

int lks_timeline_fill(const struct lks_events *events, const uint32_t *post_finding,
                      struct lks_results *results, struct lks_error *err)
{
    if (!events->posts_count)
        return 0;
    int64_t first_us = events->post_time_us[0], last_us = first_us;
    for (uint32_t i = 0; i < events->posts_count; i++) {
        int64_t time_us = events->post_time_us[i];
        first_us = time_us < first_us ? time_us : first_us;
        last_us = time_us > last_us ? time_us : last_us;
    }
    int64_t step = step_choose(first_us, last_us, events->time_precision);
    int64_t start = first_us / step;
    results->bin_us = step;
    results->bins_count = (uint32_t)(last_us / step - start + 1);
    results->bins = lks_arena_calloc(&results->arena, results->bins_count, sizeof *results->bins);
    if (!results->bins)
        return lks_error_set(err, LKS_EMEMORY, "out of memory");
    for (uint32_t i = 0; i < results->bins_count; i++)
        results->bins[i].start_us = (start + i) * step;
    for (uint32_t i = 0; i < events->posts_count; i++) {
        struct lks_result_bin *bin = &results->bins[events->post_time_us[i] / step - start];
        bin->posts_count++;
        /* Posts of what an innocent explanation accounts for are as everybody's. */
        bin->coordinated_count +=
            post_finding[i] < results->findings_count &&
            results->findings[post_finding[i]].confidence > LKS_CONFIDENCE_EXPLAINED;
    }
    return 0;
}
