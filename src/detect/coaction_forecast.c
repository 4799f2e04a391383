/* coaction_forecast.c - how many edges there will be, and the disk that they will take
 *
 * Pairs in a window bound the edges, but by orders of magnitude too high: most pairs are of
 * accounts that never reach the thresholds. What is measured of a pair follows from the events of
 * its two accounts alone; so a scan of the events of a share s of the accounts, drawn by
 * a hash of their ids, finds each edge with probability s^2 (the simplest of the estimators of
 * Tsourakakis et al., DOULION, KDD 2009, here over accounts): edges found / s^2 is the number of
 * all, without bias. s is so small that the sample's pairs are counted in no time. */
#include "detect/coaction_forecast.h"

#include <libgen.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "detect/coaction_sorted.h"

enum {
    SAMPLE_EVENTS = 1 << 20,
    SAMPLE_PAIRS = 1 << 25,
    KEPT_BYTES = 48,      /* of an edge as coaction/edge_spill.h keeps it */
    ROW_BYTES_OTHERS = 95 /* of a row of the file beside the names */
};

struct sample {
    uint32_t below; /* accounts whose hash is below it */
    uint64_t edges;
};

static uint32_t account_hash(uint32_t account)
{
    uint64_t x = (account + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 31) * UINT64_C(0xbf58476d1ce4e5b9);
    return (uint32_t)(x >> 32);
}

static int in_sample(const void *context, uint32_t account)
{
    const struct sample *sample = context;
    return account_hash(account) < sample->below;
}

static int edges_count(void *context, const struct lks_edge *edges, size_t count,
                       struct lks_error *err)
{
    struct sample *sample = context;
    (void)edges;
    (void)err;
    sample->edges += count;
    return 0;
}

static uint64_t window_pairs(const struct lks_events *events,
                             const struct lks_coaction_options *options)
{
    uint64_t pairs = 0;
    for (size_t i = 0, first = 0; i < events->count; i++) {
        int64_t window_us = options->window_us[events->object_kind[events->object[i]]];
        while (events->object[first] != events->object[i] ||
               (first < i && events->time_us[i] - events->time_us[first] > window_us))
            first++;
        pairs += i - first;
    }
    return pairs;
}

/* Copies the events of the sample. */
static int sample_take(const struct lks_coaction_data *data, struct lks_coaction_means *means,
                       const struct sample *sample, struct lks_coaction_taken *sampled,
                       struct lks_error *err)
{
    const struct lks_events *events = &data->events;
    struct lks_budget *budget = &means->budget;
    uint64_t count = 0;
    int code = 0;
    struct lks_events *taken = &sampled->events;
    if (data->sorted_count) {
        code = lks_coaction_sorted_count(data, in_sample, sample, budget, &count, err);
        return code
                   ? code
                   : lks_coaction_sorted_take(data, count, in_sample, sample, budget, sampled, err);
    }
    for (size_t i = 0; i < events->count; i++)
        count += (uint64_t)in_sample(sample, events->account[i]);
    if ((code = lks_coaction_taken_room(data, count, budget, sampled, err)))
        return code;
    for (size_t i = 0; i < events->count; i++) {
        if (!in_sample(sample, events->account[i]))
            continue;
        taken->object[taken->count] = events->object[i];
        taken->account[taken->count] = events->account[i];
        taken->post[taken->count] = events->post[i];
        taken->time_us[taken->count++] = events->time_us[i];
    }
    return 0;
}

/* Keeps the events of a smaller share. */
static void sample_shrink(struct lks_events *taken, struct sample *sample, double share)
{
    size_t count = 0;
    sample->below = (uint32_t)(sample->below * share);
    for (size_t i = 0; i < taken->count; i++) {
        if (!in_sample(sample, taken->account[i]))
            continue;
        taken->object[count] = taken->object[i];
        taken->account[count] = taken->account[i];
        taken->post[count] = taken->post[i];
        taken->time_us[count++] = taken->time_us[i];
    }
    taken->count = count;
}

static void bytes_fill(const struct lks_coaction_data *data, const struct lks_coaction_edges *edges,
                       struct lks_coaction_forecast *forecast)
{
    double names =
        data->accounts.count ? (double)data->accounts.arena.used_bytes / data->accounts.count : 0;
    double temp = forecast->edges * KEPT_BYTES - (double)edges->kept.memory_bytes;
    double file = forecast->edges * (ROW_BYTES_OTHERS + 2 * names);
    if (edges->table.csv_path) /* the same again, compressed */
        file *= 1.4;
    forecast->temp_bytes = temp > 0 ? (uint64_t)temp : 0;
    forecast->file_bytes = (uint64_t)file;
}

int lks_coaction_forecast_make(const struct lks_coaction_data *data,
                               const struct lks_coaction_options *options,
                               struct lks_coaction_means *means,
                               const struct lks_coaction_edges *edges,
                               struct lks_coaction_forecast *forecast, struct lks_error *err)
{
    struct sample sample = {0};
    struct lks_coaction_taken taken = {0};
    struct lks_coaction_options limited = *options;
    struct lks_edge_sink sink = {edges_count, &sample};
    uint64_t count = data->sorted_count ? data->sorted_count : data->events.count;
    *forecast = (struct lks_coaction_forecast){0};
    /* Were every two events an edge, would it fit? */
    if (!edges->table.open ||
        (double)count * (double)count / 2 * KEPT_BYTES < (double)edges->kept.memory_bytes)
        return 0;
    double share = count > 4 * SAMPLE_EVENTS ? (double)SAMPLE_EVENTS / (double)count : 0.25;
    sample.below = (uint32_t)(share * 4294967296.0);
    int code = sample_take(data, means, &sample, &taken, err);
    if (code == 0) {
        double pairs = (double)window_pairs(&taken.events, options);
        if (pairs > SAMPLE_PAIRS)
            sample_shrink(&taken.events, &sample, sqrt(SAMPLE_PAIRS / pairs));
        struct lks_control quiet = *means->control;
        quiet.progress = NULL;
        limited.memory_bytes = lks_budget_left(&means->budget);
        limited.min_score = 0; /* a score weighs the events of all */
        limited.fields = LKS_COACTION_COUNTS;
        code = lks_coaction_scan(&taken.events, &limited, &quiet, &sink, NULL, err);
    }
    lks_coaction_taken_free(&taken, &means->budget);
    if (code)
        return code;
    forecast->share = sample.below / 4294967296.0;
    forecast->sample_edges = sample.edges;
    forecast->edges = (double)sample.edges / (forecast->share * forecast->share);
    bytes_fill(data, edges, forecast);
    return 0;
}

static const char *amount(double bytes, char text[32])
{
    const char *unit = bytes >= 1e12 ? "TB" : bytes >= 1e9 ? "GB" : "MB";
    double value = bytes / (bytes >= 1e12 ? 1e12 : bytes >= 1e9 ? 1e9 : 1e6);
    snprintf(text, 32, value < 10 ? "%.1f %s" : "%.0f %s", value, unit);
    return text;
}

/* What the volume of the edges' file has free, and whether temporary files lie on it, too. */
static uint64_t file_left(const struct lks_coaction_means *means,
                          const struct lks_coaction_edges *edges, int *same)
{
    struct stat here, there;
    struct statvfs volume;
    uint64_t left = UINT64_MAX;
    char *copy = strdup(edges->table.path);
    const char *folder = copy ? dirname(copy) : ".";
    *same = stat(folder, &here) == 0 && stat(means->spill.folder, &there) == 0 &&
            here.st_dev == there.st_dev;
    if (statvfs(folder, &volume) == 0)
        left = (uint64_t)volume.f_bavail * volume.f_frsize;
    free(copy);
    return left;
}

/* Whether the disks have room; *free_bytes is of the one that has not. */
static int disk_suffices(const struct lks_coaction_means *means,
                         const struct lks_coaction_edges *edges, double temp, double file,
                         uint64_t *free_bytes)
{
    int same;
    uint64_t at_file = file_left(means, edges, &same), at_temp = lks_spill_left(&means->spill);
    *free_bytes = at_temp;
    if (temp > (double)at_temp)
        return 0;
    *free_bytes = at_file;
    return file + (same ? temp : 0) <= (double)at_file;
}

int lks_coaction_forecast_tell(const struct lks_coaction_forecast *forecast,
                               const struct lks_coaction_means *means,
                               const struct lks_coaction_edges *edges, struct lks_error *err)
{
    char temp[32], file[32], room[32], text[800];
    uint64_t free_bytes;
    double file_bytes = (double)forecast->file_bytes, temp_bytes = (double)forecast->temp_bytes;
    int enough = disk_suffices(means, edges, temp_bytes, file_bytes, &free_bytes);
    amount(temp_bytes, temp);
    amount(file_bytes, file);
    amount((double)free_bytes, room);
    if (!enough && !means->spill.limit_bytes)
        return lks_error_set(
            err, LKS_EIO,
            "about %.3g edges are to be expected (from %llu among %.2g %% of the accounts): "
            "about %s of temporary files in %s and %s for %s, and %s are free; raise the "
            "thresholds, narrow the windows, name another disk by --temp, or set --spill-limit to "
            "go on all the same",
            forecast->edges, (unsigned long long)forecast->sample_edges, forecast->share * 100,
            temp, means->spill.folder, file, edges->table.path, room);
    if (!forecast->temp_bytes || !means->control->notice)
        return 0;
    snprintf(text, sizeof text,
             "about %.3g edges are to be expected (from %llu among %.2g %% of the accounts): about "
             "%s of temporary files in %s, and %s for %s",
             forecast->edges, (unsigned long long)forecast->sample_edges, forecast->share * 100,
             temp, means->spill.folder, file, edges->table.path);
    means->control->notice(means->control->context, text);
    return 0;
}

int lks_coaction_forecast_refine(const struct lks_coaction_means *means,
                                 const struct lks_coaction_edges *edges, double done_share,
                                 struct lks_error *err)
{
    struct lks_coaction_forecast forecast = {0};
    char temp[32], room[32];
    uint64_t free_bytes;
    if (!edges->table.open || means->spill.limit_bytes || !edges->kept.spool.size_bytes ||
        done_share < 0.02)
        return 0;
    /* Light accounts come first, so that this is rather too low. */
    forecast.edges = (double)edges->kept.edges_count / done_share;
    bytes_fill(edges->data, edges, &forecast);
    double taken = (double)edges->kept.spool.size_bytes;
    double more = (double)forecast.temp_bytes > taken ? (double)forecast.temp_bytes - taken : 0;
    if (disk_suffices(means, edges, more, (double)forecast.file_bytes, &free_bytes))
        return 0;
    amount(more + (double)forecast.file_bytes, temp);
    amount((double)free_bytes, room);
    return lks_error_set(
        err, LKS_EIO,
        "%llu edges after %.0f %% of the scan: about %s more of temporary files in "
        "%s and of %s are to be expected, and %s are free; raise the thresholds, "
        "name another disk by --temp, or set --spill-limit to go on all the same",
        (unsigned long long)edges->kept.edges_count, done_share * 100, temp, means->spill.folder,
        edges->table.path, room);
}
