/* windows.c - which windows share a scan of the events
 *
 * A scan with the widest of several windows measures each of its candidates in all of them. That
 * spares the scans of the others, and costs a look at every candidate of the widest for each of
 * them, most of whom never met in a narrow one:
 *
 *     30 s, 60 s, 90 s        one scan, up to two fifths less than three
 *     10 s, 60 s, 1 h         three scans: two of them find little and cost little
 *
 * So windows share a scan where the widest is at most WIDER_AT_MOST times each. Those with a
 * score never do: what a meeting is worth in one window bounds nothing in another, and the bounds
 * of one window are what makes a score cheap. Nor do those that ask for counts alone, which are
 * not measured at all. */
#include <string.h>

#include "coaction/sweep.h"

enum { WIDER_AT_MOST = 4 };

struct lks_coaction_options lks_coaction_options_default(void)
{
    struct lks_coaction_options options = {
        .min_pairs = 1, .min_objects = 1, .min_occasions = 2, .threads_count = 1};
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        options.window_us[kind] = LKS_MINUTE_US;
    return options;
}

int lks_coaction_options_check(const struct lks_coaction_options *options, struct lks_error *err)
{
    int kinds = 0;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++) {
        kinds += options->window_us[kind] >= 0;
        if (options->window_us[kind] > LKS_TIME_MAX_US)
            return lks_error_set(err, LKS_EARGUMENT, "the window of %s is longer than all of time",
                                 lks_object_kind_names[kind]);
    }
    if (kinds == 0)
        return lks_error_set(err, LKS_EARGUMENT, "no kind of object is left to look at");
    return 0;
}

/* Whether the narrow window may be measured in a scan with the wide one, kind by kind. */
static int windows_near(const struct lks_coaction_options *wide,
                        const struct lks_coaction_options *narrow)
{
    if (wide->min_score || narrow->min_score || wide->fields == LKS_COACTION_COUNTS)
        return 0;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++) {
        int64_t wide_us = wide->window_us[kind], narrow_us = narrow->window_us[kind];
        if (narrow_us > wide_us || (narrow_us < 0 && wide_us >= 0) ||
            narrow_us < wide_us / WIDER_AT_MOST)
            return 0;
    }
    return 1;
}

/* The options of one scan, and which of those asked for they are. */
struct sweep {
    struct lks_coaction_options options[LKS_COACTION_WINDOWS_MAX];
    struct lks_edge_sink sinks[LKS_COACTION_WINDOWS_MAX];
    struct lks_coaction_counts counts[LKS_COACTION_WINDOWS_MAX];
    size_t at[LKS_COACTION_WINDOWS_MAX], count;
};

static double windows_sum(const struct lks_coaction_options *options)
{
    double sum = 0;
    for (int kind = 0; kind < LKS_OBJECT_KINDS_COUNT; kind++)
        sum += (double)options->window_us[kind];
    return sum;
}

/* Takes the widest of those not yet done, and all that are near to it. */
static void sweep_choose(struct sweep *sweep, const struct lks_coaction_options *options,
                         const struct lks_edge_sink *sinks, size_t options_count, int *done)
{
    size_t widest = options_count;
    memset(sweep, 0, sizeof *sweep);
    for (size_t w = 0; w < options_count; w++)
        if (!done[w] &&
            (widest == options_count || windows_sum(&options[w]) > windows_sum(&options[widest])))
            widest = w;
    for (size_t w = 0; w < options_count; w++) {
        if (done[w] || (w != widest && !windows_near(&options[widest], &options[w])))
            continue;
        done[w] = 1;
        sweep->at[sweep->count] = w;
        sweep->options[sweep->count] = options[w];
        sweep->sinks[sweep->count++] = sinks[w];
    }
}

int lks_coaction_scan_windows(const struct lks_events *events,
                              const struct lks_coaction_options *options, size_t options_count,
                              const struct lks_control *control, const struct lks_edge_sink *sinks,
                              struct lks_coaction_counts *counts, struct lks_error *err)
{
    struct lks_coaction_options asked[LKS_COACTION_WINDOWS_MAX];
    struct lks_coaction_crowd crowd;
    int done[LKS_COACTION_WINDOWS_MAX] = {0};
    struct sweep sweep;
    if (options_count < 1 || options_count > LKS_COACTION_WINDOWS_MAX)
        return lks_error_set(err, LKS_EARGUMENT, "one to %d windows can be scanned at a time",
                             LKS_COACTION_WINDOWS_MAX);
    for (size_t w = 0; w < options_count; w++) {
        int code = lks_coaction_options_check(&options[w], err);
        if (code < 0)
            return code;
        asked[w] = options[0];
        memcpy(asked[w].window_us, options[w].window_us, sizeof asked[w].window_us);
        asked[w].min_pairs = options[w].min_pairs;
        asked[w].min_objects = options[w].min_objects;
        asked[w].min_occasions = options[w].min_occasions;
        asked[w].min_score = options[w].min_score;
    }
    for (;;) {
        sweep_choose(&sweep, asked, sinks, options_count, done);
        if (sweep.count == 0)
            return 0;
        if (options[0].crowd) { /* a scan with a score is of one window, and looks at the first */
            crowd = *options[0].crowd;
            crowd.others[0] = crowd.others[sweep.at[0]];
            sweep.options[0].crowd = &crowd;
        }
        int code = lks_coaction_sweep(events, sweep.options, sweep.count, control, sweep.sinks,
                                      sweep.counts, err);
        if (code < 0)
            return code;
        for (size_t i = 0; counts && i < sweep.count; i++)
            counts[sweep.at[i]] = sweep.counts[i];
    }
}

int lks_coaction_scan(const struct lks_events *events, const struct lks_coaction_options *options,
                      const struct lks_control *control, const struct lks_edge_sink *sink,
                      struct lks_coaction_counts *counts, struct lks_error *err)
{
    return lks_coaction_scan_windows(events, options, 1, control, sink, counts, err);
}
